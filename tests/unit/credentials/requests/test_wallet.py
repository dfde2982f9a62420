"""What a wallet entry shows of itself, container by container."""

from typing import Any

import pytest

from panacea.credentials.requests.places import beyond, part_of, place_of, pointer, pointers_to, project, shown
from panacea.credentials.requests.types import HeldRejected, PathRefused
from panacea.credentials.requests.wallet import Held, issuer_of, subject_of

LAB: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential", "Lab"],
    "issuer": {"id": "did:example:lab", "name": "Lab"},
    "credentialSubject": {"id": "did:example:anna", "a/b": 1, "codes": [{"id": "x", "c": 1, "d": 2}, "two", {"c": 3}]},
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023", "proofValue": "u2V0C"},
}


def test_a_selective_credential_shows_parts_with_what_belongs_to_them() -> None:
    held = Held.of_ldp_vc("lab", LAB, mandatory=["/issuer/id"])
    assert held.algorithms == {"DataIntegrityProof", "bbs-2023"}
    assert held.issuer == "did:example:lab"
    assert held.holder_bound
    assert "proof" not in held.document
    part = held.reveal([("credentialSubject", "codes", 0, "c")])
    assert sorted(pointers_to(part)) == [
        "/@context", "/credentialSubject/codes/0/c", "/credentialSubject/codes/0/id", "/credentialSubject/id",
        "/issuer/id", "/type",
    ]  # fmt: skip
    assert project(held.document, part)["credentialSubject"] == {
        "id": "did:example:anna",
        "codes": [{"id": "x", "c": 1}],
    }
    assert beyond(held.document, part, part_of([("credentialSubject", "codes", 0, "c")])) != []


def test_items_that_must_be_present_show_one_value() -> None:
    held = Held.of_ldp_vc("lab", LAB)
    part = held.reveal(
        [("credentialSubject", "codes", 2)], [("credentialSubject", "codes", 0), ("credentialSubject", "codes", 1)]
    )
    assert project(held.document, part)["credentialSubject"]["codes"] == [{"id": "x"}, "two", {"c": 3}]


def test_other_suites_show_all() -> None:
    whole = {**LAB, "proof": {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"}}
    held = Held.of_ldp_vc("lab", whole)
    assert held.disclosure.whole_only
    assert pointers_to(held.reveal([("type",)])) == [""]


def test_an_sd_jwt_shows_what_it_cannot_hide() -> None:
    claims = {
        "iss": "https://i.example",
        "vct": "v",
        "address": {"street": "s", "town": "t"},
        "list": ["a", "b"],
        "cnf": {},
    }
    apart = ["/address", "/address/street", "/address/town", "/list/0", "/list/1"]
    held = Held.of_sd_jwt("s", claims, apart, alg="ES256")
    assert held.vct == "v"
    assert project(claims, held.reveal([])) == {"iss": "https://i.example", "vct": "v", "list": [], "cnf": {}}
    assert project(claims, held.reveal([("address", "street")]))["address"] == {"street": "s"}
    assert project(claims, held.reveal([("address",)]))["address"] == claims["address"]
    assert project(claims, held.reveal([], [("address",)]))["address"] == {}
    assert project(claims, held.reveal([("list", 1)]))["list"] == ["b"]
    assert project(claims, held.reveal([("list", 1)], [("list", 0)]))["list"] == ["a", "b"]


def test_an_mdoc_shows_elements() -> None:
    held = Held.of_mdoc("m", "org.iso.18013.5.1.mDL", {"ns": {"a": 1, "b": 2}, "other": {"c": 3}})
    assert project(held.document, held.reveal([("ns", "a")])) == {"ns": {"a": 1}}
    assert held.reveal([]) == {}


def test_a_jwt_has_its_credential_below() -> None:
    claims = {
        "iss": "did:example:i",
        "vc": {"type": ["VerifiableCredential"], "credentialSubject": {"id": "did:example:s"}},
    }
    held = Held.of_jwt_vc("j", claims, alg="ES256")
    assert (held.root, held.issuer) == (("vc",), "did:example:i")
    assert subject_of(claims, ("vc", "type")) == "did:example:s"
    assert Held.of_jwt_vc("j", {"type": "x"}, format="vc+jwt").root == ()


@pytest.mark.parametrize(
    ("document", "place", "subject"),
    [
        ({"credentialSubject": {"id": "a"}}, (), "a"),
        ({"credentialSubject": [{"id": "a"}, {"id": "b"}]}, ("credentialSubject", 1, "x"), "b"),
        ({"credentialSubject": [{"id": "a"}, {"id": "b"}]}, ("issuer",), None),
        ({"credentialSubject": [{"id": "a"}]}, ("issuer",), "a"),
        ({"credentialSubject": [{"id": "a"}, {"x": 1}]}, (), "a"),
        ({"credentialSubject": [{"id": "a"}, {"x": 1}]}, ("credentialSubject", 1, "x"), None),
        ({"credentialSubject": [{"id": "a"}, 7]}, ("credentialSubject", 1), None),
        ({"sub": "s"}, (), "s"),
        ({"credentialSubject": {"id": 7}}, (), None),
        ({}, ("x",), None),
    ],
)
def test_subjects(document: Any, place: tuple[str | int, ...], subject: str | None) -> None:
    assert subject_of(document, place) == subject


@pytest.mark.parametrize(
    ("document", "issuer"), [({"issuer": ""}, None), ({"issuer": {"id": "a"}}, "a"), ({"issuer": {}}, None)]
)
def test_issuers(document: Any, issuer: str | None) -> None:
    assert issuer_of(document) == issuer


@pytest.mark.parametrize("document", [None, [], "x", 7])
def test_no_entries(document: Any) -> None:
    with pytest.raises(HeldRejected):
        Held.of_ldp_vc("x", document)
    with pytest.raises(HeldRejected):
        Held.of_jwt_vc("x", document)
    with pytest.raises(HeldRejected):
        Held.of_sd_jwt("x", document, [])


def test_depth() -> None:
    deep: Any = {}
    for _ in range(60):
        deep = {"a": deep}
    with pytest.raises(HeldRejected):
        Held("x", "ldp_vc", deep)


@pytest.mark.parametrize("text", ["a", "/b", "/a/2", "/a/00", "/a/-1", "/a/x", "/~2"])
def test_pointers_to_nothing(text: str) -> None:
    with pytest.raises(PathRefused):
        place_of(text, {"a": [1, 2]})


def test_pointers_are_escaped() -> None:
    document = {"a/b": {"~": [{"": 1}]}}
    assert pointer(("a/b", "~", 0, "")) == "/a~1b/~0/0/"
    assert place_of("/a~1b/~0/0/", document) == ("a/b", "~", 0, "")
    assert shown({"a": [1, 2, 3], "b": 4}, ["/a/0", "/a/2"]) == {"a": [1, 3]}
