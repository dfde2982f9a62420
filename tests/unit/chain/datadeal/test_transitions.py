"""Deals and consents from the first coin to the last."""

from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, key_of
from deal_market import FEE, GAS, RICH, Market, code, did_of, sealed_shares, sha256
from did_documents import deactivate

from panacea.chain.app import Settings
from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.chain.datadeal import state, transitions
from panacea.chain.datadeal.genesis import default_params
from panacea.chain.datadeal.messages import MsgCloseDeal, MsgUpdateParams
from panacea.chain.datadeal.types import CLOSED, EXPIRED, NAME, OPEN, PENDING, RELEASED, WITHDRAWN
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins
from panacea.primitives.numbers import Dec
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Agreement, Assurance, Store
else:
    Agreement, Assurance, Store = load("panacea.datadeal.v3", "Agreement", "Assurance", "Store")

MODULE = Address.module(NAME)
GOV = str(Address.module("gov"))


def close(market: Market, deal: int, name: str = "consumer") -> str:
    return code(market.chain.tx(name, MsgCloseDeal(consumer=market.chain[name], deal_id=deal)))


def withdraw(market: Market, deal: int, number: int, name: str = "alice") -> str:
    return code(market.chain.tx(name, market.withdrawal(deal, number, name)))


def events(market: Market) -> list[str]:
    assert market.chain.last is not None
    told = [event for result in market.chain.last.tx_results for event in result.events]
    return [event.type.rpartition(".")[2] for event in (*told, *market.chain.last.events) if NAME in event.type]


class TestCreateDeal:
    def test_the_budget_is_locked_at_once(self) -> None:
        market = Market()
        first, second = market.create_deal(price=1000), market.create_deal(price=7, max_records=3)
        assert (first, second) == (1, 2)
        assert market.chain.balance("consumer") == RICH - 2 * FEE - 10_000 - 21
        assert market.chain.balance(Address.module("fee_collector")) == 2 * FEE
        assert market.chain.balance(MODULE) == 10_021
        deal, book = market.deal(second)
        assert (book.status, book.escrow, book.held, book.next_number) == (OPEN, 21, 0, 1)
        assert (deal.price.amount, deal.price.denom) == ("7", "umed")
        assert (deal.created_height, deal.status_max_age) == (market.chain.height, 86_400)
        assert events(market) == ["EventDealCreated"]
        market.chain.check_invariants()

    def test_a_price_in_another_coin(self) -> None:
        voucher = "ibc/ABC"
        market = Market(balances={"consumer": Coins((Coin("umed", FEE), Coin(voucher, 50)))})
        message = market.deal_message(max_records=5)
        message.price.denom, message.price.amount = voucher, "0x0a"
        market.chain.ok("consumer", market.signed_deal(message), gas=GAS)
        assert market.deal(1)[0].price.amount == "10"
        number = market.sell(1, "alice")
        market.release(1, number, (1, 2, 3))
        assert market.chain.balance("alice", voucher) == 10
        assert close(market, 1) == "/0"
        assert market.chain.balance("consumer", voucher) == 40
        market.chain.check_invariants()

    def test_no_fee_where_parameters_ask_none(self) -> None:
        market = Market(params={"deal_fee": {"denom": "umed", "amount": "0"}})
        market.create_deal()
        assert market.chain.balance("consumer") == RICH - 10_000

    @pytest.mark.parametrize("short", [1, FEE])
    def test_without_the_money(self, short: int) -> None:
        market = Market(balances={"consumer": FEE + 10_000 - short})
        assert code(market.chain.tx("consumer", market.deal_message(), gas=GAS)) == "sdk/5"
        assert market.chain.balance("consumer") == FEE + 10_000 - short
        assert market.chain.balance(MODULE) == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"query": b"q" * 101},
            {"max_records": 21},
            {"closes_in": 0},
            {"closes_in": 2 * 86_400 + 60},
            {"trusted_issuers": [did_of("nobody")]},
            {"trusted_issuers": [did_of("issuer"), did_of("nobody")]},
            {"stores": [Store(url="http://store.example", public_key=sha256("store"))]},
        ],
        ids=",".join,
    )
    def test_beyond_the_parameters(self, changes: dict[str, Any]) -> None:
        market = Market(params={"max_query_bytes": 100, "max_records_limit": "20", "max_deal_days": 2})
        market.create_deal(query=b"q" * 100, max_records=20, closes_in=86_400)
        assert code(market.chain.tx("consumer", market.deal_message(**changes), gas=GAS)) == "datadeal/6"

    def test_it_closes_after_its_own_block(self) -> None:
        market = Market()
        step = market.chain.seconds_per_block
        assert code(market.chain.tx("consumer", market.deal_message(closes_in=step), gas=GAS)) == "datadeal/6"
        market.create_deal(closes_in=step + 1)
        latest = 730 * 86_400 + step
        assert code(market.chain.tx("consumer", market.deal_message(closes_in=latest + 1), gas=GAS)) == "datadeal/6"
        market.create_deal(closes_in=latest)

    def test_a_budget_that_no_number_holds(self) -> None:
        market = Market()
        message = market.deal_message(price=2**255, max_records=2)
        assert code(market.chain.tx("consumer", message, gas=GAS)) == "datadeal/6"

    def test_simulation_and_loopback_are_for_test_chains(self) -> None:
        local = [Store(url="http://127.0.0.1:8080", public_key=sha256("store"))]
        market = Market()
        market.create_deal(stores=local)
        chain = Driver({"consumer": RICH, "issuer": 0}, chain_id="panacea-3")
        for name in ("consumer", "issuer"):
            chain.ok(name, market.registered_did(name))
        for changes in ({}, {"stores": local, "assurance": Assurance(min_certificates=1, min_vendors=1)}):
            message = market.signed_deal(market.deal_message(**changes), chain_id="panacea-3")
            assert code(chain.tx("consumer", message, gas=GAS)) == "datadeal/6"
        hard = market.deal_message(assurance=Assurance(min_certificates=1, min_vendors=1))
        chain.ok("consumer", market.signed_deal(hard, chain_id="panacea-3"), gas=GAS)

    def test_nobody_buys_in_anothers_name(self) -> None:
        market = Market(balances={"thief": RICH})
        messages = [
            market.signed_deal(market.deal_message(), name="issuer"),
            market.signed_deal(market.deal_message(), chain_id="test-2"),
            market.deal_message(verification_method_id=f"{did_of('consumer')}#key2"),
            market.deal_message(consumer_did=did_of("nobody")),
        ]
        messages.append(market.deal_message())
        messages[-1].title = "changed after it was signed"
        for message in messages:
            assert code(market.chain.tx("consumer", message, gas=GAS)) == "datadeal/7"
        stolen = market.deal_message()
        stolen.consumer = market.chain["thief"]
        assert code(market.chain.tx("thief", stolen, gas=GAS)) == "datadeal/7"

    @pytest.mark.parametrize(("name", "expected"), [("issuer", "datadeal/6"), ("consumer", "datadeal/7")])
    def test_deactivated_dids(self, name: str, expected: str) -> None:
        market = Market()
        market.chain.ok(name, deactivate(market.chain[name], 0, key_of(name), did_of(name)))
        assert code(market.chain.tx("consumer", market.deal_message(), gas=GAS)) == expected


