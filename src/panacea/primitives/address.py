"""Addresses: 1 to 255 bytes, written as bech32.

    account          panacea1…          RIPEMD160(SHA256(public key)), 20 bytes
    operator         panaceavaloper1…   the same bytes as the operator's account
    consensus key    panaceavalcons1…   SHA256(public key)[:20]
    module account   panacea1…          SHA256(module name)[:20]

The prefix belongs to the text, not to the value: state keeps the bytes.
"""

import hashlib
from functools import lru_cache
from typing import Self

from panacea.primitives import bech32
from panacea.primitives.rejected import Rejected

ACCOUNT = "panacea"
OPERATOR = "panaceavaloper"
CONSENSUS = "panaceavalcons"

MAX_BYTES = 255
_CACHED = 16_384


class InvalidAddress(Rejected, codespace="sdk", code=7, text="invalid address"):
    """The text or the bytes are not an address of the wanted kind."""


class Address(bytes):
    """An address; `str()` is its account form.

    It is equal to, hashes like, and sorts like its bytes.
    """

    __slots__ = ()

    def __new__(cls, raw: bytes) -> Self:
        """Take 1 to 255 bytes, or raise InvalidAddress."""
        if not 1 <= len(raw) <= MAX_BYTES:
            raise InvalidAddress(f"{len(raw)} bytes, 1 to {MAX_BYTES} expected")
        return super().__new__(cls, raw)

    @classmethod
    def parse(cls, text: str, prefix: str = ACCOUNT) -> "Address":
        """The address that `text` spells under `prefix`; all upper case is read too. Raises InvalidAddress."""
        return _parse(text, prefix)

    @classmethod
    def module(cls, name: str) -> "Address":
        """The account of the module of that name."""
        return cls(hashlib.sha256(name.encode()).digest()[:20])

    def text(self, prefix: str = ACCOUNT) -> str:
        """The bech32 form under `prefix`."""
        return _text(bytes(self), prefix)

    def __str__(self) -> str:
        return self.text()

    def __repr__(self) -> str:
        return f"Address({str(self)!r})"


@lru_cache(_CACHED)
def _parse(text: str, prefix: str) -> Address:
    if not text.strip():
        raise InvalidAddress("empty address")
    try:
        found, raw = bech32.decode(text)
    except bech32.InvalidBech32 as reason:
        raise InvalidAddress(reason.detail, address=text) from reason
    if found != prefix:
        raise InvalidAddress(f"prefix {prefix} expected", address=text)
    return Address(raw)


@lru_cache(_CACHED)
def _text(raw: bytes, prefix: str) -> str:
    return bech32.encode(prefix, raw)
