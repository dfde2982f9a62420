"""Moving coins: what the messages here, the fees and the other modules do it with."""

from dataclasses import dataclass

from panacea.chain.bank import state
from panacea.chain.bank.ports import Accounts
from panacea.chain.bank.types import SendDisabled
from panacea.chain.context import Context
from panacea.chain.rejections import Unauthorized
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins, InsufficientFunds


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every coin that moves, is minted or is burned goes through here; `blocked` may not receive plain sends."""

    accounts: Accounts
    blocked: frozenset[Address] = frozenset()

    def balance(self, ctx: Context, address: bytes, denom: str) -> int:
        """What `address` holds of one denomination."""
        return state.balance_of(ctx, address, denom)

    def balances(self, ctx: Context, address: bytes) -> Coins:
        """All that `address` holds."""
        return state.balances_of(ctx, address)

    def supply(self, ctx: Context, denom: str) -> int:
        """How much of a denomination there is."""
        return state.supply.find(ctx, denom) or 0

    def send(self, ctx: Context, sender: bytes, recipient: bytes, amount: Coins) -> None:
        """Move `amount`; a recipient without an account gets one. Raises InsufficientFunds."""
        self.subtract(ctx, sender, amount)
        self.add(ctx, recipient, amount)
        self.accounts.ensure(ctx, recipient)
        ctx.emit("transfer", recipient=_text(recipient), sender=_text(sender), amount=str(amount))
        ctx.emit("message", sender=_text(sender))

    def to_module(self, ctx: Context, sender: bytes, module: str, amount: Coins) -> None:
        """Move `amount` from an account to a module account. Raises InsufficientFunds."""
        self.accounts.module(ctx, module)
        self.send(ctx, sender, Address.module(module), amount)

    def from_module(self, ctx: Context, module: str, recipient: bytes, amount: Coins) -> None:
        """Move `amount` from a module account. Raises InsufficientFunds, Unauthorized for a blocked recipient."""
        self.require_not_blocked(recipient)
        self.accounts.module(ctx, module)
        self.send(ctx, Address.module(module), recipient, amount)

    def between_modules(self, ctx: Context, sender: str, recipient: str, amount: Coins) -> None:
        """Move `amount` from one module account to another. Raises InsufficientFunds."""
        self.accounts.module(ctx, sender)
        self.to_module(ctx, Address.module(sender), recipient, amount)

    def mint(self, ctx: Context, module: str, amount: Coins) -> None:
        """Make coins in a module account that is a minter."""
        self.accounts.require_permission(module, "minter")
        self.accounts.module(ctx, module)
        self.add(ctx, Address.module(module), amount)
        for coin in amount:
            state.set_supply(ctx, coin.denom, self.supply(ctx, coin.denom) + coin.amount)
        ctx.emit("coinbase", minter=_text(Address.module(module)), amount=str(amount))

    def burn(self, ctx: Context, module: str, amount: Coins) -> None:
        """Destroy coins of a module account that is a burner. Raises InsufficientFunds."""
        self.accounts.require_permission(module, "burner")
        self.accounts.module(ctx, module)
        self.subtract(ctx, Address.module(module), amount)
        for coin in amount:
            state.set_supply(ctx, coin.denom, self.supply(ctx, coin.denom) - coin.amount)
        ctx.emit("burn", burner=_text(Address.module(module)), amount=str(amount))

    def subtract(self, ctx: Context, address: bytes, amount: Coins) -> None:
        """Take `amount` out of an account, without saying where it goes. Raises InsufficientFunds."""
        for coin in amount:
            held = state.balance_of(ctx, address, coin.denom)
            if held < coin.amount:
                raise InsufficientFunds(f"spendable balance {Coin(coin.denom, held)} is smaller than {coin}")
            state.set_balance(ctx, address, coin.denom, held - coin.amount)
        ctx.emit("coin_spent", spender=_text(address), amount=str(amount))

    def add(self, ctx: Context, address: bytes, amount: Coins) -> None:
        """Put `amount` into an account, without saying where it comes from."""
        for coin in amount:
            state.set_balance(ctx, address, coin.denom, state.balance_of(ctx, address, coin.denom) + coin.amount)
        ctx.emit("coin_received", receiver=_text(address), amount=str(amount))

    def require_send_enabled(self, ctx: Context, amount: Coins) -> None:
        """Refuse coins that may not be sent by a message. Raises SendDisabled."""
        for coin in amount:
            if not state.is_send_enabled(ctx, coin.denom):
                raise SendDisabled(f"{coin.denom} transfers are currently disabled")

    def is_blocked(self, address: bytes) -> bool:
        """Whether `address` may not receive plain sends."""
        return address in self.blocked

    def require_not_blocked(self, address: bytes) -> None:
        """Refuse a recipient that may not receive plain sends. Raises Unauthorized."""
        if self.is_blocked(address):
            raise Unauthorized(f"{_text(address)} is not allowed to receive funds")


def _text(address: bytes) -> str:
    return str(Address(address))
