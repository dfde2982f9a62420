"""The published vectors of RFC 9380 for expand_message and for BLS12-381 G1."""

import json
from typing import Any

import pytest
from shared_files import shared

from panacea.crypto.hazmat.bls12381 import map_to_g1
from panacea.crypto.hazmat.hash_to_curve import (
    Expand,
    expand_message_shake256,
    expand_message_xmd,
    hash_to_field,
    hash_to_g1,
)


def read(name: str) -> Any:  # Any: JSON of the vectors
    return json.loads(shared(f"hash-to-curve/{name}.json").read_text())


@pytest.mark.parametrize(
    ("name", "expand"),
    [
        ("expand_message_xmd_SHA256_38", expand_message_xmd),
        ("expand_message_xmd_SHA256_256", expand_message_xmd),
        ("expand_message_xof_SHAKE256_36", expand_message_shake256),
    ],
)
def test_expand_message(name: str, expand: Expand) -> None:
    vectors = read(name)
    assert vectors["tests"]
    for case in vectors["tests"]:
        length = int(case["len_in_bytes"], 16)
        assert expand(case["msg"].encode(), vectors["DST"].encode(), length).hex() == case["uniform_bytes"]


def coordinates(point: dict[str, str]) -> bytes:
    return b"".join(int(point[axis], 16).to_bytes(48, "big") for axis in "xy")


def test_hash_to_curve_of_g1() -> None:
    vectors = read("BLS12381G1_XMD:SHA-256_SSWU_RO_")
    assert vectors["vectors"]
    dst = vectors["dst"].encode()
    for case in vectors["vectors"]:
        message = case["msg"].encode()
        assert hash_to_field(message, dst, 2, expand_message_xmd) == [int(u, 16) for u in case["u"]]
        assert hash_to_g1(message, dst, expand_message_xmd).to_xy_bytes_be() == coordinates(case["P"])


def test_encode_to_curve_of_g1() -> None:
    vectors = read("BLS12381G1_XMD:SHA-256_SSWU_NU_")
    assert vectors["vectors"]
    for case in vectors["vectors"]:
        (element,) = hash_to_field(case["msg"].encode(), vectors["dst"].encode(), 1, expand_message_xmd)
        assert element == int(case["u"][0], 16)
        assert map_to_g1(element).to_xy_bytes_be() == coordinates(case["P"])
