"""From Presentation Exchange to DCQL, where DCQL has the words; what it has none for is refused by its property.

    translation = to_dcql(definition, formats=("ldp_vc",))
    translation.query.to_json(), translation.ids["banking_input_1"], translation.notes

| Presentation Exchange | DCQL |
| --- | --- |
| input descriptor, for each of its formats | credential query; `ids` maps back |
| path of names, indexes and [*] | claims path; `$.vc` is the root of jwt_vc_json |
| alternative paths, optional fields | claim_sets, the most wanted first |
| filter const, enum, and a pattern that is a list of anchored words | values |
| filter on `$.vct`, on `$.type` | meta vct_values, type_values |
| algorithms | `vp_formats`, for client_metadata |
| submission requirements, several formats | credential_sets |

Notes tell where the two differ without either being wrong: an item is "each" in DCQL and "the first" in Presentation
Exchange, a preference is dropped, types are compared after their contexts are applied.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NoReturn

from panacea.credentials.requests.claims_path import ClaimsPath
from panacea.credentials.requests.dcql import ClaimsQuery, CredentialQuery, CredentialSet, Query
from panacea.credentials.requests.definitions import Definition, Field, Format, InputDescriptor, Requirement
from panacea.credentials.requests.json_path import JSONPath, Wildcard
from panacea.credentials.requests.reading import present
from panacea.credentials.requests.submission_requirements import bounds, ways
from panacea.credentials.requests.types import NotTranslatable
from panacea.credentials.requests.wallet import (
    DC_SD_JWT,
    JWT_VC_JSON,
    LDP_VC,
    MSO_MDOC,
    VC_JWT,
    VC_SD_JWT,
)
from panacea.credentials.requests.work import Budget
from panacea.health.types import JSON

MAX_OPTIONS: Final = 64
"""Options of one set, and combinations of claims."""

_DCQL_FORMATS: Final = {
    "ldp_vc": LDP_VC, "ldp": LDP_VC, "di_vc": LDP_VC, "ldp_vp": LDP_VC, "di_vp": LDP_VC,
    "jwt_vc": JWT_VC_JSON, "jwt_vc_json": JWT_VC_JSON, "jwt_vp": JWT_VC_JSON, "jwt_vp_json": JWT_VC_JSON,
    "vc+jwt": VC_JWT, "vp+jwt": VC_JWT, "vc+sd-jwt": DC_SD_JWT, "dc+sd-jwt": DC_SD_JWT, "sd_jwt": DC_SD_JWT,
    "mso_mdoc": MSO_MDOC,
}  # fmt: skip
_WORDS: Final = re.compile(r"\^[\w:/@#%-]+\$(?:\|\^[\w:/@#%-]+\$)*", re.ASCII)
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_-]")

Values = tuple[str | int | bool, ...]


@dataclass(frozen=True, slots=True)
class Translation:
    """A DCQL query.

    `ids` tell the credential queries of each input descriptor, `vp_formats` what to put into
    `client_metadata.vp_formats_supported`, `notes` where the meaning moved.
    """

    query: Query
    ids: Mapping[str, tuple[str, ...]]
    vp_formats: Mapping[str, Mapping[str, Sequence[str]]]
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class _Notes:
    texts: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        self.texts[text] = None


def to_dcql(
    definition: Definition, *, formats: Sequence[str] = (), expand: Callable[[str], str] = lambda name: name
) -> Translation:
    """The query of a definition.

    `formats` are those to ask for where the definition names none, `expand` gives the IRI of a type. Raises
    NotTranslatable with the `property` at fault, TooMuchWork.
    """
    if definition.frame is not None:
        _refuse("frame", "there are no frames")
    notes = _Notes()
    ids: dict[str, tuple[str, ...]] = {}
    queries: list[CredentialQuery] = []
    vp_formats: dict[str, dict[str, list[str]]] = {}
    for descriptor in definition.descriptors:
        wanted = descriptor.formats or definition.formats or {name: Format() for name in formats}
        made = _credentials(descriptor, wanted, expand, notes)
        names = _fresh(descriptor.id, len(made), {one.id for one in queries})
        ids[descriptor.id] = names
        queries += [replace(one, id=name) for one, name in zip(made, names, strict=True)]
        _gather(vp_formats, wanted)
    if not queries:
        _refuse("input_descriptors", "a query asks for something")
    return Translation(
        Query(tuple(queries), _credential_sets(definition, ids, notes)), ids, vp_formats, (*notes.texts,)
    )


def _credentials(
    descriptor: InputDescriptor, formats: Mapping[str, Format], expand: Callable[[str], str], notes: _Notes
) -> list[CredentialQuery]:
    """A credential query for each format of a descriptor, without its id."""
    _require_plain(descriptor, notes)
    names = list(dict.fromkeys(_DCQL_FORMATS.get(name, name) for name in formats))
    if not names:
        _refuse("format", "a credential query has a format", descriptor)
    return [_credential(descriptor, name, expand, notes) for name in names]


def _require_plain(descriptor: InputDescriptor, notes: _Notes) -> None:
    """Refuse what no credential query can say."""
    if descriptor.schemas:
        _refuse("schema", "schemas are not asked for", descriptor)
    if descriptor.subject_is_issuer == "required":
        _refuse("subject_is_issuer", "subjects are not compared with issuers", descriptor)
    if any(relation.required for relation in descriptor.same_subject):
        _refuse("same_subject", "subjects are not compared", descriptor)
    if any(rule.directive in {"required", "disallowed"} for rule in descriptor.statuses.values()):
        _refuse("statuses", "a status is not asked for", descriptor)
    if descriptor.subject_is_issuer or descriptor.same_subject or descriptor.statuses:
        notes.add("a preference about subjects or status is dropped")
    if descriptor.is_holder:
        notes.add("is_holder becomes a proof of holder binding")
    for one in descriptor.fields:
        if one.predicate == "required":
            _refuse("predicate", "a proof is not asked for instead of a value", descriptor)
        if one.predicate:
            notes.add("a preferred predicate becomes a question for the value")


def _credential(
    descriptor: InputDescriptor, container: str, expand: Callable[[str], str], notes: _Notes
) -> CredentialQuery:
    meta: dict[str, JSON] = {"doctype_value": descriptor.id} if container == MSO_MDOC else {}
    kinds: list[str] = []
    fields: list[tuple[bool, list[ClaimsQuery]]] = []
    for one in descriptor.fields:
        alternatives = _paths(descriptor, one, container, notes)
        said = _meta(descriptor, one, container, alternatives)
        if said is not None and container == DC_SD_JWT:
            meta["vct_values"] = [*said]
        elif said is not None:
            kinds += [expand(str(kind)) for kind in said]
            notes.add("types are compared after their contexts are applied")
        else:
            values = _values(descriptor, one)
            retain = one.intent_to_retain and container == MSO_MDOC
            fields.append((one.optional, [ClaimsQuery(path, None, values, retain) for path in alternatives]))
    if kinds:
        meta["type_values"] = [kinds]
    claims, sets = _claims(descriptor, fields)
    return CredentialQuery(
        "",
        container,
        meta,
        vct_values=tuple(meta.get("vct_values", ())),
        type_values=tuple(tuple(one) for one in meta.get("type_values", ())),
        doctype_value=meta.get("doctype_value"),
        claims=claims,
        claim_sets=sets,
    )


def _paths(descriptor: InputDescriptor, one: Field, container: str, notes: _Notes) -> list[ClaimsPath]:
    """The alternatives of a field that can exist in a format, as claims paths."""
    found: list[ClaimsPath] = []
    for path in one.paths:
        steps = _steps(descriptor, path, notes)
        if container == JWT_VC_JSON:
            if steps[:1] != ("vc",):
                continue
            steps = steps[1:]
        elif steps[:1] == ("vc",):
            continue
        if steps and steps not in found:
            found.append(steps)
    if not found:
        _refuse("path", f"no path of {one.label} leads into a credential of {container}", descriptor)
    return found


def _steps(descriptor: InputDescriptor, path: JSONPath, notes: _Notes) -> ClaimsPath:
    steps: list[str | int | None] = []
    for segment in path.segments:
        only = segment.selectors[0]
        if segment.descends or len(segment.selectors) != 1:
            _refuse("path", f"{path.text} is no sequence of names, indexes and items", descriptor)
        if isinstance(only, Wildcard):
            notes.add("[*] asks for each item, where Presentation Exchange judges the first")
            steps.append(None)
        elif isinstance(only, str) or (isinstance(only, int) and only >= 0):
            steps.append(only)
        else:
            _refuse("path", f"{path.text} is no sequence of names, indexes and items", descriptor)
    return tuple(steps)


def _meta(descriptor: InputDescriptor, one: Field, container: str, alternatives: list[ClaimsPath]) -> Values | None:
    """What a field says of `vct` or of a type, None where it is a claim like others."""
    if one.optional or one.filter is None or len(alternatives) != 1:
        return None
    if container == DC_SD_JWT and alternatives == [("vct",)]:
        return _values(descriptor, one)
    if container in {LDP_VC, JWT_VC_JSON, VC_JWT, VC_SD_JWT} and alternatives[0] in {("type",), ("type", None)}:
        schema = one.filter.schema
        if isinstance(schema, dict) and "contains" in schema and schema.keys() <= {"type", "contains"}:
            schema = schema["contains"]
        found = _spelled(schema)
        return found if found is not None and len(found) == 1 else None
    return None


def _values(descriptor: InputDescriptor, one: Field) -> Values:
    if one.filter is None:
        return ()
    found = _spelled(one.filter.schema)
    if found is None:
        keywords = sorted(one.filter.schema) if isinstance(one.filter.schema, dict) else ["false or true"]
        _refuse("filter", f"{one.label}: {', '.join(keywords)} is no list of values", descriptor)
    return found


def _spelled(schema: JSON) -> Values | None:
    """The values that a filter admits, None where they cannot be listed."""
    if not isinstance(schema, dict):
        return None
    said = {name: value for name, value in schema.items() if name not in {"type", "title", "description"}}
    match said:
        case {"const": value} if len(said) == 1:
            values = [value]
        case {"enum": [_, *_] as several} if len(said) == 1:
            values = several
        case {"pattern": str() as pattern} if len(said) == 1 and schema.get("type") == "string":
            values = [word[1:-1] for word in pattern.split("|")] if _WORDS.fullmatch(pattern) else []
        case _:
            return None
    kinds = {"string": str, "integer": int, "number": int, "boolean": bool}
    kind = schema.get("type")
    if not values or not all(type(one) in {str, int, bool} for one in values):
        return None
    if kind is not None and not (isinstance(kind, str) and all(type(one) is kinds.get(kind) for one in values)):
        return None
    return tuple(values)


def _claims(
    descriptor: InputDescriptor, fields: list[tuple[bool, list[ClaimsQuery]]]
) -> tuple[tuple[ClaimsQuery, ...], tuple[tuple[str, ...], ...]]:
    """Claims, and sets of them where there are alternatives or options."""
    if all(len(alternatives) == 1 and not optional for optional, alternatives in fields):
        return tuple(dict.fromkeys(alternatives[0] for _, alternatives in fields)), ()
    named = [
        (optional, [replace(one, id=f"c{at}_{index}") for index, one in enumerate(alternatives)])
        for at, (optional, alternatives) in enumerate(fields)
    ]
    choices: list[list[ClaimsQuery | None]] = [[*found, *([None] if optional else [])] for optional, found in named]
    sets: dict[tuple[str, ...], None] = {}
    for chosen in itertools.product(*choices):
        names = tuple(str(one.id) for one in chosen if one is not None)
        if not names:
            continue
        sets[names] = None
        if len(sets) > MAX_OPTIONS:
            _refuse("path", f"more than {MAX_OPTIONS} combinations of alternatives and optional fields", descriptor)
    if all(optional for optional, _ in fields):
        _refuse("optional", "a set of claims is not empty", descriptor)
    return tuple(one for _, found in named for one in found), tuple(sets)


def _credential_sets(
    definition: Definition, ids: Mapping[str, tuple[str, ...]], notes: _Notes
) -> tuple[CredentialSet, ...]:
    if not definition.requirements:
        if all(len(names) == 1 for names in ids.values()):
            return ()
        return tuple(CredentialSet(tuple((name,) for name in names)) for names in ids.values())
    return tuple(_credential_set(definition, one, ids, notes) for one in definition.requirements)


def _credential_set(
    definition: Definition, requirement: Requirement, ids: Mapping[str, tuple[str, ...]], notes: _Notes
) -> CredentialSet:
    options: dict[tuple[str, ...], None] = {}
    required = True
    for chosen in ways((requirement,), definition.groups, frozenset(ids), Budget(100_000)):
        if not chosen:
            required = False
            continue
        ordered = [name for name in ids if name in chosen]
        for option in itertools.product(*(ids[name] for name in ordered)):
            options[option] = None
            if len(options) > MAX_OPTIONS:
                _refuse("submission_requirements", f"{requirement.label}: more than {MAX_OPTIONS} options")
    if not options:
        _refuse("submission_requirements", f"{requirement.label}: nothing can satisfy it")
    size = len(requirement.nested) or len(definition.groups.get(requirement.group or "", ()))
    if bounds(requirement, size)[0] != bounds(requirement, size)[1]:
        notes.add("a range of numbers becomes one option for each combination")
    return CredentialSet(tuple(options), required)


def _fresh(descriptor: str, count: int, taken: set[str]) -> tuple[str, ...]:
    """Ids of DCQL's letters for the queries of a descriptor, unlike all that are taken."""
    stem = _UNSAFE.sub("_", descriptor)[:200]
    for number in itertools.count():
        start = f"{stem}_{number}" if number else stem
        names = (start,) if count == 1 else tuple(f"{start}-{index}" for index in range(count))
        if not taken.intersection(names):
            return names
    raise AssertionError("counting does not end")


