"""The door: JSON-RPC over HTTP (POST, alone or in batches), over URLs (GET), and over WebSocket."""

import asyncio
import contextlib
import inspect
import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from functools import cache

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from panacea.node.envelope import encode, failure, is_id, success
from panacea.node.methods import methods_of
from panacea.node.news import news_of
from panacea.node.parameters import JSON, InvalidRequest, Method, NotJSON, RPCRefused, UnknownMethod
from panacea.node.solo import Made, Solo
from panacea.node.subscriptions import Subscriber
from panacea.primitives.rejected import Rejected

LOG = logging.getLogger(__name__)

MAX_BODY = 2 * 1024 * 1024
MAX_BATCH = 10
MAX_SOCKETS = 100
URL_ID = -1
"""The id in answers to URLs, which carry none."""


class Server:
    """Answers for one engine; `failed` is called when the engine cannot go on, and should end the process."""

    def __init__(self, engine: Solo, failed: Callable[[BaseException], None]) -> None:
        self._engine = engine
        self._failed = failed
        self._methods: Mapping[str, Method] = methods_of(engine)
        self._subscribers: set[Subscriber] = set()
        engine.listeners.append(self._tell)

    def app(self) -> Starlette:
        """The ASGI application; the engine runs as long as it does."""
        return Starlette(
            routes=[
                Route("/", self._post, methods=["POST"]),
                WebSocketRoute("/websocket", self._socket),
                Route("/{method}", self._get, methods=["GET"]),
            ],
            lifespan=self._alive,
            max_body_size=MAX_BODY,
        )

    @contextlib.asynccontextmanager
    async def _alive(self, _: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self._engine.run())
        task.add_done_callback(self._ended)
        yield
        task.cancel()
        await asyncio.wait((task,))

    def _ended(self, task: "asyncio.Task[None]") -> None:
        """An engine that failed must not look alive."""
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            LOG.critical("the engine stopped", exc_info=failure)
            self._failed(failure)

    # Requests.

    async def answer(self, request: JSON) -> bytes | None:
        """The answer to one request of JSON-RPC; None for a notification, which wants none."""
        if not isinstance(request, dict) or not isinstance(request.get("method"), str):
            return failure(None, InvalidRequest("an object with a method and an id is expected"))
        number = request.get("id")
        if number is None:
            return None
        if not is_id(number):
            return failure(None, InvalidRequest("an id is a text or a whole number"))
        params = request.get("params") or {}
        return await self._run(number, request["method"], lambda method: method.of_json(params))

    async def _run(self, number: JSON, name: str, read: Callable[[Method], dict[str, JSON]]) -> bytes:
        try:
            method = self._methods.get(name)
            if method is None:
                raise UnknownMethod(name)
            result = method.run(**read(method))
            return success(number, await result if inspect.isawaitable(result) else result)
        except Rejected as no:
            return failure(number, no)
        except Exception:
            LOG.exception("%s met a bug", name)
            return failure(number, RPCRefused("the node met a bug; its log says more"))

    async def _post(self, request: Request) -> Response:
        try:
            body = json.loads(await request.body())
        except (ValueError, RecursionError) as no:
            return _json(failure(None, NotJSON(str(no))), 500)
        if not isinstance(body, list):
            return _json(await self.answer(body) or b"")
        if not 1 <= len(body) <= MAX_BATCH:
            return _json(failure(None, InvalidRequest(f"a batch of 1 to {MAX_BATCH} is expected")), 500)
        answers = [answer for each in body if (answer := await self.answer(each)) is not None]
        return _json(b"[%b]" % b",".join(answers) if answers else b"")

    async def _get(self, request: Request) -> Response:
        name, params = request.path_params["method"], dict(request.query_params)
        if name not in self._methods:
            return _json(failure(URL_ID, UnknownMethod(name)), 404)
        answer = await self._run(URL_ID, name, lambda method: method.of_url(params))
        return _json(answer, 500 if answer.startswith(_ERROR) else 200)

    # Subscriptions.

    def _tell(self, made: Made) -> None:
        listening = [subscriber for subscriber in self._subscribers if subscriber.queries]
        if not listening:
            return
        for news in news_of(made):
            encoded = cache(lambda news=news: (encode(news.value), encode(news.attributes)))
            for subscriber in listening:
                subscriber.tell(news, encoded)

    async def _socket(self, socket: WebSocket) -> None:
        if len(self._subscribers) >= MAX_SOCKETS:
            await socket.close()
            return
        await socket.accept()
        subscriber = Subscriber(self.answer)
        self._subscribers.add(subscriber)
        try:
            await subscriber.serve(socket)
        finally:
            self._subscribers.discard(subscriber)


_ERROR = b'{"jsonrpc":"2.0","id":%d,"error":' % URL_ID


def _json(answer: bytes, status: int = 200) -> Response:
    return Response(answer, status, media_type="application/json")
