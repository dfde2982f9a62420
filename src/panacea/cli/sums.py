"""The money of a deal, read from the chain by proof, and whether it adds up."""

from collections.abc import Collection
from dataclasses import dataclass

from panacea.cli.failure import CommandRefused
from panacea.client import places
from panacea.client.view import ChainView
from panacea.exchange.flow import side_by_side
from panacea.exchange.market import RELEASED
from panacea.primitives.address import Address


@dataclass(frozen=True, slots=True)
class Sums:
    """Where a deal's budget is, in umed. `paid` is what providers got, `fees` what oracles got."""

    budget: int
    paid: int
    fees: int
    refunded: int
    held: int
    escrow: int
    sold: int


async def read_sums(view: ChainView, deal_id: int) -> Sums:
    """The sums of a deal at one height: its state, and the parts of every released consent; all proven.

    Raises:
        CommandRefused: they do not add up.
    """
    height = await view.update()
    deal = await view.require(places.deal(deal_id), height=height)
    state = await view.require(places.deal_state(deal_id), height=height)

    async def parts(number: int) -> tuple[int, int]:
        consent = await view.require(places.consent(deal_id, number), height=height)
        if consent.status != RELEASED:
            return 0, 0
        return int(consent.net), int(consent.release_fee) + sum(int(payout.amount) for payout in consent.commissions)

    paid = fees = 0
    async for net, fee in side_by_side(range(1, state.next_number), parts):
        paid, fees = paid + net, fees + fee
    held = int(state.held)
    sums = Sums(
        budget=int(deal.price.amount) * deal.max_records,
        paid=paid,
        fees=fees,
        refunded=int(state.refunded),
        held=held,
        escrow=int(state.escrow) - held,
        sold=state.sold,
    )
    _require(paid + fees == int(state.paid), "the consents' parts are not what the deal paid", deal_id)
    total = paid + fees + sums.refunded + held + sums.escrow
    _require(total == sums.budget, "the deal's budget does not add up", deal_id)
    return sums


async def require_paid(view: ChainView, accounts: Collection[Address], denom: str, amount: int) -> None:
    """Refuse unless these accounts, which began with nothing, own exactly this much together; proven."""
    height = await view.update()

    async def read(address: Address) -> int:
        return await view.get(places.balance(address, denom), height=height) or 0

    owned = sum([balance async for balance in side_by_side(accounts, read)])
    _require(owned == amount, "the providers' accounts do not hold what was paid", owned)


def _require(holds: bool, what: str, value: object) -> None:
    if not holds:
        raise CommandRefused(what, value=value)
