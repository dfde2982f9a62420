import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver

from panacea.chain.app import Wiring, wire
from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import write_coins
from panacea.chain.context import Context, Event
from panacea.chain.module import Handler, Module
from panacea.chain.results import Block
from panacea.chain.router import Router, TxMsgData
from panacea.primitives.coin import Coins
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.consensus.v1.tx_pb2 import MsgUpdateParams
else:
    (MsgUpdateParams,) = load("cosmos.consensus.v1", "MsgUpdateParams")

SEND = "/cosmos.bank.v1beta1.MsgSend"
MULTI_SEND = "/cosmos.bank.v1beta1.MsgMultiSend"


def send(chain: Driver, amount: int = 1) -> MsgSend:
    return MsgSend(from_address=chain["alice"], to_address=chain["bob"], amount=write_coins(Coins.of(amount)))


def with_send(run: Any) -> Wiring:
    """The wiring with another transition behind MsgSend."""
    found = wire()
    modules = tuple(
        replace(module, messages={**module.messages, SEND: Handler(module.messages[SEND].check, run)})
        if module.name == "bank"
        else module
        for module in found.modules
    )
    return replace(found, modules=modules)


def with_module(module: Module) -> Wiring:
    found = wire()
    return replace(found, modules=(*found.modules, module))


def chain_of(wiring: Wiring | None = None, **options: Any) -> Driver:
    return Driver({"alice": 1000, "bob": 0}, wiring=wiring, **options)


def test_messages_are_told_with_their_place_and_answered() -> None:
    chain = chain_of()
    result = chain.ok("alice", send(chain), send(chain))
    told = [event for event in result.events if event.type == "message" and event.attributes[0][0] == "action"]
    assert [dict(event.attributes) for event in told] == [
        {"action": SEND, "sender": chain["alice"], "module": "bank", "msg_index": str(place)} for place in range(2)
    ]
    assert all(event.attributes[-1] == ("msg_index", "1") for event in result.events[-5:])
    responses = TxMsgData.FromString(result.data).msg_responses
    assert [response.type_url for response in responses] == ["/cosmos.bank.v1beta1.MsgSendResponse"] * 2
    assert result.log == ""


def test_a_handler_may_name_its_module_and_answer_nothing() -> None:
    def run(ctx: Context, _msg: MsgSend) -> None:
        ctx.emit("thing", module="own")

    chain = chain_of(with_send(run))
    result = chain.ok("alice", send(chain))
    assert dict(result.events[-2].attributes) == {"action": SEND, "sender": chain["alice"], "msg_index": "0"}
    assert TxMsgData.FromString(result.data).msg_responses[0].type_url == "/cosmos.bank.v1beta1.MsgSendResponse"


def test_a_bug_fails_its_transaction_and_is_logged_whole(caplog: pytest.LogCaptureFixture) -> None:
    def run(ctx: Context, _msg: MsgSend) -> None:
        ctx.kv("bank").set(b"\x09half", b"done")
        raise ZeroDivisionError("the bug")

    chain = chain_of(with_send(run))
    with caplog.at_level(logging.ERROR):
        result = chain.tx("alice", send(chain), fee=3)
    assert (result.codespace, result.code) == ("undefined", 111222)
    assert result.log.startswith("recovered: ZeroDivisionError")
    assert "Traceback" in caplog.text
    assert chain.ctx().kv("bank").get(b"\x09half") is None
    assert (chain.balance("alice"), chain.account("alice")) == (997, (0, 1))


@pytest.mark.parametrize("exhausted", [MemoryError, RecursionError])
def test_exhaustion_stops_the_node(exhausted: type[Exception]) -> None:
    def run(_ctx: Context, _msg: MsgSend) -> None:
        raise exhausted

    chain = chain_of(with_send(run))
    with pytest.raises(exhausted):
        chain.tx("alice", send(chain))


def test_out_of_gas_tells_where() -> None:
    chain = chain_of()
    result = chain.tx("alice", send(chain), gas=65_000, fee=1)
    assert (result.codespace, result.code) == ("sdk", 11)
    assert result.log.startswith("out of gas in location: ")
    assert "gasWanted: 65000, gasUsed: " in result.log
    assert result.gas_used > result.gas_wanted == 65_000
    assert chain.balance("alice") == 999, "the fee stays"


