"""What this module needs of its neighbours."""

from typing import Protocol

from panacea.chain.context import Context


class Accounts(Protocol):
    """Makes accounts for recipients, and knows what module accounts may do."""

    def ensure(self, ctx: Context, address: bytes) -> None:
        """Make a plain account for `address` unless it has one."""
        ...

    def module(self, ctx: Context, name: str) -> object:
        """The module account of that name, made at first access; LookupError for a name nobody declares."""
        ...

    def require_permission(self, name: str, permission: str) -> None:
        """LookupError unless the module account of that name has that permission."""
        ...
