r"""Where it is kept, in store `did`.

00 | DID as text             -> DIDDocumentWithSeq, behind its length as a varint

A deactivated DID keeps an entry with an empty document and a sequence, so that it is never used again.
"""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.did.types import NAME, DIDDeactivated, DIDNotFound
from panacea.identity.did_panacea import is_panacea_did
from panacea.light.protobuf import delimited, read_uvarint
from panacea.store.collections import TEXT, Codec, Map
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import DIDDocument, DIDDocumentWithSeq
else:
    DIDDocument, DIDDocumentWithSeq = load("panacea.did.v2", "DIDDocument", "DIDDocumentWithSeq")


def _decode_entry(raw: bytes) -> DIDDocumentWithSeq:
    _, start = read_uvarint(raw, 0)
    return decode(DIDDocumentWithSeq, raw[start:])


ENTRY: Codec[DIDDocumentWithSeq] = Codec(lambda entry: delimited(encode(entry)), _decode_entry)

entries: Map[str, DIDDocumentWithSeq] = Map(NAME, b"\x00", TEXT, ENTRY)


def tombstone(sequence: int) -> DIDDocumentWithSeq:
    """What stands for a deactivated DID; the empty document is written, as it always was."""
    return DIDDocumentWithSeq(document=DIDDocument(), sequence=sequence)


def is_deactivated(entry: DIDDocumentWithSeq) -> bool:
    """Whether this is what stands for a deactivated DID."""
    return not entry.document.id


def get_live(ctx: Context, did: str) -> DIDDocumentWithSeq:
    """The live document of `did`, and the sequence that its owner signs next.

    Raises:
        DIDNotFound: nobody has registered it.
        DIDDeactivated: its owner has ended it.
    """
    # What is no DID at all is not looked up: it may be longer than a key can be.
    entry = entries.find(ctx, did) if is_panacea_did(did) else None
    if entry is None:
        raise DIDNotFound(did=did)
    if is_deactivated(entry):
        raise DIDDeactivated(did=did)
    return entry
