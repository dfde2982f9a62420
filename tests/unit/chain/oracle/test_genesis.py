from typing import Any

import pytest
from chain_driver import Driver
from oracle_network import oracle_balances, oracle_genesis, register_oracles

from panacea.chain.module import Module
from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgLeaveOracle
from panacea.chain.oracle.types import NAME, InvalidParams
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins


def module_of(chain: Driver) -> Module:
    return next(module for module in chain.wiring.modules if module.name == NAME)


@pytest.fixture
def chain() -> Driver:
    chain = Driver(oracle_balances(5), genesis={"oracle": oracle_genesis()})
    oracles = register_oracles(chain, 5)
    chain.ok(oracles[0].name, MsgLeaveOracle(operator=oracles[0].address))
    return chain


def again(chain: Driver, document: dict[str, Any]) -> Driver:
    """A chain that begins with this part `oracle`, and the coins of the other."""
    exported = chain.app.export_genesis()
    return Driver({}, genesis={"oracle": document, "bank": exported["bank"], "auth": exported["auth"]})


def test_out_and_in_again(chain: Driver) -> None:
    document = chain.app.export_genesis()["oracle"]
    assert [len(document[part]) for part in ("oracles", "keys", "committees", "collateral")] == [5, 5, 1, 24]
    copy = again(chain, document)
    assert copy.app.export_genesis()["oracle"] == document
    for kept in (state.oracles, state.keys, state.committees, state.collateral, state.platforms, state.leaving):
        name: Any = kept
        assert dict(name.items(copy.ctx())) == dict(name.items(chain.ctx()))
    assert len(dict(state.leaving.items(copy.ctx()))) == 1
    copy.check_invariants()


def test_a_simulated_root_needs_a_test_chain() -> None:
    with pytest.raises(InvalidParams):
        Driver({}, chain_id="panacea-9", genesis={"oracle": oracle_genesis()})
    Driver({}, chain_id="sim-9", genesis={"oracle": oracle_genesis()})
    Driver({}, chain_id="panacea-9")


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("oracles", {"status": "ORACLE_STATUS_UNSPECIFIED"}),
        ("oracles", {"bond": {"denom": "umed", "amount": "1"}}),
        ("committees", {"threshold": 6}),
        ("committees", {"members": []}),
        ("keys", {"epoch": "5"}),
    ],
)
def test_contradictions(chain: Driver, part: str, change: dict[str, Any]) -> None:
    document = chain.app.export_genesis()["oracle"]
    document[part][-1] |= change
    with pytest.raises(AssertionError, match=r"oracle|committee"):
        again(chain, document)


@pytest.mark.parametrize("part", ["oracles", "keys", "committees"])
def test_nothing_stands_twice(chain: Driver, part: str) -> None:
    document = chain.app.export_genesis()["oracle"]
    document[part].append(document[part][0])
    with pytest.raises(ValueError, match="twice"):
        again(chain, document)


def test_a_platform_does_not_stand_twice(chain: Driver) -> None:
    document = chain.app.export_genesis()["oracle"]
    document["oracles"][1]["platform_id"] = document["oracles"][0]["platform_id"]
    with pytest.raises(ValueError, match="twice"):
        again(chain, document)


def test_invariants_see_what_is_broken(chain: Driver) -> None:
    invariants = module_of(chain).invariants
    ctx = chain.ctx()
    chain.wiring.bank.send(ctx, Address.parse(chain["oracle-1"]), Address.module(NAME), Coins.of(1))
    with pytest.raises(AssertionError, match="bonds"):
        invariants["bonds"](ctx)
    ctx = chain.ctx()
    platform_id, _ = next(state.platforms.items(ctx))
    state.platforms.delete(ctx, platform_id)
    with pytest.raises(AssertionError, match="platforms"):
        invariants["indexes"](ctx)


def test_an_imported_network_goes_on(chain: Driver) -> None:
    copy = again(chain, chain.app.export_genesis()["oracle"])
    copy.advance(0, blocks=3)
    assert state.committees.find(copy.ctx(), 0) == state.committees.find(chain.ctx(), 0)
    copy.check_invariants()
