import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.chain.rejections import InvalidRequest
from panacea.chain.times import (
    FIRST_SECOND,
    LAST_SECOND,
    SECOND,
    Duration,
    Timestamp,
    read_duration,
    read_time,
    sortable,
    write_duration,
    write_time,
)

times = st.integers(FIRST_SECOND * SECOND, LAST_SECOND * SECOND)


@given(times, times)
def test_keys_sort_as_times_do(one: int, other: int) -> None:
    assert (sortable(one) < sortable(other)) == (one < other)
    assert len(sortable(one)) == 29
    assert read_time(write_time(one)) == one


def test_known_times() -> None:
    assert sortable(0) == b"1970-01-01T00:00:00.000000000"
    assert sortable(-1) == b"1969-12-31T23:59:59.999999999"
    assert sortable(FIRST_SECOND * SECOND) == b"0001-01-01T00:00:00.000000000"


@pytest.mark.parametrize(("seconds", "nanos"), [(LAST_SECOND + 1, 0), (FIRST_SECOND - 1, 0), (0, -1), (0, SECOND)])
def test_times_out_of_range(seconds: int, nanos: int) -> None:
    with pytest.raises(InvalidRequest, match="timestamp out of range"):
        read_time(Timestamp(seconds=seconds, nanos=nanos))


def test_durations() -> None:
    assert read_duration(write_duration(3 * SECOND + 7)) == 3 * SECOND + 7
    assert read_duration(Duration(seconds=-1, nanos=-5)) == -SECOND - 5
    for wrong in (Duration(seconds=1, nanos=-1), Duration(nanos=SECOND), Duration(seconds=2**60)):
        with pytest.raises(InvalidRequest, match="duration out of range"):
            read_duration(wrong)
