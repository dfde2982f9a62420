"""Attacks on predicate proofs, by who holds no witness and by holders who prove what is not so."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from predicate_town import (
    BORN,
    CONTEXTS,
    FAMILY,
    GLUCOSE,
    LAB,
    OCCASION,
    POSITIONS,
    REGISTRY,
    TEMPERATURE,
    Issuer,
    Seeded,
)

from panacea.credentials.predicates import (
    BoundRefused,
    Companion,
    DealPseudonym,
    EncodingsDiffer,
    Equal,
    MalformedPredicates,
    Number,
    Position,
    PredicateRejected,
    Presented,
    Proven,
    Range,
    Source,
    TooManyPredicates,
    UnknownPosition,
    WrongPredicates,
    basis,
    bits,
    holder,
    prove,
    verify,
)
from panacea.credentials.predicates.octets import MAX_PROOF, Answers, Part, PredicateProof
from panacea.credentials.predicates.statement import EqualClaim, Predicate, PseudonymClaim, RangeClaim
from panacea.credentials.suites.bbs_values import DerivedValue
from panacea.credentials.suites.types import InlineContext, MalformedProof, ProofRejected, WrongProof
from panacea.crypto.hazmat.bls12381 import FIELD, ORDER, Scalar
from panacea.primitives.time import Random
from panacea.wire import cbor

SECOND = Issuer("second")
ASKED: list[Predicate] = [
    Range(GLUCOSE, at_least=5, at_most=7),
    DealPseudonym("panacea-1", 7),
    Equal((0, BORN), (1, BORN)),
]
SOURCES = (LAB.source(), SECOND.source(glucose="8.0"))
KEYS = [LAB.public, SECOND.public]


def shown_by(sources: Sequence[Source], predicates: Sequence[Predicate], header: bytes = OCCASION) -> Presented:
    return prove(sources, predicates, application_header=header, contexts=CONTEXTS, random=Seeded(b"attack"))


def verified(
    shown: Presented, proof: bytes | None = None, keys: Sequence[bytes] = tuple(KEYS), header: bytes = OCCASION
) -> Proven:
    return verify(
        shown.documents,
        shown.proof if proof is None else proof,
        public_keys=keys[: len(shown.documents)],
        application_header=header,
        contexts=CONTEXTS,
    )


SHOWN = shown_by(SOURCES, ASKED)
PROOF = PredicateProof.from_octets(SHOWN.proof)
ONE = shown_by(SOURCES[:1], ASKED[:1])
MINE = Companion.from_octets(SOURCES[0].companion)


def with_part(number: int = 0, **changes: object) -> bytes:
    parts = list(PROOF.parts)
    parts[number] = replace(parts[number], **changes)  # type: ignore[arg-type]  # the fields of a part
    return replace(PROOF, parts=tuple(parts)).to_octets()


def test_the_untouched_proof_holds() -> None:
    verified(SHOWN).require(*ASKED)
    verified(ONE)


# Who holds no witness, and changes what was said.


@pytest.mark.parametrize(
    "claim", [RangeClaim(1, 51, 70), RangeClaim(1, 50, 69), RangeClaim(1, 0, 70), RangeClaim(5, 50, 70)]
)
def test_another_bound_or_position(claim: RangeClaim) -> None:
    ranges = (claim,)
    changed = replace(PROOF.parts[0], ranges=ranges)
    if sum(side.bits for side in changed.sides()) != 32:
        with pytest.raises(MalformedPredicates):  # a number of 32 bits has more answers
            verified(SHOWN, with_part(ranges=ranges))
        return
    with pytest.raises(WrongPredicates):
        verified(SHOWN, with_part(ranges=ranges))


@pytest.mark.parametrize(
    ("claim", "refusal"),
    [
        (RangeClaim(0, 50, 70), UnknownPosition),  # the link
        (RangeClaim(4, 50, 70), UnknownPosition),  # a text
        (RangeClaim(6, 50, 70), UnknownPosition),  # the secret
        (RangeClaim(7, 50, 70), UnknownPosition),
        (RangeClaim(-1, 50, 70), UnknownPosition),
        (RangeClaim(1, None, None), BoundRefused),
        (RangeClaim(1, 70, 50), BoundRefused),
        (RangeClaim(1, -1, 70), BoundRefused),
        (RangeClaim(1, 50, 65_536), BoundRefused),
        (RangeClaim(1, ORDER - 1, None), BoundRefused),
    ],
)
def test_ranges_that_no_proof_makes(claim: RangeClaim, refusal: type[PredicateRejected]) -> None:
    wire: Any = cbor.decode(SHOWN.proof, max_bytes=MAX_PROOF, max_depth=5)  # Any: CBOR, changed in place
    bounds = [bound if bound is None or abs(bound) < 2**63 else 2**63 for bound in (claim.at_least, claim.at_most)]
    wire[1][0][2] = [[claim.position, *bounds]]
    with pytest.raises(refusal):
        verified(SHOWN, cbor.encode(wire))


@pytest.mark.parametrize(
    ("claims", "refusal"),
    [
        (PseudonymClaim(1, "panacea-1", 7, b""), UnknownPosition),
        (PseudonymClaim(0, "panacea-1", 7, b""), UnknownPosition),
        (PseudonymClaim(6, "", 7, b""), UnknownPosition),
        (PseudonymClaim(6, "panacea-1", -7, b""), UnknownPosition),
        (EqualClaim((0, 0), (1, 0), b""), UnknownPosition),
        (EqualClaim((0, 1), (2, 1), b""), UnknownPosition),
        (EqualClaim((0, 1), (-1, 1), b""), UnknownPosition),
        (EqualClaim((0, 1), (0, 1), b""), UnknownPosition),
        (EqualClaim((0, 1), (1, 2), b""), EncodingsDiffer),
    ],
)
def test_other_claims_that_no_proof_makes(
    claims: PseudonymClaim | EqualClaim, refusal: type[PredicateRejected]
) -> None:
    with pytest.raises(refusal):
        if isinstance(claims, EqualClaim):
            replace(PROOF, equalities=(claims,))
        else:
            with_part(pseudonyms=(claims,))


def test_another_deal_or_pseudonym() -> None:
    [claim] = PROOF.parts[0].pseudonyms
    other = prove_other_pseudonym()
    for changed in (
        replace(claim, deal_id=8),
        replace(claim, chain_id="panacea-2"),
        replace(claim, pseudonym=other),
    ):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, with_part(pseudonyms=(changed,)))


def prove_other_pseudonym() -> bytes:
    shown = shown_by([LAB.source(reference="Observation/2")], [ASKED[1]])
    return PredicateProof.from_octets(shown.proof).parts[0].pseudonyms[0].pseudonym


def test_claims_left_out_added_or_doubled() -> None:
    first, second = PROOF.parts
    sides = len(first.sides())
    assert sides == 2
    for changed in (
        [replace(first, pseudonyms=()), second],
        [replace(first, pseudonyms=first.pseudonyms * 2), second],
        [replace(first, ranges=(RangeClaim(1, 50, None), RangeClaim(1, None, 70))), second],
        [replace(first, ranges=(RangeClaim(1, None, 70), RangeClaim(1, 50, None))), second],
    ):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, replace(PROOF, parts=tuple(changed)).to_octets())
    for equalities in ((), PROOF.equalities * 2):
        with pytest.raises(MalformedPredicates):
            verified(SHOWN, replace(PROOF, equalities=equalities).to_octets())


def test_equality_of_other_positions() -> None:
    [equality] = PROOF.equalities
    for changed in (
        replace(equality, left=(0, 1), right=(1, 1)),
        replace(equality, left=equality.right, right=equality.left),
        replace(equality, commitment=PROOF.parts[0].pseudonyms[0].pseudonym),
    ):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, replace(PROOF, equalities=(changed,)).to_octets())


def test_another_occasion() -> None:
    for header in (b"", OCCASION + b"\x00", b"deal 8, asked by a clinic"):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, header=header)


def test_documents_and_parts_in_another_order_or_number() -> None:
    swapped = Presented(SHOWN.documents[::-1], SHOWN.proof)
    with pytest.raises(PredicateRejected):
        verified(swapped, keys=KEYS[::-1])
    turned = replace(PROOF, parts=PROOF.parts[::-1], answers=PROOF.answers[::-1], equalities=())
    with pytest.raises(PredicateRejected):
        verified(swapped, turned.to_octets(), keys=KEYS[::-1])
    for documents in (SHOWN.documents[:1], SHOWN.documents * 2, ()):
        with pytest.raises(WrongPredicates):
            verified(Presented(documents, SHOWN.proof))
    with pytest.raises(WrongPredicates):
        verify(SHOWN.documents, SHOWN.proof, public_keys=KEYS[:1], application_header=OCCASION, contexts=CONTEXTS)


def test_the_proof_of_another_showing() -> None:
    """The challenge of one derived credential and the answers to another."""
    again = prove(SOURCES[:1], ASKED[:1], application_header=OCCASION, contexts=CONTEXTS)
    verified(again)
    for shown in (Presented(again.documents, ONE.proof), Presented(ONE.documents, again.proof)):
        with pytest.raises(WrongPredicates):
            verified(shown)


def test_a_part_out_of_its_company() -> None:
    alone = PredicateProof((replace(PROOF.parts[0]),), (), (replace(PROOF.answers[0], openings=()),)).to_octets()
    with pytest.raises(WrongPredicates):
        verified(Presented(SHOWN.documents[:1], SHOWN.proof), alone)


@pytest.mark.parametrize("link", [0, 1, 2, 3, 4, 5, 6, 7, 100, 4095])
def test_the_link_elsewhere(link: int) -> None:
    if link == PROOF.parts[0].link:
        return
    with pytest.raises(WrongPredicates, match=r"link|another credential"):
        verified(SHOWN, with_part(link=link))


def test_another_key() -> None:
    with pytest.raises((PredicateRejected, ProofRejected)):
        verified(ONE, keys=[REGISTRY.public])
    with pytest.raises(WrongPredicates):
        verified(SHOWN, keys=KEYS[::-1])


def test_another_header_of_the_companion() -> None:
    """Places, encodings, meanings, issuer and method are what the issuer signed."""
    header = PROOF.parts[0].header
    first, second, third, fourth, *rest = header.positions
    rest = [third, fourth, *rest]
    for changed in (
        replace(header, positions=(replace(first, pointer=TEMPERATURE + "s"), second, *rest)),
        replace(header, positions=(replace(first, meaning="mg/dL"), second, *rest)),
        replace(header, positions=(replace(first, encoding=Number(16, 0)), second, *rest)),
        replace(header, positions=(replace(first, encoding=Number(16, 1, Decimal(-1))), second, *rest)),
        replace(header, positions=(first, second, fourth, third, *rest[2:])),
        replace(header, issuer="did:example:other"),
        replace(header, method="did:example:lab#other"),
    ):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, with_part(header=changed))


def test_a_derived_credential_that_was_changed() -> None:
    shown = shown_by([LAB.source(FAMILY)], ASKED[:1])
    [document] = shown.documents
    verified(shown)
    changed = {**document, "credentialSubject": {"family": "Ito"}}
    with pytest.raises(WrongProof):
        verified(Presented((changed,), shown.proof))
    inline = {**document, "@context": [*document["@context"], {"family": "urn:x"}]}
    with pytest.raises(InlineContext):
        verified(Presented((inline,), shown.proof))
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    with pytest.raises(MalformedProof):
        verified(Presented((unsecured,), shown.proof))


def test_every_octet_of_the_proof() -> None:
    chance = Seeded(b"mutations")
    for at in range(len(ONE.proof)):
        changed = bytearray(ONE.proof)
        changed[at] ^= 1 << chance.token(1)[0] % 8
        with pytest.raises(PredicateRejected):
            verified(ONE, bytes(changed))


def test_every_scalar_and_point_of_the_main_proof() -> None:
    """A main proof that was changed fails by its link, by the digest, or as a bbs-2023 proof."""
    [document] = ONE.documents
    value = DerivedValue.from_text(document["proof"]["proofValue"])
    for at in range(0, len(value.proof), 16):
        octets = bytearray(value.proof)
        octets[at] ^= 1
        proof_value = replace(value, proof=bytes(octets)).to_text()
        changed = {**document, "proof": {**document["proof"], "proofValue": proof_value}}
        with pytest.raises((PredicateRejected, ProofRejected)):
            verified(Presented((changed,), ONE.proof))


# Octets with a second spelling, or none.


def answers_with(at: int, part: bytes) -> bytes:
    wire: Any = cbor.decode(ONE.proof, max_bytes=MAX_PROOF, max_depth=5)  # Any: CBOR, changed in place
    octets = wire[1][0][4]
    wire[1][0][4] = octets[:at] + part + octets[at + len(part) :]
    return cbor.encode(wire)


def outside_the_subgroup() -> bytes:
    """A point on the curve y^2 = x^3 + 4 whose order is not r, compressed."""
    x = next(x for x in range(1, 1000) if pow(x**3 + 4, (FIELD - 1) // 2, FIELD) == 1)
    return (x | 1 << 383).to_bytes(48, "big")


ANSWERS = PROOF.answers[0].to_octets()
POINTS = [0, 48, 96, 464]
SCALARS = [144, 176, 208, 240, 464 + 48, len(ONE.proof) and 464 + 48 + 30 * 32]


@pytest.mark.parametrize("at", POINTS)
@pytest.mark.parametrize(
    "point",
    [bytes(48), b"\xc0" + bytes(47), b"\xc0" + bytes(46) + b"\x01", b"\xff" * 48, outside_the_subgroup()],
    ids=["zeros", "identity", "dirty identity", "no coordinate", "outside the subgroup"],
)
def test_points_that_are_none(at: int, point: bytes) -> None:
    with pytest.raises(MalformedPredicates):
        verified(ONE, answers_with(at, point))


@pytest.mark.parametrize("at", POINTS)
def test_another_point(at: int) -> None:
    point = basis.deal_point("any", 1)
    for other in (point, -point):
        with pytest.raises(WrongPredicates):
            verified(ONE, answers_with(at, other.to_compressed_bytes()))


@pytest.mark.parametrize("at", SCALARS)
def test_scalars_that_are_none(at: int) -> None:
    answers = PredicateProof.from_octets(ONE.proof).answers[0].to_octets()
    scalar = int.from_bytes(answers[at : at + 32], "big")
    again = (scalar + ORDER) % 2**256  # the same scalar, spelled again, where it fits into 32 bytes
    for octets in (bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32, again.to_bytes(32, "big")):
        with pytest.raises((MalformedPredicates, WrongPredicates)):
            verified(ONE, answers_with(at, octets))


def test_negated_commitments() -> None:
    """Answers to a commitment do not turn into answers to its negative."""
    commitment = ANSWERS[464 : 464 + 48]
    negated = bytes([commitment[0] ^ 0x20]) + commitment[1:]
    assert PROOF.answers[0].bits is not None
    vector = (negated, PROOF.answers[0].bits[1])
    for changed in (replace(PROOF.answers[0], bits=vector),):
        with pytest.raises(WrongPredicates):
            verified(SHOWN, replace(PROOF, answers=(changed, PROOF.answers[1])).to_octets())
    [equality] = PROOF.equalities
    turned = bytes([equality.commitment[0] ^ 0x20]) + equality.commitment[1:]
    with pytest.raises(WrongPredicates):
        verified(SHOWN, replace(PROOF, equalities=(replace(equality, commitment=turned),)).to_octets())


WIRE: Any = cbor.decode(SHOWN.proof, max_bytes=MAX_PROOF, max_depth=5)  # Any: CBOR, taken apart below
TAG, (PART, OTHER), (EQUALITY,) = WIRE


@pytest.mark.parametrize(
    ("octets", "refusal"),
    [
        (b"", MalformedPredicates),
        (SHOWN.proof[:-1], MalformedPredicates),
        (SHOWN.proof + b"\x00", MalformedPredicates),
        (b"\x9f" + SHOWN.proof[1:] + b"\xff", MalformedPredicates),
        (b"\x81" * 100_000, MalformedPredicates),
        (bytes(MAX_PROOF + 1), MalformedPredicates),
        (cbor.encode({}), MalformedPredicates),
        (cbor.encode([TAG.replace("v1", "v2"), [PART, OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER], [EQUALITY], []]), MalformedPredicates),
        (cbor.encode([TAG, [], []]), TooManyPredicates),
        (cbor.encode([TAG, [PART] * 5, [EQUALITY]]), TooManyPredicates),
        (cbor.encode([TAG, [PART, OTHER], [EQUALITY] * 17]), TooManyPredicates),
        (cbor.encode([TAG, [[*PART, 0], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[b"", *PART[1:]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[PART[0], True, *PART[2:]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[PART[0], 4096, *PART[2:]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:2], [[1, True, 70]], *PART[3:]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:2], [[1, 50]], *PART[3:]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:2], [[1, 50, 70]] * 17, *PART[3:]], OTHER], [EQUALITY]]), TooManyPredicates),
        (cbor.encode([TAG, [[*PART[:2], [[5, 50, 70]] * 5, *PART[3:]], OTHER], [EQUALITY]]), TooManyPredicates),
        (cbor.encode([TAG, [[*PART[:3], PART[3] * 5, PART[4]], OTHER], [EQUALITY]]), TooManyPredicates),
        (cbor.encode([TAG, [[*PART[:3], [[6, "c", True, b""]], PART[4]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:4], PART[4] + bytes(32)], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:4], PART[4][:-1]], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [[*PART[:4], b""], OTHER], [EQUALITY]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER], [[[0, 1, 2], [1, 1], b""]]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER], [[[0, True], [1, 1], b""]]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER], [[*EQUALITY[:2], b""]]]), MalformedPredicates),
        (cbor.encode([TAG, [PART, OTHER], [[*EQUALITY[:2], b"\xc0" + bytes(47)]]]), MalformedPredicates),
    ],
)
def test_octets_that_are_no_proof(octets: bytes, refusal: type[PredicateRejected]) -> None:
    with pytest.raises(refusal):
        verified(SHOWN, octets)


# Holders who know a witness, of something else.


def holding(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any]) -> None:
    """Let the holder's code work on something else than it took apart; Any: that private view."""
    honest = holder._hold
    monkeypatch.setattr(holder, "_hold", lambda source, contexts: change(honest(source, contexts)))


