import json

import pytest
from shared_files import shared

from panacea.crypto.keys import Ed25519Key, KeyKind
from panacea.identity.did import InvalidDID
from panacea.identity.did_key import decode_did_key, did_key_document, did_key_method_id, encode_did_key
from panacea.identity.documents import MethodNotFound, Purpose

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
