"""What the chain does about each message (exchange, §9): checks, then effects, then the event."""

import hashlib
from typing import TYPE_CHECKING

from panacea.chain.authority import require_authority
from panacea.chain.coins import read_coin, write_coin
from panacea.chain.context import Context, Mode
from panacea.chain.datadeal import settlement
from panacea.chain.datadeal.certificates import Certified, require_certified
from panacea.chain.datadeal.messages import (
    MsgCloseDealResponse,
    MsgCreateDeal,
    MsgCreateDealResponse,
    MsgSubmitConsentResponse,
    MsgUpdateParamsResponse,
    MsgWithdrawConsentResponse,
    is_store_url,
    require,
)
from panacea.chain.datadeal.ports import Bank, DIDs, Oracles
from panacea.chain.datadeal.state import (
    Consent,
    Deal,
    awaiting,
    books,
    closing,
    consents,
    deal_ids,
    deals,
    get_consent,
    get_deal,
    params,
    price_of,
    set_consent,
    tags,
)
from panacea.chain.datadeal.types import (
    CLOSED,
    NAME,
    OPEN,
    PENDING,
    RELEASED,
    UNDELIVERED,
    WITHDRAWN,
    AlreadySold,
    Book,
    ConsentNotLive,
    ConsumerDIDInvalid,
    DealFull,
    DealNotOpen,
    InvalidDeal,
    NetTooLow,
    NotConsumer,
    NotProvider,
    Split,
    TermsMissing,
    split_price,
)
from panacea.primitives.address import Address
from panacea.primitives.chain_id import is_test_chain
from panacea.primitives.coin import Coins
from panacea.primitives.numbers import ONE, Dec, parse_int
from panacea.primitives.rejected import Rejected
from panacea.wire.contexts import deal_digest
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Term
    from panacea.wire.stubs.panacea.datadeal.v3.events_pb2 import (
        EventConsentSubmitted,
        EventConsentWithdrawn,
        EventDealCreated,
    )
    from panacea.wire.stubs.panacea.datadeal.v3.tx_pb2 import (
        MsgCloseDeal,
        MsgSubmitConsent,
        MsgUpdateParams,
        MsgWithdrawConsent,
    )
else:
    EventDealCreated, EventConsentSubmitted, EventConsentWithdrawn = load(
        "panacea.datadeal.v3", "EventDealCreated", "EventConsentSubmitted", "EventConsentWithdrawn"
    )

FEE_COLLECTOR = "fee_collector"
DAY = 86_400


def create_deal(ctx: Context, bank: Bank, dids: DIDs, msg: MsgCreateDeal) -> MsgCreateDealResponse:
    """Lock the budget of a new deal."""
    limits = params.get(ctx)
    require(len(msg.query) <= limits.max_query_bytes, InvalidDeal, "query", size=len(msg.query))
    require(msg.max_records <= limits.max_records_limit, InvalidDeal, "max_records", max_records=msg.max_records)
    latest = ctx.time + limits.max_deal_days * DAY
    require(ctx.time < msg.closes_at.seconds <= latest, InvalidDeal, "closes_at", seconds=msg.closes_at.seconds)
    simulated_may_be = is_test_chain(ctx.chain_id) or not msg.assurance.allow_simulated
    require(simulated_may_be, InvalidDeal, "allow_simulated is for chains named sim- or test-", chain=ctx.chain_id)
    for store in msg.stores:
        require(is_store_url(store.url, ctx.chain_id), InvalidDeal, "a store needs https", url=store.url)
    for issuer in msg.trusted_issuers:
        require(dids.is_active(ctx, issuer), InvalidDeal, "a trusted issuer is not active", did=issuer)
    require_consumer_signed(ctx, dids, msg)

    deal = _deal_of(ctx, msg)
    price = price_of(deal)
    budget = price.amount * deal.max_records
    require(budget.bit_length() <= 256, InvalidDeal, "the budget is out of range")
    consumer = Address.parse(msg.consumer)
    if fee := Coins((read_coin(limits.deal_fee),)):
        bank.to_module(ctx, consumer, FEE_COLLECTOR, fee)
    bank.to_module(ctx, consumer, NAME, Coins.of(budget, price.denom))
    deal_ids.next(ctx)
    deals.set(ctx, deal.id, deal)
    books.set(ctx, deal.id, Book(deal.id, OPEN, escrow=budget))
    closing.set(ctx, (deal.closes_at.seconds, deal.id), None)
    ctx.emit_typed(EventDealCreated(deal_id=deal.id, consumer=deal.consumer))
    return MsgCreateDealResponse(deal_id=deal.id)


