"""The gas that a member gives its releases suffices on chain, whichever share is the one that pays."""

from typing import TYPE_CHECKING

import pytest
from deal_market import Market

from panacea.oracle.release import GAS_OF_BATCH, gas_of
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Assurance
else:
    (Assurance,) = load("panacea.datadeal.v3", "Assurance")

SEALED = bytes(1152)
"""As long as a share of 16 bytes that is sealed to the consumer."""


@pytest.mark.parametrize("certificates", [1, 2, 5])
def test_the_share_that_pays_has_gas_enough(certificates: int) -> None:
    market = Market()
    assurance = Assurance(min_certificates=certificates, min_vendors=1, allow_simulated=True)
    deal = market.create_deal(assurance=assurance, max_records=1)
    number = market.sell(deal, "alice", by=range(1, certificates + 1))
    given = GAS_OF_BATCH + gas_of(market.sale(deal, number))
    results = market.release(deal, number, (1, 2, 3, 4, 5), sealed_share=SEALED)
    most = max(result.gas_used for result in results)
    assert most <= given <= 2 * most
