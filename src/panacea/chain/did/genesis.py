"""Into and out of a genesis document, where entries stand by their DID."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.did.documents import require_document
from panacea.chain.did.state import DIDDocumentWithSeq, entries, is_deactivated
from panacea.chain.did.types import DIDRejected, InvalidDID, InvalidEntry
from panacea.chain.module import JSON
from panacea.identity.did_panacea import is_panacea_did
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.genesis_pb2 import GenesisState
else:
    (GenesisState,) = load("panacea.did.v2", "GenesisState")


def default_genesis() -> JSON:
    """No DIDs."""
    return to_json(GenesisState())


def init_genesis(ctx: Context, document: JSON) -> None:
    """Write the entries of a genesis document; those of an older chain may hold a document with another id.

    Raises:
        InvalidDID, InvalidDIDDocument, InvalidEntry: an entry is not well formed.
    """
    genesis = from_json(GenesisState, document)
    for did in sorted(genesis.documents):
        entry = genesis.documents[did]
        require_entry(did, entry)
        entries.set(ctx, did, entry)


def require_entry(did: str, entry: DIDDocumentWithSeq) -> None:
    """Refuse what no message could have left behind, in this release or before it.

    Raises:
        InvalidDID, InvalidDIDDocument, InvalidEntry: naming what is wrong.
    """
    if not is_panacea_did(did):
        raise InvalidDID(did=did)
    if not is_deactivated(entry):
        require_document(entry.document)
    elif not entry.sequence or not entry.HasField("document"):
        raise InvalidEntry("neither a document nor the mark of a deactivated DID", did=did)


def export_genesis(ctx: Context) -> JSON:
    """All entries, the deactivated ones too."""
    return to_json(GenesisState(documents=dict(entries.items(ctx))))


def require_entries(ctx: Context) -> None:
    """Every entry is one that a genesis document may hold.

    Raises:
        AssertionError: saying which is not.
    """
    for did, entry in entries.items(ctx):
        try:
            require_entry(did, entry)
        except DIDRejected as no:
            raise AssertionError(f"did: {no}") from no
