"""What is true is proven; the derived credentials stay standard; the answer says exactly what was shown."""

from datetime import UTC, date, datetime
from decimal import Decimal

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
    TAKEN,
    TEMPERATURE,
    Issuer,
    Seeded,
)

from panacea.credentials.predicates import (
    BoundRefused,
    Day,
    DealPseudonym,
    EncodingsDiffer,
    Equal,
    LinkRefused,
    NotProven,
    Number,
    Place,
    Position,
    PredicateRejected,
    Presented,
    Proven,
    ProvenEqual,
    ProvenRange,
    Range,
    Source,
    StatementFalse,
    Text,
    TooManyPredicates,
    UnknownPosition,
    WrongCompanion,
    issue_companion,
    predicate_contexts,
    prove,
    verify,
    with_link,
)
from panacea.credentials.predicates.octets import PredicateProof
from panacea.credentials.predicates.statement import Predicate
from panacea.credentials.records.model import credential_contexts
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import DerivedValue
from panacea.health.mapping import CONTEXT_URL as HEALTH
from panacea.health.mapping import subject_form
from panacea.health.strict_json import parse_json

ISSUERS = {LAB.public: LAB, REGISTRY.public: REGISTRY}


def proof_of(*predicates: Predicate, sources: tuple[Source, ...] | None = None) -> tuple[Presented, tuple[Source, ...]]:
    held = sources or (LAB.source(),)
    shown = prove(held, predicates, application_header=OCCASION, contexts=CONTEXTS, random=Seeded(b"proof"))
    return shown, held


def proven(*predicates: Predicate, sources: tuple[Source, ...] | None = None) -> Proven:
    shown, held = proof_of(*predicates, sources=sources)
    return verify(
        shown.documents,
        shown.proof,
        public_keys=[source.public_key for source in held],
        application_header=OCCASION,
        contexts=CONTEXTS,
    )


def test_a_range_in_human_values() -> None:
    found = proven(Range(GLUCOSE, at_least=Decimal("5.0"), at_most=Decimal("6.95")))
    assert found.ranges == (
        ProvenRange(
            0, GLUCOSE, "http://loinc.org|2345-7 mmol/L", Number(16, 1), at_least=Decimal("5.0"), at_most=Decimal("6.9")
        ),
    )
    assert found.issuers == ("did:example:lab",)
    assert found.audited is False
    assert found.application_header == OCCASION
    assert found.credentials[0].hidden == 7  # five claims, the link, and the edge to the subject


@pytest.mark.parametrize(
    "predicate",
    [
        Range(GLUCOSE, at_least=Decimal("5.4")),
        Range(GLUCOSE, at_most=Decimal("5.4")),
        Range(GLUCOSE, at_least=Decimal("5.4"), at_most=Decimal("5.4")),
        Range(GLUCOSE, at_least=0, at_most=Decimal("6553.5")),
        Range(GLUCOSE, at_least=5, meaning="http://loinc.org|2345-7 mmol/L"),
        Range(BORN, at_most=date(2008, 11, 28)),
        Range(BORN, at_least=date(1984, 2, 29), at_most=date(1984, 2, 29)),
        Range(TAKEN, at_least=datetime(2026, 9, 1, tzinfo=UTC)),
        Range(TAKEN, at_least=datetime(2026, 11, 1, 8, 29, 59, tzinfo=UTC)),
        Range(TEMPERATURE, at_least=Decimal("36.75"), at_most=Decimal("38")),
        Range(TEMPERATURE, at_least=Decimal("-40")),
        DealPseudonym("panacea-1", 7),
    ],
)
def test_what_holds_is_proven(predicate: Predicate) -> None:
    proven(predicate).require(predicate)


