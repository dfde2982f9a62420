"""A linkability linter: what in a credential or a view lets those who see it twice know that it was the same one.

    lint      any JSON: a VC or VP of any suite, a derived view, the claims of a token, a FHIR resource --> findings
    coarsen   document, findings --> the document with coarser values, to be signed anew

A proof that hides its signature helps little if the document says a number of its own. Each finding has its place, a
reason in plain words, advice, and where there is one the coarser form: times cut to the day, dates of birth to the
year, postal codes to their first characters, ids left out. What cannot be made coarser in the document (the holder, the
place in a status list, the signature) is told with its advice alone. Nothing is verified, nobody is asked.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from panacea.credentials.coarsening import (
    REMOVE,
    Changes,
    Grain,
    cut_postal_code,
    cut_time,
    decimals_of,
    digits_of,
    escape,
    find_item,
    find_time,
    round_number,
    round_written,
    with_changes,
)
from panacea.credentials.linter_proofs import (
    Finding,
    Known,
    found,
    lint_proof,
    lint_seconds,
    lint_status,
    mandatory_pointers,
)
from panacea.credentials.linter_rules import (
    BIRTH,
    COMPACT,
    COORDINATES,
    INSTANTS,
    JWT_TIMES,
    LONG_TEXT,
    LONGEST_UNIQUE,
    NUMBERS,
    PERSONS,
    PLACES,
    POSTAL,
    RULES,
    SHARED,
    SKIPPED,
    STREETS,
    TEXTS,
    UNIQUE,
    Rule,
    Severity,
    plain_name,
)
from panacea.credentials.records.completeness import COUNT
from panacea.health.elements import Use, find_table
from panacea.health.strict_json import require_depth, written
from panacea.health.types import JSON, JSONRejected, ResourceRejected

__all__ = ["RULES", "Finding", "Grain", "Known", "Rule", "Severity", "coarsen", "lint"]

MAX_DEPTH: Final = 64
MAX_VALUES: Final = 50_000
"""Levels and values of a document that are looked at."""

_SEVERITIES: Final = list(Severity)
_CREDENTIAL: Final = {"VerifiableCredential", "EnvelopedVerifiableCredential"}
_PRESENTATION: Final = {"VerifiablePresentation", "EnvelopedVerifiablePresentation"}
_MANY_DIGITS: Final = 4
_MANY_WHOLE_DIGITS: Final = 6
_RESERVED = re.compile(r"(id|type)_+")
_BY_VALUE: Final = BIRTH | POSTAL | COORDINATES | JWT_TIMES
"""Names of which a coarse enough value says nothing, whatever the map of the record thinks of them."""

_FINER: Final = frozenset({"address", "position", "entry", "parameter"})
_BY_ELEMENT: Final = {
    "id": "record-number", "identifier": "record-number", "text": "narrative", "note": "free-text",
    "contained": "contained", "name": "person", "telecom": "person", "photo": "person", "contact": "person",
    "content": "attachment", "image": "attachment", "data": "attachment",
}  # fmt: skip
_NUMERIC: Final = {"xsd:integer", "xsd:decimal", "xsd:double"}
_SUBJECT: Final = "credentialSubject"
_LIST: Final = "BitstringStatusList"


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where in a document the walk is: `is_form` below a record in its subject form."""

    grain: Grain
    known: Known
    is_form: bool = False


def lint(document: JSON, *, grain: Grain = Grain.DAY, known: Known | None = None) -> list[Finding]:
    """What links the showings of a document, the gravest first, then in the order of the document.

    `document` is JSON as `parse_json` gives it, or as `json.loads` does. With a coarser `grain`, dates to the day (or
    month) are findings as well. Raises JSONRejected beyond 64 levels or 50,000 values.
    """
    require_depth(document, MAX_DEPTH)
    _require_few(document)
    scope = _Scope(grain, known or Known())
    findings = list({(one.rule, one.pointer): one for one in _walk(document, "", scope)}.values())
    findings += list(_mandatory(document, "", findings, scope.known))
    return sorted(findings, key=lambda one: _SEVERITIES.index(one.severity))


