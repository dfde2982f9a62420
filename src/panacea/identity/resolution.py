"""DID resolution with its three parts of metadata (DID Core, section 7; DID Resolution 1.0).

    Resolver.resolve(did)              the document, or a refusal: for callers who want nothing else
    get_resolution(resolver, did)      Resolution: the document, how it was found, and what is known about it; raises
                                       nothing that a DID or a registry can be blamed for

Resolvers that know more than a document also have `resolution`, as `FullResolver` says. `MethodResolver` is one: it
asks the resolver of a DID's method.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol, runtime_checkable

from panacea.identity.did import IdentityRejected, InvalidDID, InvalidDIDURL, method_of
from panacea.identity.documents import DID_CONTEXT, DIDDocument, InvalidDocument
from panacea.identity.jwk import PrivateKeyPublished
from panacea.identity.resolver import (
    DIDDeactivated,
    DIDNotResolved,
    MethodNotSupported,
    RegistryUnavailable,
    Resolver,
    VersionNotSupported,
)
from panacea.identity.strict_json import write_json
from panacea.primitives.rejected import Rejected

RESULT_TYPE: Final = "application/did-resolution"
RESULT_CONTEXT: Final = "https://w3id.org/did-resolution/v1"
PLAIN_TYPE: Final = "application/did+json"
DOCUMENT_TYPES: Final = ("application/did+ld+json", PLAIN_TYPE, "application/did")
"""Representations of a document; the last is DID Core 1.1's one name for both, which is written as JSON-LD."""


class ErrorCode(StrEnum):
    """Why a DID or a DID URL gave nothing, by the names of DID Core and DID Resolution."""

    INVALID_DID = "invalidDid"
    INVALID_DID_URL = "invalidDidUrl"
    INVALID_OPTIONS = "invalidOptions"
    NOT_FOUND = "notFound"
    METHOD_NOT_SUPPORTED = "methodNotSupported"
    FEATURE_NOT_SUPPORTED = "featureNotSupported"
    REPRESENTATION_NOT_SUPPORTED = "representationNotSupported"
    INVALID_DID_DOCUMENT = "invalidDidDocument"
    INTERNAL_ERROR = "internalError"


class RepresentationNotSupported(IdentityRejected, code=14, text="representation not supported"):
    """No such media type for DID documents here."""


class ParameterNotSupported(IdentityRejected, code=18, text="DID parameter not supported"):
    """The DID URL asks for something that nobody here does."""


class ResourceNotFound(IdentityRejected, code=19, text="the DID URL leads nowhere"):
    """The document is there, but no part of it has that name."""


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of a document is asked for: the current one, one by its id, or the one that held at a time."""

    id: str | None = None
    time: datetime | None = None

    def __post_init__(self) -> None:
        if self.id is not None and self.time is not None:
            raise InvalidDIDURL("versionId and versionTime exclude each other", version_id=self.id)

    @property
    def is_current(self) -> bool:
        """Whether no version in particular is asked for."""
        return self == CURRENT


CURRENT: Final = Version()


@dataclass(frozen=True, slots=True)
class DocumentMetadata:
    """What is known about a document beside what it says; None and empty where nothing is known."""

    created: datetime | None = None
    updated: datetime | None = None
    deactivated: bool = False
    next_update: datetime | None = None
    version_id: str | None = None
    next_version_id: str | None = None
    equivalent_id: tuple[str, ...] = ()
    canonical_id: str | None = None

    def to_json(self) -> dict[str, object]:
        """`didDocumentMetadata`: what is known, by the names of DID Core."""
        shown: dict[str, object] = {
            name: format_time(time)
            for name, time in (("created", self.created), ("updated", self.updated), ("nextUpdate", self.next_update))
            if time is not None
        }
        if self.deactivated:
            shown["deactivated"] = True
        texts = {"versionId": self.version_id, "nextVersionId": self.next_version_id, "canonicalId": self.canonical_id}
        shown |= {name: text for name, text in texts.items() if text is not None}
        return {**shown, "equivalentId": list(self.equivalent_id)} if self.equivalent_id else shown


@dataclass(frozen=True, slots=True)
class ResolutionMetadata:
    """How the resolution went. `detail` is for people; `trusting` the URL of a resolver whose word this is."""

    content_type: str | None = None
    error: ErrorCode | None = None
    detail: str = ""
    trusting: str | None = None

    def to_json(self) -> dict[str, object]:
        """`didResolutionMetadata`."""
        members = {
            "contentType": self.content_type,
            "error": None if self.error is None else str(self.error),
            "errorMessage": self.detail or None,
            "trusting": self.trusting,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Resolution:
    """What came of a DID. Without a document, `metadata.error` says why, or the DID is deactivated.

    `refusal` is the exception behind an error, for those who would rather raise it.
    """

    document: DIDDocument | None
    metadata: ResolutionMetadata = field(default_factory=ResolutionMetadata)
    document_metadata: DocumentMetadata = field(default_factory=DocumentMetadata)
    refusal: Rejected | None = field(default=None, compare=False, repr=False)

    def require(self) -> DIDDocument:
        """The document of a DID that is alive.

        Raises:
            DIDDeactivated: it was given up, even if an older version was found.
            IdentityRejected: whatever stood in the way.
        """
        if self.document is not None and not self.document_metadata.deactivated:
            return self.document
        if self.refusal is not None:
            raise self.refusal
        if self.document_metadata.deactivated:
            raise DIDDeactivated
        raise DIDNotResolved(self.metadata.detail, error=self.metadata.error)

    def to_json(self, media_type: str = PLAIN_TYPE) -> dict[str, object]:
        """The result as `application/did-resolution` has it, the document in one of its representations."""
        shown = None if self.document is None else document_json(self.document, media_type)
        return {
            "@context": RESULT_CONTEXT,
            "didDocument": shown,
            "didResolutionMetadata": self.metadata.to_json(),
            "didDocumentMetadata": self.document_metadata.to_json(),
        }


@runtime_checkable
class FullResolver(Protocol):
    """A resolver that also tells metadata, and perhaps older versions."""

    def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        """What is known of `did`; refusals become errors in the result (`refused`)."""
        ...


def get_resolution(resolver: Resolver | FullResolver, did: str, version: Version = CURRENT) -> Resolution:
    """Resolve with metadata, by whatever the resolver can. Only bugs are raised."""
    try:
        method_of(did)
        if isinstance(resolver, FullResolver):
            return resolver.resolution(did, version)
        if not version.is_current:
            raise VersionNotSupported("this method shows its current version only", did=did)
        return found(resolver.resolve(did))
    except Rejected as no:
        return refused(no)


class MethodResolver:
    """One resolver a method: `MethodResolver({"key": KeyResolver(), "panacea": ...})`."""

    def __init__(self, resolvers: Mapping[str, Resolver]) -> None:
        self._resolvers = dict(resolvers)

    def resolve(self, did: str) -> DIDDocument:
        """The document, from the resolver of the DID's method. Raises DIDNotResolved or InvalidDID."""
        return self._of(did).resolve(did)

    def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        """The document with its metadata, from the resolver of the DID's method."""
        try:
            return get_resolution(self._of(did), did, version)
        except IdentityRejected as no:
            return refused(no)

    def _of(self, did: str) -> Resolver:
        resolver = self._resolvers.get(method_of(did))
        if resolver is None:
            raise MethodNotSupported("no resolver for this method", did=did)
        return resolver


