"""Whose records the demo sells: made-up patients from the package carebundle, or any FHIR files that are named.

Made-up patients are written as files first, one Bundle each, so that both ways read the same way, one record at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from panacea.cli.failure import USAGE, CommandRefused
from panacea.health.bundles import Record, Unreadable, read_records
from panacea.health.types import JSON, Resource


@dataclass(frozen=True, slots=True)
class Owned:
    """A record and the number of the patient it belongs to, from 0."""

    owner: int
    record: Record


def make_patients(folder: Path, count: int, seed: int) -> Path:
    """Write `count` made-up patients, the same for the same seed.

    Raises:
        CommandRefused: the package carebundle is not installed.
    """
    try:
        import carebundle
    except ImportError:
        raise CommandRefused(
            "made-up patients need the package carebundle",
            hint="pip install 'panacea-chain[demo]', or name your own FHIR files: --records PATH",
            exit_code=USAGE,
        ) from None
    folder.mkdir(parents=True, exist_ok=True)
    profiles = sorted(carebundle.PROFILES)
    for number in range(count):
        bundle = carebundle.generate_bundle(
            profile=profiles[number % len(profiles)], seed=seed, index=number, sex="FM"[number % 2]
        )
        (folder / f"patient-{number + 1:06d}.json").write_text(carebundle.to_json(bundle))
    return folder


def read_owned(path: Path, patients: int) -> Iterator[Owned | Unreadable]:
    """Every record below `path` with its owner: one person's records stay together, persons take turns."""
    seen: dict[str, int] = {}
    for found in read_records(path):
        if isinstance(found, Unreadable):
            yield found
        else:
            whose = _subject(found)
            yield Owned(seen.setdefault(whose, len(seen) % patients), found)


def _subject(record: Record) -> str:
    """Whom a record is about, as far as it says: within a file, so that two files' patients are never taken for one."""
    file, _, name = record.reference.partition("#")
    if record.resource.get("resourceType") == "Patient":
        return f"{file}#{record.full_url or name}"
    for element in ("subject", "patient"):
        reference = _reference(record.resource, element)
        if reference:
            return f"{file}#{reference}"
    return file


def _reference(resource: Resource, element: str) -> str:
    found: JSON = resource.get(element)
    reference = found.get("reference") if isinstance(found, dict) else None
    return reference if isinstance(reference, str) else ""
