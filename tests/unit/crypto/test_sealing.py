from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.errors
import pytest

from panacea.crypto.sealing import KeyNotOpened, PassphraseSealing, PlaintextSealing, Sealing, SystemSealing
from panacea.primitives.time import SystemRandom

SECRET = bytes(range(32))
LABEL = b'{"name":"alice"}'


class Drawer(keyring.backend.KeyringBackend):
    """A system store of this process."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # the package leaves it untyped
        self.kept: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError(username)


class Broken(Drawer):
    """A system store that is locked."""

    def set_password(self, service: str, username: str, password: str) -> None:
        raise keyring.errors.KeyringLocked

    def get_password(self, service: str, username: str) -> str | None:
        raise keyring.errors.KeyringLocked


@pytest.fixture
def drawer() -> Iterator[Drawer]:
    before, drawer = keyring.get_keyring(), Drawer()
    keyring.set_keyring(drawer)
    yield drawer
    keyring.set_keyring(before)


def with_passphrase(passphrase: str) -> PassphraseSealing:
    return PassphraseSealing(lambda: passphrase, SystemRandom(), log_n=12)


@pytest.mark.parametrize(
    "sealing", [with_passphrase("x"), PlaintextSealing(), SystemSealing(SystemRandom())], ids=lambda s: type(s).__name__
)
def test_what_is_sealed_is_unsealed(sealing: Sealing, drawer: Drawer) -> None:
    sealed = sealing.seal("alice", LABEL, SECRET)
    assert sealing.unseal("alice", LABEL, sealed) == SECRET
    sealing.forget(sealed)
    with pytest.raises(KeyNotOpened):
        sealing.unseal("alice", LABEL, {})


def test_a_passphrase_is_asked_for_once_and_late() -> None:
    asked: list[int] = []

    def ask() -> str:
        asked.append(1)
        return "x"

    sealing = PassphraseSealing(ask, SystemRandom(), log_n=12)
    assert not asked
    assert sealing.unseal("alice", LABEL, sealing.seal("alice", LABEL, SECRET)) == SECRET
    assert len(asked) == 1


def test_the_full_cost_fits_into_the_memory_that_is_allowed() -> None:
    sealed = PassphraseSealing(lambda: "x", SystemRandom()).seal("alice", LABEL, SECRET)
    assert sealed["scrypt_log_n"] == 17
    assert with_passphrase("x").unseal("alice", LABEL, sealed) == SECRET


def test_the_secret_does_not_show_and_never_seals_alike() -> None:
    first, second = (with_passphrase("x").seal("alice", LABEL, SECRET) for _ in range(2))
    assert set(first.values()) & set(second.values()) == {12}
    assert SECRET.hex() not in str(first)


def test_another_passphrase_or_label_does_not_open() -> None:
    sealed = with_passphrase("x").seal("alice", LABEL, SECRET)
    with pytest.raises(KeyNotOpened):
        with_passphrase("y").unseal("alice", LABEL, sealed)
    with pytest.raises(KeyNotOpened):
        with_passphrase("x").unseal("alice", LABEL + b" ", sealed)


@pytest.mark.parametrize(
    "changed",
    [
        {"scrypt_log_n": 11},
        {"scrypt_log_n": 63},
        {"scrypt_log_n": "12"},
        {"salt": "AAAA"},
        {"nonce": "AAAA"},
        {"sealed": "AAAA"},
        {"sealed": "not base64"},
        {"salt": None},
    ],
)
def test_a_changed_field_does_not_open(changed: dict[str, object]) -> None:
    sealing = with_passphrase("x")
    with pytest.raises(KeyNotOpened):
        sealing.unseal("alice", LABEL, {**sealing.seal("alice", LABEL, SECRET), **changed})


def test_the_systems_store_keeps_homes_apart(drawer: Drawer) -> None:
    sealing = SystemSealing(SystemRandom())
    first, second = sealing.seal("alice", LABEL, SECRET), sealing.seal("alice", LABEL, b"other")
    assert len(drawer.kept) == 2
    sealing.forget(second)
    sealing.forget(second)
    assert sealing.unseal("alice", LABEL, first) == SECRET
    with pytest.raises(KeyNotOpened):
        sealing.unseal("alice", LABEL, second)


@pytest.mark.usefixtures("drawer")
def test_a_locked_store_says_so() -> None:
    keyring.set_keyring(Broken())
    sealing = SystemSealing(SystemRandom())
    with pytest.raises(KeyNotOpened, match="not available"):
        sealing.seal("alice", LABEL, SECRET)
    with pytest.raises(KeyNotOpened, match="not available"):
        sealing.unseal("alice", LABEL, {"account": "alice-00"})
