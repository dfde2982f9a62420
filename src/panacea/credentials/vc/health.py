"""FHIR resources as documents of the general SDK: nothing of a resource is lost, and any element can be shown alone.

    document = health_document(resource, issuer=did, holder=did, …)      --> issue(document, key, …)
    pointers = element_pointers(resource, ["/status", "/valueQuantity"]) --> derive(secured, pointers, …)
    resource_of(verified.document)                                       --> the part of the resource that was shown

The exchange trades a stricter shape of the same (`panacea.credentials.records`): with a nullifier, and with counts that
keep a part of an object from passing for the whole. Use that one where a record is to be sold.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from panacea.credentials.data_model import CONTEXT_V2, CREDENTIAL
from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import Contexts
from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.records.model import credential_contexts
from panacea.credentials.status.bitstring import StatusEntry
from panacea.credentials.vc.types import Document, MalformedCredential
from panacea.health.elements import FHIRVersion
from panacea.health.mapping import CONTEXT_URL
from panacea.health.paths import elements_for, pointers_for
from panacea.health.types import PathRejected, Resource
from panacea.health.versions import read_record_subject, record_subject

DAY: Final = 86_400


def health_contexts() -> Contexts:
    """The contexts that health documents are read with; the same object every time."""
    return credential_contexts()


def health_document(
    resource: Resource,
    *,
    issuer: str,
    valid_from: int,
    valid_until: int,
    holder: str | None = None,
    status: StatusEntry | None = None,
    version: FHIRVersion | None = None,
) -> Document:
    """An unsecured VC 2.0 document about a FHIR resource, valid between two times in unix seconds, cut to the day.

    The holder and the record are two subjects (`docs/decisions/0009-two-subjects.md`): no part of the record need carry
    the holder's DID. Where the FHIR release (R4, R4B, R5) is given, or known by the elements, the record's subject has
    it as its type. Raises ResourceRejected or JSONRejected for what is no FHIR JSON.
    """
    record: Document = record_subject(resource, version)
    return {
        "@context": [CONTEXT_V2, CONTEXT_URL],
        "type": [CREDENTIAL],
        "issuer": issuer,
        "validFrom": write_moment(valid_from - valid_from % DAY),
        "validUntil": write_moment(valid_until - valid_until % DAY),
        **({} if status is None else {"credentialStatus": status.to_json()}),
        "credentialSubject": record if holder is None else [{"id": holder}, record],
    }


def element_pointers(resource: Resource, elements: Sequence[str], *, holder: bool = False) -> list[str]:
    """The JSON pointers, for `derive`, of elements of a resource: `/status`, `/code/coding/0`, `/component[*]/code`.

    With `holder` the document must name one, who is shown too. Raises PathRejected for an element that is not there.
    """
    if absent := [path for path in elements if not elements_for(resource, [path])]:
        raise PathRejected("not in this resource", paths=absent)
    prefix = "/credentialSubject/1/resource" if holder else "/credentialSubject/resource"
    return [*(["/credentialSubject/0/id"] if holder else []), *pointers_for(resource, elements, prefix=prefix)]


def resource_of(document: Mapping[str, Any]) -> Resource:  # Any: JSON, checked here
    """The part of the resource that a verified document shows; array items left out have closed up.

    Raises MalformedCredential for a document that is not about a FHIR resource, and a HealthRejected for one that says
    so in another form.
    """
    subjects = document.get("credentialSubject")
    for subject in as_list(subjects):
        if isinstance(subject, dict) and isinstance(subject.get("resource"), dict):
            resource, _ = read_record_subject(subject)
            return resource
    raise MalformedCredential("no FHIR resource is shown", pointer="/credentialSubject")
