from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, address_of, key_of

from panacea.chain.auth import state
from panacea.chain.auth.accounts import Accounts
from panacea.chain.auth.messages import DEFAULT_PARAMS, MsgUpdateParams, Params, check_update_params
from panacea.chain.auth.transitions import update_params
from panacea.chain.auth.types import Account, InvalidAccounts
from panacea.chain.authority import AUTHORITY
from panacea.chain.keys import pack_key
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1 import query_pb2 as query
else:
    query = package("cosmos.auth.v1beta1")

QUERY = "/cosmos.auth.v1beta1.Query/"
BASE = "/cosmos.auth.v1beta1.BaseAccount"
FOREIGN_KEY = {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": "AgIC" * 11}
MODULE = "/cosmos.auth.v1beta1.ModuleAccount"


@pytest.fixture
def chain() -> Driver:
    return Driver({"alice": 10, "bob": 10})


def account(name: str, number: int = 0, **more: Any) -> dict[str, Any]:
    return {"@type": BASE, "address": str(address_of(name)), "account_number": str(number), **more}


def test_accounts_lie_under_the_keys_of_the_sdk(chain: Driver) -> None:
    kv = chain.ctx().kv("acc")
    alice = address_of("alice")
    assert kv.get(b"\x02") == (3).to_bytes(8, "big")
    assert kv.get(b"accountNumber" + (0).to_bytes(8, "big")) == alice
    raw = kv.get(b"\x01" + alice)
    assert raw is not None
    assert raw.startswith(b"\x0a\x20/cosmos.auth.v1beta1.BaseAccount")
    assert kv.get(b"\x00") == bytes.fromhex("0880021007180a20ce0428e807")


def test_accounts_are_made_with_the_next_number(chain: Driver) -> None:
    ctx, accounts = chain.ctx(), chain.wiring.accounts
    accounts.ensure(ctx, address_of("carol"))
    accounts.ensure(ctx, address_of("carol"))
    assert accounts.get(ctx, address_of("carol")).number == 3
    assert [each.number for each in accounts.every(ctx)] == [
        each.number for each in sorted(accounts.every(ctx), key=lambda each: each.address)
    ]
    assert accounts.find(ctx, address_of("nobody")) is None
    with pytest.raises(Rejected, match=r"account panacea1.* does not exist"):
        accounts.get(ctx, address_of("nobody"))


def test_module_accounts_are_made_at_first_access(chain: Driver) -> None:
    ctx, accounts = chain.ctx(), Accounts({"vault": ("minter", "burner")})
    found = accounts.module(ctx, "vault")
    assert found == Account(Address.module("vault"), 3, module="vault", permissions=("minter", "burner"))
    assert accounts.module(ctx, "vault") == found
    accounts.require_permission("vault", "minter")
    with pytest.raises(LookupError, match="staking"):
        accounts.require_permission("vault", "staking")
    with pytest.raises(LookupError, match="not declared"):
        accounts.module(ctx, "other")


def test_a_plain_account_on_the_address_of_a_module_is_a_bug(chain: Driver) -> None:
    ctx, accounts = chain.ctx(), Accounts({"vault": ()})
    accounts.ensure(ctx, Address.module("vault"))
    with pytest.raises(LookupError, match="not a module account"):
        accounts.module(ctx, "vault")


def test_a_number_belongs_to_one_address(chain: Driver) -> None:
    with pytest.raises(AssertionError, match="taken"):
        state.save(chain.ctx(), Account(address_of("carol"), 0))


def test_parameters_are_for_governance(chain: Driver) -> None:
    ctx = chain.ctx()
    changed = Params()
    changed.CopyFrom(DEFAULT_PARAMS)
    changed.max_memo_characters = 1
    update_params(ctx, MsgUpdateParams(authority=str(AUTHORITY), params=changed))
    assert state.params.get(ctx) == changed
    with pytest.raises(InvalidAccounts, match="invalid authority"):
        update_params(ctx, MsgUpdateParams(authority=chain["alice"], params=changed))
    with pytest.raises(InvalidAccounts, match="invalid tx sig limit: 0"):
        changed.tx_sig_limit = 0
        check_update_params(MsgUpdateParams(params=changed))
    result = chain.tx("alice", MsgUpdateParams(authority=chain["alice"], params=DEFAULT_PARAMS))
    assert (result.codespace, result.code) == ("undefined", 1)


def test_genesis_keeps_unique_numbers_and_moves_the_others() -> None:
    listed = [account("ann", 5), account("ben", 2), account("cat", 5), account("dan", 0), account("eve", 2)]
    chain = Driver({}, genesis={"auth": {"accounts": listed}})
    numbers = {name: chain.account(name)[0] for name in ("ann", "ben", "cat", "dan", "eve")}
    assert numbers == {"ann": 5, "ben": 2, "eve": 1, "cat": 3, "dan": 0}
    assert chain.wiring.accounts.module(chain.ctx(), "fee_collector").number == 6
    chain.check_invariants()


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ([account("ann"), account("ann", 1)], "duplicate account"),
        ([account("ann", pub_key=FOREIGN_KEY)], "do not match"),
        ([{"@type": MODULE, "base_account": {"address": str(address_of("ann"))}, "name": "gov"}], "not derived"),
        ([{"@type": MODULE, "base_account": {"address": str(address_of("ann"))}, "name": " "}], "not derived"),
    ],
)  # fmt: skip
def test_genesis_accounts_that_contradict_themselves(accounts: list[Any], said: str) -> None:
    with pytest.raises(InvalidAccounts, match=said):
        Driver({}, genesis={"auth": {"accounts": accounts}})


