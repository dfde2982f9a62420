"""What is to be proven: in the words of a verifier, and as it stands in a proof.

Range, Equal, DealPseudonym     pointers and human values
RangeClaim, EqualClaim, ...     positions of companions and whole numbers
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from panacea.credentials.predicates.bits import Side
from panacea.credentials.predicates.companion import Header, Position
from panacea.credentials.predicates.encodings import Bound, Day, Moment, Number, Ordered, Secret
from panacea.credentials.predicates.types import BoundRefused, EncodingsDiffer, UnknownPosition

MAX_CHAIN_ID: Final = 128
MAX_DEAL_ID: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Range:
    """The hidden value at `pointer` of a credential is at least one bound, at most another, or both.

    Bounds are int or Decimal for numbers, `date` for days, a `datetime` with a zone for moments. A bound between two
    values of the encoding asks the same question as the nearer value inside. `meaning`, where given, must be the one
    that the issuer signed. `credential` counts from 0.
    """

    pointer: str
    at_least: Bound | None = None
    at_most: Bound | None = None
    meaning: str | None = None
    credential: int = 0


@dataclass(frozen=True, slots=True)
class Equal:
    """The hidden values at two places are equal, in one encoding; a place is a credential's number and a pointer."""

    left: tuple[int, str]
    right: tuple[int, str]


@dataclass(frozen=True, slots=True)
class DealPseudonym:
    """The name that a record has in one deal, and nowhere else."""

    chain_id: str
    deal_id: int
    credential: int = 0


Predicate: TypeAlias = Range | Equal | DealPseudonym


@dataclass(frozen=True, slots=True)
class RangeClaim:
    """A range over the number at a position."""

    position: int
    at_least: int | None
    at_most: int | None

    def sides(self, bits: int) -> list[Side]:
        """The sides to be shown bit by bit."""
        lower = [] if self.at_least is None else [Side(self.position, self.at_least, bits, at_most=False)]
        upper = [] if self.at_most is None else [Side(self.position, self.at_most, bits, at_most=True)]
        return [*lower, *upper]


@dataclass(frozen=True, slots=True)
class EqualClaim:
    """Two (credential, position) with one value, and the Pedersen commitment to it that both are opened against."""

    left: tuple[int, int]
    right: tuple[int, int]
    commitment: bytes

    @property
    def ends(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Left, then right."""
        return self.left, self.right


@dataclass(frozen=True, slots=True)
class PseudonymClaim:
    """The secret at a position makes this pseudonym (a compressed point) in that deal."""

    position: int
    chain_id: str
    deal_id: int
    pseudonym: bytes


def range_claim(header: Header, asked: Range) -> RangeClaim:
    """The range over the position that it speaks of; UnknownPosition, BoundRefused."""
    number = next(
        (
            number
            for number, position in enumerate(header.positions, 1)
            if position.pointer == asked.pointer
            and isinstance(position.encoding, Ordered)
            and asked.meaning in {None, position.meaning}
        ),
        0,
    )
    if not number:
        raise UnknownPosition("no ordered value there of that meaning", pointer=asked.pointer, meaning=asked.meaning)
    encoding = require_ordered(header.get(number))
    claim = RangeClaim(
        number,
        None if asked.at_least is None else encoding.ceiling(asked.at_least),
        None if asked.at_most is None else encoding.floor(asked.at_most),
    )
    require_range(header, claim)
    return claim


def require_range(header: Header, claim: RangeClaim) -> None:
    """BoundRefused unless the bounds are of the encoding and something lies between; UnknownPosition."""
    encoding = require_ordered(header.get(claim.position))
    bounds = [bound for bound in (claim.at_least, claim.at_most) if bound is not None]
    if not bounds:
        raise BoundRefused("neither at least nor at most")
    if not all(0 <= bound <= encoding.largest for bound in bounds) or bounds[0] > bounds[-1]:
        raise BoundRefused("nothing lies between", at_least=claim.at_least, at_most=claim.at_most)


def require_ordered(position: Position) -> Ordered:
    """The encoding of a position that ranges may speak of; UnknownPosition."""
    if not isinstance(position.encoding, Number | Day | Moment):
        raise UnknownPosition("not an ordered value", pointer=position.pointer)
    return position.encoding


def equal_positions(headers: Sequence[Header], asked: Equal) -> tuple[tuple[int, int], tuple[int, int]]:
    """The two positions of one encoding that an equality speaks of; UnknownPosition, EncodingsDiffer."""
    if asked.left == asked.right:
        raise UnknownPosition("a value is compared with itself")
    left, right = (
        [(place[0], number) for number, position in enumerate(_header(headers, place[0]).positions, 1)
         if position.pointer == place[1]]
        for place in (asked.left, asked.right)
    )  # fmt: skip
    if not left or not right:
        raise UnknownPosition(left=asked.left, right=asked.right)
    for one in left:
        for other in right:
            if headers[one[0]].get(one[1]).encoding == headers[other[0]].get(other[1]).encoding:
                return one, other
    raise EncodingsDiffer(left=asked.left, right=asked.right)


def require_equal(headers: Sequence[Header], claim: EqualClaim) -> None:
    """EncodingsDiffer, UnknownPosition: an equality that would not mean equal values."""
    left, right = (_header(headers, part).get(number) for part, number in claim.ends)
    if claim.left == claim.right:
        raise UnknownPosition("a value is compared with itself")
    if left.encoding != right.encoding:
        raise EncodingsDiffer(left=left.pointer, right=right.pointer)


def secret_position(header: Header) -> int:
    """The position of the record's secret; UnknownPosition."""
    for number, position in enumerate(header.positions, 1):
        if isinstance(position.encoding, Secret):
            return number
    raise UnknownPosition("the companion carries no secret of the record")


def require_deal(chain_id: str, deal_id: int) -> None:
    """UnknownPosition unless this may name a deal."""
    if type(chain_id) is not str or not 0 < len(chain_id) <= MAX_CHAIN_ID or not 0 <= deal_id <= MAX_DEAL_ID:
        raise UnknownPosition("no deal", chain_id=chain_id, deal_id=deal_id)


def _header(headers: Sequence[Header], number: int) -> Header:
    if not 0 <= number < len(headers):
        raise UnknownPosition("no such credential", credential=number)
    return headers[number]
