"""What anyone may ask of this module, and which documents it takes. Wallets import this too.

Each message has two names: the one of release 2.2.0, and the one before it, which old clients still send. Both have
the same fields, and the same meaning.
"""

from typing import TYPE_CHECKING, TypeAlias

from panacea.chain.did.documents import require_document
from panacea.chain.did.types import InvalidDID, InvalidDIDDocument, InvalidSignature
from panacea.identity.did_panacea import is_panacea_did
from panacea.primitives.address import Address
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.tx_pb2 import (
        MsgCreateDID,
        MsgCreateDIDRequest,
        MsgCreateDIDResponse,
        MsgDeactivateDID,
        MsgDeactivateDIDRequest,
        MsgDeactivateDIDResponse,
        MsgUpdateDID,
        MsgUpdateDIDRequest,
        MsgUpdateDIDResponse,
    )
else:
    MsgCreateDID, MsgUpdateDID, MsgDeactivateDID = load(
        "panacea.did.v2", "MsgCreateDID", "MsgUpdateDID", "MsgDeactivateDID"
    )
    MsgCreateDIDRequest, MsgUpdateDIDRequest, MsgDeactivateDIDRequest = load(
        "panacea.did.v2", "MsgCreateDIDRequest", "MsgUpdateDIDRequest", "MsgDeactivateDIDRequest"
    )
    MsgCreateDIDResponse, MsgUpdateDIDResponse, MsgDeactivateDIDResponse = load(
        "panacea.did.v2", "MsgCreateDIDResponse", "MsgUpdateDIDResponse", "MsgDeactivateDIDResponse"
    )

Create: TypeAlias = MsgCreateDIDRequest | MsgCreateDID
Update: TypeAlias = MsgUpdateDIDRequest | MsgUpdateDID
Deactivate: TypeAlias = MsgDeactivateDIDRequest | MsgDeactivateDID


def check_document_message(msg: Create | Update) -> None:
    """The DID, its document and the proof of ownership are well formed, and the document is that DID's.

    A document without an id is nobody's, so neither message can store the mark of a deactivated DID.

    Raises:
        InvalidDID, InvalidDIDDocument, InvalidSignature, InvalidAddress: the first that is not.
    """
    if not is_panacea_did(msg.did):
        raise InvalidDID(did=msg.did)
    if msg.document.id != msg.did:
        raise InvalidDIDDocument("the document is not this DID's", did=msg.did, id=msg.document.id)
    require_document(msg.document)
    _check_signature(msg)


def check_deactivate_did(msg: Deactivate) -> None:
    """The DID and the proof of ownership are well formed. Raises InvalidDID, InvalidSignature, InvalidAddress."""
    if not is_panacea_did(msg.did):
        raise InvalidDID(did=msg.did)
    _check_signature(msg)


def _check_signature(msg: Create | Update | Deactivate) -> None:
    if not msg.signature:
        raise InvalidSignature("the signature is empty", did=msg.did)
    Address.parse(msg.from_address)
