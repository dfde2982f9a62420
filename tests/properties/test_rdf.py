"""Random datasets and documents, judged by independent implementations."""

from typing import Any

import pyoxigraph
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyld import jsonld

from panacea.credentials.rdf import (
    Contexts,
    JSONLDRejected,
    Quad,
    canonicalize,
    canonicalize_and_group,
    parse_nquads,
    shuffled_labels,
    to_quads,
)

NODES = st.sampled_from(["<urn:a>", "<urn:b>", *(f"_:n{i}" for i in range(6))])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
GRAPHS = st.sampled_from(["", "", "<urn:g>", "_:n0"])


@st.composite
def quads(draw: st.DrawFn) -> list[Quad]:
    count = draw(st.integers(1, 12))
    predicates = st.sampled_from(["<urn:p>", "<urn:q>"])
    return [Quad(draw(NODES), draw(predicates), draw(NODES), draw(GRAPHS)) for _ in range(count)]


@settings(max_examples=150, deadline=None)
@given(quads(), st.permutations(range(6)), st.randoms())
def test_canonical_form_agrees_and_ignores_labels_and_order(dataset: list[Quad], names: list[int], random: Any) -> None:
    lines = canonicalize(dataset).lines
    renamed = {f"_:n{old}": f"_:m{new}" for old, new in enumerate(names)}
    again = [Quad(renamed.get(s, s), p, renamed.get(o, o), renamed.get(g, g)) for s, p, o, g in dataset]
    random.shuffle(again)
    assert canonicalize(again).lines == lines
    text = "".join(quad.line() for quad in dataset)
    judge = pyoxigraph.Dataset(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))
    judge.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
    assert tuple(sorted(f"{quad} .\n" for quad in judge)) == lines


@settings(max_examples=150, deadline=None)
@given(TEXT)
def test_a_literal_survives_its_canonical_text(text: str) -> None:
    contexts = Contexts.bundled()
    quads = to_quads({"@context": {"@vocab": "urn:v:"}, "@id": "urn:s", "p": text}, contexts)
    assert parse_nquads(canonicalize(quads).text) == quads
    judged = pyoxigraph.Quad(
        pyoxigraph.NamedNode("urn:s"),
        pyoxigraph.NamedNode("urn:v:p"),
        pyoxigraph.Literal(text),
        pyoxigraph.DefaultGraph(),
    )
    assert pyoxigraph.serialize([judged], format=pyoxigraph.RdfFormat.N_QUADS) == canonicalize(quads).text.encode()


VALUES = st.recursive(
    TEXT | st.booleans() | st.integers(-(10**12), 10**12) | st.just({"@id": "urn:other"}),
    lambda inner: (
        st.dictionaries(
            st.sampled_from(["p", "q", "ref", "when", "list", "typed", "scoped"]), inner, min_size=1, max_size=4
        )
        | st.lists(inner, min_size=1, max_size=3)
        | st.builds(
            lambda value, kind: {**value, "type": kind},
            st.dictionaries(st.sampled_from(["p", "q"]), inner),
            st.sampled_from(["A", "B"]),
        )
    ),
    max_leaves=12,
)
CONTEXT = {
    "@vocab": "urn:v:",
    "type": "@type",
    "ref": {"@id": "urn:ref", "@type": "@vocab"},
    "when": {"@id": "urn:when", "@type": "urn:date"},
    "list": {"@id": "urn:list", "@container": "@list"},
    "scoped": {"@id": "urn:scoped", "@context": {"p": "urn:scoped-p", "ref": {"@id": "urn:ref2", "@type": "@id"}}},
    "A": {"@id": "urn:A", "@context": {"q": "urn:A-q", "scoped": {"@id": "urn:As", "@container": "@set"}}},
}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["p", "list", "scoped", "ref"]), VALUES, min_size=1))
def test_documents_agree_with_pyld_or_are_refused(document: dict[str, Any]) -> None:
    document = {"@context": CONTEXT, "@id": "urn:root", **document}
    try:
        ours = to_quads(document, Contexts.bundled())
    except JSONLDRejected:
        return
    theirs = parse_nquads(jsonld.to_rdf(document, {"format": "application/n-quads", "base": "https://base.example/"}))
    assert canonicalize(ours).lines == canonicalize(theirs).lines
    grouped = canonicalize_and_group(document, shuffled_labels(b"k"), {"all": [""]}, Contexts.bundled())
    assert len(grouped.groups["all"].matching) == len(grouped.lines) == len(canonicalize(ours).lines)


def test_pyld_and_ours_are_not_both_silent() -> None:
    document = {"@context": {"a": "urn:a"}, "@id": "urn:x", "a": "1", "b": "lost"}
    assert "lost" not in jsonld.to_rdf(document, {"format": "application/n-quads"})
    with pytest.raises(JSONLDRejected):
        to_quads(document, Contexts.bundled())
