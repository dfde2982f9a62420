"""How a keyring keeps a secret: under a passphrase, in the system's own store, or (tests only) in the clear."""

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random

SCRYPT_LOG_N = 17
"""log2 of scrypt's cost: 128 MiB and some tenths of a second a try."""

SERVICE = "panacea"
"""The name under which the system's store keeps our entries."""

_ACCEPTED_LOG_N = range(12, 21)
_BLOCK_SIZE = 8


class KeyNotOpened(Rejected, codespace="crypto", code=9, text="the key does not open"):
    """A wrong passphrase, a changed file, or a secret that the system's store no longer has."""


Sealed = dict[str, str | int]
"""What stands in a key's file in place of its secret."""


class Sealing(Protocol):
    """A way to keep secrets. `label` is the public part of the entry; it is bound to the secret where that can be."""

    def seal(self, name: str, label: bytes, secret: bytes) -> Sealed:
        """Keep `secret`; what is returned is written to the key's file."""
        ...

    def unseal(self, name: str, label: bytes, sealed: Mapping[str, object]) -> bytes:
        """The secret again. Raises KeyNotOpened."""
        ...

    def forget(self, sealed: Mapping[str, object]) -> None:
        """Drop what is kept outside the key's file."""
        ...


class PassphraseSealing:
    """scrypt (r = 8, p = 1) and ChaCha20-Poly1305; salt and nonce are fresh for each key.

    The passphrase is asked for once, when it is first needed.
    """

    def __init__(self, passphrase: Callable[[], str], random: Random, *, log_n: int = SCRYPT_LOG_N) -> None:
        self._ask = passphrase
        self._random = random
        self._log_n = log_n
        self._known: bytes | None = None

    def seal(self, name: str, label: bytes, secret: bytes) -> Sealed:  # noqa: ARG002 - the label holds the name
        """Encrypt under the passphrase, with `label` as associated data."""
        salt, nonce = self._random.token(32), self._random.token(12)
        sealed = ChaCha20Poly1305(self._stretch(salt, self._log_n)).encrypt(nonce, secret, label)
        return {"scrypt_log_n": self._log_n, "salt": _text(salt), "nonce": _text(nonce), "sealed": _text(sealed)}

    def unseal(self, name: str, label: bytes, sealed: Mapping[str, object]) -> bytes:
        """Decrypt. Raises KeyNotOpened, also for costs that no keyring of ours writes."""
        log_n = sealed.get("scrypt_log_n")
        if not isinstance(log_n, int) or log_n not in _ACCEPTED_LOG_N:
            raise KeyNotOpened("scrypt cost", name=name)
        salt, nonce, box = (_bytes(name, sealed.get(field)) for field in ("salt", "nonce", "sealed"))
        try:
            return ChaCha20Poly1305(self._stretch(salt, log_n)).decrypt(nonce, box, label)
        except (InvalidTag, ValueError) as reason:
            raise KeyNotOpened("wrong passphrase or changed file", name=name) from reason

    def forget(self, sealed: Mapping[str, object]) -> None:
        """Nothing is kept outside the file."""

    def _stretch(self, salt: bytes, log_n: int) -> bytes:
        if self._known is None:
            self._known = self._ask().encode()
        memory = 128 * _BLOCK_SIZE * (1 << log_n) + (1 << 20)
        return hashlib.scrypt(self._known, salt=salt, n=1 << log_n, r=_BLOCK_SIZE, p=1, maxmem=memory, dklen=32)


class SystemSealing:
    """The system's own store, through the `keyring` package (Keychain, Credential Manager, Secret Service).

    Each entry gets an account name of its own there, so keyrings of two homes never overwrite each other.
    """

    def __init__(self, random: Random) -> None:
        self._random = random

    def seal(self, name: str, label: bytes, secret: bytes) -> Sealed:  # noqa: ARG002 - the store has no such field
        """Hand the secret to the system; the file keeps the account it lies under. Raises KeyNotOpened."""
        import keyring
        import keyring.errors

        account = f"{name}-{self._random.token(8).hex()}"
        try:
            keyring.set_password(SERVICE, account, _text(secret))
        except keyring.errors.KeyringError as reason:
            raise KeyNotOpened("the system's store is not available", name=name) from reason
        return {"account": account}

    def unseal(self, name: str, label: bytes, sealed: Mapping[str, object]) -> bytes:  # noqa: ARG002 - see seal
        """Ask the system. Raises KeyNotOpened."""
        import keyring
        import keyring.errors

        try:
            return _bytes(name, keyring.get_password(SERVICE, str(sealed.get("account"))))
        except keyring.errors.KeyringError as reason:
            raise KeyNotOpened("the system's store is not available", name=name) from reason

    def forget(self, sealed: Mapping[str, object]) -> None:
        """Have the system drop it, if it still has it."""
        import keyring
        import keyring.errors

        with suppress(keyring.errors.PasswordDeleteError):
            keyring.delete_password(SERVICE, str(sealed.get("account")))


class PlaintextSealing:
    """No protection at all: for tests and throw-away networks, as `--keyring-backend test` of Cosmos chains."""

    def seal(self, name: str, label: bytes, secret: bytes) -> Sealed:  # noqa: ARG002 - nothing is bound
        """Write the secret as it is."""
        return {"plaintext": _text(secret)}

    def unseal(self, name: str, label: bytes, sealed: Mapping[str, object]) -> bytes:  # noqa: ARG002 - see seal
        """Read the secret as it is. Raises KeyNotOpened."""
        return _bytes(name, sealed.get("plaintext"))

    def forget(self, sealed: Mapping[str, object]) -> None:
        """Nothing is kept outside the file."""


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(name: str, text: object) -> bytes:
    try:
        if isinstance(text, str):
            return base64.b64decode(text, validate=True)
    except binascii.Error:
        pass
    raise KeyNotOpened("a field is missing or not base64", name=name)
