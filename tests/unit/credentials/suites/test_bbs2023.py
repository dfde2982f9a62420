"""Attacks on bbs-2023: what is shown is what the issuer signed, all that it demands, to whom it was shown."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts
from panacea.credentials.rdf.types import JSONLDRejected, PointerRejected
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.types import (
    InlineContext,
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongPresentation,
    WrongProof,
    WrongPurpose,
    WrongStatements,
)
from panacea.crypto.bbs import SHA256

Document = dict[str, Any]  # Any: JSON of a credential

RECORD = "https://records.example/context"
OTHER = "https://records.example/other"
CONTEXTS = Contexts.bundled().with_extra(
    {
        RECORD: {"@context": {"@vocab": "https://records.example/#"}},
        OTHER: {"@context": {"@vocab": "https://records.example/other#"}},
    }
)
SECRET = SHA256.key_gen(b"issuer" * 6)
PUBLIC = SHA256.public_key(SECRET)
METHOD = "did:example:issuer#key-1"
MANDATORY = ["/type", "/issuer", "/validUntil"]
SHOWN = b"for deal 7"


def credential(value: str = "6.1", holder: str = "did:example:holder") -> Document:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", RECORD],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {
            "id": holder,
            "observation": [
                {"code": {"system": "http://loinc.org", "code": "4548-4"}, "quantity": {"value": value, "unit": "%"}},
                {"code": {"system": "http://loinc.org", "code": "2339-0"}, "quantity": {"value": "90", "unit": "mg"}},
            ],
        },
    }


def issued(document: Document) -> Document:
    return bbs2023.create_base(
        document,
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method=METHOD,
        mandatory_pointers=MANDATORY,
        contexts=CONTEXTS,
        created="2026-01-01T00:00:00Z",
    )


def shown(secured: Document, *pointers: str) -> Document:
    return bbs2023.derive(
        secured, selective_pointers=pointers, presentation_header=SHOWN, public_key=PUBLIC, contexts=CONTEXTS
    )


def verified(secured: Document, expected: bytes | None = SHOWN) -> bbs2023.Derived:
    return bbs2023.verify_derived(secured, public_key=PUBLIC, presentation_header_expected=expected, contexts=CONTEXTS)


BASE = issued(credential())
FIRST = "/credentialSubject/observation/0"
DERIVED = shown(BASE, FIRST)
VALUE = DerivedValue.from_text(DERIVED["proof"]["proofValue"])


def with_value(value: DerivedValue, document: Document = DERIVED) -> Document:
    return {**document, "proof": {**document["proof"], "proofValue": value.to_text()}}


def changed(document: Document, path: list[str | int], value: object) -> Document:
    copied: Any = copy.deepcopy(document)  # Any: walked by path
    place = copied
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return copied  # type: ignore[no-any-return]  # the root is the document


def test_issue_derive_verify() -> None:
    bbs2023.verify_base(BASE, public_key=PUBLIC, contexts=CONTEXTS)
    found = verified(DERIVED)
    assert found.presentation_header == SHOWN
    assert found.options.verification_method == METHOD
    assert len(found.statements) == found.mandatory + len(found.disclosed)
    assert found.mandatory == 3  # type, issuer, validUntil
    assert found.hidden > 0
    assert "2339-0" not in "".join(found.statements)
    assert DERIVED["credentialSubject"]["observation"] == credential()["credentialSubject"]["observation"][:1]


def test_the_second_of_two_alike() -> None:
    derived = shown(BASE, "/credentialSubject/observation/1/quantity")
    assert any('"90"' in statement for statement in verified(derived).statements)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_one_of_several_alike(index: int) -> None:
    """Blank nodes that nothing tells apart: whichever is shown, its statements are among those signed."""
    document = credential()
    reading = {"code": "718-7", "quantity": {"value": "13.2"}}
    document["credentialSubject"]["observation"] = [copy.deepcopy(reading) for _ in range(3)]
    found = verified(shown(issued(document), f"/credentialSubject/observation/{index}"))
    assert sum('"13.2"' in statement for statement in found.statements) == 1
    assert found.hidden == 8


def test_nothing_but_what_is_mandatory() -> None:
    assert verified(shown(BASE)).disclosed == ()


def test_all_of_it() -> None:
    assert verified(shown(BASE, "/credentialSubject")).hidden == 0


def test_two_presentations_cannot_be_told_apart_by_labels() -> None:
    """Labels are shuffled by a fresh key for each credential."""
    keys = {BaseValue.from_text(issued(credential())["proof"]["proofValue"]).hmac_key for _ in range(3)}
    assert len(keys) == 3


def test_any_header_is_accepted_and_told_when_none_is_expected() -> None:
    assert verified(DERIVED, None).presentation_header == SHOWN


def test_shown_to_somebody_else() -> None:
    with pytest.raises(WrongPresentation):
        verified(DERIVED, b"for deal 8")
    with pytest.raises(WrongProof):
        verified(with_value(replace(VALUE, presentation_header=b"for deal 8")), b"for deal 8")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["issuer"], "did:example:other"),
        (["validUntil"], "2037-01-01T00:00:00Z"),
        (["credentialSubject", "id"], "did:example:thief"),
        (["credentialSubject", "observation", 0, "quantity", "value"], "5.1"),
        (["proof", "created"], "2026-02-01T00:00:00Z"),
        (["proof", "verificationMethod"], "did:example:issuer#key-2"),
        (["@context", 1], OTHER),
    ],
)
def test_changed_documents_are_refused(path: list[str | int], value: object) -> None:
    with pytest.raises(WrongProof):
        verified(changed(DERIVED, path, value))
    with pytest.raises(WrongProof):
        bbs2023.verify_base(changed(BASE, path, value), public_key=PUBLIC, contexts=CONTEXTS)


@pytest.mark.parametrize("name", ["issuer", "validUntil"])
def test_what_is_mandatory_cannot_be_hidden(name: str) -> None:
    document = {key: value for key, value in DERIVED.items() if key != name}
    with pytest.raises(WrongStatements):
        verified(document)
    fewer = replace(VALUE, mandatory_indexes=VALUE.mandatory_indexes[:-1])
    with pytest.raises(ProofRejected):
        verified(with_value(fewer, document))


def test_statements_cannot_be_added() -> None:
    with pytest.raises(WrongStatements):
        verified(changed(DERIVED, ["credentialSubject", "name"], "Anna"))
    last = VALUE.selective_indexes[-1]
    with pytest.raises(WrongProof):
        more = replace(VALUE, selective_indexes=(*VALUE.selective_indexes, last + 1), proof=VALUE.proof[:-32])
        verified(with_value(more, changed(DERIVED, ["credentialSubject", "zzz"], "Anna")))


@pytest.mark.parametrize(
    "value",
    [
        replace(VALUE, proof=VALUE.proof[:150] + bytes([VALUE.proof[150] ^ 1]) + VALUE.proof[151:]),
        replace(VALUE, proof=VALUE.proof[:-1] + bytes([VALUE.proof[-1] ^ 1])),
        replace(VALUE, proof=VALUE.proof[48:96] + VALUE.proof[:48] + VALUE.proof[96:]),
        replace(VALUE, proof=VALUE.proof[:-32]),
        replace(VALUE, proof=VALUE.proof + VALUE.proof[-32:]),
        replace(VALUE, selective_indexes=tuple(index + 1 for index in VALUE.selective_indexes)),
        replace(VALUE, mandatory_indexes=VALUE.mandatory_indexes[1:], selective_indexes=VALUE.selective_indexes),
        replace(VALUE, mandatory_indexes=(*VALUE.mandatory_indexes, 99)),
        replace(VALUE, mandatory_indexes=tuple(index + 1 for index in VALUE.mandatory_indexes)),
        replace(VALUE, labels={}),
        replace(VALUE, labels={**VALUE.labels, "c14n99": "b99"}),
        replace(VALUE, labels=dict(zip(VALUE.labels, reversed(list(VALUE.labels.values())), strict=True))),
        replace(VALUE, labels={label: f"b{number + 40}" for number, label in enumerate(VALUE.labels)}),
    ],
)
def test_each_part_of_a_proof_counts(value: DerivedValue) -> None:
    assert value != VALUE
    with pytest.raises((WrongProof, WrongStatements)):
        verified(with_value(value))


def test_a_proof_cannot_be_moved_to_another_credential() -> None:
    other = shown(issued(credential("5.1")), FIRST)
    with pytest.raises(WrongProof):
        verified({**DERIVED, "proof": other["proof"]})
    with pytest.raises(WrongProof):
        bbs2023.verify_base({**BASE, "proof": issued(credential("5.1"))["proof"]}, public_key=PUBLIC, contexts=CONTEXTS)


def test_subjects_of_two_credentials_cannot_be_joined() -> None:
    other = shown(issued(credential("5.1", "did:example:other")), FIRST)
    with pytest.raises(WrongProof):
        verified({**DERIVED, "credentialSubject": other["credentialSubject"]})


def test_another_key() -> None:
    stranger = SHA256.public_key(SHA256.key_gen(b"stranger" * 4))
    with pytest.raises(WrongProof):
        bbs2023.verify_derived(DERIVED, public_key=stranger, presentation_header_expected=SHOWN, contexts=CONTEXTS)
    with pytest.raises(WrongKey):
        bbs2023.verify_base(BASE, public_key=stranger, contexts=CONTEXTS)
    with pytest.raises(WrongKey):
        bbs2023.derive(BASE, selective_pointers=[], presentation_header=SHOWN, public_key=stranger, contexts=CONTEXTS)


def test_a_base_proof_is_no_presentation() -> None:
    with pytest.raises(UnknownCryptosuite):
        verified(BASE)
    with pytest.raises(UnknownCryptosuite):
        bbs2023.verify_base(DERIVED, public_key=PUBLIC, contexts=CONTEXTS)


@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("type", "BbsBlsSignature2020", UnknownCryptosuite),
        ("cryptosuite", "ecdsa-sd-2023", UnknownCryptosuite),
        ("proofPurpose", "authentication", WrongPurpose),
        ("proofPurpose", None, MalformedProof),
        ("created", "yesterday", MalformedProof),
        ("created", None, MalformedProof),
        ("verificationMethod", "", MalformedProof),
        ("verificationMethod", ["did:example:issuer"], MalformedProof),
        ("expires", "2027-01-01T00:00:00Z", WrongProof),
        ("domain", "example.org", WrongProof),
        ("proofValue", "z2YwC8", MalformedProof),
        ("proofValue", None, MalformedProof),
    ],
)
def test_proof_options_are_strict(option: str, value: object, refusal: type[ProofRejected]) -> None:
    with pytest.raises(refusal):
        verified(changed(DERIVED, ["proof", option], value))


@pytest.mark.parametrize("proof", [None, [], [DERIVED["proof"]], "proof"])
def test_exactly_one_proof(proof: object) -> None:
    with pytest.raises(MalformedProof):
        verified({**DERIVED, "proof": proof})
    with pytest.raises(MalformedProof):
        issued({**credential(), "proof": proof})


def test_a_presenter_cannot_define_terms() -> None:
    inline = {"quantity": "https://records.example/#code"}
    with pytest.raises(InlineContext):
        verified(changed(DERIVED, ["@context"], [*DERIVED["@context"], inline]))
    with pytest.raises(InlineContext):
        verified(changed(DERIVED, ["credentialSubject", "@context"], RECORD))


def test_unknown_contexts_are_refused() -> None:
    with pytest.raises(JSONLDRejected):
        verified(changed(DERIVED, ["@context", 1], "https://records.example/elsewhere"))


def test_a_document_needs_a_context() -> None:
    document = {name: value for name, value in credential().items() if name != "@context"}
    with pytest.raises(MalformedProof):
        issued(document)


def test_something_must_be_shown() -> None:
    free = bbs2023.create_base(
        credential(),
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method=METHOD,
        mandatory_pointers=[],
        contexts=CONTEXTS,
    )
    assert verified(shown(free, FIRST)).mandatory == 0
    with pytest.raises(PointerRejected):
        shown(free)


def test_keys_must_be_keys() -> None:
    with pytest.raises(WrongProof):
        bbs2023.create_base(
            credential(),
            secret_key=bytes(32),
            public_key=PUBLIC,
            verification_method=METHOD,
            mandatory_pointers=MANDATORY,
            contexts=CONTEXTS,
        )


@pytest.mark.parametrize("pointer", ["/nowhere", "issuer", "/credentialSubject/observation/2"])
def test_pointers_must_lead_somewhere(pointer: str) -> None:
    with pytest.raises(PointerRejected):
        shown(BASE, pointer)
