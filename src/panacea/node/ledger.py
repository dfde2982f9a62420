"""Blocks, their results, and the index over them, in one LMDB environment beside the state.

    block      height                 the answer of RPC `block`, JSON
    result     height                 the answer of RPC `block_results`, JSON
    commit     height                 the commit that finalized it, JSON of RPC `commit`'s inner commit
    hash       block hash             height
    filled     height                 how many transactions the block has; no entry for none
    tx         hash                   height ‖ index
    event      D ‖ height ‖ index     D = first 20 bytes of SHA-256("type.attribute" ‖ 0x00 ‖ value); transactions
    blockevent D ‖ height             the same for blocks

Heights take 8 bytes, indexes and counts 4. One transaction writes a whole block. It is durable before the state
commits, so that a node that dies in between finds the block and runs it again (`solo.Solo.start`).
"""

import hashlib
import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import lmdb

from panacea.light.blocks import Block
from panacea.light.headers import Commit
from panacea.light.rpc import read_block, read_commit

JSON = Any  # Any: JSON of our own writing
Kind = Literal["block", "result", "commit"]
Spot = tuple[int, int]
"""Where a transaction stands: height, and index in the block."""

DATABASES = ("block", "result", "commit", "hash", "filled", "tx", "event", "blockevent")
FIRST_MAP_SIZE = 1 << 28
PARSED = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """One block with everything about it: three answers of the RPC, and its hash."""

    height: int
    hash: bytes
    block: JSON
    result: JSON
    commit: JSON


@dataclass(frozen=True, slots=True)
class Events:
    """What a block adds to the index: its transactions' hashes, and (`type.attribute`, value) pairs."""

    hashes: list[bytes]
    of_txs: list[set[tuple[str, str]]]
    of_block: set[tuple[str, str]]

    def pairs(self, height: int) -> Iterator[tuple[str, bytes, bytes]]:
        """Database, key and value of each entry."""
        at = _key(height)
        if self.hashes:
            yield "filled", at, _index(len(self.hashes))
        for index, tx_hash in enumerate(self.hashes):
            yield "tx", tx_hash, at + _index(index)
        for index, attributes in enumerate(self.of_txs):
            for key, value in attributes:
                yield "event", digest(key, value) + at + _index(index), b""
        for key, value in self.of_block:
            yield "blockevent", digest(key, value) + at, b""


