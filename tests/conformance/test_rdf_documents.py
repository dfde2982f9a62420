"""The unsigned documents of the W3C cryptosuites: their canonical forms as published, our contexts as published."""

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
    canonicalize,
    canonicalize_and_group,
    select,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.contexts import BUNDLED

DOCUMENTS = [
    ("vc-di-eddsa/unsigned.json", "vc-di-eddsa/eddsa-rdfc-2022/canonDocDataInt.txt", "sha256"),
    ("vc-di-ecdsa/unsigned.json", "vc-di-ecdsa/ecdsa-rdfc-2019-p256/canonDocECDSAP256.txt", "sha256"),
    ("vc-di-ecdsa/unsigned.json", "vc-di-ecdsa/ecdsa-rdfc-2019-p384/canonDocECDSAP384.txt", "sha384"),
]


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


def _contexts() -> Contexts:
    root = shared("contexts")
    index = _read(root / "index.json")
    return Contexts.bundled().with_extra({url: _read(root / name) for url, name in index.items()})


@pytest.mark.parametrize(("document", "canonical", "algorithm"), DOCUMENTS)
def test_canonical_form(document: str, canonical: str, algorithm: Any) -> None:
    quads = to_quads(_read(shared(document)), _contexts())
    assert canonicalize(quads, algorithm=algorithm).text == shared(canonical).read_text(encoding="utf-8")


@pytest.mark.parametrize("url", BUNDLED)
def test_bundled_context_is_the_published_one(url: str) -> None:
    published = shared("contexts") / _read(shared("contexts") / "index.json")[url]
    bundled = files("panacea.credentials") / "contexts" / BUNDLED[url]
    assert bundled.read_bytes() == published.read_bytes()


def test_credentials_context_has_the_hash_of_the_recommendation() -> None:
    bundled = files("panacea.credentials") / "contexts" / "credentials-v2.json"
    published = "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734"
    assert hashlib.sha256(bundled.read_bytes()).hexdigest() == published


def test_bbs_2023_groups_and_labels() -> None:
    root = shared("vc-di-bbs")
    document, mandatory = _read(root / "windDoc.json"), _read(root / "windMandatory.json")
    selective = _read(root / "windSelective.json")
    key = bytes.fromhex(_read(root / "BBSKeyMaterial.json")["hmacKeyString"])
    groups = {"mandatory": mandatory, "selective": selective, "combined": mandatory + selective}
    grouped = canonicalize_and_group(document, shuffled_labels(key), groups, _contexts())
    assert list(grouped.lines) == _read(root / "addBaseDocHMACCanon.json")
    transform = _read(root / "addBaseTransform.json")
    found = grouped.groups["mandatory"]
    assert [list(pair) for pair in found.matching.items()] == transform["mandatory"]["value"]
    assert [list(pair) for pair in found.non_matching.items()] == transform["nonMandatory"]["value"]
    indexes = _read(root / "derivedGroupIndexes.json")
    assert list(grouped.groups["selective"].matching) == indexes["selectiveIndexes"]
    assert list(grouped.groups["combined"].matching) == indexes["combinedIndexes"]
    verifier = canonicalize(grouped.groups["combined"].quads).labels
    labels = sorted([label, grouped.labels[old]] for old, label in verifier.items())
    assert labels == _read(root / "derivedDisclosureData.json")["labelMap"]["value"]


def test_bbs_2023_reveal_document() -> None:
    root = shared("vc-di-bbs")
    pointers = _read(root / "windMandatory.json") + _read(root / "windSelective.json")
    assert select(_read(root / "windDoc.json"), pointers) == _read(root / "derivedUnsignedReveal.json")
