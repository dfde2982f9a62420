"""FHIR resources as documents: exact to the last digit, shown element by element, of every release that is read."""

from decimal import Decimal
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.services.keys import as_did_key
from panacea.credentials.vc import BBSKey, MalformedCredential, Verifier, derive, issue
from panacea.credentials.vc.health import element_pointers, health_contexts, health_document, resource_of
from panacea.health.elements import FHIRVersion
from panacea.health.types import PathRejected
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

KEY = as_did_key(BBSKey.generate(SystemRandom()))


VERIFIER = Verifier(resolver=KeyResolver(), clock=At(), contexts=health_contexts())
LAB: dict[str, Any] = {  # Any: FHIR JSON
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}, {"system": "urn:lab", "code": "HBA1C"}]},
    "subject": {"reference": "Patient/p1"},
    "valueQuantity": {"value": Decimal("7.90"), "unit": "%"},
    "note": [{"text": "a"}, {"text": "a"}],
}
R5: dict[str, Any] = {  # Any: FHIR JSON
    "resourceType": "Encounter",
    "status": "completed",
    "class": [{"coding": [{"code": "AMB"}]}],
    "actualPeriod": {"start": "2026-01-01"},
}


def shown(resource: dict[str, Any], *elements: str, holder: str | None = None) -> dict[str, Any]:  # Any: FHIR JSON
    document = health_document(resource, issuer=KEY.did, holder=holder, valid_from=NOW - 10**6, valid_until=NOW + 10**6)
    secured = issue(document, KEY, contexts=health_contexts())
    assert resource_of(VERIFIER.issued(secured).document) == resource
    fields = element_pointers(resource, elements, holder=holder is not None)
    part = derive(secured, fields, contexts=health_contexts())
    found = VERIFIER.credential(part)
    assert found.valid_until == NOW + 10**6 - (NOW + 10**6) % 86_400
    return resource_of(found.document)


def test_elements_leave_one_by_one() -> None:
    assert shown(LAB, "/resourceType", "/valueQuantity/value") == {
        "resourceType": "Observation",
        "valueQuantity": {"value": Decimal("7.90")},
    }
    part = shown(LAB, "/code/coding/1", "/note", holder="did:example:anna")
    assert part["code"] == {"coding": [LAB["code"]["coding"][1]]}
    assert part["note"] == LAB["note"]
    assert "subject" not in part


def test_releases_are_stated() -> None:
    document = health_document(R5, issuer=KEY.did, valid_from=NOW, valid_until=NOW + 10**6)
    assert document["credentialSubject"]["type"] == "http://hl7.org/fhir/5.0/StructureDefinition/Encounter"
    given = health_document(LAB, issuer=KEY.did, valid_from=NOW, valid_until=NOW + 10**6, version=FHIRVersion.R4)
    assert given["credentialSubject"]["type"].endswith("/4.0/StructureDefinition/Observation")
    assert shown(R5, "/class")["class"] == R5["class"]


def test_what_is_refused() -> None:
    with pytest.raises(PathRejected):
        element_pointers(LAB, ["/absent"])
    for document in ({}, {"credentialSubject": {"name": "Anna"}}, {"credentialSubject": [7]}):
        with pytest.raises(MalformedCredential):
            resource_of(document)
