"""International Patient Summaries: read, refused by name, split, built, and read again."""

import json
import time
from collections.abc import Callable
from typing import Any

import carebundle
import pytest

from panacea.health.bundles import Record
from panacea.health.elements import FHIRVersion
from panacea.health.loinc import LOINC
from panacea.health.references import MAX_ENTRIES, MAX_REFERENCES, Entries, Entry, references_in
from panacea.health.sections import SECTIONS, section_of
from panacea.health.strict_json import parse_json, to_json
from panacea.health.summaries import (
    MAX_SECTIONS,
    Making,
    build_summary,
    parse_summary,
    parts,
    read_summary,
)
from panacea.health.types import (
    BundleTooLarge,
    DuplicateFullURL,
    HealthRejected,
    JSONRejected,
    NarrativeRejected,
    ReferenceUnresolved,
    ResourceRejected,
    SectionMisplaced,
    SectionMissing,
    SummaryRejected,
)

ROOT = "https://hospital.example/fhir/"
MAKING = Making(("urn:ietf:rfc:3986", "urn:uuid:1"), "2026-03-01T10:00:00+01:00", "Practitioner/d", root=ROOT)
PATIENT: dict[str, Any] = {"resourceType": "Patient", "id": "p", "name": [{"family": "Example"}]}
DOCTOR: dict[str, Any] = {"resourceType": "Practitioner", "id": "d"}
ASTHMA: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c1",
    "clinicalStatus": {"coding": [{"code": "active"}]},
    "code": {"text": "Asthma <script>alert(1)</script> & \x00\x1b co"},
    "subject": {"reference": "Patient/p"},
}
BROKEN_LEG: dict[str, Any] = {
    "resourceType": "Condition",
    "id": "c2",
    "clinicalStatus": {"coding": [{"code": "resolved"}]},
    "subject": {"reference": "Patient/p"},
}
HBA1C: dict[str, Any] = parse_json(
    b"""{"resourceType":"Observation","id":"o","status":"final","code":{"text":"HbA1c"},
    "category":[{"coding":[{"code":"laboratory"}]}],"subject":{"reference":"Patient/p"},
    "performer":[{"reference":"Practitioner/d"}],"valueQuantity":{"value":7.90,"unit":"%"}}"""
)
WEIGHT: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "w",
    "category": [{"coding": [{"code": "vital-signs"}]}],
    "subject": {"reference": "https://elsewhere.example/Patient/9"},
}
RECORDS = [Record("", one) for one in (DOCTOR, HBA1C, ASTHMA, PATIENT, BROKEN_LEG, WEIGHT)]


def bundle() -> Any:
    """A fresh summary, to be changed."""
    return parse_json(to_json(build_summary(RECORDS, MAKING)))


def section(document: Any, name: str) -> Any:
    code = next(kind.code for kind in SECTIONS if kind.name == name)
    found = document["entry"][0]["resource"]["section"]
    return next(one for one in found if one["code"]["coding"][0]["code"] == code)


def test_records_become_a_summary_and_come_back() -> None:
    summary = parse_summary(to_json(build_summary(RECORDS, MAKING)))
    assert summary.patient.full_url == f"{ROOT}Patient/p"
    assert [(one.kind.name, len(one.entries), one.empty_reason) for one in summary.sections if one.kind] == [
        ("problems", 1, ""),
        ("allergies", 0, "unavailable"),
        ("medications", 0, "unavailable"),
        ("results", 1, ""),
        ("vital_signs", 1, ""),
        ("past_illness", 1, ""),
    ]
    found = parts(summary)
    assert [part.reference for part in found][1:] == [
        f"{ROOT}{name}" for name in ("Patient/p", "Condition/c1", "Observation/o", "Observation/w", "Condition/c2",
                                     "Practitioner/d")
    ]  # fmt: skip
    by_name = {part.reference: part for part in found}
    for record in RECORDS:
        part = by_name[f"{ROOT}{record.resource['resourceType']}/{record.resource['id']}"]
        assert to_json(part.resource) == to_json(record.resource)
        assert part.record.full_url == part.reference
    lab = by_name[f"{ROOT}Observation/o"]
    assert lab.sections == ("results",)
    assert lab.refers_to == {
        "/subject/reference": f"{ROOT}Patient/p",
        "/performer/0/reference": f"{ROOT}Practitioner/d",
    }
    assert by_name[f"{ROOT}Observation/w"].refers_to == {}
    assert found[0].resource["resourceType"] == "Composition"
    assert len(found[0].refers_to) == 2 + 4


def test_the_same_call_makes_the_same_bytes() -> None:
    assert to_json(build_summary(RECORDS, MAKING)) == to_json(build_summary(RECORDS, MAKING))
    other = Making(MAKING.identifier, "2026-03-02T10:00:00Z", MAKING.author, root=ROOT)
    names = {build_summary(RECORDS, making)["entry"][0]["fullUrl"] for making in (MAKING, other)}
    assert len(names) == 2


