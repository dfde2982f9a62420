from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, address_of

from panacea.chain.app import wire
from panacea.chain.auth.accounts import Accounts
from panacea.chain.authority import AUTHORITY, InvalidAuthority
from panacea.chain.bank import messages, state, transitions
from panacea.chain.bank.genesis import require_metadata
from panacea.chain.bank.ledger import Ledger
from panacea.chain.bank.messages import Input, MsgMultiSend, MsgSend, MsgSetSendEnabled, MsgUpdateParams, Output, Params
from panacea.chain.bank.types import InvalidBankState
from panacea.chain.coins import write_coins
from panacea.chain.context import Context
from panacea.chain.module import Module
from panacea.chain.rejections import InvalidRequest, Unauthorized
from panacea.chain.results import TxResult
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins, InsufficientFunds
from panacea.wire.json import from_json
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1 import query_pb2 as query
    from panacea.wire.stubs.cosmos.base.query.v1beta1.pagination_pb2 import PageRequest
else:
    query = package("cosmos.bank.v1beta1")
    PageRequest = package("cosmos.base.query.v1beta1").PageRequest

QUERY = "/cosmos.bank.v1beta1.Query/"
COLLECTOR = Address.module("fee_collector")


@pytest.fixture
def chain() -> Driver:
    return Driver({"alice": Coins((Coin("umed", 1000), Coin("aother", 7))), "bob": 50})


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def send(chain: Driver, amount: Coins | int, to: str = "bob") -> MsgSend:
    coins = Coins.of(amount) if isinstance(amount, int) else amount
    return MsgSend(from_address=chain["alice"], to_address=chain[to], amount=write_coins(coins))


def multi(chain: Driver, spent: int, *outputs: tuple[str, int]) -> MsgMultiSend:
    return MsgMultiSend(
        inputs=[Input(address=chain["alice"], coins=write_coins(Coins.of(spent)))],
        outputs=[Output(address=chain[name], coins=write_coins(Coins.of(amount))) for name, amount in outputs],
    )


def test_balances_lie_under_the_keys_of_the_sdk(chain: Driver) -> None:
    kv, alice = chain.ctx().kv("bank"), address_of("alice")
    assert kv.get(b"\x02\x14" + alice + b"umed") == b"1000"
    assert kv.get(b"\x03umed\x00\x14" + alice) == b""
    assert kv.get(b"\x00umed") == b"1050"
    assert kv.get(b"\x05") == b"\x10\x01"


def test_a_balance_of_zero_is_not_kept(chain: Driver) -> None:
    chain.ok("alice", send(chain, 1000))
    kv, alice = chain.ctx().kv("bank"), address_of("alice")
    assert kv.get(b"\x02\x14" + alice + b"umed") is None
    assert kv.get(b"\x03umed\x00\x14" + alice) is None
    assert state.balances_of(chain.ctx(), alice) == Coins.of(7, "aother")


def test_a_transfer_is_told_in_order_and_makes_an_account(chain: Driver) -> None:
    result = chain.ok("alice", send(chain, Coins((Coin("umed", 5), Coin("aother", 1))), to="carol"))
    told = [(event.type, dict(event.attributes).get("amount")) for event in result.events[-4:]]
    assert told == [
        ("coin_spent", "1aother,5umed"),
        ("coin_received", "1aother,5umed"),
        ("transfer", "1aother,5umed"),
        ("message", None),
    ]
    assert chain.account("carol") == (3, 0)
    chain.check_invariants()


def test_to_oneself_is_nothing(chain: Driver) -> None:
    chain.ok("alice", send(chain, 1000, to="alice"))
    assert chain.balance("alice") == 1000
    assert code(chain.tx("alice", send(chain, 1001, to="alice"))) == "sdk/5"


@pytest.mark.parametrize(
    ("edit", "expected", "said"),
    [
        ({"from_address": ""}, "sdk/7", "empty address"),
        ({"to_address": "panacea1xx"}, "sdk/7", "invalid to address: "),
        ({"amount": []}, "sdk/10", "no coins"),
        ({"amount": write_coins(Coins.of(1)) * 2}, "sdk/10", "invalid coins"),
        ({"amount": write_coins(Coins.of(2000))}, "sdk/5", "spendable balance 1000umed is smaller than 2000umed"),
        ({"amount": write_coins(Coins.of(1, "unknown"))}, "sdk/5", "spendable balance 0unknown"),
        ({"to_address": str(COLLECTOR)}, "sdk/4", f"{COLLECTOR} is not allowed to receive funds"),
    ],
)
def test_sends_that_are_refused(chain: Driver, edit: dict[str, Any], expected: str, said: str) -> None:
    values = {"from_address": chain["alice"], "to_address": chain["bob"], "amount": write_coins(Coins.of(1))}
    result = chain.tx("alice", MsgSend(**{**values, **edit}))
    assert (code(result), said in result.log) == (expected, True), result.log
    chain.check_invariants()


