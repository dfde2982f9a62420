"""The holder's half: derived credentials that any bbs-2023 verifier accepts, and one proof of predicates beside them.

    1  first moves of every part      companion, bits, openings, pseudonyms; blinding scalars of one value are shared
    2  presentation headers           each with the digest of them all
    3  the challenge of each part     that of its bbs-2023 proof
    4  answers

Nothing of step 1 is ever used with a second challenge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.predicates import basis, bits
from panacea.credentials.predicates.basis import COMPANION
from panacea.credentials.predicates.companion import Companion, issuer_of
from panacea.credentials.predicates.octets import (
    MAX_PARTS,
    Answers,
    Part,
    PredicateProof,
    digest,
    first_moves,
    presentation_header,
    require_statement,
)
from panacea.credentials.predicates.statement import (
    DealPseudonym,
    Equal,
    EqualClaim,
    Predicate,
    PseudonymClaim,
    Range,
    equal_positions,
    range_claim,
    require_deal,
    secret_position,
)
from panacea.credentials.predicates.types import (
    LinkRefused,
    StatementFalse,
    TooManyPredicates,
    UnknownPosition,
    WrongCompanion,
)
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.data_integrity import Document
from panacea.crypto.bbs import SHA256, BBSRejected
from panacea.crypto.bbs.phases import Begun
from panacea.crypto.bbs.suite import random_scalars
from panacea.crypto.hazmat.bls12381 import SCALAR_SIZE, Scalar
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Source:
    """A credential with its base proof, its companion's octets, and what of it is shown beside the mandatory part."""

    credential: Mapping[str, Any] = field(repr=False)  # Any: a JSON-LD document
    companion: bytes = field(repr=False)
    public_key: bytes
    selective_pointers: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Presented:
    """Derived credentials, in the order of their sources, and the octets of the predicate proof."""

    documents: tuple[Document, ...]
    proof: bytes


def prove(
    sources: Sequence[Source],
    predicates: Sequence[Predicate],
    *,
    application_header: bytes,
    contexts: Contexts,
    random: Random = SYSTEM,
) -> Presented:
    """Derive each credential and prove the predicates about them, for the occasion that `application_header` names.

    Signatures are taken as true: `bbs2023.verify_base` and `verify_companion` check them once, on receipt.
    Raises StatementFalse for a predicate that does not hold, LinkRefused, WrongCompanion, MalformedCompanion,
    UnknownPosition, BoundRefused, EncodingsDiffer, TooManyPredicates, and what `bbs2023.derive` raises.
    """
    if not 0 < len(sources) <= MAX_PARTS:
        raise TooManyPredicates(credentials=len(sources), limit=MAX_PARTS)
    held = [_hold(source, contexts) for source in sources]
    parts, equalities, blindings = _claims(held, predicates, random)
    require_statement(parts, equalities)
    begun = [
        _begin(each, part, _openings(equalities, blindings, number, random), random)
        for number, (each, part) in enumerate(zip(held, parts, strict=True))
    ]
    bound = digest(parts, [each.moves for each in begun], equalities)
    documents, answers = [], []
    for number, (each, moved) in enumerate(zip(held, begun, strict=True)):
        header = presentation_header(application_header, bound, number, len(held))
        challenge = SHA256.challenge(moved.main, header)
        documents.append(each.prepared.secure(moved.main.finish(challenge).to_octets(), header))
        answers.append(moved.answers(challenge))
    return Presented(tuple(documents), PredicateProof(parts, equalities, tuple(answers)).to_octets())


@dataclass(frozen=True, slots=True)
class _Held:
    """A credential and its companion, taken apart; `link` is the index of the message that they share."""

    source: Source
    prepared: bbs2023.Prepared
    companion: Companion
    messages: list[Scalar]
    link: int

    def number(self, position: int) -> int:
        """The value at a position, as a number."""
        return int(self.companion.scalars[position])


@dataclass(frozen=True, slots=True)
class _Opening:
    """A Pedersen commitment's opening: the position of the value, and both of the commitment's blinding scalars."""

    position: int
    blinding: Scalar
    tilde: Scalar


@dataclass(frozen=True, slots=True)
class _Begun:
    """A part that waits for its challenge."""

    main: Begun
    companion: Begun
    bits: bits.BitsBegun | None
    openings: list[_Opening]
    moves: bytes

    def answers(self, challenge: Scalar) -> Answers:
        """The answers to it, once."""
        companion = self.companion.finish(challenge).to_octets()[:-SCALAR_SIZE]
        vector = None
        if self.bits is not None:
            vector = self.bits.commitment.to_compressed_bytes(), tuple(self.bits.answers(challenge))
        openings = tuple(each.tilde + each.blinding * challenge for each in self.openings)
        return Answers(companion, vector, openings)


