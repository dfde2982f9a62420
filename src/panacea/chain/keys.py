"""Account keys: single secp256k1 keys and k-of-n multisigs of them (spec/sdk/tx.md §6, §7).

A key travels and is stored as a `google.protobuf.Any`; `parse_key` reads it, strictly, and its address follows.
"""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from panacea.chain.rejections import InvalidPubKey
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.light.protobuf import uvarint
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.any_pb2 import Any as AnyMessage

    from panacea.wire.stubs.cosmos.crypto.ed25519.keys_pb2 import PubKey as Ed25519PubKey
    from panacea.wire.stubs.cosmos.crypto.multisig.keys_pb2 import LegacyAminoPubKey
    from panacea.wire.stubs.cosmos.crypto.secp256k1.keys_pb2 import PubKey as Secp256k1PubKey
else:
    (AnyMessage,) = load("google.protobuf", "Any")
    (Ed25519PubKey,) = load("cosmos.crypto.ed25519", "PubKey")
    (LegacyAminoPubKey,) = load("cosmos.crypto.multisig", "LegacyAminoPubKey")
    (Secp256k1PubKey,) = load("cosmos.crypto.secp256k1", "PubKey")

MAX_DEPTH = 4
"""Multisigs within multisigs."""
MAX_BYTES = 16_384
"""A key in its Any; it bounds what the cache of keys may hold."""

_SECP256K1 = "/cosmos.crypto.secp256k1.PubKey"
_ED25519 = "/cosmos.crypto.ed25519.PubKey"
_MULTISIG = "/cosmos.crypto.multisig.LegacyAminoPubKey"


@dataclass(frozen=True, slots=True)
class MultisigKey:
    """`threshold` of `keys` sign; the order of the keys is part of the address."""

    threshold: int
    keys: "tuple[AccountKey, ...]"

    def address(self) -> Address:
        """The first 20 bytes of the SHA-256 of the amino form."""
        return Address(hashlib.sha256(amino_bytes(self)).digest()[:20])


AccountKey = PublicKey | MultisigKey


def parse_key(packed: bytes) -> AccountKey:
    """The key in an encoded Any. Raises InvalidPubKey."""
    if len(packed) > MAX_BYTES:
        raise InvalidPubKey(f"a key of {len(packed)} bytes")
    return _parse_small(packed)


def pack_key(key: AccountKey) -> bytes:
    """The key as an encoded Any."""
    return encode(_pack(key))


def leaves(key: AccountKey) -> int:
    """How many single keys are in `key`."""
    return 1 if isinstance(key, PublicKey) else sum(map(leaves, key.keys))


def amino_bytes(key: AccountKey) -> bytes:
    """The key in the amino encoding, which the address of a multisig is made of."""
    if isinstance(key, MultisigKey):
        parts = (b"\x12" + uvarint(len(raw)) + raw for raw in map(amino_bytes, key.keys))
        return bytes.fromhex("22c1f7e208") + uvarint(key.threshold) + b"".join(parts)
    prefix = "eb5ae98721" if key.kind is KeyKind.SECP256K1 else "1624de6420"
    return bytes.fromhex(prefix) + key.raw


@lru_cache(4096)
def _parse_small(packed: bytes) -> AccountKey:
    return _parse(decode(AnyMessage, packed), MAX_DEPTH)


def _parse(packed: AnyMessage, depth: int) -> AccountKey:
    try:
        match packed.type_url:
            case "/cosmos.crypto.secp256k1.PubKey":
                return PublicKey(KeyKind.SECP256K1, decode(Secp256k1PubKey, packed.value).key)
            case "/cosmos.crypto.ed25519.PubKey":
                return PublicKey(KeyKind.ED25519, decode(Ed25519PubKey, packed.value).key)
            case "/cosmos.crypto.multisig.LegacyAminoPubKey" if depth > 0:
                wire = decode(LegacyAminoPubKey, packed.value)
                return MultisigKey(wire.threshold, tuple(_parse(each, depth - 1) for each in wire.public_keys))
    except Rejected as no:
        raise InvalidPubKey(str(no)) from no
    raise InvalidPubKey(f"unrecognized public key type: {packed.type_url}")


def _pack(key: AccountKey) -> AnyMessage:
    if isinstance(key, MultisigKey):
        wire = LegacyAminoPubKey(threshold=key.threshold, public_keys=map(_pack, key.keys))
        return AnyMessage(type_url=_MULTISIG, value=encode(wire))
    if key.kind is KeyKind.SECP256K1:
        return AnyMessage(type_url=_SECP256K1, value=encode(Secp256k1PubKey(key=key.raw)))
    return AnyMessage(type_url=_ED25519, value=encode(Ed25519PubKey(key=key.raw)))
