"""Reading FHIR from files and folders: single resources, Bundles and NDJSON, one record at a time.

A record's reference is the path of its file relative to the folder that was named, then `#`, then `type/id`, the
entry's fullUrl where the resource has no id, or a hash of the resource where it has neither. The same folder gives
the same references on every machine. What cannot be read is told with its reason, never raised.
"""

import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from panacea.health.mapping import subject_form
from panacea.health.strict_json import MAX_BYTES, parse_json, to_json
from panacea.health.types import JSON, HealthRejected, Resource, ResourceRejected

MAX_FILE_BYTES = 64 * 1024 * 1024
_LINES = {".ndjson", ".jsonl"}
_SUFFIXES = {".json", *_LINES}


@dataclass(frozen=True, slots=True)
class Record:
    """A resource that was read; `full_url` is the name (often urn:uuid:…) by which its Bundle refers to it."""

    reference: str
    resource: Resource
    full_url: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, line or entry that gave no record, and why."""

    reference: str
    reason: str


def read_records(path: Path) -> Iterator[Record | Unreadable]:
    """Every record of a file, or of all .json, .ndjson and .jsonl files below a folder, in the order of their paths.

    Symbolic links out of the folder are not followed. A Bundle gives its entries, at any depth, not itself.
    """
    if not path.is_dir():
        yield from _of_file(path, path.name)
        return
    for file in sorted(path.rglob("*")):
        name = file.relative_to(path).as_posix()
        if file.suffix.lower() in _SUFFIXES and file.is_file():
            if file.resolve().is_relative_to(path.resolve()):
                yield from _of_file(file, name)
            else:
                yield Unreadable(name, "a link that leaves the folder")


def record_hash(resource: Resource) -> str:
    """The SHA-256 of a resource as written here, in hex: the name of a resource that has none."""
    return hashlib.sha256(to_json(resource)).hexdigest()


def _of_file(file: Path, name: str) -> Iterator[Record | Unreadable]:
    seen: set[str] = set()
    try:
        for found in _of_lines(file, name) if file.suffix.lower() in _LINES else _of_document(file, name):
            yield _unique(found, seen)
    except OSError as error:
        yield Unreadable(name, error.strerror or "not readable")


def _of_document(file: Path, name: str) -> Iterator[Record | Unreadable]:
    if file.stat().st_size > MAX_FILE_BYTES:
        yield Unreadable(name, f"larger than {MAX_FILE_BYTES} bytes")
        return
    yield from _parsed(file.read_bytes(), name, MAX_FILE_BYTES)


def _of_lines(file: Path, name: str) -> Iterator[Record | Unreadable]:
    with file.open("rb") as lines:
        for number in itertools.count(1):
            line = lines.readline(MAX_BYTES + 1)
            if not line:
                return
            if len(line) > MAX_BYTES:
                yield Unreadable(f"{name}:{number}", f"a line larger than {MAX_BYTES} bytes")
                return
            if line.strip():
                yield from _parsed(line, name, MAX_BYTES, f":{number}")


def _parsed(data: bytes, name: str, limit: int, place: str = "") -> Iterator[Record | Unreadable]:
    try:
        value = parse_json(data, max_bytes=limit)
    except HealthRejected as rejected:
        yield Unreadable(name + place, str(rejected))
        return
    yield from _of_value(value, name, place)


def _of_value(value: JSON, name: str, place: str, full_url: str = "") -> Iterator[Record | Unreadable]:
    if isinstance(value, dict) and value.get("resourceType") == "Bundle":
        entries = value.get("entry", [])
        for index, entry in enumerate(entries if isinstance(entries, list) else [entries]):
            inner = entry.get("resource") if isinstance(entry, dict) else None
            if inner is None:
                yield Unreadable(f"{name}{place}/entry/{index}", "a Bundle entry without a resource")
            else:
                url = entry.get("fullUrl")
                yield from _of_value(inner, name, f"{place}/entry/{index}", url if isinstance(url, str) else "")
        return
    try:
        subject_form(value if isinstance(value, dict) else {})
        yield Record(f"{name}#{_own_name(value, full_url)}", value, full_url)
    except HealthRejected as rejected:
        yield Unreadable(name + place, str(rejected))


def _own_name(resource: Resource, full_url: str) -> str:
    identifier = resource.get("id")
    if isinstance(identifier, str) and identifier:
        return f"{resource['resourceType']}/{identifier}"
    if "id" in resource:
        raise ResourceRejected("an id that is not a string")
    return full_url or record_hash(resource)


def _unique(found: Record | Unreadable, seen: set[str]) -> Record | Unreadable:
    """A second resource of the same name in one file gets its hash in its reference; an exact copy is told."""
    if isinstance(found, Unreadable):
        return found
    reference, digest = found.reference, record_hash(found.resource)
    if f"{reference}@{digest}" in seen:
        return Unreadable(reference, "an exact copy of a record of this file")
    first = reference not in seen
    seen |= {reference, f"{reference}@{digest}"}
    return found if first else Record(f"{reference}@{digest}", found.resource, found.full_url)
