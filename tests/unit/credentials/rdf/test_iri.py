"""IRI references: the examples of RFC 3986 §5.4, and back again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.credentials.rdf.iri import has_scheme, relative_to, resolve

BASE = "http://a/b/c/d;p?q"
EXAMPLES = {
    "g:h": "g:h", "g": "http://a/b/c/g", "./g": "http://a/b/c/g", "g/": "http://a/b/c/g/", "/g": "http://a/g",
    "//g": "http://g", "?y": "http://a/b/c/d;p?y", "g?y": "http://a/b/c/g?y", "#s": "http://a/b/c/d;p?q#s",
    "g#s": "http://a/b/c/g#s", "g?y#s": "http://a/b/c/g?y#s", ";x": "http://a/b/c/;x", "": "http://a/b/c/d;p?q",
    ".": "http://a/b/c/", "..": "http://a/b/", "../g": "http://a/b/g", "../..": "http://a/", "../../g": "http://a/g",
    "../../../../g": "http://a/g", "/../g": "http://a/g", "g.": "http://a/b/c/g.", "..g": "http://a/b/c/..g",
    "./../g": "http://a/b/g", "g/./h": "http://a/b/c/g/h", "g/../h": "http://a/b/c/h",
    "g;x=1/../y": "http://a/b/c/y", "g?y/../x": "http://a/b/c/g?y/../x", "http:g": "http:g",
}  # fmt: skip
SEGMENTS = st.lists(st.sampled_from(["a", "b", "", ".", "..", "c:d", "@type"]), max_size=5).map("/".join)
TAILS = st.sampled_from(["", "?q", "#f", "?q#f", "?", "#"])


@pytest.mark.parametrize(("reference", "found"), EXAMPLES.items())
def test_the_examples_of_the_rfc(reference: str, found: str) -> None:
    assert resolve(BASE, reference) == found


def test_without_a_base_nothing_changes() -> None:
    assert resolve("", "../g") == "../g"
    assert relative_to("", "http://a/b") == "http://a/b"


def test_long_references_are_resolved_too() -> None:
    assert resolve(BASE, "x" * 1000) == "http://a/b/c/" + "x" * 1000


@given(SEGMENTS, TAILS, SEGMENTS, TAILS)
def test_a_relative_form_leads_back(base: str, base_tail: str, path: str, tail: str) -> None:
    here, there = f"http://h/{base}{base_tail}", f"http://h/{path}{tail}"
    found = relative_to(here, there)
    assert found == there or resolve(here, found) == there


@pytest.mark.parametrize(
    ("text", "held"), [("urn:x", True), ("a:", True), ("1a:b", False), ("a b:c", False), (":x", False)]
)
def test_a_scheme(text: str, held: bool) -> None:
    assert has_scheme(text) is held
