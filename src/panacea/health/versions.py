"""Which release of FHIR a record is in, by what it declares and by its structure, and paths from one to another.

    declared      `fhirVersion` (CapabilityStatement, SMART Health Card), `meta.profile` (…/4.0/…, …|4.0.1), or the
                  media type it came with (application/fhir+json; fhirVersion=4.0)
    structure     elements that only some releases have, and R5's CodeableReference

R4 and R4B do not differ in the types that have maps, so structure tells R5 from both, never one of them from the
other. A credential says the release in the type of its subject: FHIR's own canonical URL of the type in that release.
Records are signed as they are, whatever their release.
"""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from panacea.health.elements import ALL, FHIRVersion, find_table, read_map_file
from panacea.health.mapping import disclosed, require_resource, subject_form
from panacea.health.paths import parse_path
from panacea.health.strict_json import MAX_DEPTH, require_depth
from panacea.health.types import JSON, Resource, ResourceRejected, VersionRejected

_NUMBERS: Final = {"4.0": FHIRVersion.R4, "4.3": FHIRVersion.R4B, "5.0": FHIRVersion.R5}
_NUMBER = re.compile(r"([0-9]{1,2}\.[0-9]{1,2})(?:\.[0-9]{1,2})?")
_CANONICAL = re.compile(
    r"https?://hl7\.org/fhir/(?:([0-9.]{3,8})/)?StructureDefinition/[A-Za-z0-9-]{1,64}(?:\|(.{1,16}))?"
)
_TYPE_IRI = re.compile(r"http://hl7\.org/fhir/([0-9]\.[0-9])/StructureDefinition/([A-Z][A-Za-z]{0,63})")
_MEDIA_TYPE = re.compile(r";\s*fhirVersion\s*=\s*\"?([0-9.]{3,8})\"?", re.IGNORECASE)
_OLDER: Final = frozenset({FHIRVersion.R4, FHIRVersion.R4B})
_NEWER: Final = frozenset({FHIRVersion.R5})
_MAX_PROFILES = 64

# Elements with one name in all releases, which are arrays in R5 and objects before.
_ARRAYS_OF_R5: Final = {("Encounter", "class"), ("DocumentReference", "context"), ("Device", "type")}


_FORMER_NAMES: Final = {"DeviceUsage": "DeviceUseStatement"}
"""Types of R5 that R4 calls otherwise."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is known about the release of a record: what it declares, if anything, and what its structure allows."""

    declared: FHIRVersion | None
    possible: frozenset[FHIRVersion]

    @property
    def version(self) -> FHIRVersion | None:
        """The release, where it is declared or only one is possible."""
        return self.declared or (next(iter(self.possible)) if len(self.possible) == 1 else None)

    @property
    def is_contradictory(self) -> bool:
        """Whether the record holds what the release it declares does not have."""
        return self.declared is not None and self.declared not in self.possible


def find_version(text: str) -> FHIRVersion | None:
    """The release of a number such as `4.0`, `4.0.1` or `5.0.0`, or of a name such as `R4B`; None for any other."""
    if text in FHIRVersion.__members__:
        return FHIRVersion[text]
    match = _NUMBER.fullmatch(text)
    return _NUMBERS.get(match[1]) if match else None


def get_version(text: str) -> FHIRVersion:
    """As `find_version`. Raises VersionRejected."""
    found = find_version(text)
    if found is None:
        raise VersionRejected(version=text)
    return found


def read_version(resource: Resource, media_type: str = "") -> Reading:
    """What is known about the release of a resource that came with that media type, if any.

    Raises JSONRejected beyond the depth limit.
    """
    require_depth(resource, MAX_DEPTH)
    return Reading(_declared(resource, media_type), _possible(resource))


def version_of(resource: Resource) -> FHIRVersion | None:
    """The release of a resource where it is known, None otherwise."""
    return read_version(resource).version


def type_iri(resource_type: str, version: FHIRVersion) -> str:
    """FHIR's canonical URL of a resource type in one release."""
    return f"http://hl7.org/fhir/{version.short}/StructureDefinition/{resource_type}"


def record_subject(resource: Resource, version: FHIRVersion | None = None) -> dict[str, Any]:  # Any: JSON-LD
    """The entry of `credentialSubject` for a record, with its release as type, where it is given or known.

    Raises ResourceRejected, JSONRejected.
    """
    found = version or version_of(require_resource(resource))
    named = {} if found is None else {"type": type_iri(str(resource["resourceType"]), found)}
    return {**named, "resource": subject_form(resource)}


