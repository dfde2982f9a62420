import hashlib

import pytest

from panacea.crypto.keys import (
    Ed25519Key,
    InvalidKey,
    KeyKind,
    PrivateKey,
    PublicKey,
    Secp256k1Key,
    SignatureRejected,
    load_private_key,
)
from panacea.primitives.time import SystemRandom

N = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGEST = hashlib.sha256(b"payload").digest()

FIRST = Secp256k1Key(bytes(range(1, 33)))
SECOND = Secp256k1Key(bytes(range(33, 65)))
BOTH_KINDS: list[PrivateKey] = [FIRST, Ed25519Key(bytes(range(1, 33)))]


@pytest.mark.parametrize(
    ("key", "public", "address"),
    [
        (
            FIRST,
            "0284bf7562262bbd6940085748f3be6afa52ae317155181ece31b66351ccffa4b0",
            "panacea1tp7fhly84qm6q4hhzmp0nh5frtdugmys39lnt2",
        ),
        (
            SECOND,
            "02207bba70bc66309baa582a6ac120fd52d68026c51f6326f8ccedcbd2c1b7eb82",
            "panacea19esg5d50reh7vvpqldgw5y47cr4rsxqcaqm8ge",
        ),
    ],
)
def test_accounts_of_the_specification(key: Secp256k1Key, public: str, address: str) -> None:
    assert key.public_key.raw.hex() == public
    assert str(key.public_key.address()) == address


def test_signatures_of_the_specification() -> None:
    # spec/chain.md §12.2: the sign bytes of a deactivation, sequence 2.
    signed = bytes.fromhex(
        "0a3a12386469643a70616e616365613a4635676d6f75614c33676d367464704c537a52546362"
        "5236727051527946737536373231644c623550524d691002"
    )
    digest = hashlib.sha256(signed).digest()
    assert digest.hex() == "d15a246c4fa0d9216718e1a9df084d6274efc8ce2c2241dcd5907cd7d58d7a4e"
    assert FIRST.sign(digest).hex() == (
        "867800f1da401668b985640489e63eaab5e370d7ce85aef5d1c383be09a54fc5"
        "5bc53cc30f57c776d5a71659afffa7ebaa845e567a422c86ad080c901015a070"
    )


def test_rfc_8032_test_2() -> None:
    key = Ed25519Key(bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    assert key.public_key.raw.hex() == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    assert key.sign(b"\x72").hex() == (
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert key.public_key.address() == hashlib.sha256(key.public_key.raw).digest()[:20]


@pytest.mark.parametrize("key", BOTH_KINDS)
def test_what_a_key_signs_its_public_key_accepts(key: PrivateKey) -> None:
    signature = key.sign(DIGEST)
    key.public_key.verify(DIGEST, signature)
    for place in (0, 31, 32, 63):
        changed = bytearray(signature)
        changed[place] ^= 1
        with pytest.raises(SignatureRejected):
            key.public_key.verify(DIGEST, bytes(changed))
    with pytest.raises(SignatureRejected):
        key.public_key.verify(hashlib.sha256(b"other").digest(), signature)
    with pytest.raises(SignatureRejected):
        type(key)(b"\x09" * 32).public_key.verify(DIGEST, signature)


@pytest.mark.parametrize("key", BOTH_KINDS)
@pytest.mark.parametrize("size", [0, 63, 65])
def test_a_signature_of_another_length_is_refused(key: PrivateKey, size: int) -> None:
    with pytest.raises(SignatureRejected):
        key.public_key.verify(DIGEST, (key.sign(DIGEST) + b"\x00")[:size])


def test_a_high_s_is_refused() -> None:
    signature = FIRST.sign(DIGEST)
    s = int.from_bytes(signature[32:], "big")
    assert s <= N // 2
    with pytest.raises(SignatureRejected):
        FIRST.public_key.verify(DIGEST, signature[:32] + (N - s).to_bytes(32, "big"))


@pytest.mark.parametrize("half", [0, N, 2**256 - 1])
def test_an_r_or_s_out_of_range_is_refused(half: int) -> None:
    signature, other = FIRST.sign(DIGEST), half.to_bytes(32, "big")
    for changed in (other + signature[32:], signature[:32] + other):
        with pytest.raises(SignatureRejected):
            FIRST.public_key.verify(DIGEST, changed)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_secp256k1_signs_and_verifies_digests_only(size: int) -> None:
    with pytest.raises(ValueError, match="digest"):
        FIRST.sign(bytes(size))
    with pytest.raises(SignatureRejected, match="digest"):
        FIRST.public_key.verify(bytes(size), FIRST.sign(DIGEST))


@pytest.mark.parametrize("raw", [b"\x02" + b"\xff" * 32, b"\x04" + bytes(32), b"\x00" + bytes(32), b"\x02" + bytes(32)])
def test_a_key_off_the_curve_is_refused(raw: bytes) -> None:
    with pytest.raises(InvalidKey):
        PublicKey(KeyKind.SECP256K1, raw).verify(DIGEST, FIRST.sign(DIGEST))


def test_an_ed25519_key_off_the_curve_accepts_nothing() -> None:
    with pytest.raises(SignatureRejected):
        PublicKey(KeyKind.ED25519, b"\x02" + bytes(31)).verify(DIGEST, BOTH_KINDS[1].sign(DIGEST))


@pytest.mark.parametrize("kind", list(KeyKind))
def test_a_public_key_has_one_length(kind: KeyKind) -> None:
    for size in (0, 31, 34, 1217):
        with pytest.raises(InvalidKey):
            PublicKey(kind, bytes(size))


def test_a_key_for_disclosure_proofs_neither_verifies_here_nor_has_an_address() -> None:
    key = PublicKey(KeyKind.BLS12381G2, bytes(96))
    with pytest.raises(SignatureRejected, match="elsewhere"):
        key.verify(DIGEST, bytes(64))
    with pytest.raises(InvalidKey):
        key.address()


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33), bytes(32), N.to_bytes(32, "big"), b"\xff" * 32])
def test_a_scalar_out_of_range_is_refused(secret: bytes) -> None:
    with pytest.raises(InvalidKey) as refused:
        Secp256k1Key(secret)
    assert not secret or secret.hex() not in str(refused.value)


@pytest.mark.parametrize("secret", [b"", bytes(31), bytes(33)])
def test_a_seed_of_another_length_is_refused(secret: bytes) -> None:
    with pytest.raises(InvalidKey):
        Ed25519Key(secret)


@pytest.mark.parametrize("key", BOTH_KINDS)
def test_a_key_comes_back_from_its_secret(key: PrivateKey) -> None:
    again = load_private_key(key.kind, key.secret.reveal())
    assert again.public_key == key.public_key
    assert again.public_key.raw.hex() in repr(again)
    assert key.secret.reveal().hex() not in repr(again)
    assert type(key).generate(SystemRandom()).public_key != key.public_key


def test_a_kind_that_does_not_sign_is_not_loaded() -> None:
    with pytest.raises(InvalidKey):
        load_private_key(KeyKind.BLS12381G2, bytes(32))
