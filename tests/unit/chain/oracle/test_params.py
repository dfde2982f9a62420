from collections.abc import Callable
from typing import Any

import pytest
from chain_driver import Driver
from oracle_network import oracle_balances, oracle_genesis, platform

from panacea.attestation import Assurance
from panacea.chain.authority import AUTHORITY, InvalidAuthority
from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgUpdateParams, check_update_params, is_endpoint
from panacea.chain.oracle.params import Params, check_params, default_params, policy_of, require_change, require_fit
from panacea.chain.oracle.transitions import update_params
from panacea.chain.oracle.types import HARDWARE, SIMULATED, InvalidParams
from panacea.primitives.numbers import Dec

Edit = Callable[[Any], object]


def _set(**values: object) -> Edit:
    def edit(params: Any) -> None:
        for name, value in values.items():
            setattr(params, name, value)

    return edit


BAD: dict[str, Edit] = {
    "no threshold": _set(threshold=0),
    "threshold over size": _set(threshold=6),
    "no majority": _set(threshold=2),
    "half is no majority": _set(committee_size=4, threshold=2),
    "too large a committee": _set(committee_size=17, threshold=9),
    "certificates outlive the epoch": _set(epoch_blocks=799),
    "no epochs": _set(epoch_blocks=0),
    "margin as long as the window": _set(release_margin=600),
    "no window": _set(release_window=0),
    "no seat on a line": _set(max_seats_per_line=0),
    "no vendor": _set(min_vendors=0),
    "more vendors than seats": _set(min_vendors=6),
    "bonds out of reach too early": _set(unbonding_blocks=28_799),
    "a jail without end": _set(jail_blocks=2**63),
    "unbonding without end": _set(unbonding_blocks=2**64 - 1),
    "no anchors": _set(anchor_window=0),
    "too many anchors": _set(anchor_window=100_001),
    "no bond": lambda p: setattr(p.min_bond, "amount", "0"),
    "a negative bond": lambda p: setattr(p.min_bond, "amount", "-1"),
    "no coin": lambda p: setattr(p.min_bond, "denom", ""),
    "a negative cut": _set(max_undelivered_slash="-1"),
    "a cut that is no number": _set(max_undelivered_slash="much"),
    "a rate above one": _set(max_commission_rate=Dec.parse("1.1").to_wire()),
    "a negative rate": _set(max_commission_rate="-1"),
    "a rate that is no number": _set(max_commission_rate="0.2"),
    "a root's id": lambda p: p.policy.roots.add(key_id=bytes(47), kind=HARDWARE, vendor="a"),
    "a root twice": lambda p: [p.policy.roots.add(key_id=bytes(48), kind=HARDWARE, vendor="a") for _ in range(2)],
    "a root's kind": lambda p: p.policy.roots.add(key_id=bytes(48), vendor="a"),
    "a root's vendor": lambda p: p.policy.roots.add(key_id=bytes(48), kind=HARDWARE, vendor="a/b"),
    "a measurement's size": lambda p: p.policy.measurements.add(id=bytes(31)),
    "a measurement's span": lambda p: p.policy.measurements.add(id=bytes(32), from_height=5, to_height=4),
    "a measurement before all": lambda p: p.policy.measurements.add(id=bytes(32), from_height=-1),
    "a platform's size": lambda p: p.policy.platforms.append(bytes(31)),
    "a status of nothing": lambda p: p.policy.tcb_statuses.append(""),
    "too many denied": lambda p: p.policy.products_denied.extend(["x"] * 257),
    "too long an advisory": lambda p: p.policy.advisories_rejected.append("x" * 129),
}


@pytest.mark.parametrize("edit", BAD.values(), ids=BAD.keys())
def test_refused_on_every_chain(edit: Edit) -> None:
    params = default_params()
    edit(params)
    with pytest.raises(InvalidParams):
        check_update_params(MsgUpdateParams(authority=str(AUTHORITY), params=params))


def test_the_defaults_are_those_of_the_design_and_fit_every_chain() -> None:
    params = default_params()
    check_params(params)
    require_fit(params, "panacea-3")
    assert (params.epoch_blocks, params.committee_size, params.threshold) == (14_400, 5, 3)
    assert (params.max_seats_per_line, params.min_vendors, params.min_bond.amount) == (2, 2, "10000000000")
    assert (params.unbonding_blocks, params.jail_blocks) == (201_600, 14_400)
    assert (params.max_undelivered_slash, params.max_commission_rate) == ("100000000", "200000000000000000")
    assert (params.anchor_window, params.certificate_ttl, params.release_window) == (600, 200, 600)
    assert (params.release_margin, params.attestation_gas) == (20, 500_000)
    assert policy_of(params).tcb_statuses == {"UpToDate", "SWHardeningNeeded"}


