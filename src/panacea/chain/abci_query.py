"""Questions about a committed state, by path (spec/sdk/abci.md §4).

/<service>/<method>          a module's query
/store/<name>/key            the value of a raw key, with proof if wished
/store/<name>/subspace       the pairs under a prefix
/app/version · /app/simulate · /p2p/filter/…
"""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from panacea.chain.blocks import BUG, UNDEFINED
from panacea.chain.context import BlockInfo, Context
from panacea.chain.gas import GasMeter
from panacea.chain.questions import MAX_LIMIT, QueryRefused
from panacea.chain.rejections import InvalidHeight, InvalidRequest, OutOfGas, UnknownRequest
from panacea.chain.results import QueryResult, Settings, TxResult
from panacea.chain.router import Router, TxMsgData
from panacea.light.protobuf import bytes_field, message_field
from panacea.primitives.rejected import Rejected
from panacea.store.branch import Branch
from panacea.store.collections import end_of
from panacea.store.committed import CommittedState, ReadView
from panacea.store.rejections import HeightUnavailable, StoreRejected
from panacea.wire.encode import decode, encode
from panacea.wire.json import to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.abci.v1beta1.abci_pb2 import GasInfo, Result, SimulationResponse
    from panacea.wire.stubs.cosmos.tx.v1beta1.service_pb2 import SimulateRequest, SimulateResponse
    from panacea.wire.stubs.tendermint.abci.types_pb2 import Event, EventAttribute
else:
    GasInfo, Result, SimulationResponse = load("cosmos.base.abci.v1beta1", "GasInfo", "Result", "SimulationResponse")
    SimulateRequest, SimulateResponse = load("cosmos.tx.v1beta1", "SimulateRequest", "SimulateResponse")
    Event, EventAttribute = load("tendermint.abci", "Event", "EventAttribute")

SIMULATE = "/cosmos.tx.v1beta1.Service/Simulate"
_BROADCAST = "/cosmos.tx.v1beta1.Service/BroadcastTx"
_NOTE_BYTES = 12

log = logging.getLogger(__name__)


class NothingAsked(StoreRejected, code=3, text="tx parse error"):
    """A question about a store names no key."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Answers from committed states; it needs no application, so a reading process may have one of its own."""

    store: CommittedState
    router: Router
    settings: Settings

    def ask(self, path: str, data: bytes, *, height: int = 0, prove: bool = False) -> QueryResult:
        """Answer one question; a refusal is an answer too."""
        return guarded(lambda: self._ask(path, data, height, prove=prove))

    def view(self, height: int = 0, *, prove: bool = False) -> ReadView:
        """The state at a height, 0 being the latest. Raises InvalidHeight, InvalidRequest."""
        latest = self.store.height
        if height < 0:
            raise InvalidRequest("cannot query with height < 0; please provide a valid height")
        if latest == 0:
            raise InvalidHeight("panacea is not ready; please wait for first block")
        if height > latest:
            raise InvalidHeight("cannot query with height in the future; please provide a valid height")
        if prove and (height or latest) <= 1:
            raise InvalidRequest("cannot query with proof when height <= 1; please provide a valid height")
        try:
            return self.store.at(height or latest)
        except HeightUnavailable as no:
            raise InvalidRequest(f"failed to load state at height {height}; (latest height: {latest})") from no

    def context(self, view: ReadView) -> Context:
        """A context in which the state of `view` can be read, with the gas that one question may use."""
        block = BlockInfo(self.settings.chain_id, view.height, decode_note(view.version.note))
        return Context(block, Branch(view), gas=GasMeter(self.settings.query_gas_limit or None))

    def _ask(self, path: str, data: bytes, height: int, *, prove: bool) -> QueryResult:
        if self.router.has_query(path):
            view = self.view(height, prove=prove)
            value = self.router.answer(self.context(view), path, data)
            return QueryResult(value=value, height=view.height)
        if path == _BROADCAST:
            raise InvalidRequest("can't route a broadcast tx message")
        match path.strip("/").split("/"):
            case [""]:
                raise UnknownRequest("no query path provided")
            case ["store", name, kind]:
                return self._read_store(name, kind, data, height, prove=prove)
            case ["app", "version"]:
                return QueryResult(value=self.settings.version.encode(), height=height)
            case ["p2p", "filter", "addr" | "id", _]:
                return QueryResult(height=height)
        raise UnknownRequest("unknown query path", path=path)

    def _read_store(self, name: str, kind: str, data: bytes, height: int, *, prove: bool) -> QueryResult:
        try:
            view = self.view(height, prove=prove)
        except InvalidRequest as no:
            if isinstance(no.__cause__, HeightUnavailable):
                return QueryResult(log="version does not exist", key=data, height=height)
            raise
        kv = view.kv(name)
        if not data:
            raise NothingAsked("query cannot be zero length")
        if kind == "key":
            proof = self.store.prove(name, data, view.height) if prove else []
            value = kv.get(data) or b""
            return QueryResult(key=data, value=value, height=view.height, proof_ops=tuple(proof))
        if kind == "subspace":
            pairs = islice(kv.iterate(data, end_of(data)), MAX_LIMIT)
            value = b"".join(message_field(1, bytes_field(1, key) + bytes_field(2, found)) for key, found in pairs)
            return QueryResult(key=data, value=value, height=view.height)
        raise StoreRejected(f"unexpected query path: {kind}")


