"""Counts: on every object, read in one spelling, and no element of a record."""

from typing import Any

import pytest
from health_issuer import lab

from panacea.credentials import ProofInvalid
from panacea.credentials.records.completeness import COUNT, count_members, is_counted, without_counts
from panacea.health.mapping import subject_form
from panacea.health.types import ResourceRejected


def test_every_object_is_counted() -> None:
    form = subject_form(lab())
    counted = count_members(form)
    assert counted[COUNT] == {"@type": "xsd:integer", "@value": str(len(form))}
    assert counted["code"]["coding.0"][COUNT]["@value"] == "2"
    assert COUNT not in counted["valueQuantity"]["value"]
    assert without_counts(counted) == form
    assert is_counted(counted)


def test_a_member_less_or_more_is_noticed() -> None:
    counted = count_members(subject_form(lab()))
    assert not is_counted({name: value for name, value in counted.items() if name != "status"})
    assert not is_counted({name: value for name, value in counted.items() if name != COUNT})
    assert not is_counted(counted | {"more": "x"})


def test_no_record_has_an_element_of_that_name() -> None:
    with pytest.raises(ResourceRejected):
        subject_form({"resourceType": "Basic", COUNT: 3})


@pytest.mark.parametrize(
    "value",
    [
        3, "3", None, [], {}, {"@value": "3"}, {"@type": "xsd:integer", "@value": 3},
        {"@type": "xsd:integer", "@value": "03"}, {"@type": "xsd:integer", "@value": "0"},
        {"@type": "xsd:integer", "@value": "3", "@language": "en"}, {"@type": "xsd:decimal", "@value": "3"},
    ],
)  # fmt: skip
def test_other_spellings(value: Any) -> None:
    with pytest.raises(ProofInvalid):
        without_counts({"type": "Basic", COUNT: value})
