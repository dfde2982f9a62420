import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from panacea.cli.deal import _terms
from panacea.cli.failure import CommandRefused
from panacea.cli.reach import parse_coin
from panacea.credentials import DealUnusable, for_observations

STORE = ("http://127.0.0.1:1", b"k" * 32)


def said(**changes: Any) -> dict[str, Any]:
    return {
        "title": "A study",
        "purpose": "HRESCH",
        "issuers": ["did:panacea:h"],
        "codes": None,
        "query": None,
        "price": parse_coin("10MED"),
        "max_records": 3,
        "days": 30,
        "retention_days": 90,
        "titles": ("For research only", "Not for insurers"),
        **changes,
    }


def test_terms_are_numbered_and_required() -> None:
    terms = _terms(said(codes="4548-4, 2345-7,"), STORE, "sim-1")
    assert terms.query == for_observations(["4548-4", "2345-7"])
    assert [(number, title, required) for number, title, _, required in terms.terms] == [
        (1, "For research only", True),
        (2, "Not for insurers", True),
    ]
    assert terms.terms[0][2] == hashlib.sha256(b"For research only").digest()
    assert str(terms.price) == "10000000umed"


@pytest.mark.parametrize(("chain_id", "allowed"), [("sim-local-1", True), ("test-1", True), ("panacea-3", False)])
def test_simulated_enclaves_are_for_trial_chains(chain_id: str, allowed: bool) -> None:
    assert _terms(said(), STORE, chain_id).allow_simulated is allowed


def test_a_query_of_ones_own_is_written_canonically(tmp_path: Path) -> None:
    path = tmp_path / "query.json"
    path.write_text(json.dumps(json.loads(for_observations()), indent=2))
    assert _terms(said(query=path), STORE, "sim-1").query == for_observations()
    path.write_text("{")
    with pytest.raises(CommandRefused, match="not JSON"):
        _terms(said(query=path), STORE, "sim-1")
    path.write_text('{"id":"x","input_descriptors":[]}')
    with pytest.raises(DealUnusable):
        _terms(said(query=path), STORE, "sim-1")


def test_wrong_usage_is_told(program: Any) -> None:
    making = ("deal", "create", "--title", "x", "--issuer", "issuer", "--max-records", "1")
    assert program.refused(*making, "--price", "ten")[0] == 2
    assert program.refused(*making, "--price", "10MED")[:2] == (3, f"no network runs in this home: {program.home}")
    assert program.refused("deal", "show", "1")[1].startswith("no genesis document")
