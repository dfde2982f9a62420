"""Attacks on the features of bbs-2023: whose secret, whose pseudonym, and which feature at all."""

from dataclasses import replace
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023, bbs_features
from panacea.credentials.suites.bbs_features import Feature, FeatureBase, FeatureDerived, FeatureVerified, Holder
from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import (
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongPresentation,
    WrongProof,
)
from panacea.crypto.bbs import SHA256
from panacea.crypto.hazmat.bls12381 import ORDER
from panacea.crypto.secret import SecretBytes

Document = dict[str, Any]  # Any: JSON of a credential

RECORD = "https://records.example/context"
CONTEXTS = Contexts.bundled().with_extra({RECORD: {"@context": {"@vocab": "https://records.example/#"}}})
SECRET = SHA256.key_gen(b"issuer" * 6)
PUBLIC = SHA256.public_key(SECRET)
SHOWN, DOMAIN = b"for deal 7", b"https://verifier.example/"
DOCUMENT: Document = {
    "@context": ["https://www.w3.org/ns/credentials/v2", RECORD],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "validUntil": "2027-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:holder", "observation": {"value": "6.1", "unit": "%"}},
}
MINE, NYM = SecretBytes(b"a secret of the holder"), SecretBytes(bytes(31) + b"\x05")
ENTROPY = SecretBytes(bytes(8) + b"\x09" * 24)
FEATURES = pytest.mark.parametrize("feature", Feature, ids=lambda feature: feature.value)
WITH_PSEUDONYM = pytest.mark.parametrize(
    "feature", [feature for feature in Feature if feature.has_pseudonym], ids=lambda feature: feature.value
)


def requested(feature: Feature, secret: SecretBytes = MINE, nym: SecretBytes = NYM) -> tuple[bytes, Holder]:
    return bbs_features.request(
        feature, secret=secret if feature.has_secret else None, nym=nym if feature.has_pseudonym else None
    )


def issued(feature: Feature, commitment: bytes, entropy: SecretBytes | None = None) -> Document:
    return bbs_features.create_base(
        DOCUMENT,
        feature=feature,
        commitment=commitment,
        entropy=entropy,
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method="did:example:issuer#key-1",
        mandatory_pointers=["/issuer", "/validUntil"],
        contexts=CONTEXTS,
    )


def domain_of(feature: Feature) -> bytes | None:
    return DOMAIN if feature.has_pseudonym else None


def shown(base: Document, holder: Holder, domain: bytes | None = None) -> Document:
    return bbs_features.derive(
        base,
        holder=holder,
        selective_pointers=["/credentialSubject/observation/unit"],
        presentation_header=SHOWN,
        public_key=PUBLIC,
        contexts=CONTEXTS,
        domain=domain_of(holder.feature) if domain is None else domain,
    )


def verified(document: Document, feature: Feature, domain: bytes | None = None) -> FeatureVerified:
    return bbs_features.verify_derived(
        document,
        feature=feature,
        public_key=PUBLIC,
        presentation_header_expected=SHOWN,
        contexts=CONTEXTS,
        domain=domain_of(feature) if domain is None else domain,
    )


def with_value(document: Document, text: str) -> Document:
    return {**document, "proof": {**document["proof"], "proofValue": text}}


COMMITTED = {feature: requested(feature) for feature in Feature}
BASES = {feature: issued(feature, commitment) for feature, (commitment, _) in COMMITTED.items()}
HOLDERS = {feature: holder for feature, (_, holder) in COMMITTED.items()}
VIEWS = {feature: shown(BASES[feature], HOLDERS[feature]) for feature in Feature}


@FEATURES
def test_request_issue_derive_verify(feature: Feature) -> None:
    base = bbs_features.verify_base(BASES[feature], holder=HOLDERS[feature], public_key=PUBLIC, contexts=CONTEXTS)
    assert (base.entropy is not None) is feature.has_pseudonym
    found = verified(VIEWS[feature], feature)
    assert found.feature is feature
    assert (found.pseudonym is not None) is feature.has_pseudonym
    assert (found.derived.mandatory, len(found.derived.disclosed), found.derived.hidden) == (
        3,
        3,
        1,
    )  # The type is named on every way.
    assert found.derived.presentation_header == SHOWN


