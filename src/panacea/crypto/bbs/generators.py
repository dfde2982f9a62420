"""The points that BBS binds messages to: constants of a ciphersuite, so a table instead of work.

    api_id --expand, again and again--> seeds --hash_to_g1--> Q_1, H_1, H_2, ...

The table beside this file holds the base point P1 and all generators that a signature may need, so that nobody's proof
can make a verifier derive them; `tools/make_generators.py` writes it and a test derives all of it again.
Source: draft-irtf-cfrg-bbs-signatures, sections 4.1.1 and 7.2.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property
from importlib.resources import files
from itertools import islice
from typing import Final

from panacea.crypto.bbs.types import MAX_MESSAGES
from panacea.crypto.hazmat.bls12381 import G1, G1_SIZE, Scalar, sum_of_products
from panacea.crypto.hazmat.fixed_points import Row, row_of, sum_of_rows
from panacea.crypto.hazmat.hash_to_curve import Expand, hash_to_g1

TABLED: Final = 256
"""Generators at hand at once: with both coordinates in the table, reading them costs no square root."""

RECORD_SIZE: Final = 2 * G1_SIZE
LISTED: Final = 1 + MAX_MESSAGES
"""Generators in the table; those after the first are compressed there, and take 25 microseconds each."""

PLAIN_SUMS: Final = 16
"""Sums made without rows: making them pays off only for who works on, not for one verification."""


class Generators:
    """P1 and as many generators as asked for, of one ciphersuite."""

    def __init__(self, api_id: bytes, expand: Expand, table: str) -> None:
        """`table` names the file beside this module."""
        self.api_id = api_id
        self.expand = expand
        self.table = table
        self._octets = b""
        self._rows: tuple[Row, ...] = ()
        self._sums = 0

    @cached_property
    def base(self) -> G1:
        """P1, the point that stands for the key's part of every signature."""
        return self._tabled[0]

    def first(self, count: int) -> tuple[G1, ...]:
        """Q_1, H_1, H_2 and so on, `count` points."""
        if count > len(self._known):
            # Two threads may both come here; they find the same points and one assignment wins.
            listed = self._known + self._listed(len(self._known), count)
            self._known = listed + self.derive(len(listed), count)
        return self._known[:count]

    def octets(self, count: int) -> bytes:
        """The points of `first`, compressed, one after another: part of every signature's domain."""
        known = self._octets
        if count * G1_SIZE > len(known):
            missing = self.first(count)[len(known) // G1_SIZE :]
            # As in `first`, one assignment, so that two threads cannot both append.
            self._octets = known = known + b"".join([point.to_compressed_bytes() for point in missing])
        return known[: count * G1_SIZE]

    def sum_of_products(self, numbers: Sequence[int], scalars: Sequence[Scalar]) -> G1:
        """Each generator times its scalar, summed up; number 0 is P1, 1 is Q_1, 2 is H_1 and so on."""
        self._sums += 1
        count = max(numbers, default=-1) + 1
        if self._sums > PLAIN_SUMS and count <= 1 + TABLED:
            rows = self.rows(count)
            return sum_of_rows([rows[number] for number in numbers], scalars)
        points = (self.base, *self.first(max(count - 1, 0)))
        return sum_of_products([points[number] for number in numbers], scalars)

    def rows(self, count: int) -> tuple[Row, ...]:
        """The rows of P1, Q_1, H_1 and so on, `count` of them, kept: 5 KB and 0.13 ms each."""
        if count > len(self._rows):
            points = (self.base, *self.first(count - 1))
            self._rows = self._rows + tuple(row_of(point) for point in points[len(self._rows) :])
        return self._rows

    def derive(self, start: int, stop: int) -> tuple[G1, ...]:
        """Generators number `start` to `stop` - 1 by the definition, without the table."""
        seeds = islice(self._seeds(b"MESSAGE_GENERATOR_SEED"), start, stop)
        return tuple(hash_to_g1(seed, self.api_id + b"SIG_GENERATOR_DST_", self.expand) for seed in seeds)

    def derive_base(self) -> G1:
        """P1 by the definition, without the table."""
        seed = next(self._seeds(b"BP_MESSAGE_GENERATOR_SEED"))
        return hash_to_g1(seed, self.api_id + b"SIG_GENERATOR_DST_", self.expand)

    def _seeds(self, name: bytes) -> Iterator[bytes]:
        dst = self.api_id + b"SIG_GENERATOR_SEED_"
        seed = self.expand(self.api_id + name, dst, 48)
        for number in range(1, 2**64):
            seed = self.expand(seed + number.to_bytes(8, "big"), dst, 48)
            yield seed

    def _listed(self, start: int, stop: int) -> tuple[G1, ...]:
        """Generators of the table's second part, as far as it goes."""
        first = (1 + TABLED) * RECORD_SIZE - TABLED * G1_SIZE
        octets = self._octets_of_table[first + start * G1_SIZE : first + stop * G1_SIZE]
        return tuple(
            G1.from_compressed_bytes_unchecked(octets[at : at + G1_SIZE]) for at in range(0, len(octets), G1_SIZE)
        )

    @cached_property
    def _octets_of_table(self) -> bytes:
        return files(__package__).joinpath(self.table).read_bytes()

    @cached_property
    def _tabled(self) -> tuple[G1, ...]:
        # Unchecked, because the file is part of the program and a test derives it again.
        octets = self._octets_of_table[: (1 + TABLED) * RECORD_SIZE]
        return tuple(
            G1.from_xy_bytes_unchecked_be(octets[at : at + RECORD_SIZE]) for at in range(0, len(octets), RECORD_SIZE)
        )

    @cached_property
    def _known(self) -> tuple[G1, ...]:
        return self._tabled[1:]


class UntabledGenerators(Generators):
    """Generators of an interface without a table of its own, derived when first asked for: 0.3 ms each."""

    def __init__(self, api_id: bytes, expand: Expand, base: G1) -> None:
        """`base` is P1 of the ciphersuite: interfaces share it."""
        super().__init__(api_id, expand, table="")
        self._base = base

    @cached_property
    def _octets_of_table(self) -> bytes:
        return b""

    @cached_property
    def _tabled(self) -> tuple[G1, ...]:
        return (self._base,)


class JoinedGenerators(Generators):
    """`count` generators of one list, Q_1 among them, then those of another."""

    def __init__(self, head: Generators, tail: Generators, count: int) -> None:
        """P1 is that of `head`."""
        super().__init__(head.api_id, head.expand, table="")
        self._head, self._tail, self._count = head, tail, count

    @cached_property
    def base(self) -> G1:
        """P1 of the first list."""
        return self._head.base

    def first(self, count: int) -> tuple[G1, ...]:
        """`count` points of both lists together."""
        return self._head.first(min(count, self._count)) + self._tail.first(max(count - self._count, 0))

    def rows(self, count: int) -> tuple[Row, ...]:
        """The rows of both lists, kept there."""
        head = self._head.rows(1 + self._count)[: 1 + self._count]
        return head + self._tail.rows(max(count - self._count, 1))[1:]
