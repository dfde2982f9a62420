"""Where sealed bytes lie: small ones in SQLite, large ones in files, each durable before it is acknowledged.

    home/blobs.sqlite    blobs (name, size, body or NULL, note) and tombstones (name, note)
    home/blobs/<name>    bodies of 64 KiB and more
    home/incoming/<n>    bodies on their way in; emptied at every start

A commit is: file synced, renamed, directory synced, and only then the row. So a row means a whole body, and a file
without a row is left over from a crash and removed at the next start. Erasure is the reverse: row out and tombstone in
with one transaction, then the file. Flash media keep old pages: the key is what is really destroyed, by its owner.
"""

import itertools
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self

from panacea.vault.types import BlobErased

INLINE_BYTES = 64 * 1024
_PAGE = 256

_SCHEMA = """
CREATE TABLE IF NOT EXISTS blobs (name BLOB PRIMARY KEY, size INTEGER NOT NULL, body BLOB, note BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS tombstones (name BLOB PRIMARY KEY, note BLOB NOT NULL) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class Blob:
    """What a store knows of one body: its name, its size in bytes, and the note its keeper attached."""

    name: bytes
    size: int
    note: bytes


class Staged(Protocol):
    """A body on its way in. Leaving the `with` block without a commit drops it."""

    def write(self, data: bytes) -> None:
        """Append."""
        ...

    def commit(self, note: bytes) -> bool:
        """Make it durable; False where the name was already kept, whose body and note then stay as they are.

        Raises:
            BlobErased: the name is under a tombstone.
        """
        ...

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        """Drop what was not committed."""
        ...


class BlobStore(Protocol):
    """Named bodies with a note each. Every change is durable when the call returns; calls may come from any thread."""

    def stage(self, name: bytes) -> Staged:
        """Begin to take in a body."""
        ...

    def find(self, name: bytes) -> Blob | None:
        """What is known of a body that is kept."""
        ...

    def read(self, name: bytes, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start`. Raises KeyError where nothing is kept."""
        ...

    def set_note(self, name: bytes, note: bytes) -> None:
        """Replace the note of a body that is kept."""
        ...

    def erase(self, name: bytes, tombstone: bytes) -> bytes:
        """Drop the body, if any, and refuse its name from now on. Returns the tombstone that stands: the first one."""
        ...

    def find_tombstone(self, name: bytes) -> bytes | None:
        """The note of the tombstone."""
        ...

    def blobs(self) -> Iterator[Blob]:
        """All that is kept, by name; changes during the walk may or may not be seen."""
        ...


