"""The places of the state that a client reads with proof: store, key, and what the value is.

The state machine's own collections are private to it; these are the published layouts (exchange, §9 and §10, and the
specifications of the SDK's modules). `tests/unit/client/test_places.py` holds both against each other.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from panacea.primitives.address import Address
from panacea.store.collections import UINT64, prefixed
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.any_pb2 import Any as AnyMessage

    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent, ReleasedShare
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, DealState
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Params as DealParams
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, Oracle, OracleKey
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Params as OracleParams
else:
    (AnyMessage,) = load("google.protobuf", "Any")
    Consent, ReleasedShare, Deal, DealState, DealParams = load(
        "panacea.datadeal.v3", "Consent", "ReleasedShare", "Deal", "DealState", "Params"
    )
    Committee, Oracle, OracleKey, OracleParams = load("panacea.oracle.v3", "Committee", "Oracle", "OracleKey", "Params")
    (DIDDocumentWithSeq,) = load("panacea.did.v2", "DIDDocumentWithSeq")

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place(Generic[T]):
    """A key of a store, and how its value reads."""

    store: str
    key: bytes
    read: Callable[[bytes], T]


def _message(cls: type[T]) -> Callable[[bytes], T]:
    wire_class: Any = cls  # Any: the wire classes come from descriptors
    return lambda raw: decode(wire_class, raw)


def _u64(number: int) -> bytes:
    return UINT64.encode(number)


def account(address: Address) -> "Place[AnyMessage]":
    """An account, as the Any that the auth module keeps."""
    return Place("acc", b"\x01" + address, _message(AnyMessage))


def balance(address: Address, denom: str) -> Place[int]:
    """A balance in one denomination."""
    return Place("bank", b"\x02" + prefixed(address) + denom.encode(), int)


def did(name: str) -> "Place[DIDDocumentWithSeq]":
    """A DID's document and sequence; the value carries a length in front."""
    return Place("did", b"\x00" + name.encode(), _delimited_did)


def _delimited_did(raw: bytes) -> "DIDDocumentWithSeq":
    from panacea.light.protobuf import read_uvarint
    from panacea.primitives.rejected import Rejected

    size, at = read_uvarint(raw, 0)
    if len(raw) - at != size:
        raise Rejected("a DID's entry is not of its stated length")
    return _message(DIDDocumentWithSeq)(raw[at:])


def deal_params() -> "Place[DealParams]":
    """The parameters of deals."""
    return Place("datadeal", b"\x01", _message(DealParams))


def next_deal_id() -> Place[int]:
    """The id that the next deal will have."""
    return Place("datadeal", b"\x02", UINT64.decode)


def deal(deal_id: int) -> "Place[Deal]":
    """A deal as it was created."""
    return Place("datadeal", b"\x03" + _u64(deal_id), _message(Deal))


def deal_state(deal_id: int) -> "Place[DealState]":
    """A deal's account."""
    return Place("datadeal", b"\x04" + _u64(deal_id), _message(DealState))


def tag(deal_id: int, value: bytes) -> Place[int]:
    """The number of the consent that used a duplicate tag."""
    return Place("datadeal", b"\x05" + _u64(deal_id) + value, UINT64.decode)


def consent(deal_id: int, number: int) -> "Place[Consent]":
    """A consent."""
    return Place("datadeal", b"\x06" + _u64(deal_id) + _u64(number), _message(Consent))


def share(deal_id: int, number: int, index: int) -> "Place[ReleasedShare]":
    """A released share, by the member's place."""
    return Place("datadeal", b"\x07" + _u64(deal_id) + _u64(number) + bytes([index]), _message(ReleasedShare))


def oracle_params() -> "Place[OracleParams]":
    """The parameters of oracles."""
    return Place("oracle", b"\x01", _message(OracleParams))


def oracle(address: Address) -> "Place[Oracle]":
    """A registered oracle."""
    return Place("oracle", b"\x02" + prefixed(address), _message(Oracle))


def oracle_key(address: Address, epoch: int) -> "Place[OracleKey]":
    """An oracle's keys of an epoch."""
    return Place("oracle", b"\x03" + prefixed(address) + _u64(epoch), _message(OracleKey))


def committee(epoch: int) -> "Place[Committee]":
    """The committee of an epoch."""
    return Place("oracle", b"\x04" + _u64(epoch), _message(Committee))
