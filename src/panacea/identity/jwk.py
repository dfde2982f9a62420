"""Public keys as JSON Web Keys (RFC 7517), and their thumbprints (RFC 7638, RFC 9278).

    kty  crv                 members    kind         source
    EC   P-256, P-384        x, y       P256, P384   RFC 7518, section 6.2
    EC   secp256k1           x, y       SECP256K1    RFC 8812, section 3.1
    OKP  Ed25519             x          ED25519      RFC 8037
    OKP  X25519              x          X25519       RFC 8037
    OKP  Bls12381G2          x          BLS12381G2   draft-ietf-cose-bls-key-representations-00

The drafts about BLS keys do not agree. What is written is the form of the table, whose x is the compressed point; what
is read is also `BLS12381G2`, and `BLS12381_G2` with `EC`, as JsonWebKey2020 documents have it. Later drafts that spell
two coordinates are not read.

Nothing private is ever read: a key that shows its private members is refused by a name of its own.
"""

import hashlib
from collections.abc import Mapping
from typing import Final

from panacea.crypto import base64url
from panacea.crypto.keys import PUBLIC_SIZES, InvalidKey, KeyKind, PublicKey
from panacea.crypto.points import COORDINATE_SIZES, coordinates, from_coordinates, require_point
from panacea.identity.did import IdentityRejected

PRIVATE_MEMBERS: Final = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"})
"""Members of RFC 7518 and its successors that only a private or symmetric key has."""

CURVES: Final = {
    KeyKind.P256: ("EC", "P-256"),
    KeyKind.P384: ("EC", "P-384"),
    KeyKind.SECP256K1: ("EC", "secp256k1"),
    KeyKind.ED25519: ("OKP", "Ed25519"),
    KeyKind.X25519: ("OKP", "X25519"),
    KeyKind.BLS12381G2: ("OKP", "Bls12381G2"),
}
"""How each kind is written: `kty` and `crv`."""

