"""RDF Dataset Canonicalization: the W3C test suite (Eval, Map and NegativeEval tests)."""

import json
import time

import pytest
from shared_files import shared

from panacea.credentials.rdf import Canonical, PoisonGraph, canonicalize, parse_nquads

ROOT = shared("rdf-canon")
ENTRIES = json.loads((ROOT / "manifest.json").read_text())["entries"]
EVAL = [entry for entry in ENTRIES if entry["type"] == "rdfc:RDFC10EvalTest"]
MAP = [entry for entry in ENTRIES if entry["type"] == "rdfc:RDFC10MapTest"]
NEGATIVE = [entry for entry in ENTRIES if entry["type"] == "rdfc:RDFC10NegativeEvalTest"]


def _canonical(entry: dict[str, str]) -> Canonical:
    quads = parse_nquads((ROOT / entry["action"]).read_text(encoding="utf-8"))
    algorithm = entry.get("hashAlgorithm", "SHA256").lower()
    return canonicalize(quads, algorithm="sha384" if "384" in algorithm else "sha256")


def test_every_kind_of_test_is_there() -> None:
    assert len(EVAL) + len(MAP) + len(NEGATIVE) == len(ENTRIES)
    assert EVAL
    assert MAP
    assert NEGATIVE


@pytest.mark.parametrize("entry", EVAL, ids=lambda entry: entry["id"])
def test_canonical_form(entry: dict[str, str]) -> None:
    assert _canonical(entry).text == (ROOT / entry["result"]).read_text(encoding="utf-8")


@pytest.mark.parametrize("entry", MAP, ids=lambda entry: entry["id"])
def test_issued_labels(entry: dict[str, str]) -> None:
    assert _canonical(entry).labels == json.loads((ROOT / entry["result"]).read_text())


@pytest.mark.parametrize("entry", NEGATIVE, ids=lambda entry: entry["id"])
def test_poison_is_refused_soon(entry: dict[str, str]) -> None:
    began = time.process_time()
    with pytest.raises(PoisonGraph):
        _canonical(entry)
    assert time.process_time() - began < 0.5
