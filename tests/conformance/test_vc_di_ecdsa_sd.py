"""The published vectors of ecdsa-sd-2023, each folder of them: every intermediate value, byte for byte."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from published_proofs import contexts, key_of, read, signers
from shared_files import shared

from panacea.credentials.rdf import PointerRejected, canonicalize, hmac_labels, to_quads
from panacea.credentials.rdf.selection import canonical_lines
from panacea.credentials.suites import ecdsa_sd_2023
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.sd_values import SDBaseValue, SDDerivedValue
from panacea.crypto.keys import ECDSAKey

ROOT = shared("vc-di-ecdsa")
MATERIAL = read(ROOT / "ecdsa-sd-2023/SDKeyMaterial.json")
KEYS = signers(ROOT)
HMAC_KEY = bytes.fromhex(MATERIAL["hmacKeyString"])
SETS = sorted(path.parent for path in ROOT.rglob("addSignedSDBase.json"))


def base_of(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = read(folder / "addSignedSDBase.json")
    return document


def derived(folder: Path) -> Iterator[dict[str, Any]]:
    """What a holder derives with each published list of selective pointers that fits the document of a set."""
    for path in sorted(ROOT.rglob("*elective.json")):
        with contextlib.suppress(PointerRejected):
            yield ecdsa_sd_2023.derive(base_of(folder), selective_pointers=read(path), contexts=contexts())


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_base_proof(folder: Path) -> None:
    expected = base_of(folder)
    document = {name: value for name, value in expected.items() if name != "proof"}
    base_key = KEYS[MATERIAL["baseKeyPair"]["publicKeyMultibase"]]
    proof_key = KEYS[MATERIAL["proofKeyPair"]["publicKeyMultibase"]]
    assert isinstance(proof_key, ECDSAKey)
    made = ecdsa_sd_2023.create_base(
        document,
        signer=base_key,
        options=ProofOptions.from_json({k: v for k, v in expected["proof"].items() if k != "proofValue"}),
        mandatory_pointers=read(folder / "addRawBaseSignatureInfo.json")["mandatoryPointers"],
        contexts=contexts(),
        hmac_key=HMAC_KEY,
        proof_key=proof_key,
    )
    assert made == expected
    key = key_of(ProofOptions.from_json(expected["proof"]))
    value = ecdsa_sd_2023.verify_base(made, public_key=key, contexts=contexts())
    steps = read(folder / "addRawBaseSignatureInfo.json")
    assert value.base_signature.hex() == steps["baseSignature"]
    assert [signature.hex() for signature in value.signatures] == steps["signatures"]
    assert SDBaseValue.from_text(expected["proof"]["proofValue"]).to_text() == expected["proof"]["proofValue"]


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_steps_of_the_base_proof(folder: Path) -> None:
    document = base_of(folder)
    proof = document.pop("proof")
    quads = to_quads(document, contexts())
    assert list(canonicalize(quads).lines) == read(folder / "addBaseDocCanon.json")
    lines, _ = canonical_lines(quads, hmac_labels(HMAC_KEY))
    assert list(lines) == read(folder / "addBaseDocHMACCanon.json")
    options = ProofOptions.from_json(proof).canonical(document, contexts())
    assert options == (folder / "addProofConfigCanon.txt").read_text()
    assert hashlib.sha256(options.encode()).hexdigest() == read(folder / "addHashData.json")["proofHash"]


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_derived_proof(folder: Path) -> None:
    expected = read(folder / "derivedRevealDocument.json")
    made = next(made for made in derived(folder) if made == expected)
    value = SDDerivedValue.from_text(made["proof"]["proofValue"])
    steps = read(folder / "derivedDisclosureData.json")
    assert [signature.hex() for signature in value.signatures] == steps["signatures"]
    assert value.labels == dict(steps["labelMap"]["value"])
    assert list(value.mandatory_indexes) == steps["mandatoryIndexes"]


@pytest.mark.parametrize("folder", SETS, ids=lambda folder: folder.name)
def test_derived_proof_is_verified(folder: Path) -> None:
    document = read(folder / "derivedRevealDocument.json")
    key = key_of(ProofOptions.from_json(document["proof"]))
    found = ecdsa_sd_2023.verify_derived(document, public_key=key, contexts=contexts())
    expected = json.loads((folder / "verifyNQuads.json").read_text())
    assert list(found.statements) == expected
    assert found.mandatory == len(read(folder / "derivedDisclosureData.json")["mandatoryIndexes"])
