"""JSON-LD to RDF: what is said, what is refused, and where the refusal points."""

from decimal import Decimal
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, JSONLDRejected, Quad, to_quads
from panacea.credentials.rdf.types import (
    ContextRefused,
    DocumentTooLarge,
    DroppedValue,
    KeywordRefused,
    UnmappedTerm,
    ValueRefused,
)

V2 = "https://www.w3.org/ns/credentials/v2"
VOCAB = {"@vocab": "https://v.example/#"}
XSD = "http://www.w3.org/2001/XMLSchema#"


def objects(value: Any, context: Any = None) -> list[str]:
    quads = to_quads({"@context": context or VOCAB, "@id": "urn:x", "p": value}, Contexts.bundled())
    return [quad.object for quad in quads if quad.subject == "<urn:x>"]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("a\n\x7fé", '"a\\n\\u007Fé"'),
        (True, f'"true"^^<{XSD}boolean>'),
        (7, f'"7"^^<{XSD}integer>'),
        (Decimal("7.0"), f'"7"^^<{XSD}integer>'),
        (Decimal("7.90"), f'"7.9E0"^^<{XSD}double>'),
        (Decimal("-1E-22"), f'"-1.0E-22"^^<{XSD}double>'),
        (10**21, f'"1.0E21"^^<{XSD}double>'),
        (Decimal("-0.0"), f'"0"^^<{XSD}integer>'),
        ({"@value": "x", "@language": "de-CH"}, '"x"@de-ch'),
        ({"@value": "x", "@type": "T"}, '"x"^^<https://v.example/#T>'),
        ({"@value": {"b": 1, "a": [None]}, "@type": "@json"}, None),
        ({"@id": "urn:y"}, "<urn:y>"),
    ],
)
def test_value(value: Any, said: str | None) -> None:
    expected = said or '"{\\"a\\":[null],\\"b\\":1}"^^<http://www.w3.org/1999/02/22-rdf-syntax-ns#JSON>'
    assert objects(value) == [expected]


@pytest.mark.parametrize(
    ("value", "refusal", "pointer"),
    [
        (None, DroppedValue, "/p"),
        ([], DroppedValue, "/p"),
        ([["a"]], DroppedValue, "/p/0"),
        ({"q": ["a", None]}, DroppedValue, "/p/q/1"),
        (0.5, ValueRefused, "/p"),
        (Decimal("0.12345678901234567"), ValueRefused, "/p"),
        (Decimal("1E400"), ValueRefused, "/p"),
        (Decimal("NaN"), ValueRefused, "/p"),
        ("\ud800", ValueRefused, "/p"),
        ({"@value": "x", "@language": "en", "@direction": "rtl"}, KeywordRefused, "/p"),
        ({"@id": "relative"}, UnmappedTerm, "/p/@id"),
        ({"@index": "x", "q": "y"}, KeywordRefused, "/p/@index"),
        ({"@reverse": {}}, DroppedValue, "/p/@reverse"),
        ({"@type": []}, DroppedValue, "/p/@type"),
        ({"@context": "https://nowhere.example/", "q": "y"}, ContextRefused, "/p/@context"),
        ({"@context": {"a/b": None}, "x:y/~z": [None]}, DroppedValue, "/p/x:y~1~0z/0"),
    ],
)
def test_refusal_points_at_the_value(value: Any, refusal: type[JSONLDRejected], pointer: str) -> None:
    with pytest.raises(refusal) as caught:
        objects(value)
    assert caught.value.values["pointer"] == pointer


def test_a_term_without_mapping_is_refused() -> None:
    credential = {"@context": [V2], "type": ["VerifiableCredential"], "issuer": "did:key:z", "shoeSize": "43"}
    with pytest.raises(UnmappedTerm) as caught:
        to_quads(credential, Contexts.bundled())
    assert caught.value.values["pointer"] == "/shoeSize"


def test_a_type_without_mapping_is_refused() -> None:
    with pytest.raises(UnmappedTerm):
        to_quads({"@context": [V2], "type": ["VerifiableCredential", "Passport"]}, Contexts.bundled())


def test_a_protected_term_stays() -> None:
    with pytest.raises(ContextRefused):
        to_quads(
            {"@context": [V2, {"VerifiableCredential": "urn:other"}], "type": "VerifiableCredential"},
            Contexts.bundled(),
        )


def test_lists_are_cells() -> None:
    quads = to_quads({"@context": VOCAB, "@id": "urn:x", "p": {"@list": ["a", ["b"]]}}, Contexts.bundled())
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    assert Quad("_:b0", f"<{rdf}first>", '"a"') in quads
    assert Quad("_:b1", f"<{rdf}rest>", f"<{rdf}nil>") in quads
    assert len(quads) == 7


def test_a_proof_is_a_graph_of_its_own() -> None:
    document = {
        "@context": [V2],
        "type": "VerifiableCredential",
        "proof": {"type": "DataIntegrityProof", "cryptosuite": "x"},
    }
    quads = to_quads(document, Contexts.bundled())
    name = next(quad.object for quad in quads if quad.predicate == "<https://w3id.org/security#proof>")
    assert [quad.graph for quad in quads].count(name) == 2


def test_depth_and_size_are_bounded() -> None:
    document: dict[str, Any] = {"p": "x"}
    for _ in range(200):
        document = {"p": document}
    with pytest.raises(DocumentTooLarge):
        to_quads({"@context": VOCAB, **document}, Contexts.bundled())


def test_an_empty_document_is_refused() -> None:
    for document in ({}, {"@context": V2}, {"@context": V2, "id": "urn:x"}):
        with pytest.raises(DroppedValue):
            to_quads(document, Contexts.bundled())


def test_contexts_are_frozen() -> None:
    with pytest.raises(ContextRefused):
        Contexts.bundled().with_extra({V2: {"@context": {}}})
    assert Contexts.bundled() is Contexts.bundled()
    assert "urn:more" in Contexts.bundled().with_extra({"urn:more": {"@context": {}}})
    assert "urn:more" not in Contexts.bundled()


def test_a_context_that_includes_itself_is_refused() -> None:
    contexts = Contexts({"urn:a": {"@context": "urn:b"}, "urn:b": {"@context": "urn:a"}})
    with pytest.raises(ContextRefused):
        to_quads({"@context": "urn:a", "p": "x"}, contexts)
