from collections.abc import Callable
from typing import Any

import pytest
from chain_driver import Driver
from oracle_network import (
    BOND,
    PLENTY,
    block_hash,
    committee_of,
    new_oracle,
    oracle_balances,
    oracle_genesis,
    oracle_name,
    post_collateral,
    refresh_oracles,
    register_oracles,
    registration,
)

from panacea.chain.oracle import state
from panacea.chain.oracle.committee import Candidate, candidates, draw
from panacea.chain.oracle.messages import MsgLeaveOracle
from panacea.chain.oracle.roster import Roster
from panacea.primitives.address import Address
from panacea.wire.contexts import committee_order


def candidate(number: int, vendor: str, line: str) -> Candidate:
    return Candidate(Address(bytes([number]) * 20), vendor, f"{vendor}/{line}")


def drawn(listed: str, seats: int, lines: int, vendors: int) -> str | None:
    """Candidates such as `a1 a1 b2` (vendor and line) in drawing order; the places of those who are drawn."""
    oracles = [candidate(place, each[0], each[1:]) for place, each in enumerate(listed.split(), 1)]
    chosen = draw(oracles, seats, max_seats_per_line=lines, min_vendors=vendors)
    return None if chosen is None else " ".join(str(member.address[0]) for member in chosen)


@pytest.mark.parametrize(
    ("candidates", "seats", "lines", "vendors", "expected"),
    [
        ("a1 b1 a2", 3, 2, 2, "1 2 3"),
        ("a1 b1 a2 b2", 3, 2, 2, "1 2 3"),
        ("a1 a1 a1 b1", 3, 2, 2, "1 2 4"),
        ("a1 a2 a3 b1", 3, 2, 2, "1 2 4"),
        ("a1 a2 a3 b1", 3, 2, 1, "1 2 3"),
        ("a1 a2 a3 a4", 3, 2, 2, None),
        ("a1 a1 a1 a1", 3, 2, 1, None),
        ("a1 b1", 3, 2, 2, None),
        ("", 3, 2, 2, None),
        ("a1 a2 b1 b2 c1", 3, 2, 3, "1 3 5"),
        ("a1", 1, 1, 1, "1"),
        ("b1 a1 a2 a3 a4", 5, 1, 2, "1 2 3 4 5"),
        ("b1 a1 a1 a1 a2 b1", 5, 2, 2, "1 2 3 5 6"),
    ],
)
def test_draw(candidates: str, seats: int, lines: int, vendors: int, expected: str | None) -> None:
    assert drawn(candidates, seats, lines, vendors) == expected


def network(count: int, **changes: object) -> Driver:
    return Driver(oracle_balances(count), genesis={"oracle": oracle_genesis(**changes)})


def test_the_order_is_that_of_the_last_blocks_hash() -> None:
    chain = network(5)
    oracles = register_oracles(chain, 5)
    roster = Roster(chain.wiring.bank)
    committee = roster.find_committee(chain.ctx(), 0)
    assert committee is not None
    assert (committee.epoch, committee.threshold, committee.height) == (0, 3, chain.height)
    assert roster.params(chain.ctx()).threshold == 3
    last = block_hash(chain, chain.height - 1)
    ordered = sorted(oracles, key=lambda oracle: committee_order(0, last, Address.parse(oracle.address)))
    # Five oracles on lines of 2, 1, 1 and 1 of two vendors: every order of them keeps the rules.
    assert [oracle.address for oracle in ordered] == list(committee.members)
    assert [oracle.number for oracle in committee_of(chain, oracles)] == [oracle.number for oracle in ordered]
    (event,) = chain.last.events if chain.last else ()
    assert event.type == "panacea.oracle.v3.EventCommitteeDrawn"
    chain.check_invariants()


def test_a_committee_stays_for_its_epoch() -> None:
    chain = network(7)
    oracles = register_oracles(chain, 5)
    members = committee_of(chain, oracles)
    more = register_oracles(chain, 2, first=5)
    chain.ok(members[0].name, MsgLeaveOracle(operator=members[0].address))
    chain.advance(0, blocks=3)
    assert committee_of(chain, [*oracles, *more]) == members


