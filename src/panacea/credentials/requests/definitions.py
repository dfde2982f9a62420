"""Presentation definitions of DIF Presentation Exchange 2.0.0 and 2.1.1, and of version 1, as values.

The published JSON Schema and the text are both held to: what either forbids is refused by its place. Where the text
says that unknown properties are ignored and the schema forbids them, they are refused, for a request half understood
could show too much; only the envelope around a definition may hold anything. Relations may name fields that do not
exist (implementations do): nothing then meets a required one. A `frame` is read and kept; `match` refuses it by name.

A definition is of version 1 where an input descriptor has a `schema`; its constraints may then be missing.
"""

from dataclasses import dataclass
from typing import Final

from panacea.credentials.requests.filters import Filter, compile_filter
from panacea.credentials.requests.json_path import JSONPath, parse_path
from panacea.credentials.requests.reading import Members
from panacea.credentials.requests.types import DefinitionRejected
from panacea.health.types import JSON

MAX_DESCRIPTORS: Final = 64
MAX_FIELDS: Final = 64
MAX_PATHS: Final = 16
MAX_REQUIREMENTS: Final = 64
MAX_REQUIREMENT_DEPTH: Final = 8

_DIRECTIVES = ("required", "preferred")
_STATUSES = ("active", "suspended", "revoked")
_ALGORITHM_LISTS = (
    "alg", "alg_values", "sd-jwt_alg_values", "kb-jwt_alg_values", "issuerauth_alg_values", "deviceauth_alg_values",
)  # fmt: skip
_PROOF_LISTS = ("proof_type", "proof_type_values")
_SUITE_LISTS = ("cryptosuite", "cryptosuite_values")


