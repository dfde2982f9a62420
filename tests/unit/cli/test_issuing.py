import itertools
from collections.abc import Iterator

import pytest
from health_issuer import ISSUED, KEYS, LAB, document_of

from panacea.cli import issuing
from panacea.cli.issuing import issue_all, status_lists, status_url
from panacea.cli.patients import Owned
from panacea.credentials import EnclosedLists, check_status, for_observations, parse
from panacea.credentials.records.model import MAX_CREDENTIAL, parse_credential, read_claims
from panacea.credentials.status.bitstring import MIN_BITS
from panacea.crypto.keys import Ed25519Key
from panacea.exchange.holder import Holder
from panacea.health.bundles import Record, Unreadable
from panacea.health.strict_json import parse_json


def records() -> "Iterator[Owned | Unreadable]":
    yield Owned(0, Record("a.json#Observation/o1", parse_json(LAB)))
    yield Unreadable("b.json", "no JSON")
    yield Owned(1, Record("c.json#Condition/c", {"resourceType": "Condition", "id": "c"}))


def test_each_record_goes_to_its_owner_and_what_does_not_fit_is_counted() -> None:
    holders = [Holder(Ed25519Key(bytes([number]) * 32)) for number in (1, 2)]
    query = parse(1, for_observations(["4548-4"]))
    done = issue_all(records(), holders.__getitem__, keys=KEYS, now=ISSUED, query=query)
    assert (done.seen, done.issued, done.eligible) == (3, 2, 1)
    assert dict(done.refused) == {"unreadable": 1, "not_asked_for": 1}
    assert dict(done.unfit) == {("Condition", "another kind of record"): 1}
    assert [one.reference for one in done.failed] == ["b.json"]
    assert [len(holder.entries()) for holder in holders] == [1, 1]
    claims = [read_claims(parse_credential(raw, MAX_CREDENTIAL)) for one in holders for _, raw in one.credentials()]
    assert [claim.holder for claim in claims] == [holder.did for holder in holders]
    assert [claim.status.index for claim in claims if claim.status] == [0, 1]


def test_a_status_list_answers_for_what_was_issued() -> None:
    holder = Holder(Ed25519Key(b"h" * 32))
    issue_all(itertools.islice(records(), 1), lambda _: holder, keys=KEYS, now=ISSUED, first_index=5)
    (octets,) = status_lists(KEYS, 6, ISSUED)
    ((_, credential),) = holder.credentials()
    entry = read_claims(parse_credential(credential, MAX_CREDENTIAL)).status
    assert entry is not None
    found = EnclosedLists([octets]).status_list(entry.list_url)
    check_status(entry, found, issuer_document=document_of(), now=ISSUED + 60, max_age=3600)


def test_lists_follow_each_other_and_name_their_issuer() -> None:
    assert status_url("did:panacea:abc", MIN_BITS - 1) == "https://issuer.example/abc/status/1"
    assert status_url("did:panacea:abc", MIN_BITS) == "https://issuer.example/abc/status/2"


def test_a_credential_that_does_not_give_its_record_back_is_a_bug(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(issuing, "resource_of", lambda _: {"resourceType": "Observation"})
    with pytest.raises(AssertionError, match=r"a\.json"):
        issue_all(records(), lambda _: Holder(Ed25519Key(b"h" * 32)), keys=KEYS, now=ISSUED)
