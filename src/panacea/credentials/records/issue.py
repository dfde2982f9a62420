"""Issuing: a FHIR resource becomes a credential that its holder can show in parts.

issue           resource, holder, keys --> credential, for the holder alone
verify_issued   the holder's own check on receipt
resource_of     the resource again, equal to the last digit
"""

from dataclasses import dataclass
from typing import Final

from panacea.credentials.rdf import Contexts
from panacea.credentials.records.completeness import is_counted, is_object, without_counts
from panacea.credentials.records.model import (
    MANDATORY,
    MAX_CREDENTIAL,
    READING,
    RECORD,
    Claims,
    build_document,
    credential_contexts,
    parse_credential,
    read_claims,
    write_day,
)
from panacea.credentials.records.verify import get_issuer_key
from panacea.credentials.refusals import DisclosureMissing, HolderMismatch, NotIssuable, ProofInvalid
from panacea.credentials.status.bitstring import StatusEntry
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.types import ProofRejected
from panacea.crypto.keys import Signer
from panacea.crypto.secret import SecretBytes
from panacea.health.mapping import Subject, resource_form, subject_form
from panacea.health.strict_json import to_json
from panacea.health.types import Resource, SubjectFormRejected
from panacea.identity.did import method_of
from panacea.identity.resolver import Resolver
from panacea.primitives.time import Random, SystemRandom
from panacea.wire.contexts import nullifier

SYSTEM: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class IssuerKeys:
    """What an issuer signs with: BBS for records, Ed25519 for status lists, each with the id of its method.

    `nullifier_secret` makes the nullifiers: kept for good, or records issued again could be sold again.
    """

    did: str
    bbs_secret: SecretBytes
    bbs_public: bytes
    bbs_method_id: str
    status_signer: Signer
    status_method_id: str
    nullifier_secret: SecretBytes


def issue(
    resource: Resource,
    *,
    keys: IssuerKeys,
    holder_did: str,
    reference: str,
    valid_from: int,
    valid_until: int,
    status: StatusEntry | None,
    contexts: Contexts | None = None,
    random: Random = SYSTEM,
) -> bytes:
    """A credential about `resource` for `holder_did`, as JSON bytes.

    `reference` is the absolute FHIR reference of the record, or its path in a folder (`health.bundles`): the same
    reference always gives the same nullifier. `valid_from` and `valid_until` are unix seconds, both cut to the day.
    Raises NotIssuable, InvalidDID for the holder, ResourceRejected or JSONRejected for the resource.
    """
    method_of(holder_did)
    document = build_document(
        issuer=keys.did,
        validity=_validity(valid_from, valid_until),
        status=status,
        holder=holder_did,
        nullifier=nullifier(keys.nullifier_secret.reveal(), reference),
        subject=subject_form(resource),
    )
    try:
        secured = bbs2023.create_base(
            document,
            secret_key=keys.bbs_secret.reveal(),
            public_key=keys.bbs_public,
            verification_method=keys.bbs_method_id,
            mandatory_pointers=MANDATORY,
            contexts=contexts or credential_contexts(),
            random=random,
        )
    except ProofRejected as error:
        raise NotIssuable(error.detail or error.text) from error
    octets = to_json(secured)
    if len(octets) > MAX_CREDENTIAL:
        raise NotIssuable("too large", bytes=len(octets), limit=MAX_CREDENTIAL)
    return octets


def verify_issued(
    credential: bytes, *, resolver: Resolver, holder_did: str | None = None, contexts: Contexts | None = None
) -> Claims:
    """Refuse a credential that its issuer did not sign with a current key, statement by statement.

    Raises ProofInvalid, HolderMismatch where it is not for `holder_did`, DisclosureMissing, IssuerNotTrusted,
    IssuerInactive.
    """
    document = parse_credential(credential, MAX_CREDENTIAL)
    claims = read_claims(document)
    key = get_issuer_key(claims.issuer, claims.method_id, resolver=resolver)
    try:
        value = bbs2023.verify_base(document, public_key=key, contexts=contexts or credential_contexts())
    except READING as error:
        raise ProofInvalid(str(error)) from error
    if value.mandatory_pointers != MANDATORY:
        raise ProofInvalid("other statements are mandatory", pointers=value.mandatory_pointers)
    if claims.nullifier is None or claims.holder is None:
        raise DisclosureMissing("holder and nullifier must be there")
    if holder_did not in {None, claims.holder}:
        raise HolderMismatch(holder=claims.holder, expected=holder_did)
    _require_whole(claims)
    return claims


def resource_of(credential: bytes) -> Resource:
    """The FHIR resource of a credential, as it was issued; nothing is verified. Raises ProofInvalid."""
    return _require_whole(read_claims(parse_credential(credential, MAX_CREDENTIAL)))


def _require_whole(claims: Claims) -> Resource:
    _require_counts(claims.subject)
    try:
        return resource_form(without_counts(claims.subject))
    except SubjectFormRejected as error:
        raise ProofInvalid(f"{RECORD}: {error}") from error


def _require_counts(node: Subject) -> None:
    if not is_counted(node):
        raise ProofInvalid("members are missing, or their count is", members=sorted(node))
    for inner in node.values():
        if is_object(inner):
            _require_counts(inner)


def _validity(valid_from: int, valid_until: int) -> tuple[str, str]:
    try:
        days = write_day(valid_from), write_day(valid_until)
    except ValueError as error:
        raise NotIssuable(str(error)) from error
    if days[0] >= days[1]:
        raise NotIssuable("valid for less than a day", valid_from=days[0], valid_until=days[1])
    return days
