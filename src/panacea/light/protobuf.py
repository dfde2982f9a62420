"""Protobuf's wire format by hand: a canonical writer for what is hashed or signed, a strict reader for proofs.

Written bytes are those of Go's gogoproto: fields in ascending order, scalars left out when zero or empty,
non-nullable submessages always there. A field helper returns the field's bytes, so a message is a sum.
"""

from panacea.primitives.rejected import Rejected

VARINT, FIXED64, BYTES = 0, 1, 2


class MalformedMessage(Rejected, codespace="light", code=2, text="malformed protobuf message"):
    """Bytes are not the strict encoding of the message expected."""


def uvarint(number: int) -> bytes:
    """An unsigned LEB128 number, at most 64 bits."""
    if number < 0x80:
        return bytes((number,))
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def zigzag(number: int) -> bytes:
    """A signed number in zig-zag form, as IAVL writes height, size and version."""
    return uvarint(number << 1 if number >= 0 else (-number << 1) - 1)


def read_uvarint(data: bytes, at: int) -> tuple[int, int]:
    """The number at offset `at` and the offset after it.

    Raises MalformedMessage beyond 64 bits, at the end of the bytes, and for a number written longer than it need be.
    """
    number = shift = 0
    for place in range(at, min(at + 10, len(data))):
        byte = data[place]
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            if number >> 64 or (byte == 0 and place > at):
                break
            return number, place + 1
    raise MalformedMessage("no varint", offset=at)


def read_zigzag(data: bytes, at: int) -> tuple[int, int]:
    """The zig-zag number at offset `at` and the offset after it."""
    number, after = read_uvarint(data, at)
    return (number >> 1) ^ -(number & 1), after


def delimited(message: bytes) -> bytes:
    """The message behind its length."""
    return uvarint(len(message)) + message


def varint_field(field: int, number: int) -> bytes:
    """An integer, Boolean or enum; negative numbers take ten bytes."""
    return uvarint(field << 3) + uvarint(number & 0xFFFF_FFFF_FFFF_FFFF) if number else b""


def fixed64_field(field: int, number: int) -> bytes:
    """An sfixed64."""
    return uvarint(field << 3 | FIXED64) + number.to_bytes(8, "little", signed=True) if number else b""


def bytes_field(field: int, value: bytes) -> bytes:
    """Bytes, or a string in UTF-8."""
    return message_field(field, value) if value else b""


def message_field(field: int, message: bytes) -> bytes:
    """A submessage that is written even when it is empty."""
    return uvarint(field << 3 | BYTES) + delimited(message)


def timestamp(time_ns: int) -> bytes:
    """google.protobuf.Timestamp of nanoseconds since the epoch; years before 1970 are negative."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    return varint_field(1, seconds) + varint_field(2, nanos)


def read_fields(message: bytes, repeated: frozenset[int] = frozenset()) -> list[tuple[int, int | bytes]]:
    """The (field number, value) pairs of a message made of varints and bytes only.

    Raises MalformedMessage for another wire type and for a field that comes twice without being in `repeated`.
    """
    fields: list[tuple[int, int | bytes]] = []
    seen: set[int] = set()
    at = 0
    while at < len(message):
        tag, at = read_uvarint(message, at)
        field, kind = tag >> 3, tag & 7
        if field in seen and field not in repeated:
            raise MalformedMessage("field given twice", field=field)
        seen.add(field)
        number, at = read_uvarint(message, at)
        if kind == VARINT:
            fields.append((field, number))
        elif kind == BYTES and number <= len(message) - at:
            fields.append((field, message[at : at + number]))
            at += number
        else:
            raise MalformedMessage("field cut off or of another kind", field=field)
    return fields
