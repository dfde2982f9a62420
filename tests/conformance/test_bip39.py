"""BIP-39: the English word list and the vectors of its reference implementation (passphrase TREZOR)."""

import hashlib
from importlib.resources import files

import pytest

from panacea.crypto.hd import Mnemonic, english_words

VECTORS = [
    (
        "00" * 16,
        "abandon " * 11 + "about",
        "c55257c360c07c72029aebc1b53c05ed0362ada38ead3e3e9efa3708e5349553"
        "1f09a6987599d18264c1e1c92f2cf141630c7a3c4ab7c81b2f001698e7463b04",
    ),
    (
        "7f" * 16,
        "legal winner thank year wave sausage worth useful legal winner thank yellow",
        "2e8905819b8723fe2c1d161860e5ee1830318dbf49a83bd451cfb8440c28bd6f"
        "a457fe1296106559a3c80937a1c1069be3a3a5bd381ee6260e8d9739fce1f607",
    ),
    (
        "ff" * 16,
        "zoo " * 11 + "wrong",
        "ac27495480225222079d7be181583751e86f571027b0497b5b5d11218e0a8a13"
        "332572917f0f8e5a589620c6f15b11c61dee327651a14c34e18231052e48c069",
    ),
    (
        "00" * 32,
        "abandon " * 23 + "art",
        "bda85446c68413707090a52022edd26a1c9462295029f2e60cd7c4f2bbd30971"
        "70af7a4d73245cafa9c3cca8d561a7c3de6f5d4a10be8ed2a5e608d68f92fcc8",
    ),
    (
        "ff" * 32,
        "zoo " * 23 + "vote",
        "dd48c104698c30cfe2b6142103248622fb7bb0ff692eebb00089b32d22484e16"
        "13912f0a5b694407be899ffd31ed3992c456cdf60f5d4564b8ba3f05a69890ad",
    ),
]


def test_the_word_list_is_the_published_one() -> None:
    text = files("panacea.crypto").joinpath("bip39_english.txt").read_bytes()
    assert hashlib.sha256(text).hexdigest() == "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
    words = english_words()
    assert len(words) == len({word[:4] for word in words}) == 2048
    assert list(words) == sorted(words)


@pytest.mark.parametrize(("entropy", "phrase", "seed"), VECTORS)
def test_published_vectors(entropy: str, phrase: str, seed: str) -> None:
    mnemonic = Mnemonic(bytes.fromhex(entropy))
    assert mnemonic.phrase == Mnemonic.parse(phrase).phrase == phrase
    assert mnemonic.seed("TREZOR").reveal().hex() == seed
