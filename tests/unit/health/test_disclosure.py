"""Disclosure maps, and the words for what leaves."""

import pytest
from shared_files import fhir

from panacea.health.disclosure import cost, disclosure_map, explain, fields_of, is_mapped
from panacea.health.elements import FHIRVersion, Use
from panacea.health.strict_json import parse_json

KINDS = [
    "Observation",
    "Condition",
    "Immunization",
    "MedicationRequest",
    "DiagnosticReport",
    "AllergyIntolerance",
    "Procedure",
    "Patient",
    "Encounter",
]
LAB = parse_json(
    b"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"HbA1c"},"subject":{"reference":"Patient/7"},
    "valueQuantity":{"value":7.90,"unit":"%"},"referenceRange":[{"low":{"value":4},"high":{"value":6.0}}],
    "device":{"display":"meter"},"effectivePeriod":{"start":"2024"}}"""
)


def test_what_leaves_in_words() -> None:
    lines = [line.sentence for line in explain(LAB, ["status", "value[x]", "/referenceRange/0/low", "code"])]
    assert lines == [
        "Kind of record: Observation (leaves)",
        "Status: final (leaves)",
        "What it is about: HbA1c (leaves)",
        "Value: 7.90 % (leaves)",
        "Time of the measurement: 2024 to … (stays)",
        "Reference range: 4 to 6.0 (leaves in part)",
        "Record number: o (stays)",
        "Patient: Patient/7 (stays)",
        "Device: meter (stays)",
    ]


def test_unnamed_elements_count_as_identifying() -> None:
    strange = {**LAB, "bloodOf": "Anna"}
    uses = {field.path: field.use for field in fields_of(strange)}
    assert uses["/bloodOf"] is uses["device"] is Use.IDENTIFYING
    assert uses["value[x]"] is Use.USEFUL
    assert uses["status"] is Use.NEEDED
    assert is_mapped(LAB)
    assert not is_mapped(strange)
    assert not is_mapped({"resourceType": "Contract", "status": "active"})


def test_a_type_without_a_map_gets_what_most_have() -> None:
    contract = {"resourceType": "Contract", "id": "c", "status": "x", "subject": {}, "term": [], "date": "2024"}
    uses = {field.path: field.use for field in fields_of(contract)}
    assert uses["subject"] is uses["/term"] is Use.IDENTIFYING
    assert uses["date"] is Use.USEFUL
    assert disclosure_map("Contract").groups == ()


def test_maps_differ_by_release() -> None:
    old, new = disclosure_map("MedicationRequest"), disclosure_map("MedicationRequest", FHIRVersion.R5)
    assert "medication[x]" in old.paths(Use.NEEDED)
    assert "medication" in new.paths(Use.NEEDED)
    assert "reasonCode" in old.paths(Use.USEFUL)
    assert "reasonCode" not in new.paths(Use.USEFUL)
    # A type that a release does not have gets the map of an unknown one there.
    assert disclosure_map("Media", FHIRVersion.R5).fields == disclosure_map("Contract").fields


def test_labels_of_a_release_are_words_too() -> None:
    record = {
        "resourceType": "MedicationRequest",
        "medication": {"concept": {"text": "Paracetamol"}},
        "reason": [{"concept": {"text": "Pain"}}, {"reference": {"reference": "Condition/1"}}],
    }
    lines = [line.sentence for line in explain(record, ["medication"])]
    assert lines == [
        "Kind of record: MedicationRequest (leaves)",
        "Medication: Paracetamol (leaves)",
        "Reason: Pain; Condition/1 (stays)",
    ]


def test_groups_name_what_is_read_together() -> None:
    assert disclosure_map("Observation").group("time") == ["effective[x]", "issued"]
    assert disclosure_map("Observation").group("nothing") == []


def test_cost_counts_statements() -> None:
    everything = cost(LAB, [""])
    assert everything.hidden == everything.proof_bytes == 0
    nothing = cost(LAB, [])
    assert (nothing.shown, nothing.hidden) == (0, everything.shown)
    # The value, its two members, and the kind of the record on the way to it.
    value = cost(LAB, ["value[x]"])
    assert value.shown == 4
    assert value.proof_bytes == 32 * (everything.shown - 4)
    assert cost(LAB, ["value[x]", "/valueQuantity/unit", "value[x]"]) == value


@pytest.mark.parametrize("kind", KINDS)
def test_maps_fit_the_examples(kind: str) -> None:
    mapped = disclosure_map(kind)
    assert {"identifier", "text", "id", "meta"} <= set(mapped.paths(Use.IDENTIFYING))
    resources = [parse_json(path.read_bytes()) for path in sorted(fhir().glob(f"{kind}-*.json"))]
    assert resources
    used = {field.path for resource in resources for field in fields_of(resource)}
    assert used & set(mapped.paths(Use.USEFUL))
    for resource in resources:
        assert all(line.value for line in explain(resource, ["code"]) if line.leaves == "all")
