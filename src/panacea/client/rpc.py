"""CometBFT's JSON-RPC: the one door to a node, over HTTP for questions and WebSocket for news. Nothing is believed."""

import asyncio
import base64
import functools
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from panacea.client.types import JSON, Answer, Event, NodeError, Outcome, Unreachable
from panacea.light.client import MAX_VALIDATORS
from panacea.light.headers import LightBlock, ValidatorSet
from panacea.light.rpc import read_commit_answer, read_light_block

if TYPE_CHECKING:
    import httpx2

MAX_ANSWER = 64 * 1024 * 1024
VALIDATORS_A_PAGE = 100

P = ParamSpec("P")
T = TypeVar("T")


def _strict(read: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Refuse an answer of another shape with NodeError: a node may say anything, and its reader must stay up."""

    @functools.wraps(read)
    async def reader(*args: P.args, **named: P.kwargs) -> T:
        try:
            return await read(*args, **named)
        except (AttributeError, LookupError, TypeError, ValueError) as failure:
            raise NodeError(f"{read.__name__}: an answer of another shape") from failure

    return reader


class RPC:
    """A node at a URL such as `http://127.0.0.1:26657`."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        """Name the node; nothing is sent yet. `timeout` is in seconds, for each request."""
        self.url = url.rstrip("/")
        self._timeout = timeout
        self._client: httpx2.AsyncClient | None = None
        self._numbers = itertools.count(1)

    async def close(self) -> None:
        """End all connections."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def call(self, method: str, **params: JSON) -> JSON:
        """The result of one method.

        Raises:
            Unreachable: no answer came.
            NodeError: the answer is an error, or not JSON-RPC.
        """
        import httpx2

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=self._timeout, trust_env=False)
        request = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": params}
        try:
            async with self._client.stream("POST", self.url, json=request) as response:
                content = bytearray()
                async for piece in response.aiter_bytes():
                    content += piece
                    if len(content) > MAX_ANSWER:
                        raise NodeError(f"{method}: an answer of more than {MAX_ANSWER} bytes")
        except httpx2.HTTPError as failure:
            raise Unreachable(f"{method} at {self.url}: {type(failure).__name__}") from failure
        return _result(method, bytes(content))

    async def status(self) -> JSON:
        """The node's own account of itself."""
        return await self.call("status")

    @_strict
    async def chain_id(self) -> str:
        """The id of the chain that the node says it follows."""
        return str((await self.status())["node_info"]["network"])

    @_strict
    async def height(self) -> int:
        """The height of the newest block."""
        return int((await self.status())["sync_info"]["latest_block_height"])

    @_strict
    async def light_block(self, height: int | None = None, *, known: ValidatorSet | None = None) -> LightBlock:
        """Header, commit and validators of a height; the newest without one.

        `known` saves a question where the validators are still these.

        Raises:
            MalformedAnswer: not in CometBFT's shapes.
        """
        where = {} if height is None else {"height": str(height)}
        commit = await self.call("commit", **where)
        header, signatures = read_commit_answer(commit)
        if height is not None and header.height != height:
            raise NodeError(f"light_block: asked for height {height}, told of {header.height}")
        if known is not None and known.hash() == header.validators_hash:
            return LightBlock(header, signatures, known)
        at = {"height": str(header.height), "per_page": str(VALIDATORS_A_PAGE)}
        pages = [await self.call("validators", page="1", **at)]
        for page in range(2, -(-min(int(pages[0]["total"]), MAX_VALIDATORS) // VALIDATORS_A_PAGE) + 1):
            pages.append(await self.call("validators", page=str(page), **at))
        return read_light_block(commit, pages)

    @_strict
    async def query(self, path: str, data: bytes, *, height: int = 0, prove: bool = False) -> Answer:
        """The answer of the application to a query, whatever its code."""
        result = await self.call("abci_query", path=path, data=data.hex(), height=str(height), prove=prove)
        found = result["response"]
        ops = (found.get("proofOps") or {}).get("ops") or []
        return Answer(
            code=int(found.get("code") or 0),
            codespace=str(found.get("codespace") or ""),
            log=str(found.get("log") or ""),
            value=_bytes(found.get("value")),
            height=int(found.get("height") or 0),
            proof_ops=tuple((str(op["type"]), _bytes(op["key"]), _bytes(op["data"])) for op in ops),
        )

    @_strict
    async def broadcast(self, raw: bytes) -> Outcome:
        """Hand a transaction to the node: the outcome is that of its check, with height 0."""
        result = await self.call("broadcast_tx_sync", tx=base64.b64encode(raw).decode())
        return Outcome(
            hash=bytes.fromhex(result["hash"]),
            height=0,
            code=int(result.get("code") or 0),
            codespace=str(result.get("codespace") or ""),
            log=str(result.get("log") or ""),
            data=bytes.fromhex(result.get("data") or ""),
            gas_wanted=0,
            gas_used=0,
            events=(),
        )

    @_strict
    async def find_tx(self, tx_hash: bytes) -> Outcome | None:
        """What became of a transaction in a block, or None while it is in none."""
        try:
            result = await self.call("tx", hash=base64.b64encode(tx_hash).decode(), prove=False)
        except NodeError as no:
            if "not found" in str(no):
                return None
            raise
        return outcome_of(result)

    @_strict
    async def search(self, query: str, *, page: int = 1, per_page: int = 100) -> list[tuple[bytes, Outcome]]:
        """Transactions whose events match a query, oldest first, with their raw bytes."""
        result = await self.call("tx_search", query=query, page=str(page), per_page=str(per_page), order_by="asc")
        return [(_bytes(found["tx"]), outcome_of(found)) for found in result["txs"]]

    @_strict
    async def block_txs(self, height: int) -> list[bytes]:
        """The transactions of a block, as the node shows them: nothing here proves that they are all, or true."""
        answer = await self.call("block", height=str(height))
        return [_bytes(raw) for raw in answer["block"]["data"]["txs"] or ()]

    @asynccontextmanager
    async def subscribe(self, query: str) -> AsyncIterator[AsyncIterator[JSON]]:
        """The node's news that match a query, as they happen, while the block is open.

        Raises:
            Unreachable: the connection could not be made; reading the news raises it when the connection breaks.
        """
        import websockets

        address = self.url.replace("http", "ws", 1) + "/websocket"
        failures = (OSError, websockets.WebSocketException)
        try:
            socket = await websockets.connect(address, max_size=MAX_ANSWER, proxy=None, open_timeout=self._timeout)
        except failures as failure:
            raise Unreachable(f"events at {self.url}: {type(failure).__name__}") from failure

        async def hear() -> JSON:
            try:
                return _result("subscribe", await socket.recv())
            except failures as failure:
                raise Unreachable(f"events at {self.url}: {type(failure).__name__}") from failure

        async def news() -> AsyncIterator[JSON]:
            while True:
                yield await hear()

        try:
            ask = {"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": {"query": query}}
            await socket.send(json.dumps(ask))
            async with asyncio.timeout(self._timeout):
                await hear()
            yield news()
        finally:
            await socket.close()

    async def wait_until_up(self, seconds: float) -> None:
        """Return when the node answers `health`.

        Raises:
            Unreachable: it did not within `seconds`.
        """
        for left in range(int(seconds * 20), -1, -1):
            try:
                await self.call("health")
            except Unreachable:
                if not left:
                    raise
                await asyncio.sleep(0.05)
            else:
                return


def _result(method: str, raw: bytes | str) -> JSON:
    try:
        match json.loads(raw):
            case {"error": {"message": message, **more}}:
                raise NodeError(f"{method}: {message}: {more.get('data')}")
            case {"result": result}:
                return result
    except (ValueError, RecursionError) as failure:
        raise NodeError(f"{method}: the answer is not JSON") from failure
    raise NodeError(f"{method}: the answer is not JSON-RPC")


def _bytes(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def outcome_of(result: JSON) -> Outcome:
    """The outcome in an answer of `tx` or `tx_search`."""
    found = result["tx_result"]
    return Outcome(
        hash=bytes.fromhex(result["hash"]),
        height=int(result["height"]),
        code=int(found.get("code") or 0),
        codespace=str(found.get("codespace") or ""),
        log=str(found.get("log") or ""),
        data=_bytes(found.get("data")),
        gas_wanted=int(found.get("gas_wanted") or 0),
        gas_used=int(found.get("gas_used") or 0),
        events=tuple(_event(event) for event in found.get("events") or ()),
    )


def _event(event: JSON) -> Event:
    return Event(event["type"], {item["key"]: item["value"] for item in event.get("attributes") or ()})
