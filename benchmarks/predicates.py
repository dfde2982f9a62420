"""Predicates over hidden values: what proving and checking add to the derived credential, by kind and size.

The credential has seven hidden statements and a companion with one value of the kind, unless it says otherwise. "added"
is the whole call less `bbs2023.derive` or `verify_derived` of the same credential in the same run. Each time is the
lowest of a number of rounds, since differences of medians tell more of the neighbours on a machine than of the work.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from benchmarks.bbs import pairing_check
from panacea.credentials.predicates import (
    Day,
    DealPseudonym,
    Equal,
    Moment,
    Number,
    Position,
    Range,
    Secret,
    Source,
    issue_companion,
    predicate_contexts,
    prove,
    record_secret,
    verify,
    verify_companion,
    with_link,
)
from panacea.credentials.predicates.statement import Predicate
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto.bbs import SHA256
from panacea.crypto.secret import SecretBytes

VOCABULARY = "https://records.example/context"
CONTEXTS = predicate_contexts(
    Contexts.bundled().with_extra({VOCABULARY: {"@context": {"@vocab": "https://records.example/#"}}})
)
SECRET = SHA256.key_gen(bytes(range(32)))
PUBLIC = SHA256.public_key(SECRET)
HEADER = b"an occasion"

GLUCOSE = Position("/credentialSubject/glucose", Number(16, 1))
STEPS = Position("/credentialSubject/steps", Number(32))
BORN = Position("/credentialSubject/born", Day())
TAKEN = Position("/credentialSubject/taken", Moment())
NAMELESS = Position("", Secret())
ROUNDS = 40


def lowest(work: Callable[[], object]) -> float:
    """The shortest call, in milliseconds."""
    work()
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times) * 1000


def credential() -> dict[str, Any]:  # Any: JSON
    """A credential with a base proof."""
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", VOCABULARY],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:hospital",
        "credentialSubject": {
            "glucose": Decimal("5.4"),
            "steps": 12_345,
            "born": "1984-02-29",
            "taken": "2026-11-01T08:30:00Z",
            "family": "Nakamura",
        },
    }
    return bbs2023.create_base(
        with_link(document),
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method="did:example:hospital#key",
        mandatory_pointers=["/issuer", "/type"],
        contexts=CONTEXTS,
    )


def issue(signed: dict[str, Any], positions: Sequence[Position]) -> bytes:  # Any: JSON
    secret = record_secret(SecretBytes(bytes(32)), "Observation/1")
    return issue_companion(signed, positions, secret_key=SECRET, public_key=PUBLIC, contexts=CONTEXTS, secret=secret)


def source(*positions: Position) -> Source:
    signed = credential()
    return Source(signed, issue(signed, positions), PUBLIC)


def standard() -> tuple[float, float]:
    """`derive` and `verify_derived` alone, in milliseconds."""
    signed = credential()

    def derive() -> dict[str, Any]:  # Any: JSON
        return bbs2023.derive(
            signed, selective_pointers=(), presentation_header=HEADER, public_key=PUBLIC, contexts=CONTEXTS
        )

    shown = derive()

    def check() -> object:
        return bbs2023.verify_derived(shown, public_key=PUBLIC, presentation_header_expected=HEADER, contexts=CONTEXTS)

    return lowest(derive), lowest(check)


def report(name: str, sources: Sequence[Source], predicates: Sequence[Predicate], alone: tuple[float, float]) -> None:
    """One line: size of the proof, time added to derive and to verify, and the whole of both."""

    def made() -> Any:  # Any: what was presented
        return prove(sources, predicates, application_header=HEADER, contexts=CONTEXTS)

    shown = made()
    keys = [PUBLIC] * len(sources)

    def check() -> object:
        return verify(shown.documents, shown.proof, public_keys=keys, application_header=HEADER, contexts=CONTEXTS)

    proving, checking = lowest(made), lowest(check)
    count = len(sources)
    print(
        f"{name:<42} {len(shown.proof):>5} bytes   prove added {proving - count * alone[0]:6.2f}"
        f" of {proving:6.2f} ms   check added {checking - count * alone[1]:6.2f} of {checking:6.2f} ms"
    )


def run() -> None:
    """Print the table."""
    print(f"one pairing check: {pairing_check():.2f} ms")
    alone = standard()
    print(f"bbs-2023 derive {alone[0]:.2f} ms, verify {alone[1]:.2f} ms")
    number, steps, born, taken, named = (source(each) for each in (GLUCOSE, STEPS, BORN, TAKEN, NAMELESS))
    pointers = [each.pointer for each in (GLUCOSE, STEPS, BORN, TAKEN)]
    at, moment = date(2008, 11, 28), datetime(2026, 9, 1, tzinfo=UTC)
    cases: list[tuple[str, list[Source], list[Predicate]]] = [
        ("16 bits, at least", [number], [Range(pointers[0], at_least=5)]),
        ("16 bits, at least and at most", [number], [Range(pointers[0], at_least=5, at_most=7)]),
        ("16 bits, a day, at most", [born], [Range(pointers[2], at_most=at)]),
        ("32 bits, at least", [steps], [Range(pointers[1], at_least=10_000)]),
        ("32 bits, at least and at most", [steps], [Range(pointers[1], at_least=10_000, at_most=20_000)]),
        ("32 bits, a moment, at least", [taken], [Range(pointers[3], at_least=moment)]),
        ("deal pseudonym", [named], [DealPseudonym("panacea-1", 7)]),
        ("equality of two credentials", [born, source(BORN)], [Equal((0, pointers[2]), (1, pointers[2]))]),
    ]
    for name, sources, predicates in cases:
        report(name, sources, predicates, alone)
    whole = source(GLUCOSE, STEPS, BORN, TAKEN, NAMELESS)
    deal = DealPseudonym("panacea-1", 7)
    report("companion of five: 16 bits, pseudonym", [whole], [Range(pointers[0], at_least=5), deal], alone)
    signed = credential()
    print(f"issue a companion of one: {lowest(lambda: issue(signed, [GLUCOSE])):.2f} ms")
    octets = issue(signed, [GLUCOSE])
    received = lowest(lambda: verify_companion(octets, signed, public_key=PUBLIC, contexts=CONTEXTS))
    print(f"verify it on receipt: {received:.2f} ms")


if __name__ == "__main__":
    run()
