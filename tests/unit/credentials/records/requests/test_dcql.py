"""DCQL: what is read, and what is refused by name."""

from typing import Any

import pytest
import rfc8785
from health_issuer import lab

from panacea.credentials import DCQL, DealUnusable, NotMatched, Query, parse

TYPE = "https://www.w3.org/2018/credentials#VerifiableCredential"
STATUS = {"path": ["credentialSubject", "resource", "status"]}


def dcql(*claims: Any, **changes: Any) -> dict[str, Any]:
    credential = {"id": "c", "format": "ldp_vc", "meta": {"type_values": [[TYPE]]}, "claims": list(claims)}
    return {"credentials": [credential | changes]}


def read(document: dict[str, Any]) -> Query:
    return parse(DCQL, rfc8785.dumps(document))


def asked(*path: Any, **more: Any) -> list[str]:
    return read(dcql({"path": ["credentialSubject", "resource", *path], **more})).fields(lab())


def test_paths_and_values() -> None:
    assert asked("code", "coding", None, "code") == ["/code/coding/0/code", "/code/coding/1/code"]
    assert asked("code", "coding", 1) == ["/code/coding/1"]
    assert asked("code", "coding", None, "code", values=["4548-4", "718-7"]) == ["/code/coding/0/code"]
    assert asked("note", None) == ["/note/0", "/note/1"]
    with pytest.raises(NotMatched, match="status"):
        asked("status", values=["amended"])
    with pytest.raises(NotMatched):
        asked("code", None)


def test_a_value_is_of_one_kind() -> None:
    resource = {"resourceType": "Patient", "active": True, "multipleBirthInteger": 1}
    for name, values, met in (("active", [1], False), ("active", [True], True), ("multipleBirthInteger", [1], True)):
        query = read(dcql({"path": ["credentialSubject", "resource", name], "values": values}))
        if met:
            assert query.fields(resource) == [f"/{name}"]
        else:
            with pytest.raises(NotMatched):
                query.fields(resource)


@pytest.mark.parametrize(
    ("document", "named"),
    [
        ({}, "credentials"),
        ({"credentials": []}, "one record"),
        (dcql(STATUS) | {"credential_sets": []}, "credential_sets"),
        (dcql(STATUS, multiple=True), "multiple"),
        (dcql(STATUS, claim_sets=[]), "claim_sets"),
        (dcql(STATUS, trusted_authorities=[]), "trusted_authorities"),
        (dcql(STATUS, format="dc+sd-jwt"), "ldp_vc"),
        (dcql(STATUS, meta={"type_values": [["IDCredential"]]}), "type_values"),
        (dcql(STATUS, meta={"type_values": []}), "type_values"),
        (dcql(STATUS, meta={}), "type_values"),
        (dcql(STATUS, claims=None), "claims"),
        (dcql(), "fields"),
        (dcql(STATUS, id=5), "id"),
        (dcql({}), "path"),
        (dcql({**STATUS, "intent_to_retain": True}), "intent_to_retain"),
        (dcql({**STATUS, "values": []}), "values"),
        (dcql({**STATUS, "values": [1.5]}), "values"),
        (dcql({"path": ["credentialSubject", "id"]}), "path"),
        (dcql({"path": [*STATUS["path"], -1]}), "path"),
        (dcql({"path": [*STATUS["path"], True]}), "path"),
        (dcql({"path": [*STATUS["path"], ""]}), "path"),
        (dcql({"path": "$.status"}), "path"),
        (dcql([]), "object"),
    ],
)
def test_what_is_not_done_is_refused_by_name(document: dict[str, Any], named: str) -> None:
    with pytest.raises(DealUnusable, match=named):
        read(document)
