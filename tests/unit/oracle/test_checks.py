"""Every refusal of the exchange that an enclave speaks, and the order of the checks (exchange, §3 step 5 and §5)."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import SECOND, key_of
from deal_market import did_of
from did_documents import deactivate, update
from health_issuer import ASKED, DAY
from oracle_town import (
    HOLDER,
    LAB,
    LIST_URL,
    NOW,
    Draft,
    Town,
    credential,
    issuer_document,
    status_list,
)

from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.credentials import derive_view, for_observations
from panacea.credentials.status.bitstring import StatusEntry
from panacea.crypto.keys import Ed25519Key
from panacea.identity.did_key import encode_did_key
from panacea.wire.contexts import consumer_view_header, enclave_view_header
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, Schema
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import HpkeKey
else:
    (Schema,) = load("panacea.datadeal.v3", "Schema")
    (HpkeKey,) = load("panacea.oracle.v3", "HpkeKey")

STRANGER = Ed25519Key(b"q" * 32)
STRANGER_DID = encode_did_key(STRANGER.public_key)
OTHER_LAB = LAB.replace(b"4548-4", b"2093-3")
HEMOGLOBIN = b'{"type":"object","required":["valueQuantity"]}'
GLUCOSE = b'{"type":"object","required":["component"]}'
NO_KEY = HpkeKey(suite=1, public_key=bytes(1216))


def schema(octets: bytes) -> Schema:
    return Schema(uri="https://schemas.example/lab", sha256=hashlib.sha256(octets).digest())


def shown(draft: Draft, parts: Mapping[str, bool] = MappingProxyType({}), fields: list[str] = ASKED) -> bytes:
    """An enclave view that leaves out what a wallet should show."""
    header = enclave_view_header(draft.info.encode())
    showing: dict[str, Any] = {"holder": True, "nullifier": True, "status": True, **parts}
    return derive_view(draft.credential, fields=fields, presentation_header=header, **showing)


def consumers(draft: Draft, *, fields: list[str] = ASKED, holder: bool = False) -> bytes:
    """A consumer view of other parts."""
    info = draft.info
    header = consumer_view_header(info.chain_id, info.deal_id, info.query_hash)
    return derive_view(draft.credential, fields=fields, presentation_header=header, holder=holder)


def test_genuine_offer(town: Town) -> None:
    reply = town.ask(town.wallet(town.deal(), credential("genuine")))
    assert (reply.code, reply.detail) == ("ok", "")
    assert len(reply.sealed_shares) == 5


# Who signed.


def test_record_without_credential(town: Town) -> None:
    assert town.code(replace(town.wallet(town.deal()), enclave_view=LAB)) == "issuer_not_trusted"


def test_issuer_that_the_deal_does_not_name(town: Town) -> None:
    assert town.code(town.wallet(town.deal(), credential(issuer="quack"))) == "issuer_not_trusted"


def test_issuer_that_is_not_on_chain(town: Town) -> None:
    assert town.code(town.wallet(town.deal(), credential(issuer="nobody"))) == "issuer_not_trusted"


def test_issuer_that_gave_its_did_up(town: Town) -> None:
    deal = town.deal(trusted_issuers=[did_of("retired")])
    draft = town.wallet(deal, credential(issuer="retired"))
    town.chain.ok("retired", deactivate(town.chain["retired"], 0, key_of("retired"), did_of("retired")))
    assert town.code(draft) == "issuer_inactive"


def test_issuer_that_took_its_key_out(town: Town) -> None:
    deal = town.deal(trusted_issuers=[did_of("rotated")])
    draft = town.wallet(deal, credential(issuer="rotated"))
    document = issuer_document("rotated")
    del document.assertion_methods[:]
    town.chain.ok("rotated", update(town.chain["rotated"], document, 0, key_of("rotated")))
    assert town.code(draft) == "issuer_inactive"


# What was signed.


@pytest.mark.parametrize(
    "spot", [b"7.90", b"4548-4", b"2023-01-02", b"final", LIST_URL.encode(), b"94567", HOLDER.encode()]
)
def test_changed_byte(town: Town, spot: bytes) -> None:
    draft = town.wallet(town.deal())
    view = draft.body().enclave_view
    assert spot in view
    changed = view.replace(spot, spot[:-1] + (b"1" if spot[-1:] != b"1" else b"2"), 1)
    assert town.code(replace(draft, enclave_view=changed)) == "proof_invalid"


def test_changed_byte_in_the_consumers_view(town: Town) -> None:
    draft = town.wallet(town.deal())
    changed = draft.consumer_view.replace(b"7.90", b"7.91")
    assert town.code(replace(draft, consumer_view=changed)) == "proof_invalid"


def test_view_of_another_occasion(town: Town) -> None:
    deal, other = town.deal(), town.deal()
    draft = town.wallet(deal)
    earlier = draft.body().enclave_view
    again = draft.with_info(nonce=bytes(16))
    assert town.code(replace(again, enclave_view=earlier)) == "proof_invalid"
    assert town.code(replace(draft, consumer_view=town.wallet(other).consumer_view)) == "proof_invalid"


def test_another_persons_credential(town: Town) -> None:
    draft = replace(town.wallet(town.deal()), holder=STRANGER, did=STRANGER_DID)
    assert town.code(draft) == "holder_mismatch"


def test_views_of_two_records(town: Town) -> None:
    draft = town.wallet(town.deal())
    other = replace(draft, credential=credential("another record"))
    assert town.code(replace(draft, consumer_view=consumers(other))) == "view_mismatch"


def test_views_of_different_content(town: Town) -> None:
    draft = town.wallet(town.deal())
    assert town.code(replace(draft, consumer_view=consumers(draft, fields=ASKED[:-1]))) == "view_mismatch"
    assert town.code(replace(draft, enclave_view=shown(draft, fields=ASKED[:-1]))) == "view_mismatch"


def test_nullifier_of_one_record_with_fields_of_another(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("sold before"))
    fresh = replace(draft, credential=credential("not sold yet"))
    mixed = replace(draft, enclave_view=shown(fresh))
    assert town.code(mixed) == "view_mismatch"


def test_field_that_nobody_asked_for(town: Town) -> None:
    draft = town.wallet(town.deal())
    fields = [*ASKED, "/note"]
    more = replace(draft, enclave_view=shown(draft, fields=fields), consumer_view=consumers(draft, fields=fields))
    assert town.code(more) == "disclosure_excess"


def test_consumer_who_would_learn_the_holder(town: Town) -> None:
    draft = town.wallet(town.deal())
    assert town.code(replace(draft, consumer_view=consumers(draft, holder=True))) == "disclosure_excess"


@pytest.mark.parametrize("part", ["status", "nullifier"])
def test_hidden_from_the_enclave(town: Town, part: str) -> None:
    draft = town.wallet(town.deal())
    assert town.code(replace(draft, enclave_view=shown(draft, {part: False}))) == "disclosure_missing"


def test_holder_hidden(town: Town) -> None:
    draft = town.wallet(town.deal())
    assert (
        town.code(replace(draft, enclave_view=shown(draft, {"holder": False, "nullifier": False})))
        == "disclosure_missing"
    )


# When.


def test_expired(town: Town) -> None:
    assert town.code(town.wallet(town.deal(), credential(valid_until=NOW - DAY))) == "credential_expired"


def test_not_yet_valid(town: Town) -> None:
    assert town.code(town.wallet(town.deal(), credential(valid_from=NOW + 2 * DAY))) == "credential_not_yet_valid"


def test_revoked(town: Town) -> None:
    draft = replace(town.wallet(town.deal()), status_lists=(status_list(revoked=True),))
    assert town.code(draft) == "credential_revoked"


@pytest.mark.parametrize(
    "lists",
    [
        (),
        (status_list(at=NOW - 2 * DAY),),
        (status_list(at=NOW + 2 * DAY),),
        (status_list("quack"),),
        (status_list().replace(b"u", b"v"),),
        (b"{}",),
    ],
    ids=["none", "old", "future", "another issuer's", "changed", "no list"],
)
def test_status_list_that_says_nothing(town: Town, lists: tuple[bytes, ...]) -> None:
    assert town.code(replace(town.wallet(town.deal()), status_lists=lists)) == "status_stale"


def test_status_list_of_another_name(town: Town) -> None:
    elsewhere = credential(status=StatusEntry("https://hospital.example/status/2", 1))
    assert town.code(town.wallet(town.deal(), elsewhere)) == "status_stale"


# What the deal asks.


def test_record_that_does_not_fit(town: Town) -> None:
    assert town.code(town.wallet(town.deal(), credential(record=OTHER_LAB))) == "query_not_satisfied"


@pytest.mark.parametrize("enclosed", [(), (GLUCOSE,), (HEMOGLOBIN + b" ",)], ids=["none", "other", "other bytes"])
def test_schema_by_another_hash(town: Town, enclosed: tuple[bytes, ...]) -> None:
    draft = replace(town.wallet(town.deal(schemas=[schema(HEMOGLOBIN)])), schemas=enclosed)
    assert town.code(draft) == "schema_mismatch"


def test_schema_not_met(town: Town) -> None:
    draft = replace(town.wallet(town.deal(schemas=[schema(GLUCOSE)])), schemas=(GLUCOSE,))
    assert town.code(draft) == "schema_mismatch"


def test_schema_met(town: Town) -> None:
    draft = replace(town.wallet(town.deal(schemas=[schema(HEMOGLOBIN)])), schemas=(GLUCOSE, HEMOGLOBIN))
    assert town.code(draft) == "ok"


@pytest.mark.parametrize(
    "agreements",
    [(), ((1, True),), ((1, False), (2, True)), ((1, True), (2, True), (3, True)), ((1, False), (1, True), (2, True))],
    ids=["none", "one missing", "required", "unknown", "twice"],
)
def test_terms(town: Town, agreements: tuple[tuple[int, bool], ...]) -> None:
    assert town.code(replace(town.wallet(town.deal()), agreements=agreements)) == "terms_missing"


# Sold.


def test_same_record_again(town: Town) -> None:
    deal = town.deal()
    draft = town.wallet(deal, credential("once"))
    town.sold(draft)
    again = credential("once", valid_until=NOW + 300 * DAY)
    assert town.code(town.wallet(deal, credential("once"))) == "already_sold"
    assert town.code(town.wallet(deal, credential("once"), to=1), to=1) == "already_sold"
    assert town.code(town.wallet(deal, credential("once"), seller="bob")) == "already_sold"
    assert town.code(town.wallet(deal, again)) == "already_sold"
    assert town.market.book(deal.id).sold == 1


def test_same_record_in_another_deal(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("twice"))
    town.sold(draft)
    assert town.code(town.wallet(town.deal(), credential("twice"))) == "ok"


def test_sale_taken_back_keeps_its_tag(town: Town) -> None:
    deal = town.deal()
    draft = town.wallet(deal, credential("regretted"))
    number = town.sold(draft)
    town.chain.ok("alice", town.market.withdrawal(deal.id, number, "alice"))
    assert town.code(town.wallet(deal, credential("regretted"))) == "already_sold"


# The deal.


def test_full_deal(town: Town) -> None:
    deal = town.deal(max_records=1)
    draft = town.wallet(deal, credential("the last slot"))
    town.sell(draft, town.ask(draft))
    assert town.code(town.wallet(deal, credential("too late"))) == "deal_full"
    town.follow()
    assert town.code(town.wallet(deal, credential("too late"))) == "deal_not_open"


def test_closed_deal(town: Town) -> None:
    deal = town.deal()
    town.chain.ok("consumer", MsgCloseDeal(consumer=town.chain["consumer"], deal_id=deal.id))
    assert town.code(town.wallet(deal)) == "deal_not_open"


def test_unknown_deal(town: Town) -> None:
    deal = town.deal()
    deal.id += 1000
    assert town.code(town.wallet(deal)) == "deal_not_open"


def test_deal_past_its_end(town: Town) -> None:
    deal = town.deal(closes_in=5)
    for _ in range(5):
        town.chain.proceed()
    assert town.code(town.wallet(deal)) == "deal_not_open"


@pytest.mark.parametrize(
    "changes",
    [{"consumer_key": NO_KEY}, {"query": b'{"a": 1}'}, {"query": b"not JSON"}, {"query_language": 2}],
    ids=["key", "spelling", "noise", "language"],
)
def test_deal_that_nobody_can_serve(town: Town, changes: dict[str, Any]) -> None:
    assert town.code(town.wallet(town.deal(**changes))) == "deal_unusable"


def test_schema_that_nobody_can_judge(town: Town) -> None:
    remote = b'{"$ref":"https://schemas.example/other"}'
    draft = replace(town.wallet(town.deal(schemas=[schema(remote)])), schemas=(remote,))
    assert town.code(draft) == "deal_unusable"


# The envelope.


def test_envelope_signed_by_another_key(town: Town) -> None:
    assert town.code(replace(town.wallet(town.deal()), holder=STRANGER)) == "envelope_invalid"


def test_envelope_of_another_context(town: Town) -> None:
    draft = town.wallet(town.deal())
    for changes in ({"deal_id": 1}, {"provider": town.chain["bob"]}, {"nonce": bytes(16)}, {"epoch": 9}):
        moved = replace(draft, signed_info=replace(draft.info, **changes).encode())
        assert town.code(moved) == "envelope_invalid", changes


@pytest.mark.parametrize(
    "did", ["did:key:zNoKey", "did:panacea:2222222222222222222222222222222222222222222", "did:web:example", ""]
)
def test_holder_that_nobody_knows(town: Town, did: str) -> None:
    assert town.code(replace(town.wallet(town.deal()), did=did)) == "envelope_invalid"


@pytest.mark.parametrize("provider", ["", "alice", "cosmos1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqnrql8a"])
def test_provider_that_is_no_account(town: Town, provider: str) -> None:
    assert town.code(town.wallet(town.deal()).with_info(provider=provider)) == "envelope_invalid"


def test_provider_in_another_spelling(town: Town) -> None:
    draft = town.wallet(town.deal())
    assert town.code(draft.with_info(provider=draft.info.provider.upper())) == "envelope_invalid"


def test_envelope_for_another_query(town: Town) -> None:
    assert town.code(town.wallet(town.deal()).with_info(query_hash=bytes(32))) == "envelope_invalid"


@pytest.mark.parametrize("ahead", [-3600, 0, 3600])
def test_envelope_out_of_its_time(town: Town, ahead: int) -> None:
    town.chain.proceed()
    draft = town.wallet(town.deal())
    now = town.chain.time_ns // SECOND
    assert town.code(draft.with_info(expires_at=now + ahead)) == "envelope_expired"


# The order.


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an offer, so described that two can be wrong at once."""

    code: str
    deal: Mapping[str, Any] = field(default_factory=dict)
    credential: Mapping[str, Any] = field(default_factory=dict)
    info: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, bool] = field(default_factory=dict)
    view: Callable[[bytes], bytes] = lambda view: view
    draft: Callable[[Draft], Draft] = lambda draft: draft
    then: Callable[[Town, "Deal"], object] = lambda town, deal: None


