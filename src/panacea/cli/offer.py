"""`panacea offer`: sell what fits a deal, from new accounts, with fees that a sponsor pays."""

import asyncio
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import REFUSED, USAGE, CommandRefused
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.cli.selling import Sold
    from panacea.client.view import ChainView
    from panacea.exchange.holder import Holder
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

STATES = {1: "pending", 2: "paid", 3: "undelivered", 4: "withdrawn"}
SETTLE_SECONDS = 60.0


@click.command("offer", cls=Leaf)
@click.argument("deal_id", type=int)
@click.option("--holder", required=True, help="whose vault")
@click.option("--credential", "chosen", multiple=True, help="first digits of an id; may come again  [default: all]")
@click.option("--agree", "agreed", multiple=True, type=int, help="the number of a term; may come again")
@click.option("--sponsor", default="sponsor", show_default=True, help="the key that pays the fees")
@reaching
def offer(
    reach: Reach, deal_id: int, *, holder: str, chosen: tuple[str, ...], agreed: tuple[int, ...], sponsor: str
) -> Answer:
    """Offer what fits DEAL_ID to its oracles, agree to the sale, and wait until the keys are released.

    `panacea present` shows beforehand what leaves.
    """
    from panacea.cli.present import find_credential

    with reach.holder(holder) as who:
        only = {find_credential(who, one)[0].oid for one in chosen} or None
        sold, states = asyncio.run(_sell(reach, deal_id, who, only, holder=holder, agreed=agreed, sponsor=sponsor))
    told = [_values(one, states) for one in sold]
    rows = [(str(one["consent"] or ""), str(one["account"]), str(one["state"])) for one in told]
    good = all(one.number is not None for one in sold)
    text = table(rows, ("consent", "account", "state")) if rows else "nothing in this vault fits the deal"
    return Answer({"deal_id": deal_id, "sales": told}, text, 0 if good else REFUSED)


def _values(one: "Sold", states: dict[int, int]) -> dict[str, object]:
    state = str(one.refusal) if one.number is None else STATES[states[one.number]]
    return {"consent": one.number, "account": str(one.lot.address), "state": state}


async def _sell(
    reach: Reach,
    deal_id: int,
    who: "Holder",
    only: set[bytes] | None,
    *,
    holder: str,
    agreed: tuple[int, ...],
    sponsor: str,
) -> "tuple[list[Sold], dict[int, int]]":
    from panacea.cli.selling import lots, sell_all
    from panacea.exchange.market import Market

    async with reach.view() as view:
        market = Market(view)
        deal = (await market.listing(deal_id)).deal
        offered = lots(deal, who, reach.keyring(), name=holder, now=market.now, only=only)
        agreements = _agreements(deal, agreed)
        paying = reach.sender(view, sponsor)
        sold = [one async for one in sell_all(view, deal, offered, sponsor=paying, agreements=agreements)]
        numbers = [one.number for one in sold if one.number is not None]
        return sold, {number: await _settled(view, deal_id, number) for number in numbers}


def _agreements(deal: "Deal", agreed: tuple[int, ...]) -> dict[int, bool]:
    missing = [term for term in deal.terms if term.required and term.id not in agreed]
    if missing:
        said = "; ".join(f"{term.id}: {term.title}" for term in missing)
        hint = "agree with " + " ".join(f"--agree {term.id}" for term in missing)
        raise CommandRefused("this deal has terms that must be agreed to", hint=hint, exit_code=USAGE, terms=said)
    return {term.id: term.id in agreed for term in deal.terms}


async def _settled(view: "ChainView", deal_id: int, number: int) -> int:
    """The state of a consent when it is no longer pending, or has been for long."""
    from panacea.client import places

    status = 1
    try:
        async with asyncio.timeout(SETTLE_SECONDS):
            height = await view.update()
            while status == 1:
                found = await view.get(places.consent(deal_id, number), height=height)
                status = found.status if found is not None else 1
                height = await view.wait(height + 1) if status == 1 else height
    except TimeoutError:
        pass
    return status


COMMAND = offer
