"""The wire format by hand, against bytes of the protobuf documentation and against protobuf itself."""

from contextlib import suppress

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from panacea.light.headers import ZERO_TIME_NS
from panacea.light.protobuf import (
    MalformedMessage,
    bytes_field,
    fixed64_field,
    message_field,
    read_fields,
    read_uvarint,
    read_zigzag,
    timestamp,
    uvarint,
    varint_field,
    zigzag,
)


@given(st.integers(0, 2**64 - 1))
def test_varints_come_back(number: int) -> None:
    assert read_uvarint(b"x" + uvarint(number) + b"y", 1) == (number, 1 + len(uvarint(number)))


@given(st.integers(-(2**63), 2**63 - 1))
def test_zigzag_comes_back(number: int) -> None:
    assert read_zigzag(zigzag(number), 0) == (number, len(zigzag(number)))


@given(st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
def test_timestamps_are_those_of_protobuf(seconds: int, nanos: int) -> None:
    expected = Timestamp(seconds=seconds, nanos=nanos).SerializeToString(deterministic=True)
    assert timestamp(seconds * 10**9 + nanos) == expected


def test_known_bytes() -> None:
    assert varint_field(1, 150).hex() == "089601"
    assert bytes_field(2, b"testing").hex() == "120774657374696e67"
    assert varint_field(1, 0) == bytes_field(1, b"") == fixed64_field(1, 0) == b""
    assert message_field(5, b"").hex() == "2a00"
    assert varint_field(1, -1).hex() == "08ffffffffffffffffff01"
    assert fixed64_field(2, 1).hex() == "110100000000000000"
    assert timestamp(ZERO_TIME_NS).hex() == "088092b8c398feffffff01"


@pytest.mark.parametrize(
    "message",
    [
        "08",
        "8000",
        "0880",
        "089601089601",
        "1205aa",
        "0d00000000",
        "1100",
        "08ffffffffffffffffffff01",
        "08ffffffffffffffffff02",
        "0880808000",
    ],
)
def test_malformed_messages_are_refused(message: str) -> None:
    with pytest.raises(MalformedMessage):
        read_fields(bytes.fromhex(message))


def test_repeated_fields_are_read_in_order() -> None:
    message = bytes.fromhex("0a01610a0162089601")
    with pytest.raises(MalformedMessage, match="twice"):
        read_fields(message)
    assert read_fields(message, frozenset({1})) == [(1, b"a"), (1, b"b"), (1, 150)]


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(message: bytes) -> None:
    with suppress(MalformedMessage):
        read_fields(message)
