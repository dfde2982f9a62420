"""What leaves in a view, and what an owner is told beforehand."""

import pytest
from health_issuer import ASKED, ENTRY, HOLDER, KEYS, credential

from panacea.credentials import (
    DisclosureMissing,
    ProofInvalid,
    consumer_view,
    derive_view,
    enclave_view,
    show,
    verify_view,
)
from panacea.credentials.suites.multibase import to_base64url
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import PathRejected
from panacea.wire.contexts import consumer_view_header, enclave_view_header, nullifier

NULLIFIER = nullifier(KEYS.nullifier_secret.reveal(), "lab.json#Observation/o1")


def test_the_consumer_learns_nothing_of_the_holder() -> None:
    view = consumer_view(credential(), ASKED, "sim-1", 7, b"q" * 32)
    said = str({name: value for name, value in parse_json(view).items() if name != "proof"})
    for secret in (HOLDER, to_base64url(NULLIFIER), ENTRY.list_url, "Anna", "Bea", "o1"):
        assert secret not in said
    checked = verify_view(view, header=consumer_view_header("sim-1", 7, b"q" * 32), issuer_key=KEYS.bbs_public)
    assert (checked.holder, checked.nullifier, checked.status) == (None, None, None)
    assert list(checked.resource) == ["resourceType", "status", "code", "effectiveDateTime", "valueQuantity"]
    assert to_json(checked.resource["valueQuantity"]) == b'{"value":7.90,"unit":"%"}'


def test_the_enclave_learns_whose_it_is() -> None:
    view = enclave_view(credential(), ASKED, b"info")
    checked = verify_view(view, header=enclave_view_header(b"info"), issuer_key=KEYS.bbs_public)
    assert (checked.holder, checked.nullifier, checked.status) == (HOLDER, NULLIFIER, ENTRY)


def test_parts_of_parts() -> None:
    fields = ["/code/coding/1/code", "/performer/1/display"]
    view = derive_view(credential(), fields=fields, presentation_header=b"")
    checked = verify_view(view, header=b"", issuer_key=KEYS.bbs_public)
    assert checked.resource == {
        "resourceType": "Observation",
        "code": {"coding": [{"code": "HBA1C"}]},
        "performer": [{"display": "Carl"}],
    }
    assert checked.subject["performer.1"] == {"display": "Carl"}


def test_no_field_at_all_shows_the_mandatory_alone() -> None:
    checked = verify_view(
        derive_view(credential(), fields=[], presentation_header=b""), header=b"", issuer_key=KEYS.bbs_public
    )
    assert checked.resource == {}
    assert len(checked.statements) == checked.mandatory == 4


def test_two_views_have_no_octets_in_common_beyond_content() -> None:
    made = credential()
    first, second = (parse_json(derive_view(made, fields=ASKED, presentation_header=b"")) for _ in range(2))
    assert first.pop("proof")["proofValue"][:1000] != second.pop("proof")["proofValue"][:1000]
    assert first == second


@pytest.mark.parametrize("field", ["/value", "/note/2", "/code/coding/0/display"])
def test_a_field_that_is_not_there(field: str) -> None:
    with pytest.raises(PathRejected):
        derive_view(credential(), fields=["/status", field], presentation_header=b"")


def test_an_enclave_needs_a_status() -> None:
    with pytest.raises(DisclosureMissing):
        enclave_view(credential(status=None), ASKED, b"info")


@pytest.mark.parametrize("octets", [b"", b"[]", b"{}", b'{"resourceType":"Observation"}'])
def test_what_is_no_credential(octets: bytes) -> None:
    with pytest.raises((ProofInvalid, DisclosureMissing)):
        derive_view(octets, fields=[], presentation_header=b"")


def test_a_view_cannot_be_derived_from_a_view() -> None:
    view = derive_view(credential(), fields=["/status"], presentation_header=b"")
    with pytest.raises(ProofInvalid):
        derive_view(view, fields=["/status"], presentation_header=b"other")


def test_the_owner_sees_what_leaves_and_what_stays() -> None:
    shown = show(credential(), ["/status", "/code/coding/0"])
    fate = {line.field.path: line.leaves for line in shown.record}
    assert fate["resourceType"] == fate["status"] == "all"
    assert fate["code"] == "part"
    assert fate["subject"] == fate["performer"] == fate["note"] == fate["value[x]"] == "none"
    assert shown.everyone == {"Issuer": KEYS.did, "Valid from": "2026-01-01", "Valid until": "2027-01-01"}
    assert shown.enclave["Holder"] == HOLDER
    assert to_base64url(NULLIFIER) not in str(shown)
    assert "Status" not in show(credential(status=None), []).enclave
