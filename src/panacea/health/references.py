"""The entries of a Bundle, and the references between them (FHIR R4, section 2.36.4.1).

    fullUrl of an entry      reference in it         means the entry with fullUrl
    https://h/fhir/A/1       B/2                     https://h/fhir/B/2
    any                      https://x/B/2, urn:…    that very URL
    urn:uuid:…               B/2                     none by the rules; the only B with id 2, as many systems mean it
    any                      #c                      none: a record inside the same resource

Nothing is followed further than one step at a time, so references in a circle are as good as any.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from panacea.health.mapping import require_resource
from panacea.health.types import JSON, BundleTooLarge, DuplicateFullURL, Resource, SummaryRejected

MAX_ENTRIES: Final = 5000
MAX_REFERENCES: Final = 50_000
"""Entries of a Bundle, and references in it, that are read."""

MAX_URL: Final = 2048
_VERSION = re.compile(r"/_history/[A-Za-z0-9.-]{1,64}\Z")
_RESTFUL = re.compile(r"(https?://.+/)[A-Z][A-Za-z]{0,63}/[A-Za-z0-9.-]{1,64}")
_RELATIVE = re.compile(r"[A-Z][A-Za-z]{0,63}/[A-Za-z0-9.-]{1,64}")


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource in a Bundle, its name there, and its place from 0."""

    full_url: str
    resource: Resource
    place: int

    @property
    def kind(self) -> str:
        """The resource type."""
        return str(self.resource["resourceType"])


class Entries:
    """The entries of one Bundle by name."""

    __slots__ = ("_by_kind_and_id", "_by_url", "all")

    def __init__(self, found: tuple[Entry, ...]) -> None:
        """Index them. Raises DuplicateFullURL."""
        self.all = found
        self._by_url: dict[str, Entry] = {}
        self._by_kind_and_id: dict[str, Entry | None] = {}
        for entry in found:
            if entry.full_url in self._by_url:
                raise DuplicateFullURL(full_url=entry.full_url)
            self._by_url[entry.full_url] = entry
            if isinstance(identifier := entry.resource.get("id"), str):
                # Two of one name and id: a reference to them would mean either, so it means none.
                name = f"{entry.kind}/{identifier}"
                self._by_kind_and_id[name] = None if name in self._by_kind_and_id else entry

    def find(self, reference: str, within: Entry) -> Entry | None:
        """The entry that a reference in another entry names, or None for one that is not in this Bundle."""
        if len(reference) > MAX_URL or reference.startswith("#"):
            return None
        named = _VERSION.sub("", reference.partition("#")[0])
        if found := self._by_url.get(named):
            return found
        if not _RELATIVE.fullmatch(named):
            return None
        root = _RESTFUL.fullmatch(within.full_url)
        found = self._by_url.get(root[1] + named) if root else None
        return found or self._by_kind_and_id.get(named)

    def references_of(self, entry: Entry) -> Mapping[str, str]:
        """The fullUrl of each entry that an entry refers to, by the JSON pointer of the reference in its resource."""
        named = {pointer: self.find(text, entry) for pointer, text in references_in(entry.resource)}
        return {pointer: found.full_url for pointer, found in named.items() if found}


def read_entries(bundle: Resource) -> Entries:
    """The entries of a document Bundle, each with a fullUrl of its own and a resource.

    Raises SummaryRejected, BundleTooLarge, DuplicateFullURL, ResourceRejected.
    """
    entries = bundle.get("entry")
    if not isinstance(entries, list) or not entries:
        raise SummaryRejected("a Bundle without entries")
    if len(entries) > MAX_ENTRIES:
        raise BundleTooLarge("too many entries", entries=len(entries), limit=MAX_ENTRIES)
    found = []
    for place, entry in enumerate(entries):
        url = entry.get("fullUrl") if isinstance(entry, dict) else None
        if not isinstance(url, str) or not 0 < len(url) <= MAX_URL or "/_history/" in url:
            raise SummaryRejected("an entry without a fullUrl", place=place)
        found.append(Entry(url, require_resource(entry.get("resource")), place))
    return Entries(tuple(found))


def references_in(resource: Resource) -> Iterator[tuple[str, str]]:
    """Every reference in a resource with its JSON pointer, in the order of the text.

    R5's CodeableReference holds a Reference in its member `reference`. Raises BundleTooLarge beyond MAX_REFERENCES.
    """
    waiting: list[tuple[str, JSON]] = [("", resource)]
    count = 0
    while waiting:
        pointer, value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(said := value.get("reference"), str):
                count += 1
                if count > MAX_REFERENCES:
                    raise BundleTooLarge("too many references", limit=MAX_REFERENCES)
                yield f"{pointer}/reference", said
            waiting += reversed([(f"{pointer}/{name}", inner) for name, inner in value.items()])
        elif isinstance(value, list):
            waiting += reversed([(f"{pointer}/{index}", inner) for index, inner in enumerate(value)])