def test_what_is_read_is_built_again() -> None:
    first = build_summary(RECORDS, MAKING)
    records = [part.record for part in parts(read_summary(first))[1:]]
    again = build_summary(records, Making(MAKING.identifier, MAKING.timestamp, f"{ROOT}Practitioner/d"))
    assert to_json(again) == to_json(first)


@pytest.mark.parametrize("profile", sorted(carebundle.PROFILES))
def test_made_up_patients(profile: str) -> None:
    made = json.loads(carebundle.to_json(carebundle.generate_bundle(profile=profile, seed=3, index=1, sex="F")))
    records = [Record("", one["resource"], one["fullUrl"]) for one in parse_json(json.dumps(made).encode())["entry"]]
    author = next(one.full_url for one in records if one.resource["resourceType"] == "Practitioner")
    summary = read_summary(build_summary(records, Making(("s", "v"), "2026-01-01T00:00:00Z", author)))
    found = parts(summary)
    assert len(found) == len(records) + 1
    assert {to_json(part.resource) for part in found[1:]} == {to_json(record.resource) for record in records}
    assert all(part.refers_to for part in found if "subject" in part.resource)


def test_empty_sections_say_why() -> None:
    making = Making(
        ("s", "v"), MAKING.timestamp, "Patient/p", root=ROOT, empty={"allergies": "nilknown", "devices": "notasked"}
    )
    summary = read_summary(build_summary([Record("", PATIENT)], making))
    reasons = {one.kind.name: one.empty_reason for one in summary.sections if one.kind}
    assert reasons == {
        "problems": "unavailable", "allergies": "nilknown", "medications": "unavailable", "devices": "notasked",
    }  # fmt: skip
    assert summary.find_section("results") is None
    assert "None are known." in section(summary.bundle, "allergies")["text"]["div"]


def test_narrative_is_escaped() -> None:
    div = section(bundle(), "problems")["text"]["div"]
    assert "<li>Asthma &lt;script&gt;alert(1)&lt;/script&gt; &amp;  co</li>" in div


def test_records_without_names_get_one_of_their_content() -> None:
    nameless = {"resourceType": "Immunization", "vaccineCode": {"text": "MMR"}}
    made = build_summary([*RECORDS, Record("", nameless)], MAKING)
    found = read_summary(made).find_section("immunizations")
    assert found is not None
    assert found.entries[0].full_url.startswith("urn:uuid:")
    with pytest.raises(DuplicateFullURL):
        build_summary([*RECORDS, Record("", nameless), Record("", nameless)], MAKING)


@pytest.mark.parametrize(
    ("resource", "name"),
    [
        (ASTHMA, "problems"),
        (BROKEN_LEG, "past_illness"),
        ({**ASTHMA, "verificationStatus": {"coding": [{"code": "entered-in-error"}]}}, None),
        ({**HBA1C, "status": "entered-in-error"}, None),
        (HBA1C, "results"),
        (WEIGHT, "vital_signs"),
        ({"resourceType": "Observation", "category": "x"}, "results"),
        ({"resourceType": "Observation", "code": {"coding": [{"code": "82810-3"}]}}, "pregnancy"),
        ({"resourceType": "DeviceUsage"}, "devices"),
        ({"resourceType": "MedicationRequest"}, "medications"),
        ({"resourceType": "Practitioner"}, None),
    ],
)
def test_sections_of_records(resource: dict[str, Any], name: str | None) -> None:
    assert section_of(resource) == name


def _set(path: str, value: Any) -> Callable[[Any], None]:
    """Put a value at a place of a Bundle; `...` removes it."""

    def change(document: Any) -> None:
        *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
        for step in steps:
            document = document[step]
        if value is ...:
            del document[last]
        else:
            document[last] = value

    return change


def _section(name: str, member: str, value: Any) -> Callable[[Any], None]:
    return lambda document: _set(member, value)(section(document, name))


def _without(name: str) -> Callable[[Any], None]:
    def change(document: Any) -> None:
        document["entry"][0]["resource"]["section"].remove(section(document, name))

    return change


def _twice(document: Any) -> None:
    document["entry"][0]["resource"]["section"].append(section(document, "problems"))


def _many_sections(document: Any) -> None:
    sections = document["entry"][0]["resource"]["section"]
    sections += [{"title": "x"}] * MAX_SECTIONS


def _nested_sections(document: Any) -> None:
    inner: Any = {"title": "x"}
    for _ in range(15):
        inner = {"section": [inner, inner]}
    document["entry"][0]["resource"]["section"].append(inner)


