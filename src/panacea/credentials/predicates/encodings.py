"""How a value of a credential becomes a number below 2^32, or a scalar, that a signature binds.

    value in JSON --scalar_of--> scalar          exact or refused, never rounded
    bound in Python --floor, ceiling--> number   the same question among the values that exist
    number --human--> Decimal, date, datetime    exact

Every encoding is a part of what the issuer signs, so that one scalar never means two things.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, ClassVar, Final, Literal, TypeAlias

from panacea.credentials.predicates.types import BoundRefused, EncodingRefused
from panacea.crypto.bbs import SHA256
from panacea.crypto.hazmat.bls12381 import Scalar, scalar_modulo_order

Bound: TypeAlias = int | Decimal | date | datetime

MAX_PLACES: Final = 9
MAX_TEXT: Final = 4096
"""UTF-8 bytes of a text that equality may be shown of."""

TEXT_DST: Final = b"PANACEA_PREDICATES_V1_TEXT_TO_SCALAR_"
WIDE: Final = 48

_EXACT: Final = Context(prec=60, traps=[Inexact, InvalidOperation])
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?", re.ASCII)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_MOMENT: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.0{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})", re.ASCII
)
_FIRST_DAY: Final = date(1900, 1, 1)
_EPOCHS: Final = {"second": datetime(1970, 1, 1, tzinfo=UTC), "minute": datetime(1900, 1, 1, tzinfo=UTC)}
_LAST_MOMENT: Final = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Number:
    """A decimal number: (value - minimum) * 10^places, in 16 or 32 bits. Bounds are int or Decimal."""

    kind: ClassVar[str] = "number"
    bits: int = 16
    places: int = 0
    minimum: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        """Refuse parameters out of bounds; EncodingRefused."""
        if self.bits not in (16, 32) or not 0 <= self.places <= MAX_PLACES:
            raise EncodingRefused("16 or 32 bits and 0 to 9 places", bits=self.bits, places=self.places)
        object.__setattr__(self, "minimum", Decimal(self.minimum))
        if abs(self.start) >= 2**48:
            raise EncodingRefused("minimum", minimum=self.minimum)

    @property
    def start(self) -> int:
        """The minimum as a whole number of steps; EncodingRefused."""
        return _whole(self._steps(self.minimum))

    @property
    def largest(self) -> int:
        """The largest number there is."""
        return (1 << self.bits) - 1

    @property
    def parameters(self) -> list[int]:
        """What stands in the signed header."""
        return [self.bits, self.places, self.start]

    def scalar_of(self, value: object) -> Scalar:
        """The scalar of a JSON number, of a string with one, or of a value object with one; EncodingRefused."""
        value = _literal(value)
        if isinstance(value, str):
            value = Decimal(value) if _NUMBER.fullmatch(value) else None
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise EncodingRefused("not a number")
        return Scalar(_within(_whole(self._steps(value)) - self.start, self.largest))

    def floor(self, bound: Bound) -> int:
        """The largest number whose value is at most `bound`."""
        return self._bound(bound, "floor")

    def ceiling(self, bound: Bound) -> int:
        """The smallest number whose value is at least `bound`."""
        return self._bound(bound, "ceiling")

    def human(self, number: int) -> Decimal:
        """The value that a number stands for."""
        return Decimal(number + self.start).scaleb(-self.places, _EXACT)

    def _bound(self, bound: Bound, rounding: Literal["floor", "ceiling"]) -> int:
        if isinstance(bound, bool) or not isinstance(bound, int | Decimal):
            raise BoundRefused("a number is bounded by int or Decimal", type=type(bound).__name__)
        mode = "ROUND_FLOOR" if rounding == "floor" else "ROUND_CEILING"
        try:
            steps = self._steps(bound)
        except EncodingRefused as error:
            raise BoundRefused("not a bound", bound=bound) from error
        return _bounded(int(steps.to_integral_value(mode)) - self.start, self.largest, bound)

    def _steps(self, value: int | Decimal) -> Decimal:
        """The value in steps of the last place, whole or not."""
        number = Decimal(value)
        # Beyond this no encoding reaches, and an exponent of thousands would cost work.
        if not number.is_finite() or not -30 <= number.adjusted() <= 30 or len(number.as_tuple().digits) > 40:
            if number.is_zero() and number.is_finite():
                return Decimal(0)
            raise EncodingRefused("too long, or not finite")
        return number.scaleb(self.places, _EXACT)


@dataclass(frozen=True, slots=True)
class Day:
    """A date, `YYYY-MM-DD`: days since 1900-01-01 in 16 bits, up to 2079-06-06. Bounds are `date`."""

    kind: ClassVar[str] = "day"
    bits: ClassVar[int] = 16
    largest: ClassVar[int] = 2**16 - 1
    parameters: ClassVar[list[int]] = []

    def scalar_of(self, value: object) -> Scalar:
        """The scalar of a whole date; a month or a year alone is refused; EncodingRefused."""
        value = _literal(value)
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise EncodingRefused("not a whole date")
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise EncodingRefused("no such date") from None
        return Scalar(_within((found - _FIRST_DAY).days, self.largest))

    def floor(self, bound: Bound) -> int:
        """The number of that day."""
        if isinstance(bound, datetime) or not isinstance(bound, date):
            raise BoundRefused("a day is bounded by a date", type=type(bound).__name__)
        return _bounded((bound - _FIRST_DAY).days, self.largest, bound)

    ceiling = floor

    def human(self, number: int) -> date:
        """The date that a number stands for."""
        return _FIRST_DAY + timedelta(days=number)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date and time with a zone, in 32 bits: seconds since 1970 or minutes since 1900.

    Bounds are `datetime` with a zone.
    """

    kind: ClassVar[str] = "moment"
    bits: ClassVar[int] = 32
    unit: Literal["second", "minute"] = "minute"

    def __post_init__(self) -> None:
        """Refuse another unit; EncodingRefused."""
        if self.unit not in _EPOCHS:
            raise EncodingRefused("second or minute", unit=self.unit)

    @property
    def largest(self) -> int:
        """The last moment of 32 bits or of the year 9999."""
        return min(2**32 - 1, (_LAST_MOMENT - _EPOCHS[self.unit]) // self._step)

    @property
    def parameters(self) -> list[str]:
        """What stands in the signed header."""
        return [self.unit]

    def scalar_of(self, value: object) -> Scalar:
        """The scalar of an RFC 3339 time that is a whole number of units; EncodingRefused."""
        value = _literal(value)
        match = _MOMENT.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise EncodingRefused("not a date and time with a zone, to whole seconds")
        try:
            since = datetime.fromisoformat(match[1] + match[2].replace("Z", "+00:00")) - _EPOCHS[self.unit]
        except (ValueError, OverflowError):
            raise EncodingRefused("no such time") from None
        if since % self._step:
            raise EncodingRefused("not a whole number of units", unit=self.unit)
        return Scalar(_within(since // self._step, self.largest))

    def floor(self, bound: Bound) -> int:
        """The last number at or before `bound`."""
        return _bounded(self._since(bound) // self._step, self.largest, bound)

    def ceiling(self, bound: Bound) -> int:
        """The first number at or after `bound`."""
        return _bounded(-(-self._since(bound) // self._step), self.largest, bound)

    def human(self, number: int) -> datetime:
        """The moment that a number stands for, in UTC."""
        return _EPOCHS[self.unit] + number * self._step

    @property
    def _step(self) -> timedelta:
        return timedelta(seconds=1 if self.unit == "second" else 60)

    def _since(self, bound: Bound) -> timedelta:
        if not isinstance(bound, datetime) or bound.utcoffset() is None:
            raise BoundRefused("a moment is bounded by a datetime with a zone", type=type(bound).__name__)
        return bound - _EPOCHS[self.unit]


@dataclass(frozen=True, slots=True)
class Text:
    """A string, hashed to a scalar as its code points stand there: for equality only."""

    kind: ClassVar[str] = "text"
    bits: ClassVar[int] = 0
    parameters: ClassVar[list[int]] = []

    def scalar_of(self, value: object) -> Scalar:
        """The scalar of a string; EncodingRefused."""
        if not isinstance(value, str):
            raise EncodingRefused("not a string")
        try:
            octets = value.encode()
        except UnicodeEncodeError:
            raise EncodingRefused("half of a surrogate pair") from None
        if len(octets) > MAX_TEXT:
            raise EncodingRefused("too long", limit=MAX_TEXT)
        return scalar_modulo_order(SHA256.expand(octets, TEXT_DST, WIDE))


@dataclass(frozen=True, slots=True)
class Secret:
    """The issuer's secret scalar of a record, which stands at no pointer: for pseudonyms and equality."""

    kind: ClassVar[str] = "secret"
    bits: ClassVar[int] = 0
    parameters: ClassVar[list[int]] = []


Encoding: TypeAlias = Number | Day | Moment | Text | Secret
Ordered: TypeAlias = Number | Day | Moment
"""The encodings that ranges speak about."""


def to_wire(encoding: Encoding) -> list[object]:
    """The encoding as it stands in the signed header: its kind, then its parameters."""
    return [encoding.kind, *encoding.parameters]


def from_wire(parts: Sequence[Any]) -> Encoding:  # Any: CBOR, checked here
    """The encoding of `to_wire`, and of nothing else; EncodingRefused."""
    match parts:
        case ["number", int(bits), int(places), int(start)] if bool not in {type(part) for part in parts}:
            if bits in (16, 32) and 0 <= places <= MAX_PLACES and abs(start) < 2**48:
                return Number(bits, places, Decimal(start).scaleb(-places, _EXACT))
        case ["day"]:
            return Day()
        case ["moment", "second"]:
            return Moment("second")
        case ["moment", "minute"]:
            return Moment("minute")
        case ["text"]:
            return Text()
        case ["secret"]:
            return Secret()
    raise EncodingRefused("unknown encoding")


def _literal(value: object) -> object:
    """The text of a JSON-LD value object with a datatype; anything else as it is."""
    if isinstance(value, dict) and value.keys() == {"@type", "@value"}:
        return value["@value"]
    return value


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise EncodingRefused("more places than the encoding has")
    return int(number)


def _within(number: int, largest: int) -> int:
    if not 0 <= number <= largest:
        raise EncodingRefused("outside the encoding")  # The value is the holder's and is not kept.
    return number


def _bounded(number: int, largest: int, bound: Bound) -> int:
    if not 0 <= number <= largest:
        raise BoundRefused("outside the encoding", bound=bound)
    return number
