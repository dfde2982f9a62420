import json
from pathlib import Path
from typing import Any

import pytest
from health_issuer import LAB

from panacea.cli.lock import held
from panacea.cli.people import holder_of, open_vault
from panacea.credentials.records.model import MAX_CREDENTIAL, parse_credential, read_claims
from panacea.crypto.keyring import Keyring
from panacea.exchange.holder import Holder


@pytest.fixture
def records(tmp_path: Path) -> str:
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / "a.json").write_bytes(LAB)
    (folder / "b.json").write_text("not JSON")
    return str(folder)


def places(home: Path, name: str) -> list[int]:
    """Where the credentials of a vault stand in the issuer's status lists."""
    with open_vault(home, name, "test", str) as vault:
        holder = holder_of(Keyring.open("test", home), name, vault)
        return [place_of(holder, raw) for _, raw in holder.credentials()]


def place_of(holder: Holder, credential: bytes) -> int:
    status = read_claims(parse_credential(credential, MAX_CREDENTIAL)).status
    assert status is not None
    assert len(holder.status_lists_for(credential)) == 1
    return status.index


def test_what_cannot_be_signed_is_told(program: Any, records: str) -> None:
    told = program.ok("issue", records, "--holder", "anna")
    assert (told["records_seen"], told["issued"]) == (2, 1)
    assert [one["reference"] for one in told["failed"]] == ["b.json"]
    code, text, _ = program.text("issue", records, "--holder", "anna")
    assert code == 0
    assert text.startswith("1 of 2 records signed for did:key:")


def test_no_place_in_a_status_list_is_given_twice(program: Any, records: str) -> None:
    program.ok("issue", records, "--holder", "anna")
    program.ok("issue", records, "--holder", "bert")
    program.ok("issue", records, "--holder", "anna")
    found = places(program.home, "anna") + places(program.home, "bert")
    assert len(found) == len(set(found)) == 3


def test_without_records_the_status_list_is_renewed(program: Any, records: str) -> None:
    program.ok("issue", records, "--holder", "anna")
    assert program.ok("issue", "--holder", "anna")["issued"] == 0
    assert len(places(program.home, "anna")) == 1


def test_two_at_once_do_not_take_the_same_places(program: Any, records: str) -> None:
    program.ok("issue", records, "--holder", "anna")
    with held(program.home / "issuers" / "issuer.lock"):
        code, message, hint = program.refused("issue", records, "--holder", "anna")
    assert (code, message, hint) == (1, "this issuer is signing elsewhere: issuer", "try again")


def test_an_issuer_needs_a_key(program: Any, records: str) -> None:
    code, _, hint = program.refused("issue", records, "--holder", "anna", "--from", "nobody")
    assert (code, hint) == (4, "`panacea wallet show` lists the keys")


def test_no_secret_is_printed(program: Any, records: str) -> None:
    said = json.dumps(program.ok("issue", records, "--holder", "anna"))
    ring = Keyring.open("test", program.home)
    assert all(ring.export(entry.name).reveal().hex() not in said for entry in ring.list())
