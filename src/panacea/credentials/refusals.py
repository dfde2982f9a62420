"""How a credential is refused: one class for each stable code of the exchange, which stands as the class's text.

CredentialRejected
  x NotIssuable            credential_not_issuable      an issuer's arguments make no credential
  x ProofInvalid           proof_invalid                a changed byte, another occasion, another shape
  x HolderMismatch         holder_mismatch              another person's credential
  x ViewMismatch           view_mismatch                two views of different content
  x DisclosureExcess       disclosure_excess            more is shown than was asked
  x DisclosureMissing      disclosure_missing           what must be shown is hidden
  x CredentialExpired      credential_expired
  x CredentialNotYetValid  credential_not_yet_valid
  x CredentialRevoked      credential_revoked
  x StatusStale            status_stale                 no status list that can be believed now
  x QueryNotSatisfied      query_not_satisfied          NotMatched where a whole record does not fit
  x SchemaMismatch         schema_mismatch              schema bytes of another hash, or a schema not met
  x IssuerNotTrusted       issuer_not_trusted           no credential, or by nobody the deal names
  x IssuerInactive         issuer_inactive              deactivated, or the key no longer speaks for the DID
  x DealUnusable           deal_unusable                a query or schema that nobody can work with
"""

from panacea.primitives.rejected import Rejected


class CredentialRejected(Rejected, codespace="credentials", code=140):
    """A credential, a view of one, or a request for one was refused."""


class NotIssuable(CredentialRejected, code=141, text="credential_not_issuable"):
    """A validity that is empty, or a record with more statements than a signature may bind."""


class ProofInvalid(CredentialRejected, code=142, text="proof_invalid"):
    """The bytes are not what the issuer signed, not for this occasion, or no credential of this profile."""


class HolderMismatch(CredentialRejected, code=143, text="holder_mismatch"):
    """The credential was issued to another DID."""


class ViewMismatch(CredentialRejected, code=144, text="view_mismatch"):
    """The consumer's view is not the projection of the enclave's."""


class DisclosureExcess(CredentialRejected, code=145, text="disclosure_excess"):
    """Something is shown that was not asked for."""


class DisclosureMissing(CredentialRejected, code=146, text="disclosure_missing"):
    """Holder, nullifier, status, issuer or validity is hidden."""


class CredentialExpired(CredentialRejected, code=147, text="credential_expired"):
    """The time is not before validUntil."""


class CredentialNotYetValid(CredentialRejected, code=148, text="credential_not_yet_valid"):
    """The time is before validFrom."""


class CredentialRevoked(CredentialRejected, code=149, text="credential_revoked"):
    """The credential's bit is set in its issuer's status list."""


class StatusStale(CredentialRejected, code=150, text="status_stale"):
    """The status list is missing, too old, malformed, or not by the credential's issuer for this purpose."""


class QueryNotSatisfied(CredentialRejected, code=151, text="query_not_satisfied"):
    """A required field of the query is not met by what is shown."""


class NotMatched(QueryNotSatisfied):
    """A whole record does not fit a query; `reason` names the first field that it does not meet."""

    @property
    def reason(self) -> str:
        """The first unmet field."""
        return self.detail


class SchemaMismatch(CredentialRejected, code=152, text="schema_mismatch"):
    """A schema of the deal is absent by its hash, or what is shown does not meet it."""


class IssuerNotTrusted(CredentialRejected, code=153, text="issuer_not_trusted"):
    """A record without a credential, or by an issuer that does not exist or is not named."""


class IssuerInactive(CredentialRejected, code=154, text="issuer_inactive"):
    """The issuer's DID is deactivated, or the signing key is no longer among its assertion methods."""


class DealUnusable(CredentialRejected, code=155, text="deal_unusable"):
    """A query or schema that is malformed, asks for what is not done here, or costs too much work."""
