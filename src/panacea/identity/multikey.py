"""Public keys as Multikey text: `z`, then base58 of a multicodec prefix and the key (Controlled Identifiers 1.0)."""

from panacea.crypto import base58
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey
from panacea.identity.did import IdentityRejected

PREFIXES = {
    KeyKind.ED25519: bytes.fromhex("ed01"),
    KeyKind.SECP256K1: bytes.fromhex("e701"),
    KeyKind.P256: bytes.fromhex("8024"),
    KeyKind.P384: bytes.fromhex("8124"),
    KeyKind.BLS12381G2: bytes.fromhex("eb01"),
    KeyKind.X25519: bytes.fromhex("ec01"),
}
"""The multicodec of each kind as an unsigned varint."""

_KINDS = {prefix: kind for kind, prefix in PREFIXES.items()}


class InvalidMultikey(IdentityRejected, code=3, text="invalid Multikey"):
    """Not base58 in multibase, a kind of key unknown here, or a key of another length."""


def encode_multikey(key: PublicKey) -> str:
    """`key` as Multikey text. Raises InvalidMultikey for a kind without a multicodec here."""
    if key.kind not in PREFIXES:
        raise InvalidMultikey("no multicodec for this kind", kind=key.kind)
    return "z" + base58.encode(PREFIXES[key.kind] + key.raw)


def decode_multikey(text: str) -> PublicKey:
    """The key that Multikey text carries. Raises InvalidMultikey."""
    if not text.startswith("z"):
        raise InvalidMultikey("base58 in multibase starts with z", multikey=text)
    try:
        raw = base58.decode(text[1:])
    except base58.InvalidBase58 as reason:
        raise InvalidMultikey(reason.detail, multikey=text) from reason
    kind = _KINDS.get(raw[:2])
    if kind is None:
        raise InvalidMultikey("unknown multicodec", multikey=text)
    try:
        return PublicKey(kind, raw[2:])
    except InvalidKey as reason:
        raise InvalidMultikey(reason.detail, multikey=text) from reason
