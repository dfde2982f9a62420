"""Fetched status lists are kept for as long as they say, and never longer than is safe."""

import json
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.refusals import StatusStale
from panacea.credentials.status.bitstring import MAX_LIST
from panacea.credentials.status.cache import CachedLists

URL = "https://hospital.example/status/1"


def kept_for(document: object, **limits: int) -> int:
    """The seconds after which a list is fetched again, found by bisection."""
    octets = document if isinstance(document, bytes) else json.dumps(document).encode()
    low, high = 0, 200_000
    while low < high:
        middle, clock = (low + high) // 2, At()
        fetched: list[str] = []

        def fetch(url: str, fetched: list[str] = fetched) -> bytes:
            fetched.append(url)
            return octets

        cache = CachedLists(fetch, clock, **limits)
        cache.status_list(URL)
        clock.seconds = NOW + middle
        cache.status_list(URL)
        low, high = (low, middle) if len(fetched) == 2 else (middle + 1, high)
    return low


@pytest.mark.parametrize(
    ("document", "seconds"),
    [
        ({}, 300),
        ({"credentialSubject": {"ttl": 60_000}}, 60),
        ({"credentialSubject": {"ttl": 10**12}}, 86_400),
        ({"credentialSubject": {"ttl": -1}}, 300),
        ({"credentialSubject": {"ttl": "60000"}}, 300),
        ({"credentialSubject": {"ttl": 600_000}, "validUntil": "2026-01-01T00:01:00Z"}, 60),
        ({"validUntil": "2025-12-31T00:00:00Z"}, 0),
        ({"validUntil": "soon"}, 0),
        ([], 300),
        (b"eyJ.a.token", 300),
    ],
)
def test_how_long(document: object, seconds: int) -> None:
    assert kept_for(document) == seconds


def test_limits_are_the_verifiers() -> None:
    assert kept_for({"credentialSubject": {"ttl": 60_000}}, longest_seconds=10) == 10


def cache_of(octets: bytes, **limits: Any) -> tuple[CachedLists, list[str]]:  # Any: the cache's own
    fetched: list[str] = []

    def fetch(url: str) -> bytes:
        fetched.append(url)
        return octets

    return CachedLists(fetch, At(), **limits), fetched


def test_too_large() -> None:
    with pytest.raises(StatusStale):
        cache_of(b" " * (MAX_LIST + 1))[0].status_list(URL)


def test_few_lists_are_kept_and_any_is_forgotten() -> None:
    cache, fetched = cache_of(b"{}", capacity=2)
    for url in ("a", "b", "a", "c", "a", "b"):
        cache.status_list(url)
    assert fetched == ["a", "b", "c", "b"]
    cache.forget("b")
    cache.status_list("b")
    assert fetched[-2:] == ["b", "b"]


@pytest.mark.parametrize("octets", [b"5", b"null", b'["validUntil"]', b'"validUntil"', b"[]"])
def test_json_of_any_shape_is_kept_for_the_default_time(octets: bytes) -> None:
    assert kept_for(octets) == 300