def read_record_subject(subject: JSON) -> tuple[Resource, FHIRVersion | None]:
    """The resource that an entry of `record_subject` shows, and its release where the entry says one.

    Raises ResourceRejected, SubjectFormRejected, and VersionRejected for a release that is not read here, or of
    another type of record.
    """
    if not isinstance(subject, dict) or not isinstance(subject.get("resource"), dict):
        raise ResourceRejected("no record in this subject")
    resource = disclosed(subject["resource"])
    if "type" not in subject:
        return resource, None
    match = _TYPE_IRI.fullmatch(subject["type"]) if isinstance(subject["type"], str) else None
    if match is None or match[2] != resource.get("resourceType"):
        raise VersionRejected("not a release of this record's type", type=subject["type"])
    return resource, get_version(match[1])


def path_in(path: str, resource_type: str, version: FHIRVersion) -> str:
    """An element path of R4 as it is written in a release: `reasonCode.coding` is `reason.concept.coding` in R5.

    JSON pointers and JSONPaths name positions, which differ as well: they stay as they are. Raises PathRejected.
    """
    parsed = parse_path(path, resource_type)
    if not parsed.implicit:
        return path
    if version not in _NEWER:
        return ".".join(parsed.steps)
    steps = parsed.steps
    for old, new in _renames().get(_FORMER_NAMES.get(resource_type, resource_type), {}).items():
        if steps[: len(old)] == old:
            return ".".join((*new, *steps[len(old) :]))
    return ".".join(steps)


def paths_in(paths: list[str], resource: Resource) -> list[str]:
    """Element paths of R4, together with what they are called in the release of a resource, each once.

    What is known neither way is left as it is. Raises PathRejected.
    """
    kind = str(resource.get("resourceType", ""))
    if FHIRVersion.R5 not in _possible(resource):
        return list(dict.fromkeys(paths))
    return list(dict.fromkeys(spelled for path in paths for spelled in (path, path_in(path, kind, FHIRVersion.R5))))


@cache
def _renames() -> dict[str, dict[tuple[str, ...], tuple[str, ...]]]:
    """Steps of R4 to steps of R5 by type, the longest first."""
    found: dict[str, dict[tuple[str, ...], tuple[str, ...]]] = {}
    for head, rows in read_map_file("renames").items():
        pairs = sorted((row.split(" > ") for row in rows), key=lambda pair: -pair[0].count("."))
        found[head.strip("[]")] = {tuple(old.split(".")): tuple(new.split(".")) for old, new in pairs}
    return found


def _declared(resource: Resource, media_type: str) -> FHIRVersion | None:
    """The first declaration that can be read: the element, the profiles, the media type."""
    said = resource.get("fhirVersion")
    texts = [one for one in (said if isinstance(said, list) else [said]) if isinstance(one, str)]
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles[:_MAX_PROFILES] if isinstance(profiles, list) else ():
        match = _CANONICAL.fullmatch(profile) if isinstance(profile, str) else None
        texts += [part for part in match.groups() if part] if match else []
    texts += _MEDIA_TYPE.findall(media_type)[:1]
    return next((found for found in map(find_version, texts) if found), None)


def _possible(resource: Resource) -> frozenset[FHIRVersion]:
    """The releases that have the type and all those of its elements that any release knows."""
    kind = str(resource.get("resourceType", ""))
    table = find_table(kind)
    if table is None:
        return _NEWER if _has_codeable_reference(resource) else ALL
    possible = table.versions
    known = {element.name: element.versions for element in table.elements}
    for name, value in resource.items():
        held = known.get(name.lstrip("_")) or _choice(name.lstrip("_"), known)
        possible &= held or ALL
        if (kind, name) in _ARRAYS_OF_R5:
            possible &= _NEWER if isinstance(value, list) else _OLDER
    if _has_codeable_reference(resource):
        possible &= _NEWER
    return possible


def _choice(name: str, known: dict[str, frozenset[FHIRVersion]]) -> frozenset[FHIRVersion] | None:
    """The releases of `valueQuantity`, which the table calls `value[x]`."""
    for place in range(len(name) - 1, 0, -1):
        if name[place].isupper() and (held := known.get(f"{name[:place]}[x]")):
            return held
    return None


def _has_codeable_reference(value: JSON) -> bool:
    """Whether something holds R5's CodeableReference: a `concept` that is an object, or a `reference` that is one."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("reference"), dict) or isinstance(one.get("concept"), dict):
                return True
            waiting += [inner for name, inner in one.items() if name not in {"contained", "resource"}]
        elif isinstance(one, list):
            waiting += one
    return False
