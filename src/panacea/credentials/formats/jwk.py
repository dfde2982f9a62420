"""Public keys of tokens as JSON Web Keys, and sets of them; the keys themselves are read by `panacea.identity.jwk`.

What a token, a header or a published set says in place of a key is a malformed token here. Source: RFC 7517, 7638.
"""

from typing import Final

from panacea.credentials.formats import base64url
from panacea.credentials.formats.types import KeyNotFound, MalformedToken
from panacea.crypto.keys import PublicKey
from panacea.health.strict_json import parse_json
from panacea.health.types import JSON, JSONRejected
from panacea.identity import jwk
from panacea.identity.did import IdentityRejected

MAX_SET: Final = 256 * 1024
MAX_KEYS: Final = 256
"""Bytes of a key set, and keys in it, that are read."""


def read_jwk(value: JSON, *, use: str = "sig") -> PublicKey:
    """The public key that a JWK spells, for signatures (`use` sig) or key agreement (enc), surely on its curve.

    Raises MalformedToken for a private or symmetric key, an unknown curve, a point that is not on it, coordinates of
    another length, or a `use` or `alg` that speaks of something else.
    """
    if isinstance(value, dict) and value.get("use", use) != use:
        raise MalformedToken("a JWK for another use", use=value["use"], expected=use)
    try:
        return jwk.decode_jwk(value)
    except IdentityRejected as error:
        raise MalformedToken(str(error)) from error


def to_jwk(key: PublicKey) -> dict[str, str]:
    """The JWK of a public key: its required members only. Raises MalformedToken for a kind that JOSE does not know."""
    try:
        return jwk.encode_jwk(key)
    except IdentityRejected as error:
        raise MalformedToken(str(error)) from error


def thumbprint(key: PublicKey) -> str:
    """base64url of the SHA-256 thumbprint (RFC 7638): 43 characters. Raises MalformedToken."""
    try:
        return base64url.encode(jwk.thumbprint(key))
    except IdentityRejected as error:
        raise MalformedToken(str(error)) from error


def read_jwk_set(octets: bytes) -> list[dict[str, JSON]]:
    """The keys of a JWK set, unread: one that is no use here must not hide the others. Raises MalformedToken."""
    try:
        found = parse_json(octets, max_bytes=MAX_SET, max_depth=8)
    except JSONRejected as error:
        raise MalformedToken(f"key set: {error}") from error
    keys = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(keys, list) or len(keys) > MAX_KEYS or not all(isinstance(key, dict) for key in keys):
        raise MalformedToken("not a JWK set")
    return keys


def get_from_set(keys: list[dict[str, JSON]], kid: str) -> PublicKey:
    """The one key of that `kid`. Raises KeyNotFound where there is none or more than one, MalformedToken."""
    found = [key for key in keys if key.get("kid") == kid]
    if len(found) != 1:
        raise KeyNotFound("none or more than one in the key set", kid=kid, found=len(found))
    return read_jwk(found[0])
