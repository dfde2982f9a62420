"""Levels, masks and the merging of statuses, on documents bent in one place."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from simulated_evidence import FMSPC, NOW, evidence

from panacea.attestation.pck import Platform, read_pck_chain, read_platform
from panacea.attestation.quote import read_quote
from panacea.attestation.signed_json import Fields
from panacea.attestation.tcb import Standing, rate_platform, rate_quoting_enclave
from panacea.attestation.types import (
    CollateralMismatch,
    DebugEnabled,
    MalformedCollateral,
    NoTCBLevel,
    QuotingEnclaveRefused,
    Refused,
    TCBRevoked,
    TDXModuleRefused,
)
from panacea.simulated import documents

QUOTES = {kind: read_quote(evidence(kind)) for kind in ("sgx", "tdx")}
MACHINE = read_platform(read_pck_chain(QUOTES["sgx"].certificates)[0])
NONE: frozenset[str] = frozenset()


def tcb_info(kind: str = "sgx") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(documents.tcb_info(kind, FMSPC, NOW, NOW + 1, status="UpToDate"))
    return found


def level(
    info: dict[str, Any], status: str = "UpToDate", *, svn: int = 5, pce: int = 13, **more: object
) -> dict[str, Any]:
    """A level that asks for these versions."""
    tcb = {**info["tcbLevels"][0]["tcb"], "sgxtcbcomponents": [{"svn": svn}] * 16, "pcesvn": pce}
    return {"tcb": tcb, "tcbStatus": status, **more}


def rate(info: dict[str, Any], kind: str = "sgx", *, platform: Platform = MACHINE) -> Standing:
    return rate_platform(Fields(info), kind, platform, QUOTES[kind].body)


def rate_td(info: dict[str, Any], **body: bytes) -> Standing:
    return rate_platform(Fields(info), "tdx", MACHINE, {**QUOTES["tdx"].body, **body})


def test_first_level_that_is_reached_counts() -> None:
    info = tcb_info()
    newer = [level(info, svn=6), level(info, pce=14)]
    info["tcbLevels"] = [*newer, level(info, "OutOfDate", advisoryIDs=["B", "A"]), level(info, "Revoked", svn=0)]
    assert rate(info) == Standing("OutOfDate", frozenset("AB"))


def test_one_component_too_old() -> None:
    for place in range(16):
        components = tuple(4 if place == at else 5 for at in range(16))
        with pytest.raises(NoTCBLevel):
            rate(tcb_info(), platform=replace(MACHINE, components=components))
    with pytest.raises(NoTCBLevel):
        rate(tcb_info(), platform=replace(MACHINE, pce_svn=12))


@pytest.mark.parametrize("change", [{"fmspc": bytes(6)}, {"pce_id": b"\x00\x01"}])
def test_another_family(change: dict[str, Any]) -> None:
    with pytest.raises(CollateralMismatch):
        rate(tcb_info(), platform=replace(MACHINE, **change))


@pytest.mark.parametrize("count", [0, 15, 17])
def test_count_of_components(count: int) -> None:
    info = tcb_info()
    info["tcbLevels"][0]["tcb"]["sgxtcbcomponents"] = [{"svn": 0}] * count
    with pytest.raises(MalformedCollateral):
        rate(info)


def test_a_later_level_is_read_strictly_too() -> None:
    info = tcb_info()
    info["tcbLevels"].append({"tcb": {"sgxtcbcomponents": [], "pcesvn": 0}, "tcbStatus": "UpToDate"})
    with pytest.raises(MalformedCollateral):
        rate(info)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"tcbType": 1}, MalformedCollateral),
        ({"tcbLevels": []}, NoTCBLevel),
        ({"id": "TDX"}, CollateralMismatch),
        ({"version": 2}, CollateralMismatch),
    ],
)
def test_bent_tcb_info(change: dict[str, Any], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        rate({**tcb_info(), **change})


@pytest.mark.parametrize(("status", "refusal"), [("Revoked", TCBRevoked), ("Fine", MalformedCollateral)])
def test_statuses_that_never_pass(status: str, refusal: type[Refused]) -> None:
    info = tcb_info()
    info["tcbLevels"][0]["tcbStatus"] = status
    with pytest.raises(refusal):
        rate(info)


@pytest.mark.parametrize(
    ("platform", "part", "merged"),
    [
        ("UpToDate", "UpToDate", "UpToDate"),
        ("SWHardeningNeeded", "UpToDate", "SWHardeningNeeded"),
        ("UpToDate", "OutOfDate", "OutOfDate"),
        ("SWHardeningNeeded", "OutOfDate", "OutOfDate"),
        ("OutOfDate", "OutOfDate", "OutOfDate"),
        ("ConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"),
        ("ConfigurationAndSWHardeningNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"),
        ("OutOfDateConfigurationNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"),
    ],
)
def test_merging(platform: str, part: str, merged: str) -> None:
    found = Standing(platform, frozenset("A")).worsened_by(Standing(part, frozenset("B")))
    assert found == Standing(merged, frozenset("AB"))


def svns(*first: int) -> bytes:
    return bytes(first) + bytes([5] * (16 - len(first)))


def test_tdx_components() -> None:
    assert rate_td(tcb_info("tdx")).status == "UpToDate"
    with pytest.raises(NoTCBLevel):
        rate_td(tcb_info("tdx"), tee_tcb_svn=svns(6, 1, 4))


def test_tdx_module_has_levels_of_its_own() -> None:
    info = tcb_info("tdx")
    older = {"tcb": {"isvsvn": 4}, "tcbStatus": "OutOfDate", "advisoryIDs": ["A"]}
    info["tdxModuleIdentities"][0]["tcbLevels"].append(older)
    assert rate_td(info, tee_tcb_svn=svns(5, 1)) == Standing("OutOfDate", frozenset("A"))
    with pytest.raises(NoTCBLevel):
        rate_td(info, tee_tcb_svn=svns(3, 1))


def test_tdx_before_1_5_compares_all_components() -> None:
    assert rate_td(tcb_info("tdx"), tee_tcb_svn=svns(6, 0)).status == "UpToDate"
    with pytest.raises(NoTCBLevel):
        rate_td(tcb_info("tdx"), tee_tcb_svn=svns(5, 0))


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("change", [{"mr_signer_seam": b"\x01" + bytes(47)}, {"seam_attributes": b"\x01" + bytes(7)}])
def test_another_tdx_module(version: int, change: dict[str, bytes]) -> None:
    with pytest.raises(TDXModuleRefused):
        rate_td(tcb_info("tdx"), tee_tcb_svn=svns(6, version), **change)


def test_tdx_module_of_an_unknown_version() -> None:
    with pytest.raises(TDXModuleRefused):
        rate_td(tcb_info("tdx"), tee_tcb_svn=svns(6, 2))


def test_tdx_module_listed_twice() -> None:
    info = tcb_info("tdx")
    info["tdxModuleIdentities"] *= 2
    with pytest.raises(TDXModuleRefused):
        rate_td(info)


def test_status_of_a_part_is_one_of_three() -> None:
    info = tcb_info("tdx")
    info["tdxModuleIdentities"][0]["tcbLevels"][0]["tcbStatus"] = "ConfigurationNeeded"
    with pytest.raises(MalformedCollateral):
        rate_td(info)


def rate_qe(change: Mapping[str, object], report: Mapping[str, bytes] = {}, kind: str = "sgx") -> Standing:
    signer = QUOTES[kind].qe_report["mr_signer"]
    identity = {**json.loads(documents.qe_identity(kind, signer, NOW, NOW + 1)), **change}
    return rate_quoting_enclave(Fields(identity), kind, {**QUOTES[kind].qe_report, **report})


@pytest.mark.parametrize("kind", ["sgx", "tdx"])
def test_quoting_enclave(kind: str) -> None:
    assert rate_qe({}, kind=kind) == Standing("UpToDate", NONE)


@pytest.mark.parametrize(
    ("report", "refusal"),
    [
        ({"mr_signer": bytes(32)}, QuotingEnclaveRefused),
        ({"isv_prod_id": b"\x02\x00"}, QuotingEnclaveRefused),
        ({"misc_select": b"\x01\x00\x00\x00"}, QuotingEnclaveRefused),
        ({"attributes": b"\x13" + bytes(15)}, DebugEnabled),
        ({"attributes": b"\x01" + bytes(15)}, QuotingEnclaveRefused),
        ({"isv_svn": b"\x07\x00"}, NoTCBLevel),
    ],
)
def test_another_quoting_enclave(report: dict[str, bytes], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        rate_qe({}, report)


def test_masked_bits_do_not_count() -> None:
    assert rate_qe({}, {"attributes": b"\x15" + bytes(7) + b"\xe7" + bytes(7)}).status == "UpToDate"
    assert rate_qe({"miscselectMask": "FFFFFF00"}, {"misc_select": b"\x01\x00\x00\x00"}).status == "UpToDate"


def test_identity_of_the_other_tee() -> None:
    with pytest.raises(CollateralMismatch):
        rate_qe({"id": "TD_QE"})
    with pytest.raises(CollateralMismatch):
        rate_qe({"version": 1})
