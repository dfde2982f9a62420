"""The times of credentials: unix seconds, and how they stand in JSON (XML Schema dateTimeStamp)."""

import re
from datetime import UTC, datetime

_STAMP = re.compile(r"-?\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def read_moment(text: object) -> int:
    """The unix seconds of a dateTimeStamp; ValueError. 24:00:00 is the next day's midnight."""
    found = _STAMP.fullmatch(text) if isinstance(text, str) else None
    if not isinstance(text, str) or found is None or len(text) > 64:
        raise ValueError("not a dateTimeStamp")
    if found[1] == "24:00:00":
        return int(datetime.fromisoformat(text.replace("T24:", "T00:", 1)).timestamp()) + 86_400
    try:
        return int(datetime.fromisoformat(text).timestamp())
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def write_moment(seconds: int) -> str:
    """A dateTimeStamp in UTC of unix seconds; ValueError beyond the year 9999."""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None).isoformat()}Z"
    except (OverflowError, OSError) as error:
        raise ValueError(f"no date: {seconds}") from error
