"""Messages to bytes and back. `encode` is the only serializer: state, proofs and hashes depend on its every byte.

The bytes are those of gogoproto, which the Cosmos SDK uses (`spec/sdk/README.md`, protobuf determinism): fields
ascending, zero scalars left out, and three things that protobuf itself does not do:

    nullable = false on a message           written even when nothing in it is set
    ... and stdtime                         when never set: Go's zero time, year 1 (`SetInParent` gives 1970)
    nullable = false on an Int or a Dec     written as "0" when empty
"""

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from panacea.primitives.rejected import Rejected
from panacea.wire.pool import has_option, is_repeated, message_type, options

GO_ZERO_TIME = -62_135_596_800
"""0001-01-01T00:00:00Z in unix seconds."""

M = TypeVar("M", bound=Message)

_Complete = Callable[[Any], None]  # Any: the fields of a message are found by name


class Undecodable(Rejected, codespace="sdk", code=2, text="tx parse error"):
    """Bytes are no message of the kind expected, or carry fields it does not have."""


def encode(message: Message) -> bytes:
    """The bytes of a message, as gogoproto writes them. The message is left as it is."""
    complete = completion(message.DESCRIPTOR)
    if complete is not None:
        whole = type(message)()
        whole.CopyFrom(message)
        complete(whole)
        message = whole
    return message.SerializeToString(deterministic=True)


def decode(cls: type[M], raw: bytes) -> M:
    """The message that `raw` encodes, without fields unknown to `cls`.

    Raises:
        Undecodable: not a message of that class, or with unknown fields at any depth outside `Any`.
    """
    message = parse(cls, raw)
    if lost_unknown_fields(message):
        raise Undecodable("unknown fields", message=cls.DESCRIPTOR.full_name)
    return message


def parse(cls: type[M], raw: bytes) -> M:
    """The message that `raw` encodes; unknown fields are let pass. Raises Undecodable."""
    try:
        return cls.FromString(raw)
    except DecodeError as reason:
        raise Undecodable("malformed", message=cls.DESCRIPTOR.full_name) from reason


def lost_unknown_fields(message: Message) -> bool:
    """Drop the fields its class does not know, and whether there were any (a wrong wire type counts as unknown).

    Both steps run in native code, which makes this cheap; it looks 64 levels deep, which is deeper than any type
    that does not contain itself.
    """
    size = message.ByteSize()
    message.DiscardUnknownFields()
    return message.ByteSize() != size


def is_exact_number(field: FieldDescriptor) -> bool:
    """Whether a field, of text or of bytes that spell one, is an Int or a Dec of the SDK, as its custom type says."""
    return custom_type(field) in ("Int", "LegacyDec")


@cache
def custom_type(field: FieldDescriptor) -> str:
    """`Int`, `LegacyDec`, or "" when the field has no custom type of the SDK's numbers."""
    package, _, name = options(field, "gogoproto.customtype").rpartition(".")
    return str(name) if package == "cosmossdk.io/math" else ""


def is_nullable(field: FieldDescriptor) -> bool:
    """Whether gogoproto leaves the field out when it is not set."""
    option = "gogoproto.nullable"
    return not has_option(field, option) or bool(options(field, option))


# One plan a message type, made once: which fields to fill in, and which to look into.


@cache
def completion(descriptor: Descriptor) -> _Complete | None:
    """What writes the non-nullable fields into a message of that type; None when it has none at any depth."""
    return _plan(descriptor, frozenset())


def _plan(descriptor: Descriptor, above: frozenset[Descriptor]) -> _Complete | None:
    steps: list[_Complete] = []
    for field in descriptor.fields:
        if field.message_type is None:
            if not is_repeated(field) and is_exact_number(field) and not is_nullable(field):
                steps.append(_fill_number(field))
        else:
            steps += _message_steps(field, above | {descriptor})
    if not steps:
        return None

    def complete(message: Any) -> None:  # Any: fields are found by name
        for step in steps:
            step(message)

    return complete


def _message_steps(field: FieldDescriptor, above: frozenset[Descriptor]) -> list[_Complete]:
    name, kind = field.name, message_type(field)
    if kind.GetOptions().map_entry:
        value = kind.fields_by_name["value"].message_type
        inner = _inner(value, above) if value is not None else None
        return [_each_value(name, inner)] if inner else []
    inner = _inner(kind, above)
    if is_repeated(field):
        return [_each(name, inner)] if inner else []
    if is_nullable(field):
        return [_present(name, inner)] if inner else []
    if options(field, "gogoproto.stdtime"):
        return [_fill_time(name)]
    return [_fill_message(name, inner)]


def _inner(descriptor: Descriptor, above: frozenset[Descriptor]) -> _Complete | None:
    if descriptor not in above:
        return _plan(descriptor, above)

    # A type that contains itself: its plan is looked up when it is needed, for it is still being made.
    def later(message: Any) -> None:  # Any: fields are found by name
        complete = completion(descriptor)
        if complete is not None:
            complete(message)

    return later


def _fill_number(field: FieldDescriptor) -> _Complete:
    name, zero = field.name, b"0" if field.type == FieldDescriptor.TYPE_BYTES else "0"

    def step(message: Any) -> None:  # Any: fields are found by name, here and below
        if not getattr(message, name):
            setattr(message, name, zero)

    return step


def _fill_time(name: str) -> _Complete:
    def step(message: Any) -> None:
        if not message.HasField(name):
            getattr(message, name).seconds = GO_ZERO_TIME

    return step


def _fill_message(name: str, inner: _Complete | None) -> _Complete:
    def step(message: Any) -> None:
        found = getattr(message, name)
        found.SetInParent()
        if inner is not None:
            inner(found)

    return step


def _present(name: str, inner: _Complete) -> _Complete:
    def step(message: Any) -> None:
        if message.HasField(name):
            inner(getattr(message, name))

    return step


def _each(name: str, inner: _Complete) -> _Complete:
    def step(message: Any) -> None:
        for found in getattr(message, name):
            inner(found)

    return step


def _each_value(name: str, inner: _Complete) -> _Complete:
    def step(message: Any) -> None:
        for found in getattr(message, name).values():
            inner(found)

    return step
