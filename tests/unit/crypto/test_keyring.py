import json
import os
from pathlib import Path

import pytest

from panacea.crypto.hpke import HPKEKey
from panacea.crypto.keyring import Backend, InvalidKeyName, KeyExists, KeyNotFound, Keyring
from panacea.crypto.keys import ECDSAKey, Ed25519Key, InvalidKey, KeyKind, Secp256k1Key
from panacea.crypto.sealing import KeyNotOpened, PlaintextSealing
from panacea.crypto.secret import SecretBytes

FIRST = Secp256k1Key(bytes(range(1, 33)))
SECOND = Secp256k1Key(bytes(range(33, 65)))
DIGEST = bytes(32)


def rich(backend: str, home: Path, passphrase: str = "correct horse") -> Keyring:
    return Keyring.open(backend, home, lambda: passphrase)


@pytest.fixture(autouse=True)
def cheap_scrypt(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panacea.crypto.sealing.PassphraseSealing.__init__.__kwdefaults__", {"log_n": 12})


@pytest.mark.parametrize("backend", ["file", "test", "memory"])
def test_a_key_is_kept_listed_used_and_deleted(backend: str, tmp_path: Path) -> None:
    keyring = rich(backend, tmp_path)
    assert keyring.list() == []
    alice = keyring.add("alice", FIRST.secret)
    bob = keyring.add("bob", Ed25519Key(bytes(32)).secret, KeyKind.ED25519)
    if backend != "memory":
        keyring = rich(backend, tmp_path)
    assert keyring.list() == [alice, bob]
    assert keyring.find("alice") == alice
    assert alice.public_key == FIRST.public_key
    alice.public_key.verify(DIGEST, keyring.get("alice").sign(DIGEST))
    bob.public_key.verify(b"any bytes", keyring.get("bob").sign(b"any bytes"))
    assert keyring.export("alice") == FIRST.secret
    keyring.delete("alice")
    assert keyring.list() == [bob]
    assert keyring.find("alice") is None
    for ask in (keyring.get, keyring.export, keyring.delete):
        with pytest.raises(KeyNotFound):
            ask("alice")


@pytest.mark.parametrize("backend", ["file", "test", "memory"])
def test_a_key_is_never_overwritten(backend: str, tmp_path: Path) -> None:
    keyring = rich(backend, tmp_path)
    keyring.add("alice", FIRST.secret)
    with pytest.raises(KeyExists):
        keyring.add("alice", SECOND.secret)
    with pytest.raises(KeyExists):
        keyring._shelf.put("alice", b"a writer that came second")
    assert keyring.export("alice") == FIRST.secret


def test_a_key_that_does_not_sign_is_kept_with_its_public_key(tmp_path: Path) -> None:
    keyring, key = rich("memory", tmp_path), HPKEKey(bytes(32))
    with pytest.raises(InvalidKey):
        keyring.add("study", key.secret, KeyKind.MLKEM768_X25519)
    entry = keyring.add("study", key.secret, KeyKind.MLKEM768_X25519, public_key=key.public_key)
    assert entry.public_key.raw == key.public_key
    assert HPKEKey(keyring.export("study").reveal()).public_key == key.public_key
    with pytest.raises(InvalidKey):
        keyring.get("study")


@pytest.mark.parametrize(("kind", "size"), [(KeyKind.P256, 32), (KeyKind.P384, 48)])
def test_an_issuers_key_is_kept(kind: KeyKind, size: int, tmp_path: Path) -> None:
    keyring, key = rich("memory", tmp_path), ECDSAKey(kind, bytes(range(1, size + 1)))
    entry = keyring.add("issuer", key.secret, kind)
    assert entry.public_key == key.public_key
    entry.public_key.verify(b"any bytes", keyring.get("issuer").sign(b"any bytes"))


def test_a_foreign_public_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidKey):
        rich("memory", tmp_path).add("alice", FIRST.secret, public_key=SECOND.public_key.raw)


def test_the_file_keyring_needs_its_passphrase(tmp_path: Path) -> None:
    rich("file", tmp_path).add("alice", FIRST.secret)
    mistyped = rich("file", tmp_path, "corect horse")
    assert [entry.name for entry in mistyped.list()] == ["alice"]
    with pytest.raises(KeyNotOpened):
        mistyped.get("alice")
    with pytest.raises(KeyNotOpened):
        mistyped.add("bob", SECOND.secret)
    assert mistyped.find("bob") is None
    with pytest.raises(ValueError, match="passphrase"):
        Keyring.open(Backend.FILE, tmp_path)


def test_files_are_private_and_hide_the_secret(tmp_path: Path) -> None:
    rich("file", tmp_path).add("alice", FIRST.secret)
    folder = tmp_path / "keyring-file"
    assert [path.name for path in folder.iterdir()] == ["alice.json"]
    text = (folder / "alice.json").read_text()
    assert FIRST.secret.reveal().hex() not in text
    assert json.loads(text)["public_key"] == FIRST.public_key.raw.hex()
    if os.name == "posix":
        assert (folder / "alice.json").stat().st_mode & 0o777 == 0o600
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["", ".alice", "../alice", "a/b", "a b", "älice", "a" * 65, "a\n"])
def test_names_that_are_refused(name: str, tmp_path: Path) -> None:
    keyring = rich("test", tmp_path)
    for ask in (keyring.get, keyring.find, keyring.delete):
        with pytest.raises(InvalidKeyName):
            ask(name)
    with pytest.raises(InvalidKeyName):
        keyring.add(name, FIRST.secret)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"name": "bob"},
        {"kind": "rsa"},
        {"public_key": SECOND.public_key.raw.hex()},
        {"public_key": "00"},
        {"public_key": 7},
        {"secret": "AA"},
        {"secret": {}},
        {"more": 1},
    ],
)
@pytest.mark.parametrize("backend", ["file", "test"])
def test_a_changed_file_does_not_open(backend: str, change: dict[str, object], tmp_path: Path) -> None:
    rich(backend, tmp_path).add("alice", FIRST.secret)
    path = tmp_path / f"keyring-{backend}" / "alice.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(KeyNotOpened):
        rich(backend, tmp_path).get("alice")


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 16_000, "{}" + " " * 20_000])
def test_a_file_that_is_not_an_entry(text: str, tmp_path: Path) -> None:
    keyring = rich("test", tmp_path)
    keyring.add("alice", FIRST.secret)
    (tmp_path / "keyring-test" / "alice.json").write_text(text)
    with pytest.raises(KeyNotOpened):
        keyring.find("alice")


def test_a_plaintext_keyring_is_called_test(tmp_path: Path) -> None:
    keyring = Keyring.open("test", tmp_path)
    assert isinstance(keyring._sealing, PlaintextSealing)
    keyring.add("alice", SecretBytes(bytes(range(1, 33))))
    assert (tmp_path / "keyring-test" / "alice.json").is_file()
    with pytest.raises(ValueError, match="kwallet"):
        Keyring.open("kwallet", tmp_path)
