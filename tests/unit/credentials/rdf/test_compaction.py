"""Compaction: the words of a context, and back to the same expansion."""

from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, JSONLDRejected, Options, compact, expand
from panacea.credentials.rdf.types import DroppedValue

V2 = "https://www.w3.org/ns/credentials/v2"
CREDENTIAL = {
    "@context": [V2, {"@vocab": "https://v.example/#"}],
    "id": "urn:uuid:1",
    "type": ["VerifiableCredential"],
    "issuer": {"id": "did:example:issuer", "name": {"@value": "Klinik", "@language": "de"}},
    "validFrom": "2026-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:subject", "value": 7, "parts": {"@list": [True, {"of": "x"}]}},
}


def test_a_credential_is_written_again_in_its_own_words() -> None:
    contexts = Contexts.bundled()
    expanded = expand(CREDENTIAL, contexts)
    again = compact(expanded, CREDENTIAL, contexts)
    assert again == CREDENTIAL | {"type": "VerifiableCredential"}
    assert expand(again, contexts) == expanded


def test_without_a_context_iris_stay() -> None:
    document = {"@id": "urn:s", "urn:p": [{"@value": "x"}]}
    assert compact(document, {}, Contexts({})) == {"@id": "urn:s", "urn:p": "x"}
    assert compact(document, {}, Contexts({}), options=Options(compact_arrays=False)) == {
        "@graph": [{"@id": "urn:s", "urn:p": ["x"]}]
    }


def test_several_nodes_are_a_graph() -> None:
    nodes = [{"@id": "urn:a", "urn:p": "x"}, {"@id": "urn:b", "urn:p": "y"}]
    found = compact(nodes, {"graph": "@graph", "id": "@id"}, Contexts({}))
    assert [node["id"] for node in found["graph"]] == ["urn:a", "urn:b"]


@pytest.mark.parametrize(
    ("context", "written"),
    [
        ({"p": {"@id": "urn:p", "@container": "@id"}}, {"p": {"urn:o": {"urn:q": "x"}}}),
        ({"p": {"@id": "urn:p", "@container": ["@id", "@set"]}}, {"p": {"urn:o": [{"urn:q": "x"}]}}),
        ({"p": {"@id": "urn:p", "@container": "@type"}}, {"p": {"urn:T": {"@id": "urn:o", "urn:q": "x"}}}),
        (
            {"p": {"@id": "urn:p", "@container": "@index", "@index": "urn:q"}},
            {"p": {"x": {"@id": "urn:o", "@type": "urn:T"}}},
        ),
        ({"in": {"@reverse": "urn:p"}}, {"urn:p": {"@id": "urn:o", "@type": "urn:T", "urn:q": "x"}}),
    ],
)
def test_maps(context: Any, written: dict[str, Any]) -> None:
    node: dict[str, Any] = {"@id": "urn:o", "urn:q": "x"}
    if "T" in str(written):
        node["@type"] = "urn:T"
    found = compact({"@id": "urn:s", "urn:p": node}, context, Contexts({}))
    assert found == {"@context": context, "@id": "urn:s", **written}
    assert expand(found, Contexts({})) == expand({"@id": "urn:s", "urn:p": node}, Contexts({}))


def test_what_expansion_would_drop_is_refused() -> None:
    with pytest.raises(DroppedValue):
        compact({"urn:p": None, "urn:q": "x"}, {}, Contexts({}))
    assert compact({"urn:p": None, "urn:q": "x"}, {}, Contexts({}), safe=False) == {"urn:q": "x"}


def test_an_iri_is_not_confused_with_a_prefix() -> None:
    context = {"tag": {"@id": "urn:other:", "@prefix": True}}
    with pytest.raises(JSONLDRejected) as caught:
        compact({"@id": "tag:champin.net", "urn:p": "x"}, context, Contexts({}))
    assert caught.value.error_code == "IRI confused with prefix"
