"""Older proof types: what other libraries signed verifies, and nothing else does."""

import base64
import copy
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import legacy_bbs_plus as bbs_plus
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.legacy import LEGACY, SECP256K1_ORDER, legacy_contexts
from panacea.credentials.suites.proofs import Occasion, VerifiedProof, verify_proofs
from panacea.credentials.suites.types import (
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongProof,
    WrongStatements,
)
from panacea.crypto.hazmat.bls12381 import G2_GENERATOR
from panacea.crypto.keys import Ed25519Key, KeyKind, PublicKey, Secp256k1Key
from panacea.primitives.rejected import Rejected

GIVEN = json.loads(Path(__file__).with_name("data").joinpath("legacy.json").read_text(encoding="utf-8"))
CONTEXTS = legacy_contexts(Contexts.bundled().with_extra(GIVEN["contexts"]))
NOW = 1_800_000_000
SECONDS = 0.5


@dataclass(frozen=True)
class Case:
    name: str
    key: PublicKey
    document: dict[str, Any]

    @property
    def proof(self) -> dict[str, Any]:
        proof = self.document["proof"]
        found: dict[str, Any] = proof[0] if isinstance(proof, list) else proof
        return found

    def with_proof(self, **changes: Any) -> dict[str, Any]:
        proof = {**self.proof, **changes}
        return {**self.document, "proof": {name: value for name, value in proof.items() if value is not None}}


CASES = {
    given["name"]: Case(
        given["name"],
        PublicKey(KeyKind(given["key"]["kind"]), bytes.fromhex(given["key"]["hex"])),
        given["document"],
    )
    for given in GIVEN["cases"]
}
DERIVED = [case for case in CASES.values() if case.proof["type"] == "BbsBlsSignatureProof2020"]
every = pytest.mark.parametrize("case", CASES.values(), ids=lambda case: case.name)
every_derived = pytest.mark.parametrize("case", DERIVED, ids=lambda case: case.name)


def verify(document: dict[str, Any], key: PublicKey, purpose: str | None = None) -> tuple[VerifiedProof, ...]:
    proof = document["proof"]
    purpose = purpose or (proof[0] if isinstance(proof, list) else proof)["proofPurpose"]
    return verify_proofs(
        document, keys=lambda _: key, occasion=Occasion(purpose, NOW), contexts=CONTEXTS, legacy=LEGACY
    )


def refused(document: dict[str, Any], key: PublicKey, *reasons: type[Rejected]) -> None:
    started = time.process_time()
    with pytest.raises(reasons or Rejected):
        verify(document, key)
    assert time.process_time() - started < SECONDS


@every
def test_what_other_libraries_signed_verifies(case: Case) -> None:
    [verified] = verify(case.document, case.key)
    assert verified.cryptosuite == case.proof["type"]
    assert verified.options.verification_method == case.proof["verificationMethod"]


@every
def test_nothing_of_it_is_accepted_unasked(case: Case) -> None:
    with pytest.raises(UnknownCryptosuite):
        verify_proofs(
            case.document,
            keys=lambda _: case.key,
            occasion=Occasion(case.proof["proofPurpose"], NOW),
            contexts=CONTEXTS,
        )