def test_one_pays_many(chain: Driver) -> None:
    result = chain.ok("alice", multi(chain, 30, ("bob", 10), ("carol", 15), ("bob", 5)))
    assert (chain.balance("bob"), chain.balance("carol"), chain.balance("alice")) == (65, 15, 970)
    assert [event.type for event in result.events[-8:]] == ["coin_spent", "message", *["coin_received", "transfer"] * 3]
    chain.check_invariants()


def test_payments_to_many_that_are_refused(chain: Driver) -> None:
    no_inputs, two_inputs, none = multi(chain, 1, ("bob", 1)), multi(chain, 1, ("bob", 1)), multi(chain, 1)
    no_inputs.ClearField("inputs")
    two_inputs.inputs.append(two_inputs.inputs[0])
    blocked = multi(chain, 1, ("bob", 1))
    blocked.outputs[0].address = str(COLLECTOR)
    assert code(chain.tx("alice", two_inputs)) == "bank/9"
    assert code(chain.tx("alice", none)) == "bank/3"
    assert code(chain.tx("alice", multi(chain, 3, ("bob", 1), ("carol", 1)))) == "bank/4"
    assert code(chain.tx("alice", multi(chain, 1, ("bob", 0)))) == "sdk/10"
    assert code(chain.tx("alice", blocked)) == "sdk/4"
    with pytest.raises(messages.NoInputs):
        messages.check_multi_send(no_inputs)


def test_a_denomination_may_be_stopped() -> None:
    entries = [{"denom": "aother", "enabled": True}, {"denom": "umed", "enabled": False}]
    held = {"alice": Coins((Coin("umed", 10), Coin("aother", 10)))}
    chain = Driver(held, genesis={"bank": {"send_enabled": entries}})
    assert chain.ctx().kv("bank").get(b"\x04umed") == b""
    assert chain.ctx().kv("bank").get(b"\x04aother") == b"\x08\x01"
    result = chain.tx("alice", send(chain, 1), fee=2)
    assert (code(result), "umed transfers are currently disabled" in result.log) == ("bank/5", True)
    assert chain.balance("alice") == 8, "fees are paid nevertheless"
    assert code(chain.tx("alice", multi(chain, 1, ("bob", 1)))) == "bank/5"
    chain.ok("alice", send(chain, Coins.of(1, "aother")))
    ask = query.QuerySendEnabledRequest
    assert len(chain.query(QUERY + "SendEnabled", ask()).send_enabled) == 2
    assert len(chain.query(QUERY + "SendEnabled", ask(denoms=["umed", "nothing"])).send_enabled) == 1
    assert chain.app.export_genesis()["bank"]["send_enabled"] == entries


def test_governance_stops_and_starts_denominations(chain: Driver) -> None:
    ctx = chain.ctx()
    entries = [messages.SendEnabled(denom="umed", enabled=False), messages.SendEnabled(denom="aother")]
    transitions.set_send_enabled(ctx, MsgSetSendEnabled(authority=str(AUTHORITY), send_enabled=entries))
    assert not state.is_send_enabled(ctx, "umed")
    transitions.set_send_enabled(ctx, MsgSetSendEnabled(authority=str(AUTHORITY), use_default_for=["umed"]))
    assert state.is_send_enabled(ctx, "umed")
    transitions.update_params(ctx, MsgUpdateParams(authority=str(AUTHORITY), params=Params()))
    assert not state.is_send_enabled(ctx, "umed")
    for refused in (
        lambda: transitions.update_params(ctx, MsgUpdateParams(authority=chain["alice"])),
        lambda: transitions.set_send_enabled(ctx, MsgSetSendEnabled(authority=chain["alice"])),
    ):
        with pytest.raises(InvalidAuthority, match="invalid authority; expected panacea1"):
            refused()
    with pytest.raises(InvalidRequest, match="duplicate"):
        messages.check_set_send_enabled(MsgSetSendEnabled(use_default_for=["umed", "umed"]))
    with pytest.raises(InvalidRequest, match="invalid denom"):
        messages.check_set_send_enabled(MsgSetSendEnabled(use_default_for=["1"]))
    messages.check_set_send_enabled(MsgSetSendEnabled(send_enabled=entries))
    with pytest.raises(InvalidBankState):
        messages.check_update_params(MsgUpdateParams(params=Params(send_enabled=entries)))


