"""The W3C VC API over HTTP: issue, derive, verify, prove and status, so that its test suites can be pointed at us.

    POST /credentials/issue       {credential, options: {cryptosuite?, mandatoryPointers?, statusPurpose?, …}}
    POST /credentials/derive      {verifiableCredential, options: {selectivePointers, presentationHeader?}}
    POST /credentials/verify      {verifiableCredential, options: {presentationHeader?}}
    POST /presentations/prove     {presentation, options: {challenge?, domain?}}
    POST /presentations/verify    {verifiablePresentation, options: {challenge?, domain?}}
    POST /credentials/status      {credentialStatus, status}
    GET  /{suite}/status/{purpose}   the list as a credential

Each POST is also found under `/{suite}/…`, which chooses the cryptosuite and with it the issuer's DID. The issuer named
in a credential is replaced by that DID. Answers: 201 what was made, 200 verified, 400 refused with problem details.
Source: W3C VC API 0.7, sections 3.2 to 3.6.
"""

import base64
import binascii
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panacea.credentials.refusals import StatusStale
from panacea.credentials.services.http import HANDLERS, BadRequest, ExactJSON, member, problem, read_object
from panacea.credentials.status.bitstring import PURPOSES, StatusEntry
from panacea.credentials.status.book import StatusBook
from panacea.credentials.vc.issue import SigningKey, derive, issue, present
from panacea.credentials.vc.types import Document
from panacea.credentials.vc.verify import Verifier
from panacea.health.strict_json import to_json
from panacea.primitives.rejected import Rejected

SUITES: Final = (
    "bbs-2023",
    "ecdsa-sd-2023",
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "ecdsa-rdfc-2019",
    "ecdsa-jcs-2019",
)
DEFAULT: Final = "eddsa-rdfc-2022"
_Work = Callable[[str, Document], Response]


@dataclass(frozen=True, slots=True)
class Service:
    """What the endpoints work with: a key and status lists for each suite, the holder's key, and a verifier.

    The lists of a suite stand at `base_url`/suite/status/purpose, signed by the key of the same DID as the credentials.
    """

    keys: Mapping[str, SigningKey]
    holder: SigningKey
    verifier: Verifier
    books: Mapping[str, StatusBook]


class OwnLists:
    """The status lists of a service, for its own verifier: made when they are asked for, fetched from nowhere."""

    def __init__(self) -> None:
        self._service: Service | None = None

    def serve(self, service: Service) -> None:
        """Answer from the lists of that service from now on."""
        self._service = service

    def status_list(self, url: str) -> bytes:
        """The list of that URL, as it would be published now. Raises StatusStale for a list of somebody else."""
        service = self._service
        for suite, book in service.books.items() if service is not None else ():
            for purpose in PURPOSES:
                if url == book.url(purpose) and service is not None:
                    return to_json(book.publish(purpose, service.keys[suite], now=service.verifier.now))
        raise StatusStale("not a list of this service", url=url)


def build_app(service: Service) -> Starlette:
    """The VC API as an ASGI application."""
    endpoints = _Endpoints(service)
    posts: dict[str, _Work] = {
        "/credentials/issue": endpoints.issue,
        "/credentials/derive": endpoints.derive,
        "/credentials/verify": endpoints.verify,
        "/presentations/prove": endpoints.prove,
        "/presentations/verify": endpoints.verify_presentation,
        "/credentials/status": endpoints.set_status,
    }
    routes = [
        Route(prefix + path, _post(work), methods=["POST"])
        for prefix in ("", "/{suite}")
        for path, work in posts.items()
    ]
    routes.append(Route("/{suite}/status/{purpose}", endpoints.status_list, methods=["GET"]))
    return Starlette(routes=routes, exception_handlers=HANDLERS)


