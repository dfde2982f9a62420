"""Where values stand in a document, and what is left of it when only some places are shown.

A `Place` is a sequence of member names and array indexes. A `Part` is a tree of places: True stands for all below, a
dictionary for the steps that go on. Arrays close up when items are left out, as SD-JWT and the selective suites do.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from panacea.credentials.requests.types import PathRefused
from panacea.health.types import JSON

Step = str | int
Place = tuple[Step, ...]
Part = Any  # True, or a dict from Step to Part: a recursive type that mypy cannot name


def pointer(place: Place) -> str:
    """The JSON pointer (RFC 6901) of a place."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in place)


def place_of(text: str, document: JSON) -> Place:
    """The place that a JSON pointer names in a document. Raises PathRefused for a pointer to nothing."""
    if text and not text.startswith("/"):
        raise PathRefused("a JSON pointer is empty or begins with /", pointer=text)
    place: list[Step] = []
    node = document
    for token in text.split("/")[1:]:
        step: Step = token.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and token.isascii() and token.isdigit() and len(token) < 10:
            # RFC 6901: an index has no leading zeros.
            step = int(token) if str(int(token)) == token else token
        if not has(node, step):
            raise PathRefused("a pointer to nothing", pointer=text)
        node = node[step]
        place.append(step)
    return tuple(place)


def has(node: JSON, step: Step) -> bool:
    """Whether there is something one step below."""
    if isinstance(node, dict):
        return isinstance(step, str) and step in node
    return isinstance(node, list) and isinstance(step, int) and 0 <= step < len(node)


def find(document: JSON, place: Place) -> JSON:
    """The value at a place, None where there is none."""
    for step in place:
        if not has(document, step):
            return None
        document = document[step]
    return document


def children(node: JSON) -> Iterator[tuple[Step, JSON]]:
    """The steps below a node and what stands there."""
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)


def first_leaf(node: JSON, place: Place) -> Place:
    """The place of the first value below a node that is no container, or of an empty container."""
    for step, child in children(node):
        return first_leaf(child, (*place, step))
    return place


def part_of(places: Iterable[Place]) -> Part:
    """The tree of some places."""
    root: dict[Step, Part] = {}
    for place in places:
        if not place:
            return True
        node: Part = root
        for step in place[:-1]:
            node = node.setdefault(step, {})
            if node is True:
                break
        else:
            node[place[-1]] = True
    return root


def project(document: JSON, part: Part) -> JSON:
    """What is left of a document: members in their order, arrays closed up."""
    if part is True:
        return document
    if isinstance(document, dict):
        return {name: project(one, part[name]) for name, one in document.items() if name in part}
    return [project(one, part[index]) for index, one in enumerate(document) if index in part]


def shown(document: JSON, pointers: Iterable[str]) -> JSON:
    """What is left of a document when only these JSON pointers are shown; all other items of arrays are gone."""
    return project(document, part_of(place_of(text, document) for text in pointers))


def pointers_to(part: Part, place: Place = ()) -> list[str]:
    """The fewest JSON pointers that name a part."""
    if part is True:
        return [pointer(place)]
    return [text for step, inner in part.items() for text in pointers_to(inner, (*place, step))]


def beyond(document: JSON, part: Part, wanted: Part, place: Place = ()) -> list[str]:
    """Pointers to what a part shows of a document beyond what was wanted."""
    if wanted is True or (isinstance(part, Mapping) and not part):
        return []
    if not wanted:
        return pointers_to(part, place)
    found: list[str] = []
    for step, child in children(document):
        inner = part is True or part.get(step)
        if inner is not None:
            found += beyond(child, inner, wanted.get(step, {}), (*place, step))
    return found
