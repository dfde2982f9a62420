"""Shares arrive one by one; the one that completes the key pays, and nothing spoils a batch."""

from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver
from deal_market import GAS, Market, code, sha256
from oracle_network import BOND

from panacea.chain.datadeal import state
from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.chain.datadeal.types import CLOSED, COMPLETED, OPEN, PENDING, RELEASED, UNDELIVERED
from panacea.chain.oracle import state as oracle_state
from panacea.chain.oracle.messages import MsgLeaveOracle, MsgRefreshOracle
from panacea.chain.results import TxResult
from panacea.primitives.address import Address
from panacea.wire.contexts import releases_digest
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import ReleaseBatch
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Oracle
else:
    (ReleaseBatch,) = load("panacea.datadeal.v3", "ReleaseBatch")


def reasons(result: TxResult) -> list[str]:
    """Why releases of a transaction were skipped, in their order."""
    return [
        dict(event.attributes)["reason"].strip('"').split(":")[0]
        for event in result.events
        if event.type.endswith("EventReleaseSkipped")
    ]


def taken(result: TxResult) -> int:
    return sum(event.type.endswith("EventShareReleased") for event in result.events)


def oracle_of(chain: Driver, address: str) -> "Oracle":
    return oracle_state.get_oracle(chain.ctx(), Address.parse(address))


