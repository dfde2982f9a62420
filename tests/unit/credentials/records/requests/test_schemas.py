"""Schemas of strangers: a bounded part of JSON Schema, found by their hash."""

import hashlib
import json
from typing import Any

import pytest
from health_issuer import KEYS, credential

from panacea.credentials import Checked, DealUnusable, SchemaMismatch, derive_view, require_schemas, verify_view
from panacea.credentials.records.requests.schemas import Budget, compile_schema
from panacea.credentials.records.requests.tree import tree_of
from panacea.health.mapping import subject_form


def view() -> Checked:
    octets = derive_view(credential(), fields=["/status", "/valueQuantity"], presentation_header=b"")
    return verify_view(octets, header=b"", issuer_key=KEYS.bbs_public)


def schema(**keywords: Any) -> tuple[bytes, bytes]:
    octets = json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "title": "Lab"} | keywords).encode()
    return octets, hashlib.sha256(octets).digest()


def test_a_schema_that_is_met() -> None:
    lab, digest = schema(properties={"status": {"enum": ["final", "amended"]}}, required=["valueQuantity"])
    other, _ = schema(required=["nothing"])
    require_schemas(view(), hashes=[digest], schemas=[other, lab])
    require_schemas(view(), hashes=[], schemas=[])


def test_a_schema_that_is_not_met_or_not_there() -> None:
    unmet, digest = schema(required=["subject"])
    with pytest.raises(SchemaMismatch, match=r"schema_mismatch$"):
        require_schemas(view(), hashes=[digest], schemas=[unmet])
    with pytest.raises(SchemaMismatch, match=r"schema_mismatch$"):
        require_schemas(view(), hashes=[digest], schemas=[unmet + b" "])


@pytest.mark.parametrize("octets", [b"", b"true", b"{", b'{"$schema":"https://json-schema.org/draft/2020-12/schema"}'])
def test_what_is_no_schema(octets: bytes) -> None:
    with pytest.raises(DealUnusable):
        require_schemas(view(), hashes=[hashlib.sha256(octets).digest()], schemas=[octets])


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"items": found}
    return found


@pytest.mark.parametrize(
    "value",
    [
        {"$ref": "#"},
        {"$ref": "https://schemas.example/a"},
        {"definitions": {}},
        {"format": "date"},
        {"if": True},
        {"patternProperties": {}},
        {"properties": {"a": {"$ref": "#"}}},
        {"items": [{"type": "string"}]},
        {"anyOf": {"type": "string"}},
        {"anyOf": []},
        {"not": "string"},
        {"type": "text"},
        {"required": "a"},
        {"minimum": "a"},
        {"pattern": "("},
        {"pattern": "(?=a)b"},
        {"pattern": "(a{1000}){1000}"},
        {"enum": list(range(3000))},
        nested(13),
        [],
        "string",
        None,
    ],
)
def test_schemas_that_are_not_done(value: Any) -> None:
    with pytest.raises(DealUnusable):
        compile_schema(value)


@pytest.mark.parametrize(
    ("value", "resource", "met"),
    [
        (True, {"a": 1}, True),
        (False, {"a": 1}, False),
        ({"properties": {"a": {"type": "integer", "minimum": 1}}}, {"a": 1}, True),
        ({"properties": {"a": {"type": "integer", "minimum": 2}}}, {"a": 1}, False),
        ({"properties": {"a": {"contains": {"const": None}}}}, {"a": [1, None]}, True),
        ({"properties": {"a": {"items": {"type": "string"}, "minItems": 2}}}, {"a": ["x"]}, False),
        ({"additionalProperties": {"type": "string"}}, {"a": {}}, False),
        ({"properties": {"a": {"const": []}}}, {"a": []}, True),
        ({"properties": {"a": {"const": 1}}}, {"a": True}, False),
    ],
)
def test_what_a_schema_accepts(value: Any, resource: dict[str, Any], met: bool) -> None:
    tree = tree_of(subject_form({"resourceType": "Basic"} | resource))
    assert compile_schema(value).accepts(tree, Budget()) is met
