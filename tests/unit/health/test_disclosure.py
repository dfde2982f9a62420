"""Disclosure maps, and the words for what leaves."""

import pytest
from shared_files import fhir

from panacea.health.disclosure import Use, disclosure_map, explain, fields_of
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
    uses = {field.path: field.use for field in fields_of(LAB)}
    assert uses["/device"] is Use.IDENTIFYING
    assert uses["value[x]"] is Use.USEFUL
    assert uses["status"] is Use.NEEDED


@pytest.mark.parametrize("kind", KINDS)
def test_maps_fit_the_examples(kind: str) -> None:
    mapped = disclosure_map(kind)
    assert {"subject", "patient", "identifier", "text"} <= set(mapped.paths(Use.IDENTIFYING))
    resources = [parse_json(path.read_bytes()) for path in sorted(fhir().glob(f"{kind}-*.json"))]
    assert resources
    used = {field.path for resource in resources for field in fields_of(resource)}
    assert used & set(mapped.paths(Use.USEFUL))
    for resource in resources:
        assert all(line.value for line in explain(resource, ["code"]) if line.leaves == "all")
