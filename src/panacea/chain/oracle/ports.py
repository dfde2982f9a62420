"""What this module asks of its neighbours."""

from typing import Protocol

from panacea.chain.context import Context
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins


class Bank(Protocol):
    """Bonds in and out of the module's account."""

    def to_module(self, ctx: Context, sender: Address, module: str, amount: Coins) -> None:
        """Move coins from an account into a module's. Raises InsufficientFunds."""
        ...

    def from_module(self, ctx: Context, module: str, recipient: Address, amount: Coins) -> None:
        """Move coins from a module's account to an account."""
        ...

    def between_modules(self, ctx: Context, sender: str, recipient: str, amount: Coins) -> None:
        """Move coins from one module's account to another's."""
        ...

    def balances(self, ctx: Context, address: Address) -> Coins:
        """All that an account holds."""
        ...
