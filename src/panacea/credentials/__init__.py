"""Verifiable credentials: issue health records, show parts of them, verify them, ask for them.

vc             any W3C credential: issue, derive, present, verify, with an answer that says what was checked
records        the profile of a health record that the exchange trades; its names are offered here as well
suites, rdf    the cryptosuites, and JSON-LD and RDFC-1.0 underneath
formats        the same claims in JWT and SD-JWT; SMART Health Cards
status         revocation: Bitstring and Token Status Lists
requests       Presentation Exchange, DCQL, OpenID4VP and OpenID4VCI
predicates     ranges, equality and pseudonyms over hidden values
services       small ASGI applications over all of this
linter         what in a credential links its presentations (`coarsening`: the coarser form)

Names are imported when they are first asked for: a verifier of one thing need not wait for all of it.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = (
    "refusals",
    "status.bitstring",
    "records.model",
    "records.verify",
    "records.issue",
    "records.views",
    "records.requests",
)
"""Where the names above live, those that cost least first."""


def __getattr__(name: str) -> object:
    """A name of this package, from the first of its modules that has it."""
    for home in _HOMES if name in __all__ else ():
        module = importlib.import_module(f"{__name__}.{home}")
        if hasattr(module, name):
            return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
