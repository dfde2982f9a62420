"""What a verified proof says, in human values, and whether that is what was demanded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar

from panacea.credentials.predicates.companion import Header
from panacea.credentials.predicates.encodings import Encoding
from panacea.credentials.predicates.octets import Part, PredicateProof
from panacea.credentials.predicates.statement import (
    DealPseudonym,
    Equal,
    Predicate,
    Range,
    RangeClaim,
    equal_positions,
    range_claim,
    require_ordered,
)
from panacea.credentials.predicates.types import NotProven
from panacea.credentials.suites.bbs2023 import Derived


@dataclass(frozen=True, slots=True)
class ProvenRange:
    """A hidden value of a credential lies between the bounds, both included; None where there is none."""

    credential: int
    pointer: str
    meaning: str
    encoding: Encoding
    at_least: Decimal | date | datetime | None
    at_most: Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hidden value stands: a credential's number, a pointer, and the issuer's word for what it is."""

    credential: int
    pointer: str
    meaning: str


@dataclass(frozen=True, slots=True)
class ProvenEqual:
    """Two hidden values are the same in one encoding.

    Whether their meanings go together, such as two units, is the verifier's to judge.
    """

    left: Place
    right: Place
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class ProvenPseudonym:
    """A credential's record has this name in that deal: 48 bytes, to be compared with those seen before.

    Names compare only within one issuer: another issuer of the same record has another secret.
    """

    credential: int
    chain_id: str
    deal_id: int
    pseudonym: bytes


@dataclass(frozen=True, slots=True)
class Proven:
    """What the verification established; pointers are into the credentials as they were issued.

    `credentials` says what each derived credential shows. The scheme has not been audited: `audited` is False.
    """

    audited: ClassVar[bool] = False
    credentials: tuple[Derived, ...]
    issuers: tuple[str, ...]
    ranges: tuple[ProvenRange, ...]
    equalities: tuple[ProvenEqual, ...]
    pseudonyms: tuple[ProvenPseudonym, ...]
    application_header: bytes
    parts: tuple[Part, ...]

    def require(self, *predicates: Predicate) -> None:
        """Refuse unless each predicate is among, or follows from, what was proven.

        Raises NotProven; UnknownPosition, BoundRefused, EncodingsDiffer for what could not even be asked.
        """
        for demanded in predicates:
            match demanded:
                case Range():
                    self._require_range(demanded)
                case Equal():
                    self._require_equal(demanded)
                case DealPseudonym():
                    self.pseudonym(demanded)

    def pseudonym(self, demanded: DealPseudonym) -> bytes:
        """The record's name in that deal, 48 bytes; NotProven."""
        for found in self.pseudonyms:
            if DealPseudonym(found.chain_id, found.deal_id, found.credential) == demanded:
                return found.pseudonym
        raise NotProven("no pseudonym", chain_id=demanded.chain_id, deal_id=demanded.deal_id)

    def _require_range(self, demanded: Range) -> None:
        part = self._part(demanded.credential)
        wanted = range_claim(part.header, demanded)
        for found in part.ranges:
            if found.position == wanted.position and _implies(found, wanted):
                return
        raise NotProven("range", pointer=demanded.pointer, at_least=demanded.at_least, at_most=demanded.at_most)

    def _require_equal(self, demanded: Equal) -> None:
        left, right = equal_positions(self._headers(), demanded)
        places = {_place(self.parts, left), _place(self.parts, right)}
        if not any({found.left, found.right} == places for found in self.equalities):
            raise NotProven("equality", left=demanded.left, right=demanded.right)

    def _headers(self) -> Sequence[Header]:
        return [part.header for part in self.parts]

    def _part(self, number: int) -> Part:
        if not 0 <= number < len(self.parts):
            raise NotProven("no such credential", credential=number)
        return self.parts[number]


def proven(proof: PredicateProof, derived: tuple[Derived, ...], application_header: bytes) -> Proven:
    """What a proof says; whether it is true was checked before."""
    headers = [part.header for part in proof.parts]
    equalities = [
        ProvenEqual(
            _place(proof.parts, claim.left),
            _place(proof.parts, claim.right),
            headers[claim.left[0]].get(claim.left[1]).encoding,
        )
        for claim in proof.equalities
    ]
    numbered = list(enumerate(proof.parts))
    return Proven(
        derived,
        tuple(header.issuer for header in headers),
        tuple(_range(number, part, claim) for number, part in numbered for claim in part.ranges),
        tuple(equalities),
        tuple(
            ProvenPseudonym(number, claim.chain_id, claim.deal_id, claim.pseudonym)
            for number, part in numbered
            for claim in part.pseudonyms
        ),
        application_header,
        proof.parts,
    )


def _place(parts: Sequence[Part], end: tuple[int, int]) -> Place:
    position = parts[end[0]].header.get(end[1])
    return Place(end[0], position.pointer, position.meaning)


def _range(number: int, part: Part, claim: RangeClaim) -> ProvenRange:
    position = part.header.get(claim.position)
    encoding = require_ordered(position)
    bounds = [None if bound is None else encoding.human(bound) for bound in (claim.at_least, claim.at_most)]
    return ProvenRange(number, position.pointer, position.meaning, encoding, *bounds)


def _implies(found: RangeClaim, wanted: RangeClaim) -> bool:
    """Whether every number in the one range lies in the other."""
    low = wanted.at_least is None or (found.at_least is not None and found.at_least >= wanted.at_least)
    high = wanted.at_most is None or (found.at_most is not None and found.at_most <= wanted.at_most)
    return low and high
