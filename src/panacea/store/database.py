"""The LMDB file that holds the state; the layout is in this folder's README.

One writer, one transaction a block, and any number of readers in any process. No read transaction outlives one
question, so that none holds back free pages or the growth of the map.
"""

import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import lmdb

from panacea.store.nodes import (
    NAME_BYTES,
    REFERENCE_BYTES,
    Link,
    Node,
    Reference,
    decode_node,
    decode_reference,
    encode_name,
    encode_reference,
)
from panacea.store.tree import EMPTY_ROOT, NodeMissing

FORMAT = b"\x01"
# LMDB's longest key is 511 bytes: a store's name, a zero byte, a key.
MAX_KEY_BYTES = 479
MAX_STORE_NAME = 31
FIRST_MAP_BYTES = 64 << 20
PRUNED_A_COMMIT = 20

_TABLES = (b"meta", b"version", b"flat", b"node", b"orphan")


@dataclass(frozen=True, slots=True)
class Version:
    """What was committed at a height: the app hash, each store's root, and the application's own note."""

    height: int
    app_hash: bytes
    roots: Mapping[str, Link | None]
    note: bytes = b""

    def root_hashes(self) -> dict[str, bytes]:
        """The root hash of each store."""
        return {name: EMPTY_ROOT if root is None else root.hash for name, root in self.roots.items()}

    def encode(self) -> bytes:
        """The record: app hash, note behind its length (4), then name behind its length (1) and reference a store."""
        parts = [self.app_hash, len(self.note).to_bytes(4, "big"), self.note]
        for name, root in self.roots.items():
            reference = bytes(REFERENCE_BYTES) if root is None else encode_reference(root)
            parts += [bytes([len(name)]), name.encode(), reference]
        return b"".join(parts)

    @classmethod
    def decode(cls, height: int, record: bytes) -> "Version":
        """The version of a record."""
        at = 36 + int.from_bytes(record[32:36], "big")
        note, roots = record[36:at], dict[str, Link | None]()
        while at < len(record):
            after = at + 1 + record[at]
            root = decode_reference(record, after)
            roots[record[at + 1 : after].decode()] = root if root.version else None
            at = after + REFERENCE_BYTES
        return cls(height, record[:32], roots, note)


@dataclass(slots=True)
class Change:
    """What a block does to one store: new nodes, names of nodes given up, net writes (None deletes)."""

    fresh: Sequence[Node] = ()
    orphans: Sequence[bytes] = ()
    writes: Sequence[tuple[bytes, bytes | None]] = field(default_factory=tuple)


class Snapshot:
    """One read transaction: every answer is of the same moment."""

    def __init__(self, txn: lmdb.Transaction, tables: Mapping[bytes, lmdb._Database]) -> None:
        self._txn = txn
        self._tables = tables

    def latest(self) -> int:
        """The last committed height, 0 before the first."""
        found = self._txn.get(b"height", db=self._tables[b"meta"])
        return int.from_bytes(found or b"", "big")

    def find_version(self, height: int) -> Version | None:
        """What was committed at a height, or None when it was pruned or is still to come."""
        record = self._txn.get(_big(height), db=self._tables[b"version"])
        return None if record is None else Version.decode(height, bytes(record))

    def find_value(self, store: str, key: bytes) -> bytes | None:
        """The value in the latest state."""
        if len(key) > MAX_KEY_BYTES:
            return None
        value = self._txn.get(_within(store, key), db=self._tables[b"flat"])
        return None if value is None else bytes(value)

    def pairs(
        self, store: str, start: bytes, end: bytes | None, *, reverse: bool, limit: int
    ) -> list[tuple[bytes, bytes]]:
        """At most `limit` pairs with start <= key < end of the latest state, from the end if `reverse`."""
        low = _within(store, start)
        high = store.encode() + b"\x01" if end is None else _within(store, end)
        found: list[tuple[bytes, bytes]] = []
        with self._txn.cursor(self._tables[b"flat"]) as cursor:
            if reverse:
                more = cursor.prev() if cursor.set_range(high) else cursor.last()
            else:
                more = cursor.set_range(low)
            while more and len(found) < limit:
                key, value = (bytes(part) for part in cursor.item())
                if not low <= key < high:
                    break
                found.append((key[len(store) + 1 :], value))
                more = cursor.prev() if reverse else cursor.next()
        return found

    def node(self, store: str, reference: Reference) -> Node:
        """The node that a reference names; raises NodeMissing."""
        record = self._txn.get(_within(store, encode_name(reference)), db=self._tables[b"node"])
        if record is None:
            raise NodeMissing(f"{store}: version {reference.version}, node {reference.nonce}")
        return decode_node(bytes(record), reference)


