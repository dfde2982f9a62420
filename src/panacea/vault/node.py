"""The store node: keeps sealed objects for deals, checks every byte, reads none, and forgets when the chain says so.

    PUT      an oracle, by its epoch key; kept until `until`, the height at which its certificate expires
    GET      the deal's consumer, by its DID, once a consent stands (PENDING or RELEASED)
    DELETE   the consumer at any time; the oracle that put it, as long as no consent stands
    sweep    no consent after `until`, sale undone, consent withdrawn, retention over: erased, with a tombstone

Grants are judged by the node's clock, leases and retention by the chain's height and time. Whoever may not, and whoever
asks for what is not there, gets the same `NodeRefused`. Without a fresh view of the chain nothing is served or erased.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from threading import RLock
from types import TracebackType
from typing import Self

from panacea.crypto.keys import KeyKind, PublicKey, Signer
from panacea.identity.documents import Purpose
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock
from panacea.vault import grants
from panacea.vault.blobs import Blob, BlobStore, Staged
from panacea.vault.frames import PREFIX_BYTES, FrameReader, encode_head
from panacea.vault.grants import Command, DIDGrant, Grant, OracleGrant
from panacea.vault.objects import GROUP_BYTES, MAX_BYTES
from panacea.vault.ports import ChainView, Consent, ConsentStatus
from panacea.vault.receipts import Deletion, Method, Receipt
from panacea.vault.types import BlobErased, LeaseRefused, NodeRefused, NodeUnavailable
from panacea.wire import cbor

_log = logging.getLogger(__name__)
_STANDING = (ConsentStatus.PENDING, ConsentStatus.RELEASED)
_DAY = 24 * 3600
_KeyOf = Callable[[bytes, Grant], PublicKey]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the node lets anyone cost it: bytes, requests at once, seconds, and blocks of lease."""

    max_object_bytes: int = MAX_BYTES
    max_requests: int = 16
    request_seconds: float = 60.0
    max_lease_blocks: int = 1000
    sweep_seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Lease:
    """Why an object is here. `consented` is the chain's time (unix seconds) when a consent was first seen, else 0."""

    deal_id: int
    oracle: str
    until: int
    consented: int = 0

    def encode(self) -> bytes:
        """The note beside the blob."""
        return cbor.encode([self.deal_id, self.oracle, self.until, self.consented])

    @classmethod
    def decode(cls, raw: bytes) -> "Lease":
        """The lease of a note that this node wrote."""
        return cls(*cbor.decode(raw))


