"""Unpack compressed octets, never more of them than the caller is ready to hold."""

import zlib
from typing import Final

from panacea.credentials.formats.types import MalformedToken

RAW: Final = -15
"""DEFLATE without a header (RFC 1951): `zip: DEF` of JOSE."""

ZLIB: Final = 15
"""DEFLATE with the header and checksum of zlib (RFC 1950): status lists."""


def inflate(octets: bytes, *, form: int, limit: int) -> bytes:
    """The octets that were compressed, at most `limit` of them.

    Raises MalformedToken for a stream that is broken, unfinished, followed by something, or that grows beyond `limit`.
    """
    unpacking = zlib.decompressobj(wbits=form)
    try:
        found = unpacking.decompress(octets, limit + 1)
    except zlib.error as error:
        raise MalformedToken("not a compressed stream") from error
    if len(found) > limit:
        raise MalformedToken("it grows beyond the limit", limit=limit)
    if not unpacking.eof or unpacking.unused_data:
        raise MalformedToken("a compressed stream cut short, or followed by something")
    return found


def deflate(octets: bytes, *, form: int) -> bytes:
    """The octets compressed as hard as zlib can."""
    packing = zlib.compressobj(level=9, wbits=form)
    return packing.compress(octets) + packing.flush()
