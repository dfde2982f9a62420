"""A person's own vault: records and their descriptions, encrypted at rest, in one directory.

    vault key    32 random bytes in home/vault.key (mode 0600), kept by a `Sealing`: under a passphrase, or in the clear
    record       a sealed object (`objects`); its file key wrapped by AES-KW (RFC 3394) under HKDF(vault key, "wrap")
    metadata     canonical CBOR map of text, ChaCha20-Poly1305 under HKDF(vault key, "metadata"), bound to the object id

Lengths of records are padded, as everywhere; their number and the size of their metadata are visible on the disk.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from panacea.crypto.sealing import Sealing
from panacea.primitives.time import Random
from panacea.vault import frames, objects
from panacea.vault.blobs import Blob, SqliteBlobs, sync_folder
from panacea.vault.types import RecordNotFound, RecordsLocked
from panacea.wire import cbor

MAX_METADATA = 16 * 1024
_VAULT_KEY_BYTES = 32
_NONCE_BYTES = 12
_KEY_FILE = "vault.key"
_LABEL = b"panacea/vault-key/v1"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the vault lists: a record's id and what its owner noted beside it."""

    oid: bytes
    metadata: dict[str, str]


class Vault:
    """Records of one person, held by one process at a time. The first opening makes the key.

    Raises:
        KeyNotOpened: the sealing does not give the key, mostly a wrong passphrase.
        RecordsLocked: there are records but no key.
    """

    def __init__(self, home: Path, sealing: Sealing, random: Random) -> None:
        self._random = random
        self._blobs = SqliteBlobs(home)
        try:
            key = self._load_key(home, sealing)
        except BaseException:
            self._blobs.close()
            raise
        self._wrapping, self._describing = _derive(key, b"wrap"), ChaCha20Poly1305(_derive(key, b"metadata"))

    def __enter__(self) -> Self:
        """Use it in a `with` block to close it."""
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the directory."""
        self._blobs.close()

    def put(self, record: bytes, metadata: Mapping[str, str]) -> bytes:
        """Keep a record; its id, once it is durable. Keeping the same record again makes a second one."""
        described = cbor.encode(dict(metadata))
        if len(described) > MAX_METADATA:
            raise ValueError(f"metadata of {len(described)} bytes, {MAX_METADATA} are allowed")
        file_key = self._random.token(objects.KEY_BYTES)
        sealed = objects.seal(record, file_key, self._random)
        nonce = self._random.token(_NONCE_BYTES)
        box = nonce + self._describing.encrypt(nonce, described, sealed.oid)
        with self._blobs.stage(sealed.oid) as staged:
            staged.write(frames.encode(sealed))
            staged.commit(cbor.encode([aes_key_wrap(self._wrapping, file_key), box]))
        return sealed.oid

    def list(self) -> list[Entry]:
        """All records, by id.

        Raises:
            RecordsLocked: a description was altered.
        """
        return [Entry(blob.name, self._describe(blob)) for blob in self._blobs.blobs()]

    def get(self, oid: bytes) -> bytes:
        """A record.

        Raises:
            RecordNotFound: there is none of this id.
            RecordsLocked, ObjectRejected: its bytes were altered.
        """
        blob = self._blobs.find(oid)
        if blob is None:
            raise RecordNotFound(oid=oid)
        wrapped, _ = cbor.decode(blob.note)
        try:
            file_key = aes_key_unwrap(self._wrapping, wrapped)
        except InvalidUnwrap:
            raise RecordsLocked("a wrapped key was altered", oid=oid) from None
        sealed = frames.decode(self._blobs.read(oid, 0, blob.size), oid, max_bytes=blob.size)
        return objects.open(sealed.descriptor, sealed.leaves, sealed.groups, file_key, max_bytes=blob.size)

    def delete(self, oid: bytes) -> None:
        """Forget a record and its key. Raises RecordNotFound."""
        if self._blobs.find(oid) is None:
            raise RecordNotFound(oid=oid)
        self._blobs.erase(oid, b"")

    def _describe(self, blob: Blob) -> dict[str, str]:
        _, box = cbor.decode(blob.note)
        try:
            described = self._describing.decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], blob.name)
        except InvalidTag:
            raise RecordsLocked("a description was altered", oid=blob.name) from None
        found: dict[str, str] = cbor.decode(described)
        return found

    def _load_key(self, home: Path, sealing: Sealing) -> bytes:
        path = home / _KEY_FILE
        if path.exists():
            return sealing.unseal(_KEY_FILE, _LABEL, json.loads(path.read_bytes()))
        if next(self._blobs.blobs(), None) is not None:
            raise RecordsLocked("the vault's key is gone", file=_KEY_FILE)
        key = self._random.token(_VAULT_KEY_BYTES)
        _write_durably(path, json.dumps(sealing.seal(_KEY_FILE, _LABEL, key)).encode())
        return key


def _write_durably(path: Path, content: bytes) -> None:
    """Whole or not at all, and readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_folder(path.parent)


def _derive(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"panacea/vault/v1/" + purpose).derive(key)
