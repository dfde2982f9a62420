"""What a transition is given: the state it may touch, the block it runs in, its gas, and where its events go."""

import enum
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from panacea.chain.gas import GasKV, GasMeter
from panacea.store.kv import KV


class View(Protocol):
    """A branch of the state: it can be written, branched again, merged into its parent, or dropped."""

    def kv(self, store: str) -> KV:
        """The store of that name."""
        ...

    def branch(self) -> "View":
        """A branch of this branch."""
        ...

    def write(self) -> None:
        """Merge into the parent."""
        ...


class Mode(enum.Enum):
    """Why a transaction is run."""

    CHECK = "check"
    RECHECK = "recheck"
    SIMULATE = "simulate"
    DELIVER = "deliver"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, for clients: a type and its attributes in order."""

    type: str
    attributes: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class BlockInfo:
    """The block in which a transition runs; `hash` is its own, empty where it is not known (checks, queries)."""

    chain_id: str
    height: int
    time_ns: int
    hash: bytes = b""
    proposer: bytes = b""


@dataclass(slots=True)
class Context:
    """The world as one transition sees it. Collections take it as their view."""

    block: BlockInfo
    view: View
    mode: Mode = Mode.DELIVER
    gas: GasMeter = field(default_factory=lambda: GasMeter(None))
    events: list[Event] = field(default_factory=list)

    @property
    def chain_id(self) -> str:
        """The chain's id."""
        return self.block.chain_id

    @property
    def height(self) -> int:
        """The height of the block being made; 0 in genesis."""
        return self.block.height

    @property
    def time_ns(self) -> int:
        """The block's time, nanoseconds since the epoch."""
        return self.block.time_ns

    @property
    def time(self) -> int:
        """The block's time in whole unix seconds."""
        return self.block.time_ns // 1_000_000_000

    def kv(self, store: str) -> KV:
        """The store of that name, each access charged to this context's gas."""
        return GasKV(self.view.kv(store), self.gas)

    def branch(self) -> "Context":
        """A context whose writes and events are its own until `merge`; gas is shared."""
        return replace(self, view=self.view.branch(), events=[])

    def merge(self, into: "Context") -> None:
        """Write this branch's changes and hand its events on."""
        self.view.write()
        into.events.extend(self.events)

    def emit(self, type: str, **attributes: str) -> None:
        """Add an event; attributes keep the order in which they are given."""
        self.events.append(Event(type, tuple(attributes.items())))

    def emit_typed(self, event: Any) -> None:  # Any: an event is a wire message of any kind
        """Add a typed event: its full name, and its JSON fields sorted by name (spec/sdk/abci.md §3)."""
        from panacea.wire.json import event_attributes

        self.events.append(Event(event.DESCRIPTOR.full_name, event_attributes(event)))


Step = Callable[[Context], None]
