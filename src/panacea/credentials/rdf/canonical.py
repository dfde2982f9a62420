"""RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation of 2024-05-21), under a budget of work.

The algorithm is exponential on graphs made to be so; the specification asks implementations to defend themselves. Work
is counted in the steps of Hash N-Degree Quads, and a dataset that needs more than its budget is refused.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Literal

from panacea.credentials.rdf.types import PoisonGraph, Quad

Algorithm = Literal["sha256", "sha384"]
_MAX_DEPTH = 150
_MAX_BUDGET = 50_000


@dataclass(frozen=True, slots=True)
class Canonical:
    """A dataset in canonical form: sorted `lines`, and `labels` from each input label to its `c14nN`, without `_:`."""

    lines: tuple[str, ...]
    labels: Mapping[str, str]

    @property
    def text(self) -> str:
        """The canonical N-Quads document."""
        return "".join(self.lines)


def canonicalize(quads: Iterable[Quad], *, algorithm: Algorithm = "sha256", budget: int | None = None) -> Canonical:
    """The canonical form of a dataset, in at most `budget` steps.

    The default is 4,000 steps and 60 more for each blank node, but never over 50,000, which is about 0.4 s; the worst
    dataset of the W3C suite needs 3,348. Raises PoisonGraph where the budget does not suffice.
    """
    distinct = list(dict.fromkeys(quads))
    labels = _Labelling(distinct, algorithm, budget).labels()
    return Canonical(relabelled(distinct, labels), _bare(labels))


def canonical_labels(quads: Iterable[Quad], *, algorithm: Algorithm = "sha256") -> Mapping[str, str]:
    """The labels alone of `canonicalize`, where the lines are written under others anyway; raises PoisonGraph."""
    return _bare(_Labelling(list(dict.fromkeys(quads)), algorithm, None).labels())


def relabelled(quads: Iterable[Quad], labels: Mapping[str, str]) -> tuple[str, ...]:
    """The sorted lines of quads after their blank nodes (with `_:`) were renamed."""
    find = labels.get
    lines = [
        f"{find(s, s)} {p} {find(o, o)} {find(g, g)} .\n" if g else f"{find(s, s)} {p} {find(o, o)} .\n"
        for s, p, o, g in quads
    ]
    lines.sort()
    return tuple(lines)


def _bare(labels: Mapping[str, str]) -> dict[str, str]:
    return {old[2:]: new[2:] for old, new in labels.items()}


class _Issuer:
    """Gives out labels in order (RDFC-1.0 §4.6)."""

    __slots__ = ("issued", "prefix")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = issued or {}

    def issue(self, node: str) -> str:
        label = self.issued.get(node)
        if label is None:
            label = self.issued[node] = f"{self.prefix}{len(self.issued)}"
        return label

    def copy(self) -> "_Issuer":
        return _Issuer(self.prefix, self.issued.copy())


class _Labelling:
    """The state of one canonicalisation (RDFC-1.0 §4.4)."""

    def __init__(self, quads: list[Quad], algorithm: Algorithm, budget: int | None) -> None:
        self.mentions = _mentions(quads)
        self.canonical = _Issuer("_:c14n")
        self.hashed: Callable[[bytes], hashlib._Hash] = getattr(hashlib, algorithm)
        self.budget = min(4000 + 60 * len(self.mentions), _MAX_BUDGET) if budget is None else budget
        self.left = self.budget
        self.first: dict[str, str] = {}

    def labels(self) -> dict[str, str]:
        """Input label to canonical label, both with `_:`."""
        by_hash: dict[str, list[str]] = {}
        for node, quads in self.mentions.items():
            digest = self.first[node] = self._hash(_first_degree(node, quads))
            by_hash.setdefault(digest, []).append(node)
        shared = []
        for _, nodes in sorted(by_hash.items()):
            if len(nodes) == 1:
                self.canonical.issue(nodes[0])
            else:
                shared.append(nodes)
        for nodes in shared:
            self._label_alike(nodes)
        return self.canonical.issued

    def _label_alike(self, nodes: list[str]) -> None:
        found = []
        for node in nodes:
            if node not in self.canonical.issued:
                issuer = _Issuer("_:b")
                issuer.issue(node)
                found.append(self._n_degree(node, issuer, 0))
        for _, issuer in sorted(found, key=lambda pair: pair[0]):
            for node in issuer.issued:
                self.canonical.issue(node)

    def _n_degree(self, node: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Hash N-Degree Quads, §4.8: the digest and the labels given on the way."""
        self._spend(depth, 1 + len(self.mentions[node]) // 8)
        chosen: list[str] = []
        for digest, group in sorted(self._related(node, issuer).items()):
            path, issuer = self._best_path(group, issuer, depth)
            chosen += (digest, path)
        return self._hash("".join(chosen)), issuer

    def _best_path(self, group: list[str], issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        if len(group) == 1:  # one order: nothing to compare, nothing to take back
            self._spend(depth, 1)
            return self._path((group[0],), issuer, "", depth) or ("", issuer)
        best: tuple[str, _Issuer] | None = None
        price = 1 + (len(group) + len(issuer.issued)) // 16
        for order in permutations(group):
            self._spend(depth, price)
            found = self._path(order, issuer.copy(), best[0] if best else "", depth)
            if found and (best is None or found[0] < best[0]):
                best = found
        assert best is not None  # the first order is never abandoned
        return best

    def _path(self, order: tuple[str, ...], issuer: _Issuer, best: str, depth: int) -> tuple[str, _Issuer] | None:
        """The path of one order of related nodes, or None once it is longer and greater than the best."""
        path = ""
        waiting: list[str] = []
        for node in order:
            label = self.canonical.issued.get(node)
            if label is None:
                if node not in issuer.issued:
                    waiting.append(node)
                label = issuer.issue(node)
            path += label
            if best and len(path) >= len(best) and path > best:
                return None
        for node in waiting:
            digest, deeper = self._n_degree(node, issuer, depth + 1)
            path += f"{issuer.issue(node)}<{digest}>"
            issuer = deeper
            if best and len(path) >= len(best) and path > best:
                return None
        return path, issuer

    def _related(self, node: str, issuer: _Issuer) -> dict[str, list[str]]:
        """The other blank nodes of this node's quads, by Hash Related Blank Node (§4.7)."""
        found: dict[str, list[str]] = {}
        for s, p, o, g in self.mentions[node]:
            for other, place in ((s, "s" + p), (o, "o" + p), (g, "g")):
                if other[:2] == "_:" and other != node:
                    label = self.canonical.issued.get(other) or issuer.issued.get(other) or self.first[other]
                    found.setdefault(self._hash(place + label), []).append(other)
        return found

    def _hash(self, text: str) -> str:
        return self.hashed(text.encode()).hexdigest()

    def _spend(self, depth: int, steps: int) -> None:
        self.left -= steps
        if self.left < 0 or depth > _MAX_DEPTH:
            raise PoisonGraph(blank_nodes=len(self.mentions), budget=self.budget)


def _mentions(quads: list[Quad]) -> dict[str, list[Quad]]:
    """Each blank node with the quads that mention it."""
    found: dict[str, list[Quad]] = {}
    for quad in quads:
        s, _, o, g = quad
        if s[:2] == "_:":
            found.setdefault(s, []).append(quad)
        if o[:2] == "_:" and o != s:
            found.setdefault(o, []).append(quad)
        if g[:2] == "_:" and g not in (s, o):
            found.setdefault(g, []).append(quad)
    return found


def _first_degree(node: str, quads: list[Quad]) -> str:
    """The input of Hash First Degree Quads, §4.6.3: the node reads `_:a`, every other blank node `_:z`."""
    lines = []
    for s, p, o, g in quads:
        source = s if s[:2] != "_:" else "_:a" if s == node else "_:z"
        target = o if o[:2] != "_:" else "_:a" if o == node else "_:z"
        graph = "" if not g else f" {g}" if g[:2] != "_:" else " _:a" if g == node else " _:z"
        lines.append(f"{source} {p} {target}{graph} .\n")
    lines.sort()
    return "".join(lines)
