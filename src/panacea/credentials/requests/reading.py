"""Reading JSON objects member by member: each of the wrong kind, size or place is refused by its path."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn, TypeVar

from panacea.credentials.requests.types import Refusal
from panacea.health.strict_json import require_depth
from panacea.health.types import JSON, JSONRejected

MAX_DEPTH: Final = 40
"""Levels of objects and arrays in any document of this room."""
MAX_TEXT: Final = 8192
"""Characters of one text, unless a reader says otherwise."""
MAX_ITEMS: Final = 1024
"""Items of one list."""

_T = TypeVar("_T")
_URL: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s<>\"\\^`{|}\x00-\x20]+")


@dataclass(frozen=True, slots=True)
class Members:
    """The members of one JSON object while it is read.

    `find_…` is None where the member is absent, `get_…` refuses that. Null counts as a member of the wrong kind.
    """

    values: Mapping[str, Any] = field(repr=False)  # Any: JSON, looked at member by member
    at: str
    refusal: Refusal

    @classmethod
    def of(cls, value: JSON, at: str, refusal: Refusal, *, check_depth: bool = False) -> "Members":
        """The members of a value that must be an object."""
        if not isinstance(value, dict) or not all(isinstance(name, str) for name in value):
            raise refusal("an object is expected", at=at or "the document")
        if check_depth:
            try:
                require_depth(value, MAX_DEPTH)
            except JSONRejected as error:
                raise refusal("nested too deep", limit=MAX_DEPTH) from error
        return cls(value, at, refusal)

    def refuse(self, detail: str, name: str = "") -> NoReturn:
        """Refuse this object, or one member of it."""
        raise self.refusal(detail, at=self._place(name))

    def only(self, names: Iterable[str]) -> None:
        """Refuse any other member."""
        if unknown := sorted(self.values.keys() - set(names)):
            self.refuse("an unknown property", unknown[0])

    def find_text(self, name: str, *, limit: int = MAX_TEXT, pattern: "re.Pattern[str] | None" = None) -> str | None:
        """A text, not empty, of at most `limit` characters, that the pattern matches wholly."""
        if name not in self.values:
            return None
        value = self.values[name]
        if not isinstance(value, str) or not 0 < len(value) <= limit:
            self.refuse(f"a text of 1 to {limit} characters is expected", name)
        if pattern is not None and not pattern.fullmatch(value):
            self.refuse("a text of another form is expected", name)
        return value

    def get_text(self, name: str, *, limit: int = MAX_TEXT, pattern: "re.Pattern[str] | None" = None) -> str:
        """The text that must be there."""
        return self._required(name, self.find_text(name, limit=limit, pattern=pattern))

    def find_words(self, name: str, *, limit: int = MAX_TEXT) -> str | None:
        """A text for people: it may be empty."""
        if self.values.get(name) == "" and name in self.values:
            return ""
        return self.find_text(name, limit=limit)

    def find_url(self, name: str, *, schemes: tuple[str, ...] = ()) -> str | None:
        """An absolute URI, of one of the schemes where some are given."""
        value = self.find_text(name, pattern=_URL)
        if value is not None and schemes and value.partition(":")[0].lower() not in schemes:
            self.refuse(f"a URL of {' or '.join(schemes)} is expected", name)
        return value

    def get_url(self, name: str, *, schemes: tuple[str, ...] = ()) -> str:
        """The URL that must be there."""
        return self._required(name, self.find_url(name, schemes=schemes))

    def find_flag(self, name: str) -> bool | None:
        """True or false."""
        if name not in self.values:
            return None
        value = self.values[name]
        if not isinstance(value, bool):
            self.refuse("true or false is expected", name)
        return value

    def find_whole(self, name: str, *, least: int = 0, most: int = 2**53) -> int | None:
        """A whole number within bounds."""
        if name not in self.values:
            return None
        value = self.values[name]
        if type(value) is not int or not least <= value <= most:
            self.refuse(f"a whole number from {least} is expected", name)
        return value

    def find_choice(self, name: str, choices: Iterable[str]) -> str | None:
        """One of a few texts, letter for letter."""
        if name not in self.values:
            return None
        value = self.values[name]
        if not isinstance(value, str) or value not in set(choices):
            self.refuse(f"one of {', '.join(choices)} is expected", name)
        return value

    def find_list(self, name: str, *, least: int = 0, most: int = MAX_ITEMS) -> list[JSON] | None:
        """A list of anything."""
        if name not in self.values:
            return None
        value = self.values[name]
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.refuse(f"a list of {least} to {most} items is expected", name)
        return value

    def find_texts(self, name: str, *, least: int = 1, unique: bool = False) -> tuple[str, ...] | None:
        """A list of texts, none of them empty."""
        found = self.find_list(name, least=least)
        if found is None:
            return None
        if not all(isinstance(one, str) and 0 < len(one) <= MAX_TEXT for one in found):
            self.refuse("a list of texts is expected", name)
        if unique and len(set(found)) != len(found):
            self.refuse("one item stands twice", name)
        return tuple(found)

    def get_texts(self, name: str, *, least: int = 1, unique: bool = False) -> tuple[str, ...]:
        """The list of texts that must be there."""
        return self._required(name, self.find_texts(name, least=least, unique=unique))

    def find_members(self, name: str) -> "Members | None":
        """An object below."""
        if name not in self.values:
            return None
        return Members.of(self.values[name], self._place(name), self.refusal)

    def get_members(self, name: str) -> "Members":
        """The object below that must be there."""
        return self._required(name, self.find_members(name))

    def find_each(
        self, name: str, read: "Callable[[Members], _T]", *, least: int = 0, most: int = MAX_ITEMS
    ) -> tuple[_T, ...] | None:
        """A list of objects, each read by `read`."""
        found = self.find_list(name, least=least, most=most)
        if found is None:
            return None
        place = self._place(name)
        return tuple(read(Members.of(one, f"{place}[{index}]", self.refusal)) for index, one in enumerate(found))

    def get_each(
        self, name: str, read: "Callable[[Members], _T]", *, least: int = 1, most: int = MAX_ITEMS
    ) -> tuple[_T, ...]:
        """The list of objects that must be there."""
        return self._required(name, self.find_each(name, read, least=least, most=most))

    def _required(self, name: str, value: _T | None) -> _T:
        if value is None:
            self.refuse("a property is missing", name)
        return value

    def _place(self, name: str) -> str:
        return ".".join(part for part in (self.at, name[:80]) if part) or "the document"


def present(**members: JSON) -> dict[str, JSON]:
    """A JSON object of what is not None."""
    return {name: value for name, value in members.items() if value is not None}
