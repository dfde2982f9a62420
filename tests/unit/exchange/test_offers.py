"""Offers in the making: what matches, what is sealed, and that a certificate is believed only where all of it holds."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from health_issuer import ASKED, DAY, HOLDER, ISSUED, KEYS, OTHER_HOLDER, credential

from panacea.credentials import PRESENTATION_DEFINITION, for_observations, verify_view
from panacea.crypto import hpke
from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.exchange import offers
from panacea.exchange.formats import Body, Envelope, Reply
from panacea.exchange.holder import Holder
from panacea.exchange.market import Roster
from panacea.exchange.offers import Draft, Match, Unmatched
from panacea.exchange.types import CertificateInvalid, OfferRefused, OracleUnavailable
from panacea.identity.did_key import decode_did_key
from panacea.primitives.numbers import Dec
from panacea.primitives.time import SystemRandom
from panacea.vault import objects
from panacea.wire.contexts import (
    DELIVER,
    WITNESS,
    OfferInfo,
    certificate_digest,
    commit_salt,
    consumer_view_header,
    data_commitment,
    deal_tag,
    enclave_view_header,
    envelope_digest,
    reply_info,
    shares_root,
)
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate, Delivery, SignedCertificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance, Deal
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import HpkeKey, OracleKey
else:
    Certificate, Delivery, SignedCertificate = load(
        "panacea.datadeal.v3", "Certificate", "Delivery", "SignedCertificate"
    )
    Assurance, Deal = load("panacea.datadeal.v3", "Assurance", "Deal")
    HpkeKey, OracleKey = load("panacea.oracle.v3", "HpkeKey", "OracleKey")

CHAIN, PROVIDER, NOW = "test-1", "panacea1provider", ISSUED + 10 * DAY
RANDOM = SystemRandom()
PATIENT = Holder(Ed25519Key(b"h" * 32))
SIGNING, SEALING, REPLY_KEY = Secp256k1Key(b"\x01" * 32), HPKEKey(b"o" * 32), HPKEKey(b"r" * 32)
QUERY = for_observations(["4548-4"])
SHARES = tuple(bytes([place]) * 40 for place in range(1, 6))
KEY = OracleKey(
    oracle="panacea1oracle",
    epoch=3,
    signing_key=SIGNING.public_key.raw,
    hpke_key=HpkeKey(suite=1, public_key=SEALING.public_key),
    measurement=b"m" * 32,
    kind=2,  # type: ignore[arg-type] # the enum's number
    vendor="a",
    commission_rate=Dec.parse("0.02").to_wire(),
)
ROSTER = Roster(
    epoch=3,
    keys=(KEY,),
    seats=5,
    threshold=3,
    epoch_blocks=100,
    certificate_ttl=20,
    release_rate=Dec.parse("0.02"),
)


def deal(**changes: Any) -> "Deal":
    values: dict[str, Any] = {
        "id": 7,
        "query_language": PRESENTATION_DEFINITION,
        "query": QUERY,
        "query_hash": hashlib.sha256(changes.get("query", QUERY)).digest(),
        "trusted_issuers": [KEYS.did],
        "assurance": Assurance(min_certificates=1, min_vendors=1, allow_simulated=True),
    }
    return Deal(**(values | changes))


def matched() -> Match:
    found = offers.match(deal(), credential(), holder_did=HOLDER, now=NOW)
    assert isinstance(found, Match)
    return found


def draft() -> Draft:
    return offers.draft_offer(
        deal(),
        matched(),
        chain_id=CHAIN,
        agreements={2: False, 1: True},
        status_lists=[b"list"],
        schemas=[b"schema"],
        random=RANDOM,
    )


def info(of: Draft, role: int = DELIVER) -> OfferInfo:
    return offers.offer_info(of, KEY, chain_id=CHAIN, provider=PROVIDER, role=role, now=NOW, random=RANDOM)


def test_a_credential_that_fits_tells_what_would_leave() -> None:
    assert set(matched().fields) <= set(ASKED)
    assert "/valueQuantity" in matched().fields
    assert "Anna" not in repr(matched())


@pytest.mark.parametrize(
    ("reason", "values", "changes"),
    [
        ("issuer_not_trusted", {}, {"trusted_issuers": ["did:panacea:other"]}),
        ("holder_mismatch", {"holder_did": OTHER_HOLDER}, {}),
        ("credential_not_yet_valid", {"now": ISSUED - 1}, {}),
        ("credential_expired", {"now": ISSUED + 400 * DAY}, {}),
        ("query_not_satisfied", {}, {"query": for_observations(["2345-7"])}),
        ("deal_unusable", {}, {"query": b"{ }"}),
        ("proof_invalid", {"credential": b"{}x"}, {}),
    ],
)
def test_what_does_not_fit_has_the_enclaves_reason(
    reason: str, values: dict[str, Any], changes: dict[str, Any]
) -> None:
    given: dict[str, Any] = {"credential": credential(), "holder_did": HOLDER, "now": NOW, **values}
    found = offers.match(deal(**changes), **given)
    assert isinstance(found, Unmatched)
    assert found.reason == reason


def test_an_offer_opens_at_its_oracle_and_is_signed_by_its_holder() -> None:
    one = draft()
    context = info(one)
    offer = offers.seal_offer(
        one, context, PATIENT, sealing_key=SEALING.public_key, reply_key=REPLY_KEY.public_key, random=RANDOM
    )
    file_key = SEALING.open(context.encode(), offer.sealed_key)
    envelope = Envelope.decode(objects.open(offer.descriptor, offer.leaves, offer.groups, file_key))
    assert (envelope.holder_did, offer.info) == (HOLDER, context.encode())
    decode_did_key(HOLDER).verify(envelope_digest(offer.info, envelope.body), envelope.signature)
    body = Body.decode(envelope.body)
    assert (body.status_lists, body.schemas, body.agreements) == ((b"list",), (b"schema",), ((1, True), (2, False)))
    assert body.reply_key == REPLY_KEY.public_key
    enclave = verify_view(body.enclave_view, header=enclave_view_header(offer.info), issuer_key=KEYS.bbs_public)
    assert (enclave.holder, enclave.status) == (HOLDER, one.match.claims.status)
    header = consumer_view_header(CHAIN, 7, one.deal.query_hash)
    shown = verify_view(body.consumer_view, header=header, issuer_key=KEYS.bbs_public)
    assert (shown.holder, shown.nullifier, shown.status) == (None, None, None)
    assert context.expires_at == NOW + 300


def test_two_offers_share_the_consumers_view_and_nothing_else() -> None:
    one = draft()
    first, second = info(one), info(one, WITNESS)
    assert first.nonce != second.nonce
    assert (first.role, second.role) == (DELIVER, WITNESS)
    assert replace(first, nonce=b"", role=0) == replace(second, nonce=b"", role=0)


def test_a_key_that_cannot_be_sealed_to() -> None:
    with pytest.raises(OracleUnavailable):
        offers.seal_envelope(b"x", b"info", sealing_key=bytes(1216 - 1), random=RANDOM)


def test_answers() -> None:
    raw = b"info"

    def sealed(plain: bytes, context: bytes = raw) -> bytes:
        return hpke.seal(REPLY_KEY.public_key, reply_info(context), plain)

    good = Reply("ok", "", b"certificate", SHARES)
    assert offers.open_reply(sealed(good.encode()), raw, REPLY_KEY) == good
    with pytest.raises(OfferRefused, match="proof_invalid") as no:
        offers.open_reply(sealed(Reply("proof_invalid", "why").encode()), raw, REPLY_KEY)
    assert no.value.refusal == "proof_invalid"
    for wrong in (sealed(good.encode(), b"other"), sealed(b"short"), b"noise", b""):
        with pytest.raises(OracleUnavailable, match="cannot be read"):
            offers.open_reply(wrong, raw, REPLY_KEY)


# Certificates.


def certificate(of: Draft, context: OfferInfo, edit: Callable[["Certificate"], object] = lambda _: None) -> bytes:
    nullifier = of.match.claims.nullifier
    assert nullifier
    found = Certificate(
        chain_id=CHAIN,
        deal_id=7,
        provider=PROVIDER,
        oracle=KEY.oracle,
        epoch=3,
        measurement=KEY.measurement,
        assurance=2,  # type: ignore[arg-type] # the enum's number
        data_commitment=data_commitment(commit_salt(nullifier, CHAIN, 7), of.consumer_view),
        tag=deal_tag(nullifier, CHAIN, 7),
        query_hash=of.deal.query_hash,
        commission_rate=KEY.commission_rate,
        issued_at_height=310,
        expires_at_height=330,
    )
    if context.role == DELIVER:
        found.delivery.CopyFrom(Delivery(object_id=bytes(32), object_size=9, shares_root=shares_root(SHARES)))
    edit(found)
    body = encode(found)
    return encode(SignedCertificate(body=body, signature=SIGNING.sign(certificate_digest(body))))


@pytest.fixture(scope="module")
def offered() -> Draft:
    return draft()


def test_a_good_certificate(offered: Draft) -> None:
    context = info(offered)
    reply = Reply("ok", "", certificate(offered, context), SHARES)
    found = offers.require_certified(reply, offered, context, key=KEY, roster=ROSTER)
    assert (found.sealed_shares, found.certificate.deal_id) == (SHARES, 7)
    witness = info(offered, WITNESS)
    reply = Reply("ok", "", certificate(offered, witness))
    assert not offers.require_certified(reply, offered, witness, key=KEY, roster=ROSTER).sealed_shares


EDITS: dict[str, tuple[str, Any]] = {
    "chain": ("chain_id", "test-2"),
    "deal": ("deal_id", 8),
    "provider": ("provider", "panacea1other"),
    "oracle": ("oracle", "panacea1other"),
    "epoch": ("epoch", 4),
    "epoch of another height": ("issued_at_height", 299),
    "measurement": ("measurement", b"x" * 32),
    "assurance": ("assurance", 1),
    "commitment": ("data_commitment", bytes(32)),
    "tag": ("tag", bytes(32)),
    "query": ("query_hash", bytes(32)),
    "commission": ("commission_rate", Dec.parse("0.2").to_wire()),
    "height": ("expires_at_height", 331),
    "height before its birth": ("expires_at_height", 310),
}


@pytest.mark.parametrize("name", EDITS)
def test_one_altered_field_is_named(offered: Draft, name: str) -> None:
    field, value = EDITS[name]
    context = info(offered)
    reply = Reply("ok", "", certificate(offered, context, lambda found: setattr(found, field, value)), SHARES)
    with pytest.raises(CertificateInvalid) as no:
        offers.require_certified(reply, offered, context, key=KEY, roster=ROSTER)
    assert no.value.detail == name.partition(" ")[0]


def test_signature_and_bytes(offered: Draft) -> None:
    context = info(offered)
    raw = certificate(offered, context)
    found = SignedCertificate.FromString(raw)
    other = encode(SignedCertificate(body=found.body, signature=bytes(64)))
    cases = {other: "signature", raw[:-3]: "decode", b"": "signature", b"\xff": "decode", raw + b"\x78\x01": "decode"}
    for altered, check in cases.items():
        with pytest.raises(CertificateInvalid) as no:
            offers.require_certified(Reply("ok", "", altered, SHARES), offered, context, key=KEY, roster=ROSTER)
        assert no.value.detail == check


def test_shares_must_be_the_certified_ones(offered: Draft) -> None:
    context, witness = info(offered), info(offered, WITNESS)
    good = certificate(offered, context)
    few = certificate(offered, context, lambda found: setattr(found.delivery, "shares_root", shares_root(SHARES[:4])))
    short = certificate(offered, context, lambda found: setattr(found.delivery, "object_id", b"x"))
    bare = certificate(offered, witness)
    cases = [
        (Reply("ok", "", good, SHARES[::-1]), context, "shares"),
        (Reply("ok", "", few, SHARES[:4]), context, "shares"),
        (Reply("ok", "", short, SHARES), context, "shares"),
        (Reply("ok", "", good, ()), context, "count"),
        (Reply("ok", "", bare, ()), context, "count"),
        (Reply("ok", "", bare, SHARES), witness, "count"),
        (Reply("ok", "", good, SHARES), witness, "count"),
    ]
    for reply, asked, check in cases:
        with pytest.raises(CertificateInvalid) as no:
            offers.require_certified(reply, offered, asked, key=KEY, roster=ROSTER)
        assert no.value.detail == check


def test_the_net_is_the_chains() -> None:
    priced = deal()
    priced.price.denom, priced.price.amount = "umed", "1000"
    assert offers.net_of(priced, [KEY, KEY], ROSTER) == 1000 - 20 - 20 - 18


def test_the_roster_keeps_to_the_deals_demands() -> None:
    hardware = OracleKey(oracle="b", kind=1, vendor="b")  # type: ignore[arg-type] # the enum's number
    roster = replace(ROSTER, keys=(KEY, hardware))
    assert roster.allowed(Assurance(allow_simulated=True)) == [KEY, hardware]
    assert roster.allowed(Assurance()) == [hardware]
    assert roster.allowed(Assurance(allow_simulated=True, vendors_allowed=["a"])) == [KEY]
