"""What the chain does about each message: the owner's proof, then one write. There are no events of its own."""

from panacea.chain.context import Context
from panacea.chain.did.documents import deactivation_digest, ownership_digest, require_signed
from panacea.chain.did.messages import (
    Create,
    Deactivate,
    MsgCreateDIDResponse,
    MsgDeactivateDIDResponse,
    MsgUpdateDIDResponse,
    Update,
)
from panacea.chain.did.state import DIDDocumentWithSeq, entries, get_live, is_deactivated, tombstone
from panacea.chain.did.types import DIDDeactivated, DIDExists


def create_did(ctx: Context, msg: Create) -> MsgCreateDIDResponse:
    """Register a DID; a key of the new document itself signs it, at sequence 0."""
    entry = entries.find(ctx, msg.did)
    if entry is not None:
        raise DIDDeactivated(did=msg.did) if is_deactivated(entry) else DIDExists(did=msg.did)
    require_signed(msg.document, msg.verification_method_id, ownership_digest(msg.document, 0), msg.signature)
    entries.set(ctx, msg.did, DIDDocumentWithSeq(document=msg.document))
    return MsgCreateDIDResponse()


def update_did(ctx: Context, msg: Update) -> MsgUpdateDIDResponse:
    """Replace a live document; a key of the document that is replaced signs the new one."""
    current = get_live(ctx, msg.did)
    digest = ownership_digest(msg.document, current.sequence)
    require_signed(current.document, msg.verification_method_id, digest, msg.signature)
    entries.set(ctx, msg.did, DIDDocumentWithSeq(document=msg.document, sequence=current.sequence + 1))
    return MsgUpdateDIDResponse()


def deactivate_did(ctx: Context, msg: Deactivate) -> MsgDeactivateDIDResponse:
    """End a DID for good."""
    current = get_live(ctx, msg.did)
    digest = deactivation_digest(msg.did, current.sequence)
    require_signed(current.document, msg.verification_method_id, digest, msg.signature)
    entries.set(ctx, msg.did, tombstone(current.sequence + 1))
    return MsgDeactivateDIDResponse()
