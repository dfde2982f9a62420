"""What other modules may ask about DIDs."""

from panacea.chain.context import Context
from panacea.chain.did import documents
from panacea.chain.did.state import entries, get_live
from panacea.identity.did_panacea import is_panacea_did


class Registry:
    """Answers for a neighbour of this module; it holds nothing."""

    def is_active(self, ctx: Context, did: str) -> bool:
        """Whether the DID has a live document of its own."""
        entry = entries.find(ctx, did) if is_panacea_did(did) else None
        return entry is not None and entry.document.id == did

    def require_signed(self, ctx: Context, did: str, method_id: str, digest: bytes, signature: bytes) -> None:
        """Accept a signature over a 32-byte digest by the named authentication method of a live DID.

        Raises:
            DIDNotFound, DIDDeactivated: there is no such live DID.
            MethodNotFound, KeyTypeNotImplemented, InvalidSecp256k1Key, SignatureVerificationFailed: as they say.
        """
        documents.require_signed(get_live(ctx, did).document, method_id, digest, signature)
