"""did:panacea on chain: documents for issuers and consumers, and the messages that register, change and end them.

A document's control key is secp256k1 and authenticates; its owner signs every change with it (spec/chain.md §4.5).

    issuer      #control, and for assertions #records (BLS12-381 G2) and #status (Ed25519)
    consumer    #control
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from panacea.chain.did.documents import deactivation_digest, ownership_digest
from panacea.chain.did.messages import MsgCreateDIDRequest, MsgDeactivateDIDRequest, MsgUpdateDIDRequest
from panacea.client import places
from panacea.client.sender import Sender
from panacea.client.types import Outcome
from panacea.client.view import ChainView
from panacea.credentials import IssuerKeys
from panacea.crypto import base58
from panacea.crypto.bbs import SHA256
from panacea.crypto.keys import Ed25519Key, KeyKind, PublicKey, Signer
from panacea.crypto.secret import SecretBytes
from panacea.exchange.types import IdentityNotFound
from panacea.identity.did_panacea import panacea_did
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import (
        DIDDocument,
        DIDDocumentWithSeq,
        Strings,
        VerificationMethod,
        VerificationRelationship,
    )
else:
    DIDDocument, Strings, VerificationMethod, VerificationRelationship = load(
        "panacea.did.v2", "DIDDocument", "Strings", "VerificationMethod", "VerificationRelationship"
    )

CONTEXT = "https://www.w3.org/ns/did/v1"
CONTROL, RECORDS, STATUS = "control", "records", "status"
TYPES = {
    KeyKind.SECP256K1: "EcdsaSecp256k1VerificationKey2019",
    KeyKind.ED25519: "Ed25519VerificationKey2018",
    KeyKind.BLS12381G2: "Bls12381G2Key2020",
}
"""What the chain calls each kind of key."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Whoever controls a did:panacea: the DID, the id of its authentication method, and the key behind it."""

    did: str
    method_id: str
    signer: Signer = field(repr=False)

    @classmethod
    def of(cls, signer: Signer, did: str = "") -> Self:
        """The identity of a secp256k1 key: the DID that the key itself gives, unless another is named.

        Raises:
            InvalidKey: the key is of another kind.
        """
        did = did or panacea_did(signer.public_key)
        return cls(did, f"{did}#{CONTROL}", signer)


def issuer_keys(did: str, *, records: SecretBytes, status: Signer, nullifiers: SecretBytes) -> IssuerKeys:
    """The keys of the issuer `did`: a BBS secret (32 bytes), an Ed25519 signer, and the secret behind nullifiers."""
    return IssuerKeys(
        did=did,
        bbs_secret=records,
        bbs_public=SHA256.public_key(records.reveal()),
        bbs_method_id=f"{did}#{RECORDS}",
        status_signer=status,
        status_method_id=f"{did}#{STATUS}",
        nullifier_secret=nullifiers,
    )


def derive_issuer_keys(did: str, secret: SecretBytes) -> IssuerKeys:
    """All keys of an issuer from one secret of 32 bytes, each under its own label, for those who keep one backup."""
    from cryptography.hazmat.primitives.hashes import SHA256 as HASH
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    def derive(purpose: str) -> bytes:
        info = f"panacea/issuer/v1/{purpose}".encode()
        return HKDF(HASH(), 32, salt=None, info=info).derive(secret.reveal())

    return issuer_keys(
        did,
        records=SecretBytes(SHA256.key_gen(derive(RECORDS))),
        status=Ed25519Key(derive(STATUS)),
        nullifiers=SecretBytes(derive("nullifiers")),
    )


def consumer_document(identity: Identity) -> "DIDDocument":
    """A document with nothing but the control key."""
    return build_document(identity.did, authentication={CONTROL: identity.signer.public_key})


def issuer_document(identity: Identity, keys: IssuerKeys) -> "DIDDocument":
    """A document whose records and status lists are signed by `keys`, controlled by `identity`."""
    assertions = {
        RECORDS: PublicKey(KeyKind.BLS12381G2, keys.bbs_public),
        STATUS: keys.status_signer.public_key,
    }
    return build_document(identity.did, authentication={CONTROL: identity.signer.public_key}, assertion=assertions)


def build_document(
    did: str, *, authentication: Mapping[str, PublicKey], assertion: Mapping[str, PublicKey] | None = None
) -> "DIDDocument":
    """A document in the chain's form, from keys by the fragment that names each."""
    assertion = assertion or {}
    return DIDDocument(
        contexts=Strings(values=[CONTEXT]),
        id=did,
        verification_methods=[
            VerificationMethod(
                id=f"{did}#{name}", type=TYPES[key.kind], controller=did, public_key_base58=base58.encode(key.raw)
            )
            for name, key in {**authentication, **assertion}.items()
        ],
        authentications=[VerificationRelationship(verification_method_id=f"{did}#{name}") for name in authentication],
        assertion_methods=[VerificationRelationship(verification_method_id=f"{did}#{name}") for name in assertion],
    )


async def create_did(sender: Sender, identity: Identity, document: "DIDDocument") -> Outcome:
    """Register a document; the sender pays. Raises TxFailed, as for a DID that exists."""
    message = MsgCreateDIDRequest(
        did=identity.did,
        document=document,
        verification_method_id=identity.method_id,
        signature=identity.signer.sign(ownership_digest(document, 0)),
        from_address=str(sender.address),
    )
    return await sender.send(message)


async def update_did(view: ChainView, sender: Sender, identity: Identity, document: "DIDDocument") -> Outcome:
    """Replace a live document; a key taken out ends every credential under it. Raises IdentityNotFound, TxFailed."""
    sequence = (await get_did(view, identity.did)).sequence
    message = MsgUpdateDIDRequest(
        did=identity.did,
        document=document,
        verification_method_id=identity.method_id,
        signature=identity.signer.sign(ownership_digest(document, sequence)),
        from_address=str(sender.address),
    )
    outcome = await sender.send(message)
    await view.wait(outcome.height)
    return outcome


async def deactivate_did(view: ChainView, sender: Sender, identity: Identity) -> Outcome:
    """End a DID for good. Raises IdentityNotFound, TxFailed."""
    sequence = (await get_did(view, identity.did)).sequence
    message = MsgDeactivateDIDRequest(
        did=identity.did,
        verification_method_id=identity.method_id,
        signature=identity.signer.sign(deactivation_digest(identity.did, sequence)),
        from_address=str(sender.address),
    )
    outcome = await sender.send(message)
    await view.wait(outcome.height)
    return outcome


async def get_did(view: ChainView, did: str) -> "DIDDocumentWithSeq":
    """The live document of a DID and its sequence, as the chain keeps them, proven.

    Raises:
        IdentityNotFound: there is none, or it was deactivated.
    """
    height = await view.update()
    entry = await view.get(places.did(did), height=height)
    if entry is None or not entry.document.id:
        raise IdentityNotFound(did=did)
    return entry