def test_a_block_has_only_so_much_gas() -> None:
    chain = chain_of(consensus_params={"block": {"max_gas": "150000"}})
    txs = [chain.sign("alice", send(chain), gas=140_000, fee=1, ahead=ahead) for ahead in range(4)]
    results = chain.block(*txs).tx_results
    assert [result.code for result in results] == [0, 0, 11, 11]
    assert "block gas meter" in results[2].log
    assert results[2].events, "the ante events stay, for its effects do"
    assert results[3].log == "no block gas left to run tx: out of gas"
    assert (results[3].gas_wanted, results[3].gas_used) == (0, 0)
    assert (chain.balance("alice"), chain.balance("bob")) == (1000 - 2 - 3, 2)
    assert chain.account("alice") == (0, 3)


@pytest.mark.parametrize(
    ("raw", "code"), [(b"", 18), (b"\x00", 2), (b"\xff" * 9, 2)], ids=["empty", "no tag", "no varint"]
)
def test_what_is_no_transaction(raw: bytes, code: int) -> None:
    result = chain_of().block(raw).tx_results[0]
    assert (result.codespace, result.code, result.gas_wanted, result.gas_used) == ("sdk", code, 0, 0)


def test_a_message_that_nobody_handles() -> None:
    chain = chain_of()
    result = chain.tx("alice", MsgUpdateParams(authority=chain["alice"]), fee=1)
    assert (result.codespace, result.code) == ("sdk", 6)
    assert result.log.startswith("no message handler found for /cosmos.consensus.v1.MsgUpdateParams")
    assert chain.balance("alice") == 1000


def test_stateless_checks_come_before_any_fee() -> None:
    chain = chain_of()
    result = chain.tx("alice", send(chain, 0), fee=5)
    assert (result.codespace, result.code) == ("sdk", 10)
    assert chain.balance("alice") == 1000


def test_hooks_run_in_order_and_mark_their_events() -> None:
    module = Module(
        name="hooked",
        store="hooked",
        begin_block=lambda ctx: ctx.emit("began", height=str(ctx.height)),
        end_block=lambda ctx: ctx.emit("ended"),
    )
    chain = chain_of(with_module(module))
    chain.block(chain.sign("alice", send(chain)))
    assert chain.last is not None
    assert chain.last.events == (
        Event("began", (("height", "2"), ("mode", "BeginBlock"))),
        Event("ended", (("mode", "EndBlock"),)),
    )


def test_whatever_a_hook_raises_stops_the_node() -> None:
    def end(ctx: Context) -> None:
        if ctx.height > 1:
            raise ValueError("broken")

    chain = chain_of(with_module(Module(name="hooked", store="hooked", end_block=end)))
    with pytest.raises(ValueError, match="broken"):
        chain.block()
    assert chain.height == 1


def test_checking_runs_no_message() -> None:
    chain = chain_of()
    result = chain.app.check_tx(chain.sign("alice", send(chain, 5000)))
    assert (result.code, result.data, result.events) == (0, b"", ())
    assert result.gas_used > 0
    before = chain.app.info()
    chain.app.check_tx(chain.sign("alice", send(chain), ahead=1))
    assert chain.app.info() == before


def test_a_simulation_needs_no_signature_and_leaves_nothing() -> None:
    chain = chain_of()
    raw = chain.sign("alice", send(chain), gas=0, edit=lambda _, auth: auth.signer_infos[0].ClearField("public_key"))
    result = chain.app.simulate(raw)
    assert (result.code, result.gas_wanted) == (0, 2**64 - 1)
    assert result.gas_used >= chain.ok("alice", send(chain)).gas_used * 9 // 10
    assert chain.app.simulate(chain.sign("alice", send(chain, 5000))).code == 5
    assert chain.account("alice") == (0, 1)


def test_two_modules_cannot_answer_to_the_same() -> None:
    twice = [module for module in wire().modules if module.name == "bank"] * 2
    with pytest.raises(ValueError, match="bank"):
        Router(twice)
    router = Router(wire().modules)
    assert {SEND, MULTI_SEND} <= set(router.messages)
    assert "/cosmos.bank.v1beta1.Query/Balance" in router.queries


def test_blocks_come_in_order_and_once() -> None:
    chain = chain_of()
    block = Block(2, chain.time_ns + 1, (chain.sign("alice", send(chain)),))
    first = chain.app.finalize_block(block)
    assert chain.app.finalize_block(block) is first
    with pytest.raises(ValueError, match="expected once"):
        chain.app.finalize_block(replace(block, time_ns=block.time_ns + 1))
    chain.app.commit()
    with pytest.raises(ValueError, match="no block was finalized"):
        chain.app.commit()
    with pytest.raises(ValueError, match="block 2 given, block 3 expected"):
        chain.app.finalize_block(block)
