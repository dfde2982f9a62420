import json

import pytest
from simulated_evidence import NOW, PLATFORM

from panacea.attestation.signed_json import Fields, join_envelope, require_document, split_envelope, verify_document
from panacea.attestation.types import (
    BadSignature,
    ChainRefused,
    CollateralMismatch,
    MalformedCertificate,
    MalformedCollateral,
    OutsideValidity,
    SignedDocument,
    UntrustedRoot,
)
from panacea.attestation.x509 import MAX_BODY
from panacea.simulated.authority import Authority, pem

AUTHORITY = Authority(b"seed", "simulated-b", NOW)
DATES = '"id":"QE","issueDate":"2026-11-01T00:00:00Z","nextUpdate":"2026-12-01T00:00:00Z"'
GOOD = "{" + DATES + "}"


def signed(text: str | bytes, chain: bytes = AUTHORITY.signer_chain) -> SignedDocument:
    body = text if isinstance(text, bytes) else text.encode()
    return SignedDocument(body, AUTHORITY.sign("TCB Signing", body), chain)


def verify(document: SignedDocument, now: int = NOW) -> Fields:
    return verify_document(document, AUTHORITY.root_key_id, now).fields


def test_good() -> None:
    verified = verify_document(signed(GOOD), AUTHORITY.root_key_id, NOW)
    assert (verified.issued, verified.expires) == (1_793_491_200, 1_796_083_200)


@pytest.mark.parametrize("now", [1_793_491_199, 1_796_083_201])
def test_from_the_future_or_expired(now: int) -> None:
    with pytest.raises(OutsideValidity):
        verify_document(signed(GOOD), AUTHORITY.root_key_id, now)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        GOOD + " x",
        "{" + DATES + ',"id":"QE"}',  # a key twice
        "{" + DATES + ',"x":{"y":1,"y":1}}',
        "{" + DATES + ',"x":1.0}',
        "{" + DATES + ',"x":1e3}',
        "{" + DATES + ',"x":NaN}',
        "{" + DATES + ',"x":"é"}',
        "{" + DATES + ',"x":' + "[" * 20000 + "]" * 20000 + "}",
        "{" + DATES + ',"x":' + "[" * 17 + "]" * 17 + "}",
        "{" + DATES + ',"x":"["}',
        "{" + DATES + ',"x":12345678901}',
        GOOD.replace("T00:00:00Z", " 00:00:00Z"),
        GOOD.replace("2026-12-01", "2026-02-30"),
        GOOD.replace("nextUpdate", "next"),
        GOOD + " " * (MAX_BODY + 1 - len(GOOD)),
    ],
)
def test_what_even_a_signer_may_not_write(text: str) -> None:
    with pytest.raises(MalformedCollateral):
        verify(signed(text))


def test_largest_document() -> None:
    assert verify(signed(GOOD + " " * (MAX_BODY - len(GOOD)))).text("id") == "QE"


@pytest.mark.parametrize("text", ["", "{", "{'id':'QE'}"])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(MalformedCollateral, match=r"not JSON|nested"):
        verify(signed(text))


@pytest.mark.parametrize("more", ["[[[[[[[]]]]]]]", "1234567890", "-1", "[{},{}]", "null", "true"])
def test_what_a_signer_may_add(more: str) -> None:
    assert "more" in verify(signed("{" + DATES + ',"more":' + more + "}"))


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(MalformedCollateral):
        verify(signed(b"\xff"))


def test_an_edited_document() -> None:
    document = signed(GOOD)
    with pytest.raises(BadSignature):
        verify(SignedDocument(document.body + b" ", document.signature, document.issuer_chain))


@pytest.mark.parametrize("signature", [b"", bytes(64), bytes(63), b"\xff" * 64])
def test_no_signature(signature: bytes) -> None:
    with pytest.raises(BadSignature):
        verify(SignedDocument(GOOD.encode(), signature, AUTHORITY.signer_chain))


