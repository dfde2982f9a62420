"""Where the parameters are kept: store `consensus`, one value under the ASCII key `Consensus`."""

from typing import TYPE_CHECKING

from panacea.store.collections import Item, message
from panacea.store.kv import Stores
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.tendermint.types.params_pb2 import ConsensusParams
else:
    (ConsensusParams,) = load("tendermint.types", "ConsensusParams")

STORE = "consensus"

params: Item[ConsensusParams] = Item(STORE, b"Consensus", message(ConsensusParams))


def max_gas(view: Stores) -> int | None:
    """The gas that one block may use; None is without end."""
    limit = params.get(view).block.max_gas
    return limit if limit > 0 else None
