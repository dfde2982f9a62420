"""Identities on chain: made, changed and ended by their control key, and read back as resolvers read them."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chain_driver import key_of
from live_chain import DirectRPC, LiveDriver

from panacea.client.resolver import ChainResolver
from panacea.client.sender import Sender
from panacea.client.types import TxFailed
from panacea.client.view import ChainView
from panacea.crypto.keys import Ed25519Key, InvalidKey, Secp256k1Key
from panacea.crypto.secret import SecretBytes
from panacea.exchange import identities
from panacea.exchange.identities import Identity
from panacea.exchange.types import IdentityNotFound
from panacea.identity.documents import Purpose
from panacea.identity.resolver import DIDDeactivated

CONTROL = Secp256k1Key(b"\x05" * 32)
ME = Identity.of(CONTROL)
KEYS = identities.derive_issuer_keys(ME.did, SecretBytes(b"i" * 32))


class Chain:
    """A chain, one loop, one payer."""

    def __init__(self, path: Path) -> None:
        self.driver = LiveDriver({"payer": 10**12}, path=path)
        self.runner = asyncio.Runner()
        rpc = DirectRPC(self.driver)
        self.view = self.run(
            ChainView.from_genesis(rpc, self.driver.chain_id, self.driver.engine.validators, self.driver)
        )
        self.sender = Sender(rpc, key_of("payer"), self.driver.chain_id)

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def document(self) -> Any:
        height = self.run(self.view.update())
        return self.run(ChainResolver(self.view).resolve(ME.did, height=height))


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    found = Chain(tmp_path)
    yield found
    found.runner.close()


def test_an_issuer_from_birth_to_end(chain: Chain) -> None:
    document = identities.issuer_document(ME, KEYS)
    chain.run(identities.create_did(chain.sender, ME, document))
    found = chain.document()
    assert found.method(ME.method_id, Purpose.AUTHENTICATION).public_key == CONTROL.public_key
    assert found.method(KEYS.bbs_method_id, Purpose.ASSERTION_METHOD).public_key.raw == KEYS.bbs_public
    status = found.method(KEYS.status_method_id, Purpose.ASSERTION_METHOD).public_key
    assert status == KEYS.status_signer.public_key
    with pytest.raises(TxFailed):
        chain.run(identities.create_did(chain.sender, ME, document))

    rotated = identities.derive_issuer_keys(ME.did, SecretBytes(b"j" * 32))
    chain.run(identities.update_did(chain.view, chain.sender, ME, identities.issuer_document(ME, rotated)))
    key = chain.document().method(rotated.bbs_method_id, Purpose.ASSERTION_METHOD).public_key
    assert key.raw == rotated.bbs_public != KEYS.bbs_public
    chain.run(identities.update_did(chain.view, chain.sender, ME, document))

    chain.run(identities.deactivate_did(chain.view, chain.sender, ME))
    with pytest.raises(DIDDeactivated):
        chain.document()
    with pytest.raises(IdentityNotFound):
        chain.run(identities.update_did(chain.view, chain.sender, ME, document))


def test_somebody_elses_key_changes_nothing(chain: Chain) -> None:
    chain.run(identities.create_did(chain.sender, ME, identities.consumer_document(ME)))
    thief = Identity.of(Secp256k1Key(b"\x06" * 32), ME.did)
    for work in (
        identities.update_did(chain.view, chain.sender, thief, identities.consumer_document(thief)),
        identities.deactivate_did(chain.view, chain.sender, thief),
    ):
        with pytest.raises(TxFailed):
            chain.run(work)
    method = chain.document().method(ME.method_id, Purpose.AUTHENTICATION)
    assert method.public_key == CONTROL.public_key


def test_an_unknown_did(chain: Chain) -> None:
    chain.driver.block()
    with pytest.raises(IdentityNotFound):
        chain.run(identities.get_did(chain.view, ME.did))


def test_keys_from_one_secret_differ_and_come_again() -> None:
    again = identities.derive_issuer_keys(ME.did, SecretBytes(b"i" * 32))
    assert again.bbs_public == KEYS.bbs_public
    secrets = {
        KEYS.bbs_secret.reveal(),
        KEYS.nullifier_secret.reveal(),
        KEYS.status_signer.public_key.raw,
    }
    assert len(secrets) == 3
    assert KEYS.bbs_secret.reveal().hex() not in repr(KEYS)
    with pytest.raises(InvalidKey):
        Identity.of(Ed25519Key(b"x" * 32))
    assert CONTROL.secret.reveal().hex() not in repr(ME)