def test_too_few_are_tried_again() -> None:
    chain = network(6)
    register_oracles(chain, 4)
    chain.advance(0, blocks=3)
    assert state.committees.find(chain.ctx(), 0) is None
    register_oracles(chain, 1, first=4)
    assert state.committees.find(chain.ctx(), 0) is not None


def test_one_vendor_is_not_enough() -> None:
    chain = network(9, max_seats_per_line="5")
    post_collateral(chain, "oracle-0")
    even = [new_oracle(chain, number) for number in range(0, 10, 2)]
    txs = [
        chain.sign(oracle.name, registration(chain, oracle, oracle.submission(chain)), gas=PLENTY) for oracle in even
    ]
    assert not any(result.code for result in chain.block(*txs).tx_results)
    chain.advance(0, blocks=2)
    assert state.committees.find(chain.ctx(), 0) is None
    register_oracles(chain, 1, first=1)
    committee = state.committees.find(chain.ctx(), 0)
    assert committee is not None
    assert chain[oracle_name(1)] in committee.members


def test_who_may_not_sit() -> None:
    """Left over of five: one that leaves, one in jail, one with too small a bond, one whose program is withdrawn."""
    chain = network(5, committee_size="1", threshold="1", min_vendors="1", epoch_blocks="100", certificate_ttl="10")
    register_oracles(chain, 5)
    ctx = chain.ctx()
    state.committees.delete(ctx, 0)
    listed = [address for address, _ in state.oracles.items(ctx)]
    for address, change in zip(listed, ("LEAVING", "JAILED", "bond", "program", ""), strict=True):
        oracle = state.get_oracle(ctx, address)
        key = state.keys.find(ctx, (address, 0))
        assert key is not None
        if change in ("LEAVING", "JAILED"):
            oracle.status = 3 if change == "LEAVING" else 2  # type: ignore[assignment] # by number
        elif change == "bond":
            oracle.bond.amount = str(BOND - 1)
        elif change == "program":
            key.measurement = bytes(32)
        state.set_oracle(ctx, oracle)
        state.keys.set(ctx, (address, 0), key)
    assert [each.address for each in candidates(ctx, 0, bytes(32))] == listed[4:]
    assert candidates(ctx, 1, bytes(32)) == []


def test_the_next_epoch_is_drawn_at_its_first_block_and_old_ones_are_dropped() -> None:
    chain = network(5)
    oracles = register_oracles(chain, 5)
    first = committee_of(chain, oracles)
    chain.advance(0, blocks=120 - chain.height)
    refresh_oracles(chain, oracles, 1)
    assert state.committees.find(chain.ctx(), 1) is None
    chain.advance(0, blocks=199 - chain.height)
    assert state.committees.find(chain.ctx(), 1) is None
    chain.block()
    assert chain.height == 200
    assert committee_of(chain, oracles, 1)
    assert committee_of(chain, oracles, 0) == first
    chain.advance(0, blocks=199)
    assert committee_of(chain, oracles, 0) == first
    assert {epoch for (_, epoch), _ in state.keys.items(chain.ctx())} == {0, 1}
    chain.block()
    assert [epoch for epoch, _ in state.committees.items(chain.ctx())] == [1]
    assert {epoch for (_, epoch), _ in state.keys.items(chain.ctx())} == {1}
    chain.check_invariants()


def test_a_policy_that_changes_withdraws_keys() -> None:
    chain = network(5)
    (oracle, *_) = register_oracles(chain, 5)
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    key = roster.find_key(ctx, oracle.address, 0)
    assert key is not None
    assert roster.is_allowed(ctx, key)
    edits: dict[str, Callable[[Any], object]] = {
        "measurement": lambda p: setattr(p.policy.measurements[0], "to_height", 1),
        "product": lambda p: p.policy.products_denied.append("simulated-a/a06d"),
        "vendor": lambda p: p.policy.ClearField("roots"),
        "commission": lambda p: setattr(p, "max_commission_rate", "1"),
    }
    for name, edit in edits.items():
        params = state.params.get(ctx)
        edit(params)
        changed = chain.ctx()
        state.params.set(changed, params)
        assert not roster.is_allowed(changed, key), name
