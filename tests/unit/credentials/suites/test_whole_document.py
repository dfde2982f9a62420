"""Attacks on the whole-document suites: the document stands as it was signed, under the key and options it names."""

import hashlib
from decimal import Decimal
from typing import Any, Literal

import pytest

from panacea.credentials.rdf import Contexts, JSONLDRejected, canonicalize, to_quads
from panacea.credentials.suites.canonical_json import canonical_json
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.proofs import Occasion, VerifiedProof, add_proof, verify_proofs
from panacea.credentials.suites.types import (
    BrokenChain,
    InlineContext,
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongOccasion,
    WrongProof,
    WrongPurpose,
    WrongTime,
)
from panacea.crypto import base58
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Signer

NOW = 1_767_225_600
SIGNERS: dict[str, Signer] = {
    "ed25519": Ed25519Key(b"\x07" * 32),
    "p256": ECDSAKey(KeyKind.P256, b"\x07" * 32),
    "p384": ECDSAKey(KeyKind.P384, b"\x07" * 48),
}
CASES = [("eddsa-rdfc-2022", "ed25519"), ("eddsa-jcs-2022", "ed25519")] + [
    (suite, key) for suite in ("ecdsa-rdfc-2019", "ecdsa-jcs-2019") for key in ("p256", "p384")
]
CONTEXTS = Contexts.bundled()
DOCUMENT: dict[str, Any] = {  # Any: JSON of a credential
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "name": "Membership",
    "credentialSubject": {"id": "did:example:holder"},
}
Document = dict[str, Any]  # Any: JSON of a credential


def signed(suite: str, key: str, document: Document = DOCUMENT, **options: Any) -> Document:
    made = ProofOptions(suite, f"did:example:issuer#{key}", options.pop("created", "2026-01-01T00:00:00Z"), **options)
    return add_proof(document, signer=SIGNERS[key], options=made, contexts=CONTEXTS)


def key_of(options: ProofOptions) -> PublicKey:
    return SIGNERS[options.verification_method.partition("#")[2]].public_key


def verify(document: Document, **occasion: Any) -> tuple[VerifiedProof, ...]:
    wanted = Occasion(occasion.pop("purpose", "assertionMethod"), occasion.pop("now", NOW), **occasion)
    return verify_proofs(document, keys=key_of, occasion=wanted, contexts=CONTEXTS)


def with_option(document: Document, name: str, value: object) -> Document:
    return {**document, "proof": {**document["proof"], name: value}}


@pytest.mark.parametrize(("suite", "key"), CASES)
def test_sign_verify(suite: str, key: str) -> None:
    [found] = verify(signed(suite, key))
    assert found.cryptosuite == suite
    assert found.public_key == SIGNERS[key].public_key
    assert found.options.created == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(("suite", "key"), CASES)
@pytest.mark.parametrize("name", ["issuer", "name", "credentialSubject"])
def test_every_member_is_signed(suite: str, key: str, name: str) -> None:
    secured = signed(suite, key)
    other = {"id": "did:example:thief"} if name == "credentialSubject" else "did:example:other"
    with pytest.raises(WrongProof):
        verify({**secured, name: other})
    with pytest.raises(WrongProof):
        verify({key: value for key, value in secured.items() if key != name})


@pytest.mark.parametrize(("suite", "key"), CASES)
@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("created", "2025-01-02T00:00:00Z", WrongProof),
        ("created", None, MalformedProof),
        ("created", "yesterday", MalformedProof),
        ("expires", "2027-01-01T00:00:00Z", WrongProof),
        ("domain", "shop.example", WrongProof),
        ("challenge", "abc", WrongProof),
        ("proofPurpose", "authentication", WrongPurpose),
        ("cryptosuite", "eddsa-rdfc-2021", UnknownCryptosuite),
        ("type", "Ed25519Signature2020", UnknownCryptosuite),
        ("verificationMethod", 7, MalformedProof),
        ("colour", "red", MalformedProof),
        ("previousProof", "urn:x", BrokenChain),
        ("proofValue", "u" + "A" * 86, MalformedProof),
        ("proofValue", "z" + base58.encode(bytes(63)), MalformedProof),
        ("proofValue", "z0", MalformedProof),
        ("proofValue", "z" + "2" * 300, MalformedProof),
        ("proofValue", 7, MalformedProof),
    ],
)
def test_every_option_counts(suite: str, key: str, option: str, value: object, refusal: type[ProofRejected]) -> None:
    with pytest.raises(refusal):
        verify(with_option(signed(suite, key), option, value))


@pytest.mark.parametrize(("suite", "key"), CASES)
def test_zero_signatures(suite: str, key: str) -> None:
    size = 96 if key == "p384" else 64
    with pytest.raises(WrongProof):
        verify(with_option(signed(suite, key), "proofValue", "z" + base58.encode(bytes(size))))


def test_a_key_of_another_kind() -> None:
    for suite, key in (("eddsa-rdfc-2022", "p256"), ("ecdsa-jcs-2019", "ed25519")):
        with pytest.raises(WrongKey):
            signed(suite, key)
    swapped = with_option(signed("eddsa-jcs-2022", "ed25519"), "verificationMethod", "did:example:issuer#p256")
    with pytest.raises(WrongKey):
        verify(swapped)