class Database:
    """The file. Open it once in a process, and close it before a fork."""

    def __init__(self, path: Path, *, readonly: bool = False, durable: bool = True) -> None:
        """Open, and create if need be; without `durable` a power loss may undo commits."""
        if not readonly:
            path.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(
            str(path),
            map_size=FIRST_MAP_BYTES,
            max_dbs=len(_TABLES),
            readonly=readonly,
            sync=durable,
            metasync=durable,
            create=not readonly,
        )
        # Growing the map wants no transaction alive in this process: reads take turns with it.
        self._lock = threading.Lock()
        try:
            self._tables = {name: self._env.open_db(name, create=not readonly) for name in _TABLES}
            self._env.reader_check()
            self._check_format(readonly=readonly)
        except BaseException:
            self._env.close()
            raise

    @classmethod
    def temporary(cls) -> "Database":
        """A file that is not synced and is removed when nothing uses it any more."""
        folder = tempfile.mkdtemp(prefix="panacea-state-")
        database = cls(Path(folder), durable=False)
        weakref.finalize(database, _discard, database._env, folder)
        return database

    def close(self) -> None:
        """Let go of the file; safe to call twice."""
        self._env.close()

    @contextmanager
    def read(self) -> Iterator[Snapshot]:
        """A moment of the state, for one question: other reads of this process wait."""
        with self._lock:
            txn = self._begin()
            try:
                yield Snapshot(txn, self._tables)
            finally:
                txn.abort()

    def commit(self, version: Version, changes: Mapping[str, Change], keep: int | None) -> None:
        """Write one block in one transaction; with `keep`, forget versions older than the `keep` newest."""
        while True:
            try:
                with self._env.begin(write=True) as txn:
                    _Commit(txn, self._tables, version.height).write(version, changes, keep)
                return
            except lmdb.MapFullError:
                with self._lock:
                    self._env.set_mapsize(2 * self._env.info()["map_size"])

    def _begin(self) -> lmdb.Transaction:
        try:
            return self._env.begin()
        except lmdb.MapResizedError:
            # Another process made the map larger: adopt its size.
            self._env.set_mapsize(0)
            return self._env.begin()

    def _check_format(self, *, readonly: bool) -> None:
        with self._env.begin(write=not readonly) as txn:
            found = txn.get(b"format", db=self._tables[b"meta"])
            if found is None and not readonly:
                txn.put(b"format", FORMAT, db=self._tables[b"meta"])
            elif found != FORMAT:
                raise ValueError(f"the state is in format {found!r}, this program knows {FORMAT!r}")


class _Commit:
    """The write transaction of one height."""

    def __init__(self, txn: lmdb.Transaction, tables: Mapping[bytes, lmdb._Database], height: int) -> None:
        self._txn = txn
        self._tables = tables
        self._height = height

    def write(self, version: Version, changes: Mapping[str, Change], keep: int | None) -> None:
        last = int.from_bytes(self._txn.get(b"height", db=self._tables[b"meta"]) or b"", "big")
        if last and last + 1 != self._height:
            raise RuntimeError(f"height {self._height} cannot follow {last}: another process writes this file")
        for store, change in changes.items():
            self._write_store(store, change)
        self._txn.put(_big(self._height), version.encode(), db=self._tables[b"version"])
        self._txn.put(b"height", _big(self._height), db=self._tables[b"meta"])
        if keep is not None:
            self._prune(self._height - keep)

    def _write_store(self, store: str, change: Change) -> None:
        records = [(_within(store, encode_name(node)), node.encode()) for node in change.fresh]
        self._txn.cursor(self._tables[b"node"]).putmulti(records)
        if change.orphans:
            name = _big(self._height) + store.encode()
            self._txn.put(name, b"".join(change.orphans), db=self._tables[b"orphan"])
        flat = self._tables[b"flat"]
        for key, value in change.writes:
            if value is None:
                self._txn.delete(_within(store, key), db=flat)
            else:
                self._txn.put(_within(store, key), value, db=flat)

    def _prune(self, newest: int) -> None:
        """Forget versions up to `newest`, the oldest first, a bounded number of them at a time."""
        for _ in range(PRUNED_A_COMMIT):
            with self._txn.cursor(self._tables[b"version"]) as versions:
                oldest = int.from_bytes(versions.key(), "big") if versions.first() else newest + 1
                if oldest > newest:
                    return
                versions.delete()
            self._drop_orphans(oldest + 1)

    def _drop_orphans(self, height: int) -> None:
        """Delete the nodes that no version from `height` on reaches."""
        with self._txn.cursor(self._tables[b"orphan"]) as orphans:
            while orphans.first():
                name, names = bytes(orphans.key()), bytes(orphans.value())
                if name[:8] > _big(height):
                    return
                store = name[8:].decode()
                for at in range(0, len(names), NAME_BYTES):
                    self._txn.delete(_within(store, names[at : at + NAME_BYTES]), db=self._tables[b"node"])
                orphans.delete()


def _discard(env: lmdb.Environment, folder: str) -> None:
    env.close()
    shutil.rmtree(folder, ignore_errors=True)


def _within(store: str, key: bytes) -> bytes:
    return store.encode() + b"\x00" + key


def _big(number: int) -> bytes:
    return number.to_bytes(8, "big")
