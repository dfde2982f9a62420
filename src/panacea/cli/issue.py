"""`panacea issue`: a hospital signs a patient's records."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.progress import table
from panacea.cli.reach import Reach, reaching

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panacea.cli.patients import Owned
    from panacea.health.bundles import Unreadable


@click.command("issue", cls=Leaf)
@click.argument("records", type=click.Path(path_type=Path, exists=True), required=False)
@click.option("--holder", required=True, help="whose records they are: a name; its key and vault are made if need be")
@click.option("--from", "issuer", default="issuer", show_default=True, help="the key of the issuer")
@reaching
def issue(reach: Reach, records: Path | None, holder: str, issuer: str) -> Answer:
    """Sign RECORDS, a file or folder of FHIR R4 JSON, into the vault of a holder, with a fresh status list.

    Without RECORDS only the status list is renewed: deals ask for one that is not older than a day.
    """
    from panacea.cli.issuing import issue_all, status_lists
    from panacea.cli.people import issuer_of

    _, keys = issuer_of(reach.keyring(), issuer)
    now, counter = int(time.time()), reach.home / "issuers" / f"{issuer}.json"
    first = json.loads(counter.read_bytes())["issued"] if counter.exists() else 0
    with reach.holder(holder) as who:
        found = _of(records) if records else iter(())
        done = issue_all(found, lambda _: who, keys=keys, now=now, first_index=first)
        for octets in status_lists(keys, first + done.issued, now):
            who.learn_status_list(octets)
    counter.parent.mkdir(mode=0o700, exist_ok=True)
    counter.write_text(json.dumps({"issued": first + done.issued}))
    failed = [{"reference": one.reference, "reason": one.reason} for one in done.failed]
    told = {"issuer": keys.did, "holder": who.did, "records_seen": done.seen, "issued": done.issued, "failed": failed}
    text = f"{done.issued} of {done.seen} records signed for {who.did}"
    if failed:
        text += "\n\n" + table([(one["reference"], one["reason"][:80]) for one in failed], ("gave none", "why"))
    return Answer(told, text)


def _of(path: Path) -> "Iterator[Owned | Unreadable]":
    """All records of a path, of one owner."""
    from panacea.cli.patients import read_owned

    yield from read_owned(path, 1)


COMMAND = issue
