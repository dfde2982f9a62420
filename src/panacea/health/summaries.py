"""International Patient Summaries: a document Bundle read, checked and split into records, or built from records.

    bytes -> parse_summary -> Summary -> parts -> (a credential each)
    records -> build_summary -> Bundle

The first entry is a Composition (LOINC 60591-5) whose sections name the other entries. Medications, allergies and
problems must be there, with entries or with the reason why there are none. Nothing in a resource is changed, read or
written, so that what is issued is what the hospital said. Source: HL7 IPS 1.1 and 2.0; FHIR R4 section 3.3 (documents).
"""

import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from panacea.health.bundles import Record, record_hash
from panacea.health.elements import FHIRVersion
from panacea.health.loinc import LOINC
from panacea.health.mapping import require_resource, subject_form
from panacea.health.narrative import MAX_NARRATIVE, require_narrative, written_narrative, written_sentence
from panacea.health.references import Entries, Entry, read_entries
from panacea.health.sections import SECTIONS, SectionKind, codes_of, find_kind, section_of
from panacea.health.strict_json import MAX_BYTES, MAX_DEPTH, parse_json, require_depth
from panacea.health.types import (
    JSON,
    BundleTooLarge,
    ReferenceUnresolved,
    Resource,
    SectionMisplaced,
    SectionMissing,
    SummaryRejected,
)
from panacea.health.versions import version_of
from panacea.health.wording import describe

SUMMARY_CODE: Final = "60591-5"
"""LOINC: Patient summary Document."""

EMPTY_REASONS: Final = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
UNAVAILABLE: Final = "unavailable"
MAX_SECTIONS: Final = 64
MAX_ALL_NARRATIVE: Final = 4 * MAX_NARRATIVE
"""Sections of a Composition, and characters of narrative in a Bundle, that are read."""

_NAMESPACE: Final = uuid.UUID("7c1e9c0e-8f1e-5b0a-9d53-6a0f6f3c2b11")
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
_ROOT = re.compile(r"https?://[!-~]{1,1000}/")
_REASONS: Final = {
    "nilknown": "None are known.",
    "notasked": "Nobody asked.",
    "withheld": "Withheld.",
    UNAVAILABLE: "No information is available.",
    "notstarted": "Not started.",
    "closed": "Closed.",
}


