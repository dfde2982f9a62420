"""What all Data Integrity suites share: the options of a proof, and how they become part of what is signed.

    secured document = document + proof { type, cryptosuite, created, verificationMethod, proofPurpose, proofValue }

Options beyond these (expires, domain, challenge, previousProof) would ask for checks that nobody here does, so a proof
that carries them is refused. Source: W3C Data Integrity 1.0, sections 2.1 and 4.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.credentials.suites.types import InlineContext, MalformedProof, UnknownCryptosuite, WrongPurpose

Document = dict[str, Any]  # Any: a JSON-LD document, whose shape its contexts define

PROOF_TYPE: Final = "DataIntegrityProof"
ASSERTION: Final = "assertionMethod"
OPTIONS: Final = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"})
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
MAX_IRI: Final = 2048


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """The options of a proof: all of the `proof` member but its value. `created` is a dateTimeStamp, or absent."""

    cryptosuite: str
    verification_method: str
    created: str | None = None
    purpose: str = ASSERTION

    def __post_init__(self) -> None:
        """Refuse options that no proof may carry; MalformedProof."""
        if not isinstance(self.verification_method, str) or not 0 < len(self.verification_method) <= MAX_IRI:
            raise MalformedProof("verificationMethod is missing or too long")
        if not isinstance(self.purpose, str):
            raise MalformedProof("proofPurpose is missing")
        if self.created is not None and not (isinstance(self.created, str) and DATE_TIME.fullmatch(self.created)):
            raise MalformedProof("created is no date and time with a zone", created=self.created)

    def to_json(self) -> Document:
        """The `proof` member, without its value."""
        created = {} if self.created is None else {"created": self.created}
        method = {"verificationMethod": self.verification_method, "proofPurpose": self.purpose}
        return {"type": PROOF_TYPE, "cryptosuite": self.cryptosuite, **created, **method}

    def digest(self, document: Mapping[str, Any], contexts: Contexts) -> bytes:  # Any: see Document
        """SHA-256 of these options in canonical form, read under the document's own contexts: 32 bytes."""
        quads = to_quads({"@context": document["@context"], **self.to_json()}, contexts)
        return hashlib.sha256(canonicalize(quads).text.encode()).digest()


@dataclass(frozen=True, slots=True)
class Secured:
    """A secured document taken apart: the document without its proof, the options, and the proof value unread."""

    document: Document
    options: ProofOptions
    proof_value: object

    @classmethod
    def split(cls, secured: Mapping[str, Any], cryptosuite: str) -> "Secured":  # Any: see Document
        """Take the one proof out of a document; MalformedProof, UnknownCryptosuite."""
        proof = secured.get("proof")
        if not isinstance(proof, dict):
            raise MalformedProof("exactly one proof is expected")
        if (proof.get("type"), proof.get("cryptosuite")) != (PROOF_TYPE, cryptosuite):
            raise UnknownCryptosuite(type=proof.get("type"), cryptosuite=proof.get("cryptosuite"))
        if unknown := proof.keys() - OPTIONS:
            raise MalformedProof("unknown proof options", options=sorted(unknown))
        if "created" in proof and proof["created"] is None:
            raise MalformedProof("created is null")
        document = {name: value for name, value in secured.items() if name != "proof"}
        _require_context(document)
        options = ProofOptions(
            cryptosuite, proof.get("verificationMethod", ""), proof.get("created"), proof.get("proofPurpose", "")
        )
        return cls(document, options, proof.get("proofValue"))

    def require_purpose(self, purpose: str) -> None:
        """WrongPurpose unless the proof was made for `purpose`."""
        if self.options.purpose != purpose:
            raise WrongPurpose(purpose=self.options.purpose, expected=purpose)

    def require_named_contexts(self) -> None:
        """InlineContext when the document defines a term by itself, at any depth."""
        require_named_contexts(self.document)


def require_unsecured(document: Mapping[str, Any]) -> None:  # Any: see Document
    """MalformedProof when there is a proof already, or no context to sign under."""
    if "proof" in document:
        raise MalformedProof("the document carries a proof already")
    _require_context(document)


def require_named_contexts(document: Mapping[str, Any]) -> None:  # Any: see Document
    """InlineContext when a context is given by value, or anywhere below the top.

    Whoever presents a document chooses its contexts. One given by value could let any word of the JSON stand for what
    was signed under another.
    """
    named = document["@context"] if isinstance(document["@context"], list) else [document["@context"]]
    if not all(isinstance(context, str) for context in named):
        raise InlineContext
    waiting: list[object] = [value for name, value in document.items() if name != "@context"]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if "@context" in value:
                raise InlineContext
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _require_context(document: Mapping[str, Any]) -> None:  # Any: see Document
    if "@context" not in document:
        raise MalformedProof("the document has no @context")