def require_consumer_signed(ctx: Context, dids: DIDs, msg: MsgCreateDeal) -> None:
    """The consumer's DID is live and signed this deal for this chain: nobody buys in another's name."""
    unsigned = MsgCreateDeal()
    unsigned.CopyFrom(msg)
    unsigned.did_signature = b""
    digest = deal_digest(ctx.chain_id, encode(unsigned))
    try:
        dids.require_signed(ctx, msg.consumer_did, msg.verification_method_id, digest, msg.did_signature)
    except Rejected as no:
        raise ConsumerDIDInvalid(str(no), did=msg.consumer_did) from no


def _deal_of(ctx: Context, msg: MsgCreateDeal) -> Deal:
    return Deal(
        id=deal_ids.peek(ctx),
        consumer=str(Address.parse(msg.consumer)),
        consumer_did=msg.consumer_did,
        title=msg.title,
        purpose=msg.purpose,
        query_language=msg.query_language,
        query=msg.query,
        query_hash=hashlib.sha256(msg.query).digest(),
        schemas=msg.schemas,
        trusted_issuers=msg.trusted_issuers,
        price=write_coin(read_coin(msg.price)),
        max_records=msg.max_records,
        terms=msg.terms,
        assurance=msg.assurance,
        stores=msg.stores,
        consumer_key=msg.consumer_key,
        status_max_age=msg.status_max_age or DAY,
        closes_at=msg.closes_at,
        retention_days=msg.retention_days,
        created_height=ctx.height,
    )


def close_deal(ctx: Context, bank: Bank, msg: "MsgCloseDeal") -> MsgCloseDealResponse:
    """The consumer ends an open deal; what no pending consent speaks for goes back at once."""
    deal, book = get_deal(ctx, msg.deal_id)
    require(Address.parse(deal.consumer) == Address.parse(msg.consumer), NotConsumer, "", consumer=msg.consumer)
    require(book.status == OPEN, DealNotOpen, "", deal_id=msg.deal_id)
    settlement.end_deal(ctx, bank, deal, book, CLOSED)
    return MsgCloseDealResponse()


def submit_consent(ctx: Context, dids: DIDs, oracles: Oracles, msg: "MsgSubmitConsent") -> MsgSubmitConsentResponse:
    """A provider agrees to sell one record: its price is held until the key is released, or the deadline passes."""
    deal, book = get_deal(ctx, msg.deal_id)
    require(book.status == OPEN and ctx.time < deal.closes_at.seconds, DealNotOpen, "", deal_id=deal.id)
    require(dids.is_active(ctx, deal.consumer_did), ConsumerDIDInvalid, "", did=deal.consumer_did)
    require(book.sold + book.pending < deal.max_records, DealFull, "", deal_id=deal.id)
    certified = require_certified(ctx, oracles, deal, msg)
    require_tag_free(ctx, deal.id, certified.first.tag, certified.first.delivery.object_id)
    require_terms(list(deal.terms), msg)
    split = require_split(ctx, oracles, deal, certified, parse_int(msg.min_net or "0"))

    number = book.next_number
    book.next_number += 1
    book.hold(price_of(deal).amount)
    books.set(ctx, deal.id, book)
    consent = _consent_of(ctx, number, certified, split, msg)
    consent.release_by = ctx.height + oracles.params(ctx).release_window
    set_consent(ctx, consent)
    tags.set(ctx, (deal.id, consent.tag), number)
    awaiting.set(ctx, (consent.release_by, deal.id, number), None)
    ctx.emit_typed(
        EventConsentSubmitted(
            deal_id=deal.id,
            number=number,
            epoch=certified.first.epoch,
            object_id=certified.first.delivery.object_id,
            release_by=consent.release_by,
        )
    )
    return MsgSubmitConsentResponse(number=number)


def require_tag_free(ctx: Context, deal_id: int, tag: bytes, object_id: bytes) -> None:
    """The record was not sold in this deal: its tag is new, or its last sale was never delivered.

    A sale that came to nothing may be tried again with another object only: the old one's shares are known.
    """
    number = tags.find(ctx, (deal_id, tag))
    if number is None:
        return
    last = get_consent(ctx, deal_id, number)
    if last.status != UNDELIVERED or settlement.delivered_object(last) == object_id:
        raise AlreadySold(deal_id=deal_id, number=number)


