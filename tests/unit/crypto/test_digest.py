import hashlib

import pytest

from panacea.crypto.digest import hash160, tagged_hash


def test_the_domain_stands_before_a_zero_byte() -> None:
    assert tagged_hash("panacea/offer/v3", b"x") == hashlib.sha256(b"panacea/offer/v3\x00x").digest()
    assert tagged_hash("a", b"bc") != tagged_hash("ab", b"c")


@pytest.mark.parametrize("domain", ["a\x00b", "ä"])
def test_a_domain_that_could_be_confused_is_a_bug(domain: str) -> None:
    with pytest.raises(ValueError):
        tagged_hash(domain, b"")


def test_the_hash_behind_an_account() -> None:
    # BIP-173 gives the key of generator G and the hash that its P2WPKH address carries.
    key = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
    assert hash160(key).hex() == "751e76e8199196d454941c45d1b3a323f1433bd6"
