"""Parameters: their defaults, which are valid, and the attestation policy among them."""

import re
from typing import TYPE_CHECKING

from panacea import attestation
from panacea.chain.coins import read_coin
from panacea.chain.oracle.types import HARDWARE, SIMULATED, InvalidParams
from panacea.primitives.chain_id import is_test_chain
from panacea.primitives.numbers import Dec, parse_int
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import AttestationPolicy, Params
else:
    AttestationPolicy, Params = load("panacea.oracle.v3", "AttestationPolicy", "Params")

MAX_SEATS = 16
MAX_BLOCKS = 1_000_000_000
"""No span of blocks is longer, so that no height computed from one leaves 63 bits."""
MAX_ANCHORS = 100_000
MAX_LISTED, MAX_PLATFORMS = 256, 10_000
_VENDOR = re.compile(r"[A-Za-z0-9._-]{1,64}")
_TEXT_BYTES = 128


def default_params() -> Params:
    """The parameters of a new chain; its policy believes nobody yet."""
    params = Params(
        epoch_blocks=14_400,
        committee_size=5,
        threshold=3,
        max_seats_per_line=2,
        min_vendors=2,
        unbonding_blocks=201_600,
        jail_blocks=14_400,
        max_undelivered_slash="100000000",
        max_commission_rate=Dec.parse("0.20").to_wire(),
        anchor_window=600,
        certificate_ttl=200,
        release_window=600,
        release_margin=20,
        attestation_gas=500_000,
        policy=AttestationPolicy(tcb_statuses=["UpToDate", "SWHardeningNeeded"]),
    )
    params.min_bond.denom, params.min_bond.amount = "umed", "10000000000"
    return params


def policy_of(params: Params) -> attestation.Policy:
    """The policy as the appraisal knows it."""
    policy = params.policy
    return attestation.Policy(
        roots={
            root.key_id: attestation.Root(attestation.Assurance(int(root.kind)), root.vendor) for root in policy.roots
        },
        measurements=tuple(
            attestation.MeasurementRule(rule.id, rule.from_height, rule.to_height) for rule in policy.measurements
        ),
        products_denied=frozenset(policy.products_denied),
        tcb_statuses=frozenset(policy.tcb_statuses),
        min_tcb_evaluation=policy.min_tcb_evaluation,
        advisories_rejected=frozenset(policy.advisories_rejected),
        registry_required=policy.registry_required,
        platforms=frozenset(policy.platforms),
    )


def check_params(params: Params) -> None:
    """Refuse parameters that no chain may have (exchange, §10).

    Raises:
        InvalidParams: naming the rule that is broken.
    """
    _check_lengths(params)
    n, t = params.committee_size, params.threshold
    _require(1 <= t <= n <= MAX_SEATS, "1 <= threshold <= committee_size <= 16")
    _require(2 * t > n, "threshold is a majority of the committee")
    _require(params.max_seats_per_line >= 1, "max_seats_per_line")
    _require(1 <= params.min_vendors <= n, "min_vendors")
    try:
        bond, most = read_coin(params.min_bond), Dec.from_wire(params.max_commission_rate)
        slash = parse_int(params.max_undelivered_slash or "0")
    except Rejected as no:
        raise InvalidParams(str(no)) from no
    _require(bond.amount > 0, "min_bond")
    _require(slash >= 0, "max_undelivered_slash")
    _require(Dec.of(0) <= most <= Dec.of(1), "max_commission_rate is between 0 and 1")
    _check_policy(params.policy)


def _check_lengths(params: Params) -> None:
    spans = (params.epoch_blocks, params.unbonding_blocks, params.jail_blocks)
    _require(max(spans) <= MAX_BLOCKS, "a span of more than 1000000000 blocks")
    _require(params.release_margin < params.release_window, "release_margin < release_window")
    certified = params.certificate_ttl + params.release_window
    _require(certified <= params.epoch_blocks, "certificate_ttl + release_window <= epoch_blocks")
    # What an epoch's committee answers for ends with the epoch after it: until then its bonds stay within reach.
    _require(params.unbonding_blocks >= 2 * params.epoch_blocks, "unbonding_blocks >= 2 * epoch_blocks")
    _require(1 <= params.anchor_window <= MAX_ANCHORS, "anchor_window is between 1 and 100000")


def _check_policy(policy: AttestationPolicy) -> None:
    _check_each("roots", [root.key_id for root in policy.roots], size=48)
    for root in policy.roots:
        _require(root.kind in (HARDWARE, SIMULATED), "the kind of a root", key_id=root.key_id)
        _require(_VENDOR.fullmatch(root.vendor) is not None, "the vendor of a root", vendor=root.vendor)
    _require(len(policy.measurements) <= MAX_LISTED, "measurements", listed=len(policy.measurements))
    for rule in policy.measurements:
        is_span = rule.from_height >= 0 and (rule.to_height == 0 or rule.from_height <= rule.to_height)
        _require(len(rule.id) == 32 and is_span, "a measurement", id=rule.id)
    _check_each("platforms", list(policy.platforms), size=32, most=MAX_PLATFORMS)
    for name, texts in (
        ("products_denied", policy.products_denied),
        ("tcb_statuses", policy.tcb_statuses),
        ("advisories_rejected", policy.advisories_rejected),
    ):
        _require(len(texts) <= MAX_LISTED, name, listed=len(texts))
        _require(all(1 <= len(text.encode()) <= _TEXT_BYTES for text in texts), name)


def _check_each(name: str, ids: list[bytes], *, size: int, most: int = MAX_LISTED) -> None:
    _require(len(ids) <= most and len(set(ids)) == len(ids), f"{name}: too many, or one twice", listed=len(ids))
    _require(all(len(each) == size for each in ids), f"{name}: an id of another size", size=size)


def require_fit(params: Params, chain_id: str) -> None:
    """Refuse parameters that only a test chain may have.

    Raises:
        InvalidParams: naming the rule that is broken.
    """
    if is_test_chain(chain_id):
        return
    _require(params.committee_size >= 3, "committee_size >= 3")
    _require(params.min_vendors >= 2, "min_vendors >= 2")
    _require(params.max_seats_per_line < params.threshold, "max_seats_per_line < threshold")
    _require(not _simulated(params), "a simulated root is for chains named sim- or test-", chain_id=chain_id)


def require_change(before: Params, after: Params) -> None:
    """Refuse a change that no update may make, on any chain.

    A simulated root never joins later, nor turns into hardware. Epochs keep their length, for keys, committees and
    pending consents are found by their number.

    Raises:
        InvalidParams: naming the rule that is broken.
    """
    _require(_simulated(after) <= _simulated(before), "an update adds no simulated root")
    now_hardware = {root.key_id for root in after.policy.roots if root.kind == HARDWARE}
    _require(not now_hardware & _simulated(before), "a simulated root does not become hardware")
    _require(after.epoch_blocks == before.epoch_blocks, "epoch_blocks never changes", epoch_blocks=after.epoch_blocks)


def _simulated(params: Params) -> set[bytes]:
    return {root.key_id for root in params.policy.roots if root.kind == SIMULATED}


def _require(holds: bool, rule: str, **values: object) -> None:
    if not holds:
        raise InvalidParams(rule, **values)