class StoreNode:
    """One store: its blobs, its key (Ed25519), its view of the chain. Safe to call from several threads."""

    def __init__(self, blobs: BlobStore, signer: Signer, view: ChainView, clock: Clock, *, limits: Limits) -> None:
        if signer.public_key.kind != KeyKind.ED25519:
            raise ValueError("a store signs with Ed25519")
        self.key = signer.public_key.raw
        self.limits = limits
        self.view = view
        self._blobs, self._signer, self._clock = blobs, signer, clock
        self._lock = RLock()

    def put(self, oid: bytes, token: str, until: int) -> "Upload":
        """Begin to take in an object; the permission is checked before any byte is read.

        Raises:
            NodeRefused, NodeUnavailable: no grant for this.
            LeaseRefused: `until` has passed or is too far ahead.
        """
        grant = self._admit(oid, token, Command.PUT, self._putter)
        if not isinstance(grant, OracleGrant) or self._blobs.find_tombstone(oid):
            raise NodeRefused
        head = self.view.head()
        if not head < until <= head + self.limits.max_lease_blocks:
            raise LeaseRefused(until=until, head=head, limit=self.limits.max_lease_blocks)
        lease = Lease(grant.deal_id, grant.issuer, until)
        self._require_same_lease(oid, lease)
        reader = FrameReader(oid, max_bytes=self.limits.max_object_bytes)
        return Upload(self, reader, self._blobs.stage(oid), oid=oid, lease=lease)

    def get(self, oid: bytes, token: str) -> "Download":
        """An object that its consumer may read.

        Raises:
            NodeRefused, NodeUnavailable: unknown, or not for this caller.
        """
        self._admit(oid, token, Command.GET, self._consumer)
        blob, lease = self._find(oid)
        consent = self.view.consent_for(lease.deal_id, oid)
        if self._settle(oid, consent) or consent is None or consent.status not in _STANDING:
            raise NodeRefused
        try:
            return Download(self._blobs, blob, lease.until)
        except KeyError:
            raise NodeRefused from None

    def delete(self, oid: bytes, token: str) -> Deletion:
        """Erase an object for whoever may ask for it; asking again gives the same receipt.

        Raises:
            NodeRefused, NodeUnavailable: unknown, or not for this caller.
        """
        grant = self._admit(oid, token, Command.DELETE, self._deleter)
        _, lease = self._find(oid, erased=True)
        erased = self._find_deletion(oid)
        if erased is not None:
            return erased
        if isinstance(grant, OracleGrant):
            consent = self.view.consent_for(lease.deal_id, oid)
            if consent is not None and consent.status in _STANDING:
                raise NodeRefused
        return self._erase(oid, lease, Method.REQUESTED)

    def sweep(self) -> list[Deletion]:
        """Erase what the chain no longer wants kept.

        Raises:
            NodeUnavailable: the chain cannot be read; what was not looked at stays.
        """
        erased = []
        for blob in self._blobs.blobs():
            try:
                consent = self.view.consent_for(Lease.decode(blob.note).deal_id, blob.name)
            except NodeUnavailable:
                raise
            except Rejected as reason:
                _log.warning("kept %s, whose consent could not be read: %s", blob.name.hex(), reason)
                continue
            done = self._settle(blob.name, consent)
            if done is not None:
                erased.append(done)
        return erased

    def keep(self, oid: bytes, lease: Lease, staged: Staged) -> Receipt:
        """Commit a checked upload and promise it; called by `Upload`."""
        with self._lock:
            try:
                if not staged.commit(lease.encode()):
                    stands = self._require_same_lease(oid, lease)
                    lease = replace(stands, until=max(stands.until, lease.until))
                    self._blobs.set_note(oid, lease.encode())
            except BlobErased:
                raise NodeRefused from None
        height = self.view.head()
        return Receipt.sign(self._signer, oid=oid, deal_id=lease.deal_id, until=lease.until, height=height)

    def _admit(self, oid: bytes, token: str, command: Command, key_of: _KeyOf) -> Grant:
        try:
            return grants.verify(
                token,
                resolve_key=lambda grant: key_of(oid, grant),
                now=self._clock.now_ns() // 10**9,
                audience=grants.store_audience(self.key),
                command=command,
                oid=oid,
            )
        except NodeUnavailable:
            raise
        except Rejected as reason:
            _log.info("refused %s of %s: %s", command, oid.hex(), type(reason).__name__)
            raise NodeRefused from None

    def _putter(self, _oid: bytes, grant: Grant) -> PublicKey:
        if not isinstance(grant, OracleGrant):
            raise NodeRefused
        return PublicKey(KeyKind.SECP256K1, self.view.oracle_key(grant.issuer, grant.epoch))

    def _consumer(self, oid: bytes, grant: Grant) -> PublicKey:
        if not isinstance(grant, DIDGrant):
            raise NodeRefused
        _, lease = self._find(oid, erased=True)
        document = self.view.consumer_document(lease.deal_id)
        if document.id != grant.issuer:
            raise NodeRefused
        return document.method(grant.key_id, Purpose.AUTHENTICATION).public_key

    def _deleter(self, oid: bytes, grant: Grant) -> PublicKey:
        if isinstance(grant, DIDGrant):
            return self._consumer(oid, grant)
        _, lease = self._find(oid, erased=True)
        if (grant.issuer, grant.deal_id) != (lease.oracle, lease.deal_id):
            raise NodeRefused
        return self._putter(oid, grant)

    def _find(self, oid: bytes, *, erased: bool = False) -> tuple[Blob, Lease]:
        """Blob and lease of an object; with `erased` also of one under a tombstone, whose blob is then empty."""
        blob = self._blobs.find(oid)
        tombstone = self._blobs.find_tombstone(oid) if blob is None and erased else None
        if tombstone is not None:
            blob = Blob(oid, 0, cbor.decode(tombstone)[0])
        if blob is None:
            raise NodeRefused
        return blob, Lease.decode(blob.note)

    def _find_deletion(self, oid: bytes) -> Deletion | None:
        tombstone = self._blobs.find_tombstone(oid)
        return None if tombstone is None else Deletion.decode(cbor.decode(tombstone)[1])

    def _require_same_lease(self, oid: bytes, lease: Lease) -> Lease:
        """The lease that stands, if any: an object belongs to one deal and one oracle."""
        blob = self._blobs.find(oid)
        stands = lease if blob is None else Lease.decode(blob.note)
        if (stands.deal_id, stands.oracle) != (lease.deal_id, lease.oracle):
            raise NodeRefused
        return stands

    def _settle(self, oid: bytes, consent: Consent | None) -> Deletion | None:
        """Act on what the chain says about one object: note the consent, or erase."""
        head, time = self.view.head(), self.view.time()
        # The lease is read again under the lock: an oracle may just have put the object once more, for longer.
        with self._lock:
            try:
                _, lease = self._find(oid)
            except NodeRefused:
                return None
            method = _reason_to_erase(lease, consent, head, time)
            if method is not None:
                return self._erase(oid, lease, method)
            if consent is not None and not lease.consented:
                self._blobs.set_note(oid, replace(lease, consented=time).encode())
            return None

    def _erase(self, oid: bytes, lease: Lease, method: Method) -> Deletion:
        when, height = self._clock.now_ns() // 10**9, self.view.head()
        deletion = Deletion.sign(self._signer, oid=oid, when=when, height=height, method=method)
        stands = self._blobs.erase(oid, cbor.encode([lease.encode(), deletion.encode()]))
        _log.info("erased %s: %s", oid.hex(), method)
        return Deletion.decode(cbor.decode(stands)[1])


