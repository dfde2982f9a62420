"""The published vectors of W3C vc-di-eddsa and vc-di-ecdsa: whole-document suites, proof sets and chains.

Every signed document is verified, its intermediate values are computed anew, and where the vectors give the secret key
the very same proof is made again.
"""

import hashlib
from typing import Any

import pytest
from published_proofs import Signed, contexts, key_of, signed_documents, signers
from shared_files import shared

from panacea.credentials.rdf import canonicalize, to_quads
from panacea.credentials.rdf.canonical import Algorithm
from panacea.credentials.suites.canonical_json import canonical_json
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.legacy import LEGACY, legacy_contexts
from panacea.credentials.suites.proofs import Occasion, add_proof, split_proofs, verify_proofs
from panacea.credentials.suites.types import BrokenChain
from panacea.credentials.suites.whole_document import WHOLE_DOCUMENT
from panacea.crypto.keys import KeyKind

NOW = 1_767_225_600
KEYS = signers(shared("vc-di-eddsa")) | signers(shared("vc-di-ecdsa"))
DOCUMENTS = [
    signed
    for folder in ("vc-di-eddsa", "vc-di-ecdsa")
    for signed in signed_documents(folder)
    if all(proof.get("cryptosuite", "") != "ecdsa-sd-2023" for proof in signed.proofs)
]
STEPS = [signed for signed in DOCUMENTS if signed.has_steps]
CONTEXTS = legacy_contexts(contexts())


def verify(document: dict[str, Any]) -> int:
    proofs = verify_proofs(
        document,
        keys=key_of,
        occasion=Occasion("assertionMethod", NOW),
        contexts=CONTEXTS,
        legacy=LEGACY,
    )
    return len(proofs)


def completed(signed: Signed) -> dict[str, Any]:
    """A document of a chain with the earlier proofs that its vector leaves out."""
    named = {name for proof in signed.proofs for name in _previous(proof)} - {p.get("id") for p in signed.proofs}
    earlier = {
        proof["id"]: proof
        for other in DOCUMENTS
        if other.path.parent == signed.path.parent
        for proof in other.proofs
        if proof.get("id") in named
    }
    if not named:
        return signed.document
    assert earlier.keys() == named
    whole = Signed(signed.path, {**signed.document, "proof": [*earlier.values(), *signed.proofs]})
    return completed(whole)


def _previous(proof: dict[str, Any]) -> list[str]:
    previous = proof.get("previousProof", [])
    return previous if isinstance(previous, list) else [previous]


@pytest.mark.parametrize("signed", DOCUMENTS, ids=lambda signed: signed.name)
def test_it_verifies(signed: Signed) -> None:
    document = completed(signed)
    assert verify(document) == len(split_proofs(document)[1])
    if document is not signed.document:
        with pytest.raises(BrokenChain):
            verify(signed.document)


@pytest.mark.parametrize("signed", STEPS, ids=lambda signed: signed.name)
def test_every_step(signed: Signed) -> None:
    [proof] = signed.proofs
    document = {name: value for name, value in signed.document.items() if name != "proof"}
    options = ProofOptions.from_json(proof) if "cryptosuite" in proof else None
    member = {name: value for name, value in proof.items() if name != "proofValue"}
    hashed = hashlib.sha384 if key_of_proof(proof) is KeyKind.P384 else hashlib.sha256
    if options is not None and WHOLE_DOCUMENT[options.cryptosuite].json:
        canonical, config = canonical_json(document), canonical_json(member)
    else:
        algorithm: Algorithm = "sha384" if key_of_proof(proof) is KeyKind.P384 else "sha256"
        canonical = canonicalize(to_quads(document, CONTEXTS), algorithm=algorithm).text.encode()
        in_context = {**member, "@context": document["@context"]}
        config = canonicalize(to_quads(in_context, CONTEXTS)).text.encode()
    assert canonical.decode() == signed.step("canonDoc")
    assert config.decode() == signed.step("proofCanon")
    assert hashed(canonical).hexdigest() == signed.step("docHash").strip()
    assert hashed(config).hexdigest() == signed.step("proofHash").strip()
    assert (hashed(config).digest() + hashed(canonical).digest()).hex() == signed.step("combinedHash").strip()
    assert proof["proofValue"] == signed.step("sigBTC58").strip()


def key_of_proof(proof: dict[str, Any]) -> KeyKind:
    return key_of(ProofOptions("", proof["verificationMethod"])).kind


@pytest.mark.parametrize("signed", DOCUMENTS, ids=lambda signed: signed.name)
def test_the_same_proof_is_made_again(signed: Signed) -> None:
    document = completed(signed)
    plain, proofs = split_proofs(document)
    made = 0
    for place, proof in enumerate(proofs):
        signer = KEYS.get(proof["verificationMethod"].partition("#")[2])
        if proof.get("cryptosuite") not in WHOLE_DOCUMENT or signer is None:
            continue
        before = {**plain, "proof": proofs[:place]} if place else plain
        options = ProofOptions.from_json(proof)
        again = add_proof(before, signer=signer, options=options, contexts=CONTEXTS)["proof"]
        assert (again[-1] if place else again) == proof
        made += 1
    assert made or all(proof["type"] in LEGACY for proof in proofs)
