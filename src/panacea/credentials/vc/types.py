"""What the general SDK passes around, and how it refuses.

CredentialRejected (see `panacea.credentials.refusals`; expiry, revocation and stale lists are refused from there)
  x MalformedCredential     not a credential or presentation of the data model; `pointer` names the value at fault
  x IssuerNotResolved       the issuer's DID does not resolve, or gives the key no such purpose
  x NotByIssuer             no proof is by a key of the issuer
  x NotByHolder             a presentation is not by the holder whom its credentials are bound to
  x SchemaNotMet            a `credentialSchema` is missing, of another digest, or not met
  x ResourceChanged         a `relatedResource` is missing or of another digest
  x UnknownForm             neither JSON with a proof nor a token that is known here
  x NotDerivable            a proof that cannot be shown in part
  x CheckMissing            a check that the verifier requires could not be made
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from panacea.credentials.refusals import CredentialRejected
from panacea.credentials.suites.proofs import VerifiedProof

Document = dict[str, Any]  # Any: JSON, whose shape is checked where it is read


class MalformedCredential(CredentialRejected, code=210, text="not a credential or presentation of the data model"):
    """A member is missing, of another shape, or says what the data model does not allow."""


class IssuerNotResolved(CredentialRejected, code=211, text="key not found"):
    """The DID does not resolve, is deactivated, or does not give that key this purpose."""


class NotByIssuer(CredentialRejected, code=212, text="not signed by the issuer"):
    """Proofs may hold, and yet none be by a key of the issuer."""


class NotByHolder(CredentialRejected, code=213, text="not presented by its holder"):
    """The presentation is signed by somebody else than its holder, or than the subject it must be bound to."""


class SchemaNotMet(CredentialRejected, code=214, text="credentialSchema not met"):
    """The schema is missing, of another digest, or the credential does not meet it."""


class ResourceChanged(CredentialRejected, code=215, text="relatedResource missing or changed"):
    """The bytes are not those that the issuer meant."""


class UnknownForm(CredentialRejected, code=216, text="no known form of a credential"):
    """Neither JSON with a proof nor a token that is known here."""


class NotDerivable(CredentialRejected, code=217, text="proof cannot be shown in part"):
    """Only base proofs of selective suites can."""


class CheckMissing(CredentialRejected, code=218, text="a required check could not be made"):
    """The credential asks for it, and nobody gave the means, such as a source of status lists."""


class Form(StrEnum):
    """The containers of a credential, by the names that OpenID4VC and DCQL use."""

    LDP_VC = "ldp_vc"
    JWT_VC_JSON = "jwt_vc_json"
    VC_JWT = "vc+jwt"
    VC_SD_JWT = "vc+sd-jwt"
    SD_JWT_VC = "dc+sd-jwt"
    SMART_HEALTH_CARD = "smart-health-card"


class Outcome(StrEnum):
    """What became of one check of a verification that succeeded."""

    CHECKED = "checked"
    ABSENT = "absent"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: CHECKED and it held, ABSENT from the document, or SKIPPED, because nobody gave what it needs."""

    name: str
    outcome: Outcome
    detail: str = ""

    def to_json(self) -> dict[str, str]:
        """The check as JSON."""
        return {"check": self.name, "outcome": str(self.outcome), **({"detail": self.detail} if self.detail else {})}


@dataclass(frozen=True, slots=True)
class Verified:
    """A credential that was verified, and exactly what of it was checked.

    `document` is what was signed, as far as it is shown, without proofs. Times are unix seconds, None where the
    credential names none. `message` is what a status list of purpose "message" says of it.
    """

    form: Form
    document: Document = field(repr=False)
    issuer: str
    types: tuple[str, ...]
    subjects: tuple[str, ...]
    valid_from: int | None
    valid_until: int | None
    checks: tuple[Check, ...]
    proofs: tuple[VerifiedProof, ...] = ()
    messages: tuple[str, ...] = ()
    header: Mapping[str, Any] = field(default_factory=dict, repr=False)  # Any: JSON of a token's header

    @property
    def skipped(self) -> tuple[str, ...]:
        """The checks that were not made, though the credential asks for them."""
        return tuple(check.name for check in self.checks if check.outcome is Outcome.SKIPPED)

    def to_json(self) -> Document:
        """The answer as JSON, with the document."""
        return {
            "verified": True,
            "form": str(self.form),
            "issuer": self.issuer,
            "type": list(self.types),
            "checks": [check.to_json() for check in self.checks],
            "verifiedDocument": self.document,
        }


@dataclass(frozen=True, slots=True)
class VerifiedPresentation:
    """A presentation that was verified: who presents, what, and what was checked of the presentation itself."""

    holder: str | None
    credentials: tuple[Verified, ...]
    checks: tuple[Check, ...]
    proofs: tuple[VerifiedProof, ...] = ()

    def to_json(self) -> Document:
        """The answer as JSON."""
        return {
            "verified": True,
            "holder": self.holder,
            "checks": [check.to_json() for check in self.checks],
            "credentials": [credential.to_json() for credential in self.credentials],
        }


class TokenStatusSource(Protocol):
    """Whoever has Token Status Lists, as JWT or CWT, by URI."""

    def find(self, uri: str) -> bytes | None:
        """The signed list at that URI, unverified, or None."""
        ...


class ResourceSource(Protocol):
    """Whoever has bytes by URL: schemas, related resources. Nothing in this room fetches."""

    def find(self, url: str) -> bytes | None:
        """The bytes at that URL, or None."""
        ...
