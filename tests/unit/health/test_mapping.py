"""FHIR resources as credential subjects: the form, its inverse, and its statements."""

from typing import Any

import pytest

from panacea.credentials.rdf import Contexts, Quad, canonicalize, select, to_quads
from panacea.health.mapping import CONTEXT_URL, context_document, disclosed, resource_form, subject_form
from panacea.health.paths import pointers_for
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSONRejected, ResourceRejected, SubjectFormRejected

CONTEXTS = Contexts.bundled().with_extra({CONTEXT_URL: context_document()})
VOCAB = "https://w3id.org/panacea/health/v1#"
LAB = b"""{"resourceType":"Observation","id":"o1","status":"final",
 "code":{"coding":[{"system":"http://loinc.org","code":"4548-4"},{"code":"HBA1C"}]},
 "subject":{"reference":"Patient/p1","type":"Patient"},"valueQuantity":{"value":7.90,"unit":"%"},
 "_effectiveDateTime":{"extension":[{"url":"urn:x","valueBoolean":true}]},
 "note":[{"text":"a"},{"text":"a"}],"given":[null,"b"],"odd":[[],{},[1]]}"""


def credential(subject: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
        "type": ["VerifiableCredential"],
        "issuer": "did:panacea:7Prd74ry1Uct87nZqL3ny7aR7Cg46JamVbJgk8azVgUm",
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2027-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:key:z6MkHolder", "nullifier": "n" * 43, "resource": subject},
    }


def statements(resource: dict[str, Any]) -> tuple[str, ...]:
    return canonicalize(to_quads(credential(subject_form(resource)), CONTEXTS)).lines


def test_the_form_of_a_resource() -> None:
    form = subject_form(parse_json(LAB))
    assert form["type"] == "Observation"
    assert form["id_"] == "o1"
    assert form["code"]["coding.1"] == {"code": "HBA1C"}
    assert form["subject"]["type_"] == "Patient"
    assert form["valueQuantity"]["value"] == {"@type": "xsd:decimal", "@value": "7.90"}
    assert form["given.0"] == {"@type": "json", "@value": "null"}
    assert form["odd.0"]["@value"] == "[]"
    assert form["odd.2.0"] == {"@type": "xsd:integer", "@value": "1"}
    assert to_json(resource_form(form)) == to_json(parse_json(LAB))


def test_the_statements_of_a_resource() -> None:
    quads = to_quads(credential(subject_form(parse_json(LAB))), CONTEXTS)
    assert len(quads) < 40
    node = next(quad.subject for quad in quads if quad.object == f"<{VOCAB}Observation>")
    assert Quad(node, f"<{VOCAB}status>", '"final"') in quads
    assert any(quad.predicate == f"<{VOCAB}value>" and quad.object.startswith('"7.90"^^') for quad in quads)
    assert Quad("<did:key:z6MkHolder>", f"<{VOCAB}resource>", node) in quads


def test_what_is_disclosed_reads_as_fhir() -> None:
    resource = parse_json(LAB)
    pointers = pointers_for(
        resource,
        ["status", "Observation.value[x]", "/code/coding/1/code", "$.note[1]"],
        prefix="/credentialSubject/resource",
    )
    revealed = select(credential(subject_form(resource)), ["/issuer", *pointers])
    expected = (
        b'{"resourceType":"Observation","status":"final","code":{"coding":[{"code":"HBA1C"}]},'
        b'"valueQuantity":{"value":7.90,"unit":"%"},"note":[{"text":"a"}]}'
    )
    assert to_json(disclosed(revealed["credentialSubject"]["resource"])) == expected
    full = set(statements(resource))
    assert len(to_quads(revealed, CONTEXTS)) < len(full)
    with pytest.raises(SubjectFormRejected):
        resource_form(revealed["credentialSubject"]["resource"])


@pytest.mark.parametrize(
    "resource",
    [{}, [], None, {"resourceType": 1}, {"resourceType": "a b"}]
    + [
        {"resourceType": "P", **more} for more in ({"a b": 1}, {"@id": ""}, {"a.0": 1}, {"x": 0.5}, {"": 1}, {"a:b": 1})
    ],
)
def test_what_is_no_resource_is_refused(resource: Any) -> None:
    with pytest.raises(ResourceRejected):
        subject_form(resource)


def test_depth_is_bounded() -> None:
    resource: Any = "x"
    for _ in range(60):
        resource = {"resourceType": "P", "a": resource}
    with pytest.raises(JSONRejected):
        subject_form(resource)


@pytest.mark.parametrize(
    "members",
    [
        {"a.1": "x"},
        {"a": "x", "a.0": "y"},
        {"a.0": "x", "a.0.0": "y"},
        {"a.00": "x"},
        {"id": "x"},
        {"resourceType": "Patient"},
        {"a": {}},
        {"a": ["x"]},
        {"a": None},
        {"a": 1},
        {"a": {"@value": "1", "@type": "xsd:decimal"}},
        {"a": {"@value": "01", "@type": "xsd:integer"}},
        {"a": {"@value": "1.0"}},
        {"a": {"@value": "nul", "@type": "json"}},
        {"a": {"@id": "urn:x"}},
        {"@context": {}},
    ],
)
def test_other_subjects_are_refused(members: dict[str, Any]) -> None:
    with pytest.raises(SubjectFormRejected):
        resource_form({"type": "Patient", **members})
