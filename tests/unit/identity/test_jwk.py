from typing import Any

import pytest

from panacea.crypto import base64url
from panacea.crypto.bbs import SHA256
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Secp256k1Key
from panacea.identity.jwk import (
    InvalidJWK,
    PrivateKeyPublished,
    UnknownJWK,
    decode_jwk,
    encode_jwk,
    thumbprint,
    thumbprint_uri,
)

Json = dict[str, Any]  # Any: keys bent in every way below

# RFC 8037, A.2 and A.3.
ED25519: Json = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
ED25519_THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
# RFC 7517, A.1.
P256: Json = {
    "kty": "EC",
    "crv": "P-256",
    "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
    "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
    "use": "enc",
    "kid": "1",
}
# RFC 8037, A.6: the public key of the recipient.
X25519: Json = {"kty": "OKP", "crv": "X25519", "kid": "Bob", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}
# did:key 0.9, the BLS12-381 G2 example.
BLS: Json = {
    "kty": "EC",
    "crv": "BLS12381_G2",
    "x": "tKWJu0SOY7onl4tEyOOH11XBriQN2JgzV-UmjgBMSsNkcAx3_l97SVYViSDBouTVBkBfrLh33C5icDD-4UEDxNO3Wn1ijMHvn2N63DU4pk"
    "ezA3kGN81jGbwbrsMPpiOF",
}
KEYS = [
    Secp256k1Key(bytes(range(1, 33))).public_key,
    Ed25519Key(bytes(range(1, 33))).public_key,
    ECDSAKey(KeyKind.P256, bytes(range(1, 33))).public_key,
    ECDSAKey(KeyKind.P384, bytes(range(1, 49))).public_key,
    PublicKey(KeyKind.BLS12381G2, SHA256.public_key(bytes(range(32)))),
    PublicKey(KeyKind.X25519, bytes(range(32))),
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key.kind)
def test_a_key_comes_back(key: PublicKey) -> None:
    jwk = encode_jwk(key)
    assert decode_jwk(jwk) == key
    assert len(thumbprint(key)) == 32
    assert decode_jwk({**jwk, "kid": "k", "x5c": [], "ext": True}) == key


def test_published_keys() -> None:
    assert encode_jwk(decode_jwk(ED25519)) == ED25519
    assert base64url.encode(thumbprint(decode_jwk(ED25519))) == ED25519_THUMBPRINT
    assert thumbprint_uri(decode_jwk(ED25519)).endswith(":sha-256:" + ED25519_THUMBPRINT)
    assert decode_jwk(P256).kind is KeyKind.P256
    assert decode_jwk(X25519).kind is KeyKind.X25519
    assert encode_jwk(decode_jwk(BLS)) == {**BLS, "kty": "OKP", "crv": "Bls12381G2"}


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"])
@pytest.mark.parametrize("jwk", [ED25519, P256, {"kty": "RSA"}, {}], ids=["OKP", "EC", "RSA", "none"])
def test_a_private_member_is_refused_by_name(member: str, jwk: Json) -> None:
    with pytest.raises(PrivateKeyPublished) as refused:
        decode_jwk({**jwk, member: "c2VjcmV0"})
    assert "c2VjcmV0" not in str(refused.value)


@pytest.mark.parametrize(
    "jwk",
    [
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": "oct"},
        {**P256, "crv": "P-521"},
        {**P256, "crv": "p-256"},
        {**P256, "kty": "OKP"},
        {**ED25519, "kty": "EC"},
        {**ED25519, "crv": None},
        {**ED25519, "crv": "Ed448"},
        {**BLS, "crv": "BLS12381_G1"},
    ],
)
def test_other_kinds_are_unknown(jwk: Json) -> None:
    with pytest.raises(UnknownJWK):
        decode_jwk(jwk)


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        [],
        "key",
        {},
        {**P256, "kty": 1},
        {**P256, "y": P256["x"]},
        {**P256, "y": None},
        {name: value for name, value in P256.items() if name != "y"},
        {**P256, "x": P256["x"] + "="},
        {**P256, "x": P256["x"][:-1]},
        {**P256, "x": P256["x"][:-1] + "5"},
        {**P256, "x": P256["x"].replace("M", "+")},
        {**P256, "x": " " + P256["x"]},
        {**P256, "x": P256["x"] + "\n"},
        {**P256, "x": "A" * 5000},
        {**P256, "x": "AA" + P256["x"]},
        {**P256, "alg": "ES384"},
        {**P256, "alg": "none"},
        {**P256, "alg": None},
        {**P256, "use": 1},
        {**P256, "kid": 7},
        {**P256, "key_ops": "verify"},
        {**P256, "key_ops": ["verify", "verify"]},
        {**P256, "key_ops": ["verify", 1]},
        {**P256, "use": "sig", "key_ops": ["deriveKey"]},
        {**P256, "use": "enc", "key_ops": ["verify"]},
        {**ED25519, "use": "enc"},
        {**ED25519, "alg": "ES256"},
        {**ED25519, "y": ED25519["x"]},
        {**ED25519, "x": base64url.encode(bytes(32))},
        {**ED25519, "x": base64url.encode(b"\x02" + bytes(31))},
        {**X25519, "use": "sig"},
        {**X25519, "alg": "EdDSA"},
        {**BLS, "x": base64url.encode(bytes(96))},
        {**BLS, "y": BLS["x"]},
        {**ED25519, **{f"m{number}": 1 for number in range(40)}},
    ],
)
def test_keys_that_contradict_themselves(jwk: object) -> None:
    with pytest.raises(InvalidJWK):
        decode_jwk(jwk)


def test_what_fits_the_key_may_stand_there() -> None:
    for more in ({"alg": "ES256"}, {"use": "sig", "key_ops": ["verify"]}, {"use": "other", "key_ops": ["x"]}, {"a": 1}):
        assert decode_jwk({**P256, "use": "sig", **more}).kind is KeyKind.P256


def test_a_kind_without_a_jwk_is_refused() -> None:
    with pytest.raises(InvalidJWK):
        encode_jwk(PublicKey(KeyKind.MLKEM768_X25519, bytes(1216)))
    with pytest.raises(InvalidJWK):
        encode_jwk(PublicKey(KeyKind.P256, bytes(33)))


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A/", "+A", "A A", "\u00e4\u00e4", "AAB"])
def test_coordinates_in_another_spelling(text: str) -> None:
    with pytest.raises(InvalidJWK, match="base64url"):
        decode_jwk({**ED25519, "x": text})
