"""Proof sets and proof chains: documents with several proofs, each of a suite of its own.

    add_proof       signs a document once more, beside the proofs it has, or on top of some of them (`previous`)
    verify_proofs   every proof, its time, its occasion, and the proofs it builds on

A proof in a set signs the document without any proof; one in a chain signs the document together with the proofs that
it names. The keys come from `ProofKeys`; which key may sign for whom is the caller's rule. Source: W3C Data Integrity
1.0, sections 2.1.1, 2.1.2 and 4.2 to 4.5.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023, ecdsa_sd_2023
from panacea.credentials.suites.data_integrity import (
    PROOF_TYPE,
    Document,
    ProofOptions,
    Secured,
    require_named_contexts,
)
from panacea.credentials.suites.types import (
    BrokenChain,
    MalformedProof,
    SelectiveProof,
    UnknownCryptosuite,
    WrongKey,
    WrongOccasion,
    WrongPurpose,
    WrongTime,
)
from panacea.credentials.suites.whole_document import WHOLE_DOCUMENT
from panacea.crypto.keys import KeyKind, PublicKey, Signer

MAX_PROOFS: Final = 16
MAX_WORK: Final = 75_000
"""Values of a document, times its proofs; in proofs of selective suites each weighs as much as SELECTIVE_WEIGHT."""

SELECTIVE_WEIGHT: Final = 20
CLOCK_SKEW_SECONDS: Final = 300
"""How far ahead of the verifier's clock a proof may have been made."""

SELECTIVE: Final = frozenset({bbs2023.CRYPTOSUITE, ecdsa_sd_2023.CRYPTOSUITE})
"""Suites whose proofs come in two kinds: base, for the holder alone, and derived."""


class ProofKeys(Protocol):
    """Whoever knows the key behind a proof's `verificationMethod`."""

    def __call__(self, options: ProofOptions) -> PublicKey:
        """The key that may make this proof for its purpose. Raises a Rejected of its own where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a verifier demands of every proof: its purpose, the time, and the domain and challenge it gave out."""

    purpose: str
    now: int
    domain: str | None = None
    challenge: str | None = None

    def require(self, options: ProofOptions) -> None:
        """Refuse a proof for another purpose, time, domain or challenge. Raises WrongPurpose, -Time, -Occasion."""
        if options.purpose != self.purpose:
            raise WrongPurpose(purpose=options.purpose, expected=self.purpose)
        if options.created is not None and _seconds(options.created) > self.now + CLOCK_SKEW_SECONDS:
            raise WrongTime("made in the future", created=options.created)
        if options.expires is not None and _seconds(options.expires) <= self.now:
            raise WrongTime("expired", expires=options.expires)
        if self.challenge is not None and options.challenge != self.challenge:
            raise WrongOccasion("another challenge", challenge=options.challenge)
        if self.domain is not None and self.domain not in options.domain:
            raise WrongOccasion("another domain", domain=options.domain, expected=self.domain)


@dataclass(frozen=True, slots=True)
class VerifiedProof:
    """One proof that holds: its options, the key that made it, and what a selective suite tells of what is hidden."""

    options: ProofOptions
    public_key: PublicKey
    selective: SelectiveProof | None = None
    presentation_header: bytes | None = field(default=None, repr=False)

    @property
    def cryptosuite(self) -> str:
        """The suite's name, or the proof type of a legacy suite."""
        return self.options.cryptosuite or self.options.type

    @property
    def over_json(self) -> bool:
        """Whether it signs the document's JSON, and not only what that says as RDF."""
        suite = WHOLE_DOCUMENT.get(self.options.cryptosuite) if self.options.type == PROOF_TYPE else None
        return suite is not None and suite.json


Legacy = Callable[[Document, ProofOptions, object, PublicKey, Contexts], None]
"""A verifier of an older proof type: the document, its options, the proof as it was read, the key, the contexts."""


def split_proofs(secured: Mapping[str, Any]) -> tuple[Document, list[Document]]:  # Any: a JSON-LD document
    """A document without its proofs, and the proofs, 1 to 16. Raises MalformedProof."""
    found = secured.get("proof")
    given = found if isinstance(found, list) else [found]
    proofs = [proof for proof in given if isinstance(proof, dict)]
    if not 0 < len(given) <= MAX_PROOFS or len(proofs) != len(given):
        raise MalformedProof("one proof is expected, or several up to a limit", limit=MAX_PROOFS)
    return {name: value for name, value in secured.items() if name != "proof"}, proofs


def add_proof(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    signer: Signer,
    options: ProofOptions,
    contexts: Contexts,
) -> Document:
    """The document with one more proof of a whole-document suite, which `options.cryptosuite` names.

    Raises UnknownCryptosuite, WrongKey, BrokenChain where `options.previous` names a proof that is not there.
    """
    suite = WHOLE_DOCUMENT.get(options.cryptosuite)
    if suite is None:
        raise UnknownCryptosuite("not a suite that signs whole documents", cryptosuite=options.cryptosuite)
    plain = {name: value for name, value in document.items() if name != "proof"}
    present = split_proofs(document)[1] if "proof" in document else []
    signed = _on_top_of(plain, present, options)
    proof = suite.sign(signed, signer=signer, options=options, contexts=contexts)
    return {**plain, "proof": [*present, proof] if present else proof}