@pytest.mark.parametrize("other", [LAB.source(glucose="6.0"), REGISTRY.source()], ids=["same issuer", "another"])
def test_a_spliced_companion(monkeypatch: pytest.MonkeyPatch, other: Source) -> None:
    """Another credential's companion: with its link the answers differ, with this link it carries no signature."""
    spliced = Companion.from_octets(other.companion)
    relinked = replace(spliced, scalars=(MINE.scalars[0], *spliced.scalars[1:]))
    renamed = replace(relinked, header=MINE.header)
    for companion, said in [
        (spliced, "another credential"),
        (relinked, r"not signed by that key|different issuers"),
        (renamed, "not signed by that key"),
    ]:
        with monkeypatch.context() as patch:
            holding(patch, partial(replace, companion=companion))
            shown = shown_by(SOURCES[:1], ASKED[:1])
        with pytest.raises(WrongPredicates, match=said):
            verified(shown)


@pytest.mark.parametrize(
    "positions",
    [
        (POSITIONS[4], *POSITIONS[1:4], POSITIONS[0], POSITIONS[5]),
        (replace(POSITIONS[0], encoding=Number(16, 0)), *POSITIONS[1:]),
        (replace(POSITIONS[0], encoding=Number(16, 1, Decimal(10))), *POSITIONS[1:]),
        (replace(POSITIONS[0], meaning="http://loinc.org|4548-4 %"), *POSITIONS[1:]),
        (replace(POSITIONS[0], pointer=TEMPERATURE), *POSITIONS[1:4], Position(GLUCOSE, POSITIONS[4].encoding),
         POSITIONS[5]),
    ],
    ids=["swapped", "scale", "offset", "meaning", "places"],
)  # fmt: skip
def test_a_header_that_was_not_signed(monkeypatch: pytest.MonkeyPatch, positions: tuple[Position, ...]) -> None:
    header = replace(MINE.header, positions=positions)
    holding(monkeypatch, lambda held: replace(held, companion=replace(held.companion, header=header)))
    shown = shown_by(SOURCES[:1], [DealPseudonym("panacea-1", 7)])
    with pytest.raises(WrongPredicates, match="not signed by that key"):
        verified(shown)