def test_the_signature_is_checked_before_the_text_is_read() -> None:
    with pytest.raises(BadSignature):
        verify(SignedDocument(b"{" * 100, bytes(64), AUTHORITY.signer_chain))


def test_signer_of_another_role() -> None:
    body = GOOD.encode()
    chain = pem(AUTHORITY.pck_authority, AUTHORITY.root)
    with pytest.raises(ChainRefused, match="not a TCB signer"):
        verify(SignedDocument(body, AUTHORITY.sign("PCK Processor CA", body), chain))


def test_signer_under_another_root() -> None:
    with pytest.raises(UntrustedRoot):
        verify_document(signed(GOOD), PLATFORM.root_key_id, NOW)


def test_no_chain() -> None:
    with pytest.raises(MalformedCertificate):
        verify(signed(GOOD, b""))


def test_envelope() -> None:
    document = signed(GOOD)
    body = join_envelope("tcbInfo", document.body, document.signature)
    assert json.loads(body)["tcbInfo"] == json.loads(GOOD)
    assert split_envelope("tcbInfo", body, document.issuer_chain) == document


def envelope(size: int) -> bytes:
    empty = b'{"tcbInfo":{},"signature":"%b"}' % (b"00" * 64)
    return empty.replace(b"{}", b"{%b}" % (b" " * (size - len(empty))))


def test_largest_envelope() -> None:
    assert len(envelope(MAX_BODY)) == MAX_BODY
    assert split_envelope("tcbInfo", envelope(MAX_BODY), b"").signature == bytes(64)
    with pytest.raises(MalformedCollateral):
        split_envelope("tcbInfo", envelope(MAX_BODY + 1), b"")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b'{"tcbInfo":{},"signature":""}',
        b'{"tcbInfo":[],"signature":"%b"}' % (b"00" * 64),
        b'{"enclaveIdentity":{},"signature":"%b"}' % (b"00" * 64),
        b' {"tcbInfo":{},"signature":"%b"}' % (b"00" * 64),
        b'{"tcbInfo":{},"signature":"%b"}\n' % (b"00" * 64),
        b'{"tcbInfo":{},"signature":"%b"}' % (b"00" * 65),
        b'{"tcbInfo":{},"signature":"%b"}' % (b"0g" * 64),
    ],
)
def test_bad_envelopes(body: bytes) -> None:
    with pytest.raises(MalformedCollateral):
        split_envelope("tcbInfo", body, b"")


@pytest.mark.parametrize("value", [0, 255])
def test_edges_of_numbers(value: int) -> None:
    assert Fields({"svn": value}).number("svn", 255) == value


@pytest.mark.parametrize("value", [-1, 256, True, "1", None])
def test_numbers(value: object) -> None:
    with pytest.raises(MalformedCollateral):
        Fields({"svn": value}).number("svn", 255)


@pytest.mark.parametrize("value", ["", "0", "00", "000g", "00 00", "٠٠٠٠", 12])
def test_octets(value: object) -> None:
    with pytest.raises(MalformedCollateral):
        Fields({"fmspc": value}).octets("fmspc", 2)


def test_lists() -> None:
    fields = Fields({"texts": ["a"], "mixed": ["a", 1], "objects": [{}], "numbers": [1]})
    assert fields.texts("texts") == ("a",)
    assert fields.texts("absent") == ()
    assert len(fields.each("objects")) == 1
    for ask in (lambda: fields.texts("mixed"), lambda: fields.each("numbers"), lambda: fields.inner("texts")):
        with pytest.raises(MalformedCollateral):
            ask()


@pytest.mark.parametrize(("identifier", "version"), [("SGX", 2), ("TDX", 3)])
def test_document_of_another_kind(identifier: str, version: int) -> None:
    with pytest.raises(CollateralMismatch):
        require_document(Fields({"id": identifier, "version": version}), "SGX", 3)
