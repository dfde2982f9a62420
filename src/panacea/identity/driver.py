"""A resolver over HTTP, as the Universal Resolver asks its drivers (DID Resolution 1.0, HTTPS binding).

    GET /1.0/identifiers/{DID or DID URL}     percent-encoded, or a DID as it is
    Accept: application/did-resolution        the result with its three parts; also for */* and for none
            application/did, application/did+json, application/did+ld+json     the document alone
    200 found · 400 no DID, or no DID URL · 404 not found · 406 no such representation · 410 deactivated ·
    500 internal error, or a faulty document · 501 method or feature not supported

A DID URL with a fragment or a service is dereferenced: the part of the document, or 303 to the service's URL.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from panacea.identity.dereferencing import Dereferenced, select_resource, version_of
from panacea.identity.did import DIDURL, InvalidDIDURL, parse_did_url
from panacea.identity.resolution import (
    CURRENT,
    DOCUMENT_TYPES,
    PLAIN_TYPE,
    RESULT_TYPE,
    ErrorCode,
    FullResolver,
    Resolution,
    ResolutionMetadata,
    Version,
    get_resolution,
    refused,
    represent,
)
from panacea.identity.resolver import Resolver
from panacea.identity.strict_json import write_json
from panacea.primitives.rejected import Rejected

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

PATH: Final = "/1.0/identifiers/"
LEGACY_RESULT_TYPE: Final = 'application/ld+json;profile="https://w3id.org/did-resolution"'
"""What the results were called before they had a media type of their own; drivers of today still ask for it."""

STATUS: Final[Mapping[ErrorCode, int]] = {
    ErrorCode.INVALID_DID: 400,
    ErrorCode.INVALID_DID_URL: 400,
    ErrorCode.INVALID_OPTIONS: 400,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.REPRESENTATION_NOT_SUPPORTED: 406,
    ErrorCode.METHOD_NOT_SUPPORTED: 501,
    ErrorCode.FEATURE_NOT_SUPPORTED: 501,
    ErrorCode.INVALID_DID_DOCUMENT: 500,
    ErrorCode.INTERNAL_ERROR: 500,
}

Resolve = Callable[[str, Version], Awaitable[Resolution]]
"""Whoever resolves, without blocking: `ChainResolver.resolution`, or `in_threads(resolver)`."""


def in_threads(resolver: Resolver | FullResolver) -> Resolve:
    """A resolver that may block, asked in a thread of its own each time."""

    async def resolve(did: str, version: Version = CURRENT) -> Resolution:
        from starlette.concurrency import run_in_threadpool

        return await run_in_threadpool(get_resolution, resolver, did, version)

    return resolve


def build_app(resolve: Resolve) -> "Starlette":
    """The driver as an ASGI application."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.routing import Route

    async def answer(request: Request) -> "Response":
        return await _answer(request, resolve)

    return Starlette(routes=[Route(PATH + "{identifier:path}", answer, methods=["GET"])])


async def _answer(request: "Request", resolve: Resolve) -> "Response":
    media_type = choose_type(request.headers.get("accept", ""))
    if media_type is None:
        wanted = request.headers.get("accept", "")[:200]
        error = ResolutionMetadata(None, ErrorCode.REPRESENTATION_NOT_SUPPORTED, f"nothing of this kind: {wanted}")
        return _result(Resolution(None, error), RESULT_TYPE)
    try:
        url = _identifier(request)
        version = version_of(url)
    except Rejected as no:
        return _result(refused(no), media_type)
    resolution = await resolve(url.did, version)
    if resolution.document is None or url in _plain(url):
        return _result(resolution, media_type)
    return _resource(select_resource(url, resolution, media_type if media_type in DOCUMENT_TYPES else PLAIN_TYPE))


def _plain(url: DIDURL) -> tuple[DIDURL, ...]:
    """The forms of a DID URL that ask for the document itself."""
    asks_part = {"service", "relativeRef"} & url.parameters.keys()
    return (DIDURL(url.did),) if asks_part else (DIDURL(url.did), DIDURL(url.did, query=url.query))


def _identifier(request: "Request") -> DIDURL:
    """The DID URL in the request's path, and in its query where that was not encoded.

    Raises InvalidDIDURL.
    """
    raw = request.scope.get("raw_path") or request.scope["path"].encode()
    text = raw.decode("ascii", errors="replace").partition(PATH)[2]
    # An encoded DID begins with did%3A and is decoded once; a bare one keeps the percent signs that are its own.
    if not text.startswith("did:"):
        try:
            text = unquote(text, errors="strict")
        except UnicodeDecodeError as reason:
            raise InvalidDIDURL("not UTF-8", url=text) from reason
    query = request.scope["query_string"].decode("ascii", errors="replace")
    if query and "?" not in text and "#" not in text:
        text = f"{text}?{query}"
    return _require_did(text)


def _require_did(text: str) -> DIDURL:
    try:
        return parse_did_url(text)
    except InvalidDIDURL:
        # Who asks for something that is no DID at all is told so, not that its path or query is wrong.
        from panacea.identity.did import InvalidDID, is_did

        if is_did(text.partition("?")[0].partition("#")[0].partition("/")[0]):
            raise
        raise InvalidDID(did=text) from None


def choose_type(accept: str) -> str | None:
    """The media type to answer with, by an Accept header (RFC 9110, section 12.5.1); None where none will do."""
    choices: list[tuple[float, int, str]] = []
    for place, each in enumerate(accept.split(",")[:32] if accept.strip() else ["*/*"]):
        name, *parameters = (part.strip().lower() for part in each.split(";"))
        weight = next((_weight(part[2:]) for part in parameters if part.startswith("q=")), 1.0)
        found = RESULT_TYPE if name in ("*/*", "application/*") else name
        if name == "application/ld+json" and 'profile="https://w3id.org/did-resolution"' in parameters:
            found = LEGACY_RESULT_TYPE
        if weight > 0 and found in (RESULT_TYPE, LEGACY_RESULT_TYPE, *DOCUMENT_TYPES):
            choices.append((-weight, place, found))
    return min(choices)[2] if choices else None


def _weight(text: str) -> float:
    """The weight of a choice; what is none counts as a refusal."""
    if len(text) <= 5 and text.replace(".", "", 1).isdecimal():
        return min(float(text), 1.0)
    return 0.0


def _result(resolution: Resolution, media_type: str) -> "Response":
    """A resolution as an answer: errors always as a result, for a document could not say them."""
    from starlette.responses import Response

    error = resolution.metadata.error
    status = 410 if resolution.document_metadata.deactivated else 200
    if error is not None:
        status = STATUS[error]
    if resolution.document is not None and media_type in DOCUMENT_TYPES:
        return Response(represent(resolution.document, media_type), status, media_type=media_type)
    shown = media_type if media_type == LEGACY_RESULT_TYPE else RESULT_TYPE
    return Response(write_json(resolution.to_json()), status, media_type=shown)


def _resource(found: Dereferenced) -> "Response":
    from starlette.responses import Response

    if found.error is not None:
        return Response(write_json(found.to_json()), STATUS[found.error], media_type="application/json")
    if isinstance(found.content, str):
        return Response(None, 303, headers={"location": found.content})
    return Response(write_json(found.content), media_type=found.content_type)
