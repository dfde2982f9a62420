"""Expansion in safe mode: what is kept, what is refused and where the refusal points; unsafe mode drops instead."""

from decimal import Decimal
from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, JSONLDRejected, Options, expand
from panacea.credentials.rdf.types import DroppedValue, KeywordRefused, UnmappedTerm, ValueRefused

CONTEXT = {
    "@version": Decimal("1.1"),
    "@vocab": "urn:v:",
    "id": "@id",
    "type": "@type",
    "none": None,
    "list": {"@container": "@list"},
    "tongue": {"@container": "@language"},
    "byId": {"@container": "@id"},
    "byType": {"@container": "@type", "@type": "@vocab"},
    "byIndex": {"@container": "@index"},
    "byCode": {"@container": "@index", "@index": "code"},
    "graph": {"@container": "@graph"},
    "graphs": {"@container": ["@graph", "@id"]},
    "children": {"@reverse": "urn:v:parent"},
    "inner": {"@nest": "nest"},
    "nest": "@nest",
    "json": {"@type": "@json"},
    "ref": {"@type": "@id"},
}


def one(value: Any, **options: Any) -> Any:
    return expand({"@context": CONTEXT, "id": "urn:s", **value}, Contexts({}), **options)[0]


@pytest.mark.parametrize(
    ("value", "expanded"),
    [
        ({"byId": {"urn:a": {"p": "x"}}}, {"byId": [{"@id": "urn:a", "urn:v:p": [{"@value": "x"}]}]}),
        ({"byId": {"@none": {"p": "x"}}}, {"byId": [{"urn:v:p": [{"@value": "x"}]}]}),
        ({"byType": {"T": "urn:a"}}, {"byType": [{"@type": ["urn:v:T"], "@id": "urn:a"}]}),
        ({"byIndex": {"a": ["x", "y"]}}, {"byIndex": [{"@value": one, "@index": "a"} for one in "xy"]}),
        (
            {"byCode": {"7": {"p": "x"}}},
            {"byCode": [{"urn:v:code": [{"@value": "7"}], "urn:v:p": [{"@value": "x"}]}]},
        ),
        (
            {"graphs": {"urn:g": {"p": "x"}}},
            {"graphs": [{"@graph": [{"urn:v:p": [{"@value": "x"}]}], "@id": "urn:g"}]},
        ),
        ({"tongue": {"de": "x", "@none": "y"}}, {"tongue": [{"@value": "x", "@language": "de"}, {"@value": "y"}]}),
        ({"nest": {"p": "x"}}, {"p": [{"@value": "x"}]}),
        ({"nest": [{"p": "x"}, {"nest": {"p": "y"}}]}, {"p": [{"@value": "x"}, {"@value": "y"}]}),
        ({"list": []}, {"list": [{"@list": []}]}),
        ({"list": [["a"], []]}, {"list": [{"@list": [{"@list": [{"@value": "a"}]}, {"@list": []}]}]}),
        ({"json": None}, {"json": [{"@value": None, "@type": "@json"}]}),
        ({"json": [None, []]}, {"json": [{"@value": [None, []], "@type": "@json"}]}),
    ],
)
def test_what_is_kept(value: Any, expanded: dict[str, Any]) -> None:
    assert one(value) == {"@id": "urn:s"} | {f"urn:v:{name}": said for name, said in expanded.items()}


def test_reverse_and_included() -> None:
    assert one({"children": [{"p": "x"}]}) == {
        "@id": "urn:s",
        "@reverse": {"urn:v:parent": [{"urn:v:p": [{"@value": "x"}]}]},
    }
    included = one({"p": "x", "@included": [{"id": "urn:o", "p": "y"}]})
    assert included["@included"] == [{"@id": "urn:o", "urn:v:p": [{"@value": "y"}]}]


