"""The nouns of the SDK, and how it says that something went wrong."""

from dataclasses import dataclass
from typing import Any

from panacea.primitives.rejected import Rejected

JSON = Any  # Any: what a node answered, before it is looked at


class ClientRejected(Rejected, codespace="client"):
    """A conversation with a node did not end well."""


class Unreachable(ClientRejected, code=2, text="the node cannot be reached"):
    """Nothing answers at the node's address, or it stopped answering."""


class NodeError(ClientRejected, code=3, text="the node answered with an error"):
    """The node understood and refused, or is not what it should be."""


class NotProven(ClientRejected, code=4, text="the node's answer is not proven"):
    """An answer does not verify against the header: a faulty node, or a lying one."""


class StateUnavailable(NotProven, code=7, text="the node does not show that state"):
    """The node refused a proven question, mostly because it keeps no state that old: ask one that does."""


class NotIncluded(ClientRejected, code=5, text="the transaction did not appear in a block in time"):
    """Nobody knows yet whether the transaction will be included: ask again by its hash."""


class TxFailed(Rejected, codespace="client", code=6):
    """The chain refused a transaction; `outcome` carries codespace, code and log."""

    def __init__(self, outcome: "Outcome") -> None:
        """Keep the outcome, and read as its log."""
        self.outcome = outcome
        super().__init__(f"{outcome.log} ({outcome.codespace}/{outcome.code})")


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a block or a transaction."""

    type: str
    attributes: dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a transaction. `code` 0 is success; `data` the encoded TxMsgData of its responses."""

    hash: bytes
    height: int
    code: int
    codespace: str
    log: str
    data: bytes
    gas_wanted: int
    gas_used: int
    events: tuple[Event, ...]

    def require(self) -> "Outcome":
        """This outcome, if it is a success.

        Raises:
            TxFailed: it is not.
        """
        if self.code:
            raise TxFailed(self)
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    """What `abci_query` answered, unverified."""

    code: int
    codespace: str
    log: str
    value: bytes
    height: int
    proof_ops: tuple[tuple[str, bytes, bytes], ...]
