"""did:key, a DID that spells its only key (W3C CCG did:key 0.9) and needs no registry."""

from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey
from panacea.crypto.points import to_x25519
from panacea.identity.did import InvalidDID
from panacea.identity.documents import DIDDocument, VerificationMethod
from panacea.identity.multikey import InvalidMultikey, decode_multikey, encode_multikey

_PREFIX = "did:key:"


def encode_did_key(key: PublicKey) -> str:
    """The did:key of a key: Ed25519, secp256k1, P-256, P-384, BLS12-381 G2 or X25519."""
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


def did_key_document(did: str, *, derive_agreement: bool = False) -> DIDDocument:
    """The document of a did:key: its key signs for every purpose, and encrypts for none; an X25519 key does only that.

    With `derive_agreement` the X25519 key that belongs to an Ed25519 key agrees on keys, as did:key allows: one secret
    then serves two algorithms, which is why nobody gets it unasked.

    Raises:
        InvalidDID: not a did:key, or a derivation from what is no Ed25519 key.
    """
    key = decode_did_key(did)
    methods = (VerificationMethod(did_key_method_id(did), did, key),)
    if key.kind is KeyKind.X25519:
        return DIDDocument(did, key_agreement=methods)
    return DIDDocument(
        did,
        authentication=methods,
        assertion_method=methods,
        key_agreement=(_agreement(did, key),) if derive_agreement else (),
        capability_invocation=methods,
        capability_delegation=methods,
    )


def _agreement(did: str, key: PublicKey) -> VerificationMethod:
    try:
        derived = to_x25519(key)
    except InvalidKey as reason:
        raise InvalidDID(reason.detail, did=did) from reason
    return VerificationMethod(f"{did}#{encode_multikey(derived)}", did, derived)
