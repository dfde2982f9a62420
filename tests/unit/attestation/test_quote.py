"""Quotes that are not laid out as their version demands."""

import random
import struct

import pytest
from simulated_evidence import NOW, collateral, evidence

from panacea.attestation import Evidence, Refused, appraise
from panacea.attestation.quote import MAX_BLOB, read_quote
from panacea.attestation.types import MalformedQuote, UnsupportedEvidence

SGX, TDX = evidence("sgx").blob, evidence("tdx").blob


def put(blob: bytes, at: int, form: str, value: int) -> bytes:
    return blob[:at] + struct.pack(form, value) + blob[at + struct.calcsize(form) :]


def get(blob: bytes, at: int, form: str) -> int:
    found: int = struct.unpack_from(form, blob, at)[0]
    return found


def test_fields() -> None:
    quote = read_quote(Evidence("tdx", TDX))
    assert quote.body["mr_td"] == bytes(range(48))
    assert len(quote.signed) == 632
    assert quote.certificates.startswith(b"-----BEGIN")


def test_zero_padding_is_tolerated() -> None:
    padded = Evidence("sgx", SGX + bytes(8000 - len(SGX)))
    assert appraise(padded, collateral(), NOW) == appraise(Evidence("sgx", SGX), collateral(), NOW)
    read_quote(Evidence("sgx", SGX + bytes(MAX_BLOB - len(SGX))))


@pytest.mark.parametrize(
    "blob",
    [
        b"",
        SGX[:48],
        SGX[:431],
        SGX[:-1],
        SGX + b"x",
        SGX + bytes(10) + b"\n",
        SGX + bytes(MAX_BLOB + 1 - len(SGX)),
        bytes(64 * 1024 + 1),
    ],
    ids=["empty", "header", "body", "cut", "trailing", "trailing text", "16 KiB + 1", "64 KiB + 1"],
)
def test_length(blob: bytes) -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("sgx", blob))


@pytest.mark.parametrize("version", [0, 1, 2, 5, 6, 0xFFFF])
def test_sgx_versions(version: int) -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("sgx", put(SGX, 0, "<H", version)))


@pytest.mark.parametrize("version", [2, 3, 5, 6])
def test_tdx_versions(version: int) -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("tdx", put(TDX, 0, "<H", version)))


@pytest.mark.parametrize(("kind", "blob"), [("sgx", TDX), ("tdx", SGX)])
def test_kind_and_tee_must_fit(kind: str, blob: bytes) -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence(kind, blob))


def test_kind_is_what_the_quote_says() -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("sgx", put(SGX, 4, "<I", 0x81)))


@pytest.mark.parametrize("kind", ["snp", "sim", "", "SGX"])
def test_other_kinds(kind: str) -> None:
    with pytest.raises(UnsupportedEvidence, match="unsupported evidence kind"):
        read_quote(Evidence(kind, SGX))


def test_certificates_beside_the_quote() -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("sgx", SGX, b"x"))


@pytest.mark.parametrize("key_type", [0, 1, 3, 0xFFFF])
def test_attestation_key_types(key_type: int) -> None:
    with pytest.raises(MalformedQuote):
        read_quote(Evidence("sgx", put(SGX, 2, "<H", key_type)))


def test_vendor() -> None:
    with pytest.raises(MalformedQuote, match="vendor"):
        read_quote(Evidence("sgx", put(SGX, 12, "<B", 0)))


@pytest.mark.parametrize("at", [48 + 20, 48 + 96, 48 + 160, 48 + 270, 436 + 128 + 96])
def test_reserved_bytes(at: int) -> None:
    with pytest.raises(MalformedQuote, match="reserved"):
        read_quote(Evidence("sgx", put(SGX, at, "<B", 1)))


V5 = put(TDX, 0, "<H", 5)


def v5(body_type: int, size: int, body: bytes) -> Evidence:
    """The version 5 form of TDX, which announces the body; signatures no longer fit."""
    return Evidence("tdx", V5[:48] + struct.pack("<HI", body_type, size) + body + V5[632:])


def test_body_types_of_version_5() -> None:
    body = TDX[48:632]
    assert "mr_service_td" not in read_quote(v5(2, 584, body)).body
    assert read_quote(v5(3, 648, body + bytes(63) + b"\x01")).body["mr_service_td"] == bytes(47) + b"\x01"


@pytest.mark.parametrize(
    ("body_type", "size"), [(0, 584), (1, 384), (2, 583), (2, 648), (3, 584), (4, 648), (3, 0xFFFFFFFF)]
)
def test_body_types_that_do_not_fit(body_type: int, size: int) -> None:
    with pytest.raises(MalformedQuote, match="body type"):
        read_quote(v5(body_type, size, bytes(min(size, 648))))


SGX_LENGTHS = [(432, "<I"), (436 + 576, "<H"), (436 + 576 + 2 + 32 + 2, "<I")]
TDX_LENGTHS = [(632, "<I"), (636 + 130, "<I"), (636 + 134 + 448, "<H"), (636 + 134 + 448 + 2 + 32 + 2, "<I")]
PLACES = [("sgx", SGX, *place) for place in SGX_LENGTHS] + [("tdx", TDX, *place) for place in TDX_LENGTHS]


@pytest.mark.parametrize(("kind", "blob", "at", "form"), PLACES)
@pytest.mark.parametrize("wrong", ["zero", "largest", "less", "more"])
def test_every_length_field(kind: str, blob: bytes, at: int, form: str, wrong: str) -> None:
    right, largest = get(blob, at, form), 256 ** struct.calcsize(form) - 1
    value = {"zero": 0, "largest": largest, "less": right - 1, "more": right + 1}[wrong]
    with pytest.raises(MalformedQuote):
        read_quote(Evidence(kind, put(blob, at, form, value)))


@pytest.mark.parametrize(("kind", "blob", "at"), [("sgx", SGX, 1046), ("tdx", TDX, 764), ("tdx", TDX, 1252)])
@pytest.mark.parametrize("certification", [0, 1, 2, 3, 4, 5, 6, 7])
def test_certification_types(kind: str, blob: bytes, at: int, certification: int) -> None:
    right = get(blob, at, "<H")
    assert right in {5, 6}
    if certification != right:
        with pytest.raises(MalformedQuote):
            read_quote(Evidence(kind, put(blob, at, "<H", certification)))


@pytest.mark.parametrize("seed", range(3))
def test_noise_is_refused_and_nothing_else_happens(seed: int) -> None:
    """Random edits of a good quote: every outcome but a refusal would be a bug."""
    chance, given = random.Random(seed), collateral("tdx")
    for _ in range(100):
        blob = bytearray(TDX)
        start = chance.randrange(len(blob))
        blob[start : start + chance.randrange(9)] = chance.randbytes(chance.randrange(1, 9))
        if bytes(blob) != TDX:
            with pytest.raises(Refused):
                appraise(Evidence("tdx", bytes(blob)), given, NOW)