class TestCloseDeal:
    def test_what_nobody_speaks_for_goes_back_at_once(self) -> None:
        market = Market()
        deal = market.create_deal()
        sold, waits = market.sell(deal, "alice", "one"), market.sell(deal, "bob", "two")
        market.release(deal, sold, (1, 2, 3))
        before = market.chain.balance("consumer")
        assert close(market, deal) == "/0"
        assert events(market) == ["EventDealEnded"]
        assert market.chain.balance("consumer") == before + 8000
        book = market.book(deal)
        assert (book.status, book.escrow, book.held, book.paid, book.refunded) == (CLOSED, 1000, 1000, 1000, 8000)
        market.release(deal, waits, (1, 2, 3))
        book = market.book(deal)
        assert (book.status, book.escrow, book.paid, book.sold) == (CLOSED, 0, 2000, 2)
        market.chain.check_invariants()

    def test_who_and_when(self) -> None:
        market = Market()
        deal = market.create_deal()
        assert close(market, 9) == "datadeal/2"
        assert close(market, deal, "issuer") == "datadeal/5"
        assert close(market, deal) == "/0"
        assert close(market, deal) == "datadeal/3"
        assert market.refused(market.consent(deal, "alice")).startswith("datadeal/3")

    def test_it_expires_by_itself(self) -> None:
        market = Market()
        deal = market.create_deal(closes_in=1000)
        number = market.sell(deal, "alice")
        market.chain.advance(1000)
        assert events(market) == ["EventDealEnded"]
        book = market.book(deal)
        assert (book.status, book.escrow, book.refunded) == (EXPIRED, 1000, 9000)
        assert close(market, deal) == "datadeal/3"
        assert withdraw(market, deal, number) == "/0"
        assert market.book(deal).refunded == 10_000
        assert market.chain.balance("consumer") == RICH - FEE
        market.chain.check_invariants()

    def test_mass_expiry_is_spread_over_blocks_while_every_message_checks_the_time(self) -> None:
        market = Market(balances={"consumer": 1000 * FEE})
        closes_at = market.chain.time_ns // 10**9 + 100_000
        for _ in range(3):
            txs = []
            for ahead in range(34):
                message = market.deal_message(max_records=1)
                message.closes_at.seconds = closes_at
                txs.append(market.chain.sign("consumer", market.signed_deal(message), gas=GAS, ahead=ahead))
            assert all(result.code == 0 for result in market.chain.block(*txs).tx_results)
        market.chain.advance(100_000)
        assert events(market).count("EventDealEnded") == 100
        assert market.book(102).status == OPEN
        last = market.consent(102, "alice")
        market.chain.block()
        assert events(market).count("EventDealEnded") == 2
        assert market.refused(last).startswith("datadeal/3")
        market.chain.check_invariants()


