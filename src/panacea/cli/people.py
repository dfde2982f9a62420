"""Whose keys are whose in a home: an account, the issuer or the holder behind it, and the holder's vault.

NAME          the account, secp256k1; its DID is the did:panacea of that key
NAME.issuer   the one secret behind an issuer's other keys
NAME.holder   the key of the did:key that credentials are issued to
vaults/NAME   the holder's credentials, sealed as the keyring is
"""

from collections.abc import Callable
from pathlib import Path

from panacea.credentials import IssuerKeys
from panacea.crypto.keyring import Keyring
from panacea.crypto.keys import Ed25519Key, KeyKind
from panacea.crypto.sealing import PassphraseSealing, PlaintextSealing, Sealing, SystemSealing
from panacea.crypto.secret import SecretBytes
from panacea.exchange.holder import Holder, Records
from panacea.exchange.identities import Identity, derive_issuer_keys
from panacea.primitives.time import SystemRandom
from panacea.vault.records import Vault

RANDOM = SystemRandom()


def identity_of(ring: Keyring, name: str) -> Identity:
    """The did:panacea of an account. Raises KeyNotFound, KeyNotOpened."""
    return Identity.of(ring.get(name))


def issuer_of(ring: Keyring, name: str) -> tuple[Identity, IssuerKeys]:
    """An issuer; its secret is made on first use, and is to be kept: it makes the nullifiers."""
    identity = identity_of(ring, name)
    return identity, derive_issuer_keys(identity.did, secret_of(ring, f"{name}.issuer"))


def holder_of(ring: Keyring, name: str, records: Records | None = None) -> Holder:
    """A holder; its key is made on first use."""
    return Holder(Ed25519Key(secret_of(ring, f"{name}.holder").reveal()), records)


def find_holder(ring: Keyring, name: str) -> Holder | None:
    """A holder whose key was made before."""
    return None if ring.find(f"{name}.holder") is None else holder_of(ring, name)


def secret_of(ring: Keyring, name: str) -> SecretBytes:
    """The 32 secret bytes of that name, made on first use. Raises KeyNotOpened."""
    if ring.find(name) is None:
        ring.add(name, Ed25519Key.generate(RANDOM).secret, KeyKind.ED25519)
    return ring.export(name)


def open_vault(home: Path, name: str, kind: str, passphrase: Callable[[], str]) -> Vault:
    """The vault of a holder, locked in the way of the keyring `kind`. Raises KeyNotOpened, RecordsLocked."""
    sealing: Sealing = PlaintextSealing()
    if kind == "file":
        sealing = PassphraseSealing(passphrase, RANDOM)
    elif kind == "os":
        sealing = SystemSealing(RANDOM)
    return Vault(home / "vaults" / name, sealing, RANDOM)
