"""Rows give the sums that the library gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.crypto.hazmat.bls12381 import G1, ORDER, Scalar, sum_of_products
from panacea.crypto.hazmat.fixed_points import row_of, sum_of_rows

POINTS = [G1() * Scalar(number) for number in (1, 2, 77, 1 << 60)]
ROWS = [row_of(point) for point in POINTS]
EDGES = [
    0,
    1,
    127,
    128,
    129,
    255,
    256,
    0x8080,
    ORDER - 1,
    ORDER - 128,
    int.from_bytes(b"\x80" * 31, "big"),
]


def scalar(number: int) -> Scalar:
    return Scalar.from_be_bytes(number.to_bytes(32, "big"))


@pytest.mark.parametrize("number", EDGES)
def test_digits_at_their_edges(number: int) -> None:
    for point, row in zip(POINTS, ROWS, strict=True):
        assert sum_of_rows([row], [scalar(number)]) == point * scalar(number)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, ORDER - 1)), max_size=6))
def test_any_sum(terms: list[tuple[int, int]]) -> None:
    scalars = [scalar(number) for _, number in terms]
    expected = sum_of_products([POINTS[at] for at, _ in terms], scalars)
    assert sum_of_rows([ROWS[at] for at, _ in terms], scalars) == expected


def test_a_missing_scalar_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        sum_of_rows(ROWS, [Scalar(1)])
