import pytest

from panacea.primitives import bech32
from panacea.primitives.bech32 import InvalidBech32

# BIP-173, "Test vectors".
VALID = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11" + "q" * 82 + "c8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]
INVALID = [
    "\x201nwldj5",
    "\x7f1axkwrx",
    "\x801eym55h",
    "pzry9x0s0muk",
    "1pzry9x0s0muk",
    "x1b4n0q5v",
    "li1dgmt3",
    "de1lg7wt\xff",
    "A1G7SGD8",
    "10a06t8",
    "1qzzfhee",
    "",
    "A12uEL5L",
]


@pytest.mark.parametrize("text", VALID)
def test_published_texts_are_read(text: str) -> None:
    prefix, groups = bech32.decode_groups(text, limit=90)
    assert prefix == text.lower().rpartition("1")[0]
    assert len(groups) == len(text) - len(prefix) - 7


@pytest.mark.parametrize("text", INVALID)
def test_published_errors_are_refused(text: str) -> None:
    with pytest.raises(InvalidBech32):
        bech32.decode_groups(text)


def test_a_text_longer_than_the_limit_is_refused() -> None:
    long = "an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx"
    with pytest.raises(InvalidBech32, match="at most 90"):
        bech32.decode_groups(long, limit=90)
    assert bech32.decode_groups(long)[1] == []


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 5, 20, 32, 255])
def test_payloads_come_back(size: int) -> None:
    payload = bytes(range(size))
    assert bech32.decode(bech32.encode("panacea", payload)) == ("panacea", payload)


def test_one_changed_character_is_noticed() -> None:
    text = bech32.encode("panacea", b"\x01" * 20)
    for place in range(len("panacea1"), len(text)):
        changed = text[:place] + ("q" if text[place] != "q" else "p") + text[place + 1 :]
        with pytest.raises(InvalidBech32, match="checksum"):
            bech32.decode(changed)


@pytest.mark.parametrize("groups", [[0] * 3, [0, 1], [31] * 9])
def test_needless_or_dirty_padding_is_refused(groups: list[int]) -> None:
    # Three groups carry one byte and 7 spare bits, two carry one byte and a spare bit that is set.
    checksum = bech32._polymod([*bech32._expand("p"), *groups, *[0] * 6]) ^ 1
    groups = groups + [checksum >> shift & 31 for shift in range(25, -1, -5)]
    text = "p1" + "".join(bech32._ALPHABET[group] for group in groups)
    assert bech32.decode_groups(text)[1] == groups[:-6]
    with pytest.raises(InvalidBech32, match="incomplete"):
        bech32.decode(text)