def coarsen(document: JSON, findings: Iterable[Finding] | None = None) -> JSON:
    """The document with the coarser forms of these findings (of all that `lint` has, unless given).

    A proof over something that changes is left out: the coarser document has to be signed anew. Findings without a
    coarser form change nothing. Raises JSONRejected as `lint` does.
    """
    require_depth(document, MAX_DEPTH)
    chosen = lint(document) if findings is None else list(findings)
    changes: Changes = {}
    for one in chosen:
        # Two findings of one place: what leaves it out says less than what replaces it.
        if one.has_coarser and (one.coarser is REMOVE or one.pointer not in changes):
            changes[one.pointer] = one.coarser
    return with_changes(document, changes)


def _require_few(document: JSON) -> None:
    waiting, count = [document], 0
    while waiting:
        value = waiting.pop()
        count += 1
        if count > MAX_VALUES:
            raise JSONRejected("too many values", limit=MAX_VALUES)
        if isinstance(value, dict | list):
            waiting += value.values() if isinstance(value, dict) else value


def _walk(value: JSON, pointer: str, scope: _Scope) -> Iterator[Finding]:
    """Findings at and below a value whose name said nothing."""
    if isinstance(value, dict):
        yield from _object(value, pointer, scope)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(inner, f"{pointer}/{index}", scope)


def _object(node: dict[str, JSON], pointer: str, scope: _Scope) -> Iterator[Finding]:
    kinds = _kinds(node)
    is_credential = bool(kinds & _CREDENTIAL) or _SUBJECT in node
    is_presentation = bool(kinds & _PRESENTATION)
    uses = {} if is_credential or is_presentation else _uses(node, scope)
    yield from _gaps(node, pointer) if scope.is_form else ()
    for name, value in node.items():
        if scope.is_form and name in {COUNT, "type"}:
            continue
        at = f"{pointer}/{escape(name)}"
        element = _element(name, scope)
        if element == "proof":
            yield from lint_proof(value, at, scope.known, of_presentation=is_presentation)
        elif element in {"credentialStatus", "status"} and isinstance(value, dict | list) and not uses:
            yield from lint_status(value, at, scope.known)
        elif (is_credential or is_presentation) and element in {"id", "jti"}:
            # An enveloped credential is its id: a data URL that cannot be left out.
            rule = "presentation-id" if is_presentation else "credential-id"
            yield _compact(at) if _is_compact(value) else found(rule, at, REMOVE)
        elif is_presentation and element == "holder":
            yield found("presentation-holder", at)
        elif (is_credential or is_presentation) and element in {"name", "description"}:
            continue
        else:
            # FHIR as it is says resourceType; the subject form, which begins here, says type.
            begins = element == "resource" and isinstance(value, dict) and "resourceType" not in value
            yield from _member(element, value, at, replace(scope, is_form=True) if begins else scope, uses)


def _member(element: str, value: JSON, at: str, scope: _Scope, uses: dict[str, Use]) -> Iterator[Finding]:
    """Findings of one member, by the map of its record, by its name, by its value."""
    if value is None or (isinstance(value, str | list | dict) and not value):
        return
    name = plain_name(element)
    if found_here := list(_by_place(element, name, value, at, scope)):
        yield from found_here
    elif name in _BY_VALUE and not isinstance(value, dict | list):
        return
    elif (use := _use_of(element, uses)) is Use.IDENTIFYING and name not in _FINER:
        yield _identifying(element, value, at)
    elif rule := _by_name(element, name, value, bool(use)):
        yield found(rule, at, REMOVE)
    elif name in SKIPPED or (name in SHARED and isinstance(value, str)):
        return
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _member(element, inner, f"{at}/{index}", scope, {})
    elif isinstance(value, dict) and not _is_number(value):
        if name == "address" and isinstance(value.get("text"), str):
            yield found("person", f"{at}/text", REMOVE)
        yield from _subject(value, at, scope) if element == _SUBJECT else _object(value, at, scope)
    else:
        yield from _value(name, value, at, scope)


def _subject(subject: dict[str, JSON], at: str, scope: _Scope) -> Iterator[Finding]:
    """The holder's own members, then the rest of a subject; the subject of a status list is nobody."""
    if _LIST in _kinds(subject):
        return
    for name in ("id", "nullifier"):
        if name in subject:
            yield found("holder" if name == "id" else "nullifier", f"{at}/{name}")
    if isinstance(subject.get("name"), str):
        yield found("person", f"{at}/name", REMOVE)
    rest = {name: value for name, value in subject.items() if name not in {"id", "nullifier", "name"}}
    yield from _object(rest, at, scope)


