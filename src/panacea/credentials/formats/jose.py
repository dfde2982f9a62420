"""JSON Web Signatures in compact form, strictly: an algorithm is the business of the key, never of the token.

    signer      sign(payload, signer=…, header=…)          -> text
    verifier    read(text) -> Unverified                   the header tells which key to look for
                .verify(key, algorithms=…) -> Verified     only this one is to be believed

`alg` must be among those the caller allows and must be the one of the key's kind. Keys that a header carries or points
at (`jwk`, `jku`, `x5u`) are never used here. Sources: RFC 7515, 7518 §3, 8037, 8725, 8812, 9864.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from panacea.credentials.formats import base64url
from panacea.credentials.formats.types import (
    AlgorithmRefused,
    ClaimsContradict,
    HeaderRefused,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    WrongSignature,
)
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected, Signer
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSON, JSONRejected

Header = Mapping[str, JSON]
Claims = dict[str, JSON]

ALGORITHMS: Final = {
    "ES256": KeyKind.P256,
    "ES384": KeyKind.P384,
    "ES256K": KeyKind.SECP256K1,
    "EdDSA": KeyKind.ED25519,
    "Ed25519": KeyKind.ED25519,
}
"""The kind of key behind each algorithm; Ed25519 is the newer name of what EdDSA means here (RFC 9864)."""

EVERY: Final = frozenset(ALGORITHMS)
MAX_TOKEN: Final = 512 * 1024
MAX_HEADER: Final = 64 * 1024
MAX_DEPTH: Final = 40
MAX_TIME: Final = 1 << 40
"""The last second that a NumericDate may name here: beyond the year 36000."""

_NAME_OF: Final = {
    KeyKind.P256: "ES256",
    KeyKind.P384: "ES384",
    KeyKind.SECP256K1: "ES256K",
    KeyKind.ED25519: "EdDSA",
}
_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@dataclass(frozen=True, slots=True)
class Verified:
    """A header and a payload that a key has signed."""

    header: Header
    payload: bytes

    def claims(self) -> Claims:
        """The payload as a JSON object. Raises MalformedToken."""
        return read_object(self.payload, what="payload")


@dataclass(frozen=True, slots=True)
class Unverified:
    """A compact JWS taken apart. Nothing in it is true before `verify`."""

    header: Header
    payload: bytes
    signature: bytes
    signing_input: bytes

    def peek(self, *, max_bytes: int = MAX_TOKEN) -> Claims:
        """The claims as somebody wrote them, good for finding the issuer's key alone. Raises MalformedToken."""
        return read_object(self.payload, what="payload", max_bytes=max_bytes)

    def verify(self, key: PublicKey, *, algorithms: Collection[str]) -> Verified:
        """Accept what that key signed by an allowed algorithm. Raises AlgorithmRefused, WrongSignature."""
        algorithm = self.header["alg"]
        if algorithm not in algorithms or ALGORITHMS.get(algorithm) is not key.kind:
            raise AlgorithmRefused(alg=algorithm, key=key.kind, allowed=" ".join(sorted(algorithms)))
        verify_raw(key, self.signing_input, self.signature)
        return Verified(self.header, self.payload)


def sign(payload: bytes, *, signer: Signer, header: Mapping[str, JSON] | None = None) -> str:
    """The compact JWS of a payload; `alg` is the one of the signer's kind of key.

    Raises AlgorithmRefused for a kind that JOSE does not know, or a header that names another algorithm.
    """
    algorithm = algorithm_of(signer.public_key.kind)
    members = {"alg": algorithm, **(header or {})}
    if members["alg"] != algorithm and ALGORITHMS.get(members["alg"]) is not signer.public_key.kind:
        raise AlgorithmRefused(alg=members["alg"], key=signer.public_key.kind)
    text = f"{base64url.encode(to_json(members))}.{base64url.encode(payload)}"
    return f"{text}.{base64url.encode(sign_raw(signer, text.encode()))}"


def read(token: str | bytes, *, max_bytes: int = MAX_TOKEN) -> Unverified:
    """Take a compact JWS apart. Raises MalformedToken, HeaderRefused, AlgorithmRefused."""
    text = as_text(token, max_bytes)
    parts = text.split(".", 3)
    if len(parts) != 3:
        raise MalformedToken("three parts in base64url expected")
    if len(parts[0]) > MAX_HEADER:
        raise MalformedToken("a header too large", bytes=len(parts[0]))
    header = read_object(base64url.decode(parts[0]), what="header")
    require_plain(header)
    if not isinstance(header.get("alg"), str):
        raise AlgorithmRefused("alg is missing")
    payload, signature = base64url.decode(parts[1]), base64url.decode(parts[2])
    return Unverified(header, payload, signature, f"{parts[0]}.{parts[1]}".encode())


