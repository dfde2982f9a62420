"""One stable word for why a sale or a delivery did not happen, whoever refused: wallet, enclave, chain or store."""

from functools import cache

from panacea.chain.datadeal import types as datadeal
from panacea.client.types import TxFailed
from panacea.exchange.types import OfferRefused
from panacea.primitives.rejected import Rejected


def reason_of(failure: Rejected) -> str:
    """The code of a refusal, such as `proof_invalid`, `deal_full` or `object_unavailable`.

    A simulated transaction fails with the SDK's general code; what the module said stands in its log.
    """
    if isinstance(failure, OfferRefused):
        return failure.refusal
    if isinstance(failure, TxFailed):
        outcome = failure.outcome
        if outcome.codespace == datadeal.NAME and outcome.code in _codes():
            return _codes()[outcome.code]
        said = [text for text in _codes().values() if text in outcome.log]
        return said[0] if said else f"{outcome.codespace}/{outcome.code}"
    return failure.text or type(failure).__name__


@cache
def _codes() -> dict[int, str]:
    """The datadeal module's refusals by their code."""
    return {each.code: each.text for each in datadeal.DataDealRejected.__subclasses__()}
