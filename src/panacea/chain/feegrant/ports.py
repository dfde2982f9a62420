"""What this module needs of its neighbours."""

from typing import Protocol

from panacea.chain.context import Context


class Accounts(Protocol):
    """Makes accounts for grantees."""

    def has(self, ctx: Context, address: bytes) -> bool:
        """Whether `address` has an account."""
        ...

    def ensure(self, ctx: Context, address: bytes) -> None:
        """Make a plain account for `address` unless it has one."""
        ...


class Bank(Protocol):
    """Knows who may not receive."""

    def require_not_blocked(self, address: bytes) -> None:
        """Raises Unauthorized for a blocked recipient."""
        ...
