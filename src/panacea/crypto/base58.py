"""Base58 with Bitcoin's alphabet (draft-msporny-base58): no 0, O, I or l; a leading zero byte is a leading 1."""

from panacea.primitives.rejected import Rejected

MAX_LENGTH = 1024
"""Characters in one text: the conversion takes quadratic time."""

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUE = {letter: value for value, letter in enumerate(_ALPHABET)}


class InvalidBase58(Rejected, codespace="crypto", code=2, text="invalid base58 text"):
    """A character outside the alphabet, or too many of them."""


def encode(x: bytes) -> str:
    """`x` in base58."""
    number, letters = int.from_bytes(x, "big"), []
    while number:
        number, value = divmod(number, 58)
        letters.append(_ALPHABET[value])
    zeros = len(x) - len(x.lstrip(b"\x00"))
    return "1" * zeros + "".join(reversed(letters))


def decode(text: str) -> bytes:
    """The bytes that `text` spells. Raises InvalidBase58."""
    if len(text) > MAX_LENGTH:
        raise InvalidBase58(f"{len(text)} characters, at most {MAX_LENGTH} expected")
    number = 0
    for letter in text:
        value = _VALUE.get(letter)
        if value is None:
            raise InvalidBase58(base58=text)
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")
