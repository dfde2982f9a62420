"""What is true is proven, what is false is refused by name, and no octets do anything else than pass or be refused."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from predicate_town import BORN, CONTEXTS, FAMILY, GLUCOSE, LAB, OCCASION, REGISTRY

from panacea.credentials.predicates import (
    Day,
    Equal,
    Moment,
    Number,
    Position,
    PredicateRejected,
    Presented,
    Range,
    Source,
    StatementFalse,
    Text,
    bits,
    prove,
    verify,
)
from panacea.credentials.predicates.companion import Companion, Header
from panacea.credentials.predicates.encodings import Bound, Encoding, Ordered, Secret, from_wire, to_wire
from panacea.credentials.predicates.octets import PredicateProof
from panacea.credentials.predicates.statement import Predicate
from panacea.credentials.suites.types import ProofRejected
from panacea.crypto.bbs.suite import random_scalars
from panacea.crypto.hazmat.bls12381 import Scalar
from panacea.primitives.time import SystemRandom
from panacea.wire import cbor

FEW: Final = settings(max_examples=25, deadline=None)
SYSTEM: Final = SystemRandom()

NUMBERS = st.builds(
    lambda bits, places, start: Number(bits, places, Decimal(start).scaleb(-places)),
    st.sampled_from([16, 32]),
    st.integers(0, 9),
    st.integers(-(2**47), 2**47),
)
ORDERED: st.SearchStrategy[Ordered] = st.one_of(
    NUMBERS, st.just(Day()), st.sampled_from([Moment("minute"), Moment("second")])
)
EDGES = st.sampled_from([0, 1, 2**15, 2**16 - 2, 2**16 - 1]) | st.integers(0, 2**16 - 1)


def written(encoding: Ordered, number: int) -> str:
    """A value as it would stand in a document."""
    human = encoding.human(number)
    if isinstance(human, datetime):
        return human.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")
    return human.isoformat() if isinstance(human, date) else f"{human:f}"


@given(ORDERED, st.data())
def test_values_bounds_and_numbers_go_together(encoding: Ordered, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, encoding.largest) | st.sampled_from([0, encoding.largest]))
    human = encoding.human(number)
    assert encoding.floor(human) == encoding.ceiling(human) == number
    assert int(encoding.scalar_of(written(encoding, number))) == number


@given(ORDERED, st.data())
def test_a_bound_between_asks_the_same_question(encoding: Ordered, data: st.DataObject) -> None:
    """Whatever the bound: at least it, or at most it, are the numbers whose human values are."""
    low = encoding.human(data.draw(st.integers(0, encoding.largest - 1)))
    bound: Bound = low
    if isinstance(low, Decimal):
        bound = low + Decimal(data.draw(st.integers(0, 99))).scaleb(low.as_tuple().exponent - 2)  # type: ignore[operator]  # finite
    elif isinstance(low, datetime):
        bound = low + timedelta(microseconds=data.draw(st.integers(0, 999_999)))
    floor, ceiling = encoding.floor(bound), encoding.ceiling(bound)
    for number in {floor, min(floor + 1, encoding.largest), max(ceiling - 1, 0), ceiling}:
        human = encoding.human(number)
        assert (human <= bound) is (number <= floor)  # type: ignore[operator]  # of one type
        assert (human >= bound) is (number >= ceiling)  # type: ignore[operator]  # of one type


@given(st.one_of(ORDERED, st.just(Text()), st.just(Secret())))
def test_encodings_are_written_and_read(encoding: Encoding) -> None:
    assert from_wire(cbor.decode(cbor.encode(to_wire(encoding)))) == encoding


@given(st.text(max_size=20), st.text(max_size=20))
def test_texts_are_equal_iff_their_scalars_are(one: str, other: str) -> None:
    assert (Text().scalar_of(one) == Text().scalar_of(other)) is (one == other)


@FEW
@given(EDGES, EDGES, st.booleans(), st.binary(min_size=48, max_size=48))
def test_the_bit_argument(number: int, bound: int, at_most: bool, seed: bytes) -> None:
    side = bits.Side(1, bound, 16, at_most)
    challenge, tilde = random_scalars(SYSTEM, 2)
    if (number > bound) if at_most else (number < bound):
        with pytest.raises(ValueError, match="holds"):
            bits.begin([side], [number], [tilde], SYSTEM)
        return
    begun = bits.begin([side], [number], [tilde], SYSTEM)
    hat = tilde + Scalar(number) * challenge
    assert bits.reopen([side], begun.commitment, [hat], begun.answers(challenge), challenge) == begun.first
    wrong = Scalar.from_be_bytes((int.from_bytes(seed, "big") % 2**250 + 1).to_bytes(32, "big"))
    assert bits.reopen([side], begun.commitment, [hat + wrong], begun.answers(challenge), challenge) != begun.first


def showing(*predicates: Predicate, sources: tuple[Source, ...]) -> Presented:
    return prove(sources, predicates, application_header=OCCASION, contexts=CONTEXTS)


def accepted(shown: Presented, *, sources: tuple[Source, ...], proof: bytes | None = None) -> None:
    keys = [source.public_key for source in sources]
    octets = shown.proof if proof is None else proof
    verify(shown.documents, octets, public_keys=keys, application_header=OCCASION, contexts=CONTEXTS)


@FEW
@given(EDGES, EDGES, EDGES)
def test_ranges_end_to_end(number: int, low: int, high: int) -> None:
    low, high = sorted((low, high))
    tenths = Number(16, 1)
    credential = LAB.sign(LAB.document(glucose=written(tenths, number)))
    source = Source(credential, LAB.companion(credential, [Position(GLUCOSE, tenths)]), LAB.public)
    asked = Range(GLUCOSE, at_least=tenths.human(low), at_most=tenths.human(high))
    if low <= number <= high:
        shown = showing(asked, sources=(source,))
        accepted(shown, sources=(source,))
    else:
        with pytest.raises(StatementFalse):
            showing(asked, sources=(source,))


@FEW
@given(st.sampled_from(["Nakamura", "Ito", ""]), st.sampled_from(["Nakamura", "Ito", "ITO", ""]))
def test_equality_end_to_end(one: str, other: str) -> None:
    sources = (LAB.source(family=one), REGISTRY.source(family=other))
    asked = Equal((0, FAMILY), (1, FAMILY))
    if one == other:
        accepted(showing(asked, sources=sources), sources=sources)
    else:
        with pytest.raises(StatementFalse):
            showing(asked, sources=sources)


TOWN = (LAB.source(), REGISTRY.source())
SHOWN = showing(Range(BORN, at_most=date(2008, 1, 1)), Equal((0, BORN), (1, BORN)), sources=TOWN)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_changed_octets_are_refused(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(SHOWN.proof) - 1))
    part = data.draw(st.binary(max_size=4))
    end = data.draw(st.integers(start, min(len(SHOWN.proof), start + 4)))
    octets = SHOWN.proof[:start] + part + SHOWN.proof[end:]
    if octets != SHOWN.proof:
        with pytest.raises((PredicateRejected, ProofRejected)):
            accepted(SHOWN, sources=TOWN, proof=octets)


@given(st.binary(max_size=300))
def test_any_octets_are_read_or_refused(octets: bytes) -> None:
    for read in (PredicateProof.from_octets, Companion.from_octets, Header.from_octets):
        with pytest.raises(PredicateRejected):
            read(octets)


CBOR = st.recursive(
    st.one_of(st.integers(-(2**40), 2**40), st.binary(max_size=50), st.text(max_size=10), st.none(), st.booleans()),
    lambda inner: st.lists(inner, max_size=5),
    max_leaves=20,
)


@given(CBOR, CBOR)
def test_any_shape_is_refused(parts: object, equalities: object) -> None:
    with pytest.raises(PredicateRejected):
        PredicateProof.from_octets(cbor.encode(["panacea/predicates/proof/v1", parts, equalities]))
    with pytest.raises(PredicateRejected):
        Companion.from_octets(cbor.encode(["panacea/predicates/companion/v1", parts, equalities, b"s" * 80]))


def test_moments_have_a_zone() -> None:
    assert Moment().human(0) == datetime(1900, 1, 1, tzinfo=UTC)
