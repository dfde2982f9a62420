"""Grants: short signed tokens that say who may do what with which object, at one store, for a little while.

    JWS compact     base64url(header) . base64url(claims) . base64url(signature), signature 64 bytes
    oracle's        {"alg":"ES256K"}                      {aud, cmd, deal_id, epoch, exp, iss, oid}     60 s at most
    of a DID        {"alg":"EdDSA"|"ES256K","kid":…}      {aud, cmd, exp, iss, nbf, nonce, oids}      24 hours at most

Header and claims have one spelling: JSON with ascending names, no spaces, ASCII, integers; ids and nonces in lower hex.
A token that is not exactly what `issue` would write is refused before its key is looked up, so there is no second
reading of it. The algorithm follows from the key's kind: a header that says otherwise is refused. Algorithms: RFC 8037
(EdDSA with Ed25519) and RFC 8812 (ES256K, low S).
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected, Signer
from panacea.vault.types import GrantMalformed, GrantNotHere, GrantNotNow, GrantNotSigned, GrantNotThis

ORACLE_SECONDS = 60
DID_SECONDS = 24 * 3600
SKEW_SECONDS = 30
MAX_OBJECTS = 64
MAX_TOKEN = 8 * 1024
NONCE_BYTES = 16

_ALGORITHMS = {KeyKind.ED25519: "EdDSA", KeyKind.SECP256K1: "ES256K"}
_HEX_32 = re.compile("[0-9a-f]{64}")
_HEX_16 = re.compile("[0-9a-f]{32}")
_NAME = re.compile("[!-~]{1,256}")


class Command(StrEnum):
    """What a grant allows."""

    PUT = "/store/put"
    GET = "/store/get"
    DELETE = "/store/delete"


@dataclass(frozen=True, slots=True)
class OracleGrant:
    """An oracle, by its key of that epoch, to the store `audience` about one object of one deal."""

    issuer: str
    epoch: int
    audience: str
    command: Command
    oid: bytes
    deal_id: int
    expires: int

    @property
    def key_id(self) -> None:
        """None: the epoch names the key."""
        return

    @property
    def oids(self) -> tuple[bytes, ...]:
        """The one object."""
        return (self.oid,)

    @property
    def not_before(self) -> int:
        """The earliest moment at which it may be used, unix seconds."""
        return self.expires - ORACLE_SECONDS


@dataclass(frozen=True, slots=True)
class DIDGrant:
    """The subject of a DID, by the key `key_id` of its document, to `audience` about some objects."""

    issuer: str
    key_id: str
    audience: str
    command: Command
    oids: tuple[bytes, ...]
    not_before: int
    expires: int
    nonce: bytes


Grant = OracleGrant | DIDGrant


def store_audience(store_key: bytes) -> str:
    """How a store is named in grants: its receipt key in lower hex."""
    return store_key.hex()


def issue(grant: Grant, signer: Signer) -> str:
    """The token of a grant.

    Raises:
        GrantMalformed: the grant is outside the bounds that readers enforce.
        GrantNotSigned: the signer's kind of key does not sign grants.
    """
    body = _signing_input(grant, _algorithm(signer.public_key))
    token = f"{body}.{_to_base64(signer.sign(_payload(signer.public_key, body)))}"
    _parse(token)
    return token


def verify(
    token: str,
    *,
    resolve_key: Callable[[Grant], PublicKey],
    now: int,
    audience: str,
    command: Command,
    oid: bytes,
) -> Grant:
    """The grant of a token that allows `command` on `oid` at `audience` at `now` (unix seconds).

    `resolve_key` is asked last, about a grant that nobody has proved yet: which key must have signed it? It raises a
    `Rejected` where there is none.

    Raises:
        GrantRejected: its class says why.
    """
    grant, body, algorithm, signature = _parse(token)
    if grant.audience != audience:
        raise GrantNotHere(audience=grant.audience)
    if grant.command != command or oid not in grant.oids:
        raise GrantNotThis(command=grant.command)
    if not grant.not_before - SKEW_SECONDS <= now < grant.expires:
        raise GrantNotNow(now=now, expires=grant.expires)
    key = resolve_key(grant)
    if algorithm != _algorithm(key):
        raise GrantNotSigned("the algorithm is not the key's", algorithm=algorithm)
    try:
        key.verify(_payload(key, body), signature)
    except (SignatureRejected, InvalidKey) as reason:
        raise GrantNotSigned(issuer=grant.issuer) from reason
    return grant


def _algorithm(key: PublicKey) -> str:
    try:
        return _ALGORITHMS[key.kind]
    except KeyError:
        raise GrantNotSigned("a kind of key that does not sign grants", kind=key.kind) from None


def _payload(key: PublicKey, body: str) -> bytes:
    """What the key signs: ES256K hashes first, Ed25519 does it by itself."""
    return hashlib.sha256(body.encode()).digest() if key.kind == KeyKind.SECP256K1 else body.encode()


def _signing_input(grant: Grant, algorithm: str) -> str:
    header = {"alg": algorithm} if grant.key_id is None else {"alg": algorithm, "kid": grant.key_id}
    return f"{_to_base64(_to_json(header))}.{_to_base64(_to_json(_claims(grant)))}"


def _claims(grant: Grant) -> dict[str, object]:
    shared = {"iss": grant.issuer, "aud": grant.audience, "cmd": str(grant.command), "exp": grant.expires}
    if isinstance(grant, OracleGrant):
        return shared | {"epoch": grant.epoch, "oid": grant.oid.hex(), "deal_id": grant.deal_id}
    return shared | {"oids": [oid.hex() for oid in grant.oids], "nbf": grant.not_before, "nonce": grant.nonce.hex()}


def _parse(token: str) -> tuple[Grant, str, str, bytes]:
    """Grant, signing input, algorithm and signature of a token in its one spelling."""
    if len(token) > MAX_TOKEN or token.count(".") != 2:
        raise GrantMalformed(size=len(token))
    body, _, last = token.rpartition(".")
    first, _, second = body.partition(".")
    header, claims, signature = _from_json(first), _from_json(second), _from_base64(last)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in _ALGORITHMS.values():
        raise GrantNotSigned("an unknown algorithm", algorithm=algorithm)
    grant = _oracle_grant(claims) if "epoch" in claims else _did_grant(claims, header)
    if _signing_input(grant, algorithm) != body or _to_base64(signature) != last:
        raise GrantMalformed("not in its one spelling")
    return grant, body, algorithm, signature


def _oracle_grant(claims: dict[str, object]) -> OracleGrant:
    return OracleGrant(
        issuer=_name(claims, "iss"),
        epoch=_number(claims, "epoch"),
        audience=_name(claims, "aud"),
        command=_command(claims),
        oid=_from_hex(claims.get("oid"), _HEX_32),
        deal_id=_number(claims, "deal_id"),
        expires=_number(claims, "exp"),
    )


def _did_grant(claims: dict[str, object], header: dict[str, object]) -> DIDGrant:
    oids, nonce = claims.get("oids"), claims.get("nonce")
    if not isinstance(oids, list) or not 1 <= len(oids) <= MAX_OBJECTS:
        raise GrantMalformed(f"1 to {MAX_OBJECTS} objects")
    grant = DIDGrant(
        issuer=_name(claims, "iss"),
        key_id=_name(header, "kid"),
        audience=_name(claims, "aud"),
        command=_command(claims),
        oids=tuple(_from_hex(oid, _HEX_32) for oid in oids),
        not_before=_number(claims, "nbf"),
        expires=_number(claims, "exp"),
        nonce=_from_hex(nonce, _HEX_16),
    )
    if not grant.key_id.startswith(grant.issuer + "#"):
        raise GrantMalformed("the key is not the issuer's", key_id=grant.key_id)
    if not 0 < grant.expires - grant.not_before <= DID_SECONDS:
        raise GrantNotNow(f"valid for more than {DID_SECONDS} seconds, or for none")
    return grant


def _command(claims: dict[str, object]) -> Command:
    try:
        return Command(_name(claims, "cmd"))
    except ValueError:
        raise GrantMalformed("an unknown command") from None


def _name(found: dict[str, object], field: str) -> str:
    value = found.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise GrantMalformed(field=field)
    return value


def _number(found: dict[str, object], field: str) -> int:
    value = found.get(field)
    if type(value) is not int or not 0 <= value < 2**53:
        raise GrantMalformed(field=field)
    return value


def _from_hex(value: object, form: re.Pattern[str]) -> bytes:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise GrantMalformed("an id or nonce in lower hex", value=value)
    return bytes.fromhex(value)


def _to_json(value: dict[str, object] | dict[str, str]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _from_json(part: str) -> dict[str, object]:
    try:
        found = json.loads(_from_base64(part))
    except (ValueError, RecursionError):
        raise GrantMalformed("not JSON") from None
    if not isinstance(found, dict):
        raise GrantMalformed("not a JSON object")
    return found


def _to_base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _from_base64(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise GrantMalformed("not base64url") from None
