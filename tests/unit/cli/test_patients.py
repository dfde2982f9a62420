import json
import sys
from pathlib import Path

import pytest

from panacea.cli.failure import CommandRefused
from panacea.cli.patients import Owned, make_patients, read_owned


def owners(path: Path, patients: int) -> dict[str, int]:
    found = list(read_owned(path, patients))
    assert all(isinstance(one, Owned) for one in found)
    return {str(one.record.resource["id"]): one.owner for one in found if isinstance(one, Owned)}


def write(path: Path, *resources: dict[str, object]) -> None:
    path.write_text("\n".join(map(json.dumps, resources)))


def lab(name: str, subject: str) -> dict[str, object]:
    return {"resourceType": "Observation", "id": name, "subject": {"reference": subject}}


def test_persons_take_turns_and_keep_their_records(tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson", lab("1", "Patient/x"), lab("2", "Patient/y"), lab("3", "Patient/x"))
    write(tmp_path / "b.ndjson", lab("4", "Patient/x"))
    assert owners(tmp_path, 3) == {"1": 0, "2": 1, "3": 0, "4": 2}
    assert owners(tmp_path, 2)["4"] == 0
    assert set(owners(tmp_path, 1).values()) == {0}


def test_a_record_that_names_nobody_belongs_to_the_first_of_its_file(tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson", lab("1", "Patient/x"), {"resourceType": "Practitioner", "id": "2"})
    write(tmp_path / "b.ndjson", {"resourceType": "Practitioner", "id": "3"}, {"resourceType": "Location", "id": "4"})
    assert owners(tmp_path, 5) == {"1": 0, "2": 0, "3": 1, "4": 1}


def test_a_bundle_s_patient_owns_what_refers_to_it(tmp_path: Path) -> None:
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "id": "p"}},
        {"fullUrl": "urn:uuid:2", "resource": lab("o", "urn:uuid:1")},
    ]
    write(tmp_path / "bundle.json", {"resourceType": "Bundle", "entry": entries})
    assert owners(tmp_path, 4) == {"p": 0, "o": 0}


def test_made_up_patients_are_the_same_for_a_seed(tmp_path: Path) -> None:
    pytest.importorskip("carebundle")
    for name, seed in (("1", 7), ("2", 7), ("3", 8)):
        make_patients(tmp_path / name, 2, seed)
    first, again, other = (
        [file.read_bytes() for file in sorted((tmp_path / name).iterdir())] for name in ("1", "2", "3")
    )
    assert first == again
    assert first != other
    assert len(set(first)) == 2


def test_without_the_package_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "carebundle", None)
    with pytest.raises(CommandRefused) as refused:
        make_patients(tmp_path, 1, 1)
    assert "--records" in refused.value.hint
    assert refused.value.exit_code == 2
