"""JSONPath for credentials: the table of Presentation Exchange 2, without code and without functions.

    $  .name  ['name']  ["name"]  [0]  [-1]  [*]  .*  ..name  ..*  ..[…]  [0,1]  ['a','b']  [start:end:step]
    [(@.length-1)]                              the one script that the specification prints
    [?(@.isbn)]  [?(@.price<10 && @.kind=='x')] comparisons of what stands below an item with a literal or each other,
                                                joined by && and ||, in parentheses

A comparison with something that is not there is false, also `!=`: hiding a value can never make an item match, so a
presentation that shows only what a path selected and compared selects the same again. Negation, regular expressions
and functions are refused. A path has at most 1,024 characters, 32 segments, 4 of them `..`, and 16 comparisons.
Sources: Presentation Exchange 2.1.1, JSONPath Syntax Definition; RFC 9535 for order and for what is selected.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from panacea.credentials.requests.places import Place, Step, children
from panacea.credentials.requests.types import PathRefused
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import read_number
from panacea.health.types import JSON, JSONRejected

MAX_PATH: Final = 1024
MAX_SEGMENTS: Final = 32
MAX_DESCENTS: Final = 4
MAX_COMPARISONS: Final = 16
MAX_NESTING: Final = 8

_NAME = re.compile(r"[^\s.\[\]()*'\",:?<>=!&|\\]+")
_QUOTED = re.compile(r"'((?:[^'\\\x00-\x1f]|\\.)*)'|\"((?:[^\"\\\x00-\x1f]|\\.)*)\"")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_PLAIN_ESCAPES = {"'": "'", '"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
_SLICE = re.compile(r"(-?\d{1,9})?\s*:\s*(-?\d{1,9})?\s*(?::\s*(-?\d{1,9})?)?", re.ASCII)
_INDEX = re.compile(r"-?\d{1,9}", re.ASCII)
_SCRIPT = re.compile(r"\(\s*@\.length\s*-\s*([1-9]\d{0,8})\s*\)", re.ASCII)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_OPERATOR = re.compile(r"==|!=|<=|>=|<|>")
_WORD = re.compile(r"(?:true|false|null)\b")
_SPACE = re.compile(r"[ \t\r\n]*")


@dataclass(frozen=True, slots=True)
class Found:
    """A value that a path selects, and where.

    `whole` are other places whose values made it match, `present` items that must not be left out, for else it would
    stand at another index.
    """

    place: Place
    value: JSON
    whole: tuple[Place, ...] = ()
    present: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Slice:
    """Items from `start` to before `end` by `step`, as Python counts."""

    start: int | None
    end: int | None
    step: int


@dataclass(frozen=True, slots=True)
class Operand:
    """Something to compare: the places `steps` below an item, or a literal."""

    steps: tuple[Step, ...] | None
    literal: JSON = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`left operator right`, or that `left` is there where the operator is empty."""

    left: Operand
    operator: str
    right: Operand | None


@dataclass(frozen=True, slots=True)
class Joined:
    """Expressions of which all, or any one, must hold."""

    all: bool
    parts: tuple["Comparison | Joined", ...]


@dataclass(frozen=True, slots=True)
class Wildcard:
    """All members or items."""


Selector = str | int | Slice | Wildcard | Comparison | Joined


@dataclass(frozen=True, slots=True)
class Segment:
    """One step of a path: selectors applied to the node, or to it and all below it."""

    selectors: tuple[Selector, ...]
    descends: bool = False


@dataclass(frozen=True, slots=True)
class JSONPath:
    """A path that was read; `text` is how it was written."""

    text: str
    segments: tuple[Segment, ...]
    names: tuple[str, ...] | None = None
    """The steps of a path of nothing but names, which most are; None for any other."""

    def find_all(self, document: JSON, budget: Budget) -> Iterator[Found]:
        """What the path selects, in document order. Raises TooMuchWork."""
        yield from _walk(Found((), document), self.segments, budget)

    def find_first(self, document: JSON, budget: Budget) -> Found | None:
        """The first of these."""
        if self.names is None:
            return next(self.find_all(document, budget), None)
        budget.spend()
        for name in self.names:
            if not isinstance(document, dict) or name not in document:
                return None
            document = document[name]
        return Found(self.names, document)


