"""JSON-LD 1.1: every entry of the W3C expand, compact and toRdf manifests, found by reading them.

Entries run as the specification has it (unsafe). Each toRdf entry runs again in safe mode, which may refuse what would
be dropped, and may never say other statements than the suite's.
"""

import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import (
    Contexts,
    JSONLDRejected,
    Options,
    Quad,
    canonicalize,
    compact,
    expand,
    parse_nquads,
    to_quads,
)
from panacea.credentials.rdf.statements import general_quads

ROOT = shared("json-ld")

EXCEPTIONS: dict[str, str] = {}
"""Case to reason; an entry for JSON-LD 1.0 alone needs none here, as it says so itself (option specVersion)."""


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


class _Suite(Mapping[str, Any]):
    """The files of the suite by their published URL: what a remote context resolves to."""

    def __getitem__(self, url: str) -> Any:
        path = ROOT / url.removeprefix(BASE)
        if not url.startswith(BASE) or not path.is_file():
            raise KeyError(url)
        return _read(path)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


MANIFESTS = {path.name.split("-")[0]: _read(path) for path in sorted(ROOT.glob("*-manifest.json"))}
BASE = next(iter(MANIFESTS.values()))["baseIri"]
CONTEXTS = Contexts(_Suite())


def _only_1_0(entry: dict[str, Any]) -> bool:
    return bool(entry.get("option", {}).get("specVersion") == "json-ld-1.0")


def _cases(*kinds: str) -> list[Any]:
    return [
        pytest.param(kind, entry, id=f"{kind}{entry['@id']}")
        for kind in kinds
        for entry in MANIFESTS[kind]["sequence"]
        if not _only_1_0(entry) and f"{kind}{entry['@id']}" not in EXCEPTIONS
    ]


def _options(entry: dict[str, Any]) -> Options:
    said = entry.get("option", {})
    return Options(
        base=said.get("base", BASE + entry["input"]),
        expand_context=_read(ROOT / said["expandContext"]) if "expandContext" in said else None,
        processing_mode=said.get("processingMode", "json-ld-1.1"),
        compact_arrays=said.get("compactArrays", True),
        compact_to_relative=said.get("compactToRelative", True),
        rdf_direction=said.get("rdfDirection"),
        generalized=said.get("produceGeneralizedRdf", False),
    )


def _made(kind: str, entry: dict[str, Any]) -> Any:
    document, options = _read(ROOT / entry["input"]), _options(entry)
    if kind == "compact":
        return compact(document, _read(ROOT / entry["context"]), CONTEXTS, safe=False, options=options)
    if kind == "expand":
        return expand(document, CONTEXTS, safe=False, options=options)
    return to_quads(document, CONTEXTS, safe=False, options=options)


def _unordered(value: Any, *, ordered: bool = False) -> Any:
    """JSON-LD as it is compared: only the arrays of lists have an order."""
    if isinstance(value, dict):
        return {name: _unordered(one, ordered=name == "@list") for name, one in value.items()}
    if isinstance(value, list):
        items = [_unordered(one) for one in value]
        return items if ordered else sorted(items, key=lambda one: json.dumps(one, sort_keys=True, default=str))
    return value


def _statements(text: str) -> str:
    """The canonical form of a result; a blank predicate, which is not RDF, is made an IRI by its place."""
    names: dict[str, str] = {}

    def named(match: re.Match[str]) -> str:
        return f"{match[1]}<urn:blank:{names.setdefault(match[2], str(len(names)))}> "

    return canonicalize(parse_nquads(re.sub(r"^(\S+ )(_:\S+) ", named, text, flags=re.MULTILINE))).text


@pytest.mark.parametrize(("kind", "entry"), _cases(*MANIFESTS))
def test_entry(kind: str, entry: dict[str, Any]) -> None:
    if "expectErrorCode" in entry:
        with pytest.raises(JSONLDRejected) as caught:
            _made(kind, entry)
        assert caught.value.error_code == entry["expectErrorCode"]
        return
    made = _made(kind, entry)
    if "expect" not in entry:
        assert "jld:PositiveSyntaxTest" in entry["@type"]
    elif kind == "toRdf":
        expected = (ROOT / entry["expect"]).read_text(encoding="utf-8")
        assert _statements("".join(quad.line() for quad in made)) == _statements(expected)
    else:
        assert _unordered(made) == _unordered(_read(ROOT / entry["expect"]))


def _safe(entry: dict[str, Any]) -> list[Quad]:
    """The entry in safe mode: by one pass where nothing but the document is given, else by the general processor."""
    document, said = _read(ROOT / entry["input"]), entry.get("option", {})
    if {"base", "expandContext", "processingMode", "rdfDirection", "produceGeneralizedRdf"} & said.keys():
        return to_quads(document, CONTEXTS, options=_options(entry))
    return to_quads(document, CONTEXTS)


@pytest.mark.parametrize(("kind", "entry"), _cases("toRdf"))
def test_safe_mode_says_the_same_or_refuses(kind: str, entry: dict[str, Any]) -> None:
    try:
        made = _safe(entry)
    except JSONLDRejected:
        return
    assert "expectErrorCode" not in entry
    if "expect" in entry:
        expected = (ROOT / entry["expect"]).read_text(encoding="utf-8")
        assert _statements("".join(quad.line() for quad in made)) == _statements(expected)


def test_one_pass_and_the_general_processor_agree() -> None:
    both = 0
    for entry in MANIFESTS["toRdf"]["sequence"]:
        answers = []
        for reader in (to_quads, general_quads):
            try:
                answers.append(canonicalize(reader(_read(ROOT / entry["input"]), CONTEXTS)).text)
            except JSONLDRejected:
                answers.append("refused")
        assert answers[0] == answers[1], entry["@id"]
        both += answers[0] != "refused"
    assert both > len(MANIFESTS["toRdf"]["sequence"]) // 3


def test_exceptions_exist_and_every_kind_is_there() -> None:
    names = {f"{kind}{entry['@id']}" for kind, manifest in MANIFESTS.items() for entry in manifest["sequence"]}
    assert EXCEPTIONS.keys() <= names
    assert {"compact", "expand", "toRdf"} <= MANIFESTS.keys()
