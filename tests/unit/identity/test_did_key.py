import json

import pytest
from shared_files import shared

from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Secp256k1Key
from panacea.identity.did import InvalidDID
from panacea.identity.did_key import decode_did_key, did_key_document, did_key_method_id, encode_did_key
from panacea.identity.documents import MethodNotFound, Purpose
from panacea.identity.reading import read_document

KEY = Ed25519Key(bytes(range(32)))


def test_a_key_is_its_did() -> None:
    did = encode_did_key(KEY.public_key)
    assert did.startswith("did:key:z6Mk")
    assert decode_did_key(did) == KEY.public_key


def test_the_only_key_signs_for_every_purpose() -> None:
    did = encode_did_key(KEY.public_key)
    document = did_key_document(did)
    for purpose in Purpose:
        if purpose is Purpose.KEY_AGREEMENT:
            continue
        method = document.method(did_key_method_id(did), purpose)
        assert method.public_key == KEY.public_key
    with pytest.raises(MethodNotFound):
        document.method(did_key_method_id(did), Purpose.KEY_AGREEMENT)


def test_an_x25519_key_only_agrees() -> None:
    did = encode_did_key(PublicKey(KeyKind.X25519, bytes(range(32))))
    assert did.startswith("did:key:z6LS")
    document = did_key_document(did)
    assert document.key_agreement[0].public_key.kind is KeyKind.X25519
    assert document.authentication == document.assertion_method == document.capability_invocation == ()


def test_an_agreement_key_is_derived_where_it_is_asked_for() -> None:
    theirs = json.loads(shared("did-core/did-key-2020-db.json").read_text())
    (did,) = theirs["dids"]
    expected = read_document(theirs[did]["didDocumentDataModel"]["properties"], did)
    assert did_key_document(did, derive_agreement=True).key_agreement == expected.key_agreement
    assert did_key_document(did).key_agreement == ()
    with pytest.raises(InvalidDID):
        did_key_document(encode_did_key(Secp256k1Key(bytes(range(32))).public_key), derive_agreement=True)


@pytest.mark.parametrize("kind", [KeyKind.P256, KeyKind.P384])
def test_nist_keys(kind: KeyKind) -> None:
    key = ECDSAKey(kind, bytes(range(1, 33 if kind is KeyKind.P256 else 49))).public_key
    did = encode_did_key(key)
    assert did_key_document(did).method(did_key_method_id(did), Purpose.ASSERTION_METHOD).public_key == key


@pytest.mark.parametrize("did", ["", "did:key:", "did:key:z", "did:web:z6Mk", "did:key:z6Mk#z6Mk", "did:key:f00"])
def test_texts_that_are_refused(did: str) -> None:
    with pytest.raises(InvalidDID):
        decode_did_key(did)


def test_a_document_of_another_implementation() -> None:
    theirs = json.loads(shared("did-core/did-key-2020-db.json").read_text())
    (did,) = theirs["dids"]
    properties = theirs[did]["didDocumentDataModel"]["properties"]
    ours = did_key_document(did).to_json()
    assert ours["id"] == properties["id"]
    for purpose in ("authentication", "assertionMethod", "capabilityDelegation", "capabilityInvocation"):
        assert ours[purpose] == properties[purpose]
    (method,) = did_key_document(did).authentication
    assert method.public_key.kind is KeyKind.ED25519
    assert method.to_json() == {**properties["verificationMethod"][0], "type": "Multikey"}