TEST_ONLY: dict[str, Edit] = {
    "two members": _set(committee_size=2, threshold=2),
    "one vendor": _set(min_vendors=1),
    "a line that can open alone": _set(max_seats_per_line=3),
    "a simulated root": lambda p: p.policy.roots.add(key_id=bytes(48), kind=SIMULATED, vendor="a"),
}


@pytest.mark.parametrize("edit", TEST_ONLY.values(), ids=TEST_ONLY.keys())
@pytest.mark.parametrize("chain_id", ["panacea-3", "sim", "simulated-1", "Test-1", "my-test-1", ""])
def test_refused_where_data_may_be_real(edit: Edit, chain_id: str) -> None:
    params = default_params()
    edit(params)
    check_params(params)
    for test_chain in ("sim-1", "test-1"):
        require_fit(params, test_chain)
    with pytest.raises(InvalidParams):
        require_fit(params, chain_id)


def test_a_simulated_root_never_comes_later_on_any_chain() -> None:
    before, after = default_params(), default_params()
    before.policy.roots.add(key_id=b"a" * 48, kind=SIMULATED, vendor="a")
    after.CopyFrom(before)
    require_change(before, after)
    after.policy.roots.add(key_id=b"b" * 48, kind=HARDWARE, vendor="b")
    require_change(before, after)
    after.policy.roots[1].kind = SIMULATED
    with pytest.raises(InvalidParams):
        require_change(before, after)
    after.policy.ClearField("roots")
    require_change(before, after)
    with pytest.raises(InvalidParams):
        require_change(after, before)


def test_a_simulated_root_never_turns_into_hardware() -> None:
    before, after = default_params(), default_params()
    before.policy.roots.add(key_id=b"a" * 48, kind=SIMULATED, vendor="a")
    after.policy.roots.add(key_id=b"a" * 48, kind=HARDWARE, vendor="a")
    with pytest.raises(InvalidParams):
        require_change(before, after)


def test_epochs_keep_their_length() -> None:
    after = default_params()
    after.epoch_blocks += 1
    with pytest.raises(InvalidParams):
        require_change(default_params(), after)


def test_update() -> None:
    chain = Driver({}, genesis={"oracle": oracle_genesis()})
    ctx = chain.ctx()
    params: Params = state.params.get(ctx)
    params.jail_blocks = 77
    update_params(ctx, MsgUpdateParams(authority=str(AUTHORITY), params=params))
    assert state.params.get(ctx).jail_blocks == 77
    params.policy.roots.add(key_id=bytes(48), kind=SIMULATED, vendor="late")
    with pytest.raises(InvalidParams):
        update_params(ctx, MsgUpdateParams(authority=str(AUTHORITY), params=params))
    assert state.params.get(ctx).jail_blocks == 77
    params.policy.roots.pop()
    with pytest.raises(InvalidAuthority):
        update_params(ctx, MsgUpdateParams(authority=chain["alice"], params=params))


def test_nobody_but_governance_updates() -> None:
    chain = Driver(oracle_balances(1), genesis={"oracle": oracle_genesis()})
    params = state.params.get(chain.ctx())
    result = chain.tx("oracle-0", MsgUpdateParams(authority=chain["oracle-0"], params=params))
    assert (result.codespace, result.code) == ("gov", 13)


def test_the_policy_keeps_its_meaning() -> None:
    chain = Driver({}, genesis={"oracle": oracle_genesis()})
    policy = policy_of(state.params.get(chain.ctx()))
    assert policy.roots[platform(0).root_key_id].kind is Assurance.SIMULATED
    assert {root.vendor for root in policy.roots.values()} == {"simulated-a", "simulated-b"}


@pytest.mark.parametrize(
    ("url", "on_test", "on_real"),
    [
        ("https://a.example", True, True),
        ("https://a.example:8480/v3", True, True),
        ("https://[2001:db8::1]:1/", True, True),
        ("http://a.example", True, False),
        ("HTTPS://a.example", False, False),
        ("https://a.example/?q", False, False),
        ("https://user@a.example", False, False),
        ("https://", False, False),
        ("file:///x", False, False),
    ],
)
def test_endpoints(url: str, on_test: bool, on_real: bool) -> None:
    assert is_endpoint(url, "test-1") is on_test
    assert is_endpoint(url, "panacea-3") is on_real
