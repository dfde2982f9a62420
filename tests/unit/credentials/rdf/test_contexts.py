"""Contexts: lazily read, given by a mapping, remembered within bounds; context processing where it says no."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, JSONLDRejected, to_quads
from panacea.credentials.rdf.contexts import BUNDLED, _File
from panacea.credentials.rdf.types import ContextRefused

V1 = "https://www.w3.org/2018/credentials/v1"


class Asked(Mapping[str, Any]):
    """A mapping that makes each context when it is asked for it."""

    def __init__(self) -> None:
        self.urls: list[str] = []

    def __getitem__(self, url: str) -> Any:
        if not url.startswith("urn:c:"):
            raise KeyError(url)
        self.urls.append(url)
        return {"@context": {"p": url.replace("urn:c:", "urn:p:")}}

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


def test_a_bundled_context_is_read_when_it_is_first_used() -> None:
    contexts = Contexts({url: _File(name) for url, name in BUNDLED.items()})
    extended = contexts.with_extra({"urn:more": {"@context": {"p": "urn:p"}}})
    files = dict(contexts._documents)
    assert not any(each.document for each in files.values())
    to_quads({"@context": [V1, "urn:more"], "type": "VerifiableCredential", "p": "x"}, extended)
    assert [url for url, each in files.items() if each.document] == [V1]
    assert files[V1].read() is contexts[V1]


def test_a_credential_of_the_first_data_model_is_read() -> None:
    credential = {
        "@context": [V1],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "issuanceDate": "2020-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject"},
    }
    predicates = {quad.predicate for quad in to_quads(credential, Contexts.bundled())}
    assert "<https://www.w3.org/2018/credentials#issuanceDate>" in predicates


def test_a_mapping_is_asked_and_what_it_said_is_remembered() -> None:
    asked = Asked()
    contexts = Contexts(asked)
    for _ in range(3):
        assert to_quads({"@context": "urn:c:1", "@id": "urn:s", "p": "x"}, contexts)[0].predicate == "<urn:p:1>"
    assert asked.urls == ["urn:c:1"]
    with pytest.raises(ContextRefused) as caught:
        to_quads({"@context": "https://elsewhere.example/", "p": "x"}, contexts)
    assert caught.value.error_code == "loading remote context failed"


def test_memory_is_bounded() -> None:
    contexts = Contexts({})
    for index in range(3_000):
        to_quads({"@context": {"p": f"urn:p:{index}"}, "@id": "urn:s", "p": "x"}, contexts)
    root = contexts.root()
    assert len(root.followers) <= 256
    to_quads({"@context": {"p": "urn:p", **{f"t{i}": f"urn:{i}" for i in range(1000)}}, "p": "x"}, contexts)
    assert all(len(str(key)) < 10_000 for key in contexts.root().followers)


def test_two_spellings_of_a_context_are_not_taken_for_each_other() -> None:
    contexts = Contexts({})
    to_quads({"@context": {"@version": Decimal("1.1"), "p": "urn:p"}, "p": "x"}, contexts)
    with pytest.raises(ContextRefused):
        to_quads({"@context": {"@version": "1.1", "p": "urn:p"}, "p": "x"}, contexts)


@pytest.mark.parametrize(
    ("context", "error_code"),
    [
        (7, "invalid local context"),
        ({"@version": True}, "invalid @version value"),
        ({"@base": 7}, "invalid base IRI"),
        ({"@base": "relative"}, "invalid base IRI"),
        ({"@vocab": 7}, "invalid vocab mapping"),
        ({"@vocab": "@id"}, "invalid vocab mapping"),
        ({"@language": 7}, "invalid default language"),
        ({"@direction": "up"}, "invalid base direction"),
        ({"@propagate": "no"}, "invalid @propagate value"),
        ({"@protected": "no"}, "invalid @protected value"),
        ({"@import": 7}, "invalid @import value"),
        ({"@import": "urn:nowhere"}, "loading remote context failed"),
        ({"@import": "urn:list"}, "invalid remote context"),
        ("urn:none", "invalid remote context"),
        ({"": "urn:x"}, "invalid term definition"),
        ({"p": 7}, "invalid term definition"),
        ({"p": {"@id": 7}}, "invalid IRI mapping"),
        ({"p": "relative"}, "invalid IRI mapping"),
        ({"p": {"@id": "@context"}}, "invalid keyword alias"),
        ({"p": {"@id": "urn:p", "@type": "relative"}}, "invalid type mapping"),
        ({"p": {"@id": "urn:p", "@type": []}}, "invalid type mapping"),
        ({"p": {"@id": "urn:p", "@container": "@everything"}}, "invalid container mapping"),
        ({"p": {"@id": "urn:p", "@container": []}}, "invalid container mapping"),
        ({"p": {"@id": "urn:p", "@container": ["@list", "@set"]}}, "invalid container mapping"),
        ({"p": {"@id": "urn:p", "@container": [{}]}}, "invalid container mapping"),
        ({"p": {"@id": "urn:p", "@container": "@type", "@type": "urn:t"}}, "invalid type mapping"),
        ({"p": {"@id": "urn:p", "@language": 7}}, "invalid language mapping"),
        ({"p": {"@id": "urn:p", "@direction": "up"}}, "invalid base direction"),
        ({"p": {"@id": "urn:p", "@nest": "@id"}}, "invalid @nest value"),
        ({"p": {"@id": "urn:p", "@prefix": 1}}, "invalid @prefix value"),
        ({"p": {"@id": "@type", "@prefix": True}}, "invalid term definition"),
        ({"p": {"@id": "urn:p", "@index": "urn:i"}}, "invalid term definition"),
        ({"p": {"@id": "urn:p", "@unknown": 1}}, "invalid term definition"),
        ({"p": {"@id": "urn:p", "@context": {"q": 7}}}, "invalid scoped context"),
        ({"p": {"@reverse": 7}}, "invalid IRI mapping"),
        ({"p": {"@reverse": "urn:p", "@id": "urn:p"}}, "invalid reverse property"),
        ({"p": {"@reverse": "urn:p", "@container": "@list"}}, "invalid reverse property"),
        ({"@type": {"@container": "@list"}}, "keyword redefinition"),
        ({"@type": {}}, "keyword redefinition"),
        ({"@id": "urn:id"}, "keyword redefinition"),
        ({"a": {"@id": "b:x"}, "b": {"@id": "a:x"}}, "cyclic IRI mapping"),
        ({"a:b": "urn:c", "a": "urn:a:"}, "invalid IRI mapping"),
    ],
)
def test_a_faulty_context_is_refused_by_its_code(context: Any, error_code: str) -> None:
    contexts = Contexts({"urn:list": {"@context": []}, "urn:none": {"no": "context"}})
    with pytest.raises(JSONLDRejected) as caught:
        to_quads({"@context": context, "urn:q": "x"}, contexts)
    assert caught.value.error_code == error_code
    assert caught.value.values["pointer"] == "/@context"
