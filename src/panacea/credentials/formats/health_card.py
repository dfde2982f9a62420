"""SMART Health Cards (HL7 SMART Health Cards and Links 1.0.0): a FHIR bundle in a signed, compressed JWS.

    shc:/5676…                 a QR code; shc:/1/3/5676… one of several that belong together
    *.smart-health-card        JSON with a list of cards
    issuer's key set           at <iss>/.well-known/jwks.json, given by the caller
    issuer's revocation list   at <iss>/.well-known/crl/<kid>.json, given by the caller where the key has `crlVersion`

Only ES256 on P-256 signs cards, and a key is named by its thumbprint. What comes out is the FHIR bundle as written.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from panacea.credentials.formats import jose
from panacea.credentials.formats.inflate import RAW, deflate, inflate
from panacea.credentials.formats.jose import Claims, find_text, numeric_date, read_object
from panacea.credentials.formats.jwk import read_jwk, read_jwk_set, thumbprint
from panacea.credentials.formats.types import (
    HealthCardRejected,
    HealthCardRevoked,
    KeyNotFound,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
)
from panacea.crypto.keys import KeyKind, PublicKey, Signer
from panacea.health.strict_json import to_json
from panacea.health.types import JSON

TYPE: Final = "https://smarthealth.cards#health-card"
MAX_PAYLOAD: Final = 512 * 1024
MAX_JWS: Final = 256 * 1024
MAX_FILE: Final = 512 * 1024
MAX_CARDS: Final = 64
MAX_CHUNKS: Final = 64
MAX_REVOCATIONS: Final = 1024 * 1024
"""Bytes of a payload unpacked, of a card, of a file; cards, codes; bytes of a revocation list that are read."""

CHUNK: Final = 1191
SINGLE: Final = 1195
"""Characters of a JWS in one of several codes, and in one alone."""

_CODE: Final = re.compile(r"shc:/(?:([1-9][0-9]?)/([1-9][0-9]?)/)?((?:[0-9]{2})+)", re.ASCII)
_RID: Final = re.compile(r"([A-Za-z0-9_-]{1,24})(?:\.([0-9]{1,12}))?", re.ASCII)
_ISSUER: Final = re.compile(r"https://[!-~]{1,1000}[!-.0-~]", re.ASCII)


class IssuerSource:
    """What issuers publish, as the caller has it: key sets by issuer, revocation lists by issuer and kid."""

    def __init__(
        self,
        key_sets: Mapping[str, bytes] | Callable[[str], bytes | None],
        revocations: Mapping[tuple[str, str], bytes] | Callable[[tuple[str, str]], bytes | None] | None = None,
    ) -> None:
        """Mappings, or functions that answer None for what they do not have."""
        self._key_sets = key_sets if callable(key_sets) else key_sets.get
        self._revocations = revocations if callable(revocations) else (revocations or {}).get

    def get_keys(self, issuer: str) -> list[dict[str, JSON]]:
        """The keys of an issuer. Raises HealthCardRejected for one whose keys are not given, MalformedToken."""
        octets = self._key_sets(issuer)
        if octets is None:
            raise HealthCardRejected("an issuer whose keys are not given", issuer=issuer)
        return read_jwk_set(octets)

    def get_revocations(self, issuer: str, kid: str, version: int) -> "Revocations":
        """The revocation list of a key, of that version or newer. Raises HealthCardRejected where there is none."""
        octets = self._revocations((issuer, kid))
        if octets is None:
            raise HealthCardRejected("the issuer revokes cards, and its list is not given", issuer=issuer, kid=kid)
        found = Revocations.read(octets)
        if found.kid != kid or found.counter < version:
            raise HealthCardRejected("the revocation list of another key, or an old one", kid=found.kid)
        return found


@dataclass(frozen=True, slots=True)
class Revocations:
    """Cards that an issuer took back: by identifier, all of them (None) or those made before a second."""

    kid: str
    counter: int
    before: Mapping[str, int | None]

    @classmethod
    def read(cls, octets: bytes) -> "Revocations":
        """Read a revocation list. Raises HealthCardRejected."""
        try:
            found = read_object(octets, what="revocation list", max_bytes=MAX_REVOCATIONS)
        except MalformedToken as error:
            raise HealthCardRejected(str(error)) from error
        match found:
            case {"kid": str(kid), "method": "rid", "ctr": ctr, "rids": list(rids)}:
                return cls(kid, _counter(ctr), _entries(rids))
        raise HealthCardRejected("not a revocation list by rid")

    def require_not_revoked(self, rid: str, not_before: int | Decimal) -> None:
        """HealthCardRevoked for a card of that identifier, made at that second."""
        if rid in self.before:
            until = self.before[rid]
            if until is None or not_before < until:
                raise HealthCardRevoked(rid=rid)


@dataclass(frozen=True, slots=True)
class HealthCard:
    """A verified card: whose it is, what it says, and since when."""

    issuer: str
    kid: str
    types: tuple[str, ...]
    fhir_version: str
    bundle: dict[str, JSON] = field(repr=False)
    not_before: int | Decimal
    expires_at: int | Decimal | None
    rid: str | None
    revocation_checked: bool


def from_codes(codes: Sequence[str]) -> str:
    """The JWS of the texts of its QR codes, in any order. Raises HealthCardRejected for too few, or of two cards."""
    if not 0 < len(codes) <= MAX_CHUNKS:
        raise HealthCardRejected("no code, or too many", codes=len(codes))
    chunks: dict[int, str] = {}
    totals: set[int] = set()
    for code in codes:
        if len(code) > 2 * MAX_JWS:
            raise HealthCardRejected("a code too large", characters=len(code))
        found = _CODE.fullmatch(code)
        if not found:
            raise HealthCardRejected("not a code of a health card")
        place, total = int(found[1] or 1), int(found[2] or 1)
        totals.add(total)
        if chunks.setdefault(place, found[3]) != found[3] or place > total:
            raise HealthCardRejected("two codes of one place, or a place too high", place=place, total=total)
    if len(totals) != 1 or chunks.keys() != set(range(1, max(totals) + 1)):
        raise HealthCardRejected("codes of several cards, or not all of one", places=sorted(chunks))
    return "".join(_letters(chunks[place]) for place in sorted(chunks))


def to_codes(jws: str) -> list[str]:
    """The texts of the QR codes of a card: one, or several of about one length where it is too long for one."""
    count = 1 if len(jws) <= SINGLE else -(-len(jws) // CHUNK)
    size = -(-len(jws) // count)
    chunks = [jws[start : start + size] for start in range(0, len(jws), size)]
    digits = ["".join(f"{ord(letter) - 45:02d}" for letter in chunk) for chunk in chunks]
    if count == 1:
        return [f"shc:/{digits[0]}"]
    return [f"shc:/{place}/{count}/{part}" for place, part in enumerate(digits, 1)]


def read_file(octets: bytes) -> tuple[str, ...]:
    """The cards of a `.smart-health-card` file, unverified. Raises HealthCardRejected."""
    try:
        found = read_object(octets, what="card file", max_bytes=MAX_FILE)
    except MalformedToken as error:
        raise HealthCardRejected(str(error)) from error
    cards = found.get("verifiableCredential")
    if not isinstance(cards, list) or not 0 < len(cards) <= MAX_CARDS:
        raise HealthCardRejected("no list of cards, or too long a one")
    if not all(isinstance(card, str) for card in cards):
        raise HealthCardRejected("a card is no text")
    return tuple(cards)


def write_file(cards: Sequence[str]) -> bytes:
    """A `.smart-health-card` file of cards."""
    return to_json({"verifiableCredential": list(cards)})


def verify(jws: str | bytes, *, issuers: IssuerSource, now: int, leeway: int = 60) -> HealthCard:
    """Accept a card by an issuer whose keys are given, at `now` (unix seconds), unless it was revoked.

    Raises MalformedToken, HeaderRefused, AlgorithmRefused, KeyNotFound, WrongSignature, HealthCardRejected,
    HealthCardRevoked, TokenExpired, TokenNotYetValid, ClaimsContradict.
    """
    unverified = jose.read(jws, max_bytes=MAX_JWS)
    header = unverified.header
    kid = header.get("kid")
    if header.get("zip") != "DEF" or not isinstance(kid, str):
        raise HealthCardRejected("zip is DEF and kid the name of a key", zip=header.get("zip"))
    claims = read_object(inflate(unverified.payload, form=RAW, limit=MAX_PAYLOAD), what="payload")
    issuer = find_text(claims, "iss")
    if issuer is None or not _ISSUER.fullmatch(issuer):
        raise HealthCardRejected("iss is an https URL without a last slash", iss=issuer)
    key, version = _get_key(issuers.get_keys(issuer), kid)
    unverified.verify(key, algorithms={"ES256"})
    starts, ends = numeric_date(claims, "nbf"), numeric_date(claims, "exp")
    if starts is None:
        raise HealthCardRejected("nbf is missing")
    if now + leeway < starts:
        raise TokenNotYetValid(nbf=starts, now=now)
    if ends is not None and now - leeway >= ends:
        raise TokenExpired(exp=ends, now=now)
    types, subject, rid = _read_content(claims)
    if version is not None and rid is not None:
        issuers.get_revocations(issuer, kid, version).require_not_revoked(rid, starts)
    checked = version is not None and rid is not None
    return HealthCard(issuer, kid, types, *subject, starts, ends, rid, checked)


def issue(
    bundle: Mapping[str, JSON],
    *,
    issuer: str,
    signer: Signer,
    not_before: int,
    types: Sequence[str] = (),
    fhir_version: str = "4.0.1",
    expires_at: int | None = None,
    rid: str | None = None,
) -> str:
    """A card of a FHIR bundle, taken as it is: making it small enough for a code is the caller's matter.

    Raises HealthCardRejected for a key of another curve, an issuer that is no URL, or a `rid` that is none.
    """
    if signer.public_key.kind is not KeyKind.P256 or not _ISSUER.fullmatch(issuer):
        raise HealthCardRejected("a P-256 key and an https URL without a last slash are needed", issuer=issuer)
    if rid is not None and not _is_rid(rid):
        raise HealthCardRejected("a rid is up to 24 characters of base64url", rid=rid)
    subject = {"fhirVersion": fhir_version, "fhirBundle": dict(bundle)}
    content: Claims = {"type": [TYPE, *types], "credentialSubject": subject, **({} if rid is None else {"rid": rid})}
    ends = {} if expires_at is None else {"exp": expires_at}
    claims = {"iss": issuer, "nbf": not_before, **ends, "vc": content}
    header = {"zip": "DEF", "alg": "ES256", "kid": thumbprint(signer.public_key)}
    return jose.sign(deflate(to_json(claims), form=RAW), signer=signer, header=header)


def _letters(digits: str) -> str:
    """Two digits a letter, counted from "-" (45). Raises HealthCardRejected beyond "z"."""
    numbers = [int(digits[place : place + 2]) for place in range(0, len(digits), 2)]
    if max(numbers) > ord("z") - 45:
        raise HealthCardRejected("digits that stand for no letter")
    return "".join(chr(number + 45) for number in numbers)


def _get_key(keys: list[dict[str, JSON]], kid: str) -> tuple[PublicKey, int | None]:
    """The card key of that thumbprint, and the version of its revocation list where it has one."""
    for entry in keys:
        if entry.get("kid") != kid:
            continue
        if (entry.get("kty"), entry.get("use"), entry.get("alg"), entry.get("crv")) != ("EC", "sig", "ES256", "P-256"):
            raise KeyNotFound("a key of another use or kind", kid=kid)
        key = read_jwk(entry)
        if thumbprint(key) != kid:
            raise KeyNotFound("a key's name is its thumbprint", kid=kid)
        return key, _counter(entry["crlVersion"]) if "crlVersion" in entry else None
    raise KeyNotFound(kid=kid)


def _read_content(claims: Claims) -> tuple[tuple[str, ...], tuple[str, dict[str, JSON]], str | None]:
    """Types, (FHIR version, bundle) and revocation identifier of the `vc` claim."""
    match claims.get("vc"):
        case {
            "type": list(types),
            "credentialSubject": {"fhirVersion": str(version), "fhirBundle": {"resourceType": "Bundle"} as bundle},
            **others,
        }:
            rid = others.get("rid")
        case _:
            raise HealthCardRejected("no types, FHIR version and bundle in vc")
    names = tuple(name for name in types if isinstance(name, str))
    if TYPE not in names or len(names) != len(types):
        raise HealthCardRejected("not typed as a health card")
    if rid is not None and not (isinstance(rid, str) and _is_rid(rid)):
        raise HealthCardRejected("a rid is up to 24 characters of base64url")
    return names, (version, bundle), rid


def _is_rid(text: str) -> bool:
    return _RID.fullmatch(text) is not None and "." not in text


def _counter(value: JSON) -> int:
    """A counter; the guide writes it as a number, its own examples as text too."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,15}", value, re.ASCII):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise HealthCardRejected("not a counter of revocations")
    return value


def _entries(rids: list[JSON]) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for text in rids:
        match = _RID.fullmatch(text) if isinstance(text, str) else None
        if not match:
            raise HealthCardRejected("an entry that is no rid")
        rid, until = match[1], None if match[2] is None else int(match[2])
        # Of two entries for one identifier, the one that takes back more counts.
        earlier = found.get(rid, 0)
        found[rid] = None if until is None or earlier is None else max(until, earlier)
    return found
