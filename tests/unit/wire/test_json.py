from typing import TYPE_CHECKING

import pytest
from google.protobuf.message import Message
from sample_transactions import ALICE

from panacea.wire.amino import amino_value
from panacea.wire.any import pack
from panacea.wire.encode import encode
from panacea.wire.json import InvalidJSON, event_attributes, from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1.auth_pb2 import BaseAccount
    from panacea.wire.stubs.cosmos.auth.v1beta1.genesis_pb2 import GenesisState as AuthGenesis
    from panacea.wire.stubs.cosmos.bank.v1beta1.genesis_pb2 import GenesisState as BankGenesis
    from panacea.wire.stubs.cosmos.base.query.v1beta1.pagination_pb2 import PageResponse
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.feegrant_pb2 import BasicAllowance, PeriodicAllowance
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import ConsentStatus
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.datadeal.v3.events_pb2 import EventConsentSettled, EventReleaseSkipped
    from panacea.wire.stubs.panacea.datadeal.v3.genesis_pb2 import GenesisState as DealGenesis
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocument
    from panacea.wire.stubs.panacea.did.v2.genesis_pb2 import GenesisState as DIDGenesis
    from panacea.wire.stubs.panacea.did.v2.query_pb2 import QueryDIDResponse
    from panacea.wire.stubs.panacea.oracle.v3.genesis_pb2 import GenesisState as OracleGenesis
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Params
else:
    BaseAccount, AuthGenesis = load("cosmos.auth.v1beta1", "BaseAccount", "GenesisState")
    (BankGenesis,) = load("cosmos.bank.v1beta1", "GenesisState")
    (PageResponse,) = load("cosmos.base.query.v1beta1", "PageResponse")
    BasicAllowance, PeriodicAllowance = load("cosmos.feegrant.v1beta1", "BasicAllowance", "PeriodicAllowance")
    ConsentStatus, Deal, EventConsentSettled, EventReleaseSkipped, DealGenesis = load(
        "panacea.datadeal.v3", "ConsentStatus", "Deal", "EventConsentSettled", "EventReleaseSkipped", "GenesisState"
    )
    DIDDocument, DIDGenesis, QueryDIDResponse = load(
        "panacea.did.v2", "DIDDocument", "GenesisState", "QueryDIDResponse"
    )
    Params, OracleGenesis = load("panacea.oracle.v3", "Params", "GenesisState")


def test_what_is_not_set_is_written_too() -> None:
    assert to_json(PageResponse(total=3)) == {"next_key": None, "total": "3"}
    assert to_json(BaseAccount(address="a")) == {
        "address": "a",
        "pub_key": None,
        "account_number": "0",
        "sequence": "0",
    }


def test_non_nullable_messages_are_objects_of_defaults() -> None:
    value = to_json(Deal(query=b"{}"))
    assert value["price"] == {"denom": "", "amount": "0"}
    assert (value["query"], value["query_language"]) == ("e30=", "QUERY_LANGUAGE_UNSPECIFIED")
    assert value["closes_at"] == "0001-01-01T00:00:00Z"
    assert value["retention_days"] == 0


def test_numbers_times_and_durations() -> None:
    params = Params(max_commission_rate="200000000000000000")
    assert to_json(params)["max_commission_rate"] == "0.200000000000000000"
    allowance = PeriodicAllowance()
    allowance.period.seconds = 3600
    value = to_json(allowance)
    assert value["period"] == "3600s"
    assert value["basic"] == {"spend_limit": [], "expiration": None}


def test_numbers_that_are_bytes_on_the_wire() -> None:
    (slashing,) = load("cosmos.slashing.v1beta1", "Params")
    params = slashing(min_signed_per_window=b"50000000000000000")
    value = to_json(params)
    assert value["min_signed_per_window"] == "0.050000000000000000"
    assert value["slash_fraction_downtime"] == "0.000000000000000000"
    assert encode(from_json(slashing, value)) == encode(params)
    assert amino_value(params)["min_signed_per_window"] == "0.050000000000000000"


def test_any_is_the_message_with_its_type() -> None:
    genesis = AuthGenesis(accounts=[pack(BaseAccount(address=ALICE, sequence=2))])
    account = to_json(genesis)["accounts"][0]
    assert account["@type"] == "/cosmos.auth.v1beta1.BaseAccount"
    assert account["address"] == ALICE
    assert from_json(AuthGenesis, {"accounts": [account]}).accounts == genesis.accounts


DOCUMENT = {
    "contexts": ["https://www.w3.org/ns/did/v1"],
    "id": "did:panacea:x",
    "controller": None,
    "verification_methods": [{"id": "k", "type": "t", "controller": "c", "public_key_base58": "b"}],
    "authentications": ["k", {"id": "e", "type": "", "controller": "", "public_key_base58": ""}],
    "assertion_methods": [],
    "key_agreements": [],
    "capability_invocations": [],
    "capability_delegations": [],
    "services": [],
}


