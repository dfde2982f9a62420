"""What holds after every message and every block."""

from collections.abc import Mapping

from panacea.chain.context import Context, Step
from panacea.chain.datadeal import state
from panacea.chain.datadeal.ports import Bank
from panacea.chain.datadeal.types import NAME, OPEN, PENDING, RELEASED
from panacea.primitives.address import Address


def require_books(ctx: Context, bank: Bank) -> None:
    """Each deal's money is where its book says, and the module's account holds the sum of all escrows.

    Raises:
        AssertionError: saying which sum does not hold.
    """
    totals: dict[str, int] = {}
    for deal_id, deal in state.deals.items(ctx):
        _, book = state.get_deal(ctx, deal_id)
        price = state.price_of(deal)
        budget = price.amount * deal.max_records
        assert book.escrow + book.paid + book.refunded == budget, f"deal {deal_id}: escrow + paid + refunded != budget"
        assert book.held == price.amount * book.pending <= book.escrow, f"deal {deal_id}: held"
        assert book.paid == price.amount * book.sold, f"deal {deal_id}: paid"
        assert book.sold + book.pending <= deal.max_records, f"deal {deal_id}: more records than it asked for"
        assert book.status == OPEN or book.free == 0, f"deal {deal_id}: ended, but keeps money"
        totals[price.denom] = totals.get(price.denom, 0) + book.escrow
    for denom, total in totals.items():
        held = bank.balance(ctx, Address.module(NAME), denom)
        assert held == total, f"the module holds {held}{denom}, its deals {total}{denom}"


def require_queues(ctx: Context) -> None:
    """Counters agree with the consents, and each consent that waits stands in its queue.

    Raises:
        AssertionError: saying which does not.
    """
    pending: dict[int, int] = {}
    sold: dict[int, int] = {}
    for (deal_id, number), consent in state.consents.items(ctx):
        waits = state.awaiting.has(ctx, (consent.release_by, deal_id, number))
        assert waits == (consent.status == PENDING), f"consent {deal_id}/{number}: its deadline is not queued"
        pending[deal_id] = pending.get(deal_id, 0) + (consent.status == PENDING)
        sold[deal_id] = sold.get(deal_id, 0) + (consent.status == RELEASED)
        if consent.status == PENDING:
            assert ctx.height <= consent.release_by, f"consent {deal_id}/{number}: pending past its deadline"
    for deal_id, book in state.books.items(ctx):
        assert book.pending == pending.get(deal_id, 0), f"deal {deal_id}: pending"
        assert book.sold >= sold.get(deal_id, 0), f"deal {deal_id}: sold"
        assert book.next_number > 0, f"deal {deal_id}: next_number"


def invariants(bank: Bank) -> Mapping[str, Step]:
    """The invariants by name."""
    return {"books": lambda ctx: require_books(ctx, bank), "queues": require_queues}
