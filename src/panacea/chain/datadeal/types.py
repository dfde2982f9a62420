"""The nouns of this module, and the ways it says no."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.primitives.numbers import ONE, Dec
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import load

NAME = "datadeal"

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import ConsentStatus
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import DealStatus
else:
    ConsentStatus, DealStatus = load("panacea.datadeal.v3", "ConsentStatus", "DealStatus")

OPEN = DealStatus.DEAL_STATUS_OPEN
COMPLETED = DealStatus.DEAL_STATUS_COMPLETED
CLOSED = DealStatus.DEAL_STATUS_CLOSED
EXPIRED = DealStatus.DEAL_STATUS_EXPIRED

PENDING = ConsentStatus.CONSENT_STATUS_PENDING
RELEASED = ConsentStatus.CONSENT_STATUS_RELEASED
UNDELIVERED = ConsentStatus.CONSENT_STATUS_UNDELIVERED
WITHDRAWN = ConsentStatus.CONSENT_STATUS_WITHDRAWN


class DataDealRejected(Rejected, codespace="datadeal"): ...


class DealNotFound(DataDealRejected, code=2, text="deal_not_found"): ...


class DealNotOpen(DataDealRejected, code=3, text="deal_not_open"): ...


class DealFull(DataDealRejected, code=4, text="deal_full"): ...


class NotConsumer(DataDealRejected, code=5, text="not_consumer"): ...


class InvalidDeal(DataDealRejected, code=6, text="invalid_deal"): ...


class ConsumerDIDInvalid(DataDealRejected, code=7, text="consumer_did_invalid"): ...


class CertificateInvalid(DataDealRejected, code=8, text="certificate_invalid"): ...


class AlreadySold(DataDealRejected, code=9, text="already_sold"): ...


class TermsMissing(DataDealRejected, code=10, text="terms_missing"): ...


class NetTooLow(DataDealRejected, code=11, text="net_too_low"): ...


class ConsentNotFound(DataDealRejected, code=12, text="consent_not_found"): ...


class ConsentNotLive(DataDealRejected, code=13, text="consent_not_live"): ...


class ReleaseInvalid(DataDealRejected, code=14, text="release_invalid"): ...


class NotProvider(DataDealRejected, code=15, text="not_provider"): ...


class InvalidParams(DataDealRejected, code=16, text="invalid_params"): ...


@dataclass(slots=True)
class Book:
    """A deal's account: where each part of its budget is, and how many records it stands for.

    budget = escrow + paid + refunded, and `held` (price × pending) is the part of the escrow that is spoken for.
    Amounts are whole numbers in the denomination of the deal's price.
    """

    deal_id: int
    status: "DealStatus.ValueType"
    escrow: int
    sold: int = 0
    pending: int = 0
    held: int = 0
    paid: int = 0
    refunded: int = 0
    next_number: int = 1

    @property
    def free(self) -> int:
        """What no pending consent speaks for."""
        return self.escrow - self.held

    def hold(self, price: int) -> None:
        """A consent arrived: its price is spoken for, its slot is taken."""
        self.held += price
        self.pending += 1

    def settle(self, price: int) -> None:
        """A held price leaves: the record counts as sold."""
        self.held -= price
        self.escrow -= price
        self.paid += price
        self.pending -= 1
        self.sold += 1

    def undo(self, price: int) -> None:
        """A held price is free again, and so is its slot."""
        self.held -= price
        self.pending -= 1

    def refund(self, amount: int) -> None:
        """Part of the escrow goes back to the consumer."""
        self.escrow -= amount
        self.refunded += amount


@dataclass(frozen=True, slots=True)
class Split:
    """How one price is divided: fixed at consent, so that no later parameter moves it."""

    commissions: tuple[int, ...]
    release_fee: int
    net: int


def split_price(price: int, rates: list[Dec], release_rate: Dec, threshold: int) -> Split:
    """The parts of `price`: commissions and release fee round down, the rest is the provider's.

    The release fee is `threshold` equal parts, so that each member who is paid gets the same.
    """
    commissions = tuple(price * rate.scaled // ONE for rate in rates)
    release_fee = threshold * (price * release_rate.scaled // (ONE * threshold))
    return Split(commissions, release_fee, price - sum(commissions) - release_fee)
