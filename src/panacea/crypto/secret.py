"""Bytes that must not be shown."""

import hmac
from typing import NoReturn


class SecretBytes:
    """A secret: no text form of it shows the bytes, and it cannot be pickled.

    Comparison takes the same time wherever two secrets of one length differ. Python cannot promise that memory is
    wiped; what is promised is that no log, traceback or repr carries the value by accident.
    """

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        self._raw = bytes(raw)

    def reveal(self) -> bytes:
        """The bytes themselves, for the one call that needs them."""
        return self._raw

    def __len__(self) -> int:
        return len(self._raw)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SecretBytes) and hmac.compare_digest(self._raw, other._raw)

    def __hash__(self) -> NoReturn:
        raise TypeError("a secret is not a key of a dictionary")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __repr__(self) -> str:
        return f"SecretBytes({len(self._raw)} bytes)"