ALGORITHMS: Final = {
    KeyKind.P256: frozenset({"ES256", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}),
    KeyKind.P384: frozenset({"ES384", "ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}),
    KeyKind.SECP256K1: frozenset({"ES256K"}),
    KeyKind.ED25519: frozenset({"EdDSA", "Ed25519"}),
    KeyKind.X25519: frozenset({"ECDH-ES", "ECDH-ES+A128KW", "ECDH-ES+A192KW", "ECDH-ES+A256KW"}),
    KeyKind.BLS12381G2: frozenset({"BBS", "BBS-DRAFT-5", "BBS-PROOF-DRAFT-5"}),
}
"""The values of `alg` that a key of each kind may carry (RFC 7518, RFC 8037, RFC 8812, RFC 9864)."""

_KINDS = {
    **{spelled: kind for kind, spelled in CURVES.items()},
    ("OKP", "BLS12381G2"): KeyKind.BLS12381G2,
    ("EC", "BLS12381_G2"): KeyKind.BLS12381G2,
    ("OKP", "BLS12381_G2"): KeyKind.BLS12381G2,
}
_USES = {"sig": "verify", "enc": "deriveKey"}
_MAX_TEXT = 1024
_MAX_MEMBERS = 32


class InvalidJWK(IdentityRejected, code=9, text="invalid JSON Web Key"):
    """Not a public key of a known kind in its one spelling, or one that contradicts itself."""


class UnknownJWK(InvalidJWK, code=10, text="a JSON Web Key of a kind unknown here"):
    """`kty` and `crv` name a curve or an algorithm that this product does not know."""


class PrivateKeyPublished(IdentityRejected, code=11, text="a private key lies open"):
    """Where a public key belongs, its secret stands too: whoever has read this can sign. The secret is not kept."""


def encode_jwk(key: PublicKey) -> dict[str, str]:
    """The JSON Web Key of `key`, its required members only. Raises InvalidJWK for a kind without one, or no point."""
    if key.kind not in CURVES:
        raise InvalidJWK("no JSON Web Key for this kind", kind=key.kind)
    kty, crv = CURVES[key.kind]
    try:
        parts = coordinates(key) if key.kind in COORDINATE_SIZES else (require_point(key).raw,)
    except InvalidKey as reason:
        raise InvalidJWK(reason.detail, kind=key.kind) from reason
    return {"kty": kty, "crv": crv, **dict(zip("xy", map(base64url.encode, parts), strict=False))}


def decode_jwk(jwk: object) -> PublicKey:
    """The key of a JSON Web Key, surely a point of its curve.

    `alg`, `use` and `key_ops` must fit it where they stand; members that do not bear on the key are ignored.

    Raises:
        PrivateKeyPublished: it has a private member, whatever else it is.
        UnknownJWK: a kind unknown here.
        InvalidJWK: anything else that is wrong with it.
    """
    if not isinstance(jwk, Mapping) or len(jwk) > _MAX_MEMBERS:
        raise InvalidJWK("an object of at most 32 members expected")
    if not PRIVATE_MEMBERS.isdisjoint(jwk):
        raise PrivateKeyPublished(members=sorted(PRIVATE_MEMBERS.intersection(jwk)))
    kty, crv = _text(jwk, "kty"), jwk.get("crv")
    kind = _KINDS.get((kty, crv)) if isinstance(crv, str) else None
    if kind is None:
        raise UnknownJWK(kty=kty, crv=crv)
    _require_purpose(jwk, kind)
    try:
        if kind in COORDINATE_SIZES:
            size = COORDINATE_SIZES[kind]
            return from_coordinates(kind, _octets(jwk, "x", size), _octets(jwk, "y", size))
        if "y" in jwk:
            raise InvalidJWK("a second coordinate of a key that has one", crv=crv)
        return require_point(PublicKey(kind, _octets(jwk, "x", PUBLIC_SIZES[kind])))
    except InvalidKey as reason:
        raise InvalidJWK(reason.detail, crv=crv) from reason


def thumbprint(key: PublicKey) -> bytes:
    """SHA-256 over the required members in their canonical form (RFC 7638): 32 bytes that name the key.

    Raises InvalidJWK for a kind without a JSON Web Key.
    """
    members = sorted(encode_jwk(key).items())
    spelled = ",".join(f'"{name}":"{value}"' for name, value in members)
    return hashlib.sha256(f"{{{spelled}}}".encode()).digest()


def thumbprint_uri(key: PublicKey) -> str:
    """The thumbprint as a URI (RFC 9278). Raises InvalidJWK."""
    return "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" + base64url.encode(thumbprint(key))


def _require_purpose(jwk: Mapping[str, object], kind: KeyKind) -> None:
    """Refuse an `alg`, `use` or `key_ops` that contradicts the key or another of them."""
    if "kid" in jwk:
        _text(jwk, "kid")
    if "alg" in jwk and _text(jwk, "alg") not in ALGORITHMS[kind]:
        raise InvalidJWK("alg does not fit the key", alg=jwk["alg"], kind=kind)
    use = _text(jwk, "use") if "use" in jwk else None
    if (use, kind) in (("sig", KeyKind.X25519), ("enc", KeyKind.ED25519)):
        raise InvalidJWK("use does not fit the key", use=use, kind=kind)
    operations = jwk.get("key_ops", [])
    texts = isinstance(operations, list) and all(isinstance(each, str) for each in operations)
    if not isinstance(operations, list) or not texts or len(set(operations)) != len(operations):
        raise InvalidJWK("key_ops are different texts")
    if use in _USES and operations and not {_USES[use], *_ALSO[use]}.issuperset(operations):
        raise InvalidJWK("use and key_ops contradict each other", use=use)


_ALSO = {"sig": ("sign",), "enc": ("deriveBits", "encrypt", "decrypt", "wrapKey", "unwrapKey")}


def _text(jwk: Mapping[str, object], member: str) -> str:
    text = jwk.get(member)
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise InvalidJWK("a text expected", member=member)
    return text


def _octets(jwk: Mapping[str, object], member: str, size: int) -> bytes:
    try:
        octets = base64url.decode(_text(jwk, member))
    except ValueError as reason:
        raise InvalidJWK("not base64url", member=member) from reason
    if len(octets) != size:
        raise InvalidJWK(f"{len(octets)} bytes, {size} expected", member=member)
    return octets
