"""bbs-2023: sign each statement of a credential, show some, prove that the issuer signed them, unlinkably.

    issuer     create_base      document --> document with base proof, for the holder alone
    holder     verify_base      is what I was given signed?
    holder     derive           pointers --> smaller document with derived proof
    verifier   verify_derived   --> what was checked

A document becomes sorted statements whose blank nodes carry shuffled labels, so that labels tell nothing of what is
hidden. Statements under the mandatory pointers are hashed into the BBS header; each other statement is a BBS message.
This is the baseline of W3C vc-di-bbs (section 3): it binds neither holder nor pseudonym. Who needs the holder bound
wraps the presentation in a signature of the holder's DID.

Documents are JSON parsed with `parse_float=Decimal`. Beside ProofRejected, every function may raise what reading
JSON-LD raises (JSONLDRejected, PointerRejected, PoisonGraph).
"""

import hashlib
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from panacea.credentials.rdf import (
    Contexts,
    canonical_lines,
    canonicalize_and_group,
    disclose,
    replaced_labels,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.types import ValueRefused
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.data_integrity import ASSERTION, Document, ProofOptions, Secured, require_unsecured
from panacea.credentials.suites.types import WrongKey, WrongPresentation, WrongProof, WrongStatements
from panacea.crypto.bbs import SHA256, BBSRejected
from panacea.crypto.bbs.keys import BBSKey, BBSSigner
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random, SystemRandom

CRYPTOSUITE: Final = "bbs-2023"
SYSTEM: Final = SystemRandom()


@dataclass(frozen=True, slots=True)
class Derived:
    """What the verification of a derived proof established.

    `statements` is all that is shown, as canonical N-Quads under the issuer's shuffled labels; `mandatory` of them the
    issuer demands. `disclosed` are the BBS indexes of the others, and `hidden` is how many stayed hidden.
    """

    options: ProofOptions
    statements: tuple[str, ...]
    mandatory: int
    disclosed: tuple[int, ...]
    hidden: int
    presentation_header: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What a derived document shows, before its proof is checked: the BBS header and the messages it must be about."""

    options: ProofOptions
    statements: tuple[str, ...]
    mandatory: int
    header: bytes
    disclosed: Mapping[int, bytes]
    presentation_header: bytes

    def derived(self, hidden: int) -> Derived:
        """The same as a result, once the proof is found true; `hidden` is how many messages it hides."""
        return Derived(
            self.options, self.statements, self.mandatory, tuple(self.disclosed), hidden, self.presentation_header
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a derived document will show, before its proof is made.

    `messages` are all BBS messages of the base proof, `disclosed` the indexes of those that will be shown.
    """

    base: BaseValue
    messages: tuple[bytes, ...] = field(repr=False)
    disclosed: tuple[int, ...]
    labels: Mapping[str, str] = field(repr=False)
    mandatory_indexes: tuple[int, ...]
    reveal: Document
    options: ProofOptions

    def secure(self, proof: bytes, presentation_header: bytes) -> Document:
        """The derived document, with a BBS proof that shows `disclosed` under that presentation header."""
        return self.carry(self.value(proof, presentation_header).to_text())

    def value(self, proof: bytes, presentation_header: bytes) -> DerivedValue:
        """The parts of the derived proof value."""
        return DerivedValue(proof, self.labels, self.mandatory_indexes, self.disclosed, presentation_header)

    def carry(self, proof_value: str) -> Document:
        """The derived document with that proof value."""
        return {**self.reveal, "proof": {**self.options.to_json(), "proofValue": proof_value}}


def create_base(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    secret_key: bytes,
    public_key: bytes,
    verification_method: str,
    mandatory_pointers: Sequence[str],
    contexts: Contexts,
    created: str | None = None,
    hmac_key: bytes | None = None,
    random: Random = SYSTEM,
) -> Document:
    """The document with its base proof, signed by a key in memory; see `sign_base`."""
    return sign_base(
        document,
        signer=BBSKey(SecretBytes(secret_key), public_key),
        verification_method=verification_method,
        mandatory_pointers=mandatory_pointers,
        contexts=contexts,
        created=created,
        hmac_key=hmac_key,
        random=random,
    )


def sign_base(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    signer: BBSSigner,
    verification_method: str,
    mandatory_pointers: Sequence[str],
    contexts: Contexts,
    created: str | None = None,
    hmac_key: bytes | None = None,
    random: Random = SYSTEM,
) -> Document:
    """The document with its base proof: all under `mandatory_pointers` will stand in every derived document.

    `hmac_key` (32 bytes, drawn when absent) shuffles the labels of blank nodes and must be new for each credential.
    """
    require_unsecured(document)
    options = ProofOptions(CRYPTOSUITE, verification_method, created)
    key = random.token(32) if hmac_key is None else hmac_key
    header, messages = sort_statements(document, options, mandatory_pointers, key, contexts=contexts)
    with bbs_refusals():
        signature = signer.sign(header, messages)
    value = BaseValue(signature, header, signer.public, key, tuple(mandatory_pointers))
    return {**document, "proof": {**options.to_json(), "proofValue": value.to_text()}}


def verify_base(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: bytes,
    contexts: Contexts,
) -> BaseValue:
    """The holder's own check of what an issuer gave: every statement is signed. Answers the parts of the base proof.

    Raises MalformedProof, UnknownCryptosuite, WrongPurpose, WrongKey, WrongProof.
    """
    parts, value = _split_base(secured, public_key)
    messages = signed_messages(parts, value, contexts)
    with bbs_refusals():
        SHA256.verify(public_key, value.signature, value.header, messages)
    return value


def derive(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    selective_pointers: Sequence[str],
    presentation_header: bytes,
    public_key: bytes,
    contexts: Contexts,
    random: Random = SYSTEM,
) -> Document:
    """The part of a document under the issuer's mandatory pointers and the holder's own, with a derived proof.

    `presentation_header` says for whom and when; the verifier names the one it expects. The base signature is taken as
    true: `verify_base` checks it once, on receipt. Raises PointerRejected when nothing would be shown.
    """
    prepared = prepare(secured, selective_pointers=selective_pointers, public_key=public_key, contexts=contexts)
    value = prepared.base
    with bbs_refusals():
        proof = SHA256.prove(
            public_key,
            value.signature,
            value.header,
            presentation_header,
            prepared.messages,
            disclosed=prepared.disclosed,
            random=random,
        )
    return prepared.secure(proof, presentation_header)


def prepare(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    selective_pointers: Sequence[str],
    public_key: bytes,
    contexts: Contexts,
) -> Prepared:
    """All of `derive` but its BBS proof, for a holder who makes that proof together with another."""
    return prepare_parts(*_split_base(secured, public_key), selective_pointers=selective_pointers, contexts=contexts)


def prepare_parts(
    parts: Secured, value: BaseValue, *, selective_pointers: Sequence[str], contexts: Contexts
) -> Prepared:
    """`prepare` of a document that is split already."""
    found = disclose(
        parts.document,
        shuffled_labels(value.hmac_key),
        mandatory_pointers=value.mandatory_pointers,
        selective_pointers=selective_pointers,
        contexts=contexts,
    )
    messages = tuple(line.encode() for line in found.signed)
    return Prepared(
        value, messages, found.selective, found.labels, found.mandatory_indexes, found.document, parts.options
    )


def verify_derived(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: bytes,
    presentation_header_expected: bytes | None,
    contexts: Contexts,
    named_contexts_only: bool = True,
) -> Derived:
    """Refuse a document unless the issuer's key signed its every statement, and it was derived for this occasion.

    `presentation_header_expected` None accepts any header: the caller then judges the one in the answer. The contexts
    of the document are the presenter's choice; `named_contexts_only` keeps them to ones known by name.
    Raises MalformedProof, UnknownCryptosuite, WrongPurpose, InlineContext, WrongPresentation, WrongStatements,
    WrongProof.
    """
    parts = split_derived(secured, named_contexts_only)
    value = DerivedValue.from_text(parts.proof_value)
    shown = read_shown(parts, value, presentation_header_expected, contexts)
    with bbs_refusals():
        SHA256.check(public_key, value.proof, shown.header, value.presentation_header, shown.disclosed)
    return shown.derived(value.hidden)


def split_derived(secured: Mapping[str, Any], named_contexts_only: bool) -> Secured:  # Any: a JSON-LD document
    """A shown document and its derived proof, of any feature; MalformedProof, UnknownCryptosuite, WrongPurpose."""
    parts = Secured.split(secured, CRYPTOSUITE)
    parts.require_purpose(ASSERTION)
    if named_contexts_only:
        parts.require_named_contexts()
    return parts


def read_shown(
    parts: Secured, value: DerivedValue, presentation_header_expected: bytes | None, contexts: Contexts
) -> Shown:
    """What a derived proof must be true of; WrongPresentation, WrongStatements."""
    if presentation_header_expected not in {None, value.presentation_header}:
        raise WrongPresentation(shown=value.presentation_header, expected=presentation_header_expected)
    lines = _issuer_lines(parts.document, value, contexts)
    mandatory, messages = _part(lines, set(value.mandatory_indexes))
    if len(mandatory) != len(value.mandatory_indexes) or len(messages) != len(value.selective_indexes):
        raise WrongStatements(statements=len(lines))
    header = parts.options.digest(parts.document, contexts) + _digest(mandatory)
    disclosed = dict(zip(value.selective_indexes, messages, strict=True))
    return Shown(parts.options, lines, len(mandatory), header, disclosed, value.presentation_header)


def _split_base(secured: Mapping[str, Any], public_key: bytes) -> tuple[Secured, BaseValue]:  # Any: JSON-LD
    """A document and its base proof, which must name that key."""
    parts = Secured.split(secured, CRYPTOSUITE)
    parts.require_purpose(ASSERTION)
    value = BaseValue.from_text(parts.proof_value)
    if value.public_key != public_key:
        raise WrongKey
    return parts, value


def sort_statements(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    options: ProofOptions,
    mandatory_pointers: Sequence[str],
    hmac_key: bytes,
    *,
    contexts: Contexts,
) -> tuple[bytes, list[bytes]]:
    """What is signed of a whole document: the BBS header, over options and mandatory statements, and the messages."""
    groups = {"mandatory": mandatory_pointers}
    grouped = canonicalize_and_group(dict(document), shuffled_labels(hmac_key), groups, contexts)
    mandatory, messages = _part(grouped.lines, grouped.groups["mandatory"].matching)
    return options.digest(dict(document), contexts) + _digest(mandatory), messages


def signed_messages(parts: Secured, value: BaseValue, contexts: Contexts) -> list[bytes]:
    """The messages of a base proof; WrongProof where its header is not that of the document and its options."""
    pointers, key = value.mandatory_pointers, value.hmac_key
    header, messages = sort_statements(parts.document, parts.options, pointers, key, contexts=contexts)
    if header != value.header:
        raise WrongProof("its header is of other options or other mandatory statements")
    return messages


def _issuer_lines(document: Document, value: DerivedValue, contexts: Contexts) -> tuple[str, ...]:
    """The statements of a shown document under the labels that the issuer signed; WrongStatements."""
    quads = to_quads(document, contexts)
    try:
        lines, _ = canonical_lines(quads, replaced_labels(value.labels))
    except ValueRefused as error:
        raise WrongStatements("the label map is of another graph") from error
    return lines


def _part(lines: Sequence[str], mandatory: Container[int]) -> tuple[list[str], list[bytes]]:
    """Mandatory statements, and the others as BBS messages, both in order."""
    required = [line for index, line in enumerate(lines) if index in mandatory]
    return required, [line.encode() for index, line in enumerate(lines) if index not in mandatory]


def _digest(statements: Iterable[str]) -> bytes:
    return hashlib.sha256("".join(statements).encode()).digest()


@contextmanager
def bbs_refusals() -> Iterator[None]:
    """Whatever BBS refuses makes the proof a wrong one."""
    try:
        yield
    except BBSRejected as error:
        raise WrongProof(error.text) from error
