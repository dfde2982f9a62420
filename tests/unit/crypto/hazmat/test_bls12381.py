"""Octets that must not become points or scalars."""

import pytest

from panacea.crypto.hazmat.bls12381 import (
    FIELD,
    G1,
    G2,
    ORDER,
    MalformedPoint,
    MalformedScalar,
    Scalar,
    map_to_g1,
    pairings_cancel,
    read_g1,
    read_g2,
    read_scalar,
    scalar_modulo_order,
    sum_of_products,
)

POINT = G1().to_compressed_bytes()


def off_subgroup() -> bytes:
    """A point of the curve outside the subgroup: small x are tried until one is."""
    for x in range(1, 100):
        octets = bytes([0x80]) + x.to_bytes(47, "big")
        try:
            point = G1.from_compressed_bytes_unchecked(octets)
        except ValueError:
            continue
        if not point.is_in_subgroup():
            return octets
    raise AssertionError("none found")


def off_curve() -> bytes:
    """An x without a y."""
    for x in range(1, 100):
        octets = bytes([0x80]) + x.to_bytes(47, "big")
        try:
            G1.from_compressed_bytes_unchecked(octets)
        except ValueError:
            return octets
    raise AssertionError("none found")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        POINT[:-1],
        POINT + b"\x00",
        bytes(48),
        b"\xff" * 48,
        bytes([POINT[0] & 0x7F]) + POINT[1:],  # without the compression flag
        b"\xc0" + bytes(47),  # the identity
        b"\xe0" + bytes(47),  # the identity with a sign
        b"\xc0" + b"\x01" * 47,  # the identity with stray bits
        (FIELD | 1 << 383).to_bytes(48, "big"),  # x = p, a second spelling of zero
        off_curve(),
        off_subgroup(),
    ],
)
def test_g1_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(MalformedPoint):
        read_g1(octets)


@pytest.mark.parametrize("octets", [b"", POINT, bytes(96), b"\xc0" + bytes(95), b"\xc0" + b"\x01" * 95, b"\xff" * 96])
def test_g2_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(MalformedPoint):
        read_g2(octets)


def test_points_come_out_as_they_went_in() -> None:
    assert read_g1(POINT) == G1()
    assert read_g2(G2().to_compressed_bytes()) == G2()


@pytest.mark.parametrize("octets", [b"", bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32])
def test_scalar_octets_are_refused(octets: bytes) -> None:
    with pytest.raises(MalformedScalar) as refused:
        read_scalar(octets)
    assert octets.hex() not in str(refused.value) or not octets


def test_the_largest_scalar_is_read() -> None:
    assert int(read_scalar((ORDER - 1).to_bytes(32, "big"))) == ORDER - 1


@pytest.mark.parametrize("octets", [b"", b"\x01", ORDER.to_bytes(32, "big"), b"\xff" * 16, b"\xff" * 48, b"\xff" * 64])
def test_octets_of_any_size_are_reduced(octets: bytes) -> None:
    assert int(scalar_modulo_order(octets)) == int.from_bytes(octets, "big") % ORDER
    assert scalar_modulo_order(octets) == Scalar.from_be_bytes_mod_order(octets)


def test_mapped_points_are_in_the_subgroup() -> None:
    assert all(map_to_g1(element).is_in_subgroup() for element in range(4))


def test_a_sum_needs_a_scalar_for_each_point() -> None:
    assert sum_of_products([G1(), G1()], [Scalar(2), Scalar(3)]) == G1() * Scalar(5)
    with pytest.raises(ValueError, match="for each scalar"):
        sum_of_products([G1(), G1()], [Scalar(2)])


def test_pairings_cancel_only_when_they_do() -> None:
    two, three = Scalar(2), Scalar(3)
    assert pairings_cancel((G1() * two, G2() * three), (-(G1() * three), G2() * two))
    assert not pairings_cancel((G1() * two, G2() * three), (G1() * three, G2() * two))
