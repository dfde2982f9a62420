"""Releases of FHIR: declared, told by structure, said in a credential, and the paths of one in another."""

from typing import Any

import pytest

from panacea.credentials.rdf import canonicalize, to_quads
from panacea.credentials.records import model
from panacea.health.elements import ALL, FHIRVersion, find_table
from panacea.health.mapping import CONTEXT_URL, subject_form
from panacea.health.paths import elements_for
from panacea.health.strict_json import parse_json, to_json
from panacea.health.tables import Delivered, row
from panacea.health.types import JSONRejected, PathRejected, ResourceRejected, VersionRejected
from panacea.health.versions import (
    _renames,
    find_version,
    get_version,
    path_in,
    paths_in,
    read_record_subject,
    read_version,
    record_subject,
    type_iri,
    version_of,
)

R4, R4B, R5 = FHIRVersion
ORDER: dict[str, Any] = {
    "resourceType": "MedicationRequest",
    "status": "active",
    "intent": "order",
    "medication": {"concept": {"coding": [{"system": "atc", "code": "N02BE01", "display": "Paracetamol"}]}},
    "reason": [{"concept": {"text": "Pain"}}],
    "authoredOn": "2024-03-01",
}
VISIT: dict[str, Any] = {
    "resourceType": "Encounter",
    "status": "completed",
    "class": [{"coding": [{"code": "AMB"}]}],
    "actualPeriod": {"start": "2024-03-01T10:00:00Z"},
}


@pytest.mark.parametrize(
    ("text", "version"),
    [("4.0.1", R4), ("4.0", R4), ("4.0.0", R4), ("R4B", R4B), ("4.3.0", R4B), ("5.0.0", R5), ("R5", R5)]
    + [(text, None) for text in ("3.0.2", "4", "R6", "", "5.0.0-ballot", "4.0.1.1", "r5")],
)  # fmt: skip
def test_numbers(text: str, version: FHIRVersion | None) -> None:
    assert find_version(text) is version
    if version is None:
        with pytest.raises(VersionRejected):
            get_version(text)
    else:
        assert get_version(text) is version


@pytest.mark.parametrize(
    ("members", "media_type", "declared"),
    [
        ({"meta": {"profile": ["http://hl7.org/fhir/4.0/StructureDefinition/Patient"]}}, "", R4),
        ({"meta": {"profile": ["http://hl7.org/fhir/StructureDefinition/Patient|5.0.0"]}}, "", R5),
        (
            {"meta": {"profile": ["https://x", 7, "http://hl7.org/fhir/StructureDefinition/P|4.3.0"]}},
            "",
            R4B,
        ),
        ({"meta": {"profile": ["http://hl7.org/fhir/3.0/StructureDefinition/Patient"]}}, "", None),
        ({"fhirVersion": "4.0.1"}, "", R4),
        ({"fhirVersion": ["9.9", "5.0.0"]}, "", R5),
        ({"fhirVersion": {"a": 1}, "meta": [], "x": None}, "", None),
        ({"meta": {"profile": "no list"}}, "application/fhir+json; charset=utf-8; fhirVersion=4.3", R4B),
        ({}, 'application/fhir+json;fhirVersion="5.0"', R5),
        ({}, "application/json", None),
    ],
)
def test_declarations(members: dict[str, Any], media_type: str, declared: FHIRVersion | None) -> None:
    reading = read_version({"resourceType": "Patient", **members}, media_type)
    assert reading.declared is reading.version is declared
    assert not reading.is_contradictory


@pytest.mark.parametrize(
    ("resource", "possible"),
    [
        (ORDER, {R5}),
        (VISIT, {R5}),
        ({"resourceType": "Encounter", "class": {"code": "AMB"}}, {R4, R4B}),
        ({"resourceType": "MedicationRequest", "medicationCodeableConcept": {}}, {R4, R4B}),
        ({"resourceType": "Media"}, {R4, R4B}),
        ({"resourceType": "DeviceUsage"}, {R5}),
        ({"resourceType": "Observation", "valueQuantity": {}, "_status": {}, "strange": 1}, set(ALL)),
        ({"resourceType": "Observation", "triggeredBy": []}, {R5}),
        ({"resourceType": "Condition", "evidence": [{"concept": {"text": "x"}}]}, {R5}),
        ({"resourceType": "Device", "type": {"text": "x"}}, {R4, R4B}),
        ({"resourceType": "Contract", "x": [{"reference": {"reference": "A/1"}}]}, {R5}),
        ({"resourceType": "Patient", "contained": [ORDER]}, set(ALL)),
        ({"resourceType": "MedicationRequest", "medication": {}, "reasonCode": []}, set()),
    ],
)
def test_structure(resource: dict[str, Any], possible: set[FHIRVersion]) -> None:
    reading = read_version(resource)
    assert reading.possible == possible
    assert version_of(resource) is (R5 if possible == {R5} else None)


def test_a_contradiction_is_told_not_refused() -> None:
    reading = read_version(ORDER, "application/fhir+json; fhirVersion=4.0")
    assert reading.version is R4
    assert reading.is_contradictory


