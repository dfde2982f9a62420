"""Keys that stay in SoftHSM (Debian's `softhsm2`) sign credentials; `make interop` installs it and `python-pkcs11`."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from panacea.credentials.formats.issuer_keys import ResolvedKeys
from panacea.credentials.formats.vc_jwt import sign_credential, verify_credential
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.crypto.pkcs11 import TokenFailed, TokenKeyNotFound, TokenPINRefused, open_token_key
from panacea.crypto.secret import SecretBytes
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.documents import Purpose
from panacea.identity.resolver import KeyResolver

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not os.environ.get("PANACEA_INTEROP"), reason="make interop runs this"),
]

PIN, TOKEN = SecretBytes(b"92837465"), "panacea"
PAYLOAD = b"the hash data of a credential" * 40
CURVES = {KeyKind.P256: "secp256r1", KeyKind.P384: "secp384r1", KeyKind.SECP256K1: "secp256k1", KeyKind.ED25519: "ed"}


def module() -> str:
    places = [Path("/usr/lib/softhsm/libsofthsm2.so"), *Path("/usr/lib").glob("*/softhsm/libsofthsm2.so")]
    found = next((place for place in places if place.exists()), None)
    assert found, "SoftHSM is not there: apt-get install softhsm2"
    return str(found)


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:  # Any: the library's token
    """A token in a folder of its own, with a key of each kind that was generated inside it."""
    pkcs11 = import_module("pkcs11")
    home = tmp_path_factory.mktemp("softhsm")
    (home / "tokens").mkdir()
    (home / "softhsm2.conf").write_text(f"directories.tokendir = {home / 'tokens'}\nobjectstore.backend = file\n")
    os.environ["SOFTHSM2_CONF"] = str(home / "softhsm2.conf")
    tool = shutil.which("softhsm2-util")
    assert tool, "softhsm2-util is not there: apt-get install softhsm2"
    pin = PIN.reveal().decode()
    made = [tool, "--init-token", "--free", "--label", TOKEN, "--pin", pin, "--so-pin", "00000000"]
    subprocess.run(made, check=True, capture_output=True)
    token = pkcs11.lib(module()).get_token(token_label=TOKEN)
    with token.open(rw=True, user_pin=pin) as session:
        for kind, curve in CURVES.items():
            generate(pkcs11, session, kind, curve)
    yield token
    del os.environ["SOFTHSM2_CONF"]


def generate(pkcs11: Any, session: Any, kind: KeyKind, curve: str) -> None:  # Any: the library's own classes
    edwards = kind is KeyKind.ED25519
    key_type = pkcs11.KeyType.EC_EDWARDS if edwards else pkcs11.KeyType.EC
    encoded = b"\x13\x0cedwards25519" if edwards else pkcs11.util.ec.encode_named_curve_parameters(curve)
    domain = session.create_domain_parameters(key_type, {pkcs11.Attribute.EC_PARAMS: encoded}, local=True)
    domain.generate_keypair(store=True, label=str(kind), id=kind.encode())


@pytest.mark.parametrize("kind", list(CURVES))
def test_a_key_signs_from_inside_its_token(token: Any, kind: KeyKind) -> None:
    payload = PAYLOAD[:32] if kind is KeyKind.SECP256K1 else PAYLOAD
    with open_token_key(module(), token=TOKEN, label=str(kind), pin=PIN) as key:
        assert key.public_key.kind is kind
        for _ in range(8):
            key.public_key.verify(payload, key.sign(payload))
        assert key.public_key.raw.hex() in repr(key)
        # Who verifies comes to the same key by the issuer's DID.
        did = encode_did_key(key.public_key)
        method = KeyResolver().resolve(did).method(did_key_method_id(did), Purpose.ASSERTION_METHOD)
        method.public_key.verify(payload, key.sign(payload))
    with pytest.raises(TokenFailed):
        key.sign(payload)


@pytest.mark.parametrize("kind", list(CURVES))
def test_an_issuer_signs_a_credential_from_inside_its_token(token: Any, kind: KeyKind) -> None:
    with open_token_key(module(), token=TOKEN, label=str(kind), pin=PIN) as key:
        issuer = encode_did_key(key.public_key)
        credential = {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
            "issuer": issuer,
            "credentialSubject": {"id": "did:example:patient"},
        }
        signed = sign_credential(credential, signer=key, kid=did_key_method_id(issuer))
    verified = verify_credential(signed, keys=ResolvedKeys(KeyResolver()), now=1_800_000_000)
    assert (verified.issuer, verified.document) == (issuer, credential)


def test_threads_take_turns(token: Any) -> None:
    with open_token_key(module(), token=TOKEN, label="p256", pin=PIN) as key:
        made: list[bytes] = []
        threads = [threading.Thread(target=lambda: made.append(key.sign(PAYLOAD))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(made) == 8
        for signature in made:
            key.public_key.verify(PAYLOAD, signature)


def test_what_is_refused(token: Any) -> None:
    with pytest.raises(TokenPINRefused) as refused:
        open_token_key(module(), token=TOKEN, label="p256", pin=SecretBytes(b"11112222"))
    assert "11112222" not in str(refused.value)
    assert refused.value.__cause__ is None
    for bad in (b"", b"\xff\xff\xff\xff"):
        with pytest.raises(TokenFailed):
            open_token_key(module(), token=TOKEN, label="p256", pin=SecretBytes(bad))
    with pytest.raises(TokenKeyNotFound):
        open_token_key(module(), token=TOKEN, label="absent", pin=PIN)
    with pytest.raises(TokenFailed):
        open_token_key(module(), token="another", label="p256", pin=PIN)
    with pytest.raises(TokenFailed):
        open_token_key("/nonexistent.so", token=TOKEN, label="p256", pin=PIN)
    with (
        open_token_key(module(), token=TOKEN, label="secp256k1", pin=PIN) as key,
        pytest.raises(ValueError, match="digest"),
    ):
        key.sign(PAYLOAD)


def test_a_token_that_errs_gives_nothing_out(token: Any) -> None:
    with open_token_key(module(), token=TOKEN, label="p256", pin=PIN) as key:
        key.public_key = PublicKey(
            KeyKind.P256, b"\x03" + bytes.fromhex("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6")
        )
        with pytest.raises(TokenFailed, match="does not verify"):
            key.sign(PAYLOAD)