def parse_path(text: str) -> JSONPath:
    """Read a JSONPath. Raises PathRefused."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_PATH:
        raise PathRefused(f"a path has 1 to {MAX_PATH} characters")
    segments = _Reader(text).path()
    names = [one.selectors[0] for one in segments if not one.descends and len(one.selectors) == 1]
    plain = tuple(name for name in names if isinstance(name, str))
    return JSONPath(text, segments, plain if len(plain) == len(segments) else None)


def _walk(found: Found, segments: tuple[Segment, ...], budget: Budget) -> Iterator[Found]:
    if not segments:
        yield found
        return
    segment, rest = segments[0], segments[1:]
    for node in _descendants(found, budget) if segment.descends else (found,):
        for selector in segment.selectors:
            for one in _select(node, selector, budget):
                yield from _walk(one, rest, budget)


def _descendants(found: Found, budget: Budget) -> Iterator[Found]:
    """The node and all containers below it, parents first, in document order."""
    waiting = [found]
    while waiting:
        node = waiting.pop()
        yield node
        below = [
            Found((*node.place, step), child, found.whole, found.present)
            for step, child in children(node.value)
            if isinstance(child, dict | list)
        ]
        budget.spend(1 + len(node.value) if isinstance(node.value, dict | list) else 1)
        waiting += reversed(below)


def _select(found: Found, selector: Selector, budget: Budget) -> Iterator[Found]:
    budget.spend()
    node = found.value
    if isinstance(selector, str):
        if isinstance(node, dict) and selector in node:
            yield Found((*found.place, selector), node[selector], found.whole, found.present)
    elif isinstance(selector, int):
        if isinstance(node, list) and -len(node) <= selector < len(node):
            yield _item(found, selector % len(node), backwards=selector < 0, budget=budget)
    elif isinstance(selector, Slice):
        if isinstance(node, list):
            backwards = any(one is not None and one < 0 for one in (selector.start, selector.end, selector.step))
            for index in range(len(node))[selector.start : selector.end : selector.step]:
                yield _item(found, index, backwards=backwards, budget=budget)
    else:
        for step, child in children(node):
            budget.spend()
            whole = () if isinstance(selector, Wildcard) else _holds(selector, child, (*found.place, step), budget)
            if whole is not None:
                yield Found((*found.place, step), child, (*found.whole, *whole), found.present)


def _item(found: Found, index: int, *, backwards: bool, budget: Budget) -> Found:
    """An item and the items that keep its index: those before it, those after it where it is counted from the end."""
    size = len(found.value)
    keep = range(index + 1, size) if backwards else range(index)
    budget.spend(len(keep))
    present = (*found.present, *((*found.place, one) for one in keep))
    return Found((*found.place, index), found.value[index], found.whole, present)


def _holds(expression: Comparison | Joined, item: JSON, place: Place, budget: Budget) -> tuple[Place, ...] | None:
    """The places whose values make an expression true for an item, None where it is false."""
    budget.spend()
    if isinstance(expression, Joined):
        parts = [_holds(part, item, place, budget) for part in expression.parts]
        if expression.all:
            return None if None in parts else tuple(one for part in parts if part for one in part)
        return next((part for part in parts if part is not None), None)
    places: list[Place] = []
    values: list[JSON] = []
    for operand in (expression.left, expression.right):
        if operand is None or operand.steps is None:
            values.append(operand.literal if operand else None)
            continue
        node = item
        for step in operand.steps:
            if not (step in node if isinstance(node, dict) else isinstance(node, list) and step in range(len(node))):
                return None
            node = node[step]
        values.append(node)
        places.append((*place, *operand.steps))
    if expression.operator and not _COMPARE[expression.operator](*values):
        return None
    return tuple(places)


def _kind(value: JSON) -> str:
    if isinstance(value, bool) or value is None:
        return "word"
    if isinstance(value, str):
        return "text"
    return "container" if isinstance(value, dict | list) else "number"


def _equal(left: JSON, right: JSON) -> bool:
    return _kind(left) == _kind(right) != "container" and bool(left == right)


def _ordered(left: JSON, right: JSON) -> bool:
    return _kind(left) == _kind(right) and _kind(left) in {"text", "number"}


_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {  # Any: JSON, of the kinds that are looked at first
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<": lambda left, right: _ordered(left, right) and left < right,
    "<=": lambda left, right: _ordered(left, right) and left <= right,
    ">": lambda left, right: _ordered(left, right) and left > right,
    ">=": lambda left, right: _ordered(left, right) and left >= right,
}


class _Reader:
    """One pass over the text of a path."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.comparisons = 0

    def path(self) -> tuple[Segment, ...]:
        if not self.take("$"):
            self.refuse("a path begins with $")
        segments: list[Segment] = []
        while self.at < len(self.text):
            segments.append(self.segment())
            if len(segments) > MAX_SEGMENTS or sum(one.descends for one in segments) > MAX_DESCENTS:
                self.refuse(f"more than {MAX_SEGMENTS} segments, or {MAX_DESCENTS} descents")
        return tuple(segments)

    def segment(self) -> Segment:
        descends = self.take("..")
        if self.text.startswith("[", self.at):
            return Segment(self.bracket(), descends)
        if not descends and not self.take("."):
            self.refuse("a segment begins with . or [")
        if self.take("*"):
            return Segment((Wildcard(),), descends)
        return Segment((self.match(_NAME, "a name is expected")[0],), descends)

    def bracket(self) -> tuple[Selector, ...]:
        self.take("[")
        selectors = [self.selector()]
        while self.take_spaced(","):
            selectors.append(self.selector())
        if not self.take_spaced("]"):
            self.refuse("a bracket does not end")
        return tuple(selectors)

    def selector(self) -> Selector:
        self.space()
        if self.take("*"):
            return Wildcard()
        if self.take("?"):
            return self.any_of(0)
        if (quoted := self.quoted()) is not None:
            return quoted
        if script := _SCRIPT.match(self.text, self.at):
            self.at = script.end()
            return -int(script[1])
        if self.text.startswith("(", self.at):
            self.refuse("a script that is not done here")
        if (cut := _SLICE.match(self.text, self.at)) and ":" in cut[0]:
            self.at = cut.end()
            start, end, step = (None if one is None else int(one) for one in cut.groups())
            if step == 0:
                self.refuse("a slice that does not move")
            return Slice(start, end, 1 if step is None else step)
        return int(self.match(_INDEX, "a name in quotes, an index, a slice, * or ? is expected")[0])

    def any_of(self, depth: int) -> Comparison | Joined:
        parts = [self.all_of(depth)]
        while self.take_spaced("||"):
            parts.append(self.all_of(depth))
        return parts[0] if len(parts) == 1 else Joined(False, tuple(parts))

    def all_of(self, depth: int) -> Comparison | Joined:
        parts = [self.term(depth)]
        while self.take_spaced("&&"):
            parts.append(self.term(depth))
        return parts[0] if len(parts) == 1 else Joined(True, tuple(parts))

    def term(self, depth: int) -> Comparison | Joined:
        if depth > MAX_NESTING:
            self.refuse("an expression nested too deep")
        if self.take_spaced("("):
            inner = self.any_of(depth + 1)
            if not self.take_spaced(")"):
                self.refuse("a parenthesis does not end")
            return inner
        self.comparisons += 1
        if self.comparisons > MAX_COMPARISONS:
            self.refuse(f"more than {MAX_COMPARISONS} comparisons")
        left = self.operand()
        self.space()
        if operator := _OPERATOR.match(self.text, self.at):
            self.at = operator.end()
            return Comparison(left, operator[0], self.operand())
        if left.steps is None:
            self.refuse("a comparison is expected")
        return Comparison(left, "", None)

    def operand(self) -> Operand:
        self.space()
        if self.take("@"):
            steps: list[Step] = []
            while self.text.startswith((".", "["), self.at):
                selectors = self.segment()
                only = selectors.selectors[0]
                if selectors.descends or len(selectors.selectors) > 1 or type(only) not in {str, int}:
                    self.refuse("an operand names one place")
                if len(steps) >= MAX_NESTING or (isinstance(only, int) and only < 0):
                    self.refuse("an operand names one place, not deep below")
                steps.append(only)  # type: ignore[arg-type]  # its type was just looked at
            return Operand(tuple(steps))
        if (quoted := self.quoted()) is not None:
            return Operand(None, quoted)
        if word := _WORD.match(self.text, self.at):
            self.at = word.end()
            return Operand(None, {"true": True, "false": False, "null": None}[word[0]])
        number = self.match(_NUMBER, "@, a text, a number, true, false or null is expected")[0]
        try:
            return Operand(None, read_number(number))
        except JSONRejected:
            self.refuse("not a JSON number")

    def quoted(self) -> str | None:
        found = _QUOTED.match(self.text, self.at)
        if found is None:
            return None
        self.at = found.end()
        text = _ESCAPE.sub(self.unescape, found[1] if found[1] is not None else found[2])
        if any("\ud800" <= char <= "\udfff" for char in text):
            self.refuse("a lone surrogate")
        return text

    def unescape(self, found: "re.Match[str]") -> str:
        code = found[1]
        if code[0] == "u" and len(code) == 5:
            return chr(int(code[1:], 16))
        if code not in _PLAIN_ESCAPES:
            self.refuse("an unknown escape")
        return _PLAIN_ESCAPES[code]

    def match(self, pattern: "re.Pattern[str]", expected: str) -> "re.Match[str]":
        found = pattern.match(self.text, self.at)
        if found is None:
            self.refuse(expected)
        self.at = found.end()
        return found

    def take(self, text: str) -> bool:
        if self.text.startswith(text, self.at):
            self.at += len(text)
            return True
        return False

    def take_spaced(self, text: str) -> bool:
        self.space()
        return self.take(text)

    def space(self) -> None:
        self.at = _SPACE.match(self.text, self.at).end()  # type: ignore[union-attr]  # matches also nothing

    def refuse(self, detail: str) -> NoReturn:
        raise PathRefused(detail, path=self.text, position=self.at)