@WITH_PSEUDONYM
def test_one_verifier_one_pseudonym(feature: Feature) -> None:
    holder = HOLDERS[feature]
    one, two = verified(VIEWS[feature], feature), verified(shown(BASES[feature], holder), feature)
    other = verified(shown(BASES[feature], holder, b"another"), feature, b"another")
    assert one.pseudonym == two.pseudonym
    assert one.pseudonym != other.pseudonym


@WITH_PSEUDONYM
def test_the_issuer_keeps_or_changes_an_identity(feature: Feature) -> None:
    commitment, holder = COMMITTED[feature]
    first, again = issued(feature, commitment, ENTROPY), issued(feature, commitment, ENTROPY)
    assert FeatureBase.from_text(feature, first["proof"]["proofValue"]).entropy == ENTROPY
    found = {verified(shown(base, holder), feature).pseudonym for base in (first, again)}
    assert len(found) == 1
    assert verified(VIEWS[feature], feature).pseudonym not in found


@FEATURES
def test_another_holder_has_nothing(feature: Feature) -> None:
    stolen = BASES[feature]
    _, thief = requested(feature, SecretBytes(b"a thief's"), SecretBytes(bytes(31) + b"\x06"))
    with pytest.raises(WrongProof):
        bbs_features.verify_base(stolen, holder=thief, public_key=PUBLIC, contexts=CONTEXTS)
    with pytest.raises(WrongProof):
        verified(shown(stolen, thief), feature)


@FEATURES
@pytest.mark.parametrize("other", Feature, ids=lambda feature: feature.value)
def test_a_feature_is_no_other(feature: Feature, other: Feature) -> None:
    if feature is other:
        return
    with pytest.raises((UnknownCryptosuite, MalformedProof, WrongProof)):
        verified(VIEWS[feature], other)
    with pytest.raises((UnknownCryptosuite, MalformedProof, WrongProof)):
        bbs_features.verify_base(BASES[feature], holder=HOLDERS[other], public_key=PUBLIC, contexts=CONTEXTS)
    if feature.has_pseudonym == other.has_pseudonym:
        # One header for both: a count that fits the other feature is one that was not signed.
        value = FeatureDerived.from_text(feature, VIEWS[feature]["proof"]["proofValue"])
        moved = replace(value, feature=other, count=value.count + feature.committed - other.committed)
        with pytest.raises(WrongProof):
            verified(with_value(VIEWS[feature], moved.to_text()), other)


@FEATURES
def test_the_baseline_refuses_them_by_name(feature: Feature) -> None:
    with pytest.raises(UnknownCryptosuite) as refused:
        bbs2023.verify_base(BASES[feature], public_key=PUBLIC, contexts=CONTEXTS)
    assert ("pseudonym" if feature.has_pseudonym else "holder binding") in str(refused.value.values["feature"])
    with pytest.raises(UnknownCryptosuite):
        bbs2023.verify_derived(VIEWS[feature], public_key=PUBLIC, presentation_header_expected=SHOWN, contexts=CONTEXTS)


@FEATURES
def test_a_baseline_proof_has_no_feature(feature: Feature) -> None:
    base = bbs2023.create_base(
        DOCUMENT,
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method="did:example:issuer#key-1",
        mandatory_pointers=["/issuer"],
        contexts=CONTEXTS,
    )
    with pytest.raises(UnknownCryptosuite):
        bbs_features.verify_base(base, holder=HOLDERS[feature], public_key=PUBLIC, contexts=CONTEXTS)


@FEATURES
def test_a_commitment_is_to_the_values_of_the_feature(feature: Feature) -> None:
    for other in Feature:
        if other is not feature:
            with pytest.raises(WrongProof):
                issued(feature, COMMITTED[other][0])
    with pytest.raises(WrongProof):
        issued(feature, b"")


@FEATURES
def test_the_number_of_messages_counts(feature: Feature) -> None:
    value = FeatureDerived.from_text(feature, VIEWS[feature]["proof"]["proofValue"])
    for count in (value.count - 1, value.count + 1, 0, -1, 10**6, True):
        with pytest.raises(MalformedProof):
            replace(value, count=count)