def require_terms(terms: "list[Term]", msg: "MsgSubmitConsent") -> None:
    """One agreement for each term, none for an unknown one, and every required term agreed to."""
    answers = {agreement.term_id: agreement.agreed for agreement in msg.agreements}
    complete = len(answers) == len(msg.agreements) and set(answers) == {term.id for term in terms}
    require(complete, TermsMissing, "one agreement a term is needed", terms=[term.id for term in terms])
    for term in terms:
        require(answers[term.id] or not term.required, TermsMissing, "a required term", id=term.id)


def require_split(ctx: Context, oracles: Oracles, deal: Deal, certified: Certified, min_net: int) -> Split:
    """The parts of the price, if the deductions stay under the cap and the seller gets what she asked for."""
    limits, price = params.get(ctx), price_of(deal).amount
    release_rate, most = Dec.from_wire(limits.release_rate), Dec.from_wire(limits.max_cost_rate)
    committee = oracles.find_committee(ctx, certified.first.epoch)
    assert committee is not None  # The certificates' check on shares found it.
    split = split_price(price, certified.rates, release_rate, committee.threshold)
    is_fair = (price - split.net) * ONE <= most.scaled * price
    require(is_fair, NetTooLow, "deductions exceed max_cost_rate", net=split.net)
    require(split.net >= min_net, NetTooLow, "", net=split.net, min_net=min_net)
    return split


def _consent_of(ctx: Context, number: int, certified: Certified, split: Split, msg: "MsgSubmitConsent") -> Consent:
    consent = Consent(
        deal_id=msg.deal_id,
        number=number,
        provider=certified.first.provider,
        tag=certified.first.tag,
        status=PENDING,
        certificates=msg.certificates,
        agreements=msg.agreements,
        height=ctx.height,
        net=str(split.net),
        release_fee=str(split.release_fee),
    )
    for certificate, amount in zip(certified.certificates, split.commissions, strict=True):
        consent.commissions.add(address=certificate.oracle, amount=str(amount))
    return consent


def withdraw_consent(ctx: Context, bank: Bank, msg: "MsgWithdrawConsent") -> MsgWithdrawConsentResponse:
    """The provider takes consent back: before release the sale is undone, after it the shares are forgotten."""
    deal, book = get_deal(ctx, msg.deal_id)
    consent = get_consent(ctx, msg.deal_id, msg.number)
    require(is_provider(consent, msg.provider), NotProvider, "", provider=msg.provider)
    require(consent.status in (PENDING, RELEASED), ConsentNotLive, "", number=msg.number)
    if consent.status == PENDING:
        settlement.reverse(ctx, bank, deal, book)
    settlement.finish(ctx, consent, WITHDRAWN)
    object_id = settlement.delivered_object(consent)
    ctx.emit_typed(EventConsentWithdrawn(deal_id=deal.id, number=consent.number, object_id=object_id))
    return MsgWithdrawConsentResponse()


def update_params(ctx: Context, msg: "MsgUpdateParams") -> MsgUpdateParamsResponse:
    """Governance replaces the parameters; pending consents keep their amounts and deadlines."""
    require_authority(msg.authority)
    params.set(ctx, msg.params)
    return MsgUpdateParamsResponse()


def claim_free_withdrawal(ctx: Context, msg: "MsgWithdrawConsent") -> bool:
    """Whether this withdrawal may wait for a block without a fee: consent is as easy to end as to give.

    It takes back a live consent of its own signer. The state of checks, which the next block drops, then remembers
    that the consent is spoken for: one consent frees one transaction, not a flood of them.
    """
    assert ctx.mode in (Mode.CHECK, Mode.RECHECK), "only a node that checks asks this"
    consent = consents.find(ctx, (msg.deal_id, msg.number))
    if consent is None or not is_provider(consent, msg.provider) or consent.status not in (PENDING, RELEASED):
        return False
    consent.status = WITHDRAWN
    set_consent(ctx, consent)
    return True


def is_provider(consent: Consent, account: str) -> bool:
    """Whether the consent was given by this account, however its address is spelled."""
    return Address.parse(consent.provider) == Address.parse(account)