def _reason_to_erase(lease: Lease, consent: Consent | None, head: int, time: int) -> Method | None:
    if consent is None:
        return Method.EXPIRED if head > lease.until else None
    if consent.status == ConsentStatus.WITHDRAWN:
        return Method.WITHDRAWN
    if consent.status == ConsentStatus.UNDELIVERED:
        return Method.UNDELIVERED
    is_over = lease.consented and time - lease.consented >= consent.retention_days * _DAY
    return Method.RETENTION if is_over else None


class Upload:
    """An object on its way in: write its frame in any cut, then commit. Use it in a `with` block."""

    def __init__(self, node: StoreNode, reader: FrameReader, staged: Staged, *, oid: bytes, lease: Lease) -> None:
        self._node, self._reader, self._staged, self._oid, self._lease = node, reader, staged, oid, lease
        self._begun = False

    def write(self, data: bytes) -> None:
        """Take in a piece; what reaches the disk was checked first.

        Raises:
            ObjectRejected, NotCanonical: not that object.
        """
        groups = self._reader.feed(data)
        if not self._begun and self._reader.head is not None:
            self._staged.write(encode_head(self._reader.head))
            self._begun = True
        for group in groups:
            self._staged.write(group)

    def commit(self) -> Receipt:
        """The store's promise, given once the object is durable.

        Raises:
            ObjectMalformed: the frame is cut short.
            NodeRefused: erased, or taken by another deal, in the meantime.
        """
        self._reader.finish()
        return self._node.keep(self._oid, self._lease, self._staged)

    def __enter__(self) -> Self:
        self._staged.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self._staged.__exit__(kind, error, trace)


class Download:
    """An object on its way out, as the frame that came in; `until` is its lease before any consent."""

    def __init__(self, blobs: BlobStore, blob: Blob, until: int) -> None:
        self._blobs, self._blob = blobs, blob
        self.until = until
        prefix = blobs.read(blob.name, 0, PREFIX_BYTES)
        self._head_size = PREFIX_BYTES + int.from_bytes(prefix, "big")
        self.group_count = -(-(blob.size - self._head_size) // GROUP_BYTES)

    def size(self, first: int, last: int) -> int:
        """Bytes of the answer that holds the head and the groups `first` to `last`."""
        low, high = self._bounds(first, last)
        return self._head_size + high - low

    def pieces(self, first: int, last: int) -> Iterator[bytes]:
        """That answer, a group at a time. Raises KeyError where the object is erased meanwhile."""
        yield self._blobs.read(self._blob.name, 0, self._head_size)
        low, high = self._bounds(first, last)
        for at in range(low, high, GROUP_BYTES):
            yield self._blobs.read(self._blob.name, at, min(GROUP_BYTES, high - at))

    def _bounds(self, first: int, last: int) -> tuple[int, int]:
        low, high = self._head_size + first * GROUP_BYTES, self._head_size + (last + 1) * GROUP_BYTES
        return low, min(high, self._blob.size)