def test_modules_mint_move_and_burn(chain: Driver) -> None:
    ctx = chain.ctx()
    ledger = Ledger(Accounts({"mint": ("minter",), "oven": ("burner",)}), frozenset([Address.module("mint")]))
    ledger.mint(ctx, "mint", Coins.of(100))
    ledger.between_modules(ctx, "mint", "oven", Coins.of(60))
    ledger.from_module(ctx, "mint", address_of("bob"), Coins.of(40))
    ledger.to_module(ctx, address_of("bob"), "oven", Coins.of(10))
    assert ledger.balances(ctx, Address.module("oven")) == Coins.of(70)
    ledger.burn(ctx, "oven", Coins.of(70))
    assert (ledger.supply(ctx, "umed"), ledger.balance(ctx, address_of("bob"), "umed")) == (1080, 80)
    assert [event.type for event in ctx.events if event.type in ("coinbase", "burn")] == ["coinbase", "burn"]
    for module in chain.wiring.modules:
        for invariant in module.invariants.values():
            invariant(ctx)
    ledger.mint(ctx, "mint", Coins.of(3, "brief"))
    ledger.between_modules(ctx, "mint", "oven", Coins.of(3, "brief"))
    ledger.burn(ctx, "oven", Coins.of(3, "brief"))
    assert state.supply.find(ctx, "brief") is None, "a supply of zero is not kept"
    with pytest.raises(Unauthorized, match="not allowed to receive"):
        ledger.from_module(ctx, "oven", Address.module("mint"), Coins.of(1))
    with pytest.raises(LookupError, match="burner"):
        ledger.burn(ctx, "mint", Coins.of(1))
    with pytest.raises(InsufficientFunds):
        ledger.burn(ctx, "oven", Coins.of(1))


def test_a_blocked_module_of_others_refuses_plain_sends() -> None:
    found = wire()
    ledger = replace(found.bank, blocked=found.bank.blocked | {address_of("bob")})
    from panacea.chain.bank.module import build

    modules: tuple[Module, ...] = tuple(build(ledger) if each.name == "bank" else each for each in found.modules)
    chain = Driver({"alice": 10, "bob": 0}, wiring=replace(found, modules=modules, bank=ledger))
    assert code(chain.tx("alice", send(chain, 1))) == "sdk/4"


METADATA: dict[str, Any] = {
    "name": "MediBloc", "symbol": "MED", "base": "umed", "display": "med", "description": "", "uri": "", "uri_hash": "",
    "denom_units": [
        {"denom": "umed", "exponent": 0, "aliases": ["micromed"]}, {"denom": "med", "exponent": 6, "aliases": []},
    ],
}  # fmt: skip


def test_metadata_and_questions() -> None:
    chain = Driver(
        {"alice": 5, "bob": Coins((Coin("umed", 1), Coin("aa/b", 2)))}, genesis={"bank": {"denom_metadata": [METADATA]}}
    )
    bob = chain["bob"]
    ask = chain.query
    assert ask(QUERY + "Balance", query.QueryBalanceRequest(address=bob, denom="none")).balance.amount == "0"
    every = ask(QUERY + "AllBalances", query.QueryAllBalancesRequest(address=bob, resolve_denom=True))
    assert [(coin.denom, coin.amount) for coin in every.balances] == [("aa/b", "2"), ("med", "1")]
    spendable = ask(QUERY + "SpendableBalances", query.QuerySpendableBalancesRequest(address=bob))
    assert [coin.denom for coin in spendable.balances] == ["aa/b", "umed"]
    one = query.QuerySpendableBalanceByDenomRequest(address=bob, denom="umed")
    assert ask(QUERY + "SpendableBalanceByDenom", one).balance.amount == "1"
    assert [coin.amount for coin in ask(QUERY + "TotalSupply", query.QueryTotalSupplyRequest()).supply] == ["2", "6"]
    assert ask(QUERY + "SupplyOf", query.QuerySupplyOfRequest(denom="umed")).amount.amount == "6"
    assert ask(QUERY + "Params", query.QueryParamsRequest()).params.default_send_enabled
    assert ask(QUERY + "DenomMetadata", query.QueryDenomMetadataRequest(denom="umed")).metadata.symbol == "MED"
    by_query = query.QueryDenomMetadataByQueryStringRequest(denom="umed")
    assert ask(QUERY + "DenomMetadataByQueryString", by_query).metadata.display == "med"
    assert len(ask(QUERY + "DenomsMetadata", query.QueryDenomsMetadataRequest()).metadatas) == 1
    owners = ask(QUERY + "DenomOwners", query.QueryDenomOwnersRequest(denom="umed")).denom_owners
    assert {(owner.address, owner.balance.amount) for owner in owners} == {(chain["alice"], "5"), (bob, "1")}
    slashed = query.QueryDenomOwnersByQueryRequest(denom="aa/b")
    assert [owner.address for owner in ask(QUERY + "DenomOwnersByQuery", slashed).denom_owners] == [bob]
    missing = chain.ask(QUERY + "DenomMetadata", query.QueryDenomMetadataRequest(denom="xyz"))
    assert (missing.code, missing.log) == (
        22, "rpc error: code = NotFound desc = client metadata for denom xyz: key not found",
    )  # fmt: skip
    assert chain.ask(QUERY + "SupplyOf", query.QuerySupplyOfRequest(denom="!")).code == 18
    exported = chain.app.export_genesis()["bank"]
    assert exported["denom_metadata"] == [METADATA]


