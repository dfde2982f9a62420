"""Files and folders of FHIR: references, Bundles, NDJSON, and what is told instead of raised."""

from pathlib import Path

import pytest
from shared_files import fhir

from panacea.health.bundles import Record, Unreadable, read_records, record_hash
from panacea.health.strict_json import parse_json


def _references(path: Path) -> list[str]:
    return [found.reference for found in read_records(path) if isinstance(found, Record)]


def test_references_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.json").write_text('{"resourceType":"Patient","id":"1"}')
    (tmp_path / "b.ndjson").write_text('{"resourceType":"Patient","id":"1"}\n\n{"resourceType":"Patient"}\r\n')
    (tmp_path / "notes.txt").write_text("not FHIR")
    nameless = record_hash({"resourceType": "Patient"})
    assert _references(tmp_path) == ["b.ndjson#Patient/1", f"b.ndjson#{nameless}", "sub/a.json#Patient/1"]
    assert _references(tmp_path / "sub" / "a.json") == ["a.json#Patient/1"]


def test_a_bundle_gives_its_entries(tmp_path: Path) -> None:
    patient = '{"resourceType":"Patient","id":"1","active":true}'
    file = tmp_path / "bundle.json"
    file.write_text(
        '{"resourceType":"Bundle","entry":[{"fullUrl":"urn:uuid:x","resource":{"resourceType":"Patient"}},'
        f'{{"resource":{patient}}},{{"resource":{patient}}},'
        '{"resource":{"resourceType":"Patient","id":"1"}},{"request":{"method":"GET"}},7,{"resource":"no"},'
        '{"resource":{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Device","id":"d"}}]}},'
        '{"resource":{"resourceType":"Patient","id":3}}]}'
    )
    found = list(read_records(file))
    other = record_hash({"resourceType": "Patient", "id": "1"})
    assert [one.reference for one in found] == [
        "bundle.json#urn:uuid:x",
        "bundle.json#Patient/1",
        "bundle.json#Patient/1",
        f"bundle.json#Patient/1@{other}",
        "bundle.json/entry/4",
        "bundle.json/entry/5",
        "bundle.json/entry/6",
        "bundle.json#Device/d",
        "bundle.json/entry/8",
    ]
    assert isinstance(found[0], Record)
    assert found[0].full_url == "urn:uuid:x"
    reasons = [one.reason for one in found if isinstance(one, Unreadable)]
    assert reasons[0] == "an exact copy of a record of this file"
    assert len(reasons) == 5


@pytest.mark.parametrize("text", ["", "{", "[]", "7", '{"resourceType":"Patient","a b":1}', '{"id":"x"}', "\xff"])
def test_awkward_files_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_bytes(text.encode("latin-1"))
    (tmp_path / "z.json").write_text('{"resourceType":"Patient","id":"1"}')
    first, second = read_records(tmp_path)
    assert isinstance(first, Unreadable)
    assert first.reason
    assert isinstance(second, Record)


def test_links_out_of_the_folder_are_told(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out.json").write_text('{"resourceType":"Patient","id":"1"}')
    (tmp_path / "in" / "link.json").symlink_to(tmp_path / "out.json")
    assert [type(found) for found in read_records(tmp_path / "in")] == [Unreadable]
    assert [found for found in read_records(tmp_path / "missing.json") if isinstance(found, Unreadable)]


def test_all_examples_are_read() -> None:
    found = list(read_records(fhir()))
    records = [one for one in found if isinstance(one, Record)]
    assert len({one.reference for one in records}) == len(records)
    assert {one.reason for one in found if isinstance(one, Unreadable)} == {"a Bundle entry without a resource"}
    single = [path for path in fhir().glob("*.json") if parse_json(path.read_bytes())["resourceType"] != "Bundle"]
    assert len(records) > len(single) > 50
