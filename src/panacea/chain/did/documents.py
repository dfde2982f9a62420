"""Documents: which are well formed, what their owner signs, and whether it did (spec/chain.md §4.3, §4.5)."""

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from panacea.chain.did.types import (
    InvalidDIDDocument,
    InvalidSecp256k1Key,
    KeyTypeNotImplemented,
    MethodNotFound,
    SignatureVerificationFailed,
)
from panacea.crypto import base58
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected
from panacea.identity.did_panacea import is_panacea_did
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.did_pb2 import (
        DataWithSeq,
        DIDDocument,
        Service,
        VerificationMethod,
        VerificationRelationship,
    )
else:
    DataWithSeq, DIDDocument = load("panacea.did.v2", "DataWithSeq", "DIDDocument")

FIRST_CONTEXT = "https://www.w3.org/ns/did/v1"
SIGNING_TYPES = ("EcdsaSecp256k1VerificationKey2019", "Secp256k1VerificationKey2018")
"""Types of the methods that can prove ownership; documents may hold methods of any type."""

MAX_SUFFIX_BYTES = 128
_BASE58 = re.compile(r"[1-9A-HJ-NP-Za-km-z]+")
_SUFFIX = re.compile(r"[^\t\n\f\r ]+")


def require_document(document: DIDDocument) -> None:
    """Refuse a document that breaks a rule of its form; type names and contexts are taken as they are.

    Raises:
        InvalidDIDDocument: naming the rule.
    """
    _require(is_panacea_did(document.id), "id", id=document.id)
    _require(bool(document.verification_methods), "verification_methods are missing")
    _require(bool(document.authentications), "authentications are missing")
    controllers = list(document.controller.values)
    _require(not any(controllers) or all(map(is_panacea_did, controllers)), "controller")
    if document.HasField("contexts"):
        _require_contexts(list(document.contexts.values))
    for method in document.verification_methods:
        _require_method(document.id, method)
    known = {method.id for method in document.verification_methods}
    for relationship in _relationships(document):
        _require_relationship(document.id, relationship, known)
    for service in document.services:
        _require_service(service)


def _require(holds: bool, rule: str, **values: object) -> None:
    if not holds:
        raise InvalidDIDDocument(rule, **values)


def _require_contexts(contexts: list[str]) -> None:
    _require(contexts[:1] == [FIRST_CONTEXT], f"the first context is not {FIRST_CONTEXT}")
    _require(all(contexts) and len(set(contexts)) == len(contexts), "an empty or repeated context")


def _require_method(did: str, method: "VerificationMethod") -> None:
    _require(_is_method_id(did, method.id), "id of a verification method", id=method.id)
    _require(bool(method.type), "a verification method without a type", id=method.id)
    _require(_BASE58.fullmatch(method.public_key_base58) is not None, "public_key_base58", id=method.id)


def _is_method_id(did: str, text: str) -> bool:
    """Whether `text` is the DID, `#`, and 1 to 128 bytes without white space."""
    front, mark, suffix = text.partition("#")
    return (
        (front, mark) == (did, "#")
        and len(suffix.encode()) <= MAX_SUFFIX_BYTES
        and _SUFFIX.fullmatch(suffix) is not None
    )


def _relationships(document: DIDDocument) -> "Iterable[VerificationRelationship]":
    yield from document.authentications
    yield from document.assertion_methods
    yield from document.key_agreements
    yield from document.capability_invocations
    yield from document.capability_delegations


def _require_relationship(did: str, relationship: "VerificationRelationship", known: set[str]) -> None:
    if relationship.WhichOneof("content") == "verification_method":
        _require_method(did, relationship.verification_method)
        return
    reference = relationship.verification_method_id
    _require(_is_method_id(did, reference) and reference in known, "a relationship leads nowhere", id=reference)


def _require_service(service: "Service") -> None:
    _require(bool(service.id and service.type and service.service_endpoint), "a service lacks a field", id=service.id)


def ownership_digest(document: DIDDocument, sequence: int) -> bytes:
    """What a DID's owner signs to store `document` at `sequence`: 32 bytes, SHA-256 of `DataWithSeq`."""
    return hashlib.sha256(encode(DataWithSeq(data=encode(document), sequence=sequence))).digest()


def deactivation_digest(did: str, sequence: int) -> bytes:
    """What a DID's owner signs to end it: a document that holds nothing but the id."""
    return ownership_digest(DIDDocument(id=did), sequence)


def require_signed(authority: DIDDocument, method_id: str, digest: bytes, signature: bytes) -> None:
    """Accept a signature over a 32-byte digest by an authentication method of `authority`.

    Raises:
        MethodNotFound: the document has no authentication method of that id.
        KeyTypeNotImplemented: the method's type is not one of `SIGNING_TYPES`.
        InvalidSecp256k1Key: its key is not one.
        SignatureVerificationFailed: the signature is not that key's, or has a high S.
    """
    method = _find_authentication(authority, method_id)
    if method is None:
        raise MethodNotFound(id=method_id)
    if method.type not in SIGNING_TYPES:
        raise KeyTypeNotImplemented(type=method.type)
    try:
        key = PublicKey(KeyKind.SECP256K1, base58.decode(method.public_key_base58))
        key.verify(digest, signature)
    except SignatureRejected as no:
        raise SignatureVerificationFailed(str(no), id=method_id) from no
    except (base58.InvalidBase58, InvalidKey) as no:
        raise InvalidSecp256k1Key(str(no), id=method_id) from no


def _find_authentication(document: DIDDocument, method_id: str) -> "VerificationMethod | None":
    """The first authentication of that id: a method of its own, or the first listed one that it refers to."""
    for relationship in document.authentications:
        if relationship.WhichOneof("content") == "verification_method":
            if relationship.verification_method.id == method_id:
                return relationship.verification_method
        elif relationship.verification_method_id == method_id:
            return next((each for each in document.verification_methods if each.id == method_id), None)
    return None
