"""Proven reads at one height: asked for once, by headers that lead to the verified head."""

from typing import Any

import pytest
from deal_market import did_of
from oracle_town import Town

from panacea.client import places
from panacea.client.types import NodeError, NotProven
from panacea.identity.resolver import DIDNotResolved
from panacea.light.client import HeightUnknown
from panacea.oracle import facts
from panacea.oracle.facts import Facts


def newest(town: Town, former: Facts | None = None) -> Facts:
    return town.run(Facts.newest(town.members[0].view, former))


def queries(town: Town) -> int:
    return town.members[0].rpc.calls.count("abci_query")


def read(town: Town, height: int) -> Any:
    return town.run(town.members[0].view.require(places.oracle_params(), height=height))


def test_a_value_is_asked_for_once(town: Town) -> None:
    found, before = newest(town), queries(town)
    for _ in range(3):
        assert town.run(found.epoch()) == town.epoch
        assert town.run(found.deal(999)) is None
    assert queries(town) == before + 3


def test_facts_last_as_long_as_their_height(town: Town) -> None:
    found = newest(town)
    assert newest(town, found) is found
    town.chain.proceed()
    later = newest(town, found)
    assert later.height > found.height
    assert later.now > found.now - 1


def test_committees_outlast_their_height(town: Town) -> None:
    """What never changes once it stands is proven once; what is absent may come, and is asked for again."""
    found = newest(town)
    first = town.run(found.committee(town.epoch))
    assert first is not None
    assert town.run(found.committee(town.epoch + 1)) is None
    town.chain.proceed()
    later = newest(town, found)
    before = queries(town)
    assert town.run(later.committee(town.epoch)) is first
    assert queries(town) == before
    assert town.run(later.committee(town.epoch + 1)) is None
    assert queries(town) == before + 1


def test_memory_is_bounded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(facts, "REMEMBERED", 4)
    found = newest(town)
    for number in range(20):
        town.run(found.deal(1000 + number))
    assert len(found._known) <= 4


def test_documents(town: Town) -> None:
    found = newest(town)
    assert town.run(found.document(did_of("issuer"))).id == did_of("issuer")
    for did in ("did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK", did_of("nobody"), "issuer"):
        with pytest.raises(DIDNotResolved):
            town.run(found.document(did))


def test_state_before_the_newest(town: Town) -> None:
    """A header that was skipped is believed only where it leads to the verified head."""
    member = town.members[0]
    for _ in range(6):
        town.chain.proceed()
    town.run(member.view.update())
    top = member.view.height
    assert read(town, top - 3) is not None

    def lie(method: str, params: Any, result: Any) -> Any:
        if method != "commit":
            return result
        header = {**result["signed_header"]["header"], "app_hash": "00" * 32}
        return {**result, "signed_header": {**result["signed_header"], "header": header}}

    with town.lying(lie), pytest.raises(NotProven):
        read(town, top - 6)


def test_state_that_no_header_proves_yet(town: Town) -> None:
    view = town.members[0].view
    town.run(view.update())
    with pytest.raises(HeightUnknown):
        read(town, view.head.height)


@pytest.mark.parametrize("answer", [None, [], 7, "text", {}, {"block": None}, {"block": {"data": {"txs": [7]}}}])
def test_blocks_of_another_shape(town: Town, answer: Any) -> None:
    member = town.members[0]
    with town.lying(lambda method, params, result: answer), pytest.raises(NodeError):
        town.run(member.rpc.block_txs(1))


def test_transactions_of_a_block(town: Town) -> None:
    raw = town.chain.sign("alice")
    town.chain.block(raw)
    height = town.chain.height - 1
    assert town.run(town.members[0].rpc.block_txs(height)) == [raw]
