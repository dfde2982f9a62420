"""Parameters in JSON and in URLs, and pages."""

from typing import Any

import pytest

from panacea.node.parameters import (
    BYTES,
    FLAG,
    HEX,
    TEXT,
    WHOLE,
    InvalidParams,
    Kind,
    Method,
    is_descending,
    page_of,
)

METHOD = Method(dict, {"height": WHOLE, "prove": FLAG, "path": TEXT})


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        (TEXT, "a 'b'", "a 'b'"),
        (WHOLE, "5", 5),
        (WHOLE, 5, 5),
        (WHOLE, "-1", -1),
        (WHOLE, str(2**63 - 1), 2**63 - 1),
        (FLAG, True, True),
        (FLAG, False, False),
        (HEX, "00fF", b"\x00\xff"),
        (BYTES, "AP8=", b"\x00\xff"),
    ],
)
def test_json(kind: Kind, written: Any, read: Any) -> None:
    assert kind.of_json(written) == read


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (TEXT, 5),
        (TEXT, ["a"]),
        (WHOLE, "five"),
        (WHOLE, 5.0),
        (WHOLE, True),
        (WHOLE, " 5"),
        (WHOLE, "5\n"),
        (WHOLE, "٥"),
        (WHOLE, str(2**63)),
        (WHOLE, "9" * 400),
        (FLAG, "true"),
        (FLAG, 1),
        (HEX, "0"),
        (HEX, "0x00"),
        (HEX, "00 00"),
        (BYTES, "AP8"),
        (BYTES, "AP8=\n"),
        (BYTES, "A-_="),
    ],
)
def test_json_refused(kind: Kind, written: Any) -> None:
    with pytest.raises(InvalidParams):
        kind.of_json(written)


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        (TEXT, '"tx.height=5"', "tx.height=5"),
        (TEXT, r'"say \"hi\""', 'say "hi"'),
        (TEXT, "0x6869", "hi"),
        (WHOLE, "5", 5),
        (WHOLE, '"5"', 5),
        (FLAG, "true", True),
        (FLAG, "false", False),
        (HEX, "0x00FF", b"\x00\xff"),
        (HEX, '"ab"', b"ab"),
        (BYTES, "0X00ff", b"\x00\xff"),
        (BYTES, '"name=satoshi"', b"name=satoshi"),
    ],
)
def test_url(kind: Kind, written: str, read: Any) -> None:
    assert kind.of_url(written) == read


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (TEXT, "bare"),
        (TEXT, "'single'"),
        (TEXT, '"open'),
        (TEXT, "0x0"),
        (TEXT, "5"),
        (WHOLE, "0x05"),
        (WHOLE, '"five"'),
        (FLAG, "1"),
        (FLAG, "True"),
        (BYTES, "AP8="),
        (BYTES, "0xzz"),
    ],
)
def test_url_refused(kind: Kind, written: str) -> None:
    with pytest.raises(InvalidParams):
        kind.of_url(written)


def test_binding() -> None:
    assert METHOD.of_json({"height": "5", "prove": None, "path": "", "unheard_of": 1}) == {"height": 5}
    assert METHOD.of_json(["5", True]) == {"height": 5, "prove": True}
    assert METHOD.of_url({"height": "5", "prove": "", "more": "x"}) == {"height": 5}
    for wrong in (["5", True, "/", 4], "text", 5):
        with pytest.raises(InvalidParams):
            METHOD.of_json(wrong)


def test_pages() -> None:
    listing = list(range(65))
    assert listing[page_of(65, 1, 0)] == listing[:30]
    assert listing[page_of(65, 3, 30)] == listing[60:]
    assert listing[page_of(65, 1, 1000)] == listing
    assert page_of(0, 1, 30) == slice(0, 30)
    for page in (0, -1, 4):
        with pytest.raises(InvalidParams, match=r"within \[1, 3\]"):
            page_of(65, page, 30)


def test_order() -> None:
    assert (is_descending("asc"), is_descending("desc")) == (False, True)
    with pytest.raises(InvalidParams):
        is_descending("down")
