import hashlib

import pytest

from panacea.crypto.keys import (
    ECDSAKey,
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
SHORT: list[PrivateKey] = [FIRST, Ed25519Key(bytes(range(1, 33)))]
"""Keys whose signature is 64 bytes and whose secret is 32."""
P256, P384 = (ECDSAKey(kind, bytes(range(1, size + 1))) for kind, size in ((KeyKind.P256, 32), (KeyKind.P384, 48)))
NIST = [P256, P384]
ALL: list[PrivateKey] = [*SHORT, *NIST]


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


@pytest.mark.parametrize("key", ALL)
def test_what_a_key_signs_its_public_key_accepts(key: PrivateKey) -> None:
    signature = key.sign(DIGEST)
    key.public_key.verify(DIGEST, signature)
    half = len(signature) // 2
    for place in (0, half - 1, half, 2 * half - 1):
        changed = bytearray(signature)
        changed[place] ^= 1
        with pytest.raises(SignatureRejected):
            key.public_key.verify(DIGEST, bytes(changed))
    with pytest.raises(SignatureRejected):
        key.public_key.verify(hashlib.sha256(b"other").digest(), signature)
    with pytest.raises(SignatureRejected):
        load_private_key(key.kind, b"\x09" * len(key.secret)).public_key.verify(DIGEST, signature)


@pytest.mark.parametrize("key", ALL)
def test_a_signature_of_another_length_is_refused(key: PrivateKey) -> None:
    signature = key.sign(DIGEST)
    for other in (b"", signature[:-1], signature + b"\x00", b"\x00" + signature):
        with pytest.raises(SignatureRejected):
            key.public_key.verify(DIGEST, other)


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
        PublicKey(KeyKind.ED25519, b"\x02" + bytes(31)).verify(DIGEST, SHORT[1].sign(DIGEST))


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


@pytest.mark.parametrize("key", ALL)
def test_a_key_comes_back_from_its_secret(key: PrivateKey) -> None:
    again = load_private_key(key.kind, key.secret.reveal())
    assert again.public_key == key.public_key
    assert again.public_key.raw.hex() in repr(again)
    assert key.secret.reveal().hex() not in repr(again)


def test_a_kind_that_does_not_sign_is_not_loaded() -> None:
    with pytest.raises(InvalidKey):
        load_private_key(KeyKind.BLS12381G2, bytes(32))


def test_new_keys_differ() -> None:
    random = SystemRandom()
    new: list[list[PrivateKey]] = [
        [Secp256k1Key.generate(random) for _ in range(2)],
        [Ed25519Key.generate(random) for _ in range(2)],
        [ECDSAKey.generate(KeyKind.P256, random) for _ in range(2)],
        [ECDSAKey.generate(KeyKind.P384, random) for _ in range(2)],
    ]
    assert [first.kind for first, _ in new] == [key.kind for key in ALL]
    for first, second in new:
        assert first.public_key != second.public_key
        first.public_key.verify(DIGEST, first.sign(DIGEST))


# RFC 6979, A.2.5 and A.2.6: the secret, the public point, and R, S of "sample" and "test" under the curve's own hash.
DETERMINISTIC = [
    (
        KeyKind.P256,
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        b"sample",
        "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
        "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
    ),
    (
        KeyKind.P256,
        "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
        "0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6",
        b"test",
        "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367",
        "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
    ),
    (
        KeyKind.P384,
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
        "02ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
        b"sample",
        "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c81a648152e44acf96e36dd1e80fabe46",
        "99ef4aeb15f178cea1fe40db2603138f130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8",
    ),
    (
        KeyKind.P384,
        "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d896d5724e4c70a825f872c9ea60d2edf5",
        "02ec3a4e415b4e19a4568618029f427fa5da9a8bc4ae92e02e06aae5286b300c64def8f0ea9055866064a254515480bc13",
        b"test",
        "8203b63d3c853e8d77227fb377bcf7b7b772e97892a80f36ab775d509d7a5feb0542a7f0812998da8f1dd3ca3cf023db",
        "ddd0760448d42d8a43af45af836fce4de8be06b485e9b61b827c2f13173923e06a739f040649a667bf3b828246baa5a5",
    ),
]


@pytest.mark.parametrize(("kind", "secret", "public", "payload", "r", "s"), DETERMINISTIC)
def test_rfc_6979(kind: KeyKind, secret: str, public: str, payload: bytes, r: str, s: str) -> None:
    key = ECDSAKey(kind, bytes.fromhex(secret))
    assert key.public_key == PublicKey(kind, bytes.fromhex(public))
    assert key.sign(payload).hex() == r + s
    key.public_key.verify(payload, bytes.fromhex(r + s))


@pytest.mark.parametrize("key", NIST)
def test_a_nist_r_or_s_out_of_range_is_refused(key: ECDSAKey) -> None:
    signature = key.sign(DIGEST)
    size = len(signature) // 2
    for half in (bytes(size), b"\xff" * size):
        for changed in (half + signature[size:], signature[:size] + half):
            with pytest.raises(SignatureRejected):
                key.public_key.verify(DIGEST, changed)


@pytest.mark.parametrize("key", NIST)
def test_a_nist_key_off_the_curve_is_refused(key: ECDSAKey) -> None:
    size = len(key.public_key.raw) - 1
    for raw in (b"\x02" + b"\xff" * size, b"\x04" + bytes(size), b"\x00" * (size + 1)):
        with pytest.raises(InvalidKey):
            PublicKey(key.kind, raw).verify(DIGEST, key.sign(DIGEST))


@pytest.mark.parametrize("key", NIST)
def test_a_nist_scalar_out_of_range_is_refused(key: ECDSAKey) -> None:
    size = len(key.secret)
    for secret in (b"", bytes(size), b"\xff" * size, bytes(size - 1) + b"\x01\x01"):
        with pytest.raises(InvalidKey) as refused:
            ECDSAKey(key.kind, secret)
        assert not secret or secret.hex() not in str(refused.value)


def test_other_curves_are_no_nist_curves() -> None:
    for kind in (KeyKind.SECP256K1, KeyKind.ED25519, KeyKind.BLS12381G2):
        with pytest.raises(InvalidKey):
            ECDSAKey(kind, bytes(range(1, 33)))
    for key in NIST:
        with pytest.raises(InvalidKey, match="no address"):
            key.public_key.address()
