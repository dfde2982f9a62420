"""The tables are what the definition gives."""

import pytest

from panacea.crypto.bbs import MAX_MESSAGES, SHA256, SHAKE256, Suite
from panacea.crypto.bbs.generators import LISTED, PLAIN_SUMS, TABLED, Generators


@pytest.mark.parametrize("suite", [SHA256, SHAKE256])
def test_the_table_is_derived(suite: Suite) -> None:
    fresh = Generators(suite.api_id, suite.expand, suite.generators.table)
    assert fresh.base == fresh.derive_base()
    assert fresh.first(TABLED) == fresh.derive(0, TABLED)
    assert fresh.first(LISTED) == fresh.derive(0, LISTED)
    assert len({point.to_compressed_bytes() for point in [fresh.base, *fresh.first(LISTED)]}) == LISTED + 1


@pytest.mark.parametrize("suite", [SHA256, SHAKE256])
def test_nothing_is_derived_that_a_signature_needs(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    fresh = Generators(suite.api_id, suite.expand, suite.generators.table)
    monkeypatch.setattr(fresh, "derive", lambda start, stop: () if start == stop else pytest.fail("derived"))
    assert len(fresh.first(TABLED + 3)) == TABLED + 3
    assert fresh.first(LISTED)[: TABLED + 3] == fresh.first(TABLED + 3)
    assert len(fresh.first(1 + MAX_MESSAGES)) == 1 + MAX_MESSAGES


@pytest.mark.parametrize("suite", [SHA256, SHAKE256])
def test_the_table_is_extended(suite: Suite) -> None:
    fresh = Generators(suite.api_id, suite.expand, suite.generators.table)
    longer = fresh.first(LISTED + 3)
    assert longer[LISTED:] == fresh.derive(LISTED, LISTED + 3)
    assert fresh.first(2) == longer[:2]


@pytest.mark.parametrize("count", [0, 1, 3, TABLED + 1, TABLED + 3])
def test_sums_are_the_same_with_and_without_rows(count: int) -> None:
    fresh = Generators(SHA256.api_id, SHA256.expand, SHA256.generators.table)
    numbers = list(range(count))[::-1]
    scalars = [SHA256.map_message(b"%d" % number) for number in numbers]
    sums = [fresh.sum_of_products(numbers, scalars) for _ in range(PLAIN_SUMS + 1)]
    assert all(each == sums[0] for each in sums)


def test_octets_are_those_of_the_points() -> None:
    fresh = Generators(SHA256.api_id, SHA256.expand, SHA256.generators.table)
    for count in (3, 1, TABLED + 2, 0):
        assert fresh.octets(count) == b"".join(point.to_compressed_bytes() for point in fresh.first(count))
