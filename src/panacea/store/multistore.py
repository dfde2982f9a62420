"""The state of the chain: one IAVL tree a module, and a hash over all of them, as the Cosmos SDK has it.

A block goes through in two steps, for the app hash is due before the commit::

    branch = state.branch()
    ...
    app_hash = state.prepare(branch)      # may be repeated, with this or another branch
    state.commit()                        # durable when it returns
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from panacea.store.branch import Branch
from panacea.store.committed import CommittedState, ReadView
from panacea.store.database import MAX_STORE_NAME, Change, Database, Version
from panacea.store.nodes import Link, Node, Reference, trim
from panacea.store.proofs import app_hash
from panacea.store.rejections import UnknownStore
from panacea.store.tree import EMPTY_ROOT, Tree

# Beyond this many nodes in memory only the upper levels of each tree stay there.
HELD_NODES = 400_000
HELD_LEVELS = 12


@dataclass(frozen=True, slots=True)
class _Prepared:
    version: Version
    changes: dict[str, Change]


class MultiStore(CommittedState):
    """The one writer of a state; everything it says about committed heights any reader may say as well.

    Calls come from one thread. `keep` is how many versions stay readable, None for all of them.
    """

    def __init__(self, database: Database, stores: Iterable[str], keep: int | None = None) -> None:
        super().__init__(database)
        names = sorted(stores)
        if len(set(names)) != len(names) or not all(0 < len(name) <= MAX_STORE_NAME for name in names):
            raise ValueError("store names must differ and have 1 to 31 characters")
        if not all(name.isascii() and name.isprintable() for name in names):
            raise ValueError("store names must be printable ASCII")
        if keep is not None and keep < 1:
            raise ValueError("at least the latest version is kept")
        with database.read() as snapshot:
            latest = snapshot.find_version(snapshot.latest())
        roots: dict[str, Link | None] = dict.fromkeys(names)
        for name, root in latest.roots.items() if latest else ():
            if name not in roots:
                raise UnknownStore(name)
            roots[name] = root
        self._keep = keep
        self._latest = replace(latest, roots=roots) if latest else Version(0, EMPTY_ROOT, roots)
        self._prepared: _Prepared | None = None
        self._held = 0

    @classmethod
    def open(cls, path: Path, stores: Iterable[str], *, keep: int | None = None) -> "MultiStore":
        """The state in a folder, made if it is absent. A store that is new begins empty at the next height."""
        database = Database(path)
        try:
            return cls(database, stores, keep)
        except BaseException:
            database.close()
            raise

    @classmethod
    def memory(cls, stores: Iterable[str], *, keep: int | None = None) -> "MultiStore":
        """A state for tests: the same code over a temporary file, not synced, that goes away with its last user."""
        return cls(Database.temporary(), stores, keep)

    @property
    def height(self) -> int:
        """The last committed height; 0 before the first."""
        return self._latest.height

    @property
    def app_hash(self) -> bytes:
        """The app hash of the last committed height; the hash of nothing before the first."""
        return self._latest.app_hash

    def branch(self) -> Branch:
        """A branch of the last committed state."""
        return Branch(ReadView(self._database, self._latest))

    def prepare(self, branch: Branch, height: int | None = None) -> bytes:
        """Apply a branch to the trees and return the app hash that `commit` will make durable.

        `branch` is a branch of the last committed state and is left as it is. The first height of a chain may be
        any, every other is the next. Preparing again replaces what was prepared.
        """
        height = self.height + 1 if height is None else height
        if height < 1 or (self.height and height != self.height + 1):
            raise ValueError(f"height {height} does not follow {self.height}")
        if not isinstance(branch.parent, ReadView) or branch.parent.height != self.height:
            raise ValueError("not a branch of the last committed state")
        roots: dict[str, Link | None] = {}
        changes: dict[str, Change] = {}
        for store, root in self._latest.roots.items():
            writes = branch.writes(store)
            tree = Tree(root, version=height, source=partial(self._load, store))
            for key, value in writes:
                if value is None:
                    tree.remove(key)
                else:
                    tree.set(key, value)
            changes[store] = Change(tree.seal(), tree.orphans, writes)
            roots[store] = tree.root
        version = Version(height, b"", roots)
        version = replace(version, app_hash=app_hash(version.root_hashes()))
        self._prepared = _Prepared(version, changes)
        return version.app_hash

    def commit(self, note: bytes = b"") -> int:
        """Make what was prepared durable and return its height.

        `note` is kept beside the root, outside the hash, for the application: `at(height).version.note`.
        """
        if self._prepared is None:
            raise RuntimeError("nothing was prepared")
        version = replace(self._prepared.version, note=note)
        self._database.commit(version, self._prepared.changes, self._keep)
        self._held += sum(len(change.fresh) for change in self._prepared.changes.values())
        self._latest, self._prepared = version, None
        if self._held > HELD_NODES:
            roots = {name: root if root is None else trim(root, HELD_LEVELS) for name, root in version.roots.items()}
            self._latest, self._held = replace(version, roots=roots), 0
        return version.height

    def _load(self, store: str, reference: Reference) -> Node:
        self._held += 1
        with self._database.read() as snapshot:
            return snapshot.node(store, reference)
