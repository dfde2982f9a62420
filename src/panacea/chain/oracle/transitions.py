"""What the chain does about each message (exchange, §10): checks, then effects, then the event."""

from hashlib import sha256
from typing import TYPE_CHECKING

from panacea.attestation import Decision
from panacea.chain.authority import require_authority
from panacea.chain.coins import read_coin
from panacea.chain.context import Context
from panacea.chain.oracle import state
from panacea.chain.oracle.evidence import require_attested
from panacea.chain.oracle.messages import (
    MsgAddBond,
    MsgAddBondResponse,
    MsgLeaveOracle,
    MsgLeaveOracleResponse,
    MsgRefreshOracle,
    MsgRefreshOracleResponse,
    MsgRegisterOracle,
    MsgRegisterOracleResponse,
    MsgUpdateParams,
    MsgUpdateParamsResponse,
    is_endpoint,
    require,
)
from panacea.chain.oracle.params import require_change, require_fit
from panacea.chain.oracle.ports import Bank
from panacea.chain.oracle.types import (
    ACTIVE,
    JAILED,
    KINDS,
    LEAVING,
    NAME,
    AlreadyRegistered,
    BondTooLow,
    CommissionTooHigh,
    InvalidKey,
    NotActive,
    PlatformTaken,
    StaleAnchor,
    StillJailed,
    WrongEpoch,
)
from panacea.primitives.address import Address
from panacea.primitives.coin import Coins
from panacea.primitives.numbers import Dec
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.events_pb2 import EventOracleRefreshed, EventOracleRegistered
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission
else:
    EventOracleRegistered, EventOracleRefreshed = load(
        "panacea.oracle.v3", "EventOracleRegistered", "EventOracleRefreshed"
    )


def register_oracle(ctx: Context, bank: Bank, msg: MsgRegisterOracle) -> MsgRegisterOracleResponse:
    """Take a bond, and a seat for the enclave that the evidence proves."""
    _charge_attestation(ctx)
    operator, bond = Address.parse(msg.operator), read_coin(msg.bond)
    require(not state.oracles.has(ctx, operator), AlreadyRegistered, "", oracle=operator)
    require(state.is_enough(state.params.get(ctx), bond), BondTooLow, "", bond=bond)
    enclave = require_keys(ctx, operator, msg.keys)
    require(not state.platforms.has(ctx, enclave.platform_id), PlatformTaken, "", platform_id=enclave.platform_id)

    bank.to_module(ctx, operator, NAME, Coins((bond,)))
    oracle = state.Oracle(
        address=str(operator),
        status=ACTIVE,
        bond=msg.bond,
        platform_id=enclave.platform_id,
        registered_height=ctx.height,
    )
    state.set_oracle(ctx, oracle)
    state.platforms.set(ctx, enclave.platform_id, operator)
    set_key(ctx, operator, msg.keys, enclave)
    ctx.emit_typed(EventOracleRegistered(oracle=oracle.address, epoch=msg.keys.epoch))
    return MsgRegisterOracleResponse()


def refresh_oracle(ctx: Context, msg: MsgRefreshOracle) -> MsgRefreshOracleResponse:
    """Take new keys from the same platform; one whose time in jail is over serves again."""
    _charge_attestation(ctx)
    operator = Address.parse(msg.operator)
    oracle = state.get_oracle(ctx, operator)
    require(oracle.status != LEAVING, NotActive, "it is leaving", leaves_at=oracle.leaves_at)
    if oracle.status == JAILED:
        require(ctx.height > oracle.jailed_until, StillJailed, "", jailed_until=oracle.jailed_until)
        bond = state.bond_of(oracle)
        require(state.is_enough(state.params.get(ctx), bond), BondTooLow, "", bond=bond)
    enclave = require_keys(ctx, operator, msg.keys)
    same = enclave.platform_id == oracle.platform_id
    require(same, PlatformTaken, "an oracle stays on its platform", platform_id=enclave.platform_id)

    if oracle.status == JAILED:
        oracle.status, oracle.jailed_until = ACTIVE, 0
        state.set_oracle(ctx, oracle)
    set_key(ctx, operator, msg.keys, enclave)
    ctx.emit_typed(EventOracleRefreshed(oracle=oracle.address, epoch=msg.keys.epoch))
    return MsgRefreshOracleResponse()


