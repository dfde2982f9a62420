"""Whatever parts of a record are shown, exactly those are read; whatever is changed in them is noticed."""

from typing import Any

import pytest
from health_issuer import KEYS, RESOLVER, credential
from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.credentials import CredentialRejected, derive_view, resource_of, verify_issued, verify_view
from panacea.credentials.records.completeness import count_members
from panacea.credentials.records.requests.tree import leaves, pointer, tree_of
from panacea.health.mapping import subject_form
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import Number

NAMES = st.sampled_from(["a", "_a", "id", "type", "value", "type_"])
ATOMS = st.sampled_from([None, True, 0, 10, Number("1.0"), Number("1.00"), Number("1e2"), "", "a", "1", "[]", "Basic"])
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
RECORDS = st.builds(
    lambda members: {**members, "resourceType": "Basic"}, st.dictionaries(NAMES, VALUES, min_size=1, max_size=4)
)


def places(resource: dict[str, Any]) -> dict[str, Any]:
    return {pointer(at): value for at, value in leaves(tree_of(subject_form(resource)))}


@settings(max_examples=60, deadline=None)
@given(RECORDS, st.data())
def test_exactly_what_is_chosen_is_shown(resource: dict[str, Any], data: st.DataObject) -> None:
    made = credential(resource)
    assert to_json(resource_of(made)) == to_json(resource)
    verify_issued(made, resolver=RESOLVER)
    everything = places(resource)
    chosen = data.draw(st.lists(st.sampled_from(sorted(everything)), max_size=4, unique=True))
    view = derive_view(made, fields=chosen, presentation_header=b"")
    checked = verify_view(view, header=b"", issuer_key=KEYS.bbs_public)
    found = {pointer(at): value for at, value in leaves(tree_of(checked.subject))} if checked.subject else {}
    extra = found.keys() - set(chosen)
    assert set(chosen) <= found.keys()
    assert all(place.endswith("/resourceType") for place in extra)
    assert found.items() <= everything.items()


@settings(max_examples=60, deadline=None)
@given(RECORDS, RECORDS)
def test_no_other_record_passes_under_the_proof(resource: dict[str, Any], other: dict[str, Any]) -> None:
    view = derive_view(credential(resource), fields=[""], presentation_header=b"")
    document = parse_json(view)
    document["credentialSubject"][0]["resource"] = count_members(subject_form(other))
    forged = to_json(document)
    if _written(other) == _written(resource):
        verify_view(forged, header=b"", issuer_key=KEYS.bbs_public)
    else:
        with pytest.raises(CredentialRejected):
            verify_view(forged, header=b"", issuer_key=KEYS.bbs_public)


def _written(resource: dict[str, Any]) -> dict[str, bytes]:
    return {place: to_json(value) for place, value in places(resource).items()}
