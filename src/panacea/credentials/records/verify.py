"""Verifying a view: what enclaves and consumers establish before they believe a word of it.

    peek_issuer     --> who claims to have signed                     (nothing is believed yet)
    require_issuer  --> the issuer's current key, if the deal trusts it
    verify_view     --> Checked: what is shown is signed, for this occasion
    require_holder, require_same, require_valid_at, require_for_enclave

Each refusal's text is a stable code of the exchange (`refusals`).
"""

from collections.abc import Container
from dataclasses import dataclass, field, fields

from panacea.credentials.rdf import Contexts
from panacea.credentials.records.model import (
    READING,
    Claims,
    credential_contexts,
    parse_credential,
    read_claims,
    read_issuer,
)
from panacea.credentials.refusals import (
    CredentialExpired,
    CredentialNotYetValid,
    DisclosureExcess,
    DisclosureMissing,
    HolderMismatch,
    IssuerInactive,
    IssuerNotTrusted,
    ProofInvalid,
    ViewMismatch,
)
from panacea.credentials.status.bitstring import StatusEntry
from panacea.credentials.suites import bbs2023
from panacea.crypto.keys import KeyKind
from panacea.identity.did import InvalidDID
from panacea.identity.documents import InvalidDocument, MethodNotFound, Purpose
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved, Resolver


@dataclass(frozen=True, slots=True)
class Checked(Claims):
    """A view whose every statement its issuer signed, shown for the occasion of `presentation_header`.

    `statements` are those shown, as N-Quads under the issuer's labels; the first-named four members of `MANDATORY`
    are `mandatory` of them; `hidden` is how many more the issuer signed.
    """

    issuer_key: bytes = field(repr=False)
    presentation_header: bytes
    statements: tuple[str, ...] = field(repr=False)
    mandatory: int
    hidden: int


def peek_issuer(view: bytes) -> tuple[str, str]:
    """The DID that a view names as its issuer, and the id of the key, before anything is verified.

    Raises IssuerNotTrusted for JSON that is no credential, such as a bare record; ProofInvalid for what is no JSON.
    """
    document = parse_credential(view)
    if "issuer" not in document or "proof" not in document:
        raise IssuerNotTrusted("a record without a credential")
    return read_issuer(document)


def require_issuer(issuer: str, method_id: str, *, trusted: Container[str], resolver: Resolver) -> bytes:
    """The issuer's BBS key, 96 bytes, if its DID is active, the key still speaks for it, and `trusted` holds it.

    Raises IssuerInactive, IssuerNotTrusted; what the resolver raises for want of a node passes through.
    """
    key = get_issuer_key(issuer, method_id, resolver=resolver)
    if issuer not in trusted:
        raise IssuerNotTrusted(issuer=issuer)
    return key


def get_issuer_key(issuer: str, method_id: str, *, resolver: Resolver) -> bytes:
    """The BBS key of that id among the issuer's current assertion methods, 96 bytes.

    Raises IssuerInactive, IssuerNotTrusted where there is no such DID.
    """
    try:
        method = resolver.resolve(issuer).method(method_id, Purpose.ASSERTION_METHOD)
    except (DIDDeactivated, MethodNotFound, InvalidDocument) as error:
        raise IssuerInactive(str(error)) from error
    except (DIDNotResolved, InvalidDID) as error:
        raise IssuerNotTrusted(str(error)) from error
    if method.public_key.kind is not KeyKind.BLS12381G2:
        raise IssuerInactive("the key does not sign records", kind=method.public_key.kind)
    return method.public_key.raw


def verify_view(view: bytes, *, header: bytes, issuer_key: bytes, contexts: Contexts | None = None) -> Checked:
    """Refuse a view unless the key signed its every statement and it was derived under this presentation header.

    Raises ProofInvalid, and DisclosureMissing where issuer or validity are hidden.
    """
    document = parse_credential(view)
    claims = read_claims(document)
    try:
        derived = bbs2023.verify_derived(
            document,
            public_key=issuer_key,
            presentation_header_expected=header,
            contexts=contexts or credential_contexts(),
        )
    except READING as error:
        raise ProofInvalid(str(error)) from error
    return Checked(
        **{one.name: getattr(claims, one.name) for one in fields(claims)},
        issuer_key=issuer_key,
        presentation_header=header,
        statements=derived.statements,
        mandatory=derived.mandatory,
        hidden=derived.hidden,
    )


def require_for_enclave(view: Checked) -> tuple[str, bytes, StatusEntry]:
    """Holder, nullifier and status entry, which the enclave must see. Raises DisclosureMissing."""
    if view.holder is None or view.nullifier is None or view.status is None:
        shown = {"holder": view.holder, "nullifier": view.nullifier, "status": view.status}
        raise DisclosureMissing(hidden=[name for name, value in shown.items() if value is None])
    return view.holder, view.nullifier, view.status


def require_holder(view: Checked, did: str) -> None:
    """Refuse another person's credential. Raises HolderMismatch, DisclosureMissing."""
    if view.holder is None:
        raise DisclosureMissing(hidden=["holder"])
    if view.holder != did:
        raise HolderMismatch(expected=did)


def require_same(enclave: Checked, consumer: Checked) -> None:
    """Refuse two views unless the consumer's is the enclave's without holder, nullifier and status.

    Both must stand under one issuer key. The labels in the statements are the issuer's and new for each credential, so
    equal statements also mean equal places in one record. Raises ViewMismatch, DisclosureExcess.
    """
    if (enclave.issuer, enclave.method_id, enclave.issuer_key) != (
        consumer.issuer,
        consumer.method_id,
        consumer.issuer_key,
    ):
        raise ViewMismatch("views under two issuers or keys")
    sizes = [len(view.statements) + view.hidden for view in (enclave, consumer)]
    if sizes[0] != sizes[1] or not set(consumer.statements) <= set(enclave.statements):
        raise ViewMismatch("the consumer's view is of another credential")
    if enclave.subject != consumer.subject:
        raise ViewMismatch("one view shows more of the record than the other")
    private = {"holder": consumer.holder, "nullifier": consumer.nullifier, "status": consumer.status}
    if shown := [name for name, value in private.items() if value is not None]:
        raise DisclosureExcess("the consumer's view shows what is for the enclave", shown=shown)


def require_valid_at(view: Claims, unix_seconds: int) -> None:
    """Refuse outside [validFrom, validUntil). Raises CredentialNotYetValid, CredentialExpired."""
    if unix_seconds < view.valid_from:
        raise CredentialNotYetValid(valid_from=view.valid_from, now=unix_seconds)
    if unix_seconds >= view.valid_until:
        raise CredentialExpired(valid_until=view.valid_until, now=unix_seconds)
