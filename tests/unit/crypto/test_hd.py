import pytest

from panacea.crypto.hd import (
    HARDENED,
    WORD_COUNTS,
    ExtendedKey,
    InvalidMnemonic,
    InvalidPath,
    Mnemonic,
    derive_key,
    parse_path,
)
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import SystemRandom

PHRASE = "abandon " * 11 + "about"
N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def test_the_account_that_other_wallets_of_the_cosmos_show() -> None:
    key = derive_key(Mnemonic.parse(PHRASE).seed(), "m/44'/118'/0'/0/0")
    assert key.public_key.address().text("cosmos") == "cosmos19rl4cm2hmr8afy4kldpxz3fka4jguq0auqdal4"


def test_panacea_has_a_coin_type_of_its_own() -> None:
    seed = Mnemonic.parse(PHRASE).seed()
    assert derive_key(seed).public_key == derive_key(seed, "m/44h/371h/0h/0/0").public_key
    assert derive_key(seed).public_key != derive_key(seed, "m/44'/371'/0'/0/1").public_key


@pytest.mark.parametrize("words", WORD_COUNTS)
def test_new_words_are_read_back(words: int) -> None:
    mnemonic = Mnemonic.generate(SystemRandom(), words=words)
    assert len(mnemonic.phrase.split()) == words
    assert Mnemonic.parse(mnemonic.phrase).phrase == mnemonic.phrase
    assert repr(mnemonic) == f"Mnemonic({words} words)"


def test_words_are_read_as_people_type_them() -> None:
    assert Mnemonic.parse("  " + PHRASE.upper().replace(" ", "\n\t ")).phrase == PHRASE


@pytest.mark.parametrize("words", [0, 11, 13, 25])
def test_another_number_of_words_is_refused(words: int) -> None:
    with pytest.raises(InvalidMnemonic):
        Mnemonic.generate(SystemRandom(), words=words)
    with pytest.raises(InvalidMnemonic):
        Mnemonic.parse("abandon " * words)


def test_an_endless_phrase_is_refused_unread() -> None:
    with pytest.raises(InvalidMnemonic, match="at most 1024"):
        Mnemonic.parse(PHRASE + " " * 1024)


@pytest.mark.parametrize("size", [0, 15, 17, 18, 31, 33, 36])
def test_another_size_of_entropy_is_refused(size: int) -> None:
    with pytest.raises(InvalidMnemonic):
        Mnemonic(bytes(size))


def test_a_wrong_checksum_and_an_unknown_word_are_refused_without_being_shown() -> None:
    with pytest.raises(InvalidMnemonic, match="checksum") as refused:
        Mnemonic.parse("abandon " * 12)
    assert "abandon" not in str(refused.value)
    with pytest.raises(InvalidMnemonic, match="word 2 ") as refused:
        Mnemonic.parse(PHRASE.replace("abandon abandon", "abandon panacea", 1))
    assert "panacea" not in str(refused.value)


def test_a_passphrase_opens_another_wallet() -> None:
    mnemonic = Mnemonic.parse(PHRASE)
    assert mnemonic.seed() != mnemonic.seed("x")
    assert mnemonic.seed("\u00e9") == mnemonic.seed("e\u0301")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "m/",
        "n/0",
        "0/1",
        "m/-1",
        "m/01",
        "m/0''",
        "m/2147483648",
        "m/99999999999",
        "m/a",
        "m/٣",
        "m//0",
        "m" + "/0" * 17,
    ],
)
def test_paths_that_are_refused(path: str) -> None:
    with pytest.raises(InvalidPath):
        parse_path(path)


def test_hardened_steps() -> None:
    assert parse_path("m") == ()
    assert parse_path("m/1'/2h/3H/4") == (HARDENED + 1, HARDENED + 2, HARDENED + 3, 4)


@pytest.mark.parametrize("size", [0, 15, 65])
def test_a_seed_of_another_size_is_a_bug(size: int) -> None:
    with pytest.raises(ValueError):
        ExtendedKey.master(SecretBytes(bytes(size)))


@pytest.mark.parametrize("left", [N, 2**256 - 1, 0])
def test_scalars_that_bip_32_skips(left: int, monkeypatch: pytest.MonkeyPatch) -> None:
    key = ExtendedKey.master(SecretBytes(bytes(16)))
    monkeypatch.setattr("hmac.digest", lambda *_: left.to_bytes(32, "big") + bytes(32))
    with pytest.raises(InvalidPath):
        ExtendedKey.master(SecretBytes(bytes(16)))
    if left:
        with pytest.raises(InvalidPath):
            key.child(0)
    assert "secret=SecretBytes(32 bytes)" in repr(key)
