"""Compact JWS: what is signed is read back, and no token chooses its own algorithm or key."""

import hashlib
import hmac
import itertools
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from panacea.credentials.formats import base64url, jose
from panacea.credentials.formats.jwk import read_jwk, thumbprint, to_jwk
from panacea.credentials.formats.types import (
    AlgorithmRefused,
    ClaimsContradict,
    FormatRejected,
    HeaderRefused,
    MalformedToken,
    TokenExpired,
    TokenNotYetValid,
    WrongSignature,
)
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Secp256k1Key, Signer
from panacea.health.types import Number

P256 = ECDSAKey(KeyKind.P256, b"\x01" * 32)
P384 = ECDSAKey(KeyKind.P384, b"\x02" * 48)
ED = Ed25519Key(b"\x03" * 32)
K1 = Secp256k1Key(b"\x04" * 32)
SIGNERS: list[Signer] = [P256, P384, ED, K1]
PAYLOAD = b'{"value":7.90}'
ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


def forged(header: dict[str, Any], signature: bytes = b"", payload: bytes = PAYLOAD) -> str:
    return ".".join(base64url.encode(part) for part in (json.dumps(header).encode(), payload, signature))


@pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.public_key.kind)
def test_what_is_signed_is_read_back(signer: Signer) -> None:
    token = jose.sign(PAYLOAD, signer=signer, header={"typ": "JWT", "kid": "k"})
    verified = jose.read(token).verify(signer.public_key, algorithms=jose.EVERY)
    assert verified.payload == PAYLOAD
    assert verified.header["kid"] == "k"
    value = verified.claims()["value"]
    assert isinstance(value, Number)
    assert value.written == "7.90"
    with pytest.raises(WrongSignature):
        jose.read(token[:-8] + "AAAAAAAA").verify(signer.public_key, algorithms=jose.EVERY)


@pytest.mark.parametrize(("signer", "other"), [*itertools.permutations(SIGNERS, 2)])
def test_the_algorithm_is_the_one_of_the_key(signer: Signer, other: Signer) -> None:
    token = jose.read(jose.sign(PAYLOAD, signer=signer))
    with pytest.raises(AlgorithmRefused):
        token.verify(other.public_key, algorithms=jose.EVERY)
    with pytest.raises(AlgorithmRefused):
        token.verify(signer.public_key, algorithms={jose.algorithm_of(other.public_key.kind)})
    with pytest.raises(AlgorithmRefused):
        jose.sign(PAYLOAD, signer=signer, header={"alg": jose.algorithm_of(other.public_key.kind)})


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", "HS256", "RS256", "PS256", "ES512", "es256"])
def test_no_other_algorithm_is_ever_taken(alg: str) -> None:
    for key in (P256.public_key, ED.public_key):
        for allowed in (jose.EVERY, {alg}):
            with pytest.raises(AlgorithmRefused):
                jose.read(forged({"alg": alg}, b"\x01" * 64)).verify(key, algorithms=allowed)


def test_a_public_key_is_no_shared_secret() -> None:
    text = ".".join(base64url.encode(part) for part in (b'{"alg":"HS256"}', PAYLOAD))
    for secret in (P256.public_key.raw, json.dumps(to_jwk(P256.public_key)).encode()):
        tag = hmac.digest(secret, text.encode(), hashlib.sha256)
        with pytest.raises(AlgorithmRefused):
            jose.read(f"{text}.{base64url.encode(tag)}").verify(P256.public_key, algorithms=jose.EVERY)


def test_a_key_in_the_header_is_never_used() -> None:
    attacker = ECDSAKey(KeyKind.P256, b"\x09" * 32)
    header = {"jwk": to_jwk(attacker.public_key), "jku": "https://evil.example/k", "x5u": "https://evil.example/c"}
    token = jose.read(jose.sign(PAYLOAD, signer=attacker, header=header))
    with pytest.raises(WrongSignature):
        token.verify(P256.public_key, algorithms=jose.EVERY)


def test_signatures_of_other_forms() -> None:
    token = jose.sign(PAYLOAD, signer=P256)
    head, signature = token.rsplit(".", 1)
    raw = base64url.decode(signature)
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    der = encode_dss_signature(r, s)
    for wrong in (bytes(64), b"", raw[:63], raw + b"\0", der, raw[:32] + bytes(32), b"\xff" * 64):
        with pytest.raises(WrongSignature):
            jose.read(f"{head}.{base64url.encode(wrong)}").verify(P256.public_key, algorithms=jose.EVERY)
    for signer in (P384, ED, K1):
        with pytest.raises(WrongSignature):
            jose.read(jose.sign(PAYLOAD, signer=signer).rsplit(".", 1)[0] + ".").verify(
                signer.public_key, algorithms=jose.EVERY
            )


