"""The oracle's process: one light client, one intake behind HTTP, one follower of the chain.

`POST /v3/offers`   an offer; the sealed answer, or an error in the open
`GET /v3/info`      {chain_id, oracle, epoch, head, ready, enclave}
"""

import asyncio
import contextlib
import logging
import os
import signal
import traceback
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from panacea.client.view import ChainView
from panacea.exchange.formats import MAX_OFFER
from panacea.oracle.facts import Facts
from panacea.oracle.intake import Intake
from panacea.oracle.registration import Registrar
from panacea.oracle.release import Releaser
from panacea.oracle.types import TooLarge, Unsealed
from panacea.primitives.rejected import Rejected
from panacea.vault.server import Gate

LOG = logging.getLogger(__name__)
AT_ONCE = 8
OFFER_SECONDS = 150.0
"""Offers that are worked on together, and how long one may take: all stores of a deal may have to be tried."""
PAUSE, RETRY = 0.5, 5.0


@dataclass(frozen=True, slots=True)
class Oracle:
    """The parts of one oracle, over one view."""

    view: ChainView
    intake: Intake
    registrar: Registrar
    releaser: Releaser

    def app(self) -> Starlette:
        """The ASGI application; the oracle follows the chain as long as it runs."""
        gate = Middleware(Gate, max_requests=AT_ONCE, seconds=OFFER_SECONDS)
        routes = [
            Route("/v3/offers", self._offer, methods=["POST"], middleware=[gate]),
            Route("/v3/info", self._info, methods=["GET"]),
        ]
        return Starlette(routes=routes, lifespan=self._alive)

    async def _offer(self, request: Request) -> Response:
        try:
            sealed = await self.intake.answer(await _bounded_body(request))
        except Unsealed as no:
            return JSONResponse({"error": {"code": no.text, "message": str(no)}}, no.status)
        except (asyncio.CancelledError, ClientDisconnect, KeyboardInterrupt, SystemExit):
            raise
        except BaseException as bug:  # noqa: BLE001 - native code panics outside Exception; one offer ends, no more
            LOG.error("an offer met a bug: %s", _where(bug))  # noqa: TRY400 - a traceback may quote what was sealed
            return JSONResponse({"error": {"code": "internal", "message": "the oracle failed"}}, 500)
        return Response(sealed, media_type="application/octet-stream")

    async def _info(self, _: Request) -> Response:
        try:
            facts = await Facts.newest(self.view)
            epoch = await facts.epoch()
        except Rejected as no:
            return JSONResponse({"error": {"code": "not_ready", "message": str(no)}}, 503)
        answer = {
            "chain_id": self.view.chain_id,
            "oracle": self.intake.address,
            "epoch": epoch,
            "head": self.view.head.height,
            "ready": self.intake.shelf.find(epoch) is not None,
            "enclave": self.registrar.enclave.kind,
        }
        return JSONResponse(answer)

    @contextlib.asynccontextmanager
    async def _alive(self, _: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self.follow())
        task.add_done_callback(_stop_if_failed)
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def follow(self) -> None:
        """Stay registered and release shares, for ever: at each new height, and again while something failed."""
        news = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._watch(news))
            group.create_task(self._serve(news))

    async def _watch(self, news: asyncio.Event) -> None:
        while True:
            try:
                async for _ in self.view.heights():
                    news.set()
            except Rejected as no:
                LOG.warning("the chain cannot be followed: %s", no)
            await asyncio.sleep(PAUSE)

    async def _serve(self, news: asyncio.Event) -> None:
        facts: Facts | None = None
        while True:
            await news.wait()
            news.clear()
            while not await self._work(facts := Facts.verified(self.view, facts)):
                # A chain that rests brings no height to try again at.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(RETRY):
                        await news.wait()
                news.clear()

    async def _work(self, facts: Facts) -> bool:
        """Whether all duties are done. Shares first: they have a deadline, and evidence takes its time."""
        released = await _tried(self.releaser.follow(facts.height, facts))
        registered = await _tried(self.registrar.ensure(facts))
        return released and registered and not self.releaser.is_waiting


async def _tried(work: Coroutine[Any, Any, None]) -> bool:  # Any: a coroutine yields to its loop alone
    try:
        await work
    except Rejected as no:
        LOG.warning("to be tried again: %s", no)
        return False
    return True


def _stop_if_failed(task: "asyncio.Task[None]") -> None:
    """An oracle that no longer follows the chain must not look alive: the process ends, loudly."""
    if not task.cancelled() and task.exception() is not None:
        LOG.critical("the oracle stopped following the chain", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)


def _where(bug: BaseException) -> str:
    """The kind of an exception and the line that raised it, without its words."""
    frames = traceback.extract_tb(bug.__traceback__)
    return f"{type(bug).__name__} at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}"


async def _bounded_body(request: Request) -> bytes:
    """The body, refused as soon as it is over the limit."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_OFFER:
            raise TooLarge(limit=MAX_OFFER)
    return bytes(raw)
