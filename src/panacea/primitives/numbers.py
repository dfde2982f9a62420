"""Exact numbers of the chain: Int (256 bits) and Dec (18 decimal places), after the Cosmos SDK.

An Int is a Python int whose magnitude was checked; a Dec is a scaled integer with the SDK's rounding rules
(spec/sdk/README.md, "Numbers"). There is no float anywhere near them.
"""

import re
from dataclasses import dataclass

from panacea.primitives.rejected import Rejected

INT_BITS = 256
DEC_BITS = 315
PLACES = 18
ONE: int = 10**18

_INT = re.compile(
    r"[+-]?(?:0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]?_?[0-7]+(?:_[0-7]+)*|0|[1-9][0-9]*(?:_[0-9]+)*)"
)
_DEC = re.compile(r"(-?)([0-9]+)(?:\.([0-9]{1,18}))?")


class InvalidNumber(Rejected, codespace="sdk", code=18, text="invalid number"):
    """A text is not a number of this kind, or the number is out of range."""


class Overflow(ArithmeticError):
    """A result left its range: inside a transaction this is the SDK's panic, and fails it as a bug would."""


def parse_int(text: str) -> int:
    """An Int from text: sign, 0x, 0o, 0b, leading-zero octal and single underscores as the SDK reads them.

    Raises:
        InvalidNumber: not such a text, or more than 256 bits.
    """
    if len(text) > 320 or not _INT.fullmatch(text):
        raise InvalidNumber(value=text)
    bare = text.lstrip("+-").replace("_", "")
    base = {"0x": 16, "0o": 8, "0b": 2}.get(bare[:2].lower(), 8 if bare[0] == "0" else 10)
    value = int(bare[2:] if base != 10 and not bare.isdecimal() else bare, base)
    return require_int(-value if text[0] == "-" else value)


def require_int(value: int) -> int:
    """`value`, if its magnitude fits 256 bits.

    Raises:
        InvalidNumber: it does not.
    """
    if value.bit_length() > INT_BITS:
        raise InvalidNumber("more than 256 bits", value=value)
    return value


def _half_even(value: int) -> int:
    """`value` divided by 10^18, halves to even, the same for both signs."""
    quotient, rest = divmod(abs(value), ONE)
    if rest * 2 > ONE or (rest * 2 == ONE and quotient & 1):
        quotient += 1
    return quotient if value >= 0 else -quotient


def _toward_zero(value: int, by: int) -> int:
    quotient = abs(value) // abs(by)
    return quotient if (value >= 0) == (by > 0) else -quotient


@dataclass(frozen=True, slots=True, order=True)
class Dec:
    """A decimal of 18 places; `scaled` is the value times 10^18."""

    scaled: int

    def __post_init__(self) -> None:
        if self.scaled.bit_length() > DEC_BITS:
            raise Overflow("decimal out of range")

    @classmethod
    def parse(cls, text: str) -> "Dec":
        """A Dec from text such as `0.02`; at most 18 places.

        Raises:
            InvalidNumber: not such a text.
        """
        found = _DEC.fullmatch(text) if len(text) <= 120 else None
        if found is None:
            raise InvalidNumber(value=text)
        sign, whole, rest = found[1], found[2], found[3] or ""
        scaled = int(whole + rest.ljust(PLACES, "0"))
        if scaled.bit_length() > DEC_BITS:
            raise InvalidNumber("out of range", value=text)
        return cls(-scaled if sign else scaled)

    @classmethod
    def from_wire(cls, text: str) -> "Dec":
        """A Dec from the scaled integer that the wire and the state carry; empty reads as zero.

        Raises:
            InvalidNumber: not a plain decimal integer, or out of range.
        """
        if not re.fullmatch(r"-?[0-9]{1,100}|", text):
            raise InvalidNumber(value=text)
        scaled = int(text or "0")
        if scaled.bit_length() > DEC_BITS:
            raise InvalidNumber("out of range", value=text)
        return cls(scaled)

    @classmethod
    def of(cls, value: int) -> "Dec":
        """The whole number `value`."""
        return cls(value * ONE)

    def to_wire(self) -> str:
        """The scaled integer as decimal text."""
        return str(self.scaled)

    def __str__(self) -> str:
        whole, rest = divmod(abs(self.scaled), ONE)
        return f"{'-' if self.scaled < 0 else ''}{whole}.{rest:018d}"

    def __add__(self, other: "Dec") -> "Dec":
        return Dec(self.scaled + other.scaled)

    def __sub__(self, other: "Dec") -> "Dec":
        return Dec(self.scaled - other.scaled)

    def __mul__(self, other: "Dec") -> "Dec":
        return Dec(_half_even(self.scaled * other.scaled))

    def __truediv__(self, other: "Dec") -> "Dec":
        return Dec(_half_even(_toward_zero(self.scaled * 10**36, other.scaled)))

    def times(self, amount: int) -> "Dec":
        """This decimal times a whole number, exact."""
        return Dec(self.scaled * amount)

    def floor(self) -> int:
        """The whole part of a value that is not negative (toward zero otherwise)."""
        return _toward_zero(self.scaled, ONE)

    def ceil(self) -> int:
        """The next whole number toward plus infinity."""
        return -(-self.scaled // ONE)

    def round(self) -> int:
        """The nearest whole number, halves to even."""
        return _half_even(self.scaled)
