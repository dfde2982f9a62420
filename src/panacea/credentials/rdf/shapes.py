"""What an object of an expanded document is: a value, a list, a graph or a node (JSON-LD 1.1 §1.4)."""

from typing import Any, TypeGuard

JSONObject = dict[str, Any]  # Any: the values of a JSON object


def as_list(value: Any) -> list[Any]:
    """The value itself where it is an array, or an array of it."""
    return value if isinstance(value, list) else [value]


def is_value_object(item: Any) -> TypeGuard[JSONObject]:
    """Whether it is a literal."""
    return isinstance(item, dict) and "@value" in item


def is_list_object(item: Any) -> TypeGuard[JSONObject]:
    """Whether it is an ordered list."""
    return isinstance(item, dict) and "@list" in item


def is_graph_object(item: Any) -> TypeGuard[JSONObject]:
    """Whether it is a graph, perhaps with a name or an index, about which nothing else is said."""
    return isinstance(item, dict) and "@graph" in item and item.keys() <= {"@graph", "@id", "@index"}


def is_simple_graph(item: Any) -> TypeGuard[JSONObject]:
    """Whether it is a graph without a name."""
    return is_graph_object(item) and "@id" not in item


def is_node_object(item: Any) -> TypeGuard[JSONObject]:
    """Whether it is about a node: neither a literal nor a list nor a set."""
    return isinstance(item, dict) and item.keys().isdisjoint({"@value", "@list", "@set"})
