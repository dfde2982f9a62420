"""Multibase text of octets, in the spellings that proofs use (W3C Controlled Identifiers 1.0, section 2.4)."""

from panacea.credentials.suites.types import MalformedProof
from panacea.crypto import base58, base64url

MAX_BASE58 = 256
"""Characters of base58 that are read: decoding takes quadratic time."""


def to_base64url(octets: bytes) -> str:
    """Multibase base64url, `u...`, without padding."""
    return "u" + base64url.encode(octets)


def from_base64url(text: str) -> bytes:
    """The octets of `u...`, in their one spelling; MalformedProof."""
    try:
        if text.startswith("u"):
            return base64url.decode(text[1:])
    except ValueError as error:
        raise MalformedProof("not base64url") from error
    raise MalformedProof("not multibase base64url")


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
