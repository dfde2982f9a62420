"""Tables for the researcher: bought records as rows, as Parquet, or as NDJSON.

A row holds the few columns that every study starts with, whatever provenance columns the caller adds, and the whole
FHIR JSON, so that nothing is lost in the table.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from panacea.health.paths import elements_for, parse_path
from panacea.health.strict_json import to_json, written
from panacea.health.types import JSON, Resource, TablesRejected

COLUMNS = (
    "resource_type", "code_system", "code", "display", "value", "value_written", "unit", "value_text", "time", "status",
)  # fmt: skip

_TIMES = (
    "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "occurrenceDateTime", "onsetDateTime",
    "performedDateTime", "performedPeriod.start", "authoredOn", "recordedDate", "issued",
    # R5 renames some, and other types have others.
    "occurrencePeriod.start", "occurenceDateTime", "occurencePeriod.start", "actualPeriod.start", "period.start",
    "onsetPeriod.start", "timingDateTime", "timingPeriod.start", "whenHandedOver", "whenPrepared", "started",
    "dateAsserted", "recordedOn", "recorded", "authored", "created", "date",
)  # fmt: skip

_CODES = (
    "code.coding", "vaccineCode.coding", "medicationCodeableConcept.coding", "medication.concept.coding",
    "code.concept.coding", "codeCodeableConcept.coding", "event.coding", "type.coding",
)  # fmt: skip
"""Where a record says what it is about, in R4, R4B and R5."""

Row = dict[str, Any]  # Any: str, int, float or None, as columns hold them


@dataclass(frozen=True, slots=True)
class Delivered:
    """A record that was bought, and what is known about its origin, by column name."""

    resource: Resource
    provenance: Mapping[str, str | int | None] = field(default_factory=dict)


def row(delivered: Delivered) -> Row:
    """One record as a row: COLUMNS, the provenance, and `resource` with the FHIR JSON.

    `value` is a double for computing; `value_written` is the number as the issuer wrote it.
    """
    resource = delivered.resource
    coding: JSON = next((found for found in (_find(resource, path) for path in _CODES) if found), {})
    quantity = _find(resource, "valueQuantity") or {}
    number = quantity.get("value") if isinstance(quantity, dict) else None
    exact = number if isinstance(number, int | Decimal) and not isinstance(number, bool) else None
    cells: Row = {
        "resource_type": resource.get("resourceType"),
        "code_system": _text(coding, "system"),
        "code": _text(coding, "code"),
        "display": _text(coding, "display") or _string(_find(resource, "code.text")),
        "value": None if exact is None else _double(exact),
        "value_written": None if exact is None else written(exact),
        "unit": _text(quantity, "unit") or _text(quantity, "code"),
        "value_text": _string(_find(resource, "valueString")) or _string(_find(resource, "valueCodeableConcept.text")),
        "time": _time(resource),
        "status": _text(resource, "status"),
    }
    if clash := (cells.keys() | {"resource"}) & delivered.provenance.keys():
        raise TablesRejected("a provenance column of a reserved name", columns=sorted(clash))
    return cells | dict(delivered.provenance) | {"resource": to_json(resource).decode()}


def write_parquet(path: Path, delivered: Iterable[Delivered], *, batch: int = 1000) -> int:
    """Write one Parquet file, a batch of rows at a time; answers the number of rows.

    Provenance columns are those of the first record. Raises TablesRejected where pyarrow is not installed.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise TablesRejected("Parquet needs pyarrow: pip install 'panacea-chain[tables]', or write NDJSON") from error
    rows = 0
    writer = None
    waiting: list[Row] = []
    try:
        for one in delivered:
            waiting.append(row(one))
            if writer is None:
                writer = parquet.ParquetWriter(path, _schema(arrow, waiting[0]), compression="zstd")
            if len(waiting) == batch:
                rows += _flush(arrow, writer, waiting)
        writer = writer or parquet.ParquetWriter(path, _schema(arrow, dict.fromkeys((*COLUMNS, "resource"))))
        rows += _flush(arrow, writer, waiting)
    finally:
        if writer is not None:
            writer.close()
    return rows


def write_ndjson(path: Path, delivered: Iterable[Delivered]) -> int:
    """Write the FHIR resources alone, one a line, numbers as they were written; answers the number of lines."""
    lines = 0
    with path.open("wb") as file:
        for one in delivered:
            file.write(to_json(one.resource) + b"\n")
            lines += 1
    return lines


def _schema(arrow: Any, first: Row) -> Any:  # Any: pyarrow has no types of its own
    kinds = {"value": arrow.float64()}
    return arrow.schema(
        [
            (name, kinds.get(name) or (arrow.int64() if isinstance(cell, int) else arrow.string()))
            for name, cell in first.items()
        ]
    )


def _flush(arrow: Any, writer: Any, waiting: list[Row]) -> int:  # Any: as above
    count = len(waiting)
    if any(one.keys() != waiting[0].keys() for one in waiting):
        raise TablesRejected("records with different provenance columns")
    if waiting:
        writer.write_table(arrow.Table.from_pylist(waiting, schema=writer.schema))
    waiting.clear()
    return count


def _find(resource: Resource, path: str) -> JSON:
    """The first value at an element path, or None."""
    for pointer in elements_for(resource, [path]):
        value: JSON = resource
        for step in parse_path(pointer).steps:
            value = value[int(step)] if isinstance(value, list) else value[step]
        return value
    return None


def _time(resource: Resource) -> str | None:
    for path in _TIMES:
        if isinstance(found := _find(resource, path), str):
            return found
    return None


def _text(value: JSON, name: str) -> str | None:
    return _string(value.get(name)) if isinstance(value, dict) else None


def _string(value: JSON) -> str | None:
    return value if isinstance(value, str) else None


def _double(number: int | Decimal) -> float | None:
    """The nearest double, or None where there is none."""
    try:
        nearest = float(number)
    except OverflowError:
        return None
    return nearest if math.isfinite(nearest) else None
