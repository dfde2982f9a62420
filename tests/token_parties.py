"""Issuers, a holder and their keys for tests of tokens."""

from panacea.credentials.formats.issuer_keys import GivenKey, ResolvedKeys
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, Secp256k1Key
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.resolver import KeyResolver

NOW = 1_780_000_000
"""2026-05-28T20:26:40Z."""

ISSUER_KEY = ECDSAKey(KeyKind.P256, b"\x11" * 32)
OTHER_KEY = ECDSAKey(KeyKind.P256, b"\x12" * 32)
HOLDER_KEY = ECDSAKey(KeyKind.P256, b"\x13" * 32)
ED_KEY = Ed25519Key(b"\x14" * 32)
P384_KEY = ECDSAKey(KeyKind.P384, b"\x15" * 48)
K1_KEY = Secp256k1Key(b"\x16" * 32)

ISSUER = encode_did_key(ISSUER_KEY.public_key)
KID = did_key_method_id(ISSUER)
HOLDER = encode_did_key(HOLDER_KEY.public_key)
HOLDER_KID = did_key_method_id(HOLDER)

RESOLVED = ResolvedKeys(KeyResolver())
GIVEN = GivenKey(ISSUER_KEY.public_key)


class CountingRandom:
    """Bytes that differ at each call and are the same in each run."""

    def __init__(self) -> None:
        self.count = 0

    def token(self, size: int) -> bytes:
        """The next number, as wide as wanted."""
        self.count += 1
        return self.count.to_bytes(size, "big")