def test_did_documents_have_the_chains_names_on_the_way_out() -> None:
    document = from_json(DIDDocument, DOCUMENT)
    assert document.authentications[1].verification_method.id == "e"
    answer = QueryDIDResponse()
    answer.did_document_with_seq.document.CopyFrom(document)
    assert to_json(answer) == {"did_document_with_seq": {"document": DOCUMENT, "sequence": "0"}}


def test_did_documents_may_come_in_with_w3c_names() -> None:
    written = {
        "@context": "https://www.w3.org/ns/did/v1",
        "id": "did:panacea:x",
        "verificationMethod": [{"id": "k", "type": "t", "controller": "c", "publicKeyBase58": "b"}],
        "authentication": ["k", {"id": "e"}],
    }
    assert from_json(DIDDocument, written) == from_json(DIDDocument, DOCUMENT)
    genesis = from_json(DIDGenesis, {"documents": {"b": {"document": written}, "a": {}}})
    assert list(to_json(genesis)["documents"]) == ["a", "b"]


@pytest.mark.parametrize("cls", [AuthGenesis, BankGenesis, DealGenesis, DIDGenesis, OracleGenesis, Deal, Params])
def test_defaults_come_back_as_they_went(cls: type[Message]) -> None:
    assert encode(from_json(cls, to_json(cls()))) == encode(cls())


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "x",
        {"titel": "x"},
        {"maxRecords": "1", "max_records": "1"},
        {"title": 5},
        {"title": "\ud800"},
        {"id": -1},
        {"id": "-1"},
        {"id": "01"},
        {"id": 1.0},
        {"id": True},
        {"id": "18446744073709551616"},
        {"retention_days": 1 << 32},
        {"query": "e30"},
        {"query": "e3 0="},
        {"query_language": "DCQL"},
        {"query_language": 9},
        {"trusted_issuers": "x"},
        {"trusted_issuers": [None]},
        {"schemas": [None]},
        {"price": {"amount": "1.5"}},
        {"closes_at": 5},
        {"closes_at": "tomorrow"},
        {"assurance": {"allow_simulated": 1}},
    ],
)
def test_what_is_no_deal(value: object) -> None:
    with pytest.raises(InvalidJSON):
        from_json(Deal, value)


def test_what_is_no_any_and_no_relationship() -> None:
    for account in ({}, {"@type": "/x.Y"}, {"@type": 5}, {"@type": "/google.protobuf.Timestamp"}, None):
        with pytest.raises(InvalidJSON):
            from_json(AuthGenesis, {"accounts": [account]})
    for relationship in (5, None, {"x": 1}, ["k"]):
        with pytest.raises(InvalidJSON):
            from_json(DIDDocument, {"authentication": [relationship]})
    with pytest.raises(InvalidJSON):
        from_json(DIDDocument, {"contexts": [5]})


def test_bottomless_nesting_is_refused() -> None:
    allowance: object = {"@type": "/cosmos.feegrant.v1beta1.BasicAllowance"}
    for _ in range(2_000):
        allowance = {"@type": "/cosmos.feegrant.v1beta1.AllowedMsgAllowance", "allowance": allowance}
    (grant,) = load("cosmos.feegrant.v1beta1", "Grant")
    with pytest.raises(InvalidJSON, match="too deep"):
        from_json(grant, {"allowance": allowance})


def test_numbers_may_be_given_plainly_and_are_kept_exactly() -> None:
    deal = from_json(Deal, {"id": (1 << 64) - 1, "price": {"denom": "umed", "amount": "010"}, "query_language": 2})
    assert (deal.id, deal.price.amount, deal.query_language) == ((1 << 64) - 1, "8", 2)
    assert from_json(Params, {"max_commission_rate": "0.2"}).max_commission_rate == "200000000000000000"
    assert from_json(BasicAllowance, {"expiration": None}) == BasicAllowance()


def test_events_carry_their_fields_as_json_sorted_by_name() -> None:
    skipped = EventReleaseSkipped(deal_id=1, number=2, index=3, reason="<late>")
    assert event_attributes(skipped) == (
        ("deal_id", '"1"'),
        ("index", "3"),
        ("number", '"2"'),
        ("reason", '"\\u003clate\\u003e"'),
    )
    settled = dict(event_attributes(EventConsentSettled(status=ConsentStatus.CONSENT_STATUS_RELEASED)))
    assert (settled["status"], settled["net"]) == ('"CONSENT_STATUS_RELEASED"', '"0"')
