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
