"""Every method of the RPC, by name."""

from panacea.node.about import About
from panacea.node.history import History
from panacea.node.parameters import Method
from panacea.node.solo import Solo
from panacea.node.transactions import Transactions


def methods_of(engine: Solo) -> dict[str, Method]:
    """What an engine answers; `subscribe` and its like exist on a WebSocket only (`subscriptions`)."""
    return {**About(engine).methods(), **History(engine).methods(), **Transactions(engine).methods()}