def _by_place(element: str, name: str, value: JSON, at: str, scope: _Scope) -> Iterator[Finding]:
    """Names of which there is a coarser value than none: dates of birth, postal codes, coordinates, times of tokens."""
    if name in BIRTH:
        yield from _birth(value, at, hidden=element.startswith("_"))
    elif name in POSTAL and isinstance(value, str):
        if (cut := cut_postal_code(value)) != value:
            yield found("postal-code", at, cut)
    elif name in COORDINATES:
        text = _written(value)
        if text is None:
            yield found("coordinates", at, REMOVE)
        elif decimals_of(text) > 1 or "e" in text.lower():
            yield found("coordinates", at, _rounded(value, text, 1) if "e" not in text.lower() else REMOVE)
    elif name in JWT_TIMES and isinstance(value, int) and not isinstance(value, bool):
        yield from lint_seconds(element, value, at, scope.grain)
    elif element == "_sd" and isinstance(value, list):
        yield found("disclosed-digests", at)
    elif element == "cnf" and isinstance(value, dict):
        yield found("holder-key", at)
    elif element == "sub" and isinstance(value, str):
        yield found("holder", at)


def _birth(value: JSON, at: str, *, hidden: bool) -> Iterator[Finding]:
    time = find_time(value) if isinstance(value, str) and not hidden else None
    if time is not None:
        severity = Severity.MEDIUM if time.exactness == "month" else None
        yield found("birth-date", at, time.date[: Grain.YEAR.value], severity=severity)
    elif hidden or not (isinstance(value, str) and re.fullmatch(r"[0-9]{4}", value)):
        yield found("birth-date", at, REMOVE)


def _identifying(element: str, value: JSON, at: str) -> Finding:
    rule = _BY_ELEMENT.get(element.lstrip("_"), "reference" if _has_reference(value) else "identifying-element")
    return found(rule, at, REMOVE)


def _has_reference(value: JSON) -> bool:
    one = value[0] if isinstance(value, list) and value else value
    return isinstance(one, dict) and bool({"reference", "display", "actor", "identifier"} & one.keys())


def _by_name(element: str, name: str, value: JSON, is_placed: bool) -> str | None:
    """The rule of a name that identifies wherever it stands, unless the map of the record says otherwise."""
    if element in {"id", "@id"}:
        return "nested-id"
    if is_placed:
        return None
    if name in PERSONS or name in STREETS or (name == "address" and isinstance(value, str)):
        return "person"
    if name in NUMBERS:
        return "record-number"
    if name == "reference" and isinstance(value, str):
        return None if value.startswith("#") else "reference"
    if name in PLACES:
        return "place"
    if name == "div":
        return "narrative"
    if name == "data" and isinstance(value, str):
        return "attachment"
    return "free-text" if name in TEXTS else None


def _value(name: str, value: JSON, at: str, scope: _Scope) -> Iterator[Finding]:
    """Findings by what a text or a number looks like."""
    if isinstance(value, str):
        yield from _text(name, value, at, scope)
    elif (text := _written(value)) is not None:
        whole = decimals_of(text) == 0 and "e" not in text.lower()
        if digits_of(text) > (_MANY_WHOLE_DIGITS if whole else _MANY_DIGITS):
            yield found("exact-number", at, _rounded(value, text, None))


def _text(name: str, text: str, at: str, scope: _Scope) -> Iterator[Finding]:
    time = find_time(text)
    if time is not None:
        cut = cut_time(time, scope.grain, as_instant=name in INSTANTS and len(text) > Grain.DAY.value)
        if time.exactness in {"second", "fraction"}:
            severity = Severity.HIGH if time.exactness == "fraction" else None
            yield found("exact-time", at, cut, severity=severity)
        elif cut[: len(time.date)] != time.date and len(time.date) > scope.grain.value:
            yield found("exact-date", at, cut)
    elif _is_compact(text):
        yield _compact(at)
    elif len(text) > LONG_TEXT and " " in text:
        yield found("free-text", at, REMOVE)
    elif len(text) > LONGEST_UNIQUE or UNIQUE.fullmatch(text):
        yield found("unique-value", at, REMOVE)


