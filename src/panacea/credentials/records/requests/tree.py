"""A record as far as it is shown, with every array item at the index that its issuer signed.

Where FHIR as disclosed closes up arrays, `coding[0]` could be any item that the holder likes. Queries are therefore
judged on this tree, in the wallet and in the enclave alike.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from panacea.credentials.records.completeness import COUNT, is_counted, is_object
from panacea.health.mapping import Subject
from panacea.health.strict_json import read_number
from panacea.health.types import JSON

Place = tuple[str | int, ...]
"""Where a value stands in the FHIR resource: element names and array indexes."""

_RESERVED = re.compile(r"(?:id|type)_+")


class Node(dict[Any, Any]):  # Any: an element name; a JSON value, or a tree below
    """The members of an object that are shown; `counted` where that is all of them."""

    __slots__ = ("counted",)
    counted: bool


class Items(dict[int, Any]):  # Any: a JSON value, or a tree below
    """The items of an array that are shown, by their true index."""


def tree_of(subject: Subject) -> Node:
    """The tree of a record that `read_claims` has read before: its keys are not judged again."""
    found = Node()
    found.counted = is_counted(subject)
    for key, value in subject.items():
        if key == COUNT:
            continue
        name, *indexes = ("resourceType",) if key == "type" else key.split(".")
        last: str | int = name[:-1] if _RESERVED.fullmatch(name) else name
        place: dict[Any, Any] = found
        for index in indexes:
            place = place.setdefault(last, Items())
            last = int(index)
        place[last] = _value(value)
    return found


def is_whole(node: Any) -> bool:  # Any: see Items
    """Whether all below a node is shown: objects by their count, arrays as far as gaps tell."""
    if isinstance(node, Node):
        return node.counted and all(map(is_whole, node.values()))
    if isinstance(node, Items):
        return max(node) == len(node) - 1 and all(map(is_whole, node.values()))
    return True


def leaves(node: Any, at: Place = ()) -> Iterator[tuple[Place, JSON]]:  # Any: see Items
    """Every single value below a node, and where it stands."""
    if isinstance(node, dict) and node:
        for step, inner in node.items():
            yield from leaves(inner, (*at, step))
    else:
        yield at, node


def plain(node: Any) -> JSON:  # Any: see Items
    """A node as JSON that a schema can judge: arrays closed up, numbers exact, without their written form."""
    if isinstance(node, Items):
        return [plain(node[index]) for index in sorted(node)]
    if isinstance(node, dict):
        return {name: plain(inner) for name, inner in node.items()}
    if isinstance(node, list):
        return [plain(inner) for inner in node]
    return Decimal(node) if isinstance(node, Decimal) else node


def pointer(place: Place) -> str:
    """A place as a JSON pointer; element names of FHIR need no escape."""
    return "".join(f"/{step}" for step in place)


def _value(value: Any) -> Any:  # Any: a value of the subject form
    if not isinstance(value, dict):
        return value
    if is_object(value):
        return tree_of(value)
    if value["@type"] == "json":
        return {"null": None, "[]": [], "{}": {}}[value["@value"]]
    return read_number(value["@value"])