@dataclass(frozen=True, slots=True)
class Format:
    """What a verifier takes of one claim format: names of algorithms, proof types and suites, () for any."""

    algorithms: tuple[str, ...] = ()
    holder_algorithms: tuple[str, ...] = ()
    proof_types: tuple[str, ...] = ()
    cryptosuites: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field: the first of its paths that leads to a value which meets the filter counts."""

    index: int
    paths: tuple[JSONPath, ...]
    filter: Filter | None = None
    id: str | None = None
    name: str | None = None
    purpose: str | None = None
    optional: bool = False
    predicate: str | None = None
    intent_to_retain: bool = False

    @property
    def label(self) -> str:
        """What to call it before people."""
        return self.name or self.id or self.paths[0].text


@dataclass(frozen=True, slots=True)
class Relation:
    """`is_holder` or `same_subject`: the fields, by id, whose subject matters."""

    fields: tuple[str, ...]
    required: bool


@dataclass(frozen=True, slots=True)
class StatusRule:
    """What is asked about one status: `required`, `allowed`, `disallowed` or None; and by which types of entry."""

    directive: str | None
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaURI:
    """Version 1: a schema or context that a credential names."""

    uri: str
    required: bool


@dataclass(frozen=True, slots=True)
class InputDescriptor:
    """What is asked of one credential."""

    id: str
    name: str | None
    purpose: str | None
    groups: tuple[str, ...]
    formats: dict[str, Format] | None
    fields: tuple[Field, ...]
    limit_disclosure: str | None
    subject_is_issuer: str | None
    is_holder: tuple[Relation, ...]
    same_subject: tuple[Relation, ...]
    statuses: dict[str, StatusRule]
    schemas: tuple[SchemaURI, ...]


@dataclass(frozen=True, slots=True)
class Requirement:
    """A submission requirement: from a group, or from others. `count`, `least` and `most` belong to the rule pick."""

    rule: str
    name: str | None
    purpose: str | None
    count: int | None
    least: int | None
    most: int | None
    group: str | None
    nested: tuple["Requirement", ...]

    @property
    def label(self) -> str:
        """What to call it before people."""
        return self.name or (f"{self.rule} of group {self.group}" if self.group else f"{self.rule} of others")


@dataclass(frozen=True, slots=True)
class Definition:
    """A presentation definition. `frame` is its JSON-LD frame, unread."""

    id: str
    name: str | None
    purpose: str | None
    formats: dict[str, Format] | None
    descriptors: tuple[InputDescriptor, ...]
    requirements: tuple[Requirement, ...]
    frame: JSON | None
    version: int

    def get_descriptor(self, id: str) -> InputDescriptor:
        """The descriptor of that id; DefinitionRejected."""
        for descriptor in self.descriptors:
            if descriptor.id == id:
                return descriptor
        raise DefinitionRejected("no input descriptor has this id", id=id)

    @property
    def groups(self) -> dict[str, tuple[str, ...]]:
        """The ids of the descriptors in each group."""
        found: dict[str, tuple[str, ...]] = {}
        for descriptor in self.descriptors:
            for group in descriptor.groups:
                found[group] = (*found.get(group, ()), descriptor.id)
        return found


def read_definition(value: JSON) -> Definition:
    """The definition of a JSON value, bare or as `presentation_definition` of an envelope.

    Raises DefinitionRejected, PathRefused, FilterRefused.
    """
    members = Members.of(value, "", DefinitionRejected, check_depth=True)
    if "presentation_definition" in members.values:
        members = members.get_members("presentation_definition")
    members.only(("id", "name", "purpose", "format", "frame", "submission_requirements", "input_descriptors"))
    raw = members.find_list("input_descriptors", most=MAX_DESCRIPTORS)
    if raw is None:
        members.refuse("a property is missing", "input_descriptors")
    version = 1 if any(isinstance(one, dict) and "schema" in one for one in raw) else 2
    descriptors = members.get_each(
        "input_descriptors", lambda one: _descriptor(one, version, bare=False), least=0, most=MAX_DESCRIPTORS
    )
    frame = members.find_members("frame")
    definition = Definition(
        members.get_text("id"),
        members.find_words("name"),
        members.find_words("purpose"),
        _formats(members),
        descriptors,
        read_requirements(members) if "submission_requirements" in members.values else (),
        None if frame is None else dict(frame.values),
        version,
    )
    _require_sound(definition)
    return definition


def read_descriptor(value: JSON) -> InputDescriptor:
    """An input descriptor by itself, whose constraints may be missing. Raises as `read_definition`."""
    members = Members.of(value, "", DefinitionRejected, check_depth=True)
    return _descriptor(members, 1 if "schema" in members.values else 2, bare=True)


def read_requirements(value: JSON | Members) -> tuple[Requirement, ...]:
    """The submission requirements of an object that has them. Raises DefinitionRejected."""
    members = value if isinstance(value, Members) else Members.of(value, "", DefinitionRejected, check_depth=True)
    budget = [MAX_REQUIREMENTS]
    return members.get_each("submission_requirements", lambda one: _requirement(one, 0, budget), least=0)


def _descriptor(members: Members, version: int, *, bare: bool) -> InputDescriptor:
    members.only(
        ("id", "name", "purpose", "format", "group", "constraints", *(("schema", "metadata") if version == 1 else ()))
    )
    constraints = members.find_members("constraints")
    if constraints is None and version == 2 and not bare:
        members.refuse("a property is missing", "constraints")
    limits = constraints or Members({}, members.at, DefinitionRejected)
    limits.only(("limit_disclosure", "statuses", "fields", "subject_is_issuer", "is_holder", "same_subject"))
    schemas = members.find_each("schema", _schema_uri, least=1)
    if version == 1 and schemas is None:
        members.refuse("a property is missing", "schema")
    raw = limits.find_list("fields", most=MAX_FIELDS) or []
    fields = tuple(
        _field(Members.of(one, f"{limits.at}.fields[{index}]", DefinitionRejected), index, version)
        for index, one in enumerate(raw)
    )
    return InputDescriptor(
        members.get_text("id"),
        members.find_words("name"),
        members.find_words("purpose"),
        members.find_texts("group", least=0) or (),
        _formats(members),
        fields,
        limits.find_choice("limit_disclosure", _DIRECTIVES),
        limits.find_choice("subject_is_issuer", _DIRECTIVES),
        limits.find_each("is_holder", _relation) or (),
        limits.find_each("same_subject", _relation) or (),
        _statuses(limits.find_members("statuses")),
        schemas or (),
    )


def _field(members: Members, index: int, version: int) -> Field:
    members.only(("id", "optional", "path", "purpose", "name", "intent_to_retain", "filter", "predicate"))
    paths = members.get_texts("path")
    if len(paths) > MAX_PATHS:
        members.refuse(f"more than {MAX_PATHS} alternatives", "path")
    predicate = members.find_choice("predicate", _DIRECTIVES)
    if predicate and "filter" not in members.values:
        members.refuse("a predicate needs a filter", "predicate")
    wanted = compile_filter(members.values["filter"], version_1=version == 1) if "filter" in members.values else None
    return Field(
        index,
        tuple(parse_path(path) for path in paths),
        wanted,
        members.find_text("id"),
        members.find_words("name"),
        members.find_words("purpose"),
        members.find_flag("optional") or False,
        predicate,
        members.find_flag("intent_to_retain") or False,
    )


def _relation(members: Members) -> Relation:
    members.only(("field_id", "directive"))
    directive = members.find_choice("directive", _DIRECTIVES)
    if directive is None:
        members.refuse("a property is missing", "directive")
    return Relation(members.get_texts("field_id"), directive == "required")


def _statuses(members: Members | None) -> dict[str, StatusRule]:
    if members is None:
        return {}
    members.only(_STATUSES)
    found = {}
    for name in members.values:
        rule = members.get_members(name)
        rule.only(("directive", "type"))
        directive = rule.find_choice("directive", ("required", "allowed", "disallowed"))
        found[name] = StatusRule(directive, rule.find_texts("type") or ())
    return found


def _schema_uri(members: Members) -> SchemaURI:
    members.only(("uri", "required"))
    return SchemaURI(members.get_text("uri"), members.find_flag("required") or False)


def _formats(members: Members) -> dict[str, Format] | None:
    formats = members.find_members("format")
    if formats is None:
        return None
    return {name: read_format(formats.get_members(name)) for name in formats.values}


def read_format(members: Members) -> Format:
    """The restrictions of one claim format, as the registry of formats and OpenID4VP spell them."""

    def listed(names: tuple[str, ...]) -> tuple[str, ...]:
        found: list[str] = []
        for name in names:
            values = members.find_list(name, least=1) or []
            if not all(type(one) in {str, int} for one in values):
                members.refuse("a list of names is expected", name)
            found += [str(one) for one in values]
        return tuple(found)

    members.only((*_ALGORITHM_LISTS, *_PROOF_LISTS, *_SUITE_LISTS))
    holder = ("kb-jwt_alg_values", "deviceauth_alg_values")
    return Format(
        listed(tuple(name for name in _ALGORITHM_LISTS if name not in holder)),
        listed(holder),
        listed(_PROOF_LISTS),
        listed(_SUITE_LISTS),
    )


def _requirement(members: Members, depth: int, budget: list[int]) -> Requirement:
    budget[0] -= 1
    if depth > MAX_REQUIREMENT_DEPTH or budget[0] < 0:
        members.refuse(f"more than {MAX_REQUIREMENTS} submission requirements, or nested too deep")
    members.only(("name", "purpose", "rule", "count", "min", "max", "from", "from_nested"))
    rule = members.find_choice("rule", ("all", "pick"))
    if rule is None:
        members.refuse("a property is missing", "rule")
    if ("from" in members.values) == ("from_nested" in members.values):
        members.refuse("either from or from_nested is expected")
    least, most = members.find_whole("min"), members.find_whole("max", least=1)
    if least is not None and most is not None and most < least:
        members.refuse("max is below min", "max")
    return Requirement(
        rule,
        members.find_words("name"),
        members.find_words("purpose"),
        members.find_whole("count", least=1),
        least,
        most,
        members.find_text("from"),
        members.find_each("from_nested", lambda one: _requirement(one, depth + 1, budget), least=1) or (),
    )


def _require_sound(definition: Definition) -> None:
    """Refuse what no part of a definition shows by itself: double ids, groups that are not there."""
    _require_unique([one.id for one in definition.descriptors], "two input descriptors have this id")
    ids = [field.id for one in definition.descriptors for field in one.fields if field.id is not None]
    _require_unique(ids, "two fields have this id")
    if not definition.requirements:
        return
    groups = definition.groups
    for descriptor in definition.descriptors:
        if not descriptor.groups:
            raise DefinitionRejected("with submission requirements each descriptor has a group", id=descriptor.id)
    waiting = list(definition.requirements)
    while waiting:
        one = waiting.pop()
        waiting += one.nested
        if one.group is not None and one.group not in groups:
            raise DefinitionRejected("no input descriptor is of this group", group=one.group)


def _require_unique(ids: list[str], detail: str) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise DefinitionRejected(detail, id=one)
        seen.add(one)
