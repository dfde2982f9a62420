"""The tables are what the definition gives."""

import pytest

from panacea.crypto.bbs import SHA256, SHAKE256, Suite
from panacea.crypto.bbs.generators import TABLED, Generators


@pytest.mark.parametrize("suite", [SHA256, SHAKE256])
def test_the_table_is_derived(suite: Suite) -> None:
    fresh = Generators(suite.api_id, suite.expand, suite.generators.table)
    assert fresh.base == fresh.derive_base()
    assert fresh.first(TABLED) == fresh.derive(0, TABLED)
    assert len({fresh.base, *fresh.first(TABLED)}) == TABLED + 1


@pytest.mark.parametrize("suite", [SHA256, SHAKE256])
def test_the_table_is_extended(suite: Suite) -> None:
    fresh = Generators(suite.api_id, suite.expand, suite.generators.table)
    longer = fresh.first(TABLED + 3)
    assert longer == fresh.derive(0, TABLED + 3)
    assert fresh.first(2) == longer[:2]
