"""`panacea present`: field by field, what would leave and what would stay."""

from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.credentials import Shown
    from panacea.exchange.holder import Holder
    from panacea.exchange.market import Listing
    from panacea.vault.records import Entry


@click.command("present", cls=Leaf)
@click.argument("credential", required=False)
@click.option("--holder", required=True, help="whose vault")
@click.option("--deal", "deal_id", type=int, help="what this deal would take")
@click.option("--fields", help="or these elements, as JSON pointers into the record with commas between them")
@reaching
def present(reach: Reach, credential: str | None, holder: str, deal_id: int | None, fields: str | None) -> Answer:
    """Show what leaves of CREDENTIAL, the first digits of its id, in a sale; without one, list the vault.

    Nothing is sent to anybody.
    """
    from panacea.credentials import show

    with reach.holder(holder) as who:
        if credential is None:
            return _listing(who)
        entry, octets = find_credential(who, credential)
        if deal_id is not None:
            listing = _read_deal(reach, deal_id)
            shown = show(octets, _fields(listing, octets, who))
            return _told(entry, shown, listing)
    chosen = [field.strip() for field in (fields or "").split(",") if field.strip()]
    return _told(entry, show(octets, chosen), None)


def find_credential(holder: "Holder", prefix: str) -> "tuple[Entry, bytes]":
    """The one credential whose id begins so. Raises CommandRefused."""
    found = [entry for entry in holder.entries() if entry.oid.hex().startswith(prefix.lower())]
    if len(found) != 1:
        what = "several credentials begin so" if found else "no credential of this id"
        raise CommandRefused(what, hint="`panacea present --holder NAME` lists them", exit_code=USAGE, id=prefix)
    return found[0], holder.get(found[0].oid)


def _listing(holder: "Holder") -> Answer:
    told = [
        {"id": entry.oid.hex(), "type": entry.metadata.get("type"), "reference": entry.metadata.get("reference")}
        for entry in holder.entries()
    ]
    rows = [(str(one["id"])[:12], str(one["type"]), str(one["reference"])[-80:]) for one in told]
    return Answer(told, table(rows, ("id", "type", "record")) if rows else "no credentials here")


def _read_deal(reach: Reach, deal_id: int) -> "Listing":
    from panacea.client.plain import plain
    from panacea.exchange.market import Market

    async def read() -> "Listing":
        async with reach.view() as view:
            return await Market(view).listing(deal_id)

    return plain(read())


def _fields(listing: "Listing", credential: bytes, holder: "Holder") -> list[str]:
    import time

    from panacea.exchange.offers import Unmatched, match

    found = match(listing.deal, credential, holder_did=holder.did, now=int(time.time()))
    if isinstance(found, Unmatched):
        why = f"{found.reason} ({found.detail})" if found.detail else found.reason
        raise CommandRefused("this record does not fit the deal", hint="another record may", why=why)
    return list(found.fields)


def _told(entry: "Entry", shown: "Shown", listing: "Listing | None") -> Answer:
    told = {
        "id": entry.oid.hex(),
        "record": [{"field": line.field.path, "value": line.value, "leaves": line.leaves} for line in shown.record],
        "to_the_consumer": dict(shown.everyone),
        "to_the_enclave_only": dict(shown.enclave),
    }
    fate = {"all": "leaves", "part": "leaves in part", "none": "stays"}
    rows = [(line.field.label, line.value[:60], fate[line.leaves]) for line in shown.record]
    rows += [(name, value[:60], "leaves") for name, value in shown.everyone.items()]
    rows += [(name, value[:60], "to the enclave only") for name, value in shown.enclave.items()]
    text = table(rows, ("field", "value", ""))
    if listing is not None:
        deal = listing.deal
        told["deal"] = {
            "id": deal.id,
            "title": deal.title,
            "purpose": deal.purpose,
            "price": f"{deal.price.amount}{deal.price.denom}",
            "retention_days": deal.retention_days,
            "terms": [{"id": term.id, "title": term.title, "required": term.required} for term in deal.terms],
        }
        terms = "".join(
            f"\n  term {term.id}{'' if term.required else ' (optional)'}: {term.title}" for term in deal.terms
        )
        text = (
            f"{deal.title} · purpose {deal.purpose} · kept for {deal.retention_days} days · "
            f"{deal.price.amount}{deal.price.denom} less the oracles' fees{terms}\n\n{text}\n\n"
            "What was sold cannot be recalled from those who copied it."
        )
    return Answer(told, text)


COMMAND = present