class Ledger:
    """The chain's history. Heights are positive; `first` and `height` are 0 while there is none."""

    def __init__(self, path: Path, *, map_size: int = FIRST_MAP_SIZE) -> None:
        """Open or make the environment at `path`; its map grows by itself."""
        path.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(path), max_dbs=len(DATABASES), map_size=map_size, subdir=True)
        self._db = {name: self._env.open_db(name.encode()) for name in DATABASES}
        self._parsed: OrderedDict[tuple[Kind, int], JSON] = OrderedDict()
        with self._env.begin(db=self._db["block"]) as txn, txn.cursor() as cursor:
            self.first = _number(cursor.key()) if cursor.first() else 0
            self.height = _number(cursor.key()) if cursor.last() else 0

    def close(self) -> None:
        """Release the environment."""
        self._env.close()

    def save(self, entry: Entry, events: Events) -> None:
        """Write the next block; durable when this returns."""
        at = _key(entry.height)
        pairs = sorted(
            [
                ("block", at, _json(entry.block)),
                ("result", at, _json(entry.result)),
                ("commit", at, _json(entry.commit)),
                ("hash", entry.hash, at),
                *events.pairs(entry.height),
            ]
        )
        while True:
            try:
                with self._env.begin(write=True) as txn:
                    for name, key, value in pairs:
                        txn.put(key, value, db=self._db[name])
                break
            except lmdb.MapFullError:
                # The transaction was undone as a whole: with more room the same one is tried again.
                self._env.set_mapsize(self._env.info()["map_size"] * 2)
        self.first, self.height = self.first or entry.height, entry.height
        self._remember("block", entry.height, entry.block)
        self._remember("result", entry.height, entry.result)
        self._remember("commit", entry.height, entry.commit)

    def find_raw(self, kind: Kind, height: int) -> bytes | None:
        """The bytes of an answer about a height; None where there is none."""
        with self._env.begin(db=self._db[kind]) as txn:
            return txn.get(_key(height)) if height > 0 else None

    def get(self, kind: Kind, height: int) -> JSON:
        """An answer about a height that is kept. It is shared: nobody may change it. Raises LookupError."""
        try:
            return self._parsed[kind, height]
        except KeyError:
            raw = self.find_raw(kind, height)
        if raw is None:
            raise LookupError(f"no {kind} of height {height}")
        return self._remember(kind, height, json.loads(raw))

    def _remember(self, kind: Kind, height: int, answer: JSON) -> JSON:
        self._parsed[kind, height] = answer
        if len(self._parsed) > PARSED:
            self._parsed.popitem(last=False)
        return answer

    def get_block(self, height: int) -> Block:
        """The block of a height that is kept. Raises LookupError."""
        return read_block(self.get("block", height))[1]

    def get_commit(self, height: int) -> Commit:
        """The commit of a height that is kept. Raises LookupError."""
        return read_commit(self.get("commit", height))

    def find_height(self, block_hash: bytes) -> int | None:
        """The height of the block of this hash."""
        with self._env.begin(db=self._db["hash"]) as txn:
            raw = txn.get(block_hash) if block_hash else None
        return None if raw is None else _number(raw)

    def find_tx(self, tx_hash: bytes) -> Spot | None:
        """Height and index of a transaction."""
        with self._env.begin(db=self._db["tx"]) as txn:
            raw = txn.get(tx_hash) if 0 < len(tx_hash) <= 32 else None
        return None if raw is None else (_number(raw[:8]), _number(raw[8:]))

    def txs(self, low: int, high: int) -> Iterator[Spot]:
        """Height and index of each transaction between two heights, both included, oldest first."""
        for key, value in self._range("filled", _key(low), _key(high + 1)):
            height = _number(key)
            yield from ((height, index) for index in range(_number(value)))

    def txs_with_event(self, key: str, value: str, low: int, high: int) -> list[Spot]:
        """Height and index of each transaction with this attribute (`type.attribute`) between two heights."""
        found = self._with("event", digest(key, value), low, high)
        return [(_number(raw[20:28]), _number(raw[28:])) for raw in found]

    def blocks_with_event(self, key: str, value: str, low: int, high: int) -> list[int]:
        """The height of each block with this attribute between two heights."""
        return [_number(raw[20:28]) for raw in self._with("blockevent", digest(key, value), low, high)]

    def _with(self, name: str, prefix: bytes, low: int, high: int) -> list[bytes]:
        return [key for key, _ in self._range(name, prefix + _key(low), prefix + _key(max(high, 0) + 1))]

    def _range(self, name: str, start: bytes, end: bytes) -> list[tuple[bytes, bytes]]:
        found = []
        with self._env.begin(db=self._db[name]) as txn, txn.cursor() as cursor:
            if cursor.set_range(start):
                for key, value in cursor:
                    if key >= end:
                        break
                    found.append((bytes(key), bytes(value)))
        return found


def digest(key: str, value: str) -> bytes:
    """Where an attribute stands in the index: values have any length, keys of the database do not."""
    return hashlib.sha256(key.encode() + b"\x00" + value.encode()).digest()[:20]


def _json(answer: JSON) -> bytes:
    return json.dumps(answer, separators=(",", ":")).encode()


def _key(height: int) -> bytes:
    return min(height, (1 << 64) - 1).to_bytes(8, "big")


def _index(number: int) -> bytes:
    return number.to_bytes(4, "big")


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
