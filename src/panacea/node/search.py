"""Finding transactions and blocks by their events.

Equality with a text is answered by the index alone, however long the chain is. What else a query asks is checked on
what the index found; a query without such an equality is checked on everything between the heights that it names, as
long as that is not too much.
"""

import hashlib
from base64 import b64decode
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from panacea.node.conditions import Condition, Query
from panacea.node.ledger import Ledger, Spot
from panacea.node.parameters import JSON, RPCRefused

MAX_EXAMINED = 10_000

Pairs = list[tuple[str, str]]
T = TypeVar("T")


class TooBroad(RPCRefused, code=7):
    """A query would have to look at too much."""


def find_txs(ledger: Ledger, query: Query) -> Sequence[Spot]:
    """Height and index of each transaction that matches, oldest first.

    Raises:
        TooBroad: it takes looking at more than `MAX_EXAMINED` transactions.
    """
    low, high, others = _between(ledger, query, "tx.height")
    equal, rest = _split(others)
    listings = [_txs_with(ledger, condition, low, high) for condition in equal]
    spots = sorted(set.intersection(*map(set, listings))) if listings else ledger.txs(low, high)
    if not rest.conditions:
        return list(spots)
    return [spot for spot in _bounded(spots) if rest.matches(_tx_pairs(ledger, spot))]


def find_blocks(ledger: Ledger, query: Query) -> Sequence[int]:
    """The height of each block whose own events match, oldest first. Raises TooBroad."""
    low, high, others = _between(ledger, query, "block.height")
    equal, rest = _split(others)
    listings = [ledger.blocks_with_event(c.key, str(c.operand), low, high) for c in equal]
    heights = sorted(set.intersection(*map(set, listings))) if listings else range(low, high + 1)
    if not rest.conditions:
        return heights
    return [height for height in _bounded(heights) if rest.matches(_block_pairs(ledger, height))]


def _between(ledger: Ledger, query: Query, key: str) -> tuple[int, int, list[Condition]]:
    """The lowest and the highest height that a query's conditions on `key` allow, and its other conditions."""
    low, high, others = ledger.first, ledger.height, []
    for condition in query.conditions:
        whole = int(str(condition.operand)) if str(condition.operand).isdecimal() else None
        if condition.key != key or condition.operator in ("EXISTS", "CONTAINS") or whole is None:
            others.append(condition)
            continue
        if condition.operator in ("=", ">=", ">"):
            low = max(low, whole + (condition.operator == ">"))
        if condition.operator in ("=", "<=", "<"):
            high = min(high, whole - (condition.operator == "<"))
    return low, high, others


def _split(conditions: list[Condition]) -> tuple[list[Condition], Query]:
    """What the index answers, and what is left."""
    equal = [condition for condition in conditions if condition.operator == "=" and isinstance(condition.operand, str)]
    return equal, Query(tuple(condition for condition in conditions if condition not in equal))


def _txs_with(ledger: Ledger, condition: Condition, low: int, high: int) -> list[Spot]:
    value = str(condition.operand)
    if condition.key != "tx.hash":
        return ledger.txs_with_event(condition.key, value, low, high)
    try:
        spot = ledger.find_tx(bytes.fromhex(value))
    except ValueError:
        return []
    return [spot] if spot is not None and low <= spot[0] <= high else []


def _bounded(found: Iterable[T]) -> Iterator[T]:
    for number, each in enumerate(found):
        if number == MAX_EXAMINED:
            raise TooBroad(
                f"more than {MAX_EXAMINED} to look at: ask for an attribute by its value, or for fewer heights"
            )
        yield each


def _tx_pairs(ledger: Ledger, spot: Spot) -> Pairs:
    height, index = spot
    raw = b64decode(ledger.get("block", height)["block"]["data"]["txs"][index])
    events = ledger.get("result", height)["txs_results"][index]["events"]
    own = [("tx.height", str(height)), ("tx.hash", hashlib.sha256(raw).hexdigest().upper())]
    return [*_pairs(events), *own]


def _block_pairs(ledger: Ledger, height: int) -> Pairs:
    return [*_pairs(ledger.get("result", height)["finalize_block_events"] or []), ("block.height", str(height))]


def _pairs(events: JSON) -> Pairs:
    return [(f"{event['type']}.{item['key']}", item["value"]) for event in events for item in event["attributes"]]
