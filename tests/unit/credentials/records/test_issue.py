"""What an issuer gives, and what a holder accepts."""

from typing import Any

import pytest
from health_issuer import (
    DAY,
    ENTRY,
    HOLDER,
    ISSUED,
    KEYS,
    OTHER_HOLDER,
    RESOLVER,
    Documents,
    credential,
    document_of,
    lab,
)
from health_issuer import issuer_keys as keys_of

from panacea.credentials import (
    DisclosureMissing,
    HolderMismatch,
    IssuerInactive,
    IssuerNotTrusted,
    NotIssuable,
    ProofInvalid,
    credential_contexts,
    resource_of,
    verify_issued,
)
from panacea.credentials.records.model import MANDATORY
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import BaseValue
from panacea.health.strict_json import parse_json, to_json
from panacea.identity.did import InvalidDID
from panacea.identity.documents import DIDDocument
from panacea.wire.contexts import nullifier

Document = dict[str, Any]  # Any: JSON of a credential


def resigned(document: Document, pointers: tuple[str, ...] = MANDATORY) -> bytes:
    """A document of another shape, honestly signed."""
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    return to_json(
        bbs2023.create_base(
            unsigned,
            secret_key=KEYS.bbs_secret.reveal(),
            public_key=KEYS.bbs_public,
            verification_method=KEYS.bbs_method_id,
            mandatory_pointers=pointers,
            contexts=credential_contexts(),
        )
    )


def test_what_is_issued() -> None:
    document = parse_json(credential())
    assert list(document) == [
        "@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSubject", "proof",
    ]  # fmt: skip
    assert (document["validFrom"], document["validUntil"]) == ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")
    assert "created" not in document["proof"]
    assert BaseValue.from_text(document["proof"]["proofValue"]).mandatory_pointers == MANDATORY


def test_the_holder_checks_what_arrives() -> None:
    claims = verify_issued(credential(), resolver=RESOLVER, holder_did=HOLDER)
    assert (claims.issuer, claims.method_id, claims.holder) == (KEYS.did, KEYS.bbs_method_id, HOLDER)
    assert (claims.valid_from, claims.valid_until) == (ISSUED, ISSUED + 365 * DAY)
    assert claims.status == ENTRY
    assert claims.nullifier == nullifier(KEYS.nullifier_secret.reveal(), "lab.json#Observation/o1")


def test_the_resource_reads_back_as_written() -> None:
    assert to_json(resource_of(credential())) == to_json(lab())
    assert b'"value":7.90' in to_json(resource_of(credential()))


def test_the_nullifier_is_of_the_record_not_of_the_credential() -> None:
    def drawn(**changes: Any) -> bytes | None:
        return verify_issued(credential(**changes), resolver=RESOLVER).nullifier

    assert drawn() == drawn(holder_did=OTHER_HOLDER, valid_until=ISSUED + 9 * DAY)
    assert drawn() != drawn(reference="other.json#Observation/o1")


def test_issued_twice_nothing_but_the_content_is_equal() -> None:
    first, second = (parse_json(credential())["proof"]["proofValue"] for _ in range(2))
    assert first != second


def test_another_holders_credential() -> None:
    with pytest.raises(HolderMismatch):
        verify_issued(credential(), resolver=RESOLVER, holder_did=OTHER_HOLDER)


@pytest.mark.parametrize(
    ("resolver", "refusal"),
    [
        (Documents(), IssuerNotTrusted),
        (Documents(deactivated=(KEYS.did,)), IssuerInactive),
        (Documents(DIDDocument(KEYS.did)), IssuerInactive),
    ],
)
def test_an_issuer_that_does_not_stand_behind_it(resolver: Documents, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        verify_issued(credential(), resolver=resolver)


def test_signed_by_another_key_than_the_issuers() -> None:
    imposter = keys_of(b"imposter")
    forged = parse_json(credential(keys=imposter))
    forged["issuer"] = KEYS.did
    forged["proof"]["verificationMethod"] = KEYS.bbs_method_id
    with pytest.raises(ProofInvalid):
        verify_issued(to_json(forged), resolver=RESOLVER)
    with pytest.raises(IssuerNotTrusted):
        verify_issued(credential(keys=imposter), resolver=RESOLVER)


def test_a_changed_value() -> None:
    altered = credential().replace(b"7.90", b"6.90")
    with pytest.raises(ProofInvalid):
        verify_issued(altered, resolver=RESOLVER)


def test_a_key_of_another_did() -> None:
    other = keys_of(b"other")
    altered = parse_json(credential())
    altered["proof"]["verificationMethod"] = other.bbs_method_id
    with pytest.raises(ProofInvalid, match="another DID"):
        verify_issued(to_json(altered), resolver=Documents(document_of(), document_of(other)))


def test_an_issuer_that_hides_or_shows_too_much() -> None:
    document = parse_json(credential())
    with pytest.raises(ProofInvalid, match="mandatory"):
        verify_issued(resigned(document, (*MANDATORY, "/credentialStatus")), resolver=RESOLVER)
    del document["credentialSubject"][0]["nullifier"]
    with pytest.raises(DisclosureMissing):
        verify_issued(resigned(document), resolver=RESOLVER)


def test_a_record_in_part_is_no_record() -> None:
    document = parse_json(credential())
    del document["credentialSubject"][1]["resource"]["note.0"]
    with pytest.raises(ProofInvalid, match="missing"):
        verify_issued(resigned(document), resolver=RESOLVER)


@pytest.mark.parametrize(
    "changes",
    [
        {"valid_until": ISSUED + DAY - 1},
        {"valid_until": ISSUED - DAY},
        {"valid_until": 10**12},
        {"resource": {"resourceType": "List", "entry": [{"flag": {"text": "x"}}] * 2100}},
    ],
)
def test_what_cannot_be_issued(changes: dict[str, Any]) -> None:
    with pytest.raises(NotIssuable):
        credential(**changes)


def test_a_holder_must_be_a_did() -> None:
    with pytest.raises(InvalidDID):
        credential(holder_did="Anna")


def test_no_secret_is_shown() -> None:
    text = repr(KEYS)
    assert KEYS.bbs_secret.reveal().hex() not in text
    assert repr(KEYS.bbs_secret.reveal()) not in text
    assert repr(KEYS.nullifier_secret.reveal()) not in text
