"""BBS signatures: sign many messages at once, show any of them later, unlinkably.

    secret key --sign(messages)--> signature --prove(disclosed)--> proof --check--> the disclosed messages are signed

Source: draft-irtf-cfrg-bbs-signatures; the wire has not moved since its version 06. Not audited, not constant time.
"""

from panacea.crypto.bbs.suite import SHA256, SHAKE256, Suite
from panacea.crypto.bbs.types import (
    MAX_MESSAGES,
    MAX_PROOFS,
    BBSRejected,
    MalformedKey,
    MalformedProof,
    MalformedSignature,
    TooManyMessages,
    TooManyProofs,
    WeakKeyMaterial,
    WrongIndexes,
    WrongProof,
    WrongSignature,
)

__all__ = [
    "MAX_MESSAGES",
    "MAX_PROOFS",
    "SHA256",
    "SHAKE256",
    "BBSRejected",
    "MalformedKey",
    "MalformedProof",
    "MalformedSignature",
    "Suite",
    "TooManyMessages",
    "TooManyProofs",
    "WeakKeyMaterial",
    "WrongIndexes",
    "WrongProof",
    "WrongSignature",
]
