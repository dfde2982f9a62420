"""The resolver of did:panacea: documents read by proof. did:key and did:jwk need no chain and are resolved beside it.

resolve       the document, or a refusal
resolution    the same with metadata, and older versions (`client.history`)
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.client import places
from panacea.client.history import DEPTH, History
from panacea.client.view import ChainView
from panacea.identity.did_panacea import from_panacea, is_panacea_did
from panacea.identity.documents import DIDDocument
from panacea.identity.resolution import (
    CURRENT,
    DocumentMetadata,
    MethodResolver,
    Resolution,
    Version,
    found,
    get_resolution,
    refused,
)
from panacea.identity.resolver import (
    DIDDeactivated,
    DIDNotResolved,
    JWKResolver,
    KeyResolver,
    MethodNotSupported,
)
from panacea.primitives.rejected import Rejected
from panacea.wire.json import to_json

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq

_COMPUTED = MethodResolver({"key": KeyResolver(), "jwk": JWKResolver()})


@dataclass(frozen=True, slots=True)
class ChainResolver:
    """Resolves at the newest verified state of a view; for older versions looks back at most `depth` heights."""

    view: ChainView
    depth: int = DEPTH

    async def resolve(self, did: str, *, height: int | None = None) -> DIDDocument:
        """The document of a did:panacea, did:key or did:jwk.

        Raises:
            DIDNotResolved: proven absent, or of another method.
            DIDDeactivated: ended for good.
            NotProven, Unreachable: the node failed.
        """
        if did.startswith(("did:key:", "did:jwk:")):
            return _COMPUTED.resolve(did)
        if not is_panacea_did(did):
            raise MethodNotSupported("neither did:panacea nor did:key nor did:jwk", did=did)
        entry = await self.view.get(places.did(did), height=height)
        return read_document(did, entry)

    async def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        """The document with its metadata; refusals, the node's too, become errors in the result.

        `versionId` is the sequence that the chain keeps: 0 for the document that was registered, one more with every
        change. It is proven, and so is that a DID is deactivated. When something changed the chain does not keep:
        `created` and `updated` stay unknown.
        """
        if not is_panacea_did(did):
            return get_resolution(_COMPUTED, did, version)
        try:
            history = await History.open(self.view, did, self.depth)
            entry, newest = await history.find(version), history.newest
            if entry is None or newest is None:
                raise DIDNotResolved("not on this chain", did=did)
            known = DocumentMetadata(
                version_id=str(entry.sequence),
                next_version_id=str(entry.sequence + 1) if entry.sequence < newest.sequence else None,
                deactivated=not newest.document.id,
            )
            if not entry.document.id:
                return refused(DIDDeactivated(did=did), known)
            return found(read_document(did, entry), known)
        except Rejected as no:
            return refused(no)


def read_document(did: str, entry: "DIDDocumentWithSeq | None") -> DIDDocument:
    """The document that a proven entry of the chain holds.

    Raises:
        DIDNotResolved: there is none.
        DIDDeactivated: it was given up; its entry stays, empty.
        InvalidDocument: the chain keeps one that contradicts itself.
    """
    if entry is None:
        raise DIDNotResolved("not on this chain", did=did)
    if not entry.document.id:
        raise DIDDeactivated(did=did)
    return from_panacea(did, to_json(entry.document))
