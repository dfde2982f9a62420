"""Coins as messages carry them, and as the chain computes with them: the one place where they cross."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from panacea.primitives.coin import Coin, Coins, InvalidCoins
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin as CoinMessage
else:
    (CoinMessage,) = load("cosmos.base.v1beta1", "Coin")


def read_coin(message: CoinMessage) -> Coin:
    """The coin of a message; zero is allowed. Raises InvalidCoins."""
    return Coin.from_wire(message.denom, message.amount)


def read_coins(messages: Iterable[CoinMessage]) -> Coins:
    """The coins of a message: ascending, without duplicates, positive; none is allowed. Raises InvalidCoins."""
    return Coins.strict(map(read_coin, messages))


def read_some_coins(messages: Iterable[CoinMessage]) -> Coins:
    """As `read_coins`, and at least one. Raises InvalidCoins."""
    coins = read_coins(messages)
    if not coins:
        raise InvalidCoins("no coins")
    return coins


def write_coin(coin: Coin) -> CoinMessage:
    """The coin as a message."""
    return CoinMessage(denom=coin.denom, amount=str(coin.amount))


def write_coins(coins: Coins) -> list[CoinMessage]:
    """The coins as messages, by denomination."""
    return list(map(write_coin, coins))
