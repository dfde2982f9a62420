"""Judging: the wallet finds what a query takes, the enclave accepts exactly that."""

from typing import Any

import pytest
import rfc8785
from health_issuer import ASKED, KEYS, credential, lab

from panacea.credentials import (
    PRESENTATION_DEFINITION,
    Checked,
    DealUnusable,
    DisclosureExcess,
    NotMatched,
    Query,
    QueryNotSatisfied,
    derive_view,
    for_observations,
    parse,
    verify_view,
)

ROOT = "$.credentialSubject.resource"
LABORATORY = parse(PRESENTATION_DEFINITION, for_observations(["4548-4"]))


def query(*fields: dict[str, Any]) -> Query:
    constraints: dict[str, Any] = {"limit_disclosure": "required", "fields": list(fields)}
    document: dict[str, Any] = {"id": "q", "input_descriptors": [{"id": "d", "constraints": constraints}]}
    return parse(PRESENTATION_DEFINITION, rfc8785.dumps(document))


def shown(*fields: str, resource: dict[str, Any] | None = None) -> Checked:
    view = derive_view(credential(resource), fields=fields, presentation_header=b"")
    return verify_view(view, header=b"", issuer_key=KEYS.bbs_public)


def test_what_the_wallet_chooses_the_enclave_accepts() -> None:
    LABORATORY.require_satisfied(shown(*LABORATORY.fields(lab())))
    LABORATORY.require_satisfied(shown(*LABORATORY.fields(lab(), optional=False)))


@pytest.mark.parametrize("left_out", ["/status", "/code", "/valueQuantity"])
def test_a_required_field_is_hidden(left_out: str) -> None:
    with pytest.raises(QueryNotSatisfied, match=r"query_not_satisfied$"):
        LABORATORY.require_satisfied(shown(*(field for field in ASKED if field != left_out)))


@pytest.mark.parametrize(
    "left_in_code", [["/code/coding/1"], ["/code/coding/0/code"], ["/code/coding/0/system", "/code/coding/1/code"]]
)
def test_a_field_is_shown_only_in_part(left_in_code: list[str]) -> None:
    with pytest.raises(QueryNotSatisfied):
        LABORATORY.require_satisfied(shown("/resourceType", "/status", "/valueQuantity", *left_in_code))


def test_no_comparator_can_be_hidden() -> None:
    below = lab() | {"valueQuantity": {"comparator": "<", "value": 4, "unit": "%"}}
    LABORATORY.require_satisfied(shown(*LABORATORY.fields(below), resource=below))
    parts = [field for field in ASKED if field != "/valueQuantity"]
    with pytest.raises(QueryNotSatisfied, match="valueQuantity"):
        LABORATORY.require_satisfied(shown(*parts, "/valueQuantity/value", "/valueQuantity/unit", resource=below))
    with pytest.raises(QueryNotSatisfied, match="valueQuantity"):
        LABORATORY.require_satisfied(shown(*parts, "/valueQuantity/value", "/valueQuantity/unit"))


def test_items_in_the_middle_cannot_be_hidden() -> None:
    resource = {"resourceType": "Basic", "note": [{"text": "a"}, {"text": "b"}, {"text": "c"}]}
    wanted = query({"path": [f"{ROOT}.note"]})
    wanted.require_satisfied(shown("/note", resource=resource))
    with pytest.raises(QueryNotSatisfied):
        wanted.require_satisfied(shown("/note/0", "/note/2", resource=resource))


def test_nothing_is_shown() -> None:
    with pytest.raises(QueryNotSatisfied):
        LABORATORY.require_satisfied(shown())


@pytest.mark.parametrize("extra", ["/id", "/subject/display", "/note/1", "/performer", ""])
def test_more_is_shown_than_was_asked(extra: str) -> None:
    with pytest.raises(DisclosureExcess, match=r"disclosure_excess$"):
        LABORATORY.require_satisfied(shown(*ASKED, extra))


def test_the_kind_of_a_record_inside_is_no_excess() -> None:
    resource = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient", "active": True}}]}
    wanted = query({"path": [f"{ROOT}.entry[*].resource.active"]})
    assert wanted.fields(resource) == ["/entry/0/resource/active"]
    wanted.require_satisfied(shown("/entry/0/resource/active", resource=resource))


