"""The door: JSON-RPC in its three forms, news over WebSocket, and what happens when the engine fails."""

import asyncio
import contextlib
import json
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import websockets
from solo_engine import Engine, NodeProcess, address_of, signed_send

from panacea.node import subscriptions
from panacea.node.__main__ import ENGINE_FAILED
from panacea.node.server import MAX_BODY
from panacea.node.subscriptions import Subscriber


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    engine = Engine(tmp_path)
    engine.block()
    engine.send("alice", "bob", 5)
    engine.block()
    yield engine
    engine.close()


def http(engine: Engine, method: str, path: str, **options: Any) -> httpx2.Response:
    async def ask() -> httpx2.Response:
        transport = httpx2.ASGITransport(app=engine.server.app())
        async with httpx2.AsyncClient(transport=transport, base_url="http://node") as client:
            return await client.request(method, path, **options)

    return asyncio.run(ask())


def post(engine: Engine, body: Any) -> Any:
    response = http(engine, "POST", "/", json=body)
    return json.loads(response.content) if response.content else None


def test_ids_come_back(engine: Engine) -> None:
    for number in (0, 7, -1, "", "a", 2**62):
        answer = post(engine, {"jsonrpc": "2.0", "id": number, "method": "health"})
        assert answer == {"jsonrpc": "2.0", "id": number, "result": {}}


def test_notifications_want_no_answer(engine: Engine) -> None:
    assert post(engine, {"jsonrpc": "2.0", "method": "health"}) is None
    batch = [{"method": "health"}, {"id": 1, "method": "health"}]
    assert [answer["id"] for answer in post(engine, batch)] == [1]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (5, -32600),
        ("text", -32600),
        ({"id": 1}, -32600),
        ({"id": 1, "method": 5}, -32600),
        ({"id": 1.5, "method": "health"}, -32600),
        ({"id": [1], "method": "health"}, -32600),
        ({"id": True, "method": "health"}, -32600),
        ({"id": 1, "method": "nothing"}, -32601),
        ({"id": 1, "method": "subscribe", "params": {"query": "tm.event='Tx'"}}, -32601),
        ({"id": 1, "method": "__init__"}, -32601),
        ({"id": 1, "method": "block", "params": {"height": "x"}}, -32602),
        ({"id": 1, "method": "block", "params": ["1", "2"]}, -32602),
        ({"id": 1, "method": "block", "params": "1"}, -32602),
        ({"id": 1, "method": "tx_search", "params": {"query": "a ="}}, -32603),
        ([], -32600),
        ([{"id": 1, "method": "health"}] * 11, -32600),
    ],
)
def test_refusals(engine: Engine, body: Any, code: int) -> None:
    answer = post(engine, body)
    assert answer["error"]["code"] == code
    assert set(answer["error"]) == {"code", "message", "data"}


def test_not_json(engine: Engine) -> None:
    for body in (b"", b"{", b"[" * 100_000, b"\xff"):
        response = http(engine, "POST", "/", content=body)
        assert (response.status_code, response.json()["error"]["code"]) == (500, -32700)


def test_bodies_are_bounded_however_they_come(engine: Engine) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(MAX_BODY // 65536 + 1):
            yield b" " * 65536

    assert http(engine, "POST", "/", content=b" " * (MAX_BODY + 1)).status_code == 413
    assert http(engine, "POST", "/", content=chunks()).status_code == 413


def test_a_batch_is_answered_in_order(engine: Engine) -> None:
    answers = post(engine, [{"id": 1, "method": "health"}, {"id": 2, "method": "no"}, {"id": 3, "method": "status"}])
    assert [answer["id"] for answer in answers] == [1, 2, 3]
    assert ["error" in answer for answer in answers] == [False, True, False]


def test_urls(engine: Engine) -> None:
    def get(method: str, /, **params: str) -> tuple[int, Any]:
        response = http(engine, "GET", method, params=params)
        answer = response.json()
        assert answer["id"] == -1
        return response.status_code, answer.get("result") or answer["error"]["code"]

    tx_hash = engine.call("tx_search", query="tx.height=2")["txs"][0]["hash"]
    assert get("/block", height="2") == (200, engine.call("block", height="2"))
    assert get("/tx", hash=f"0x{tx_hash}", prove="true")[0] == 200
    assert get("/tx_search", query='"tx.height=2"', per_page="1")[1]["total_count"] == "1"
    query = f"\"transfer.sender='{address_of('alice')}'\""
    assert get("/tx_search", query=query)[1]["txs"][0]["hash"] == tx_hash
    assert get("/abci_query", path='"/store/acc/key"', data="0xff")[0] == 200
    assert get("/broadcast_tx_sync", tx="0x" + signed_send("bob", "alice", 0).hex())[1]["code"] == 0
    assert get("/block", height="99") == (500, -32603)
    assert get("/tx", hash=tx_hash) == (500, -32602)
    assert get("/nothing") == (404, -32601)


def test_a_bug_is_told_and_the_node_goes_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.solo.ledger, "find_raw", None)
    assert engine.ask("block", height="1")["error"]["code"] == -32603
    assert engine.call("health") == {}


