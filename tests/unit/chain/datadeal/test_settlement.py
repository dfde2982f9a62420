"""What happens by itself: the refund of what was not delivered, ended deals, and shares that are forgotten."""

import pytest
from deal_market import FEE, GAS, RICH, Market
from oracle_network import BOND

from panacea.chain.datadeal import settlement, state
from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.chain.datadeal.types import CLOSED, PENDING, RELEASED, UNDELIVERED
from panacea.chain.oracle import state as oracle_state
from panacea.chain.oracle.messages import MsgLeaveOracle
from panacea.chain.oracle.roster import Roster
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins


def until(market: Market, height: int) -> None:
    """Make empty blocks until one of this height is made."""
    while market.chain.height < height:
        market.chain.block()


def bonds(market: Market) -> list[tuple[int, int]]:
    """What each member has locked, and its status, by place."""
    found = []
    for member in market.members:
        oracle = oracle_state.get_oracle(market.chain.ctx(), Address.parse(member.address))
        found.append((int(oracle.bond.amount), int(oracle.status)))
    return found


def told(market: Market) -> list[str]:
    assert market.chain.last is not None
    return [event.type.rpartition(".")[2] for event in market.chain.last.events if "panacea" in event.type]


class TestUndelivered:
    def test_the_refund_comes_by_itself_at_the_deadline(self) -> None:
        market = Market()
        deal = market.create_deal(price=9000)
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 4))
        deadline = market.sale(deal, number).release_by
        until(market, deadline - 1)
        assert market.sale(deal, number).status == PENDING
        until(market, deadline)
        assert told(market) == ["EventConsentSettled"] + ["EventOraclePunished"] * 3
        consent, book = market.sale(deal, number), market.book(deal)
        assert (consent.status, consent.settled_height) == (UNDELIVERED, deadline)
        assert (book.escrow, book.held, book.pending, book.refunded) == (90_000, 0, 0, 0)
        assert market.shares(deal, number) == []
        assert market.chain.balance("alice") == 0
        kept, cut = (BOND, 1), (BOND - 3000, 2)
        assert bonds(market) == [kept, cut, cut, kept, cut]
        assert market.chain.balance(Address.module("fee_collector")) == FEE + 9000
        market.chain.check_invariants()

    def test_slot_and_tag_are_free_again(self) -> None:
        market = Market()
        deal = market.create_deal(max_records=1)
        number = market.sell(deal, "alice", by=(1,))
        market.release(deal, number, (1, 2))
        until(market, market.sale(deal, number).release_by)
        assert market.refused(market.consent(deal, "alice", by=(1,))).startswith("datadeal/9")
        again = market.sell(deal, "alice", by=(1,), attempt="another object")
        assert again == 2
        market.release(deal, again, (1, 2, 3))
        assert market.chain.balance("alice") == 962
        market.chain.check_invariants()

    def test_of_an_ended_deal_the_price_goes_to_the_consumer(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.chain.ok("consumer", MsgCloseDeal(consumer=market.chain["consumer"], deal_id=deal))
        assert market.chain.balance("consumer") == RICH - FEE - 1000
        until(market, market.sale(deal, number).release_by)
        assert market.chain.balance("consumer") == RICH - FEE
        book = market.book(deal)
        assert (book.status, book.escrow, book.refunded) == (CLOSED, 0, 10_000)

    def test_members_that_answered_bad_are_not_cut(self) -> None:
        market = Market()
        deal = market.create_deal(price=9000)
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2), bad=True)
        until(market, market.sale(deal, number).release_by)
        kept, cut = (BOND, 1), (BOND - 3000, 2)
        assert bonds(market) == [kept, kept, cut, cut, cut]

    def test_each_consent_cuts_again_up_to_the_bond(self) -> None:
        market = Market(balances={"consumer": 10**12}, oracle_params={"max_undelivered_slash": "6000000"})
        deal = market.create_deal(price=30_000_000)
        numbers = [market.sell(deal, "alice", f"record {at}") for at in range(3)]
        until(market, market.sale(deal, numbers[-1]).release_by)
        assert bonds(market) == [(0, 2)] * 5
        market.chain.check_invariants()

    def test_a_price_in_another_coin_cuts_the_most(self) -> None:
        market = Market(balances={"consumer": Coins((Coin("umed", FEE), Coin("uatom", 100)))})
        deal = market.create_deal(price="10uatom")
        number = market.sell(deal, "alice")
        until(market, market.sale(deal, number).release_by)
        assert bonds(market) == [(BOND - 1_000_000, 2)] * 5
        assert market.book(deal).escrow == 100

    def test_a_leaving_member_is_cut_too(self) -> None:
        market = Market()
        deal = market.create_deal(price=9000)
        number = market.sell(deal, "alice", by=(2,))
        leaver = market.members[0]
        market.chain.ok(leaver.name, MsgLeaveOracle(operator=leaver.address))
        until(market, market.sale(deal, number).release_by)
        assert bonds(market)[0] == (BOND - 3000, 3)

    def test_many_at_once_are_spread_over_blocks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(settlement, "CONSENTS_A_BLOCK", 2)
        market = Market()
        deal = market.create_deal()
        messages = [market.consent(deal, "alice", f"record {at}") for at in range(5)]
        txs = [market.chain.sign("alice", message, gas=GAS, ahead=at) for at, message in enumerate(messages)]
        assert all(result.code == 0 for result in market.chain.block(*txs).tx_results)
        deadline = market.sale(deal, 5).release_by
        until(market, deadline)
        assert market.book(deal).pending == 3
        (late,) = market.release(deal, 5, (1,))
        assert "too late" in str(late.events)
        assert market.book(deal).pending == 1
        market.chain.block()
        assert market.book(deal).pending == 0
        market.chain.check_invariants()

    def test_a_committee_that_is_no_more_stops_nothing(self) -> None:
        """Governance may shorten the epoch while consents wait; the refund comes, and nobody is cut."""
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        ctx = market.chain.ctx()
        oracle_state.committees.delete(ctx, 0)
        ctx.block = type(ctx.block)("test-1", market.sale(deal, number).release_by, market.chain.time_ns)
        settlement.end_block(ctx, market.chain.wiring.bank, Roster(market.chain.wiring.bank))
        assert state.get_consent(ctx, deal, number).status == UNDELIVERED
        assert not [event for event in ctx.events if event.type.endswith("EventOraclePunished")]


