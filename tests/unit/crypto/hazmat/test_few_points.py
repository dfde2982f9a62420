"""Halved scalars and shared doublings give the sums that the library gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.crypto.hazmat.bls12381 import FIELD, G1, IDENTITY, ORDER, Scalar, sum_of_products
from panacea.crypto.hazmat.few_points import BETA, LAMBDA, multiples_of, product, sum_of_multiples

# One has coordinates of its own, as points that were read; the others are results of sums.
POINTS = [G1(), *(G1() * Scalar(number) for number in (2, 77, 1 << 60)), -G1()]
MULTIPLES = [multiples_of(point) for point in POINTS]
HALVES = [0, 1, 7, 8, 9, 15, 16, 0x88, (1 << 127) - 1, int("8" * 31, 16), int("7" * 31, 16), LAMBDA - 1]


def scalar(number: int) -> Scalar:
    return Scalar.from_be_bytes(number.to_bytes(32, "big"))


def test_both_constants_are_cube_roots_of_one() -> None:
    assert LAMBDA**2 + LAMBDA + 1 == ORDER
    assert (BETA**2 + BETA + 1) % FIELD == 0


def test_the_image_is_the_point_times_lambda() -> None:
    for point, (of_point, of_image) in zip(POINTS, MULTIPLES, strict=True):
        assert of_point["9"] == point
        assert of_image["9"] == point * scalar(LAMBDA)


def test_tables_hold_the_signed_digits() -> None:
    for table in multiples_of(G1()):
        assert [table[f"{digit + 8:x}"] for digit in range(8)] == [table["9"] * Scalar(n) for n in range(8)]
        assert [table[f"{8 - digit:x}"] for digit in range(1, 9)] == [-(table["9"] * Scalar(n)) for n in range(1, 9)]


@pytest.mark.parametrize("high", HALVES)
@pytest.mark.parametrize("low", HALVES)
def test_halves_at_their_edges(low: int, high: int) -> None:
    number = scalar(low + high * LAMBDA)
    assert product(G1(), number) == G1() * number


@pytest.mark.parametrize("number", [LAMBDA, LAMBDA + 1, ORDER - 2, ORDER - 1])
def test_the_largest_scalars(number: int) -> None:
    assert product(POINTS[1], scalar(number)) == POINTS[1] * scalar(number)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, ORDER - 1)), max_size=6))
def test_any_sum(terms: list[tuple[int, int]]) -> None:
    scalars = [scalar(number) for _, number in terms]
    expected = sum_of_products([POINTS[at] for at, _ in terms], scalars) if terms else IDENTITY
    assert sum_of_multiples([MULTIPLES[at] for at, _ in terms], scalars) == expected


def test_the_identity_stays_itself() -> None:
    assert product(IDENTITY, scalar(ORDER - 5)) == IDENTITY
    mixed = [multiples_of(IDENTITY), multiples_of(G1())]
    assert sum_of_multiples(mixed, [scalar(ORDER - 5), Scalar(3)]) == G1() * Scalar(3)


def test_a_missing_scalar_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        sum_of_multiples(MULTIPLES, [Scalar(1)])