@dataclass(frozen=True, slots=True)
class Section:
    """A section that was read: its LOINC code, title and entries, and the reason where there are none.

    `kind` is None for a section that the guide does not know.
    """

    code: str
    title: str
    kind: SectionKind | None
    entries: tuple[Entry, ...]
    empty_reason: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary that was read and checked."""

    bundle: Resource = field(repr=False)
    composition: Entry = field(repr=False)
    patient: Entry = field(repr=False)
    sections: tuple[Section, ...]
    entries: Entries = field(repr=False)

    def find_section(self, name: str) -> Section | None:
        """The section of one of our names (`problems`), or None."""
        return next((one for one in self.sections if one.kind is not None and one.kind.name == name), None)


@dataclass(frozen=True, slots=True)
class Part:
    """A resource of a summary, ready to be issued.

    `reference` is the entry's fullUrl: the name by which the document, and every issue of it again, calls the record.
    `refers_to` has the fullUrl behind each reference in the resource that the Bundle answers, by its JSON pointer.
    """

    reference: str
    resource: Resource
    sections: tuple[str, ...]
    refers_to: Mapping[str, str]
    version: FHIRVersion | None

    @property
    def record(self) -> Record:
        """The part as a record of `health.bundles`."""
        return Record(self.reference, self.resource, self.reference)


@dataclass(frozen=True, slots=True)
class Making:
    """What a summary says of itself: names and times are the caller's, so the same call makes the same bytes.

    `identifier` is (system, value); `timestamp` a FHIR instant; `author` the fullUrl or `Type/id` of the record that
    wrote it. `root` is the base URL of records that have an id and no fullUrl, with a slash at its end. `empty` gives
    the reason why a required section has no entry, by section name and code of list-empty-reason.
    """

    identifier: tuple[str, str]
    timestamp: str
    author: str
    title: str = "International Patient Summary"
    root: str = ""
    empty: Mapping[str, str] = field(default_factory=dict)


def parse_summary(octets: bytes, *, max_bytes: int = MAX_BYTES) -> Summary:
    """As `read_summary`, from bytes. Raises JSONRejected too."""
    return read_summary(parse_json(octets, max_bytes=max_bytes))


def read_summary(bundle: JSON) -> Summary:
    """Check a Bundle against what an International Patient Summary must be, and resolve its sections.

    Raises SummaryRejected or one of its kinds, ResourceRejected, JSONRejected beyond the depth limit.
    """
    require_depth(bundle, MAX_DEPTH)
    _require_document(require_resource(bundle))
    entries = read_entries(bundle)
    composition = entries.all[0]
    if composition.kind != "Composition" or not _is_summary(composition.resource):
        raise SummaryRejected("the first entry is no Composition of a patient summary", code=SUMMARY_CODE)
    patient = _resolve(composition.resource.get("subject"), composition, entries)
    if patient.kind != "Patient":
        raise SummaryRejected("the subject is no Patient", kind=patient.kind)
    sections = tuple(_section(one, composition, entries) for one in _flat(composition.resource))
    _require_sections(sections)
    _require_narratives(bundle)
    return Summary(bundle, composition, patient, sections, entries)


def parts(summary: Summary) -> tuple[Part, ...]:
    """Every resource of a summary, the Composition first, each with the name of its sections.

    Raises ResourceRejected for a resource that cannot be a credential subject.
    """
    named: dict[str, list[str]] = {}
    for section in summary.sections:
        for entry in section.entries:
            named.setdefault(entry.full_url, []).append(section.kind.name if section.kind else section.code)
    found = []
    for entry in summary.entries.all:
        subject_form(entry.resource)
        sections = tuple(named.get(entry.full_url, ()))
        refers_to = summary.entries.references_of(entry)
        found.append(Part(entry.full_url, entry.resource, sections, refers_to, version_of(entry.resource)))
    return tuple(found)


def build_summary(records: Iterable[Record], making: Making) -> Resource:
    """An International Patient Summary of these records, one Patient among them, as a FHIR Bundle.

    Records keep their fullUrl; those without get `root` and their id, or a urn:uuid of their content. Their order
    is: Composition, Patient, the sections, then the rest as given. What comes out is read by `read_summary`.
    Raises SummaryRejected or one of its kinds, ResourceRejected.
    """
    _require_making(making)
    entries = Entries(tuple(_entry(one, making.root, place) for place, one in enumerate(records)))
    patients = [entry for entry in entries.all if entry.kind == "Patient"]
    if len(patients) != 1:
        raise SummaryRejected("a summary is about one Patient", patients=len(patients))
    author = entries.find(making.author, patients[0])
    if author is None:
        raise ReferenceUnresolved("the author is not among the records", reference=making.author)
    by_section: dict[str, list[Entry]] = {}
    for entry in entries.all:
        by_section.setdefault(section_of(entry.resource) or "", []).append(entry)
    sections = [made for kind in SECTIONS if (made := _write_section(kind, by_section.get(kind.name, []), making))]
    name = _urn(f"{making.identifier[0]}|{making.identifier[1]}|{making.timestamp}")
    composition = _composition(making, patients[0], author, sections) | {"id": name.removeprefix("urn:uuid:")}
    placed = [patients[0]] + [entry for kind in SECTIONS for entry in by_section.get(kind.name, [])]
    placed += [entry for entry in by_section.get("", []) if entry is not patients[0]]
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": making.identifier[0], "value": making.identifier[1]},
        "type": "document",
        "timestamp": making.timestamp,
        "entry": [
            {"fullUrl": name, "resource": composition},
            *({"fullUrl": entry.full_url, "resource": entry.resource} for entry in placed),
        ],
    }
    read_summary(bundle)
    return bundle


def _require_document(bundle: Resource) -> None:
    identifier = bundle.get("identifier")
    if bundle["resourceType"] != "Bundle" or bundle.get("type") != "document":
        raise SummaryRejected("not a document Bundle", kind=bundle["resourceType"], type=bundle.get("type"))
    if not isinstance(identifier, dict) or not all(isinstance(identifier.get(one), str) for one in ("system", "value")):
        raise SummaryRejected("a document without an identifier")
    if not isinstance(stamp := bundle.get("timestamp"), str) or not _INSTANT.fullmatch(stamp):
        raise SummaryRejected("a document without a timestamp")


def _is_summary(composition: Resource) -> bool:
    return _loinc(composition.get("type")) == SUMMARY_CODE


def _loinc(concept: JSON) -> str:
    """The LOINC code of a CodeableConcept, or nothing."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, dict) and coding.get("system") == LOINC and isinstance(coding.get("code"), str):
            return str(coding["code"])
    return ""


def _flat(composition: Resource) -> list[dict[str, JSON]]:
    """The sections of a Composition, those inside others after them. Raises SummaryRejected, BundleTooLarge."""
    found: list[dict[str, JSON]] = []
    waiting: list[JSON] = [composition]
    while waiting:
        inner = waiting.pop(0).get("section", [])
        if not isinstance(inner, list) or not all(isinstance(one, dict) for one in inner):
            raise SummaryRejected("a section that is none")
        found += inner
        waiting += inner
        if len(found) > MAX_SECTIONS:
            raise BundleTooLarge("too many sections", limit=MAX_SECTIONS)
    return found


