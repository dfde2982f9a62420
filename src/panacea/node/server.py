"""The door: JSON-RPC over HTTP (POST, alone or in batches), over URLs (GET), and over WebSocket with subscriptions."""

import asyncio
import contextlib
import inspect
import json
import logging
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from panacea.node import conditions
from panacea.node.methods import InvalidParams, Methods, news
from panacea.node.solo import Made
from panacea.primitives.rejected import Rejected

JSON = Any  # Any: what json.loads returns, before it is looked at
LOG = logging.getLogger(__name__)

MAX_BODY = 2 * 1024 * 1024
MAX_BATCH = 10
MAX_SUBSCRIPTIONS = 16
MAX_BEHIND = 1_000


class Server:
    """Answers for one engine."""

    def __init__(self, methods: Methods) -> None:
        """Serve these methods."""
        self._methods = methods
        self._table = methods.table()
        self._subscribers: list[Subscriber] = []
        methods.engine.listeners.append(self._tell)

    def app(self) -> Starlette:
        """The ASGI application; the engine runs as long as it does."""
        return Starlette(
            routes=[
                Route("/", self._post, methods=["POST"]),
                WebSocketRoute("/websocket", self._socket),
                Route("/{method}", self._get, methods=["GET"]),
            ],
            lifespan=self._alive,
        )

    @contextlib.asynccontextmanager
    async def _alive(self, _: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self._methods.engine.run())
        task.add_done_callback(_stop_if_failed)
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def answer(self, request: JSON) -> JSON:
        """The JSON-RPC answer to one request."""
        number = request.get("id") if isinstance(request, dict) else None
        try:
            if not isinstance(request, dict) or not isinstance(request.get("method"), str):
                return _error(number, -32600, "Invalid Request", "")
            result = await self._call(request["method"], request.get("params") or {})
        except InvalidParams as no:
            return _error(number, -32602, "Invalid params", str(no))
        except Rejected as no:
            return _error(number, -32603, "Internal error", str(no))
        except LookupError:
            return _error(number, -32601, "Method not found", "")
        return {"jsonrpc": "2.0", "id": number, "result": result}

    async def _call(self, method: str, params: JSON) -> JSON:
        run = self._table[method]
        try:
            bound = (
                inspect.signature(run).bind(**params)
                if isinstance(params, dict)
                else inspect.signature(run).bind(*params)
            )
        except TypeError as failure:
            raise InvalidParams(str(failure)) from None
        result = run(*bound.args, **bound.kwargs)
        return await result if inspect.isawaitable(result) else result

    async def _post(self, request: Request) -> Response:
        size = request.headers.get("content-length", "0")
        if not size.isdecimal() or int(size) > MAX_BODY:
            return JSONResponse(_error(None, -32600, "Invalid Request", f"a body of at most {MAX_BODY} bytes"), 413)
        try:
            body = json.loads(await request.body())
        except ValueError as failure:
            return JSONResponse(_error(None, -32700, "Parse error", str(failure)), 400)
        if isinstance(body, list):
            if not 1 <= len(body) <= MAX_BATCH:
                return JSONResponse(_error(None, -32600, "Invalid Request", f"a batch of 1 to {MAX_BATCH}"), 400)
            return JSONResponse([await self.answer(each) for each in body])
        return JSONResponse(await self.answer(body))

    async def _get(self, request: Request) -> Response:
        params = {key: _url_value(value) for key, value in request.query_params.items()}
        answer = await self.answer({"id": -1, "method": request.path_params["method"], "params": params})
        return JSONResponse(answer, 500 if "error" in answer else 200)

    # Subscriptions.

    def _tell(self, made: Made) -> None:
        if not self._subscribers:
            return
        told = news(made)
        for subscriber in self._subscribers:
            subscriber.tell(told)

    async def _socket(self, socket: WebSocket) -> None:
        await socket.accept()
        subscriber = Subscriber()
        self._subscribers.append(subscriber)
        sending = asyncio.create_task(subscriber.send_to(socket))
        try:
            while True:
                await self._hear(subscriber, await socket.receive_text())
        except (WebSocketDisconnect, KeyError):
            pass
        finally:
            self._subscribers.remove(subscriber)
            sending.cancel()

    async def _hear(self, subscriber: "Subscriber", text: str) -> None:
        try:
            request = json.loads(text)
        except ValueError as failure:
            subscriber.put(_error(None, -32700, "Parse error", str(failure)))
            return
        match request:
            case {"method": "subscribe", "params": {"query": str(query)}}:
                subscriber.put(subscriber.subscribe(request.get("id"), query))
            case {"method": "unsubscribe", "params": {"query": str(query)}}:
                subscriber.queries.pop(query, None)
                subscriber.put({"jsonrpc": "2.0", "id": request.get("id"), "result": {}})
            case {"method": "unsubscribe_all"}:
                subscriber.queries.clear()
                subscriber.put({"jsonrpc": "2.0", "id": request.get("id"), "result": {}})
            case _:
                subscriber.put(await self.answer(request))


class Subscriber:
    """One WebSocket: what it asked for, and what waits to be sent to it."""

    def __init__(self) -> None:
        """Begin without subscriptions."""
        self.queries: dict[str, tuple[JSON, conditions.Query]] = {}
        self._out: asyncio.Queue[JSON] = asyncio.Queue(MAX_BEHIND)
        self._is_behind = False

    def subscribe(self, number: JSON, query: str) -> JSON:
        """Take a subscription; the answer to it."""
        try:
            parsed = conditions.parse(query)
        except Rejected as no:
            return _error(number, -32602, "Invalid params", str(no))
        if query in self.queries or len(self.queries) == MAX_SUBSCRIPTIONS:
            return _error(number, -32603, "Internal error", "already subscribed, or too many subscriptions")
        self.queries[query] = (number, parsed)
        return {"jsonrpc": "2.0", "id": number, "result": {}}

    def tell(self, told: "list[tuple[list[tuple[str, str]], JSON]]") -> None:
        """Queue what matches."""
        for query, (number, parsed) in self.queries.items():
            for pairs, value in told:
                if parsed.matches(pairs):
                    events: dict[str, list[str]] = {}
                    for key, text in pairs:
                        events.setdefault(key, []).append(text)
                    result = {"query": query, "data": value, "events": events}
                    self.put({"jsonrpc": "2.0", "id": number, "result": result})

    def put(self, message: JSON) -> None:
        """Queue a message; a reader too far behind is cut off rather than served with gaps."""
        try:
            self._out.put_nowait(message)
        except asyncio.QueueFull:
            self._is_behind = True

    async def send_to(self, socket: WebSocket) -> None:
        """Send what waits, as it comes."""
        while not self._is_behind:
            await socket.send_text(json.dumps(await self._out.get()))
        await socket.close(1013, "client is not pulling messages fast enough")


def _error(number: JSON, code: int, message: str, detail: str) -> JSON:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message, "data": detail}}


def _url_value(value: str) -> JSON:
    """A parameter in a URL: a quoted text stands for its characters, 0x… for bytes, the rest for itself."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        return value[1:-1]
    return value


def _stop_if_failed(task: "asyncio.Task[None]") -> None:
    """An engine that failed must not look alive: the process ends, loudly."""
    if not task.cancelled() and task.exception() is not None:
        LOG.critical("the engine stopped", exc_info=task.exception())
        import os
        import signal

        os.kill(os.getpid(), signal.SIGTERM)
