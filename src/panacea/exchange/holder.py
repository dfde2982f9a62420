"""A holder: an identity that leaves no trace on chain, the credentials issued to it, and the status lists it knows."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from panacea.credentials.records.model import MAX_CREDENTIAL, parse_credential, read_claims
from panacea.credentials.status.bitstring import MAX_LIST
from panacea.crypto.keys import KeyKind, Signer
from panacea.health.strict_json import parse_json
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.primitives.time import Random, SystemRandom
from panacea.vault.records import Entry
from panacea.vault.types import RecordNotFound

KIND = "kind"
CREDENTIAL, STATUS_LIST = "credential", "status-list"


class Records(Protocol):
    """Where a holder keeps things; `vault.records.Vault` is one, on disk and encrypted."""

    def put(self, record: bytes, metadata: Mapping[str, str]) -> bytes:
        """Keep a record; its id."""
        ...

    def list(self) -> list[Entry]:
        """All records' ids, with what was noted beside them."""
        ...

    def get(self, oid: bytes) -> bytes:
        """A record. Raises RecordNotFound."""
        ...

    def delete(self, oid: bytes) -> None:
        """Forget a record. Raises RecordNotFound."""
        ...


class MemoryRecords:
    """Records that live as long as the process."""

    def __init__(self, random: Random | None = None) -> None:
        """Begin empty."""
        self._random = random or SystemRandom()
        self._records: dict[bytes, tuple[bytes, dict[str, str]]] = {}

    def put(self, record: bytes, metadata: Mapping[str, str]) -> bytes:
        """Keep a record; its id."""
        oid = self._random.token(32)
        self._records[oid] = record, dict(metadata)
        return oid

    def list(self) -> list[Entry]:
        """All records' ids, in the order in which they came."""
        return [Entry(oid, metadata) for oid, (_, metadata) in self._records.items()]

    def get(self, oid: bytes) -> bytes:
        """A record. Raises RecordNotFound."""
        if oid not in self._records:
            raise RecordNotFound(oid=oid)
        return self._records[oid][0]

    def delete(self, oid: bytes) -> None:
        """Forget a record. Raises RecordNotFound."""
        if self._records.pop(oid, None) is None:
            raise RecordNotFound(oid=oid)


class Holder:
    """Whoever a credential was issued to, as a did:key of an Ed25519 key."""

    def __init__(self, signer: Signer, records: Records | None = None) -> None:
        """Be the holder of this key; credentials are kept in memory unless `records` says where.

        Raises:
            ValueError: the key is of another kind.
        """
        if signer.public_key.kind is not KeyKind.ED25519:
            raise ValueError("a holder signs with Ed25519")
        self.did = encode_did_key(signer.public_key)
        self.method_id = did_key_method_id(self.did)
        self._signer = signer
        self._records = records or MemoryRecords()

    def sign(self, digest: bytes) -> bytes:
        """The holder's signature over an envelope's digest."""
        return self._signer.sign(digest)

    def add(self, credential: bytes, **notes: str) -> bytes:
        """Keep a credential, with notes for the list; its id. `credentials.verify_issued` tells whether it holds."""
        return self._records.put(credential, {**notes, KIND: CREDENTIAL})

    def entries(self) -> list[Entry]:
        """The ids and notes of the credentials."""
        return [entry for entry in self._records.list() if entry.metadata.get(KIND) == CREDENTIAL]

    def get(self, oid: bytes) -> bytes:
        """A credential. Raises RecordNotFound."""
        return self._records.get(oid)

    def credentials(self) -> Iterator[tuple[bytes, bytes]]:
        """Each credential with its id before it, read one at a time."""
        for entry in self.entries():
            yield entry.oid, self.get(entry.oid)

    def learn_status_list(self, octets: bytes) -> None:
        """Keep an issuer's newest status list in place of those of the same name. Raises JSONRejected."""
        url = str(parse_json(octets, max_bytes=MAX_LIST, max_depth=8).get("id"))
        for entry in self._status_lists(url):
            self._records.delete(entry.oid)
        self._records.put(octets, {KIND: STATUS_LIST, "url": url})

    def status_lists_for(self, credential: bytes) -> tuple[bytes, ...]:
        """The list in which this credential's status stands, as far as it is known. Raises ProofInvalid."""
        status = read_claims(parse_credential(credential, MAX_CREDENTIAL)).status
        found = [] if status is None else self._status_lists(status.list_url)
        return tuple(self.get(entry.oid) for entry in found)

    def _status_lists(self, url: str) -> list[Entry]:
        wanted = {KIND: STATUS_LIST, "url": url}
        return [entry for entry in self._records.list() if entry.metadata == wanted]

    def __repr__(self) -> str:
        return f"Holder({self.did})"
