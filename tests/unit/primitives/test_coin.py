"""Coins: sorted, positive, bounded."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.primitives.coin import Coin, Coins, InsufficientFunds, InvalidCoins, require_denom
from panacea.primitives.numbers import Overflow

DENOMS = st.sampled_from(["umed", "uatom", "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2"])
COINS = st.lists(st.builds(Coin, DENOMS, st.integers(0, 10**30)), max_size=5).map(Coins)


@given(COINS, COINS)
def test_algebra(a: Coins, b: Coins) -> None:
    assert a + b == b + a
    assert (a + b) - b == a
    assert (a + b).covers(a)


@given(COINS)
def test_text(coins: Coins) -> None:
    assert Coins.parse(str(coins)) == coins
    assert [coin.denom for coin in coins] == sorted(coin.denom for coin in coins)
    assert all(coin.amount > 0 for coin in coins)


def test_difference_may_not_be_negative() -> None:
    with pytest.raises(InsufficientFunds, match="5umed is smaller than 6umed"):
        _ = Coins.of(5) - Coins.of(6)


@pytest.mark.parametrize("text", ["umed", "5", "-5umed", "5 u", "1umed,1uatom", "1umed,1umed", "0umed", "5umed,"])
def test_texts_that_are_no_coins(text: str) -> None:
    with pytest.raises(InvalidCoins):
        Coins.parse(text)


@pytest.mark.parametrize("denom", ["", "ab", "1abc", "a" * 129, "a b c", "umed\n"])
def test_denoms_that_are_none(denom: str) -> None:
    with pytest.raises(InvalidCoins):
        require_denom(denom)


@pytest.mark.parametrize("amount", ["-1", "", "x", "1.5", str(2**257)])
def test_amounts_that_are_none(amount: str) -> None:
    with pytest.raises(InvalidCoins):
        Coin.from_wire("umed", amount)


def test_sum_out_of_range_is_an_overflow() -> None:
    with pytest.raises(Overflow):
        Coins([Coin("umed", 2**256 - 1), Coin("umed", 1)])
