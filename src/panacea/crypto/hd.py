"""From words on paper to an account's key: BIP-39 mnemonics and BIP-32 private derivation.

    words --PBKDF2, 2048 rounds--> seed, 64 bytes --HMAC--> master key --one HMAC a level--> key at m/44'/371'/0'/0/0

The words are those of the English list of BIP-39, `bip39_english.txt`.
"""

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import coincurve

from panacea.crypto.keys import Secp256k1Key
from panacea.crypto.secret import SecretBytes
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random

PANACEA_PATH = "m/44'/371'/0'/0/0"
"""BIP-44 with coin type 371, first account, first key."""

HARDENED = 1 << 31
SEED_SIZES = range(16, 65)
WORD_COUNTS = (12, 15, 18, 21, 24)

_ROUNDS = 2048
_MAX_DEPTH = 16
_MAX_PHRASE = 1024


class InvalidMnemonic(Rejected, codespace="crypto", code=5, text="invalid mnemonic"):
    """The words are not a mnemonic; which one is at fault is told by its place, never by the word."""


class InvalidPath(Rejected, codespace="crypto", code=6, text="invalid derivation path"):
    """The text is not a path like m/44'/371'/0'/0/0, or there is no key there."""


@cache
def english_words() -> tuple[str, ...]:
    """The 2048 words, in alphabetical order."""
    return tuple(files("panacea.crypto").joinpath("bip39_english.txt").read_text("ascii").split())


class Mnemonic:
    """12, 15, 18, 21 or 24 words that carry 16 to 32 bytes of entropy and their checksum."""

    __slots__ = ("_words",)

    def __init__(self, entropy: bytes) -> None:
        """Spell `entropy` (16, 20, 24, 28 or 32 bytes) and the first bits of its SHA-256. Raises InvalidMnemonic."""
        count = len(entropy) * 3 // 4
        if count not in WORD_COUNTS or len(entropy) % 4:
            raise InvalidMnemonic(f"{len(entropy)} bytes of entropy")
        checksum_bits = count // 3
        checksum = hashlib.sha256(entropy).digest()[0] >> 8 - checksum_bits
        number = int.from_bytes(entropy, "big") << checksum_bits | checksum
        self._words = tuple(english_words()[number >> 11 * place & 2047] for place in reversed(range(count)))

    @classmethod
    def generate(cls, random: Random, *, words: int = 24) -> Self:
        """New words of fresh entropy. Raises InvalidMnemonic for another number of words."""
        if words not in WORD_COUNTS:
            raise InvalidMnemonic(f"{words} words, one of {WORD_COUNTS} expected")
        return cls(random.token(words * 4 // 3))

    @classmethod
    def parse(cls, phrase: str) -> Self:
        """The mnemonic somebody typed, in any case and with any white space between words. Raises InvalidMnemonic."""
        if len(phrase) > _MAX_PHRASE:
            raise InvalidMnemonic(f"{len(phrase)} characters, at most {_MAX_PHRASE} expected")
        typed = unicodedata.normalize("NFKD", phrase).lower().split()
        if len(typed) not in WORD_COUNTS:
            raise InvalidMnemonic(f"{len(typed)} words, one of {WORD_COUNTS} expected")
        values = {word: value for value, word in enumerate(english_words())}
        number = 0
        for place, word in enumerate(typed, 1):
            if word not in values:
                raise InvalidMnemonic(f"word {place} is not in the list")
            number = number << 11 | values[word]
        found = cls((number >> len(typed) // 3).to_bytes(len(typed) * 4 // 3, "big"))
        if list(found._words) != typed:
            raise InvalidMnemonic("the checksum does not fit")
        return found

    @property
    def phrase(self) -> str:
        """The words themselves, for the one moment they are written down."""
        return " ".join(self._words)

    def seed(self, passphrase: str = "") -> SecretBytes:
        """The 64-byte seed; each passphrase opens a wallet of its own, none is wrong."""
        salt = "mnemonic" + unicodedata.normalize("NFKD", passphrase)
        return SecretBytes(hashlib.pbkdf2_hmac("sha512", self.phrase.encode(), salt.encode(), _ROUNDS))

    def __repr__(self) -> str:
        return f"Mnemonic({len(self._words)} words)"


@dataclass(frozen=True, slots=True)
class ExtendedKey:
    """A private key of BIP-32: the scalar and the chain code (32 bytes each) its children come from."""

    secret: SecretBytes
    chain_code: SecretBytes

    @classmethod
    def master(cls, seed: SecretBytes) -> Self:
        """The key at m of a seed of 16 to 64 bytes. Raises InvalidPath for a seed without one (a chance of 2^-127)."""
        if len(seed) not in SEED_SIZES:
            raise ValueError(f"a seed of {len(seed)} bytes")
        raw = hmac.digest(b"Bitcoin seed", seed.reveal(), "sha512")
        try:
            coincurve.PrivateKey(raw[:32])
        except ValueError as reason:
            raise InvalidPath("this seed has no master key") from reason
        return cls(SecretBytes(raw[:32]), SecretBytes(raw[32:]))

    def child(self, index: int) -> Self:
        """The child at `index`; from 2^31 on it is a hardened one. Raises InvalidPath where BIP-32 skips the index."""
        parent = coincurve.PrivateKey(self.secret.reveal())
        public = b"\x00" + self.secret.reveal() if index >= HARDENED else parent.public_key.format()
        raw = hmac.digest(self.chain_code.reveal(), public + index.to_bytes(4, "big"), "sha512")
        try:
            scalar = parent.add(raw[:32]).secret
        except ValueError as reason:
            raise InvalidPath("no key at this index", index=index) from reason
        return type(self)(SecretBytes(scalar), SecretBytes(raw[32:]))


def parse_path(path: str) -> tuple[int, ...]:
    """The indexes along a path like m/44'/371'/0'/0/0; `'` and `h` mean hardened. Raises InvalidPath."""
    first, *steps = path.split("/", _MAX_DEPTH + 1)
    if first != "m" or len(steps) > _MAX_DEPTH:
        raise InvalidPath(path=path)
    return tuple(_parse_index(step, path) for step in steps)


def derive_key(seed: SecretBytes, path: str = PANACEA_PATH) -> Secp256k1Key:
    """The signing key that `seed` has at `path`. Raises InvalidPath."""
    key = ExtendedKey.master(seed)
    for index in parse_path(path):
        key = key.child(index)
    return Secp256k1Key(key.secret.reveal())


def _parse_index(step: str, path: str) -> int:
    found = re.fullmatch(r"(0|[1-9][0-9]{0,9})(['hH]?)", step, re.ASCII)
    if not found or int(found[1]) >= HARDENED:
        raise InvalidPath(path=path)
    return int(found[1]) + (HARDENED if found[2] else 0)
