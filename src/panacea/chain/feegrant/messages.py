"""What anyone may ask of this module, and allowances as messages carry them. Imported by wallets too: no store here."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from panacea.chain.coins import read_coins, write_coins
from panacea.chain.feegrant.types import (
    Allowance,
    AllowedMsgAllowance,
    BasicAllowance,
    InvalidDuration,
    NoAllowance,
    NoMessages,
    PeriodicAllowance,
)
from panacea.chain.times import FIRST_SECOND, SECOND, read_duration, read_time, write_duration, write_time
from panacea.primitives.address import Address, InvalidAddress
from panacea.primitives.coin import Coin, Coins, InvalidCoins
from panacea.wire.any import FEE_ALLOWANCE, PackedMessage, pack, unpack
from panacea.wire.pool import load, package

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin as CoinMessage
    from panacea.wire.stubs.cosmos.feegrant.v1beta1 import feegrant_pb2 as wire
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.tx_pb2 import (
        MsgGrantAllowance,
        MsgGrantAllowanceResponse,
        MsgPruneAllowances,
        MsgPruneAllowancesResponse,
        MsgRevokeAllowance,
        MsgRevokeAllowanceResponse,
    )
else:
    wire = package("cosmos.feegrant.v1beta1")
    MsgGrantAllowance, MsgGrantAllowanceResponse, MsgRevokeAllowance, MsgRevokeAllowanceResponse = load(
        "cosmos.feegrant.v1beta1",
        "MsgGrantAllowance",
        "MsgGrantAllowanceResponse",
        "MsgRevokeAllowance",
        "MsgRevokeAllowanceResponse",
    )
    MsgPruneAllowances, MsgPruneAllowancesResponse = load(
        "cosmos.feegrant.v1beta1", "MsgPruneAllowances", "MsgPruneAllowancesResponse"
    )

MAX_DEPTH = 4
"""Allowances within allowances."""


def check_grant_allowance(msg: MsgGrantAllowance) -> None:
    """Two accounts, and a sound allowance. Raises what is wrong first."""
    if msg.granter.lower() == msg.grantee.lower():
        raise InvalidAddress("cannot self-grant fee authorization")
    Address.parse(msg.grantee)
    Address.parse(msg.granter)
    if not msg.allowance.type_url:
        raise NoAllowance("allowance is not set")
    require_sound(read_allowance(msg.allowance))


def check_revoke_allowance(msg: MsgRevokeAllowance) -> None:
    """Two different accounts. Raises InvalidAddress."""
    if msg.granter == msg.grantee:
        raise InvalidAddress("addresses must be different")
    Address.parse(msg.grantee)
    Address.parse(msg.granter)


def check_prune_allowances(msg: MsgPruneAllowances) -> None:
    """The signer is an account. Raises InvalidAddress."""
    Address.parse(msg.pruner)


def read_allowance(packed: PackedMessage, depth: int = MAX_DEPTH) -> Allowance:
    """The allowance in an Any.

    Raises:
        NoAllowance: it is of no kind that this chain knows, or nested too deep.
        InvalidCoins, InvalidRequest: its coins are not sorted and positive, or its times are out of range.
    """
    kind = packed.type_url.rpartition(".")[2] if depth else ""
    if kind not in ("BasicAllowance", "PeriodicAllowance", "AllowedMsgAllowance"):
        raise NoAllowance("failed to get allowance", type_url=packed.type_url)
    found = unpack(packed, FEE_ALLOWANCE)
    if isinstance(found, wire.BasicAllowance):
        return _read_basic(found)
    if isinstance(found, wire.PeriodicAllowance):
        return _read_periodic(found)
    assert isinstance(found, wire.AllowedMsgAllowance)
    if not found.HasField("allowance"):
        raise NoAllowance("allowance should not be empty")
    return AllowedMsgAllowance(read_allowance(found.allowance, depth - 1), tuple(found.allowed_messages))


def require_sound(allowance: Allowance) -> None:
    """Refuse a new allowance that makes no sense. Raises InvalidCoins, InvalidDuration, NoMessages."""
    match allowance:
        case BasicAllowance():
            if allowance.expiration is not None and allowance.expiration < 0:
                raise InvalidDuration("expiration time cannot be negative")
        case PeriodicAllowance():
            require_sound(allowance.basic)
            total, limit = allowance.basic.spend_limit, allowance.period_spend_limit
            if not limit:
                raise InvalidCoins("spend limit must be positive")
            if total is not None and not all(total.amount_of(coin.denom) for coin in limit):
                raise InvalidCoins("period spend limit has different currency than basic spend limit")
            if allowance.period < 0:
                raise InvalidDuration("negative clock step")
        case AllowedMsgAllowance():
            if not allowance.messages:
                raise NoMessages("allowed messages shouldn't be empty")
            require_sound(allowance.allowance)


def write_allowance(allowance: Allowance) -> PackedMessage:
    """The allowance as an Any."""
    match allowance:
        case BasicAllowance():
            return pack(_write_basic(allowance))
        case PeriodicAllowance():
            return pack(
                wire.PeriodicAllowance(
                    basic=_write_basic(allowance.basic),
                    period=write_duration(allowance.period),
                    period_spend_limit=write_coins(allowance.period_spend_limit),
                    period_can_spend=write_coins(allowance.can_spend),
                    period_reset=write_time(allowance.reset),
                )
            )
        case AllowedMsgAllowance():
            return pack(
                wire.AllowedMsgAllowance(
                    allowance=write_allowance(allowance.allowance), allowed_messages=allowance.messages
                )
            )


def _read_basic(message: wire.BasicAllowance) -> BasicAllowance:
    expiration = read_time(message.expiration) if message.HasField("expiration") else None
    return BasicAllowance(read_coins(message.spend_limit) or None, expiration)


def _read_periodic(message: wire.PeriodicAllowance) -> PeriodicAllowance:
    basic, period = _read_basic(message.basic), read_duration(message.period)
    limit, can_spend = read_coins(message.period_spend_limit), _read_with_zeros(message.period_can_spend)
    reset = read_time(message.period_reset) if message.HasField("period_reset") else FIRST_SECOND * SECOND
    return PeriodicAllowance(basic, period, limit, can_spend, reset)


def _read_with_zeros(messages: "Iterable[CoinMessage]") -> Coins:
    """Coins of which some may be zero: what is left of a period."""
    coins = [Coin.from_wire(message.denom, message.amount) for message in messages]
    denoms = [coin.denom for coin in coins]
    if denoms != sorted(set(denoms)):
        raise InvalidCoins(coins=",".join(map(str, coins)))
    return Coins(coins)


def _write_basic(allowance: BasicAllowance) -> wire.BasicAllowance:
    expiration = None if allowance.expiration is None else write_time(allowance.expiration)
    return wire.BasicAllowance(spend_limit=write_coins(allowance.spend_limit or Coins()), expiration=expiration)
