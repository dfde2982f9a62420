"""What a transaction may not hide anywhere, be it in nested messages or inside an `Any`: unknown fields, bad numbers.

A field number is critical unless its bit 11 is set (`n & 1024`). Where that is allowed, an unknown field that is not
critical passes and is remembered. A known field of the wrong wire type is refused always (`spec/sdk/tx.md` §1),
and so is a field of the SDK's number types that spells none.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet

from panacea.primitives.numbers import Dec, InvalidNumber, parse_int
from panacea.wire.any import NotUnpackable, PackedMessage, class_at
from panacea.wire.encode import M, Undecodable, custom_type, lost_unknown_fields, parse
from panacea.wire.pool import is_repeated, message_type, options

MAX_DEPTH = 10
"""How many `Any` may stand inside one another."""
MAX_OPENED = 100
"""How many `Any` one outermost `Any` may hold, itself included."""

_NON_CRITICAL = 1 << 10
# A level of nesting takes two bytes at least, and discarding unknown fields stops 64 levels down: what is shorter than
# this is looked at completely, and so is what cannot contain itself. All else is walked.
_DEEP = 2 * 64
_ANY = PackedMessage.DESCRIPTOR


class Checked:
    """Reads messages out of bytes, and remembers whether an unknown non-critical field was let pass."""

    __slots__ = ("allow_non_critical", "had_non_critical")

    def __init__(self, *, allow_non_critical: bool) -> None:
        self.allow_non_critical = allow_non_critical
        self.had_non_critical = False

    def read(self, cls: type[M], raw: bytes) -> M:
        """The message of that class, all its known fields; what its `Any` hold is not looked at. Raises Undecodable."""
        message = parse(cls, raw)
        _require_numbers(message)
        if len(raw) >= _DEEP and _is_recursive(cls.DESCRIPTOR):
            self._walk(message)
            message.DiscardUnknownFields()
        elif lost_unknown_fields(message):
            self._walk(parse(cls, raw))
        return message

    def open(self, packed: PackedMessage, interface: str) -> Message:
        """The message of an outermost `Any`, with all `Any` inside it checked. Raises Undecodable."""
        return self._open(packed, interface, MAX_DEPTH, [MAX_OPENED])

    def _open(self, packed: PackedMessage, interface: str, depth: int, left: list[int]) -> Message:
        left[0] -= 1
        if depth == 0 or left[0] < 0:
            raise Undecodable("too many nested Any", max_depth=MAX_DEPTH, max_opened=MAX_OPENED)
        try:
            cls = class_at(packed.type_url, interface)
        except NotUnpackable as reason:
            raise Undecodable(str(reason)) from reason
        message = self.read(cls, packed.value)
        for accepted, inner in anys(message):
            self._open(inner, accepted, depth - 1, left)
        return message

    def _walk(self, message: Message) -> None:
        known = message.DESCRIPTOR.fields_by_number
        unknown: Any = UnknownFieldSet(message)  # Any: it can be iterated, which its type does not say
        for field in unknown:
            number = field.field_number
            if number in known or not (self.allow_non_critical and number & _NON_CRITICAL):
                raise Undecodable("unknown field", message=message.DESCRIPTOR.full_name, number=number)
            self.had_non_critical = True
        for descriptor, value in message.ListFields():
            if descriptor.message_type is not None:
                for inner in value if is_repeated(descriptor) else (value,):
                    self._walk(inner)


def _require_numbers(message: Message) -> None:
    for name, repeated, require in _number_fields(message.DESCRIPTOR):
        if repeated:
            for value in getattr(message, name):
                require(value)
        elif require is not _require_numbers or message.HasField(name):
            require(getattr(message, name))


def _require_int(text: str | bytes) -> None:
    # All that is usual is told by its digits alone: 77 of them fit 256 bits.
    if text and not (len(text) < 78 and text.isdigit() and text.isascii() and text[0] not in ("0", ord("0"))):
        _require(parse_int, text)


def _require_dec(text: str | bytes) -> None:
    if text:
        _require(Dec.from_wire, text)


def _require(read: Callable[[str], object], text: str | bytes) -> None:
    try:
        read(text.decode("ascii") if isinstance(text, bytes) else text)
    except (InvalidNumber, UnicodeDecodeError) as reason:
        raise Undecodable("not a number", value=text) from reason


@cache
def _number_fields(descriptor: Descriptor) -> tuple[tuple[str, bool, Callable[[Any], None]], ...]:
    """The fields that are a number of the SDK or hold one: name, whether a list, and how to check a value."""
    checks = {"Int": _require_int, "LegacyDec": _require_dec}
    found: list[tuple[str, bool, Callable[[Any], None]]] = []  # Any: the values of a field
    for field in descriptor.fields:
        if field.message_type is None:
            if custom_type(field):
                found.append((field.name, is_repeated(field), checks[custom_type(field)]))
        elif _holds_number(message_type(field)) and not message_type(field).GetOptions().map_entry:
            found.append((field.name, is_repeated(field), _require_numbers))
    return tuple(found)


def _holds_number(descriptor: Descriptor) -> bool:
    return any(custom_type(field) for kind in _held(descriptor) for field in kind.fields)


def anys(message: Message) -> list[tuple[str, PackedMessage]]:
    """Every `Any` in a message, outside other `Any`, each with the interface that its field accepts ("" for any)."""
    found: list[tuple[str, PackedMessage]] = []
    if _any_fields(message.DESCRIPTOR):
        _collect(message, found)
    return found


def _collect(message: Message, found: list[tuple[str, PackedMessage]]) -> None:
    for name, repeated, accepted in _any_fields(message.DESCRIPTOR):
        if repeated:
            values = getattr(message, name)
        elif message.HasField(name):
            values = (getattr(message, name),)
        else:
            continue
        for value in values:
            if accepted is None:
                _collect(value, found)
            else:
                found.append((accepted, value))


@cache
def _any_fields(descriptor: Descriptor) -> tuple[tuple[str, bool, str | None], ...]:
    """The fields that are an `Any` (with the interface they accept) or hold one somewhere (with None)."""
    found = []
    for field in descriptor.fields:
        if field.message_type is not None and _reaches(message_type(field), _ANY):
            is_any = message_type(field) == _ANY
            accepted = options(field, "cosmos_proto.accepts_interface") if is_any else None
            found.append((field.name, is_repeated(field), accepted))
    return tuple(found)


@cache
def _is_recursive(descriptor: Descriptor) -> bool:
    """Whether a message of that type may hold another message type inside itself without end."""
    return any(_reaches_itself(kind) for kind in _held(descriptor))


def _reaches_itself(descriptor: Descriptor) -> bool:
    return any(
        _reaches(message_type(field), descriptor) for field in descriptor.fields if field.message_type is not None
    )


def _reaches(descriptor: Descriptor, wanted: Descriptor) -> bool:
    return wanted in _held(descriptor)


@cache
def _held(descriptor: Descriptor) -> frozenset[Descriptor]:
    """The message types found in a type, itself included."""
    seen = {descriptor}
    waiting = [descriptor]
    while waiting:
        for field in waiting.pop().fields:
            if field.message_type is not None and field.message_type not in seen:
                seen.add(field.message_type)
                waiting.append(field.message_type)
    return frozenset(seen)
