import pytest

from panacea.wire.encode import GO_ZERO_TIME
from panacea.wire.times import (
    InvalidTime,
    format_span,
    format_time,
    format_time_shortest,
    parse_span,
    parse_time,
)


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "1970-01-01T00:00:00Z"),
        (GO_ZERO_TIME, 0, "0001-01-01T00:00:00Z"),
        (253402300799, 999_999_999, "9999-12-31T23:59:59.999999999Z"),
        (1, 120_000_000, "1970-01-01T00:00:01.120Z"),
        (1, 1_000, "1970-01-01T00:00:01.000001Z"),
        (-1, 1, "1969-12-31T23:59:59.000000001Z"),
    ],
)
def test_times(seconds: int, nanos: int, text: str) -> None:
    assert format_time(seconds, nanos) == text
    assert parse_time(text) == (seconds, nanos)


def test_the_shortest_form_has_no_trailing_zeros() -> None:
    assert format_time_shortest(1, 120_000_000) == "1970-01-01T00:00:01.12Z"
    assert format_time_shortest(1, 0) == "1970-01-01T00:00:01Z"


def test_offsets_are_read() -> None:
    assert parse_time("1970-01-01T02:30:00+02:30") == (0, 0)
    assert parse_time("1969-12-31t23:00:00.5-01:00") == (0, 500_000_000)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1970-01-01",
        "1970-01-01T00:00:00",
        "1970-13-01T00:00:00Z",
        "1970-01-01T25:00:00Z",
        "1970-01-01T00:00:00.0000000001Z",
        "0001-01-01T00:00:00+01:00",
        "1970-01-01T00:00:00Z\n",
        "1970-01-01T00:00:00٠Z",
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidTime):
        parse_time(text)


def test_times_beyond_the_calendar_are_refused() -> None:
    for seconds in (GO_ZERO_TIME - 1, 253402300800, 1 << 62):
        with pytest.raises(InvalidTime):
            format_time(seconds, 0)


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [(1_209_600, 0, "1209600s"), (0, -1, "-0.000000001s"), (-1, -500_000_000, "-1.500s"), (0, 0, "0s")],
)
def test_spans(seconds: int, nanos: int, text: str) -> None:
    assert format_span(seconds, nanos) == text
    assert parse_span(text) == (seconds, nanos)


@pytest.mark.parametrize("text", ["", "1", "s", "1.s", "1e3s", "1m", "9999999999999s"])
def test_what_is_no_span(text: str) -> None:
    with pytest.raises(InvalidTime):
        parse_span(text)