def found(document: DIDDocument, metadata: DocumentMetadata | None = None) -> Resolution:
    """The result of a resolution that succeeded."""
    return Resolution(document, ResolutionMetadata(PLAIN_TYPE), metadata or DocumentMetadata())


def refused(no: Rejected, metadata: DocumentMetadata | None = None) -> Resolution:
    """The result that says what a refusal said."""
    if isinstance(no, DIDDeactivated):
        known = metadata or DocumentMetadata(deactivated=True)
        return Resolution(None, ResolutionMetadata(), known, no)
    return Resolution(None, ResolutionMetadata(None, error_of(no), str(no)), metadata or DocumentMetadata(), no)


def error_of(no: Rejected) -> ErrorCode:
    """The code that DID Resolution has for a refusal."""
    for kind, code in _CODES.items():
        if isinstance(no, kind):
            return code
    return ErrorCode.INTERNAL_ERROR


# The first that fits is taken: special refusals stand before the families they belong to.
_CODES: Final[Mapping[type[Rejected], ErrorCode]] = {
    InvalidDIDURL: ErrorCode.INVALID_DID_URL,
    InvalidDID: ErrorCode.INVALID_DID,
    MethodNotSupported: ErrorCode.METHOD_NOT_SUPPORTED,
    VersionNotSupported: ErrorCode.FEATURE_NOT_SUPPORTED,
    ParameterNotSupported: ErrorCode.FEATURE_NOT_SUPPORTED,
    RepresentationNotSupported: ErrorCode.REPRESENTATION_NOT_SUPPORTED,
    ResourceNotFound: ErrorCode.NOT_FOUND,
    RegistryUnavailable: ErrorCode.INTERNAL_ERROR,
    DIDNotResolved: ErrorCode.NOT_FOUND,
    InvalidDocument: ErrorCode.INVALID_DID_DOCUMENT,
    PrivateKeyPublished: ErrorCode.INVALID_DID_DOCUMENT,
    IdentityRejected: ErrorCode.INVALID_DID_DOCUMENT,
}


def document_json(document: DIDDocument, media_type: str = PLAIN_TYPE) -> dict[str, object]:
    """A document in one of its representations, as it was published where it was read, else as understood here.

    JSON-LD has the context of DID Core first; plain JSON has none (DID Core, section 6.2).

    Raises:
        RepresentationNotSupported: another media type.
    """
    if media_type not in DOCUMENT_TYPES:
        raise RepresentationNotSupported(media_type=media_type)
    shown = dict(document.to_json() if document.published is None else document.published)
    contexts = shown.pop("@context", [])
    if media_type == PLAIN_TYPE:
        return shown
    listed = contexts if isinstance(contexts, list) else [contexts]
    if not listed or listed[0] not in _FIRST_CONTEXTS:
        listed = [DID_CONTEXT, *(each for each in listed if each != DID_CONTEXT)]
    return {"@context": listed, **shown}


_FIRST_CONTEXTS = (DID_CONTEXT, "https://www.w3.org/ns/did/v1.1", "https://www.w3.org/ns/cid/v1")


def represent(document: DIDDocument, media_type: str = PLAIN_TYPE) -> bytes:
    """The octets of a document in one of its representations. Raises RepresentationNotSupported."""
    return write_json(document_json(document, media_type))


def format_time(time: datetime) -> str:
    """A time as metadata has it: UTC, whole seconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
