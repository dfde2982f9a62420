"""The simulator is believed by the real verifier under its own root, and nowhere else."""

import json
from pathlib import Path

import dcap_qvl
import pytest
from shared_files import shared
from simulated_evidence import FMSPC, MEASUREMENTS, NOW, PLATFORM, REPORT_DATA, claims, collateral, evidence

from panacea.attestation import (
    Assurance,
    Enclave,
    Evidence,
    MeasurementRule,
    Policy,
    Root,
    appraise,
    check_item,
    decide,
)
from panacea.attestation.types import UnknownRoot, UntrustedRoot
from panacea.attestation.x509 import read_certificate
from panacea.primitives.time import SystemRandom
from panacea.simulated import Platform
from panacea.simulated.platform import EnclaveRefused, PlatformFileRefused


class Fixed:
    """A random source that repeats itself."""

    def token(self, size: int) -> bytes:
        return bytes([7]) * size


def test_same_seed_same_vendor() -> None:
    first, second = (Platform.create(Fixed(), NOW, "simulated-b") for _ in range(2))
    assert first.root_certificate == second.root_certificate
    assert first.collateral_items(NOW) == second.collateral_items(NOW)


def test_fresh_vendors_differ() -> None:
    first, second = (Platform.create(SystemRandom(), NOW) for _ in range(2))
    assert first.root_key_id != second.root_key_id
    assert first.fmspc == second.fmspc


def test_two_vendors_are_two_product_lines() -> None:
    found = set()
    for vendor in ("simulated-a", "simulated-b"):
        platform = Platform.create(Fixed(), NOW, vendor)
        assert platform.root_key_id == read_certificate(platform.root_certificate).key_id
        found.add(platform.fmspc)
    assert len(found) == 2


@pytest.mark.parametrize("kind", ["sgx", "tdx"])
def test_enclave(kind: str) -> None:
    enclave: Enclave = PLATFORM.enclave(MEASUREMENTS[kind], platform_seed=b"machine", kind=kind)
    assert enclave.kind == kind
    assert enclave.evidence(REPORT_DATA) == evidence(kind)
    assert enclave.measurement() == claims(kind).measurement


def test_every_machine_has_a_platform_id() -> None:
    ids = {appraise(evidence(machine=bytes([place])), collateral(), NOW).platform_id for place in range(5)}
    assert len(ids) == 5


@pytest.mark.parametrize(("kind", "size"), [("sgx", 48), ("tdx", 32), ("snp", 48), ("sgx", 0)])
def test_no_such_enclave(kind: str, size: int) -> None:
    with pytest.raises(EnclaveRefused):
        PLATFORM.enclave(bytes(size), platform_seed=b"", kind=kind)


@pytest.mark.parametrize("size", [0, 63, 65])
def test_report_data_of_another_size(size: int) -> None:
    with pytest.raises(EnclaveRefused):
        PLATFORM.enclave(bytes(32), platform_seed=b"").evidence(bytes(size))


def test_items_are_postable() -> None:
    items = PLATFORM.collateral_items(NOW)
    assert len({(item.kind, item.subject) for item in items}) == len(items) == 6
    for item in items:
        assert check_item(item, {PLATFORM.root_key_id}, NOW - 600).issued == NOW - 3600


def test_file(tmp_path: Path) -> None:
    path = tmp_path / "platform.json"
    PLATFORM.save(path)
    assert path.stat().st_mode & 0o777 == 0o600
    again = Platform.load(path)
    assert again.root_certificate == PLATFORM.root_certificate
    assert (again.vendor, again.fmspc, again.created) == ("simulated-a", FMSPC, NOW)
    enclave = again.enclave(MEASUREMENTS["sgx"], platform_seed=b"machine")
    assert enclave.evidence(REPORT_DATA) == evidence()
    with pytest.raises(FileExistsError):
        PLATFORM.save(path)


def test_file_that_others_may_read(tmp_path: Path) -> None:
    path = tmp_path / "platform.json"
    PLATFORM.save(path)
    path.chmod(0o640)
    with pytest.raises(PlatformFileRefused):
        Platform.load(path)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"format":"x"}', '{"format":"panacea-simulated-platform/1","seed":"x"}']
)
def test_file_of_something_else(tmp_path: Path, text: str) -> None:
    path = tmp_path / "platform.json"
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(PlatformFileRefused):
        Platform.load(path)


def test_seed_is_not_shown() -> None:
    assert bytes(range(32)).hex() not in repr(PLATFORM)
    assert repr(bytes(range(32))) not in repr(PLATFORM)


def policy(root_key_id: bytes, kind: Assurance) -> Policy:
    return Policy({root_key_id: Root(kind, "vendor")}, (MeasurementRule(MEASUREMENTS["sgx"]),))


def test_policy_without_the_root_refuses() -> None:
    hardware = read_certificate(shared("tee/roots/intel_sgx_root_ca.der").read_bytes()).key_id
    with pytest.raises(UnknownRoot):
        decide(claims(), policy(hardware, Assurance.HARDWARE), 1)
    assert decide(claims(), policy(PLATFORM.root_key_id, Assurance.SIMULATED), 1).kind == Assurance.SIMULATED


def test_simulated_chain_under_a_hardware_name_and_root() -> None:
    hardware = read_certificate(shared("tee/roots/intel_sgx_root_ca.der").read_bytes())
    impostor = Platform(b"x", hardware.organisation, FMSPC, NOW)
    quote = impostor.enclave(MEASUREMENTS["sgx"], platform_seed=b"").evidence(REPORT_DATA)
    given = collateral()
    with pytest.raises(UntrustedRoot):
        appraise(
            quote, type(given)(hardware.key_id, given.tcb_info, given.qe_identity, given.pck_crl, given.root_crl), NOW
        )


def test_hardware_evidence_under_the_simulated_root() -> None:
    quotes = shared("tee/quotes")
    for name, kind in (("sgx_v3_phala", "sgx"), ("tdx_v4_phala", "tdx"), ("tdx_v5_google", "tdx")):
        with pytest.raises(UntrustedRoot):
            appraise(Evidence(kind, (quotes / f"{name}.bin").read_bytes()), collateral(kind), NOW)


@pytest.mark.parametrize("kind", ["sgx", "tdx"])
def test_second_verifier_believes_it_too(kind: str) -> None:
    given = collateral(kind)
    lists = {item.subject: item for item in PLATFORM.collateral_items(NOW)}
    other = dcap_qvl.QuoteCollateralV3(
        pck_crl_issuer_chain=lists[b"processor"].issuer_chain.decode(),
        root_ca_crl=given.root_crl,
        pck_crl=given.pck_crl,
        tcb_info_issuer_chain=given.tcb_info.issuer_chain.decode(),
        tcb_info=given.tcb_info.body.decode(),
        tcb_info_signature=given.tcb_info.signature,
        qe_identity_issuer_chain=given.qe_identity.issuer_chain.decode(),
        qe_identity=given.qe_identity.body.decode(),
        qe_identity_signature=given.qe_identity.signature,
    )
    report = dcap_qvl.verify_with_root_ca(evidence(kind).blob, other, PLATFORM.root_certificate, NOW)
    assert json.loads(report.to_json())["status"] == "UpToDate"
