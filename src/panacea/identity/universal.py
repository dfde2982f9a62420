"""Asking a resolver over HTTP, such as a Universal Resolver, for methods that nobody here resolves.

This is trust, not verification: the answer is what the resolver's operator says, of any DID that it likes. What is
checked is that the document is about the DID that was asked for and in order. Every resolution tells whose word it is
(`metadata.trusting`).
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit

from panacea.identity.did import InvalidDID, method_of
from panacea.identity.documents import DIDDocument, InvalidDocument
from panacea.identity.driver import LEGACY_RESULT_TYPE, PATH
from panacea.identity.fetching import Fetch
from panacea.identity.reading import MAX_BYTES, read_document, read_time
from panacea.identity.resolution import (
    CURRENT,
    PLAIN_TYPE,
    RESULT_TYPE,
    DocumentMetadata,
    ErrorCode,
    Resolution,
    ResolutionMetadata,
    Version,
    format_time,
    refused,
)
from panacea.identity.resolver import (
    DIDDeactivated,
    DIDNotResolved,
    MethodNotSupported,
    RegistryUnavailable,
    VersionNotSupported,
)
from panacea.identity.strict_json import InvalidJSON, read_object
from panacea.primitives.rejected import Rejected

_ACCEPT: Final = f"{RESULT_TYPE}, {LEGACY_RESULT_TYPE};q=0.9"
_MAX_TEXT = 1024


class UniversalResolver:
    """Resolves whatever the resolver at a URL resolves, and believes it."""

    def __init__(self, fetch: Fetch, url: str, *, methods: frozenset[str]) -> None:
        """Ask `url` (`https://resolver.example`) for these methods only: name no method that can be verified here."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"not the URL of a resolver: {url}")
        self._fetch, self.trusting, self._methods = fetch, url.rstrip("/"), methods

    def resolve(self, did: str) -> DIDDocument:
        """The document that the resolver shows. Raises what `Resolution.require` raises."""
        return self.resolution(did).require()

    def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        """The resolver's answer, read again here."""
        try:
            if method_of(did) not in self._methods:
                raise MethodNotSupported("not asked for this method", did=did)
            return self._ask(did, version)
        except Rejected as no:
            answer = refused(no)
            said = ResolutionMetadata(None, answer.metadata.error, answer.metadata.detail, self.trusting)
            return Resolution(None, said, answer.document_metadata, no)

    def _ask(self, did: str, version: Version) -> Resolution:
        asked = did
        if version.id is not None:
            asked += f"?versionId={quote(version.id, safe='')}"
        elif version.time is not None:
            asked += f"?versionTime={format_time(version.time)}"
        url = self.trusting + PATH + quote(asked, safe="")
        answer = self._fetch(url, accept=_ACCEPT, max_bytes=2 * MAX_BYTES)
        try:
            result = read_object(answer.octets, max_bytes=2 * MAX_BYTES)
        except InvalidJSON as reason:
            raise RegistryUnavailable("the resolver's answer is no result", status=answer.status) from reason
        known = read_metadata(result.get("didDocumentMetadata"))
        said = _read_error(result.get("didResolutionMetadata"))
        if known.deactivated:
            raise DIDDeactivated(did=did)
        document = result.get("didDocument")
        if said is not None or answer.status != 200 or not isinstance(document, Mapping):
            raise _refusal(said, did, answer.status)
        found = read_document(document, did)
        return Resolution(found, ResolutionMetadata(PLAIN_TYPE, trusting=self.trusting), known)


def read_metadata(value: object) -> DocumentMetadata:
    """`didDocumentMetadata` as others write it; what is not of the specified type is refused.

    Raises:
        InvalidDocument: a member of another type, or a time that is none.
    """
    if value is None:
        return DocumentMetadata()
    if not isinstance(value, Mapping):
        raise InvalidDocument("metadata is an object")
    deactivated, equivalent = value.get("deactivated", False), value.get("equivalentId", [])
    if not isinstance(deactivated, bool) or not isinstance(equivalent, list) or len(equivalent) > 64:
        raise InvalidDocument("metadata of another type", members=sorted(map(str, value)))
    return DocumentMetadata(
        created=_time(value, "created"),
        updated=_time(value, "updated"),
        deactivated=deactivated,
        next_update=_time(value, "nextUpdate"),
        version_id=_text(value, "versionId"),
        next_version_id=_text(value, "nextVersionId"),
        equivalent_id=tuple(_text({"equivalentId": each}, "equivalentId") or "" for each in equivalent),
        canonical_id=_text(value, "canonicalId"),
    )


def _time(value: Mapping[str, object], member: str) -> datetime | None:
    return read_time(value[member]) if value.get(member) is not None else None


def _text(value: Mapping[str, object], member: str) -> str | None:
    text = value.get(member)
    if text is None:
        return None
    if not isinstance(text, str) or len(text) > _MAX_TEXT:
        raise InvalidDocument("metadata of another type", member=member)
    return text


def _read_error(value: object) -> str | None:
    """The error in `didResolutionMetadata`: a code, or the problem details that newer resolvers write (RFC 9457)."""
    error = value.get("error") if isinstance(value, Mapping) else None
    if isinstance(error, Mapping):
        error = error.get("type")
        error = error.rpartition("#")[2].replace("_", "").lower() if isinstance(error, str) else "internalError"
    if error is None or error == "":
        return None
    names = {str(code).lower(): str(code) for code in ErrorCode}
    return names.get(str(error).lower(), str(ErrorCode.INTERNAL_ERROR))


def _refusal(said: str | None, did: str, status: int) -> Rejected:
    """The refusal that an error of the resolver becomes here."""
    if said == ErrorCode.NOT_FOUND or (said is None and status == 404):
        return DIDNotResolved("the resolver finds none", did=did)
    if status == 410:
        return DIDDeactivated(did=did)
    if said == ErrorCode.INVALID_DID:
        return InvalidDID("the resolver says so", did=did)
    if said == ErrorCode.METHOD_NOT_SUPPORTED:
        return MethodNotSupported("the resolver does not know the method", did=did)
    if said == ErrorCode.FEATURE_NOT_SUPPORTED:
        return VersionNotSupported("the resolver does not show it", did=did)
    return RegistryUnavailable("the resolver answered out of order", did=did, status=status, error=said)