def _is_compact(value: JSON) -> bool:
    return isinstance(value, str) and COMPACT.fullmatch(value) is not None


def _compact(at: str) -> Finding:
    return found("same-signature", at, detail="It is a token, signed as a whole.")


def _kinds(node: dict[str, JSON]) -> set[str]:
    kinds = node.get("type", node.get("@type"))
    return {one for one in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(one, str)}


def _uses(node: dict[str, JSON], scope: _Scope) -> dict[str, Use]:
    """The uses of a record's elements by their map, where the node is a record of a type that has one."""
    kind = node.get("type" if scope.is_form and "resourceType" not in node else "resourceType")
    table = find_table(kind) if isinstance(kind, str) else None
    return {} if table is None else {element.name: element.use for element in table.elements}


def _use_of(element: str, uses: dict[str, Use]) -> Use | None:
    """The use of `valueQuantity`, which the map calls `value[x]`, or of `_status`; None outside a map."""
    if not uses:
        return None
    element = element.lstrip("_")
    if element in uses:
        return uses[element]
    for place in range(len(element) - 1, 0, -1):
        if element[place].isupper() and (use := uses.get(f"{element[:place]}[x]")):
            return use
    # As in the maps: what has no place counts as identifying.
    return Use.IDENTIFYING


def _element(name: str, scope: _Scope) -> str:
    """The element that a key stands for: in the subject form `given.0` is an item, and `id_` is FHIR's own id."""
    if not scope.is_form:
        return name
    item = find_item(name)
    name = item[0] if item else name
    return name[:-1] if _RESERVED.fullmatch(name) else name


def _gaps(node: dict[str, JSON], pointer: str) -> Iterator[Finding]:
    """Items of an array that are shown without those before them."""
    places: dict[str, list[tuple[int, str]]] = {}
    for name in node:
        if item := find_item(name):
            places.setdefault(item[0], []).append((item[1][0], name))
    for items in places.values():
        last, name = max(items)
        hidden = last + 1 - len({place for place, _ in items})
        if hidden:
            yield found("array-place", f"{pointer}/{escape(name)}", detail=f"Here {hidden} of {last + 1} are hidden.")


def _is_number(value: dict[str, JSON]) -> bool:
    """Whether an object is a number of the subject form."""
    return value.keys() == {"@type", "@value"} and value["@type"] in _NUMERIC


def _written(value: JSON) -> str | None:
    """How a number is written, of JSON or of the subject form; None for anything else."""
    if isinstance(value, dict):
        text = value.get("@value") if _is_number(value) else None
        return text if isinstance(text, str) and digits_of(text) else None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, float):
        return repr(value).removesuffix(".0") if math.isfinite(value) else None
    try:
        return written(value)
    except ResourceRejected:
        return None


def _rounded(value: JSON, text: str, decimals: int | None) -> JSON:
    if not isinstance(value, dict):
        return round_number(value, text, decimals=decimals)
    rounded = round_written(text, decimals=decimals)
    kind = "xsd:double" if "e" in rounded else "xsd:decimal" if "." in rounded else "xsd:integer"
    return {"@type": kind, "@value": rounded}


def _mandatory(value: JSON, pointer: str, findings: list[Finding], known: Known) -> Iterator[Finding]:
    """Identifying parts that every view must show, of each credential in a document."""
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _mandatory(inner, f"{pointer}/{index}", findings, known)
    if not isinstance(value, dict):
        return
    pointers = mandatory_pointers(value.get("proof")) or (known.mandatory if not pointer else ())
    if pointers:
        forced = {pointer + one for one in pointers}
        above = {part for one in forced for part in _ancestors(one)}
        for one in findings:
            # Forced where the pointer covers it, or a part of it.
            is_forced = one.pointer in above or any(part in forced for part in _ancestors(one.pointer))
            if is_forced and one.severity is not Severity.LOW and "/proof" not in one.pointer:
                yield found("mandatory", one.pointer, detail=f"({one.rule})")
    if "verifiableCredential" in value:
        yield from _mandatory(value["verifiableCredential"], f"{pointer}/verifiableCredential", findings, known)


def _ancestors(pointer: str) -> Iterator[str]:
    """A pointer and all above it, up to the whole document."""
    while pointer:
        yield pointer
        pointer = pointer.rpartition("/")[0]
    yield ""
