"""From shares to a record: spoiled shares are passed over, and nothing but the certified bytes is believed."""

import hashlib
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from health_issuer import ASKED, KEYS, credential, issuer_keys

from panacea.credentials import consumer_view
from panacea.crypto import hpke, shamir
from panacea.crypto.hpke import HPKEKey
from panacea.exchange.delivery import Bought, check_view, delivered, join_key, open_parcel, open_shares
from panacea.exchange.formats import Parcel
from panacea.exchange.types import KeyNotJoined, ViewRejected
from panacea.health.tables import row
from panacea.primitives.time import SystemRandom
from panacea.vault import objects
from panacea.vault.objects import Descriptor, Sealed
from panacea.wire.contexts import ReleaseInfo, data_commitment
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import (
        Certificate,
        Consent,
        Delivery,
        ReleasedShare,
        SignedCertificate,
    )
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
else:
    Certificate, Consent, Delivery, ReleasedShare, SignedCertificate = load(
        "panacea.datadeal.v3", "Certificate", "Consent", "Delivery", "ReleasedShare", "SignedCertificate"
    )
    (Deal,) = load("panacea.datadeal.v3", "Deal")

CHAIN, NUMBER, THRESHOLD, SEATS = "test-1", 5, 3, 5
RANDOM = SystemRandom()
CONSUMER = HPKEKey(b"c" * 32)
FILE_KEY = b"the file key 16b"
QUERY = b"{}"
TAG, SALT = bytes(range(32)), b"s" * 32


@dataclass(frozen=True)
class Case:
    """One released consent, and what is needed to read it."""

    bought: Bought
    sealed: Sealed
    shares: "list[ReleasedShare]"
    parcel: Parcel

    @property
    def descriptor(self) -> Descriptor:
        return Descriptor.decode(self.sealed.descriptor)


def case(**changes: Any) -> Case:
    deal = Deal(
        id=7,
        query=QUERY,
        query_hash=hashlib.sha256(QUERY).digest(),
        trusted_issuers=[KEYS.did],
        purpose="HRESCH",
    )
    view = consumer_view(credential(), ASKED, CHAIN, deal.id, deal.query_hash)
    parcel = replace(Parcel(view, SALT, TAG, deal.id), **changes)
    sealed = objects.seal(parcel.encode(), FILE_KEY, RANDOM)
    certificate = Certificate(
        deal_id=deal.id,
        oracle="panacea1oracle",
        epoch=2,
        assurance=2,  # type: ignore[arg-type] # the enum's number
        tag=TAG,
        query_hash=deal.query_hash,
        data_commitment=data_commitment(SALT, view),
        delivery=Delivery(object_id=sealed.oid),
    )
    signed = SignedCertificate(body=encode(certificate))
    consent = Consent(deal_id=deal.id, number=NUMBER, provider="panacea1provider", tag=TAG, certificates=[signed])
    bought = Bought.of(deal, consent)
    return Case(bought, sealed, released(bought), parcel)


def released(bought: Bought) -> "list[ReleasedShare]":
    shares = shamir.split(FILE_KEY, THRESHOLD, SEATS, RANDOM)
    return [release(bought, index, share) for index, share in enumerate(shares, 1)]


def release(bought: Bought, index: int, share: bytes, **changes: Any) -> "ReleasedShare":
    context: dict[str, Any] = {"number": NUMBER, "tag": TAG, "index": index, "member": f"member {index}", **changes}
    info = ReleaseInfo(chain_id=CHAIN, deal_id=bought.deal.id, object_id=bought.object_id, **context)
    sealed = hpke.seal(CONSUMER.public_key, info.encode(), share)
    return ReleasedShare(index=index, member=f"member {index}", sealed_share=sealed)


def test_any_set_of_enough_shares_joins() -> None:
    one = case()
    opened, spoiled = open_shares(one.bought, one.shares, CONSUMER, CHAIN)
    assert (sorted(opened), spoiled) == ([1, 2, 3, 4, 5], [])
    for chosen in combinations(opened, THRESHOLD):
        assert join_key({place: opened[place] for place in chosen}, THRESHOLD, one.descriptor) == FILE_KEY


