"""Proof values have one spelling, and bounds."""

from dataclasses import replace
from typing import Any

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.credentials.suites.bbs_values import BASE, DERIVED, MAX_TEXT, BaseValue, DerivedValue
from panacea.credentials.suites.multibase import to_base64url
from panacea.credentials.suites.types import MalformedProof, ProofRejected, UnknownCryptosuite

BASE_PARTS: list[Any] = [bytes(80), bytes(64), bytes(96), bytes(32), ["/issuer"]]  # Any: parts are replaced at will
DERIVED_PARTS: list[Any] = [bytes(304), {0: 1, 1: 0}, [0, 2], [0, 5], b"header"]


def text(header: bytes, parts: object) -> str:
    return to_base64url(header + cbor2.dumps(parts))


def replaced(parts: list[Any], position: int, part: object) -> list[Any]:
    return [*parts[:position], part, *parts[position + 1 :]]


def test_values_come_back() -> None:
    base = BaseValue.from_text(text(BASE, BASE_PARTS))
    assert base.to_text() == text(BASE, BASE_PARTS)
    derived = DerivedValue.from_text(text(DERIVED, DERIVED_PARTS))
    assert derived.labels == {"c14n0": "b1", "c14n1": "b0"}
    assert derived.to_text() == text(DERIVED, DERIVED_PARTS)


def test_the_hmac_key_is_not_shown() -> None:
    key = b"\x13\x37" * 16
    value = BaseValue.from_text(text(BASE, replaced(BASE_PARTS, 3, key)))
    assert repr(key) not in repr(value)


@pytest.mark.parametrize("version", [b"\xd9\x5d\x03", b"\xd9\x5d\x04", b"\xd9\x5d\x06", b"\xd9\x5d\x00", b""])
def test_other_versions_are_refused_by_name(version: bytes) -> None:
    with pytest.raises(UnknownCryptosuite):
        BaseValue.from_text(text(version, BASE_PARTS))


@pytest.mark.parametrize(
    "parts",
    [
        {},
        BASE_PARTS[:4],
        [*BASE_PARTS, 0],
        *(replaced(BASE_PARTS, position, bytes(79)) for position in range(5)),
        *(replaced(BASE_PARTS, position, None) for position in range(5)),
        replaced(BASE_PARTS, 4, [1]),
        replaced(BASE_PARTS, 4, ["/"] * 1025),
        replaced(BASE_PARTS, 4, ["/" * 1025]),
        replaced(BASE_PARTS, 4, [[["/issuer"]]]),
    ],
)
def test_misshapen_base_values_are_refused(parts: object) -> None:
    with pytest.raises(MalformedProof):
        BaseValue.from_text(text(BASE, parts))


@pytest.mark.parametrize(
    "parts",
    [
        replaced(DERIVED_PARTS, 0, bytes(271)),
        replaced(DERIVED_PARTS, 0, "proof"),
        replaced(DERIVED_PARTS, 1, {0: 1, 1: 1}),  # two nodes become one
        replaced(DERIVED_PARTS, 1, {"0": 1}),
        replaced(DERIVED_PARTS, 1, {0: -1}),
        replaced(DERIVED_PARTS, 1, {0: True}),
        replaced(DERIVED_PARTS, 1, [0, 1]),
        replaced(DERIVED_PARTS, 2, [2, 0]),
        replaced(DERIVED_PARTS, 2, [0, 0]),
        replaced(DERIVED_PARTS, 2, [-1]),
        replaced(DERIVED_PARTS, 3, [False]),
        replaced(DERIVED_PARTS, 3, [1 << 20]),
        replaced(DERIVED_PARTS, 3, [1.0]),
        replaced(DERIVED_PARTS, 4, bytes(4097)),
        replaced(DERIVED_PARTS, 4, "header"),
    ],
)
def test_misshapen_derived_values_are_refused(parts: object) -> None:
    with pytest.raises(MalformedProof):
        DerivedValue.from_text(text(DERIVED, parts))


@pytest.mark.parametrize(
    "octets",
    [
        cbor2.dumps(BASE_PARTS) + b"\x00",  # a byte too many
        b"\x9f" + cbor2.dumps(BASE_PARTS)[1:] + b"\xff",  # of indefinite length
        b"\x98\x05" + cbor2.dumps(BASE_PARTS)[1:],  # a longer head
        b"\xd9\xd9\xf7" + cbor2.dumps(BASE_PARTS),  # tagged as CBOR
        b"\x85\xd8\x40" + cbor2.dumps(BASE_PARTS)[1:],  # a byte string tagged as a typed array
        b"\x81" * 5000,  # deep
        b"\x9b" + b"\xff" * 8,  # long, so it says
        b"",
    ],
)
def test_other_spellings_are_refused(octets: bytes) -> None:
    with pytest.raises(MalformedProof):
        BaseValue.from_text(to_base64url(BASE + octets))


def test_no_value_is_made_that_no_reader_would_take() -> None:
    base = BaseValue.from_text(text(BASE, BASE_PARTS))
    with pytest.raises(MalformedProof):
        replace(base, hmac_key=bytes(16))
    derived = DerivedValue.from_text(text(DERIVED, DERIVED_PARTS))
    with pytest.raises(MalformedProof):
        replace(derived, presentation_header=bytes(4097))


def test_a_label_said_twice_is_refused() -> None:
    octets = cbor2.dumps(DERIVED_PARTS).replace(b"\xa2\x00\x01\x01\x00", b"\xa2\x00\x01\x00\x02")
    with pytest.raises(MalformedProof):
        DerivedValue.from_text(to_base64url(DERIVED + octets))


@pytest.mark.parametrize("value", [None, 7, [], "u" + "A" * MAX_TEXT])
def test_no_text_or_too_much(value: object) -> None:
    with pytest.raises(MalformedProof):
        DerivedValue.from_text(value)


@given(st.binary(max_size=64))
def test_noise_is_refused(noise: bytes) -> None:
    for header in (b"", BASE, DERIVED):
        for kind in (BaseValue, DerivedValue):
            with pytest.raises(ProofRejected):
                kind.from_text(to_base64url(header + noise))
