"""Filters of Presentation Exchange: JSON Schema Draft 7 whose cost is bounded, and what a filter says as a predicate.

All keywords of Draft 7 that look only at the value at hand; `$ref` to a definition of the same schema, which is put in
its place (never a cycle, never a remote document: the retriever refuses); patterns in an engine whose time is linear.
`formatMinimum` and `formatMaximum` (and their exclusive forms, and version 1's `minimum` with a text) compare dates and
times. Keywords that Draft 7 does not know are left out, as it demands, and named in `Filter.ignored`.
"""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, NoReturn

from panacea.credentials.requests.places import children
from panacea.credentials.requests.reading import MAX_DEPTH as JSON_DEPTH
from panacea.credentials.requests.types import FilterRefused
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import require_depth
from panacea.health.types import JSON, JSONRejected

MAX_SIZE: Final = 2048
MAX_DEPTH: Final = 16
MAX_PATTERN: Final = 1024
MAX_PATTERNS: Final = 64
"""A pattern may take a microsecond a character, far more than any other keyword."""

_ONE = {"items", "additionalItems", "contains", "additionalProperties", "propertyNames", "not", "if", "then", "else"}
_MANY = {"allOf", "anyOf", "oneOf"}
_NAMED = {"properties", "patternProperties"}
_PLAIN = {
    "type", "const", "enum", "required", "pattern", "minLength", "maxLength", "minItems", "maxItems", "uniqueItems",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties", "multipleOf",
    "format",
}  # fmt: skip
_NOTES = {"$id", "$schema", "$comment", "title", "description", "default", "examples", "definitions", "$defs"}
_BOUNDS: Final = {
    "formatMinimum": (False, True), "minimum": (False, True),
    "formatExclusiveMinimum": (False, False), "exclusiveMinimum": (False, False),
    "formatMaximum": (True, True), "maximum": (True, True),
    "formatExclusiveMaximum": (True, False), "exclusiveMaximum": (True, False),
}  # fmt: skip
_QUANTIFIER = re.compile(r"\{\d{1,9}(?:,\d{0,9})?\}", re.ASCII)
_RANGES = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")


@dataclass(frozen=True, slots=True)
class Bound:
    """A date or time that a text must not pass: `upper` and `inclusive` say how."""

    upper: bool
    inclusive: bool
    moment: datetime

    def admits(self, value: JSON) -> bool:
        """Whether a text is a date or time within the bound."""
        moment = _moment(value)
        if moment is None:
            return False
        if moment == self.moment:
            return self.inclusive
        return moment < self.moment if self.upper else moment > self.moment


