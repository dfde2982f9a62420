"""Which drafts there are, and how their octets are refused.

BBSRejected
x UnknownDraft                                 a suite id that is not one of ours
x MalformedCommitment, WrongCommitment         octets that are none; a proof of knowledge that fails
x MalformedPseudonym, WrongNyms                no point; nyms or blindings of the wrong number or form
"""

from enum import Enum
from typing import Final

from panacea.crypto.bbs.types import BBSRejected

MAX_NYMS: Final = 256
"""Nym secrets of one holder; the draft wants them against one who could compute discrete logarithms one day."""

MAX_SCALARS: Final = 1024
"""Messages of issuer and holder together. Their generators stand in no table, and nobody's proof may take long."""


class Draft(Enum):
    """A version of a layout, by the document that describes it."""

    BLIND_02 = "draft-irtf-cfrg-bbs-blind-signatures-02"
    """Its fixtures; the text of -03 has another proof layout."""

    NYM_03 = "draft-irtf-cfrg-bbs-per-verifier-linkability-03"
    """A vector of nym secrets, whose length is part of the header."""

    NYM_00 = "draft-irtf-cfrg-bbs-per-verifier-linkability-00"
    """One nym secret and the plain header, the context's point in the challenge: what W3C vc-di-bbs still follows."""


class UnknownDraft(BBSRejected, code=11, text="unknown draft of a BBS extension"):
    """A suite id that this program does not know, or one of another extension."""


class MalformedCommitment(BBSRejected, code=12, text="malformed BBS commitment"):
    """Not a point and two or more scalars, all canonical."""


class WrongCommitment(BBSRejected, code=13, text="BBS commitment does not verify"):
    """Its maker does not know what it commits to, or committed under another interface."""


class MalformedPseudonym(BBSRejected, code=14, text="malformed BBS pseudonym"):
    """No canonical point of G1 other than the identity."""


class WrongNyms(BBSRejected, code=15, text="nym secrets or a blinding of the wrong number, or no scalars"):
    """The draft has bounds on how many nyms there are, and all are scalars; the values are never kept."""


def read_draft(suite_id: str) -> Draft:
    """The draft of that name; UnknownDraft."""
    try:
        return Draft(suite_id)
    except ValueError:
        raise UnknownDraft(suite_id=suite_id) from None
