"""A holder keeps credentials and status lists, in memory or in a vault, and shows no secret."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from health_issuer import KEYS, LIST_URL, credential

from panacea.credentials import StatusList, create_status_credential
from panacea.crypto.keys import Ed25519Key, KeyKind, Secp256k1Key
from panacea.crypto.sealing import PassphraseSealing
from panacea.exchange.holder import Holder, MemoryRecords, Records
from panacea.identity.did_key import did_key_document
from panacea.identity.documents import Purpose
from panacea.primitives.time import SystemRandom
from panacea.vault.records import Vault
from panacea.vault.types import RecordNotFound

SECRET = b"h" * 32
KEY = Ed25519Key(SECRET)


def status_list(at: int, url: str = LIST_URL) -> bytes:
    return create_status_credential(
        StatusList(),
        url=url,
        issuer=KEYS.did,
        signer=KEYS.status_signer,
        method_id=KEYS.status_method_id,
        valid_from=at,
    )


def vault(home: Path) -> Vault:
    return Vault(home, PassphraseSealing(lambda: "words", SystemRandom(), log_n=12), SystemRandom())


@pytest.fixture(params=["memory", "vault"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Records]:
    if request.param == "memory":
        yield MemoryRecords()
        return
    kept = vault(tmp_path / "vault")
    yield kept
    kept.close()


def test_its_signature_verifies_by_its_did() -> None:
    holder = Holder(KEY)
    digest = hashlib.sha256(b"envelope").digest()
    method = did_key_document(holder.did).method(holder.method_id, Purpose.AUTHENTICATION)
    method.public_key.verify(digest, holder.sign(digest))


def test_credentials_are_kept_with_their_notes(records: Records) -> None:
    holder, mine = Holder(KEY, records), credential()
    oid = holder.add(mine, title="HbA1c")
    records.put(b"a raw record", {"title": "not a credential"})
    assert [(entry.oid, entry.metadata["title"]) for entry in holder.entries()] == [(oid, "HbA1c")]
    assert holder.get(oid) == mine
    assert list(holder.credentials()) == [(oid, mine)]
    with pytest.raises(RecordNotFound):
        holder.get(bytes(32))


def test_the_newest_status_list_is_the_one_for_a_credential(records: Records) -> None:
    holder, mine = Holder(KEY, records), credential()
    assert holder.status_lists_for(mine) == ()
    old, new = status_list(1_767_225_600), status_list(1_767_229_200)
    for each in (old, status_list(1_767_225_600, "https://elsewhere.example/1"), new):
        holder.learn_status_list(each)
    assert holder.status_lists_for(mine) == (new,)
    assert len(records.list()) == 2
    assert holder.status_lists_for(credential(status=None)) == ()


def test_a_vault_remembers(tmp_path: Path) -> None:
    with vault(tmp_path) as records:
        Holder(KEY, records).add(credential())
    with vault(tmp_path) as records:
        assert len(Holder(KEY, records).entries()) == 1


def test_no_secret_shows() -> None:
    holder = Holder(KEY)
    holder.add(credential())
    for shown in (repr(holder), str(holder)):
        assert SECRET.hex() not in shown
        assert "7.90" not in shown


def test_another_kind_of_key() -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        Holder(Secp256k1Key(b"\x01" * 32))
    assert KEY.public_key.kind is KeyKind.ED25519


def test_what_was_forgotten_is_gone() -> None:
    records = MemoryRecords()
    oid = records.put(b"x", {})
    records.delete(oid)
    with pytest.raises(RecordNotFound):
        records.delete(oid)