class TestSettling:
    def test_the_share_that_completes_the_key_pays(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice", by=(2,))
        members = market.members
        before = [market.chain.balance(member.name) for member in members]
        market.release(deal, number, (4, 1))
        assert market.sale(deal, number).status == PENDING
        assert market.chain.balance("alice") == 0
        (last,) = market.release(deal, number, (5,))
        assert [event.type.rpartition(".")[2] for event in last.events if "datadeal" in event.type][-2:] == [
            "EventShareReleased",
            "EventConsentSettled",
        ]
        consent, book = market.sale(deal, number), market.book(deal)
        assert (consent.status, list(consent.released)) == (RELEASED, [4, 1, 5])
        assert consent.settled_height == market.chain.height
        assert market.chain.balance("alice") == 962
        gained = [market.chain.balance(member.name) - had for member, had in zip(members, before, strict=True)]
        assert gained == [6, 20, 0, 6, 6]
        assert (book.escrow, book.held, book.paid, book.sold, book.pending) == (9000, 0, 1000, 1, 0)
        market.chain.check_invariants()

    def test_one_who_certifies_and_releases_is_paid_for_both(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice", by=(1,))
        before = market.chain.balance(market.members[0].name)
        market.release(deal, number, (1, 2, 3))
        assert market.chain.balance(market.members[0].name) == before + 26

    def test_later_shares_are_kept_unpaid(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        members, before = market.members, [market.chain.balance(member.name) for member in market.members]
        market.release(deal, number, (5, 4))
        assert [market.chain.balance(member.name) for member in members] == before
        assert market.shares(deal, number) == [1, 2, 3, 4, 5]
        assert market.book(deal).paid == 1000
        market.chain.check_invariants()

    def test_until_the_deadline_and_not_after(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2))
        deadline = market.sale(deal, number).release_by
        while market.chain.height < deadline - 1:
            market.chain.block()
        market.release(deal, number, (3,))
        assert market.chain.height == deadline
        assert market.sale(deal, number).status == RELEASED
        (late,) = market.release(deal, number, (4,))
        assert reasons(late) == ["too late"]
        assert market.shares(deal, number) == [1, 2, 3]

    def test_the_last_record_completes_the_deal(self) -> None:
        market = Market()
        deal = market.create_deal(max_records=2)
        numbers = [market.sell(deal, "alice", "one"), market.sell(deal, "bob", "two")]
        market.release(deal, numbers[0], (1, 2, 3))
        assert market.book(deal).status == OPEN
        (*_, last) = market.release(deal, numbers[1], (1, 2, 3))
        assert last.events[-1].type.endswith("EventDealEnded")
        book = market.book(deal)
        assert (book.status, book.sold, book.escrow, book.refunded) == (COMPLETED, 2, 0, 0)
        assert market.refused(market.consent(deal, "carol", "three"), "carol").startswith("datadeal/3")
        market.chain.check_invariants()

    def test_a_closed_deal_that_sells_its_last_record_stays_closed(self) -> None:
        market = Market()
        deal = market.create_deal(max_records=1)
        number = market.sell(deal, "alice")
        market.chain.ok("consumer", MsgCloseDeal(consumer=market.chain["consumer"], deal_id=deal))
        market.release(deal, number, (1, 2, 3))
        book = market.book(deal)
        assert (book.status, book.sold, book.escrow) == (CLOSED, 1, 0)

    def test_two_certifying_oracles(self) -> None:
        market = Market()
        assurance = market.deal_message().assurance
        assurance.min_certificates = 2
        deal = market.create_deal(assurance=assurance)
        number = market.sell(deal, "alice", by=(1, 4))
        before = [market.chain.balance(member.name) for member in market.members]
        market.release(deal, number, (2, 3, 5))
        after = [market.chain.balance(member.name) for member in market.members]
        assert [new - old for new, old in zip(after, before, strict=True)] == [20, 6, 6, 20, 6]
        assert market.chain.balance("alice") == 942

    def test_a_jailed_or_leaving_member_still_releases_and_is_paid(self) -> None:
        market = Market()
        deal = market.create_deal()
        silent, number = market.sell(deal, "bob", "silent"), 0
        market.release(deal, silent, (4, 5))
        while market.chain.height < market.sale(deal, silent).release_by - 1:
            market.chain.block()
        number = market.sell(deal, "alice", by=(4,))  # In the block at whose end members 1 to 3 are jailed.
        members = market.members
        assert oracle_of(market.chain, members[0].address).status == 2
        market.chain.ok(members[1].name, MsgLeaveOracle(operator=members[1].address))
        before = [market.chain.balance(member.name) for member in members[:3]]
        market.release(deal, number, (1, 2, 3))
        assert [market.chain.balance(member.name) for member in members[:3]] == [each + 6 for each in before]


class TestBatches:
    def test_a_batch_of_many(self) -> None:
        market = Market(balances={"consumer": 10**9})
        deal = market.create_deal(max_records=40)
        numbers = [market.sell(deal, "alice", f"record {at}") for at in range(10)]
        for member_at in (1, 2, 3):
            member = market.members[member_at - 1]
            releases = [market.share(deal, number, member_at) for number in numbers]
            result = market.chain.ok(member.name, market.batch(member, *releases), gas=GAS)
            assert (taken(result), reasons(result)) == (10, [])
        assert market.book(deal).sold == 10
        assert market.chain.balance("alice") == 9620

    def test_what_is_skipped_and_why_while_the_rest_goes_on(self) -> None:
        market = Market()
        deal = market.create_deal()
        good, gone, done = (market.sell(deal, "alice", name) for name in ("good", "gone", "done"))
        market.chain.ok("alice", market.withdrawal(deal, gone, "alice"))
        market.release(deal, done, (1,))
        member = market.members[0]
        share = market.share
        result = market.chain.ok(
            member.name,
            market.batch(
                member,
                share(99, 1, 1),
                share(deal, 99, 1),
                share(deal, gone, 1),
                share(deal, good, 2),
                share(deal, good, 0),
                share(deal, good, 6),
                share(deal, good, 1, sealed_share=b""),
                share(deal, good, 1, sealed_share=bytes(2049)),
                share(deal, good, 1, bad=True, sealed_share=b"both"),
                share(deal, done, 1),
                share(deal, done, 1, bad=True),
                share(deal, good, 1),
                share(deal, good, 1),
            ),
            gas=GAS,
        )
        assert taken(result) == 1
        assert reasons(result) == [
            "no such consent",
            "no such consent",
            "consent is not live",
            "another's place",
            "no such place",
            "no such place",
            "a share's size",
            "a share's size",
            "bad is not open to it",
            "answered before",
            "answered before",
            "answered before",
        ]
        assert market.shares(deal, good) == [1]
        market.chain.check_invariants()

    @pytest.mark.parametrize(
        "changes",
        [{"chain_id": "test-2"}, {"chain_id": ""}, {"epoch": 1}, {"releases": []}],
        ids=str,
    )
    def test_a_batch_for_something_else(self, changes: dict[str, Any]) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        member = market.members[0]
        values = {"chain_id": "test-1", "oracle": member.address, "epoch": 0, **changes}
        values.setdefault("releases", [market.share(deal, number, 1)])
        raw = encode(ReleaseBatch(**values))
        message = market.batch(member, market.share(deal, number, 1))
        message.batch, message.signature = raw, member.signing_key.sign(releases_digest(raw))
        assert code(market.chain.tx(member.name, message)) == "datadeal/14"

    def test_of_another_sender_key_or_content(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        one, two = market.members[:2]
        share = market.share(deal, number, 1)
        relayed = market.batch(one, share)
        relayed.operator = two.address
        assert code(market.chain.tx(two.name, relayed)) == "datadeal/14"
        assert code(market.chain.tx(two.name, market.batch(two, share, oracle=one.address))) == "datadeal/14"
        forged = market.batch(two, share, oracle=one.address)
        forged.operator = one.address
        assert code(market.chain.tx(one.name, forged)) == "datadeal/14"
        changed = market.batch(one, share)
        changed.batch = market.batch(one, market.share(deal, number, 1, sealed_share=b"x")).batch
        assert code(market.chain.tx(one.name, changed)) == "datadeal/14"
        for spoiled in (b"\xff", changed.batch + b"\x2a\x00"):
            changed.batch = spoiled
            changed.signature = one.signing_key.sign(releases_digest(spoiled))
            assert code(market.chain.tx(one.name, changed)) == "datadeal/14"
        stranger = market.batch(one, share)
        stranger.operator = market.chain["alice"]
        assert code(market.chain.tx("alice", stranger)) == "datadeal/14"
        assert market.shares(deal, number) == []

    def test_no_more_than_32(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        member = market.members[0]
        share = market.share(deal, number, 1)
        assert code(market.chain.tx(member.name, market.batch(member, *[share] * 33))) == "datadeal/14"
        result = market.chain.ok(member.name, market.batch(member, *[share] * 32), gas=GAS)
        assert (taken(result), len(reasons(result))) == (1, 31)

    def test_sent_again(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        member = market.members[0]
        batch = market.batch(member, market.share(deal, number, 1))
        market.chain.ok(member.name, batch)
        assert reasons(market.chain.ok(member.name, batch)) == ["answered before"]
        assert list(market.sale(deal, number).released) == [1]

    def test_of_an_epoch_that_is_not_the_certificates(self) -> None:
        """Members keep the key of the certificate's epoch for it; the new epoch's does not serve."""
        market = Market(oracle_params={"epoch_blocks": "80", "unbonding_blocks": "160"})
        deal = market.create_deal()
        while market.chain.height < 75:
            market.chain.block()
        number, old = market.sell(deal, "alice"), market.members
        while market.chain.height < 80:
            market.chain.block()
        new = market.members
        assert new[0].epoch == 1
        member = new[0]
        place = [each.address for each in old].index(member.address) + 1
        result = market.chain.ok(member.name, market.batch(member, market.share(deal, number, place)))
        assert reasons(result) == ["another epoch"]
        for place in (1, 2, 3):
            member = old[place - 1]
            market.chain.ok(member.name, market.batch(member, market.share(deal, number, place)))
        assert market.sale(deal, number).status == RELEASED


class TestBadAnswers:
    def test_more_than_the_spare_ones_undo_the_sale_and_jail_the_certifier(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice", by=(4,))
        results = market.release(deal, number, (1, 2), bad=True)
        assert [reasons(result) for result in results] == [["bad"], ["bad"]]
        assert market.sale(deal, number).status == PENDING
        market.release(deal, number, (5,))
        market.release(deal, number, (3,), bad=True)
        consent, book = market.sale(deal, number), market.book(deal)
        assert (consent.status, list(consent.bad), list(consent.released)) == (UNDELIVERED, [1, 2, 3], [5])
        assert (book.held, book.pending, book.escrow, book.sold) == (0, 0, 10_000, 0)
        assert market.shares(deal, number) == []
        statuses = [oracle_of(market.chain, member.address).status for member in market.members]
        assert statuses == [1, 1, 1, 2, 1]
        market.chain.advance(0, blocks=65)
        bonds = [oracle_of(market.chain, member.address).bond.amount for member in market.members]
        assert bonds == [str(BOND)] * 5
        market.chain.check_invariants()

    def test_enough_good_shares_outvote_them(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2), bad=True)
        market.release(deal, number, (3, 4, 5))
        assert market.sale(deal, number).status == RELEASED
        assert list(market.sale(deal, number).bad) == [1, 2]

    def test_not_after_the_release(self) -> None:
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        market.release(deal, number, (1, 2, 3))
        (late,) = market.release(deal, number, (4,), bad=True)
        assert reasons(late) == ["bad is not open to it"]

    def test_not_with_a_key_younger_than_the_certificate(self) -> None:
        """A member that restarted cannot open what was sealed to its lost key, and is not excused by that."""
        market = Market()
        deal = market.create_deal()
        number = market.sell(deal, "alice")
        member = market.members[0]
        keys = member.submission(market.chain)
        market.chain.ok(member.name, MsgRefreshOracle(operator=member.address, keys=keys), gas=20_000_000)
        (result,) = market.release(deal, number, (1,), bad=True)
        assert reasons(result) == ["bad is not open to it"]
        (result,) = market.release(deal, number, (1,))
        assert taken(result) == 1

    def test_with_a_key_of_the_very_block_the_certificate_was_issued_at(self) -> None:
        market = Market()
        key = oracle_state.keys.find(market.chain.ctx(), (Address.parse(market.members[1].address), 0))
        assert key is not None
        assert key.height == market.chain.height
        message = market.consent(1, "alice")
        deal = market.create_deal()
        market.chain.ok("alice", message, gas=GAS)
        (result,) = market.release(deal, 1, (2,), bad=True)
        assert reasons(result) == ["bad"]
        assert list(market.sale(deal, 1).bad) == [2]


def test_shares_are_what_members_sent() -> None:
    market = Market()
    deal = market.create_deal()
    number = market.sell(deal, "alice")
    market.release(deal, number, (2,))
    share = state.shares.find(market.chain.ctx(), (deal, number, 2))
    assert share is not None
    assert (share.index, share.member, share.height) == (2, market.members[1].address, market.chain.height)
    assert share.sealed_share == sha256(f"released {deal}/{number}/2")
