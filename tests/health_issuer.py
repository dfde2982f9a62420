"""A hospital that signs records, for tests: its keys, its document, its patient, one laboratory value."""

import hashlib
from typing import Any

from panacea.credentials import IssuerKeys, StatusEntry, issue
from panacea.crypto.bbs import SHA256
from panacea.crypto.keys import Ed25519Key, KeyKind, PublicKey
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import parse_json
from panacea.identity.did_key import encode_did_key
from panacea.identity.did_panacea import panacea_did
from panacea.identity.documents import DIDDocument, VerificationMethod
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved

DAY = 86_400
ISSUED = 1_767_225_600
"""2026-01-01T00:00:00Z."""

LIST_URL = "https://hospital.example/status/1"
ENTRY = StatusEntry(LIST_URL, 94_567)
HOLDER = encode_did_key(Ed25519Key(b"h" * 32).public_key)
OTHER_HOLDER = encode_did_key(Ed25519Key(b"o" * 32).public_key)

LAB = b"""{"resourceType":"Observation","id":"o1","status":"final",
 "code":{"coding":[{"system":"http://loinc.org","code":"4548-4"},{"system":"urn:lab","code":"HBA1C"}]},
 "subject":{"reference":"Patient/p1","display":"Anna"},"effectiveDateTime":"2026-01-02",
 "valueQuantity":{"value":7.90,"unit":"%"},"note":[{"text":"a"},{"text":"a"}],
 "performer":[{"display":"Bea"},{"display":"Carl"}]}"""
ASKED = ["/resourceType", "/status", "/code", "/valueQuantity", "/effectiveDateTime"]


def issuer_keys(seed: bytes = b"hospital") -> IssuerKeys:
    """The keys of an issuer, always the same for a seed."""
    bbs = SHA256.key_gen(hashlib.sha256(seed).digest())
    from_seed = hashlib.sha256(seed + b"did").digest()
    did = panacea_did(PublicKey(KeyKind.SECP256K1, b"\x02" + from_seed))
    return IssuerKeys(
        did=did,
        bbs_secret=SecretBytes(bbs),
        bbs_public=SHA256.public_key(bbs),
        bbs_method_id=f"{did}#records",
        status_signer=Ed25519Key(from_seed),
        status_method_id=f"{did}#status",
        nullifier_secret=SecretBytes(hashlib.sha256(seed + b"nullifier").digest()),
    )


KEYS = issuer_keys()


def document_of(keys: IssuerKeys = KEYS) -> DIDDocument:
    """The issuer's document: both keys make assertions."""
    bbs = PublicKey(KeyKind.BLS12381G2, keys.bbs_public)
    methods = (
        VerificationMethod(keys.bbs_method_id, keys.did, bbs),
        VerificationMethod(keys.status_method_id, keys.did, keys.status_signer.public_key),
    )
    return DIDDocument(keys.did, assertion_method=methods)


class Documents:
    """A resolver that knows the given documents, and some DIDs that were given up."""

    def __init__(self, *documents: DIDDocument, deactivated: tuple[str, ...] = ()) -> None:
        self._documents = {document.id: document for document in documents}
        self._deactivated = deactivated

    def resolve(self, did: str) -> DIDDocument:
        """The document; DIDDeactivated, DIDNotResolved."""
        if did in self._deactivated:
            raise DIDDeactivated(did=did)
        if did not in self._documents:
            raise DIDNotResolved(did=did)
        return self._documents[did]


RESOLVER = Documents(document_of())


def lab() -> dict[str, Any]:
    """A laboratory value, as FHIR."""
    resource: dict[str, Any] = parse_json(LAB)
    return resource


def credential(resource: dict[str, Any] | None = None, **changes: Any) -> bytes:
    """The laboratory value, or another resource, issued to the patient."""
    arguments: dict[str, Any] = {
        "keys": KEYS,
        "holder_did": HOLDER,
        "reference": "lab.json#Observation/o1",
        "valid_from": ISSUED + 5000,
        "valid_until": ISSUED + 365 * DAY + 5000,
        "status": ENTRY,
    }
    return issue(lab() if resource is None else resource, **(arguments | changes))
