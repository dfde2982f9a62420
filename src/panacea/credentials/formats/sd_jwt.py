"""SD-JWT (RFC 9901): an issuer signs digests, a holder opens some of them, and proves to hold the key that is named.

    issuer     issue(claims, hidden=pointers, signer=…)        -> text, for the holder
    holder     present(text, reveal=pointers)                  -> text, with fewer disclosures
               bind(text, signer=…, audience=…, nonce=…)       -> text, with a key binding JWT
    verifier   verify(text, keys=…, binding=Occasion(…))       -> VerifiedSDJWT

The text is `<JWT>~<disclosure>~…~`, with the key binding JWT after the last `~`. A verifier that states no occasion
refuses a token with a key binding, rather than leave it unread.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.credentials.formats import base64url, jose
from panacea.credentials.formats.disclosures import (
    DEFAULT_DIGEST,
    DIGESTS,
    MAX_DISCLOSURES,
    Opened,
    algorithm_of,
    hide,
    is_below,
    open_payload,
)
from panacea.credentials.formats.issuer_keys import FoundKey, KeySource, get_key
from panacea.credentials.formats.jose import Claims, Header, Times, find_text, require_type
from panacea.credentials.formats.jwk import read_jwk
from panacea.credentials.formats.types import (
    DisclosureRejected,
    FormatRejected,
    KeyBindingRejected,
    MalformedToken,
)
from panacea.crypto.keys import PublicKey, Signer
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.time import Random

MAX_SD_JWT: Final = jose.MAX_TOKEN
BINDING_TYPE: Final = "kb+jwt"

_EVERY: Final = jose.EVERY


@dataclass(frozen=True, slots=True)
class SDJWT:
    """An SD-JWT taken apart; nothing in it is verified."""

    jwt: str
    disclosures: tuple[str, ...]
    key_binding: str | None = None

    @classmethod
    def read(cls, token: str | bytes) -> "SDJWT":
        """Take the compact form apart. Raises MalformedToken."""
        text = jose.as_text(token, MAX_SD_JWT)
        parts = text.split("~", MAX_DISCLOSURES + 2)
        if len(parts) < 2 or len(parts) > MAX_DISCLOSURES + 2 or not all(parts[:-1]):
            raise MalformedToken("a JWT, ~, disclosures each followed by ~, and at most a key binding JWT expected")
        return cls(parts[0], tuple(parts[1:-1]), parts[-1] or None)

    def unbound(self) -> str:
        """The text without a key binding: what `sd_hash` is computed over."""
        return "".join(f"{part}~" for part in (self.jwt, *self.disclosures))

    def to_text(self) -> str:
        """The compact form."""
        return self.unbound() + (self.key_binding or "")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a verifier expects of a key binding: its own name, the nonce it gave out, and how old it may be (seconds).

    `holders` finds the key where the credential names it by `cnf.kid` alone. Whoever gives out nonces takes each once.
    """

    audience: str
    nonce: str
    max_age: int = 300
    leeway: int = 60
    holders: KeySource | None = None


@dataclass(frozen=True, slots=True)
class VerifiedSDJWT:
    """What was shown of an SD-JWT, and who signed it.

    `disclosed` are the JSON pointers, in `claims`, of what came by disclosures; `hidden` is how many digests stayed
    closed, decoys among them. `holder_key` is the key that the credential names, `bound` whether its holder has shown
    it for the occasion.
    """

    claims: Claims
    header: Header
    key: FoundKey
    times: Times
    disclosed: tuple[str, ...]
    hidden: int
    holder_key: PublicKey | None
    bound: bool


def issue(
    claims: Mapping[str, JSON],
    *,
    hidden: Sequence[str],
    signer: Signer,
    random: Random,
    header: Mapping[str, JSON] | None = None,
    algorithm: str = DEFAULT_DIGEST,
    decoys: Mapping[str, int] | None = None,
) -> str:
    """An SD-JWT of `claims` in which each JSON pointer of `hidden` is a disclosure of its own.

    `decoys` says how many digests of nothing to add to which object or array. Raises DisclosureRejected.
    """
    payload, made = hide(claims, hidden, random=random, algorithm=algorithm, decoys=decoys)
    jwt = jose.sign(to_json(payload), signer=signer, header=header)
    return SDJWT(jwt, tuple(disclosure.text for disclosure in made)).to_text()


def present(token: str | bytes, *, reveal: Sequence[str]) -> str:
    """The SD-JWT with the disclosures that `reveal` needs: what its pointers name, all in it, and the way to it.

    Pointers are those of the claims that the token shows as it is (`peek`). A key binding is left behind.
    Raises DisclosureRejected for a pointer that names nothing.
    """
    parts = SDJWT.read(token)
    opened = open_payload(jose.read(parts.jwt, max_bytes=MAX_SD_JWT).peek(), parts.disclosures)
    for pointer in reveal:
        _require_there(opened.claims, pointer)
    chosen = {
        disclosure.text
        for place, disclosure in opened.pointers.items()
        if any(is_below(place, pointer) or is_below(pointer, place) for pointer in reveal)
    }
    return SDJWT(parts.jwt, tuple(text for text in parts.disclosures if text in chosen)).to_text()


