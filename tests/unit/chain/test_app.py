import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import START, VALIDATOR, Driver, address_of

from panacea.chain.app import App, build, wire
from panacea.chain.bank.messages import MsgSend
from panacea.chain.bank.state import balances
from panacea.chain.coins import write_coins
from panacea.chain.genesis import InvalidGenesis
from panacea.chain.results import Block, QueryResult, Settings, Validator
from panacea.chain.times import SECOND
from panacea.light.ics23 import IAVL_OP, SIMPLE_OP, verify_presence
from panacea.primitives.coin import Coins
from panacea.primitives.rejected import Rejected
from panacea.store.multistore import MultiStore
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.query_pb2 import QueryBalanceRequest, QueryBalanceResponse
    from panacea.wire.stubs.cosmos.tx.v1beta1.service_pb2 import SimulateRequest, SimulateResponse
else:
    QueryBalanceRequest, QueryBalanceResponse = load(
        "cosmos.bank.v1beta1", "QueryBalanceRequest", "QueryBalanceResponse"
    )
    SimulateRequest, SimulateResponse = load("cosmos.tx.v1beta1", "SimulateRequest", "SimulateResponse")

BALANCE = "/cosmos.bank.v1beta1.Query/Balance"
EMPTY_HASH = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def chain() -> Driver:
    return Driver({"alice": 1000, "bob": 50})


def send(chain: Driver, amount: int = 5) -> MsgSend:
    return MsgSend(from_address=chain["alice"], to_address=chain["bob"], amount=write_coins(Coins.of(amount)))


def init(app: App, **changes: Any) -> Any:
    options: dict[str, Any] = {
        "chain_id": "test-1",
        "time_ns": START,
        "consensus_params": {},
        "validators": [Validator(VALIDATOR.public_key.raw, 10)],
        "app_state": {},
    }
    return app.init_chain(**{**options, **changes})


@pytest.fixture
def fresh() -> App:
    return build(MultiStore.memory(wire().stores), Settings("test-1", version="0.1"))


def test_a_chain_begins(fresh: App) -> None:
    began = init(fresh)
    assert began.app_hash.hex() == EMPTY_HASH
    assert began.validators == (Validator(VALIDATOR.public_key.raw, 10),)
    assert (fresh.info().name, fresh.info().version, fresh.info().last_block_height) == ("panacea", "0.1", 0)
    result = fresh.finalize_block(Block(1, START))
    assert (result.events, result.tx_results, result.validator_updates) == ((), (), ())
    assert result.consensus_params["block"] == {"max_bytes": "22020096", "max_gas": "-1"}
    assert fresh.commit() == 0
    assert (fresh.info().last_block_height, fresh.info().last_block_app_hash) == (1, result.app_hash)
    with pytest.raises(InvalidGenesis, match="begun already"):
        init(fresh)