@WITH_PSEUDONYM
def test_a_pseudonym_is_the_holders_in_the_domain(feature: Feature) -> None:
    value = FeatureDerived.from_text(feature, VIEWS[feature]["proof"]["proofValue"])
    elsewhere = verified(shown(BASES[feature], HOLDERS[feature], b"another"), feature, b"another").pseudonym
    with pytest.raises(WrongProof):
        verified(with_value(VIEWS[feature], replace(value, pseudonym=elsewhere).to_text()), feature)
    with pytest.raises(WrongProof):
        verified(VIEWS[feature], feature, b"another")
    for pseudonym in (b"\xc0" + bytes(47), bytes(48)):
        with pytest.raises(WrongProof):
            verified(with_value(VIEWS[feature], replace(value, pseudonym=pseudonym).to_text()), feature)
    for misshapen in (b"", bytes(49), None):
        with pytest.raises(MalformedProof):
            replace(value, pseudonym=misshapen)


@FEATURES
def test_every_part_of_a_derived_value_counts(feature: Feature) -> None:
    text = VIEWS[feature]["proof"]["proofValue"]
    octets = from_base64url(text)
    for at in range(0, len(octets), 17):
        changed = to_base64url(octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :])
        with pytest.raises(ProofRejected):
            verified(with_value(VIEWS[feature], changed), feature)


@FEATURES
def test_what_is_shown_is_what_was_signed(feature: Feature) -> None:
    view = {**VIEWS[feature], "validUntil": "2037-01-01T00:00:00Z"}
    with pytest.raises(WrongProof):
        verified(view, feature)


@FEATURES
def test_another_occasion_and_another_key(feature: Feature) -> None:
    with pytest.raises(WrongPresentation):
        bbs_features.verify_derived(
            VIEWS[feature],
            feature=feature,
            public_key=PUBLIC,
            presentation_header_expected=b"for deal 8",
            contexts=CONTEXTS,
            domain=domain_of(feature),
        )
    stranger = SHA256.public_key(SHA256.key_gen(b"stranger" * 5))
    with pytest.raises(WrongKey):
        bbs_features.verify_base(BASES[feature], holder=HOLDERS[feature], public_key=stranger, contexts=CONTEXTS)


@WITH_PSEUDONYM
def test_the_entropy_has_one_spelling(feature: Feature) -> None:
    commitment, _ = COMMITTED[feature]
    text = issued(feature, commitment, ENTROPY)["proof"]["proofValue"]
    octets = from_base64url(text)
    number = b"\x09" * 24
    tail = b"\xc2\x58\x18" + number
    assert octets.endswith(tail)
    plain = octets[: -len(tail)]
    for other in (
        b"\xc2\x58\x20" + bytes(8) + number,  # zeros ahead
        b"\x58\x18" + number,  # no number at all
        b"\xc3\x58\x18" + number,  # negative
        b"\xc2\x58\x20" + ORDER.to_bytes(32, "big"),  # no scalar
        b"\xc2\x48" + bytes([9] * 8),  # an integer spelled as a bignum
        b"\x09",
        b"",
    ):
        with pytest.raises(MalformedProof):
            FeatureBase.from_text(feature, to_base64url(plain + other))
    five = octets[:3] + b"\x85" + octets[4:]
    with pytest.raises(MalformedProof):
        FeatureBase.from_text(feature, to_base64url(five))


@pytest.mark.parametrize("text", [None, 7, "", "u", "z", "u" + "A" * 600_000])
def test_texts_that_are_no_values(text: object) -> None:
    for feature in Feature:
        with pytest.raises(ProofRejected):
            FeatureBase.from_text(feature, text)
        with pytest.raises(ProofRejected):
            FeatureDerived.from_text(feature, text)


def test_secrets_and_domains_of_another_feature_are_mistakes() -> None:
    for feature in Feature:
        with pytest.raises(ValueError, match="secrets"):
            bbs_features.request(feature)
        against = None if feature.has_pseudonym else DOMAIN
        with pytest.raises(ValueError, match="domain"):
            bbs_features.derive(
                BASES[feature],
                holder=HOLDERS[feature],
                selective_pointers=[],
                presentation_header=SHOWN,
                public_key=PUBLIC,
                contexts=CONTEXTS,
                domain=against,
            )
        with pytest.raises(ValueError, match="domain"):
            bbs_features.verify_derived(
                VIEWS[feature],
                feature=feature,
                public_key=PUBLIC,
                presentation_header_expected=SHOWN,
                contexts=CONTEXTS,
                domain=against,
            )


@FEATURES
def test_a_holder_shows_no_secret(feature: Feature) -> None:
    assert "secret of" not in repr(HOLDERS[feature])
    assert "x09" not in repr(FeatureBase.from_text(feature, BASES[feature]["proof"]["proofValue"]).entropy)
