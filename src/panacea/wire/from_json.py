"""JSON values into messages: the reading half of `wire.json`, strict about names, kinds and ranges."""

import re
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from panacea.primitives.numbers import Dec, InvalidNumber, parse_int
from panacea.primitives.rejected import Rejected
from panacea.wire.any import NotUnpackable, class_at
from panacea.wire.encode import custom_type, encode
from panacea.wire.pool import is_repeated
from panacea.wire.times import InvalidTime, parse_span, parse_time

MAX_DEPTH = 64
"""How deep values may nest."""

JSON = Any  # Any: a JSON value
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,19})", re.ASCII)
_RANGES = {
    FieldDescriptor.CPPTYPE_INT32: (-(1 << 31), 1 << 31),
    FieldDescriptor.CPPTYPE_UINT32: (0, 1 << 32),
    FieldDescriptor.CPPTYPE_INT64: (-(1 << 63), 1 << 63),
    FieldDescriptor.CPPTYPE_UINT64: (0, 1 << 64),
}


class InvalidJSON(Rejected, codespace="sdk", code=17, text="failed to unmarshal JSON bytes"):
    """A JSON value does not describe a message of the kind expected."""


def read_message(message: Message, value: JSON, depth: int = MAX_DEPTH) -> None:
    """Fill a new message from a JSON value. Raises InvalidJSON."""
    if depth == 0:
        raise InvalidJSON("nested too deep", limit=MAX_DEPTH)
    kind = message.DESCRIPTOR.full_name
    special = _SPECIAL.get(kind)
    if special is not None:
        special(message, value, depth)
        return
    if not isinstance(value, dict):
        raise InvalidJSON("not an object", message=kind)
    known = _fields(message.DESCRIPTOR)
    seen = set()
    for name, found in value.items():
        field = known.get(name)
        if field is None or field.number in seen:
            raise InvalidJSON("unknown or repeated name", message=kind, name=name)
        seen.add(field.number)
        if found is not None:
            _read_field(message, field, found, depth)


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    return {name: field for field in descriptor.fields for name in (field.json_name, field.name)}


def _read_field(message: Any, field: FieldDescriptor, value: JSON, depth: int) -> None:  # Any: fields by name
    name = field.name
    if field.containing_oneof is not None and message.WhichOneof(field.containing_oneof.name):
        raise InvalidJSON("two of one", name=name, oneof=field.containing_oneof.name)
    if is_repeated(field):
        _read_list(getattr(message, name), field, value, depth)
    elif field.message_type is not None:
        found = getattr(message, name)
        found.SetInParent()
        read_message(found, value, depth - 1)
    else:
        setattr(message, name, _read_value(field, value))


def _read_list(into: Any, field: FieldDescriptor, value: JSON, depth: int) -> None:  # Any: a container of the message
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        _read_map(into, kind, value, depth)
        return
    if not isinstance(value, list):
        raise InvalidJSON("not a list", name=field.full_name)
    for found in value:
        if kind is not None:
            read_message(into.add(), found, depth - 1)
        else:
            into.append(_read_value(field, found))


def _read_map(into: Any, entry: Descriptor, value: JSON, depth: int) -> None:  # Any: as above
    if not isinstance(value, dict):
        raise InvalidJSON("not an object", name=entry.full_name)
    key_field, value_field = entry.fields_by_name["key"], entry.fields_by_name["value"]
    for text, found in value.items():
        key = _read_value(key_field, text)
        if value_field.message_type is not None:
            into[key].SetInParent()
            read_message(into[key], found, depth - 1)
        else:
            into[key] = _read_value(value_field, found)


