"""Deals, consents, releases, withdrawals, closings and the passing of time in any order, beside a model of the money.

EXCHANGE_EXAMPLES and EXCHANGE_STEPS make longer runs.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from chain_driver import SECOND
from deal_market import FEE, GAS, PEOPLE, Market, code
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from oracle_network import BOND, PLENTY, NetworkOracle

from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.chain.datadeal.types import (
    CLOSED,
    COMPLETED,
    EXPIRED,
    NAME,
    OPEN,
    PENDING,
    RELEASED,
    UNDELIVERED,
    WITHDRAWN,
)
from panacea.chain.oracle import state as oracle_state
from panacea.chain.oracle.messages import MsgRefreshOracle
from panacea.primitives.address import Address

T = TypeVar("T")

SEATS, THRESHOLD, WINDOW, TTL, JAIL = 5, 3, 12, 20, 4
CONSUMER, OPERATOR, MOST = 10**9, 10 * BOND, 1000

picks = st.integers(0, 11)
places = st.integers(1, SEATS)
people = st.sampled_from(PEOPLE)


@dataclass
class ModelSale:
    """A consent as the model knows it."""

    deal: int
    number: int
    provider: str
    record: str
    attempt: str
    certifier: int
    height: int
    status: int = PENDING
    good: list[int] = field(default_factory=list)
    bad: list[int] = field(default_factory=list)

    @property
    def release_by(self) -> int:
        return self.height + WINDOW


@dataclass
class ModelDeal:
    """A deal as the model knows it."""

    price: int
    max_records: int
    closes_at: int
    status: int = OPEN
    sold: int = 0
    pending: int = 0
    refunded: int = 0

    @property
    def escrow(self) -> int:
        return self.price * (self.max_records - self.sold) - self.refunded


def pick(at: int, live: Sequence[T], every: Sequence[T]) -> T:
    """One that is alive, mostly; each fourth time any at all, so that refusals are met as well."""
    among = every if at % 4 == 3 or not live else live
    return among[-1 - at % len(among)]


class Exchange(RuleBasedStateMachine):
    """Every message is foretold, its refusals too; after each step chain and model agree to the coin."""

    @initialize()
    def begin(self) -> None:
        self.market = Market(
            balances={"consumer": CONSUMER},
            oracle_params={
                "epoch_blocks": "10000",
                "unbonding_blocks": "20000",
                "min_bond": {"denom": "umed", "amount": "1"},
                "max_undelivered_slash": str(MOST),
                "certificate_ttl": str(TTL),
                "release_window": str(WINDOW),
                "jail_blocks": str(JAIL),
            },
        )
        self.chain = self.market.chain
        self.members: list[NetworkOracle] = self.market.members
        self.deals: dict[int, ModelDeal] = {}
        self.sales: list[ModelSale] = []
        self.held = {**dict.fromkeys(PEOPLE, 0), "consumer": CONSUMER}
        self.held.update({member.name: OPERATOR - BOND for member in self.members})
        self.bonds = [BOND] * SEATS
        self.jailed_until = [0] * SEATS
        self.key_heights = [self.chain.height] * SEATS
        self.create(1000, 4, 600)
        self.supply = self.chain.wiring.bank.supply(self.chain.ctx(), "umed")

    # What the model does by itself.

    def _end_block(self) -> None:
        for sale in self.sales:
            if sale.status == PENDING and sale.release_by <= self.chain.height:
                self._undo(sale, UNDELIVERED)
                for place in {*range(1, SEATS + 1)} - {*sale.good, *sale.bad}:
                    self._punish(place, self.deals[sale.deal].price)
        for deal in self.deals.values():
            if deal.status == OPEN and deal.closes_at <= self.chain.time_ns // SECOND:
                self._end(deal, EXPIRED)

    def _punish(self, place: int, price: int) -> None:
        self.bonds[place - 1] -= min(price // (SEATS - THRESHOLD + 1), MOST, self.bonds[place - 1])
        self.jailed_until[place - 1] = self.chain.height + JAIL

    def _undo(self, sale: ModelSale, status: int) -> None:
        deal, sale.status = self.deals[sale.deal], status
        deal.pending -= 1
        if deal.status != OPEN:
            self._refund(deal, deal.price)

    def _refund(self, deal: ModelDeal, amount: int) -> None:
        deal.refunded += amount
        self.held["consumer"] += amount

    def _end(self, deal: ModelDeal, status: int) -> None:
        deal.status = status
        self._refund(deal, deal.escrow - deal.price * deal.pending)

    def _settle(self, sale: ModelSale) -> None:
        deal, sale.status = self.deals[sale.deal], RELEASED
        commission, each = deal.price * 2 // 100, deal.price * 2 // 100 // THRESHOLD
        self.held[sale.provider] += deal.price - commission - THRESHOLD * each
        self.held[self.members[sale.certifier - 1].name] += commission
        for place in sale.good:
            self.held[self.members[place - 1].name] += each
        deal.pending, deal.sold = deal.pending - 1, deal.sold + 1
        if deal.status == OPEN and deal.sold == deal.max_records:
            deal.status = COMPLETED

    @property
    def _open(self) -> list[int]:
        return [number for number, deal in self.deals.items() if deal.status == OPEN]

    # What people do.

    @precondition(lambda self: len(self.deals) < 4)
    @rule(price=st.integers(1, 5000), max_records=st.integers(1, 5), life=st.integers(100, 600))
    def create(self, price: int, max_records: int, life: int) -> None:
        message = self.market.deal_message(price=price, max_records=max_records, closes_in=life)
        self.chain.ok("consumer", message, gas=GAS)
        self.held["consumer"] -= FEE + price * max_records
        self.deals[len(self.deals) + 1] = ModelDeal(price, max_records, message.closes_at.seconds)
        self._end_block()

    @rule(
        at=picks,
        provider=people,
        record=st.sampled_from("abcdefgh"),
        place=places,
        attempt=st.sampled_from(["", "again"]),
    )
    def sell(self, at: int, provider: str, record: str, place: int, attempt: str) -> None:
        number = pick(at, self._open, list(self.deals))
        deal = self.deals[number]
        message = self.market.consent(number, provider, record, by=(place,), attempt=attempt)
        result = self.chain.tx(provider, message, gas=GAS)
        earlier = [sale for sale in self.sales if (sale.deal, sale.record) == (number, record)]
        last = earlier[-1] if earlier else None
        if deal.status != OPEN or deal.closes_at <= self.chain.time_ns // SECOND:
            expected = "datadeal/3"
        elif deal.sold + deal.pending == deal.max_records:
            expected = "datadeal/4"
        elif self.jailed_until[place - 1]:
            expected = "datadeal/8"
        elif last is not None and (last.status != UNDELIVERED or last.attempt == attempt):
            expected = "datadeal/9"
        else:
            expected = "/0"
            deal.pending += 1
            of_deal = [sale for sale in self.sales if sale.deal == number]
            sale = ModelSale(number, len(of_deal) + 1, provider, record, attempt, place, self.chain.height)
            self.sales.append(sale)
        assert code(result) == expected, result.log
        self._end_block()

    @precondition(lambda self: self.sales)
    @rule(
        at=picks,
        order=st.permutations(range(1, SEATS + 1)),
        count=st.sampled_from([3, 3, 4, SEATS, 1, 2]),
        bad=st.sampled_from([(), (), (), (1,), (2, 4), (1, 3, 5)]),
    )
    def release(self, at: int, order: list[int], count: int, bad: tuple[int, ...]) -> None:
        """Some members answer one consent in one block, one of them twice; some cannot open theirs."""
        sale = pick(at, [sale for sale in self.sales if sale.status == PENDING], self.sales)
        answers = [(place, place in bad) for place in (*order[:count], order[0])]
        txs, counts = [], dict.fromkeys(range(1, SEATS + 1), 0)
        for place, is_bad in answers:
            member = self.members[place - 1]
            release = self.market.share(sale.deal, sale.number, place, bad=is_bad)
            txs.append(self.chain.sign(member.name, self.market.batch(member, release), gas=GAS, ahead=counts[place]))
            counts[place] += 1
        assert all(result.code == 0 for result in self.chain.block(*txs).tx_results)
        for place, is_bad in answers:
            self._answer(sale, place, is_bad)
        self._end_block()

    def _answer(self, sale: ModelSale, place: int, is_bad: bool) -> None:
        if sale.status not in (PENDING, RELEASED) or self.chain.height > sale.release_by:
            return
        if place in (*sale.good, *sale.bad):
            return
        if is_bad:
            if sale.status == PENDING and self.key_heights[place - 1] < sale.height:
                sale.bad.append(place)
                if len(sale.bad) > SEATS - THRESHOLD:
                    self._undo(sale, UNDELIVERED)
                    self.jailed_until[sale.certifier - 1] = self.chain.height + JAIL
            return
        sale.good.append(place)
        if sale.status == PENDING and len(sale.good) == THRESHOLD:
            self._settle(sale)

    @precondition(lambda self: len(self.sales) > 1)
    @rule(at=picks)
    def withdraw(self, at: int) -> None:
        sale = pick(at, self.sales[-3:], self.sales)
        result = self.chain.tx(sale.provider, self.market.withdrawal(sale.deal, sale.number, sale.provider))
        assert code(result) == ("/0" if sale.status in (PENDING, RELEASED) else "datadeal/13"), result.log
        if sale.status == PENDING:
            self._undo(sale, WITHDRAWN)
        elif sale.status == RELEASED:
            sale.status = WITHDRAWN
        self._end_block()

    @precondition(lambda self: len(self._open) > 1)
    @rule(at=picks)
    def close(self, at: int) -> None:
        number = pick(at, self._open, list(self.deals))
        deal = self.deals[number]
        result = self.chain.tx("consumer", MsgCloseDeal(consumer=self.chain["consumer"], deal_id=number))
        assert code(result) == ("/0" if deal.status == OPEN else "datadeal/3"), result.log
        if deal.status == OPEN:
            self._end(deal, CLOSED)
        self._end_block()

    @rule(place=places)
    def come_back(self, place: int) -> None:
        """A member shows fresh evidence; one whose time in jail is over serves again."""
        member = self.members[place - 1]
        message = MsgRefreshOracle(operator=member.address, keys=member.submission(self.chain))
        result = self.chain.tx(member.name, message, gas=PLENTY)
        is_jailed = self.jailed_until[place - 1] >= self.chain.height
        assert code(result) == ("oracle/13" if is_jailed else "/0"), result.log
        if not is_jailed:
            self.jailed_until[place - 1], self.key_heights[place - 1] = 0, self.chain.height
        self._end_block()

    @rule(blocks=st.integers(1, 5))
    def wait(self, blocks: int) -> None:
        for _ in range(blocks):
            self.chain.block()
            self._end_block()

    # What holds after each step.

    @invariant()
    def the_chain_is_sound(self) -> None:
        self.chain.check_invariants()
        bank, ctx = self.chain.wiring.bank, self.chain.ctx()
        assert bank.supply(ctx, "umed") == self.supply
        assert self.chain.balance(Address.module(NAME)) == sum(deal.escrow for deal in self.deals.values())
        assert self.chain.balance(Address.module("oracle")) == sum(self.bonds)
        cuts = SEATS * BOND - sum(self.bonds)
        assert self.chain.balance(Address.module("fee_collector")) == FEE * len(self.deals) + cuts

    @invariant()
    def everybody_has_what_is_theirs(self) -> None:
        assert {name: self.chain.balance(name) for name in self.held} == self.held
        for member, bond, jailed_until in zip(self.members, self.bonds, self.jailed_until, strict=True):
            oracle = oracle_state.get_oracle(self.chain.ctx(), Address.parse(member.address))
            assert (int(oracle.bond.amount), oracle.jailed_until) == (bond, jailed_until)

    @invariant()
    def deals_and_consents_are_as_foretold(self) -> None:
        for number, deal in self.deals.items():
            book = self.market.book(number)
            assert book.escrow == deal.price * deal.max_records - book.paid - book.refunded == deal.escrow
            assert book.held == deal.price * deal.pending
            assert (int(book.status), book.sold, book.pending) == (deal.status, deal.sold, deal.pending)
        live: set[tuple[int, str]] = set()
        for sale in self.sales:
            consent = self.market.sale(sale.deal, sale.number)
            assert (int(consent.status), list(consent.released), list(consent.bad)) == (
                sale.status,
                sale.good,
                sale.bad,
            )
            assert consent.status != PENDING or self.chain.height < consent.release_by
            kept = sorted(sale.good) if sale.status in (PENDING, RELEASED) else []
            assert self.market.shares(sale.deal, sale.number) == kept
            if sale.status in (PENDING, RELEASED):
                assert (sale.deal, sale.record) not in live, "a record is sold twice in a deal"
                live.add((sale.deal, sale.record))


TestExchange = Exchange.TestCase
TestExchange.settings = settings(
    max_examples=int(os.environ.get("EXCHANGE_EXAMPLES", "30")),
    stateful_step_count=int(os.environ.get("EXCHANGE_STEPS", "30")),
    deadline=None,
)
