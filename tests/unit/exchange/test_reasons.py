"""Every no has one stable word."""

import pytest

from panacea.chain.datadeal.types import DealFull
from panacea.client.types import Outcome, TxFailed
from panacea.credentials import NotMatched, ProofInvalid
from panacea.exchange.reasons import reason_of
from panacea.exchange.types import ObjectUnavailable, OfferRefused
from panacea.primitives.rejected import Rejected


def failed(codespace: str, code: int, log: str) -> TxFailed:
    return TxFailed(Outcome(b"", 1, code, codespace, log, b"", gas_wanted=0, gas_used=0, events=()))


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (OfferRefused("status_stale", "why"), "status_stale"),
        (failed("datadeal", 4, ""), "deal_full"),
        (failed("sdk", 6, f"failed to execute message; message index: 0: {DealFull(deal_id=1)}"), "deal_full"),
        (failed("sdk", 5, "insufficient funds"), "sdk/5"),
        (failed("datadeal", 999, ""), "datadeal/999"),
        (ProofInvalid("why"), "proof_invalid"),
        (NotMatched("code"), "query_not_satisfied"),
        (ObjectUnavailable(), "object_unavailable"),
        (Rejected("x"), "Rejected"),
    ],
)
def test_reasons(failure: Rejected, reason: str) -> None:
    assert reason_of(failure) == reason