def test_an_engine_that_fails_ends_the_process(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: object) -> None:
        raise MemoryError

    engine.send("alice", "bob")
    monkeypatch.setattr(engine.solo.app, "finalize_block", broken)

    async def live() -> None:
        async with engine.server._alive(engine.server.app()):
            await asyncio.sleep(0.1)

    asyncio.run(live())
    assert [type(failure) for failure in engine.failures] == [MemoryError]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs to forbid another process to write")
def test_the_process_ends_loudly(tmp_path: Path) -> None:
    """A disk that takes no more bytes: the node says why it ends, with an exit code of its own."""
    with NodeProcess(tmp_path) as node:
        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (0, 0))
        with httpx2.Client(base_url=node.url, trust_env=False) as client, contextlib.suppress(httpx2.HTTPError):
            client.get("/broadcast_tx_sync", params={"tx": "0x" + signed_send("alice", "bob", 0).hex()})
        assert node.process.wait(10) == ENGINE_FAILED
        assert b"the engine stopped" in node.said()
    with NodeProcess(tmp_path) as node, httpx2.Client(base_url=node.url, trust_env=False) as client:
        assert client.get("/health").status_code == 200


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Any]:
    async with websockets.connect(url.replace("http", "ws") + "/websocket", proxy=None) as socket:

        async def call(number: int, method: str, **params: str) -> Any:
            await socket.send(json.dumps({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
            return json.loads(await socket.recv())

        yield socket, call


def test_subscriptions(tmp_path: Path) -> None:
    async def talk(url: str) -> None:
        async with connected(url) as (socket, call):
            assert (await call(1, "health"))["result"] == {}
            sender = f"tm.event='Tx' AND transfer.sender='{address_of('alice')}'"
            assert (await call(2, "subscribe", query=sender)) == {"jsonrpc": "2.0", "id": 2, "result": {}}
            assert (await call(3, "subscribe", query=sender))["error"]["data"] == "already subscribed"
            assert (await call(4, "subscribe", query="a ="))["error"]["code"] == -32603
            assert (await call(5, "subscribe"))["error"]["code"] == -32602
            assert (await call(6, "unsubscribe", query="a = 5"))["error"]["data"] == "subscription not found"
            raw = signed_send("alice", "bob", 0)
            async with httpx2.AsyncClient(trust_env=False) as client:
                await client.get(url + "/broadcast_tx_sync", params={"tx": "0x" + raw.hex()})
            told = json.loads(await socket.recv())
            assert (told["id"], told["result"]["query"]) == (2, sender)
            assert told["result"]["data"]["type"] == "tendermint/event/Tx"
            result = told["result"]["data"]["value"]["TxResult"]
            assert result["result"]["code"] == 0
            assert told["result"]["events"]["tx.height"] == [result["height"]]
            assert (await call(7, "unsubscribe", query=sender))["result"] == {}
            for number, query in enumerate(("NewBlock", "NewBlockHeader"), 8):
                assert (await call(number, "subscribe", query=f"tm.event='{query}'"))["result"] == {}
            assert (await call(10, "unsubscribe_all"))["result"] == {}
            await socket.send("{")
            assert json.loads(await socket.recv())["error"]["code"] == -32700

    with NodeProcess(tmp_path) as node:
        asyncio.run(talk(node.url))


def test_news_of_blocks(tmp_path: Path) -> None:
    async def talk(url: str) -> None:
        async with connected(url) as (socket, call):
            await call(1, "subscribe", query="tm.event = 'NewBlock'")
            async with httpx2.AsyncClient(trust_env=False) as client:
                raw = signed_send("alice", "bob", 0)
                await client.get(url + "/broadcast_tx_sync", params={"tx": "0x" + raw.hex()})
                txs: list[str] = []
                while not txs:
                    told = json.loads(await socket.recv())["result"]["data"]
                    assert told["type"] == "tendermint/event/NewBlock"
                    txs = told["value"]["block"]["data"]["txs"]
                height = told["value"]["block"]["header"]["height"]
                block = (await client.get(url + "/block", params={"height": height})).json()["result"]
                assert block == {"block_id": told["value"]["block_id"], "block": told["value"]["block"]}
                assert told["value"]["result_finalize_block"]["tx_results"][0]["code"] == 0

    with NodeProcess(tmp_path) as node:
        asyncio.run(talk(node.url))


class SlowSocket:
    """A client that sends requests and does not read."""

    def __init__(self) -> None:
        self.closed: int | None = None

    async def receive_text(self) -> str:
        await asyncio.sleep(0)
        return '{"id": 1, "method": "health"}'

    async def send_text(self, _: str) -> None:
        await asyncio.Event().wait()

    async def close(self, code: int, _: str) -> None:
        self.closed = code


def test_who_does_not_read_is_cut_off(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subscriptions, "MAX_BEHIND", 5)
    socket: Any = SlowSocket()
    asyncio.run(asyncio.wait_for(Subscriber(engine.server.answer).serve(socket), 5))
    assert socket.closed == 1013


def test_subscriptions_are_bounded(engine: Engine) -> None:
    subscriber = Subscriber(engine.server.answer)

    async def ask(query: str) -> Any:
        request = {"id": 1, "method": "subscribe", "params": [query]}
        return json.loads(await subscriber.hear(json.dumps(request)) or b"")

    answers = [asyncio.run(ask(f"a = {number}")) for number in range(6)]
    assert ["error" in answer for answer in answers] == [False] * 5 + [True]
