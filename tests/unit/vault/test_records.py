"""A person's vault: what is kept comes back, nothing readable lies on the disk, and damage is named."""

import json
import stat
from pathlib import Path

import pytest
from fixed_chain import Counting

from panacea.crypto.sealing import KeyNotOpened, PassphraseSealing, PlaintextSealing, Sealing
from panacea.primitives.time import SystemRandom
from panacea.vault import records
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.objects import seal
from panacea.vault.records import Entry, Vault
from panacea.vault.types import RecordNotFound, RecordsLocked
from panacea.wire import cbor

RECORD = b'{"resourceType":"Observation"}' * 50
NOTED = {"type": "Observation", "code": "2345-7"}


def open_vault(home: Path, sealing: Sealing | None = None) -> Vault:
    return Vault(home, sealing or PlaintextSealing(), SystemRandom())


def passphrase(text: str) -> PassphraseSealing:
    return PassphraseSealing(lambda: text, SystemRandom(), log_n=12)


@pytest.mark.parametrize("size", [0, 1_000, 500_000])
def test_what_is_put_comes_back_after_a_restart(tmp_path: Path, size: int) -> None:
    record = bytes(i % 256 for i in range(size))
    with open_vault(tmp_path, passphrase("open")) as vault:
        oid = vault.put(record, NOTED)
    with open_vault(tmp_path, passphrase("open")) as vault:
        assert vault.list() == [Entry(oid, NOTED)]
        assert vault.get(oid) == record


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path) -> None:
    open_vault(tmp_path, passphrase("right")).close()
    with pytest.raises(KeyNotOpened):
        open_vault(tmp_path, passphrase("wrong"))
    open_vault(tmp_path, passphrase("right")).close()


def test_nothing_readable_lies_on_the_disk(tmp_path: Path) -> None:
    with open_vault(tmp_path, passphrase("open")) as vault:
        vault.put(RECORD, NOTED)
        vault.put(RECORD * 100, NOTED)
        for path in tmp_path.rglob("*"):
            content = path.read_bytes() if path.is_file() else b""
            assert not any(word in content for word in (b"Observation", b"resourceType", b"2345-7"))
    assert stat.S_IMODE((tmp_path / "vault.key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "blobs").stat().st_mode) == 0o700


def test_equal_records_are_two_objects(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        assert len({vault.put(RECORD, NOTED) for _ in range(3)}) == len(vault.list()) == 3


def test_a_forgotten_record_is_gone(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        oid = vault.put(RECORD, NOTED)
        vault.delete(oid)
        assert vault.list() == []
        for attempt in (vault.get, vault.delete):
            with pytest.raises(RecordNotFound):
                attempt(oid)


def test_records_without_their_key_stay_locked(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        vault.put(RECORD, NOTED)
    (tmp_path / "vault.key").unlink()
    with pytest.raises(RecordsLocked, match="key is gone"):
        open_vault(tmp_path)


def test_another_key_opens_nothing(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        oid = vault.put(RECORD, NOTED)
    other = PlaintextSealing().seal("vault.key", b"", bytes(32))
    (tmp_path / "vault.key").write_text(json.dumps(other))
    with open_vault(tmp_path) as vault:
        with pytest.raises(RecordsLocked):
            vault.list()
        with pytest.raises(RecordsLocked):
            vault.get(oid)


def test_swapped_notes_are_refused(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        first, second = vault.put(RECORD, NOTED), vault.put(b"other", {"type": "Patient"})
    blobs = SqliteBlobs(tmp_path)
    notes = {blob.name: blob.note for blob in blobs.blobs()}
    blobs.set_note(first, notes[second])
    blobs.close()
    with open_vault(tmp_path) as vault:
        with pytest.raises(RecordsLocked, match="description"):
            vault.list()
        with pytest.raises(Exception, match="not the key of this object"):
            vault.get(first)


def test_metadata_are_bounded(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        with pytest.raises(ValueError, match="16384"):
            vault.put(RECORD, {"note": "x" * records.MAX_METADATA})
        assert vault.list() == []


def test_the_wrapped_key_is_24_bytes(tmp_path: Path) -> None:
    with open_vault(tmp_path) as vault:
        vault.put(RECORD, NOTED)
    blobs = SqliteBlobs(tmp_path)
    (blob,) = blobs.blobs()
    blobs.close()
    wrapped, _ = cbor.decode(blob.note)
    assert len(wrapped) == 24
    assert blob.size > len(seal(RECORD, bytes(16), Counting()).groups[0])