def _section(section: dict[str, JSON], composition: Entry, entries: Entries) -> Section:
    code, title = _loinc(section.get("code")), section.get("title")
    kind = find_kind(code)
    said = section.get("entry", [])
    if not isinstance(said, list):
        raise SummaryRejected("the entries of a section are no list", section=code)
    found = tuple(_resolve(one, composition, entries) for one in said)
    for entry in found:
        if kind is not None and kind.types and entry.kind not in kind.types:
            raise SectionMisplaced(section=kind.name, kind=entry.kind, entry=entry.full_url)
    reason = next(iter(codes_of(section.get("emptyReason"))), "")
    if found and "emptyReason" in section:
        raise SummaryRejected("a section with entries and a reason why it has none", section=code)
    return Section(code, title if isinstance(title, str) else "", kind, found, reason)


def _resolve(said: JSON, composition: Entry, entries: Entries) -> Entry:
    reference = said.get("reference") if isinstance(said, dict) else None
    found = entries.find(reference, composition) if isinstance(reference, str) else None
    if found is None:
        raise ReferenceUnresolved(reference=reference)
    return found


def _require_sections(sections: tuple[Section, ...]) -> None:
    known = [section.kind.name for section in sections if section.kind is not None]
    if twice := {name for name in known if known.count(name) > 1}:
        raise SummaryRejected("a section twice", sections=sorted(twice))
    for kind in SECTIONS:
        found = next((section for section in sections if section.kind is kind), None)
        if kind.is_required and (found is None or not (found.entries or found.empty_reason)):
            detail = "not there" if found is None else "empty without a reason"
            raise SectionMissing(detail, section=kind.name, code=kind.code)


def _require_narratives(bundle: Resource) -> None:
    waiting: list[JSON] = [bundle]
    total = 0
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(div := value.get("div"), str):
                total += len(div)
                if total > MAX_ALL_NARRATIVE:
                    raise BundleTooLarge("too much narrative", limit=MAX_ALL_NARRATIVE)
                require_narrative(div)
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _require_making(making: Making) -> None:
    if not all(making.identifier) or not making.title:
        raise SummaryRejected("an identifier and a title are needed")
    if not _INSTANT.fullmatch(making.timestamp):
        raise SummaryRejected("not a FHIR instant", timestamp=making.timestamp)
    if making.root and not _ROOT.fullmatch(making.root):
        raise SummaryRejected("not a base URL with a slash at its end", root=making.root)
    known = {kind.name for kind in SECTIONS}
    for name, reason in making.empty.items():
        if name not in known or reason not in _REASONS:
            raise SummaryRejected("no such section or reason", section=name, reason=reason)


def _entry(record: Record, root: str, place: int) -> Entry:
    require_depth(record.resource, MAX_DEPTH)
    return Entry(_full_url(record, root), require_resource(record.resource), place)


def _full_url(record: Record, root: str) -> str:
    if record.full_url:
        return record.full_url
    identifier = record.resource.get("id")
    if root and isinstance(identifier, str) and identifier:
        return f"{root}{record.resource.get('resourceType')}/{identifier}"
    return _urn(record_hash(record.resource))


def _urn(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_NAMESPACE, name)}"


def _composition(making: Making, patient: Entry, author: Entry, sections: list[Resource]) -> Resource:
    coding = {"system": LOINC, "code": SUMMARY_CODE, "display": "Patient summary Document"}
    return {
        "resourceType": "Composition",
        "text": written_narrative([str(section["title"]) for section in sections]),
        "status": "final",
        "type": {"coding": [coding]},
        "subject": {"reference": patient.full_url},
        "date": making.timestamp,
        "author": [{"reference": author.full_url}],
        "title": making.title,
        "section": sections,
    }


def _write_section(kind: SectionKind, entries: list[Entry], making: Making) -> Resource | None:
    """The section, or None for one that is neither filled nor required nor said to be empty."""
    head = {"title": kind.title, "code": {"coding": [{"system": LOINC, "code": kind.code}]}}
    if entries:
        lines = [_line(entry.resource) for entry in entries]
        references = [{"reference": entry.full_url} for entry in entries]
        return {**head, "text": written_narrative(lines), "entry": references}
    reason = making.empty.get(kind.name, UNAVAILABLE if kind.is_required else "")
    if not reason:
        return None
    empty = {"coding": [{"system": EMPTY_REASONS, "code": reason}]}
    return {**head, "text": written_sentence(_REASONS[reason]), "emptyReason": empty}


def _line(resource: Resource) -> str:
    """What a record is about, in a few words."""
    for name in (
        "code",
        "vaccineCode",
        "medicationCodeableConcept",
        "medication",
        "medicationReference",
        "device",
        "type",
    ):
        if name in resource:
            value = resource.get("valueQuantity")
            return describe(resource[name]) + (f": {describe(value)}" if value else "")
    return str(resource["resourceType"])
