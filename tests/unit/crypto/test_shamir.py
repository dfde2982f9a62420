from itertools import combinations

import pytest

from panacea.crypto.shamir import InvalidShares, join, split
from panacea.primitives.time import SystemRandom

KEY = bytes(range(16))


class Fixed:
    """A random source whose bytes are chosen."""

    def __init__(self, *tokens: bytes) -> None:
        self.tokens = list(tokens)

    def token(self, size: int) -> bytes:
        token = self.tokens.pop(0)
        assert len(token) == size
        return token


def test_shares_by_hand() -> None:
    # FIPS 197 multiplies in the same field: 57 · 83 = c1 and 57 · 13 = fe.
    shares = split(b"\x00\x01", 2, 255, Fixed(b"\x57\x57"))
    assert shares[0x83 - 1].hex() == "c1c0"
    assert shares[0x13 - 1].hex() == "feff"


def test_the_first_token_is_the_highest_coefficient() -> None:
    # 1 + 2·x + 3·x² at x = 1, 2 and 3, by hand.
    assert split(b"\x01", 3, 3, Fixed(b"\x03", b"\x02")) == [b"\x00", b"\x09", b"\x08"]


def test_any_three_of_five_join() -> None:
    shares = dict(enumerate(split(KEY, 3, 5, SystemRandom()), 1))
    for size in (3, 4, 5):
        for places in combinations(shares, size):
            assert join({place: shares[place] for place in places}) == KEY


def test_two_of_five_do_not() -> None:
    shares = dict(enumerate(split(KEY, 3, 5, SystemRandom()), 1))
    for places in combinations(shares, 2):
        assert join({place: shares[place] for place in places}) != KEY


def test_two_shares_leave_every_secret_as_likely() -> None:
    # Whatever the third share is, the two seen ones interpolate: each of the 256 secrets is hit once.
    seen = {1: b"\x11", 2: b"\x22"}
    assert {join({**seen, 3: bytes([third])}) for third in range(256)} == {bytes([x]) for x in range(256)}


def test_one_of_one_is_the_secret() -> None:
    assert split(KEY, 1, 2, SystemRandom()) == [KEY, KEY]


@pytest.mark.parametrize(("threshold", "count"), [(0, 3), (4, 3), (-1, 1), (2, 256)])
def test_impossible_splits_are_bugs(threshold: int, count: int) -> None:
    with pytest.raises(ValueError):
        split(KEY, threshold, count, SystemRandom())
    with pytest.raises(ValueError):
        split(b"", 1, 1, SystemRandom())


@pytest.mark.parametrize("shares", [{}, {1: b""}, {1: b"a", 2: b"ab"}, {0: b"a", 1: b"b"}, {256: b"a"}, {-1: b"a"}])
def test_shares_that_do_not_belong_together(shares: dict[int, bytes]) -> None:
    with pytest.raises(InvalidShares):
        join(shares)
