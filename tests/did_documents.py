"""DID documents for tests, and their owners' signatures."""

from typing import TYPE_CHECKING

from panacea.chain.did.documents import deactivation_digest, ownership_digest
from panacea.chain.did.messages import MsgCreateDIDRequest, MsgDeactivateDIDRequest, MsgUpdateDIDRequest
from panacea.crypto import base58
from panacea.crypto.keys import Secp256k1Key
from panacea.identity.did_panacea import panacea_did
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import (
        DIDDocument,
        Strings,
        VerificationMethod,
        VerificationRelationship,
    )
else:
    DIDDocument, Strings, VerificationMethod, VerificationRelationship = load(
        "panacea.did.v2", "DIDDocument", "Strings", "VerificationMethod", "VerificationRelationship"
    )

KEY1, KEY2 = Secp256k1Key(bytes(range(1, 33))), Secp256k1Key(bytes(range(33, 65)))
"""sk1 and sk2 of spec/chain.md §12."""
DID1 = panacea_did(KEY1.public_key)
TYPE = "EcdsaSecp256k1VerificationKey2019"


def method_of(key: Secp256k1Key, did: str = DID1, name: str = "key1", type: str = TYPE) -> "VerificationMethod":
    """A verification method that holds a key."""
    return VerificationMethod(
        id=f"{did}#{name}", type=type, controller=did, public_key_base58=base58.encode(key.public_key.raw)
    )


def document_of(key: Secp256k1Key = KEY1, did: str = DID1) -> "DIDDocument":
    """The document of spec/chain.md §12.2: one method, which authenticates."""
    return DIDDocument(
        contexts=Strings(values=["https://www.w3.org/ns/did/v1"]),
        id=did,
        verification_methods=[method_of(key, did)],
        authentications=[VerificationRelationship(verification_method_id=f"{did}#key1")],
    )


def create(
    payer: str, document: "DIDDocument | None" = None, key: Secp256k1Key = KEY1, did: str = ""
) -> MsgCreateDIDRequest:
    """The message that registers a document; its own first method signs."""
    document = document or document_of(key, panacea_did(key.public_key))
    did = did or document.id
    signature = key.sign(ownership_digest(document, 0))
    return MsgCreateDIDRequest(
        did=did,
        document=document,
        verification_method_id=f"{did}#key1",
        signature=signature,
        from_address=payer,
    )


def update(
    payer: str, document: "DIDDocument", sequence: int, key: Secp256k1Key = KEY1, method: str = "key1"
) -> MsgUpdateDIDRequest:
    """The message that replaces a document."""
    return MsgUpdateDIDRequest(
        did=document.id,
        document=document,
        verification_method_id=f"{document.id}#{method}",
        signature=key.sign(ownership_digest(document, sequence)),
        from_address=payer,
    )


def deactivate(payer: str, sequence: int, key: Secp256k1Key = KEY1, did: str = DID1) -> MsgDeactivateDIDRequest:
    """The message that ends a DID."""
    return MsgDeactivateDIDRequest(
        did=did,
        verification_method_id=f"{did}#key1",
        signature=key.sign(deactivation_digest(did, sequence)),
        from_address=payer,
    )
