"""A WebSocket's side of the RPC: any method, and `subscribe`, `unsubscribe`, `unsubscribe_all`.

News are JSON-RPC answers that carry the id of the request to subscribe. Who does not read as fast as the chain speaks
is cut off, rather than served with gaps or at the cost of the node's memory.
"""

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from panacea.node import conditions
from panacea.node.envelope import encode, failure, is_id, success
from panacea.node.news import News
from panacea.node.parameters import JSON, InvalidParams, InvalidRequest, NotJSON, RPCRefused
from panacea.primitives.rejected import Rejected

MAX_SUBSCRIPTIONS = 5
MAX_BEHIND = 200
MAX_BEHIND_BYTES = 64 << 20
TRY_AGAIN_LATER = 1013

Answering = Callable[[JSON], Awaitable[bytes | None]]


class Subscriber:
    """One WebSocket: what it asked for, and what waits to be sent to it."""

    def __init__(self, answer: Answering) -> None:
        """Answer what is not about subscriptions by `answer`."""
        self.queries: dict[str, tuple[JSON, conditions.Query]] = {}
        self._answer = answer
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._waiting_bytes = 0
        self._cut = asyncio.Event()

    async def serve(self, socket: WebSocket) -> None:
        """Hear and tell until either side ends the connection."""
        hearing = asyncio.create_task(self._hear_all(socket))
        telling = asyncio.create_task(self._tell_all(socket))
        cut = asyncio.create_task(self._cut.wait())
        await asyncio.wait((hearing, telling, cut), return_when=asyncio.FIRST_COMPLETED)
        for task in (hearing, telling, cut):
            task.cancel()
        await asyncio.gather(hearing, telling, cut, return_exceptions=True)
        if self._cut.is_set():
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.close(TRY_AGAIN_LATER, "client is not pulling messages fast enough")

    async def _hear_all(self, socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect, KeyError):
            while True:
                answer = await self.hear(await socket.receive_text())
                if answer is not None:
                    self.put(answer)

    async def _tell_all(self, socket: WebSocket) -> None:
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                message = await self._out.get()
                await socket.send_text(message.decode())
                self._waiting_bytes -= len(message)

    async def hear(self, text: str) -> bytes | None:
        """The answer to one message, None for one that wants none."""
        try:
            request = json.loads(text)
        except (ValueError, RecursionError) as no:
            return failure(None, NotJSON(str(no)))
        if not isinstance(request, dict):
            return failure(None, InvalidRequest("an object is expected"))
        act = self._acts().get(str(request.get("method")))
        if act is None:
            return await self._answer(request)
        number = request.get("id")
        if not is_id(number):
            return None
        try:
            act(number, request.get("params"))
        except Rejected as no:
            return failure(number, no)
        return success(number, {})

    def _acts(self) -> dict[str, Callable[[JSON, Any], None]]:  # Any: params before they are looked at
        return {
            "subscribe": self._subscribe,
            "unsubscribe": self._unsubscribe,
            "unsubscribe_all": lambda _, __: self.queries.clear(),
        }

    def _subscribe(self, number: JSON, params: JSON) -> None:
        query = _query(params)
        if query in self.queries:
            raise RPCRefused("already subscribed")
        if len(self.queries) == MAX_SUBSCRIPTIONS:
            raise RPCRefused(f"max_subscriptions_per_client {MAX_SUBSCRIPTIONS} reached")
        self.queries[query] = (number, conditions.parse(query))

    def _unsubscribe(self, _: JSON, params: JSON) -> None:
        if self.queries.pop(_query(params), None) is None:
            raise RPCRefused("subscription not found")

    def tell(self, news: News, encoded: "Callable[[], tuple[bytes, bytes]]") -> None:
        """Queue what matches; `encoded` gives the JSON of its value and of its attributes."""
        for query, (number, parsed) in self.queries.items():
            if parsed.matches(news.pairs):
                value, attributes = encoded()
                result = b'{"query":%b,"data":%b,"events":%b}' % (encode(query), value, attributes)
                self.put(b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (encode(number), result))

    def put(self, message: bytes) -> None:
        """Queue a message, or give up a reader who is too far behind."""
        self._waiting_bytes += len(message)
        if self._out.qsize() >= MAX_BEHIND or self._waiting_bytes > MAX_BEHIND_BYTES:
            self._cut.set()
        else:
            self._out.put_nowait(message)


def _query(params: JSON) -> str:
    query = (
        params.get("query") if isinstance(params, dict) else params[0] if isinstance(params, list) and params else ""
    )
    if not isinstance(query, str) or not query:
        raise InvalidParams("a query is expected")
    return query
