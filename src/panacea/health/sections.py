"""The sections of an International Patient Summary: their LOINC codes, titles, and what belongs in them.

This material contains content from LOINC (https://loinc.org); the notice stands in NOTICE. Source: HL7 International
Patient Summary Implementation Guide 1.1 and 2.0, Composition (IPS).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from panacea.health.types import JSON, Resource


@dataclass(frozen=True, slots=True)
class SectionKind:
    """A section: our name for it, its LOINC code, its title, whether it must be there, and the types it may hold.

    Without types, any will do.
    """

    name: str
    code: str
    title: str
    is_required: bool = False
    types: frozenset[str] = frozenset()


def _types(*names: str) -> frozenset[str]:
    """The guide lets a DocumentReference stand for any entry."""
    return frozenset({*names, "DocumentReference"})


SECTIONS: Final = (
    SectionKind("problems", "11450-4", "Problems", True, _types("Condition")),
    SectionKind("allergies", "48765-2", "Allergies and intolerances", True, _types("AllergyIntolerance")),
    SectionKind(
        "medications",
        "10160-0",
        "Medications",
        True,
        _types("MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense"),
    ),
    SectionKind("immunizations", "11369-6", "Immunizations", types=_types("Immunization")),
    SectionKind("results", "30954-2", "Results", types=_types("Observation", "DiagnosticReport")),
    SectionKind("procedures", "47519-4", "Procedures", types=_types("Procedure")),
    SectionKind("devices", "46264-8", "Medical devices", types=_types("DeviceUseStatement", "DeviceUsage")),
    SectionKind("vital_signs", "8716-3", "Vital signs"),
    SectionKind("past_illness", "11348-0", "History of past illness"),
    SectionKind("pregnancy", "10162-6", "Pregnancy"),
    SectionKind("social_history", "29762-2", "Social history"),
    SectionKind("functional_status", "47420-5", "Functional status"),
    SectionKind("plan_of_care", "18776-5", "Plan of care"),
    SectionKind("advance_directives", "42348-3", "Advance directives"),
    SectionKind("alerts", "104605-1", "Alerts"),
    SectionKind("patient_story", "81338-6", "Patient story"),
)
"""In the order in which they are written."""

_BY_CODE: Final = {kind.code: kind for kind in SECTIONS}
_PAST: Final = {"inactive", "remission", "resolved"}
_OBSERVED: Final = {"vital-signs": "vital_signs", "social-history": "social_history"}
_PREGNANCY: Final = {"82810-3", "11778-8", "11779-6", "11780-4", "11636-8", "11637-6", "11638-4", "11639-2", "11640-0"}
_PLACES: Final = {
    "AllergyIntolerance": "allergies", "MedicationStatement": "medications", "MedicationRequest": "medications",
    "MedicationAdministration": "medications", "MedicationDispense": "medications", "Immunization": "immunizations",
    "DiagnosticReport": "results", "Procedure": "procedures", "DeviceUseStatement": "devices", "DeviceUsage": "devices",
    "ClinicalImpression": "functional_status", "CarePlan": "plan_of_care", "ImmunizationRecommendation": "plan_of_care",
    "Consent": "advance_directives", "Flag": "alerts",
}  # fmt: skip


def find_kind(code: str) -> SectionKind | None:
    """The section of a LOINC code, or None for one the guide does not know."""
    return _BY_CODE.get(code)


def section_of(resource: Resource) -> str | None:
    """The name of the section a resource belongs in, or None: it supports others, or was entered in error."""
    if "entered-in-error" in [resource.get("status"), *codes_of(resource.get("verificationStatus"))]:
        return None
    kind = str(resource.get("resourceType"))
    if kind == "Condition":
        return "past_illness" if _PAST & set(codes_of(resource.get("clinicalStatus"))) else "problems"
    if kind != "Observation":
        return _PLACES.get(kind)
    if _PREGNANCY & set(codes_of(resource.get("code"))):
        return "pregnancy"
    categories = resource.get("category")
    codes = [code for one in (categories if isinstance(categories, list) else []) for code in codes_of(one)]
    return next((_OBSERVED[code] for code in codes if code in _OBSERVED), "results")


def codes_of(concept: JSON) -> Iterable[str]:
    """The codes of a CodeableConcept."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding["code"]
