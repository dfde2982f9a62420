"""The points of commitments are hashes of their names, all different."""

from importlib.resources import files

from panacea.credentials.predicates import basis
from panacea.crypto.bbs import SHA256
from panacea.crypto.hazmat.bls12381 import Scalar, sum_of_products


def test_the_table_is_the_definition() -> None:
    derived = basis.derive()
    table = (files(basis.__package__) / basis.TABLE).read_bytes()
    assert b"".join(point.to_xy_bytes_be() for point in derived) == table
    assert len({point.to_compressed_bytes() for point in derived}) == len(derived) == 2 + 2 * basis.MAX_BITS


def test_no_point_is_one_of_bbs() -> None:
    generators = {point.to_compressed_bytes() for point in (SHA256.generators.base, *SHA256.generators.first(256))}
    assert generators.isdisjoint(point.to_compressed_bytes() for point in basis.derive())


def test_sums_with_and_without_rows() -> None:
    value, blinding, *rest = basis.derive(36)
    scalars = [Scalar(number * number) for number in range(35)]
    expected = sum_of_products([blinding, *rest], scalars)
    assert {basis.commit_vector(scalars) == expected for _ in range(2 * basis.PLAIN_SUMS)} == {True}
    assert basis.commit(Scalar(3), Scalar(4)) == value * Scalar(3) + blinding * Scalar(4)


def test_companions_have_a_domain_of_their_own() -> None:
    public = SHA256.public_key(SHA256.key_gen(bytes(32)))
    assert basis.COMPANION.domain(public, 2, b"header") != SHA256.domain(public, 2, b"header")
    assert basis.COMPANION.generators is SHA256.generators


def test_a_deal_has_its_own_point() -> None:
    points = {basis.deal_point(chain, deal).to_compressed_bytes() for chain in ("a", "b") for deal in (1, 2)}
    assert len(points) == 4
