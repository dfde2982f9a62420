"""Judging a credential by the status lists that it names, each a credential that is verified like any other.

A bit of purpose revocation or suspension refuses; a list of purpose message or refresh tells something. A list of
another issuer is not believed. Source: Bitstring Status List 1.0, sections 2 and 3.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from panacea.credentials.rdf import JSONLDRejected, PoisonGraph
from panacea.credentials.rdf.shapes import as_list
from panacea.credentials.refusals import CredentialRejected, CredentialRevoked, ProofInvalid, StatusStale
from panacea.credentials.status.bitstring import MESSAGE, PURPOSES, StatusEntry, StatusList, StatusSource
from panacea.credentials.suites.types import ProofRejected
from panacea.credentials.vc.model import Credential
from panacea.credentials.vc.types import Check, Document, MalformedCredential, Outcome, TokenStatusSource, Verified

if TYPE_CHECKING:
    from panacea.credentials.formats.issuer_keys import KeySource

BITSTRING: Final = "BitstringStatusListEntry"
LIST_TYPE: Final = "BitstringStatusListCredential"
MAX_ENTRIES: Final = 16
"""Status entries of one credential that are judged: each may take a list of its own to be unpacked and verified."""

VerifyList = Callable[[bytes], Verified]
"""Verifies a list as a credential, without judging a status of its own: that could lead around in a circle."""


def check_statuses(
    found: Credential, source: StatusSource | None, verify: VerifyList, *, oldest: int | None = None
) -> tuple[list[Check], tuple[str, ...]]:
    """The checks of all entries, and what lists of purpose `message` say.

    `oldest` is the second before which a list must not have been made. Raises CredentialRevoked, StatusStale.
    """
    if not found.status:
        return [Check("status", Outcome.ABSENT)], ()
    if len(found.status) > MAX_ENTRIES:
        raise MalformedCredential("more status entries than are judged", pointer="/credentialStatus", limit=MAX_ENTRIES)
    checks, messages = [], []
    for value in found.status:
        kinds = value["type"] if isinstance(value["type"], list) else [value["type"]]
        if BITSTRING not in kinds:
            checks.append(Check("status", Outcome.SKIPPED, f"{', '.join(kinds)} is not known here"))
        elif source is None:
            checks.append(Check("status", Outcome.SKIPPED, "no source of status lists was given"))
        else:
            entry = StatusEntry.read(value)
            checks.append(Check("status", Outcome.CHECKED, f"{entry.purpose}: {entry.list_url}"))
            listed = _listed(found, entry, source.status_list(entry.list_url), verify, oldest=oldest)
            messages += _judge(entry, listed)
    return checks, tuple(messages)


def _judge(entry: StatusEntry, bits: StatusList) -> list[str]:
    """What an entry's bits say; CredentialRevoked where they take the credential away."""
    try:
        value = bits.value(entry.index, entry.size)
    except IndexError as error:
        raise StatusStale("the list has no such entry", index=entry.index) from error
    if entry.purpose in PURPOSES:
        if value:
            raise CredentialRevoked(purpose=entry.purpose)
        return []
    if entry.purpose == MESSAGE:
        return [dict(entry.messages).get(value, f"0x{value:x}")]
    return ["a newer credential is to be had"] if value else []


def _listed(
    found: Credential, entry: StatusEntry, octets: bytes, verify: VerifyList, *, oldest: int | None
) -> StatusList:
    """The list's bits, after the list was verified as a credential of the same issuer and for the same purpose."""
    try:
        listed = verify(octets)
    except StatusStale:
        raise
    except (CredentialRejected, ProofRejected, JSONLDRejected, PoisonGraph) as error:
        raise StatusStale("its list does not verify", url=entry.list_url, reason=error.text) from error
    if listed.issuer != found.issuer:
        raise StatusStale("a list by another issuer", issuer=listed.issuer, expected=found.issuer)
    if oldest is not None and (listed.valid_from is None or listed.valid_from < oldest):
        raise StatusStale("too old a list", valid_from=listed.valid_from, oldest=oldest)
    subject = listed.document.get("credentialSubject")
    if LIST_TYPE not in listed.types or not isinstance(subject, dict) or subject.get("type") != "BitstringStatusList":
        raise StatusStale("not a status list", url=entry.list_url)
    _require_named(listed.document, subject, entry)
    return StatusList.decode(str(subject.get("encodedList")))


def _require_named(document: Document, subject: Document, entry: StatusEntry) -> None:
    purposes = subject.get("statusPurpose")
    if entry.purpose not in as_list(purposes):
        raise StatusStale("a list of another purpose", purpose=purposes, expected=entry.purpose)
    if document.get("id", entry.list_url) != entry.list_url:
        raise StatusStale("a list of another name", id=document.get("id"), expected=entry.list_url)
    if not isinstance(subject.get("encodedList"), str):
        raise ProofInvalid("a list without its bits")


def check_token_status(
    claims: Document, source: TokenStatusSource | None, *, issuer: str, keys: "KeySource", now: int
) -> Check:
    """The check of the Token Status List entry in a token's claims.

    The list must be by the token's issuer. Raises a TokenStatusRejected, or a FormatRejected of the list's own token.
    """
    from panacea.credentials.status.token import StatusReference, read_cwt, read_jwt

    reference = StatusReference.from_claims(claims)
    if reference is None:
        if "status" in claims:
            return Check("status", Outcome.SKIPPED, "of a kind not known here")
        return Check("status", Outcome.ABSENT)
    if source is None:
        return Check("status", Outcome.SKIPPED, "no source of token status lists was given")
    octets = source.find(reference.uri)
    if octets is None:
        raise StatusStale("nobody has the list", uri=reference.uri)
    # A JWT starts with the base64url of a brace; a COSE_Sign1 starts with a tag of CBOR.
    read = read_jwt if octets[:2] == b"ey" else read_cwt
    listed = read(octets, keys=keys, now=now, issuer=issuer)
    listed.require_valid(reference)
    return Check("status", Outcome.CHECKED, f"token status list: {reference.uri}")