class TestSubmitConsent:
    def test_it_fixes_every_amount_and_holds_the_price(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice", min_net="962")
        assert events(market) == ["EventConsentSubmitted"]
        consent, book = market.sale(deal, number), market.book(deal)
        assert (book.held, book.pending, book.escrow) == (1000, 1, 10_000)
        assert (consent.status, consent.net, consent.release_fee) == (PENDING, "962", "18")
        assert [(each.address, each.amount) for each in consent.commissions] == [(market.members[0].address, "20")]
        assert consent.release_by == market.chain.height + 60
        assert consent.height == market.chain.height
        assert consent.provider == market.chain["alice"]
        assert market.sell(deal, "alice", "another record") == 2

    @pytest.mark.parametrize("attempt", ["", "another object"])
    def test_a_record_is_sold_once(self, attempt: str) -> None:
        """Whatever account or oracle it comes through, pending, released or withdrawn."""
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        again: dict[str, Any] = {"attempt": attempt, "by": (2,)}
        assert market.refused(market.consent(deal, "bob", **again), "bob").startswith("datadeal/9")
        market.release(deal, number, (1, 2, 3))
        assert market.refused(market.consent(deal, "alice", **again)).startswith("datadeal/9")
        assert withdraw(market, deal, number) == "/0"
        assert market.refused(market.consent(deal, "alice", **again)).startswith("datadeal/9")
        assert market.book(deal).sold == 1
        assert market.sell(market.create_deal(), "alice") == 1

    def test_an_undelivered_record_may_be_offered_again_as_another_object(self) -> None:
        market = Market(oracles=6, oracle_params={"jail_blocks": "0"})
        deal = market.create_deal()
        number = market.sell(deal, "alice", by=(1,))
        market.release(deal, number, (1, 2, 3, 4, 5), bad=True)
        outsider = next(oracle for oracle in market.oracles if oracle not in market.members)
        for attempt, refused in (("", True), ("again", False)):
            shares = sealed_shares("record" + attempt, 5)
            certificate = market.signed(market.certificate(deal, "alice", "record", outsider, shares=shares), outsider)
            message = market.consent(deal, "alice", certificates=[certificate], sealed_shares=shares)
            if refused:
                assert market.refused(message).startswith("datadeal/9")
            else:
                market.chain.ok("alice", message, gas=GAS)
        assert market.book(deal).pending == 1
        market.chain.check_invariants()

    @pytest.mark.parametrize(
        "agreements",
        [
            [],
            [Agreement(term_id=1, agreed=True)],
            [Agreement(term_id=1, agreed=False), Agreement(term_id=2, agreed=True)],
            [Agreement(term_id=1, agreed=True), Agreement(term_id=1, agreed=True)],
            [Agreement(term_id=number, agreed=True) for number in (1, 2, 3)],
            [Agreement(term_id=number, agreed=True) for number in (1, 2, 2)],
        ],
        ids=str,
    )
    def test_terms(self, agreements: "list[Agreement]") -> None:
        market = Market()
        deal = market.create_deal()
        assert market.refused(market.consent(deal, "alice", agreements=agreements)).startswith("datadeal/10")

    def test_a_deal_without_terms(self) -> None:
        market = Market()
        deal = market.create_deal(terms=[])
        one = [Agreement(term_id=1, agreed=True)]
        assert market.refused(market.consent(deal, "alice", agreements=one)).startswith("datadeal/10")
        market.sell(deal, "alice", agreements=[])

    def test_the_seller_names_the_least(self) -> None:
        market = Market()
        deal = market.create_deal()
        assert market.refused(market.consent(deal, "alice", min_net="963")).startswith("datadeal/11")
        assert market.refused(market.consent(deal, "alice", min_net="0x3c3")).startswith("datadeal/11")
        market.sell(deal, "alice", min_net="0x3c2")

    def test_deductions_are_capped(self) -> None:
        market = Market(params={"max_cost_rate": "0.037", "release_rate": "0.02"})
        deal = market.create_deal()
        assert market.refused(market.consent(deal, "alice")).startswith("datadeal/11")
        exact = Market(params={"max_cost_rate": "0.038", "release_rate": "0.02"})
        exact.sell(exact.create_deal(), "alice")

    def test_a_price_of_255_bits(self) -> None:
        price = 2**255 - 1
        market = Market(balances={"consumer": Coins((Coin("umed", FEE), Coin("big", price)))})
        deal = market.create_deal(price=f"{price}big", max_records=1)
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        assert market.chain.balance("alice", "big") == int(market.sale(deal, number).net)
        market.chain.check_invariants()

    def test_the_order_of_the_checks(self) -> None:
        market = Market()
        deal = market.create_deal(max_records=1)
        faults: dict[str, Any] = {"agreements": [], "min_net": "1000", "sealed_shares": [b"wrong"]}
        assert market.refused(market.consent(8, "alice", **faults)).startswith("datadeal/2")
        assert market.refused(market.consent(deal, "alice", **faults)).startswith("datadeal/8")
        del faults["sealed_shares"]
        assert market.refused(market.consent(deal, "alice", **faults)).startswith("datadeal/10")
        del faults["agreements"]
        assert market.refused(market.consent(deal, "alice", **faults)).startswith("datadeal/11")
        number = market.sell(deal, "alice")
        faults["sealed_shares"] = [b"wrong"]
        assert market.refused(market.consent(deal, "alice", **faults)).startswith("datadeal/4")
        withdraw(market, deal, number)
        del faults["sealed_shares"]
        faults["agreements"] = []
        assert market.refused(market.consent(deal, "alice", **faults)).startswith("datadeal/9")
        late = market.consent(deal, "alice", "another", **faults)
        market.chain.ok("consumer", deactivate(market.chain["consumer"], 0, key_of("consumer"), did_of("consumer")))
        assert market.refused(late).startswith("datadeal/7")
        assert close(market, deal) == "/0"
        assert market.refused(late).startswith("datadeal/3")

    def test_it_is_full_and_open_again(self) -> None:
        market = Market()
        deal = market.create_deal(max_records=1)
        number = market.sell(deal, "alice")
        assert market.refused(market.consent(deal, "bob", "another"), "bob").startswith("datadeal/4")
        withdraw(market, deal, number)
        market.sell(deal, "bob", "another")

    def test_a_deactivated_consumer_gets_no_more_but_what_waits_goes_on(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.chain.ok("consumer", deactivate(market.chain["consumer"], 0, key_of("consumer"), did_of("consumer")))
        assert market.refused(market.consent(deal, "bob", "another"), "bob").startswith("datadeal/7")
        market.release(deal, number, (1, 2, 3))
        assert market.sale(deal, number).status == RELEASED

    def test_the_moment_of_closing_is_too_late(self) -> None:
        """In the block of that moment the deal is still marked open when its messages run."""
        market = Market()
        deal = market.create_deal(closes_in=1000)
        closes_at = market.deal(deal)[0].closes_at.seconds
        late = market.consent(deal, "bob", "another")
        market.chain.time_ns = (closes_at - 1 - market.chain.seconds_per_block) * 10**9
        market.sell(deal, "alice")
        market.chain.seconds_per_block = 1
        assert market.refused(late, "bob").startswith("datadeal/3")


class TestWithdrawConsent:
    def test_before_release_the_sale_is_undone(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2))
        assert withdraw(market, deal, number) == "/0"
        assert events(market) == ["EventConsentWithdrawn"]
        book = market.book(deal)
        assert (book.escrow, book.held, book.pending, book.refunded) == (10_000, 0, 0, 0)
        assert market.sale(deal, number).status == WITHDRAWN
        assert market.shares(deal, number) == []
        (late,) = market.release(deal, number, (3,))
        assert "consent is not live" in str(late.events)
        assert market.shares(deal, number) == []
        assert market.chain.balance("alice") == 0
        market.chain.advance(0, blocks=65)  # Nobody is cut at a deadline that is no more.
        assert market.sale(deal, number).status == WITHDRAWN
        market.chain.check_invariants()

    def test_of_an_ended_deal_the_price_goes_to_the_consumer(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        close(market, deal)
        assert withdraw(market, deal, number) == "/0"
        assert market.chain.balance("consumer") == RICH - FEE
        assert market.book(deal).escrow == 0

    def test_after_release_the_shares_leave_and_the_money_stays(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        assert market.shares(deal, number) == [1, 2, 3]
        assert withdraw(market, deal, number) == "/0"
        assert market.shares(deal, number) == []
        assert market.chain.balance("alice") == 962
        assert (market.book(deal).sold, market.book(deal).paid) == (1, 1000)
        (late,) = market.release(deal, number, (4,))
        assert "consent is not live" in str(late.events)
        market.chain.check_invariants()

    def test_who_and_when(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        assert withdraw(market, 9, 1) == "datadeal/2"
        assert withdraw(market, deal, 9) == "datadeal/12"
        assert withdraw(market, deal, number, "bob") == "datadeal/15"
        assert withdraw(market, deal, number, "consumer") == "datadeal/15"
        assert withdraw(market, deal, number) == "/0"
        assert withdraw(market, deal, number) == "datadeal/13"

    def test_it_is_free_of_fee_while_the_consent_is_live(self) -> None:
        prices = (("umed", Dec.parse("5")),)
        market = Market(balances={"alice": 10**9}, settings=Settings("test-1", min_gas_prices=prices))
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        withdrawal = market.withdrawal(deal, number, "alice")

        def check(*messages: Any, signer: str = "alice", gas: int = 200_000) -> str:
            return code(market.chain.app.check_tx(market.chain.sign(signer, *messages, gas=gas)))

        assert check(withdrawal, gas=200_001) == "sdk/13"
        assert check(withdrawal, withdrawal) == "sdk/13"
        assert check(market.withdrawal(deal, number, "bob"), signer="bob") == "sdk/13"
        assert check(market.withdrawal(deal, 7, "alice")) == "sdk/13"
        assert check(MsgCloseDeal(consumer=market.chain["consumer"], deal_id=deal), signer="consumer") == "sdk/13"
        market.release(deal, number, (1, 2, 3))
        assert check(withdrawal) == "/0"
        again = market.chain.sign("alice", withdrawal, gas=200_000, ahead=1)
        assert code(market.chain.app.check_tx(again)) == "sdk/13", "one consent frees one transaction"
        market.chain.block()
        assert check(withdrawal) == "/0"
        assert market.sale(deal, number).status == RELEASED
        result = market.chain.ok("alice", withdrawal, gas=200_000)
        assert result.gas_used < 200_000
        assert check(withdrawal) == "sdk/13"

    def test_the_largest_consent_is_withdrawn_within_that_gas(self) -> None:
        market = Market()
        assurance = Assurance(min_certificates=5, min_vendors=1, allow_simulated=True)
        deal = market.create_deal(assurance=assurance)
        number = market.sell(deal, "alice", by=(1, 2, 3, 4, 5))
        market.release(deal, number, (1, 2, 3, 4, 5), sealed_share=bytes(2048))
        assert market.chain.ok("alice", market.withdrawal(deal, number, "alice")).gas_used < 150_000


class TestModuleAccount:
    def test_it_refuses_plain_sends(self) -> None:
        """An escrow is no address that somebody could create, or fill, before a deal does."""
        market = Market(balances={"mallory": 10})
        before = market.book(market.create_deal()).escrow
        for module in (NAME, "oracle"):
            send = MsgSend(
                from_address=market.chain["mallory"],
                to_address=str(Address.module(module)),
                amount=write_coins(Coins.of(1)),
            )
            assert code(market.chain.tx("mallory", send)) == "sdk/4"
        assert market.book(market.create_deal()).escrow == before
        market.chain.check_invariants()


class TestUpdateParams:
    def test_only_governance(self) -> None:
        market = Market()
        message = MsgUpdateParams(authority=market.chain["alice"], params=default_params())
        assert code(market.chain.tx("alice", message)) == "gov/13"

    def test_pending_consents_keep_their_amounts_and_deadlines(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        release_by = market.sale(deal, number).release_by
        ctx = market.chain.ctx()
        params = default_params()
        params.release_rate = params.max_cost_rate = Dec.parse("0.5").to_wire()
        params.share_retention_blocks = 1
        transitions.update_params(ctx, MsgUpdateParams(authority=GOV, params=params))
        assert state.params.get(ctx) == params
        consent = state.get_consent(ctx, deal, number)
        assert (consent.net, consent.release_by) == ("962", release_by)
