import pytest

from panacea.crypto.keys import Ed25519Key
from panacea.identity.did import InvalidDID
from panacea.identity.did_key import encode_did_key
from panacea.identity.resolution import MethodResolver
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved, KeyResolver

DID = encode_did_key(Ed25519Key(bytes(32)).public_key)


def test_the_method_chooses_the_resolver() -> None:
    assert MethodResolver({"key": KeyResolver()}).resolve(DID) == KeyResolver().resolve(DID)
    with pytest.raises(DIDNotResolved, match="no resolver"):
        MethodResolver({}).resolve(DID)
    with pytest.raises(InvalidDID):
        MethodResolver({"key": KeyResolver()}).resolve("did:key")
    with pytest.raises(InvalidDID):
        KeyResolver().resolve("did:web:example.com")


def test_a_deactivated_did_is_not_resolved() -> None:
    assert issubclass(DIDDeactivated, DIDNotResolved)
    assert DIDDeactivated.code != DIDNotResolved.code
