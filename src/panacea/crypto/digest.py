"""The hashes that carry meaning: tagged SHA-256, and the 20 bytes behind an account."""

import hashlib

from panacea.crypto.ripemd160 import ripemd160


def tagged_hash(domain: str, x: bytes) -> bytes:
    """D(domain, x) = SHA-256(domain ‖ 0x00 ‖ x), 32 bytes.

    `domain` is ASCII without a zero byte, such as "panacea/offer/v3", so two domains never hash the same input.
    """
    tag = domain.encode("ascii")
    if b"\x00" in tag:
        raise ValueError("a domain has no zero byte")
    return hashlib.sha256(tag + b"\x00" + x).digest()


def hash160(x: bytes) -> bytes:
    """RIPEMD160(SHA256(x)), 20 bytes."""
    return ripemd160(hashlib.sha256(x).digest())