def test_pages() -> None:
    denoms = [f"coin{place}" for place in range(7)]
    chain = Driver({"alice": Coins(Coin(denom, 1) for denom in denoms)})

    def ask(**options: Any) -> Any:
        return chain.query(QUERY + "TotalSupply", query.QueryTotalSupplyRequest(pagination=PageRequest(**options)))

    def names(found: Any) -> list[str]:
        return [coin.denom for coin in found.supply]

    assert (names(ask()), ask().pagination.total, ask().pagination.next_key) == (denoms, 7, b"")
    first = ask(limit=3)
    assert (names(first), first.pagination.total, first.pagination.next_key) == (denoms[:3], 0, b"coin3")
    assert names(ask(limit=3, key=first.pagination.next_key)) == denoms[3:6]
    assert ask(limit=3, key=b"coin3", count_total=True).pagination.total == 0
    assert (names(ask(limit=2, offset=5)), ask(limit=1, count_total=True).pagination.total) == (denoms[5:], 7)
    back = ask(limit=3, reverse=True)
    assert (names(back), back.pagination.next_key) == (denoms[:3:-1], b"coin3")
    assert names(ask(limit=9, reverse=True, key=b"coin3")) == denoms[3::-1]
    both = query.QueryTotalSupplyRequest(pagination=PageRequest(key=b"coin3", offset=1))
    assert chain.ask(QUERY + "TotalSupply", both).code == 18


def test_a_page_of_one_account_stays_within_it(chain: Driver) -> None:
    request = query.QueryAllBalancesRequest(address=chain["alice"], pagination=PageRequest(limit=1))
    found = chain.query(QUERY + "AllBalances", request)
    assert ([coin.denom for coin in found.balances], found.pagination.next_key) == (["aother"], b"umed")
    request.pagination.key = found.pagination.next_key
    found = chain.query(QUERY + "AllBalances", request)
    assert ([coin.denom for coin in found.balances], found.pagination.next_key) == (["umed"], b"")


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        ({"name": " "}, "blank"),
        ({"base": "1"}, "invalid denom"),
        ({"denom_units": []}, "first unit"),
        ({"denom_units": METADATA["denom_units"][1:]}, "first unit"),
        ({"denom_units": [METADATA["denom_units"][0], {"denom": "med", "exponent": 0}]}, "strictly increasing"),
        ({"denom_units": [METADATA["denom_units"][0], {"denom": "umed", "exponent": 3}]}, "duplicate"),
        ({"display": "kilomed"}, "unit of its display"),
        ({"denom_units": [{"denom": "umed", "aliases": ["a", "a"]}], "display": "umed"}, "duplicate alias"),
        ({"denom_units": [{"denom": "umed", "aliases": [""]}], "display": "umed"}, "blank"),
    ],
)
def test_metadata_that_contradicts_itself(edit: dict[str, Any], said: str) -> None:
    with pytest.raises(Exception, match=said):
        require_metadata(from_json(state.Metadata, {**METADATA, **edit}))


def test_genesis_with_something_twice() -> None:
    balance = {"address": str(address_of("ann")), "coins": [{"denom": "umed", "amount": "1"}]}
    with pytest.raises(InvalidBankState, match="duplicate balance"):
        Driver({}, genesis={"bank": {"balances": [balance, balance]}})
    stated = Driver({}, genesis={"bank": {"balances": [balance], "supply": [{"denom": "umed", "amount": "1"}]}})
    assert stated.balance("ann") == 1


def test_invariants_see_what_is_wrong(chain: Driver) -> None:
    found = next(module for module in chain.wiring.modules if module.name == "bank").invariants

    def tamper(key: bytes, value: bytes) -> Context:
        ctx = chain.ctx()
        ctx.kv("bank").set(key, value)
        return ctx

    alice = address_of("alice")
    with pytest.raises(AssertionError, match="add up"):
        found["total-supply"](tamper(b"\x02\x14" + alice + b"umed", b"1001"))
    with pytest.raises(AssertionError, match="balance is not positive"):
        found["nonnegative-outstanding"](tamper(b"\x02\x14" + alice + b"umed", b"0"))
    with pytest.raises(AssertionError, match="supply is not positive"):
        found["nonnegative-outstanding"](tamper(b"\x00none", b"0"))
    with pytest.raises(AssertionError, match="owners"):
        found["nonnegative-outstanding"](tamper(b"\x03umed\x00\x01a", b""))
