"""HL7's FHIR R4 examples: every one becomes statements, and reads back as it was written."""

from pathlib import Path

import pytest
from shared_files import fhir

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.health.bundles import Record, read_records
from panacea.health.disclosure import cost
from panacea.health.mapping import CONTEXT_URL, context_document, disclosed, resource_form, subject_form
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import Resource

CONTEXTS = Contexts.bundled().with_extra({CONTEXT_URL: context_document()})

WITHOUT_RECORD = 5
"""Statements of the document below that are not the record's: type, issuer, nullifier, two ways to the record."""

PARTS = {"valueQuantity", "component"}


def _statements(resource: Resource) -> tuple[str, ...]:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
        "type": ["VerifiableCredential"],
        "issuer": "did:panacea:7Prd74ry1Uct87nZqL3ny7aR7Cg46JamVbJgk8azVgUm",
        "credentialSubject": {"id": "did:key:z6MkHolder", "nullifier": "n" * 43, "resource": subject_form(resource)},
    }
    return canonicalize(to_quads(document, CONTEXTS)).lines


@pytest.mark.parametrize("path", sorted(fhir().glob("*.json")), ids=lambda path: path.stem)
def test_a_file_reads_back_equal(path: Path) -> None:
    resource = parse_json(path.read_bytes())
    form = subject_form(resource)
    assert to_json(resource_form(form)) == to_json(disclosed(form)) == to_json(resource)


def test_different_records_have_different_statements_and_few() -> None:
    records = [found for found in read_records(fhir()) if isinstance(found, Record)]
    by_text: dict[bytes, tuple[str, ...]] = {to_json(one.resource): _statements(one.resource) for one in records}
    assert len(set(by_text.values())) == len(by_text) > 200
    for one in records:
        assert cost(one.resource, [""]).shown == len(by_text[to_json(one.resource)]) - WITHOUT_RECORD
    values = [
        len(by_text[to_json(one.resource)])
        for one in records
        if one.resource["resourceType"] == "Observation" and {"valueQuantity"} == one.resource.keys() & PARTS
    ]
    assert values
    assert max(values) < 120