def _post(work: _Work) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that reads its body here and does its work, which is computing, in a thread."""

    async def endpoint(request: Request) -> Response:
        suite = request.path_params.get("suite", "")
        if suite and suite not in SUITES:
            raise HTTPException(404, "no such cryptosuite")
        return await run_in_threadpool(work, suite, await read_object(request))

    return endpoint


class _Endpoints:
    """What each route does."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def issue(self, suite: str, body: Document) -> Response:
        """201 with the secured credential; a status entry is added where the options ask for one."""
        document, options = dict(member(body, "credential", dict)), member(body, "options", dict, {})
        name = suite or member(options, "cryptosuite", str, DEFAULT)
        key = self._service.keys.get(name)
        if key is None:
            raise BadRequest("no such cryptosuite", cryptosuite=name)
        did = key.method_id.partition("#")[0]
        issuer = document.get("issuer")
        document["issuer"] = {**issuer, "id": did} if isinstance(issuer, dict) else did
        if "statusPurpose" in options:
            if "credentialStatus" in document:
                raise BadRequest("the credential has a status already")
            document["credentialStatus"] = (
                self._service.books[name].take(member(options, "statusPurpose", str)).to_json()
            )
        made = issue(
            document,
            key,
            suite=name,
            mandatory=_texts(options, "mandatoryPointers") if "mandatoryPointers" in options else None,
            contexts=self._service.verifier.contexts,
        )
        return ExactJSON({"verifiableCredential": made}, status_code=201)

    def derive(self, _: str, body: Document) -> Response:
        """201 with the part that the pointers name."""
        options = member(body, "options", dict, {})
        shown = derive(
            member(body, "verifiableCredential", dict),
            _texts(options, "selectivePointers"),
            presentation_header=_octets(options, "presentationHeader") or b"",
            contexts=self._service.verifier.contexts,
        )
        return ExactJSON({"verifiableCredential": shown}, status_code=201)

    def verify(self, _: str, body: Document) -> Response:
        """200 with what was checked, or 400 with why not."""
        given = body.get("verifiableCredential")
        if not isinstance(given, dict | str):
            raise BadRequest("missing, or of another kind", member="verifiableCredential")
        header = _octets(member(body, "options", dict, {}), "presentationHeader")
        try:
            found = self._service.verifier.credential(given, presentation_header=header)
        except Rejected as error:
            return problem(400, error)
        return ExactJSON({**found.to_json(), "problemDetails": []})

    def prove(self, _: str, body: Document) -> Response:
        """201 with the presentation, signed by the holder's key of this service."""
        given, options = member(body, "presentation", dict), member(body, "options", dict, {})
        credentials = given.get("verifiableCredential", [])
        made = present(
            credentials if isinstance(credentials, list) else [credentials],
            self._service.holder,
            challenge=_text(options, "challenge"),
            domain=_text(options, "domain"),
            contexts=self._service.verifier.contexts,
        )
        return ExactJSON({"verifiablePresentation": made}, status_code=201)

    def verify_presentation(self, _: str, body: Document) -> Response:
        """200 with what was checked, or 400 with why not."""
        given, options = member(body, "verifiablePresentation", dict), member(body, "options", dict, {})
        try:
            found = self._service.verifier.presentation(
                given,
                challenge=_text(options, "challenge"),
                domain=_text(options, "domain"),
                holder_binding=member(options, "holderBinding", bool, True),
            )
        except Rejected as error:
            return problem(400, error)
        return ExactJSON({**found.to_json(), "problemDetails": []})

    def set_status(self, _: str, body: Document) -> Response:
        """200 once the change is kept; the list that is published next shows it."""
        entry = StatusEntry.read(member(body, "credentialStatus", dict))
        for book in self._service.books.values():
            if entry.list_url == book.url(entry.purpose):
                book.set(entry, member(body, "status", bool))
                return ExactJSON({})
        raise BadRequest("not a list of this service", url=entry.list_url)

    async def status_list(self, request: Request) -> Response:
        """200 with the list of a purpose, as a credential signed now."""
        suite, purpose = request.path_params["suite"], request.path_params["purpose"]
        if purpose not in PURPOSES or suite not in self._service.books:
            raise HTTPException(404, "no such list")
        return ExactJSON(await run_in_threadpool(self.published, suite, purpose), media_type="application/vc")

    def published(self, suite: str, purpose: str) -> Document:
        """The list of a purpose, signed now."""
        service = self._service
        return service.books[suite].publish(purpose, service.keys[suite], now=service.verifier.now)


def _texts(options: Document, name: str) -> list[str]:
    found = member(options, name, list, [])
    if not all(isinstance(one, str) for one in found):
        raise BadRequest("a list of texts is expected", member=name)
    return list(found)


def _text(options: Document, name: str) -> str | None:
    value = options.get(name)
    if value is not None and not isinstance(value, str):
        raise BadRequest("a text is expected", member=name)
    return value


def _octets(options: Document, name: str) -> bytes | None:
    """Bytes in base64url, as JSON carries them here."""
    text = _text(options, name)
    if text is None:
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars="-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadRequest("base64url is expected", member=name) from error