def test_a_credential_that_was_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The companion is in order, and the credential's signature is of something else."""
    foreign = Companion.from_octets(SOURCES[0].companion).signature

    def forged(held: Any) -> Any:  # Any: the holder's private view of a source
        base = replace(held.prepared.base, signature=foreign)
        return replace(held, prepared=replace(held.prepared, base=base))

    holding(monkeypatch, forged)
    with pytest.raises(WrongProof):
        verified(shown_by(SOURCES[:1], ASKED[:1]))


@pytest.mark.parametrize("name", ["issuer", "method"])
def test_a_companion_that_names_another_issuer(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Signed by the very key, under which somebody else's name was put as well."""
    other = "did:example:other#bbs"
    header = replace(MINE.header, issuer=other) if name == "issuer" else replace(MINE.header, method=other)
    signature = basis.COMPANION.sign_scalars(LAB.secret, LAB.public, header.to_octets(), MINE.scalars)
    companion = replace(MINE, header=header, signature=signature)
    holding(monkeypatch, lambda held: replace(held, companion=companion))
    with pytest.raises(WrongPredicates, match="different issuers"):
        verified(shown_by(SOURCES[:1], ASKED[:1]))


def test_a_shown_statement_for_the_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """The index before the link's, where all but the link is shown: the answer after it is the link's."""
    sources = (LAB.source("/credentialSubject", glucose=f"5.{tenths}") for tenths in range(10))
    # The labels of blank nodes are shuffled, so in about half of the credentials the link's statement comes last.
    source = next(each for each in sources if link_of(shown_by([each], ASKED[:1])) > 0)
    honest = holder._claims

    def moved(*arguments: Any) -> Any:  # Any: the holder's private functions
        [part], *rest = honest(*arguments)
        return ((replace(part, link=part.link - 1),), *rest)

    monkeypatch.setattr(holder, "_claims", moved)
    shown = shown_by([source], ASKED[:1])
    value = DerivedValue.from_text(shown.documents[0]["proof"]["proofValue"])
    assert value.hidden == 1
    assert link_of(shown) in value.selective_indexes
    with pytest.raises(WrongPredicates, match="no hidden statement"):
        verified(shown)


def link_of(shown: Presented) -> int:
    return PredicateProof.from_octets(shown.proof).parts[0].link


def test_values_that_were_not_signed(monkeypatch: pytest.MonkeyPatch) -> None:
    scalars = (MINE.scalars[0], Scalar(66), *MINE.scalars[2:])
    holding(monkeypatch, lambda held: replace(held, companion=replace(held.companion, scalars=scalars)))
    shown = shown_by(SOURCES[:1], [Range(GLUCOSE, at_least=6)])
    with pytest.raises(WrongPredicates, match="not signed by that key"):
        verified(shown)


@pytest.mark.parametrize("asked", [Range(GLUCOSE, at_least=6), Range(GLUCOSE, at_most=5), Range(GLUCOSE, 6, 7)])
def test_a_range_that_does_not_hold(monkeypatch: pytest.MonkeyPatch, asked: Range) -> None:
    """Bits of a difference that wraps around, or of another number: the first answer does not come out."""
    honest = bits.begin

    def wrapped(
        sides: Sequence[bits.Side], numbers: Sequence[int], tildes: Sequence[Scalar], random: Random
    ) -> bits.BitsBegun:
        apart = [side.bound - number if side.at_most else number - side.bound
                 for side, number in zip(sides, numbers, strict=True)]  # fmt: skip
        inside = [side.bound - one % 2**16 if side.at_most else side.bound + one % 2**16
                  for side, one in zip(sides, apart, strict=True)]  # fmt: skip
        return honest(sides, inside, tildes, random)

    monkeypatch.setattr(holder, "_require_inside", lambda *_: None)
    monkeypatch.setattr(bits, "begin", wrapped)
    with pytest.raises(WrongPredicates):
        verified(shown_by(SOURCES[:1], [asked]))


def test_an_equality_that_does_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever of the two values is committed to, the other part does not open the commitment."""
    [blinding] = [Scalar(12_345)]
    for committed in (0, 1):

        def unequal(
            held: Sequence[Any],  # Any: the holder's private view of sources
            ends: tuple[tuple[int, int], tuple[int, int]],
            _: Random,
            committed: int = committed,
        ) -> tuple[EqualClaim, Scalar]:
            part, position = ends[committed]
            value = held[part].companion.scalars[position]
            return EqualClaim(*ends, basis.commit(value, blinding).to_compressed_bytes()), blinding

        with monkeypatch.context() as patch:
            patch.setattr(holder, "_equal", unequal)
            shown = shown_by(SOURCES, [Equal((0, GLUCOSE), (1, GLUCOSE))])
        with pytest.raises(WrongPredicates):
            verified(shown)


def test_a_pseudonym_of_another_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = holder._pseudonym
    other = prove_other_pseudonym()
    monkeypatch.setattr(holder, "_pseudonym", lambda held, asked: replace(honest(held, asked), pseudonym=other))
    with pytest.raises(WrongPredicates):
        verified(shown_by(SOURCES[:1], [ASKED[1]]))


def test_a_pseudonym_of_another_deal(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = holder._pseudonym
    monkeypatch.setattr(
        holder, "_pseudonym", lambda held, asked: replace(honest(held, replace(asked, deal_id=8)), deal_id=7)
    )
    with pytest.raises(WrongPredicates):
        verified(shown_by(SOURCES[:1], [ASKED[1]]))


def test_first_moves_chosen_after_the_challenge() -> None:
    """The simulator's trick: answers first, then the moves that fit them. The digest was hashed before."""
    octets = bytearray(PROOF.answers[0].to_octets())
    at = 464 + 48
    octets[at : at + 32] = (Scalar.from_be_bytes(bytes(octets[at : at + 32])) + Scalar(1)).to_be_bytes()
    wire: Any = cbor.decode(SHOWN.proof, max_bytes=MAX_PROOF, max_depth=5)  # Any: CBOR, changed in place
    wire[1][0][4] = bytes(octets)
    with pytest.raises(WrongPredicates):
        verified(SHOWN, cbor.encode(wire))


def test_what_a_proof_carries_is_typed() -> None:
    """The parts of a proof are what the names above say, so that no test here passes for another reason."""
    assert isinstance(PROOF.parts[0], Part)
    assert isinstance(PROOF.answers[0], Answers)
    assert PredicateProof.from_octets(SHOWN.proof).to_octets() == SHOWN.proof
