"""Trusted computing base: what the vendor says about a platform of this age.

Source: Intel SGX and TDX Provisioning Certification Service API, version 4 (TCB info version 3, enclave identity
version 2); Intel DCAP quote verification library for the order of comparisons and the merging of statuses.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from panacea.attestation.pck import Platform
from panacea.attestation.signed_json import Fields, require_document
from panacea.attestation.types import (
    CollateralMismatch,
    DebugEnabled,
    MalformedCollateral,
    NoTCBLevel,
    QuotingEnclaveRefused,
    TCBRevoked,
    TDXModuleRefused,
)

_STATUSES = frozenset(
    {
        "UpToDate",
        "SWHardeningNeeded",
        "ConfigurationNeeded",
        "ConfigurationAndSWHardeningNeeded",
        "OutOfDate",
        "OutOfDateConfigurationNeeded",
        "Revoked",
    }
)
_PART_STATUSES = frozenset({"UpToDate", "OutOfDate", "Revoked"})
_TCB_IDS = {"sgx": "SGX", "tdx": "TDX"}
_QE_IDS = {"sgx": "QE", "tdx": "TD_QE"}
_SGX_DEBUG = 0x02


@dataclass(frozen=True, slots=True)
class Standing:
    """A TCB status and the advisories that come with it."""

    status: str
    advisories: frozenset[str]

    def worsened_by(self, part: "Standing") -> "Standing":
        """This platform's standing once a part of it (quoting enclave, TDX module) has the other standing."""
        status = self.status
        if part.status == "OutOfDate":
            status = "OutOfDateConfigurationNeeded" if "Configuration" in status else "OutOfDate"
        return Standing(status, self.advisories | part.advisories)


def read_fmspc(fields: Fields, kind: str) -> bytes:
    """The platform family that TCB info is about, after checking that it is TCB info for this TEE."""
    require_document(fields, _TCB_IDS[kind], 3)
    return fields.octets("fmspc", 6)


def require_qe_identity(fields: Fields, kind: str) -> None:
    """Refuse unless this is the quoting enclave identity for this TEE."""
    require_document(fields, _QE_IDS[kind], 2)


def rate_platform(fields: Fields, kind: str, platform: Platform, body: Mapping[str, bytes]) -> Standing:
    """The standing of platform and TDX module under verified TCB info."""
    if read_fmspc(fields, kind) != platform.fmspc or fields.octets("pceId", 2) != platform.pce_id:
        raise CollateralMismatch("TCB info of another platform family", platform=platform.fmspc)
    if fields.number("tcbType", 255) != 0:
        raise MalformedCollateral("unknown TCB type")
    standing = _standing(_find_level(fields, platform, body.get("tee_tcb_svn")), _STATUSES)
    if kind == "tdx":
        standing = _rate_module(fields, body, standing)
    return standing


def rate_quoting_enclave(fields: Fields, kind: str, report: Mapping[str, bytes]) -> Standing:
    """The standing of the quoting enclave under its verified identity."""
    require_qe_identity(fields, kind)
    if report["attributes"][0] & _SGX_DEBUG:
        raise DebugEnabled("quoting enclave")
    _require_masked(fields, report["misc_select"][::-1], "miscselect", "miscselectMask", QuotingEnclaveRefused)
    _require_masked(fields, report["attributes"], "attributes", "attributesMask", QuotingEnclaveRefused)
    if report["mr_signer"] != fields.octets("mrsigner", 32):
        raise QuotingEnclaveRefused("signed by someone else", found=report["mr_signer"])
    if _number(report["isv_prod_id"]) != fields.number("isvprodid", 0xFFFF):
        raise QuotingEnclaveRefused("another product of the signer")
    return _rate_svn(fields, _number(report["isv_svn"]), "quoting enclave")


def _find_level(fields: Fields, platform: Platform, tdx_svns: bytes | None) -> Fields:
    """The first level that every component reaches; levels are listed from new to old."""
    reached = []
    for level in fields.each("tcbLevels"):
        tcb = level.inner("tcb")
        required = _components(tcb, "sgxtcbcomponents")
        fits = _reaches(platform.components, required) and platform.pce_svn >= tcb.number("pcesvn", 0xFFFF)
        if tdx_svns is not None:
            # From TDX 1.5 on the first two components belong to the module, which is rated by its own identity.
            skipped = 2 if tdx_svns[1] else 0
            fits = _reaches(tdx_svns[skipped:], _components(tcb, "tdxtcbcomponents")[skipped:]) and fits
        if fits:
            reached.append(level)
    if not reached:
        raise NoTCBLevel("platform", fmspc=platform.fmspc)
    return reached[0]


def _components(tcb: Fields, name: str) -> tuple[int, ...]:
    """Exactly 16 security version numbers."""
    found = tuple(component.number("svn", 255) for component in tcb.each(name))
    if len(found) != 16:
        raise MalformedCollateral("not 16 components", field=name, found=len(found))
    return found


def _reaches(have: Iterable[int], required: Iterable[int]) -> bool:
    return all(svn >= least for svn, least in zip(have, required, strict=True))


def _rate_module(fields: Fields, body: Mapping[str, bytes], standing: Standing) -> Standing:
    """Check the TDX module's signer and attributes; from TDX 1.5 on also its own levels."""
    svn, version = body["tee_tcb_svn"][0], body["tee_tcb_svn"][1]
    identity = fields.inner("tdxModule") if version == 0 else _get_module(fields, f"TDX_{version:02X}")
    if body["mr_signer_seam"] != identity.octets("mrsigner", 48):
        raise TDXModuleRefused("signed by someone else", found=body["mr_signer_seam"])
    _require_masked(identity, body["seam_attributes"], "attributes", "attributesMask", TDXModuleRefused)
    return standing if version == 0 else standing.worsened_by(_rate_svn(identity, svn, "TDX module"))


def _get_module(fields: Fields, identifier: str) -> Fields:
    """The identity of this module version."""
    found = [module for module in fields.each("tdxModuleIdentities") if module.text("id") == identifier]
    if len(found) != 1:
        raise TDXModuleRefused("version not listed exactly once", version=identifier)
    return found[0]


def _rate_svn(fields: Fields, svn: int, part: str) -> Standing:
    """The standing of the first level that `svn` reaches."""
    for level in fields.each("tcbLevels"):
        if svn >= level.inner("tcb").number("isvsvn", 0xFFFF):
            return _standing(level, _PART_STATUSES)
    raise NoTCBLevel(part, svn=svn)


def _standing(level: Fields, known: frozenset[str]) -> Standing:
    status = level.text("tcbStatus")
    if status not in known:
        raise MalformedCollateral("unknown TCB status", status=status)
    if status == "Revoked":
        raise TCBRevoked
    return Standing(status, frozenset(level.texts("advisoryIDs")))


def _require_masked(
    fields: Fields,
    value: bytes,
    expected: str,
    mask: str,
    refusal: type[QuotingEnclaveRefused | TDXModuleRefused],
) -> None:
    """Refuse unless `value`, under the mask, is what the identity expects."""
    masked = bytes(a & b for a, b in zip(value, fields.octets(mask, len(value)), strict=True))
    if masked != fields.octets(expected, len(value)):
        raise refusal(f"{expected} differ", found=value)


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "little")
