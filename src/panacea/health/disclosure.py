"""Disclosure maps: what each element of a resource is to its owner, and in words what leaves and what stays.

Every element has a use: `needed` to read the record rightly (its status, its code, modifiers), `useful` to research,
or `identifying` the person. Nothing is chosen for the owner; the map sorts and names what there is to choose from.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from panacea.health.paths import elements_for, parse_path
from panacea.health.types import JSON, Resource
from panacea.health.wording import describe


class Use(Enum):
    """What an element is to the one who reads it."""

    NEEDED = "needed"
    USEFUL = "useful"
    IDENTIFYING = "identifying"


@dataclass(frozen=True, slots=True)
class Field:
    """An element of a resource type: its path below the resource, a label for people, and its use."""

    path: str
    label: str
    use: Use


@dataclass(frozen=True, slots=True)
class DisclosureMap:
    """The fields of a resource type, in the order in which they are shown."""

    resource_type: str
    fields: tuple[Field, ...]

    def paths(self, *uses: Use) -> list[str]:
        """The element paths of these uses."""
        return [field.path for field in self.fields if field.use in uses]


@dataclass(frozen=True, slots=True)
class Line:
    """One element of a record in a disclosure: what it says, and how much of it leaves (`all`, `part`, `none`)."""

    field: Field
    value: str
    leaves: str

    @property
    def sentence(self) -> str:
        """The line as a sentence."""
        fate = {"all": "leaves", "part": "leaves in part", "none": "stays"}[self.leaves]
        return f"{self.field.label}: {self.value} ({fate})"


def disclosure_map(resource_type: str) -> DisclosureMap:
    """The map of a resource type; types without one of their own get the elements that most types share."""
    return DisclosureMap(resource_type, (*_NEEDED, *_USEFUL.get(resource_type, _COMMON), *_IDENTIFYING))


def fields_of(resource: Resource) -> list[Field]:
    """The fields of one record; elements that its map does not name come last, as `identifying` to be safe."""
    mapped = disclosure_map(str(resource.get("resourceType", ""))).fields
    fields = [field for field in mapped if elements_for(resource, [field.path])]
    seen = {pointer.split("/")[1] for field in fields for pointer in elements_for(resource, [field.path])}
    return fields + [Field(f"/{name}", _label(name), Use.IDENTIFYING) for name in resource if name not in seen]


def explain(resource: Resource, paths: Sequence[str]) -> list[Line]:
    """What leaves and what stays of every element of a resource, if the parts that `paths` name were disclosed.

    The kind of a record always leaves with any part of it, as it does in a derived proof.
    """
    leaving = set(_leaves_under(resource, paths)) | set(_kinds(resource, paths))
    lines = []
    for field in fields_of(resource):
        pointers = elements_for(resource, [field.path])
        mine = set(_leaves_under(resource, [field.path]))
        share = "all" if mine <= leaving else "part" if mine & leaving else "none"
        words = "; ".join(describe(_at(resource, pointer)) for pointer in pointers)
        lines.append(Line(field, describe(words), share))
    return lines


def _kinds(resource: Resource, paths: Iterable[str]) -> Iterable[str]:
    """The resourceType of every record on the way to what is disclosed."""
    for pointer in elements_for(resource, paths):
        value: JSON = resource
        at = ""
        for step in (*parse_path(pointer).steps, ""):
            if isinstance(value, dict) and "resourceType" in value:
                yield f"{at}/resourceType"
            if step:
                value = value[int(step)] if isinstance(value, list) else value[step]
                at = f"{at}/{step}"


def _leaves_under(resource: Resource, paths: Iterable[str]) -> Iterable[str]:
    for pointer in elements_for(resource, paths):
        yield from _leaves(_at(resource, pointer), pointer)


def _leaves(value: JSON, pointer: str) -> Iterable[str]:
    if isinstance(value, dict | list) and value:
        pairs = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in pairs:
            yield from _leaves(inner, f"{pointer}/{name}")
    else:
        yield pointer


def _at(resource: Resource, pointer: str) -> JSON:
    value: JSON = resource
    for step in parse_path(pointer).steps:
        value = value[int(step)] if isinstance(value, list) else value[step]
    return value


def _label(name: str) -> str:
    """An element name as words: `effectiveDateTime` is shown as `Effective date time`."""
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name.lstrip("_"))
    return words[:1].upper() + words[1:]


def _fields(use: Use, names: str) -> tuple[Field, ...]:
    """Fields from `path` or `path=Label`, separated by commas."""
    found = []
    for entry in names.split(","):
        path, _, label = entry.strip().partition("=")
        found.append(Field(path, label or _label(path.removesuffix("[x]")), use))
    return tuple(found)


_NEEDED = _fields(
    Use.NEEDED,
    "resourceType=Kind of record, status, code=What it is about, vaccineCode=Vaccine, medication[x]=Medication, intent,"
    " clinicalStatus, verificationStatus, doNotPerform, implicitRules, modifierExtension=Modifiers of the meaning",
)
_IDENTIFYING = _fields(
    Use.IDENTIFYING,
    "id=Record number, identifier=Identifiers, subject=Patient, patient, name, telecom=Phone and mail, address,"
    " birthDate=Date of birth, photo, contact=Contacts, encounter, performer=Performed by, recorder, asserter,"
    " requester=Requested by, participant, generalPractitioner=Doctor, managingOrganization, note=Notes,"
    " text=Narrative, contained=Records inside this one, meta=Technical details, extension=Further information",
)
_COMMON = _fields(
    Use.USEFUL, "category, effective[x]=Time, occurrence[x]=Time, onset[x]=Begin, period, date, type, class"
)
_USEFUL = {
    "Observation": _fields(
        Use.USEFUL,
        "value[x]=Value, effective[x]=Time of the measurement, category, interpretation, referenceRange,"
        " component=Parts, dataAbsentReason=Why there is no value, method, bodySite,"
        " specimen, issued, hasMember=Members, derivedFrom",
    ),
    "Condition": _fields(
        Use.USEFUL, "category, severity, bodySite, onset[x]=Begin, abatement[x]=End, recordedDate, stage, evidence"
    ),
    "Immunization": _fields(
        Use.USEFUL,
        "occurrence[x]=Date, statusReason, primarySource, lotNumber, manufacturer, expirationDate, site, route,"
        " doseQuantity=Dose, reasonCode=Reason, protocolApplied, reaction, isSubpotent",
    ),
    "MedicationRequest": _fields(
        Use.USEFUL,
        "dosageInstruction=Dosage, dispenseRequest, authoredOn, category, priority, reasonCode=Reason, substitution,"
        " courseOfTherapyType, statusReason",
    ),
    "DiagnosticReport": _fields(
        Use.USEFUL,
        "result=Results, conclusion, conclusionCode, effective[x]=Time, issued, category, specimen, imagingStudy,"
        " media, presentedForm=Attached documents",
    ),
    "AllergyIntolerance": _fields(
        Use.USEFUL, "type, category, criticality, reaction, onset[x]=Begin, lastOccurrence, recordedDate"
    ),
    "Procedure": _fields(
        Use.USEFUL,
        "performed[x]=Time, category, statusReason, reasonCode=Reason, bodySite, outcome, complication, followUp,"
        " focalDevice, usedCode, report",
    ),
    "Patient": _fields(
        Use.USEFUL, "gender, active, deceased[x]=Deceased, maritalStatus, multipleBirth[x], communication=Languages"
    ),
}