FAULTS = (
    Fault(
        "deal_not_open",
        then=lambda town, deal: town.chain.ok(
            "consumer", MsgCloseDeal(consumer=town.chain["consumer"], deal_id=deal.id)
        ),
    ),
    Fault("deal_unusable", deal={"consumer_key": NO_KEY}),
    Fault("envelope_invalid", draft=lambda draft: replace(draft, signed_info=b"another")),
    Fault("envelope_expired", info={"expires_at": NOW - 1}),
    Fault("issuer_not_trusted", deal={"trusted_issuers": [did_of("quack")]}),
    Fault("proof_invalid", view=lambda view: view.replace(b"7.90", b"7.91")),
    Fault("holder_mismatch", draft=lambda draft: replace(draft, holder=STRANGER, did=STRANGER_DID)),
    Fault(
        "view_mismatch",
        draft=lambda draft: replace(
            draft, consumer_view=consumers(replace(draft, credential=credential("of another record")))
        ),
    ),
    Fault("disclosure_missing", shown={"nullifier": False}),
    Fault("credential_expired", credential={"valid_until": NOW - DAY}),
    Fault("status_stale", draft=lambda draft: replace(draft, status_lists=())),
    Fault("query_not_satisfied", deal={"query": for_observations(["2093-3"])}),
    Fault("schema_mismatch", deal={"schemas": [schema(b"{}")]}),
    Fault("terms_missing", draft=lambda draft: replace(draft, agreements=())),
)


