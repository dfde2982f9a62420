"""Exact numbers: the SDK's texts and roundings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.primitives.numbers import ONE, Dec, InvalidNumber, Overflow, parse_int, require_int

SCALED = st.integers(-(10**40), 10**40)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("10", 10),
        ("+7", 7),
        ("-7", -7),
        ("010", 8),
        ("0x1F", 31),
        ("0b101", 5),
        ("0o17", 15),
        ("1_000", 1000),
    ],
)
def test_int_texts(text: str, value: int) -> None:
    assert parse_int(text) == value


@pytest.mark.parametrize("text", ["", " 1", "08", "1__0", "_1", "1_", "0x", "١", "1.0", "1e3", "9" * 400])
def test_texts_that_are_no_int(text: str) -> None:
    with pytest.raises(InvalidNumber):
        parse_int(text)


def test_int_has_256_bits() -> None:
    assert require_int(2**256 - 1) == 2**256 - 1
    with pytest.raises(InvalidNumber):
        require_int(-(2**256))


@pytest.mark.parametrize(
    ("text", "scaled"), [("1.5", 15 * 10**17), ("-0.000000000000000001", -1), ("0", 0), ("12", 12 * ONE)]
)
def test_dec_texts(text: str, scaled: int) -> None:
    assert Dec.parse(text) == Dec(scaled)


@pytest.mark.parametrize("text", ["", ".5", "5.", "1.0000000000000000000", "+1", "1e3", "--1"])
def test_texts_that_are_no_dec(text: str) -> None:
    with pytest.raises(InvalidNumber):
        Dec.parse(text)


@given(SCALED)
def test_dec_reads_what_it_writes(scaled: int) -> None:
    value = Dec(scaled)
    assert Dec.parse(str(value)) == value
    assert Dec.from_wire(value.to_wire()) == value


@given(SCALED, SCALED)
def test_dec_addition(a: int, b: int) -> None:
    assert Dec(a) + Dec(b) - Dec(b) == Dec(a)


@given(st.integers(-(10**30), 10**30), st.integers(-(10**12), 10**12))
def test_product_is_the_nearest_even(a: int, b: int) -> None:
    exact, got = a * b, (Dec(a) * Dec(b)).scaled
    rest = abs(exact - got * ONE)
    assert rest * 2 <= ONE
    assert rest * 2 < ONE or got % 2 == 0


@pytest.mark.parametrize(
    ("a", "b", "quotient"), [("1", "3", "0.333333333333333333"), ("2", "3", "0.666666666666666667")]
)
def test_quotient(a: str, b: str, quotient: str) -> None:
    assert str(Dec.parse(a) / Dec.parse(b)) == quotient
    assert str(Dec.parse(f"-{a}") / Dec.parse(b)) == f"-{quotient}"


def test_whole_numbers_out_of_dec() -> None:
    assert [Dec.parse(text).round() for text in ("0.5", "1.5", "2.5", "-0.5", "-1.5")] == [0, 2, 2, 0, -2]
    assert [Dec.parse(text).ceil() for text in ("0.1", "-0.1", "2")] == [1, 0, 2]
    assert [Dec.parse(text).floor() for text in ("0.9", "2")] == [0, 2]


def test_dec_out_of_range_is_an_overflow() -> None:
    with pytest.raises(Overflow):
        Dec(1 << 315)
    with pytest.raises(InvalidNumber):
        Dec.parse("9" * 90)
