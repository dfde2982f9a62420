"""Whose records the demo sells: made-up patients from the package carebundle, or any FHIR files that are named.

Made-up patients are written as files first, one Bundle each, so that both ways read the same way, one record at a time.
"""

import itertools
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
    """Every record below `path` with its owner: one person's records stay together, persons take turns.

    A record that names nobody belongs to the first person of its file; two files' patients are never taken for one.
    """
    owners: dict[tuple[str, str], int] = {}
    turns = itertools.cycle(range(patients))
    for found in read_records(path):
        if isinstance(found, Unreadable):
            yield found
            continue
        file, subject = found.reference.partition("#")[0], _subject(found)
        if (file, subject) not in owners:
            owners[file, subject] = next(turns)
            owners.setdefault((file, ""), owners[file, subject])
        yield Owned(owners[file, subject], found)


def _subject(record: Record) -> str:
    """Whom a record is about, as far as it says."""
    if record.resource.get("resourceType") == "Patient":
        return record.full_url or record.reference.partition("#")[2]
    return _reference(record.resource, "subject") or _reference(record.resource, "patient")


def _reference(resource: Resource, element: str) -> str:
    found: JSON = resource.get(element)
    reference = found.get("reference") if isinstance(found, dict) else None
    return reference if isinstance(reference, str) else ""
