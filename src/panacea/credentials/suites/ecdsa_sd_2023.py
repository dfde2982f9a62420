"""ecdsa-sd-2023: a signature for each statement of a credential, so that its holder can leave statements out.

    issuer     create_base      document --> document with base proof, for the holder alone
    holder     verify_base      is what I was given signed?
    holder     derive           pointers --> smaller document with derived proof
    verifier   verify_derived   --> what was checked

The fallback where BBS is not to be had: keys are P-256, and derived proofs of one credential can be linked, because
each shows the same signatures. The issuer's key signs the mandatory statements together with a key made for this one
credential, which signs each other statement and is then forgotten. Source: W3C vc-di-ecdsa 1.0, sections 3.4 to 3.6.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from panacea.credentials.rdf import (
    Contexts,
    canonical_lines,
    canonicalize_and_group,
    disclose,
    hmac_labels,
    replaced_labels,
    to_quads,
)
from panacea.credentials.rdf.types import ValueRefused
from panacea.credentials.suites.data_integrity import ASSERTION, Document, ProofOptions, Secured, require_unsecured
from panacea.credentials.suites.sd_values import MAX_STATEMENTS, SDBaseValue, SDDerivedValue
from panacea.credentials.suites.types import (
    MalformedProof,
    SelectiveProof,
    WrongKey,
    WrongProof,
    WrongStatements,
)
from panacea.crypto.keys import ECDSAKey, InvalidKey, KeyKind, PublicKey, SignatureRejected, Signer
from panacea.identity.multikey import PREFIXES
from panacea.primitives.time import Random, SystemRandom

CRYPTOSUITE: Final = "ecdsa-sd-2023"
SYSTEM: Final = SystemRandom()


def create_base(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    signer: Signer,
    options: ProofOptions,
    mandatory_pointers: Sequence[str],
    contexts: Contexts,
    hmac_key: bytes | None = None,
    proof_key: ECDSAKey | None = None,
    random: Random = SYSTEM,
) -> Document:
    """The document with its base proof: all under `mandatory_pointers` will stand in every derived document.

    `hmac_key` (32 bytes) and `proof_key` (P-256) are drawn when absent, and must be new for each credential. Raises
    WrongKey for a signer of another curve, MalformedProof for more statements than are signed one by one.
    """
    require_unsecured(document)
    if signer.public_key.kind is not KeyKind.P256:
        raise WrongKey("ecdsa-sd-2023 signs with P-256", kind=signer.public_key.kind)
    key = random.token(32) if hmac_key is None else hmac_key
    one_by_one = ECDSAKey.generate(KeyKind.P256, random) if proof_key is None else proof_key
    mandatory, others = _sort(document, mandatory_pointers, key, contexts)
    if len(others) > MAX_STATEMENTS:
        raise MalformedProof("too many statements to sign one by one", statements=len(others), limit=MAX_STATEMENTS)
    payload = _payload(options, document, one_by_one.public_key, mandatory, contexts)
    value = SDBaseValue(
        signer.sign(payload),
        one_by_one.public_key,
        key,
        tuple(one_by_one.sign(line.encode()) for line in others),
        tuple(mandatory_pointers),
    )
    return {**document, "proof": {**options.to_json(), "proofValue": value.to_text()}}


def verify_base(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: PublicKey,
    contexts: Contexts,
) -> SDBaseValue:
    """The holder's own check of what an issuer gave: every statement is signed. Answers the parts of the base proof."""
    parts = _split(secured)
    value = SDBaseValue.from_text(parts.proof_value)
    mandatory, others = _sort(parts.document, value.mandatory_pointers, value.hmac_key, contexts)
    if len(others) != len(value.signatures):
        raise WrongStatements(statements=len(others), signatures=len(value.signatures))
    payload = _payload(parts.options, parts.document, value.proof_key, mandatory, contexts)
    _verify(public_key, payload, value.base_signature)
    for line, signature in zip(others, value.signatures, strict=True):
        _verify(value.proof_key, line.encode(), signature)
    return value


