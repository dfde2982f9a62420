"""What a DID says when it is resolved: its keys, and what each may be used for.

InvalidDocument        the document contradicts itself, or is another DID's
MethodNotFound         no such key for this purpose
  x MethodRevoked      there is one, but its owner has ended it
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from panacea.crypto.keys import PublicKey
from panacea.identity.did import IdentityRejected
from panacea.identity.multikey import encode_multikey

DID_CONTEXT = "https://www.w3.org/ns/did/v1"
CONTEXTS = [DID_CONTEXT, "https://w3id.org/security/multikey/v1"]
"""JSON-LD contexts of a document as `to_json` shows it."""


class InvalidDocument(IdentityRejected, code=4, text="invalid DID document"):
    """The document contradicts itself, or is another DID's."""


class MethodNotFound(IdentityRejected, code=5, text="verification method not found for this purpose"):
    """The document does not give that key this purpose, or it is of a kind unknown here."""


class MethodRevoked(MethodNotFound, code=13, text="verification method expired or revoked"):
    """The key had this purpose until its owner ended it, or whether it still has is not known without a time."""


class Purpose(StrEnum):
    """The verification relationships of DID Core, by their JSON name."""

    AUTHENTICATION = "authentication"
    ASSERTION_METHOD = "assertionMethod"
    KEY_AGREEMENT = "keyAgreement"
    CAPABILITY_INVOCATION = "capabilityInvocation"
    CAPABILITY_DELEGATION = "capabilityDelegation"


@dataclass(frozen=True, slots=True)
class VerificationMethod:
    """One key of a document: the URL that names it, the DID that controls it, and the key itself.

    `expires` and `revoked` are the times from which it no longer serves (Controlled Identifiers 1.0, section 2.2).
    """

    id: str
    controller: str
    public_key: PublicKey
    expires: datetime | None = None
    revoked: datetime | None = None

    def require_at(self, time: datetime | None) -> None:
        """Refuse to serve at a time after the method's end; without a time, to serve if it has an end at all.

        Raises MethodRevoked.
        """
        for end in (self.expires, self.revoked):
            if end is not None and (time is None or end <= time):
                raise MethodRevoked(id=self.id, end=end.isoformat())

    def to_json(self) -> dict[str, object]:
        """The method as a Multikey, whatever type it was registered with."""
        multikey = encode_multikey(self.public_key)
        ends = {
            name: end.isoformat().replace("+00:00", "Z")
            for name, end in (("expires", self.expires), ("revoked", self.revoked))
            if end is not None
        }
        return {
            "id": self.id,
            "type": "Multikey",
            "controller": self.controller,
            "publicKeyMultibase": multikey,
            **ends,
        }


@dataclass(frozen=True, slots=True)
class Service:
    """A way to reach the subject: the URL that names it, its types, and its endpoint, a URL, an object or a list."""

    id: str
    types: tuple[str, ...]
    endpoint: object = field(hash=False)

    def to_json(self) -> dict[str, object]:
        """The service as documents have it."""
        types: object = self.types[0] if len(self.types) == 1 else list(self.types)
        return {"id": self.id, "type": types, "serviceEndpoint": self.endpoint}


@dataclass(frozen=True, slots=True)
class DIDDocument:
    """A DID and the keys that serve each purpose, references resolved.

    Keys of kinds unknown here are left out; each id names one key. `verification_method` are the keys that were listed,
    some of which may serve no purpose. `published` is the JSON that was read, if any was, with all that is left out
    here: what is shown to others, never what is decided by.
    """

    id: str
    authentication: tuple[VerificationMethod, ...] = ()
    assertion_method: tuple[VerificationMethod, ...] = ()
    key_agreement: tuple[VerificationMethod, ...] = ()
    capability_invocation: tuple[VerificationMethod, ...] = ()
    capability_delegation: tuple[VerificationMethod, ...] = ()
    verification_method: tuple[VerificationMethod, ...] = ()
    controller: tuple[str, ...] = ()
    also_known_as: tuple[str, ...] = ()
    service: tuple[Service, ...] = ()
    published: Mapping[str, object] | None = field(default=None, compare=False, repr=False)

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

    def method(self, id: str, purpose: Purpose, *, at: datetime | None = None) -> VerificationMethod:
        """The key named `id`, if it serves `purpose` and this DID controls it.

        `at` is the time, with its zone, of what the key is to vouch for: keys that carry an end serve before it only.

        Raises:
            MethodNotFound: there is none.
            MethodRevoked: it has ended by then, or it has an end and no time was given.
        """
        for method in self.methods(purpose):
            if method.id == id and method.controller == self.id:
                method.require_at(at)
                return method
        raise MethodNotFound(id=id, purpose=purpose)

    def to_json(self) -> dict[str, object]:
        """The document in JSON as it is understood here: every key once and as a Multikey, purposes by reference."""
        serving = {purpose: self.methods(purpose) for purpose in Purpose if self.methods(purpose)}
        unique = {method.id: method.to_json() for method in self._every_method(serving)}
        references = {str(purpose): [method.id for method in methods] for purpose, methods in serving.items()}
        shown: dict[str, object] = {"@context": CONTEXTS, "id": self.id}
        if self.controller:
            shown["controller"] = self.controller[0] if len(self.controller) == 1 else list(self.controller)
        if self.also_known_as:
            shown["alsoKnownAs"] = list(self.also_known_as)
        shown |= {"verificationMethod": list(unique.values()), **references}
        if self.service:
            shown["service"] = [service.to_json() for service in self.service]
        return shown

    def _every_method(self, serving: Mapping[Purpose, tuple[VerificationMethod, ...]]) -> Iterator[VerificationMethod]:
        yield from self.verification_method
        for methods in serving.values():
            yield from methods
