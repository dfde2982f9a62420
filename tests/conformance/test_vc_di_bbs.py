"""The published vectors of W3C vc-di-bbs: base and derived proofs byte for byte, and each step of theirs that is ours.

A set is a folder with a signed document; what else lies in it says what is compared. The baseline sets and the three
features are run alike.
"""

import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import (
    Contexts,
    PointerRejected,
    canonical_lines,
    canonicalize,
    canonicalize_and_group,
    select,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.suites import bbs2023, bbs_features
from panacea.credentials.suites.bbs_features import Feature, FeatureBase, FeatureDerived, Holder
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.data_integrity import Secured
from panacea.credentials.suites.types import UnknownCryptosuite, WrongProof
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.experimental import Draft, blind_suite, nym_suite
from panacea.crypto.secret import SecretBytes

ROOT = shared("vc-di-bbs")
BASELINE = "baseline"


def read(path: Path) -> Any:  # Any: JSON of the vectors
    return json.loads(path.read_text(), parse_float=Decimal)


def octets(folder: Path, name: str, key: str) -> bytes:
    text: str = read(folder / name)[key]
    return bytes.fromhex(text.rjust(len(text) + len(text) % 2, "0"))


PUBLIC, SECRET = (
    octets(ROOT, "BBSKeyMaterial.json", "publicKeyHex"),
    octets(ROOT, "BBSKeyMaterial.json", "privateKeyHex"),
)
HMAC_KEY = octets(ROOT, "BBSKeyMaterial.json", "hmacKeyString")
SHOWN_HEADER = octets(ROOT, "BBSDeriveMaterial.json", "presentationHeaderHex")
INPUTS = ROOT / "FeatureInputs"

ALL = sorted(path.parent for path in ROOT.rglob("addSignedSDBase.json"))


def named(folders: list[Path]) -> pytest.MarkDecorator:
    ids = [str(folder.relative_to(ROOT)).replace(".", "root") for folder in folders]
    return pytest.mark.parametrize("folder", folders, ids=ids)


def sets(*names: str) -> pytest.MarkDecorator:
    """Each set that has all these files."""
    return named([folder for folder in ALL if all((folder / name).exists() for name in names)])


def featured(*names: str) -> pytest.MarkDecorator:
    """Each set of a feature that has all these files."""
    found = [folder for folder in ALL if feature_of(folder) is not None]
    return named([folder for folder in found if all((folder / name).exists() for name in names)])


def feature_of(folder: Path) -> Feature | None:
    """The feature that the vectors name; None for the baseline."""
    option = read(folder / "addRawBaseSignatureInfo.json").get("featureOption", BASELINE)
    return None if option == BASELINE else Feature(option)


@cache
def contexts() -> Contexts:
    known = Contexts.bundled()
    index = read(shared("contexts/index.json"))
    extra = {url: read(shared(f"contexts/{file}")) for url, file in index.items() if url not in known}
    return known.with_extra(extra)


def document_of(folder: Path) -> dict[str, Any]:  # Any: a JSON-LD document
    """What was signed. Not the file of the unsigned document: that of `prc` has another description upstream."""
    return {name: value for name, value in read(folder / "addSignedSDBase.json").items() if name != "proof"}


def selective_pointers(folder: Path) -> list[str]:
    """Pointers of the holder: the file whose sibling has the mandatory pointers of this set, for this document."""
    mandatory, document = read(folder / "addRawBaseSignatureInfo.json")["mandatoryPointers"], document_of(folder)
    found = []
    for path in sorted(ROOT.rglob("*Selective.json")):
        sibling = path.with_name(path.name.replace("Selective", "Mandatory"))
        if sibling.exists() and read(sibling) == mandatory:
            try:
                select(document, read(path))
            except PointerRejected:
                continue
            found.append(read(path))
    assert len(found) == 1, f"{len(found)} files of selective pointers fit {folder.name}"
    pointers: list[str] = found[0]
    return pointers


@dataclass(frozen=True)
class MockedScalars:
    """The random source of the vectors: the seed, expanded under the name of the interface in use."""

    dst: bytes

    def token(self, size: int) -> bytes:
        return SHA256.expand(octets(ROOT, "BBSDeriveMaterial.json", "pseudoRandSeedHex"), self.dst, size)


def holder_of(folder: Path, feature: Feature) -> Holder:
    return Holder(
        feature,
        SecretBytes(octets(folder, "commitmentInfo.json", "secretProverBlind")),
        SecretBytes(octets(INPUTS, "holderSecret.json", "holderSecretHex")) if feature.has_secret else None,
        SecretBytes(octets(INPUTS, "proverNym.json", "proverNymHex")) if feature.has_pseudonym else None,
    )


def domain_of(feature: Feature) -> bytes | None:
    return read(INPUTS / "verifierInfo.json")["verifierId"].encode() if feature.has_pseudonym else None


def base_value(folder: Path) -> BaseValue:
    text, feature = read(folder / "addSignedSDBase.json")["proof"]["proofValue"], feature_of(folder)
    return BaseValue.from_text(text) if feature is None else FeatureBase.from_text(feature, text).value


def derived_value(folder: Path) -> DerivedValue:
    text, feature = read(folder / "derivedRevealDocument.json")["proof"]["proofValue"], feature_of(folder)
    return DerivedValue.from_text(text) if feature is None else FeatureDerived.from_text(feature, text).value


def group_map(value: dict[str, Any]) -> dict[int, str]:  # Any: JSON of the vectors
    return dict(value["value"])


@sets("addBaseDocCanon.json", "addBaseDocHMACCanon.json")
def test_labels_are_shuffled(folder: Path) -> None:
    quads = to_quads(document_of(folder), contexts())
    assert list(canonicalize(quads).lines) == read(folder / "addBaseDocCanon.json")
    lines, _ = canonical_lines(quads, shuffled_labels(HMAC_KEY))
    assert list(lines) == read(folder / "addBaseDocHMACCanon.json")


@sets("addBaseTransform.json")
def test_statements_are_sorted(folder: Path) -> None:
    steps = read(folder / "addBaseTransform.json")
    groups = {"mandatory": steps["mandatoryPointers"]}
    grouped = canonicalize_and_group(document_of(folder), shuffled_labels(HMAC_KEY), groups, contexts())
    matching = grouped.groups["mandatory"].matching
    lines = dict(enumerate(grouped.lines))
    assert {index: lines[index] for index in sorted(matching)} == group_map(steps["mandatory"])
    others = {index: line for index, line in lines.items() if index not in matching}
    assert others == group_map(steps["nonMandatory"])


@sets("addProofConfig.json", "addProofConfigCanon.txt", "addHashData.json")
def test_proof_options(folder: Path) -> None:
    canonical = (folder / "addProofConfigCanon.txt").read_text()
    assert "".join(canonicalize(to_quads(read(folder / "addProofConfig.json"), contexts())).lines) == canonical
    steps = read(folder / "addHashData.json")
    assert hashlib.sha256(canonical.encode()).hexdigest() == steps["proofHash"]
    parts = Secured.split(read(folder / "addSignedSDBase.json"), bbs2023.CRYPTOSUITE)
    assert parts.options.digest(parts.document, contexts()).hex() == steps["proofHash"]
    assert base_value(folder).header.hex() == steps["proofHash"] + steps["mandatoryHash"]


@sets("addSignedSDBase.json", "addRawBaseSignatureInfo.json")
def test_base_proof(folder: Path) -> None:
    expected, info = read(folder / "addSignedSDBase.json"), read(folder / "addRawBaseSignatureInfo.json")
    feature = feature_of(folder)
    issued: dict[str, Any] = {  # Any: keyword arguments
        "secret_key": SECRET,
        "public_key": PUBLIC,
        "verification_method": expected["proof"]["verificationMethod"],
        "mandatory_pointers": info["mandatoryPointers"],
        "contexts": contexts(),
        "created": expected["proof"]["created"],
        "hmac_key": HMAC_KEY,
    }
    if feature is None:
        assert bbs2023.create_base(document_of(folder), **issued) == expected
        value = bbs2023.verify_base(expected, public_key=PUBLIC, contexts=contexts())
        assert value.to_text() == expected["proof"]["proofValue"]
    else:
        entropy = octets(INPUTS, "signerNymEntropy.json", "signerNymEntropyHex")
        made = bbs_features.create_base(
            document_of(folder),
            feature=feature,
            commitment=octets(folder, "commitmentInfo.json", "commitmentWithProof"),
            entropy=SecretBytes(entropy) if feature.has_pseudonym else None,
            **issued,
        )
        assert made == expected
        holder = holder_of(folder, feature)
        found = bbs_features.verify_base(expected, holder=holder, public_key=PUBLIC, contexts=contexts())
        assert found.to_text() == expected["proof"]["proofValue"]
        value = found.value
    assert value.signature.hex() == info["bbsSignature"]


@featured("commitmentInfo.json")
def test_commitment(folder: Path) -> None:
    feature = feature_of(folder)
    assert feature is not None
    suite = nym_suite(Draft.NYM_00, SHA256) if feature.has_pseudonym else blind_suite(Draft.BLIND_02, SHA256)
    found = suite.verify_commitment(octets(folder, "commitmentInfo.json", "commitmentWithProof"))
    assert found.count == feature.committed


@featured("nymSecret.json")
def test_nym_secret(folder: Path) -> None:
    feature = feature_of(folder)
    assert feature is not None
    nym = holder_of(folder, feature).nym
    assert nym is not None
    entropy = SecretBytes(octets(INPUTS, "signerNymEntropy.json", "signerNymEntropyHex"))
    (secret,) = nym_suite(Draft.NYM_00, SHA256).add_entropy([nym], entropy)
    assert secret.reveal() == octets(folder, "nymSecret.json", "nymSecretHex").rjust(32, b"\x00")


@sets("derivedRecoveredBaseData.json")
def test_base_proof_is_read(folder: Path) -> None:
    steps, value = read(folder / "derivedRecoveredBaseData.json"), base_value(folder)
    assert value.signature.hex() == steps["bbsSignature"]
    assert value.hmac_key == bytes.fromhex(steps["hmacKey"])
    assert list(value.mandatory_pointers) == steps["mandatoryPointers"]


@sets("derivedRevealDocument.json")
def test_derived_proof(folder: Path) -> None:
    expected, feature = read(folder / "derivedRevealDocument.json"), feature_of(folder)
    shown: dict[str, Any] = {  # Any: keyword arguments
        "selective_pointers": selective_pointers(folder),
        "presentation_header": SHOWN_HEADER,
        "public_key": PUBLIC,
        "contexts": contexts(),
    }
    base = read(folder / "addSignedSDBase.json")
    if feature is None:
        assert bbs2023.derive(base, random=MockedScalars(SHA256.api_id), **shown) == expected
        assert derived_value(folder).to_text() == expected["proof"]["proofValue"]
        return
    draft = nym_suite(Draft.NYM_00, SHA256) if feature.has_pseudonym else blind_suite(Draft.BLIND_02, SHA256)
    made = bbs_features.derive(
        base,
        holder=holder_of(folder, feature),
        domain=domain_of(feature),
        random=MockedScalars(draft.interface.suite.api_id),
        **shown,
    )
    assert made == expected
    value = FeatureDerived.from_text(feature, expected["proof"]["proofValue"])
    assert value.to_text() == expected["proof"]["proofValue"]


@sets("derivedRevealDocument.json", "derivedDisclosureData.json")
def test_disclosure(folder: Path) -> None:
    value, steps = derived_value(folder), read(folder / "derivedDisclosureData.json")
    assert value.proof.hex() == steps["bbsProof"]
    assert value.labels == dict(steps["labelMap"]["value"])
    assert list(value.mandatory_indexes) == steps["mandatoryIndexes"]
    assert list(value.selective_indexes) == steps["adjSelectiveIndexes"]
    if (feature := feature_of(folder)) is not None:
        found = FeatureDerived.from_text(feature, read(folder / "derivedRevealDocument.json")["proof"]["proofValue"])
        assert found.count == steps["lengthBBSMessages"]
        assert (found.pseudonym or b"").hex() == steps.get("pseudonym", "")


@sets("derivedGroupIndexes.json")
def test_groups(folder: Path) -> None:
    steps, mandatory = read(folder / "derivedGroupIndexes.json"), base_value(folder).mandatory_pointers
    groups = {"mandatory": mandatory, "selective": selective_pointers(folder)}
    grouped = canonicalize_and_group(document_of(folder), shuffled_labels(HMAC_KEY), groups, contexts())
    required, chosen = (grouped.groups[name].matching.keys() for name in ("mandatory", "selective"))
    assert sorted(required) == steps["mandatoryIndexes"]
    assert sorted(chosen) == steps["selectiveIndexes"]
    assert sorted(required | chosen) == steps["combinedIndexes"]
    assert sorted(set(range(len(grouped.lines))) - required) == steps["nonMandatoryIndexes"]


@sets("derivedRevealDocument.json", "derivedAdjIndexes.json")
def test_adjusted_indexes(folder: Path) -> None:
    value, steps = derived_value(folder), read(folder / "derivedAdjIndexes.json")
    assert list(value.mandatory_indexes) == steps["adjMandatoryIndexes"]
    assert list(value.selective_indexes) == steps["adjSelectiveIndexes"]


@sets("derivedRevealDocument.json", "verifyDerivedProofValue.json")
def test_derived_proof_is_read(folder: Path) -> None:
    value, steps = derived_value(folder), read(folder / "verifyDerivedProofValue.json")
    assert value.proof.hex() == steps["bbsProof"]
    assert value.labels == dict(steps["labelMap"])
    assert list(value.mandatory_indexes) == steps["mandatoryIndexes"]
    assert list(value.selective_indexes) == steps["adjSelectedIndexes"]


@sets("derivedUnsignedReveal.json")
def test_what_is_revealed(folder: Path) -> None:
    pointers = read(folder / "addRawBaseSignatureInfo.json")["mandatoryPointers"] + selective_pointers(folder)
    assert select(document_of(folder), pointers) == read(folder / "derivedUnsignedReveal.json")


@sets("derivedRevealDocument.json")
def test_derived_proof_is_verified(folder: Path) -> None:
    document, feature = read(folder / "derivedRevealDocument.json"), feature_of(folder)
    demanded: dict[str, Any] = {  # Any: keyword arguments
        "public_key": PUBLIC,
        "presentation_header_expected": SHOWN_HEADER,
        "contexts": contexts(),
        "named_contexts_only": False,
    }
    if feature is None:
        found = bbs2023.verify_derived(document, **demanded)
    else:
        verified = bbs_features.verify_derived(document, feature=feature, domain=domain_of(feature), **demanded)
        found = verified.derived
    value = derived_value(folder)
    assert (found.mandatory, found.disclosed) == (len(value.mandatory_indexes), value.selective_indexes)
    signed = read(folder / "addBaseTransform.json")["nonMandatory"]["value"]
    assert found.hidden == len(signed) - len(found.disclosed)
    if (folder / "verifyNQuads.json").exists():
        assert list(found.statements) == read(folder / "verifyNQuads.json")


@sets("derivedRevealDocument.json")
def test_another_key_signed_none_of_it(folder: Path) -> None:
    document, feature = read(folder / "derivedRevealDocument.json"), feature_of(folder)
    demanded: dict[str, Any] = {  # Any: keyword arguments
        "public_key": SHA256.public_key(SHA256.key_gen(b"s" * 32)),
        "presentation_header_expected": SHOWN_HEADER,
        "contexts": contexts(),
        "named_contexts_only": False,
    }
    with pytest.raises(WrongProof):
        if feature is None:
            bbs2023.verify_derived(document, **demanded)
        else:
            bbs_features.verify_derived(document, feature=feature, domain=domain_of(feature), **demanded)


@featured()
def test_the_baseline_refuses_features_by_name(folder: Path) -> None:
    with pytest.raises(UnknownCryptosuite) as refused:
        bbs2023.verify_base(read(folder / "addSignedSDBase.json"), public_key=PUBLIC, contexts=contexts())
    assert "base proof" in str(refused.value.values["feature"])
    if (folder / "derivedRevealDocument.json").exists():
        with pytest.raises(UnknownCryptosuite, match="not asked for"):
            bbs2023.verify_derived(
                read(folder / "derivedRevealDocument.json"),
                public_key=PUBLIC,
                presentation_header_expected=None,
                contexts=contexts(),
            )
