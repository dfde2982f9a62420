"""Credentials and presentations signed as a whole by JWS.

    vc+jwt, vp+jwt     VC 2.0: the payload is the document itself (VC-JOSE-COSE 1.0, §3.1)
    jwt_vc_json        VC 1.1: the document stands in the `vc` (or `vp`) claim, and registered claims repeat parts of it

Where a registered claim and the document say the same thing twice, they must agree. What comes out is the document
without those claims; whether it is a good credential is the data model's matter, and its status somebody else's.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from panacea.credentials.data_model import CONTEXT_V1, CONTEXT_V2
from panacea.credentials.formats import jose
from panacea.credentials.formats.dates import ceil_seconds, floor_seconds, write_seconds
from panacea.credentials.formats.issuer_keys import FoundKey, KeySource, get_key
from panacea.credentials.formats.jose import Claims, Header, Times, find_text, require_type
from panacea.credentials.formats.types import ClaimsContradict, HeaderRefused
from panacea.crypto.keys import Signer
from panacea.health.strict_json import to_json
from panacea.health.types import JSON

Document = dict[str, JSON]

CREDENTIAL_TYPE: Final = "vc+jwt"
PRESENTATION_TYPE: Final = "vp+jwt"
REGISTERED: Final = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "cnf", "nonce"})
"""Claims of a token that are no members of a VC document."""

_EVERY: Final = jose.EVERY


class Rounding(Protocol):
    """From a dateTimeStamp to a whole second."""

    def __call__(self, stamp: JSON, *, member: str) -> int:
        """Unix seconds. Raises ClaimsContradict."""
        ...


@dataclass(frozen=True, slots=True)
class VerifiedJWT:
    """A signed document: what it says, who signed it by which key, and when the token holds.

    `issuer` is the issuer of a credential or the holder of a presentation, None for a holder without a name.
    """

    document: Document
    header: Header
    key: FoundKey
    issuer: str | None
    times: Times
    claims: Claims


def sign_credential(document: Mapping[str, JSON], *, signer: Signer, kid: str | None = None) -> str:
    """A VC 2.0 document as `vc+jwt`. Raises ClaimsContradict for what is no such document."""
    issuer_of(require_version(document, CONTEXT_V2))
    header = _header(kid, CREDENTIAL_TYPE, "vc")
    return jose.sign(to_json(dict(document)), signer=signer, header=header)


def verify_credential(
    token: str | bytes, *, keys: KeySource, now: int, algorithms: Collection[str] = _EVERY, leeway: int = 0
) -> VerifiedJWT:
    """Accept a `vc+jwt` that a key of its issuer signed, at `now` (unix seconds).

    Raises MalformedToken, HeaderRefused, AlgorithmRefused, KeyNotFound, WrongSignature, ClaimsContradict,
    TokenExpired, TokenNotYetValid, or what the source of keys raises.
    """
    unverified = jose.read(token)
    require_type(unverified.header, {CREDENTIAL_TYPE})
    _require_content(unverified.header, "vc")
    claims = unverified.peek()
    document = document_of(claims)
    content = (claims, document, issuer_of(document))
    return _verify(unverified, content, keys=keys, now=now, algorithms=algorithms, leeway=leeway)


def sign_presentation(
    document: Mapping[str, JSON],
    *,
    signer: Signer,
    audience: str,
    nonce: str,
    issued_at: int,
    kid: str | None = None,
    expires_at: int | None = None,
) -> str:
    """A VC 2.0 presentation as `vp+jwt`, made for one verifier and one occasion."""
    require_version(document, CONTEXT_V2)
    if clash := REGISTERED & document.keys():
        raise ClaimsContradict("the document has members of a token", members=sorted(clash))
    ends = {} if expires_at is None else {"exp": expires_at}
    claims = {**document, "aud": audience, "nonce": nonce, "iat": issued_at, **ends}
    return jose.sign(to_json(claims), signer=signer, header=_header(kid, PRESENTATION_TYPE, "vp"))


def verify_presentation(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    audience: str,
    nonce: str,
    algorithms: Collection[str] = _EVERY,
    leeway: int = 0,
) -> VerifiedJWT:
    """Accept a `vp+jwt` by a key of its holder for this verifier and occasion; credentials in it stay unread.

    Raises what `verify_credential` raises, and ClaimsContradict for another audience or nonce.
    """
    unverified = jose.read(token)
    require_type(unverified.header, {PRESENTATION_TYPE})
    _require_content(unverified.header, "vp")
    claims = unverified.peek()
    holder = name_of(claims.get("holder"), "holder") if "holder" in claims else find_text(claims, "iss")
    require_agreement(claims, "iss", holder)
    require_agreement(claims, "jti", claims.get("id"))
    require_occasion(claims, audience=audience, nonce=nonce)
    content = (claims, require_version(strip(claims), CONTEXT_V2), holder)
    return _verify(unverified, content, keys=keys, now=now, algorithms=algorithms, leeway=leeway)


def sign_credential_1_1(document: Mapping[str, JSON], *, signer: Signer, kid: str | None = None) -> str:
    """A VC 1.1 document as a JWT whose registered claims repeat issuer, dates, id and subject."""
    require_version(document, CONTEXT_V1)
    claims: Claims = {
        "iss": issuer_of(document),
        "nbf": ceil_seconds(document.get("issuanceDate"), member="issuanceDate"),
    }
    if "expirationDate" in document:
        claims["exp"] = floor_seconds(document["expirationDate"], member="expirationDate")
    if isinstance(document.get("id"), str):
        claims["jti"] = document["id"]
    subject = document.get("credentialSubject")
    if isinstance(subject, dict) and isinstance(subject.get("id"), str):
        claims["sub"] = subject["id"]
    payload = to_json({**claims, "vc": dict(document)})
    return jose.sign(payload, signer=signer, header=_header(kid, "JWT", None))


def verify_credential_1_1(
    token: str | bytes, *, keys: KeySource, now: int, algorithms: Collection[str] = _EVERY, leeway: int = 0
) -> VerifiedJWT:
    """Accept a VC 1.1 credential in a JWT: the document is the `vc` claim with what the registered claims add."""
    unverified = jose.read(token)
    if "typ" in unverified.header:
        require_type(unverified.header, {"jwt"})
    claims = unverified.peek()
    document = read_1_1(claims)
    content = (claims, document, issuer_of(document))
    return _verify(unverified, content, keys=keys, now=now, algorithms=algorithms, leeway=leeway)


def verify_presentation_1_1(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    audience: str,
    nonce: str,
    algorithms: Collection[str] = _EVERY,
    leeway: int = 0,
) -> VerifiedJWT:
    """Accept a VC 1.1 presentation in a JWT for this verifier and occasion; `iss` is the holder, `jti` the id."""
    unverified = jose.read(token)
    if "typ" in unverified.header:
        require_type(unverified.header, {"jwt"})
    claims = unverified.peek()
    require_occasion(claims, audience=audience, nonce=nonce)
    document = claims.get("vp")
    if not isinstance(document, dict) or "vc" in claims:
        raise ClaimsContradict("no vp claim, or a vc beside it")
    document = _completed(require_version(document, CONTEXT_V1), {"holder": claims.get("iss"), "id": claims.get("jti")})
    holder = name_of(document["holder"], "holder") if "holder" in document else None
    content = (claims, document, holder)
    return _verify(unverified, content, keys=keys, now=now, algorithms=algorithms, leeway=leeway)


def read_1_1(claims: Claims) -> Document:
    """The VC 1.1 document of a token's claims (VC 1.1 §6.3.1), nothing verified. Raises ClaimsContradict."""
    document = claims.get("vc")
    if not isinstance(document, dict) or "vp" in claims:
        raise ClaimsContradict("no vc claim, or a vp beside it")
    require_version(document, CONTEXT_V1)
    _require_date(claims, "nbf", document.get("issuanceDate"), ceil_seconds, "issuanceDate")
    _require_date(claims, "exp", document.get("expirationDate"), floor_seconds, "expirationDate")
    document = _completed(document, {"issuer": claims.get("iss"), "id": claims.get("jti")})
    times = Times.of(claims)
    for member, seconds in (("issuanceDate", times.not_before), ("expirationDate", times.expires_at)):
        if member not in document and seconds is not None:
            document[member] = write_seconds(int(seconds))
    if "sub" in claims:
        subject = document.get("credentialSubject", {})
        if not isinstance(subject, dict):
            raise ClaimsContradict("sub beside several subjects")
        document["credentialSubject"] = _completed(subject, {"id": claims["sub"]})
    return document


