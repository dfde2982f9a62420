"""Times of credentials are read to the second, and come back as they were written."""

import pytest
from still_clock import NOW

from panacea.credentials.moments import read_moment, write_moment


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01T00:00:00Z", NOW),
        ("2026-01-01T00:00:00.999Z", NOW),
        ("2025-12-31T24:00:00Z", NOW),
        ("2026-01-01T01:30:00+01:30", NOW),
    ],
)
def test_moments(text: str, seconds: int) -> None:
    assert read_moment(text) == read_moment(write_moment(seconds)) == seconds


@pytest.mark.parametrize(
    "text",
    [None, 5, "", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "0000-01-01T00:00:00Z",
     "-2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z\n", "2026-01-01T24:00:01Z"],
)  # fmt: skip
def test_no_moments(text: object) -> None:
    with pytest.raises(ValueError):
        read_moment(text)


@pytest.mark.parametrize("seconds", [253_402_300_800, 10**18, 10**30])
def test_beyond_the_calendar(seconds: int) -> None:
    with pytest.raises(ValueError):
        write_moment(seconds)
