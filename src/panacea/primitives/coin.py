"""Coins: an amount of a denomination, and sorted lists of them (spec/sdk/README.md, "Numbers")."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panacea.primitives.numbers import InvalidNumber, Overflow, parse_int, require_int
from panacea.primitives.rejected import Rejected

_DENOM = re.compile(r"[a-zA-Z][a-zA-Z0-9/:._-]{2,127}")
_COIN = re.compile(r"([0-9]{1,78})\s*([a-zA-Z][a-zA-Z0-9/:._-]{2,127})")

BASE_DENOM = "umed"


class InvalidCoins(Rejected, codespace="sdk", code=10, text="invalid coins"):
    """A coin or a list of coins is not well formed."""


class InsufficientFunds(Rejected, codespace="sdk", code=5, text="insufficient funds"):
    """An account, a limit or an escrow does not hold what was asked of it."""


def require_denom(denom: str) -> str:
    """`denom`, if it is a denomination.

    Raises:
        InvalidCoins: it is not.
    """
    if not _DENOM.fullmatch(denom):
        raise InvalidCoins("invalid denom", denom=denom)
    return denom


@dataclass(frozen=True, slots=True, order=True)
class Coin:
    """An amount of one denomination; amounts may be zero, never negative."""

    denom: str
    amount: int

    @classmethod
    def parse(cls, text: str) -> "Coin":
        """A coin from text such as `5umed`.

        Raises:
            InvalidCoins: not such a text.
        """
        found = _COIN.fullmatch(text.strip())
        if found is None:
            raise InvalidCoins("expected an amount and a denomination, such as 5umed", value=text)
        return cls(found[2], require_int(int(found[1])))

    @classmethod
    def from_wire(cls, denom: str, amount: str) -> "Coin":
        """A coin from the two texts of `cosmos.base.v1beta1.Coin`; zero is allowed here.

        Raises:
            InvalidCoins: the denomination or the amount is not valid, or negative.
        """
        try:
            value = parse_int(amount)
        except InvalidNumber as no:
            raise InvalidCoins("invalid amount", denom=denom, amount=amount) from no
        if value < 0:
            raise InvalidCoins("negative amount", denom=denom, amount=amount)
        return cls(require_denom(denom), value)

    def __str__(self) -> str:
        return f"{self.amount}{self.denom}"


class Coins:
    """A sorted list of positive coins, one a denomination. The empty list is valid."""

    __slots__ = ("_amounts",)

    def __init__(self, coins: Iterable[Coin] = ()) -> None:
        """Add up `coins`; zero amounts vanish."""
        amounts: dict[str, int] = {}
        for coin in coins:
            amounts[coin.denom] = amounts.get(coin.denom, 0) + coin.amount
        self._amounts = {denom: _bounded(amounts[denom]) for denom in sorted(amounts) if amounts[denom]}

    @classmethod
    def of(cls, amount: int, denom: str = BASE_DENOM) -> "Coins":
        """One coin."""
        return cls((Coin(denom, amount),))

    @classmethod
    def parse(cls, text: str) -> "Coins":
        """Coins from text such as `12uatom,5umed`; empty text is no coins.

        Raises:
            InvalidCoins: not such a text, or not sorted and positive.
        """
        return cls.strict(Coin.parse(part) for part in text.split(",")) if text.strip() else cls()

    @classmethod
    def strict(cls, coins: Iterable[Coin]) -> "Coins":
        """Coins from a message, which must come ascending, without duplicates and positive.

        Raises:
            InvalidCoins: they do not.
        """
        listed = list(coins)
        denoms = [coin.denom for coin in listed]
        if denoms != sorted(set(denoms)) or any(coin.amount <= 0 for coin in listed):
            raise InvalidCoins(coins=",".join(map(str, listed)))
        return cls(listed)

    def __iter__(self) -> Iterator[Coin]:
        return (Coin(denom, amount) for denom, amount in self._amounts.items())

    def __len__(self) -> int:
        return len(self._amounts)

    def __bool__(self) -> bool:
        return bool(self._amounts)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Coins) and self._amounts == other._amounts

    def __hash__(self) -> int:
        return hash(tuple(self._amounts.items()))

    def __str__(self) -> str:
        return ",".join(map(str, self))

    def __repr__(self) -> str:
        return f"Coins({self})"

    def amount_of(self, denom: str) -> int:
        """The amount of one denomination, 0 where there is none."""
        return self._amounts.get(denom, 0)

    def __add__(self, other: "Coins") -> "Coins":
        return Coins([*self, *other])

    def __sub__(self, other: "Coins") -> "Coins":
        """The difference.

        Raises:
            InsufficientFunds: it would be negative in some denomination.
        """
        for coin in other:
            if self.amount_of(coin.denom) < coin.amount:
                raise InsufficientFunds(f"{self.amount_of(coin.denom)}{coin.denom} is smaller than {coin}")
        return Coins([*self, *(Coin(coin.denom, -coin.amount) for coin in other)])

    def covers(self, other: "Coins") -> bool:
        """Whether each coin of `other` is here in full."""
        return all(self.amount_of(coin.denom) >= coin.amount for coin in other)


def _bounded(amount: int) -> int:
    if amount.bit_length() > 256:
        raise Overflow("Int overflow")
    return amount
