"""Multibase text of octets, in the spellings that proofs use (W3C Controlled Identifiers 1.0, section 2.4)."""

import base64
import binascii

from panacea.credentials.suites.types import MalformedProof
from panacea.crypto import base58

MAX_BASE58 = 256
"""Characters of base58 that are read: decoding takes quadratic time."""


def to_base64url(octets: bytes) -> str:
    """Multibase base64url, `u...`, without padding."""
    return "u" + base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """The octets of `u...`, in their one spelling; MalformedProof."""
    try:
        octets = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedProof("proofValue is no base64url") from error
    # Stray low bits, padding and the other alphabet decode as well: only the text that comes out again is accepted.
    if to_base64url(octets) != text:
        raise MalformedProof("proofValue is no canonical base64url")
    return octets


def to_base58(octets: bytes) -> str:
    """Multibase base58btc, `z...`."""
    return "z" + base58.encode(octets)


def from_base58(text: object, size: int) -> bytes:
    """The `size` octets of `z...`; MalformedProof."""
    if not isinstance(text, str) or not text.startswith("z") or len(text) > MAX_BASE58:
        raise MalformedProof("proofValue is no base58btc text")
    try:
        octets = base58.decode(text[1:])
    except base58.InvalidBase58 as error:
        raise MalformedProof("proofValue is no base58btc text") from error
    if len(octets) != size:
        raise MalformedProof("proofValue is no signature of its size", size=len(octets), expected=size)
    return octets