@pytest.mark.parametrize(
    "predicate",
    [
        Range(GLUCOSE, at_least=Decimal("5.5")),
        Range(GLUCOSE, at_least=Decimal("5.41")),
        Range(GLUCOSE, at_most=Decimal("5.3")),
        Range(GLUCOSE, at_most=Decimal("5.39")),
        Range(GLUCOSE, at_least=6, at_most=7),
        Range(BORN, at_least=date(1984, 3, 1)),
        Range(TAKEN, at_least=datetime(2026, 11, 1, 8, 30, 0, 1, tzinfo=UTC)),
        Range(TEMPERATURE, at_most=Decimal("36.74")),
        Equal((0, BORN), (1, BORN)),
        Equal((0, FAMILY), (1, FAMILY)),
    ],
)
def test_what_does_not_hold_has_no_proof(predicate: Predicate) -> None:
    other = REGISTRY.source(born="1984-03-01", family="nakamura")
    with pytest.raises(StatementFalse):
        proof_of(predicate, sources=(LAB.source(), other))


@pytest.mark.parametrize(
    ("predicate", "refusal"),
    [
        (Range(GLUCOSE), BoundRefused),
        (Range(GLUCOSE, at_least=7, at_most=5), BoundRefused),
        (Range(GLUCOSE, at_least=Decimal("5.41"), at_most=Decimal("5.49")), BoundRefused),
        (Range(GLUCOSE, at_least=-1), BoundRefused),
        (Range(GLUCOSE, at_most=7000), BoundRefused),
        (Range(GLUCOSE, at_most=date(2000, 1, 1)), BoundRefused),
        (Range(FAMILY, at_least=5), UnknownPosition),
        (Range("/nowhere", at_least=5), UnknownPosition),
        (Range("", at_least=5), UnknownPosition),
        (Range(GLUCOSE, at_least=5, meaning="mg/dL"), UnknownPosition),
        (Range(GLUCOSE, at_least=5, credential=1), UnknownPosition),
        (Range(GLUCOSE, at_least=5, credential=-1), UnknownPosition),
        (Equal((0, GLUCOSE), (0, GLUCOSE)), UnknownPosition),
        (Equal((0, GLUCOSE), (1, GLUCOSE)), UnknownPosition),
        (Equal((0, GLUCOSE), (0, "/nowhere")), UnknownPosition),
        (Equal((0, GLUCOSE), (0, TEMPERATURE)), EncodingsDiffer),
        (DealPseudonym("", 1), UnknownPosition),
        (DealPseudonym("c" * 129, 1), UnknownPosition),
        (DealPseudonym("chain", -1), UnknownPosition),
        (DealPseudonym("chain", 2**63), UnknownPosition),
        (DealPseudonym("chain", 1, credential=1), UnknownPosition),
    ],
)
def test_what_cannot_be_asked(predicate: Predicate, refusal: type[PredicateRejected]) -> None:
    with pytest.raises(refusal):
        proof_of(predicate)


def test_any_verifier_accepts_the_derived_credential() -> None:
    """bbs-2023 alone, with any presentation header or the very one, and octets in the standard layout."""
    shown, _ = proof_of(Range(GLUCOSE, at_least=5), sources=(LAB.source(FAMILY),))
    [document] = shown.documents
    value = DerivedValue.from_text(document["proof"]["proofValue"])
    for expected in (None, value.presentation_header):
        found = bbs2023.verify_derived(
            document, public_key=LAB.public, presentation_header_expected=expected, contexts=CONTEXTS
        )
        assert any("Nakamura" in statement for statement in found.statements)
        assert not any("predicates#link" in statement for statement in found.statements)
    assert document["credentialSubject"] == {"family": "Nakamura"}
    assert document["proof"].keys() == {"type", "cryptosuite", "verificationMethod", "proofPurpose", "proofValue"}


def test_equal_across_issuers() -> None:
    both = (LAB.source(), REGISTRY.source(glucose="8"))
    demanded = [Equal((0, BORN), (1, BORN)), Equal((1, FAMILY), (0, FAMILY))]
    found = proven(*demanded, sources=both)
    assert found.equalities[0] == ProvenEqual(Place(0, BORN, ""), Place(1, BORN, ""), POSITIONS[1].encoding)
    found.require(*demanded, Equal((0, FAMILY), (1, FAMILY)))
    with pytest.raises(NotProven):
        found.require(Equal((0, TAKEN), (1, TAKEN)))


