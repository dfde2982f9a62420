"""How a price is divided, and how a deal's account moves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.chain.datadeal.types import OPEN, Book, Split, split_price
from panacea.primitives.numbers import Dec

rates = st.integers(0, 10**18 // 5).map(Dec)


@pytest.mark.parametrize(
    ("price", "commissions", "release", "threshold", "expected"),
    [
        (1000, ["0.02"], "0.02", 3, Split((20,), 18, 962)),
        (1000, ["0.02", "0.055"], "0.02", 3, Split((20, 55), 18, 907)),
        (1, ["0.2"], "0.02", 3, Split((0,), 0, 1)),
        (149, ["0.01"], "0.02", 3, Split((1,), 0, 148)),
        (150, ["0.01"], "0.02", 3, Split((1,), 3, 146)),
        (10**30, ["0.000000000000000001"], "0", 5, Split((10**12,), 0, 10**30 - 10**12)),
        (100, [], "0.3", 1, Split((), 30, 70)),
    ],
)
def test_amounts_round_down_and_the_rest_is_the_providers(
    price: int, commissions: list[str], release: str, threshold: int, expected: Split
) -> None:
    assert split_price(price, [Dec.parse(rate) for rate in commissions], Dec.parse(release), threshold) == expected


@given(st.integers(1, 2**256 - 1), st.lists(rates, max_size=5), rates, st.integers(1, 16))
def test_nothing_of_a_price_is_lost(price: int, commissions: list[Dec], release: Dec, threshold: int) -> None:
    split = split_price(price, commissions, release, threshold)
    assert split.net + sum(split.commissions) + split.release_fee == price
    assert split.release_fee % threshold == 0
    for part, rate in zip(split.commissions, commissions, strict=True):
        assert part * 10**18 <= price * rate.scaled < (part + 1) * 10**18
    assert split.release_fee * 10**18 <= price * release.scaled < (split.release_fee + threshold) * 10**18


def test_a_book() -> None:
    book = Book(1, OPEN, escrow=30)
    book.hold(10)
    book.hold(10)
    assert (book.held, book.pending, book.free) == (20, 2, 10)
    book.settle(10)
    assert (book.escrow, book.held, book.paid, book.sold, book.pending) == (20, 10, 10, 1, 1)
    book.undo(10)
    assert (book.held, book.pending, book.free) == (0, 0, 20)
    book.refund(20)
    assert (book.escrow, book.refunded, book.paid) == (0, 20, 10)
