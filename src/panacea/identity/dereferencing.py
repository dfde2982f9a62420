"""What a DID URL leads to (DID Core, section 7.2): a document, a part of it, or the URL of a service.

    did:x:1                                  the document
    did:x:1?versionId=3                      an older document; versionTime likewise
    did:x:1#key-1                            the part of the document with that id
    did:x:1?service=files&relativeRef=/a.pdf the service's endpoint, and the reference resolved against it

    url --parse_did_url, version_of--> who resolves it --Resolution--> select_resource --> Dereferenced

Parameters unknown here, `hl` among them, are refused: to pass over one would answer another question than was asked.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urljoin, urlsplit

from panacea.identity.did import DIDURL, InvalidDIDURL, parse_did_url
from panacea.identity.documents import DIDDocument, InvalidDocument, Purpose
from panacea.identity.reading import read_time
from panacea.identity.resolution import (
    PLAIN_TYPE,
    DocumentMetadata,
    ErrorCode,
    FullResolver,
    ParameterNotSupported,
    Resolution,
    ResourceNotFound,
    Version,
    document_json,
    error_of,
    get_resolution,
)
from panacea.identity.resolver import Resolver
from panacea.primitives.rejected import Rejected

URL_TYPE: Final = "text/uri-list"
PARAMETERS: Final = frozenset({"versionId", "versionTime", "service", "relativeRef"})
"""The parameters that are understood."""


@dataclass(frozen=True, slots=True)
class Dereferenced:
    """What came of a DID URL: a JSON value or a URL as `content`, or an error.

    `metadata` is what is known of the document it was taken from.
    """

    content: Mapping[str, object] | str | None
    content_type: str | None = None
    error: ErrorCode | None = None
    detail: str = ""
    metadata: DocumentMetadata = field(default_factory=DocumentMetadata)

    def to_json(self) -> dict[str, object]:
        """The three parts, by the names of DID Core."""
        members = {
            "contentType": self.content_type,
            "error": None if self.error is None else str(self.error),
            "errorMessage": self.detail or None,
        }
        return {
            "dereferencingMetadata": {name: value for name, value in members.items() if value is not None},
            "contentStream": self.content,
            "contentMetadata": self.metadata.to_json(),
        }


def dereference(resolver: Resolver | FullResolver, url: str, media_type: str = PLAIN_TYPE) -> Dereferenced:
    """Follow a DID URL. Only bugs are raised."""
    try:
        parsed = parse_did_url(url)
        version = version_of(parsed)
    except Rejected as no:
        return _failed(no)
    return select_resource(parsed, get_resolution(resolver, parsed.did, version), media_type)


def version_of(url: DIDURL) -> Version:
    """The version that a DID URL asks for. Raises InvalidDIDURL, ParameterNotSupported."""
    parameters = url.parameters
    unknown = sorted(parameters.keys() - PARAMETERS)
    if unknown:
        raise ParameterNotSupported(parameters=unknown)
    time = parameters.get("versionTime")
    try:
        return Version(parameters.get("versionId"), None if time is None else read_time(time))
    except InvalidDocument as reason:
        raise InvalidDIDURL(reason.detail, version_time=time) from reason


def select_resource(url: DIDURL, resolution: Resolution, media_type: str = PLAIN_TYPE) -> Dereferenced:
    """What a DID URL leads to within the resolution of its DID. Only bugs are raised."""
    known = resolution.document_metadata
    if resolution.document is None:
        error = ErrorCode.NOT_FOUND if resolution.metadata.error is None else resolution.metadata.error
        return Dereferenced(None, None, error, resolution.metadata.detail, known)
    try:
        content = _select(url, resolution.document, media_type)
    except Rejected as no:
        return _failed(no, known)
    return Dereferenced(content, URL_TYPE if isinstance(content, str) else media_type, metadata=known)


def _select(url: DIDURL, document: DIDDocument, media_type: str) -> Mapping[str, object] | str:
    parameters = url.parameters
    if url.path:
        raise ResourceNotFound("no method here gives paths a meaning", url=str(url))
    if "relativeRef" in parameters and "service" not in parameters:
        raise InvalidDIDURL("a relativeRef belongs to a service", url=str(url))
    if "service" in parameters:
        return _service_url(url, document, parameters["service"], parameters.get("relativeRef"))
    shown = document_json(document, media_type)
    return shown if url.fragment is None else _part(f"{document.id}#{url.fragment}", document.id, shown)


def _service_url(url: DIDURL, document: DIDDocument, name: str, reference: str | None) -> str:
    """The endpoint of a service, a reference resolved against it, and the DID URL's fragment behind it."""
    for service in document.service:
        if service.id != f"{document.id}#{name}":
            continue
        if not isinstance(service.endpoint, str):
            raise ResourceNotFound("the endpoint is not one URL", url=str(url))
        found = service.endpoint if reference is None else _join(service.endpoint, reference)
        if url.fragment is None:
            return found
        if "#" in found:
            raise InvalidDIDURL("both the endpoint and the DID URL have a fragment", url=str(url))
        return f"{found}#{url.fragment}"
    raise ResourceNotFound("no such service", url=str(url))


def _join(endpoint: str, reference: str) -> str:
    """A reference resolved against an endpoint (RFC 3986, section 5), which it cannot lead away from."""
    bad = not reference.isascii() or not reference.isprintable() or "\\" in reference or " " in reference
    if bad or reference.startswith("//") or urlsplit(reference).scheme:
        raise InvalidDIDURL("a relativeRef leads to another place", relative_ref=reference)
    joined = urljoin(endpoint, reference)
    if urlsplit(joined)[:2] != urlsplit(endpoint)[:2]:
        raise InvalidDIDURL("a relativeRef leads to another place", relative_ref=reference)
    return joined


def _part(name: str, base: str, document: Mapping[str, object]) -> Mapping[str, object]:
    """The verification method or service of that name, as it stands in the document, its name absolute."""
    for entry in _parts(document):
        if isinstance(entry, Mapping) and isinstance(found := entry.get("id"), str):
            absolute = base + found if found[:1] in ("#", "?", "/") else found
            if absolute == name:
                return {**entry, "id": absolute}
    raise ResourceNotFound(url=name)


def _parts(document: Mapping[str, object]) -> Iterator[object]:
    for member in ("verificationMethod", *map(str, Purpose), "service"):
        entries = document.get(member)
        if isinstance(entries, list):
            yield from entries


def _failed(no: Rejected, metadata: DocumentMetadata | None = None) -> Dereferenced:
    return Dereferenced(None, None, error_of(no), str(no), metadata or DocumentMetadata())
