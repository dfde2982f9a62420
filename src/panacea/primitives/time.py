"""Time and chance, injected: nobody below the outermost process reads a clock or a random source by itself."""

import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """A source of the present."""

    def now_ns(self) -> int:
        """Nanoseconds since 1970-01-01T00:00:00Z."""
        ...


class Random(Protocol):
    """A source of unpredictable bytes."""

    def token(self, size: int) -> bytes:
        """`size` bytes, fit for keys."""
        ...


def now_seconds(clock: Clock) -> int:
    """The unix seconds that a clock shows."""
    return clock.now_ns() // 1_000_000_000


class SystemClock:
    """The machine's clock."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, as the operating system tells."""
        return time.time_ns()


class SystemRandom:
    """The machine's cryptographic random source."""

    def token(self, size: int) -> bytes:
        """`size` bytes of the operating system's generator."""
        return secrets.token_bytes(size)
