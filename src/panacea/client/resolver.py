"""The resolver of did:panacea: documents read by proof. did:key needs no chain and is resolved beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.client import places
from panacea.client.view import ChainView
from panacea.identity.did_key import did_key_document
from panacea.identity.did_panacea import from_panacea, is_panacea_did
from panacea.identity.documents import DIDDocument
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved
from panacea.wire.json import to_json

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocumentWithSeq


@dataclass(frozen=True, slots=True)
class ChainResolver:
    """Resolves at the newest verified state of a view."""

    view: ChainView

    async def resolve(self, did: str, *, height: int | None = None) -> DIDDocument:
        """The document of a did:panacea or did:key.

        Raises:
            DIDNotResolved: proven absent, or of another method.
            DIDDeactivated: ended for good.
            NotProven, Unreachable: the node failed.
        """
        if did.startswith("did:key:"):
            return did_key_document(did)
        if not is_panacea_did(did):
            raise DIDNotResolved("neither did:panacea nor did:key", did=did)
        entry = await self.view.get(places.did(did), height=height)
        return read_document(did, entry)


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
