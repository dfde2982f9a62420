"""Documents, contexts and graphs made to hurt: each is refused by name, soon, and with the process intact."""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from panacea.credentials.rdf import (
    Contexts,
    JSONLDRejected,
    Options,
    PoisonGraph,
    Quad,
    canonicalize,
    canonicalize_and_group,
    compact,
    expand,
    parse_nquads,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.statements import general_quads
from panacea.credentials.rdf.types import ContextRefused, DocumentTooLarge, NQuadsRejected, ValueRefused
from panacea.health.strict_json import parse_json
from panacea.health.types import JSONRejected

V2 = "https://www.w3.org/ns/credentials/v2"
VOCAB = {"@vocab": "https://v.example/#"}
READERS = [to_quads, general_quads, expand]
Reader = Callable[..., Any]


@contextmanager
def soon(seconds: float = 0.5) -> Iterator[None]:
    """A bound on the time of this process, so that neighbours on the machine do not count."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def nested(depth: int, wrap: Callable[[Any], Any], inside: Any = "x") -> Any:
    for _ in range(depth):
        inside = wrap(inside)
    return inside


DEEP = {
    "objects": lambda inner: {"p": inner},
    "arrays": lambda inner: [inner],
    "lists": lambda inner: {"@list": [inner]},
    "sets": lambda inner: {"@set": [inner]},
    "set objects": lambda inner: {"@set": inner},
    "graphs": lambda inner: {"p": {"@graph": [inner if isinstance(inner, dict) else {"p": inner}]}},
    "nests": lambda inner: {"@nest": inner if isinstance(inner, dict) else {"p": inner}},
    "included": lambda inner: {"p": "x", "@included": inner if isinstance(inner, dict) else {"p": inner}},
    "reverse": lambda inner: {"@reverse": {"p": inner if isinstance(inner, dict) else {"@id": "urn:x"}}},
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("depth", [150, 3_000, 100_000])
@pytest.mark.parametrize("shape", DEEP)
def test_deep_nesting(shape: str, depth: int, reader: Reader) -> None:
    document = {"@context": VOCAB, "p": nested(depth, DEEP[shape])}
    with soon(), pytest.raises(JSONLDRejected):
        reader(document, Contexts.bundled())


@pytest.mark.parametrize("depth", [150, 100_000])
def test_deep_nesting_of_a_labelled_document(depth: int) -> None:
    document = {"@context": VOCAB, "p": nested(depth, DEEP["objects"])}
    with soon(), pytest.raises(JSONLDRejected):
        canonicalize_and_group(document, shuffled_labels(b"k"), {"g": ["/p"]}, Contexts.bundled())


def test_deep_json_literal() -> None:
    document = {"@context": {"p": {"@id": "urn:p", "@type": "@json"}}, "p": nested(100_000, lambda inner: [inner])}
    for reader in (to_quads, general_quads):
        with soon(), pytest.raises(JSONLDRejected):
            reader(document, Contexts.bundled())


@pytest.mark.parametrize("depth", [30, 400, 100_000])
def test_deep_scoped_contexts(depth: int) -> None:
    context = nested(depth, lambda inner: {"p": {"@id": "urn:p", "@context": inner}}, {"q": "urn:q"})
    with soon(), pytest.raises(JSONLDRejected):
        to_quads({"@context": context, "p": "x"}, Contexts.bundled())


def test_deep_context_arrays() -> None:
    with soon(), pytest.raises(JSONLDRejected):
        to_quads({"@context": nested(100_000, lambda inner: [inner], V2), "p": "x"}, Contexts.bundled())


def test_a_long_chain_of_definitions() -> None:
    chain: dict[str, Any] = {f"t{i}": {"@id": f"t{i + 1}:x"} for i in range(2_000)}
    chain["t2000"] = "urn:end:"
    with soon(), pytest.raises(DocumentTooLarge):
        to_quads({"@context": chain, "t0": "x"}, Contexts.bundled())


def test_an_oversized_context() -> None:
    context = {f"t{i}": f"urn:t:{i}" for i in range(60_000)}
    with soon(), pytest.raises(DocumentTooLarge) as caught:
        to_quads({"@context": context, "t1": "x"}, Contexts.bundled())
    assert caught.value.error_code == "context overflow"


def test_many_contexts_within_a_document() -> None:
    items = [{"@context": [{f"x{i}": f"urn:x:{i}"}, V2], "type": "VerifiableCredential"} for i in range(2_000)]
    with soon(), pytest.raises(DocumentTooLarge) as caught:
        to_quads({"@context": VOCAB, "p": items}, Contexts.bundled())
    assert str(caught.value.values["pointer"]).startswith("/p/")


def test_a_context_named_a_thousand_times() -> None:
    contexts = Contexts.bundled().with_extra({"urn:big": {"@context": {f"t{i}": f"urn:t:{i}" for i in range(1000)}}})
    with soon(), pytest.raises(DocumentTooLarge):
        to_quads({"@context": ["urn:big"] * 1000, "t1": "x"}, contexts)


def test_cyclic_contexts() -> None:
    loop = {f"urn:{i}": {"@context": [f"urn:{(i + 1) % 5}"]} for i in range(5)}
    with soon(), pytest.raises(ContextRefused) as caught:
        to_quads({"@context": "urn:0", "p": "x"}, Contexts(loop))
    assert caught.value.error_code == "context overflow"
    scoped = {"urn:a": {"@context": {"p": {"@id": "urn:p", "@context": "urn:a"}}}}
    quads = to_quads({"@context": "urn:a", "p": {"p": {"p": "x"}}}, Contexts(scoped))
    assert len(quads) == 3
    imported = {"urn:a": {"@context": {"@import": "urn:a", "p": "urn:p"}}}
    with soon(), pytest.raises(ContextRefused):
        to_quads({"@context": {"@import": "urn:a"}, "p": "x"}, Contexts(imported))


def test_contexts_that_double_at_each_step() -> None:
    doubling: dict[str, Any] = {f"urn:{i}": {"@context": [f"urn:{i + 1}", f"urn:{i + 1}"]} for i in range(30)}
    doubling["urn:30"] = {"@context": {"p": "urn:p"}}
    with soon(), pytest.raises(DocumentTooLarge):
        to_quads({"@context": "urn:0", "p": "x"}, Contexts(doubling))
    scoped: dict[str, Any] = {
        f"urn:{i}": {"@context": {f"{one}{i}": {"@id": "urn:p", "@context": f"urn:{i + 1}"} for one in "ab"}}
        for i in range(20)
    }
    scoped["urn:20"] = {"@context": {"p": "urn:p"}}
    with soon(), pytest.raises(JSONLDRejected):
        to_quads({"@context": "urn:0", "a0": "x"}, Contexts(scoped))


PROTECTED = {"@protected": True, "name": "urn:name", "id": "@id", "type": "@type"}


@pytest.mark.parametrize(
    "change",
    [
        {"name": "urn:other"},
        {"name": None},
        {"name": {"@id": "urn:name", "@type": "@id"}},
        {"name": {"@id": "urn:name", "@container": "@list"}},
        {"name": {"@id": "urn:name", "@direction": "rtl"}},
        {"name": {"@reverse": "urn:name"}},
        {"name": {"@id": "urn:name", "@context": {"x": "urn:x"}}},
        {"name": "@future"},
        {"id": "urn:id"},
        None,
        [None, {"name": "urn:other"}],
    ],
)
def test_a_protected_term_is_not_redefined(change: Any) -> None:
    for reader in READERS:
        for document in (
            {"@context": [PROTECTED, change], "name": "x"},
            {"@context": PROTECTED, "name": "x", "urn:p": {"@context": change, "name": "x"}},
        ):
            with pytest.raises(ContextRefused):
                reader(document, Contexts.bundled())


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("term", ["id", "type", "VerifiableCredential", "DataIntegrityProof"])
def test_a_protected_term_of_the_credentials_context_stays(term: str, reader: Reader) -> None:
    document = {"@context": [V2, {term: f"urn:{term}"}], "type": "VerifiableCredential", "issuer": "urn:i"}
    with pytest.raises(ContextRefused):
        reader(document, Contexts.bundled())


def test_what_a_type_defines_is_not_redefined_around_it() -> None:
    for term in ("issuer", "validUntil", "credentialSubject", "proof"):
        honest = {"@context": [V2], "type": "VerifiableCredential", "issuer": "urn:i"}
        changed = honest | {"@context": [V2, {term: f"urn:{term}"}]}
        for reader in (to_quads, general_quads):
            assert reader(changed, Contexts.bundled()) == reader(honest, Contexts.bundled())


def test_a_50_megabyte_document_ends_at_the_parser() -> None:
    data = b'{"@context":{"@vocab":"urn:v:"},"p":["' + b"x" * 50_000_000 + b'"]}'
    with soon(), pytest.raises(JSONRejected):
        parse_json(data)


def test_a_wide_document_is_bounded() -> None:
    wide = {"@context": VOCAB, "p": [str(i) for i in range(250_000)]}
    for reader in READERS:
        with soon(), pytest.raises(DocumentTooLarge):
            reader(wide, Contexts.bundled())


# Keys and identifiers that mean to be something else


@pytest.mark.parametrize(
    "key",
    ["@ID", "@Type", "@value ", "@id\u200b", "\uff20id", "@ignored", "@graphs", "id\x00", " id", "", "__proto__", "@"],
)
def test_keys_that_look_like_keywords_are_not_dropped(key: str) -> None:
    for reader in READERS:
        with pytest.raises(JSONLDRejected) as caught:
            reader({"@context": {"p": "urn:p"}, "p": "x", key: "urn:evil"}, Contexts.bundled())
        assert caught.value.values["pointer"] == f"/{key}"


@pytest.mark.parametrize(
    "key", ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "__class__", "__init__", "keys"]
)
def test_names_of_programming_languages_are_only_names(key: str) -> None:
    context = {"@vocab": "urn:v:", key: f"urn:k:{key}"}
    for reader in (to_quads, general_quads):
        quads = reader({"@context": context, "@id": "urn:s", key: {"q": key}}, Contexts.bundled())
        assert [quad.predicate for quad in quads if quad.subject == "<urn:s>"] == [f"<urn:k:{key}>"]
        assert [quad.object for quad in quads if quad.predicate == "<urn:v:q>"] == [f'"{key}"']


def test_two_identifiers_are_refused() -> None:
    context = {"id": "@id", "self": "@id", "@vocab": "urn:v:"}
    for keys in (("id", "self"), ("id", "@id"), ("self", "@id")):
        for reader in READERS:
            with pytest.raises(ValueRefused):
                reader({"@context": context, "p": "x", **dict.fromkeys(keys, "urn:same")}, Contexts.bundled())


def test_two_values_are_refused() -> None:
    context = {"value": "@value", "@vocab": "urn:v:"}
    for reader in READERS:
        with pytest.raises(ValueRefused):
            reader({"@context": context, "p": {"@value": "a", "value": "b"}}, Contexts.bundled())


@pytest.mark.parametrize(
    "iri",
    [
        "urn:a> <urn:p> <urn:evil",
        "urn:a\n<urn:s> <urn:p> <urn:o> .",
        "urn:a\\u003e",
        "urn:a b",
        'urn:"',
        "urn:a\x00",
        "urn:\ud800",
        "urn:a#b#c",
        "urn:{x}",
        "1rn:a",
        ":a",
        "//host/path",
        "../x",
        "",
        "_:",
        "_:a b",
        "_:a\n",
    ],
)
def test_identifiers_cannot_break_out_of_a_line(iri: str) -> None:
    for document in (
        {"@id": iri, "urn:p": "x"},
        {"@id": "urn:s", "urn:p": {"@id": iri}},
        {"@id": "urn:s", "@type": iri},
        {"@id": "urn:s", "urn:p": {"@value": "x", "@type": iri}},
        {"@id": "urn:s", "urn:p": {"@value": "x", "@language": iri}},
        {"@id": "urn:s", iri: "x"},
        {"@id": iri, "@graph": {"@id": "urn:s", "urn:p": "x"}},
    ):
        for reader in (to_quads, general_quads):
            with pytest.raises(JSONLDRejected):
                reader(document, Contexts.bundled())


def test_unicode_is_kept_apart() -> None:
    composed, decomposed = "urn:\u00e9", "urn:e\u0301"
    quads = to_quads(
        {"@graph": [{"@id": composed, "urn:p": "é"}, {"@id": decomposed, "urn:p": "e\u0301"}]}, Contexts({})
    )
    assert {quad.subject for quad in quads} == {f"<{composed}>", f"<{decomposed}>"}
    assert len(set(canonicalize(quads).lines)) == 2
    assert parse_nquads(canonicalize(quads).text) == sorted(quads)


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\udc00\ud800"])
def test_lone_surrogates_are_refused(text: str) -> None:
    for document in (
        {"urn:p": text},
        {"urn:p": {"@value": {"a": text}, "@type": "@json"}},
        {"urn:p": {"@list": [text]}},
    ):
        for reader in (to_quads, general_quads):
            with pytest.raises(ValueRefused):
                reader({"@id": "urn:s", **document}, Contexts.bundled())


def test_a_value_given_as_another_kind_of_python_object_is_refused() -> None:
    for value in (0.5, b"x", {1}, object(), (1, 2), complex(1)):
        for reader in (to_quads, general_quads):
            with pytest.raises(JSONLDRejected):
                reader({"@id": "urn:s", "urn:p": value}, Contexts.bundled())


# Graphs


def ring(size: int, name: str = "n") -> list[Quad]:
    return [Quad(f"_:{name}{i}", "<urn:next>", f"_:{name}{(i + 1) % size}") for i in range(size)]


def clique(size: int, name: str = "n") -> list[Quad]:
    nodes = [f"_:{name}{i}" for i in range(size)]
    return [Quad(a, "<urn:p>", b) for a, b in itertools.product(nodes, nodes) if a != b]


def grid(size: int) -> list[Quad]:
    cells = list(itertools.product(range(size), range(size)))
    right = [Quad(f"_:c{x}-{y}", "<urn:p>", f"_:c{(x + 1) % size}-{y}") for x, y in cells]
    return right + [Quad(f"_:c{x}-{y}", "<urn:p>", f"_:c{x}-{(y + 1) % size}") for x, y in cells]


def tree(depth: int, width: int) -> list[Quad]:
    rows = [Quad("_:t", "<urn:root>", '"t"')]
    level = ["_:t"]
    for _ in range(depth):
        pairs = [(parent, f"{parent}x{i}") for parent in level for i in range(width)]
        rows += [Quad(parent, "<urn:child>", child) for parent, child in pairs]
        level = [child for _, child in pairs]
    return rows


POISON = {
    "clique": clique(10),
    "cliques": [quad for i in range(40) for quad in clique(8, f"k{i}x")],
    "long ring": ring(3_000),
    "rings": [quad for i in range(300) for quad in ring(30, f"r{i}x")],
    "torus": grid(12),
    "bipartite": [Quad(f"_:a{i}", "<urn:p>", f"_:b{j}") for i in range(9) for j in range(9)],
    "two hubs": [Quad(f"_:hub{i % 2}", "<urn:p>", f"_:s{i}") for i in range(600)],
    "tree": tree(4, 6),
    "graph names": [Quad("<urn:s>", "<urn:p>", f"_:n{i}", f"_:n{j}") for i in range(9) for j in range(9)],
    "chain": [Quad(f"_:n{i}", "<urn:rest>", f"_:n{i + 1}") for i in range(5_000)],
}


@pytest.mark.parametrize("algorithm", ["sha256", "sha384"])
@pytest.mark.parametrize("shape", POISON)
def test_poison_is_refused_soon(shape: str, algorithm: Any) -> None:
    with soon(), pytest.raises(PoisonGraph):
        canonicalize(POISON[shape], algorithm=algorithm)


def test_harmless_graphs_of_the_same_shapes_pass() -> None:
    star = [Quad("_:hub", "<urn:p>", f"_:s{i}") for i in range(500)]
    for quads in (
        star,
        clique(4),
        ring(30),
        tree(2, 3),
        grid(3),
        [one for i in range(20) for one in ring(3, f"r{i}x")],
    ):
        assert len(canonicalize(quads).lines) == len(quads)


def test_poison_said_in_json_is_refused() -> None:
    nodes = [{"@id": f"_:n{i}", "p": [{"@id": f"_:n{j}"} for j in range(10)]} for i in range(10)]
    quads = to_quads({"@context": VOCAB, "@graph": nodes}, Contexts.bundled())
    with soon(), pytest.raises(PoisonGraph):
        canonicalize(quads)


def test_a_line_of_megabytes() -> None:
    line = '<urn:s> <urn:p> "' + "\\" * 2_000_001 + '" .'
    with soon(), pytest.raises(NQuadsRejected):
        parse_nquads(line)


def test_compaction_is_bounded_alike() -> None:
    document = {"@context": VOCAB, "p": nested(150, DEEP["objects"])}
    with soon(), pytest.raises(JSONLDRejected):
        compact(document, VOCAB, Contexts.bundled())
    with soon(), pytest.raises(JSONLDRejected):
        compact({"urn:p": "x"}, {f"t{i}": f"urn:t:{i}" for i in range(60_000)}, Contexts.bundled())


def test_a_relative_way_out_of_the_base_stays_inside() -> None:
    options = Options(base="https://issuer.example/a/b")
    quads = to_quads({"@id": "../../../../etc", "urn:p": "x"}, Contexts.bundled(), options=options)
    assert quads[0].subject == "<https://issuer.example/etc>"