def derive(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    selective_pointers: Sequence[str],
    contexts: Contexts,
) -> Document:
    """The part of a document under the issuer's mandatory pointers and the holder's own, with a derived proof.

    Raises PointerRejected when nothing would be shown.
    """
    parts = _split(secured)
    value = SDBaseValue.from_text(parts.proof_value)
    found = disclose(
        parts.document,
        hmac_labels(value.hmac_key),
        mandatory_pointers=value.mandatory_pointers,
        selective_pointers=selective_pointers,
        contexts=contexts,
    )
    if len(found.signed) != len(value.signatures):
        raise WrongStatements(statements=len(found.signed), signatures=len(value.signatures))
    kept = tuple(value.signatures[position] for position in found.selective)
    derived = SDDerivedValue(value.base_signature, value.proof_key, kept, found.labels, found.mandatory_indexes)
    return {**found.document, "proof": {**parts.options.to_json(), "proofValue": derived.to_text()}}


def verify_derived(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: PublicKey,
    contexts: Contexts,
    named_contexts_only: bool = True,
) -> SelectiveProof:
    """Refuse a document unless the issuer's key stands behind its every statement.

    Raises MalformedProof, UnknownCryptosuite, WrongPurpose, InlineContext, WrongKey, WrongStatements, WrongProof.
    """
    parts = _split(secured)
    if named_contexts_only:
        parts.require_named_contexts()
    value = SDDerivedValue.from_text(parts.proof_value)
    try:
        lines, _ = canonical_lines(to_quads(parts.document, contexts), replaced_labels(value.labels))
    except ValueRefused as error:
        raise WrongStatements("the label map is of another graph") from error
    required = set(value.mandatory_indexes)
    mandatory = [line for index, line in enumerate(lines) if index in required]
    others = [line for index, line in enumerate(lines) if index not in required]
    if len(mandatory) != len(required) or len(others) != len(value.signatures):
        raise WrongStatements(statements=len(lines))
    payload = _payload(parts.options, parts.document, value.proof_key, mandatory, contexts)
    _verify(public_key, payload, value.base_signature)
    for line, signature in zip(others, value.signatures, strict=True):
        _verify(value.proof_key, line.encode(), signature)
    return SelectiveProof(lines, len(mandatory), None)


def _split(secured: Mapping[str, Any]) -> Secured:  # Any: a JSON-LD document
    parts = Secured.split(secured, CRYPTOSUITE)
    parts.require_purpose(ASSERTION)
    return parts


def _sort(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    mandatory_pointers: Sequence[str],
    hmac_key: bytes,
    contexts: Contexts,
) -> tuple[list[str], list[str]]:
    """The mandatory statements of a whole document, and the others, both in order."""
    groups = {"mandatory": mandatory_pointers}
    grouped = canonicalize_and_group(dict(document), hmac_labels(hmac_key), groups, contexts)
    inside = grouped.groups["mandatory"].matching
    mandatory = [line for index, line in enumerate(grouped.lines) if index in inside]
    return mandatory, [line for index, line in enumerate(grouped.lines) if index not in inside]


def _payload(
    options: ProofOptions,
    document: Mapping[str, Any],  # Any: a JSON-LD document
    proof_key: PublicKey,
    mandatory: Iterable[str],
    contexts: Contexts,
) -> bytes:
    """What the issuer's key signs: hash of the options, the key of this one credential, hash of what is mandatory."""
    digest = hashlib.sha256("".join(mandatory).encode()).digest()
    return options.digest(document, contexts) + PREFIXES[proof_key.kind] + proof_key.raw + digest


def _verify(key: PublicKey, payload: bytes, signature: bytes) -> None:
    if key.kind is not KeyKind.P256:
        raise WrongKey("ecdsa-sd-2023 signs with P-256", kind=key.kind)
    try:
        key.verify(payload, signature)
    except InvalidKey as error:
        raise WrongKey("not a point of P-256") from error
    except SignatureRejected as error:
        raise WrongProof from error
