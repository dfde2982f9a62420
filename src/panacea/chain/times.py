"""Times and durations as messages carry them, as the chain computes with them (nanoseconds), and as keys sort them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from panacea.chain.rejections import InvalidRequest
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp
else:
    Duration, Timestamp = load("google.protobuf", "Duration", "Timestamp")

SECOND = 1_000_000_000
FIRST_SECOND = -62_135_596_800
"""0001-01-01T00:00:00Z, where Go's times begin."""
LAST_SECOND = 253_402_300_799
"""9999-12-31T23:59:59Z."""
MAX_DURATION_SECONDS = 315_576_000_000
"""Ten thousand years, the bound of google.protobuf.Duration."""


def read_time(message: Timestamp) -> int:
    """The nanoseconds since the epoch of a timestamp. Raises InvalidRequest outside the years 1 to 9999."""
    if not (FIRST_SECOND <= message.seconds <= LAST_SECOND and 0 <= message.nanos < SECOND):
        raise InvalidRequest("timestamp out of range", seconds=message.seconds, nanos=message.nanos)
    return message.seconds * SECOND + message.nanos


def write_time(time_ns: int) -> Timestamp:
    """The timestamp of nanoseconds since the epoch."""
    seconds, nanos = divmod(time_ns, SECOND)
    return Timestamp(seconds=seconds, nanos=nanos)


def read_duration(message: Duration) -> int:
    """The nanoseconds of a duration. Raises InvalidRequest when it is out of range, or its signs disagree."""
    seconds, nanos = message.seconds, message.nanos
    if abs(seconds) > MAX_DURATION_SECONDS or abs(nanos) >= SECOND or seconds * nanos < 0:
        raise InvalidRequest("duration out of range", seconds=seconds, nanos=nanos)
    return seconds * SECOND + nanos


def write_duration(duration_ns: int) -> Duration:
    """The duration of nanoseconds that are not negative."""
    seconds, nanos = divmod(duration_ns, SECOND)
    return Duration(seconds=seconds, nanos=nanos)


def sortable(time_ns: int) -> bytes:
    """The time as 29 ASCII bytes that sort as the times do: `2006-01-02T15:04:05.000000000`, in UTC."""
    seconds, nanos = divmod(time_ns, SECOND)
    whole = datetime(1970, 1, 1) + timedelta(seconds=seconds)  # noqa: DTZ001 - arithmetic in UTC, no zone is asked
    return f"{whole.isoformat(timespec='seconds')}.{nanos:09d}".encode()


SORTABLE_SIZE = 29
