"""Evidence that is well formed and signed, and still not to be believed."""

from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
from simulated_evidence import FMSPC, MEASUREMENTS, NOW, PLATFORM, REPORT_DATA, claims, collateral, evidence

from panacea.attestation import Collateral, Evidence, SignedDocument, appraise, assemble, requirements
from panacea.attestation.pck import read_pck_chain
from panacea.attestation.quote import read_quote
from panacea.attestation.types import (
    AttestationKeyUnbound,
    AttributesRefused,
    BadSignature,
    CertificateRevoked,
    ChainRefused,
    CollateralMismatch,
    DebugEnabled,
    MalformedCertificate,
    OutsideValidity,
    QuotingEnclaveRefused,
    UntrustedRoot,
)
from panacea.attestation.x509 import read_chain
from panacea.simulated import Platform
from panacea.simulated.authority import Authority, pem
from panacea.simulated.documents import sgx_extension
from panacea.simulated.quotes import Signers, write_quote

AUTHORITY = Authority(bytes(range(32)), PLATFORM.vendor, NOW)  # PLATFORM's own
CHAIN = read_quote(evidence()).certificates
LEAF, MIDDLE, ROOT = (
    block + b"-----END CERTIFICATE-----\n" for block in CHAIN.split(b"-----END CERTIFICATE-----\n")[:-1]
)
MACHINE = b"machine".hex()


def quote(kind: str = "sgx", *, version: int = 0, chain: bytes = CHAIN, **body: bytes) -> Evidence:
    """A quote of PLATFORM's machine with other fields or another chain."""
    good = read_quote(evidence(kind))
    signers = Signers(AUTHORITY.key(f"pck/{MACHINE}"), AUTHORITY.key(f"attestation/{MACHINE}"), chain)
    number = version or {"sgx": 3, "tdx": 4}[kind]
    return Evidence(kind, write_quote(signers, kind, number, {**good.body, **body}, good.qe_report))


@pytest.mark.parametrize("kind", ["sgx", "tdx"])
def test_claims(kind: str) -> None:
    found = claims(kind)
    assert (found.kind, found.fmspc, found.product_line, found.vendor) == (kind, FMSPC, "a06d", "simulated-a")
    assert (found.report_data, found.root_key_id) == (REPORT_DATA, PLATFORM.root_key_id)
    assert (found.tcb_status, found.advisory_ids, found.tcb_evaluation) == ("UpToDate", (), 20)
    assert found.earliest_expiry == NOW + 30 * 86400
    assert not found.debug


def test_measurements() -> None:
    assert claims("sgx").measurement == MEASUREMENTS["sgx"]
    assert claims("tdx").measurement == sha256(MEASUREMENTS["tdx"] + bytes(4 * 48)).digest()


def test_rewritten_quote_is_the_same() -> None:
    assert quote() == evidence()


def test_platform_id_is_one_per_machine_and_root() -> None:
    same = appraise(evidence("tdx"), collateral("tdx"), NOW)
    other = appraise(evidence(machine=b"other"), collateral(), NOW)
    assert claims().platform_id == same.platform_id != other.platform_id


def test_runtime_registers_are_measured() -> None:
    found = appraise(quote("tdx", rt_mr3=b"\x01" * 48), collateral("tdx"), NOW)
    assert found.measurement != claims("tdx").measurement


@pytest.mark.parametrize("version", [3, 4])
def test_sgx_versions(version: int) -> None:
    assert appraise(quote(version=version), collateral(), NOW).measurement == MEASUREMENTS["sgx"]


@pytest.mark.parametrize("version", [4, 5])
def test_tdx_versions(version: int) -> None:
    assert appraise(quote("tdx", version=version), collateral("tdx"), NOW).measurement == claims("tdx").measurement


def test_numbers_are_read() -> None:
    found = appraise(quote(isv_prod_id=b"\x02\x01", isv_svn=b"\x03\x00", config_svn=b"\x04\x00"), collateral(), NOW)
    assert (found.isv_prod_id, found.isv_svn, found.fields["config_svn"]) == (258, 3, 4)