def test_equal_within_one_credential() -> None:
    positions = [Position(FAMILY, Text()), Position("/credentialSubject/maiden", Text())]
    credential = LAB.sign(LAB.document(maiden="Nakamura"))
    source = Source(credential, LAB.companion(credential, positions), LAB.public)
    demanded = Equal((0, FAMILY), (0, "/credentialSubject/maiden"))
    proven(demanded, sources=(source,)).require(demanded)


def test_everything_at_once() -> None:
    names = ["lab", "registry", "clinic", "insurer"]
    sources = tuple(Issuer(name).source() for name in names)
    demanded: list[Predicate] = [
        predicate
        for number in range(4)
        for predicate in (
            Range(GLUCOSE, at_least=5, at_most=6, credential=number),
            Range(BORN, at_most=date(2000, 1, 1), credential=number),
            DealPseudonym("panacea-1", 7, credential=number),
            Equal((number, BORN), ((number + 1) % 4, BORN)),
        )
    ]
    found = proven(*demanded, sources=sources)
    found.require(*demanded)
    assert len({each.pseudonym for each in found.pseudonyms}) == 4  # each issuer has its own secret


def test_more_than_one_proof_takes() -> None:
    wide = Range(TEMPERATURE, at_least=0, at_most=100)
    proven(*[wide] * 4)
    refused: list[tuple[list[Predicate], int]] = [
        ([wide] * 5, 1),
        ([*[wide] * 4, Range(GLUCOSE, at_least=5, credential=1)], 2),
        ([Range(GLUCOSE, at_least=5)] * 17, 1),
        ([DealPseudonym("a", number) for number in range(5)], 1),
        ([Equal((0, BORN), (1, BORN))] * 17, 2),
        ([wide], 5),
    ]
    for predicates, count in refused:
        with pytest.raises(TooManyPredicates):
            proof_of(*predicates, sources=tuple(Issuer(f"i{number}").source() for number in range(count)))
    with pytest.raises(TooManyPredicates):
        prove([], [], application_header=b"", contexts=CONTEXTS)
    with pytest.raises(TooManyPredicates):
        prove([LAB.source()], [wide], application_header=bytes(2049), contexts=CONTEXTS)


def test_what_follows_from_what_was_proven() -> None:
    found = proven(Range(GLUCOSE, at_least=5, at_most=6), DealPseudonym("panacea-1", 7))
    found.require(Range(GLUCOSE, at_least=4), Range(GLUCOSE, at_most=7), Range(GLUCOSE, at_least=5, at_most=6))
    for more in (
        Range(GLUCOSE, at_least=Decimal("5.1")),
        Range(GLUCOSE, at_least=4, at_most=Decimal("5.9")),
        Range(BORN, at_most=date(2008, 1, 1)),
        Range(GLUCOSE, at_least=5, credential=1),
        DealPseudonym("panacea-1", 8),
        DealPseudonym("panacea-2", 7),
    ):
        with pytest.raises(NotProven):
            found.require(more)


def test_a_lower_bound_says_nothing_of_the_upper() -> None:
    with pytest.raises(NotProven):
        proven(Range(GLUCOSE, at_least=5)).require(Range(GLUCOSE, at_least=5, at_most=6553))


def test_a_pseudonym_for_each_deal() -> None:
    first, other = DealPseudonym("panacea-1", 7), DealPseudonym("panacea-1", 8)
    once = proven(first, other)
    again = proven(first, sources=(LAB.source(FAMILY, glucose="6"),))  # the record corrected and issued again
    elsewhere = proven(first, sources=(LAB.source(reference="Observation/2"),))
    assert once.pseudonym(first) == again.pseudonym(first)
    assert once.pseudonym(first) != once.pseudonym(other)
    assert once.pseudonym(first) != elsewhere.pseudonym(first)