def _many_entries(document: Any) -> None:
    document["entry"] += document["entry"][-1:] * MAX_ENTRIES


REFUSED: list[tuple[Callable[[Any], None], type[HealthRejected]]] = [
    (_set("type", "collection"), SummaryRejected),
    (_set("resourceType", "Patient"), SummaryRejected),
    (_set("resourceType", 7), ResourceRejected),
    (_set("identifier", ...), SummaryRejected),
    (_set("identifier/value", ...), SummaryRejected),
    (_set("timestamp", "2026-03-01"), SummaryRejected),
    (_set("entry", ...), SummaryRejected),
    (_set("entry", []), SummaryRejected),
    (_set("entry", {"a": 1}), SummaryRejected),
    (_set("entry/1", 7), SummaryRejected),
    (_set("entry/1/fullUrl", ...), SummaryRejected),
    (_set("entry/1/fullUrl", "https://a/Patient/1/_history/2"), SummaryRejected),
    (_set("entry/1/fullUrl", "u" * 3000), SummaryRejected),
    (_set("entry/1/resource", ...), ResourceRejected),
    (_set("entry/1/resource", []), ResourceRejected),
    (_set("entry/2/fullUrl", f"{ROOT}Patient/p"), DuplicateFullURL),
    (_set("entry/0/resource/resourceType", "List"), SummaryRejected),
    (_set("entry/0/resource/type", {"coding": [{"system": LOINC, "code": "34133-9"}]}), SummaryRejected),
    (_set("entry/0/resource/type", {"coding": [{"system": "x", "code": "60591-5"}]}), SummaryRejected),
    (_set("entry/0/resource/subject", {"reference": f"{ROOT}Practitioner/d"}), SummaryRejected),
    (_set("entry/0/resource/subject", {"reference": "Patient/nobody"}), ReferenceUnresolved),
    (_set("entry/0/resource/subject", {"reference": "#inside"}), ReferenceUnresolved),
    (_set("entry/0/resource/subject", ...), ReferenceUnresolved),
    (_set("entry/0/resource/section", ...), SectionMissing),
    (_set("entry/0/resource/section", {}), SummaryRejected),
    (_set("entry/0/resource/section", [7]), SummaryRejected),
    (_without("medications"), SectionMissing),
    (_without("allergies"), SectionMissing),
    (_without("problems"), SectionMissing),
    (_section("allergies", "emptyReason", ...), SectionMissing),
    (_section("problems", "emptyReason", {"coding": [{"code": "nilknown"}]}), SummaryRejected),
    (_section("problems", "entry", {"reference": f"{ROOT}Condition/c1"}), SummaryRejected),
    (_section("problems", "entry", [{"reference": f"{ROOT}Observation/o"}]), SectionMisplaced),
    (_section("problems", "entry", [{"reference": "urn:uuid:nowhere"}]), ReferenceUnresolved),
    (_section("problems", "entry", [{"display": "Asthma"}]), ReferenceUnresolved),
    (_section("problems", "entry", [None]), ReferenceUnresolved),
    (_twice, SummaryRejected),
    (_many_sections, BundleTooLarge),
    (_nested_sections, BundleTooLarge),
    (_many_entries, BundleTooLarge),
    (_set("entry/1/resource/text", {"div": "<div>plain</div>"}), NarrativeRejected),
    (
        _section("problems", "text", {"div": '<div xmlns="http://www.w3.org/1999/xhtml"><script>x</script></div>'}),
        NarrativeRejected,
    ),
]


@pytest.mark.parametrize("place", range(len(REFUSED)))
def test_what_is_no_summary_is_refused_by_name(place: int) -> None:
    change, refusal = REFUSED[place]
    document = bundle()
    change(document)
    started = time.process_time()
    with pytest.raises(refusal) as caught:
        read_summary(document)
    assert type(caught.value) is refusal
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("making", "records"),
    [
        (Making(("", "v"), MAKING.timestamp, "Patient/p"), RECORDS),
        (Making(("s", "v"), "yesterday", "Patient/p"), RECORDS),
        (Making(("s", "v"), MAKING.timestamp, "Patient/p", root="hospital/"), RECORDS),
        (Making(("s", "v"), MAKING.timestamp, "Patient/p", empty={"allergies": "who knows"}), RECORDS),
        (Making(("s", "v"), MAKING.timestamp, "Patient/p", empty={"moods": "nilknown"}), RECORDS),
        (Making(("s", "v"), MAKING.timestamp, "Practitioner/nobody"), RECORDS),
        (MAKING, RECORDS[:2]),
        (MAKING, [*RECORDS, Record("", {**PATIENT, "id": "q"})]),
        (MAKING, [*RECORDS, Record("", PATIENT, f"{ROOT}Patient/p")]),
    ],
)
def test_what_makes_no_summary_is_refused(making: Making, records: list[Record]) -> None:
    with pytest.raises(SummaryRejected):
        build_summary(records, making)