def _read_value(field: FieldDescriptor, value: JSON) -> JSON:
    """The value of a scalar field."""
    if field.enum_type is not None:
        return _read_enum(field, value)
    if field.cpp_type in _RANGES:
        return _read_integer(field, value)
    if field.type == FieldDescriptor.TYPE_BOOL and isinstance(value, bool):
        return value
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT) and isinstance(value, int | float):
        return value
    if field.type == FieldDescriptor.TYPE_STRING and isinstance(value, str):
        return _read_text(field, value)
    if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str):
        # Some numbers of the SDK are bytes that spell them.
        return _read_text(field, value).encode() if custom_type(field) else _read_bytes(field, value)
    raise InvalidJSON("wrong kind of value", name=field.full_name, value=value)


def _read_text(field: FieldDescriptor, value: str) -> str:
    kind = custom_type(field)
    try:
        value.encode()  # a lone surrogate is no text
        if kind == "Int":
            return str(parse_int(value))
        return Dec.parse(value).to_wire() if kind else value
    except (InvalidNumber, UnicodeEncodeError) as reason:
        raise InvalidJSON(str(reason), name=field.full_name) from reason


def _read_bytes(field: FieldDescriptor, value: str) -> bytes:
    try:
        return b64decode(value, validate=True)
    except ValueError as reason:
        raise InvalidJSON("not base64", name=field.full_name) from reason


def _read_integer(field: FieldDescriptor, value: JSON) -> int:
    low, high = _RANGES[field.cpp_type]
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value < high:
        raise InvalidJSON("not an integer in range", name=field.full_name, value=value)
    return value


def _read_enum(field: FieldDescriptor, value: JSON) -> int:
    kind = field.enum_type
    assert kind is not None
    if isinstance(value, str) and value in kind.values_by_name:
        return int(kind.values_by_name[value].number)
    if isinstance(value, int) and not isinstance(value, bool) and value in kind.values_by_number:
        return value
    raise InvalidJSON("no such value", name=field.full_name, value=value)


# The types whose JSON is not an object of their fields. Any: each fills a message of its own kind.


def _read_any(packed: Any, value: JSON, depth: int) -> None:
    if not isinstance(value, dict) or not isinstance(value.get("@type"), str):
        raise InvalidJSON("no @type")
    url = value["@type"]
    try:
        inner = class_at(url)()
    except NotUnpackable as reason:
        raise InvalidJSON(str(reason)) from reason
    fields = {name: found for name, found in value.items() if name != "@type"}
    wrapped = inner.DESCRIPTOR.full_name in _SPECIAL
    if wrapped and fields.keys() != {"value"}:
        raise InvalidJSON("no value", type_url=url)
    read_message(inner, fields["value"] if wrapped else fields, depth - 1)
    packed.type_url, packed.value = url, encode(inner)


def _read_time(time: Any, value: JSON, _: int) -> None:
    time.seconds, time.nanos = _read_moment(parse_time, value)


def _read_span(span: Any, value: JSON, _: int) -> None:
    span.seconds, span.nanos = _read_moment(parse_span, value)


def _read_moment(parse: Callable[[str], tuple[int, int]], value: JSON) -> tuple[int, int]:
    if not isinstance(value, str):
        raise InvalidJSON("not a time", value=value)
    try:
        return parse(value)
    except InvalidTime as reason:
        raise InvalidJSON(str(reason)) from reason


def _read_strings(strings: Any, value: JSON, _: int) -> None:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(found, str) for found in values):
        raise InvalidJSON("neither a string nor a list of strings")
    strings.values.extend(values)


def _read_relationship(relationship: Any, value: JSON, depth: int) -> None:
    if isinstance(value, str):
        relationship.verification_method_id = value
    else:
        read_message(relationship.verification_method, value, depth - 1)
        relationship.verification_method.SetInParent()


_SPECIAL: dict[str, Callable[[Any, JSON, int], None]] = {
    "google.protobuf.Any": _read_any,
    "google.protobuf.Timestamp": _read_time,
    "google.protobuf.Duration": _read_span,
    "panacea.did.v2.Strings": _read_strings,
    "panacea.did.v2.VerificationRelationship": _read_relationship,
}
