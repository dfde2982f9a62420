"""Extensions of BBS that are still moving drafts: blind signatures, and pseudonyms that last for one verifier.

    holder    commit(hidden messages) --commitment--> issuer
    issuer    sign(commitment, messages) --signature--> holder
    holder    verify, prove --proof, pseudonym--> verifier

Each draft that changes an octet is a `Draft` of its own, and a suite is of one draft: layouts are never mixed, unknown
ones are refused. What is signed under one of them may not verify under the next. Not audited.
"""

from panacea.crypto.bbs.experimental.blind import BlindSuite, blind_suite
from panacea.crypto.bbs.experimental.drafts import (
    Draft,
    MalformedCommitment,
    MalformedPseudonym,
    UnknownDraft,
    WrongCommitment,
    WrongNyms,
    read_draft,
)
from panacea.crypto.bbs.experimental.nym import NymSuite, nym_suite

__all__ = [
    "BlindSuite",
    "Draft",
    "MalformedCommitment",
    "MalformedPseudonym",
    "NymSuite",
    "UnknownDraft",
    "WrongCommitment",
    "WrongNyms",
    "blind_suite",
    "nym_suite",
    "read_draft",
]
