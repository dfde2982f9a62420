from pathlib import Path
from typing import Any

import pytest
from health_issuer import ISSUED, KEYS, LAB, OTHER_HOLDER, lab

from panacea.cli.failure import CommandRefused
from panacea.cli.present import describe_deal, entries_of, find_credential, judge, require_fitting
from panacea.credentials import PRESENTATION_DEFINITION, for_observations, issue
from panacea.crypto.keys import Ed25519Key
from panacea.exchange.holder import Holder
from panacea.exchange.offers import Match, Unmatched
from panacea.wire.pool import load

(Deal, Term) = load("panacea.datadeal.v3", "Deal", "Term")
LONG = 4_000 * 86_400


def deal(*codes: str, **changes: Any) -> Any:
    return Deal(
        id=7,
        title="A study",
        purpose="HRESCH",
        query_language=PRESENTATION_DEFINITION,
        query=for_observations(codes or ("4548-4",)),
        trusted_issuers=[KEYS.did],
        price={"denom": "umed", "amount": "10000000"},
        terms=[Term(id=1, title="For research only", required=True), Term(id=2, title="Ask me again")],
        retention_days=90,
        **changes,
    )


@pytest.fixture
def anna() -> Holder:
    holder = Holder(Ed25519Key(b"h" * 32))
    for name in ("b", "a"):
        reference = f"{name}.json#Observation/{name}"
        credential = issue(
            lab() | {"id": name},
            keys=KEYS,
            holder_did=holder.did,
            reference=reference,
            valid_from=ISSUED,
            valid_until=ISSUED + LONG,
            status=None,
        )
        holder.add(credential, reference=reference, type="Observation")
    return holder


@pytest.fixture
def vault(program: Any, tmp_path: Path) -> Any:
    (tmp_path / "o.json").write_bytes(LAB)
    program.ok("issue", str(tmp_path / "o.json"), "--holder", "anna")
    return program


def test_a_vault_is_listed_by_the_names_of_its_records(anna: Holder) -> None:
    assert [entry.metadata["reference"][:1] for entry in entries_of(anna)] == ["a", "b"]


def test_a_credential_is_found_by_its_record_or_its_id(anna: Holder) -> None:
    entry, octets = find_credential(anna, "Observation/a")
    assert find_credential(anna, "a.json#Observation/a")[0] == entry
    assert find_credential(anna, entry.oid.hex()[:12].upper()) == (entry, octets)
    for name, message in [("Observation/c", "no credential of this name"), ("", "several credentials are called so")]:
        with pytest.raises(CommandRefused, match=message):
            find_credential(anna, name)


def test_a_record_is_judged_at_home(anna: Holder) -> None:
    credential = find_credential(anna, "Observation/a")[1]
    assert isinstance(judge(deal(), credential, anna), Match)
    assert isinstance(judge(deal("2345-7"), credential, anna), Unmatched)
    with pytest.raises(CommandRefused, match="does not fit the deal: issuer_not_trusted"):
        require_fitting(_untrusting(), credential, anna)
    with pytest.raises(CommandRefused, match="holder_mismatch"):
        require_fitting(deal(), _of_somebody_else(), anna)


def _untrusting() -> Any:
    found = deal()
    found.trusted_issuers[:] = ["did:panacea:other"]
    return found


def _of_somebody_else() -> bytes:
    return issue(
        lab(),
        keys=KEYS,
        holder_did=OTHER_HOLDER,
        reference="x",
        valid_from=ISSUED,
        valid_until=ISSUED + LONG,
        status=None,
    )


def test_a_deal_is_told_before_anything_leaves() -> None:
    said = describe_deal(deal(consumer_did="did:panacea:lab"))
    assert said.splitlines() == [
        "A study · purpose HRESCH · kept for 90 days · 10000000umed less the oracles' fees",
        "  asked by did:panacea:lab",
        "  term 1: For research only",
        "  term 2 (optional): Ask me again",
    ]


def test_field_by_field(vault: Any) -> None:
    (listed,) = vault.ok("present", "--holder", "anna")
    assert (listed["type"], listed["reference"]) == ("Observation", "o.json#Observation/o1")
    shown = vault.ok("present", "Observation/o1", "--holder", "anna", "--fields", "/valueQuantity/value, /status")
    assert {line["field"]: line["leaves"] for line in shown["record"]}["value[x]"] == "part"
    fates = {line["field"]: line["leaves"] for line in shown["record"]}
    assert (fates["status"], fates["subject"], fates["note"]) == ("all", "none", "none")
    assert set(shown["to_the_consumer"]) == {"Issuer", "Valid from", "Valid until"}
    assert set(shown["to_the_enclave_only"]) == {"Holder", "Nullifier", "Status"}
    code, text, _ = vault.text("present", "Observation/o1", "--holder", "anna")
    assert code == 0
    assert "7.90 %" in text
    assert "stays" in text


def test_what_is_not_there_is_told(vault: Any) -> None:
    assert vault.refused("present", "--holder", "bert")[:2] == (4, "no holder of this name: bert")
    code, message, _ = vault.refused("present", "nothing", "--holder", "anna")
    assert (code, message) == (2, "no credential of this name: nothing")
    code, message, _ = vault.refused("present", "Observation/o1", "--holder", "anna", "--out", "view.json")
    assert code == 2
    assert message.startswith("--out takes")
    assert not (vault.home / "vaults" / "bert").exists()
