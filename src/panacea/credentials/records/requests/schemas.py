"""JSON Schema for queries and deals: the part of Draft 7 whose cost is bounded.

No reference, remote or local, no format, no conditional: an enclave judges a stranger's schema, so each keyword is one
that looks only below the value at hand. Patterns run in a linear-time engine. A keyword that is not listed is refused.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

import jsonschema_rs

from panacea.credentials.records.model import Claims
from panacea.credentials.records.requests.tree import leaves, plain, tree_of
from panacea.credentials.refusals import DealUnusable, SchemaMismatch
from panacea.health.strict_json import parse_json
from panacea.health.types import JSON, JSONRejected

MAX_SCHEMA: Final = 64 * 1024
MAX_SCHEMA_DEPTH: Final = 12
MAX_SCHEMA_SIZE: Final = 2048
WORK: Final = 2_000_000
"""Bytes of a schema document, levels and values in a schema, and what one judgement may cost (`Budget`)."""

_DRAFT_7 = "http://json-schema.org/draft-07/schema#"
_NOTES = {"$id", "title", "description"}
_ONE = {"items", "contains", "additionalProperties", "not"}
_MANY = {"allOf", "anyOf", "oneOf"}
_PLAIN = {
    "type", "const", "enum", "required", "pattern", "minLength", "maxLength", "minItems", "maxItems",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minProperties", "maxProperties",
}  # fmt: skip
_REGEX = jsonschema_rs.RegexOptions(size_limit=1 << 14, dfa_size_limit=1 << 20)
_PATTERN_COST = 32
"""A pattern of that size may take a microsecond a character, far more than any other keyword."""


class Budget:
    """What judging one query may still cost: a value looked at, times the schema it is held against."""

    def __init__(self, work: int = WORK) -> None:
        self._left = work

    def spend(self, work: int) -> None:
        """Take some; DealUnusable when there is not enough."""
        self._left -= work
        if self._left < 0:
            raise DealUnusable("judging it costs too much work")


@dataclass(frozen=True, slots=True)
class Schema:
    """A compiled schema and its size in values."""

    size: int
    validator: Any = field(repr=False)  # Any: jsonschema_rs hides the type of its validators behind a protocol

    def accepts(self, node: Any, budget: Budget) -> bool:  # Any: a tree of `requests.tree`
        """Whether a node of a record meets the schema. Raises DealUnusable beyond the budget."""
        weight = sum(1 + len(str(value)) // 16 for _, value in leaves(node))
        budget.spend(weight * self.size)
        return bool(self.validator.is_valid(plain(node)))


def compile_schema(value: JSON) -> Schema:
    """The schema of a JSON value. Raises DealUnusable for a keyword not done here, or one misused."""
    size = _require_bounded(value, 0)
    if size > MAX_SCHEMA_SIZE:
        raise DealUnusable("a schema too large", size=size, limit=MAX_SCHEMA_SIZE)
    try:
        validator = jsonschema_rs.Draft7Validator(value, retriever=_refuse, pattern_options=_REGEX)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        raise DealUnusable("not a JSON Schema", reason=getattr(error, "message", error)) from error
    return Schema(size, validator)


def require_schemas(view: Claims, *, hashes: Sequence[bytes], schemas: Sequence[bytes]) -> None:
    """Refuse a view unless each schema of the deal is enclosed, by its SHA-256, and what is shown meets it.

    Raises SchemaMismatch; DealUnusable for a schema that is none, or outside the subset.
    """
    enclosed = {hashlib.sha256(octets).digest(): octets for octets in schemas}
    budget = Budget()
    for digest in hashes:
        if digest not in enclosed:
            raise SchemaMismatch("no enclosed schema has this hash", sha256=digest)
        if not _read(enclosed[digest]).accepts(tree_of(view.subject), budget):
            raise SchemaMismatch("the record does not meet the schema", sha256=digest)


def _read(octets: bytes) -> Schema:
    try:
        value = parse_json(octets, max_bytes=MAX_SCHEMA)
    except JSONRejected as error:
        raise DealUnusable(str(error)) from error
    if not isinstance(value, dict):
        raise DealUnusable("a schema is an object")
    if value.get("$schema", _DRAFT_7) != _DRAFT_7:
        raise DealUnusable("another draft of JSON Schema", schema=value["$schema"])
    return compile_schema(plain({name: one for name, one in value.items() if name not in _NOTES | {"$schema"}}))


def _require_bounded(schema: JSON, depth: int) -> int:
    """How many values a schema holds; every keyword must be one that is done here."""
    if depth > MAX_SCHEMA_DEPTH:
        raise DealUnusable("a schema too deep", limit=MAX_SCHEMA_DEPTH)
    if isinstance(schema, bool):
        return 1
    if not isinstance(schema, dict):
        raise DealUnusable("a schema is an object or a boolean")
    return 1 + sum(_keyword(name, value, depth) for name, value in schema.items())


def _keyword(name: str, value: JSON, depth: int) -> int:
    if name in _ONE:
        return _require_bounded(value, depth + 1)
    if name in _MANY and isinstance(value, list):
        return sum(_require_bounded(one, depth + 1) for one in value)
    if name == "properties" and isinstance(value, dict):
        return sum(_require_bounded(one, depth + 1) for one in value.values())
    if name == "pattern":
        return _PATTERN_COST
    if name in _PLAIN:
        return sum(1 for _ in leaves(value)) + (len(value) if isinstance(value, list) else 0)
    raise DealUnusable("a keyword of JSON Schema that is not done here", keyword=name)


def _refuse(uri: str) -> NoReturn:
    raise ValueError(f"nothing is fetched: {uri}")
