import pytest
from chain_driver import Driver
from oracle_network import (
    BOND,
    NetworkOracle,
    committee_of,
    oracle_balances,
    oracle_genesis,
    refresh_oracles,
    register_oracles,
)

from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.chain.context import Context
from panacea.chain.oracle import bonds, state
from panacea.chain.oracle.messages import MsgAddBond, MsgLeaveOracle
from panacea.chain.oracle.roster import Roster
from panacea.chain.oracle.types import ACTIVE, JAILED, LEAVING, NAME
from panacea.chain.results import TxResult
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins

MODULE, COLLECTOR = Address.module(NAME), Address.module("fee_collector")


@pytest.fixture
def chain() -> Driver:
    return Driver(oracle_balances(5), genesis={"oracle": oracle_genesis()})


@pytest.fixture
def oracle(chain: Driver) -> NetworkOracle:
    return register_oracles(chain, 1)[0]


def kept(ctx: Context, oracle: NetworkOracle) -> state.Oracle:
    return state.get_oracle(ctx, Address.parse(oracle.address))


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def add(oracle: NetworkOracle, amount: int, denom: str = "umed") -> MsgAddBond:
    message = MsgAddBond(operator=oracle.address)
    message.amount.denom, message.amount.amount = denom, str(amount)
    return message


def leave(oracle: NetworkOracle) -> MsgLeaveOracle:
    return MsgLeaveOracle(operator=oracle.address)


@pytest.mark.parametrize(
    ("price", "denom", "bond", "expected"),
    [
        (300_000, "umed", BOND, 100_000),
        (299_999, "umed", BOND, 99_999),
        (3_000_000, "umed", BOND, 1_000_000),
        (30_000_000, "umed", BOND, 1_000_000),
        (2, "umed", BOND, 0),
        (300_000, "umed", 70_000, 70_000),
        (5, "ibc/AA", BOND, 1_000_000),
        (5, "ibc/AA", 999, 999),
        (300_000, "umed", 0, 0),
    ],
)
def test_cuts(chain: Driver, price: int, denom: str, bond: int, expected: int) -> None:
    """n = 5, t = 3, at most 1000000: a third of the price, the limit, or all there is."""
    limits = state.params.get(chain.ctx())
    assert bonds.cut_of(limits, Coin("umed", bond), Coins.of(price, denom)) == expected


def test_punish(chain: Driver, oracle: NetworkOracle) -> None:
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    roster.punish(ctx, oracle.address, Coins.of(300_000), 7, 2)
    found = kept(ctx, oracle)
    assert (found.status, found.jailed_until, found.bond.amount) == (JAILED, chain.height + 30, str(BOND - 100_000))
    bank = chain.wiring.bank
    assert bank.balance(ctx, MODULE, "umed") == BOND - 100_000
    assert bank.balance(ctx, COLLECTOR, "umed") == 100_000
    event = ctx.events[-1]
    assert event.type == "panacea.oracle.v3.EventOraclePunished"
    assert dict(event.attributes) == {
        "amount": '{"denom":"umed","amount":"100000"}',
        "deal_id": '"7"',
        "jailed_until": f'"{chain.height + 30}"',
        "number": '"2"',
        "oracle": f'"{oracle.address}"',
    }
    roster.punish(ctx, oracle.address, Coins.of(300_000), 7, 3)
    assert kept(ctx, oracle).bond.amount == str(BOND - 200_000)
    _check(chain, ctx)


def _check(chain: Driver, ctx: Context) -> None:
    for module in chain.wiring.modules:
        for invariant in module.invariants.values():
            invariant(ctx)


def test_punish_takes_no_more_than_the_bond(chain: Driver, oracle: NetworkOracle) -> None:
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    for number in range(12):
        roster.punish(ctx, oracle.address, Coins.of(9_000_000), 1, number)
    assert kept(ctx, oracle).bond.amount == "0"
    assert chain.wiring.bank.balance(ctx, COLLECTOR, "umed") == BOND
    _check(chain, ctx)


def test_one_that_leaves_is_cut_and_still_leaves(chain: Driver, oracle: NetworkOracle) -> None:
    chain.ok(oracle.name, leave(oracle))
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    roster.punish(ctx, oracle.address, Coins.of(300_000), 1, 1)
    found = kept(ctx, oracle)
    assert (found.status, found.jailed_until, found.bond.amount) == (LEAVING, 0, str(BOND - 100_000))
    roster.jail(ctx, oracle.address)
    assert kept(ctx, oracle).status == LEAVING


