"""Where a wallet's keys lie: one entry a key, its public part readable, its secret sealed by the backend.

    file     <home>/keyring-file/<name>.json, secret under a passphrase (scrypt, ChaCha20-Poly1305)
    os       <home>/keyring-os/<name>.json, secret in the system's own store
    test     <home>/keyring-test/<name>.json, secret in the clear
    memory   gone with the process

An entry is JSON: {"version": 1, "name", "kind", "public_key" (hex), "secret": what the sealing keeps there}. Files are
0600 in a folder of 0700, appear whole or not at all, and are never overwritten.
"""

import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol, Self

from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, Signer, load_private_key
from panacea.crypto.sealing import KeyNotOpened, PassphraseSealing, PlaintextSealing, Sealing, SystemSealing
from panacea.crypto.secret import SecretBytes
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import SystemRandom

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}", re.ASCII)
_MAX_FILE = 16_384
_VERSION = 1


class KeyNotFound(Rejected, codespace="crypto", code=10, text="key not found"):
    """No key of that name."""


class KeyExists(Rejected, codespace="crypto", code=11, text="a key of this name exists"):
    """A key is never overwritten; delete it first."""


class InvalidKeyName(Rejected, codespace="crypto", code=12, text="invalid key name"):
    """A name is 1 to 64 of A-Z a-z 0-9 . _ - and does not start with a dot."""


class Backend(StrEnum):
    """Kinds of keyrings, by the name they carry on the command line."""

    FILE = "file"
    OS = "os"
    TEST = "test"
    MEMORY = "memory"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """What a listing shows of a key."""

    name: str
    public_key: PublicKey


class Shelf(Protocol):
    """Where entries lie, by name."""

    def names(self) -> list[str]:
        """The names there, sorted."""
        ...

    def find(self, name: str) -> bytes | None:
        """The entry of that name."""
        ...

    def put(self, name: str, entry: bytes) -> None:
        """Keep a new entry. Raises KeyExists."""
        ...

    def drop(self, name: str) -> None:
        """Remove an entry that is there."""
        ...


class Keyring:
    """Named keys on a shelf, their secrets sealed.

    `Keyring.open` picks shelf and sealing by backend; the constructor takes any.
    """

    def __init__(self, shelf: Shelf, sealing: Sealing) -> None:
        self._shelf = shelf
        self._sealing = sealing

    @classmethod
    def open(cls, backend: Backend | str, home: Path, passphrase: Callable[[], str] | None = None) -> Self:
        """The keyring of that backend under `home`; `passphrase` is asked when the file backend first needs it."""
        kind = Backend(backend)
        if kind is Backend.MEMORY:
            return cls(MemoryShelf(), PlaintextSealing())
        shelf = FolderShelf(home / f"keyring-{kind}")
        if kind is Backend.OS:
            return cls(shelf, SystemSealing(SystemRandom()))
        if kind is Backend.TEST:
            return cls(shelf, PlaintextSealing())
        if passphrase is None:
            raise ValueError("the file keyring needs a passphrase")
        return cls(shelf, PassphraseSealing(passphrase, SystemRandom()))

    def add(
        self, name: str, secret: SecretBytes, kind: KeyKind = KeyKind.SECP256K1, *, public_key: bytes | None = None
    ) -> KeyEntry:
        """Keep a key under a new name.

        The public key of a signing kind follows from the secret; for the others it has to be given. Where there are
        keys already, one has to open first: a mistyped passphrase never seals a new one.
        Raises KeyExists, InvalidKeyName, InvalidKey or KeyNotOpened.
        """
        if self._shelf.find(_require_name(name)) is not None:
            raise KeyExists(name=name)
        for other in self._shelf.names()[:1]:
            self._open(other)
        entry = KeyEntry(name, _public_key(kind, secret, public_key))
        sealed = self._sealing.seal(name, _label(entry), secret.reveal())
        self._shelf.put(name, json.dumps({**_public_part(entry), "secret": sealed}, indent=2).encode() + b"\n")
        return entry

    def find(self, name: str) -> KeyEntry | None:
        """The public part of the key of that name. Raises KeyNotOpened for a file that is not an entry."""
        raw = self._shelf.find(_require_name(name))
        return None if raw is None else _parse(name, raw)[0]

    def list(self) -> list[KeyEntry]:
        """The public parts of all keys, by name; no secret is touched."""
        return [_parse(name, self._shelf.find(name) or b"")[0] for name in self._shelf.names()]

    def export(self, name: str) -> SecretBytes:
        """The secret of a key. Raises KeyNotFound or KeyNotOpened."""
        return self._open(name)[1]

    def get(self, name: str) -> Signer:
        """The key, ready to sign. Raises KeyNotFound, KeyNotOpened, or InvalidKey for a kind that does not sign."""
        entry, secret = self._open(name)
        return load_private_key(entry.public_key.kind, secret.reveal())

    def delete(self, name: str) -> None:
        """Remove a key for good. Raises KeyNotFound or KeyNotOpened."""
        self._sealing.forget(self._get(name)[1])
        self._shelf.drop(name)

    def _get(self, name: str) -> tuple[KeyEntry, dict[str, object]]:
        raw = self._shelf.find(_require_name(name))
        if raw is None:
            raise KeyNotFound(name=name)
        return _parse(name, raw)

    def _open(self, name: str) -> tuple[KeyEntry, SecretBytes]:
        entry, sealed = self._get(name)
        secret = SecretBytes(self._sealing.unseal(name, _label(entry), sealed))
        try:
            _public_key(entry.public_key.kind, secret, entry.public_key.raw)
        except InvalidKey as reason:
            raise KeyNotOpened("secret and public key do not belong together", name=name) from reason
        return entry, secret


