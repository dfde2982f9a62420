"""What holds after every message and every block."""

from collections import Counter
from collections.abc import Mapping

from panacea.chain.context import Context, Step
from panacea.chain.datadeal import state
from panacea.chain.datadeal.ports import Bank
from panacea.chain.datadeal.types import NAME, OPEN, PENDING, RELEASED, UNDELIVERED
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins


def require_books(ctx: Context, bank: Bank) -> None:
    """Each deal's money is where its book says, and the module's account holds the sum of all escrows.

    Raises:
        AssertionError: saying which sum does not hold.
    """
    escrows = []
    for deal_id, deal in state.deals.items(ctx):
        _, book = state.get_deal(ctx, deal_id)
        price = state.price_of(deal)
        budget = price.amount * deal.max_records
        assert book.escrow + book.paid + book.refunded == budget, f"deal {deal_id}: escrow + paid + refunded != budget"
        assert book.held == price.amount * book.pending <= book.escrow, f"deal {deal_id}: held"
        assert book.paid == price.amount * book.sold, f"deal {deal_id}: paid"
        assert book.sold + book.pending <= deal.max_records, f"deal {deal_id}: more records than it asked for"
        assert book.status == OPEN or book.free == 0, f"deal {deal_id}: ended, but keeps money"
        escrows.append(Coin(price.denom, book.escrow))
    held, owed = bank.balances(ctx, Address.module(NAME)), Coins(escrows)
    assert held == owed, f"the module holds {held}, its deals {owed}"


def require_counts(ctx: Context) -> None:
    """Books agree with their consents, each tag with its last consent, each share and deadline with a live one.

    Raises:
        AssertionError: saying which does not.
    """
    pending: Counter[int] = Counter()
    sold: Counter[int] = Counter()
    tags: dict[tuple[int, bytes], int] = {}
    for (deal_id, number), consent in state.consents.items(ctx):
        deal, book = state.get_deal(ctx, deal_id)
        what = f"consent {deal_id}/{number}"
        former = tags.get((deal_id, consent.tag))
        assert former is None or state.get_consent(ctx, deal_id, former).status == UNDELIVERED, f"{what}: sold twice"
        tags[deal_id, consent.tag] = number
        assert 0 < number < book.next_number, f"{what}: its number"
        parts = [consent.net, consent.release_fee, *(payout.amount for payout in consent.commissions)]
        assert sum(map(int, parts)) == state.price_of(deal).amount, f"{what}: its parts are not the price"
        waits = state.awaiting.has(ctx, (consent.release_by, deal_id, number))
        assert waits == (consent.status == PENDING), f"{what}: its deadline"
        pending[deal_id] += consent.status == PENDING
        sold[deal_id] += consent.status == RELEASED
    assert tags == dict(state.tags.items(ctx)), "tags and consents differ"
    for deal_id, book in state.books.items(ctx):
        assert book.pending == pending[deal_id], f"deal {deal_id}: pending"
        assert book.sold >= sold[deal_id], f"deal {deal_id}: sold"
    for deal_id, number, index in [place for place, _ in state.shares.items(ctx)]:
        consent = state.get_consent(ctx, deal_id, number)
        assert consent.status in (PENDING, RELEASED), f"consent {deal_id}/{number}: ended, but its shares are kept"
        assert index in consent.released, f"consent {deal_id}/{number}: share {index} was not counted"


def invariants(bank: Bank) -> Mapping[str, Step]:
    """The invariants by name."""
    return {"books": lambda ctx: require_books(ctx, bank), "counts": require_counts}
