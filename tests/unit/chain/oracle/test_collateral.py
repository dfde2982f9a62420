from typing import Any

import pytest
from chain_driver import SECOND, Driver
from oracle_network import CREATED, PLENTY, collateral_message, oracle_balances, oracle_genesis, platform

from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgPostCollateral
from panacea.chain.results import TxResult


@pytest.fixture
def chain() -> Driver:
    return Driver(oracle_balances(1), genesis={"oracle": oracle_genesis()})


def post(chain: Driver, message: MsgPostCollateral) -> TxResult:
    return chain.tx("oracle-0", message, gas=PLENTY)


def stored(chain: Driver) -> dict[bytes, int]:
    return {key: item.issued.seconds for key, item in state.collateral.items(chain.ctx())}


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def test_kept_with_the_dates_of_its_body(chain: Driver) -> None:
    message = collateral_message(chain, "oracle-0", 0)
    now = chain.time_ns // SECOND
    for item in message.items:
        item.issued.seconds, item.expires.seconds = 1, 2
    assert post(chain, message).code == 0
    kept = [item for _, item in state.collateral.items(chain.ctx())]
    assert len(kept) == 6
    assert {(item.issued.seconds, item.expires.seconds) for item in kept} == {(now - 3600, now + 30 * 86_400)}
    key = state.collateral_key(platform(0).root_key_id, 4, b"")
    found = state.collateral.find(chain.ctx(), key)
    assert found is not None
    assert (found.kind, found.subject) == (4, b"")


def test_only_newer_items_replace(chain: Driver) -> None:
    first = collateral_message(chain, "oracle-0", 0)
    assert post(chain, first).code == 0
    before = stored(chain)
    chain.advance(60)
    assert post(chain, first).code == 0
    assert stored(chain) == before
    second = collateral_message(chain, "oracle-0", 0)
    assert post(chain, second).code == 0
    after = stored(chain)
    assert after.keys() == before.keys()
    assert all(after[key] > before[key] for key in after)
    assert post(chain, first).code == 0
    assert stored(chain) == after


def _change(message: MsgPostCollateral, **values: Any) -> MsgPostCollateral:
    for name, value in values.items():
        setattr(message.items[0], name, value)
    return message


def test_refused(chain: Driver) -> None:
    def good() -> MsgPostCollateral:
        return collateral_message(chain, "oracle-0", 0)

    cases = {
        "another root": _change(good(), root_key_id=bytes(48)),
        "another vendor's root": _change(good(), root_key_id=platform(1).root_key_id),
        "another subject": _change(good(), subject=b"platform"),
        "another body": _change(good(), body=good().items[0].body[:-1] + b"\x00"),
        "no body": _change(good(), body=b""),
        "too long a body": _change(good(), body=bytes(64 * 1024 + 1)),
        "too long a chain": _change(good(), issuer_chain=bytes(16 * 1024 + 1)),
        "too long a subject": _change(good(), subject=bytes(65)),
        "another chain": _change(good(), issuer_chain=b""),
        "a kind without reader": _change(good(), kind=5),
        "no kind": _change(good(), kind=0),
        "an unknown kind": _change(good(), kind=9),
        "nothing": MsgPostCollateral(sender=good().sender),
        "too many": MsgPostCollateral(sender=good().sender, items=[good().items[0]] * 17),
    }
    for what, message in cases.items():
        result = post(chain, message)
        assert code(result) == "oracle/11", f"{what}: {result.log}"
    assert not stored(chain)


def test_one_bad_item_refuses_all(chain: Driver) -> None:
    message = collateral_message(chain, "oracle-0", 0)
    message.items[-1].body = message.items[-1].body.replace(b"SGX", b"TDX").replace(b"QE", b"XX")
    assert code(post(chain, message)) == "oracle/11"
    assert not stored(chain)


def test_a_root_that_is_not_listed() -> None:
    policy = {**oracle_genesis()["params"]["policy"], "roots": []}
    chain = Driver(oracle_balances(1), genesis={"oracle": oracle_genesis(policy=policy)})
    result = post(chain, collateral_message(chain, "oracle-0", 0))
    assert (code(result), "root not listed" in result.log) == ("oracle/11", True)


def test_from_the_future_and_past_its_end(chain: Driver) -> None:
    items = collateral_message(chain, "oracle-0", 0)
    chain.advance(31 * 86_400)
    assert code(post(chain, items)) == "oracle/11"
    early = platform(0).collateral_items(CREATED + 400 * 86_400)
    message = collateral_message(chain, "oracle-0", 0)
    del message.items[1:]
    message.items[0].body = early[0].body
    assert code(post(chain, message)) == "oracle/11"
