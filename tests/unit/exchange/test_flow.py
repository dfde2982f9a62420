"""Side by side: in order, bounded, and nothing left running behind."""

import asyncio
from collections.abc import Iterator

import pytest

from panacea.exchange.flow import side_by_side


def test_results_keep_the_order_and_the_bound() -> None:
    running, most = 0, 0

    async def work(item: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - item % 5))
        running -= 1
        return item * item

    async def run() -> list[int]:
        return [found async for found in side_by_side(range(20), work, at_once=4)]

    assert asyncio.run(run()) == [item * item for item in range(20)]
    assert most == 4


def test_items_are_taken_as_room_comes() -> None:
    taken: list[int] = []

    def forever() -> Iterator[int]:
        while True:
            taken.append(len(taken))
            yield taken[-1]

    async def same(item: int) -> int:
        return item

    async def run() -> list[int]:
        found = []
        async for item in side_by_side(forever(), same, at_once=3):
            found.append(item)
            if item == 4:
                break
        return found

    assert asyncio.run(run()) == [0, 1, 2, 3, 4]
    assert len(taken) == 7


def test_a_failure_cancels_what_is_under_way() -> None:
    cancelled = []

    async def work(item: int) -> int:
        if item == 0:
            raise KeyError(item)
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.append(item)
            raise
        return item

    async def run() -> None:
        async for _ in side_by_side(range(3), work, at_once=3):
            pass

    with pytest.raises(KeyError):
        asyncio.run(run())
    assert sorted(cancelled) == [1, 2]
