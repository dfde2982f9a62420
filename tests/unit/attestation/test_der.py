import pytest

from panacea.attestation.der import BIT_STRING, BOOLEAN, DER, INTEGER, OCTET_STRING, SEQUENCE, unix_seconds
from panacea.attestation.types import MalformedCertificate


def der(text: str) -> DER:
    return DER(bytes.fromhex(text))


def test_elements_are_read_in_order() -> None:
    body = der("3009 020105 0101ff 0401aa").enter()
    assert (body.integer(1), body.boolean(), body.take(OCTET_STRING)) == (5, True, b"\xaa")
    body.require_end()


def test_raw_keeps_tag_and_length() -> None:
    assert der("020105").raw(INTEGER).hex() == "020105"


@pytest.mark.parametrize(("length", "size"), [("7f", 127), ("8180", 128), ("820100", 256), ("83010000", 65536)])
def test_lengths(length: str, size: int) -> None:
    assert DER(b"\x04" + bytes.fromhex(length) + bytes(size)).take(OCTET_STRING) == bytes(size)


@pytest.mark.parametrize(
    ("length", "size"),
    [
        ("80", 128),  # indefinite
        ("817f", 127),  # short length in long form
        ("820080", 128),  # leading zero
        ("83000100", 256),
        ("8401000000", 1 << 24),  # too long
        ("81", 0),  # cut off
        ("8201", 1),
    ],
)
def test_bad_lengths(length: str, size: int) -> None:
    with pytest.raises(MalformedCertificate):
        DER(b"\x04" + bytes.fromhex(length) + bytes(size)).take(OCTET_STRING)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "02",
        "0201",  # shorter than its length
        "040100",  # another type
        "0280",  # indefinite
        "028101ff",  # short length in long form
        "02820001ff",  # leading zero in the length
        "0284000000010a",  # length of four bytes
        "0281",  # length cut off
        "028200",
        "0200",  # no content
        "0201ff",  # negative
        "02020001",  # not minimal
        "02020100",  # above the limit
    ],
)
def test_bad_integers(text: str) -> None:
    with pytest.raises(MalformedCertificate):
        der(text).integer(1)


def test_leading_zero_of_a_high_bit_is_needed() -> None:
    assert der("020200ff").integer(1) == 255


@pytest.mark.parametrize("text", ["010101", "0100", "01020000"])
def test_bad_booleans(text: str) -> None:
    with pytest.raises(MalformedCertificate):
        der(text).boolean()


@pytest.mark.parametrize("text", ["0300", "030101", "030207c0"])
def test_bad_bit_strings(text: str) -> None:
    with pytest.raises(MalformedCertificate):
        der(text).bits()


def test_bytes_behind_the_end() -> None:
    body = der("010100 00")
    body.take(BOOLEAN)
    with pytest.raises(MalformedCertificate):
        body.require_end()


def test_nesting_costs_nothing() -> None:
    bomb = b""
    for _ in range(5000):
        size = len(bomb)
        bomb = b"\x30" + (bytes([size]) if size < 128 else b"\x83" + size.to_bytes(3, "big")) + bomb
        if size >= 128 and size < 0x10000:
            bomb = bomb[:1] + (b"\x81" + bytes([size]) if size < 256 else b"\x82" + size.to_bytes(2, "big")) + bomb[5:]
    with pytest.raises(MalformedCertificate):
        DER(bomb).enter(SEQUENCE).integer(1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (b"\x17\x0d260218104131Z", 1_771_411_291),
        (b"\x17\x0d491231235959Z", 2_524_607_999),
        (b"\x17\x0d500101000000Z", -631_152_000),
        (b"\x17\x0d700101000000Z", 0),
        (b"\x18\x0f20500101000000Z", 2_524_608_000),
        (b"\x18\x0f99991231235959Z", 253_402_300_799),
    ],
)
def test_times(text: bytes, seconds: int) -> None:
    assert DER(text).time() == seconds


@pytest.mark.parametrize(
    "text",
    [
        b"\x17\x0b2602181041Z",  # no seconds
        b"\x17\x11260218104131+0100",
        b"\x17\x0d26021810413 Z",
        b"\x17\x0d260218104131z",
        b"\x17\x0d260230104131Z",  # no such day
        b"\x17\x0d260218104160Z",  # leap second
        b"\x18\x0f20490101000000Z",  # belongs into the short form
        b"\x18\x1120500101000000.5Z",
        b"\x04\x0d260218104131Z",
    ],
)
def test_bad_times(text: bytes) -> None:
    with pytest.raises(MalformedCertificate):
        DER(text).time()


def test_no_such_date() -> None:
    with pytest.raises(ValueError, match="day"):
        unix_seconds(2026, 2, 30, 0, 0, 0)


def test_is_next_looks_without_taking() -> None:
    body = der("030100")
    assert body.is_next(BIT_STRING)
    assert not body.is_next(INTEGER)
    assert body.bits() == b""
    assert not body.is_next(BIT_STRING)
