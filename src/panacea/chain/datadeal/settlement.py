"""How a consent ends: its shares arrive and it is paid, or it is undone; and how a deal ends."""

from itertools import islice, takewhile
from typing import TYPE_CHECKING, TypeVar

from panacea.chain.context import Context
from panacea.chain.datadeal.certificates import decode_certificate
from panacea.chain.datadeal.ports import Bank, Oracles
from panacea.chain.datadeal.state import (
    awaiting,
    books,
    closing,
    drop_shares,
    forgetting,
    get_consent,
    get_deal,
    params,
    price_of,
    set_consent,
)
from panacea.chain.datadeal.types import (
    COMPLETED,
    EXPIRED,
    NAME,
    OPEN,
    PENDING,
    RELEASED,
    UNDELIVERED,
    Book,
    ConsentStatus,
    DealStatus,
)
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins
from panacea.store.collections import Map
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin as CoinMessage
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal
    from panacea.wire.stubs.panacea.datadeal.v3.events_pb2 import EventConsentSettled, EventDealEnded
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee
else:
    (CoinMessage,) = load("cosmos.base.v1beta1", "Coin")
    EventConsentSettled, EventDealEnded = load("panacea.datadeal.v3", "EventConsentSettled", "EventDealEnded")

K = TypeVar("K", tuple[int, int], tuple[int, int, int])
CONSENTS_A_BLOCK, DEALS_A_BLOCK, SHARES_A_BLOCK = 500, 100, 500


def delivered_object(consent: "Consent") -> bytes:
    """The id of the object whose key the consent releases."""
    return decode_certificate(consent.certificates[0].body).delivery.object_id


def settle(ctx: Context, bank: Bank, consent: "Consent", committee: "Committee") -> None:
    """The t-th share stands: provider, certifying oracles and the first t members are paid out of the escrow."""
    deal, book = get_deal(ctx, consent.deal_id)
    price = price_of(deal)
    book.settle(price.amount)
    books.set(ctx, deal.id, book)
    each = int(consent.release_fee) // committee.threshold
    members = [committee.members[place - 1] for place in consent.released]
    payouts = [(consent.provider, int(consent.net)), *((member, each) for member in members)]
    payouts += [(payout.address, int(payout.amount)) for payout in consent.commissions]
    for address, amount in payouts:
        if amount:
            bank.from_module(ctx, NAME, Address.parse(address), Coins.of(amount, price.denom))
    finish(ctx, consent, RELEASED)
    if book.status == OPEN and book.sold == deal.max_records:
        end_deal(ctx, bank, deal, book, COMPLETED)


def reverse(ctx: Context, bank: Bank, deal: "Deal", book: Book) -> None:
    """A pending sale is undone: its price is free again, and goes to the consumer if the deal takes no more."""
    price = price_of(deal)
    book.undo(price.amount)
    if book.status != OPEN:
        book.refund(price.amount)
        bank.from_module(ctx, NAME, Address.parse(deal.consumer), Coins.of(price.amount, price.denom))
    books.set(ctx, deal.id, book)


def finish(ctx: Context, consent: "Consent", status: "ConsentStatus.ValueType") -> None:
    """Write a consent's new state, and take it out of the queue it waited in.

    Shares are kept only while the consent is RELEASED, and then for a while. The queue of those to be forgotten keeps
    its entry until its height, whatever becomes of the consent: parameters may have moved since it was made.
    """
    place = (consent.deal_id, consent.number)
    if consent.status == PENDING:
        awaiting.delete(ctx, (consent.release_by, *place))
    consent.status = status
    if status == RELEASED:
        consent.settled_height = ctx.height
        forgetting.set(ctx, (forget_height(ctx, consent), *place), None)
    else:
        consent.settled_height = consent.settled_height or ctx.height
        drop_shares(ctx, consent)
    set_consent(ctx, consent)
    if status in (RELEASED, UNDELIVERED):
        net = consent.net if status == RELEASED else "0"
        ctx.emit_typed(EventConsentSettled(deal_id=place[0], number=place[1], status=status, net=net))


def forget_height(ctx: Context, consent: "Consent") -> int:
    """When the shares of a released consent leave the state; never before the last of them may come."""
    return max(consent.settled_height + params.get(ctx).share_retention_blocks, consent.release_by)


def undeliver(ctx: Context, bank: Bank, consent: "Consent") -> None:
    """No key will come: the whole price goes back, slot and tag are free again."""
    deal, book = get_deal(ctx, consent.deal_id)
    reverse(ctx, bank, deal, book)
    finish(ctx, consent, UNDELIVERED)


def end_deal(ctx: Context, bank: Bank, deal: "Deal", book: Book, status: "DealStatus.ValueType") -> None:
    """A deal takes no more consents; what nobody speaks for goes back in the same block."""
    refund = book.free
    book.status = status
    book.refund(refund)
    books.set(ctx, deal.id, book)
    closing.delete(ctx, (deal.closes_at.seconds, deal.id))
    if refund:
        bank.from_module(ctx, NAME, Address.parse(deal.consumer), Coins.of(refund, deal.price.denom))
    ctx.emit_typed(
        EventDealEnded(deal_id=deal.id, status=status, refund=CoinMessage(denom=deal.price.denom, amount=str(refund)))
    )


def end_block(ctx: Context, bank: Bank, oracles: Oracles) -> None:
    """Deadlines, in bounded numbers: late consents, deals past their time, shares past their keeping."""
    expire_consents(ctx, bank, oracles)
    expire_deals(ctx, bank)
    forget_shares(ctx)


def expire_consents(ctx: Context, bank: Bank, oracles: Oracles) -> None:
    """Undo consents whose release window ends with this block, and cut the members that stayed silent."""
    for _, deal_id, number in _due(ctx, awaiting, ctx.height, CONSENTS_A_BLOCK):
        consent = get_consent(ctx, deal_id, number)
        deal, _ = get_deal(ctx, deal_id)
        price = price_of(deal)
        undeliver(ctx, bank, consent)
        epoch = decode_certificate(consent.certificates[0].body).epoch
        committee = oracles.find_committee(ctx, epoch)
        # A committee outlives its consents, unless governance shortens the epoch meanwhile: then nobody is cut.
        members = committee.members if committee is not None else ()
        answered = {*consent.released, *consent.bad}
        for place, member in enumerate(members, 1):
            if place not in answered:
                oracles.punish(ctx, member, Coins.of(price.amount, price.denom), deal_id, number)


def expire_deals(ctx: Context, bank: Bank) -> None:
    """End deals whose closing time has come."""
    for _, deal_id in _due(ctx, closing, ctx.time, DEALS_A_BLOCK):
        end_deal(ctx, bank, *get_deal(ctx, deal_id), EXPIRED)


def forget_shares(ctx: Context) -> None:
    """Drop shares that were kept long enough: read by then, or found in the history of blocks."""
    for height, deal_id, number in _due(ctx, forgetting, ctx.height, SHARES_A_BLOCK):
        forgetting.delete(ctx, (height, deal_id, number))
        drop_shares(ctx, get_consent(ctx, deal_id, number))


def _due(ctx: Context, queue: "Map[K, None]", now: int, most: int) -> "list[K]":
    """The first `most` keys of a queue whose leading number is not after `now`, oldest first."""
    keys = (key for key, _ in queue.items(ctx))
    return list(islice(takewhile(lambda key: key[0] <= now, keys), most))
