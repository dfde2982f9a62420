"""Octets have one spelling in base64url."""

import base64

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from panacea.crypto.base64url import decode, encode


@given(st.binary(max_size=40))
@example(b"\xfb\xff\xfe")
def test_octets_come_back(octets: bytes) -> None:
    text = encode(octets)
    assert text == base64.urlsafe_b64encode(octets).decode().strip("=")
    assert decode(text) == octets


@given(st.text("AQgwx-_+/= \n\u00e4", max_size=9))
@example("A")
@example("AAB")
@example("AA==")
@example("AA\n")
@example("\ud800")
def test_no_other_spelling_is_read(text: str) -> None:
    try:
        octets = decode(text)
    except ValueError:
        return
    assert encode(octets) == text


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A/", "+A", "A A", "\u00e4\u00e4", "AAB", "AA\n", "AAAA="])
def test_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        decode(text)
