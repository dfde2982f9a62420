"""A query as a value, whatever language it was written in, and how records and views are judged by it.

    wallet     query.fields(resource)             which elements would it take? NotMatched tells the first unmet one
    enclave    query.require_satisfied(checked)   all that was asked is shown, and nothing else

A field asks for whole nodes: what its paths lead to and its schema accepts, with all that is below; a node shown in
part does not count (`completeness`). A field that is `optional` may be left out by the holder. Of several paths the
first that leads somewhere counts.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.records.completeness import count_members
from panacea.credentials.records.model import Claims
from panacea.credentials.records.requests.schemas import Budget, Schema
from panacea.credentials.records.requests.tree import Items, Node, Place, is_whole, leaves, pointer, tree_of
from panacea.credentials.refusals import DealUnusable, DisclosureExcess, NotMatched, QueryNotSatisfied
from panacea.health.mapping import subject_form
from panacea.health.types import JSON, Resource

Step = str | int | None
"""An element name, an array index, or None for every item."""

MAX_FIELDS: Final = 64
MAX_PATHS: Final = 8
MAX_STEPS: Final = 32

_KIND = re.compile(r"[A-Z][A-Za-z]{0,63}")
_Found = dict[Place, Any]  # Any: nodes of a tree


@dataclass(frozen=True, slots=True)
class Wanted:
    """One field of a query: alternative paths below the FHIR resource, and the schema that its nodes must meet."""

    label: str
    paths: tuple[tuple[Step, ...], ...]
    optional: bool = False
    schema: Schema | None = None

    def __post_init__(self) -> None:
        """Refuse a field beyond the bounds; DealUnusable."""
        if not 0 < len(self.paths) <= MAX_PATHS or any(len(path) > MAX_STEPS for path in self.paths):
            raise DealUnusable("a field has 1 to 8 paths of at most 32 steps", field=self.label)

    def find(self, tree: Node, budget: Budget) -> _Found:
        """The nodes asked for in this tree, none where the field is not met."""
        for path in self.paths:
            found = {
                at: node
                for at, node in _walk(tree, path, (), budget)
                if is_whole(node) and (self.schema is None or self.schema.accepts(node, budget))
            }
            if found:
                return found
        return {}


@dataclass(frozen=True, slots=True)
class Query:
    """What a deal asks of one record."""

    wanted: tuple[Wanted, ...]

    def __post_init__(self) -> None:
        """Refuse a query that asks for nothing or too much; DealUnusable."""
        if not 0 < len(self.wanted) <= MAX_FIELDS or all(field.optional for field in self.wanted):
            raise DealUnusable("a query has 1 to 64 fields, one of them required", fields=len(self.wanted))

    def fields(self, resource: Resource, *, optional: bool = True) -> list[str]:
        """JSON pointers into a whole FHIR resource to all that the query asks for, for `derive_view`.

        Raises NotMatched, whose `reason` names the first unmet field; ResourceRejected for what is no resource.
        """
        tree, budget = tree_of(count_members(subject_form(resource))), Budget()
        found: _Found = {}
        for field in self.wanted:
            nodes = field.find(tree, budget)
            if not nodes and not field.optional:
                raise NotMatched(field.label)
            found |= {} if field.optional and not optional else nodes
        return [pointer(at) for at in found if not any(at[:length] in found for length in range(len(at)))]

    def require_satisfied(self, view: Claims) -> None:
        """Refuse a view that does not show each required field, or shows anything else but kinds of records.

        Raises QueryNotSatisfied, DisclosureExcess, and DealUnusable where judging costs too much.
        """
        tree, budget = tree_of(view.subject), Budget()
        asked: _Found = {}
        for field in self.wanted:
            nodes = field.find(tree, budget)
            if not nodes and not field.optional:
                raise QueryNotSatisfied(field.label)
            asked |= nodes
        if excess := [pointer(at) for at, value in leaves(tree) if tree and not _is_asked(at, value, asked)]:
            raise DisclosureExcess(fields=excess[:8], more=max(0, len(excess) - 8))


def _is_asked(at: Place, value: JSON, asked: _Found) -> bool:
    """Whether a leaf lies in a node that was asked for, or is the kind of a record, which leaves with any part."""
    if any(at[:length] in asked for length in range(len(at) + 1)):
        return True
    return at[-1] == "resourceType" and isinstance(value, str) and _KIND.fullmatch(value) is not None


def _walk(node: Any, steps: Sequence[Step], at: Place, budget: Budget) -> Iterator[tuple[Place, Any]]:  # Any: a tree
    budget.spend(1)
    if not steps:
        yield at, node
        return
    step, rest = steps[0], steps[1:]
    if isinstance(node, Items):
        chosen: Sequence[Any] = sorted(node) if step is None else [step] if step in node else []
    else:
        chosen = [step] if isinstance(node, dict) and isinstance(step, str) and step in node else []
    for one in chosen:
        yield from _walk(node[one], rest, (*at, one), budget)
