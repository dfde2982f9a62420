"""Predicate proofs and companions: octets by their readers, and whole presentations with a part changed."""

from functools import cache

from fuzz.harness import edited, every, fuzz
from predicate_town import CONTEXTS, FAMILY, GLUCOSE, LAB

from panacea.credentials.predicates import Companion, DealPseudonym, Presented, Range, prove, verify
from panacea.credentials.predicates.companion import Header
from panacea.credentials.predicates.octets import PredicateProof
from panacea.credentials.predicates.statement import Predicate
from panacea.health.strict_json import parse_json, to_json

HEADER = b"an occasion"
SOURCE = LAB.source(FAMILY)


@cache
def presented() -> Presented:
    """A true presentation."""
    asked: list[Predicate] = [Range(GLUCOSE, at_least=5), DealPseudonym("panacea-1", 7)]
    return prove([SOURCE], asked, application_header=HEADER, contexts=CONTEXTS)


@cache
def documents() -> list[bytes]:
    """The credential of it."""
    return [to_json(dict(document)) for document in presented().documents]


def target(data: bytes) -> None:
    """First byte: octets for every reader, octets in place of the true proof, or another credential to a true one."""
    kind, rest = data[:1], data[1:]
    shown = presented()
    if kind < b"\x10":
        every(
            lambda: PredicateProof.from_octets(rest),
            lambda: Companion.from_octets(rest),
            lambda: Header.from_octets(rest),
        )
    elif kind < b"\x20":
        _verify(shown.documents, rest)
    else:
        changed = parse_json(edited(bytes([data[0] - 0x20]) + rest, documents()))
        if isinstance(changed, dict):
            _verify((changed,), shown.proof)


def _verify(shown: tuple[object, ...], proof: bytes) -> None:
    found = [document for document in shown if isinstance(document, dict)]
    keys = [SOURCE.public_key] * len(found)
    verify(found, proof, public_keys=keys, application_header=HEADER, contexts=CONTEXTS)


SEEDS = [
    b"\0" + presented().proof,
    b"\0" + SOURCE.companion,
    b"\0" + Companion.from_octets(SOURCE.companion).header.to_octets(),
    b"\x10" + presented().proof,
    b"\x20" + documents()[0],
    b"\x60\0\1",
]

if __name__ == "__main__":
    fuzz("fuzz_predicates")
