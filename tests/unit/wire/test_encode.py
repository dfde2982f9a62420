from typing import TYPE_CHECKING

import pytest

from panacea.wire.encode import Undecodable, decode, encode, parse
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.feegrant_pb2 import PeriodicAllowance
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import MsgCreateDeal
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq
    from panacea.wire.stubs.panacea.did.v2.genesis_pb2 import GenesisState
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission
else:
    (Coin,) = load("cosmos.base.v1beta1", "Coin")
    (PeriodicAllowance,) = load("cosmos.feegrant.v1beta1", "PeriodicAllowance")
    Consent, Deal, MsgCreateDeal = load("panacea.datadeal.v3", "Consent", "Deal", "MsgCreateDeal")
    DIDDocumentWithSeq, GenesisState = load("panacea.did.v2", "DIDDocumentWithSeq", "GenesisState")
    (KeySubmission,) = load("panacea.oracle.v3", "KeySubmission")

GO_ZERO_TIME = "088092b8c398feffffff01"


def test_numbers_of_the_sdk_are_zero_when_empty() -> None:
    assert encode(Coin()).hex() == "120130"
    assert encode(Coin(denom="umed", amount="5")).hex() == "0a04756d6564120135"


def test_non_nullable_messages_are_written_when_empty() -> None:
    assert encode(MsgCreateDeal()).hex() == "4a03120130" + "6200" + "7200" + "82010b" + GO_ZERO_TIME
    assert encode(KeySubmission()).hex() == "1a0130" + "2a00" + "4200"


def test_a_time_that_was_set_to_1970_stays_there() -> None:
    deal = Deal()
    deal.closes_at.SetInParent()
    assert encode(deal).hex() == "5a03120130" + "7200" + "820100" + "920100"


def test_durations_and_nested_messages_are_completed() -> None:
    # basic, period, then period_reset; the lists of coins are empty.
    assert encode(PeriodicAllowance()).hex() == "0a00" + "1200" + "2a0b" + GO_ZERO_TIME


def test_elements_of_lists_are_completed() -> None:
    consent = Consent()
    consent.commissions.add(address="a")
    assert encode(consent).hex() == "520130" + "5a060a0161120130" + "620130"


def test_nullable_messages_keep_their_presence() -> None:
    assert encode(DIDDocumentWithSeq()) == b""
    tombstone = DIDDocumentWithSeq(sequence=1)
    tombstone.document.SetInParent()
    assert encode(tombstone).hex() == "0a001001"


def test_maps_are_written_in_the_order_of_their_keys() -> None:
    keys = [f"did:{number}" for number in range(40)]
    one, other = GenesisState(), GenesisState()
    for key in keys:
        one.documents[key].sequence = 1
    for key in reversed(keys):
        other.documents[key].sequence = 1
    assert encode(one) == encode(other)


def test_the_message_is_left_as_it_is() -> None:
    message = MsgCreateDeal()
    encode(message)
    assert not message.HasField("price")


def test_decode_reads_what_encode_wrote() -> None:
    deal = Deal(id=5, title="Ä", trusted_issuers=["a", "b"])
    deal.price.denom = "umed"
    assert encode(decode(Deal, encode(deal))) == encode(deal)


@pytest.mark.parametrize(
    "raw",
    [
        "ff",  # no field
        "0a05",  # shorter than it says
        "0a01ff",  # text that is no UTF-8
        "0801",  # field 1 is a text, not a number
        "120130a00601",  # field 100
    ],
)
def test_decode_refuses_what_is_no_coin(raw: str) -> None:
    with pytest.raises(Undecodable):
        decode(Coin, bytes.fromhex(raw))


def test_decode_refuses_unknown_fields_inside() -> None:
    deal = Deal()
    deal.price.MergeFromString(bytes.fromhex("a00601"))
    with pytest.raises(Undecodable, match="unknown fields"):
        decode(Deal, deal.SerializeToString())
    assert parse(Deal, deal.SerializeToString()).HasField("price")
