"""The oracle's process: one light client, one intake behind HTTP, one follower of the chain."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from panacea.client.view import ChainView
from panacea.exchange.formats import MAX_OFFER
from panacea.oracle.facts import Facts
from panacea.oracle.intake import Intake
from panacea.oracle.registration import Registrar
from panacea.oracle.release import Releaser
from panacea.oracle.types import TooLarge, TooManyAtOnce, Unsealed
from panacea.primitives.rejected import Rejected

LOG = logging.getLogger(__name__)
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Oracle:
    """The parts of one oracle, over one view."""

    view: ChainView
    intake: Intake
    registrar: Registrar
    releaser: Releaser

    def app(self) -> Starlette:
        """The ASGI application; the oracle follows the chain as long as it runs."""
        offers = asyncio.Semaphore(AT_ONCE)

        async def offer(request: Request) -> Response:
            try:
                if offers.locked():
                    raise TooManyAtOnce(limit=AT_ONCE)
                async with offers:
                    sealed = await self.intake.answer(await _bounded_body(request))
            except Unsealed as no:
                return JSONResponse({"error": {"code": no.text, "message": str(no)}}, no.status)
            return Response(sealed, media_type="application/octet-stream")

        async def info(_: Request) -> Response:
            try:
                facts = await Facts.newest(self.view)
                epoch = await facts.epoch()
            except Rejected as no:
                return JSONResponse({"error": {"code": "not_ready", "message": str(no)}}, 503)
            ready = self.intake.shelf.find(epoch) is not None
            answer = {
                "chain_id": self.view.chain_id,
                "oracle": self.intake.address,
                "epoch": epoch,
                "head": self.view.head.height,
                "ready": ready,
                "enclave": self.registrar.enclave.kind,
            }
            return JSONResponse(answer)

        routes = [Route("/v3/offers", offer, methods=["POST"]), Route("/v3/info", info)]
        return Starlette(routes=routes, lifespan=self._alive)

    @contextlib.asynccontextmanager
    async def _alive(self, _: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self.follow())
        task.add_done_callback(_stop_if_failed)
        yield
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def follow(self) -> None:
        """Stay registered and release shares, height by height, for ever. What fails is logged and tried again."""
        async for height in self.view.heights():
            for work in (self.registrar.ensure, lambda at=height: self.releaser.follow(at)):
                try:
                    await work()
                except Rejected as no:
                    LOG.warning("at height %d: %s", height, no)


def _stop_if_failed(task: "asyncio.Task[None]") -> None:
    """An oracle that no longer follows the chain must not look alive: the process ends, loudly."""
    if not task.cancelled() and task.exception() is not None:
        LOG.critical("the oracle stopped following the chain", exc_info=task.exception())
        os.kill(os.getpid(), signal.SIGTERM)


async def _bounded_body(request: Request) -> bytes:
    """The body, refused as soon as it is over the limit."""
    raw = bytearray()
    async for piece in request.stream():
        raw += piece
        if len(raw) > MAX_OFFER:
            raise TooLarge(limit=MAX_OFFER)
    return bytes(raw)
