"""Timestamps and durations as text: RFC 3339 in UTC, and decimal seconds with an `s`."""

import re
from datetime import UTC, datetime, timedelta

from panacea.primitives.rejected import Rejected

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_SPAN = re.compile(r"(-?)(\d{1,12})(?:\.(\d{1,9}))?s", re.ASCII)


class InvalidTime(Rejected, codespace="sdk", code=18, text="invalid time"):
    """A text is no time of this form, or the time is outside the years 1 to 9999."""


def format_time(seconds: int, nanos: int) -> str:
    """Unix time as RFC 3339 with 0, 3, 6 or 9 digits after the point. Raises InvalidTime outside years 1 to 9999."""
    return f"{_whole(seconds)}{_fraction(nanos)}Z"


def format_time_shortest(seconds: int, nanos: int) -> str:
    """Unix time as RFC 3339 with no trailing zeros after the point. Raises InvalidTime like `format_time`."""
    return f"{_whole(seconds)}{f'.{nanos:09d}'.rstrip('0') if nanos else ''}Z"


def parse_time(text: str) -> tuple[int, int]:
    """Unix seconds and nanoseconds of an RFC 3339 text; any offset is read. Raises InvalidTime."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise InvalidTime(value=text)
    date, clock, fraction, sign, hours, minutes = found.groups()
    try:
        whole = datetime.fromisoformat(f"{date}T{clock}+00:00")
        if sign:
            offset = timedelta(hours=int(hours), minutes=int(minutes))
            whole += -offset if sign == "+" else offset
    except (ValueError, OverflowError) as reason:
        raise InvalidTime(value=text) from reason
    return (whole - _EPOCH) // timedelta(seconds=1), int((fraction or "").ljust(9, "0"))


def format_span(seconds: int, nanos: int) -> str:
    """A duration as seconds, with 0, 3, 6 or 9 digits after the point."""
    sign = "-" if seconds < 0 or nanos < 0 else ""
    return f"{sign}{abs(seconds)}{_fraction(abs(nanos))}s"


def parse_span(text: str) -> tuple[int, int]:
    """Seconds and nanoseconds, both of the duration's sign. Raises InvalidTime."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise InvalidTime(value=text)
    seconds, nanos = int(found[2]), int((found[3] or "").ljust(9, "0"))
    return (-seconds, -nanos) if found[1] else (seconds, nanos)


def _whole(seconds: int) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S").zfill(19)
    except OverflowError as reason:
        raise InvalidTime(value=seconds) from reason


def _fraction(nanos: int) -> str:
    if nanos == 0:
        return ""
    digits = f"{nanos:09d}"
    for places in (3, 6):
        if not digits[places:].strip("0"):
            return f".{digits[:places]}"
    return f".{digits}"
