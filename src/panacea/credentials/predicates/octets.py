"""The octets of a predicate proof, and what binds them to the bbs-2023 proofs beside it.

    proof                canonical CBOR  [tag, [part, ...], [equality, ...]]              one part for each credential
    part                 [header, link, [range, ...], [pseudonym, ...], answers]
    range                [position, at least or null, at most or null]
    pseudonym            [position, chain id, deal id, point]
    equality             [[part, position], [part, position], commitment]
    answers              A' B' D e^ r1^ r3^ m^_0 ... m^_k  ( V f ... z )  r^ ...          no challenge, no first moves

    digest               SHA-256 of CBOR [tag, [[header, link, ranges, pseudonyms, first moves], ...], equalities]
    presentation header  CBOR [tag, application header, digest, number of this credential, number of all]

The challenge of each bbs-2023 proof hashes its presentation header, thus the digest, thus every statement and every
first move of every part. A part has no challenge of its own.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.predicates import bits
from panacea.credentials.predicates.basis import MAX_BITS
from panacea.credentials.predicates.companion import Header
from panacea.credentials.predicates.encodings import Secret
from panacea.credentials.predicates.statement import (
    EqualClaim,
    PseudonymClaim,
    RangeClaim,
    require_deal,
    require_equal,
    require_ordered,
    require_range,
)
from panacea.credentials.predicates.types import (
    MalformedPredicates,
    PredicateRejected,
    TooManyPredicates,
    UnknownPosition,
)
from panacea.crypto.bbs.types import MAX_MESSAGES
from panacea.crypto.hazmat.bls12381 import G1, G1_SIZE, SCALAR_SIZE, OctetsRejected, Scalar, read_g1, read_scalar
from panacea.wire import cbor

MAX_PARTS: Final = 4
MAX_RANGES: Final = 16
MAX_PSEUDONYMS: Final = 4
MAX_EQUALITIES: Final = 16
MAX_PROOF: Final = 96 * 1024
MAX_APPLICATION_HEADER: Final = 2048

_PROOF: Final = "panacea/predicates/proof/v1"
_FIRST: Final = "panacea/predicates/first-moves/v1"
_PRESENTATION: Final = "panacea/predicates/presentation/v1"
_COMPANION_FLOOR: Final = 3 * G1_SIZE + 3 * SCALAR_SIZE


@dataclass(frozen=True, slots=True)
class Part:
    """What is claimed about one credential; `link` is the BBS index of its link statement."""

    header: Header
    link: int
    ranges: tuple[RangeClaim, ...] = ()
    pseudonyms: tuple[PseudonymClaim, ...] = ()

    def sides(self) -> list[bits.Side]:
        """The sides of all ranges, in order."""
        found: list[bits.Side] = []
        for claim in self.ranges:
            found += claim.sides(require_ordered(self.header.get(claim.position)).bits)
        return found

    def to_wire(self) -> list[object]:
        """The statement, as it stands in the proof and in the digest."""
        return [
            self.header.to_octets(),
            self.link,
            [[claim.position, claim.at_least, claim.at_most] for claim in self.ranges],
            [[claim.position, claim.chain_id, claim.deal_id, claim.pseudonym] for claim in self.pseudonyms],
        ]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of one part: of the companion's proof without its challenge, of the bits, of each opening."""

    companion: bytes = field(repr=False)
    bits: tuple[bytes, tuple[Scalar, ...]] | None
    openings: tuple[Scalar, ...]

    def to_octets(self) -> bytes:
        """One after another; the statement tells how many there are."""
        commitment, answers = (b"", ()) if self.bits is None else self.bits
        return self.companion + commitment + b"".join(each.to_be_bytes() for each in (*answers, *self.openings))


@dataclass(frozen=True, slots=True)
class PredicateProof:
    """A predicate proof as it travels."""

    parts: tuple[Part, ...]
    equalities: tuple[EqualClaim, ...]
    answers: tuple[Answers, ...]

    def __post_init__(self) -> None:
        """Refuse statements that no proof may make; PredicateRejected."""
        require_statement(self.parts, self.equalities)

    def to_octets(self) -> bytes:
        """The octets to hand over beside the derived credentials."""
        parts = [[*part.to_wire(), answers.to_octets()] for part, answers in zip(self.parts, self.answers, strict=True)]
        return cbor.encode([_PROOF, parts, _equalities(self.equalities)])

    @classmethod
    def from_octets(cls, octets: bytes) -> "PredicateProof":
        """Read a proof strictly; MalformedPredicates, and what a refused statement raises."""
        try:
            match cbor.decode(octets, max_bytes=MAX_PROOF, max_depth=5):
                case [str(tag), [*parts], [*equalities]] if tag == _PROOF:
                    if not 0 < len(parts) <= MAX_PARTS or len(equalities) > MAX_EQUALITIES:
                        raise TooManyPredicates(credentials=len(parts), equalities=len(equalities))
                    claims = tuple(_read_equality(each) for each in equalities)
                    read = tuple(_read_part(each) for each in parts)
                    statement = tuple(part for part, _ in read)
                    require_statement(statement, claims)
                    answers = tuple(
                        _read_answers(found, part, count_openings(claims, number))
                        for number, (part, found) in enumerate(read)
                    )
                    return cls(statement, claims, answers)
        except (cbor.NotCanonical, OctetsRejected) as error:
            raise MalformedPredicates(str(error)) from error
        raise MalformedPredicates("not a predicate proof of this version")