def test_inline_contexts_are_refused() -> None:
    secured = signed("eddsa-rdfc-2022", "ed25519")
    with pytest.raises(InlineContext):
        verify({**secured, "@context": [*DOCUMENT["@context"], {"nickname": "https://schema.org/name"}]})


@pytest.mark.parametrize("context", ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"])
def test_json_suites_bind_the_contexts(context: str) -> None:
    secured = signed("eddsa-jcs-2022", "ed25519")
    # A context after the signed ones changes nothing that was signed; before them it could redefine terms.
    assert verify({**secured, "@context": [*DOCUMENT["@context"], context]})
    with pytest.raises(MalformedProof):
        verify({**secured, "@context": [context, *DOCUMENT["@context"]]})


def test_occasions() -> None:
    options: Document = {"purpose": "authentication", "challenge": "c", "domain": ("shop.example", "other.example")}
    secured = signed("eddsa-rdfc-2022", "ed25519", **options)
    assert verify(secured, purpose="authentication", challenge="c", domain="shop.example")
    for other in ({"challenge": "d"}, {"domain": "evil.example"}):
        with pytest.raises(WrongOccasion):
            verify(secured, purpose="authentication", **other)
    with pytest.raises(WrongOccasion):
        verify(signed("eddsa-rdfc-2022", "ed25519"), challenge="c")


def test_times() -> None:
    secured = signed("ecdsa-jcs-2019", "p256", expires="2026-01-02T00:00:00Z")
    assert verify(secured)
    with pytest.raises(WrongTime):
        verify(secured, now=NOW + 86_400)
    with pytest.raises(WrongTime):
        verify(secured, now=NOW - 301)


def test_sets_and_chains() -> None:
    first = signed("eddsa-rdfc-2022", "ed25519", id="urn:proof:1")
    second = signed("ecdsa-rdfc-2019", "p256", first)
    third = signed("ecdsa-jcs-2019", "p384", second, previous=("urn:proof:1",))
    assert [proof.cryptosuite for proof in verify(third)] == ["eddsa-rdfc-2022", "ecdsa-rdfc-2019", "ecdsa-jcs-2019"]
    one, two, three = third["proof"]
    assert len(verify({**third, "proof": [three, one]})) == 2
    with pytest.raises(BrokenChain):
        verify({**third, "proof": [two, three]})
    with pytest.raises(WrongProof):
        verify({**third, "proof": [{**two, "id": "urn:proof:1"}, three]})
    with pytest.raises(MalformedProof):
        verify({**third, "proof": [one, {**two, "id": "urn:proof:1"}]})
    for circle in (
        [{**one, "previousProof": "urn:proof:1"}],
        [dict(one, id="a", previousProof="b"), dict(two, id="b", previousProof="a")],
    ):
        with pytest.raises(BrokenChain):
            verify({**third, "proof": circle})
    for none in ([], [7], [one] * 17, None):
        with pytest.raises(MalformedProof):
            verify({**third, "proof": none})


def test_numbers_that_json_canonicalization_would_round() -> None:
    assert canonical_json({"b": Decimal("7.90"), "a": [1, Decimal("1E2"), True]}) == b'{"a":[1,100,true],"b":7.9}'
    for number in (Decimal("0.10000000000000000001"), 2**53, Decimal("9007199254740993.5")):
        with pytest.raises(MalformedProof):
            canonical_json({"number": number})


@pytest.mark.parametrize(("key", "hashed"), [("p256", "sha256"), ("p384", "sha384")])
def test_blank_nodes_are_labelled_by_the_hash_of_the_key(key: str, hashed: Literal["sha256", "sha384"]) -> None:
    nodes = [{"type": "VerifiableCredential", "name": str(number)} for number in range(8)]
    document = {**DOCUMENT, "credentialSubject": nodes}
    texts = {
        algorithm: canonicalize(to_quads(document, CONTEXTS), algorithm=algorithm).text
        for algorithm in ("sha256", "sha384")
    }
    assert texts["sha256"] != texts["sha384"]
    proof = signed("ecdsa-rdfc-2019", key, document)["proof"]
    options = ProofOptions.from_json(proof).canonical(document, CONTEXTS)
    payload = b"".join(hashlib.new(hashed, text.encode()).digest() for text in (options, texts[hashed]))
    signature = base58.decode(proof["proofValue"][1:])
    SIGNERS[key].public_key.verify(payload, signature)


@pytest.mark.parametrize(("suite", "key"), CASES)
def test_a_document_whose_contexts_were_taken_away_is_refused(suite: str, key: str) -> None:
    secured = signed(suite, key)
    bare = {name: value for name, value in secured.items() if name != "@context"}
    with pytest.raises((MalformedProof, JSONLDRejected)):
        verify(bare)
    with pytest.raises((MalformedProof, WrongProof)):
        verify({"https://example.com/name": "x", "proof": secured["proof"]})
