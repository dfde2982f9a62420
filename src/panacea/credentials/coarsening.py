"""Coarser values, and documents with some of their values made coarser or left out.

Each coarser value is a function of the value before it, says less, and is its own coarser value: nothing is added.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from enum import Enum
from typing import Any, Final

from panacea.credentials.records.completeness import COUNT
from panacea.health.strict_json import read_number
from panacea.health.types import JSON

DAY_SECONDS: Final = 86_400
SIGNIFICANT: Final = 3
"""Digits that a coarser number keeps."""

_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,]([0-9]+))?)?)"
    r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?")
_ITEM = re.compile(r"([^.]{1,200})((?:\.[0-9]{1,9}){1,40})")
_PLAIN = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,4}))?")


class Grain(Enum):
    """How exact a time may stay: its value is the number of characters of an ISO date that remain."""

    DAY = 10
    MONTH = 7
    YEAR = 4


@dataclass(frozen=True, slots=True)
class Time:
    """A time that was read: its date, and how exact it is (`fraction`, `second`, `day`, `month`)."""

    date: str
    exactness: str


REMOVE: Final = object()
"""In place of a coarser value: leave it out."""


def find_time(text: str) -> Time | None:
    """The time that a text is, or None. Midnight counts as a day: that is how a day is written where a time must be."""
    if _DATE.fullmatch(text):
        return Time(text, "day" if len(text) == Grain.DAY.value else "month")
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    if set(match[2]) <= set("0:.,"):
        return Time(match[1], "day")
    return Time(match[1], "fraction" if match[3] else "second")


def cut_time(time: Time, grain: Grain, *, as_instant: bool) -> str:
    """A time cut to a grain: the start of a FHIR date, or the first second of the period where an instant must be."""
    date = time.date[: grain.value]
    return f"{date}{'-01-01'[len(date) - 10 :] if len(date) < 10 else ''}T00:00:00Z" if as_instant else date


def cut_seconds(seconds: int, grain: Grain) -> int:
    """Unix seconds cut to a grain, in UTC; the day where the calendar does not reach."""
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        return seconds - seconds % DAY_SECONDS
    if grain is Grain.DAY:
        return seconds - seconds % DAY_SECONDS
    month = found.month if grain is Grain.MONTH else 1
    return int(datetime(found.year, month, 1, tzinfo=UTC).timestamp())


def cut_postal_code(text: str) -> str:
    """The first three characters of a postal code of five and more, two of one of four, as safe-harbour rules do."""
    found = text.strip()
    return (found[:3] if len(found) > 4 else found[:2] if len(found) == 4 else found).strip()


def digits_of(written: str) -> int:
    """How many significant digits a number is written with, trailing zeros of a whole number not among them."""
    match = _PLAIN.fullmatch(written)
    if match is None:
        return 0
    whole, fraction = match[2].lstrip("0"), match[3]
    if fraction is None:
        return len(whole.rstrip("0"))
    return len((whole + fraction).lstrip("0"))


def decimals_of(written: str) -> int:
    """How many digits a number has behind its point, as written without exponent."""
    match = _PLAIN.fullmatch(written)
    return len(match[3] or "") if match and match[4] is None else 0


def round_written(written: str, *, digits: int = SIGNIFICANT, decimals: int | None = None) -> str:
    """A written number with so many significant digits, or so many behind the point; an exponent stays one."""
    mantissa, mark, exponent = written.replace("E", "e").partition("e")
    number = Decimal(mantissa)
    if decimals is not None:
        number = number.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN, context=Context(prec=500))
    else:
        number = Context(prec=digits, rounding=ROUND_HALF_EVEN).plus(number)
    return f"{number:f}{mark}{exponent}"


def round_number(number: JSON, written: str, *, decimals: int | None = None) -> JSON:
    """A JSON number rounded as `round_written` does, of the kind it was: a float stays one."""
    text = round_written(written, decimals=decimals)
    return float(text) if isinstance(number, float) else read_number(text)


def with_changes(document: JSON, changes: Mapping[str, JSON]) -> JSON:
    """The document with values replaced, or left out (REMOVE), by JSON pointer; the document itself stays as it is.

    What becomes empty is left out too, arrays close up, counts of members follow. A proof over something changed no
    longer holds: it is left out. The depth of the document must be bounded.
    """
    found = _changed(document, "", changes) if changes else document
    if found is REMOVE:
        return type(document)() if isinstance(document, dict | list) else None
    return found


def escape(step: str) -> str:
    """A step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def _changed(value: JSON, pointer: str, changes: Mapping[str, JSON]) -> JSON:
    """The value with its changes; the very same object where nothing changes."""
    if pointer in changes:
        return changes[pointer]
    if isinstance(value, dict):
        return _changed_object(value, pointer, changes)
    if isinstance(value, list):
        items = [_changed(inner, f"{pointer}/{index}", changes) for index, inner in enumerate(value)]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return [item for item in items if item is not REMOVE] or REMOVE
    return value


def _changed_object(node: dict[str, JSON], pointer: str, changes: Mapping[str, JSON]) -> JSON:
    members = {name: _changed(inner, f"{pointer}/{escape(name)}", changes) for name, inner in node.items()}
    if all(members[name] is node[name] for name in node):
        return node
    kept = {name: inner for name, inner in members.items() if inner is not REMOVE and name != "proof"}
    if len(kept) < len(node):
        kept = _closed_up(kept, {name for name, inner in members.items() if inner is REMOVE})
    if COUNT in kept:
        kept[COUNT] = {"@type": "xsd:integer", "@value": str(len(kept) - 1)}
        kept = {} if len(kept) == 1 else kept
    return kept or REMOVE


def _closed_up(node: dict[str, JSON], removed: set[str]) -> dict[str, JSON]:
    """The members, with array items of the subject form (`given.1`) renumbered where items were left out."""
    arrays = {item[0] for item in map(find_item, removed) if item}
    places: dict[str, list[tuple[int, ...]]] = {}
    for name in node:
        item = find_item(name)
        if item and item[0] in arrays:
            places.setdefault(item[0], []).append(item[1])
    names = {
        _item_name(array, old): _item_name(array, new)
        for array, found in places.items()
        for old, new in _renumbered(found).items()
    }
    return {names.get(name, name): inner for name, inner in node.items()}


def find_item(name: str) -> tuple[str, tuple[int, ...]] | None:
    """The array and the indexes that a key of the subject form names: (`given`, (1,)) of `given.1`; None for others."""
    match = _ITEM.fullmatch(name)
    return (match[1], tuple(map(int, match[2].split(".")[1:]))) if match else None


def _item_name(array: str, place: tuple[int, ...]) -> str:
    return ".".join([array, *map(str, place)])


def _renumbered(places: list[tuple[int, ...]]) -> dict[tuple[int, ...], tuple[int, ...]]:
    """Places in an array, and in arrays inside it, without gaps."""
    found: dict[tuple[int, ...], tuple[int, ...]] = {(): ()} if () in places else {}
    for new, old in enumerate(sorted({place[0] for place in places if place})):
        inner = _renumbered([place[1:] for place in places if place and place[0] == old])
        found |= {(old, *rest): (new, *deeper) for rest, deeper in inner.items()}
    return found


Changes = dict[str, Any]  # Any: a JSON value, or REMOVE
