"""The language in which events are searched and subscribed to: `tx.height > 5 AND transfer.sender = 'panacea1…'`.

CometBFT's grammar: conditions joined by AND; operators =, <, <=, >, >=, CONTAINS, EXISTS; operands are texts in single
quotes, numbers, and the words TIME and DATE before an RFC 3339 time or a date, which are compared as texts.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from panacea.primitives.rejected import Rejected

MAX_QUERY = 512
MAX_CONDITIONS = 16
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'[^']*')|(?P<number>\d+(?:\.\d+)?)|(?P<operator><=|>=|=|<|>)|(?P<word>[^\s'<>=]+))"
)


class InvalidQuery(Rejected, codespace="node", code=3, text="invalid query"):
    """A text is not a query of this language."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on `key` (`type.attribute`); `operand` is text, or a whole number to compare with."""

    key: str
    operator: str
    operand: str | int = ""

    def holds(self, value: str) -> bool:
        """Whether an attribute's value fulfils it."""
        match self.operator:
            case "EXISTS":
                return True
            case "CONTAINS":
                return str(self.operand) in value
            case "=":
                return value == str(self.operand)
        if isinstance(self.operand, str):
            return _compare(self.operator, value, self.operand)
        # Amounts such as 12umed compare by their number, as CometBFT does.
        found = re.match(r"-?\d{1,78}", value)
        return found is not None and _compare(self.operator, int(found[0]), self.operand)


def _compare(operator: str, left: "int | str", right: "int | str") -> bool:
    if isinstance(left, int) and isinstance(right, int):
        order = (left > right) - (left < right)
    else:
        order = (str(left) > str(right)) - (str(left) < str(right))
    return {"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]


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

    def equal(self, key: str) -> str | None:
        """The value that `key` must equal, if the query says so."""
        for condition in self.conditions:
            if condition.key == key and condition.operator == "=":
                return str(condition.operand)
        return None


def parse(text: str) -> Query:
    """The query of a text.

    Raises:
        InvalidQuery: saying where it goes wrong.
    """
    if len(text) > MAX_QUERY:
        raise InvalidQuery(f"at most {MAX_QUERY} characters", size=len(text))
    tokens = _tokens(text)
    conditions = []
    while True:
        conditions.append(_condition(tokens, text))
        if not tokens:
            break
        if tokens.pop(0) != ("word", "AND") or len(conditions) == MAX_CONDITIONS:
            raise InvalidQuery("conditions are joined by AND, 16 at most", query=text)
    return Query(tuple(conditions))


def _tokens(text: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise InvalidQuery("unexpected character", query=text, at=at)
        tokens.append((found.lastgroup, found[found.lastgroup]))
        at = found.end()
    return tokens


def _condition(tokens: list[tuple[str, str]], text: str) -> Condition:
    match tokens:
        case [("word", key), ("word", "EXISTS"), *_] if key != "AND":
            del tokens[:2]
            return Condition(key, "EXISTS")
        case [("word", key), ("word", "CONTAINS"), ("text", operand), *_] if key != "AND":
            del tokens[:3]
            return Condition(key, "CONTAINS", operand[1:-1])
        case [("word", key), ("operator", operator), ("word", "TIME" | "DATE"), ("word", operand), *_]:
            del tokens[:4]
            return Condition(key, operator, operand)
        case [("word", key), ("operator", operator), ("number", operand), *_] if key != "AND":
            del tokens[:3]
            return Condition(key, operator, int(operand) if operand.isdecimal() else operand)
        case [("word", key), ("operator", "="), ("text", operand), *_] if key != "AND":
            del tokens[:3]
            return Condition(key, "=", operand[1:-1])
    raise InvalidQuery("expected KEY OPERATOR OPERAND", query=text)
