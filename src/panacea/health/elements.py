"""The elements of FHIR resource types, read from the text tables in `maps/`: one block a type, one row a use.

    [Observation]                         a type; `plain` after it: no narrative, extensions or contained resources
    needed       status, code             elements of R4, R4B and R5
    useful R5    triggeredBy              of R5 alone; a row of R4 holds for R4 and R4B, which do not differ here
    group        result value[x], unit    elements that are read together

Element names are those of FHIR 4.0.1, 4.3.0 and 5.0.0; uses, labels and groups are ours. `value[x]` stands for every
type of value.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files
from typing import Final

FILES: Final = (
    "people", "visits", "findings", "laboratory", "medication", "care", "documents", "insurance", "research",
)  # fmt: skip
"""The tables, in the order in which types are listed."""

_HEAD = re.compile(r"\[([A-Za-z]+)( plain)?\]")
_ROW = re.compile(r"(needed|useful|identifying|group)(?: (R4|R5))? +(.+)")


class Use(Enum):
    """What an element is to the one who reads it."""

    NEEDED = "needed"
    USEFUL = "useful"
    IDENTIFYING = "identifying"


class FHIRVersion(Enum):
    """The releases of FHIR that are read, by their full number."""

    R4 = "4.0.1"
    R4B = "4.3.0"
    R5 = "5.0.0"

    @property
    def short(self) -> str:
        """Major and minor number, as they stand in canonical URLs and media types: `4.0`."""
        return self.value[:3]


ALL: Final = frozenset(FHIRVersion)
_ROWS_HOLD_FOR = {
    None: ALL,
    "R4": frozenset({FHIRVersion.R4, FHIRVersion.R4B}),
    "R5": frozenset({FHIRVersion.R5}),
}


@dataclass(frozen=True, slots=True)
class Element:
    """An element of a type: its name (`value[x]`), its label for people, its use, and the releases that have it."""

    name: str
    label: str
    use: Use
    versions: frozenset[FHIRVersion]


@dataclass(frozen=True, slots=True)
class Group:
    """Elements that are read together, and so are shown or hidden together, by a name such as `result`."""

    name: str
    elements: tuple[str, ...]
    versions: frozenset[FHIRVersion]


@dataclass(frozen=True, slots=True)
class TypeTable:
    """The elements of one resource type, in the order in which they are shown, and its groups."""

    resource_type: str
    elements: tuple[Element, ...]
    groups: tuple[Group, ...]

    @property
    def versions(self) -> frozenset[FHIRVersion]:
        """The releases that have the type: those of any element of its own."""
        shared = {element.name for element in _inherited(plain=False)}
        own = [element.versions for element in self.elements if element.name not in shared]
        return frozenset().union(*own)

    def of_version(self, version: FHIRVersion) -> tuple[Element, ...]:
        """The elements that the type has in one release."""
        return tuple(element for element in self.elements if version in element.versions)


def find_table(resource_type: str) -> TypeTable | None:
    """The table of a type, or None for a type without one."""
    return _tables().get(resource_type)


def mapped_types(version: FHIRVersion | None = None) -> tuple[str, ...]:
    """The types that have a table, of one release or of any, in the order of the tables."""
    return tuple(name for name, table in _tables().items() if version is None or version in table.versions)


def label_of(name: str) -> str:
    """An element name as words: `issued` is shown as `Issued`, `referenceRange` as `Reference range`."""
    return _labels().get(name) or _as_words(name)


def read_map_file(name: str) -> dict[str, list[str]]:
    """The blocks of a file in `maps/` by their heads, without comments; a row that goes on is joined to its start."""
    blocks: dict[str, list[str]] = {}
    rows: list[str] = []
    for line in (files("panacea.health") / "maps" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            rows = blocks.setdefault(line, [])
        elif line.startswith(" "):
            rows[-1] += " " + line.strip()
        elif line and not line.startswith("#"):
            rows.append(line)
    return blocks


@cache
def _tables() -> dict[str, TypeTable]:
    found: dict[str, TypeTable] = {}
    for name in FILES:
        for head, rows in read_map_file(name).items():
            match = _HEAD.fullmatch(head)
            assert match is not None, head
            found[match[1]] = _table(match[1], rows, plain=bool(match[2]))
    return found


def _table(resource_type: str, rows: list[str], *, plain: bool) -> TypeTable:
    own = [element for row in rows for element in _row(row)]
    inherited = _inherited(plain=plain)
    # The kind of a record comes first among what is needed, its number first among what identifies.
    by_use = [
        element
        for use in Use
        for element in (*_first(inherited, use), *(one for one in own if one.use is use), *_rest(inherited, use))
    ]
    return TypeTable(resource_type, tuple(by_use), tuple(group for row in rows for group in _groups(row)))


def _first(inherited: tuple[Element, ...], use: Use) -> list[Element]:
    return [element for element in inherited if element.use is use and element.name in {"resourceType", "id"}]


def _rest(inherited: tuple[Element, ...], use: Use) -> list[Element]:
    return [element for element in inherited if element.use is use and element.name not in {"resourceType", "id"}]


@cache
def _inherited(*, plain: bool) -> tuple[Element, ...]:
    blocks = read_map_file("common")
    rows = blocks["[resource]"] + ([] if plain else blocks["[domain]"])
    return tuple(element for row in rows for element in _row(row))


def _row(row: str) -> Iterator[Element]:
    kind, versions, rest = _read_row(row)
    if kind == "group":
        return
    for entry in rest.split(","):
        name, _, label = entry.strip().partition("=")
        yield Element(name, label or label_of(name), Use(kind), versions)


def _groups(row: str) -> Iterator[Group]:
    kind, versions, rest = _read_row(row)
    if kind == "group":
        name, _, elements = rest.partition(" ")
        yield Group(name, tuple(element.strip() for element in elements.split(",")), versions)


def _read_row(row: str) -> tuple[str, frozenset[FHIRVersion], str]:
    match = _ROW.fullmatch(row)
    assert match is not None, row
    return match[1], _ROWS_HOLD_FOR[match[2]], match[3]


@cache
def _labels() -> dict[str, str]:
    entries = " ".join(read_map_file("common")["[labels]"]).split(",")
    return dict(entry.strip().split("=") for entry in entries)


def _as_words(name: str) -> str:
    name = name.removesuffix("[x]").lstrip("_")
    words = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name)
    return words[:1].upper() + words[1:]
