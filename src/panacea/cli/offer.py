"""`panacea offer`: sell what fits a deal, from new accounts, with fees that a sponsor pays."""

import asyncio
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from panacea.cli.command import Answer, Leaf, wants_json
from panacea.cli.failure import REFUSED, USAGE, CommandRefused
from panacea.cli.present import (
    NO_RECALL,
    describe_deal,
    describe_shown,
    entries_of,
    find_credential,
    judge,
    require_fitting,
)
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.cli.selling import Sold
    from panacea.client.view import ChainView
    from panacea.exchange.holder import Holder
    from panacea.exchange.market import Roster
    from panacea.exchange.offers import Match
    from panacea.vault.records import Entry
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Consent
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

STATES = {1: "pending", 2: "paid", 3: "undelivered", 4: "withdrawn"}
SETTLE_SECONDS = 60.0
UNASKED = "--yes sells without being asked, --agree N agrees to a term"


@dataclass(frozen=True, slots=True)
class Bargain:
    """What is offered to whom, and the least that each record brings, in the price's denomination."""

    deal: "Deal"
    fitting: "tuple[tuple[Entry, Match], ...]"
    least: int


@click.command("offer", cls=Leaf)
@click.argument("deal_id", type=int)
@click.option("--holder", required=True, help="whose vault")
@click.option(
    "--credential", "chosen", multiple=True, help="a record's name or first digits; may come again  [default: all]"
)
@click.option("--agree", "agreed", multiple=True, type=int, help="the number of a term you agree to; may come again")
@click.option("--yes", is_flag=True, help="sell without being asked; terms still need --agree")
@click.option("--sponsor", default="sponsor", show_default=True, help="the key that pays the fees")
@reaching
def offer(
    reach: Reach,
    deal_id: int,
    *,
    holder: str,
    chosen: tuple[str, ...],
    agreed: tuple[int, ...],
    yes: bool,
    sponsor: str,
) -> Answer:
    """Show what fits DEAL_ID and what would leave; if you agree, sell it, and wait until the keys are released.

    Programs, with -o json, are not asked: they say --yes.
    """
    from panacea.client.plain import plain

    with reach.holder(holder) as who:
        deal, least = plain(_terms_of(reach, deal_id))
        bargain = Bargain(deal, tuple(_fitting(deal, who, chosen)), least)
        if not wants_json():
            click.echo(_shown(bargain), err=True)
        agreements = _agree(bargain, agreed, yes=yes)
        sold, consents = plain(_sell(reach, bargain, who, agreements, name=holder, sponsor=sponsor))
    return _told(bargain, sold, consents)


# What is offered.


async def _terms_of(reach: Reach, deal_id: int) -> "tuple[Deal, int]":
    from panacea.exchange.market import Market

    async with reach.view() as view:
        market = Market(view)
        deal = (await market.listing(deal_id)).deal
        return deal, _least_net(deal, await market.roster())


def _least_net(deal: "Deal", roster: "Roster") -> int:
    """What a provider gets whichever of the allowed oracles certify. Raises OracleUnavailable where there are none."""
    from panacea.exchange.offers import net_of
    from panacea.exchange.types import OracleUnavailable
    from panacea.primitives.numbers import Dec

    dearest = sorted(roster.allowed(deal.assurance), key=lambda key: Dec.from_wire(key.commission_rate), reverse=True)
    wanted = deal.assurance.min_certificates
    if len(dearest) < wanted:
        raise OracleUnavailable("fewer than this deal wants", wanted=wanted, found=len(dearest))
    return net_of(deal, dearest[:wanted], roster)


def _fitting(deal: "Deal", who: "Holder", chosen: tuple[str, ...]) -> "list[tuple[Entry, Match]]":
    """What was chosen, all of which must fit; or whatever fits. Raises CommandRefused where that is nothing."""
    from panacea.exchange.offers import Match

    if chosen:
        picked = {entry.oid: (entry, octets) for entry, octets in (find_credential(who, one) for one in chosen)}
        return [(entry, require_fitting(deal, octets, who)) for entry, octets in picked.values()]
    judged = ((entry, judge(deal, who.get(entry.oid), who)) for entry in entries_of(who))
    found = [(entry, each) for entry, each in judged if isinstance(each, Match)]
    if not found:
        hint = f"`panacea present --holder NAME --deal {deal.id}` says why"
        raise CommandRefused("nothing in this vault fits the deal", hint=hint)
    return found


