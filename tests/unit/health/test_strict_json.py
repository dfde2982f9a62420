"""Strict JSON: numbers as written, and everything that is refused."""

from decimal import Decimal

import pytest

from panacea.health.strict_json import parse_json, read_number, to_json
from panacea.health.types import JSONRejected, Number, ResourceRejected


@pytest.mark.parametrize(
    "text", ["7.90", "7.9", "1e5", "1E+5", "-0", "-0.0", "1.0E-245", "0.0000001", "123456789012345678901234567890"]
)
def test_numbers_keep_their_written_form(text: str) -> None:
    value = parse_json(f'{{"v":[{text}]}}'.encode())
    assert to_json(value) == f'{{"v":[{text}]}}'.encode()
    assert value["v"][0] == Decimal(text)


def test_text_and_order_survive() -> None:
    data = '{"b":"ü\\n\\u0000","a":[true,false,null,{},[],""]}'.encode()
    assert to_json(parse_json(data)) == data
    assert parse_json(b"\xef\xbb\xbf[]") == []


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"a":1,"a":1}',
        b"[NaN]",
        b"[-Infinity]",
        b'["\\ud800"]',
        b'{"\\udfff":1}',
        b'["\xff"]',
        b"[01]",
        b"[1.]",
        b"[" * 100_000,
        b"[" * 41 + b"]" * 41,
        b"[1e99999999999999999999]",
        b"[" + b"9" * 500 + b"]",
        b"[0." + b"9" * 500 + b"]",
    ],
)
def test_refused(data: bytes) -> None:
    with pytest.raises(JSONRejected):
        parse_json(data)


def test_size_is_bounded() -> None:
    with pytest.raises(JSONRejected):
        parse_json(b'"' + b"x" * 100 + b'"', max_bytes=50)


@pytest.mark.parametrize("value", [0.5, {"a": b""}, Decimal("NaN"), "\ud800", {1, 2}])
def test_what_json_does_not_know_is_refused(value: object) -> None:
    with pytest.raises(ResourceRejected):
        to_json(value)


def test_number_is_its_decimal() -> None:
    number = Number("7.90")
    assert number + 1 == Decimal("8.9")
    assert hash(number) == hash(Decimal("7.9"))
    assert repr(number) == "Number('7.90')"
    assert isinstance(read_number("7"), int)
    with pytest.raises(JSONRejected):
        read_number("07")
