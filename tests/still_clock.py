"""A clock that stands still until a test sets it."""

from dataclasses import dataclass

NOW = 1_767_225_600
"""2026-01-01T00:00:00Z."""


@dataclass
class At:
    """A clock that shows `seconds`."""

    seconds: int = NOW

    def now_ns(self) -> int:
        """Nanoseconds since the epoch."""
        return self.seconds * 1_000_000_000
