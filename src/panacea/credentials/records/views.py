"""Showing parts of a credential: to the enclave, to the consumer, and beforehand to its owner.

`fields` are JSON pointers into the FHIR resource; `requests` finds those that a deal asks for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from panacea.credentials.rdf import Contexts
from panacea.credentials.records.issue import resource_of
from panacea.credentials.records.model import (
    HOLDER,
    MAX_CREDENTIAL,
    MAX_VIEW,
    NULLIFIER,
    READING,
    RECORD,
    STATUS,
    credential_contexts,
    parse_credential,
    read_claims,
)
from panacea.credentials.refusals import DisclosureExcess, DisclosureMissing, ProofInvalid
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import BaseValue
from panacea.health.disclosure import Line, explain
from panacea.health.paths import elements_for, pointers_for
from panacea.health.strict_json import to_json
from panacea.health.types import PathRejected
from panacea.primitives.time import Random, SystemRandom
from panacea.wire.contexts import consumer_view_header, enclave_view_header

SYSTEM: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a sale would show: each element of the record with its fate, and the rest by name.

    `everyone` leaves with any view, `enclave` only to the oracle's enclave, which keeps none of it.
    """

    record: tuple[Line, ...]
    everyone: Mapping[str, str]
    enclave: Mapping[str, str]


def derive_view(
    credential: bytes,
    *,
    fields: Sequence[str],
    presentation_header: bytes,
    holder: bool = False,
    nullifier: bool = False,
    status: bool = False,
    contexts: Contexts | None = None,
    random: Random = SYSTEM,
) -> bytes:
    """A view that shows `fields` and the issuer's mandatory members, and proves the rest without showing it.

    The nullifier is a statement about the holder: who shows it shows the holder's DID. The proof of the credential is
    taken as true (`verify_issued`). Raises PathRejected for a field that is not in the record, DisclosureMissing for a
    status where there is none, DisclosureExcess for a view above 1 MiB, ProofInvalid for what is no credential.
    """
    document = parse_credential(credential, MAX_CREDENTIAL)
    claims = read_claims(document)
    if status and claims.status is None:
        raise DisclosureMissing("the credential has no status")
    pointers = [*([HOLDER] if holder else []), *([NULLIFIER] if nullifier else []), *([STATUS] if status else [])]
    try:
        resource = resource_of(credential)
        if absent := [path for path in fields if not elements_for(resource, [path])]:
            raise PathRejected("not in this record", paths=absent)
        view = bbs2023.derive(
            document,
            selective_pointers=[*pointers, *pointers_for(resource, fields, prefix=RECORD)],
            presentation_header=presentation_header,
            public_key=BaseValue.from_text(document["proof"].get("proofValue")).public_key,
            contexts=contexts or credential_contexts(),
            random=random,
        )
    except PathRejected:
        raise
    except READING as error:
        raise ProofInvalid(str(error)) from error
    octets = to_json(view)
    if len(octets) > MAX_VIEW:
        raise DisclosureExcess("a view too large to be read", bytes=len(octets), limit=MAX_VIEW)
    return octets


def enclave_view(credential: bytes, fields: Sequence[str], info: bytes, *, random: Random = SYSTEM) -> bytes:
    """The view that the enclave reads: holder, nullifier and status as well, for the offer of that encoded `info`."""
    header = enclave_view_header(info)
    return derive_view(
        credential,
        fields=fields,
        presentation_header=header,
        holder=True,
        nullifier=True,
        status=True,
        random=random,
    )


def consumer_view(
    credential: bytes, fields: Sequence[str], chain_id: str, deal_id: int, query_hash: bytes, *, random: Random = SYSTEM
) -> bytes:
    """The view that the consumer of that deal receives: the fields, and nothing about the holder."""
    header = consumer_view_header(chain_id, deal_id, query_hash)
    return derive_view(credential, fields=fields, presentation_header=header, random=random)


def show(credential: bytes, fields: Sequence[str]) -> Shown:
    """What leaves and what stays if `fields` were sold, in words. Raises PathRejected, ProofInvalid."""
    document = parse_credential(credential, MAX_CREDENTIAL)
    claims = read_claims(document)
    status = {} if claims.status is None else {"Status": f"{claims.status.list_url} #{claims.status.index}"}
    return Shown(
        record=tuple(explain(resource_of(credential), fields)),
        everyone={
            "Issuer": claims.issuer,
            "Valid from": str(document["validFrom"])[:10],
            "Valid until": str(document["validUntil"])[:10],
        },
        enclave={"Holder": claims.holder or "", "Nullifier": "a number of the record, told to nobody else", **status},
    )
