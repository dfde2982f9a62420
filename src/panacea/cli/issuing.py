"""Signing whole folders of records: every record becomes a credential in its holder's vault, and is read back equal."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from panacea.cli.patients import Owned
from panacea.credentials import (
    IssuerKeys,
    NotIssuable,
    NotMatched,
    Query,
    StatusEntry,
    StatusList,
    create_status_credential,
    issue,
    resource_of,
)
from panacea.credentials.status.bitstring import MIN_BITS
from panacea.exchange.holder import Holder
from panacea.health.bundles import Record, Unreadable
from panacea.health.strict_json import to_json

DAY = 86_400
VALID_DAYS = 365
UNFIT = {"resourceType": "another kind of record", "code": "another code", "valueQuantity": "no measured value"}
STATUS_HOST = "https://issuer.example"
"""Nobody ever asks there: a list travels with the offer, and this is its name."""


@dataclass(slots=True)
class Issued:
    """What became of a source of records. `unfit` counts by kind of record and reason, why a query leaves it out."""

    seen: int = 0
    issued: int = 0
    eligible: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unfit: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: list[Unreadable] = field(default_factory=list)


def issue_all(
    records: Iterable[Owned | Unreadable],
    holder_of: Callable[[int], Holder],
    *,
    keys: IssuerKeys,
    now: int,
    query: Query | None = None,
    first_index: int = 0,
) -> Issued:
    """Issue a credential for each record to its owner, with a status entry each, valid for a year from `now`.

    A record that gives no credential is told in `failed`; it stops nothing.

    Raises:
        AssertionError: a credential does not give its record back.
    """
    done = Issued()
    for found in records:
        done.seen += 1
        if isinstance(found, Unreadable):
            done.failed.append(found)
            done.refused["unreadable"] += 1
            continue
        try:
            credential = _issue_one(found.record, holder_of(found.owner), keys, now, index=first_index + done.issued)
        except NotIssuable as no:
            done.failed.append(Unreadable(found.record.reference, no.detail))
            done.refused[no.text] += 1
            continue
        assert to_json(resource_of(credential)) == to_json(found.record.resource), found.record.reference
        done.issued += 1
        if query is not None:
            _judge(done, query, found.record)
    return done


def _issue_one(record: Record, holder: Holder, keys: IssuerKeys, now: int, *, index: int) -> bytes:
    credential = issue(
        record.resource,
        keys=keys,
        holder_did=holder.did,
        reference=record.reference,
        valid_from=now,
        valid_until=now + VALID_DAYS * DAY,
        status=StatusEntry(status_url(keys.did, index), index % MIN_BITS),
    )
    kind = str(record.resource["resourceType"])
    holder.add(credential, reference=record.reference[-512:], type=kind)
    return credential


def status_url(issuer: str, index: int) -> str:
    """The list of an issuer in which its credential of that number stands."""
    return f"{STATUS_HOST}/{issuer.rpartition(':')[2]}/status/{index // MIN_BITS + 1}"


def status_lists(keys: IssuerKeys, credentials: int, now: int) -> list[bytes]:
    """Lists for so many credentials, in which none was taken back, true from `now`."""
    return [
        create_status_credential(
            StatusList(),
            url=status_url(keys.did, first),
            issuer=keys.did,
            signer=keys.status_signer,
            method_id=keys.status_method_id,
            valid_from=now,
        )
        for first in range(0, max(1, credentials), MIN_BITS)
    ]


def _judge(done: Issued, query: Query, record: Record) -> None:
    try:
        query.fields(record.resource)
    except NotMatched as no:
        element = no.reason.rpartition(".")[2]
        done.unfit[str(record.resource["resourceType"]), UNFIT.get(element, f"without {element}")] += 1
        done.refused["not_asked_for"] += 1
    else:
        done.eligible += 1
