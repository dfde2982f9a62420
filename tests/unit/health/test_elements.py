"""The tables of elements: whole, without repetition, and fit for statements."""

import re

import pytest

from panacea.health.disclosure import disclosure_map
from panacea.health.elements import ALL, FILES, FHIRVersion, Use, find_table, label_of, mapped_types, read_map_file
from panacea.health.mapping import CONTEXT_URL, context_document, resource_form, subject_form

NAME = re.compile(r"[a-z][A-Za-z]*(\[x\])?")
EXPECTED = (
    "Patient Practitioner PractitionerRole Organization Location Encounter EpisodeOfCare Condition Observation"
    " DiagnosticReport Specimen ServiceRequest ImagingStudy Procedure MedicationRequest MedicationStatement"
    " MedicationAdministration MedicationDispense Medication Immunization AllergyIntolerance CarePlan CareTeam Goal"
    " FamilyMemberHistory Device DeviceUseStatement DocumentReference Composition Bundle Coverage Claim"
    " ExplanationOfBenefit Questionnaire QuestionnaireResponse Consent RiskAssessment ClinicalImpression NutritionOrder"
    " Media BodyStructure ResearchSubject Provenance"
)
PLAIN = {"Bundle", "Binary", "Parameters"}


def test_what_is_exchanged_has_a_map() -> None:
    assert set(EXPECTED.split()) <= set(mapped_types(FHIRVersion.R4))
    assert len(mapped_types(FHIRVersion.R4)) > 70
    assert mapped_types(FHIRVersion.R4) == mapped_types(FHIRVersion.R4B)
    assert set(mapped_types()) - set(mapped_types(FHIRVersion.R5)) == {"Media", "DeviceUseStatement"}
    assert find_table("Nothing") is None


def test_every_file_is_read() -> None:
    heads = [head for name in FILES for head in read_map_file(name)]
    assert len(heads) == len(set(heads)) == len(mapped_types())


@pytest.mark.parametrize("kind", mapped_types())
def test_a_table_is_whole(kind: str) -> None:
    table = find_table(kind)
    assert table is not None
    names = [element.name for element in table.elements]
    assert len(names) == len(set(names))
    assert all(NAME.fullmatch(name) for name in names)
    assert all(element.label and not element.label.startswith(" ") for element in table.elements)
    assert {"resourceType", "id", "meta", "implicitRules", "language"} <= set(names)
    assert ({"text", "contained", "extension", "modifierExtension"} <= set(names)) == (kind not in PLAIN)
    assert names[0] == "resourceType"
    assert [element.use for element in table.elements] == sorted(
        (element.use for element in table.elements), key=list(Use).index
    )


@pytest.mark.parametrize("kind", mapped_types())
def test_groups_are_of_elements_of_their_release(kind: str) -> None:
    table = find_table(kind)
    assert table is not None
    for group in table.groups:
        for version in group.versions & table.versions:
            assert set(group.elements) <= {element.name for element in table.of_version(version)}
            assert len(group.elements) > 1


@pytest.mark.parametrize("version", FHIRVersion)
@pytest.mark.parametrize("kind", mapped_types())
def test_a_map_names_each_element_once(kind: str, version: FHIRVersion) -> None:
    table = find_table(kind)
    assert table is not None
    if version in table.versions:
        assert [field.path for field in disclosure_map(kind, version).fields] == [
            element.name for element in table.of_version(version)
        ]


@pytest.mark.parametrize("kind", mapped_types())
def test_every_element_keeps_its_name_in_statements(kind: str) -> None:
    table = find_table(kind)
    assert table is not None
    names = [
        element.name.removesuffix("[x]") + ("String" if "[x]" in element.name else "") for element in table.elements
    ]
    resource = {name: kind if name == "resourceType" else name for name in names}
    form = subject_form(resource)
    assert len(form) == len(resource)
    assert resource_form(form) == resource
    # `id` and `type` are keywords of JSON-LD and get a mark; no other name may be a term of the context.
    terms = set(context_document()["@context"]["resource"]["@context"][1])
    assert {key for key in form if key in terms} <= {"type"}
    assert {name for name in names if name not in form} <= {"resourceType", "id", "type"}
    assert CONTEXT_URL.endswith("/v1")


def test_labels() -> None:
    assert label_of("subject") == "Patient"
    assert label_of("referenceRange") == "Reference range"
    assert label_of("created[x]") == "Created"
    assert label_of("_birthDate") == "Birth date"


def test_versions() -> None:
    assert [version.short for version in FHIRVersion] == ["4.0", "4.3", "5.0"]
    assert frozenset(FHIRVersion) == ALL
