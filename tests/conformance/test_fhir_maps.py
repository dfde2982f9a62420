"""Every element that published or made-up FHIR holds has a place in the map of its type.

The types in EXCEPTIONS have no map of their own: their elements count as identifying unless most types share them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import carebundle
import pytest
from shared_files import fhir

from panacea.health.disclosure import fields_of, is_mapped
from panacea.health.elements import FHIRVersion, find_table
from panacea.health.strict_json import parse_json
from panacea.health.versions import read_version

EXCEPTIONS: dict[str, str] = {}
"""Resource type -> reason; all types met so far have a map."""


def resources(value: Any) -> Iterator[dict[str, Any]]:
    """Every resource in a document: itself, those it contains, those of its entries."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if isinstance(one.get("resourceType"), str):
                yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def unplaced(value: Any) -> list[str]:
    """Elements that no map names, as Type/element."""
    return [
        f"{resource['resourceType']}{field.path}"
        for resource in resources(value)
        if resource["resourceType"] not in EXCEPTIONS
        for field in fields_of(resource)
        if field.path.startswith("/") or find_table(resource["resourceType"]) is None
    ]


@pytest.mark.parametrize("path", sorted(fhir().glob("*.json")), ids=lambda path: path.stem)
def test_every_element_of_an_example_is_placed(path: Path) -> None:
    document = parse_json(path.read_bytes())
    assert unplaced(document) == []
    # The examples are R4: their structure never speaks for R5 alone.
    for resource in resources(document):
        assert FHIRVersion.R4 in read_version(resource).possible, resource["resourceType"]


@pytest.mark.parametrize("profile", sorted(carebundle.PROFILES))
@pytest.mark.parametrize("number", range(4))
def test_every_element_of_a_made_up_patient_is_placed(profile: str, number: int) -> None:
    made = carebundle.generate_bundle(profile=profile, seed=11, index=number, sex="FM"[number % 2])
    document = json.loads(carebundle.to_json(made))
    assert len(list(resources(document))) > 5
    assert unplaced(document) == []


def test_what_is_not_placed_is_noticed() -> None:
    assert unplaced({"resourceType": "Patient", "blood": "A"}) == ["Patient/blood"]
    assert not is_mapped({"resourceType": "Patient", "blood": "A"})
