"""One town for each file of tests: every test makes its own deal in it."""

from collections.abc import Iterator

import pytest
from oracle_town import Town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    made = Town(tmp_path_factory.mktemp("town"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("panacea.oracle.reseal.store_client", made.store.client)
        yield made
    made.close()
