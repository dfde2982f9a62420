from dataclasses import replace
from typing import Any

import pytest
from simulated_evidence import MEASUREMENTS, PLATFORM, claims

from panacea.attestation import Assurance, Decision, MeasurementRule, Policy, Refused, Root, decide
from panacea.attestation.types import (
    AdvisoryRejected,
    DebugEnabled,
    EvaluationTooOld,
    MeasurementNotAllowed,
    PlatformNotRegistered,
    ProductDenied,
    TCBStatusNotAllowed,
    UnknownRoot,
)

CLAIMS = replace(claims(), advisory_ids=("INTEL-SA-1",), tcb_status="SWHardeningNeeded")
POLICY = Policy(
    roots={PLATFORM.root_key_id: Root(Assurance.SIMULATED, "simulated-a")},
    measurements=(MeasurementRule(bytes(32)), MeasurementRule(MEASUREMENTS["sgx"], 10, 20)),
)


def test_accepted() -> None:
    assert decide(CLAIMS, POLICY, 10) == Decision(
        Assurance.SIMULATED, "simulated-a", "simulated-a/a06d", MEASUREMENTS["sgx"], CLAIMS.platform_id
    )


@pytest.mark.parametrize("height", [9, 21])
def test_heights(height: int) -> None:
    assert decide(CLAIMS, POLICY, 20)
    with pytest.raises(MeasurementNotAllowed):
        decide(CLAIMS, POLICY, height)


def test_open_ended_measurement() -> None:
    rules = (MeasurementRule(MEASUREMENTS["sgx"], 10),)
    assert decide(CLAIMS, replace(POLICY, measurements=rules), 10**9)
    with pytest.raises(MeasurementNotAllowed):
        decide(CLAIMS, replace(POLICY, measurements=rules), 9)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"roots": {}}, UnknownRoot),
        ({"roots": {bytes(48): Root(Assurance.HARDWARE, "intel")}}, UnknownRoot),
        ({"measurements": ()}, MeasurementNotAllowed),
        ({"products_denied": frozenset({"simulated-a/a06d"})}, ProductDenied),
        ({"tcb_statuses": frozenset({"UpToDate"})}, TCBStatusNotAllowed),
        ({"min_tcb_evaluation": 21}, EvaluationTooOld),
        ({"advisories_rejected": frozenset({"INTEL-SA-1", "INTEL-SA-2"})}, AdvisoryRejected),
        ({"registry_required": True, "platforms": frozenset({bytes(32)})}, PlatformNotRegistered),
    ],
)
def test_refused(change: dict[str, Any], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        decide(CLAIMS, replace(POLICY, **change), 10)


@pytest.mark.parametrize(
    "change",
    [
        {"products_denied": frozenset({"simulated-b/a06d"})},
        {"min_tcb_evaluation": 20},
        {"advisories_rejected": frozenset({"INTEL-SA-2"})},
        {"registry_required": True, "platforms": frozenset({CLAIMS.platform_id})},
    ],
)
def test_still_accepted(change: dict[str, Any]) -> None:
    assert decide(CLAIMS, replace(POLICY, **change), 10)


def test_debug_claims_never_pass() -> None:
    with pytest.raises(DebugEnabled):
        decide(replace(CLAIMS, debug=True), POLICY, 10)
