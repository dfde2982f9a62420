"""Verifiable credentials: issue health records, show parts of them, verify views, ask for records.

issue          FHIR resource -> credential, for its holder alone
views          credential -> what the enclave sees, what the consumer receives, what the owner is told
verify         view -> Checked, or a refusal with a stable code (`refusals`)
status         Bitstring Status Lists: revocation
records.requests   what a deal asks for: Presentation Definition or DCQL
model          the one shape of a health credential
rdf, suites    JSON-LD, RDFC-1.0 and the cryptosuites underneath
"""

from panacea.credentials.records.issue import IssuerKeys, issue, resource_of, verify_issued
from panacea.credentials.records.model import Claims, credential_contexts
from panacea.credentials.records.requests import (
    DCQL,
    PRESENTATION_DEFINITION,
    Query,
    for_observations,
    parse,
    require_schemas,
)
from panacea.credentials.records.verify import (
    Checked,
    get_issuer_key,
    peek_issuer,
    require_for_enclave,
    require_holder,
    require_issuer,
    require_same,
    require_valid_at,
    verify_view,
)
from panacea.credentials.records.views import Shown, consumer_view, derive_view, enclave_view, show
from panacea.credentials.refusals import (
    CredentialExpired,
    CredentialNotYetValid,
    CredentialRejected,
    CredentialRevoked,
    DealUnusable,
    DisclosureExcess,
    DisclosureMissing,
    HolderMismatch,
    IssuerInactive,
    IssuerNotTrusted,
    NotIssuable,
    NotMatched,
    ProofInvalid,
    QueryNotSatisfied,
    SchemaMismatch,
    StatusStale,
    ViewMismatch,
)
from panacea.credentials.status.bitstring import (
    EnclosedLists,
    StatusEntry,
    StatusList,
    StatusSource,
    check_status,
    create_status_credential,
)

__all__ = [
    "DCQL",
    "PRESENTATION_DEFINITION",
    "Checked",
    "Claims",
    "CredentialExpired",
    "CredentialNotYetValid",
    "CredentialRejected",
    "CredentialRevoked",
    "DealUnusable",
    "DisclosureExcess",
    "DisclosureMissing",
    "EnclosedLists",
    "HolderMismatch",
    "IssuerInactive",
    "IssuerKeys",
    "IssuerNotTrusted",
    "NotIssuable",
    "NotMatched",
    "ProofInvalid",
    "Query",
    "QueryNotSatisfied",
    "SchemaMismatch",
    "Shown",
    "StatusEntry",
    "StatusList",
    "StatusSource",
    "StatusStale",
    "ViewMismatch",
    "check_status",
    "consumer_view",
    "create_status_credential",
    "credential_contexts",
    "derive_view",
    "enclave_view",
    "for_observations",
    "get_issuer_key",
    "issue",
    "parse",
    "peek_issuer",
    "require_for_enclave",
    "require_holder",
    "require_issuer",
    "require_same",
    "require_schemas",
    "require_valid_at",
    "resource_of",
    "show",
    "verify_issued",
    "verify_view",
]