def test_hidden_fhir_values() -> None:
    """An Observation in the subject form of `health`, where numbers keep their written form and items their index."""
    observation = parse_json(
        b"""{"resourceType":"Observation","status":"final","effectiveDateTime":"2026-11-01",
        "code":{"coding":[{"system":"urn:lab","code":"HBA1C"},{"system":"http://loinc.org","code":"4548-4"}]},
        "component":[{"valueQuantity":{"value":1}},{"valueQuantity":{"value":7.90,"unit":"%"}}]}"""
    )
    assert isinstance(observation, dict)
    contexts = predicate_contexts(credential_contexts())
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", HEALTH],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:lab",
        "credentialSubject": {"resource": subject_form(observation)},
    }
    credential = bbs2023.create_base(
        with_link(document),
        verification_method="did:example:lab#bbs",
        mandatory_pointers=["/issuer", "/type"],
        contexts=contexts,
        secret_key=LAB.secret,
        public_key=LAB.public,
    )
    value = "/credentialSubject/resource/component.1/valueQuantity/value"
    taken = "/credentialSubject/resource/effectiveDateTime"
    positions = [Position(value, Number(16, places=2), "http://loinc.org|4548-4 %"), Position(taken, Day())]
    companion = issue_companion(credential, positions, contexts=contexts, secret_key=LAB.secret, public_key=LAB.public)
    coding = "/credentialSubject/resource/code/coding.1"
    asked = [Range(value, at_least=Decimal("6.5"), meaning=positions[0].meaning), Range(taken, date(2026, 9, 1))]
    source = Source(credential, companion, LAB.public, [coding])
    shown = prove([source], asked, application_header=OCCASION, contexts=contexts)
    assert "7.90" not in str(shown.documents)
    found = verify(
        shown.documents, shown.proof, public_keys=[LAB.public], application_header=OCCASION, contexts=contexts
    )
    found.require(*asked)
    assert found.ranges[0].at_least == Decimal("6.5")
    assert any("4548-4" in statement for statement in found.credentials[0].statements)


def test_two_showings_have_nothing_in_common() -> None:
    def showing() -> PredicateProof:
        shown = prove([LAB.source()], [Range(GLUCOSE, at_least=5)], application_header=OCCASION, contexts=CONTEXTS)
        return PredicateProof.from_octets(shown.proof)

    first, second = showing().answers[0].to_octets(), showing().answers[0].to_octets()
    chunks = [{octets[at : at + 32] for at in range(0, len(octets), 16)} for octets in (first, second)]
    assert len(first) == len(second)
    assert chunks[0].isdisjoint(chunks[1])


def test_sizes() -> None:
    """Answers of one part: 464 bytes for the companion, with a link and six values, and 560 for 16 bits."""
    sizes: list[tuple[Predicate, int]] = [
        (DealPseudonym("a", 1), 464),
        (Range(GLUCOSE, at_least=5), 464 + 560),
        (Range(GLUCOSE, at_least=5, at_most=6), 464 + 560 + 480),
        (Range(TEMPERATURE, at_least=5), 464 + 48 + 32 * 32),
    ]
    for predicate, expected in sizes:
        shown, _ = proof_of(predicate)
        [answers] = PredicateProof.from_octets(shown.proof).answers
        assert len(answers.to_octets()) == expected


def test_the_link_is_never_shown() -> None:
    for pointer in ("/predicateLink", ""):
        with pytest.raises(LinkRefused):
            proof_of(Range(GLUCOSE, at_least=5), sources=(LAB.source(pointer),))


def test_the_issuer_must_be_shown() -> None:
    credential = LAB.sign(LAB.document(), ["/type"])
    source = Source(credential, LAB.companion(credential), LAB.public)
    with pytest.raises(WrongCompanion):
        proof_of(Range(GLUCOSE, at_least=5), sources=(source,))
    shown = Source(credential, source.companion, LAB.public, ["/issuer"])
    proven(Range(GLUCOSE, at_least=5), sources=(shown,))


def test_a_companion_of_somebody_else() -> None:
    mine, other, foreign = LAB.source(), LAB.source(glucose="9"), REGISTRY.source()
    for companion in (other.companion, foreign.companion):
        with pytest.raises(WrongCompanion):
            proof_of(Range(GLUCOSE, at_least=5), sources=(Source(mine.credential, companion, LAB.public),))
