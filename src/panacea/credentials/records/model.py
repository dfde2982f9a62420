"""The one shape of a health credential: VC 2.0, secured with bbs-2023.

    @context           the VC 2.0 context, then that of `panacea.health`
    type, issuer, validFrom, validUntil (cut to the day)         mandatory: in every view
    credentialStatus   an entry of a Bitstring Status List       for the enclave
    credentialSubject  [ {id: holder DID, nullifier},            for the enclave
                         {resource: subject form of FHIR,        as far as the holder chooses
                            with counts (`completeness`)} ]

The holder and the record are two entries of `credentialSubject`. In RDF the identifier of a node stands in each of its
statements: were they one node, no part of the record could be shown without the holder's DID.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Final

from panacea.credentials.data_model import CONTEXT_V2, CREDENTIAL
from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import Contexts, JSONLDRejected, PointerRejected, PoisonGraph
from panacea.credentials.records.completeness import count_members, without_counts
from panacea.credentials.refusals import DisclosureMissing, ProofInvalid
from panacea.credentials.status.bitstring import StatusEntry
from panacea.credentials.suites.data_integrity import require_basic
from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import MalformedProof, ProofRejected
from panacea.health.mapping import CONTEXT_URL, Subject, context_document, disclosed
from panacea.health.strict_json import parse_json
from panacea.health.types import HealthRejected, JSONRejected, Resource
from panacea.identity.did import InvalidDID, method_of

MAX_CREDENTIAL: Final = 16 * 1024 * 1024
MAX_VIEW: Final = 1024 * 1024
"""Bytes of a credential and of a view of one."""

DAY: Final = 86_400

MANDATORY: Final = ("/type", "/issuer", "/validFrom", "/validUntil")
STATUS: Final = "/credentialStatus"
HOLDER: Final = "/credentialSubject/0/id"
NULLIFIER: Final = "/credentialSubject/0/nullifier"
RECORD: Final = "/credentialSubject/1/resource"

READING: Final = (JSONLDRejected, PointerRejected, PoisonGraph, ProofRejected, HealthRejected, InvalidDID)
"""What reading a credential's JSON, RDF and proof may raise."""

