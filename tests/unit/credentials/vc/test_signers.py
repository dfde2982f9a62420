"""An issuer's key may stay in another process: what crosses over is what is signed, and the signature."""

import multiprocessing
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection

import pytest

from panacea.credentials.services.keys import as_did_key
from panacea.credentials.vc import BBSSigner, Verifier, derive, issue
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.keys import BBSKey
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemClock

DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"name": "Anna", "description": "a patient"},
}


def keep(pipe: Connection) -> None:
    """The process of the keys: it makes them, tells their public halves, and signs what it is given."""
    bbs, p256 = BBSKey.of(SHA256.key_gen(b"a secret of this process alone..")), ECDSAKey(KeyKind.P256, b"7" * 32)
    pipe.send((bbs.public, p256.public_key.raw))
    while (asked := pipe.recv()) is not None:
        match asked:
            case ("bbs", header, messages):
                pipe.send(bbs.sign(header, messages))
            case ("p256", payload):
                pipe.send(p256.sign(payload))


class RemoteBBS:
    def __init__(self, pipe: Connection, public: bytes) -> None:
        self.pipe, self.public = pipe, public

    def sign(self, header: bytes, messages: Sequence[bytes]) -> bytes:
        self.pipe.send(("bbs", header, list(messages)))
        return bytes(self.pipe.recv())


class RemoteP256:
    def __init__(self, pipe: Connection, raw: bytes) -> None:
        self.pipe, self.public_key = pipe, PublicKey(KeyKind.P256, raw)

    def sign(self, payload: bytes) -> bytes:
        self.pipe.send(("p256", payload))
        return bytes(self.pipe.recv())


@pytest.fixture
def remote() -> Iterator[tuple[RemoteBBS, RemoteP256]]:
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=keep, args=(theirs,))
    process.start()
    public, raw = ours.recv()
    yield RemoteBBS(ours, public), RemoteP256(ours, raw)
    ours.send(None)
    process.join()
    ours.close()
    theirs.close()


def test_keys_in_another_process(remote: tuple[RemoteBBS, RemoteP256]) -> None:
    verifier = Verifier(resolver=KeyResolver(), clock=SystemClock())
    for signer in remote:
        key = as_did_key(signer)
        secured = issue({**DOCUMENT, "issuer": key.did}, key)
        shown = derive(secured, ["/issuer", "/credentialSubject/name"]) if isinstance(signer, BBSSigner) else secured
        assert verifier.credential(shown).issuer == key.did


def test_what_is_a_bbs_signer() -> None:
    assert isinstance(BBSKey.of(SHA256.key_gen(bytes(32))), BBSSigner)
    assert not isinstance(Ed25519Key(bytes(32)), BBSSigner)
    assert "secret" not in repr(BBSKey.of(SHA256.key_gen(bytes(32)))).replace("secret=SecretBytes(32 bytes)", "")