def test_a_value_in_the_place_of_a_kind_is_excess() -> None:
    resource = {"resourceType": "Basic", "a": {"b": 1, "resourceType": "her name is Anna"}}
    with pytest.raises(DisclosureExcess):
        query({"path": [f"{ROOT}.a.b"]}).require_satisfied(shown("/a", resource=resource))


def test_an_item_keeps_the_index_that_was_signed() -> None:
    """Shown alone, the second coding looks like the first; it is still the second."""
    first = query({"path": [f"{ROOT}.code.coding[0].system"]})
    first.require_satisfied(shown("/code/coding/0/system"))
    view = shown("/code/coding/1/system")
    assert view.resource["code"]["coding"][0]["system"] == "urn:lab"
    with pytest.raises(QueryNotSatisfied):
        first.require_satisfied(view)


def test_a_filter_judges_what_is_asked_item_by_item() -> None:
    wanted = query({"path": [f"{ROOT}.code.coding[*].code"], "filter": {"pattern": "^[0-9-]+$"}})
    assert wanted.fields(lab()) == ["/code/coding/0/code"]
    wanted.require_satisfied(shown("/code/coding/0/code"))
    with pytest.raises(DisclosureExcess):
        wanted.require_satisfied(shown("/code/coding/0/code", "/code/coding/1/code"))


def test_numbers_are_judged_exactly() -> None:
    for limit, met in ((7.9, True), (7.899999, False)):
        wanted = query({"path": [f"{ROOT}.valueQuantity.value"], "filter": {"type": "number", "maximum": limit}})
        if met:
            wanted.require_satisfied(shown(*wanted.fields(lab())))
        else:
            with pytest.raises(NotMatched):
                wanted.fields(lab())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"resourceType": "Procedure"}, "resourceType"),
        ({"status": None}, "status"),
        ({"code": {"text": "HbA1c"}}, "code"),
        ({"code": {"coding": [{"system": "urn:lab", "code": "4548-4"}]}}, "code"),
        ({"code": {"coding": [{"system": "http://loinc.org", "code": "4548-5"}]}}, "code"),
        ({"valueQuantity": {"unit": "%"}}, "valueQuantity"),
        ({"valueQuantity": {"value": "7.9"}}, "valueQuantity"),
    ],
)
def test_a_record_that_does_not_fit(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotMatched) as refused:
        LABORATORY.fields(lab() | change)
    assert refused.value.reason.endswith(f".{reason}")
    assert refused.value.text == "query_not_satisfied"


def test_a_field_with_a_name_is_called_by_it() -> None:
    with pytest.raises(NotMatched) as refused:
        query({"id": "the time", "path": [f"{ROOT}.effectiveInstant"]}).fields(lab())
    assert refused.value.reason == "the time"


def test_nodes_inside_others_are_asked_once() -> None:
    assert query({"path": [f"{ROOT}.code.coding[0]"]}, {"path": [f"{ROOT}.code"]}).fields(lab()) == ["/code"]


def test_a_hostile_query_runs_out_of_work() -> None:
    resource = {"resourceType": "List", "entry": [{"a": [{"b": str(n)} for n in range(30)]} for _ in range(30)]}
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(6):
        deep = {"anyOf": [deep, deep]}
    field = {"path": [f"{ROOT}.entry"] * 8, "filter": deep, "optional": True}
    wanted = query(field, field, field, {"path": [f"{ROOT}.entry"]})
    with pytest.raises(DealUnusable, match="work"):
        wanted.fields(resource)
    view = shown("/entry", resource=resource)
    with pytest.raises(DealUnusable, match="work"):
        wanted.require_satisfied(view)


def test_a_hostile_pattern_takes_linear_time() -> None:
    wanted = query({"path": [f"{ROOT}.text"], "filter": {"pattern": "^(a+)+$"}})
    with pytest.raises(NotMatched):
        wanted.fields({"resourceType": "Basic", "text": "a" * 100_000 + "b"})


def test_costly_patterns_run_out_of_work() -> None:
    pattern = {"path": [f"{ROOT}.text"], "filter": {"not": {"pattern": "[ab]*a[ab]{200}c"}}}
    with pytest.raises(DealUnusable, match="work"):
        query(*[pattern] * 64).fields({"resourceType": "Basic", "text": "ab" * 50_000})


def test_whole_records_may_be_asked_for() -> None:
    wanted = query({"path": [ROOT]})
    assert wanted.fields(lab()) == [""]
    view = shown("")
    wanted.require_satisfied(view)
    assert view.resource == lab()
