"""The store of blobs: both sizes, tombstones, what a crash leaves behind, one holder."""

import os
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from panacea.vault import blobs
from panacea.vault.types import BlobErased

NAME = bytes(range(32))
SMALL, LARGE = b"s" * 1_000, b"L" * 200_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[blobs.SqliteBlobs]:
    made = blobs.SqliteBlobs(tmp_path)
    yield made
    made.close()


def put(store: blobs.BlobStore, name: bytes, body: bytes, note: bytes = b"n") -> bool:
    with store.stage(name) as staged:
        for at in range(0, len(body), 7_000):
            staged.write(body[at : at + 7_000])
        return staged.commit(note)


@pytest.mark.parametrize("body", [b"", SMALL, b"x" * 65_535, b"x" * 65_536, LARGE])
def test_what_is_put_is_read_also_after_a_restart(tmp_path: Path, body: bytes) -> None:
    first = blobs.SqliteBlobs(tmp_path)
    assert put(first, NAME, body)
    first.close()
    again = blobs.SqliteBlobs(tmp_path)
    assert again.find(NAME) == blobs.Blob(NAME, len(body), b"n")
    assert again.read(NAME, 0, len(body)) == body
    assert again.read(NAME, 10, 5) == body[10:15]
    assert again.read(NAME, len(body), 5) == b""
    assert len(list((tmp_path / "blobs").iterdir())) == (len(body) >= blobs.INLINE_BYTES)
    again.close()


def test_unknown_names(store: blobs.SqliteBlobs) -> None:
    assert store.find(NAME) is None
    assert store.find_tombstone(NAME) is None
    with pytest.raises(KeyError):
        store.read(NAME, 0, 1)
    assert list(store.blobs()) == []


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_what_is_not_committed_is_not_there(store: blobs.SqliteBlobs, tmp_path: Path, body: bytes) -> None:
    with store.stage(NAME) as staged:
        staged.write(body)
    assert store.find(NAME) is None
    assert not list((tmp_path / "incoming").iterdir())


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_the_first_body_under_a_name_stays(store: blobs.SqliteBlobs, tmp_path: Path, body: bytes) -> None:
    assert put(store, NAME, body)
    assert not put(store, NAME, body[::-1] + b"!", b"other")
    assert store.read(NAME, 0, len(body) + 1) == body
    assert store.find(NAME) == blobs.Blob(NAME, len(body), b"n")
    assert not list((tmp_path / "incoming").iterdir())


def test_notes_change(store: blobs.SqliteBlobs) -> None:
    put(store, NAME, SMALL)
    store.set_note(NAME, b"later")
    assert store.find(NAME) == blobs.Blob(NAME, len(SMALL), b"later")


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_an_erased_name_stays_erased(tmp_path: Path, body: bytes) -> None:
    first = blobs.SqliteBlobs(tmp_path)
    put(first, NAME, body)
    assert first.erase(NAME, b"why") == b"why"
    assert first.erase(NAME, b"again") == b"why"
    first.close()
    again = blobs.SqliteBlobs(tmp_path)
    assert again.find(NAME) is None
    assert again.find_tombstone(NAME) == b"why"
    with pytest.raises(BlobErased):
        put(again, NAME, body)
    assert not list((tmp_path / "blobs").iterdir())
    assert not list((tmp_path / "incoming").iterdir())
    again.close()


def test_erased_bytes_are_gone_from_the_database_files(tmp_path: Path) -> None:
    store = blobs.SqliteBlobs(tmp_path)
    secret = os.urandom(32)
    put(store, NAME, secret * 100)
    assert any(secret in path.read_bytes() for path in tmp_path.glob("blobs.sqlite*"))
    store.erase(NAME, b"t")
    assert not any(secret in path.read_bytes() for path in tmp_path.glob("blobs.sqlite*"))
    store.close()


def test_a_crash_between_file_and_row_leaves_nothing(tmp_path: Path) -> None:
    store = blobs.SqliteBlobs(tmp_path)
    put(store, NAME, LARGE)
    store.close()
    orphan, half = tmp_path / "blobs" / (b"\xee" * 32).hex(), tmp_path / "incoming" / "0"
    orphan.write_bytes(b"renamed, but its row was never written")
    half.write_bytes(b"cut off")
    again = blobs.SqliteBlobs(tmp_path)
    assert not orphan.exists()
    assert not half.exists()
    assert again.read(NAME, 0, len(LARGE)) == LARGE
    again.close()


def test_a_lost_file_is_missing_not_wrong(store: blobs.SqliteBlobs, tmp_path: Path) -> None:
    put(store, NAME, LARGE)
    (tmp_path / "blobs" / NAME.hex()).unlink()
    with pytest.raises(KeyError):
        store.read(NAME, 0, 10)


def test_the_walk_sees_all_pages(store: blobs.SqliteBlobs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_PAGE", 3)
    names = [bytes([i]) * 32 for i in range(10)]
    for name in names:
        put(store, name, name)
    assert [blob.name for blob in store.blobs()] == names


def test_a_second_holder_is_refused(store: blobs.SqliteBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, NAME, SMALL)
    connect = partial(sqlite3.connect, timeout=0.05)
    monkeypatch.setattr(sqlite3, "connect", connect)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        blobs.SqliteBlobs(tmp_path)
