"""Octets as text have one spelling."""

import pytest

from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import MalformedProof


def test_octets_come_back() -> None:
    for size in range(7):
        assert from_base64url(to_base64url(b"\xfb\xff\xfe\x00\x01\x02"[:size])) == b"\xfb\xff\xfe\x00\x01\x02"[:size]


@pytest.mark.parametrize("text", ["", "zAA", "AA", "uAA==", "uA", "uAB", "uAA A", "u+_8", "u//8", "uÄ", "uAA\n"])
def test_other_base64url_is_refused(text: str) -> None:
    with pytest.raises(MalformedProof):
        from_base64url(text)