def verify_proofs(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    keys: ProofKeys,
    occasion: Occasion,
    contexts: Contexts,
    legacy: Mapping[str, Legacy] | None = None,
    named_contexts_only: bool = True,
) -> tuple[VerifiedProof, ...]:
    """Refuse a document unless each of its proofs holds: made by its key, for this occasion, over all it names.

    `legacy` holds verifiers of older proof types, none by default. Raises a ProofRejected, what `keys` raises, or what
    the reading of JSON-LD raises.
    """
    document, proofs = split_proofs(secured)
    if "@context" in document and named_contexts_only:
        require_named_contexts(document)
    read = [ProofOptions.from_json(proof) if proof.get("type") == PROOF_TYPE else _legacy(proof) for proof in proofs]
    _require_chain(read)
    _require_work(document, read)
    found = []
    for proof, options in zip(proofs, read, strict=True):
        occasion.require(options)
        key = keys(options)
        if options.type != PROOF_TYPE:
            verify = (legacy or {}).get(options.type)
            if verify is None:
                raise UnknownCryptosuite("an older proof type, not accepted here", type=options.type)
            verify(document, options, proof, key, contexts)
            found.append(VerifiedProof(options, key))
        else:
            signed = _on_top_of(document, proofs, options)
            found.append(_verify_one(signed, proof, options, key, contexts))
    return tuple(found)


def _verify_one(
    document: Document,
    proof: Mapping[str, Any],  # Any: JSON of a proof
    options: ProofOptions,
    key: PublicKey,
    contexts: Contexts,
) -> VerifiedProof:
    if suite := WHOLE_DOCUMENT.get(options.cryptosuite):
        suite.verify(Secured(document, options, proof.get("proofValue")), public_key=key, contexts=contexts)
        return VerifiedProof(options, key)
    if options.cryptosuite not in SELECTIVE:
        raise UnknownCryptosuite(cryptosuite=options.cryptosuite)
    if options.previous:
        raise MalformedProof("a selective proof builds on no other", cryptosuite=options.cryptosuite)
    secured = {**document, "proof": proof}
    if options.cryptosuite == ecdsa_sd_2023.CRYPTOSUITE:
        selective = ecdsa_sd_2023.verify_derived(secured, public_key=key, contexts=contexts, named_contexts_only=False)
        return VerifiedProof(options, key, selective)
    if key.kind is not KeyKind.BLS12381G2:
        raise WrongKey("bbs-2023 verifies with a key of BLS12-381 G2", kind=key.kind)
    derived = bbs2023.verify_derived(
        secured,
        public_key=key.raw,
        presentation_header_expected=None,
        contexts=contexts,
        named_contexts_only=False,
    )
    selective = SelectiveProof(derived.statements, derived.mandatory, derived.hidden)
    return VerifiedProof(options, key, selective, derived.presentation_header)


def _on_top_of(document: Document, proofs: Sequence[Mapping[str, Any]], options: ProofOptions) -> Document:
    """What a proof signs: the document, with the proofs that it names (§4.2, step 4; Any: JSON of proofs)."""
    if not options.previous:
        return document
    named = [proof for proof in proofs if proof.get("id") in options.previous]
    if len(named) != len(set(options.previous)):
        raise BrokenChain(previous=options.previous)
    return {**document, "proof": named}


def _require_chain(proofs: Sequence[ProofOptions]) -> None:
    """Each id names one proof, and no proof builds on itself, however far around."""
    names = [options.id for options in proofs if options.id is not None]
    if len(set(names)) != len(names):
        raise MalformedProof("two proofs of one id")
    settled: set[str | None] = {None}
    waiting = list(proofs)
    while waiting:
        ready = [options for options in waiting if settled >= set(options.previous)]
        if not ready:
            raise BrokenChain(previous=waiting[0].previous)
        settled |= {options.id for options in ready}
        waiting = [options for options in waiting if options not in ready]


def _require_work(document: Document, proofs: Sequence[ProofOptions]) -> None:
    """Several proofs over a large document are several times the work, all of it before the last one is refused."""
    if len(proofs) == 1:
        return
    weight = sum(1 if options.cryptosuite in WHOLE_DOCUMENT else SELECTIVE_WEIGHT for options in proofs)
    waiting: list[object] = [document]
    count = 0
    while waiting:
        one = waiting.pop()
        count += 1
        if count * weight > MAX_WORK:
            raise MalformedProof("too large for so many proofs", proofs=len(proofs))
        waiting.extend(one.values() if isinstance(one, dict) else one if isinstance(one, list) else ())


def _legacy(proof: Mapping[str, Any]) -> ProofOptions:  # Any: JSON, checked here
    """The options of an older proof type, as far as all have them."""
    known = {name: proof[name] for name in ("created", "verificationMethod", "proofPurpose") if name in proof}
    known |= {name: proof[name] for name in ("domain", "challenge", "expires") if name in proof}
    options = ProofOptions.from_json({"type": str(proof.get("type")), **known})
    if not options.type or "previousProof" in proof:
        raise MalformedProof("not a proof of a known kind")
    return options


def _seconds(moment: str) -> int:
    try:
        return int(datetime.fromisoformat(moment).timestamp())
    except ValueError as error:
        raise MalformedProof("no such moment", moment=moment) from error
