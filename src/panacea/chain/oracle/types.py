"""The nouns of this module, and the ways it says no."""

from typing import TYPE_CHECKING

from panacea.attestation import Assurance
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import AssuranceKind, OracleStatus
else:
    AssuranceKind, OracleStatus = load("panacea.oracle.v3", "AssuranceKind", "OracleStatus")

NAME = "oracle"

ACTIVE = OracleStatus.ORACLE_STATUS_ACTIVE
JAILED = OracleStatus.ORACLE_STATUS_JAILED
LEAVING = OracleStatus.ORACLE_STATUS_LEAVING

HARDWARE = AssuranceKind.ASSURANCE_KIND_HARDWARE
SIMULATED = AssuranceKind.ASSURANCE_KIND_SIMULATED
KINDS = {Assurance.HARDWARE: HARDWARE, Assurance.SIMULATED: SIMULATED}


class OracleRejected(Rejected, codespace="oracle"): ...


class OracleNotFound(OracleRejected, code=2, text="oracle_not_found"): ...


class AlreadyRegistered(OracleRejected, code=3, text="already_registered"): ...


class EvidenceRefused(OracleRejected, code=4, text="evidence_refused"): ...


class PlatformTaken(OracleRejected, code=5, text="platform_taken"): ...


class StaleAnchor(OracleRejected, code=6, text="stale_anchor"): ...


class WrongEpoch(OracleRejected, code=7, text="wrong_epoch"): ...


class BondTooLow(OracleRejected, code=8, text="bond_too_low"): ...


class CommissionTooHigh(OracleRejected, code=9, text="commission_too_high"): ...


class NotActive(OracleRejected, code=10, text="not_active"): ...


class CollateralRefused(OracleRejected, code=11, text="collateral_refused"): ...


class CollateralMissing(OracleRejected, code=12, text="collateral_missing"): ...


class StillJailed(OracleRejected, code=13, text="still_jailed"): ...


class InvalidParams(OracleRejected, code=14, text="invalid_params"): ...


class ReportDataMismatch(OracleRejected, code=15, text="report_data_mismatch"): ...


class InvalidKey(OracleRejected, code=16, text="invalid_key"): ...
