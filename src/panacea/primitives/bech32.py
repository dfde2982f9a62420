"""Bech32 text for bytes, with the checksum of BIP-173.

The original checksum constant (1) is meant everywhere: Cosmos chains never moved to bech32m.
"""

from collections.abc import Iterable

from panacea.primitives.rejected import Rejected

MAX_LENGTH = 1023
"""Characters in one text. BIP-173 stops at 90; Cosmos chains allow addresses of up to 255 bytes."""

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_LENGTH = 6


class InvalidBech32(Rejected, codespace="sdk", code=7, text="invalid bech32 text"):
    """The text is not bech32, or its checksum does not fit."""


def encode(prefix: str, payload: bytes) -> str:
    """`payload` as lower-case bech32 under `prefix` (lower-case ASCII)."""
    groups = _regroup(payload, 8, 5, pad=True)
    checksum = _polymod([*_expand(prefix), *groups, *[0] * _CHECKSUM_LENGTH]) ^ 1
    groups += [checksum >> shift & 31 for shift in range(25, -1, -5)]
    return prefix + "1" + "".join(_ALPHABET[group] for group in groups)


def decode(text: str, *, limit: int = MAX_LENGTH) -> tuple[str, bytes]:
    """The prefix (lower case) and the payload of a bech32 text.

    Raises InvalidBech32 for mixed case, a character outside the alphabet, a wrong checksum, or padding that is not
    the shortest of zero bits.
    """
    prefix, groups = decode_groups(text, limit=limit)
    return prefix, bytes(_regroup(groups, 5, 8, pad=False))


def decode_groups(text: str, *, limit: int = MAX_LENGTH) -> tuple[str, list[int]]:
    """The prefix and the 5-bit groups of a bech32 text, its checksum verified and cut off.

    Raises InvalidBech32.
    """
    if len(text) > limit:
        raise InvalidBech32(f"{len(text)} characters, at most {limit} expected")
    if not all("!" <= letter <= "~" for letter in text) or text not in (text.lower(), text.upper()):
        raise InvalidBech32("characters or case", bech32=text)
    prefix, separator, tail = text.lower().rpartition("1")
    if not separator or not prefix or len(tail) < _CHECKSUM_LENGTH:
        raise InvalidBech32("no prefix, separator and checksum", bech32=text)
    groups = [_VALUE.get(letter, -1) for letter in tail]
    if -1 in groups or _polymod([*_expand(prefix), *groups]) != 1:
        raise InvalidBech32("wrong checksum", bech32=text)
    return prefix, groups[:-_CHECKSUM_LENGTH]


def _expand(prefix: str) -> list[int]:
    """The prefix as the checksum sees it: high bits, a zero, low bits."""
    codes = prefix.encode("ascii")
    return [code >> 5 for code in codes] + [0] + [code & 31 for code in codes]


def _polymod(values: Iterable[int]) -> int:
    """The remainder of the BCH code over GF(32)."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                remainder ^= generator
    return remainder


def _regroup(values: Iterable[int], have: int, want: int, *, pad: bool) -> list[int]:
    """Groups of `have` bits as groups of `want` bits, most significant bit first."""
    held = bits = 0
    groups: list[int] = []
    for value in values:
        held = held << have | value
        bits += have
        while bits >= want:
            bits -= want
            groups.append(held >> bits)
            held &= (1 << bits) - 1
    if pad and bits:
        groups.append(held << want - bits)
    elif not pad and (bits >= have or held):
        raise InvalidBech32("the last group is incomplete")
    return groups
