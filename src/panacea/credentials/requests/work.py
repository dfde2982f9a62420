"""What one call may cost: a budget of steps, spent wherever a stranger chooses how long something takes."""

from typing import Final

from panacea.credentials.requests.types import TooMuchWork

WORK: Final = 150_000
"""Steps of one call: a JSON value looked at by a path, or held against one keyword of a filter; half a character for
each pattern. Spending them takes a fifth of a second on one core of 2026."""

PER_ENTRY: Final = 250
"""Steps more for each entry of a wallet, so that large wallets can be searched: 1,000 more than double the work."""


def allowance(entries: int) -> int:
    """The steps for a wallet of so many entries."""
    return WORK + PER_ENTRY * entries


class Budget:
    """Steps that are left."""

    __slots__ = ("left",)

    def __init__(self, work: int = WORK) -> None:
        self.left = work

    def spend(self, steps: int = 1) -> None:
        """Take some; TooMuchWork when there are not enough."""
        self.left -= steps
        if self.left < 0:
            raise TooMuchWork
