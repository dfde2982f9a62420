"""Blocks, their results, and the index over them, in one LMDB environment beside the state.

    block      height            the answer of RPC `block`, JSON
    result     height            the answer of RPC `block_results`, JSON
    commit     height            the commit that finalized it, JSON of RPC `commit`'s inner commit
    tx         hash              height ‖ index
    event      D ‖ height ‖ index   D = first 20 bytes of SHA-256("type.attribute" ‖ 0x00 ‖ value); transactions
    blockevent D ‖ height           the same for blocks

One transaction writes a whole block. It is durable before the state commits, so that a node that dies in between
finds the block and runs it again (`solo.Solo.start`).
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import lmdb

from panacea.light.blocks import Block
from panacea.light.headers import Commit
from panacea.light.rpc import read_block, read_commit

JSON = Any  # Any: JSON of our own writing
DATABASES = ("block", "result", "commit", "tx", "event", "blockevent")
FIRST_MAP_SIZE = 1 << 28


class Ledger:
    """The chain's history. Heights are positive; `height` is 0 while there is none."""

    def __init__(self, path: Path, *, map_size: int = FIRST_MAP_SIZE) -> None:
        """Open or make the environment at `path`."""
        path.mkdir(parents=True, exist_ok=True)
        self._env = lmdb.open(str(path), max_dbs=len(DATABASES), map_size=map_size, subdir=True)
        self._db = {name: self._env.open_db(name.encode()) for name in DATABASES}
        self.height = self._last_height()

    def close(self) -> None:
        """Release the environment."""
        self._env.close()

    def _last_height(self) -> int:
        with self._env.begin(db=self._db["block"]) as txn, txn.cursor() as cursor:
            return _number(cursor.key()) if cursor.last() else 0

    def save(self, height: int, block: JSON, result: JSON, commit: JSON, events: "Events") -> None:
        """Write one block with everything about it; durable when this returns."""
        pairs = [
            ("block", _key(height), json.dumps(block).encode()),
            ("result", _key(height), json.dumps(result).encode()),
            ("commit", _key(height), json.dumps(commit).encode()),
            *events.pairs(height),
        ]
        while True:
            try:
                with self._env.begin(write=True) as txn:
                    for name, key, value in pairs:
                        txn.put(key, value, db=self._db[name])
                break
            except lmdb.MapFullError:
                # The transaction was undone as a whole: with more room the same one is tried again.
                self._env.set_mapsize(self._env.info()["map_size"] * 2)
        self.height = max(self.height, height)

    def find(self, kind: str, height: int) -> JSON | None:
        """The `block`, `result` or `commit` of a height, as it is answered; None where there is none."""
        with self._env.begin(db=self._db[kind]) as txn:
            raw = txn.get(_key(height)) if height > 0 else None
        return None if raw is None else json.loads(raw)

    def get_block(self, height: int) -> Block:
        """The block of a height that is kept."""
        return read_block(self.find("block", height))[1]

    def get_commit(self, height: int) -> Commit:
        """The commit of a height that is kept."""
        return read_commit(self.find("commit", height))

    def find_tx(self, tx_hash: bytes) -> tuple[int, int] | None:
        """Height and index of a transaction."""
        with self._env.begin(db=self._db["tx"]) as txn:
            raw = txn.get(tx_hash)
        return None if raw is None else (_number(raw[:8]), int.from_bytes(raw[8:], "big"))

    def with_event(self, key: str, value: str) -> Iterator[tuple[int, int]]:
        """Height and index of each transaction with this attribute (`type.attribute`), oldest first."""
        for raw in self._matching("event", digest(key, value)):
            yield _number(raw[20:28]), int.from_bytes(raw[28:], "big")

    def blocks_with_event(self, key: str, value: str) -> Iterator[int]:
        """The height of each block with this attribute, oldest first."""
        for raw in self._matching("blockevent", digest(key, value)):
            yield _number(raw[20:28])

    def _matching(self, name: str, prefix: bytes) -> list[bytes]:
        found = []
        with self._env.begin(db=self._db[name]) as txn, txn.cursor() as cursor:
            if cursor.set_range(prefix):
                for key in cursor.iternext(keys=True, values=False):
                    if not key.startswith(prefix):
                        break
                    found.append(bytes(key))
        return found


class Events:
    """What a block adds to the index."""

    def __init__(self, hashes: list[bytes], of_txs: list[set[tuple[str, str]]], of_block: set[tuple[str, str]]) -> None:
        """Take each transaction's hash and (`type.attribute`, value) pairs, and the block's own pairs."""
        self._hashes, self._of_txs, self._of_block = hashes, of_txs, of_block

    def pairs(self, height: int) -> Iterator[tuple[str, bytes, bytes]]:
        """Database, key and value of each entry."""
        for index, tx_hash in enumerate(self._hashes):
            yield "tx", tx_hash, _key(height) + index.to_bytes(4, "big")
        for index, attributes in enumerate(self._of_txs):
            for key, value in sorted(attributes):
                yield "event", digest(key, value) + _key(height) + index.to_bytes(4, "big"), b""
        for key, value in sorted(self._of_block):
            yield "blockevent", digest(key, value) + _key(height), b""


def digest(key: str, value: str) -> bytes:
    """Where an attribute stands in the index: values have any length, keys of the database do not."""
    return hashlib.sha256(key.encode() + b"\x00" + value.encode()).digest()[:20]


def _key(height: int) -> bytes:
    return height.to_bytes(8, "big")


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, "big")