def _hold(source: Source, contexts: Contexts) -> _Held:
    """Take a source apart; WrongCompanion, LinkRefused."""
    companion = Companion.from_octets(source.companion)
    prepared = bbs2023.prepare(
        source.credential,
        selective_pointers=source.selective_pointers,
        public_key=source.public_key,
        contexts=contexts,
    )
    if companion.header.method != prepared.options.verification_method:
        raise WrongCompanion("of another verification method", method=companion.header.method)
    if companion.header.issuer != issuer_of(prepared.reveal):
        raise WrongCompanion("of another issuer, or the issuer is not shown", issuer=companion.header.issuer)
    try:
        messages = SHA256.map_messages(prepared.messages)
    except BBSRejected as error:
        raise WrongCompanion(error.text) from error
    found = [index for index, message in enumerate(messages) if message == companion.scalars[0]]
    if len(found) != 1:
        raise WrongCompanion("of another credential")
    if found[0] in prepared.disclosed:
        raise LinkRefused("it would be shown")
    return _Held(source, prepared, companion, messages, found[0])


def _claims(
    held: Sequence[_Held], predicates: Sequence[Predicate], random: Random
) -> tuple[tuple[Part, ...], tuple[EqualClaim, ...], list[Scalar]]:
    """The statement in positions and numbers, each checked to be true, and the blinding of each equality."""
    headers = [each.companion.header for each in held]
    parts = [Part(each.companion.header, each.link) for each in held]
    equalities: list[EqualClaim] = []
    blindings: list[Scalar] = []
    for asked in predicates:
        if isinstance(asked, Equal):
            claim, blinding = _equal(held, equal_positions(headers, asked), random)
            equalities.append(claim)
            blindings.append(blinding)
            continue
        if not 0 <= asked.credential < len(held):
            raise UnknownPosition("no such credential", credential=asked.credential)
        number, part = asked.credential, parts[asked.credential]
        if isinstance(asked, Range):
            ranges = (*part.ranges, range_claim(part.header, asked))
            _require_inside(held[number].number(ranges[-1].position), asked, ranges[-1].at_least, ranges[-1].at_most)
            parts[number] = Part(part.header, part.link, ranges, part.pseudonyms)
        else:
            pseudonyms = (*part.pseudonyms, _pseudonym(held[number], asked))
            parts[number] = Part(part.header, part.link, part.ranges, pseudonyms)
    return tuple(parts), tuple(equalities), blindings


def _require_inside(value: int, asked: Range, at_least: int | None, at_most: int | None) -> None:
    if (at_least is not None and value < at_least) or (at_most is not None and value > at_most):
        raise StatementFalse(pointer=asked.pointer)


def _equal(
    held: Sequence[_Held], ends: tuple[tuple[int, int], tuple[int, int]], random: Random
) -> tuple[EqualClaim, Scalar]:
    left, right = (held[part].companion.scalars[position] for part, position in ends)
    if left != right:
        raise StatementFalse("the values differ")
    [blinding] = random_scalars(random, 1)
    return EqualClaim(*ends, basis.commit(left, blinding).to_compressed_bytes()), blinding


def _pseudonym(held: _Held, asked: DealPseudonym) -> PseudonymClaim:
    require_deal(asked.chain_id, asked.deal_id)
    position = secret_position(held.companion.header)
    pseudonym = basis.deal_point(asked.chain_id, asked.deal_id) * held.companion.scalars[position]
    return PseudonymClaim(position, asked.chain_id, asked.deal_id, pseudonym.to_compressed_bytes())


def _openings(
    equalities: Sequence[EqualClaim], blindings: Sequence[Scalar], number: int, random: Random
) -> list[_Opening]:
    """An opening for each end of an equality that lies in part `number`, in order."""
    return [
        _Opening(position, blinding, random_scalars(random, 1)[0])
        for equality, blinding in zip(equalities, blindings, strict=True)
        for part, position in equality.ends
        if part == number
    ]


def _begin(held: _Held, part: Part, openings: list[_Opening], random: Random) -> _Begun:
    """The first moves about one credential."""
    source, base, companion = held.source, held.prepared.base, held.companion
    tildes = random_scalars(random, len(companion.scalars))
    try:
        main = SHA256.begin(
            source.public_key,
            base.signature,
            base.header,
            held.messages,
            disclosed=held.prepared.disclosed,
            random=random,
            tildes={held.link: tildes[0]},
        )
        beside = COMPANION.begin(
            source.public_key,
            companion.signature,
            part.header.to_octets(),
            companion.scalars,
            disclosed=(),
            random=random,
            tildes=dict(enumerate(tildes)),
        )
    except BBSRejected as error:
        raise WrongCompanion(error.text) from error
    sides = part.sides()
    vector = None
    if sides:
        numbers = [held.number(side.position) for side in sides]
        vector = bits.begin(sides, numbers, [tildes[side.position] for side in sides], random)
    points = [beside.a_bar, beside.b_bar, beside.d, beside.t1, beside.t2]
    points += [vector.commitment, vector.first] if vector else []
    points += [basis.commit(tildes[each.position], each.tilde) for each in openings]
    points += [basis.deal_point(claim.chain_id, claim.deal_id) * tildes[claim.position] for claim in part.pseudonyms]
    return _Begun(main, beside, vector, openings, first_moves(points, beside.domain))
