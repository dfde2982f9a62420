"""Messages as JSON, the way the SDK's gateway, command line and genesis files write it.

    names                  as in the .proto file; what is not set is written too
    64-bit integers        strings                 bytes         base64, null when empty
    Int, Dec               strings, 18 places      enums         by name
    Timestamp, Duration    RFC 3339, "1.5s"        Any           the message with its type URL as "@type"
    message not set        null; an object of defaults where gogoproto's nullable is false

Values are those of Python's `json` module. A DID document keeps its W3C shape: a relationship is a string or an
object, `contexts` and `controller` are lists. Reading accepts declared JSON names beside the proto's, and nothing else.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from panacea.primitives.numbers import Dec
from panacea.wire.any import class_at
from panacea.wire.compact import compact_json
from panacea.wire.encode import GO_ZERO_TIME, custom_type, is_nullable, parse
from panacea.wire.from_json import InvalidJSON, read_message
from panacea.wire.pool import class_of, is_repeated, message_type, options
from panacea.wire.times import format_span, format_time

M = TypeVar("M", bound=Message)

JSON = Any  # Any: a JSON value
_Write = Callable[[Any], JSON]  # Any: the value of a field

__all__ = ["InvalidJSON", "event_attributes", "from_json", "to_json"]


def to_json(message: Message) -> JSON:
    """The JSON value of a message."""
    return _writer(message.DESCRIPTOR)(message)


def from_json(cls: type[M], value: JSON) -> M:
    """The message of that class that a JSON value describes.

    Raises:
        InvalidJSON: an unknown name, a value of the wrong kind or out of range, or too much nesting.
    """
    message = cls()
    read_message(message, value)
    return message


def event_attributes(event: Message) -> tuple[tuple[str, str], ...]:
    """The attributes of a typed event: its fields by name, each as compact JSON text (strings keep their quotes)."""
    fields = sorted(to_json(event).items())
    return tuple((name, compact_json(value)) for name, value in fields)


# One writer a type and one a field, each made once.


@cache
def _writer(descriptor: Descriptor) -> _Write:
    special = _SPECIAL.get(descriptor.full_name)
    if special is not None:
        return special
    fields = [(field.name, field.containing_oneof is not None, _field_writer(field)) for field in descriptor.fields]

    def write(message: Any) -> JSON:  # Any: fields are found by name
        return {name: value(message) for name, in_oneof, value in fields if not in_oneof or message.HasField(name)}

    return write


def _field_writer(field: FieldDescriptor) -> _Write:
    name = field.name
    if is_repeated(field):
        return _list_writer(field)
    if field.message_type is None:
        one = _value_writer(field)
        return lambda message: one(getattr(message, name))
    kind, nullable = message_type(field), is_nullable(field) or field.containing_oneof is not None
    zero_time = bool(options(field, "gogoproto.stdtime"))

    def write(message: Any) -> JSON:  # Any: fields are found by name
        if message.HasField(name):
            return _writer(kind)(getattr(message, name))
        if nullable:
            return None
        return format_time(GO_ZERO_TIME, 0) if zero_time else _writer(kind)(class_of(kind)())

    return write


def _list_writer(field: FieldDescriptor) -> _Write:
    name, kind = field.name, field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        value = kind.fields_by_name["value"]
        inner = _element_writer(value)
        return lambda message: {_key(key): inner(found) for key, found in sorted(getattr(message, name).items())}
    one = _element_writer(field)
    return lambda message: [one(found) for found in getattr(message, name)]


def _element_writer(field: FieldDescriptor) -> _Write:
    if field.message_type is None:
        return _value_writer(field)
    kind = message_type(field)

    # Looked up when it is needed: the type may contain itself.
    def write(message: Message) -> JSON:
        return _writer(kind)(message)

    return write


def _key(key: str | int | bool) -> str:
    return str(key).lower() if isinstance(key, bool) else str(key)


def _value_writer(field: FieldDescriptor) -> _Write:
    if field.enum_type is not None:
        return _enum_writer(field.enum_type)
    if custom_type(field):
        return _number_writer(field)
    if field.type in (FieldDescriptor.TYPE_DOUBLE, FieldDescriptor.TYPE_FLOAT):
        return float
    writers: dict[int, _Write] = {
        FieldDescriptor.CPPTYPE_INT64: str,
        FieldDescriptor.CPPTYPE_UINT64: str,
        FieldDescriptor.CPPTYPE_BOOL: bool,
    }
    if field.type == FieldDescriptor.TYPE_BYTES:
        # In a list an empty element stays a string: null would not be read back.
        return _base64 if is_repeated(field) else lambda raw: _base64(raw) or None
    return writers.get(field.cpp_type, _same)


def _base64(raw: bytes) -> str:
    return b64encode(raw).decode()


def _same(value: JSON) -> JSON:
    return value


def _enum_writer(kind: EnumDescriptor) -> _Write:
    names = {number: found.name for number, found in kind.values_by_number.items()}
    return lambda number: names.get(number, number)


def _number_writer(field: FieldDescriptor) -> _Write:
    is_int, nullable = custom_type(field) == "Int", is_nullable(field)

    def write(found: str | bytes) -> JSON:
        if nullable and not found:
            return None
        # Some fields of the SDK are bytes that spell the number.
        text = found.decode("ascii", "replace") if isinstance(found, bytes) else found
        return text or "0" if is_int else str(Dec.from_wire(text))

    return write


# The types whose JSON is not an object of their fields.


def _write_any(packed: Any) -> JSON:  # Any: google.protobuf.Any
    if not packed.type_url:
        return None
    value = to_json(parse(class_at(packed.type_url), packed.value))
    fields = value if isinstance(value, dict) else {"value": value}
    return {"@type": packed.type_url, **fields}


def _write_relationship(relationship: Any) -> JSON:  # Any: panacea.did.v2.VerificationRelationship
    content = relationship.WhichOneof("content")
    found = getattr(relationship, content) if content else ""
    return found if isinstance(found, str) else to_json(found)


_SPECIAL: dict[str, _Write] = {
    "google.protobuf.Any": _write_any,
    "google.protobuf.Timestamp": lambda time: format_time(time.seconds, time.nanos),
    "google.protobuf.Duration": lambda span: format_span(span.seconds, span.nanos),
    "panacea.did.v2.Strings": lambda strings: list(strings.values),
    "panacea.did.v2.VerificationRelationship": _write_relationship,
}
