"""`panacea deal`: what a researcher asks for, and what became of it."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panacea.cli.command import Answer, group
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.progress import table
from panacea.cli.reach import Reach, parse_coin, reaching

if TYPE_CHECKING:
    from panacea.client.view import ChainView
    from panacea.exchange.consumer import Consumer, DealTerms
    from panacea.exchange.market import Listing
    from panacea.primitives.coin import Coin

COMMAND = group("deal", "Deals.")
FROM = click.option("--from", "key", default="consumer", show_default=True, help="the key of the consumer")
STATUSES = ("open", "completed", "closed", "expired")
DAY = 86_400


@COMMAND.command()
@click.option("--title", required=True, help="what it is about, for those who sell")
@click.option("--purpose", default="HRESCH", show_default=True, help="of use: a code of HL7 v3 or DUO")
@click.option(
    "--issuer", "issuers", multiple=True, required=True, help="a trusted did:panacea, or a key; may come again"
)
@click.option("--codes", help="LOINC codes of Observations, with commas; without them any measured value")
@click.option("--query", type=click.Path(path_type=Path, exists=True), help="or a Presentation Definition as JSON")
@click.option("--price", type=parse_coin, metavar="COIN", required=True, help="of a record, such as 10MED")
@click.option("--max-records", type=click.IntRange(1), required=True, help="how many it buys; sets the budget")
@click.option("--days", type=click.IntRange(1, 730), default=30, show_default=True, help="until it closes")
@click.option("--retention-days", type=click.IntRange(1), default=90, show_default=True, help="how long it is kept")
@click.option("--term", "titles", multiple=True, help="the sentence of a required term; may come again")
@click.option("--store", "store_url", help="URL of an object store  [default: the home's own]")
@FROM
@reaching
def create(reach: Reach, *, key: str, store_url: str | None, **said: Any) -> Answer:  # Any: the options above
    """Make a deal; its whole budget goes into escrow."""
    from panacea.client.plain import plain

    url = store_url or reach.network()["store"]
    said["issuers"] = [_issuer_did(reach, name) for name in said["issuers"]]
    return plain(_create(reach, key, url, said))


def _issuer_did(reach: Reach, name: str) -> str:
    from panacea.cli.people import identity_of

    return name if name.startswith("did:") else identity_of(reach.keyring(), name).did


async def _create(reach: Reach, key: str, url: str, said: dict[str, Any]) -> Answer:  # Any: as above
    from panacea.cli.network import store_key
    from panacea.cli.selling import wait_for_deal

    async with reach.view() as view:
        terms = _terms(said, (url, await store_key(url)), view.chain_id)
        consumer = consumer_of(reach, view, key)
        deal_id = (await wait_for_deal(view, await consumer.create_deal(terms))).id
    told = {"deal_id": deal_id, "budget_umed": terms.price.amount * terms.max_records}
    return Answer(told, f"deal {deal_id} is open; {told['budget_umed']}{terms.price.denom} are in escrow")


def _terms(said: dict[str, Any], store: tuple[str, bytes], chain_id: str) -> "DealTerms":  # Any: as above
    import hashlib

    from panacea.credentials import PRESENTATION_DEFINITION, for_observations, parse
    from panacea.exchange.consumer import DealTerms
    from panacea.primitives.chain_id import is_test_chain

    codes = [code.strip() for code in (said["codes"] or "").split(",") if code.strip()]
    query = _read_query(said["query"]) if said["query"] else for_observations(codes)
    parse(PRESENTATION_DEFINITION, query)
    price: Coin = said["price"]
    return DealTerms(
        title=said["title"],
        purpose=said["purpose"],
        query_language=PRESENTATION_DEFINITION,
        query=query,
        trusted_issuers=said["issuers"],
        price=price,
        max_records=said["max_records"],
        closes_at=int(time.time()) + said["days"] * DAY,
        stores=[store],
        retention_days=said["retention_days"],
        terms=[
            (number, title, hashlib.sha256(title.encode()).digest(), True)
            for number, title in enumerate(said["titles"], 1)
        ],
        allow_simulated=is_test_chain(chain_id),
    )


def _read_query(path: Path) -> bytes:
    import rfc8785

    try:
        return rfc8785.dumps(json.loads(path.read_bytes()))
    except ValueError as no:
        raise CommandRefused(f"not JSON: {no}", exit_code=USAGE, path=path) from no


def consumer_of(reach: Reach, view: "ChainView", name: str) -> "Consumer":
    """The consumer behind a key; its receiving key, `NAME.deals`, is made on first use."""
    from panacea.cli.people import RANDOM, identity_of
    from panacea.crypto.hpke import HPKEKey
    from panacea.crypto.keys import KeyKind
    from panacea.exchange.consumer import Consumer

    ring, receiving = reach.keyring(), f"{name}.deals"
    if ring.find(receiving) is None:
        key = HPKEKey.generate(RANDOM)
        ring.add(receiving, key.secret, KeyKind.MLKEM768_X25519, public_key=key.public_key)
    key = HPKEKey(ring.export(receiving).reveal())
    return Consumer(view, reach.sender(view, name), identity_of(ring, name), key)


@COMMAND.command("list")
@reaching
def list_(reach: Reach) -> Answer:
    """List the open deals: all are read, so that nobody learns which one fits you."""
    from panacea.client.plain import plain
    from panacea.exchange.market import Market

    async def read() -> "list[Listing]":
        async with reach.view() as view:
            return await Market(view).open_deals()

    told = [_values(listing) for listing in plain(read())]
    rows = [
        (str(one["id"]), one["title"], one["purpose"], one["price"], f"{one['sold']}/{one['max_records']}")
        for one in told
    ]
    return Answer(told, table(rows, ("id", "title", "purpose", "price", "sold")) if rows else "no open deals")


@COMMAND.command()
@click.argument("deal_id", type=int)
@reaching
def show(reach: Reach, deal_id: int) -> Answer:
    """Show the deal DEAL_ID and its money, proven."""
    from panacea.client.plain import plain
    from panacea.exchange.market import Market

    async def read() -> "Listing":
        async with reach.view() as view:
            return await Market(view).listing(deal_id)

    listing = plain(read())
    told = _values(listing) | {
        "query": json.loads(listing.deal.query),
        "trusted_issuers": list(listing.deal.trusted_issuers),
        "terms": [{"id": term.id, "title": term.title, "required": term.required} for term in listing.deal.terms],
    }
    rows = [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in told.items()]
    return Answer(told, "\n".join(f"{key:16}  {value}" for key, value in rows))


@COMMAND.command()
@click.argument("deal_id", type=int)
@FROM
@reaching
def close(reach: Reach, deal_id: int, key: str) -> Answer:
    """Close the deal DEAL_ID; what nothing speaks for comes back at once."""
    from panacea.client.plain import plain

    async def send() -> "Listing":
        async with reach.view() as view:
            consumer = consumer_of(reach, view, key)
            await view.wait((await consumer.close_deal(deal_id)).height)
            return await consumer.market.listing(deal_id)

    told = _values(plain(send()))
    return Answer(told, f"deal {deal_id} is {told['status']}; {told['refunded']} came back")


def _values(listing: "Listing") -> dict[str, Any]:  # Any: JSON
    deal, state = listing.deal, listing.state
    amounts = {name: f"{getattr(state, name)}{deal.price.denom}" for name in ("escrow", "held", "paid", "refunded")}
    return {
        "id": deal.id,
        "title": deal.title,
        "purpose": deal.purpose,
        "status": STATUSES[state.status - 1],
        "price": f"{deal.price.amount}{deal.price.denom}",
        "max_records": deal.max_records,
        "sold": state.sold,
        "pending": state.pending,
        **amounts,
        "consumer": deal.consumer,
        "consumer_did": deal.consumer_did,
        "closes_at": deal.closes_at.ToJsonString(),
        "retention_days": deal.retention_days,
    }