def document_of(claims: Claims) -> Document:
    """The VC 2.0 document in a token's claims, whose registered claims must agree with it. Raises ClaimsContradict."""
    if "vc" in claims or "vp" in claims:
        raise ClaimsContradict("the document of VC 2.0 is the payload itself, not a claim of it")
    document = require_version(strip(claims), CONTEXT_V2)
    require_agreement(claims, "iss", issuer_of(document))
    require_agreement(claims, "jti", document.get("id"))
    subject = document.get("credentialSubject")
    require_agreement(claims, "sub", subject.get("id") if isinstance(subject, dict) else None)
    return document


def strip(claims: Claims) -> Document:
    """The claims that are members of the document, in their order."""
    return {name: value for name, value in claims.items() if name not in REGISTERED}


def require_version(document: Mapping[str, JSON], version: str) -> Document:
    """The document, if its first context is that of the version. Raises ClaimsContradict."""
    contexts = document.get("@context")
    first = contexts[0] if isinstance(contexts, list) and contexts else contexts
    if first != version:
        raise ClaimsContradict("a document of another version", context=first, expected=version)
    return dict(document)


def issuer_of(document: Mapping[str, JSON]) -> str:
    """The issuer's name: the member itself or its `id`. Raises ClaimsContradict."""
    return name_of(document.get("issuer"), "issuer")


