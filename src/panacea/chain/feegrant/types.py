"""Allowances, how much is left of them after a fee, and the ways this module says no."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from panacea.primitives.coin import Coins, InsufficientFunds
from panacea.primitives.rejected import Rejected

GAS_PER_MESSAGE = 10
"""Gas for each allowed message read, and for each message of the transaction looked up among them."""


class FeegrantRejected(Rejected, codespace="feegrant"): ...


class LimitExceeded(FeegrantRejected, code=2, text="fee limit exceeded"): ...


class AllowanceExpired(FeegrantRejected, code=3, text="fee allowance expired"): ...


class InvalidDuration(FeegrantRejected, code=4, text="invalid duration"): ...


class NoAllowance(FeegrantRejected, code=5, text="no allowance"): ...


class NoMessages(FeegrantRejected, code=6, text="allowed messages are empty"): ...


class MessageNotAllowed(FeegrantRejected, code=7, text="message not allowed"): ...


@dataclass(frozen=True, slots=True)
class Use:
    """A fee that an allowance is asked to pay: when, how much, for which messages (type URLs), on whose gas."""

    time_ns: int
    fee: Coins
    messages: Sequence[str]
    charge: Callable[[int, str], None]


@dataclass(frozen=True, slots=True)
class BasicAllowance:
    """A sum that may be spent; None is without end, as is an expiration of None (nanoseconds since the epoch)."""

    spend_limit: Coins | None = None
    expiration: int | None = None

    def pay(self, use: Use) -> "BasicAllowance | None":
        """What is left after `use`, None when nothing is. Raises AllowanceExpired, LimitExceeded."""
        self.require_live(use.time_ns, "basic allowance")
        if self.spend_limit is None:
            return self
        left = _minus(self.spend_limit, use.fee, "basic allowance")
        return replace(self, spend_limit=left) if left else None

    def require_live(self, time_ns: int, kind: str) -> None:
        """Refuse an allowance whose time is over; it may be used at its very last moment. Raises AllowanceExpired."""
        if self.expiration is not None and self.expiration < time_ns:
            raise AllowanceExpired(f"{kind}: fee allowance expired")


@dataclass(frozen=True, slots=True)
class PeriodicAllowance:
    """A basic allowance of which only so much may be spent in one period; `reset` begins the next one."""

    basic: BasicAllowance
    period: int
    period_spend_limit: Coins
    can_spend: Coins
    reset: int

    @property
    def expiration(self) -> int | None:
        """When it ends."""
        return self.basic.expiration

    def pay(self, use: Use) -> "PeriodicAllowance | None":
        """What is left after `use`, None when nothing is. Raises AllowanceExpired, LimitExceeded."""
        self.basic.require_live(use.time_ns, "absolute limit")
        now = self._at(use.time_ns)
        can_spend = _minus(now.can_spend, use.fee, "period limit")
        if self.basic.spend_limit is None:
            return replace(now, can_spend=can_spend)
        left = _minus(self.basic.spend_limit, use.fee, "absolute limit")
        return replace(now, can_spend=can_spend, basic=replace(self.basic, spend_limit=left)) if left else None

    def _at(self, time_ns: int) -> "PeriodicAllowance":
        """This allowance with the period that `time_ns` lies in."""
        if time_ns < self.reset:
            return self
        limit = self.basic.spend_limit
        short = limit is not None and not limit.covers(self.period_spend_limit)
        reset = self.reset + self.period
        return replace(
            self,
            can_spend=limit if short and limit is not None else self.period_spend_limit,
            reset=time_ns + self.period if time_ns > reset else reset,
        )


@dataclass(frozen=True, slots=True)
class AllowedMsgAllowance:
    """An allowance that pays only for transactions of the messages listed (type URLs)."""

    allowance: "Allowance"
    messages: tuple[str, ...]

    @property
    def expiration(self) -> int | None:
        """When it ends."""
        return self.allowance.expiration

    def pay(self, use: Use) -> "AllowedMsgAllowance | None":
        """What is left after `use`, None when nothing is. Raises MessageNotAllowed and what the inner one does."""
        use.charge(GAS_PER_MESSAGE * len(self.messages), "check msg")
        for message in use.messages:
            use.charge(GAS_PER_MESSAGE, "check msg")
            if message not in self.messages:
                raise MessageNotAllowed("message does not exist in allowed messages")
        left = self.allowance.pay(use)
        return None if left is None else replace(self, allowance=left)


Allowance = BasicAllowance | PeriodicAllowance | AllowedMsgAllowance


@dataclass(frozen=True, slots=True)
class Grant:
    """An allowance, who gave it, and who may use it."""

    granter: bytes
    grantee: bytes
    allowance: Allowance


def _minus(limit: Coins, fee: Coins, kind: str) -> Coins:
    try:
        return limit - fee
    except InsufficientFunds as no:
        raise LimitExceeded(f"{kind}: fee limit exceeded") from no
