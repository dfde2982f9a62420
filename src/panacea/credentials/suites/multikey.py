"""Multikey and multibase text (W3C Controlled Identifiers 1.0, section 2.2.2 and 2.4): keys and octets as text.

z...  base58btc, for keys and signatures      u...  base64url without padding, for everything larger
"""

import base64
import binascii
from typing import Final

from panacea.credentials.suites.types import MalformedMultikey, MalformedProof
from panacea.crypto import base58
from panacea.crypto.keys import PUBLIC_SIZES, KeyKind, PublicKey

PREFIXES: Final = {
    KeyKind.ED25519: bytes.fromhex("ed01"),
    KeyKind.BLS12381G2: bytes.fromhex("eb01"),
    KeyKind.SECP256K1: bytes.fromhex("e701"),
}
"""The multicodec number of each kind of public key, as a varint."""


def to_multikey(key: PublicKey) -> str:
    """The publicKeyMultibase of a key, `z...`; MalformedMultikey for a kind that has none."""
    if key.kind not in PREFIXES:
        raise MalformedMultikey(kind=key.kind)
    return "z" + base58.encode(PREFIXES[key.kind] + key.raw)


def from_multikey(text: str) -> PublicKey:
    """The key with that publicKeyMultibase; MalformedMultikey."""
    if not text.startswith("z"):
        raise MalformedMultikey(multikey=text)
    try:
        octets = base58.decode(text[1:])
    except base58.InvalidBase58 as error:
        raise MalformedMultikey(multikey=text) from error
    for kind, prefix in PREFIXES.items():
        if octets.startswith(prefix) and len(octets) == len(prefix) + PUBLIC_SIZES[kind]:
            return PublicKey(kind, octets[len(prefix) :])
    raise MalformedMultikey(multikey=text)


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
