import pytest

from panacea.crypto import base58
from panacea.crypto.keys import PUBLIC_SIZES, KeyKind, PublicKey
from panacea.identity.multikey import InvalidMultikey, decode_multikey, encode_multikey

# Controlled Identifiers 1.0, section 2.2.2, gives the Ed25519 one; the others are did:key's examples.
PUBLISHED = [
    (KeyKind.ED25519, "z6MkmM42vxfqZQsv4ehtTjFFxQ4sQKS2w6WR7emozFAn5cxu"),
    (KeyKind.SECP256K1, "zQ3shokFTS3brHcDQrn82RUDfCZESWL1ZdCEJwekUDPQiYBme"),
    (KeyKind.P256, "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"),
    (KeyKind.P384, "z82LkvCwHNreneWpsgPEbV3gu1C6NFJEBg4srfJ5gdxEsMGRJUz2sG9FE42shbn2xkZJh54"),
    (
        KeyKind.BLS12381G2,
        "zUC7K4ndUaGZgV7Cp2yJy6JtMoUHY6u7tkcSYUvPrEidqBmLCTLmi6d5WvwnUqejscAkERJ3bfjEiSYtdPkRSE8kSa11hFBr4sTgnbZ95SJj19PN2jdvJjyzpSZgxkyyxNnBNnY",
    ),
]


@pytest.mark.parametrize(("kind", "text"), PUBLISHED)
def test_published_keys(kind: KeyKind, text: str) -> None:
    key = decode_multikey(text)
    assert key.kind is kind
    assert encode_multikey(key) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0",
        "u7QEA",
        PUBLISHED[0][1][1:],
        PUBLISHED[0][1][:-1],
        "z1" + PUBLISHED[0][1][1:],
        "z" + base58.encode(bytes.fromhex("8024") + bytes(32)),
        "z" + base58.encode(bytes.fromhex("8124") + bytes(33)),
        "z" + base58.encode(bytes.fromhex("ed01") + bytes(33)),
        "z" + "2" * 5000,
    ],
)
def test_texts_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidMultikey):
        decode_multikey(text)


def test_a_sealing_key_has_no_multikey() -> None:
    with pytest.raises(InvalidMultikey):
        encode_multikey(PublicKey(KeyKind.MLKEM768_X25519, bytes(1216)))


SIGNING_KINDS = [KeyKind.ED25519, KeyKind.BLS12381G2, KeyKind.SECP256K1, KeyKind.P256, KeyKind.P384]


@pytest.mark.parametrize("kind", SIGNING_KINDS)
def test_a_key_of_ascending_octets_comes_back(kind: KeyKind) -> None:
    key = PublicKey(kind, bytes(range(PUBLIC_SIZES[kind])))
    assert decode_multikey(encode_multikey(key)) == key


def test_known_prefixes() -> None:
    assert encode_multikey(PublicKey(KeyKind.ED25519, bytes(32))).startswith("z6Mk")
    assert encode_multikey(PublicKey(KeyKind.BLS12381G2, b"\xa0" + bytes(95))).startswith("zUC7")
    assert encode_multikey(PublicKey(KeyKind.SECP256K1, b"\x02" + bytes(32))).startswith("zQ3s")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "z",
        "z0",
        "u" + "A" * 45,
        "z" + base58.encode(b"\xed\x01" + bytes(31)),
        "z" + base58.encode(b"\xed\x01" + bytes(33)),
        "z" + base58.encode(b"\xed\x81\x00" + bytes(32)),  # the number in a longer varint
        "z" + base58.encode(b"\x82\x24" + bytes(67)),  # P-521
        "z" + "2" * 2000,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidMultikey):
        decode_multikey(text)
