"""What a DID says when it is resolved: its keys, and what each may be used for."""

from dataclasses import dataclass
from enum import StrEnum

from panacea.crypto.keys import PublicKey
from panacea.identity.did import IdentityRejected
from panacea.identity.multikey import encode_multikey

CONTEXTS = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"]
"""JSON-LD contexts of a document as `to_json` shows it."""


class InvalidDocument(IdentityRejected, code=4, text="invalid DID document"):
    """The document contradicts itself, or is another DID's."""


class MethodNotFound(IdentityRejected, code=5, text="verification method not found for this purpose"):
    """The document does not give that key this purpose, or it is of a kind unknown here."""


class Purpose(StrEnum):
    """The verification relationships of DID Core, by their JSON name."""

    AUTHENTICATION = "authentication"
    ASSERTION_METHOD = "assertionMethod"
    KEY_AGREEMENT = "keyAgreement"
    CAPABILITY_INVOCATION = "capabilityInvocation"
    CAPABILITY_DELEGATION = "capabilityDelegation"


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """One key of a document: the URL that names it, the DID that controls it, and the key itself."""

    id: str
    controller: str
    public_key: PublicKey

    def to_json(self) -> dict[str, object]:
        """The method as a Multikey, whatever type it was registered with."""
        multikey = encode_multikey(self.public_key)
        return {"id": self.id, "type": "Multikey", "controller": self.controller, "publicKeyMultibase": multikey}


@dataclass(frozen=True, slots=True)
class DIDDocument:
    """A DID and the keys that serve each purpose, references resolved.

    Keys of kinds unknown here are left out; each id names one key.
    """

    id: str
    authentication: tuple[VerificationMethod, ...] = ()
    assertion_method: tuple[VerificationMethod, ...] = ()
    key_agreement: tuple[VerificationMethod, ...] = ()
    capability_invocation: tuple[VerificationMethod, ...] = ()
    capability_delegation: tuple[VerificationMethod, ...] = ()

    def methods(self, purpose: Purpose) -> tuple[VerificationMethod, ...]:
        """The keys that serve `purpose`, in the document's order."""
        match purpose:
            case Purpose.AUTHENTICATION:
                return self.authentication
            case Purpose.ASSERTION_METHOD:
                return self.assertion_method
            case Purpose.KEY_AGREEMENT:
                return self.key_agreement
            case Purpose.CAPABILITY_INVOCATION:
                return self.capability_invocation
            case Purpose.CAPABILITY_DELEGATION:
                return self.capability_delegation

    def method(self, id: str, purpose: Purpose) -> VerificationMethod:
        """The key named `id`, if it serves `purpose` and this DID controls it. Raises MethodNotFound."""
        for method in self.methods(purpose):
            if method.id == id and method.controller == self.id:
                return method
        raise MethodNotFound(id=id, purpose=purpose)

    def to_json(self) -> dict[str, object]:
        """The document in JSON, every key once and as a Multikey, purposes by reference."""
        serving = {purpose: self.methods(purpose) for purpose in Purpose if self.methods(purpose)}
        unique = {method.id: method.to_json() for methods in serving.values() for method in methods}
        references = {str(purpose): [method.id for method in methods] for purpose, methods in serving.items()}
        return {"@context": CONTEXTS, "id": self.id, "verificationMethod": list(unique.values()), **references}