def _gather(vp_formats: dict[str, dict[str, list[str]]], formats: Mapping[str, Format]) -> None:
    """Add the restrictions of formats in the words of `vp_formats_supported`."""
    for name, one in formats.items():
        container = _DCQL_FORMATS.get(name, name)
        prefix = {DC_SD_JWT: "sd-jwt_alg_values", MSO_MDOC: "issuerauth_alg_values"}.get(container, "alg_values")
        holder = {DC_SD_JWT: "kb-jwt_alg_values", MSO_MDOC: "deviceauth_alg_values"}.get(container, "alg_values")
        known = vp_formats.setdefault(container, {})
        said = present(
            **{
                prefix: list(one.algorithms) or None,
                "proof_type_values": list(one.proof_types) or None,
                "cryptosuite_values": list(one.cryptosuites) or None,
            }
        )
        if one.holder_algorithms:
            said[holder] = [*said.get(holder, []), *one.holder_algorithms]
        for word, values in said.items():
            known[word] = list(_once([*known.get(word, []), *values]))


def _once(values: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(values)


def _refuse(property: str, detail: str, descriptor: InputDescriptor | None = None) -> NoReturn:
    values: dict[str, object] = {"property": property}
    if descriptor is not None:
        values["input_descriptor"] = descriptor.id
    raise NotTranslatable(detail, **values)
