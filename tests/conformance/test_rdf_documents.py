"""The documents of the W3C cryptosuites: each canonical form, grouping and selection they print, found by name."""

import contextlib
import hashlib
import json
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import (
    Contexts,
    LabelMapFactory,
    PointerRejected,
    canonicalize,
    canonicalize_and_group,
    hmac_labels,
    select,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.contexts import BUNDLED

SUITES = [shared(name) for name in ("vc-di-bbs", "vc-di-ecdsa", "vc-di-eddsa")]
INDEX = json.loads((shared("contexts") / "index.json").read_text())

EXCEPTIONS = {
    "vc-di-eddsa/Ed25519Signature2020": "its context is not among the published ones beside the vectors; the suite of "
    "older proof types brings it and runs these files",
}


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def _name(path: Path) -> str:
    return path.relative_to(SUITES[0].parent).as_posix()


def _is_excepted(path: Path) -> bool:
    return any(_name(path).startswith(name) for name in EXCEPTIONS)


def _contexts() -> Contexts:
    root = shared("contexts")
    return Contexts.bundled().with_extra({url: _read(root / name) for url, name in INDEX.items()})


def _published(prefix: str) -> list[Any]:
    """The N-Quads files of that prefix, those of JCS left out, as they are JSON."""
    found = [path for suite in SUITES for path in sorted(suite.rglob(f"{prefix}*.txt"))]
    lines = [path for path in found if path.read_text(encoding="utf-8")[:1] in {"<", "_"} and not _is_excepted(path)]
    return [pytest.param(path, id=_name(path)) for path in lines]


DISCLOSURES: list[Any] = [
    pytest.param(path.parent, id=_name(path.parent))
    for suite in SUITES
    for path in suite.rglob("addBaseTransform.json")
]


def _algorithm(path: Path) -> Any:
    return "sha384" if "384" in path.name else "sha256"


def test_there_is_something_of_each_kind() -> None:
    assert DISCLOSURES
    assert _published("canonDoc")
    assert _published("proofCanon")


@pytest.mark.parametrize("path", _published("canonDoc"))
def test_canonical_document(path: Path) -> None:
    signed = _read(path.with_name(path.name.replace("canonDoc", "signed")).with_suffix(".json"))
    signed.pop("proof")
    quads = to_quads(signed, _contexts())
    assert canonicalize(quads, algorithm=_algorithm(path)).text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _published("proofCanon"))
def test_canonical_proof_options(path: Path) -> None:
    options = _read(path.with_name(path.name.replace("proofCanon", "proofConfig")).with_suffix(".json"))
    quads = to_quads(options, _contexts())
    assert canonicalize(quads, algorithm=_algorithm(path)).text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _published("addProofConfigCanon"))
def test_canonical_proof_options_of_a_disclosure(path: Path) -> None:
    quads = to_quads(_read(path.with_name("addProofConfig.json")), _contexts())
    assert canonicalize(quads).text == path.read_text(encoding="utf-8")


def _document(folder: Path) -> Any:
    document = _read(folder / "addSignedSDBase.json")
    document.pop("proof")
    return document


def _factory(folder: Path) -> LabelMapFactory:
    key = bytes.fromhex(_read(folder / "addBaseTransform.json")["hmacKeyString"])
    return hmac_labels(key) if "ecdsa" in _name(folder) else shuffled_labels(key)


def _selective(folder: Path, mandatory: list[str]) -> list[str]:
    """The selective pointers among the inputs of the suite that lead to what this folder reveals."""
    suite = next(suite for suite in SUITES if folder.is_relative_to(suite))
    reveal, document = _read(folder / "derivedUnsignedReveal.json"), _document(folder)
    for path in sorted(suite.rglob("*Selective.json")):
        pointers: list[str] = _read(path)
        with contextlib.suppress(PointerRejected):  # the pointers of another document
            if select(document, [*mandatory, *pointers], _contexts()) == reveal:
                return pointers
    raise AssertionError(f"no pointers lead to {folder}")


@pytest.mark.parametrize("folder", DISCLOSURES)
def test_base_groups_and_labels(folder: Path) -> None:
    transform = _read(folder / "addBaseTransform.json")
    groups = {"mandatory": transform["mandatoryPointers"]}
    grouped = canonicalize_and_group(_document(folder), _factory(folder), groups, _contexts())
    assert list(canonicalize(to_quads(_document(folder), _contexts())).lines) == _read(folder / "addBaseDocCanon.json")
    assert list(grouped.lines) == _read(folder / "addBaseDocHMACCanon.json")
    found = grouped.groups["mandatory"]
    assert [list(pair) for pair in found.matching.items()] == transform["mandatory"]["value"]
    assert [list(pair) for pair in found.non_matching.items()] == transform["nonMandatory"]["value"]


DERIVED = [each for each in DISCLOSURES if (each.values[0] / "derivedGroupIndexes.json").exists()]


@pytest.mark.parametrize("folder", DERIVED)
def test_derived_groups_and_labels(folder: Path) -> None:
    mandatory = _read(folder / "addBaseTransform.json")["mandatoryPointers"]
    selective = _selective(folder, mandatory)
    groups = {"mandatory": mandatory, "selective": selective, "combined": [*mandatory, *selective]}
    grouped = canonicalize_and_group(_document(folder), _factory(folder), groups, _contexts())
    indexes = _read(folder / "derivedGroupIndexes.json")
    for name, group in grouped.groups.items():
        assert list(group.matching) == indexes[f"{name}Indexes"]
    labels = canonicalize(grouped.groups["combined"].quads).labels
    shown = sorted([label, grouped.labels[old]] for old, label in labels.items())
    assert shown == sorted(_read(folder / "derivedDisclosureData.json")["labelMap"]["value"])


@pytest.mark.parametrize("url", BUNDLED)
def test_bundled_context_is_the_published_one(url: str) -> None:
    bundled = files("panacea.credentials") / "contexts" / BUNDLED[url]
    assert bundled.read_bytes() == (shared("contexts") / INDEX[url]).read_bytes()


def test_every_published_context_is_bundled() -> None:
    assert INDEX.keys() <= BUNDLED.keys()


def test_credentials_context_has_the_hash_of_the_recommendation() -> None:
    bundled = files("panacea.credentials") / "contexts" / "credentials-v2.json"
    published = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    assert hashlib.sha256(bundled.read_bytes()).hexdigest() == published
