"""Disclosure maps: what each element of a resource is to its owner, and in words what leaves and what stays.

Every element has a use: `needed` to read the record rightly (its status, its code, modifiers), `useful` to research,
or `identifying` the person. Nothing is chosen for the owner; the map sorts and names what there is to choose from.
The tables are in `maps/` (`elements` reads them); docs/reference/health.md counts them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from panacea.health.elements import Element, FHIRVersion, Group, Use, find_table, label_of
from panacea.health.mapping import subject_form
from panacea.health.paths import elements_for, parse_path, pointers_for
from panacea.health.types import JSON, Resource
from panacea.health.wording import describe

HIDDEN_BYTES: Final = 32
"""What each hidden statement adds to a bbs-2023 proof."""


@dataclass(frozen=True, slots=True)
class Field:
    """An element of a resource type: its path below the resource, a label for people, and its use."""

    path: str
    label: str
    use: Use


@dataclass(frozen=True, slots=True)
class DisclosureMap:
    """The fields of a resource type, in the order in which they are shown, and those that are read together."""

    resource_type: str
    fields: tuple[Field, ...]
    groups: tuple[Group, ...] = ()

    def paths(self, *uses: Use) -> list[str]:
        """The element paths of these uses."""
        return [field.path for field in self.fields if field.use in uses]

    def group(self, name: str) -> list[str]:
        """The element paths that are read together under that name; none where the type has no such group."""
        return [path for group in self.groups if group.name == name for path in group.elements]


@dataclass(frozen=True, slots=True)
class Cost:
    """How many statements of a record a disclosure shows and hides."""

    shown: int
    hidden: int

    @property
    def proof_bytes(self) -> int:
        """What the hidden ones add to the proof."""
        return HIDDEN_BYTES * self.hidden


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


@cache
def disclosure_map(resource_type: str, version: FHIRVersion = FHIRVersion.R4) -> DisclosureMap:
    """The map of a resource type in a release; a type without one of its own gets what most types have in common."""
    table = find_table(resource_type)
    if table is None or version not in table.versions:
        return DisclosureMap(resource_type, _DEFAULT)
    groups = tuple(group for group in table.groups if version in group.versions)
    return DisclosureMap(resource_type, tuple(map(_field, table.of_version(version))), groups)


def fields_of(resource: Resource) -> list[Field]:
    """The fields of one record; elements that its map does not name come last, as `identifying` to be safe.

    The maps of all releases are taken together: where a name is in several, it means the same.
    """
    mapped = _all_fields(str(resource.get("resourceType", "")))
    placed = [(field, elements_for(resource, [field.path])) for field in mapped]
    fields = [field for field, pointers in placed if pointers]
    seen = {pointer.split("/")[1] for _, pointers in placed for pointer in pointers}
    return fields + [Field(f"/{name}", label_of(name), Use.IDENTIFYING) for name in resource if name not in seen]


def is_mapped(resource: Resource) -> bool:
    """Whether the type of a record has a map of its own, and the map names each of its elements."""
    if find_table(str(resource.get("resourceType", ""))) is None:
        return False
    return not any(field.path.startswith("/") for field in fields_of(resource))


def cost(resource: Resource, paths: Sequence[str]) -> Cost:
    """What a disclosure of these parts costs, in statements of the record's subject form.

    Counts of members (`credentials.records.completeness`) and the credential's own statements are not among them.
    Raises ResourceRejected, PathRejected.
    """
    form = subject_form(resource)
    chosen = pointers_for(resource, paths)
    shown: set[str] = set()
    for pointer in chosen:
        value: JSON = form
        at = ""
        for step in pointer.split("/")[1:]:
            shown |= {f"{at}/type"} & {f"{at}/{name}" for name in value}
            value, at = value[step], f"{at}/{step}"
            shown.add(at)
        shown |= set(_statements(value, at))
    total = sum(1 for _ in _statements(form, ""))
    return Cost(len(shown), total - len(shown))


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


def _statements(value: JSON, at: str) -> Iterable[str]:
    """The pointer of every statement below a value of a subject form."""
    if isinstance(value, dict) and "@value" not in value:
        for name, inner in value.items():
            yield f"{at}/{name}"
            yield from _statements(inner, f"{at}/{name}")


def _field(element: Element) -> Field:
    return Field(element.name, element.label, element.use)


@cache
def _all_fields(resource_type: str) -> tuple[Field, ...]:
    table = find_table(resource_type)
    return _DEFAULT if table is None else tuple(map(_field, table.elements))


def _fields(use: Use, names: str) -> tuple[Field, ...]:
    return tuple(Field(name, label_of(name), use) for name in names.split())


_DEFAULT: Final = (
    *_fields(Use.NEEDED, "resourceType status code vaccineCode medication[x] intent clinicalStatus verificationStatus"),
    *_fields(Use.NEEDED, "doNotPerform implicitRules modifierExtension"),
    *_fields(Use.USEFUL, "category effective[x] occurrence[x] onset[x] period date type class language"),
    *_fields(Use.IDENTIFYING, "id identifier subject patient name telecom address birthDate photo contact encounter"),
    *_fields(Use.IDENTIFYING, "performer recorder asserter requester participant generalPractitioner"),
    *_fields(Use.IDENTIFYING, "managingOrganization note text contained meta extension"),
)
