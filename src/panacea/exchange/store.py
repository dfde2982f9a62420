"""`python -m panacea.exchange.store --home DIR [--port N] --node URL --genesis FILE`: a store node as a process.

It trusts the validators of the genesis document and reads everything else by proof. Its key lies in the home as
`store.key` (64 hex digits, mode 0600), its objects in `objects`.
"""

import argparse
import base64
import gc
import json
import os
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from panacea.client import places
from panacea.client.plain import Loop
from panacea.client.resolver import ChainResolver
from panacea.client.rpc import RPC
from panacea.client.types import ClientRejected
from panacea.client.view import ChainView
from panacea.crypto.keys import Ed25519Key, InvalidKey
from panacea.exchange.market import NANO, PENDING, RELEASED, UNDELIVERED, WITHDRAWN
from panacea.exchange.types import StoreNotStarted
from panacea.identity.documents import DIDDocument
from panacea.light.client import HeaderRejected
from panacea.light.headers import Validator, ValidatorSet
from panacea.light.rpc import MalformedAnswer
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random, SystemClock, SystemRandom
from panacea.vault.node import Limits
from panacea.vault.ports import Consent, ConsentStatus
from panacea.vault.types import NodeRefused, NodeUnavailable
from panacea.wire.encode import decode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Certificate
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
else:
    (Certificate,) = load("panacea.datadeal.v3", "Certificate")

T = TypeVar("T")

KEY_FILE = "store.key"
ED25519 = "tendermint/PubKeyEd25519"
WAIT_SECONDS = 30.0
FRESH_SECONDS = 0.2
"""How long a view counts as fresh: a burst of questions asks the node for its newest header once."""
SWEEP_SECONDS = 20.0
"""A sweep proves one consent an object; more often than this it would mostly keep node and store busy."""


class ProvenChain:
    """`vault.ports.ChainView` over a light client: whatever cannot be proven now is `NodeUnavailable`."""

    def __init__(self, view: ChainView, run: "Callable[[Coroutine[Any, Any, Any]], Any]") -> None:
        """Ask `view` by way of `run`, which brings a coroutine to its end on the loop where the view lives."""
        self._view, self._run = view, run
        self._checked = float("-inf")
        self._deals: dict[int, Deal] = {}
        self._numbers: dict[int, dict[bytes, list[int]]] = {}
        self._read: dict[int, int] = {}
        self._ended: dict[tuple[int, int], ConsentStatus] = {}
        self._lock = Lock()

    def head(self) -> int:
        """The height whose state is answered from."""
        return self._ask(self._head())

    def time(self) -> int:
        """The newest verified header's time, unix seconds."""
        self.head()
        return self._view.head.time_ns // NANO

    def oracle_key(self, oracle: str, epoch: int) -> bytes:
        """The signing key of an oracle in an epoch. Raises NodeRefused where none stands."""
        return self._ask(self._oracle_key(Address.parse(oracle), epoch))

    def consumer_document(self, deal_id: int) -> DIDDocument:
        """The live document of a deal's consumer. Raises NodeRefused, DIDNotResolved."""
        return self._ask(self._consumer_document(deal_id))

    def consent_for(self, deal_id: int, oid: bytes) -> Consent | None:
        """The consent of a deal that delivers an object; one that stands goes before those that ended."""
        return self._ask(self._consent_for(deal_id, oid))

    def _ask(self, question: "Coroutine[Any, Any, T]") -> T:
        """The answer, one question at a time: what is remembered is not locked any finer."""
        with self._lock:
            try:
                answer: T = self._run(question)
            except (ClientRejected, HeaderRejected, MalformedAnswer) as no:
                raise NodeUnavailable(str(no)) from no
            return answer

    async def _head(self) -> int:
        now = time.monotonic()
        if now - self._checked > FRESH_SECONDS:
            await self._view.update()
            self._checked = now
        return self._view.height

    async def _oracle_key(self, address: Address, epoch: int) -> bytes:
        found = await self._view.get(places.oracle_key(address, epoch), height=await self._head())
        if found is None:
            raise NodeRefused
        return found.signing_key

    async def _deal(self, deal_id: int) -> "Deal":
        """A deal, which never changes."""
        if deal_id not in self._deals:
            found = await self._view.get(places.deal(deal_id), height=await self._head())
            if found is None:
                raise NodeRefused
            self._deals[deal_id] = found
        return self._deals[deal_id]

    async def _consumer_document(self, deal_id: int) -> DIDDocument:
        deal = await self._deal(deal_id)
        return await ChainResolver(self._view).resolve(deal.consumer_did, height=await self._head())

    async def _consent_for(self, deal_id: int, oid: bytes) -> Consent | None:
        found = await self._find_consent(deal_id, oid, await self._head())
        if found is None or found.status not in (PENDING, RELEASED):
            # The caller may know a newer block, in which a consent stands.
            found = await self._find_consent(deal_id, oid, await self._view.update())
        return found

    async def _find_consent(self, deal_id: int, oid: bytes, height: int) -> Consent | None:
        deal = await self._deal(deal_id)
        numbers = self._numbers.get(deal_id, {}).get(oid) or (await self._walk(deal_id, height)).get(oid, [])
        statuses = [await self._status(deal_id, number, height) for number in numbers]
        standing = [each for each in statuses if each in (PENDING, RELEASED)] or statuses
        return Consent(standing[-1], deal.retention_days) if standing else None

    async def _walk(self, deal_id: int, height: int) -> dict[bytes, list[int]]:
        """Which consents deliver which objects, read on from where the last walk ended."""
        known = self._numbers.setdefault(deal_id, {})
        state = await self._view.require(places.deal_state(deal_id), height=height)
        for number in range(self._read.get(deal_id, 0) + 1, state.next_number):
            consent = await self._view.require(places.consent(deal_id, number), height=height)
            delivering = decode(Certificate, consent.certificates[0].body)
            known.setdefault(delivering.delivery.object_id, []).append(number)
            self._read[deal_id] = number
        return known

    async def _status(self, deal_id: int, number: int, height: int) -> ConsentStatus:
        ended = self._ended.get((deal_id, number))
        if ended is not None:
            return ended
        status = ConsentStatus((await self._view.require(places.consent(deal_id, number), height=height)).status)
        if status in (UNDELIVERED, WITHDRAWN):
            self._ended[deal_id, number] = status
        return status


