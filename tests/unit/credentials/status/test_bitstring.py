"""Status lists: bits, their packing, and every reason not to believe one."""

import gzip
import zlib
from typing import Any

import pytest
from health_issuer import DAY, ENTRY, ISSUED, KEYS, LIST_URL, document_of
from health_issuer import issuer_keys as keys_of

from panacea.credentials import (
    CredentialRevoked,
    EnclosedLists,
    ProofInvalid,
    StatusEntry,
    StatusList,
    StatusStale,
    check_status,
    create_status_credential,
)
from panacea.credentials.status.bitstring import MAX_BITS, MIN_BITS
from panacea.credentials.suites.multibase import to_base64url
from panacea.health.strict_json import parse_json, to_json
from panacea.identity.documents import DIDDocument


def published(*revoked: int, **changes: Any) -> bytes:
    bits = StatusList()
    for index in revoked:
        bits.set(index)
    arguments: dict[str, Any] = {
        "url": LIST_URL,
        "issuer": KEYS.did,
        "signer": KEYS.status_signer,
        "method_id": KEYS.status_method_id,
        "valid_from": ISSUED,
    }
    return create_status_credential(changes.pop("bits", bits), **(arguments | changes))


def check(
    octets: bytes, *, entry: StatusEntry = ENTRY, now: int = ISSUED + 60, document: DIDDocument | None = None
) -> None:
    check_status(entry, octets, issuer_document=document or document_of(), now=now, max_age=DAY)


def test_bits() -> None:
    bits = StatusList()
    bits.set(0)
    bits.set(9)
    assert (bits.is_set(0), bits.is_set(1), bits.is_set(9), bits.is_set(MIN_BITS - 1)) == (True, False, True, False)
    again = StatusList.decode(bits.encode())
    assert (again.encode(), len(again)) == (bits.encode(), MIN_BITS)
    assert zlib.decompress(gzip.compress(b"\x80\x40", mtime=0), wbits=31) == bytes(again._octets[:2])
    again.set(9, to=False)
    assert not again.is_set(9)
    for outside in (-1, MIN_BITS):
        with pytest.raises(IndexError):
            bits.is_set(outside)


@pytest.mark.parametrize("bits", [MIN_BITS - 8, MIN_BITS + 1, MAX_BITS + 8])
def test_sizes_of_lists(bits: int) -> None:
    with pytest.raises(ValueError, match="status list"):
        StatusList(bits)


def test_a_credential_that_stands() -> None:
    check(published(94_566, 94_568))


def test_a_revoked_credential() -> None:
    with pytest.raises(CredentialRevoked, match=r"credential_revoked$"):
        check(published(94_567))


@pytest.mark.parametrize("age", [DAY, -DAY])
def test_a_list_of_the_last_permitted_second(age: int) -> None:
    check(published(), now=ISSUED + age)


@pytest.mark.parametrize("age", [DAY + 1, -DAY - 1])
def test_a_list_too_old_or_from_the_future(age: int) -> None:
    with pytest.raises(StatusStale, match=r"status_stale$"):
        check(published(), now=ISSUED + age)


OTHER = keys_of(b"other")


@pytest.mark.parametrize(
    "octets",
    [
        published(issuer=OTHER.did, signer=OTHER.status_signer, method_id=OTHER.status_method_id),
        published(signer=OTHER.status_signer),
        published(method_id=OTHER.status_method_id),
        published(method_id=KEYS.bbs_method_id),
        published(url=LIST_URL + "2"),
        published(purpose="suspension"),
        published().replace(b'"revocation"', b'"suspension"'),
        published().replace(b"2026-01-01T00:00:00Z", b"2026-01-01T00:00:01Z"),
        b"",
        b"[]",
        b"{}",
        b" " * 2_100_000,
    ],
)
def test_a_list_that_does_not_answer_for_the_credential(octets: bytes) -> None:
    with pytest.raises(StatusStale):
        check(octets)


@pytest.mark.parametrize(
    "change",
    [
        {"validUntil": "2030-01-01T00:00:00Z"},
        {"type": ["VerifiableCredential"]},
        {"@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/did/v1"]},
        {"validFrom": "2026-01-01"},
        {"credentialSubject": []},
        {"proof": []},
    ],
)
def test_a_list_of_another_shape(change: dict[str, Any]) -> None:
    with pytest.raises(StatusStale):
        check(to_json(parse_json(published()) | change))


def test_a_list_whose_key_was_taken_back() -> None:
    with pytest.raises(StatusStale):
        check(published(), document=DIDDocument(KEYS.did))


def test_an_entry_beyond_the_list() -> None:
    with pytest.raises(StatusStale):
        check(published(), entry=StatusEntry(LIST_URL, MIN_BITS))


def bomb() -> str:
    return to_base64url(gzip.compress(bytes(MAX_BITS // 8 + 1), mtime=0))


@pytest.mark.parametrize(
    "encoded",
    [
        bomb(),
        to_base64url(gzip.compress(bytes(MIN_BITS // 8 - 1), mtime=0)),
        to_base64url(gzip.compress(bytes(MIN_BITS // 8), mtime=0) + b"x"),
        to_base64url(gzip.compress(bytes(MIN_BITS // 8), mtime=0)[:-1]),
        to_base64url(zlib.compress(bytes(MIN_BITS // 8))),
        "z" + StatusList().encode()[1:],
        "",
    ],
)
def test_a_list_that_does_not_unpack(encoded: str) -> None:
    with pytest.raises(StatusStale):
        StatusList.decode(encoded)


@pytest.mark.parametrize(
    "arguments", [("ftp://x/1", 0), ("https://x/1", -1), ("https://x/1", MAX_BITS), ("https://x/1", 0, "mood")]
)
def test_entries_that_are_none(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ProofInvalid):
        StatusEntry(*arguments)


def test_enclosed_lists_are_found_by_their_name() -> None:
    lists = [published(url=LIST_URL + "2"), published()]
    assert EnclosedLists(lists).status_list(LIST_URL) == lists[1]
    for enclosed in ([], lists[:1], [b"{}", lists[1]]):
        with pytest.raises(StatusStale):
            EnclosedLists(enclosed).status_list(LIST_URL)
