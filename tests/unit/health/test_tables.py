"""Bought records as rows, Parquet and NDJSON."""

import sys
from pathlib import Path
from typing import Any

import pytest

from panacea.health.bundles import Record, read_records
from panacea.health.loinc import DEFAULT_LABORATORY_CODES, LOINC
from panacea.health.strict_json import parse_json, to_json
from panacea.health.tables import COLUMNS, Delivered, row, write_ndjson, write_parquet
from panacea.health.types import TablesRejected

LAB = (
    '{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"4548-4",'
    '"display":"HbA1c"}]},"effectiveDateTime":"2025-01-02","valueQuantity":{"value":7.90,"unit":"%"}}'
)


def _delivered(text: str = LAB, **provenance: Any) -> Delivered:
    return Delivered(parse_json(text.encode()), provenance)


def test_a_row() -> None:
    assert row(_delivered(issuer="did:panacea:x", block=7)) == {
        "resource_type": "Observation",
        "code_system": LOINC,
        "code": "4548-4",
        "display": "HbA1c",
        "value": 7.9,
        "value_written": "7.90",
        "unit": "%",
        "value_text": None,
        "time": "2025-01-02",
        "status": "final",
        "issuer": "did:panacea:x",
        "block": 7,
        "resource": LAB,
    }


def test_awkward_values_stay_in_the_resource() -> None:
    text = '{"resourceType":"Observation","code":[],"valueQuantity":{"value":1e400,"unit":3}}'
    cells = row(_delivered(text))
    assert cells["value"] is None
    assert cells["value_written"] == "1e400"
    assert cells["unit"] is None
    assert cells["resource"] == text


def test_provenance_cannot_take_a_column() -> None:
    with pytest.raises(TablesRejected):
        row(_delivered(status="x"))


def test_parquet_reads_back(tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "deal.parquet"
    assert write_parquet(path, [_delivered(block=number) for number in range(5)], batch=2) == 5
    rows = parquet.read_table(path).to_pylist()
    assert [one["block"] for one in rows] == [0, 1, 2, 3, 4]
    assert rows[0] == row(_delivered(block=0))
    assert write_parquet(path, []) == 0
    assert parquet.read_table(path).column_names == [*COLUMNS, "resource"]
    with pytest.raises(TablesRejected):
        write_parquet(path, [_delivered(block=1), _delivered()])


def test_without_pyarrow_there_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(TablesRejected, match="NDJSON"):
        write_parquet(tmp_path / "x.parquet", [])


def test_ndjson_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "deal.ndjson"
    assert write_ndjson(path, [_delivered()]) == 1
    (record,) = read_records(path)
    assert isinstance(record, Record)
    assert to_json(record.resource) == LAB.encode()


def test_five_codes_are_asked_for() -> None:
    assert len(DEFAULT_LABORATORY_CODES) == 5