def test_es256k_knows_no_low_s() -> None:
    head, signature = jose.sign(PAYLOAD, signer=K1).rsplit(".", 1)
    raw = base64url.decode(signature)
    high = raw[:32] + (ORDER - int.from_bytes(raw[32:], "big")).to_bytes(32, "big")
    jose.read(f"{head}.{base64url.encode(high)}").verify(K1.public_key, algorithms={"ES256K"})


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        ({"alg": "ES256", "crit": ["exp"], "exp": 1}, HeaderRefused),
        ({"alg": "ES256", "crit": []}, HeaderRefused),
        ({"alg": "ES256", "b64": False}, HeaderRefused),
        ({"alg": "ES256", "b64": 0}, HeaderRefused),
        ({"alg": None}, AlgorithmRefused),
        ({"alg": ["ES256"]}, AlgorithmRefused),
        ({}, AlgorithmRefused),
    ],
)
def test_headers_that_are_refused(header: dict[str, Any], refusal: type[FormatRejected]) -> None:
    with pytest.raises(refusal):
        jose.read(forged(header))


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c.d",
        "e30.e30",
        "e30=.e30.",
        "e30 .e30.",
        "e31.e30.",
        "{}.e30.",
        forged({"alg": "ES256"})[:-1].replace("e", "é"),
        base64url.encode(b'{"alg":"ES256","alg":"none"}') + ".e30.",
        base64url.encode(b'["alg"]') + ".e30.",
        base64url.encode(b"\xff\xfe") + ".e30.",
        base64url.encode(b'{"alg":"ES256","x":' + b"[" * 500 + b"]" * 500 + b"}") + ".e30.",
        b"\xff\xff.e30.",
        base64url.encode(b'{"alg":"ES256","x":"' + b"x" * 100_000 + b'"}') + ".e30.",
    ],
)
def test_what_is_no_token(token: str | bytes) -> None:
    with pytest.raises(MalformedToken):
        jose.read(token)


def test_a_token_of_50_megabytes_is_only_measured() -> None:
    for token in (b"A" * 50_000_000, "." * 50_000_000):
        with pytest.raises(MalformedToken, match="too large"):
            jose.read(token)


def test_types_of_tokens() -> None:
    for typ in ("vc+jwt", "application/vc+jwt", "VC+JWT"):
        jose.require_type({"typ": typ}, {"vc+jwt"})
    for header in ({}, {"typ": "JWT"}, {"typ": 1}, {"typ": "x-application/vc+jwt"}):
        with pytest.raises(HeaderRefused):
            jose.require_type(header, {"vc+jwt"})


def test_times() -> None:
    jose.Times.of({"iat": 5, "nbf": 5, "exp": 6}).require_now(5)
    jose.Times.of({"nbf": 5, "exp": Number("5.5")}).require_now(5)
    jose.Times.of({}).require_now(5)
    with pytest.raises(TokenExpired):
        jose.Times.of({"exp": 5}).require_now(5)
    for name in ("iat", "nbf"):
        with pytest.raises(TokenNotYetValid):
            jose.Times.of({name: 6}).require_now(5)
        jose.Times.of({name: 6}).require_now(5, leeway=1)
    for wrong in ("5", True, None, -1, [5], 1 << 41, Number("1e400")):
        with pytest.raises(ClaimsContradict):
            jose.Times.of({"exp": wrong})


def test_keys_as_jwk() -> None:
    for signer in SIGNERS:
        assert read_jwk(to_jwk(signer.public_key)) == signer.public_key
    # RFC 8037, appendix A.3.
    ed = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    assert thumbprint(read_jwk(ed)) == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "change",
    [
        {"d": "AAAA"},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "RSA"},
        {"crv": "P-521"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": None},
        {"x": ""},
        {"x": 1},
        {"x": "A" * 43},
        {"y": to_jwk(P256.public_key)["x"]},
        {"use": "enc"},
        {"alg": "ES384"},
        {"alg": ["ES256"]},
    ],
)
def test_what_is_no_key(change: dict[str, Any]) -> None:
    with pytest.raises(MalformedToken):
        read_jwk(to_jwk(P256.public_key) | change)


def test_what_has_no_jwk() -> None:
    for key in (PublicKey(KeyKind.MLKEM768_X25519, bytes(1216)), PublicKey(KeyKind.P256, bytes(33))):
        with pytest.raises(MalformedToken):
            to_jwk(key)
        with pytest.raises(MalformedToken):
            thumbprint(key)
    values: list[Any] = [None, [], "x", 1]
    for value in values:
        with pytest.raises(MalformedToken):
            read_jwk(value)
