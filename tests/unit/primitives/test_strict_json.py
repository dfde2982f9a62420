"""What is refused by every reader of strict JSON, and what each decides for itself."""

import json

import pytest

from panacea.primitives.rejected import Rejected
from panacea.primitives.strict_json import read_strict, require_depth


class Refused(Rejected, codespace="test", code=2, text="refused"):
    """The refusal of this reader."""


def read(octets: bytes, *, max_bytes: int = 100, max_depth: int = 3, encoding: str = "utf-8") -> object:
    return read_strict(
        octets,
        max_bytes=max_bytes,
        max_depth=max_depth,
        integer=lambda text: ("integer", text),
        number=lambda text: ("number", text),
        refusal=Refused,
        encoding=encoding,
    )


def test_numbers_are_the_readers() -> None:
    assert read(b'{"a":[1,-0.50]}') == {"a": [("integer", "1"), ("number", "-0.50")]}
    assert read(b"\xef\xbb\xbf[]", encoding="utf-8-sig") == []
    assert read(json.dumps("\U0001f600").encode()) == "\U0001f600"


@pytest.mark.parametrize(
    ("octets", "detail"),
    [
        (b"[" + b" " * 99 + b"]", "too large"),
        (b'"\xff"', "not UTF-8"),
        (b"\xef\xbb\xbf[]", "BOM"),
        (b"[1 2]", "Expecting"),
        (b'{"a":{"b":1,"b":1}}', "repeated key"),
        (b"[NaN]", "not a JSON number"),
        (b'["\\udc00"]', "a lone surrogate"),
        (b'{"\\uD83D":1}', "a lone surrogate"),
        (b"[[[[]]]]", "nested too deep"),
    ],
)
def test_refused(octets: bytes, detail: str) -> None:
    with pytest.raises(Refused, match=detail):
        read(octets)


def test_depth_beyond_the_parsers_own() -> None:
    with pytest.raises(Refused, match="nested too deep"):
        read(b"[" * 100_000, max_bytes=200_000)


def test_levels_are_counted() -> None:
    require_depth([{"a": [1]}], 3, Refused)
    with pytest.raises(Refused):
        require_depth([{"a": [1]}], 2, Refused)
