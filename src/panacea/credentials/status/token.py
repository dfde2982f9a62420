"""Token Status List (draft-ietf-oauth-status-list-20): one, two, four or eight bits for each token that an issuer gave.

    issuer     TokenStatusList --> to_jwt or to_cwt, signed anew from time to time
    verifier   StatusReference.from_claims (or from_cwt) of the credential, the list's token by read_jwt or read_cwt:
               list_token.require_valid(reference)

Unlike in a bitstring list, entry 0 is the lowest bits of the first byte. Nothing is fetched here, and how long a list
is kept follows from `exp` and `ttl` (`fresh_until`). The refusals of this file:

TokenStatusRejected
  x MalformedStatusList    not a status list, or not of the size that is read
  x WrongStatusList        a list by another name than the credential refers to, or without the entry
  x StatusListStale        expired, or from the future
  x StatusInvalid          the token is revoked
  x StatusSuspended        the token does not hold for now
  x StatusUnknown          a value that its issuer gives a meaning of its own
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Self

from panacea.credentials.formats import base64url, cose, jose
from panacea.credentials.formats.inflate import ZLIB, deflate, inflate
from panacea.credentials.formats.issuer_keys import FoundKey, KeySource, get_key
from panacea.credentials.formats.jose import Times
from panacea.credentials.formats.types import (
    CBORRejected,
    ClaimsContradict,
    HeaderRefused,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
)
from panacea.crypto.keys import Signer
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.rejected import Rejected

VALID: Final = 0
INVALID: Final = 1
SUSPENDED: Final = 2
APPLICATION: Final = frozenset({3, *range(0x0B, 0x10)})
"""Values that an application gives a meaning: 3 and 0x0B to 0x0F; the others are reserved (section 7.1)."""

BITS: Final = (1, 2, 4, 8)
MAX_OCTETS: Final = 8 * 1024 * 1024
"""Bytes of a list that are unpacked."""

MAX_TOKEN: Final = 2 * 1024 * 1024
MAX_INDEX: Final = 8 * MAX_OCTETS
MAX_URIS: Final = 4096
MAX_COMMAS: Final = 4096
JWT_TYPE: Final = "statuslist+jwt"
CWT_TYPE: Final = "application/statuslist+cwt"

_STATUS_LIST: Final = 65533
_TTL: Final = 65534
_STATUS: Final = 65535


class TokenStatusRejected(Rejected, codespace="credentials", code=180, text="token status refused"):
    """A token's status, or the list of it, was refused."""


class MalformedStatusList(TokenStatusRejected, code=181, text="malformed status list"):
    """Not the bytes or members of a status list or of a reference to one."""


class WrongStatusList(TokenStatusRejected, code=182, text="not the status list of this token"):
    """Another list's name, or no such entry in it."""


class StatusListStale(TokenStatusRejected, code=183, text="status list is stale"):
    """The list has expired, or was made after the verifier's present."""


class StatusInvalid(TokenStatusRejected, code=184, text="token is revoked"):
    """Status INVALID: revoked, annulled, taken back, for good."""


class StatusSuspended(TokenStatusRejected, code=185, text="token is suspended"):
    """Status SUSPENDED: it does not hold now, and may again."""


class StatusUnknown(TokenStatusRejected, code=186, text="token has a status unknown here"):
    """A status that the application defines, or that is reserved: nobody here takes it for valid."""


@dataclass(frozen=True, slots=True)
class StatusReference:
    """Where the status of a token stands: the list's URI and the index in it."""

    uri: str
    index: int

    def __post_init__(self) -> None:
        """Refuse what is no reference; MalformedStatusList."""
        whole = isinstance(self.index, int) and not isinstance(self.index, bool)
        if not whole or not 0 <= self.index < MAX_INDEX or not isinstance(self.uri, str) or not self.uri:
            raise MalformedStatusList("not a reference to a status list")

    def to_json(self) -> dict[str, JSON]:
        """The `status` claim of a JWT or SD-JWT."""
        return {"status_list": {"idx": self.index, "uri": self.uri}}

    @classmethod
    def from_claims(cls, claims: Mapping[str, JSON]) -> Self | None:
        """The reference in the claims of a JWT or SD-JWT, None without one. Raises MalformedStatusList."""
        return cls._from(claims.get("status")) if "status" in claims else None

    @classmethod
    def from_cwt(cls, claims: Mapping[Any, Any]) -> Self | None:  # Any: CBOR
        """The reference in the claims of a CWT, None without one. Raises MalformedStatusList."""
        return cls._from(claims.get(_STATUS)) if _STATUS in claims else None

    @classmethod
    def _from(cls, status: object) -> Self | None:
        match status:
            case {"status_list": {"idx": int(index), "uri": str(uri)}}:
                return cls(uri, index)
            case dict() if "status_list" not in status:
                return None
        raise MalformedStatusList("not a reference to a status list")


