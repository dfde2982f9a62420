"""Both sides of a sale over the town of `oracle_town`: doors to its oracles, a store that proves everything, wallets.

exchange = Exchange(tmp_path, monkeypatch)
deal_id = exchange.run(exchange.consumer.create_deal(exchange.terms()))
number = exchange.run(exchange.alice.sell(exchange.deal(deal_id), exchange.match(deal_id), agreements=AGREED))
exchange.town.follow()                                     # the committee releases
exchange.pull(deal_id)

Only sockets are missing: requests go straight to the oracles' applications and to the store node.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from chain_driver import key_of
from deal_market import consumer_key, did_of
from health_issuer import DAY
from live_chain import SECOND, DirectRPC
from oracle_town import PATIENT, QUERY, STORE, STORE_URL, Town, credential, status_list

import panacea.exchange.fetch
import panacea.exchange.store
import panacea.oracle.reseal
from panacea.client.plain import Loop
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.credentials import PRESENTATION_DEFINITION
from panacea.crypto.keys import Signer
from panacea.exchange.consumer import Consumer, DealTerms, Undelivered
from panacea.exchange.holder import Holder
from panacea.exchange.identities import Identity
from panacea.exchange.offers import Match
from panacea.exchange.provider import Provider
from panacea.exchange.store import ProvenChain
from panacea.health.tables import Delivered
from panacea.primitives.coin import Coin
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.node import Limits, StoreNode
from panacea.vault.types import NodeRefused, NodeUnavailable

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

AGREED = {1: True, 2: False}
Answer = Callable[[httpx2.Request], httpx2.Response]


class Doors(httpx2.AsyncBaseTransport):
    """The oracles' doors by their port; `instead` answers for an oracle, `knocks` counts who was asked."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self.instead: dict[int, Answer] = {}
        self.knocks: list[int] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        number = (request.url.port or 0) - 7000
        self.knocks.append(number)
        if number in self.instead:
            return self.instead[number](request)
        app = self._town.members[number].oracle.app()
        return await httpx2.ASGITransport(app=app).handle_async_request(request)


class Exchange:
    """A town with its people's wallets."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # Virtual time stands still between blocks: each question asks for the newest header.
        monkeypatch.setattr(panacea.exchange.store, "FRESH_SECONDS", -1.0)
        self.town = Town(path / "chain")
        self.chain, self.run = self.town.chain, self.town.run
        self.doors = Doors(self.town)
        self.client = httpx2.AsyncClient(transport=self.doors)
        self.loop = Loop()
        self.loop.__enter__()
        self.store_rpc = DirectRPC(self.chain)
        self.proven = ProvenChain(self.loop.run(self._view(self.store_rpc)), self.loop.run)
        self.blobs = SqliteBlobs(path / "objects")
        self.store = StoreNode(self.blobs, STORE, self.proven, self.chain, limits=Limits())
        for room in (panacea.oracle.reseal, panacea.exchange.fetch):
            monkeypatch.setattr(room, "store_client", self._store_client)
        self.rpc = DirectRPC(self.chain)
        self.view = self.run(self._view(self.rpc))
        self.alice = self.provider(key_of("alice"))
        self.consumer = Consumer(
            self.view,
            Sender(self.rpc, key_of("consumer"), self.chain.chain_id),
            Identity(did_of("consumer"), f"{did_of('consumer')}#key1", key_of("consumer")),
            consumer_key(),
            clock=self.chain,
        )

    def close(self) -> None:
        self.loop.__exit__(None, None, None)
        self.blobs.close()
        self.town.close()

    async def _view(self, rpc: DirectRPC) -> ChainView:
        return await ChainView.from_genesis(rpc, self.chain.chain_id, self.chain.engine.validators, self.chain)

    def provider(self, account: Signer) -> Provider:
        """A seller from this account; all of them are the same patient."""
        holder = Holder(PATIENT)
        holder.learn_status_list(status_list())
        return Provider(self.view, Sender(self.rpc, account, self.chain.chain_id), holder, client=self.client)

    def terms(self, **changes: Any) -> DealTerms:
        """A deal for the laboratory value."""
        values: dict[str, Any] = {
            "title": "HbA1c",
            "purpose": "HRESCH",
            "query_language": PRESENTATION_DEFINITION,
            "query": QUERY,
            "trusted_issuers": [did_of("issuer")],
            "price": Coin("umed", 1000),
            "max_records": 10,
            "closes_at": self.chain.time_ns // SECOND + DAY,
            "stores": [(STORE_URL, STORE.public_key.raw)],
            "terms": [(1, "Research only", bytes(32), True), (2, "May be asked again", bytes(32), False)],
            "allow_simulated": True,
        }
        return DealTerms(**(values | changes))

    def create_deal(self, **changes: Any) -> "Deal":
        """A new deal, as the chain keeps it."""
        deal_id = self.run(self.consumer.create_deal(self.terms(**changes)))
        return self.run(self.consumer.market.listing(deal_id)).deal

    def match(self, deal: "Deal", record: str = "o1") -> Match:
        """A record that fits."""
        found = self.alice.match(deal, credential(record))
        assert isinstance(found, Match), found
        return found

    def sell(self, deal: "Deal", record: str = "o1", *, released: bool = True) -> int:
        """Sell a record from alice's account."""
        number = self.run(self.alice.sell(deal, self.match(deal, record), agreements=AGREED))
        if released:
            self.town.follow()
            self.run(self.alice.wait_released(deal.id, number, seconds=5))
        return number

    def pull(self, deal: "Deal") -> list[Delivered | Undelivered]:
        """What the consumer gets."""

        async def all_of_it() -> list[Delivered | Undelivered]:
            return [found async for found in self.consumer.pull(deal.id)]

        return self.run(all_of_it())

    # The store.

    def _store_client(self, url: str, chain_id: str) -> httpx2.Client:
        assert (url, chain_id) == (STORE_URL, self.chain.chain_id)
        return httpx2.Client(transport=httpx2.MockTransport(self._stored))

    def _stored(self, request: httpx2.Request) -> httpx2.Response:
        oid = bytes.fromhex(request.url.path.rpartition("/")[2])
        token = request.headers["authorization"].removeprefix("Bearer ")
        try:
            if request.method == "PUT":
                with self.store.put(oid, token, int(request.url.params["until"])) as upload:
                    upload.write(request.read())
                    return httpx2.Response(201, content=upload.commit().encode())
            download = self.store.get(oid, token)
            return httpx2.Response(200, content=b"".join(download.pieces(0, download.group_count - 1)))
        except NodeUnavailable:
            return httpx2.Response(503)
        except NodeRefused:
            return httpx2.Response(404)
