"""Attacks on eddsa-rdfc-2022: the document stands as it was signed, under the key and the options it names."""

from typing import Any

import pytest

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import eddsa_rdfc_2022
from panacea.credentials.suites.types import (
    InlineContext,
    MalformedProof,
    ProofRejected,
    UnknownCryptosuite,
    WrongKey,
    WrongProof,
    WrongPurpose,
)
from panacea.crypto import base58
from panacea.crypto.keys import Ed25519Key

KEY = Ed25519Key(b"\x07" * 32)
CONTEXTS = Contexts.bundled()
DOCUMENT: dict[str, Any] = {  # Any: JSON of a credential
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:issuer",
    "name": "Membership",
    "credentialSubject": {"id": "did:example:holder"},
}
SIGNED = eddsa_rdfc_2022.sign(
    DOCUMENT,
    signer=KEY.sign,
    verification_method="did:example:issuer#key-1",
    created="2026-01-01T00:00:00Z",
    contexts=CONTEXTS,
)


def verify(secured: dict[str, Any], key: bytes = KEY.public_key.raw) -> eddsa_rdfc_2022.Verified:
    return eddsa_rdfc_2022.verify(secured, public_key=key, contexts=CONTEXTS)


def with_option(name: str, value: object) -> dict[str, Any]:
    return {**SIGNED, "proof": {**SIGNED["proof"], name: value}}


def test_sign_verify() -> None:
    found = verify(SIGNED)
    assert found.statements == 4
    assert found.options.created == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize("name", ["issuer", "name", "credentialSubject"])
def test_every_member_is_signed(name: str) -> None:
    other = {"id": "did:example:thief"} if name == "credentialSubject" else "did:example:other"
    with pytest.raises(WrongProof):
        verify({**SIGNED, name: other})
    with pytest.raises(WrongProof):
        verify({key: value for key, value in SIGNED.items() if key != name})


@pytest.mark.parametrize(
    ("option", "value", "refusal"),
    [
        ("created", "2026-01-02T00:00:00Z", WrongProof),
        ("verificationMethod", "did:example:issuer#key-2", WrongProof),
        ("proofPurpose", "authentication", WrongPurpose),
        ("cryptosuite", "eddsa-jcs-2022", UnknownCryptosuite),
        ("nonce", "1", MalformedProof),
        ("proofValue", "u" + "A" * 86, MalformedProof),
        ("proofValue", "z" + base58.encode(bytes(63)), MalformedProof),
        ("proofValue", "z0", MalformedProof),
        ("proofValue", "z" + "2" * 200, MalformedProof),
        ("proofValue", 7, MalformedProof),
        ("proofValue", "z" + base58.encode(b"\x01" * 64), WrongProof),
    ],
)
def test_every_option_counts(option: str, value: object, refusal: type[ProofRejected]) -> None:
    with pytest.raises(refusal):
        verify(with_option(option, value))


def test_another_key() -> None:
    with pytest.raises(WrongProof):
        verify(SIGNED, Ed25519Key(b"\x08" * 32).public_key.raw)
    with pytest.raises(WrongKey):
        verify(SIGNED, b"short")


def test_inline_contexts_are_refused() -> None:
    with pytest.raises(InlineContext):
        verify({**SIGNED, "@context": [*DOCUMENT["@context"], {"nickname": "https://schema.org/name"}]})


def test_a_signed_document_is_not_signed_again() -> None:
    with pytest.raises(MalformedProof):
        eddsa_rdfc_2022.sign(
            SIGNED, signer=KEY.sign, verification_method="did:example:issuer#key-1", created=None, contexts=CONTEXTS
        )
