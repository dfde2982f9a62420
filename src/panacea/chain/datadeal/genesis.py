"""Into and out of a genesis document; sums and queues are not carried but made again, and compared."""

from typing import TYPE_CHECKING

from panacea.chain.context import Context
from panacea.chain.datadeal import state
from panacea.chain.datadeal.invariants import require_books, require_counts
from panacea.chain.datadeal.messages import check_params
from panacea.chain.datadeal.ports import Bank
from panacea.chain.datadeal.settlement import forget_height
from panacea.chain.datadeal.types import OPEN, PENDING
from panacea.chain.module import JSON
from panacea.primitives.numbers import Dec
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Params
    from panacea.wire.stubs.panacea.datadeal.v3.genesis_pb2 import GenesisState, ShareEntry
else:
    GenesisState, ShareEntry, Params = load("panacea.datadeal.v3", "GenesisState", "ShareEntry", "Params")


def default_params() -> Params:
    """The parameters of a new chain (exchange, §9)."""
    params = Params(
        release_rate=Dec.parse("0.02").to_wire(),
        max_cost_rate=Dec.parse("0.30").to_wire(),
        share_retention_blocks=100_800,
        max_query_bytes=32_768,
        max_records_limit=1_000_000,
        max_deal_days=730,
    )
    params.deal_fee.denom, params.deal_fee.amount = "umed", "1000000"
    return params


def default_genesis() -> JSON:
    """No deals, default parameters."""
    return to_json(GenesisState(params=default_params(), next_deal_id=1))


def init_genesis(ctx: Context, bank: Bank, document: JSON) -> None:
    """Write the state of a genesis document.

    Raises:
        Rejected: a parameter is out of range.
        ValueError: a deal, consent or share comes twice, or not with what it belongs to.
        AssertionError: the sums or counters of the document contradict each other.
    """
    genesis: GenesisState = from_json(GenesisState, document)
    check_params(genesis.params)
    state.params.set(ctx, genesis.params)
    state.deal_ids.set(ctx, max(genesis.next_deal_id, 1))
    ids = [deal.id for deal in genesis.deals]
    _require(ids == [book.deal_id for book in genesis.states], "deals and their states")
    _require(ids == sorted(set(ids)) and all(0 < each < genesis.next_deal_id for each in ids), "ids of deals")
    for deal, written in zip(genesis.deals, genesis.states, strict=True):
        state.deals.set(ctx, deal.id, deal)
        state.books.set(ctx, deal.id, state.book_of(written))
        if written.status == OPEN:
            state.closing.set(ctx, (deal.closes_at.seconds, deal.id), None)
    places = [(entry.deal_id, entry.number, entry.share.index) for entry in genesis.shares]
    _require(places == sorted(set(places)), "shares")
    for place, entry in zip(places, genesis.shares, strict=True):
        state.shares.set(ctx, place, entry.share)
    # In the order of their numbers: of two consents with one tag, the later is the one that counts.
    numbers = [(consent.deal_id, consent.number) for consent in genesis.consents]
    _require(numbers == sorted(set(numbers)), "consents")
    for consent in genesis.consents:
        _take_consent(ctx, consent)
    require_books(ctx, bank)
    require_counts(ctx)


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise ValueError(f"datadeal: {what} come twice, out of order, or not with each other")


def _take_consent(ctx: Context, consent: "state.Consent") -> None:
    place = (consent.deal_id, consent.number)
    state.set_consent(ctx, consent)
    state.tags.set(ctx, (consent.deal_id, consent.tag), consent.number)
    if consent.status == PENDING:
        state.awaiting.set(ctx, (consent.release_by, *place), None)
    elif any(True for _ in state.shares.items(ctx, state.pack(*place))):
        state.forgetting.set(ctx, (forget_height(ctx, consent), *place), None)


def export_genesis(ctx: Context) -> JSON:
    """The state as a genesis document."""
    genesis = GenesisState(params=state.params.get(ctx), next_deal_id=state.deal_ids.peek(ctx))
    genesis.deals.extend(deal for _, deal in state.deals.items(ctx))
    genesis.states.extend(state.state_of(book) for _, book in state.books.items(ctx))
    genesis.consents.extend(consent for _, consent in state.consents.items(ctx))
    genesis.shares.extend(
        ShareEntry(deal_id=deal_id, number=number, share=share)
        for (deal_id, number, _), share in state.shares.items(ctx)
    )
    return to_json(genesis)
