"""Canonical CBOR: one value, one spelling."""

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.wire import cbor

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(1 << 64), (1 << 64) - 1), st.binary(max_size=40), st.text(max_size=20)
)
PLAIN = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=5), max_leaves=20)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6) | st.integers(0, 99), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_round_trip(value: object) -> None:
    assert cbor.decode(cbor.encode(value), max_depth=20) == value


@given(PLAIN | st.dictionaries(st.text(max_size=30), PLAIN) | st.dictionaries(st.integers(0, 1 << 40), PLAIN))
def test_as_another_implementation(value: object) -> None:
    assert cbor.encode(value) == cbor2.dumps(value, canonical=True)


@given(st.binary(max_size=60))
def test_what_is_read_is_written_alike(raw: bytes) -> None:
    try:
        value = cbor.decode(raw, max_depth=20)
    except cbor.NotCanonical:
        return
    assert cbor.encode(value) == raw


@pytest.mark.parametrize(
    ("hexadecimal", "value"),
    # RFC 8949, appendix A
    [
        ("00", 0),
        ("1818", 24),
        ("1903e8", 1000),
        ("1bffffffffffffffff", 18446744073709551615),
        ("3bffffffffffffffff", -18446744073709551616),
        ("4401020304", b"\x01\x02\x03\x04"),
        ("62c3bc", "ü"),
        ("8301820203820405", [1, [2, 3], [4, 5]]),
        ("a26161016162820203", {"a": 1, "b": [2, 3]}),
        ("f4", False),
        ("f6", None),
    ],
)
def test_published_examples(hexadecimal: str, value: object) -> None:
    assert cbor.encode(value).hex() == hexadecimal
    assert cbor.decode(bytes.fromhex(hexadecimal)) == value


@pytest.mark.parametrize(
    ("hexadecimal", "why"),
    [
        ("1817", "shortest"),
        ("190017", "shortest"),
        ("f93c00", "outside"),
        ("fb3ff0000000000000", "outside"),
        ("c074", "outside"),
        ("9f01ff", "outside"),
        ("f7", "outside"),
        ("", "cut short"),
        ("0000", "left over"),
        ("a2616201616101", "ascending"),
        ("a2616101616102", "ascending"),
        ("9bffffffffffffffff", "cut short"),
        ("61ff", "UTF-8"),
        ("81" * 30 + "00", "too deep"),
    ],
)
def test_other_spellings_are_refused(hexadecimal: str, why: str) -> None:
    with pytest.raises(cbor.NotCanonical, match=why):
        cbor.decode(bytes.fromhex(hexadecimal))


def test_size_is_bounded() -> None:
    with pytest.raises(cbor.NotCanonical, match="too large"):
        cbor.decode(cbor.encode(bytes(100)), max_bytes=50)


def test_foreign_values_are_a_bug() -> None:
    with pytest.raises(TypeError):
        cbor.encode(1.5)
    with pytest.raises(TypeError):
        cbor.encode(1 << 64)