@pytest.mark.parametrize(
    ("value", "refusal", "pointer"),
    [
        ({"none": "x"}, UnmappedTerm, "/none"),
        ({"p": None}, DroppedValue, "/p"),
        ({"p": ["x", None]}, DroppedValue, "/p/1"),
        ({"p": []}, DroppedValue, "/p"),
        ({"p": [["x"]]}, DroppedValue, "/p/0"),
        ({"p": {"@value": None}}, DroppedValue, "/p"),
        ({"p": {"@set": []}}, DroppedValue, "/p/@set"),
        ({"graph": {}}, DroppedValue, "/graph"),
        ({"graphs": {"urn:g": {"id": "urn:a"}}}, DroppedValue, "/graphs/urn:g"),
        ({"p": {"@value": "x", "@language": "not a tag"}}, ValueRefused, "/p"),
        ({"p": {"@value": "x", "@type": "@id"}}, UnmappedTerm, "/p/@type"),
        ({"p": {"id": "relative"}}, UnmappedTerm, "/p/id"),
        ({"ref": "relative"}, UnmappedTerm, "/ref"),
        ({"ref": "@later"}, UnmappedTerm, "/ref"),
        ({"type": []}, DroppedValue, "/type"),
        ({"type": [7]}, ValueRefused, "/type"),
        ({"id2": {"@id": None}}, ValueRefused, "/id2/@id"),
        ({"@future": "x"}, UnmappedTerm, "/@future"),
        ({"@version": "x"}, KeywordRefused, "/@version"),
        ({"tongue": {"de": None}}, DroppedValue, "/tongue/de"),
        ({"tongue": {"de": []}}, DroppedValue, "/tongue/de"),
        ({"tongue": {}}, DroppedValue, "/tongue"),
        ({"tongue": {"de": 7}}, ValueRefused, "/tongue/de"),
        ({"byIndex": {"a": None}}, DroppedValue, "/byIndex/a"),
        ({"byIndex": {"a": ["x", None]}}, DroppedValue, "/byIndex/a/1"),
        ({"byIndex": {}}, DroppedValue, "/byIndex"),
        ({"byId": {"relative": {"p": "x"}}}, UnmappedTerm, "/byId/relative"),
        ({"byId": {"urn:a": "x"}}, ValueRefused, "/byId/urn:a"),
        ({"byCode": {"7": "x"}}, ValueRefused, "/byCode/7"),
        ({"nest": "x"}, ValueRefused, "/nest"),
        ({"nest": {"@value": "x"}}, ValueRefused, "/nest"),
        ({"nest": {}}, DroppedValue, "/nest"),
        ({"nest": {"p": [None]}}, DroppedValue, "/nest/p/0"),
        ({"children": "x"}, ValueRefused, "/children"),
        ({"@reverse": {"p": {"@list": ["x"]}}}, ValueRefused, "/@reverse"),
        ({"@reverse": "x"}, ValueRefused, "/@reverse"),
        ({"@included": "x"}, ValueRefused, "/@included"),
        ({"@included": []}, DroppedValue, "/@included"),
        ({"p": {"@list": ["x"], "q": "y"}}, ValueRefused, "/p"),
        ({"p": {"@value": "x", "q": "y"}}, ValueRefused, "/p"),
    ],
)
def test_refusal_points_at_the_value(value: Any, refusal: type[JSONLDRejected], pointer: str) -> None:
    with pytest.raises(refusal) as caught:
        one(value)
    assert caught.value.values["pointer"] == pointer


def test_unsafe_mode_drops() -> None:
    value: dict[str, Any] = {
        "p": [None, "x", []],
        "none": "lost",
        "@future": "lost",
        "ref": "relative",
        "q": {"@value": None},
    }
    assert one(value, safe=False) == {
        "@id": "urn:s",
        "urn:v:p": [{"@value": "x"}],
        "urn:v:ref": [{"@id": "relative"}],
    }
    assert expand({"@id": "urn:s"}, Contexts({}), safe=False) == []
    assert expand(["x", None], Contexts({}), safe=False) == []


def test_a_base_and_a_context_given_beside_the_document() -> None:
    options = Options(base="https://h.example/a/b", expand_context={"@context": {"p": {"@id": "c", "@type": "@id"}}})
    with pytest.raises(JSONLDRejected) as caught:
        expand({"p": "d"}, Contexts({}), options=options)
    assert caught.value.error_code == "invalid IRI mapping"
    options = Options(base="https://h.example/a/b", expand_context={"p": {"@id": "urn:p", "@type": "@id"}})
    assert expand({"p": "../d"}, Contexts({}), options=options) == [{"urn:p": [{"@id": "https://h.example/d"}]}]