def guarded(answer: Callable[[], QueryResult]) -> QueryResult:
    """What `answer` says, or how it was refused."""
    try:
        return answer()
    except (QueryRefused, OutOfGas, StoreRejected, InvalidRequest, InvalidHeight, UnknownRequest) as no:
        return QueryResult(no.code, no.codespace, str(no))
    except Rejected as no:
        return QueryResult(InvalidRequest.code, InvalidRequest.codespace, f"{no}: {InvalidRequest.text}")
    except (MemoryError, RecursionError):
        raise
    except Exception as bug:
        log.exception("a question met a bug")
        return QueryResult(BUG, UNDEFINED, f"recovered: {bug!r}")


def requested_simulation(data: bytes) -> bytes:
    """The transaction in a request to simulate one, with or without its signatures. Raises InvalidRequest."""
    request = decode(SimulateRequest, data)
    if not request.tx_bytes:
        raise InvalidRequest("empty txBytes is not allowed")
    return request.tx_bytes


def simulation_service_response(result: TxResult) -> QueryResult:
    """The answer of the service; a transaction that fails is refused. Raises UnknownRequest."""
    if result.code:
        raise UnknownRequest(f"{result.log} with gas used: '{result.gas_used}'")
    gas, outcome = _simulated(result)
    return QueryResult(value=encode(SimulateResponse(gas_info=gas, result=outcome)))


def simulation_response(result: TxResult) -> QueryResult:
    """The answer of `/app/simulate`, which is JSON."""
    if result.code:
        return QueryResult(result.code, result.codespace, f"{result.log}: failed to simulate tx")
    gas, outcome = _simulated(result)
    value = json.dumps(to_json(SimulationResponse(gas_info=gas, result=outcome)), separators=(",", ":"))
    return QueryResult(codespace="sdk", value=value.encode())


def encode_note(time_ns: int) -> bytes:
    """A block's time, as it is kept beside its state."""
    return time_ns.to_bytes(_NOTE_BYTES, "big", signed=True)


def decode_note(note: bytes) -> int:
    """The time of the block that made a state."""
    return int.from_bytes(note, "big", signed=True)


def _simulated(result: TxResult) -> tuple[GasInfo, Result]:
    events = [
        Event(
            type=event.type,
            attributes=[EventAttribute(key=key, value=value, index=True) for key, value in event.attributes],
        )
        for event in result.events
    ]
    responses = decode(TxMsgData, result.data).msg_responses
    gas = GasInfo(gas_wanted=result.gas_wanted, gas_used=result.gas_used)
    return gas, Result(data=result.data, log=result.log, events=events, msg_responses=responses)