def algorithm_of(kind: KeyKind) -> str:
    """The algorithm of a kind of key. Raises AlgorithmRefused for kinds that do not sign in JOSE."""
    if kind not in _NAME_OF:
        raise AlgorithmRefused("no JOSE algorithm for this kind of key", key=kind)
    return _NAME_OF[kind]


def sign_raw(signer: Signer, message: bytes) -> bytes:
    """R‖S or Ed25519 over a message; secp256k1 signs its SHA-256."""
    digested = signer.public_key.kind is KeyKind.SECP256K1
    return signer.sign(hashlib.sha256(message).digest() if digested else message)


def verify_raw(key: PublicKey, message: bytes, signature: bytes) -> None:
    """Accept a signature over a message. Raises WrongSignature.

    ES256K knows no low S (RFC 8812), so a high one is turned round before libsecp256k1, which wants it low, sees it.
    """
    if key.kind is KeyKind.SECP256K1:
        message = hashlib.sha256(message).digest()
        s = int.from_bytes(signature[32:], "big")
        if len(signature) == 64 and _ORDER // 2 < s < _ORDER:
            signature = signature[:32] + (_ORDER - s).to_bytes(32, "big")
    try:
        key.verify(message, signature)
    except (SignatureRejected, InvalidKey) as error:
        raise WrongSignature(reason=error.text) from error


def require_type(header: Header, types: Collection[str]) -> None:
    """HeaderRefused unless `typ` is one of the given media types, with or without `application/` (RFC 7515 §4.1.9)."""
    found = header.get("typ")
    name = found.lower().removeprefix("application/") if isinstance(found, str) else None
    if name not in types:
        raise HeaderRefused("another typ", typ=found, expected=" ".join(sorted(types)))


def require_plain(header: Header) -> None:
    """HeaderRefused for critical extensions, of which none is known here, and for an unencoded payload (RFC 7797)."""
    if "crit" in header:
        raise HeaderRefused("critical extensions are not understood", crit=header["crit"])
    if header.get("b64", True) is not True:
        raise HeaderRefused("an unencoded payload")


def as_text(token: str | bytes, max_bytes: int) -> str:
    """A token as text, measured before anything else is done with it. Raises MalformedToken."""
    if len(token) > max_bytes:
        raise MalformedToken("too large", bytes=len(token), limit=max_bytes)
    if isinstance(token, str):
        return token
    try:
        return token.decode("ascii")
    except UnicodeDecodeError as error:
        raise MalformedToken("not ASCII", at=error.start) from error


def read_object(octets: bytes, *, what: str, max_bytes: int = MAX_TOKEN) -> Claims:
    """A strict JSON object: a member that stands twice is refused, numbers keep their written form. MalformedToken."""
    try:
        found = parse_json(octets, max_bytes=max_bytes, max_depth=MAX_DEPTH)
    except JSONRejected as error:
        raise MalformedToken(f"{what}: {error}") from error
    if not isinstance(found, dict):
        raise MalformedToken(f"{what}: a JSON object expected")
    return found


@dataclass(frozen=True, slots=True)
class Times:
    """When a token was made, and from when until when it holds: unix seconds, None where it does not say."""

    issued_at: int | Decimal | None
    not_before: int | Decimal | None
    expires_at: int | Decimal | None

    @classmethod
    def of(cls, claims: Mapping[str, JSON]) -> "Times":
        """`iat`, `nbf` and `exp`. Raises ClaimsContradict for what is no NumericDate."""
        return cls(*(numeric_date(claims, name) for name in ("iat", "nbf", "exp")))

    def require_now(self, now: int, *, leeway: int = 0) -> None:
        """TokenExpired, TokenNotYetValid; clocks may differ by `leeway` seconds. `iat` must not lie ahead."""
        if self.expires_at is not None and now - leeway >= self.expires_at:
            raise TokenExpired(exp=self.expires_at, now=now)
        for name, start in (("nbf", self.not_before), ("iat", self.issued_at)):
            if start is not None and now + leeway < start:
                raise TokenNotYetValid(now=now, **{name: start})


def numeric_date(claims: Mapping[str, JSON], name: str) -> int | Decimal | None:
    """A NumericDate (RFC 7519 §2), None where it is absent. Raises ClaimsContradict."""
    value = claims.get(name)
    if value is None and name not in claims:
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not 0 <= value < MAX_TIME:
        raise ClaimsContradict("not a time in unix seconds", claim=name)
    return value


def find_text(claims: Mapping[str, JSON], name: str) -> str | None:
    """A claim that is text, None where it is absent. Raises ClaimsContradict for another kind of value."""
    value = claims.get(name)
    if name in claims and not (isinstance(value, str) and value):
        raise ClaimsContradict("text expected", claim=name)
    return value
