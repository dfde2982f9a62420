"""Presentation Exchange as published: every example is read here, and whatever the published schemas refuse is refused.

The schemas judge independently (jsonschema_rs); mutations of every example are put before both. Deals use a part of the
language: what lies outside is refused by name there (`records/requests`).
"""

import copy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import jsonschema_rs
import pytest
import rfc8785
from shared_files import shared

from panacea.credentials import DealUnusable, parse
from panacea.credentials.requests.definitions import read_definition, read_descriptor, read_requirements
from panacea.credentials.requests.submissions import find_embedded, read_submission
from panacea.credentials.requests.types import SubmissionRejected
from panacea.health.strict_json import parse_json
from panacea.primitives.rejected import Rejected

ROOT = shared("presentation-exchange")
SCHEMAS = ROOT / "schemas"
EXAMPLES = sorted((ROOT / "test").rglob("*.json"))
DEFINITIONS = [file for file in EXAMPLES if file.parent.name == "presentation-definition"]
QUERIES = [*sorted(shared("openid4vp/query_lang").glob("*.json")), shared("openid4vp/request/dcql_ldp_vc.json")]

EXCEPTIONS: dict[str, str] = {
    "appendix_CHAPI_example": "the file holds a comment in place of the submission: there is none to read",
    "appendix_DIDComm_example": "the file holds a comment in place of the submission: there is none to read",
}

REGISTRY = "https://identity.foundation/claim-format-registry/schemas/presentation"
FORMATS = {
    f"{REGISTRY}-definition-claim-format-designations.json": {
        "type": "object",
        "additionalProperties": {"type": "object"},
    },
    f"{REGISTRY}-submission-claim-format-designations.json": {"definitions": {"format": {"type": "string"}}},
}
"""The registry of formats is no part of the vectors: here only the kind of its values counts."""


def case(file: Path) -> str:
    return file.relative_to(ROOT / "test").with_suffix("").as_posix()


def version_of(file: Path) -> str:
    return next((part for part in file.parts if part.startswith("v") and part[1:2].isdigit()), "")


def kind_of(value: Any) -> str:
    if "presentation_definition" in value:
        return "presentation-definition-envelope"
    if "input_descriptors" in value:
        return "presentation-definition"
    if "submission_requirements" in value:
        return "submission-requirements"
    if "descriptor_map" in value or find_embedded(value) is not None:
        return "presentation-submission"
    return "input-descriptor"


READERS = {
    "presentation-definition-envelope": read_definition,
    "presentation-definition": read_definition,
    "submission-requirements": read_requirements,
    "presentation-submission": read_submission,
    "input-descriptor": read_descriptor,
}


@cache
def published(kind: str, version: str) -> Any:
    """The validator of a published schema, None where the set has none of that version."""
    folder = SCHEMAS / version if version and (SCHEMAS / version).is_dir() else SCHEMAS
    if version.startswith("v1") and folder == SCHEMAS:
        return None
    file = folder / f"{kind}.json"
    if not file.exists():
        return None

    def retrieve(uri: str) -> Any:
        return FORMATS[uri] if uri in FORMATS else refuse(uri)

    return jsonschema_rs.Draft7Validator(parse_json(file.read_bytes()), retriever=retrieve, validate_formats=False)


def refuse(uri: str) -> NoReturn:
    raise AssertionError(f"nothing else is referred to: {uri}")


def wrapped(kind: str, value: Any) -> Any:
    """What the schema of a submission describes: the submission in an envelope of its own."""
    if kind != "presentation-submission":
        return value
    return {"presentation_submission": value if "descriptor_map" in value else find_embedded(value)}


@pytest.mark.parametrize("file", EXAMPLES, ids=case)
def test_examples_are_read(file: Path) -> None:
    value = parse_json(file.read_bytes())
    if file.stem in EXCEPTIONS:
        assert find_embedded(value) is None
        with pytest.raises(SubmissionRejected):
            read_submission(value)
        return
    kind = kind_of(value)
    READERS[kind](value)
    if (schema := published(kind, version_of(file))) is not None:
        assert schema.is_valid(wrapped(kind, value)), list(schema.iter_errors(wrapped(kind, value)))


@pytest.mark.parametrize("file", [file for file in EXAMPLES if file.stem not in EXCEPTIONS], ids=case)
def test_what_the_schemas_refuse_is_refused(file: Path) -> None:
    value = parse_json(file.read_bytes())
    kind = kind_of(value)
    schema = published(kind, version_of(file))
    if schema is None:
        pytest.skip("the set holds no schema of this version")
    value = wrapped(kind, value)
    refused = 0
    for mutant in mutations(value):
        if kind == "presentation-definition-envelope" and "presentation_definition" not in mutant:
            continue
        if not schema.is_valid(mutant):
            refused += 1
            with pytest.raises(Rejected):
                READERS[kind](mutant)
    assert refused > 3


@pytest.mark.parametrize("file", DEFINITIONS, ids=case)
def test_definitions_for_other_credentials(file: Path) -> None:
    document = parse_json(file.read_bytes())
    definition = document.get("presentation_definition", {"id": file.stem, "input_descriptors": [document]})
    with pytest.raises(DealUnusable, match=r"properties|input_descriptors|limit_disclosure"):
        parse(1, rfc8785.dumps(definition))


@pytest.mark.parametrize("file", QUERIES, ids=lambda file: file.stem)
def test_queries_for_other_credentials(file: Path) -> None:
    with pytest.raises(DealUnusable, match=r"one record|properties|ldp_vc|type_values"):
        parse(2, rfc8785.dumps(parse_json(file.read_bytes())))


def mutations(value: Any) -> Iterator[Any]:
    """Copies of a document with one node removed, replaced by another kind, or given an unknown member."""
    for place in places(value):
        *above, last = place
        for replacement in (None, 7, -1, "x", True, [], {}, ["x"], [7], {"x": "y"}):
            mutant = copy.deepcopy(value)
            node(mutant, above)[last] = replacement
            yield mutant
        mutant = copy.deepcopy(value)
        del node(mutant, above)[last]
        yield mutant
        if isinstance(node(value, place), dict):
            mutant = copy.deepcopy(value)
            node(mutant, place)["unheard_of"] = "x"
            yield mutant


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for step, child in value.items() if isinstance(value, dict) else enumerate(value):
        yield (*at, step)
        # Filters are JSON Schemas of their own, which their unit tests judge.
        if isinstance(child, dict | list) and step not in {"filter", "comment"}:
            yield from places(child, (*at, step))


def node(value: Any, place: Any) -> Any:
    for step in place:
        value = value[step]
    return value
