"""eddsa-rdfc-2022: an Ed25519 signature over the whole document in canonical RDF.

    signed bytes = SHA-256(canonical proof options) || SHA-256(canonical document)

Source: W3C vc-di-eddsa 1.0, section 3.2.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.credentials.suites.data_integrity import ASSERTION, Document, ProofOptions, Secured, require_unsecured
from panacea.credentials.suites.types import MalformedProof, WrongKey, WrongProof
from panacea.crypto import base58
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected

CRYPTOSUITE: Final = "eddsa-rdfc-2022"


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification established: the options, and how many statements the signature covers."""

    options: ProofOptions
    statements: int


def sign(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    signer: Callable[[bytes], bytes],
    verification_method: str,
    created: str | None,
    contexts: Contexts,
    purpose: str = ASSERTION,
) -> Document:
    """The document with its proof; `signer` makes a 64-byte Ed25519 signature of the 64 bytes it is given."""
    require_unsecured(document)
    options = ProofOptions(CRYPTOSUITE, verification_method, created, purpose)
    payload, _ = _payload(document, options, contexts)
    return {**document, "proof": {**options.to_json(), "proofValue": "z" + base58.encode(signer(payload))}}


def verify(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: bytes,
    contexts: Contexts,
    purpose: str = ASSERTION,
    named_contexts_only: bool = True,
) -> Verified:
    """Refuse a document that the Ed25519 key (32 bytes) did not sign as it stands.

    Raises MalformedProof, UnknownCryptosuite, WrongPurpose, InlineContext, WrongKey, WrongProof, or what the reading of
    JSON-LD raises.
    """
    parts = Secured.split(secured, CRYPTOSUITE)
    parts.require_purpose(purpose)
    if named_contexts_only:
        parts.require_named_contexts()
    signature = _read_signature(parts.proof_value)
    payload, statements = _payload(parts.document, parts.options, contexts)
    try:
        PublicKey(KeyKind.ED25519, public_key).verify(payload, signature)
    except InvalidKey as error:
        raise WrongKey("not an Ed25519 key") from error
    except SignatureRejected as error:
        raise WrongProof from error
    return Verified(parts.options, statements)


def _payload(document: Mapping[str, Any], options: ProofOptions, contexts: Contexts) -> tuple[bytes, int]:
    canonical = canonicalize(to_quads(dict(document), contexts))
    digest = hashlib.sha256(canonical.text.encode()).digest()
    return options.digest(document, contexts) + digest, len(canonical.lines)


def _read_signature(text: object) -> bytes:
    if not isinstance(text, str) or not text.startswith("z") or len(text) > 128:
        raise MalformedProof("proofValue is no base58btc text")
    try:
        signature = base58.decode(text[1:])
    except base58.InvalidBase58 as error:
        raise MalformedProof("proofValue is no base58btc text") from error
    if len(signature) != 64:
        raise MalformedProof("proofValue is no signature of 64 bytes")
    return signature
