"""Oracles register and refresh with genuine simulated evidence, which the chain verifies from end to end."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver, address_of
from oracle_network import (
    BOND,
    CREATED,
    MEASUREMENT,
    PLENTY,
    NetworkOracle,
    block_hash,
    new_oracle,
    oracle_balances,
    oracle_genesis,
    oracle_name,
    platform,
    post_collateral,
    registration,
)

from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgLeaveOracle, MsgRefreshOracle
from panacea.chain.oracle.roster import Roster
from panacea.chain.oracle.types import ACTIVE, JAILED, NAME, SIMULATED
from panacea.chain.results import TxResult
from panacea.primitives.address import Address
from panacea.primitives.numbers import Dec
from panacea.simulated import Platform

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission


@pytest.fixture
def chain() -> Driver:
    chain = Driver(oracle_balances(3), genesis={"oracle": oracle_genesis()})
    post_collateral(chain, "oracle-0")
    return chain


def register(chain: Driver, oracle: NetworkOracle, keys: "KeySubmission", bond: int = BOND) -> TxResult:
    return chain.tx(oracle.name, registration(chain, oracle, keys, bond), gas=PLENTY)


def refresh(chain: Driver, oracle: NetworkOracle, keys: "KeySubmission") -> TxResult:
    return chain.tx(oracle.name, MsgRefreshOracle(operator=oracle.address, keys=keys), gas=PLENTY)


def registered(chain: Driver, number: int = 0) -> NetworkOracle:
    oracle = new_oracle(chain, number)
    result = register(chain, oracle, oracle.submission(chain))
    assert result.code == 0, result.log
    return oracle


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def events(result: TxResult) -> list[tuple[str, dict[str, str]]]:
    own = [event for event in result.events if event.type.startswith("panacea.oracle.v3.")]
    return [(event.type.rpartition(".")[2], dict(event.attributes)) for event in own]


def test_register(chain: Driver) -> None:
    oracle = new_oracle(chain, 0)
    keys = oracle.submission(chain, commission="0.05")
    result = register(chain, oracle, keys)
    assert result.code == 0, result.log
    told = dict(events(result))["EventOracleRegistered"]
    assert (told["oracle"], told["epoch"]) == (f'"{oracle.address}"', '"0"')
    kept = state.get_oracle(chain.ctx(), Address.parse(oracle.address))
    assert (kept.status, kept.bond.amount, kept.registered_height) == (ACTIVE, str(BOND), chain.height)
    assert chain.balance(Address.module(NAME)) == BOND
    key = Roster(chain.wiring.bank).find_key(chain.ctx(), oracle.address, 0)
    assert key is not None
    assert (key.measurement, key.kind, key.vendor) == (MEASUREMENT, SIMULATED, "simulated-a")
    assert (key.product_line, key.commission_rate) == ("simulated-a/a06d", Dec.parse("0.05").to_wire())
    assert key.signing_key == oracle.signing_key.public_key.raw
    assert key.evidence_sha256 == hashlib.sha256(keys.evidence.blob).digest()
    chain.check_invariants()


def test_attestation_is_paid_before_it_is_done(chain: Driver) -> None:
    oracle = new_oracle(chain, 0)
    keys = oracle.submission(chain)
    keys.evidence.blob = b"not a quote"
    poor = chain.tx(oracle.name, registration(chain, oracle, keys), gas=400_000)
    assert (code(poor), "attestation" in poor.log) == ("sdk/11", True)
    assert code(register(chain, oracle, keys)) == "oracle/4"


def test_twice(chain: Driver) -> None:
    oracle = registered(chain)
    assert code(register(chain, oracle, oracle.submission(chain))) == "oracle/3"


Make = Callable[[Driver, NetworkOracle], "KeySubmission"]


def _with(**values: Any) -> Make:
    """Keys that are changed before they are attested: the enclave itself says so."""

    def make(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
        keys = oracle.submission(chain)
        for name, value in values.items():
            setattr(keys, name, value)
        return oracle.attest(chain, keys, oracle.enclave())

    return make


def _after(**values: Any) -> Make:
    """Keys that are changed after they were attested."""

    def make(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
        keys = oracle.submission(chain)
        for name, value in values.items():
            setattr(keys, name, value)
        return keys

    return make


def _debug(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    return oracle.submission(chain, enclave=oracle.enclave(debug=True))


def _other_program(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    return oracle.submission(chain, enclave=oracle.enclave(measurement=bytes(32)))


def _foreign_root(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    foreign = Platform(bytes(32), "simulated-a", platform(0).fmspc, CREATED)
    return oracle.submission(chain, enclave=foreign.enclave(MEASUREMENT, platform_seed=b"machine"))


def _tdx_of_a_program_nobody_listed(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    enclave = platform(0).enclave(bytes(48), platform_seed=b"machine", kind="tdx")
    return oracle.submission(chain, enclave=enclave)


def _other_account(chain: Driver, _: NetworkOracle) -> "KeySubmission":
    return new_oracle(chain, 1).submission(chain)


def _other_key(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    keys = oracle.submission(chain)
    keys.signing_key = oracle.at(9).signing_key.public_key.raw
    return keys


def _other_sealing_key(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    keys = oracle.submission(chain)
    keys.hpke_key.public_key = oracle.at(9).hpke_key.public_key
    return keys


def _suite(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    keys = oracle.submission(chain)
    keys.hpke_key.suite = 2
    return keys


def _one_bit(chain: Driver, oracle: NetworkOracle) -> "KeySubmission":
    keys = oracle.submission(chain)
    blob = bytearray(keys.evidence.blob)
    blob[48] ^= 1  # the quote's header and body are signed
    keys.evidence.blob = bytes(blob)
    return keys


REFUSALS: dict[str, tuple[Make, str, str]] = {
    "debug": (_debug, "oracle/4", "debug is enabled"),
    "another program": (_other_program, "oracle/4", "measurement not allowed"),
    "a foreign root": (_foreign_root, "oracle/4", "root not listed"),
    "a trust domain": (_tdx_of_a_program_nobody_listed, "oracle/4", "measurement not allowed"),
    "one bit": (_one_bit, "oracle/4", "signature refused"),
    "an unknown kind": (
        lambda chain, oracle: _kind(oracle.submission(chain), "nitro"),
        "oracle/4",
        "unsupported evidence kind",
    ),
    "another account's evidence": (_other_account, "oracle/15", ""),
    "another signing key": (_other_key, "oracle/15", ""),
    "another sealing key": (_other_sealing_key, "oracle/15", ""),
    "another endpoint": (_after(endpoint="https://elsewhere.example"), "oracle/15", ""),
    "an anchor in the future": (_with(trusted_height=10_000), "oracle/6", ""),
    "an anchor before the first block": (_with(trusted_height=0), "oracle/6", ""),
    "a negative anchor": (_with(trusted_height=-1), "oracle/6", ""),
    "an anchor of another chain": (_with(trusted_hash=bytes(32)), "oracle/6", ""),
    "the next epoch too early": (_with(epoch=1), "oracle/7", ""),
    "an epoch after the next": (_with(epoch=2), "oracle/7", ""),
    "too high a commission": (_with(commission_rate=Dec.parse("0.2000001").to_wire()), "oracle/9", ""),
    "a negative commission": (_with(commission_rate="-1"), "oracle/9", ""),
    "a commission that is no number": (_with(commission_rate="0.02"), "sdk/2", ""),
    "no signing key": (_with(signing_key=b""), "oracle/16", ""),
    "an uncompressed key": (_with(signing_key=b"\x04" + bytes(32)), "oracle/16", ""),
    "a suite nobody knows": (_suite, "oracle/16", ""),
    "no endpoint": (_with(endpoint=""), "oracle/16", ""),
    "an endpoint that is a file": (_with(endpoint="file:///etc/passwd"), "oracle/16", ""),
    "no evidence": (lambda chain, oracle: _blob(oracle.submission(chain), b""), "oracle/4", "1 byte to 16 KiB"),
    "too much evidence": (
        lambda chain, oracle: _blob(oracle.submission(chain), bytes(16 * 1024 + 1)),
        "oracle/4",
        "1 byte to 16 KiB",
    ),
}


def _kind(keys: "KeySubmission", kind: str) -> "KeySubmission":
    keys.evidence.kind = kind
    return keys


def _blob(keys: "KeySubmission", blob: bytes) -> "KeySubmission":
    keys.evidence.blob = blob
    return keys


@pytest.mark.parametrize(("make", "expected", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_refusals(chain: Driver, make: Make, expected: str, reason: str) -> None:
    oracle = new_oracle(chain, 0)
    result = register(chain, oracle, make(chain, oracle))
    assert code(result) == expected, result.log
    assert reason in result.log
    assert not dict(state.oracles.items(chain.ctx()))
    chain.check_invariants()


@pytest.mark.parametrize(("bond", "expected"), [(BOND - 1, "oracle/8"), (0, "oracle/8"), (11 * BOND, "sdk/5")])
def test_bonds(chain: Driver, bond: int, expected: str) -> None:
    oracle = new_oracle(chain, 0)
    assert code(register(chain, oracle, oracle.submission(chain), bond)) == expected


def test_a_bond_in_another_coin(chain: Driver) -> None:
    oracle = new_oracle(chain, 0)
    message = registration(chain, oracle, oracle.submission(chain))
    message.bond.denom = "uatom"
    assert code(chain.tx(oracle.name, message, gas=PLENTY)) == "oracle/8"


def test_one_seat_a_platform(chain: Driver) -> None:
    first, second = registered(chain), new_oracle(chain, 1)
    squeezed = second.submission(chain, enclave=first.enclave())
    assert code(register(chain, second, squeezed)) == "oracle/5"


def test_without_collateral() -> None:
    chain = Driver(oracle_balances(1), genesis={"oracle": oracle_genesis()})
    oracle = new_oracle(chain, 0)
    result = register(chain, oracle, oracle.submission(chain))
    assert (code(result), "TCB_INFO" in result.log) == ("oracle/12", True)


def test_stale_collateral(chain: Driver) -> None:
    chain.advance(31 * 86_400)
    oracle = new_oracle(chain, 0)
    result = register(chain, oracle, oracle.submission(chain))
    assert (code(result), "not valid at this time" in result.log) == ("oracle/4", True)


def test_the_anchor_window(chain: Driver) -> None:
    anchor = chain.height
    oracle = new_oracle(chain, 0)
    keys = oracle.submission(chain)
    chain.advance(0, blocks=49)
    late = oracle.submission(chain, anchor=anchor - 1)
    assert block_hash(chain, anchor) != bytes(32)
    assert code(register(chain, oracle, late)) == "oracle/6"
    assert code(register(chain, oracle, keys)) == "oracle/6"
    assert len(dict(state.anchors.items(chain.ctx()))) == 50
    oldest = oracle.submission(chain, anchor=chain.height - 49)
    assert register(chain, oracle, oldest).code == 0


def test_plain_http_is_for_test_chains(chain: Driver) -> None:
    oracle = new_oracle(chain, 0)
    keys = oracle.submission(chain)
    keys.endpoint = "http://127.0.0.1:8480"
    assert register(chain, oracle, oracle.attest(chain, keys, oracle.enclave())).code == 0


def test_refresh_within_the_epoch_keeps_the_commission(chain: Driver) -> None:
    oracle = registered(chain)
    keys = oracle.submission(chain, commission="0.10")
    keys.signing_key = oracle.at(77).signing_key.public_key.raw
    result = refresh(chain, oracle, oracle.attest(chain, keys, oracle.enclave()))
    assert result.code == 0, result.log
    assert events(result)[0][0] == "EventOracleRefreshed"
    key = state.keys.find(chain.ctx(), (Address.parse(oracle.address), 0))
    assert key is not None
    assert (key.signing_key, key.height) == (keys.signing_key, chain.height)
    assert key.commission_rate == Dec.parse("0.02").to_wire()


def test_the_next_epoch_opens_at_half_time(chain: Driver) -> None:
    oracle = registered(chain)
    following = oracle.at(1)
    chain.advance(0, blocks=98 - chain.height)
    assert code(refresh(chain, following, following.submission(chain))) == "oracle/7"
    assert chain.height == 99
    assert refresh(chain, following, following.submission(chain, commission="0.10")).code == 0
    key = state.keys.find(chain.ctx(), (Address.parse(oracle.address), 1))
    assert key is not None
    assert key.commission_rate == Dec.parse("0.10").to_wire()
    chain.advance(0, blocks=200 - chain.height)
    assert code(refresh(chain, oracle, oracle.submission(chain))) == "oracle/7"


def test_refresh_refusals(chain: Driver) -> None:
    stranger = new_oracle(chain, 1)
    assert code(refresh(chain, stranger, stranger.submission(chain))) == "oracle/2"
    oracle = registered(chain)
    moved = platform(0).enclave(MEASUREMENT, platform_seed=b"another machine")
    assert code(refresh(chain, oracle, oracle.submission(chain, enclave=moved))) == "oracle/5"
    chain.ok(oracle.name, MsgLeaveOracle(operator=oracle.address))
    assert code(refresh(chain, oracle, oracle.submission(chain))) == "oracle/10"


def jailed(chain: Driver, number: int, *, until: int, bond: int = BOND) -> Driver:
    """The same network begun again with this oracle in jail."""
    document = chain.app.export_genesis()["oracle"]
    document["oracles"][0] |= {"status": "ORACLE_STATUS_JAILED", "jailed_until": str(until)}
    document["oracles"][0]["bond"]["amount"] = str(bond)
    again = Driver(
        {**oracle_balances(1), oracle_name(number): BOND},
        genesis={"oracle": document, "bank": _bank(bond, number)},
    )
    post_collateral(again, oracle_name(number))
    return again


def _bank(bond: int, number: int) -> dict[str, Any]:
    holders = {str(Address.module(NAME)): bond, str(address_of(oracle_name(number))): BOND}
    return {
        "balances": [
            {"address": address, "coins": [{"denom": "umed", "amount": str(amount)}] if amount else []}
            for address, amount in holders.items()
        ]
    }


def test_jail_ends_by_a_refresh(chain: Driver) -> None:
    oracle = registered(chain)
    again = jailed(chain, 0, until=10)
    again.advance(0, blocks=9 - again.height)
    assert code(refresh(again, oracle, oracle.submission(again))) == "oracle/13"
    assert again.height == 10
    assert refresh(again, oracle, oracle.submission(again)).code == 0
    kept = state.get_oracle(again.ctx(), Address.parse(oracle.address))
    assert (kept.status, kept.jailed_until) == (ACTIVE, 0)


def test_jail_does_not_end_with_too_small_a_bond(chain: Driver) -> None:
    oracle = registered(chain)
    again = jailed(chain, 0, until=1, bond=BOND - 1)
    assert code(refresh(again, oracle, oracle.submission(again))) == "oracle/8"
    assert state.get_oracle(again.ctx(), Address.parse(oracle.address)).status == JAILED


def test_two_spellings_of_an_address_are_not_two_oracles(chain: Driver) -> None:
    oracle, roster = registered(chain), Roster(chain.wiring.bank)
    assert roster.find_oracle(chain.ctx(), oracle.address) is not None
    for spelling in (oracle.address.upper(), oracle.address[:-1], ""):
        assert roster.find_oracle(chain.ctx(), spelling) is None
        assert roster.find_key(chain.ctx(), spelling, 0) is None