def test_jail_takes_nothing(chain: Driver, oracle: NetworkOracle) -> None:
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    roster.jail(ctx, oracle.address)
    found = kept(ctx, oracle)
    assert (found.status, found.jailed_until, found.bond.amount) == (JAILED, chain.height + 30, str(BOND))
    assert '"amount":"0"' in dict(ctx.events[-1].attributes)["amount"]


def test_who_is_gone_is_not_punished(chain: Driver) -> None:
    ctx, roster = chain.ctx(), Roster(chain.wiring.bank)
    roster.punish(ctx, chain["oracle-4"], Coins.of(5), 1, 1)
    roster.jail(ctx, chain["oracle-4"])
    assert not ctx.events


def test_add(chain: Driver, oracle: NetworkOracle) -> None:
    chain.ok(oracle.name, add(oracle, 5))
    assert kept(chain.ctx(), oracle).bond.amount == str(BOND + 5)
    chain.check_invariants()
    assert code(chain.tx(oracle.name, add(oracle, 0))) == "oracle/8"
    assert code(chain.tx(oracle.name, add(oracle, 5, "uatom"))) == "oracle/8"
    assert code(chain.tx(oracle.name, add(oracle, 100 * BOND))) == "sdk/5"
    stranger = MsgAddBond(operator=chain["oracle-1"])
    stranger.amount.denom, stranger.amount.amount = "umed", "5"
    assert code(chain.tx("oracle-1", stranger)) == "oracle/2"


def test_leave_and_come_back(chain: Driver) -> None:
    oracles = register_oracles(chain, 5)
    oracle = oracles[0]
    before = chain.balance(oracle.name)
    chain.ok(oracle.name, leave(oracle))
    left = chain.height
    assert kept(chain.ctx(), oracle).leaves_at == left + 400
    assert code(chain.tx(oracle.name, leave(oracle))) == "oracle/10"
    assert oracle in committee_of(chain, oracles)
    chain.advance(0, blocks=left + 399 - chain.height)
    assert chain.balance(oracle.name) == before
    result = chain.block()
    assert chain.height == left + 400
    assert chain.balance(oracle.name) == before + BOND
    assert state.oracles.find(chain.ctx(), Address.parse(oracle.address)) is None
    assert "panacea.oracle.v3.EventOracleLeft" in [event.type for event in result.events]
    chain.check_invariants()
    (again,) = register_oracles(chain, 1)
    assert kept(chain.ctx(), again).status == ACTIVE
    chain.check_invariants()


def test_keys_of_a_coming_epoch_leave_with_the_oracle(chain: Driver, oracle: NetworkOracle) -> None:
    chain.advance(0, blocks=110 - chain.height)
    refresh_oracles(chain, [oracle], 1)
    chain.ok(oracle.name, leave(oracle))
    chain.advance(0, blocks=399)
    address = Address.parse(oracle.address)
    assert [epoch for (_, epoch), _ in state.keys.items(chain.ctx())] == [1]
    chain.block()
    assert not state.keys.has(chain.ctx(), (address, 1))


def test_nobody_leaves_for_another(chain: Driver) -> None:
    assert code(chain.tx("oracle-1", MsgLeaveOracle(operator=chain["oracle-1"]))) == "oracle/2"


def test_bonds_are_returned_in_bounded_numbers(chain: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    oracles = register_oracles(chain, 5)
    chain.block(*(chain.sign(oracle.name, leave(oracle)) for oracle in oracles))
    monkeypatch.setattr(bonds, "RETURNS_A_BLOCK", 2)
    chain.advance(0, blocks=400)
    remaining = [len(dict(state.oracles.items(chain.ctx())))]
    for _ in range(3):
        chain.block()
        remaining.append(len(dict(state.oracles.items(chain.ctx()))))
    assert remaining == [3, 1, 0, 0]
    chain.check_invariants()


def test_nobody_sends_coins_to_the_bonds(chain: Driver) -> None:
    message = MsgSend(from_address=chain["oracle-0"], to_address=str(MODULE), amount=write_coins(Coins.of(1)))
    assert code(chain.tx("oracle-0", message)) == "sdk/4"
