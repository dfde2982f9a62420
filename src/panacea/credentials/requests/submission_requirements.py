"""Submission requirements: which sets of input descriptors satisfy them, and whether a given set does.

`ways` lists sets lazily and in a fixed order, smallest first within a requirement; `find_unmet` judges one set by the
algorithm of the specification, with exact counts, as a verifier does. Each listed set passes it. The number of sets
can be exponential, so callers take as many as they want; where groups overlap a search may run into the budget.
`pick` without count, min or max asks for at least one; with max alone also none will do.
"""

import itertools
from collections.abc import Iterator, Mapping

from panacea.credentials.requests.definitions import Requirement
from panacea.credentials.requests.work import Budget

Groups = Mapping[str, tuple[str, ...]]
"""The ids of the input descriptors of each group."""


def ways(
    requirements: tuple[Requirement, ...], groups: Groups, available: frozenset[str], budget: Budget
) -> Iterator[frozenset[str]]:
    """Sets of available descriptors that satisfy all requirements, each once. Raises TooMuchWork."""
    if not all(_is_possible(one, groups, available) for one in requirements):
        return
    seen: set[frozenset[str]] = set()
    for chosen in _together(requirements, groups, available, budget):
        budget.spend(8 * len(requirements))
        if chosen not in seen and find_unmet(requirements, groups, chosen) is None:
            seen.add(chosen)
            yield chosen


def find_unmet(requirements: tuple[Requirement, ...], groups: Groups, submitted: frozenset[str]) -> Requirement | None:
    """The first requirement that a set of submitted descriptors does not satisfy."""
    return next((one for one in requirements if not _is_met(one, groups, submitted)), None)


def bounds(requirement: Requirement, size: int) -> tuple[int, int]:
    """The least and the greatest number that a rule takes of `size` things."""
    if requirement.rule == "all":
        return size, size
    least, most = requirement.least, requirement.most
    if requirement.count is None and least is None:
        least = 1 if most is None else 0
    low = max(requirement.count or 0, least or 0)
    high = min(size if requirement.count is None else requirement.count, size if most is None else most)
    return low, high


def _is_met(requirement: Requirement, groups: Groups, submitted: frozenset[str]) -> bool:
    if requirement.group is not None:
        members = groups.get(requirement.group, ())
        found, size = len(submitted.intersection(members)), len(members)
    else:
        found = sum(_is_met(one, groups, submitted) for one in requirement.nested)
        size = len(requirement.nested)
    low, high = bounds(requirement, size)
    return low <= found <= high


def _is_possible(requirement: Requirement, groups: Groups, available: frozenset[str]) -> bool:
    """Whether a requirement could be satisfied if it stood alone."""
    if requirement.group is not None:
        members = groups.get(requirement.group, ())
        found, size = len(available.intersection(members)), len(members)
    else:
        found = sum(_is_possible(one, groups, available) for one in requirement.nested)
        size = len(requirement.nested)
    low, high = bounds(requirement, size)
    return low <= min(found, high)


def _sets(
    requirement: Requirement, groups: Groups, available: frozenset[str], budget: Budget
) -> Iterator[frozenset[str]]:
    """Sets that satisfy one requirement, the small ones first."""
    if requirement.group is not None:
        members = groups.get(requirement.group, ())
        low, high = bounds(requirement, len(members))
        candidates = [one for one in members if one in available]
        for size in range(low, min(high, len(candidates)) + 1):
            for chosen in itertools.combinations(candidates, size):
                budget.spend(1 + size)
                yield frozenset(chosen)
        return
    low, high = bounds(requirement, len(requirement.nested))
    possible = [one for one in requirement.nested if _is_possible(one, groups, available)]
    for size in range(low, min(high, len(possible)) + 1):
        for nested in itertools.combinations(possible, size):
            budget.spend(1 + size)
            yield from _together(nested, groups, available, budget)


def _together(
    requirements: tuple[Requirement, ...], groups: Groups, available: frozenset[str], budget: Budget
) -> Iterator[frozenset[str]]:
    """Unions of one set for each requirement, each once."""
    if not requirements:
        yield frozenset()
        return
    rest = _Replayed(_together(requirements[1:], groups, available, budget))
    firsts: set[frozenset[str]] = set()
    unions: set[frozenset[str]] = set()
    for first in _sets(requirements[0], groups, available, budget):
        if first in firsts:
            continue
        firsts.add(first)
        for other in rest:
            budget.spend()
            union = first | other
            if union not in unions:
                unions.add(union)
                yield union


class _Replayed:
    """What an iterator gives, made once and only as far as somebody looks."""

    def __init__(self, source: Iterator[frozenset[str]]) -> None:
        self._source = source
        self._made: list[frozenset[str]] = []

    def __iter__(self) -> Iterator[frozenset[str]]:
        yield from self._made
        for one in self._source:
            self._made.append(one)
            yield one