def _charge_attestation(ctx: Context) -> None:
    ctx.gas.charge(state.params.get(ctx).attestation_gas, "attestation")


def require_keys(ctx: Context, operator: Address, keys: "KeySubmission") -> Decision:
    """The enclave behind these keys, if they are for this time, anchored on this chain, and attested."""
    limits, rate = state.params.get(ctx), Dec.from_wire(keys.commission_rate)
    current, passed = divmod(ctx.height, limits.epoch_blocks)
    is_next = keys.epoch == current + 1 and 2 * passed >= limits.epoch_blocks
    require(keys.epoch == current or is_next, WrongEpoch, "", epoch=keys.epoch, current=current)
    is_fair = Dec.of(0) <= rate <= Dec.from_wire(limits.max_commission_rate)
    require(is_fair, CommissionTooHigh, "", commission_rate=rate)
    require(is_endpoint(keys.endpoint, ctx.chain_id), InvalidKey, "endpoint needs https", endpoint=keys.endpoint)
    anchor = state.anchors.find(ctx, keys.trusted_height) if keys.trusted_height > 0 else None
    is_known = anchor is not None and anchor == keys.trusted_hash
    require(is_known, StaleAnchor, "", trusted_height=keys.trusted_height)
    return require_attested(ctx, operator, keys)


def set_key(ctx: Context, operator: Address, keys: "KeySubmission", enclave: Decision) -> None:
    """Write an oracle's keys of one epoch; those that replace others within it keep the commission."""
    former = state.keys.find(ctx, (operator, keys.epoch))
    rate = Dec.from_wire(keys.commission_rate).to_wire() if former is None else former.commission_rate
    key = state.OracleKey(
        oracle=str(operator),
        epoch=keys.epoch,
        signing_key=keys.signing_key,
        hpke_key=keys.hpke_key,
        measurement=enclave.measurement,
        kind=KINDS[enclave.kind],
        vendor=enclave.vendor,
        product_line=enclave.product_line,
        commission_rate=rate,
        endpoint=keys.endpoint,
        evidence_sha256=sha256(keys.evidence.blob).digest(),
        height=ctx.height,
    )
    state.keys.set(ctx, (operator, keys.epoch), key)


def add_bond(ctx: Context, bank: Bank, msg: MsgAddBond) -> MsgAddBondResponse:
    """Lock more of the coin that is locked already."""
    operator, more = Address.parse(msg.operator), read_coin(msg.amount)
    oracle = state.get_oracle(ctx, operator)
    bond = state.bond_of(oracle)
    require(more.denom == bond.denom, BondTooLow, f"the bond is in {bond.denom}", amount=more)
    bank.to_module(ctx, operator, NAME, Coins((more,)))
    (grown,) = Coins((bond, more))
    oracle.bond.amount = str(grown.amount)
    state.set_oracle(ctx, oracle)
    return MsgAddBondResponse()


def leave_oracle(ctx: Context, msg: MsgLeaveOracle) -> MsgLeaveOracleResponse:
    """Serve no more; the bond stays liable until the unbonding delay is over."""
    operator = Address.parse(msg.operator)
    oracle = state.get_oracle(ctx, operator)
    require(oracle.status != LEAVING, NotActive, "it is leaving", leaves_at=oracle.leaves_at)
    oracle.status, oracle.jailed_until = LEAVING, 0
    oracle.leaves_at = ctx.height + state.params.get(ctx).unbonding_blocks
    state.set_oracle(ctx, oracle)
    state.leaving.set(ctx, (oracle.leaves_at, operator), None)
    return MsgLeaveOracleResponse()


def update_params(ctx: Context, msg: MsgUpdateParams) -> MsgUpdateParamsResponse:
    """Governance replaces the parameters; what rests on simulation neither begins nor turns into hardware."""
    require_authority(msg.authority)
    require_fit(msg.params, ctx.chain_id)
    require_change(state.params.get(ctx), msg.params)
    state.params.set(ctx, msg.params)
    return MsgUpdateParamsResponse()
