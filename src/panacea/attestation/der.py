"""DER (X.690), the part that certificates need: a strict reader that walks forward and never recurses.

Written here because it is a consensus rule: what it accepts must not move with a library's version. The walk follows
the expected structure, not the input's, so nesting in the input costs nothing.
"""

from datetime import UTC, datetime

from panacea.attestation.types import MalformedCertificate

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, OID, ENUMERATED = 0x01, 0x02, 0x03, 0x04, 0x06, 0x0A
UTF8_STRING, PRINTABLE_STRING, UTC_TIME, GENERALIZED_TIME = 0x0C, 0x13, 0x17, 0x18
SEQUENCE, SET = 0x30, 0x31

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DER:
    """A cursor over the elements of one DER value. Everything it refuses is a `MalformedCertificate`."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def at_end(self) -> bool:
        """Whether every byte has been read."""
        return self._at == len(self._data)

    def require_end(self) -> None:
        """Refuse bytes behind the last expected element."""
        if not self.at_end():
            raise MalformedCertificate("bytes behind the last element")

    def is_next(self, tag: int) -> bool:
        """Whether the next element has this tag."""
        return not self.at_end() and self._data[self._at] == tag

    def take(self, tag: int) -> bytes:
        """The content of the next element, which must have this tag."""
        start, end = self._span(tag)
        self._at = end
        return self._data[start:end]

    def raw(self, tag: int) -> bytes:
        """The next element with tag and length, which must have this tag."""
        begin = self._at
        _, self._at = self._span(tag)
        return self._data[begin : self._at]

    def enter(self, tag: int = SEQUENCE) -> "DER":
        """A cursor over the content of the next element."""
        return DER(self.take(tag))

    def only(self, tag: int = SEQUENCE) -> "DER":
        """A cursor over the content of the next element, which must be the last."""
        inner = self.enter(tag)
        self.require_end()
        return inner

    def integer(self, size: int, tag: int = INTEGER) -> int:
        """The next INTEGER: minimal, not negative, below 256 to the power `size`."""
        content = self.take(tag)
        if not content or content[0] & 0x80:
            raise MalformedCertificate("integer empty or negative")
        if len(content) > 1 and content[0] == 0 and not content[1] & 0x80:
            raise MalformedCertificate("integer not minimal")
        value = int.from_bytes(content, "big")
        if value >> (8 * size):
            raise MalformedCertificate("integer too large")
        return value

    def boolean(self) -> bool:
        """The next BOOLEAN, 00 or FF."""
        content = self.take(BOOLEAN)
        if content not in {b"\x00", b"\xff"}:
            raise MalformedCertificate("boolean is neither 00 nor FF")
        return content == b"\xff"

    def bits(self) -> bytes:
        """The next BIT STRING, of whole bytes."""
        content = self.take(BIT_STRING)
        if content[:1] != b"\x00":
            raise MalformedCertificate("bit string of no whole bytes")
        return content[1:]

    def time(self) -> int:
        """The next time in unix seconds: UTCTime to 2049, GeneralizedTime from 2050 (RFC 5280, 4.1.2.5)."""
        if self.is_next(UTC_TIME):
            text = self.take(UTC_TIME)
            century = b"20" if text[:2] < b"50" else b"19"
            return _seconds(century + text)
        text = self.take(GENERALIZED_TIME)
        if text[:4] < b"2050":
            raise MalformedCertificate("generalized time before 2050")
        return _seconds(text)

    def _span(self, tag: int) -> tuple[int, int]:
        """Start and end of the next element's content; definite, minimal lengths below 2**24."""
        data, at = self._data, self._at
        if len(data) - at < 2 or data[at] != tag:
            raise MalformedCertificate("element missing or of another type", expected=tag)
        length, start = data[at + 1], at + 2
        if length >= 0x80:
            size = length & 0x7F
            field = data[start : start + size]
            if not 1 <= size <= 3 or len(field) != size or field[0] == 0:
                raise MalformedCertificate("length not definite, minimal and below 2**24")
            length, start = int.from_bytes(field, "big"), start + size
            if length < 0x80:
                raise MalformedCertificate("length not minimal")
        if start + length > len(data):
            raise MalformedCertificate("element longer than its container")
        return start, start + length


def _seconds(text: bytes) -> int:
    """Unix seconds of YYYYMMDDHHMMSSZ."""
    if len(text) != 15 or not text[:14].isdigit() or text[14:] != b"Z":
        raise MalformedCertificate("time not of the form YYYYMMDDHHMMSSZ")
    try:
        return unix_seconds(int(text[:4]), *(int(text[at : at + 2]) for at in range(4, 14, 2)))
    except ValueError as wrong:
        raise MalformedCertificate("no such date") from wrong


def unix_seconds(year: int, month: int, day: int, *clock: int) -> int:
    """Unix seconds of a date with hour, minute and second; no leap seconds. Raises ValueError if there is none."""
    hour, minute, second = clock
    since = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
    return since.days * 86400 + since.seconds
