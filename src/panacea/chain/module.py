"""The shape of a chain module: one table that says what it answers to.

Every module's `module.py` builds one `Module` from its transitions and its neighbours. Routing, genesis, REST paths
and the command line are read from these tables; nothing of them is listed anywhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from panacea.chain.context import Context, Step

# Any: messages, requests and responses are wire classes of every kind; each module's own signatures type them.
Check = Callable[[Any], None]
Transition = Callable[[Context, Any], Any]
Query = Callable[[Context, Any], Any]
JSON = Any  # Any: a JSON value; each module has a wire class that reads and writes its part


def given(function: Callable[..., Any], *neighbours: object) -> Callable[[Context, Any], Any]:
    """A transition, query or genesis function `(ctx, *neighbours, input)` with its neighbours filled in."""
    return lambda ctx, given_input: function(ctx, *neighbours, given_input)


@dataclass(frozen=True, slots=True)
class Handler:
    """What is done about one message: a check that needs no state, then the transition."""

    check: Check
    run: Transition


@dataclass(frozen=True, slots=True)
class Module:
    """One module of the state machine.

    `messages` is keyed by type URL (`/cosmos.bank.v1beta1.MsgSend`), `queries` by full method path
    (`/cosmos.bank.v1beta1.Query/Balance`). `accounts` are its module accounts with their permissions; `blocked` are
    those which may not receive plain sends. `invariants` raise AssertionError with a sentence when they do not hold.
    """

    name: str
    store: str
    messages: Mapping[str, Handler] = field(default_factory=dict)
    queries: Mapping[str, Query] = field(default_factory=dict)
    accounts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: tuple[str, ...] = ()
    default_genesis: Callable[[], JSON] = dict
    init_genesis: Callable[[Context, JSON], None] = lambda _ctx, _genesis: None
    export_genesis: Callable[[Context], JSON] = lambda _ctx: {}
    begin_block: Step | None = None
    end_block: Step | None = None
    invariants: Mapping[str, Step] = field(default_factory=dict)
