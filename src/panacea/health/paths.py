"""Element paths: from what people and queries write to JSON pointers into the subject form.

Three spellings are read:

    /code/coding/0/code              JSON pointer (RFC 6901); `*` stands for any index
    $.code.coding[0].code            plain JSONPath (RFC 9535): names, [0], [*], ['name']
    Observation.code.coding.code     element path of FHIR: through all items, `value[x]` for any type of value,
                                     and the `_` sibling (extensions of a primitive) goes with its element
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panacea.health.mapping import subject_key
from panacea.health.types import JSON, PathRejected, Resource

_ELEMENT_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*(?:\[x\])?(?:\.[A-Za-z_][A-Za-z0-9_-]*(?:\[x\])?)*")
_JSON_PATH = re.compile(r"\.([A-Za-z_][A-Za-z0-9_-]*)|\[(0|[1-9][0-9]{0,8}|\*)\]|\['([A-Za-z_][A-Za-z0-9_-]*)'\]")
_ANY = "*"


@dataclass(frozen=True, slots=True)
class ElementPath:
    """A path that was read: its steps, and whether arrays are walked through without being named."""

    steps: tuple[str, ...]
    implicit: bool


def parse_path(path: str, resource_type: str = "") -> ElementPath:
    """Read one path in any of the three spellings; raises PathRejected."""
    if path in {"", "$", "/"} or path.startswith("/"):
        steps = [step.replace("~1", "/").replace("~0", "~") for step in path.strip("$").split("/")[1:] if path != "/"]
        return ElementPath(tuple(steps), implicit=False)
    if path.startswith("$"):
        found = list(_JSON_PATH.finditer(path, 1))
        if sum(len(match[0]) for match in found) != len(path) - 1:
            raise PathRejected("not a plain JSONPath", path=path)
        return ElementPath(tuple(match[1] or match[2] or match[3] for match in found), implicit=False)
    if not _ELEMENT_PATH.fullmatch(path):
        raise PathRejected(path=path)
    steps = path.split(".")
    if steps[0] == resource_type:
        steps = steps[1:]
    return ElementPath(tuple(steps), implicit=True)


def pointers_for(resource: Resource, paths: Iterable[str], *, prefix: str = "") -> list[str]:
    """The pointers into the subject form that cover what the paths name in this resource, each once.

    A path that names nothing here contributes nothing. `prefix` is put before each pointer
    (`/credentialSubject/resource` in a credential). Raises PathRejected.
    """
    return [prefix + subject for _, subject in _places(resource, paths)]


def elements_for(resource: Resource, paths: Iterable[str]) -> list[str]:
    """The JSON pointers into the resource itself of what the paths name in it, each once."""
    return [original for original, _ in _places(resource, paths)]


def _places(resource: Resource, paths: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of a pointer into the resource and the pointer into its subject form."""
    found: dict[tuple[str, str], None] = {}
    for path in paths:
        parsed = parse_path(path, str(resource.get("resourceType", "")))
        found |= dict.fromkeys(_match(resource, parsed.steps, parsed.implicit, ("", "")))
    return list(found)


def _match(value: JSON, steps: tuple[str, ...], implicit: bool, at: tuple[str, str]) -> Iterator[tuple[str, str]]:
    original, subject = at
    if isinstance(value, list) and value:
        chosen = range(len(value))
        if steps and not implicit:
            chosen = _indexes(steps[0], len(value))
            steps = steps[1:]
        for index in chosen:
            yield from _match(value[index], steps, implicit, (f"{original}/{index}", f"{subject}.{index}"))
    elif not steps:
        yield at
    elif isinstance(value, dict):
        for name in _names(value, steps[0], implicit):
            place = (f"{original}/{name}", f"{subject}/{_key(name, value[name], at)}")
            yield from _match(value[name], steps[1:], implicit, place)


def _key(name: str, value: JSON, at: tuple[str, str]) -> str:
    return "type" if name == "resourceType" and (at == ("", "") or isinstance(value, str)) else subject_key(name)


def _indexes(step: str, size: int) -> range:
    if step == _ANY:
        return range(size)
    if not (step.isascii() and step.isdigit() and len(step) < 10):
        return range(0)
    return range(int(step), min(int(step) + 1, size))


def _names(value: dict[str, JSON], step: str, implicit: bool) -> list[str]:
    if not implicit:
        return [step] if step in value else []
    if step.endswith("[x]"):
        choice = re.compile(rf"_?{re.escape(step[:-3])}[A-Z][A-Za-z0-9]*")
        return [name for name in value if choice.fullmatch(name)]
    return [name for name in (step, "_" + step) if name in value]