def spoiled(town: Town, *faults: Fault) -> Draft:
    """An offer with all of these faults."""
    deal_changes: dict[str, Any] = {}
    credential_changes: dict[str, Any] = {}
    info_changes: dict[str, Any] = {}
    hidden: dict[str, bool] = {}
    for fault in faults:
        deal_changes |= fault.deal
        credential_changes |= fault.credential
        info_changes |= fault.info
        hidden |= fault.shown
    deal = town.deal(**deal_changes)
    draft = town.wallet(deal, credential(**credential_changes)).with_info(**info_changes)
    view = shown(draft, hidden)
    for fault in faults:
        view, draft = fault.view(view), fault.draft(draft)
        fault.then(town, deal)
    return replace(draft, enclave_view=view)


@pytest.mark.parametrize("first", range(len(FAULTS)), ids=[fault.code for fault in FAULTS])
def test_of_two_faults_the_earlier_is_told(town: Town, first: int) -> None:
    assert town.code(spoiled(town, FAULTS[first])) == FAULTS[first].code
    for second in FAULTS[first + 1 : first + 3]:
        assert town.code(spoiled(town, FAULTS[first], second)) == FAULTS[first].code, second.code


def test_a_sold_record_is_told_last(town: Town) -> None:
    deal = town.deal()
    draft = town.wallet(deal, credential("sold, and more"))
    town.sold(draft)
    again = town.wallet(deal, credential("sold, and more"))
    assert town.code(replace(again, agreements=())) == "terms_missing"
    assert town.code(again) == "already_sold"


def test_tag_and_commitment_are_those_of_the_design(town: Town) -> None:
    """What the certificate says follows from record and deal alone, so that every oracle says the same."""
    deal = town.deal()
    draft, other = town.wallet(deal, credential("agreed")), town.wallet(deal, credential("agreed"), to=1)
    same = replace(other, consumer_view=draft.consumer_view)
    mine, theirs = town.certificate(town.ask(draft)), town.certificate(town.ask(same, to=1))
    assert (mine.tag, mine.data_commitment, mine.query_hash) == (theirs.tag, theirs.data_commitment, deal.query_hash)
    assert mine.tag != town.certificate(town.ask(town.wallet(town.deal(), credential("agreed")))).tag
