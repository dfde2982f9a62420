"""A VC 2.0 document in SD-JWT: `vc+sd-jwt` and `vp+sd-jwt` of VC-JOSE-COSE 1.0, section 3.2.

The payload is the document; an issuer may hide what its pointers name, but not what says which document it is.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.credentials.data_model import CONTEXT_V2
from panacea.credentials.formats import jose, sd_jwt
from panacea.credentials.formats.disclosures import DEFAULT_DIGEST, require_hideable
from panacea.credentials.formats.issuer_keys import FoundKey, KeySource
from panacea.credentials.formats.jose import Header, Times
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.sd_jwt import Occasion
from panacea.credentials.formats.types import ClaimsContradict
from panacea.credentials.formats.vc_jwt import REGISTERED, Document, document_of, issuer_of, require_version
from panacea.crypto.keys import PublicKey, Signer
from panacea.health.types import JSON
from panacea.primitives.time import Random

TYPE: Final = "vc+sd-jwt"
ALWAYS_SHOWN: Final = ("@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema")
"""Members that decide whether a credential holds at all: what is hidden could not be checked."""


@dataclass(frozen=True, slots=True)
class VerifiedDocument:
    """A VC 2.0 document as far as its holder shows it; the rest is that of `VerifiedSDJWT`."""

    document: Document
    header: Header
    key: FoundKey
    issuer: str
    times: Times
    disclosed: tuple[str, ...]
    hidden: int
    holder_key: PublicKey | None
    bound: bool


def issue(
    document: Mapping[str, JSON],
    *,
    hidden: Sequence[str],
    signer: Signer,
    random: Random,
    kid: str | None = None,
    holder_key: PublicKey | None = None,
    algorithm: str = DEFAULT_DIGEST,
    decoys: Mapping[str, int] | None = None,
) -> str:
    """A VC 2.0 document as `vc+sd-jwt`, each pointer of `hidden` disclosable by itself.

    Raises ClaimsContradict for what is no such document, DisclosureRejected for pointers to what must be shown.
    """
    issuer_of(require_version(document, CONTEXT_V2))
    if clash := REGISTERED & document.keys():
        raise ClaimsContradict("the document has members of a token", members=sorted(clash))
    require_hideable(hidden, ALWAYS_SHOWN)
    named = {} if kid is None else {"kid": kid}
    bound = {} if holder_key is None else {"cnf": {"jwk": to_jwk(holder_key)}}
    return sd_jwt.issue(
        {**document, **bound},
        hidden=hidden,
        signer=signer,
        random=random,
        header={**named, "typ": TYPE, "cty": "vc"},
        algorithm=algorithm,
        decoys=decoys,
    )


def verify(
    token: str | bytes,
    *,
    keys: KeySource,
    now: int,
    binding: Occasion | None = None,
    algorithms: Collection[str] = jose.EVERY,
    leeway: int = 0,
) -> VerifiedDocument:
    """Accept a `vc+sd-jwt` by a key of its issuer, at `now` (unix seconds). Raises what `sd_jwt.verify` raises."""
    found = sd_jwt.verify(
        token,
        keys=keys,
        now=now,
        types={TYPE},
        binding=binding,
        algorithms=algorithms,
        leeway=leeway,
        issuer=issuer_of,
    )
    require_hideable(found.disclosed, ALWAYS_SHOWN)
    document = document_of(found.claims)
    return VerifiedDocument(
        document,
        found.header,
        found.key,
        issuer_of(document),
        found.times,
        found.disclosed,
        found.hidden,
        found.holder_key,
        found.bound,
    )