@dataclass(frozen=True, slots=True)
class Filter:
    """A compiled filter: `schema` as it was asked, its size in values, and the keywords that nobody here knows."""

    schema: JSON
    size: int
    patterns: int
    ignored: tuple[str, ...]
    bounds: tuple[Bound, ...] = field(repr=False)
    validator: Any = field(repr=False, compare=False)  # Any: jsonschema_rs hides the type of its validators

    def accepts(self, value: JSON, budget: Budget) -> bool:
        """Whether a value meets the filter. Raises TooMuchWork."""
        values, characters = _weight(value)
        budget.spend(values * self.size + characters * self.patterns // 2)
        taken = value if isinstance(value, str | int) else plain(value)
        return bool(self.validator.is_valid(taken)) and all(bound.admits(value) for bound in self.bounds)

    @property
    def predicate(self) -> str | None:
        """What the filter asks as a predicate: `range`, `equal`, `not-equal`, `in-set`, `not-in-set`; else None."""
        if not isinstance(self.schema, dict):
            return None
        said = {name: value for name, value in self.schema.items() if name not in _NOTES | {"type"}}
        if said and set(said) <= set(_RANGES) | {name for name in _BOUNDS if name.startswith("format")} | {"format"}:
            return "range" if set(said) != {"format"} else None
        match said:
            case {"const": _} if len(said) == 1:
                return "equal"
            case {"enum": _} if len(said) == 1:
                return "in-set"
            case {"not": {"const": _, **others}} if len(said) == 1 and not others:
                return "not-equal"
            case {"not": {"enum": _, **others}} if len(said) == 1 and not others:
                return "not-in-set"
        return None


def compile_filter(schema: JSON, *, version_1: bool = False) -> Filter:
    """The filter of a JSON Schema; in version 1 of the specification `minimum` and its like may be dates.

    Raises FilterRefused.
    """
    # Imported late: start-up time is a feature, and most messages have no filter.
    import jsonschema_rs

    try:
        require_depth(schema, JSON_DEPTH)
    except JSONRejected as error:
        raise FilterRefused("nested too deep", limit=JSON_DEPTH) from error
    reader = _Schema(schema, version_1=version_1)
    asked = plain(reader.inlined(schema, 0, ()))
    options = jsonschema_rs.RegexOptions(size_limit=1 << 16, dfa_size_limit=1 << 20)
    try:
        validator = jsonschema_rs.Draft7Validator(
            asked, retriever=_refuse, pattern_options=options, validate_formats=True
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise FilterRefused("not a JSON Schema", reason=getattr(error, "message", error)) from error
    return Filter(schema, reader.size, reader.patterns, tuple(sorted(reader.ignored)), tuple(reader.bounds), validator)


class _Schema:
    """One schema while it is copied: local references put in place, patterns mended, the size counted."""

    def __init__(self, root: JSON, *, version_1: bool) -> None:
        self.root = root
        self.version_1 = version_1
        self.size = 0
        self.patterns = 0
        self.ignored: set[str] = set()
        self.bounds: list[Bound] = []

    def inlined(self, schema: JSON, depth: int, chain: tuple[str, ...]) -> JSON:
        self._count(1)
        if depth > MAX_DEPTH:
            raise FilterRefused("nested too deep", limit=MAX_DEPTH)
        if isinstance(schema, bool):
            return schema
        if not isinstance(schema, dict) or not all(isinstance(name, str) for name in schema):
            raise FilterRefused("a schema is an object or a boolean")
        if "$ref" in schema:
            reference = schema["$ref"]
            if not isinstance(reference, str) or reference in chain:
                raise FilterRefused("a schema that refers to itself", reference=reference)
            return self.inlined(self._target(reference), depth + 1, (*chain, reference))
        copied = {}
        for name, value in schema.items():
            if name in _BOUNDS and isinstance(value, str) and (self.version_1 or name.startswith("format")):
                self._bound(name, value, depth)
            elif name not in _NOTES and (one := self._keyword(name, value, depth, chain)) is not None:
                copied[name] = one
        return copied

    def _bound(self, name: str, value: str, depth: int) -> None:
        moment = _moment(value)
        if moment is None or depth:
            raise FilterRefused("a bound is a date or a time, in the outermost schema", keyword=name)
        self.bounds.append(Bound(*_BOUNDS[name], moment))

    def _keyword(self, name: str, value: JSON, depth: int, chain: tuple[str, ...]) -> JSON:
        if (name == "items" and isinstance(value, list)) or name in _MANY:
            if not isinstance(value, list):
                raise FilterRefused("a list of schemas is expected", keyword=name)
            return [self.inlined(one, depth + 1, chain) for one in value]
        if name in _ONE:
            return self.inlined(value, depth + 1, chain)
        if name in _NAMED or name == "dependencies":
            if not isinstance(value, dict):
                raise FilterRefused("an object of schemas is expected", keyword=name)
            return {
                self._pattern(key) if name == "patternProperties" else key: one
                if isinstance(one, list)
                else self.inlined(one, depth + 1, chain)
                for key, one in value.items()
            }
        if name not in _PLAIN:
            self.ignored.add(name)
            return None
        if name == "pattern":
            return self._pattern(value)
        self._count(_values(value))
        return value

    def _pattern(self, value: JSON) -> str:
        if not isinstance(value, str) or len(value) > MAX_PATTERN:
            raise FilterRefused(f"a pattern is a text of at most {MAX_PATTERN} characters")
        self.patterns += 1
        if self.patterns > MAX_PATTERNS:
            raise FilterRefused("too many patterns", limit=MAX_PATTERNS)
        return _mended(value)

    def _target(self, reference: str) -> JSON:
        """What a reference within the schema names."""
        if not (reference == "#" or reference.startswith("#/")):
            raise FilterRefused("nothing is fetched", reference=reference)
        node = self.root
        for token in reference.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or name not in node:
                raise FilterRefused("a reference to nothing", reference=reference)
            node = node[name]
        return node

    def _count(self, values: int) -> None:
        self.size += values
        if self.size > MAX_SIZE:
            raise FilterRefused("a schema too large", limit=MAX_SIZE)


def _mended(pattern: str) -> str:
    """A pattern with the braces that are no quantifier escaped, as ECMA-262 reads them (Annex B)."""
    parts: list[str] = []
    at, inside = 0, False
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            # \p{…}, \u{…} and \x{…} keep their braces.
            end = pattern.find("}", at) + 1 if pattern[at + 1 : at + 3] in {"p{", "P{", "u{", "x{"} else at + 2
            parts.append(pattern[at : end or at + 2])
            at = end or at + 2
            continue
        if char == "[":
            inside = True
        elif char == "]":
            inside = False
        if char in "{}" and not inside:
            quantifier = _QUANTIFIER.match(pattern, at)
            parts.append(quantifier[0] if quantifier else "\\" + char)
            at = quantifier.end() if quantifier else at + 1
            continue
        parts.append(char)
        at += 1
    return "".join(parts)


def _moment(value: JSON) -> datetime | None:
    """A full-date (its midnight) or date-time; a time without a zone counts as UTC."""
    if not isinstance(value, str) or not 10 <= len(value) <= 40 or not value.isascii():
        return None
    try:
        if len(value) == 10:
            found = datetime.combine(date.fromisoformat(value), datetime.min.time(), UTC)
        else:
            found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _values(node: JSON) -> int:
    """How many values a piece of JSON holds, long texts counted by their length."""
    if isinstance(node, dict | list):
        return 1 + sum(_values(child) for _, child in children(node))
    return 1 + (len(node) // 64 if isinstance(node, str) else 0)


def _weight(node: JSON) -> tuple[int, int]:
    """How many values a piece of JSON holds, 64 characters counted as one more, and how many characters."""
    if isinstance(node, dict | list):
        values, characters = 1, 0
        for step, child in children(node):
            inner = _weight(child)
            values += inner[0]
            characters += inner[1] + (len(step) if isinstance(step, str) else 0)
        return values, characters
    size = len(node) if isinstance(node, str) else len(str(node)) if isinstance(node, Decimal) else 1
    return 1 + size // 64, size


def plain(node: JSON) -> JSON:
    """A value as the library of schemas takes it: exact numbers without their written form."""
    if isinstance(node, dict):
        return {name: plain(one) for name, one in node.items()}
    if isinstance(node, list):
        return [plain(one) for one in node]
    return Decimal(node) if isinstance(node, Decimal) else node


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"nothing is fetched: {uri}")
