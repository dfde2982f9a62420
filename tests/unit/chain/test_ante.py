import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from chain_driver import Driver, address_of, key_of

from panacea.chain.ante import FREE_GAS
from panacea.chain.app import wire
from panacea.chain.bank.messages import MsgSend
from panacea.chain.coins import CoinMessage, write_coins
from panacea.chain.context import Context
from panacea.chain.results import Settings, TxResult
from panacea.chain.signatures import DIRECT_AUX
from panacea.chain.transaction import Transaction
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins
from panacea.primitives.numbers import Dec
from panacea.wire.any import PackedMessage, pack
from panacea.wire.build import AMINO_JSON, build_tx
from panacea.wire.tx import decode_tx, sign_bytes_direct, sign_bytes_direct_aux


@pytest.fixture
def chain() -> Driver:
    return Driver({"alice": 1000, "bob": 50})


def send(chain: Driver, sender: str, recipient: str, amount: int = 5) -> MsgSend:
    return MsgSend(from_address=chain[sender], to_address=chain[recipient], amount=write_coins(Coins.of(amount)))


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


Edit = Callable[[Any, Any], object]
OPTION = pack(CoinMessage())


def fee_of(*amounts: tuple[str, str]) -> Edit:
    def edit(_body: Any, auth: Any) -> None:
        del auth.fee.amount[:]
        auth.fee.amount.extend(CoinMessage(denom=denom, amount=amount) for denom, amount in amounts)

    return edit


def test_a_fee_goes_to_the_collector_and_sequences_are_used(chain: Driver) -> None:
    result = chain.ok("alice", send(chain, "alice", "bob"), fee=7)
    assert chain.balance(Address.module("fee_collector")) == 7
    assert chain.account("alice") == (0, 1)
    assert [event.type for event in result.events[:5]] == [
        "coin_spent", "coin_received", "transfer", "message", "tx",
    ]  # fmt: skip
    assert result.events[4].attributes == (("fee", "7umed"), ("fee_payer", chain["alice"]))
    assert result.events[5].attributes == (("acc_seq", f"{chain['alice']}/0"),)


def test_amino_json_signs_as_well(chain: Driver) -> None:
    chain.ok("alice", send(chain, "alice", "bob"), mode=AMINO_JSON, memo="<&>")


def test_a_second_transaction_may_wait_behind_the_first(chain: Driver) -> None:
    first = chain.sign("alice", send(chain, "alice", "bob"))
    second = chain.sign("alice", send(chain, "alice", "bob"), ahead=1)
    assert [chain.app.check_tx(raw).code for raw in (first, second)] == [0, 0]
    assert [result.code for result in chain.block(first, second).tx_results] == [0, 0]


def test_what_was_included_cannot_be_replayed(chain: Driver) -> None:
    raw = chain.sign("alice", send(chain, "alice", "bob"))
    assert [code(result) for result in chain.block(raw, raw).tx_results] == ["/0", "sdk/32"]
    result = chain.block(raw).tx_results[0]
    assert result.log.startswith("account sequence mismatch, expected 1, got 0")


def test_a_refused_transaction_leaves_nothing_behind(chain: Driver) -> None:
    before = chain.app.export_genesis()
    assert code(chain.tx("alice", send(chain, "alice", "bob"), fee=5, ahead=1)) == "sdk/32"
    assert chain.app.export_genesis() == before


