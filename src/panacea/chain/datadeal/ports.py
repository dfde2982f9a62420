"""What this module asks of its neighbours."""

from typing import TYPE_CHECKING, Protocol

from panacea.chain.context import Context
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, Oracle, OracleKey, Params


class Bank(Protocol):
    """Coins in and out of the module's account."""

    def to_module(self, ctx: Context, sender: Address, module: str, coins: Coins) -> None:
        """Move coins from an account into a module's.

        Raises:
            InsufficientFunds: the sender does not hold them.
        """
        ...

    def from_module(self, ctx: Context, module: str, recipient: Address, coins: Coins) -> None:
        """Move coins from a module's account to an account."""
        ...

    def balances(self, ctx: Context, address: Address) -> Coins:
        """All that an account holds."""
        ...


class DIDs(Protocol):
    """Who stands behind a DID."""

    def is_active(self, ctx: Context, did: str) -> bool:
        """Whether the DID has a live document."""
        ...

    def require_signed(self, ctx: Context, did: str, method_id: str, digest: bytes, signature: bytes) -> None:
        """The named authentication method of a live DID signed this 32-byte digest.

        Raises:
            Rejected: the DID is not live, has no such method, or the signature is not its.
        """
        ...


class Oracles(Protocol):
    """Keys, committees and parameters of the oracles."""

    def params(self, ctx: Context) -> "Params":
        """The oracle module's parameters."""
        ...

    def find_oracle(self, ctx: Context, address: str) -> "Oracle | None":
        """A registered oracle."""
        ...

    def find_key(self, ctx: Context, address: str, epoch: int) -> "OracleKey | None":
        """An oracle's key of one epoch."""
        ...

    def find_committee(self, ctx: Context, epoch: int) -> "Committee | None":
        """The committee drawn for an epoch."""
        ...

    def is_allowed(self, ctx: Context, key: "OracleKey") -> bool:
        """Whether the policy of this height still admits the key's measurement, product line and commission."""
        ...

    def punish(self, ctx: Context, member: str, price: Coins, deal_id: int, number: int) -> None:
        """Cut the bond of a member that did not answer, and jail it."""
        ...

    def jail(self, ctx: Context, oracle: str) -> None:
        """Jail an oracle whose certificate proved undeliverable."""
        ...
