"""Reading the chain without believing the node: headers by a light client, values by proof."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import TypeVar

from panacea.client.places import Place
from panacea.client.rpc import RPC
from panacea.client.types import Answer, NodeError, NotProven, StateUnavailable, Unreachable
from panacea.light.client import HeightUnknown, LightClient, NotEnoughTrust
from panacea.light.headers import Header, LightBlock, ValidatorSet
from panacea.light.ics23 import verify_absence, verify_presence
from panacea.light.proofs import ProofOp
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock, SystemClock

T = TypeVar("T")

TRUSTING_PERIOD_NS = 14 * 24 * 3600 * 1_000_000_000
NEW_BLOCK = "tm.event='NewBlockHeader'"
FIRST_PAUSE, PAUSE = 0.02, 0.2
BEGIN_SECONDS = 30.0
KEPT_HEADERS = 1_000
FIRST_PROVEN = 2
"""The first height of which applications of the Cosmos SDK prove anything."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where trust begins: a block's height and hash, from a source outside the chain."""

    height: int
    hash: bytes


class ChainView:
    """The state at verified heights. The newest that can be read is one below the newest verified header."""

    def __init__(self, rpc: RPC, light: LightClient, clock: Clock) -> None:
        """Read through `rpc`, believe only `light`."""
        self.rpc = rpc
        self.light = light
        self._clock = clock
        self._between: dict[int, Header] = {}
        self._moved = asyncio.Condition()
        self._busy = asyncio.Lock()

    @classmethod
    async def open(cls, rpc: RPC, anchor: Anchor, clock: Clock | None = None) -> "ChainView":
        """A view that trusts the block at `anchor`.

        Raises:
            NotProven: the node shows another block at that height.
        """
        block = await rpc.light_block(anchor.height)
        if block.header.hash() != anchor.hash:
            raise NotProven("another block stands at the trusted height", height=anchor.height)
        return cls(rpc, LightClient(block, trusting_period_ns=TRUSTING_PERIOD_NS), clock or SystemClock())

    @classmethod
    async def from_genesis(
        cls, rpc: RPC, chain_id: str, validators: ValidatorSet, clock: Clock | None = None
    ) -> "ChainView":
        """A view that trusts the validators of a genesis document.

        Raises:
            NotProven: the first block is not by those validators, or of another chain.
            Unreachable: there is no first block yet, and none came.
        """
        await _begun(rpc)
        block = await rpc.light_block(1)
        if block.header.chain_id != chain_id or block.header.validators_hash != validators.hash():
            raise NotProven("the first block is not that of this genesis", chain_id=block.header.chain_id)
        return cls(rpc, LightClient(block, trusting_period_ns=TRUSTING_PERIOD_NS), clock or SystemClock())

    @property
    def chain_id(self) -> str:
        """The chain's id."""
        return self.light.chain_id

    @property
    def head(self) -> Header:
        """The newest verified header. Its time is the only present that an enclave knows."""
        return self.light.head.header

    @property
    def height(self) -> int:
        """The newest height whose state can be read."""
        return self.light.height - 1

    async def update(self) -> int:
        """Verify up to the node's newest header; the height whose state can be read now."""
        async with self._busy:
            block = await self.rpc.light_block(known=self.light.head.validators)
            if block.header.height > self.light.height:
                await self._verify(block)
                async with self._moved:
                    self._moved.notify_all()
        return self.height

    async def _verify(self, block: LightBlock) -> None:
        """Verify a newer block, by way of heights in between where the validators changed too much at once."""
        waiting = [block]
        while waiting:
            try:
                self.light.update(waiting[-1], self._clock.now_ns())
                waiting.pop()
            except NotEnoughTrust:
                between = (self.light.height + waiting[-1].header.height) // 2
                if between == self.light.height:
                    raise
                waiting.append(await self.rpc.light_block(between, known=self.light.head.validators))

    async def header(self, height: int) -> Header:
        """The verified header of a height, fetched if the view skipped it on its way.

        Raises:
            HeightUnknown: it is not verified yet: `update` first.
            NotProven: what the node shows does not lead to the headers that are verified.
        """
        with contextlib.suppress(HeightUnknown):
            return self.light.get_header(height)
        if height > self.light.height:
            raise HeightUnknown(height=height)
        following = min((found for at, found in self._between.items() if at >= height), key=_height, default=self.head)
        while following.height > height:
            found = await self._before(following)
            self._between[found.height] = following = found
            if len(self._between) > KEPT_HEADERS:
                del self._between[next(iter(self._between))]
        return following

    async def _before(self, following: Header) -> Header:
        """The header before a verified one, which names its hash."""
        with contextlib.suppress(HeightUnknown):
            return self.light.get_header(following.height - 1)
        block = await self.rpc.light_block(following.height - 1, known=self.light.head.validators)
        if block.header.hash() != following.last_block_id.hash:
            raise NotProven("a header does not lead to its successor", height=block.header.height)
        return block.header

    async def get(self, place: Place[T], *, height: int | None = None) -> T | None:
        """The value at a place, or None where nothing stands; both proven. `height` defaults to the newest.

        Raises:
            NotProven: the node's proof does not verify.
            Unreachable: the node does not answer.
        """
        at = self.height if height is None else height
        if height is None and at < FIRST_PROVEN:
            at = await self.wait(FIRST_PROVEN)
        root = (await self.header(at + 1)).app_hash
        answer = await self.rpc.query(f"/store/{place.store}/key", place.key, height=at, prove=True)
        raw = require_proven(root, place, answer)
        return None if raw is None else place.read(raw)

    async def require(self, place: Place[T], *, height: int | None = None) -> T:
        """The value at a place that must not be empty.

        Raises:
            NodeError: nothing stands there.
        """
        found = await self.get(place, height=height)
        if found is None:
            raise NodeError(f"nothing stands under {place.key.hex()} in store {place.store}")
        return found

    async def wait(self, height: int) -> int:
        """Return when the state of `height` can be read; the height that can be read then."""
        pause = FIRST_PAUSE
        while await self.update() < height:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause), self._moved:
                    await self._moved.wait()
            pause = min(2 * pause, PAUSE)
        return self.height

    async def heights(self) -> AsyncGenerator[int, None]:
        """Each height as its state becomes readable; heights that come together are told once, the newest only.

        Follows the node's news, and reconnects when they break off: this never ends by itself. Who leaves early closes
        it (`contextlib.aclosing`), or the connection outlives the interest in it.
        """
        last = 0
        while True:
            try:
                async with self.rpc.subscribe(NEW_BLOCK) as news:
                    while True:
                        if (now := await self.update()) > last:
                            last = now
                            yield now
                        await anext(news)
            except (Unreachable, StopAsyncIteration):
                await asyncio.sleep(PAUSE)


async def _begun(rpc: RPC) -> None:
    """Return when the node has its first block, which may be a moment after it answers."""
    for _ in range(int(BEGIN_SECONDS / PAUSE)):
        if await rpc.height():
            return
        await asyncio.sleep(PAUSE)
    raise Unreachable("the node has no block yet")


def _height(header: Header) -> int:
    return header.height


def require_proven(root: bytes, place: Place[T], answer: Answer) -> bytes | None:
    """The raw value of a proven answer, None for proven absence.

    Raises:
        NotProven: the proof does not verify.
        StateUnavailable: the node refused, or showed nothing at all, as the SDK does for heights that it has pruned.
    """
    if answer.code or not (answer.value or answer.proof_ops):
        raise StateUnavailable(f"the node refused: {answer.log}", store=place.store)
    ops = [ProofOp(*op) for op in answer.proof_ops]
    try:
        if answer.value:
            verify_presence(root, place.store, place.key, answer.value, ops)
            return answer.value
        verify_absence(root, place.store, place.key, ops)
    except Rejected as no:
        raise NotProven(str(no), store=place.store, key=place.key) from no
    return None
