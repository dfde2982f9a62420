from typing import Any

import pytest

from panacea.crypto import base58
from panacea.crypto.keys import Ed25519Key, InvalidKey, KeyKind, Secp256k1Key
from panacea.identity.did import InvalidDID
from panacea.identity.did_panacea import from_panacea, is_panacea_did, panacea_did, require_panacea_did
from panacea.identity.documents import InvalidDocument, MethodNotFound, Purpose

Json = dict[str, Any]  # Any: documents of the chain, bent in every way below

OWNER = Secp256k1Key(bytes(range(1, 33)))
DID = "did:panacea:F5gmouaL3gm6tdpLSzRTcbR6rpQRyFsu6721dLb5PRMi"
OWNER_TEXT = "kPptHd8awha6kmHW8eGhUoMJHWQmMJoWtdNuHGoRk75y"
SIGNING = Ed25519Key(bytes(32)).public_key
DISCLOSURE = b"\xa4" + bytes(95)


def method(name: str, type_name: str, text: str) -> Json:
    return {"id": f"{DID}#{name}", "type": type_name, "controller": DID, "public_key_base58": text}


def document(**changes: object) -> Json:
    """A document as the chain shows it, with these fields changed."""
    return {
        "contexts": ["https://www.w3.org/ns/did/v1"],
        "id": DID,
        "controller": None,
        "verification_methods": [
            method("key1", "EcdsaSecp256k1VerificationKey2019", OWNER_TEXT),
            method("bbs", "Bls12381G2Key2020", base58.encode(DISCLOSURE)),
        ],
        "authentications": [f"{DID}#key1"],
        "assertion_methods": [
            f"{DID}#bbs",
            method("ed", "Ed25519VerificationKey2020", base58.encode(SIGNING.raw)),
        ],
        "key_agreements": None,
        "capability_invocations": [],
        "services": [],
        **changes,
    }


def test_the_did_of_the_specification() -> None:
    assert panacea_did(OWNER.public_key) == DID
    assert base58.encode(OWNER.public_key.raw) == OWNER_TEXT
    assert require_panacea_did(DID) == DID
    with pytest.raises(InvalidKey):
        panacea_did(SIGNING)


@pytest.mark.parametrize("size", [32, 44])
def test_lengths_that_are_taken(size: int) -> None:
    assert is_panacea_did("did:panacea:" + "z" * size)


@pytest.mark.parametrize(
    "text",
    [
        "",
        DID[:-1] + "0",
        DID + " ",
        DID + "\n",
        "did:panacea:" + "z" * 31,
        "did:panacea:" + "z" * 45,
        "did:key:" + "z" * 40,
    ],
)
def test_texts_that_are_refused(text: str) -> None:
    assert not is_panacea_did(text)
    with pytest.raises(InvalidDID):
        require_panacea_did(text)


def test_keys_become_multikeys() -> None:
    found = from_panacea(DID, document())
    assert found.method(f"{DID}#key1", Purpose.AUTHENTICATION).public_key == OWNER.public_key
    bbs = found.method(f"{DID}#bbs", Purpose.ASSERTION_METHOD)
    assert (bbs.public_key.kind, bbs.public_key.raw) == (KeyKind.BLS12381G2, DISCLOSURE)
    assert str(bbs.to_json()["publicKeyMultibase"]).startswith("zUC7")
    assert found.method(f"{DID}#ed", Purpose.ASSERTION_METHOD).public_key == SIGNING
    with pytest.raises(MethodNotFound):
        found.method(f"{DID}#ed", Purpose.AUTHENTICATION)
    assert found.key_agreement == found.capability_invocation == found.capability_delegation == ()


def test_services_and_controllers_are_told() -> None:
    service = {"id": "files", "type": "Files", "service_endpoint": "https://example.com"}
    found = from_panacea(DID, document(services=[service], controller=["", "did:panacea:" + "z" * 44]))
    assert found.controller == ("did:panacea:" + "z" * 44,)
    shown = found.to_json()
    assert shown["service"] == [{"id": "files", "type": "Files", "serviceEndpoint": "https://example.com"}]
    relative = from_panacea(DID, document(services=[{**service, "id": "#files"}]))
    assert relative.service[0].id == f"{DID}#files"
    assert [each.id for each in found.verification_method] == [f"{DID}#key1", f"{DID}#bbs"]
    wrong: list[object] = [[{}], [1], [{**service, "type": None}], {"id": 1}]
    for bad in wrong:
        with pytest.raises(InvalidDocument):
            from_panacea(DID, document(services=bad))


@pytest.mark.parametrize("type_name", ["Ed25519VerificationKey2018", "Ed25519VerificationKey2020"])
def test_both_names_of_ed25519(type_name: str) -> None:
    entry = method("ed2", type_name, base58.encode(SIGNING.raw))
    found = from_panacea(DID, document(capability_delegations=[entry]))
    assert found.capability_delegation[0].public_key == SIGNING


@pytest.mark.parametrize(
    "entry",
    [
        method("odd", "RsaVerificationKey2018", OWNER_TEXT),
        method("odd", "Ed25519VerificationKey2018", OWNER_TEXT),
        method("odd", "Ed25519VerificationKey2018", "0OIl"),
    ],
)
def test_keys_that_are_not_understood_are_left_out(entry: Json) -> None:
    found = from_panacea(DID, document(authentications=[entry, f"{DID}#key1"]))
    assert [method.id for method in found.authentication] == [f"{DID}#key1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "did:panacea:" + "z" * 44},
        {"id": ""},
        {"authentications": [f"{DID}#key2"]},
        {"authentications": [f"{DID}#ed"]},
        {"authentications": f"{DID}#key1"},
        {"authentications": [None]},
        {"authentications": [method("key1", "EcdsaSecp256k1VerificationKey2019", base58.encode(bytes(33)))]},
        {"authentications": [{**method("x", "Bls12381G2Key2020", "z"), "id": "did:panacea:" + "z" * 44 + "#x"}]},
        {"authentications": [{**method("x", "Bls12381G2Key2020", "z"), "controller": None}]},
        {"authentications": [f"{DID}#key1"] * 1025},
    ],
)
def test_documents_that_contradict_themselves(changes: Json) -> None:
    with pytest.raises(InvalidDocument):
        from_panacea(DID, document(**changes))


def test_the_same_method_twice_is_no_contradiction() -> None:
    entry = method("key1", "EcdsaSecp256k1VerificationKey2019", OWNER_TEXT)
    assert from_panacea(DID, document(authentications=[entry])).authentication[0].public_key == OWNER.public_key


def test_a_did_of_another_method_is_refused() -> None:
    with pytest.raises(InvalidDID):
        from_panacea("did:key:z", document(id="did:key:z"))
