import pytest

from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.identity.documents import DIDDocument, MethodNotFound, Purpose, VerificationMethod

DID = "did:example:1"
FIRST = VerificationMethod(f"{DID}#1", DID, Ed25519Key(bytes(32)).public_key)
SECOND = VerificationMethod(f"{DID}#2", DID, Secp256k1Key(bytes(range(32))).public_key)
FOREIGN = VerificationMethod(f"{DID}#3", "did:example:2", FIRST.public_key)
DOCUMENT = DIDDocument(
    DID,
    authentication=(FIRST, SECOND),
    assertion_method=(FIRST,),
    key_agreement=(FOREIGN,),
    capability_delegation=(SECOND,),
)


def test_a_key_is_found_for_its_purposes_only() -> None:
    assert DOCUMENT.method(f"{DID}#2", Purpose.AUTHENTICATION) is SECOND
    assert DOCUMENT.method(f"{DID}#2", Purpose.CAPABILITY_DELEGATION) is SECOND
    for name, purpose in [
        (f"{DID}#2", Purpose.ASSERTION_METHOD),
        (f"{DID}#1", Purpose.CAPABILITY_INVOCATION),
        (f"{DID}#9", Purpose.AUTHENTICATION),
        ("#1", Purpose.AUTHENTICATION),
    ]:
        with pytest.raises(MethodNotFound):
            DOCUMENT.method(name, purpose)


def test_a_key_that_another_did_controls_does_not_speak_for_this_one() -> None:
    with pytest.raises(MethodNotFound):
        DOCUMENT.method(f"{DID}#3", Purpose.KEY_AGREEMENT)


def test_the_json_form_lists_every_key_once() -> None:
    shown = DOCUMENT.to_json()
    methods = shown["verificationMethod"]
    assert isinstance(methods, list)
    assert [method["id"] for method in methods] == [f"{DID}#1", f"{DID}#2", f"{DID}#3"]
    assert methods[0]["publicKeyMultibase"].startswith("z6Mk")
    assert shown["authentication"] == [f"{DID}#1", f"{DID}#2"]
    assert "capabilityInvocation" not in shown
