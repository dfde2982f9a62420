"""did:key, a DID that spells its only key (W3C CCG did:key 0.9) and needs no registry."""

from panacea.crypto.keys import PublicKey
from panacea.identity.did import InvalidDID
from panacea.identity.documents import DIDDocument, VerificationMethod
from panacea.identity.multikey import InvalidMultikey, decode_multikey, encode_multikey

_PREFIX = "did:key:"


def encode_did_key(key: PublicKey) -> str:
    """The did:key of an Ed25519, secp256k1 or BLS12-381 G2 key."""
    return _PREFIX + encode_multikey(key)


def decode_did_key(did: str) -> PublicKey:
    """The key that a did:key spells. Raises InvalidDID."""
    if not did.startswith(_PREFIX):
        raise InvalidDID("a did:key expected", did=did)
    try:
        return decode_multikey(did.removeprefix(_PREFIX))
    except InvalidMultikey as reason:
        raise InvalidDID(reason.detail, did=did) from reason


def did_key_method_id(did: str) -> str:
    """The URL of the only verification method of a did:key."""
    return f"{did}#{did.removeprefix(_PREFIX)}"


def did_key_document(did: str) -> DIDDocument:
    """The document of a did:key: its key signs for every purpose, and encrypts for none. Raises InvalidDID."""
    methods = (VerificationMethod(did_key_method_id(did), did, decode_did_key(did)),)
    return DIDDocument(
        did,
        authentication=methods,
        assertion_method=methods,
        capability_invocation=methods,
        capability_delegation=methods,
    )