class SqliteBlobs:
    """A `BlobStore` in one directory, held by one process at a time.

    Raises:
        sqlite3.OperationalError: another process holds the directory.
    """

    def __init__(self, home: Path) -> None:
        self._bodies, self._incoming = home / "blobs", home / "incoming"
        for folder in (home, self._bodies, self._incoming):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = RLock()
        self._counter = itertools.count()
        # FULL, because an acknowledgement must survive a power cut; exclusive, because a second process would clean up
        # what this one is taking in.
        self._db = sqlite3.connect(home / "blobs.sqlite", isolation_level=None, check_same_thread=False)
        try:
            for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._db.execute(f"PRAGMA {pragma}")
            self._db.executescript(_SCHEMA)
            self._drop_leftovers()
            sync_folder(home)
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the directory."""
        with self._lock:
            self._db.close()

    def stage(self, name: bytes) -> "_Incoming":
        """Begin to take in a body."""
        return _Incoming(self, name, self._incoming / str(next(self._counter)))

    def find(self, name: bytes) -> Blob | None:
        """What is known of a body that is kept."""
        row = self._row("SELECT name, size, note FROM blobs WHERE name = ?", name)
        return Blob(*row) if row else None

    def read(self, name: bytes, start: int, size: int) -> bytes:
        """Up to `size` bytes from `start`. Raises KeyError where nothing is kept."""
        row = self._row("SELECT body IS NULL, substr(body, ?, ?) FROM blobs WHERE name = ?", start + 1, size, name)
        if row is None:
            raise KeyError(name.hex())
        if not row[0]:
            return row[1] or b""  # SQLite says NULL for the part of an empty value.
        try:
            with self._body(name).open("rb") as file:
                file.seek(start)
                return file.read(size)
        except FileNotFoundError:
            raise KeyError(name.hex()) from None

    def set_note(self, name: bytes, note: bytes) -> None:
        """Replace the note of a body that is kept."""
        with self._lock:
            self._db.execute("UPDATE blobs SET note = ? WHERE name = ?", (note, name))

    def erase(self, name: bytes, tombstone: bytes) -> bytes:
        """Drop the body, if any, and refuse its name from now on. Returns the tombstone that stands: the first one."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._db.execute("INSERT OR IGNORE INTO tombstones VALUES (?, ?)", (name, tombstone))
                self._db.execute("DELETE FROM blobs WHERE name = ?", (name,))
                self._db.execute("COMMIT")
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            # The deleted pages are overwritten in the main file; the log must not keep a copy of them.
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._body(name).unlink(missing_ok=True)
            sync_folder(self._bodies)
            return self.find_tombstone(name) or tombstone

    def find_tombstone(self, name: bytes) -> bytes | None:
        """The note of the tombstone."""
        row = self._row("SELECT note FROM tombstones WHERE name = ?", name)
        return row[0] if row else None

    def blobs(self) -> Iterator[Blob]:
        """All that is kept, by name; changes during the walk may or may not be seen."""
        last = b""
        while True:
            with self._lock:
                query = "SELECT name, size, note FROM blobs WHERE name > ? ORDER BY name LIMIT ?"
                page = [Blob(*row) for row in self._db.execute(query, (last, _PAGE))]
            if not page:
                return
            yield from page
            last = page[-1].name

    def keep(self, name: bytes, size: int, body: bytes | Path, note: bytes) -> bool:
        """Take over a synced file, or bytes, under `name`: see `Staged.commit`."""
        with self._lock:
            if self.find_tombstone(name) is not None:
                raise BlobErased(name=name)
            if self.find(name) is not None:
                return False
            inline = None
            if isinstance(body, Path):
                body.rename(self._body(name))
                sync_folder(self._bodies)
            else:
                inline = body
            self._db.execute("INSERT INTO blobs VALUES (?, ?, ?, ?)", (name, size, inline, note))
            return True

    def _row(self, query: str, *values: object) -> Any:  # Any: the columns differ by query
        with self._lock:
            return self._db.execute(query, values).fetchone()

    def _body(self, name: bytes) -> Path:
        return self._bodies / name.hex()

    def _drop_leftovers(self) -> None:
        for path in self._incoming.iterdir():
            path.unlink()
        for path in self._bodies.iterdir():
            if not self._row("SELECT name FROM blobs WHERE name = ? AND body IS NULL", bytes.fromhex(path.name)):
                path.unlink()


class _Incoming:
    """A body held in memory while it is small, in a file of its own from then on."""

    def __init__(self, store: SqliteBlobs, name: bytes, path: Path) -> None:
        self._store, self._name, self._path = store, name, path
        self._held = bytearray()
        self._file: BinaryIO | None = None
        self._size = 0

    def write(self, data: bytes) -> None:
        """Append."""
        self._size += len(data)
        if self._file is None and self._size < INLINE_BYTES:
            self._held += data
            return
        if self._file is None:
            self._file = self._path.open("xb")
            self._file.write(self._held)
            self._held.clear()
        self._file.write(data)

    def commit(self, note: bytes) -> bool:
        """Make it durable: see `Staged.commit`."""
        if self._file is None:
            return self._store.keep(self._name, self._size, bytes(self._held), note)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        return self._store.keep(self._name, self._size, self._path, note)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._path.unlink(missing_ok=True)


def sync_folder(path: Path) -> None:
    """Make the names in a directory durable. Windows cannot open directories and orders its journal by itself."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
