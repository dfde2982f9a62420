"""Where it is kept. Integers are 8 bytes, big-endian; an index is one byte.

01                                     -> Params
02                                     -> next deal id
03 | deal                              -> Deal, as it was created
04 | deal                              -> DealState, the deal's account
05 | deal | tag                        -> number of the consent that used the tag
06 | deal | number                     -> Consent
07 | deal | number | index             -> ReleasedShare
08 | release_by | deal | number        -> 01, consents waiting for their shares
09 | closes_at in seconds | deal       -> 01, open deals
0A | prune height | deal | number      -> 01, shares to be forgotten
"""

from typing import TYPE_CHECKING

from panacea.chain.coins import read_coin
from panacea.chain.context import Context
from panacea.chain.datadeal.types import NAME, Book, ConsentNotFound, DealNotFound
from panacea.primitives.coin import Coin
from panacea.store.collections import PRESENT, UINT64, Codec, Item, Map, Sequence, message
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent, ReleasedShare
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal, DealState, Params
else:
    Consent, ReleasedShare = load("panacea.datadeal.v3", "Consent", "ReleasedShare")
    Deal, DealState, Params = load("panacea.datadeal.v3", "Deal", "DealState", "Params")


def _u64s(raw: bytes) -> tuple[int, ...]:
    return tuple(int.from_bytes(raw[at : at + 8], "big") for at in range(0, len(raw), 8))


def pack(*numbers: int) -> bytes:
    """Numbers as a key, or the front of one."""
    return b"".join(number.to_bytes(8, "big") for number in numbers)


PAIR: Codec[tuple[int, int]] = Codec(lambda key: pack(*key), lambda raw: (_u64s(raw)[0], _u64s(raw)[1]))
TRIPLE: Codec[tuple[int, int, int]] = Codec(
    lambda key: pack(*key), lambda raw: (_u64s(raw)[0], _u64s(raw)[1], _u64s(raw)[2])
)
TAG: Codec[tuple[int, bytes]] = Codec(
    lambda key: pack(key[0]) + key[1], lambda raw: (int.from_bytes(raw[:8], "big"), raw[8:])
)
SHARE: Codec[tuple[int, int, int]] = Codec(
    lambda key: pack(key[0], key[1]) + bytes([key[2]]), lambda raw: (_u64s(raw[:16])[0], _u64s(raw[:16])[1], raw[16])
)


def state_of(book: Book) -> "DealState":
    """A deal's account in its wire form."""
    return DealState(
        deal_id=book.deal_id,
        status=book.status,
        sold=book.sold,
        pending=book.pending,
        escrow=str(book.escrow),
        held=str(book.held),
        paid=str(book.paid),
        refunded=str(book.refunded),
        next_number=book.next_number,
    )


def book_of(state: "DealState") -> Book:
    """A deal's account with exact numbers, from its wire form."""
    return Book(
        deal_id=state.deal_id,
        status=state.status,
        sold=state.sold,
        pending=state.pending,
        escrow=int(state.escrow or 0),
        held=int(state.held or 0),
        paid=int(state.paid or 0),
        refunded=int(state.refunded or 0),
        next_number=state.next_number,
    )


BOOK: Codec[Book] = Codec(lambda book: encode(state_of(book)), lambda raw: book_of(decode(DealState, raw)))

params: "Item[Params]" = Item(NAME, b"\x01", message(Params))
deal_ids = Sequence(NAME, b"\x02", first=1)
deals: "Map[int, Deal]" = Map(NAME, b"\x03", UINT64, message(Deal))
books: Map[int, Book] = Map(NAME, b"\x04", UINT64, BOOK)
tags: Map[tuple[int, bytes], int] = Map(NAME, b"\x05", TAG, UINT64)
consents: "Map[tuple[int, int], Consent]" = Map(NAME, b"\x06", PAIR, message(Consent))
shares: "Map[tuple[int, int, int], ReleasedShare]" = Map(NAME, b"\x07", SHARE, message(ReleasedShare))
awaiting: Map[tuple[int, int, int], None] = Map(NAME, b"\x08", TRIPLE, PRESENT)
closing: Map[tuple[int, int], None] = Map(NAME, b"\x09", PAIR, PRESENT)
forgetting: Map[tuple[int, int, int], None] = Map(NAME, b"\x0a", TRIPLE, PRESENT)


def get_deal(ctx: Context, deal_id: int) -> "tuple[Deal, Book]":
    """A deal and its account.

    Raises:
        DealNotFound: there is none of that id.
    """
    deal, book = deals.find(ctx, deal_id), books.find(ctx, deal_id)
    if deal is None or book is None:
        raise DealNotFound(deal_id=deal_id)
    return deal, book


def get_consent(ctx: Context, deal_id: int, number: int) -> "Consent":
    """A consent.

    Raises:
        ConsentNotFound: there is none of that number in the deal.
    """
    consent = consents.find(ctx, (deal_id, number))
    if consent is None:
        raise ConsentNotFound(deal_id=deal_id, number=number)
    return consent


def set_consent(ctx: Context, consent: "Consent") -> None:
    """Write a consent under its own numbers."""
    consents.set(ctx, (consent.deal_id, consent.number), consent)


def price_of(deal: "Deal") -> Coin:
    """What one record of the deal costs."""
    return read_coin(deal.price)


def drop_shares(ctx: Context, consent: "Consent") -> None:
    """Forget every share of a consent; none is read for it, so that withdrawing stays cheap."""
    for place in consent.released:
        shares.delete(ctx, (consent.deal_id, consent.number, place))
