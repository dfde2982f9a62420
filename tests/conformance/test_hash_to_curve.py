"""The published vectors of RFC 9380 for expand_message and for BLS12-381: every file there is."""

import json
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.crypto.hazmat.bls12381 import map_to_g1, map_to_g2
from panacea.crypto.hazmat.hash_to_curve import (
    Expand,
    expand_message_shake128,
    expand_message_shake256,
    expand_message_xmd,
    hash_to_field,
    hash_to_g1,
    hash_to_g2,
)

EXPANDERS: dict[str, Expand] = {
    "SHA256": expand_message_xmd,
    "SHAKE128": expand_message_shake128,
    "SHAKE256": expand_message_shake256,
}

FILES = sorted(shared("hash-to-curve").glob("*.json"))


def files(start: str) -> pytest.MarkDecorator:
    found = [path for path in FILES if path.stem.startswith(start)]
    return pytest.mark.parametrize("path", found, ids=[path.stem for path in found])


def read(path: Path) -> Any:  # Any: JSON of the vectors
    return json.loads(path.read_text())


def test_no_file_is_left_out() -> None:
    assert all(path.stem.startswith(("expand_message_", "BLS12381G")) for path in FILES)


@files("expand_message_")
def test_expand_message(path: Path) -> None:
    vectors = read(path)
    expand = EXPANDERS[vectors["hash"]]
    assert vectors["tests"]
    for case in vectors["tests"]:
        length = int(case["len_in_bytes"], 16)
        assert expand(case["msg"].encode(), vectors["DST"].encode(), length).hex() == case["uniform_bytes"]


def elements(text: str) -> list[int]:
    """The parts of a field element: one for G1, two for G2."""
    return [int(part, 16) for part in text.split(",")]


def coordinates(point: dict[str, str]) -> bytes:
    """As the library spells them: big-endian, of G2 the real part first."""
    return b"".join(part.to_bytes(48, "big") for axis in "xy" for part in elements(point[axis]))


@files("BLS12381G1_")
def test_g1(path: Path) -> None:
    vectors = read(path)
    assert vectors["vectors"]
    dst, expand = vectors["dst"].encode(), expand_message_xmd
    for case in vectors["vectors"]:
        message, expected = case["msg"].encode(), [elements(u)[0] for u in case["u"]]
        found = hash_to_field(message, dst, len(expected), expand)
        assert found == expected
        point = hash_to_g1(message, dst, expand) if vectors["randomOracle"] else map_to_g1(found[0])
        assert point.to_xy_bytes_be() == coordinates(case["P"])


@files("BLS12381G2_")
def test_g2(path: Path) -> None:
    vectors = read(path)
    assert vectors["vectors"]
    dst, expand = vectors["dst"].encode(), expand_message_xmd
    for case in vectors["vectors"]:
        message, expected = case["msg"].encode(), [part for u in case["u"] for part in elements(u)]
        found = hash_to_field(message, dst, len(expected), expand)
        assert found == expected
        point = hash_to_g2(message, dst, expand) if vectors["randomOracle"] else map_to_g2(found[0], found[1])
        assert point.to_xy_bytes_be() == coordinates(case["P"])
