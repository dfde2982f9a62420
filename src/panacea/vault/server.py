"""The store node over HTTP: `PUT`, `GET`, `HEAD`, `DELETE /v1/objects/{oid}` and `GET /v1/info`.

oid          64 lower hex digits; a grant stands in `Authorization: Bearer …`
PUT          ?until=HEIGHT, body = the object's frame; 201 with the receipt (CBOR)
GET, HEAD    200 with the frame, or 206 for `Range: groups=first-last` with the head and those groups
DELETE       200 with the deletion receipt (CBOR)
errors       {"error": {"code", "message"}}: 400 malformed · 404 not_found, the same for unknown and forbidden ·
408 too_slow · 413 too_large · 416 no_such_range · 429 busy · 500 internal ·
                 503 unavailable
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from panacea.crypto.keys import Signer
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock
from panacea.vault.blobs import BlobStore
from panacea.vault.node import Download, Limits, StoreNode
from panacea.vault.ports import ChainView
from panacea.vault.types import LeaseRefused, NodeRefused, NodeUnavailable, ObjectRejected, ObjectTooLarge
from panacea.wire.cbor import NotCanonical

CBOR = "application/cbor"
FRAME = "application/vnd.panacea.object"

_log = logging.getLogger(__name__)
_OID = re.compile("[0-9a-f]{64}")
_HEIGHT = re.compile("[0-9]{1,15}")
_RANGE = re.compile("groups=([0-9]{1,9})-([0-9]{0,9})")
# The frame's head beside a body of the largest size: 34 bytes for 256 KiB, and the descriptor.
_HEAD_ROOM = 1024


def build_app(
    blobs: BlobStore, signer: Signer, view: ChainView, clock: Clock, limits: Limits | None = None
) -> Starlette:
    """The node as an ASGI application; it sweeps by itself for as long as it runs."""
    node = StoreNode(blobs, signer, view, clock, limits=limits or Limits())

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        sweeper = asyncio.create_task(_sweep_for_ever(node))
        yield
        sweeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await sweeper

    endpoints = _Endpoints(node)
    path = "/v1/objects/{oid}"
    app = Starlette(
        routes=[
            Route("/v1/info", endpoints.info, methods=["GET"]),
            Route(path, endpoints.put, methods=["PUT"]),
            Route(path, endpoints.get, methods=["GET"]),
            Route(path, endpoints.delete, methods=["DELETE"]),
        ],
        middleware=[Middleware(Gate, max_requests=node.limits.max_requests, seconds=node.limits.request_seconds)],
        exception_handlers={Rejected: _answer_rejected, HTTPException: _answer_http, Exception: _answer_bug},
        lifespan=lifespan,
    )
    app.state.node = node
    return app


class Gate:
    """Lets so many requests in at once and gives each so much time; an answer begun too slowly is cut off."""

    def __init__(self, app: ASGIApp, *, max_requests: int, seconds: float) -> None:
        self._app, self._max_requests, self._seconds = app, max_requests, seconds
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, or answer 429 or 408."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._inside >= self._max_requests:
            busy = _error(429, "busy", f"more than {self._max_requests} requests at once")
            busy.headers["retry-after"] = "1"
            await busy(scope, receive, send)
            return
        answered = False

        async def watch(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        self._inside += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, receive, watch)
        except TimeoutError:
            if answered:
                raise
            await _error(408, "too_slow", f"longer than {self._seconds:g} seconds")(scope, receive, send)
        except ClientDisconnect:
            _log.info("a caller hung up")
        finally:
            self._inside -= 1


class _Endpoints:
    """What each route does; the work on disk and chain runs in threads."""

    def __init__(self, node: StoreNode) -> None:
        self._node = node

    async def info(self, _: Request) -> Response:
        limits, head = self._node.limits, await run_in_threadpool(self._node.view.head)
        return JSONResponse({"key": self._node.key.hex(), "head": head, "max_object_bytes": limits.max_object_bytes})

    async def put(self, request: Request) -> Response:
        oid, until = _oid(request), _until(request)
        upload = await run_in_threadpool(self._node.put, oid, _token(request), until)
        limit = self._node.limits.max_object_bytes
        length = request.headers.get("content-length", "0")
        if not _HEIGHT.fullmatch(length) or int(length) > limit + limit // 1024 + _HEAD_ROOM:
            raise ObjectTooLarge(size=length, limit=limit)
        with upload:
            async for piece in request.stream():
                await run_in_threadpool(upload.write, piece)
            receipt = await run_in_threadpool(upload.commit)
        return Response(receipt.encode(), 201, media_type=CBOR)

    async def get(self, request: Request) -> Response:
        download = await run_in_threadpool(self._node.get, _oid(request), _token(request))
        span, status = (0, download.group_count - 1), 200
        headers = {"accept-ranges": "groups", "panacea-groups": str(download.group_count)}
        asked = request.headers.get("range", "")
        # A range in another unit is ignored, as RFC 9110 §14.2 lets a server do.
        if asked.startswith("groups="):
            span, status = _span(asked, download), 206
            headers["content-range"] = f"groups {span[0]}-{span[1]}/{download.group_count}"
        headers["content-length"] = str(download.size(*span))
        if request.method == "HEAD":
            return Response(status_code=status, headers=headers, media_type=FRAME)
        return StreamingResponse(download.pieces(*span), status, headers, FRAME)

    async def delete(self, request: Request) -> Response:
        deletion = await run_in_threadpool(self._node.delete, _oid(request), _token(request))
        return Response(deletion.encode(), media_type=CBOR)


def _oid(request: Request) -> bytes:
    text = request.path_params["oid"]
    if not _OID.fullmatch(text):
        raise HTTPException(400, "an object id has 64 lower hex digits")
    return bytes.fromhex(text)


def _until(request: Request) -> int:
    text = request.query_params.get("until", "")
    if not _HEIGHT.fullmatch(text):
        raise HTTPException(400, "until is a height")
    return int(text)


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NodeRefused
    return token


def _span(asked: str, download: Download) -> tuple[int, int]:
    found = _RANGE.fullmatch(asked)
    last = download.group_count - 1
    first, to = (int(found[1]), min(int(found[2] or last), last)) if found else (last + 1, last)
    if first > to:
        raise HTTPException(416, f"groups 0 to {last}", {"content-range": f"groups */{last + 1}"})
    return first, to


def _error(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "message": message}}, status)


async def _answer_rejected(_: Request, reason: Exception) -> Response:
    if isinstance(reason, NodeUnavailable):
        return _error(503, "unavailable", "no fresh view of the chain")
    if isinstance(reason, ObjectTooLarge):
        return _error(413, "too_large", str(reason))
    if isinstance(reason, ObjectRejected | NotCanonical | LeaseRefused):
        return _error(400, "malformed", str(reason))
    return _error(404, "not_found", "no such object")


async def _answer_http(_: Request, reason: Exception) -> Response:
    assert isinstance(reason, HTTPException)
    codes = {400: "malformed", 404: "not_found", 405: "no_such_method", 416: "no_such_range"}
    answer = _error(reason.status_code, codes.get(reason.status_code, "refused"), reason.detail)
    answer.headers.update(reason.headers or {})
    return answer


async def _answer_bug(_: Request, __: Exception) -> Response:
    return _error(500, "internal", "the store failed; its log says how")


async def _sweep_for_ever(node: StoreNode) -> None:
    while True:
        await asyncio.sleep(node.limits.sweep_seconds)
        try:
            await run_in_threadpool(node.sweep)
        except NodeUnavailable:
            _log.warning("no sweep: the chain cannot be read")
        except Exception:  # noqa: BLE001 - whatever it was, the next sweep must still come
            _log.exception("a sweep failed")
