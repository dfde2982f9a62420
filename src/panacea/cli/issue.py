"""`panacea issue`: a hospital signs a patient's records."""

import itertools
import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from panacea.cli.command import Answer, Leaf
from panacea.cli.failure import CommandRefused
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
    now, places = int(time.time()), sum(1 for _ in _of(records))
    first = _take_places(reach.home / "issuers", issuer, places)
    with reach.holder(holder, is_new=True) as who:
        found = itertools.islice(_of(records), places)
        done = issue_all(found, lambda _: who, keys=keys, now=now, first_index=first)
        for octets in status_lists(keys, first + places, now):
            who.learn_status_list(octets)
    failed = [{"reference": one.reference, "reason": one.reason} for one in done.failed]
    told = {"issuer": keys.did, "holder": who.did, "records_seen": done.seen, "issued": done.issued, "failed": failed}
    text = f"{done.issued} of {done.seen} records signed for {who.did}"
    if failed:
        text += "\n\n" + table([(one["reference"], one["reason"][:80]) for one in failed], ("gave none", "why"))
    return Answer(told, text)


def _of(path: Path | None) -> "Iterator[Owned | Unreadable]":
    """All records of a path, of one owner."""
    from panacea.cli.patients import read_owned

    if path is not None:
        yield from read_owned(path, 1)


def _take_places(folder: Path, issuer: str, count: int) -> int:
    """The first of `count` places in the issuer's status lists; whatever becomes of them, none is given twice."""
    from panacea.cli.lock import held

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    counter, draft = folder / f"{issuer}.json", folder / f"{issuer}.new"
    try:
        with held(folder / f"{issuer}.lock"):
            first: int = json.loads(counter.read_bytes())["places"] if counter.exists() else 0
            with draft.open("w") as file:
                json.dump({"places": first + count}, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(counter)
    except BlockingIOError:
        raise CommandRefused("this issuer is signing elsewhere", hint="try again", issuer=issuer) from None
    return first


COMMAND = issue