class TestForgetting:
    def test_shares_leave_after_their_time(self) -> None:
        market = Market(params={"share_retention_blocks": "100"})
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        settled = market.sale(deal, number).settled_height
        until(market, settled + 99)
        assert market.shares(deal, number) == [1, 2, 3]
        until(market, settled + 100)
        assert market.shares(deal, number) == []
        assert market.sale(deal, number).status == RELEASED
        assert not list(state.forgetting.items(market.chain.ctx()))
        market.chain.ok("alice", market.withdrawal(deal, number, "alice"))
        market.chain.check_invariants()

    def test_never_before_the_last_of_them_may_come(self) -> None:
        market = Market(params={"share_retention_blocks": "1"})
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        deadline = market.sale(deal, number).release_by
        until(market, deadline - 1)
        market.release(deal, number, (4,))
        assert market.shares(deal, number) == []
        assert market.chain.height == deadline

    def test_a_withdrawal_leaves_nothing_to_forget(self) -> None:
        market = Market(params={"share_retention_blocks": "100"})
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        settled = market.sale(deal, number).settled_height
        market.chain.ok("alice", market.withdrawal(deal, number, "alice"))
        assert market.sale(deal, number).settled_height == settled
        until(market, settled + 100)
        assert not list(state.forgetting.items(market.chain.ctx()))
        market.chain.check_invariants()


def test_queues_are_empty_when_all_is_done() -> None:
    market = Market()
    deal = market.create_deal(max_records=1)
    number = market.sell(deal, "alice")
    market.release(deal, number, (1, 2, 3))
    ctx = market.chain.ctx()
    assert not list(state.awaiting.items(ctx))
    assert not list(state.closing.items(ctx))
