"""Values by secret names, each until its time is over, and only so many at once: what a service has open."""

from collections import OrderedDict
from typing import Final, Generic, TypeVar

from panacea.primitives.time import Clock, now_seconds

MAX_OPEN: Final = 100_000
"""Values that are open at once; the oldest give way."""

T = TypeVar("T")


class Expiring(Generic[T]):
    """Values in memory, for `seconds` each. Whoever shares it between threads holds a lock around its calls."""

    def __init__(self, clock: Clock, seconds: int) -> None:
        """Keep each value for so many seconds of that clock."""
        self._clock, self._seconds = clock, seconds
        self._kept: OrderedDict[str, tuple[int, T]] = OrderedDict()

    def put(self, name: str, value: T) -> None:
        """Keep a value under a name, from now on."""
        self._kept[name] = (self._now() + self._seconds, value)
        while len(self._kept) > MAX_OPEN:
            self._kept.popitem(last=False)

    def find(self, name: str) -> T | None:
        """The value of that name, None where there is none or its time is over."""
        until, value = self._kept.get(name, (0, None))
        return value if self._now() < until else None

    def take(self, name: str) -> T | None:
        """The value of that name, which is gone afterwards."""
        found = self.find(name)
        self._kept.pop(name, None)
        return found

    def _now(self) -> int:
        return now_seconds(self._clock)