def test_a_kind_of_account_that_is_not_here() -> None:
    vesting = {"@type": "/cosmos.vesting.v1beta1.PermanentLockedAccount"}
    with pytest.raises(InvalidAccounts, match="unknown kind"):
        Driver({}, genesis={"auth": {"accounts": [vesting]}})


def test_questions(chain: Driver) -> None:
    found = chain.query(QUERY + "Account", query.QueryAccountRequest(address=chain["alice"]))
    assert found.account.type_url == BASE
    info = chain.query(QUERY + "AccountInfo", query.QueryAccountInfoRequest(address=chain["bob"])).info
    assert (info.address, info.account_number, info.HasField("pub_key")) == (chain["bob"], 1, False)
    every = chain.query(QUERY + "Accounts", query.QueryAccountsRequest())
    assert (len(every.accounts), every.pagination.total) == (3, 3)
    by_id = chain.query(QUERY + "AccountAddressByID", query.QueryAccountAddressByIDRequest(account_id=1))
    assert by_id.account_address == chain["bob"]
    assert chain.query(QUERY + "Params", query.QueryParamsRequest()).params == DEFAULT_PARAMS
    modules = chain.query(QUERY + "ModuleAccounts", query.QueryModuleAccountsRequest()).accounts
    assert {packed.type_url for packed in modules} == {MODULE}
    by_name = query.QueryModuleAccountByNameRequest(name="fee_collector")
    assert chain.query(QUERY + "ModuleAccountByName", by_name).account in modules
    assert chain.query(QUERY + "Bech32Prefix", query.Bech32PrefixRequest()).bech32_prefix == "panacea"
    raw = query.AddressBytesToStringRequest(address_bytes=address_of("alice"))
    assert chain.query(QUERY + "AddressBytesToString", raw).address_string == chain["alice"]
    text = query.AddressStringToBytesRequest(address_string=chain["alice"])
    assert chain.query(QUERY + "AddressStringToBytes", text).address_bytes == address_of("alice")


@pytest.mark.parametrize(
    ("method", "request_", "said"),
    [
        ("Account", query.QueryAccountRequest(address="x"), "InvalidArgument"),
        ("Account", query.QueryAccountRequest(address=str(AUTHORITY)), "code = NotFound desc = account panacea1"),
        ("AccountAddressByID", query.QueryAccountAddressByIDRequest(account_id=9), "NotFound"),
        ("AccountAddressByID", query.QueryAccountAddressByIDRequest(id=1), "InvalidArgument"),
        ("ModuleAccountByName", query.QueryModuleAccountByNameRequest(name="x"), "NotFound"),
        ("AddressBytesToString", query.AddressBytesToStringRequest(), "InvalidArgument"),
    ],
)
def test_questions_without_an_answer(chain: Driver, method: str, request_: Any, said: str) -> None:
    result = chain.ask(QUERY + method, request_)
    assert said in result.log
    assert result.code == (22 if "NotFound" in said else 18)


def test_a_module_account_comes_back_from_genesis() -> None:
    chain = Driver({"alice": 1})
    exported = chain.app.export_genesis()["auth"]["accounts"]
    assert {"name": "fee_collector", "permissions": []}.items() <= next(
        each for each in exported if each["@type"] == MODULE
    ).items()


def test_the_invariant_sees_a_lost_number(chain: Driver) -> None:
    ctx = chain.ctx()
    invariant = chain.wiring.modules[0].invariants["numbers"]
    invariant(ctx)
    state.next_number.set(ctx, 1)
    with pytest.raises(AssertionError, match="counter"):
        invariant(ctx)
    state.numbers.delete(ctx, 0)
    with pytest.raises(AssertionError, match="differ in length"):
        invariant(ctx)


def test_a_key_is_kept_in_its_wire_form(chain: Driver) -> None:
    ctx, accounts = chain.ctx(), chain.wiring.accounts
    packed = pack_key(key_of("alice").public_key)
    accounts.set_public_key(ctx, accounts.get(ctx, address_of("alice")), packed)
    accounts.increment_sequence(ctx, address_of("alice"))
    assert accounts.get(ctx, address_of("alice")) == Account(address_of("alice"), 0, 1, packed)