def test_deep_and_large_documents_are_refused_at_once() -> None:
    deep: Any = {"resourceType": "Patient"}
    for _ in range(100_000):
        deep = {"contained": [deep]}
    started = time.process_time()
    with pytest.raises(JSONRejected):
        build_summary([Record("", {**PATIENT, "contained": [deep]})], MAKING)
    document = bundle()
    document["entry"][1]["resource"]["contained"] = [deep]
    with pytest.raises(JSONRejected):
        read_summary(document)
    with pytest.raises(JSONRejected):
        parse_summary(b" " * 50_000_000)
    assert time.process_time() - started < 0.5
    while "contained" in deep:  # Freed a level at a time: the interpreter would recurse.
        deep = deep["contained"][0]


def test_references_in_a_circle() -> None:
    first = {"resourceType": "Condition", "id": "a", "evidence": [{"detail": [{"reference": "Condition/b"}]}]}
    second = {"resourceType": "Condition", "id": "b", "evidence": [{"detail": [{"reference": "Condition/a"}]}]}
    itself = {"resourceType": "Condition", "id": "c", "evidence": [{"detail": [{"reference": "Condition/c"}]}]}
    records = [*RECORDS, *(Record("", one) for one in (first, second, itself))]
    found = {part.reference: part for part in parts(read_summary(build_summary(records, MAKING)))}
    assert found[f"{ROOT}Condition/a"].refers_to == {"/evidence/0/detail/0/reference": f"{ROOT}Condition/b"}
    assert found[f"{ROOT}Condition/c"].refers_to == {"/evidence/0/detail/0/reference": f"{ROOT}Condition/c"}


def test_too_many_references() -> None:
    many = {"resourceType": "List", "entry": [{"item": {"reference": "A/1"}}] * (MAX_REFERENCES + 1)}
    with pytest.raises(BundleTooLarge):
        list(references_in(many))


def test_a_resource_that_is_no_credential_subject() -> None:
    odd = {"resourceType": "Basic", "id": "x", "a b": 1}
    summary = read_summary(build_summary([*RECORDS, Record("", odd)], MAKING))
    with pytest.raises(ResourceRejected):
        parts(summary)


def test_summaries_of_r5() -> None:
    order = {
        "resourceType": "MedicationRequest", "id": "m", "subject": {"reference": "Patient/p"},
        "medication": {"concept": {"text": "Paracetamol"}},
    }  # fmt: skip
    used = {"resourceType": "DeviceUsage", "id": "u", "device": {"reference": {"reference": "Device/x"}}}
    made = build_summary([*RECORDS, Record("", order), Record("", used)], MAKING)
    found = {part.reference: part for part in parts(read_summary(made))}
    assert found[f"{ROOT}MedicationRequest/m"].version is FHIRVersion.R5
    assert found[f"{ROOT}DeviceUsage/u"].sections == ("devices",)
    assert found[f"{ROOT}Patient/p"].version is None
    assert "<li>Paracetamol</li>" in section(made, "medications")["text"]["div"]


@pytest.mark.parametrize(
    ("reference", "within", "found"),
    [
        ("https://a/fhir/Patient/1", 1, 0),
        ("Patient/1", 1, 0),
        ("Patient/1/_history/3", 1, 0),
        ("Patient/1#part", 1, 0),
        ("urn:uuid:3", 0, 2),
        ("Patient/7", 2, 3),
        ("Patient/7", 0, 3),
        ("Device/8", 0, None),
        ("#Patient/1", 0, None),
        ("Patient/None", 0, None),
        ("https://b/fhir/Patient/1", 0, None),
        ("Patient?identifier=1", 0, None),
        ("", 0, None),
        ("x" * 3000, 0, None),
    ],
)
def test_references(reference: str, within: int, found: int | None) -> None:
    entries = [
        Entry("https://a/fhir/Patient/1", {"resourceType": "Patient", "id": "1"}, 0),
        Entry("https://a/fhir/Observation/2", {"resourceType": "Observation", "id": "2"}, 1),
        Entry("urn:uuid:3", {"resourceType": "Practitioner", "id": "3"}, 2),
        Entry("urn:uuid:4", {"resourceType": "Patient", "id": "7"}, 3),
        Entry("urn:uuid:5", {"resourceType": "Patient"}, 4),
        Entry("urn:uuid:6", {"resourceType": "Device", "id": "8"}, 5),
        Entry("urn:uuid:7", {"resourceType": "Device", "id": "8"}, 6),
    ]
    named = Entries(tuple(entries)).find(reference, entries[within])
    assert named == (None if found is None else entries[found])
