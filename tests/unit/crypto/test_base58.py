import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.crypto import base58
from panacea.crypto.base58 import InvalidBase58

# draft-msporny-base58, "Test vectors".
PUBLISHED = [
    (b"Hello World!", "2NEpo7TZRRrLZSi2U"),
    (b"The quick brown fox jumps over the lazy dog.", "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z"),
    (bytes.fromhex("0000287fb4cd"), "11233QC4"),
    (b"", ""),
    (b"\x00", "1"),
]


@pytest.mark.parametrize(("x", "text"), PUBLISHED)
def test_published_pairs(x: bytes, text: str) -> None:
    assert base58.encode(x) == text
    assert base58.decode(text) == x


@given(st.binary(max_size=120))
def test_bytes_come_back(x: bytes) -> None:
    assert base58.decode(base58.encode(x)) == x


@pytest.mark.parametrize("text", ["0", "O", "I", "l", "a b", " a", "ä", "2" * (base58.MAX_LENGTH + 1)])
def test_texts_that_are_refused(text: str) -> None:
    with pytest.raises(InvalidBase58):
        base58.decode(text)