@pytest.mark.parametrize("kind", ["sgx", "tdx"])
def test_debug_is_refused_whatever_the_measurement(kind: str) -> None:
    with pytest.raises(DebugEnabled):
        appraise(evidence(kind, debug=True), collateral(kind), NOW)


@pytest.mark.parametrize("attributes", ["0000000000000000", "0000005000000000", "0000001000000080", "0001001000000000"])
def test_td_attributes(attributes: str) -> None:
    with pytest.raises(AttributesRefused):
        appraise(quote("tdx", td_attributes=bytes.fromhex(attributes)), collateral("tdx"), NOW)


def test_enclave_not_initialised() -> None:
    with pytest.raises(AttributesRefused):
        appraise(quote(attributes=b"\x04" + bytes(15)), collateral(), NOW)


def test_service_td() -> None:
    with pytest.raises(AttributesRefused):
        appraise(quote("tdx", version=5, mr_service_td=b"\x01" * 48), collateral("tdx"), NOW)


@pytest.mark.parametrize(
    ("chain", "refusal"),
    [
        (b"", MalformedCertificate),
        (LEAF, MalformedCertificate),
        (LEAF + ROOT, MalformedCertificate),
        (LEAF + MIDDLE + ROOT + ROOT, MalformedCertificate),
        (LEAF + ROOT + MIDDLE, ChainRefused),
        (MIDDLE + MIDDLE + ROOT, ChainRefused),
        (LEAF + MIDDLE + MIDDLE, UntrustedRoot),
    ],
    ids=["none", "one", "two", "four", "order", "authority as leaf", "no root"],
)
def test_chains(chain: bytes, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        appraise(quote(chain=chain), collateral(), NOW)


def test_pck_of_another_vendor_under_the_same_names() -> None:
    """A forged leaf: its issuer's name is right, the key is not."""
    twin = Authority(b"twin", PLATFORM.vendor, NOW)
    forged = pem(twin.certify_platform("pck/x", sgx_extension(bytes(16), FMSPC)))
    signers = Signers(twin.key("pck/x"), twin.key("attestation/x"), forged + MIDDLE + ROOT)
    good = read_quote(evidence())
    with pytest.raises(BadSignature):
        appraise(Evidence("sgx", write_quote(signers, "sgx", 3, good.body, good.qe_report)), collateral(), NOW)


def test_attestation_key_of_another_machine() -> None:
    """The quoting enclave of one machine does not vouch for the key of another."""
    good = evidence().blob
    stolen = bytearray(good)
    other = evidence(machine=b"other").blob
    stolen[436:564] = other[436:564]
    with pytest.raises(AttestationKeyUnbound):
        appraise(Evidence("sgx", bytes(stolen)), collateral(), NOW)


def test_report_data_must_end_in_zeros() -> None:
    blob = bytearray(quote().blob)
    at = 564  # the quoting enclave's report; its report data are the last 64 bytes
    blob[at + 383] = 1
    blob[at + 384 : at + 448] = AUTHORITY.sign(f"pck/{MACHINE}", bytes(blob[at : at + 384]))
    with pytest.raises(AttestationKeyUnbound):
        appraise(Evidence("sgx", bytes(blob)), collateral(), NOW)


def test_quoting_enclave_of_another_signer() -> None:
    good = read_quote(evidence())
    signers = Signers(AUTHORITY.key(f"pck/{MACHINE}"), AUTHORITY.key(f"attestation/{MACHINE}"), CHAIN)
    own: Mapping[str, bytes] = {**good.qe_report, "mr_signer": bytes(32)}
    with pytest.raises(QuotingEnclaveRefused):
        appraise(Evidence("sgx", write_quote(signers, "sgx", 3, good.body, own)), collateral(), NOW)


SERIALS = {
    "pck": read_pck_chain(CHAIN)[0].serial,
    "authority": read_pck_chain(CHAIN)[1].serial,
    "root": read_pck_chain(CHAIN)[2].serial,
    "tcb signer": read_chain(AUTHORITY.signer_chain, 2)[0].serial,
}


@pytest.mark.parametrize("who", SERIALS)
def test_revoked(who: str) -> None:
    with pytest.raises(CertificateRevoked):
        appraise(evidence(), collateral(revoked=(SERIALS[who],)), NOW)


def test_another_serial_number_revoked() -> None:
    assert appraise(evidence(), collateral(revoked=(1, 2, 3)), NOW)


PARTS = ("tcb_info", "qe_identity", "pck_crl", "root_crl")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("age", [-7200, 40 * 86400])
def test_every_part_must_be_current(part: str, age: int) -> None:
    """One part from the future or expired, all others good."""
    old: Collateral = collateral(now=NOW - age)
    with pytest.raises(OutsideValidity):
        appraise(evidence(), replace(collateral(), **{part: getattr(old, part)}), NOW)


def test_earliest_expiry_is_that_of_the_weakest_part() -> None:
    older = collateral(now=NOW - 86400)
    for part in PARTS:
        found = appraise(evidence(), replace(collateral(), **{part: getattr(older, part)}), NOW)
        assert found.earliest_expiry == NOW + 29 * 86400


@pytest.mark.parametrize("part", ["tcb_info", "qe_identity"])
def test_evaluation_is_the_lower_of_both(part: str) -> None:
    given = collateral()
    document: SignedDocument = getattr(given, part)
    body = document.body.replace(b'"tcbEvaluationDataNumber":20', b'"tcbEvaluationDataNumber":19')
    older = SignedDocument(body, AUTHORITY.sign("TCB Signing", body), document.issuer_chain)
    change: dict[str, Any] = {part: older}
    assert appraise(evidence(), replace(given, **change), NOW).tcb_evaluation == 19


@pytest.mark.parametrize(("kind", "other"), [("sgx", "tdx"), ("tdx", "sgx")])
def test_collateral_of_the_other_tee(kind: str, other: str) -> None:
    for part in ("tcb_info", "qe_identity"):
        mixed = replace(collateral(kind), **{part: getattr(collateral(other), part)})
        with pytest.raises(CollateralMismatch):
            appraise(evidence(kind), mixed, NOW)


def test_collateral_of_another_family() -> None:
    sister = Platform(bytes(range(32)), PLATFORM.vendor, bytes(6), NOW)
    machine = sister.enclave(MEASUREMENTS["sgx"], platform_seed=b"x").evidence(REPORT_DATA)
    lookups = requirements(machine).lookups()
    items = {(item.kind, item.subject): item for item in sister.collateral_items(NOW)}
    with pytest.raises(CollateralMismatch):
        appraise(evidence(), assemble(items[lookup] for lookup in lookups), NOW)


@pytest.mark.parametrize("part", PARTS)
def test_every_part_must_be_of_the_same_vendor(part: str) -> None:
    twin = Platform(b"twin", PLATFORM.vendor, FMSPC, NOW)
    machine = twin.enclave(MEASUREMENTS["sgx"], platform_seed=b"x").evidence(REPORT_DATA)
    items = {(item.kind, item.subject): item for item in twin.collateral_items(NOW)}
    forged = assemble(items[lookup] for lookup in requirements(machine).lookups())
    with pytest.raises((UntrustedRoot, BadSignature)):
        appraise(evidence(), replace(collateral(), **{part: getattr(forged, part)}), NOW)


@pytest.mark.parametrize("status", ["OutOfDate", "ConfigurationNeeded", "SWHardeningNeeded"])
def test_statuses_are_reported_for_the_policy_to_judge(status: str) -> None:
    found = appraise(evidence(), collateral(tcb_status=status, advisories=("B", "A")), NOW)
    assert (found.tcb_status, found.advisory_ids) == (status, ("A", "B"))


def test_equal_arguments_give_equal_claims() -> None:
    assert claims() == claims()