class TokenStatusList:
    """Statuses of one, two, four or eight bits, all VALID at first."""

    __slots__ = ("_octets", "bits")

    def __init__(self, size: int, *, bits: int = 1) -> None:
        """A list of `size` entries, whole bytes of them. Raises ValueError."""
        if bits not in BITS or size <= 0 or size * bits % 8 or size * bits // 8 > MAX_OCTETS:
            raise ValueError(f"a list of {size} entries of {bits} bits")
        self.bits = bits
        self._octets = bytearray(size * bits // 8)

    def __len__(self) -> int:
        return 8 // self.bits * len(self._octets)

    def get(self, index: int) -> int:
        """The status of an entry; IndexError outside the list."""
        octet, shift = self._place(index)
        return self._octets[octet] >> shift & (1 << self.bits) - 1

    def set(self, index: int, status: int) -> None:
        """Write the status of an entry; IndexError outside the list, ValueError for a status of more bits."""
        mask = (1 << self.bits) - 1
        if not 0 <= status <= mask:
            raise ValueError(f"status {status} in {self.bits} bits")
        octet, shift = self._place(index)
        self._octets[octet] = self._octets[octet] & ~(mask << shift) | status << shift

    @classmethod
    def of(cls, octets: bytes, *, bits: int = 1) -> Self:
        """The list of these bytes, unpacked; ValueError for none or too many."""
        found = cls(8 // bits * len(octets), bits=bits)
        found._octets[:] = octets
        return found

    @property
    def octets(self) -> bytes:
        """The entries, unpacked."""
        return bytes(self._octets)

    def compressed(self) -> bytes:
        """The list as zlib packs it hardest: the `lst` of a CWT, and of a JWT in base64url."""
        return deflate(bytes(self._octets), form=ZLIB)

    def to_json(self, *, aggregation_uri: str | None = None) -> dict[str, JSON]:
        """The `status_list` claim of a JWT."""
        more = {} if aggregation_uri is None else {"aggregation_uri": aggregation_uri}
        return {"bits": self.bits, "lst": base64url.encode(self.compressed()), **more}

    def to_cbor(self, *, aggregation_uri: str | None = None) -> dict[str, Any]:  # Any: CBOR
        """The status list claim of a CWT."""
        more = {} if aggregation_uri is None else {"aggregation_uri": aggregation_uri}
        return {"bits": self.bits, "lst": self.compressed(), **more}

    @classmethod
    def from_json(cls, value: JSON) -> Self:
        """Read the `status_list` claim of a JWT, never unpacking more than MAX_OCTETS. Raises MalformedStatusList."""
        match value:
            case {"bits": int(bits), "lst": str(text)}:
                try:
                    return cls._unpack(bits, base64url.decode(text))
                except MalformedToken as error:
                    raise MalformedStatusList(str(error)) from error
        raise MalformedStatusList("bits and lst expected")

    @classmethod
    def from_cbor(cls, value: object) -> Self:
        """Read the status list claim of a CWT likewise. Raises MalformedStatusList."""
        match value:
            case {"bits": int(bits), "lst": bytes(packed)}:
                return cls._unpack(bits, packed)
        raise MalformedStatusList("bits and lst expected")

    @classmethod
    def _unpack(cls, bits: int, packed: bytes) -> Self:
        if isinstance(bits, bool) or bits not in BITS:
            raise MalformedStatusList("bits are 1, 2, 4 or 8", bits=bits)
        try:
            octets = inflate(packed, form=ZLIB, limit=MAX_OCTETS)
        except MalformedToken as error:
            raise MalformedStatusList(str(error)) from error
        if not octets:
            raise MalformedStatusList("an empty list")
        found = cls(8 // bits * len(octets), bits=bits)
        found._octets[:] = octets
        return found

    def _place(self, index: int) -> tuple[int, int]:
        if not 0 <= index < len(self):
            raise IndexError(index)
        octet, entry = divmod(index, 8 // self.bits)
        return octet, entry * self.bits


@dataclass(frozen=True, slots=True)
class StatusListToken:
    """A verified list: its URI, its entries, who signed it, and how long it may be used.

    `ttl` says after how many seconds to look for a newer one, `aggregation_uri` where all lists of the issuer stand.
    """

    uri: str
    entries: TokenStatusList = field(repr=False)
    key: FoundKey
    issued_at: int
    expires_at: int | None
    ttl: int | None
    aggregation_uri: str | None

    def fresh_until(self, fetched_at: int) -> int | None:
        """The second from which a copy fetched at `fetched_at` is too old to use; None for no bound."""
        bounds = [self.expires_at, None if self.ttl is None else fetched_at + self.ttl]
        return min((bound for bound in bounds if bound is not None), default=None)

    def status_of(self, reference: StatusReference) -> int:
        """The status of a token. Raises WrongStatusList."""
        if reference.uri != self.uri:
            raise WrongStatusList("a list of another name", uri=self.uri, expected=reference.uri)
        if reference.index >= len(self.entries):
            raise WrongStatusList("it has no such entry", index=reference.index)
        return self.entries.get(reference.index)

    def require_valid(self, reference: StatusReference) -> None:
        """Accept a token whose status is VALID.

        Raises StatusInvalid, StatusSuspended, StatusUnknown, WrongStatusList.
        """
        status = self.status_of(reference)
        if status == INVALID:
            raise StatusInvalid(index=reference.index)
        if status == SUSPENDED:
            raise StatusSuspended(index=reference.index)
        if status != VALID:
            raise StatusUnknown(index=reference.index, status=status, application=status in APPLICATION)


def to_jwt(
    entries: TokenStatusList,
    *,
    uri: str,
    issued_at: int,
    signer: Signer,
    expires_at: int | None = None,
    ttl: int | None = None,
    kid: str | None = None,
    aggregation_uri: str | None = None,
    header: Mapping[str, JSON] | None = None,
) -> str:
    """The list as `statuslist+jwt`; times in unix seconds, `ttl` in seconds."""
    claims = {"sub": uri, "iat": issued_at, "exp": expires_at, "ttl": ttl}
    payload = {name: value for name, value in claims.items() if value is not None}
    payload["status_list"] = entries.to_json(aggregation_uri=aggregation_uri)
    named = {} if kid is None else {"kid": kid}
    return jose.sign(to_json(payload), signer=signer, header={**(header or {}), **named, "typ": JWT_TYPE})


def to_cwt(
    entries: TokenStatusList,
    *,
    uri: str,
    issued_at: int,
    signer: Signer,
    expires_at: int | None = None,
    ttl: int | None = None,
    kid: bytes | None = None,
    aggregation_uri: str | None = None,
) -> bytes:
    """The list as `statuslist+cwt`, a tagged COSE_Sign1; times in unix seconds, `ttl` in seconds."""
    claims = {cose.SUB: uri, cose.IAT: issued_at, cose.EXP: expires_at, _TTL: ttl}
    payload: dict[Any, Any] = {name: value for name, value in claims.items() if value is not None}  # Any: CBOR
    payload[_STATUS_LIST] = entries.to_cbor(aggregation_uri=aggregation_uri)
    return cose.sign(cose.encode(payload), signer=signer, protected={cose.TYP: CWT_TYPE}, kid=kid)


def read_jwt(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    issuer: str | None = None,
    algorithms: Collection[str] = jose.EVERY,
    leeway: int = 0,
) -> StatusListToken:
    """Accept a `statuslist+jwt` at `now` (unix seconds), signed by a key that `keys` finds for `issuer`.

    `issuer` is whom the verifier expects, mostly the credential's; None takes `iss` where the token has one. Raises
    MalformedStatusList, StatusListStale, and the refusals of `formats` for header, algorithm, key and signature.
    """
    unverified = jose.read(token, max_bytes=MAX_TOKEN)
    jose.require_type(unverified.header, {JWT_TYPE})
    # The one large member is text, and text is read fast: what has many members is slow, and no status list.
    if unverified.payload.count(b",") > MAX_COMMAS:
        raise MalformedStatusList("more members than a status list has")
    claims = unverified.peek(max_bytes=MAX_TOKEN)
    named = jose.find_text(claims, "iss")
    if None not in (issuer, named) and issuer != named:
        raise WrongStatusList("a list by another issuer", issuer=named, expected=issuer)
    key = get_key(keys, unverified.header, issuer or named)
    unverified.verify(key.public_key, algorithms=algorithms)
    listed = claims.get("status_list")
    return _accept(claims, TokenStatusList.from_json(listed), listed, key=key, now=now, leeway=leeway)


def read_cwt(
    octets: bytes,
    *,
    keys: KeySource,
    now: int,
    issuer: str | None = None,
    algorithms: Collection[int] = tuple(cose.ALGORITHMS),
    leeway: int = 0,
) -> StatusListToken:
    """Accept a `statuslist+cwt` likewise; the source of keys sees its kid, in UTF-8, as that of a header.

    Raises CBORRejected beside what `read_jwt` raises.
    """
    signed = cose.read(octets, max_bytes=MAX_TOKEN)
    found = signed.protected.get(cose.TYP)
    if not isinstance(found, str) or found.lower() not in (CWT_TYPE, CWT_TYPE.removeprefix("application/")):
        raise HeaderRefused("another typ", typ=found, expected=CWT_TYPE)
    claims = cose.read_claims(signed.payload, max_bytes=MAX_TOKEN)
    named = claims.get(cose.ISS)
    if issuer is not None and named is not None and issuer != named:
        raise WrongStatusList("a list by another issuer", issuer=named, expected=issuer)
    key = get_key(keys, _header_of(signed), issuer or (named if isinstance(named, str) else None))
    signed.verify(key.public_key, algorithms=algorithms)
    names = {"sub": cose.SUB, "iat": cose.IAT, "exp": cose.EXP, "nbf": cose.NBF, "ttl": _TTL}
    plain = {name: claims[label] for name, label in names.items() if label in claims}
    listed = claims.get(_STATUS_LIST)
    return _accept(plain, TokenStatusList.from_cbor(listed), listed, key=key, now=now, leeway=leeway)


def read_aggregation(octets: bytes) -> tuple[str, ...]:
    """The URIs of all lists that an issuer names in its aggregation (section 9). Raises MalformedStatusList."""
    try:
        found = jose.read_object(octets, what="aggregation")
    except MalformedToken as error:
        raise MalformedStatusList(str(error)) from error
    uris = found.get("status_lists")
    if not isinstance(uris, list) or len(uris) > MAX_URIS or not all(isinstance(uri, str) and uri for uri in uris):
        raise MalformedStatusList("status_lists is no list of URIs")
    return tuple(uris)


def write_aggregation(uris: Collection[str]) -> bytes:
    """The aggregation that names these lists."""
    return to_json({"status_lists": list(uris)})


def _accept(
    claims: Mapping[str, JSON],
    entries: TokenStatusList,
    listed: JSON,
    *,
    key: FoundKey,
    now: int,
    leeway: int,
) -> StatusListToken:
    """The list with its times, which must hold at `now`."""
    try:
        times = Times.of(claims)
        uri = jose.find_text(claims, "sub")
        times.require_now(now, leeway=leeway)
    except (TokenExpired, TokenNotYetValid) as error:
        raise StatusListStale(str(error)) from error
    except ClaimsContradict as error:
        raise MalformedStatusList(str(error)) from error
    ttl, aggregation = claims.get("ttl"), listed.get("aggregation_uri")
    if uri is None or times.issued_at is None:
        raise MalformedStatusList("sub and iat must be there")
    whole = ttl is None or (isinstance(ttl, int) and not isinstance(ttl, bool) and ttl > 0)
    if not whole or not (aggregation is None or isinstance(aggregation, str)):
        raise MalformedStatusList("ttl is no number of seconds, or aggregation_uri no text")
    expires = None if times.expires_at is None else int(times.expires_at)
    return StatusListToken(uri, entries, key, int(times.issued_at), expires, ttl, aggregation)


def _header_of(signed: cose.Signed) -> dict[str, JSON]:
    """What a source of keys reads of a header, by the names of JOSE."""
    kid = signed.kid
    try:
        return {} if kid is None else {"kid": kid.decode()}
    except UnicodeDecodeError as error:
        raise CBORRejected("a kid that is no text") from error