def _shown(bargain: Bargain) -> str:
    from panacea.credentials import show

    records = [
        f"{entry.metadata.get('reference', '')}\n{describe_shown(show(match.credential, match.fields))}"
        for entry, match in bargain.fitting
    ]
    money = f"You get at least {bargain.least}{bargain.deal.price.denom} a record. {NO_RECALL}"
    return "\n\n".join([describe_deal(bargain.deal), *records, money]) + "\n"


# Agreeing: nothing is taken for granted.


def _agree(bargain: Bargain, agreed: tuple[int, ...], *, yes: bool) -> dict[int, bool]:
    """The terms agreed to, once the sale is. Raises CommandRefused."""
    terms = bargain.deal.terms
    if unknown := set(agreed) - {term.id for term in terms}:
        raise CommandRefused("this deal has no such term", exit_code=USAGE, term=min(unknown))
    asks = not yes and not wants_json()
    agreements = {
        term.id: term.id in agreed or (asks and _asked(f"Do you agree to term {term.id}, “{term.title}”?"))
        for term in terms
    }
    if missing := [term for term in terms if term.required and not agreements[term.id]]:
        said = "; ".join(f"{term.id}: {term.title}" for term in missing)
        hint = "agree with " + " ".join(f"--agree {term.id}" for term in missing)
        raise CommandRefused("this deal has terms that must be agreed to", hint=hint, exit_code=USAGE, terms=said)
    count = len(bargain.fitting)
    if not yes and not (asks and _asked(f"Sell {count} record{'s' if count > 1 else ''}?")):
        raise CommandRefused("nothing was offered, for nobody agreed to it", hint=UNASKED, exit_code=USAGE)
    return agreements


def _asked(question: str) -> bool:
    """The answer, yes or no, without any default. Raises CommandRefused where nobody answers."""
    try:
        return click.confirm(question, default=None, err=True)
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise CommandRefused("nobody was there to agree", hint=UNASKED, exit_code=USAGE) from None


# Selling.


async def _sell(
    reach: Reach, bargain: Bargain, who: "Holder", agreements: dict[int, bool], *, name: str, sponsor: str
) -> "tuple[list[Sold], dict[int, Consent]]":
    import time

    from panacea.cli.selling import lots, sell_all

    deal, only = bargain.deal, {entry.oid for entry, _ in bargain.fitting}
    async with reach.view() as view:
        offered = lots(deal, who, reach.keyring(), name=name, now=int(time.time()), only=only)
        paying = reach.sender(view, sponsor)
        selling = sell_all(view, deal, offered, sponsor=paying, agreements=agreements, min_net=bargain.least)
        sold = [one async for one in selling]
        numbers = [one.number for one in sold if one.number is not None]
        return sold, {number: await _settled(view, deal.id, number) for number in numbers}


async def _settled(view: "ChainView", deal_id: int, number: int) -> "Consent":
    """A consent when it is no longer pending, or has been for long."""
    from panacea.client import places
    from panacea.exchange.market import PENDING

    height = await view.update()
    consent = await view.require(places.consent(deal_id, number), height=height)
    try:
        async with asyncio.timeout(SETTLE_SECONDS):
            while consent.status == PENDING:
                height = await view.wait(height + 1)
                consent = await view.require(places.consent(deal_id, number), height=height)
    except TimeoutError:
        pass
    return consent


def _told(bargain: Bargain, sold: "list[Sold]", consents: "dict[int, Consent]") -> Answer:
    names = {match.credential: entry.metadata.get("reference", "") for entry, match in bargain.fitting}
    told = [_values(one, names[one.match.credential], consents) for one in sold]
    rows = [(one["record"][-60:], str(one["consent"] or ""), one["state"], one["net"]) for one in told]
    good = all(one.number is not None for one in sold)
    text = table(rows, ("record", "consent", "state", "net"))
    return Answer({"deal_id": bargain.deal.id, "sales": told}, text, 0 if good else REFUSED)


def _values(one: "Sold", record: str, consents: "dict[int, Consent]") -> dict[str, Any]:  # Any: JSON
    told = {"record": record, "consent": one.number, "account": str(one.lot.address)}
    if one.number is None:
        return {**told, "state": str(one.refusal), "net": ""}
    consent = consents[one.number]
    return {**told, "state": STATES[consent.status], "net": consent.net}


COMMAND = offer
