"""The published vectors of W3C vc-di-bbs: base and derived proofs of the baseline, byte for byte."""

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import Contexts, canonical_lines, canonicalize, shuffled_labels, to_quads
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.types import UnknownCryptosuite
from panacea.crypto.bbs import SHA256


def read(name: str) -> Any:  # Any: JSON of the vectors
    return json.loads(shared(name).read_text(), parse_float=Decimal)


def contexts() -> Contexts:
    known = Contexts.bundled()
    index = read("contexts/index.json")
    return known.with_extra({url: read(f"contexts/{file}") for url, file in index.items() if url not in known})


KEYS, DERIVATION = read("vc-di-bbs/BBSKeyMaterial.json"), read("vc-di-bbs/BBSDeriveMaterial.json")
PUBLIC, SECRET = bytes.fromhex(KEYS["publicKeyHex"]), bytes.fromhex(KEYS["privateKeyHex"])
HMAC_KEY, SHOWN_HEADER = bytes.fromhex(KEYS["hmacKeyString"]), bytes.fromhex(DERIVATION["presentationHeaderHex"])


@dataclass(frozen=True)
class MockedScalars:
    """The random source of the vectors: the seed, expanded under the ciphersuite's own name."""

    seed: bytes

    def token(self, size: int) -> bytes:
        return SHA256.expand(self.seed, SHA256.api_id, size)


def test_base_proof() -> None:
    expected = read("vc-di-bbs/addSignedSDBase.json")
    made = bbs2023.create_base(
        read("vc-di-bbs/windDoc.json"),
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method=expected["proof"]["verificationMethod"],
        mandatory_pointers=read("vc-di-bbs/windMandatory.json"),
        contexts=contexts(),
        created=expected["proof"]["created"],
        hmac_key=HMAC_KEY,
    )
    assert made == expected
    steps = read("vc-di-bbs/addHashData.json")
    value = bbs2023.verify_base(made, public_key=PUBLIC, contexts=contexts())
    assert value.header.hex() == steps["proofHash"] + steps["mandatoryHash"]
    assert value.signature.hex() == read("vc-di-bbs/addRawBaseSignatureInfo.json")["bbsSignature"]


def test_derived_proof() -> None:
    expected = read("vc-di-bbs/derivedRevealDocument.json")
    derived = bbs2023.derive(
        read("vc-di-bbs/addSignedSDBase.json"),
        selective_pointers=read("vc-di-bbs/windSelective.json"),
        presentation_header=SHOWN_HEADER,
        public_key=PUBLIC,
        contexts=contexts(),
        random=MockedScalars(bytes.fromhex(DERIVATION["pseudoRandSeedHex"])),
    )
    assert derived == expected
    value = DerivedValue.from_text(derived["proof"]["proofValue"])
    steps = read("vc-di-bbs/derivedDisclosureData.json")
    assert value.proof.hex() == steps["bbsProof"]
    assert value.labels == dict(steps["labelMap"]["value"])
    assert list(value.mandatory_indexes) == steps["mandatoryIndexes"]
    assert list(value.selective_indexes) == steps["adjSelectiveIndexes"]


def test_derived_proof_is_verified() -> None:
    found = bbs2023.verify_derived(
        read("vc-di-bbs/derivedRevealDocument.json"),
        public_key=PUBLIC,
        presentation_header_expected=SHOWN_HEADER,
        contexts=contexts(),
        named_contexts_only=False,
    )
    assert (found.mandatory, found.disclosed, found.hidden) == (14, (3, 4, 5, 8, 9, 10), 8)


def test_proof_values_are_written_as_they_were_read() -> None:
    base = read("vc-di-bbs/addSignedSDBase.json")["proof"]["proofValue"]
    assert BaseValue.from_text(base).to_text() == base
    derived = read("vc-di-bbs/derivedRevealDocument.json")["proof"]["proofValue"]
    assert DerivedValue.from_text(derived).to_text() == derived


@pytest.mark.parametrize("folder", ["", "HolderBinding/", "Pseudonym/", "PseudonymHB/"])
def test_labels_are_shuffled(folder: str) -> None:
    document = read(f"vc-di-bbs/{folder}addSignedSDBase.json")
    document.pop("proof")
    quads = to_quads(document, contexts())
    assert list(canonicalize(quads).lines) == read(f"vc-di-bbs/{folder}addBaseDocCanon.json")
    lines, _ = canonical_lines(quads, shuffled_labels(HMAC_KEY))
    assert list(lines) == read(f"vc-di-bbs/{folder}addBaseDocHMACCanon.json")


@pytest.mark.parametrize("folder", ["HolderBinding", "Pseudonym", "PseudonymHB"])
def test_other_features_are_refused_by_name(folder: str) -> None:
    with pytest.raises(UnknownCryptosuite):
        bbs2023.verify_base(read(f"vc-di-bbs/{folder}/addSignedSDBase.json"), public_key=PUBLIC, contexts=contexts())