def test_depth_is_bounded() -> None:
    deep: Any = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(JSONRejected):
        read_version({"resourceType": "Patient", "x": deep})


@pytest.mark.parametrize("resource", [ORDER, VISIT, {"resourceType": "Patient", "active": True}])
def test_a_credential_says_the_release_where_it_is_known(resource: dict[str, Any]) -> None:
    subject = record_subject(resource)
    assert subject["resource"] == subject_form(resource)
    known = version_of(resource)
    assert subject.get("type") == (None if known is None else type_iri(resource["resourceType"], known))
    again, version = read_record_subject(parse_json(to_json(subject)))
    assert to_json(again) == to_json(resource)
    assert version is known


def test_the_release_is_one_statement_more() -> None:
    def lines(subject: dict[str, Any]) -> set[str]:
        document = {
            "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
            "type": ["VerifiableCredential"],
            "credentialSubject": subject,
        }
        return set(canonicalize(to_quads(document, model.credential_contexts())).lines)

    plain = {"resource": subject_form({"resourceType": "Patient", "active": True})}
    named = record_subject({"resourceType": "Patient", "active": True}, R4)
    iri = "<http://hl7.org/fhir/4.0/StructureDefinition/Patient>"
    assert len(lines(named)) == len(lines(plain)) + 1
    assert [line for line in lines(named) if iri in line]


@pytest.mark.parametrize(
    "said", ["http://hl7.org/fhir/3.0/StructureDefinition/Patient", type_iri("Observation", R4), "Patient", 7, ["x"]]
)
def test_a_wrong_release_is_refused(said: object) -> None:
    subject = {"type": said, "resource": subject_form({"resourceType": "Patient", "active": True})}
    with pytest.raises(VersionRejected):
        read_record_subject(subject)


@pytest.mark.parametrize("subject", [None, [], {}, {"resource": 7}])
def test_a_subject_without_a_record_is_refused(subject: object) -> None:
    with pytest.raises(ResourceRejected):
        read_record_subject(subject)


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("MedicationRequest", "medicationCodeableConcept.coding.code", "medication.concept.coding.code"),
        ("MedicationRequest", "MedicationRequest.medication[x]", "medication"),
        ("MedicationRequest", "dosageInstruction.text", "dosageInstruction.text"),
        ("MedicationRequest", "/medicationCodeableConcept/text", "/medicationCodeableConcept/text"),
        ("Encounter", "class.code", "class.coding.code"),
        ("Encounter", "period.start", "actualPeriod.start"),
        ("Encounter", "reasonCode.coding", "reason.value.concept.coding"),
        ("Encounter", "participant.individual.display", "participant.actor.display"),
        ("Encounter", "participant.type", "participant.type"),
        ("Procedure", "performed[x]", "occurrence[x]"),
        ("DeviceUsage", "source", "informationSource"),
        ("Observation", "value[x]", "value[x]"),
        ("Contract", "term", "term"),
    ],
)
def test_paths(kind: str, old: str, new: str) -> None:
    assert path_in(old, kind, R5) == new
    assert path_in(old, kind, R4) in {old, old.removeprefix(f"{kind}.")}


def test_an_unreadable_path_is_refused() -> None:
    with pytest.raises(PathRejected):
        path_in("a b", "Patient", R5)


def test_a_query_of_r4_finds_the_elements_of_r5() -> None:
    wanted = ["status", "medicationCodeableConcept.coding.code", "reasonCode.text"]
    assert elements_for(ORDER, wanted) == ["/status"]
    assert elements_for(ORDER, paths_in(wanted, ORDER)) == [
        "/status",
        "/medication/concept/coding/0/code",
        "/reason/0/concept/text",
    ]
    older = {"resourceType": "MedicationRequest", "medicationCodeableConcept": {"text": "x"}}
    assert paths_in(["medicationCodeableConcept.text"], older) == ["medicationCodeableConcept.text"]


@pytest.mark.parametrize("kind", sorted(_renames()))
def test_renames_are_of_elements_that_exist(kind: str) -> None:
    older = find_table(kind)
    newer = find_table({"DeviceUseStatement": "DeviceUsage"}.get(kind, kind))
    assert older is not None
    assert newer is not None
    names = {
        R4: {element.name for element in older.of_version(R4)},
        R5: {element.name for element in newer.of_version(R5)},
    }
    for before, after in _renames()[kind].items():
        assert before != after
        for steps, known in ((before, names[R4]), (after, names[R5])):
            assert steps[0] in known or any(
                name.endswith("[x]") and steps[0].startswith(name[:-3]) for name in known
            ), steps


def test_tables_read_every_release() -> None:
    found = row(Delivered(ORDER))
    assert (found["code_system"], found["code"], found["display"]) == ("atc", "N02BE01", "Paracetamol")
    assert found["time"] == "2024-03-01"
    assert row(Delivered(VISIT))["time"] == "2024-03-01T10:00:00Z"
    older = {
        "resourceType": "MedicationRequest",
        "medicationCodeableConcept": {"coding": [{"code": "A"}]},
    }
    assert row(Delivered(older))["code"] == "A"
