"""Attacks on ecdsa-sd-2023: statements cannot be added, moved between credentials, or made optional."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, PointerRejected
from panacea.credentials.suites import ecdsa_sd_2023
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.sd_values import SDBaseValue, SDDerivedValue
from panacea.credentials.suites.types import (
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongProof,
    WrongStatements,
)
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind

KEY = ECDSAKey(KeyKind.P256, b"\x09" * 32)
CONTEXTS = Contexts.bundled()
OPTIONS = ProofOptions(ecdsa_sd_2023.CRYPTOSUITE, "did:example:issuer#p256", "2026-01-01T00:00:00Z")
Document = dict[str, Any]  # Any: JSON of a credential
DOCUMENT: Document = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "validUntil": "2027-01-01T00:00:00Z",
    "name": "Membership",
    "description": "of a club",
    "credentialSubject": {"name": "Anna", "description": "member"},
}


def issue(document: Document = DOCUMENT, pointers: tuple[str, ...] = ("/issuer", "/validUntil")) -> Document:
    return ecdsa_sd_2023.create_base(
        document, signer=KEY, options=OPTIONS, mandatory_pointers=pointers, contexts=CONTEXTS
    )


BASE = issue()
SHOWN = ecdsa_sd_2023.derive(BASE, selective_pointers=["/credentialSubject/name"], contexts=CONTEXTS)
VALUE = SDDerivedValue.from_text(SHOWN["proof"]["proofValue"])


def verify(document: Document) -> int:
    found = ecdsa_sd_2023.verify_derived(document, public_key=KEY.public_key, contexts=CONTEXTS)
    return len(found.statements)


def with_value(value: SDDerivedValue, document: Document = SHOWN) -> Document:
    return {**document, "proof": {**document["proof"], "proofValue": value.to_text()}}


def test_a_part_is_shown() -> None:
    assert verify(SHOWN) == 5
    assert "description" not in SHOWN["credentialSubject"]
    assert "name" not in SHOWN


def test_base_is_checked_by_its_holder() -> None:
    assert len(ecdsa_sd_2023.verify_base(BASE, public_key=KEY.public_key, contexts=CONTEXTS).signatures) == 5
    for changed in ({"name": "Other"}, {"credentialSubject": {"name": "Anna"}}):
        with pytest.raises((WrongProof, WrongStatements)):
            ecdsa_sd_2023.verify_base({**BASE, **changed}, public_key=KEY.public_key, contexts=CONTEXTS)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: {**d, "issuer": "did:example:other"},
        lambda d: {**d, "validUntil": "2028-01-01T00:00:00Z"},
        lambda d: {**d, "credentialSubject": {"name": "Bea"}},
        lambda d: {**d, "name": "Added"},
        lambda d: {name: value for name, value in d.items() if name != "validUntil"},
        lambda d: {**d, "proof": {**d["proof"], "created": "2026-01-02T00:00:00Z"}},
        lambda d: with_value(replace(VALUE, signatures=VALUE.signatures[::-1])),
        lambda d: with_value(replace(VALUE, signatures=VALUE.signatures[:-1])),
        lambda d: with_value(replace(VALUE, mandatory_indexes=VALUE.mandatory_indexes[:-1])),
        lambda d: with_value(replace(VALUE, proof_key=KEY.public_key)),
        lambda d: with_value(
            replace(VALUE, labels=dict(zip(VALUE.labels, [*VALUE.labels.values()][::-1], strict=True)))
        ),
    ],
)
def test_whatever_is_changed_is_noticed(change: Callable[[Document], Document]) -> None:
    with pytest.raises((WrongProof, WrongStatements)):
        verify(change(SHOWN))


def test_statements_of_another_credential() -> None:
    other = ecdsa_sd_2023.derive(
        issue({**DOCUMENT, "credentialSubject": {"name": "Bea"}}),
        selective_pointers=["/credentialSubject/name"],
        contexts=CONTEXTS,
    )
    stolen = SDDerivedValue.from_text(other["proof"]["proofValue"])
    with pytest.raises(WrongProof):
        verify(with_value(replace(VALUE, signatures=stolen.signatures), {**other, "proof": SHOWN["proof"]}))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("u2V0BhQ", MalformedProof),
        ("z2V0BhQ", MalformedProof),
        ("u" + "A" * 600_000, MalformedProof),
        (BASE["proof"]["proofValue"], UnknownCryptosuite),
        (None, MalformedProof),
    ],
)
def test_malformed_values(text: object, refusal: type[ProofRejected]) -> None:
    with pytest.raises(refusal):
        verify({**SHOWN, "proof": {**SHOWN["proof"], "proofValue": text}})


def test_other_keys() -> None:
    with pytest.raises(WrongKey):
        ecdsa_sd_2023.verify_derived(SHOWN, public_key=Ed25519Key(b"1" * 32).public_key, contexts=CONTEXTS)
    with pytest.raises(WrongProof):
        ecdsa_sd_2023.verify_derived(SHOWN, public_key=ECDSAKey(KeyKind.P256, b"1" * 32).public_key, contexts=CONTEXTS)
    with pytest.raises(WrongKey):
        ecdsa_sd_2023.create_base(
            DOCUMENT,
            signer=ECDSAKey(KeyKind.P384, b"1" * 48),
            options=OPTIONS,
            mandatory_pointers=(),
            contexts=CONTEXTS,
        )


def test_nothing_to_show() -> None:
    with pytest.raises(PointerRejected):
        ecdsa_sd_2023.derive(issue(pointers=()), selective_pointers=[], contexts=CONTEXTS)


def test_values_are_written_as_they_were_read() -> None:
    text = BASE["proof"]["proofValue"]
    assert SDBaseValue.from_text(text).to_text() == text
    assert VALUE.to_text() == SHOWN["proof"]["proofValue"]
