"""Values are held exactly or refused; bounds ask the same question among the values that exist."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from panacea.credentials.predicates.encodings import Day, Encoding, Moment, Number, Secret, Text, from_wire, to_wire
from panacea.credentials.predicates.types import BoundRefused, EncodingRefused

TENTHS = Number(bits=16, places=1)
CELSIUS = Number(bits=32, places=2, minimum=Decimal("-40"))
MINUTES, SECONDS = Moment("minute"), Moment("second")


@pytest.mark.parametrize(
    ("encoding", "value", "number"),
    [
        (TENTHS, 0, 0),
        (TENTHS, Decimal("7.90"), 79),
        (TENTHS, "7.9", 79),
        (TENTHS, {"@type": "xsd:decimal", "@value": "7.90"}, 79),
        (TENTHS, Decimal("6553.5"), 65_535),
        (TENTHS, "1E2", 1000),
        (TENTHS, Decimal("-0.0"), 0),
        (TENTHS, Decimal("0E-300"), 0),
        (CELSIUS, Decimal("-40"), 0),
        (CELSIUS, Decimal("36.75"), 7675),
        (CELSIUS, Decimal("42949632.95"), 2**32 - 1),
        (Day(), "1900-01-01", 0),
        (Day(), "1984-02-29", 30_739),
        (Day(), "2079-06-06", 65_535),
        (MINUTES, "1900-01-01T00:00:00Z", 0),
        (MINUTES, "2026-11-01T08:30:00Z", 66_708_510),
        (MINUTES, "2026-11-01T17:30:00.000+09:00", 66_708_510),
        (SECONDS, "1970-01-01T00:00:00Z", 0),
        (SECONDS, "2106-02-07T06:28:15Z", 2**32 - 1),
    ],
)
def test_held_exactly(encoding: Number | Day | Moment, value: object, number: int) -> None:
    assert int(encoding.scalar_of(value)) == number


@pytest.mark.parametrize(
    ("encoding", "value"),
    [
        (TENTHS, Decimal("7.95")),
        (TENTHS, Decimal("-0.1")),
        (TENTHS, Decimal("6553.6")),
        (TENTHS, Decimal("NaN")),
        (TENTHS, Decimal("Infinity")),
        (TENTHS, Decimal("1E999999")),
        (TENTHS, Decimal("1E-999999")),
        (TENTHS, Decimal("1." + "0" * 100 + "1")),
        (TENTHS, True),
        (TENTHS, None),
        (TENTHS, 7.9),
        (TENTHS, "٧.٩"),
        (TENTHS, "7,9"),
        (TENTHS, " 7.9"),
        (TENTHS, "0x10"),
        (TENTHS, "1_0"),
        (TENTHS, {"@type": "xsd:decimal", "@value": {}}),
        (TENTHS, {"@value": "7.9"}),
        (CELSIUS, Decimal("-40.01")),
        (Day(), "1984-02"),
        (Day(), "1983-02-29"),
        (Day(), "1899-12-31"),
        (Day(), "2079-06-07"),
        (Day(), "1984-02-29T00:00:00Z"),
        (Day(), 19_840_229),
        (MINUTES, "2026-11-01T08:30:01Z"),
        (MINUTES, "2026-11-01T08:30:00.5Z"),
        (MINUTES, "2026-11-01T08:30:00"),
        (MINUTES, "2026-11-01"),
        (MINUTES, "2026-13-01T08:30:00Z"),
        (MINUTES, "2026-11-01T08:30:00+99:00"),
        (SECONDS, "1969-12-31T23:59:59Z"),
        (SECONDS, "2106-02-07T06:28:16Z"),
        (Text(), 5),
        (Text(), "\ud800"),
        (Text(), "x" * 4097),
    ],
)
def test_refused_not_rounded(encoding: Number | Day | Moment | Text, value: object) -> None:
    with pytest.raises(EncodingRefused):
        encoding.scalar_of(value)


@pytest.mark.parametrize(
    ("encoding", "bound", "floor", "ceiling"),
    [
        (TENTHS, 7, 70, 70),
        (TENTHS, Decimal("6.95"), 69, 70),
        (TENTHS, Decimal("6.900000001"), 69, 70),
        (CELSIUS, Decimal("-39.999"), 0, 1),
        (Day(), date(1900, 1, 2), 1, 1),
        (MINUTES, datetime(1900, 1, 1, 0, 1, 30, tzinfo=UTC), 1, 2),
        (MINUTES, datetime(1900, 1, 1, 0, 1, 0, 1, tzinfo=UTC), 1, 2),
        (SECONDS, datetime(1970, 1, 1, 1, 0, 0, tzinfo=timezone(timedelta(hours=1))), 0, 0),
    ],
)
def test_bounds_between_values(encoding: Number | Day | Moment, bound: int, floor: int, ceiling: int) -> None:
    assert (encoding.floor(bound), encoding.ceiling(bound)) == (floor, ceiling)


@pytest.mark.parametrize(
    ("encoding", "bound"),
    [
        (TENTHS, -1),
        (TENTHS, 6554),
        (TENTHS, True),
        (TENTHS, date(2000, 1, 1)),
        (TENTHS, Decimal("NaN")),
        (TENTHS, Decimal("1E400")),
        (TENTHS, 7.5),
        (TENTHS, "7.5"),
        (Day(), date(1899, 12, 31)),
        (Day(), date(2079, 6, 7)),
        (Day(), datetime(2000, 1, 1, tzinfo=UTC)),
        (Day(), 5),
        (MINUTES, datetime(2000, 1, 1)),  # noqa: DTZ001 - the missing zone is what is refused
        (MINUTES, date(2000, 1, 1)),
        (SECONDS, datetime(1969, 1, 1, tzinfo=UTC)),
        (SECONDS, datetime(2107, 1, 1, tzinfo=UTC)),
    ],
)
def test_bounds_of_another_kind(encoding: Number | Day | Moment, bound: int) -> None:
    for convert in (encoding.floor, encoding.ceiling):
        with pytest.raises(BoundRefused):
            convert(bound)


def test_every_number_has_a_human_value() -> None:
    for encoding in (TENTHS, CELSIUS, Day(), MINUTES, SECONDS):
        for number in (0, 1, encoding.largest):
            human = encoding.human(number)
            assert encoding.floor(human) == encoding.ceiling(human) == number
    assert MINUTES.human(MINUTES.largest) == datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    assert str(TENTHS.human(79)) == "7.9"


@pytest.mark.parametrize("encoding", [TENTHS, CELSIUS, Number(32, 9), Day(), MINUTES, SECONDS, Text(), Secret()])
def test_wire(encoding: Encoding) -> None:
    assert from_wire(to_wire(encoding)) == encoding


@pytest.mark.parametrize(
    "parts",
    [
        [],
        ["number"],
        ["number", 8, 0, 0],
        ["number", 16, 10, 0],
        ["number", 16, -1, 0],
        ["number", 16, 0, 2**48],
        ["number", 16, False, 0],
        ["number", 16, 0, 0, 0],
        ["number", 16, 0, "0"],
        ["day", 16],
        ["moment", "hour"],
        ["moment"],
        ["text", 1],
        ["secret", 1],
        ["date"],
        [b"day"],
    ],
)
def test_unknown_encodings(parts: list[object]) -> None:
    with pytest.raises(EncodingRefused):
        from_wire(parts)


@pytest.mark.parametrize(
    ("bits", "places", "minimum"),
    [(8, 0, "0"), (64, 0, "0"), (16, 10, "0"), (16, -1, "0"), (16, 1, "0.05"), (16, 0, "NaN"), (16, 0, "1E20")],
)
def test_parameters_out_of_bounds(bits: int, places: int, minimum: str) -> None:
    with pytest.raises(EncodingRefused):
        Number(bits, places, Decimal(minimum))


def test_texts_are_equal_as_they_stand() -> None:
    composed, decomposed = "Dvořák", "Dvor\u030cák"
    assert Text().scalar_of(composed) == Text().scalar_of(composed)
    assert Text().scalar_of(composed) != Text().scalar_of(decomposed)
    assert Text().scalar_of("") != Text().scalar_of(" ")
