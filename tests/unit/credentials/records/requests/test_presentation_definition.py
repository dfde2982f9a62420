"""Presentation Definitions: what is read, and what is refused by name."""

from typing import Any

import pytest
import rfc8785
from health_issuer import lab

from panacea.credentials import PRESENTATION_DEFINITION, DealUnusable, Query, for_observations, parse

Document = dict[str, Any]  # Any: JSON of a definition
ROOT = "$.credentialSubject.resource"


def definition(*fields: Document, **changes: Any) -> Document:
    constraints = {"limit_disclosure": "required", "fields": list(fields)}
    return {"id": "q", "input_descriptors": [{"id": "d", "constraints": constraints}]} | changes


def read(document: Document) -> Query:
    return parse(PRESENTATION_DEFINITION, rfc8785.dumps(document))


def asked(*paths: str, **more: Any) -> list[str]:
    return read(definition({"path": list(paths), **more})).fields(lab())


@pytest.mark.parametrize(
    ("path", "pointers"),
    [
        (f"{ROOT}.status", ["/status"]),
        (f"{ROOT}['status']", ["/status"]),
        (f"{ROOT}.id", ["/id"]),
        (f"{ROOT}.resourceType", ["/resourceType"]),
        (f"{ROOT}.code.coding[*].code", ["/code/coding/0/code", "/code/coding/1/code"]),
        (f"{ROOT}.code.coding[1].code", ["/code/coding/1/code"]),
        (f"{ROOT}.note", ["/note"]),
        (ROOT, [""]),
    ],
)
def test_paths(path: str, pointers: list[str]) -> None:
    assert asked(path) == pointers


def test_the_first_path_that_leads_somewhere_counts() -> None:
    assert asked(f"{ROOT}.effectivePeriod", f"{ROOT}.effectiveDateTime", f"{ROOT}.status") == ["/effectiveDateTime"]


def test_a_filter_chooses_items() -> None:
    only = {"type": "object", "properties": {"system": {"const": "urn:lab"}}}
    assert asked(f"{ROOT}.code.coding[*]", filter=only) == ["/code/coding/1"]


@pytest.mark.parametrize(
    "path",
    [
        "", "$", "$.issuer", "$.credentialSubject.id", "$..code", f"{ROOT}s.code", f"{ROOT}..code", f"{ROOT}.a[?(@.b)]",
        f"{ROOT}.a[-1]", f"{ROOT}.a[0:2]", f"{ROOT}.*", f"{ROOT}.a[01]", f"{ROOT}.", f"{ROOT}.a" * 400, 5,
        f"{ROOT}" + ".a" * 33,
    ],
)  # fmt: skip
def test_paths_that_are_not_read(path: Any) -> None:
    with pytest.raises(DealUnusable):
        asked(path)


FIELD = {"path": [f"{ROOT}.status"]}
DESCRIPTOR = definition(FIELD)["input_descriptors"][0]


def constrained(**more: Any) -> Document:
    return definition(input_descriptors=[{"id": "d", "constraints": DESCRIPTOR["constraints"] | more}])


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (definition(FIELD, submission_requirements=[]), "submission_requirements"),
        (definition(FIELD, format={"ldp_vc": {}}), "format"),
        (definition(FIELD, frame={}), "frame"),
        (definition({**FIELD, "predicate": "required"}), "predicate"),
        (definition({**FIELD, "intent_to_retain": True}), "intent_to_retain"),
        (definition(FIELD, input_descriptors=[{**DESCRIPTOR, "group": ["A"]}]), "group"),
        (definition(FIELD, input_descriptors=[{**DESCRIPTOR, "schema": []}]), "schema"),
        (definition(FIELD, input_descriptors=[DESCRIPTOR, DESCRIPTOR]), "input_descriptors"),
        (definition(FIELD, input_descriptors=[]), "input_descriptors"),
        (definition(FIELD, input_descriptors=[[]]), "object"),
        (definition(FIELD, name=5), "name"),
        ({"input_descriptors": [DESCRIPTOR]}, "id"),
        (definition(FIELD, input_descriptors=[{"id": "d", "constraints": {"fields": [FIELD]}}]), "limit_disclosure"),
        (constrained(is_holder=[]), "is_holder"),
        (constrained(same_subject=[]), "same_subject"),
        (constrained(subject_is_issuer="required"), "subject_is_issuer"),
        (constrained(statuses={}), "statuses"),
        (constrained(limit_disclosure="preferred"), "limit_disclosure"),
        (definition({**FIELD, "optional": 1}), "optional"),
        (definition({**FIELD, "optional": True}), "one of them required"),
        (definition(), "fields"),
        (definition(*[FIELD] * 65), "fields"),
        (definition({"path": []}), "1 to 8 paths"),
        (definition({"path": [ROOT] * 9}), "1 to 8 paths"),
        (definition({"path": ROOT}), "path"),
        (definition({"filter": {}}), "path"),
        (definition({**FIELD, "filter": {"$ref": "https://schemas.example/a"}}), "keyword"),
    ],
)  # fmt: skip
def test_what_is_not_done_is_refused_by_name(document: Document, named: str) -> None:
    with pytest.raises(DealUnusable, match=named):
        read(document)


def test_the_deal_of_the_laboratory() -> None:
    query = parse(PRESENTATION_DEFINITION, for_observations(["4548-4", "718-7"]))
    assert query.fields(lab()) == ["/resourceType", "/status", "/code", "/valueQuantity", "/effectiveDateTime"]
    assert query.fields(lab(), optional=False) == ["/resourceType", "/status", "/code", "/valueQuantity"]
    assert for_observations(["a", "b", "a"]) == for_observations(["b", "a"])