def require_statement(parts: Sequence[Part], equalities: Sequence[EqualClaim]) -> None:
    """Refuse statements that no proof may make; a PredicateRejected that says why."""
    headers = [part.header for part in parts]
    if not 0 < len(parts) <= MAX_PARTS or len(equalities) > MAX_EQUALITIES:
        raise TooManyPredicates(credentials=len(parts), equalities=len(equalities))
    for part in parts:
        if len(part.ranges) > MAX_RANGES or len(part.pseudonyms) > MAX_PSEUDONYMS:
            raise TooManyPredicates(ranges=len(part.ranges), pseudonyms=len(part.pseudonyms))
        if not 0 <= part.link < MAX_MESSAGES:
            raise MalformedPredicates("link is no index of a message")
        for claim in part.ranges:
            require_range(part.header, claim)
        for named in part.pseudonyms:
            require_deal(named.chain_id, named.deal_id)
            if not isinstance(part.header.get(named.position).encoding, Secret):
                raise UnknownPosition("a pseudonym is made of a secret", position=named.position)
    if (count := sum(bits.count_bits(part.sides()) for part in parts)) > MAX_BITS:
        raise TooManyPredicates(bits=count, limit=MAX_BITS)
    for equality in equalities:
        require_equal(headers, equality)


def digest(parts: Sequence[Part], first: Sequence[bytes], equalities: Sequence[EqualClaim]) -> bytes:
    """SHA-256 of all that is claimed and all first moves, 32 bytes."""
    moved = [[*part.to_wire(), moves] for part, moves in zip(parts, first, strict=True)]
    return hashlib.sha256(cbor.encode([_FIRST, moved, _equalities(equalities)])).digest()


def presentation_header(application_header: bytes, first: bytes, number: int, count: int) -> bytes:
    """The bbs-2023 presentation header of credential `number` of `count`; `first` is the digest."""
    if len(application_header) > MAX_APPLICATION_HEADER:
        raise TooManyPredicates("application header", size=len(application_header), limit=MAX_APPLICATION_HEADER)
    return cbor.encode([_PRESENTATION, application_header, first, number, count])


def first_moves(points: Sequence[G1], domain: Scalar) -> bytes:
    """The first moves of one part: the domain of the companion's signature, then the points, compressed."""
    return domain.to_be_bytes() + b"".join([point.to_compressed_bytes() for point in points])


def count_openings(equalities: Sequence[EqualClaim], number: int) -> int:
    """How many ends of equalities lie in part `number`."""
    return sum(part == number for equality in equalities for part, _ in equality.ends)


def _equalities(equalities: Sequence[EqualClaim]) -> list[object]:
    return [[list(claim.left), list(claim.right), claim.commitment] for claim in equalities]


def _read_part(found: Any) -> tuple[Part, bytes]:  # Any: CBOR, checked here
    match found:
        case [bytes(header), link, [*ranges], [*pseudonyms], bytes(answers)] if type(link) is int:
            claims = tuple(_read_range(each) for each in ranges)
            named = tuple(_read_pseudonym(each) for each in pseudonyms)
            return Part(_strictly(Header.from_octets, header), link, claims, named), answers
    raise MalformedPredicates("part")


def _read_range(found: Any) -> RangeClaim:  # Any: CBOR, checked here
    match found:
        case [position, at_least, at_most] if type(position) is int:
            if {type(at_least), type(at_most)} <= {int, type(None)}:
                return RangeClaim(position, at_least, at_most)
    raise MalformedPredicates("range")


def _read_pseudonym(found: Any) -> PseudonymClaim:  # Any: CBOR, checked here
    match found:
        case [position, str(chain_id), deal_id, bytes(point)] if type(position) is type(deal_id) is int:
            return PseudonymClaim(position, chain_id, deal_id, point)
    raise MalformedPredicates("pseudonym")


def _read_equality(found: Any) -> EqualClaim:  # Any: CBOR, checked here
    match found:
        case [[*left], [*right], bytes(commitment)] if len(left) == len(right) == 2:
            if {type(number) for number in (*left, *right)} == {int}:
                return EqualClaim((left[0], left[1]), (right[0], right[1]), commitment)
    raise MalformedPredicates("equality")


def _read_answers(octets: bytes, part: Part, openings: int) -> Answers:
    sides = part.sides()
    companion = _COMPANION_FLOOR + SCALAR_SIZE * (1 + len(part.header.positions))
    vector = G1_SIZE if sides else 0
    answers = bits.count_answers(sides)
    if len(octets) != companion + vector + SCALAR_SIZE * (answers + openings):
        raise MalformedPredicates("answers of another number", size=len(octets))
    commitment = octets[companion : companion + vector]
    scalars = [read_scalar(octets[at : at + SCALAR_SIZE]) for at in range(companion + vector, len(octets), SCALAR_SIZE)]
    vectors = (commitment, tuple(scalars[:answers])) if sides else None
    return Answers(octets[:companion], vectors, tuple(scalars[answers:]))


def read_point(octets: bytes) -> G1:
    """A point of a proof; MalformedPredicates."""
    try:
        return read_g1(octets)
    except OctetsRejected as error:
        raise MalformedPredicates(error.text) from error


def _strictly(read: Callable[[bytes], Header], octets: bytes) -> Header:
    try:
        return read(octets)
    except PredicateRejected as error:
        raise MalformedPredicates(str(error)) from error
