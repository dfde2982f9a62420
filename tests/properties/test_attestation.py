"""Quotes built field by field: what goes in comes out, and a second verifier agrees."""

import json

import dcap_qvl
from hypothesis import given, settings
from hypothesis import strategies as st
from simulated_evidence import FMSPC, NOW, PLATFORM, collateral, evidence

from panacea.attestation import Evidence, Refused, appraise
from panacea.attestation.der import DER
from panacea.attestation.quote import read_quote
from panacea.attestation.types import MalformedCertificate
from panacea.attestation.x509 import read_certificate, read_revocation_list
from panacea.simulated.authority import Authority
from panacea.simulated.quotes import Signers, write_quote

AUTHORITY = Authority(bytes(range(32)), PLATFORM.vendor, NOW)
MACHINE = b"machine".hex()
GOOD = read_quote(evidence())
COLLATERAL = collateral()
SIGNERS = Signers(AUTHORITY.key(f"pck/{MACHINE}"), AUTHORITY.key(f"attestation/{MACHINE}"), GOOD.certificates)
SECOND = dcap_qvl.QuoteCollateralV3(
    pck_crl_issuer_chain=PLATFORM.collateral_items(NOW)[0].issuer_chain.decode(),
    root_ca_crl=COLLATERAL.root_crl,
    pck_crl=COLLATERAL.pck_crl,
    tcb_info_issuer_chain=COLLATERAL.tcb_info.issuer_chain.decode(),
    tcb_info=COLLATERAL.tcb_info.body.decode(),
    tcb_info_signature=COLLATERAL.tcb_info.signature,
    qe_identity_issuer_chain=COLLATERAL.qe_identity.issuer_chain.decode(),
    qe_identity=COLLATERAL.qe_identity.body.decode(),
    qe_identity_signature=COLLATERAL.qe_identity.signature,
)

BODIES = st.fixed_dictionaries(
    {
        "attributes": st.integers(0, 7).map(lambda flags: bytes([flags]) + bytes(15)),
        "mr_enclave": st.binary(min_size=32, max_size=32),
        "mr_signer": st.binary(min_size=32, max_size=32),
        "isv_svn": st.binary(min_size=2, max_size=2),
        "report_data": st.binary(min_size=64, max_size=64),
    }
)
QE_REPORTS = st.fixed_dictionaries(
    {
        "attributes": st.sampled_from([b"\x11", b"\x13", b"\x15", b"\x01"]).map(lambda flags: flags + bytes(15)),
        "mr_signer": st.sampled_from([GOOD.qe_report["mr_signer"], bytes(32)]),
        "isv_prod_id": st.sampled_from([b"\x01\x00", b"\x02\x00"]),
        "isv_svn": st.integers(7, 9).map(lambda svn: svn.to_bytes(2, "little")),
    }
)


def is_believed_by_second(blob: bytes) -> bool:
    try:
        report = dcap_qvl.verify_with_root_ca(blob, SECOND, PLATFORM.root_certificate, NOW)
    except ValueError:
        return False
    assert json.loads(report.to_json())["status"] == "UpToDate"
    return True


@settings(max_examples=150, deadline=None)
@given(BODIES, st.one_of(st.just(dict(GOOD.qe_report)), QE_REPORTS))
def test_what_is_believed_is_believed_by_both(body: dict[str, bytes], qe_report: dict[str, bytes]) -> None:
    blob = write_quote(SIGNERS, "sgx", 3, body, qe_report)
    try:
        found = appraise(Evidence("sgx", blob), COLLATERAL, NOW)
    except Refused:
        # An enclave that was never initialised cannot exist; only this verifier says so.
        assert not is_believed_by_second(blob) or not body["attributes"][0] & 1
        return
    assert is_believed_by_second(blob)
    assert {name: found.fields[name] for name in body if name != "isv_svn"} == {
        name: value for name, value in body.items() if name != "isv_svn"
    }
    assert (found.measurement, found.report_data, found.fmspc) == (body["mr_enclave"], body["report_data"], FMSPC)
    assert found.isv_svn == int.from_bytes(body["isv_svn"], "little")


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["sgx", "tdx"]), st.binary(max_size=2000))
def test_noise_is_no_evidence(kind: str, noise: bytes) -> None:
    try:
        appraise(Evidence(kind, noise), COLLATERAL, NOW)
    except Refused:
        return
    raise AssertionError(noise)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_noise_is_no_certificate(noise: bytes) -> None:
    for read in (read_certificate, read_revocation_list):
        try:
            read(noise)
        except MalformedCertificate:
            continue
        raise AssertionError(noise)


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 2**160 - 1))
def test_integers_round_trip(number: int) -> None:
    content = number.to_bytes(number.bit_length() // 8 + 1, "big")
    assert DER(b"\x02" + bytes([len(content)]) + content).integer(20) == number
