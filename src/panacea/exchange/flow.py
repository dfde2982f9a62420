"""Several things at once, a bounded number of them, answered in their order."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


async def side_by_side(items: Iterable[T], work: Callable[[T], Awaitable[R]], *, at_once: int = 8) -> AsyncIterator[R]:
    """The results of `work` on each item, in the items' order, with at most `at_once` of them under way.

    Items are taken as room comes, so a generator may be long.
    What is under way when the caller stops is cancelled.
    """
    running: deque[asyncio.Task[R]] = deque()

    async def one(item: T) -> R:
        return await work(item)

    try:
        for item in items:
            running.append(asyncio.create_task(one(item)))
            if len(running) == at_once:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