def test_a_share_of_another_consent_does_not_open() -> None:
    one = case()
    others = [release(one.bought, 1, FILE_KEY, number=6), release(one.bought, 2, FILE_KEY, member="member 9")]
    odd = release(one.bought, 3, b"short")
    noise = ReleasedShare(index=4, member="member 4", sealed_share=b"noise")
    opened, spoiled = open_shares(one.bought, [*others, odd, noise, one.shares[4]], CONSUMER, CHAIN)
    assert (sorted(opened), spoiled) == ([5], [1, 2, 3, 4])
    assert open_shares(one.bought, one.shares, HPKEKey(b"x" * 32), CHAIN)[0] == {}


@pytest.mark.parametrize("threshold", [1, 2, 3, 4, 5, 16])
def test_spoiled_shares_are_outvoted_whatever_the_threshold_is_now(threshold: int) -> None:
    one = case()
    opened, _ = open_shares(one.bought, one.shares, CONSUMER, CHAIN)
    opened[1], opened[2] = b"?" * 16, b"!" * 16
    assert join_key(opened, threshold, one.descriptor) == FILE_KEY


def test_too_few_good_shares_give_nothing() -> None:
    one = case()
    opened, _ = open_shares(one.bought, one.shares, CONSUMER, CHAIN)
    bad = {place: b"?" * 15 + bytes([place]) for place in (1, 2, 3)}
    for shares in ({}, {1: opened[1], 2: opened[2]}, opened | bad):
        with pytest.raises(KeyNotJoined):
            join_key(shares, THRESHOLD, one.descriptor)


def test_the_record_comes_with_its_origin() -> None:
    one = case()
    parcel = open_parcel(one.bought, one.sealed, FILE_KEY)
    assert parcel == one.parcel
    checked = check_view(one.bought, parcel, KEYS.bbs_public, CHAIN)
    found = row(delivered(one.bought, checked, is_current=True))
    assert (found["code"], found["value_written"], found["unit"]) == ("4548-4", "7.90", "%")
    assert (found["issuer"], found["consent"], found["purpose"]) == (KEYS.did, NUMBER, "HRESCH")
    assert (found["valid_from"], found["valid_until"]) == ("2026-01-01", "2027-01-01")
    assert (found["oracles"], found["assurance"], found["object_id"]) == (
        "panacea1oracle",
        "SIMULATED",
        one.sealed.oid.hex(),
    )
    assert "Anna" not in found["resource"]


@pytest.mark.parametrize(
    ("check", "changes"),
    [
        ("deal", {"deal_id": 8}),
        ("tag", {"tag": bytes(32)}),
        ("commitment", {"salt": bytes(32)}),
        ("commitment", {"consumer_view": b"{}"}),
    ],
)
def test_a_parcel_that_was_not_certified(check: str, changes: dict[str, Any]) -> None:
    one = case(**changes)
    with pytest.raises(ViewRejected) as no:
        open_parcel(one.bought, one.sealed, FILE_KEY)
    assert no.value.values["check"] == check


def test_another_object_or_no_parcel() -> None:
    one = case()
    for sealed in (objects.seal(one.parcel.encode(), FILE_KEY, RANDOM), objects.seal(b"noise", FILE_KEY, RANDOM)):
        with pytest.raises(ViewRejected) as no:
            open_parcel(one.bought, sealed, FILE_KEY)
        assert no.value.values["check"] == "object"


def test_a_query_that_is_not_the_deals() -> None:
    one = case()
    one.bought.deal.query = b"{ }"
    with pytest.raises(ViewRejected) as no:
        open_parcel(one.bought, one.sealed, FILE_KEY)
    assert no.value.values["check"] == "query"


def test_a_view_whose_proof_does_not_hold() -> None:
    one = case()
    with pytest.raises(ViewRejected, match="proof_invalid"):
        check_view(one.bought, one.parcel, issuer_keys(b"another").bbs_public, CHAIN)
    with pytest.raises(ViewRejected, match="proof_invalid"):
        check_view(one.bought, one.parcel, KEYS.bbs_public, "test-2")
    del one.bought.deal.trusted_issuers[:]
    with pytest.raises(ViewRejected, match="issuer_not_trusted"):
        check_view(one.bought, one.parcel, KEYS.bbs_public, CHAIN)