def name_of(value: JSON, member: str) -> str:
    """A URL, given itself or as the `id` of an object. Raises ClaimsContradict."""
    name = value.get("id") if isinstance(value, dict) else value
    if not isinstance(name, str) or not name:
        raise ClaimsContradict("no name", member=member)
    return name


def require_agreement(claims: Mapping[str, JSON], claim: str, stated: JSON) -> None:
    """ClaimsContradict where a claim is present and the document does not say the same."""
    if claim in claims and (find_text(claims, claim) != stated):
        raise ClaimsContradict("a claim and the document differ", claim=claim, document=stated)


def require_occasion(claims: Mapping[str, JSON], *, audience: str, nonce: str) -> None:
    """ClaimsContradict for a token that was made for another verifier, or for another occasion."""
    aud = claims.get("aud")
    if audience not in (aud if isinstance(aud, list) else [aud]):
        raise ClaimsContradict("made for another audience", aud=aud, expected=audience)
    if claims.get("nonce") != nonce:
        raise ClaimsContradict("made for another occasion", nonce=claims.get("nonce"))


def _header(kid: str | None, typ: str, cty: str | None) -> Header:
    members = {"kid": kid, "typ": typ, "cty": cty}
    return {name: value for name, value in members.items() if value is not None}


def _require_content(header: Header, content: str) -> None:
    found = header.get("cty", content)
    if not isinstance(found, str) or found.lower().removeprefix("application/") != content:
        raise HeaderRefused("another cty", cty=found, expected=content)


def _verify(
    unverified: jose.Unverified,
    content: tuple[Claims, Document, str | None],
    *,
    keys: KeySource,
    now: int,
    algorithms: Collection[str],
    leeway: int,
) -> VerifiedJWT:
    """The content (claims, document, issuer) as verified, once the issuer's key is found to have signed it."""
    claims, document, issuer = content
    key = get_key(keys, unverified.header, issuer)
    verified = unverified.verify(key.public_key, algorithms=algorithms)
    times = Times.of(claims)
    times.require_now(now, leeway=leeway)
    return VerifiedJWT(document, verified.header, key, issuer, times, claims)


def _completed(document: Document, stated: Mapping[str, JSON]) -> Document:
    """The document with what claims state; ClaimsContradict where it says otherwise itself."""
    found = dict(document)
    for member, value in stated.items():
        if value is None:
            continue
        if not isinstance(value, str):
            raise ClaimsContradict("text expected", member=member)
        if member not in found:
            found[member] = value
        elif name_of(found[member], member) != value:
            raise ClaimsContradict("a claim and the document differ", member=member, claim=value)
    return found


def _require_date(claims: Claims, claim: str, stamp: JSON, rounded: Rounding, member: str) -> None:
    seconds = jose.numeric_date(claims, claim)
    # A token may leave fractions of a second out, whichever way its issuer rounds.
    if seconds is not None and stamp is not None and abs(rounded(stamp, member=member) - int(seconds)) > 1:
        raise ClaimsContradict("a claim and the document differ", claim=claim, document=stamp)
