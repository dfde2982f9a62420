"""What links two showings of a credential: the rules of the linter, in plain words, and the names they look for."""

import re
from dataclasses import dataclass
from enum import Enum
from importlib.resources import files
from typing import Final


class Severity(Enum):
    """How much a finding tells: `high` links two showings by itself, `medium` with a few others, `low` is a hint."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its name, how grave it is unless a finding says otherwise, why it matters, and what to do."""

    name: str
    severity: Severity
    why: str
    advice: str


def _blocks() -> dict[str, list[str]]:
    """The lines of linter.txt by block, without comments."""
    blocks: dict[str, list[str]] = {}
    for line in (files("panacea.credentials") / "linter.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            blocks[line.strip("[]")] = []
        elif line and not line.startswith("#"):
            blocks[next(reversed(blocks))].append(line)
    return blocks


def _rule(line: str) -> Rule:
    name, severity, why, advice = line.split(" | ")
    return Rule(name, Severity(severity), why, advice)


def _names(block: str) -> frozenset[str]:
    return frozenset(" ".join(_BLOCKS[block]).split())


_BLOCKS: Final = _blocks()
RULES: Final = {rule.name: rule for rule in map(_rule, _BLOCKS["rules"])}
"""The rules by name."""

# Names are compared as `plain_name` gives them: birthDate, birthdate and birth_date are one.
BIRTH: Final = _names("birth")
POSTAL: Final = _names("postal")
PLACES: Final = _names("places")
STREETS: Final = _names("streets")
COORDINATES: Final = _names("coordinates")
PERSONS: Final = _names("persons")
NUMBERS: Final = _names("numbers")
TEXTS: Final = _names("texts")

INSTANTS: Final = _names("instants")
"""Names under which a whole time must stand, not a date alone."""

JWT_TIMES: Final = _names("jwt-times")

SHARED: Final = _names("shared")
"""Names whose texts are alike in many credentials, whatever they look like."""

SKIPPED: Final = _names("skipped")
"""Names below which nothing is of this credential alone."""

UNIQUE: Final = re.compile(
    r"(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?:0x)?(?=[0-9a-f]*[0-9])[0-9a-f]{16,}"
    r"|[A-Za-z0-9+/_-]{48,}={0,2}|did:[a-z0-9]+:\S+|[^@\s]+@[^@\s]+\.[^@\s]+|\+?[0-9][0-9 ()/-]{8,}[0-9]",
    re.IGNORECASE,
)
"""UUIDs, long hexadecimal and base64, DIDs, mail addresses, long numbers."""

COMPACT: Final = re.compile(
    r"(?:data:application/[a-z+]+[;,](?:[^,]*,)?)?eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_~.-]*"
)
"""A JWT or SD-JWT in its compact form, perhaps in a data URL."""

LONGEST_UNIQUE: Final = 512
"""Characters up to which a text is held against UNIQUE, whose time may grow with their square."""

LONG_TEXT: Final = 60
"""Characters above which words are free text, whatever their name."""


def plain_name(name: str) -> str:
    """A member's name as rules know it."""
    return name.lower().replace("_", "").replace("-", "")
