"""JWE: both forms open what they seal, and nothing else; nothing unpacks without bound."""

import json
import time
import zlib
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from panacea.credentials.formats import base64url, jwe
from panacea.credentials.formats.jwk import read_jwk, to_jwk
from panacea.credentials.formats.types import DecryptionRefused, FormatRejected, MalformedToken
from panacea.crypto.keys import ECDSAKey, KeyKind
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import SystemRandom

RANDOM = SystemRandom()
KEY = SecretBytes(b"k" * 32)
RECIPIENT = jwe.AgreementKey(b"\x05" * 32)


def sealed(header: dict[str, Any], content: bytes, key: SecretBytes = KEY) -> str:
    associated = base64url.encode(json.dumps(header).encode())
    octets = AESGCM(key.reveal()).encrypt(b"n" * 12, content, associated.encode())
    parts = (b"n" * 12, octets[:-16], octets[-16:])
    return f"{associated}..{'.'.join(base64url.encode(part) for part in parts)}"


@pytest.mark.parametrize("compress", [True, False])
def test_a_key_that_both_have(compress: bool) -> None:
    token = jwe.encrypt_direct(b"x" * 999, key=KEY, random=RANDOM, header={"cty": "a/b"}, compress=compress)
    found = jwe.decrypt_direct(token, key=KEY)
    assert (found.plaintext, found.header["cty"]) == (b"x" * 999, "a/b")
    with pytest.raises(DecryptionRefused):
        jwe.decrypt_direct(token, key=SecretBytes(b"l" * 32))
    with pytest.raises(DecryptionRefused):
        jwe.decrypt_with(token, key=RECIPIENT)
    with pytest.raises(MalformedToken):
        jwe.decrypt_direct(token, key=KEY, max_plaintext=998)


@pytest.mark.parametrize("enc", ["A128GCM", "A256GCM"])
def test_a_key_that_is_agreed(enc: str) -> None:
    token = jwe.encrypt_to(
        b"answer",
        recipient=RECIPIENT.public_key,
        random=RANDOM,
        enc=enc,
        apu=b"wallet",
        apv=b"nonce",
        header={"kid": "1"},
    )
    found = jwe.decrypt_with(token, key=RECIPIENT)
    assert (found.plaintext, found.header["kid"], found.header["enc"]) == (b"answer", "1", enc)
    with pytest.raises(DecryptionRefused):
        jwe.decrypt_with(token, key=jwe.AgreementKey(b"\x06" * 32))
    with pytest.raises(DecryptionRefused):
        jwe.decrypt_direct(token, key=KEY)


def test_the_derivation_of_rfc_7518() -> None:
    # Appendix C: two keys, Alice and Bob, agree on a key for A128GCM.
    bob = {
        "kty": "EC",
        "crv": "P-256",
        "x": "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ",
        "y": "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck",
    }
    alice = jwe.AgreementKey(base64url.decode("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo"))
    shared = alice.agree(read_jwk(bob, use="enc"))
    key = jwe.derive(shared, enc="A128GCM", apu=b"Alice", apv=b"Bob")
    assert base64url.encode(key.reveal()) == "VqqN6vgjbSBcIijNcacQGg"


def test_each_changed_part_is_noticed() -> None:
    token = jwe.encrypt_to(b"answer", recipient=RECIPIENT.public_key, random=RANDOM, apu=b"a")
    for index in range(0, len(token), 7):
        changed = token[:index] + ("B" if token[index] != "B" else "C") + token[index + 1 :]
        with pytest.raises(FormatRejected):
            jwe.decrypt_with(changed, key=RECIPIENT)


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "dir", "enc": "A128GCM"},
        {"alg": "dir", "enc": "A256CBC-HS512"},
        {"alg": "A256KW", "enc": "A256GCM"},
        {"alg": "PBES2-HS256+A128KW", "enc": "A256GCM", "p2c": 10**9},
        {"alg": "RSA1_5", "enc": "A256GCM"},
        {"alg": "none"},
        {"alg": "dir", "enc": "A256GCM", "zip": "GZ"},
        {"alg": "dir", "enc": "A256GCM", "zip": True},
        {"alg": "dir", "enc": "A256GCM", "crit": ["x"]},
        {},
    ],
)
def test_headers_that_are_refused(header: dict[str, Any]) -> None:
    with pytest.raises(FormatRejected):
        jwe.decrypt_direct(sealed(header, b"x"), key=KEY)


@pytest.mark.parametrize(
    "epk",
    [
        None,
        {},
        to_jwk(ECDSAKey(KeyKind.P384, b"\x01" * 48).public_key),
        to_jwk(RECIPIENT.public_key) | {"y": to_jwk(RECIPIENT.public_key)["x"]},
        to_jwk(RECIPIENT.public_key) | {"d": "AAAA"},
    ],
)
def test_an_ephemeral_key_must_lie_on_the_curve(epk: Any) -> None:
    with pytest.raises(FormatRejected):
        jwe.decrypt_with(sealed({"alg": "ECDH-ES", "enc": "A256GCM", "epk": epk}, b"x"), key=RECIPIENT)


def test_a_bomb_is_not_unpacked() -> None:
    packing = zlib.compressobj(9, wbits=-15)
    bomb = packing.compress(bytes(400_000_000)) + packing.flush()
    token = sealed({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}, bomb)
    start = time.process_time()
    with pytest.raises(MalformedToken, match="grows"):
        jwe.decrypt_direct(token, key=KEY)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize("content", [b"", b"\x00", b"\x03\x00\x00", zlib.compress(b"x"), b"\xff" * 20])
def test_streams_that_are_none(content: bytes) -> None:
    with pytest.raises(MalformedToken):
        jwe.decrypt_direct(sealed({"alg": "dir", "enc": "A256GCM", "zip": "DEF"}, content), key=KEY)


@pytest.mark.parametrize(
    "token", ["", "....", "a.b.c.d.e", "e30..AAAA.AAAA.AAAA", "e30.AA.AA.AA.AA", b"\xff" * 9, b"A" * 50_000_000]
)
def test_what_is_no_jwe(token: str | bytes) -> None:
    with pytest.raises(FormatRejected):
        jwe.decrypt_direct(token, key=KEY)


def test_keys_do_not_show() -> None:
    assert "0505" not in repr(RECIPIENT)
    for key in (SecretBytes(b"k" * 16), SecretBytes(b"")):
        with pytest.raises(DecryptionRefused):
            jwe.encrypt_direct(b"x", key=key, random=RANDOM)
    with pytest.raises(DecryptionRefused):
        jwe.encrypt_to(b"x", recipient=RECIPIENT.public_key, random=RANDOM, enc="A192GCM")
    with pytest.raises(DecryptionRefused):
        jwe.encrypt_to(b"x", recipient=ECDSAKey(KeyKind.P384, b"\x01" * 48).public_key, random=RANDOM)
