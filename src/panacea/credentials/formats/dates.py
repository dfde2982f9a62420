"""Dates of credentials against NumericDates of tokens.

A dateTimeStamp may have fractions of a second; a token's claim is a whole second here. `nbf` is rounded up and `exp`
down, so that the token never holds when its document does not.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from panacea.credentials.formats.types import ClaimsContradict
from panacea.credentials.moments import write_moment
from panacea.health.types import JSON

_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)", re.ASCII)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


def floor_seconds(stamp: JSON, *, member: str) -> int:
    """The last whole second at or before a dateTimeStamp. Raises ClaimsContradict for what is none."""
    return (_read(stamp, member) - _EPOCH) // _SECOND


def ceil_seconds(stamp: JSON, *, member: str) -> int:
    """The first whole second at or after a dateTimeStamp. Raises ClaimsContradict for what is none."""
    return -((_EPOCH - _read(stamp, member)) // _SECOND)


def write_seconds(seconds: int) -> str:
    """A whole second as a dateTimeStamp in UTC. Raises ClaimsContradict beyond the year 9999."""
    try:
        return write_moment(seconds)
    except ValueError as error:
        raise ClaimsContradict("no date", seconds=seconds) from error


def _read(stamp: JSON, member: str) -> datetime:
    found = _STAMP.fullmatch(stamp) if isinstance(stamp, str) else None
    try:
        if found:
            # Python keeps six digits of a fraction; what is cut off is less than a microsecond.
            return datetime.fromisoformat(f"{found[1]}.{(found[2] or '')[:6].ljust(6, '0')}{found[3]}")
    except ValueError:
        pass
    raise ClaimsContradict("not a date and time with its zone", member=member)