def test_a_chain_may_begin_higher(fresh: App) -> None:
    init(fresh, initial_height=41)
    with pytest.raises(ValueError, match="block 41 expected"):
        fresh.finalize_block(Block(1, START))
    fresh.finalize_block(Block(41, START))
    fresh.commit()
    fresh.finalize_block(Block(42, START))
    fresh.commit()
    assert fresh.info().last_block_height == 42


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"chain_id": "test-2"}, "invalid chain-id"),
        ({"validators": []}, "no validators"),
        ({"app_state": {"staking": {}}}, "unknown modules"),
        ({"app_state": {"bank": {"what": 1}}}, "unmarshal"),
        ({"app_state": {"bank": {"supply": [{"denom": "umed", "amount": "1"}]}}}, "supply is incorrect"),
        ({"app_state": {"auth": {"params": {}}}}, "invalid max memo characters: 0"),
        ({"consensus_params": {"block": {"max_bytes": "0"}}}, "max_bytes"),
    ],
)
def test_a_genesis_that_is_not_sound(fresh: App, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(Rejected, match=said):
        init(fresh, **changes)


def test_a_block_needs_a_beginning(fresh: App) -> None:
    with pytest.raises(ValueError, match="not initialized"):
        fresh.finalize_block(Block(1, START))
    assert fresh.query(BALANCE, b"").log == "panacea is not ready; please wait for first block: invalid height"


def test_transactions_are_checked_before_the_first_block(fresh: App) -> None:
    chain = Driver({"alice": 10, "bob": 0})
    init(fresh, app_state=chain.app.export_genesis())
    back = MsgSend(from_address=chain["bob"], to_address=chain["alice"], amount=write_coins(Coins.of(1)))
    assert fresh.check_tx(chain.sign("bob", back)).code == 0
    assert fresh.check_tx(chain.sign("bob", back, gas=100, ahead=1)).code == 11


def test_it_goes_on_after_a_restart(tmp_path: Path, chain: Driver) -> None:
    """The same blocks on a file, closed between any two, lead to the same app hash."""
    blocks = [Block(height, START + height * SECOND) for height in range(1, 5)]
    hashes = []
    for block in blocks:
        with MultiStore.open(tmp_path / "state", wire().stores) as store:
            app = build(store, Settings("test-1"))
            if block.height == 1:
                init(app, app_state=chain.app.export_genesis())
            # A crash between the two: what was finalized is run again.
            first = app.finalize_block(block)
            assert build(store, Settings("test-1")).info().last_block_height == block.height - 1
            app.commit()
            hashes.append(first.app_hash)
    with MultiStore.open(tmp_path / "state", wire().stores) as store:
        app = build(store, Settings("test-1"))
        assert app.info().last_block_app_hash == hashes[-1]
        assert app.check_tx(chain.sign("alice", send(chain), timeout_height=4)).code == 0
        assert app.check_tx(chain.sign("alice", send(chain), timeout_height=3)).code == 30


def test_the_engine_may_forget_old_blocks() -> None:
    chain = Driver(settings=Settings("test-1", retain_blocks=3))
    retained = []
    for _ in range(4):
        chain.app.finalize_block(Block(chain.height + 1, chain.time_ns))
        retained.append(chain.app.commit())
    assert retained == [0, 0, 1, 2]


def test_questions_at_any_height(chain: Driver) -> None:
    request = QueryBalanceRequest(address=chain["bob"], denom="umed")
    height = chain.height
    chain.ok("alice", send(chain))
    assert chain.query(BALANCE, request).balance.amount == "55"
    assert chain.query(BALANCE, request, height=height).balance.amount == "50"
    assert chain.ask(BALANCE, request).height == height + 1


ASKED: list[tuple[str, bytes, dict[str, Any], str, str]] = [
    (BALANCE, b"", {"height": -1}, "sdk/18", "height < 0"),
    (BALANCE, b"", {"height": 99}, "sdk/26", "height in the future"),
    (BALANCE, b"", {"height": 1, "prove": True}, "sdk/18", "height <= 1"),
    (BALANCE, b"\xff", {}, "sdk/18", "tx parse error"),
    (BALANCE, b"", {}, "sdk/18", "rpc error: code = InvalidArgument desc = "),
    ("", b"", {}, "sdk/6", "no query path provided"),
    ("/nothing", b"", {}, "sdk/6", "unknown query path"),
    ("/cosmos.tx.v1beta1.Service/BroadcastTx", b"", {}, "sdk/18", "can't route a broadcast tx message"),
    ("/store/bank/key", b"", {}, "store/3", "zero length"),
    ("/store/bank/what", b"x", {}, "store/4", "unexpected query path"),
    ("/store/nothing/key", b"x", {}, "store/4", "no such store: nothing"),
    ("/store/bank/key", b"x", {"height": -1}, "sdk/18", "height < 0"),
    ("/store/bank/key", b"x", {"height": 99}, "sdk/26", "height in the future"),
    ("/app/simulate", b"\xff", {}, "sdk/2", "failed to simulate tx"),
    ("/cosmos.tx.v1beta1.Service/Simulate", b"", {}, "sdk/18", "empty txBytes"),
    ("/app/version", b"", {}, "/0", ""),
    ("/p2p/filter/addr/1.2.3.4", b"", {}, "/0", ""),
]


@pytest.mark.parametrize(("path", "data", "options", "code", "said"), ASKED)
def test_answers_that_are_refusals(
    chain: Driver, path: str, data: bytes, options: dict[str, Any], code: str, said: str
) -> None:
    result = chain.app.query(path, data, **options)
    assert (f"{result.codespace}/{result.code}", said in result.log) == (code, True), result


def test_a_bug_in_a_question_is_an_answer(chain: Driver, caplog: pytest.LogCaptureFixture) -> None:
    from panacea.chain.abci_query import guarded

    def answer() -> QueryResult:
        raise ZeroDivisionError

    assert guarded(answer).code == 111222
    assert "Traceback" in caplog.text
    with pytest.raises(MemoryError):
        guarded(lambda: (_ for _ in ()).throw(MemoryError))


def test_a_question_has_only_so_much_gas() -> None:
    chain = Driver({"alice": 1}, settings=Settings("test-1", query_gas_limit=1000))
    result = chain.ask(BALANCE, QueryBalanceRequest(address=chain["alice"], denom="umed"))
    assert (result.codespace, result.code) == ("sdk", 11)


def test_a_balance_is_proven(chain: Driver) -> None:
    chain.advance(1)
    key = balances.raw_key((address_of("alice"), "umed"))
    result = chain.app.query("/store/bank/key", key, prove=True)
    assert (result.key, result.value, result.height) == (key, b"1000", 2)
    assert [op.type for op in result.proof_ops] == [IAVL_OP, SIMPLE_OP]
    verify_presence(chain.app.info().last_block_app_hash, "bank", key, b"1000", result.proof_ops)
    absent = chain.app.query("/store/bank/key", key + b"x", prove=True)
    assert (absent.value, len(absent.proof_ops)) == (b"", 2)


def test_a_pruned_height_says_so() -> None:
    wiring = wire()
    store = MultiStore.memory(wiring.stores, keep=1)
    app = App(store, wiring, Settings("test-1"))
    init(app)
    for height in (1, 2, 3):
        app.finalize_block(Block(height, START))
        app.commit()
    assert app.query("/store/bank/key", b"\x05", height=1) == QueryResult(
        log="version does not exist", key=b"\x05", height=1
    )
    assert app.query("/cosmos.bank.v1beta1.Query/Params", b"", height=1).code == 18


def test_a_subspace(chain: Driver) -> None:
    result = chain.app.query("/store/bank/subspace", b"\x00")
    assert result.value == b"\x0a\x0d\x0a\x05\x00umed\x12\x041050"


def test_a_simulation_by_question(chain: Driver) -> None:
    raw = chain.sign("alice", send(chain))
    found = json.loads(chain.app.query("/app/simulate", raw).value)
    assert int(found["gas_info"]["gas_used"]) > 0
    assert found["result"]["msg_responses"] == [{"@type": "/cosmos.bank.v1beta1.MsgSendResponse"}]
    service = "/cosmos.tx.v1beta1.Service/Simulate"
    answer = chain.app.query(service, encode(SimulateRequest(tx_bytes=raw)))
    assert SimulateResponse.FromString(answer.value).gas_info.gas_used == int(found["gas_info"]["gas_used"])
    poor = chain.app.query(service, encode(SimulateRequest(tx_bytes=chain.sign("alice", send(chain, 5000)))))
    assert (poor.code, "with gas used: '" in poor.log) == (6, True)
