"""What the ante pipeline needs of the modules."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from panacea.chain.context import Context
from panacea.chain.transaction import Transaction
from panacea.primitives.coin import Coins

if TYPE_CHECKING:
    from panacea.chain.auth.messages import Params
    from panacea.chain.auth.types import Account


class Accounts(Protocol):
    """Finds accounts, and keeps their keys and sequences."""

    def params(self, ctx: Context) -> "Params":
        """The parameters of the pipeline."""
        ...

    def find(self, ctx: Context, address: bytes) -> "Account | None":
        """The account of `address`, or None."""
        ...

    def get(self, ctx: Context, address: bytes) -> "Account":
        """The account of `address`. Raises UnknownAddress."""
        ...

    def has(self, ctx: Context, address: bytes) -> bool:
        """Whether `address` has an account."""
        ...

    def set_public_key(self, ctx: Context, account: "Account", public_key: bytes) -> None:
        """Keep the key with which `account` signs from now on."""
        ...

    def increment_sequence(self, ctx: Context, address: bytes) -> None:
        """Use up the sequence of one signature."""
        ...


class Bank(Protocol):
    """Moves the fee."""

    def to_module(self, ctx: Context, sender: bytes, module: str, amount: Coins) -> None:
        """Move coins from an account to a module account. Raises InsufficientFunds."""
        ...


class Grants(Protocol):
    """Lets one account pay for another."""

    def use(self, ctx: Context, granter: bytes, grantee: bytes, *, fee: Coins, messages: Sequence[str]) -> None:
        """Take `fee` off an allowance. Raises Rejected when there is none, or it does not cover this."""
        ...


class FreeOfFee(Protocol):
    """Knows transactions that a node takes without the fee it otherwise asks for."""

    def __call__(self, ctx: Context, tx: Transaction) -> bool:
        """Whether `tx` needs no fee; what it reads, or notes in the state of checks, costs no gas."""
        ...
