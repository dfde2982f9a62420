"""FHIR R4 JSON as a credential subject, and back: every bit of the resource stands in a statement of its own.

Plain JSON-LD forgets how a number was written, the order and number of array items, nulls and empty things. The
subject form keeps them, so that no two resources have the same statements (docs/decisions/0002-fhir-mapping.md):

    resource                       subject form
    "resourceType": "Patient"      "type": "Patient"
    "id": "x", "type": {...}       "id_": "x", "type_": {...}    (id and type mean something in JSON-LD)
    "given": ["Anna", "Bea"]       "given.0": "Anna", "given.1": "Bea"
    "value": 7.90                  "value": {"@type": "xsd:decimal", "@value": "7.90"}
    null, [] and {}                {"@type": "json", "@value": "null"}, and so on

Strings and booleans stay as they are; a number is xsd:integer, xsd:decimal or, with an exponent, xsd:double.
"""

import json
import re
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from panacea.health.strict_json import MAX_DEPTH, read_number, require_depth, written
from panacea.health.types import JSON, JSONRejected, Resource, ResourceRejected, SubjectFormRejected

CONTEXT_URL = "https://w3id.org/panacea/health/v1"
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,127}")
_RESERVED = re.compile(r"(?:id|type)_*")
_TYPE = re.compile(r"[A-Z][A-Za-z]{0,63}")
_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)((?:\.(?:0|[1-9][0-9]{0,8}))*)")
_EMPTY = frozenset({"null", "[]", "{}"})

Subject = dict[str, Any]  # Any: JSON that JSON-LD reads: strings, booleans, value objects, nested subjects


@cache
def context_document() -> dict[str, Any]:
    """The JSON-LD context document of this mapping, for whoever canonicalises; it is never fetched."""
    document: dict[str, Any] = json.loads((files("panacea.health") / "context-v1.json").read_bytes())
    return document


def require_resource(value: JSON) -> Resource:
    """The value, if it is an object with a resourceType; raises ResourceRejected."""
    if not isinstance(value, dict) or not _is_type(value.get("resourceType")):
        raise ResourceRejected("no resourceType")
    return value


def subject_form(resource: Resource) -> Subject:
    """The form of a resource in which JSON-LD loses nothing; `resource_form` is its inverse.

    Raises ResourceRejected for what is not FHIR JSON, JSONRejected beyond the depth limit.
    """
    require_depth(resource, MAX_DEPTH)
    return _node(require_resource(resource))


def resource_form(subject: Subject) -> Resource:
    """The resource whose subject form this is, whole; raises SubjectFormRejected."""
    return _resource(subject, partial=False)


def disclosed(subject: Subject) -> Resource:
    """The part of a resource that a selection of its subject form reveals; items left out of arrays close up.

    Raises SubjectFormRejected.
    """
    return _resource(subject, partial=True)


def subject_key(name: str) -> str:
    """The key of an element in the subject form, before any array index."""
    return name + "_" if _RESERVED.fullmatch(name) else name


def _node(value: dict[str, JSON]) -> Subject:
    node: Subject = {}
    for name, inner in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise ResourceRejected("not an element name", name=name)
        if name == "resourceType" and _is_type(inner):
            node["type"] = inner
        else:
            _place(node, subject_key(name), inner)
    return node


def _place(node: Subject, key: str, value: Any) -> None:
    """Put a JSON value, whose kind is checked here, under a key; the items of an array under a key each."""
    if isinstance(value, str | bool):
        node[key] = value
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            _place(node, f"{key}.{index}", item)
    elif isinstance(value, dict) and value:
        node[key] = _node(value)
    elif isinstance(value, int | Decimal):
        text = written(value)
        node[key] = {"@type": _datatype(text), "@value": text}
    elif value is None or isinstance(value, dict | list):
        text = "null" if value is None else "{}" if isinstance(value, dict) else "[]"
        node[key] = {"@type": "json", "@value": text}
    else:
        raise ResourceRejected("not a JSON value", element=key, kind=type(value).__name__)


def _datatype(text: str) -> str:
    if "e" in text or "E" in text:
        return "xsd:double"
    return "xsd:decimal" if "." in text else "xsd:integer"


def _is_type(value: Any) -> bool:  # Any: JSON that was not looked at yet
    return isinstance(value, str) and _TYPE.fullmatch(value) is not None


def _resource(subject: Subject, *, partial: bool) -> Resource:
    try:
        require_depth(subject, 2 * MAX_DEPTH)
        return require_resource(_object(subject, partial))
    except (JSONRejected, ResourceRejected) as rejected:
        raise SubjectFormRejected(str(rejected)) from rejected


class _Items(dict[int, Any]):  # Any: a JSON value, or the items of an inner array
    """The items of an array by index, while its keys are read."""


def _object(node: Any, partial: bool) -> dict[str, JSON]:
    if not isinstance(node, dict) or not node:
        raise SubjectFormRejected("an empty node")
    found: dict[str, JSON] = {}
    for key, value in node.items():
        if key == "type" and _is_type(value):
            name, indexes = "resourceType", ""
        else:
            match = _KEY.fullmatch(key)
            if match is None or key in {"type", "id"} or (key == "resourceType" and _is_type(value)):
                raise SubjectFormRejected(key=key)
            name, indexes = match.groups()
            name = name[:-1] if _RESERVED.fullmatch(name) else name
        _collect(found, name, [int(index) for index in indexes.split(".")[1:]], _value(value, partial))
    return {name: _closed(value, partial) for name, value in found.items()}


def _collect(found: dict[Any, Any], name: Any, indexes: list[int], value: JSON) -> None:
    """Put a value at a name and array indexes; Any: names first, then indexes, on the way down."""
    for index in indexes:
        found = found.setdefault(name, _Items())
        if not isinstance(found, _Items):
            raise SubjectFormRejected("both an array and not", name=name)
        name = index
    if name in found:
        raise SubjectFormRejected("said twice", name=name)
    found[name] = value


def _closed(value: Any, partial: bool) -> JSON:
    if not isinstance(value, _Items):
        return value
    if not partial and max(value) != len(value) - 1:
        raise SubjectFormRejected("array items are missing", present=len(value))
    return [_closed(value[index], partial) for index in sorted(value)]


def _value(value: Any, partial: bool) -> JSON:
    if isinstance(value, str | bool):
        return value
    if isinstance(value, dict) and "@value" not in value:
        return _object(value, partial)
    text = value.get("@value") if isinstance(value, dict) and len(value) == 2 else None
    if not isinstance(text, str):
        raise SubjectFormRejected("not a value of the subject form", value=value)
    kind = value.get("@type")
    if kind == "json" and text in _EMPTY:
        return json.loads(text)
    number = read_number(text)
    if kind != _datatype(text):
        raise SubjectFormRejected("a number of another kind", value=value)
    return number
