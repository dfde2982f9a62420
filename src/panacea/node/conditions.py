"""The language in which events are searched and subscribed to: `tx.height > 5 AND transfer.sender = 'panacea1…'`.

CometBFT's grammar: conditions joined by AND, each KEY OPERATOR OPERAND.

    KEY        type.attribute: letters, digits, `.`, `_`, `-`, and not a digit first
    =          a text in single quotes (which cannot hold a single quote), a number, a time
    < <= > >=  a number, a time
    CONTAINS   a text in single quotes
    EXISTS     nothing
    a time     TIME 2026-01-31T10:00:00Z, or DATE 2026-01-31

An attribute is compared with a number by the number it begins with (`12umed` is 12), and with a time only if it is one.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any

from panacea.primitives.rejected import Rejected

MAX_QUERY = 512
MAX_CONDITIONS = 16
_TOKEN = re.compile(
    r"(?P<moment>(?:TIME|DATE) [-0-9T:+Z.]+)"
    r"|(?P<word>[^\W\d][\w.-]*)"
    r"|(?P<number>\d+(?:\.\d*)?)"
    r"|'(?P<text>[^']*)'"
    r"|(?P<operator><=|>=|=|<|>)",
    re.ASCII,
)
_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(r"\d{1,400}(\.\d{1,400})?", re.ASCII)
# Any: two operands of one kind, whichever it is
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {"=": eq, "<": lt, "<=": le, ">": gt, ">=": ge}

Operand = str | Decimal | datetime | None


class InvalidQuery(Rejected, codespace="node", code=3, text="invalid query"):
    """A text is not a query of this language."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on `key` (`type.attribute`); `operand` is of the kind that the values are compared as."""

    key: str
    operator: str
    operand: Operand = None

    def holds(self, value: str) -> bool:
        """Whether an attribute's value fulfils it."""
        if self.operator == "EXISTS":
            return True
        if self.operator == "CONTAINS":
            return str(self.operand) in value
        found = _as(type(self.operand), value)
        return found is not None and _COMPARE[self.operator](found, self.operand)


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions that must all hold, each for some attribute."""

    conditions: tuple[Condition, ...]

    def matches(self, attributes: Iterable[tuple[str, str]]) -> bool:
        """Whether these (`type.attribute`, value) pairs fulfil it."""
        found = list(attributes)
        return all(
            any(key == condition.key and condition.holds(value) for key, value in found)
            for condition in self.conditions
        )


def parse(query: str) -> Query:
    """The query of a text.

    Raises:
        InvalidQuery: saying where it goes wrong.
    """
    if len(query) > MAX_QUERY:
        raise InvalidQuery(f"at most {MAX_QUERY} characters", size=len(query))
    tokens = _tokens(query)
    conditions = [_condition(tokens, query)]
    while tokens:
        if tokens.pop(0) != ("word", "AND") or len(conditions) == MAX_CONDITIONS:
            raise InvalidQuery(f"conditions are joined by AND, {MAX_CONDITIONS} at most", query=query)
        conditions.append(_condition(tokens, query))
    return Query(tuple(conditions))


def _tokens(query: str) -> list[tuple[str, str]]:
    query, tokens, at = query.strip(), [], 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None or found.lastgroup is None:
            raise InvalidQuery("unexpected character", query=query, at=at)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        spaces = _SPACE.match(query, found.end())
        at = spaces.end() if spaces else found.end()
    return tokens


def _condition(tokens: list[tuple[str, str]], query: str) -> Condition:
    match tokens:
        case [("word", key), ("word", "EXISTS"), *rest] if _is_key(key):
            found = Condition(key, "EXISTS")
        case [("word", key), ("word", "CONTAINS"), ("text", operand), *rest] if _is_key(key):
            found = Condition(key, "CONTAINS", operand)
        case [("word", key), ("operator", "="), ("text", operand), *rest] if _is_key(key):
            found = Condition(key, "=", operand)
        case [("word", key), ("operator", operator), ("number", operand), *rest] if _is_key(key):
            found = Condition(key, operator, Decimal(operand))
        case [("word", key), ("operator", operator), ("moment", operand), *rest] if _is_key(key):
            found = Condition(key, operator, _moment(operand[5:], query))
        case _:
            raise InvalidQuery("expected KEY OPERATOR OPERAND", query=query)
    tokens[:] = rest
    return found


def _is_key(word: str) -> bool:
    return word not in ("AND", "EXISTS", "CONTAINS")


def _moment(operand: str, query: str) -> datetime:
    found = _as(datetime, operand)
    if not isinstance(found, datetime):
        raise InvalidQuery("expected a time in RFC 3339, or a date", query=query)
    return found


def _as(kind: type, value: str) -> Operand:
    """An attribute's value read as an operand of this kind, None where it is not one."""
    if kind is str:
        return value
    if kind is Decimal:
        number = _NUMBER.match(value)
        return None if number is None else Decimal(number[0])
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
