"""`panacea present`: field by field, what would leave and what would stay."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import USAGE, CommandRefused
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from panacea.credentials import Shown
    from panacea.exchange.holder import Holder
    from panacea.exchange.market import Listing
    from panacea.exchange.offers import Match, Unmatched
    from panacea.vault.records import Entry
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Deal

NO_RECALL = "What was sold cannot be recalled from those who copied it."


@click.command("present", cls=Leaf)
@click.argument("credential", required=False)
@click.option("--holder", required=True, help="whose vault")
@click.option("--deal", "deal_id", type=int, help="what this deal would take")
@click.option("--fields", help="or these elements, as JSON pointers into the record with commas between them")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="write what the deal's consumer would get")
@reaching
def present(
    reach: Reach, credential: str | None, *, holder: str, deal_id: int | None, fields: str | None, out: Path | None
) -> Answer:
    """Show what leaves of CREDENTIAL in a sale, and what stays; without one, list the vault.

    CREDENTIAL is the record's name, such as Observation/1, or the first digits of the credential's id. Nothing is sent
    to anybody.
    """
    from panacea.credentials import show

    if out is not None and (deal_id is None or credential is None):
        raise click.UsageError("--out takes a credential and --deal: a view is made for one deal")
    with reach.holder(holder) as who:
        listing = None if deal_id is None else _read_deal(reach, deal_id)
        if credential is None:
            return _listing(who, listing)
        entry, octets = find_credential(who, credential)
        chosen = [field.strip() for field in (fields or "").split(",") if field.strip()]
        if listing is not None:
            chosen = list(require_fitting(listing.deal, octets, who).fields)
    if listing is not None and out is not None:
        out.write_bytes(_view(reach, listing.deal, octets, chosen))
    return _told(entry, show(octets, chosen), listing, out)


def find_credential(holder: "Holder", name: str) -> "tuple[Entry, bytes]":
    """The one credential whose record is called so, or whose id begins so. Raises CommandRefused."""
    entries = entries_of(holder)
    found = [entry for entry in entries if name in (_reference(entry), _reference(entry).rpartition("#")[2])]
    found = found or [entry for entry in entries if entry.oid.hex().startswith(name.lower())]
    if len(found) != 1:
        what = "several credentials are called so" if found else "no credential of this name"
        hint = "`panacea present --holder NAME` lists them with their ids"
        raise CommandRefused(what, hint=hint, exit_code=USAGE, name=name)
    return found[0], holder.get(found[0].oid)


def entries_of(holder: "Holder") -> "list[Entry]":
    """What is in a vault, by the names of the records."""
    return sorted(holder.entries(), key=_reference)


def _reference(entry: "Entry") -> str:
    return entry.metadata.get("reference", "")


def _listing(holder: "Holder", listing: "Listing | None") -> Answer:
    """All credentials, and of each whether it fits a deal, where one is asked about."""
    told: list[dict[str, str]] = []
    for entry in entries_of(holder):
        one = {"id": entry.oid.hex(), "type": entry.metadata.get("type", ""), "reference": _reference(entry)}
        told.append(one | ({} if listing is None else {"deal": _fit(listing.deal, holder.get(entry.oid), holder)}))
    rows = [(one["id"][:12], one["type"], one["reference"][-80:], *list(one.values())[3:]) for one in told]
    heads = ("id", "type", "record", *(() if listing is None else ("deal",)))
    return Answer(told, table(rows, heads) if rows else "no credentials here")


def _fit(deal: "Deal", credential: bytes, holder: "Holder") -> str:
    from panacea.exchange.offers import Unmatched

    found = judge(deal, credential, holder)
    return _why(found) if isinstance(found, Unmatched) else "fits"


def _read_deal(reach: Reach, deal_id: int) -> "Listing":
    from panacea.client.plain import plain
    from panacea.exchange.market import Market

    async def read() -> "Listing":
        async with reach.view() as view:
            return await Market(view).listing(deal_id)

    return plain(read())


def judge(deal: "Deal", credential: bytes, holder: "Holder") -> "Match | Unmatched":
    """Whether a credential fits a deal today; nobody is asked."""
    import time

    from panacea.exchange.offers import match

    return match(deal, credential, holder_did=holder.did, now=int(time.time()))


def require_fitting(deal: "Deal", credential: bytes, holder: "Holder") -> "Match":
    """As `judge`. Raises CommandRefused, which says why it does not fit."""
    from panacea.exchange.offers import Unmatched

    found = judge(deal, credential, holder)
    if isinstance(found, Unmatched):
        hint = f"`panacea present --holder NAME --deal {deal.id}` lists what fits"
        raise CommandRefused("this record does not fit the deal", hint=hint, why=_why(found))
    return found


def _why(found: "Unmatched") -> str:
    return f"{found.reason} ({found.detail})" if found.detail else found.reason


def _view(reach: Reach, deal: "Deal", credential: bytes, fields: list[str]) -> bytes:
    from panacea.credentials import consumer_view

    return consumer_view(credential, fields, reach.genesis().chain_id, deal.id, deal.query_hash)


def describe_deal(deal: "Deal") -> str:
    """Who asks, why, for how long, for how much, under which terms."""
    terms = "".join(f"\n  term {term.id}{'' if term.required else ' (optional)'}: {term.title}" for term in deal.terms)
    return (
        f"{deal.title} · purpose {deal.purpose} · kept for {deal.retention_days} days · "
        f"{deal.price.amount}{deal.price.denom} less the oracles' fees\n  asked by {deal.consumer_did}{terms}"
    )


def describe_shown(shown: "Shown") -> str:
    """Field by field, what leaves and what stays."""
    fate = {"all": "leaves", "part": "leaves in part", "none": "stays"}
    rows = [(line.field.label, line.value[:60], fate[line.leaves]) for line in shown.record]
    rows += [(name, value[:60], "leaves") for name, value in shown.everyone.items()]
    rows += [(name, value[:60], "to the enclave only") for name, value in shown.enclave.items()]
    return table(rows, ("field", "value", ""))


def _told(entry: "Entry", shown: "Shown", listing: "Listing | None", out: Path | None) -> Answer:
    told = {
        "id": entry.oid.hex(),
        "reference": _reference(entry),
        "record": [{"field": line.field.path, "value": line.value, "leaves": line.leaves} for line in shown.record],
        "to_the_consumer": dict(shown.everyone),
        "to_the_enclave_only": dict(shown.enclave),
    }
    parts = [describe_shown(shown)]
    if listing is not None:
        told["deal"] = deal_values(listing.deal)
        parts = [describe_deal(listing.deal), *parts, NO_RECALL]
    if out is not None:
        told["output"] = str(out)
        parts.append(str(out))
    return Answer(told, "\n\n".join(parts))


def deal_values(deal: "Deal") -> dict[str, Any]:  # Any: JSON
    """What somebody who sells has to know of a deal."""
    return {
        "id": deal.id,
        "title": deal.title,
        "purpose": deal.purpose,
        "consumer_did": deal.consumer_did,
        "price": f"{deal.price.amount}{deal.price.denom}",
        "retention_days": deal.retention_days,
        "terms": [{"id": term.id, "title": term.title, "required": term.required} for term in deal.terms],
    }


COMMAND = present
