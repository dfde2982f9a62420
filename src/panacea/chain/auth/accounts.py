"""The accounts as other modules and the ante pipeline use them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from panacea.chain.auth import state
from panacea.chain.auth.messages import Params
from panacea.chain.auth.types import Account
from panacea.chain.context import Context
from panacea.chain.rejections import UnknownAddress
from panacea.primitives.address import Address


@dataclass(frozen=True, slots=True)
class Accounts:
    """Finds, makes and changes accounts; `modules` are the module accounts with their permissions."""

    modules: Mapping[str, tuple[str, ...]]

    def params(self, ctx: Context) -> Params:
        """The parameters of the ante pipeline."""
        return state.params.get(ctx)

    def find(self, ctx: Context, address: bytes) -> Account | None:
        """The account of `address`, or None."""
        return state.accounts.find(ctx, address)

    def get(self, ctx: Context, address: bytes) -> Account:
        """The account of `address`. Raises UnknownAddress."""
        account = self.find(ctx, address)
        if account is None:
            raise UnknownAddress(f"account {Address(address)} does not exist")
        return account

    def has(self, ctx: Context, address: bytes) -> bool:
        """Whether `address` has an account."""
        return state.accounts.has(ctx, address)

    def ensure(self, ctx: Context, address: bytes) -> None:
        """Make a plain account for `address` unless it has one."""
        if not self.has(ctx, address):
            self._create(ctx, Account(Address(address), 0))

    def module(self, ctx: Context, name: str) -> Account:
        """The module account of that name, made at first access.

        Raises:
            LookupError: no module declares it, or a plain account sits on its address: a bug, not an input.
        """
        if name not in self.modules:
            raise LookupError(f"module account {name} is not declared")
        found = self.find(ctx, Address.module(name))
        if found is None:
            found = self._create(ctx, Account(Address.module(name), 0, module=name, permissions=self.modules[name]))
        if not found.module:
            raise LookupError(f"account is not a module account: {name}")
        return found

    def require_permission(self, name: str, permission: str) -> None:
        """Refuse work that the module account of that name was not made for; LookupError: a bug, not an input."""
        if permission not in self.modules.get(name, ()):
            raise LookupError(f"module account {name} does not have permission to be a {permission}")

    def set_public_key(self, ctx: Context, account: Account, public_key: bytes) -> None:
        """Keep the key with which `account` signs from now on."""
        state.save(ctx, replace(account, public_key=public_key))

    def increment_sequence(self, ctx: Context, address: bytes) -> None:
        """Use up the sequence of one signature."""
        account = self.get(ctx, address)
        state.save(ctx, replace(account, sequence=account.sequence + 1))

    def every(self, ctx: Context) -> Iterator[Account]:
        """All accounts, by address."""
        return (account for _, account in state.accounts.items(ctx))

    def _create(self, ctx: Context, account: Account) -> Account:
        created = replace(account, number=state.next_number.next(ctx))
        state.save(ctx, created)
        return created
