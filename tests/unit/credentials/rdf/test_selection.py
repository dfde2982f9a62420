"""Selection by JSON pointer, and groups of statements."""

from typing import Any

import pytest

from panacea.credentials.rdf import (
    Contexts,
    PointerRejected,
    canonical_lines,
    canonicalize,
    canonicalize_and_group,
    replaced_labels,
    select,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.types import ValueRefused

CONTEXT = {"@vocab": "https://v.example/#", "id": "@id", "type": "@type"}
DOCUMENT: dict[str, Any] = {
    "@context": CONTEXT,
    "id": "urn:d",
    "type": "D",
    "a": [{"x": "1", "id": "_:b"}, {"x": "2", "y": "3"}, "plain"],
    "b": {"type": "T", "c": {"d": "e"}},
}


@pytest.mark.parametrize(
    ("pointers", "part"),
    [
        (["/b/c/d"], {"b": {"type": "T", "c": {"d": "e"}}}),
        (["/a/2", "/a/1/x"], {"a": [{"x": "2"}, "plain"]}),
        (["/a/0/x"], {"a": [{"x": "1"}]}),
        (["/a/1", "/a/1/x"], {"a": [{"x": "2", "y": "3"}]}),
        (["/a/1/x", "/a"], {"a": DOCUMENT["a"]}),
    ],
)
def test_select(pointers: list[str], part: dict[str, Any]) -> None:
    assert select(DOCUMENT, pointers) == {"@context": CONTEXT, "id": "urn:d", "type": "D"} | part


def test_select_nothing_and_everything() -> None:
    assert select(DOCUMENT, []) == {}
    assert select(DOCUMENT, ["", "/b"]) == DOCUMENT


@pytest.mark.parametrize(
    "pointer", ["b", "/", "/b//", "/b/~2", "/b/q", "/a/3", "/a/01", "/a/-", "/a/x", "/id/x", "/a/" + "9" * 5000]
)
def test_pointers_that_name_nothing(pointer: str) -> None:
    with pytest.raises(PointerRejected):
        select(DOCUMENT, [pointer])


def _listed() -> dict[str, Any]:
    return {"@context": CONTEXT, "id": "urn:d", "p": {"@list": ["a", {"q": "b"}]}, "r": [{"s": "1"}, {"s": "1"}]}


def test_groups_cover_lists_whole() -> None:
    groups = {"list": ["/p"], "rest": ["/r/1"], "none": []}
    grouped = canonicalize_and_group(_listed(), shuffled_labels(b"k" * 32), groups, Contexts.bundled())
    assert len(grouped.lines) == 10
    assert [len(grouped.groups[name].matching) for name in groups] == [6, 2, 0]
    assert len(grouped.groups["rest"].non_matching) == 8
    for part in grouped.groups.values():
        assert all(grouped.lines[index] == line for index, line in part.matching.items())


def test_a_part_of_a_list_cannot_be_disclosed() -> None:
    with pytest.raises(PointerRejected):
        canonicalize_and_group(_listed(), shuffled_labels(b""), {"g": ["/p/@list/1"]}, Contexts.bundled())


def test_a_verifier_finds_the_same_lines() -> None:
    contexts = Contexts.bundled()
    pointers = ["/r/1/s"]
    grouped = canonicalize_and_group(_listed(), shuffled_labels(b"key"), {"g": pointers}, contexts)
    names = canonicalize(grouped.groups["g"].quads).labels
    replacement = {label: grouped.labels[old] for old, label in names.items()}
    lines, _ = canonical_lines(to_quads(select(_listed(), pointers), contexts), replaced_labels(replacement))
    assert list(lines) == list(grouped.groups["g"].matching.values())


@pytest.mark.parametrize("labels", [{}, {"c14n0": "b0", "c14n1": "b1"}, {"c14n1": "b0"}])
def test_a_label_map_must_fit(labels: dict[str, str]) -> None:
    quads = to_quads({"@context": CONTEXT, "p": "x"}, Contexts.bundled())
    with pytest.raises(ValueRefused):
        canonical_lines(quads, replaced_labels(labels))


def test_blank_node_identifiers_cannot_be_derived() -> None:
    with pytest.raises(ValueRefused):
        canonicalize_and_group(DOCUMENT, shuffled_labels(b""), {}, Contexts.bundled())


# Documents beyond one pass

WIDE_CONTEXT: dict[str, Any] = {
    "@vocab": "https://v.example/#",
    "name of it": "@id",
    "kind": "@type",
    "byId": {"@container": "@id"},
    "byCode": {"@container": "@index", "@index": "code"},
    "byIndex": {"@container": "@index"},
    "tongue": {"@container": "@language"},
    "graph": {"@container": "@graph"},
    "children": {"@reverse": "parent"},
    "more": "@nest",
    "list": {"@container": "@list"},
}
WIDE: dict[str, Any] = {
    "@context": WIDE_CONTEXT,
    "name of it": "urn:d",
    "kind": "D",
    "byId": {"urn:a": {"x": "1", "y": "2"}, "urn:b": {"x": "1"}},
    "byCode": {"one": {"x": "1", "y": "2"}, "two": {"x": "1"}},
    "byIndex": {"a": [{"x": "1"}, {"x": "1", "y": "2"}], "b": "text"},
    "tongue": {"de": "x", "en": ["x", "y"]},
    "graph": [{"kind": "G", "x": "1"}, {"x": "1", "y": {"z": "3"}}],
    "children": [{"x": "1"}, {"x": "1", "y": "2"}],
    "more": {"x": "1", "deep": {"kind": "K", "x": "1", "y": ["2", "3"]}},
    "@included": [{"x": "1", "y": "2"}, {"@id": "urn:e", "x": "1"}],
    "list": [{"x": "1"}, ["2", {"x": "1"}]],
}
WIDE_POINTERS = [
    "/name of it",
    "/kind",
    "/byId",
    "/byId/urn:a/x",
    "/byCode/one",
    "/byCode/one/y",
    "/byIndex/a/1",
    "/byIndex/a/1/y",
    "/byIndex/b",
    "/tongue/en",
    "/tongue/en/1",
    "/graph/1/y/z",
    "/graph/0/x",
    "/children/1/x",
    "/more/deep",
    "/more/deep/y/1",
    "/@included/0/y",
    "/@included/1",
    "/list",
]


def _shown(pointers: list[str]) -> int:
    """Group by these pointers, then read what a verifier is shown: the same lines, of the number given back."""
    contexts = Contexts.bundled()
    grouped = canonicalize_and_group(WIDE, shuffled_labels(b"key"), {"g": pointers}, contexts)
    group = grouped.groups["g"]
    names = canonicalize(group.quads).labels
    replacement = {label: grouped.labels[old] for old, label in names.items()}
    lines, _ = canonical_lines(to_quads(select(WIDE, pointers, contexts), contexts), replaced_labels(replacement))
    assert list(lines) == list(group.matching.values())
    return len(lines)


@pytest.mark.parametrize("pointer", WIDE_POINTERS)
def test_a_part_of_a_wide_document_is_shown(pointer: str) -> None:
    assert _shown([pointer]) >= 1


def test_all_parts_of_a_wide_document_are_shown_together() -> None:
    whole = len(canonicalize(to_quads(WIDE, Contexts.bundled())).lines)
    assert _shown(WIDE_POINTERS) < whole
    assert _shown([""]) == whole == _shown([f"/{name}" for name in WIDE if name != "@context"])


def test_identifiers_and_types_are_kept_under_any_name() -> None:
    contexts = Contexts.bundled()
    kept = select(WIDE, ["/more/deep/x"], contexts)
    deep = {"kind": "K", "x": "1"}
    assert kept == {"@context": WIDE_CONTEXT, "name of it": "urn:d", "kind": "D", "more": {"deep": deep}}
    keywords = {"@id": "urn:d", "@type": "urn:D", "urn:p": {"@id": "urn:e", "urn:q": "x", "urn:r": "y"}}
    assert select(keywords, ["/urn:p/urn:q"]) == keywords | {"urn:p": {"@id": "urn:e", "urn:q": "x"}}


def test_a_context_on_the_way_is_kept() -> None:
    inner = {"@context": {"x": "urn:x", "me": "@id"}, "me": "urn:inner", "x": "1", "y": "2"}
    document = {"@context": CONTEXT, "a": {"b": inner}}
    contexts = Contexts.bundled()
    part = select(document, ["/a/b/x"], contexts)
    assert part == {"@context": CONTEXT, "a": {"b": {name: inner[name] for name in ("@context", "me", "x")}}}
    grouped = canonicalize_and_group(document, shuffled_labels(b"k"), {"g": ["/a/b/x"]}, contexts)
    assert len(grouped.groups["g"].matching) == 3


def test_types_bring_their_contexts_along_the_way() -> None:
    typed = {"@context": {"me": "@id", "@propagate": False}, "@id": "urn:T"}
    context = [CONTEXT, {"T": typed, "p": "urn:p"}]
    document = {"@context": context, "p": {"type": "T", "me": "urn:inner", "x": "1", "y": "2"}}
    part = select(document, ["/p/x"], Contexts.bundled())
    assert part["p"] == {"type": "T", "me": "urn:inner", "x": "1"}


def test_a_type_shown_in_part_is_shown_whole() -> None:
    document = {"@context": CONTEXT, "type": ["A", "B"], "x": "1"}
    assert select(document, ["/type/1"]) == {"@context": CONTEXT, "type": ["A", "B"]}
    with pytest.raises(PointerRejected):
        select(document, ["/type/2"])


@pytest.mark.parametrize("reference", [{"@id": "_:x"}, {"id": "_:x", "p": "y"}, {"type": "_:T"}])
def test_no_blank_node_identifier_is_derived_wherever_it_stands(reference: dict[str, Any]) -> None:
    for more in ({}, {"@included": {"p": "x"}}):
        document = {"@context": CONTEXT, "id": "urn:d", "p": reference, **more}
        with pytest.raises(ValueRefused):
            canonicalize_and_group(document, shuffled_labels(b""), {}, Contexts.bundled())


@pytest.mark.parametrize("pointer", ["/list/0", "/list/1", "/list/1/0", "/list/0/x"])
def test_a_list_of_a_wide_document_is_shown_whole_or_not(pointer: str) -> None:
    with pytest.raises(PointerRejected):
        canonicalize_and_group(WIDE, shuffled_labels(b"key"), {"g": [pointer]}, Contexts.bundled())
