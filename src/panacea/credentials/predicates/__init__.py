"""Predicates over hidden values of a bbs-2023 credential: ranges, equality, a pseudonym for each deal.

    issuer     with_link -> bbs2023.create_base -> issue_companion
    holder     verify_companion, then prove(sources, [Range, Equal, DealPseudonym]) -> derived credentials and a proof
    verifier   verify -> Proven, in human values; Proven.require(...)

The derived credentials are standard ones: a verifier who knows nothing of this accepts them as they are.
EXPERIMENTAL and NOT AUDITED. `docs/reference/predicates.md` has the protocol and its security argument.
"""

from panacea.credentials.predicates.companion import (
    CONTEXT_URL,
    Companion,
    Position,
    issue_companion,
    predicate_contexts,
    record_secret,
    verify_companion,
    with_link,
)
from panacea.credentials.predicates.encodings import Day, Moment, Number, Secret, Text
from panacea.credentials.predicates.holder import Presented, Source, prove
from panacea.credentials.predicates.proven import Place, Proven, ProvenEqual, ProvenPseudonym, ProvenRange
from panacea.credentials.predicates.statement import DealPseudonym, Equal, Range
from panacea.credentials.predicates.types import (
    BoundRefused,
    EncodingRefused,
    EncodingsDiffer,
    LinkRefused,
    MalformedCompanion,
    MalformedPredicates,
    NotProven,
    PredicateRejected,
    StatementFalse,
    TooManyPredicates,
    UnknownPosition,
    WrongCompanion,
    WrongPredicates,
)
from panacea.credentials.predicates.verifier import verify

__all__ = [
    "CONTEXT_URL",
    "BoundRefused",
    "Companion",
    "Day",
    "DealPseudonym",
    "EncodingRefused",
    "EncodingsDiffer",
    "Equal",
    "LinkRefused",
    "MalformedCompanion",
    "MalformedPredicates",
    "Moment",
    "NotProven",
    "Number",
    "Place",
    "Position",
    "PredicateRejected",
    "Presented",
    "Proven",
    "ProvenEqual",
    "ProvenPseudonym",
    "ProvenRange",
    "Range",
    "Secret",
    "Source",
    "StatementFalse",
    "Text",
    "TooManyPredicates",
    "UnknownPosition",
    "WrongCompanion",
    "WrongPredicates",
    "issue_companion",
    "predicate_contexts",
    "prove",
    "record_secret",
    "verify",
    "verify_companion",
    "with_link",
]