class MemoryShelf:
    """Entries of one process."""

    def __init__(self) -> None:
        self._entries: dict[str, bytes] = {}

    def names(self) -> list[str]:
        """The names there, sorted."""
        return sorted(self._entries)

    def find(self, name: str) -> bytes | None:
        """The entry of that name."""
        return self._entries.get(name)

    def put(self, name: str, entry: bytes) -> None:
        """Keep a new entry. Raises KeyExists."""
        if self._entries.setdefault(name, entry) is not entry:
            raise KeyExists(name=name)

    def drop(self, name: str) -> None:
        """Remove an entry that is there."""
        del self._entries[name]


class FolderShelf:
    """Entries as files of one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """The names there, sorted."""
        if not self._folder.is_dir():
            return []
        return sorted(path.stem for path in self._folder.glob("*.json") if _NAME.fullmatch(path.stem))

    def find(self, name: str) -> bytes | None:
        """The entry of that name, its first 16 KiB."""
        try:
            with self._path(name).open("rb") as file:
                return file.read(_MAX_FILE)
        except FileNotFoundError:
            return None

    def put(self, name: str, entry: bytes) -> None:
        """Write a new file: a hidden one first, made durable, then linked to its name unless that exists."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hidden = self._folder / f".{name}.{SystemRandom().token(8).hex()}"
        descriptor = os.open(hidden, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(entry)
                file.flush()
                os.fsync(file.fileno())
            os.link(hidden, self._path(name))
            _sync_folder(self._folder)
        except FileExistsError as reason:
            raise KeyExists(name=name) from reason
        finally:
            hidden.unlink()

    def drop(self, name: str) -> None:
        """Remove a file that is there."""
        self._path(name).unlink()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"


def _sync_folder(folder: Path) -> None:
    """Make a new name durable; Windows neither needs nor allows it."""
    if os.name == "posix":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _require_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidKeyName(name=name)
    return name


def _public_key(kind: KeyKind, secret: SecretBytes, given: bytes | None) -> PublicKey:
    """The public key of `secret`, which the given one must equal; for kinds that do not sign, the given one."""
    if kind in (KeyKind.SECP256K1, KeyKind.ED25519, KeyKind.P256, KeyKind.P384):
        derived = load_private_key(kind, secret.reveal()).public_key
        if given not in (None, derived.raw):
            raise InvalidKey("secret and public key do not belong together", kind=kind)
        return derived
    if given is None:
        raise InvalidKey("this kind is kept with its public key", kind=kind)
    return PublicKey(kind, given)


def _public_part(entry: KeyEntry) -> dict[str, object]:
    key = entry.public_key
    return {"version": _VERSION, "name": entry.name, "kind": str(key.kind), "public_key": key.raw.hex()}


def _label(entry: KeyEntry) -> bytes:
    """The public part as the bytes a sealing binds to the secret."""
    return json.dumps(_public_part(entry), sort_keys=True, separators=(",", ":")).encode()


def _parse(name: str, raw: bytes) -> tuple[KeyEntry, dict[str, object]]:
    """The public part of an entry and what its sealing keeps. Raises KeyNotOpened."""
    try:
        fields = json.loads(raw)
        entry = KeyEntry(name, PublicKey(KeyKind(fields["kind"]), bytes.fromhex(fields["public_key"])))
        sealed = fields["secret"]
        if {**_public_part(entry), "secret": sealed} == fields and isinstance(sealed, dict):
            return entry, sealed
    except (ValueError, KeyError, TypeError, RecursionError, InvalidKey) as reason:
        raise KeyNotOpened("not a key file", name=name) from reason
    raise KeyNotOpened("not a key file", name=name)