_MEMBERS = {"@context", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSubject", "proof"}
_MAX_DEPTH = 48
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00Z")

Document = dict[str, Any]  # Any: a JSON document, whose shape is checked here


@dataclass(frozen=True, slots=True)
class Claims:
    """What a credential says, as far as it is shown: times in unix seconds, what is hidden None.

    `resource` is FHIR in which items left out of arrays have closed up; `subject` is the form that was signed, where
    each item keeps its index and each object its count (`completeness`).
    """

    issuer: str
    method_id: str
    types: tuple[str, ...]
    valid_from: int
    valid_until: int
    holder: str | None
    nullifier: bytes | None = field(repr=False)
    status: StatusEntry | None
    resource: Resource = field(repr=False)
    subject: Subject = field(repr=False)


@cache
def credential_contexts() -> Contexts:
    """The contexts that health credentials are read with."""
    return Contexts.bundled().with_extra({CONTEXT_URL: context_document()})


def write_day(seconds: int) -> str:
    """The first second of the day that `seconds` lies in, as a dateTimeStamp; ValueError beyond the year 9999."""
    return write_moment(seconds - seconds % DAY)


def parse_credential(octets: bytes, limit: int = MAX_VIEW) -> Document:
    """The JSON object of a credential or view, read strictly. Raises ProofInvalid."""
    try:
        document = parse_json(octets, max_bytes=limit, max_depth=_MAX_DEPTH)
    except JSONRejected as error:
        raise ProofInvalid(str(error)) from error
    if not isinstance(document, dict):
        raise ProofInvalid("a credential is a JSON object")
    return document


def build_document(
    *,
    issuer: str,
    validity: tuple[str, str],
    status: StatusEntry | None,
    holder: str,
    nullifier: bytes,
    subject: Subject,
) -> Document:
    """A whole credential, yet unsigned."""
    return {
        "@context": [CONTEXT_V2, CONTEXT_URL],
        "type": [CREDENTIAL],
        "issuer": issuer,
        "validFrom": validity[0],
        "validUntil": validity[1],
        **({} if status is None else {"credentialStatus": status.to_json()}),
        "credentialSubject": [
            {"id": holder, "nullifier": to_base64url(nullifier)},
            {"resource": count_members(subject)},
        ],
    }


def read_claims(document: Mapping[str, Any]) -> Claims:  # Any: see Document
    """What a document of this shape says; whether it is true is the proof's matter.

    JSON-LD can say one thing in many spellings. Only the one of `build_document` is read, so that what is read is what
    was signed. Raises ProofInvalid, and DisclosureMissing where issuer or validity are not there.
    """
    if unknown := document.keys() - _MEMBERS:
        raise ProofInvalid("unknown members", members=sorted(unknown))
    for name in ("type", "issuer", "validFrom", "validUntil"):
        if name not in document:
            raise DisclosureMissing(member=name)
    if document.get("@context") != [CONTEXT_V2, CONTEXT_URL] or document["type"] != [CREDENTIAL]:
        raise ProofInvalid("not a health credential, by its contexts and type")
    issuer, method_id = read_issuer(document)
    holder, nullifier, subject = _read_subjects(document.get("credentialSubject", []))
    try:
        resource = disclosed(without_counts(subject)) if subject else {}
    except HealthRejected as error:
        raise ProofInvalid(str(error)) from error
    return Claims(
        issuer,
        method_id,
        (CREDENTIAL,),
        _read_day(document["validFrom"]),
        _read_day(document["validUntil"]),
        holder,
        nullifier,
        StatusEntry.from_json(document["credentialStatus"]) if "credentialStatus" in document else None,
        resource,
        subject,
    )


def read_issuer(document: Mapping[str, Any]) -> tuple[str, str]:  # Any: see Document
    """The issuer's DID and the id of its verification method, which must be of that DID. Raises ProofInvalid."""
    proof = document.get("proof")
    issuer, method_id = document.get("issuer"), proof.get("verificationMethod") if isinstance(proof, dict) else None
    if not isinstance(issuer, str) or not isinstance(method_id, str):
        raise ProofInvalid("an issuer and one proof are expected")
    try:
        require_basic(proof)  # What other options ask for, nobody in the exchange checks.
    except MalformedProof as error:
        raise ProofInvalid(str(error)) from error
    _require_did(issuer)
    if not method_id.startswith(f"{issuer}#"):
        raise ProofInvalid("signed with a key of another DID", issuer=issuer, method=method_id)
    return issuer, method_id


def _read_subjects(subjects: Any) -> tuple[str | None, bytes | None, Subject]:  # Any: JSON, checked here
    """Holder, nullifier and record of the entries that are shown."""
    person: Document = {}
    record: Document = {}
    match subjects:
        case []:
            pass
        case [{"id": _}]:
            [person] = subjects
        case [{"resource": {}}]:
            [record] = subjects
        case [{"id": _}, {"resource": {}}]:
            person, record = subjects
        case _:
            raise ProofInvalid("credentialSubject is not a holder and a record")
    if person.keys() - {"id", "nullifier"} or record.keys() - {"resource"}:
        raise ProofInvalid("credentialSubject says more than a holder and a record")
    subject = record.get("resource", {})
    holder = _require_did(person["id"]) if person else None
    return holder, _read_nullifier(person["nullifier"]) if "nullifier" in person else None, subject


def _read_nullifier(text: Any) -> bytes:  # Any: JSON, checked here
    try:
        octets = from_base64url(text) if isinstance(text, str) else b""
    except ProofRejected:
        octets = b""
    if len(octets) != 32:
        raise ProofInvalid("a nullifier has 32 bytes")
    return octets


def _require_did(text: Any) -> str:  # Any: JSON, checked here
    try:
        method_of(text if isinstance(text, str) else "")
    except InvalidDID as error:
        raise ProofInvalid("not a DID", did=text) from error
    return str(text)


def _read_day(text: Any) -> int:  # Any: JSON, checked here
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return int(datetime.fromisoformat(text).timestamp())
    except ValueError:
        pass
    raise ProofInvalid("validity is a day, at 00:00:00Z", found=text)
