"""SD-JWT VC (draft-ietf-oauth-sd-jwt-vc-19): a credential of plain JSON claims and a type, `dc+sd-jwt`.

The issuer's key comes by `x5c`, by DID, or from the issuer's published metadata (`issuer_keys`); nothing is fetched.
`vc+sd-jwt`, the name in drafts before -06, is accepted only where the verifier asks for it.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.credentials.formats import jose, sd_jwt
from panacea.credentials.formats.disclosures import DEFAULT_DIGEST, require_hideable
from panacea.credentials.formats.issuer_keys import FoundKey, KeySource
from panacea.credentials.formats.jose import Claims, Times, find_text
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.sd_jwt import Occasion, VerifiedSDJWT
from panacea.credentials.formats.types import ClaimsContradict
from panacea.crypto.keys import PublicKey, Signer
from panacea.health.types import JSON
from panacea.primitives.time import Random

TYPE: Final = "dc+sd-jwt"
OLDER_TYPE: Final = "vc+sd-jwt"
ALWAYS_SHOWN: Final = ("iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status")
"""Claims that an issuer must not make disclosable (section 2.2.2.2)."""


@dataclass(frozen=True, slots=True)
class VerifiedVC:
    """An SD-JWT VC that verified: its type, its issuer by name (None where only a certificate names it), its claims.

    `status` is the claim as it stands, to be checked by whoever has the lists. The rest is that of `VerifiedSDJWT`.
    """

    vct: str
    issuer: str | None
    subject: str | None
    claims: Claims
    key: FoundKey
    times: Times
    status: JSON
    disclosed: tuple[str, ...]
    hidden: int
    holder_key: PublicKey | None
    bound: bool


def issue(
    claims: Mapping[str, JSON],
    *,
    vct: str,
    hidden: Sequence[str],
    signer: Signer,
    random: Random,
    holder_key: PublicKey | None = None,
    header: Mapping[str, JSON] | None = None,
    algorithm: str = DEFAULT_DIGEST,
    decoys: Mapping[str, int] | None = None,
) -> str:
    """An SD-JWT VC of type `vct`, bound to `holder_key` where one is given.

    `claims` hold `iss` and whatever else; `header` a `kid` or an `x5c`. Raises DisclosureRejected for a pointer to
    what must always be shown, ClaimsContradict for claims of another type or holder.
    """
    require_hideable(hidden, ALWAYS_SHOWN)
    members: Claims = {**claims, "vct": vct}
    if claims.get("vct", vct) != vct or not vct:
        raise ClaimsContradict("claims of another type", vct=claims.get("vct"), expected=vct)
    if holder_key is not None:
        if "cnf" in claims:
            raise ClaimsContradict("claims name another holder")
        members["cnf"] = {"jwk": to_jwk(holder_key)}
    return sd_jwt.issue(
        members,
        hidden=hidden,
        signer=signer,
        random=random,
        header={**(header or {}), "typ": TYPE},
        algorithm=algorithm,
        decoys=decoys,
    )


def verify(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    binding: Occasion | None = None,
    types: Collection[str] = (TYPE,),
    algorithms: Collection[str] = jose.EVERY,
    leeway: int = 0,
) -> VerifiedVC:
    """Accept an SD-JWT VC by a key of its issuer, at `now` (unix seconds), with a key binding where one is demanded.

    `types` are the accepted `typ`: add `OLDER_TYPE` for old issuers. Raises what `sd_jwt.verify` raises.
    """
    found = sd_jwt.verify(token, keys=keys, now=now, types=types, binding=binding, algorithms=algorithms, leeway=leeway)
    require_hideable(found.disclosed, ALWAYS_SHOWN)
    return read(found)


def read(found: VerifiedSDJWT) -> VerifiedVC:
    """The credential of a verified SD-JWT. Raises ClaimsContradict where it has no type."""
    claims = found.claims
    vct = find_text(claims, "vct")
    if vct is None:
        raise ClaimsContradict("vct is missing")
    status = claims.get("status")
    if "status" in claims and not isinstance(status, dict):
        raise ClaimsContradict("status is no object")
    return VerifiedVC(
        vct,
        find_text(claims, "iss"),
        find_text(claims, "sub"),
        claims,
        found.key,
        found.times,
        status,
        found.disclosed,
        found.hidden,
        found.holder_key,
        found.bound,
    )