def test_a_failed_message_costs_the_fee_and_the_sequence(chain: Driver) -> None:
    result = chain.tx("alice", send(chain, "alice", "bob"), send(chain, "alice", "bob", 5000), fee=10)
    assert code(result) == "sdk/5"
    assert result.log == (
        "failed to execute message; message index: 1: "
        "spendable balance 985umed is smaller than 5000umed: insufficient funds"
    )
    assert result.data == b""
    assert (chain.balance("alice"), chain.balance("bob"), chain.account("alice")) == (990, 50, (0, 1))


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no fee", {"edit": lambda _, auth: auth.ClearField("fee")}, "undefined/1", "fee is not set"),
    ("gas", {"gas": 2**63}, "sdk/18", "invalid gas supplied"),
    ("no gas", {"gas": 0}, "sdk/11", "ReadFlat"),
    ("negative fee", {"edit": fee_of(("umed", "-1"))}, "sdk/13", "invalid fee provided"),
    ("fee in words", {"edit": fee_of(("umed", "five"))}, "sdk/2", "tx parse error"),
    ("unsorted fee", {"edit": fee_of(("umed", "1"), ("a01", "1"))}, "sdk/13", "invalid fee amount"),
    ("timeout", {"timeout_height": 1}, "sdk/30", "block height: 2, timeout height: 1"),
    ("memo", {"memo": "é" * 200}, "sdk/12", "maximum number of characters is 256 but received 400"),
    ("fee beyond funds", {"fee": 2000}, "sdk/5", "smaller than 2000umed: insufficient funds: insufficient funds"),
    ("no grant", {"granter": "bob", "fee": 1}, "sdk/38", "does not allow to pay fees for"),
    ("two infos", {"edit": lambda _, auth: auth.signer_infos.append(auth.signer_infos[0])}, "sdk/4", "expected: 1"),
    ("no infos", {"edit": lambda _, auth: auth.ClearField("signer_infos")}, "sdk/4", "expected: 1, got 0"),
    ("no mode", {"edit": lambda _, auth: auth.signer_infos[0].ClearField("mode_info")}, "sdk/4", "without a mode"),
    ("no key", {"edit": lambda _, auth: auth.signer_infos[0].ClearField("public_key")}, "sdk/8", "<nil>"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "codes", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_refusals(chain: Driver, options: dict[str, Any], codes: str, said: str) -> None:
    result = chain.tx("alice", send(chain, "alice", "bob"), **options)
    assert (code(result), said in result.log) == (codes, True), result.log
    assert not result.events
    chain.check_invariants()


def test_a_transaction_is_still_valid_in_its_timeout_block(chain: Driver) -> None:
    chain.ok("alice", send(chain, "alice", "bob"), timeout_height=2)


def test_a_fee_of_zeros_is_no_fee(chain: Driver) -> None:
    chain.ok("alice", send(chain, "alice", "bob"), edit=fee_of(("umed", "0"), ("umed", "0")))


def test_somebody_without_an_account_cannot_pay(chain: Driver) -> None:
    result = chain.tx("nobody", send(chain, "nobody", "bob"))
    assert (code(result), result.log) == (
        "sdk/9",
        f"fee payer address: {chain['nobody']} does not exist: unknown address",
    )


def test_the_payer_signs_after_the_others_and_pays(chain: Driver) -> None:
    chain.ok(["alice", "bob"], send(chain, "alice", "bob"), fee=20, payer="bob")
    assert (chain.balance("alice"), chain.balance("bob")) == (995, 35)


def test_the_wrong_number_of_signatures(chain: Driver) -> None:
    result = chain.tx("alice", send(chain, "alice", "bob"), send(chain, "bob", "alice"))
    assert (code(result), "expected 2, got 1" in result.log) == ("sdk/4", True)
    wire = decode_tx(chain.sign("alice", send(chain, "alice", "bob")))
    result = chain.block(build_tx(wire.body_bytes, wire.auth_info_bytes, [])).tx_results[0]
    assert code(result) == "sdk/15"


def test_the_key_of_somebody_else(chain: Driver) -> None:
    key = pack(type(decode_tx(chain.sign("bob", send(chain, "bob", "alice"))).public_keys[0] or CoinMessage())(
        key=key_of("bob").public_key.raw
    ))  # fmt: skip
    result = chain.tx(
        "alice", send(chain, "alice", "bob"), edit=lambda _, auth: auth.signer_infos[0].public_key.CopyFrom(key)
    )
    assert (code(result), "signer index: 0" in result.log) == ("sdk/8", True)


@pytest.mark.parametrize("type_url", ["/cosmos.crypto.secp256r1.PubKey", "/cosmos.crypto.ed25519.PubKey"])
def test_other_kinds_of_keys_are_refused(chain: Driver, type_url: str) -> None:
    key = PackedMessage(type_url=type_url, value=b"\x0a\x20" + b"\x02" * 32)
    result = chain.tx(
        "alice", send(chain, "alice", "bob"), edit=lambda _, auth: auth.signer_infos[0].public_key.CopyFrom(key)
    )
    assert code(result) == "sdk/8"


def test_every_flipped_bit_of_a_signature_is_refused(chain: Driver) -> None:
    wire = decode_tx(chain.sign("alice", send(chain, "alice", "bob")))
    for at in range(0, 64, 9):
        signature = bytearray(wire.signatures[0])
        signature[at] ^= 1
        result = chain.block(build_tx(wire.body_bytes, wire.auth_info_bytes, [bytes(signature)])).tx_results[0]
        assert code(result) == "sdk/4"
        assert result.log.startswith(
            "signature verification failed; please verify account number (0) and chain-id (test-1)"
        )


def test_a_signature_for_another_chain_or_number_is_refused(chain: Driver) -> None:
    wire = decode_tx(chain.sign("alice", send(chain, "alice", "bob")))
    for chain_id, number in (("test-2", 0), ("test-1", 1)):
        payload = sign_bytes_direct(wire.body_bytes, wire.auth_info_bytes, chain_id=chain_id, account_number=number)
        signature = key_of("alice").sign(hashlib.sha256(payload).digest())
        result = chain.block(build_tx(wire.body_bytes, wire.auth_info_bytes, [signature])).tx_results[0]
        assert code(result) == "sdk/4"


def test_the_complaint_about_amino_names_the_sequence(chain: Driver) -> None:
    wire = decode_tx(chain.sign("alice", send(chain, "alice", "bob"), mode=AMINO_JSON))
    result = chain.block(build_tx(wire.body_bytes, wire.auth_info_bytes, [b"\x01" * 64])).tx_results[0]
    assert result.log == (
        "signature verification failed; "
        "please verify account number (0), sequence (0) and chain-id (test-1): unauthorized"
    )


def test_a_key_stays_and_need_not_be_shown_again(chain: Driver) -> None:
    chain.ok("alice", send(chain, "alice", "bob"))
    chain.ok("alice", send(chain, "alice", "bob"), edit=lambda _, auth: auth.signer_infos[0].ClearField("public_key"))
    account = chain.wiring.accounts.get(chain.ctx(), address_of("alice"))
    assert account.public_key.endswith(key_of("alice").public_key.raw)


def test_too_many_signatures() -> None:
    chain = Driver({"alice": 10, "bob": 10}, genesis={"auth": {"params": {"tx_sig_limit": "1"}}})
    result = chain.tx(["alice", "bob"], send(chain, "alice", "bob", 1), send(chain, "bob", "alice", 1))
    assert (code(result), result.log.startswith("signatures: 2, limit: 1")) == ("sdk/14", True)


def test_more_gas_than_a_block_has() -> None:
    chain = Driver({"alice": 10, "bob": 10}, consensus_params={"block": {"max_gas": "100000"}})
    result = chain.tx("alice", send(chain, "alice", "bob", 1), gas=100_001)
    assert (code(result), "tx gas limit 100001 exceeds block max gas 100000" in result.log) == ("sdk/41", True)
    chain.ok("alice", send(chain, "alice", "bob", 1), gas=100_000)


def test_a_checked_transaction_needs_the_fee_of_this_node() -> None:
    prices = (("umed", Dec.parse("0.025")), ("uother", Dec.parse("0")))
    chain = Driver({"alice": 100_000, "bob": 0}, settings=Settings("test-1", min_gas_prices=prices))
    short, enough = (chain.sign("alice", send(chain, "alice", "bob"), gas=100_001, fee=fee) for fee in (2500, 2501))
    result = chain.app.check_tx(short)
    assert (code(result), "got: 2500umed required: 2501umed,0uother" in result.log) == ("sdk/13", True)
    assert chain.app.check_tx(enough).code == 0
    assert chain.block(short).tx_results[0].code == 0, "it is this node's wish, not a rule of the chain"
    assert chain.app.check_tx(enough, recheck=True).code == 32


def test_some_transactions_are_free_of_the_nodes_fee() -> None:
    asked: list[int] = []

    def is_free(ctx: Context, tx: Transaction) -> bool:
        asked.append(ctx.gas.consumed)
        return tx.signers == (address_of("alice"),)

    settings = Settings("test-1", min_gas_prices=(("umed", Dec.parse("1")),))
    chain = Driver({"alice": 10, "bob": 10}, wiring=replace(wire(), free_of_fee=(is_free,)), settings=settings)
    check = chain.app.check_tx
    assert check(chain.sign("alice", send(chain, "alice", "bob", 1), gas=FREE_GAS)).code == 0
    assert check(chain.sign("alice", send(chain, "alice", "bob", 1), gas=FREE_GAS + 1, ahead=1)).code == 13
    assert check(chain.sign("alice", send(chain, "alice", "bob", 1), gas=FREE_GAS, fee=1, ahead=1)).code == 13
    assert check(chain.sign("bob", send(chain, "bob", "alice", 1), gas=FREE_GAS)).code == 13
    assert asked == [0, 0], "asked only about what pays nothing, on a meter of its own"


def test_a_simulation_pays_for_signatures_to_come(chain: Driver) -> None:
    wire = decode_tx(chain.sign("alice", send(chain, "alice", "bob")))
    signed = chain.app.simulate(wire.raw)
    unsigned = chain.app.simulate(build_tx(wire.body_bytes, wire.auth_info_bytes, [b""]))
    assert unsigned.code == 0, unsigned.log
    # 112 bytes stand for the 64 that are not there; to know the kind of the key, the account is read.
    entry = chain.ctx().kv("acc").get(b"\x01" + address_of("alice"))
    assert entry is not None
    assert unsigned.gas_used - signed.gas_used == 10 * (112 - 64) + 1000 + 3 * (21 + len(entry))


def test_a_critical_extension_is_refused(chain: Driver) -> None:
    raw = chain.sign("alice", send(chain, "alice", "bob"), edit=lambda body, _: body.extension_options.append(OPTION))
    assert code(chain.block(raw).tx_results[0]) == "sdk/31"
    chain.ok(
        "alice",
        send(chain, "alice", "bob"),
        edit=lambda body, _: body.non_critical_extension_options.append(OPTION),
    )


def test_an_auxiliary_signer_does_not_sign_the_fee(chain: Driver) -> None:
    def aux(index: int) -> Edit:
        return lambda _, auth: setattr(auth.signer_infos[index].mode_info.single, "mode", DIRECT_AUX)

    messages = send(chain, "alice", "bob"), send(chain, "bob", "alice", 1)
    wire = decode_tx(chain.sign(["alice", "bob"], *messages, edit=aux(1)))
    payload = sign_bytes_direct_aux(wire, 1, chain_id="test-1", account_number=1)
    signature = key_of("bob").sign(hashlib.sha256(payload).digest())
    result = chain.block(build_tx(wire.body_bytes, wire.auth_info_bytes, [wire.signatures[0], signature])).tx_results[0]
    assert result.code == 0, result.log
    for edit in (aux(0), lambda _, auth: setattr(auth.signer_infos[0].mode_info.single, "mode", 2)):
        result = chain.tx(["alice", "bob"], *messages, edit=edit)
        assert (code(result), "is not supported here" in result.log) == ("sdk/4", True)


def test_few_signatures_are_remembered(chain: Driver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panacea.chain.ante._REMEMBERED", 1)
    for _ in range(3):
        raw = chain.sign("alice", send(chain, "alice", "bob"))
        assert chain.app.check_tx(raw).code == 0
        assert chain.block(raw).tx_results[0].code == 0


def test_gas_does_not_depend_on_the_mode(chain: Driver) -> None:
    raw = chain.sign("alice", send(chain, "alice", "bob"), fee=1, ahead=1)
    checked, delivered = chain.app.check_tx(raw), chain.block(raw).tx_results[0]
    assert (checked.code, checked.gas_used) == (delivered.code, delivered.gas_used) == (32, checked.gas_used)