def read_genesis(path: Path) -> tuple[str, ValidatorSet]:
    """Chain id and validators of a genesis document as CometBFT writes it.

    Raises:
        StoreNotStarted: not such a document.
    """
    try:
        document = json.loads(path.read_bytes())
        members = [Validator(_public_key(member["pub_key"]), int(member["power"])) for member in document["validators"]]
        return str(document["chain_id"]), ValidatorSet.of(members)
    except (OSError, KeyError, TypeError, ValueError, Rejected) as failure:
        raise StoreNotStarted(f"{path.name} is no genesis document: {type(failure).__name__}") from failure


def _public_key(found: dict[str, str]) -> bytes:
    raw = base64.b64decode(found["value"], validate=True)
    if found["type"] != ED25519 or len(raw) != 32:
        raise ValueError(found["type"])
    return raw


def load_key(home: Path, random: Random) -> Ed25519Key:
    """The store's key; the first start makes it, whole or not at all, for its owner's eyes only.

    Raises:
        StoreNotStarted: the file holds no key.
    """
    path, draft = home / KEY_FILE, home / f"{KEY_FILE}.new"
    if not path.exists():
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(random.token(32).hex())
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    try:
        return Ed25519Key(bytes.fromhex(path.read_text().strip()))
    except (ValueError, InvalidKey) as no:
        raise StoreNotStarted(f"{KEY_FILE} holds no key") from no


async def open_view(url: str, genesis: Path) -> ChainView:
    """A view of the chain that trusts a genesis document's validators.

    Raises:
        StoreNotStarted: no genesis document.
        Unreachable, NotProven: the node does not answer, or follows another chain.
    """
    chain_id, validators = read_genesis(genesis)
    rpc = RPC(url)
    await rpc.wait_until_up(WAIT_SECONDS)
    return await ChainView.from_genesis(rpc, chain_id, validators)


def main() -> None:
    """Serve until told to stop."""
    from panacea.vault.blobs import SqliteBlobs
    from panacea.vault.serve import serve
    from panacea.vault.server import build_app

    parser = argparse.ArgumentParser(prog="panacea.exchange.store", description="A store of sealed objects.")
    parser.add_argument("--home", type=Path, required=True, help="its key and its objects")
    parser.add_argument("--port", type=int, default=0, help="on loopback; 0 takes a free one")
    parser.add_argument("--node", required=True, help="URL of a node's RPC")
    parser.add_argument("--genesis", type=Path, required=True, help="the document whose validators are trusted")
    given = parser.parse_args()
    given.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Loop() as loop:
        key = load_key(given.home, SystemRandom())
        chain = ProvenChain(loop.run(open_view(given.node, given.genesis)), loop.run)
        blobs = SqliteBlobs(given.home / "objects")
        app = build_app(blobs, key, chain, SystemClock(), Limits(sweep_seconds=SWEEP_SECONDS))
        # What was loaded stays: the collector need not walk the whole tree again and again.
        gc.freeze()
        try:
            serve(app, name="store", home=given.home, port=given.port)
        finally:
            blobs.close()


if __name__ == "__main__":
    main()
