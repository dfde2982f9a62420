"""One VC 2.0 document, and what may be hidden of it, in every container; and each container back to the same claims.

    ldp_vc       by a callable that secures a document (a Data Integrity suite), given the pointers that must be shown
    vc+jwt       the document, nothing hidden
    vc+sd-jwt    the document, `hidden` disclosable
    dc+sd-jwt    the document's members as they are, with `vct`, and `iss`, `nbf`, `exp` that repeat what they say

Pointers, and the claims paths of a query, are the same in all of them. Numbers are read as `Number` and written as they
were: 7.90 stays 7.90 in every JWS, whoever carries it, for the signed bytes are never written anew. JSON-LD has no such
memory: a document for `ldp_vc` must carry decimals in the form of `health.mapping.subject_form`, and then does so in
all containers (docs/decisions/0012).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.credentials.data_model import CONTEXT_V2
from panacea.credentials.formats import sd_jwt_vc, vc_jwt, vc_sd_jwt
from panacea.credentials.formats.dates import ceil_seconds, floor_seconds
from panacea.credentials.formats.disclosures import DEFAULT_DIGEST, is_below, require_hideable
from panacea.credentials.formats.jose import Claims, numeric_date
from panacea.credentials.formats.sd_jwt_vc import VerifiedVC
from panacea.credentials.formats.types import ClaimsContradict, DisclosureRejected
from panacea.credentials.formats.vc_jwt import REGISTERED, Document, issuer_of, require_agreement, require_version
from panacea.crypto.keys import PublicKey, Signer
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.time import Random

Secure = Callable[[Document, tuple[str, ...]], Document]
"""From an unsecured document and the pointers of what must be shown to the document with its proof."""

_OWN: Final = REGISTERED | {"vct", "vct#integrity", "status"}
"""Claims of a dc+sd-jwt that are no members of the document."""


@dataclass(frozen=True, slots=True)
class SharedClaims:
    """A VC 2.0 document, unsecured, and the JSON pointers of what its holder may hide."""

    document: Document
    hidden: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a document that one of the containers could not carry; ClaimsContradict, DisclosureRejected."""
        issuer_of(require_version(self.document, CONTEXT_V2))
        if _OWN & self.document.keys() or "proof" in self.document:
            raise ClaimsContradict("a proof, or members of a token", members=sorted(_OWN & self.document.keys()))
        require_hideable(self.hidden, vc_sd_jwt.ALWAYS_SHOWN)

    def mandatory(self) -> tuple[str, ...]:
        """The fewest pointers that name everything that is not hidden: what `ldp_vc` demands to be shown."""
        return tuple(_shown(self.document, "", frozenset(self.hidden)))

    def to_ldp_vc(self, secure: Secure) -> Document:
        """The document with the proof that `secure` makes."""
        return secure(dict(self.document), self.mandatory())

    def to_vc_jwt(self, *, signer: Signer, kid: str | None = None) -> str:
        """The document as `vc+jwt`: nothing of it can be hidden."""
        return vc_jwt.sign_credential(self.document, signer=signer, kid=kid)

    def to_vc_sd_jwt(
        self,
        *,
        signer: Signer,
        random: Random,
        kid: str | None = None,
        holder_key: PublicKey | None = None,
        algorithm: str = DEFAULT_DIGEST,
        decoys: Mapping[str, int] | None = None,
    ) -> str:
        """The document as `vc+sd-jwt`."""
        return vc_sd_jwt.issue(
            self.document,
            hidden=self.hidden,
            signer=signer,
            random=random,
            kid=kid,
            holder_key=holder_key,
            algorithm=algorithm,
            decoys=decoys,
        )

    def to_dc_sd_jwt(
        self,
        *,
        vct: str,
        signer: Signer,
        random: Random,
        kid: str | None = None,
        x5c: Sequence[str] = (),
        holder_key: PublicKey | None = None,
        status: Mapping[str, JSON] | None = None,
        algorithm: str = DEFAULT_DIGEST,
        decoys: Mapping[str, int] | None = None,
    ) -> str:
        """The document's members as `dc+sd-jwt` of type `vct`; `status` is the claim of a token status list."""
        named = {} if kid is None else {"kid": kid}
        listed = {} if status is None else {"status": dict(status)}
        return sd_jwt_vc.issue(
            {**_registered(self.document), **listed, **self.document},
            vct=vct,
            hidden=self.hidden,
            signer=signer,
            random=random,
            holder_key=holder_key,
            header={**named, **({"x5c": list(x5c)} if x5c else {})},
            algorithm=algorithm,
            decoys=decoys,
        )


def document_of(credential: VerifiedVC) -> Document:
    """The VC 2.0 document in a verified dc+sd-jwt, as far as it is shown. Raises ClaimsContradict."""
    claims = credential.claims
    document = require_version({name: value for name, value in claims.items() if name not in _OWN}, CONTEXT_V2)
    issuer_of(document)
    for claim, stated in _registered(document).items():
        if claim == "iss":
            require_agreement(claims, claim, stated)
        elif claim in claims and numeric_date(claims, claim) != stated:
            raise ClaimsContradict("a claim and the document differ", claim=claim, document=stated)
    return document


def same_octets(document: JSON) -> bytes:
    """One text for equal claims: members sorted, numbers as they were written. For comparison, not for signing."""
    return to_json(_sorted(document))


def _registered(document: Document) -> Claims:
    """What a document says that tokens have claims of their own for."""
    found: Claims = {"iss": issuer_of(document)}
    if "validFrom" in document:
        found["nbf"] = ceil_seconds(document["validFrom"], member="validFrom")
    if "validUntil" in document:
        found["exp"] = floor_seconds(document["validUntil"], member="validUntil")
    return found


def _shown(value: JSON, place: str, hidden: frozenset[str]) -> list[str]:
    """Pointers that cover a value but for what is hidden in it; `place` is the value's own."""
    if place in hidden:
        return []
    if not any(is_below(pointer, place) for pointer in hidden):
        return [place] if place != "/@context" else []
    if isinstance(value, dict):
        inner = [(name.replace("~", "~0").replace("/", "~1"), one) for name, one in value.items()]
    elif isinstance(value, list):
        inner = [(str(index), one) for index, one in enumerate(value)]
    else:
        raise DisclosureRejected("a pointer names nothing", near=place)
    return [pointer for token, one in inner for pointer in _shown(one, f"{place}/{token}", hidden)]


def _sorted(value: JSON) -> JSON:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(one) for one in value] if isinstance(value, list) else value
