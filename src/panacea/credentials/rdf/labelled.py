"""JSON whose objects and arrays carry blank node labels of their own, through every selection.

Where vc-di-ecdsa §3.4 skolemises an expanded document with `urn:bnid:` identifiers, a `NodeObject` knows the label that
its node gets if it has no identifier, and a `NodeList` those of its cells if it is an RDF list.
"""

import itertools
from collections.abc import Iterator
from typing import Any, Self

from panacea.credentials.rdf.types import DocumentTooLarge

MAX_DEPTH = 100


class NodeObject(dict[str, Any]):  # Any: the values of a JSON object
    """A JSON object that keeps its blank node label through selections and expansion."""

    __slots__ = ("label",)
    label: str

    def labelled(self, label: str) -> Self:
        """This object, after it got its label."""
        self.label = label
        return self


class NodeList(list[Any]):  # Any: the items of a JSON array
    """A JSON array whose list cells keep their labels through selections and expansion."""

    __slots__ = ("label",)
    label: str

    def labelled(self, label: str) -> Self:
        """This array, after it got its label."""
        self.label = label
        return self


def labelled(document: dict[str, Any]) -> NodeObject:
    """A copy of a document in which each object and array carries a label of its own (`s0`, `s1`, …)."""
    copy = _labelled(document, itertools.count(), 0)
    assert isinstance(copy, NodeObject)  # it is made of an object
    return copy


def object_like(value: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    """`part`, with the label of `value` where it has one."""
    return NodeObject(part).labelled(value.label) if isinstance(value, NodeObject) else part


def list_like(value: list[Any], part: list[Any]) -> list[Any]:
    """`part`, with the label of `value` where it has one."""
    return NodeList(part).labelled(value.label) if isinstance(value, NodeList) else part


def _labelled(value: Any, numbers: Iterator[int], depth: int) -> Any:
    if isinstance(value, dict):
        if depth > MAX_DEPTH:
            raise DocumentTooLarge(depth=MAX_DEPTH)
        copy = NodeObject()
        for name, one in value.items():
            nested = isinstance(one, dict | list) and name != "@context"
            copy[name] = _labelled(one, numbers, depth + 1) if nested else one
        return copy.labelled(f"s{next(numbers)}")
    if isinstance(value, list):
        if depth > MAX_DEPTH:
            raise DocumentTooLarge(depth=MAX_DEPTH)
        return NodeList([_labelled(one, numbers, depth + 1) for one in value]).labelled(f"s{next(numbers)}")
    return value
