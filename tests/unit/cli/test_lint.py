"""`panacea lint`: for people and programs, from a file or standard input."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from shared_files import fhir

from panacea.cli.main import ROOT

PATIENT = '{"resourceType":"Patient","id":"p","birthDate":"1980-05-17","gender":"female"}'


@pytest.fixture
def patient(tmp_path: Path) -> str:
    path = tmp_path / "patient.json"
    path.write_text(PATIENT)
    return str(path)


def test_for_people(patient: str) -> None:
    done = CliRunner().invoke(ROOT, ["lint", patient], standalone_mode=False)
    assert done.exception is None
    lines = done.output.splitlines()
    assert [line.split()[:3] for line in lines[1:3]] == [
        ["high", "/id", "record-number"],
        ["high", "/birthDate", "birth-date"],
    ]
    assert "put 1980" in lines[2]
    assert lines[-1].startswith("birth-date: A date of birth")


def test_for_programs(patient: str, tmp_path: Path) -> None:
    out = tmp_path / "coarser.json"
    done = CliRunner().invoke(ROOT, ["lint", patient, "-o", "json", "--coarser", str(out)], standalone_mode=False)
    told = json.loads(done.output)
    assert [one["pointer"] for one in told["findings"]] == ["/id", "/birthDate"]
    assert told["findings"][1]["coarser"] == "put 1980"
    assert told["output"] == str(out)
    assert json.loads(out.read_text()) == {"resourceType": "Patient", "birthDate": "1980", "gender": "female"}


def test_standard_input_and_nothing_found() -> None:
    done = CliRunner().invoke(ROOT, ["lint", "-"], input='{"resourceType":"Patient"}', standalone_mode=False)
    assert done.output == "nothing that links its showings was found\n"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--fail-on", "high"], 1),
        (["--fail-on", "low"], 1),
        (["--fail-on", "never"], 0),
        ([], 0),
        (["--mandatory", "/birthDate", "--grain", "year", "--fail-on", "high"], 1),
    ],
)
def test_exit_codes(patient: str, arguments: list[str], code: int) -> None:
    done = CliRunner().invoke(ROOT, ["lint", patient, *arguments], standalone_mode=False)
    assert done.return_value == code


def test_what_is_no_document(tmp_path: Path) -> None:
    for name, octets in (("a.json", b"{"), ("b.json", b"[" * 1000), ("c.json", b" " * 20_000_000)):
        path = tmp_path / name
        path.write_bytes(octets)
        done = CliRunner().invoke(ROOT, ["lint", str(path)], standalone_mode=False)
        assert type(done.exception).__name__ == "JSONRejected"
    done = CliRunner().invoke(ROOT, ["lint", str(tmp_path / "missing.json")], standalone_mode=False)
    assert type(done.exception).__name__ == "CommandRefused"


def test_published_records() -> None:
    for path in sorted(fhir().glob("*.json"))[:20]:
        done = CliRunner().invoke(ROOT, ["lint", str(path), "-o", "json"], standalone_mode=False)
        assert json.loads(done.output)["findings"], path.name
