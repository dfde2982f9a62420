import pytest

from panacea.crypto.hpke import MAX_PLAINTEXT, OVERHEAD, HPKEKey, SealRejected, check_public_key, seal
from panacea.crypto.keys import InvalidKey
from panacea.primitives.time import SystemRandom

KEY = HPKEKey(bytes(range(32)))
INFO = b"panacea/test"


@pytest.mark.parametrize("size", [0, 1, 16, 32_768])
def test_what_is_sealed_opens(size: int) -> None:
    plaintext = bytes(i % 251 for i in range(size))
    sealed = seal(KEY.public_key, INFO, plaintext)
    assert len(sealed) == size + OVERHEAD == size + 1136
    assert KEY.open(INFO, sealed) == plaintext
    assert seal(KEY.public_key, INFO, plaintext) != sealed


def test_another_info_or_key_does_not_open() -> None:
    sealed = seal(KEY.public_key, INFO, b"secret")
    for key, info in [(KEY, b"panacea/tesu"), (KEY, b""), (HPKEKey.generate(SystemRandom()), INFO)]:
        with pytest.raises(SealRejected):
            key.open(info, sealed)


@pytest.mark.parametrize("place", [0, 1087, 1088, 1119, 1120, -1])
def test_a_changed_byte_does_not_open(place: int) -> None:
    sealed = bytearray(seal(KEY.public_key, INFO, b"secret"))
    sealed[place] ^= 1
    with pytest.raises(SealRejected):
        KEY.open(INFO, bytes(sealed))


def test_impossible_lengths_do_not_open() -> None:
    sealed = seal(KEY.public_key, INFO, b"")
    for bad in (b"", sealed[:-1], sealed + b"\x00", bytes(OVERHEAD + MAX_PLAINTEXT + 1)):
        with pytest.raises(SealRejected):
            KEY.open(INFO, bad)


def test_a_low_order_point_in_the_encapsulation_does_not_open() -> None:
    sealed = seal(KEY.public_key, INFO, b"secret")
    with pytest.raises(SealRejected):
        KEY.open(INFO, sealed[:1088] + bytes(32) + sealed[1120:])


def test_the_largest_plaintext() -> None:
    with pytest.raises(ValueError):
        seal(KEY.public_key, INFO, bytes(MAX_PLAINTEXT + 1))
    assert len(KEY.open(INFO, seal(KEY.public_key, INFO, bytes(MAX_PLAINTEXT)))) == MAX_PLAINTEXT


def test_public_keys_are_checked() -> None:
    check_public_key(KEY.public_key)
    good = KEY.public_key
    for bad in (b"", good[:-1], good + b"\x00", b"\xff" * 1184 + good[1184:], good[:1184] + bytes(32)):
        with pytest.raises(InvalidKey):
            check_public_key(bad)


def test_a_key_comes_back_from_its_seed() -> None:
    again = HPKEKey(KEY.secret.reveal())
    assert again.public_key == KEY.public_key
    assert again.open(INFO, seal(KEY.public_key, INFO, b"x")) == b"x"
    assert KEY.secret.reveal().hex() not in repr(KEY)
    with pytest.raises(InvalidKey):
        HPKEKey(bytes(31))


def test_seeds_are_expanded_as_x_wing_does() -> None:
    # draft-connolly-cfrg-xwing-kem, appendix C, first vector: the seed and the first bytes of its public key.
    seed = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
    assert HPKEKey(seed).public_key.hex().startswith("e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5")