def changed(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each text of a document, replaced by another of its kind."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in {"@context", "proof"}:
                yield from changed(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from changed(inner, (*path, index))
    else:
        yield path, {"7.90": "7.9", "98": "99"}.get(value) or _another(value)


def _another(text: str) -> str:
    if text in {"VerifiableCredential", "LabCredential", "Result"}:
        return "VerifiablePresentation"
    if text.startswith("urn:bnid:"):
        return "urn:bnid:_:c14n7"
    return text[:-1] + ("1" if text[-1] != "1" else "2")


@every
def test_each_field_of_the_document_is_signed(case: Case) -> None:
    tried = 0
    for path, value in changed(case.document):
        document = copy.deepcopy(case.document)
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value
        refused(document, case.key)
        tried += 1
    assert tried > 5


@every
def test_no_field_of_the_document_may_be_left_out_or_added(case: Case) -> None:
    for name in ("issuer", "issuanceDate", "credentialSubject"):
        refused({member: value for member, value in case.document.items() if member != name}, case.key)
    refused({**case.document, "expirationDate": "2099-01-01T00:00:00Z"}, case.key)
    subject = {**case.document["credentialSubject"], "value": "1"}
    refused({**case.document, "credentialSubject": subject}, case.key)


@every
def test_each_option_of_the_proof_is_signed(case: Case) -> None:
    changes: list[dict[str, Any]] = [
        {"created": "2023-04-05T06:07:09Z"},
        {"created": None},
        {"verificationMethod": "did:example:issuer#other"},
        {"proofPurpose": "keyAgreement"},
        {"domain": "other.example"},
        {"challenge": "c-2"},
        {"expires": "2099-01-01T00:00:00Z"},
        {"id": "urn:x:1"},
        {"cryptosuite": "eddsa-rdfc-2022"},
    ]
    if case not in DERIVED:
        changes.append({"nonce": "AAAA"})
    for change in changes:
        refused(case.with_proof(**change), case.key)


@every
def test_the_key_is_the_one_given(case: Case) -> None:
    other = {
        KeyKind.SECP256K1: Secp256k1Key(b"k" * 32).public_key,
        KeyKind.BLS12381G2: PublicKey(KeyKind.BLS12381G2, G2_GENERATOR.to_compressed_bytes()),
    }[case.key.kind]
    refused(case.document, other, WrongProof)
    refused(case.document, Ed25519Key(b"k" * 32).public_key, WrongKey)
    broken = {KeyKind.SECP256K1: b"\x02" + b"\xff" * 32, KeyKind.BLS12381G2: b"\xa0" + b"\xff" * 95}[case.key.kind]
    refused(case.document, PublicKey(case.key.kind, broken), WrongKey)


@every
@pytest.mark.parametrize("value", [None, 7, "", "z", "AA", "A" * 100_000, "=", "Ã©", ["AA"]])
def test_a_malformed_value_is_refused(case: Case, value: object) -> None:
    name = "jws" if "jws" in case.proof else "proofValue"
    refused(case.with_proof(**{name: value}), case.key, MalformedProof)


@every
def test_a_value_has_one_spelling_in_each_alphabet(case: Case) -> None:
    name = "jws" if "jws" in case.proof else "proofValue"
    head, dot, value = case.proof[name].rpartition(".")
    octets = base64.urlsafe_b64decode(value.replace("+", "-").replace("/", "_") + "=" * (-len(value) % 4))
    for again in (base64.b64encode(octets), base64.urlsafe_b64encode(octets).rstrip(b"=")):
        verify(case.with_proof(**{name: head + dot + again.decode()}), case.key)
    refused(case.with_proof(**{name: head + dot + value + "\n"}), case.key, MalformedProof)
    refused(case.with_proof(**{name: head + dot + value + "===="}), case.key, MalformedProof)


# Ed25519Signature2020


def test_ed25519_signature_2020_signs_options_and_document() -> None:
    signer = Ed25519Key(b"s" * 32)
    document = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/suites/ed25519-2020/v1"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2023-04-05T06:07:08Z",
        "credentialSubject": {"id": "did:example:holder"},
    }
    proof = {
        "type": "Ed25519Signature2020",
        "created": "2023-04-05T06:07:08Z",
        "verificationMethod": "did:example:issuer#k",
        "proofPurpose": "assertionMethod",
    }
    refused({**document, "proof": {**proof, "proofValue": "z" + "1" * 64}}, signer.public_key, WrongProof)
    refused({**document, "proof": proof}, signer.public_key, MalformedProof)
    refused({**document, "proof": {**proof, "cryptosuite": "eddsa-rdfc-2022"}}, signer.public_key, MalformedProof)
    assert ProofOptions.from_json(proof).type == "Ed25519Signature2020"


# EcdsaSecp256k1Signature2019

JWS = [case for case in CASES.values() if "jws" in case.proof]


def header(**members: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(members).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize("case", JWS, ids=lambda case: case.name)
@pytest.mark.parametrize(
    "head",
    [
        header(alg="none", b64=False, crit=["b64"]),
        header(alg="HS256", b64=False, crit=["b64"]),
        header(alg="ES256", b64=False, crit=["b64"]),
        header(alg="ES256K", b64=True, crit=["b64"]),
        header(alg="ES256K", b64=0, crit=["b64"]),
        header(alg="ES256K", b64=False),
        header(alg="ES256K", b64=False, crit=[]),
        header(alg="ES256K", b64=False, crit=["b64"], jwk={}),
        header(),
        base64.urlsafe_b64encode(b"[" * 30_000).decode(),
        "W10",
        "bm8",
        "",
        "e",
        base64.urlsafe_b64encode(b"[" * 48_000).decode(),
    ],
)
def test_a_jws_has_the_one_header(case: Case, head: str) -> None:
    signature = case.proof["jws"].rpartition(".")[2]
    refused(case.with_proof(jws=f"{head}..{signature}"), case.key, MalformedProof)


@pytest.mark.parametrize("case", JWS, ids=lambda case: case.name)
def test_a_jws_is_detached(case: Case) -> None:
    head, _, signature = case.proof["jws"].split(".")
    for jws in (f"{head}.e30.{signature}", f"{head}.{signature}", f"{head}..", f"{head}...{signature}"):
        refused(case.with_proof(jws=jws), case.key, MalformedProof)
    # The same signature as a proofValue would be over other bytes.
    refused(case.with_proof(jws=None, proofValue=signature), case.key, WrongProof)
    refused(case.with_proof(proofValue=signature), case.key, MalformedProof)


def test_a_header_with_its_members_in_another_order_is_signed_as_it_stands() -> None:
    case = CASES["secp256k1-aries-jws"]
    signature = case.proof["jws"].rpartition(".")[2]
    other = header(b64=False, crit=["b64"], alg="ES256K")
    refused(case.with_proof(jws=f"{other}..{signature}"), case.key, WrongProof)


def test_either_s_of_a_signature_is_accepted_and_no_other() -> None:
    case = CASES["secp256k1-aries-value"]
    signature = base64.urlsafe_b64decode(case.proof["proofValue"] + "==")
    r, s = signature[:32], int.from_bytes(signature[32:], "big")

    def with_s(value: int) -> dict[str, Any]:
        octets = r + value.to_bytes(32, "big")
        return case.with_proof(proofValue=base64.urlsafe_b64encode(octets).rstrip(b"=").decode())

    verify(with_s(SECP256K1_ORDER - s), case.key)
    for value in (0, SECP256K1_ORDER, SECP256K1_ORDER + s, 2**256 - 1):
        if value < 2**256:
            refused(with_s(value), case.key, MalformedProof)
    refused(with_s(s - 1), case.key, WrongProof)


# BBS+


def octets_of(case: Case) -> bytes:
    text = case.proof["proofValue"].replace("-", "+").replace("_", "/")
    return base64.b64decode(text + "=" * (-len(text) % 4))


def text_of(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


@every_derived
def test_each_bit_of_a_derived_proof_counts(case: Case) -> None:
    octets = octets_of(case)
    for at in range(0, len(octets), 7):
        mutated = bytearray(octets)
        mutated[at] ^= 1
        refused(case.with_proof(proofValue=text_of(bytes(mutated))), case.key, ProofRejected)
    for size in range(1, len(octets), 31):
        refused(case.with_proof(proofValue=text_of(octets[:size])), case.key, ProofRejected)
    refused(case.with_proof(proofValue=text_of(octets + b"\0")), case.key, MalformedProof)


@every_derived
def test_a_derived_proof_is_for_its_nonce(case: Case) -> None:
    refused(case.with_proof(nonce=text_of(b"another")), case.key, WrongProof)
    refused(case.with_proof(nonce=None), case.key, MalformedProof)


@every_derived
def test_the_identity_is_no_point_of_a_proof(case: Case) -> None:
    octets = octets_of(case)
    first = 2 + (int.from_bytes(octets[:2], "big") // 8 + 1)
    for number in range(3):
        at = first + 48 * number
        for identity in (b"\xc0" + bytes(47), b"\xc0" + bytes(46) + b"\1"):
            mutated = octets[:at] + identity + octets[at + 48 :]
            refused(case.with_proof(proofValue=text_of(mutated)), case.key, MalformedProof)


@every_derived
def test_a_proof_shows_no_message_beyond_the_last(case: Case) -> None:
    octets = bytearray(octets_of(case))
    octets[2] |= 0x80
    refused(case.with_proof(proofValue=text_of(bytes(octets))), case.key, MalformedProof)


def test_a_claim_of_many_messages_costs_little() -> None:
    case = CASES["bbs-npm-derived"]
    octets = octets_of(case)
    for count in (0, 401, 0xFFFF):
        grown = count.to_bytes(2, "big") + bytes(count // 8 + 1) + octets[5:]
        refused(case.with_proof(proofValue=text_of(grown)), case.key, WrongStatements)


def test_a_signature_binds_a_bounded_number_of_messages() -> None:
    case = CASES["bbs-npm"]
    with pytest.raises(WrongStatements):
        bbs_plus.verify_signature(case.key.raw, octets_of(case), [b"m"] * (bbs_plus.MAX_MESSAGES + 1))
    with pytest.raises(WrongStatements):
        bbs_plus.verify_signature(case.key.raw, octets_of(case), [])


@pytest.mark.parametrize("name", ["bbs-npm", "bbs-aries"])
def test_a_signature_is_of_canonical_parts(name: str) -> None:
    case = CASES[name]
    octets = octets_of(case)
    order = (0x73EDA753299D7D483339D80809A1D80553BDA402FFFE5BFEFFFFFFFF00000001).to_bytes(32, "big")
    for bad in (
        b"\xc0" + bytes(47) + octets[48:],
        octets[:48] + order + octets[80:],
        octets[:80] + bytes(32),
        b"\xa0" + b"\xff" * 47 + octets[48:],
        octets[:111],
        octets + b"\0",
    ):
        refused(case.with_proof(proofValue=text_of(bad)), case.key, MalformedProof)
    swapped = octets[:48] + octets[80:] + octets[48:80]
    refused(case.with_proof(proofValue=text_of(swapped)), case.key, WrongProof)


def test_the_proof_of_another_credential_is_no_proof_of_this_one() -> None:
    shown, other = CASES["bbs-npm-derived"], CASES["bbs-npm-derived-nodes"]
    refused({**shown.document, "proof": other.document["proof"]}, shown.key)
    base = CASES["bbs-npm"]
    refused({**shown.document, "proof": base.document["proof"]}, shown.key)
    refused({**base.document, "proof": shown.document["proof"]}, shown.key)


@pytest.mark.parametrize("name", ["bbs-npm-derived-nodes", "bbs-aries-derived-nodes"])
def test_a_derived_document_has_stand_ins_for_its_blank_nodes(name: str) -> None:
    """A node of what was signed could otherwise be shown as two: one by its stand-in, one by a label of its own."""
    case = CASES[name]
    subject = case.document["credentialSubject"]
    results = [{member: value for member, value in result.items() if member != "id"} for result in subject["result"]]
    refused({**case.document, "credentialSubject": {**subject, "result": results}}, case.key, MalformedProof)
    mixed = [subject["result"][0], results[1]]
    refused({**case.document, "credentialSubject": {**subject, "result": mixed}}, case.key, MalformedProof)


@pytest.mark.parametrize("name", ["bbs-npm-derived-nodes", "bbs-aries-derived-nodes"])
def test_a_stand_in_within_a_text_is_left_alone(name: str) -> None:
    case = CASES[name]
    subject = {**case.document["credentialSubject"], "name": "<urn:bnid:_:c14n0>"}
    refused({**case.document, "credentialSubject": subject}, case.key)


def test_bases_depend_on_the_key_and_on_the_number_of_messages() -> None:
    key = CASES["bbs-npm"].key.raw
    few, more = bbs_plus.bases_of(key, 2), bbs_plus.bases_of(key, 3)
    assert len(few) == 3
    points = {point.to_compressed_bytes() for point in (*few, *more, *bbs_plus.bases_of(CASES["bbs-aries"].key.raw, 2))}
    assert len(points) == 10


# Contexts


def test_legacy_contexts_come_beside_those_that_are_known() -> None:
    contexts = legacy_contexts(Contexts.bundled())
    assert set(Contexts.bundled()) < set(contexts)
    assert "https://w3id.org/security/bbs/v1" in contexts
