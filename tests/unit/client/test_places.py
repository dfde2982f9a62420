"""The places a client reads are those that the state machine writes: same store, same key, and values that read."""

import inspect
from typing import Any

import pytest
from chain_driver import address_of
from did_documents import DID1, document_of

from panacea.chain.auth import state as auth
from panacea.chain.auth.types import Account
from panacea.chain.bank import state as bank
from panacea.chain.datadeal import state as datadeal
from panacea.chain.datadeal.types import OPEN, Book
from panacea.chain.did import state as did
from panacea.chain.oracle import state as oracle
from panacea.client import places
from panacea.client.places import Place
from panacea.store.collections import UINT64
from panacea.wire.any import unpack

ALICE = address_of("alice")
TAG = bytes(range(32))
BIG = 2**40 + 7

MAPS: dict[str, tuple[Place[Any], Any, Any, Any]] = {
    "did": (places.did(DID1), did.entries, DID1, places.DIDDocumentWithSeq(document=document_of(), sequence=3)),
    "deal": (places.deal(BIG), datadeal.deals, BIG, places.Deal(id=BIG, consumer=str(ALICE))),
    "tag": (places.tag(BIG, TAG), datadeal.tags, (BIG, TAG), 12),
    "consent": (places.consent(BIG, 9), datadeal.consents, (BIG, 9), places.Consent(deal_id=BIG, number=9)),
    "share": (places.share(BIG, 9, 4), datadeal.shares, (BIG, 9, 4), places.ReleasedShare(index=4, height=9)),
    "oracle": (places.oracle(ALICE), oracle.oracles, ALICE, places.Oracle(address=str(ALICE))),
    "oracle_key": (places.oracle_key(ALICE, BIG), oracle.keys, (ALICE, BIG), places.OracleKey(epoch=BIG)),
    "committee": (places.committee(BIG), oracle.committees, BIG, places.Committee(epoch=BIG)),
    "balance": (places.balance(ALICE, "umed"), bank.balances, (ALICE, "umed"), 2**100),
}
ITEMS: dict[str, tuple[Place[Any], Any, Any]] = {
    "deal_params": (places.deal_params(), datadeal.params, places.DealParams()),
    "oracle_params": (places.oracle_params(), oracle.params, places.OracleParams(epoch_blocks=7)),
}


@pytest.mark.parametrize("name", MAPS)
def test_maps(name: str) -> None:
    place, collection, key, value = MAPS[name]
    assert (place.store, place.key) == (collection.store, collection.raw_key(key))
    raw = collection.value.encode(value)
    assert place.read(raw) == collection.value.decode(raw)


@pytest.mark.parametrize("name", ITEMS)
def test_items(name: str) -> None:
    place, item, value = ITEMS[name]
    assert (place.store, place.key) == (item.store, item.raw_key)
    raw = item.value.encode(value)
    assert place.read(raw) == item.value.decode(raw)


def test_accounts() -> None:
    place = places.account(ALICE)
    assert (place.store, place.key) == (auth.accounts.store, auth.accounts.raw_key(ALICE))
    raw = auth.accounts.value.encode(Account(ALICE, 5, 6, b"", "", ()))
    found: Any = unpack(place.read(raw))
    assert (found.address, found.account_number, found.sequence) == (str(ALICE), 5, 6)


def test_books() -> None:
    place = places.deal_state(BIG)
    assert (place.store, place.key) == (datadeal.books.store, datadeal.books.raw_key(BIG))
    book = Book(deal_id=BIG, status=OPEN, sold=2, pending=3, escrow=4, held=5, paid=6, refunded=7, next_number=8)
    found = place.read(datadeal.books.value.encode(book))
    assert datadeal.book_of(found) == book


def test_next_deal_id() -> None:
    place = places.next_deal_id()
    assert (place.store, place.key) == (datadeal.deal_ids.store, datadeal.deal_ids.raw_key)
    assert place.read(UINT64.encode(BIG)) == BIG


def test_every_place_is_compared() -> None:
    functions = inspect.getmembers(places, lambda each: inspect.isfunction(each) and each.__module__ == places.__name__)
    named = {name for name, _ in functions if not name.startswith("_")}
    assert named == {*MAPS, *ITEMS, "account", "deal_state", "next_deal_id"}
