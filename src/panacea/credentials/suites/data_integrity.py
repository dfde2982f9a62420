"""What all Data Integrity suites share: the options of a proof, and how they become part of what is signed.

    secured document = document + proof { type, cryptosuite, created, verificationMethod, proofPurpose, proofValue,
                                          id, expires, domain, challenge, nonce, previousProof, @context }

A suite signs all options; what they ask for (a time, a domain, an earlier proof) is judged in `proofs`. An option that
is not listed here is refused: nobody would check it. Source: W3C Data Integrity 1.0, sections 2.1 and 4.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.credentials.suites.types import InlineContext, MalformedProof, UnknownCryptosuite, WrongPurpose

Document = dict[str, Any]  # Any: a JSON-LD document, whose shape its contexts define

PROOF_TYPE: Final = "DataIntegrityProof"
ASSERTION: Final = "assertionMethod"
AUTHENTICATION: Final = "authentication"
BASIC: Final = frozenset({"type", "cryptosuite", "created", "verificationMethod", "proofPurpose", "proofValue"})
"""The options that say nothing but who signed, how, when and what for."""

OPTIONS: Final = BASIC | {"id", "expires", "domain", "challenge", "nonce", "previousProof", "@context"}
DATE_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)
MAX_IRI: Final = 2048
MAX_MANY: Final = 16
"""Domains and previous proofs that one proof may name."""


@dataclass(frozen=True, slots=True)
class ProofOptions:
    """The options of a proof: all of the `proof` member but its value.

    `created` and `expires` are dateTimeStamps; `domain` and `previous` are empty where the proof names none.
    """

    cryptosuite: str
    verification_method: str
    created: str | None = None
    purpose: str = ASSERTION
    id: str | None = None
    expires: str | None = None
    domain: tuple[str, ...] = ()
    challenge: str | None = None
    nonce: str | None = None
    previous: tuple[str, ...] = ()
    type: str = PROOF_TYPE
    written: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)  # Any: the member as it was read

    def __post_init__(self) -> None:
        """Refuse options that no proof may carry; MalformedProof."""
        if not isinstance(self.verification_method, str) or not 0 < len(self.verification_method) <= MAX_IRI:
            raise MalformedProof("verificationMethod is missing or too long")
        if not isinstance(self.purpose, str):
            raise MalformedProof("proofPurpose is missing")
        if not isinstance(self.cryptosuite, str):
            raise MalformedProof("cryptosuite is no text")
        for name, moment in (("created", self.created), ("expires", self.expires)):
            if moment is not None and not (isinstance(moment, str) and DATE_TIME.fullmatch(moment)):
                raise MalformedProof(f"{name} is no date and time with a zone", **{name: moment})
        for name, text in (("id", self.id), ("challenge", self.challenge), ("nonce", self.nonce)):
            if text is not None and not (isinstance(text, str) and 0 < len(text) <= MAX_IRI):
                raise MalformedProof(f"{name} is no text, or too long")

    @classmethod
    def from_json(cls, proof: Mapping[str, Any]) -> "ProofOptions":  # Any: JSON, checked here
        """Read the `proof` member strictly; MalformedProof."""
        if unknown := proof.keys() - OPTIONS:
            raise MalformedProof("unknown proof options", options=sorted(unknown))
        if nulls := [name for name, value in proof.items() if value is None]:
            raise MalformedProof(f"{nulls[0]} is null")
        return cls(
            proof.get("cryptosuite", ""),
            proof.get("verificationMethod", ""),
            proof.get("created"),
            proof.get("proofPurpose", ""),
            id=proof.get("id"),
            expires=proof.get("expires"),
            domain=_texts(proof, "domain"),
            challenge=proof.get("challenge"),
            nonce=proof.get("nonce"),
            previous=_texts(proof, "previousProof"),
            type=str(proof.get("type")),
            written={name: value for name, value in proof.items() if name != "proofValue"},
        )

    def to_json(self) -> Document:
        """The `proof` member, without its value; as it was read, where it was read."""
        if self.written is not None:
            return dict(self.written)
        said = {
            "type": self.type,
            "id": self.id,
            "cryptosuite": self.cryptosuite or None,
            "created": self.created,
            "expires": self.expires,
            "verificationMethod": self.verification_method,
            "proofPurpose": self.purpose,
            "domain": _one_or_many(self.domain),
            "challenge": self.challenge,
            "nonce": self.nonce,
            "previousProof": _one_or_many(self.previous),
        }
        return {name: value for name, value in said.items() if value is not None}

    def canonical(self, document: Mapping[str, Any], contexts: Contexts) -> str:  # Any: see Document
        """These options as canonical N-Quads, read under the document's own contexts. MalformedProof without any."""
        _require_context(document)
        options = {"@context": document["@context"], **self.to_json()}
        options["@context"] = document["@context"]
        return canonicalize(to_quads(options, contexts)).text

    def digest(self, document: Mapping[str, Any], contexts: Contexts) -> bytes:  # Any: see Document
        """SHA-256 of these options in canonical form: 32 bytes."""
        return hashlib.sha256(self.canonical(document, contexts).encode()).digest()


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
        document = {name: value for name, value in secured.items() if name != "proof"}
        _require_context(document)
        return cls(document, ProofOptions.from_json(proof), proof.get("proofValue"))

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


def require_basic(proof: object) -> None:
    """MalformedProof for a proof with options that a caller has no answer to."""
    if not isinstance(proof, dict) or proof.keys() - BASIC:
        raise MalformedProof("a proof with other options than the basic ones")


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


def _texts(proof: Mapping[str, Any], name: str) -> tuple[str, ...]:  # Any: JSON, checked here
    """An option that is one text or several."""
    value = proof.get(name, [])
    values = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str) and 0 < len(one) <= MAX_IRI for one in values) or len(values) > MAX_MANY:
        raise MalformedProof(f"{name} is no text, or too many")
    return tuple(values)


def _one_or_many(values: Sequence[str]) -> str | list[str] | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else list(values)