def bind(token: str | bytes, *, signer: Signer, audience: str, nonce: str, issued_at: int) -> str:
    """The SD-JWT with a key binding JWT by the holder's key, for one verifier and occasion (RFC 9901 §4.3)."""
    parts = SDJWT.read(token)
    text = parts.unbound()
    algorithm = algorithm_of(jose.read(parts.jwt, max_bytes=MAX_SD_JWT).peek())
    claims = {"iat": issued_at, "aud": audience, "nonce": nonce, "sd_hash": _hash(text, algorithm)}
    return text + jose.sign(to_json(claims), signer=signer, header={"typ": BINDING_TYPE})


def peek(token: str | bytes) -> Opened:
    """What an SD-JWT shows and the pointers of its disclosures, its signature unchecked: for its holder.

    Raises MalformedToken, HeaderRefused, DisclosureRejected.
    """
    parts = SDJWT.read(token)
    return open_payload(jose.read(parts.jwt, max_bytes=MAX_SD_JWT).peek(), parts.disclosures)


def verify(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    types: Collection[str] | None = None,
    binding: Occasion | None = None,
    algorithms: Collection[str] = _EVERY,
    leeway: int = 0,
    issuer: Callable[[Claims], str | None] | None = None,
) -> VerifiedSDJWT:
    """Accept an SD-JWT whose issuer's key signed it, with all its disclosures, at `now` (unix seconds).

    `types` are the accepted `typ`, None for any. `binding` demands a key binding for that occasion. `issuer` reads the
    issuer's name from the signed payload, which is `iss` where nothing else is said. Raises
    MalformedToken, HeaderRefused, AlgorithmRefused, KeyNotFound, CertificateRefused, WrongSignature,
    DisclosureRejected, KeyBindingRejected, TokenExpired, TokenNotYetValid, ClaimsContradict.
    """
    parts = SDJWT.read(token)
    unverified = jose.read(parts.jwt, max_bytes=MAX_SD_JWT)
    if types is not None:
        require_type(unverified.header, types)
    if binding is None and parts.key_binding is not None:
        raise KeyBindingRejected("it is there, and nobody states an occasion to check it against")
    payload = unverified.peek()
    key = get_key(keys, unverified.header, issuer(payload) if issuer else find_text(payload, "iss"))
    signed = unverified.verify(key.public_key, algorithms=algorithms)
    opened = open_payload(payload, parts.disclosures)
    times = Times.of(opened.claims)
    times.require_now(now, leeway=leeway)
    holder = _holder_key(opened.claims, binding.holders if binding else None)
    if binding is not None:
        _verify_binding(parts, holder, binding, algorithm=algorithm_of(payload), now=now, algorithms=algorithms)
    shown = tuple(opened.pointers)
    return VerifiedSDJWT(
        opened.claims, signed.header, key, times, shown, opened.hidden, holder, bound=binding is not None
    )


def _verify_binding(
    parts: SDJWT,
    holder: PublicKey | None,
    occasion: Occasion,
    *,
    algorithm: str,
    now: int,
    algorithms: Collection[str],
) -> None:
    """KeyBindingRejected unless the holder's key signed this very selection for this occasion, just now."""
    if parts.key_binding is None:
        raise KeyBindingRejected("it is missing")
    if holder is None:
        raise KeyBindingRejected("the credential names no key")
    try:
        unverified = jose.read(parts.key_binding)
        require_type(unverified.header, {BINDING_TYPE})
        claims = unverified.verify(holder, algorithms=algorithms).claims()
        times = Times.of(claims)
        if times.issued_at is None:
            raise KeyBindingRejected("iat is missing")
        times.require_now(now, leeway=occasion.leeway)
    except KeyBindingRejected:
        raise
    except FormatRejected as error:
        raise KeyBindingRejected(str(error)) from error
    if now - int(times.issued_at) > occasion.max_age + occasion.leeway:
        raise KeyBindingRejected("too old", iat=times.issued_at, now=now, max_age=occasion.max_age)
    if claims.get("aud") not in (occasion.audience, [occasion.audience]):
        raise KeyBindingRejected("made for another verifier", aud=claims.get("aud"), expected=occasion.audience)
    if claims.get("nonce") != occasion.nonce:
        raise KeyBindingRejected("made for another occasion", nonce=claims.get("nonce"))
    if claims.get("sd_hash") != _hash(parts.unbound(), algorithm):
        raise KeyBindingRejected("made for other disclosures")


def _holder_key(claims: Claims, holders: KeySource | None) -> PublicKey | None:
    """The key of `cnf` (RFC 7800), None without one. Raises KeyBindingRejected where it cannot be read."""
    if "cnf" not in claims:
        return None
    match claims["cnf"]:
        case {"jwk": dict(jwk)}:
            return read_jwk(jwk)
        case {"kid": str(kid)}:
            return None if holders is None else get_key(holders, {"kid": kid}, kid.partition("#")[0]).public_key
    raise KeyBindingRejected("cnf names no key in a way known here")


def _require_there(claims: JSON, pointer: str) -> None:
    found = claims
    if pointer and not pointer.startswith("/"):
        raise DisclosureRejected("a pointer begins with /", pointer=pointer)
    for escaped in pointer.split("/")[1:]:
        token = escaped.replace("~1", "/").replace("~0", "~")
        if isinstance(found, dict) and token in found:
            found = found[token]
        elif isinstance(found, list) and token in map(str, range(len(found))):
            found = found[int(token)]
        else:
            raise DisclosureRejected("a pointer names nothing that is shown", pointer=pointer)


def _hash(text: str, algorithm: str) -> str:
    return base64url.encode(DIGESTS[algorithm](text.encode()).digest())
