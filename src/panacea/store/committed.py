"""The state as it was committed: read, iterated and proven at any height that is kept, from any process."""

from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Self

from panacea.light.ics23 import IAVL_OP, SIMPLE_OP
from panacea.light.proofs import ProofOp, encode_proof
from panacea.store.database import Database, Snapshot, Version
from panacea.store.proofs import prove, prove_store
from panacea.store.rejections import HeightUnavailable, UnknownStore
from panacea.store.tree import EMPTY_ROOT, Tree

CHUNK = 256
CACHED_VALUES = 20_000
CACHED_VALUE_BYTES = 1024


class CommittedKV:
    """One store at one height; a KV that refuses to be written to.

    Latest values come from the flat table, older ones from the tree. Small values that were read are remembered, for
    nothing committed changes.
    """

    def __init__(self, database: Database, store: str, height: int) -> None:
        self._database = database
        self._store = store
        self._height = height
        self._seen: dict[bytes, bytes | None] = {}

    def get(self, key: bytes) -> bytes | None:
        """The value under `key`, or None."""
        try:
            return self._seen[key]
        except KeyError:
            value = self._find(key)
        if value is None or len(value) <= CACHED_VALUE_BYTES:
            if len(self._seen) >= CACHED_VALUES:
                self._seen.clear()
            self._seen[key] = value
        return value

    def has(self, key: bytes) -> bool:
        """Whether a value stands under `key`."""
        return self.get(key) is not None

    def set(self, key: bytes, value: bytes) -> None:  # noqa: ARG002 (the protocol names them)
        """Refused with TypeError."""
        raise TypeError("a committed state cannot be written to: take a branch of it")

    def delete(self, key: bytes) -> None:  # noqa: ARG002 (the protocol names it)
        """Refused with TypeError."""
        raise TypeError("a committed state cannot be written to: take a branch of it")

    def iterate(self, start: bytes, end: bytes | None, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """The pairs with start <= key < end in byte order, in reverse from the end; no transaction stays open."""
        limit = 8
        while end is None or start < end:
            pairs = self._pairs(start, end, reverse=reverse, limit=limit)
            yield from pairs
            if len(pairs) < limit:
                return
            if reverse:
                end = pairs[-1][0]
            else:
                start = pairs[-1][0] + b"\x00"
            limit = CHUNK

    def _find(self, key: bytes) -> bytes | None:
        with self._database.read() as snapshot:
            if snapshot.latest() == self._height:
                return snapshot.find_value(self._store, key)
            return open_tree(snapshot, self._store, self._height).get(key)

    def _pairs(self, start: bytes, end: bytes | None, *, reverse: bool, limit: int) -> list[tuple[bytes, bytes]]:
        with self._database.read() as snapshot:
            if snapshot.latest() == self._height:
                return snapshot.pairs(self._store, start, end, reverse=reverse, limit=limit)
            tree = open_tree(snapshot, self._store, self._height)
            return list(islice(tree.iterate(start, end, reverse=reverse), limit))


class ReadView:
    """All stores at one height. It stays true while later blocks are committed, until its height is pruned."""

    def __init__(self, database: Database, version: Version) -> None:
        self._database = database
        self.version = version
        self._stores: dict[str, CommittedKV] = {}

    @property
    def height(self) -> int:
        """The height; 0 before the first commit."""
        return self.version.height

    def kv(self, store: str) -> CommittedKV:
        """The store of that name; raises UnknownStore."""
        found = self._stores.get(store)
        if found is None:
            if store not in self.version.roots:
                raise UnknownStore(store)
            found = self._stores[store] = CommittedKV(self._database, store, self.height)
        return found


class CommittedState:
    """The committed state behind a file. Opened for reading only, it follows what another process commits."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open_readonly(cls, path: Path) -> "CommittedState":
        """The state in a folder that a MultiStore made."""
        return CommittedState(Database(path, readonly=True))

    @property
    def height(self) -> int:
        """The last committed height; 0 before the first."""
        with self._database.read() as snapshot:
            return snapshot.latest()

    @property
    def app_hash(self) -> bytes:
        """The app hash of the last committed height; the hash of nothing before the first."""
        with self._database.read() as snapshot:
            latest = snapshot.find_version(snapshot.latest())
        return EMPTY_ROOT if latest is None else latest.app_hash

    def at(self, height: int) -> ReadView:
        """The state after block `height`; raises HeightUnavailable when it is pruned or still to come."""
        with self._database.read() as snapshot:
            return ReadView(self._database, get_version(snapshot, height))

    def prove(self, store: str, key: bytes, height: int) -> list[ProofOp]:
        """The two proof steps of a key, present or absent, against the app hash of `height`.

        An empty store has the second step only, which shows that it is empty. Raises HeightUnavailable, UnknownStore.
        """
        with self._database.read() as snapshot:
            roots = get_version(snapshot, height).root_hashes()
            proof = prove(open_tree(snapshot, store, height), key)
        in_tree = [] if proof is None else [ProofOp(IAVL_OP, key, encode_proof(proof))]
        return [*in_tree, ProofOp(SIMPLE_OP, store.encode(), encode_proof(prove_store(roots, store)))]

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def get_version(snapshot: Snapshot, height: int) -> Version:
    """What was committed at a height, or HeightUnavailable."""
    version = snapshot.find_version(height)
    if version is None:
        raise HeightUnavailable(height)
    return version


def open_tree(snapshot: Snapshot, store: str, height: int) -> Tree:
    """The tree of a store at a height, to be read while the snapshot lasts."""
    roots = get_version(snapshot, height).roots
    if store not in roots:
        raise UnknownStore(store)
    return Tree(roots[store], version=height, source=partial(snapshot.node, store))
