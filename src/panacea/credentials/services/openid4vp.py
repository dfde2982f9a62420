"""A small OpenID4VP 1.0 verifier over HTTP: signed requests by reference, answers by direct_post, judged on arrival.

    GET, POST /requests/{id}     the request object, signed
    POST /responses/{id}         the wallet's answer

The relying party calls `RelyingParty.ask` with a DCQL query, shows the link or QR code, and asks `result` what came.
Every answer is verified as a whole: each presentation's proof for this nonce and this verifier, each credential, and
the query. An id is answered once; open requests live in memory and for minutes. Source: OpenID4VP 1.0, sections 5 to 8.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panacea.credentials.formats import base64url, jose
from panacea.credentials.formats.sd_jwt import Occasion
from panacea.credentials.requests import dcql
from panacea.credentials.requests.client_identifiers import DECENTRALIZED_IDENTIFIER, read_client_identifier
from panacea.credentials.requests.openid4vci import OAuthError
from panacea.credentials.requests.openid4vp import (
    REQUEST_OBJECT_TYPE,
    AuthorizationRequest,
    ClientMetadata,
    read_wallet_post,
)
from panacea.credentials.requests.signed import to_form
from panacea.credentials.requests.types import AuthorizationResponseRejected, MessageRejected, NotDoneHere
from panacea.credentials.requests.vp_responses import Acknowledgement, ErrorResponse, read_response
from panacea.credentials.requests.wallet import DC_SD_JWT, LDP_VC, VC_SD_JWT, Held
from panacea.credentials.services.expiring import Expiring
from panacea.credentials.services.http import HANDLERS, ExactJSON, read_body
from panacea.credentials.vc.issue import SigningKey
from panacea.credentials.vc.types import Form, Outcome, Verified
from panacea.credentials.vc.verify import Verifier
from panacea.crypto.bbs.keys import BBSSigner
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock, Random

REQUEST_SECONDS: Final = 600
MAX_BODY: Final = 4 * 1024 * 1024
FORMATS: Final[Mapping[str, Mapping[str, JSON]]] = {
    LDP_VC: {"proof_type_values": ["DataIntegrityProof"]},
    DC_SD_JWT: {"sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"], "kb-jwt_alg_values": ["ES256", "ES384", "EdDSA"]},
    VC_SD_JWT: {"sd-jwt_alg_values": ["ES256", "ES384", "EdDSA"], "kb-jwt_alg_values": ["ES256", "ES384", "EdDSA"]},
}
"""The containers that are verified here, and what secures them."""

_FORMS: Final = {LDP_VC: Form.LDP_VC, DC_SD_JWT: Form.SD_JWT_VC, VC_SD_JWT: Form.VC_SD_JWT}


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a request: the credentials by the ids of the query, or why there are none."""

    credentials: Mapping[str, tuple[Verified, ...]] = field(default_factory=dict)
    error: str | None = None


@dataclass(slots=True)
class _Asked:
    request: AuthorizationRequest
    query: dcql.Query
    result: Result | None = None


class RelyingParty:
    """Somebody who asks wallets for presentations: a DID with a key, a verifier, and the open requests."""

    def __init__(
        self,
        url: str,
        key: SigningKey,
        verifier: Verifier,
        *,
        clock: Clock,
        random: Random,
        arrived: Callable[[str, Result], None] | None = None,
        require: Sequence[str] = ("status",),
    ) -> None:
        """`url` is where the application is served, https. `key` signs requests; `arrived` is told of each result.

        `require` names checks that must be made where a credential asks for them, beside those of the verifier: without
        a source of status lists, a credential that has a status is refused rather than believed.
        """
        if isinstance(key.signer, BBSSigner):
            raise TypeError("requests are signed by Ed25519 or ECDSA")
        self.url = url.rstrip("/")
        self._signer, self._method_id = key.signer, key.method_id
        self._client = read_client_identifier(f"{DECENTRALIZED_IDENTIFIER}:{key.did}")
        self._random, self._arrived = random, arrived
        self._verifier = replace(verifier, require=(*verifier.require, *require))
        self._lock = threading.Lock()
        self._asked: Expiring[_Asked] = Expiring(clock, REQUEST_SECONDS)

    def ask(self, query: JSON) -> tuple[str, str]:
        """A new request for a DCQL query: its id, and the link for the wallet. Raises QueryRejected, NotDoneHere."""
        read = dcql.read_query(query)
        for one in read.credentials:
            if one.format not in FORMATS:
                raise NotDoneHere("a container that is not verified here", format=one.format)
        name, nonce, state = (base64url.encode(self._random.token(32)) for _ in range(3))
        request = AuthorizationRequest(
            nonce=nonce,
            query=read,
            client=self._client,
            response_mode="direct_post",
            response_uri=f"{self.url}/responses/{name}",
            state=state,
            client_metadata=ClientMetadata(vp_formats_supported=FORMATS),
        )
        with self._lock:
            self._asked.put(name, _Asked(request, read))
        link = {"client_id": self._client.full, "request_uri": f"{self.url}/requests/{name}"}
        return name, f"openid4vp://?{to_form({**link, 'request_uri_method': 'post'})}"

    def request_object(self, name: str, wallet_nonce: str | None = None) -> str | None:
        """The signed request of that id, with the wallet's nonce where it sent one; None where there is none."""
        with self._lock:
            asked = self._asked.find(name)
        if asked is None or asked.result is not None:
            return None
        claims = replace(asked.request, wallet_nonce=wallet_nonce).to_claims()
        header = {"typ": REQUEST_OBJECT_TYPE, "kid": self._method_id}
        return jose.sign(to_json(claims), signer=self._signer, header=header)

    def respond(self, name: str, body: bytes) -> Acknowledgement:
        """Judge an answer, and keep what came of it. An answer that is refused leaves the request open for another.

        Raises AuthorizationResponseRejected, ResponseMismatch, and what verification raises.
        """
        with self._lock:
            asked = self._asked.find(name)
        if asked is None or asked.result is not None:
            raise AuthorizationResponseRejected("no such request, or it was answered before")
        answer = read_response(body, asked.request)
        if isinstance(answer, ErrorResponse):
            self._settle(name, asked, Result(error=answer.error))
            return Acknowledgement()
        found: dict[str, list[Verified]] = {}

        def decode(query: dcql.CredentialQuery, presentation: JSON) -> Held:
            verified, held = self._decode(asked.request, query, presentation)
            found.setdefault(query.id, []).append(verified)
            return held

        dcql.verify_response(asked.query, dict(answer.vp_token), decode=decode)
        self._settle(name, asked, Result({query: tuple(several) for query, several in found.items()}))
        return Acknowledgement()

    def result(self, name: str) -> Result | None:
        """What came of a request, None as long as nothing did."""
        with self._lock:
            asked = self._asked.find(name)
        return asked.result if asked else None

    def _settle(self, name: str, asked: _Asked, result: Result) -> None:
        with self._lock:
            if asked.result is not None:  # Two answers at once: the first one counts.
                raise AuthorizationResponseRejected("it was answered before")
            asked.result = result
        if self._arrived is not None:
            self._arrived(name, result)

    def _decode(
        self, request: AuthorizationRequest, query: dcql.CredentialQuery, presentation: JSON
    ) -> tuple[Verified, Held]:
        """One presentation, verified for this occasion (Appendix B.1.3.2, B.3.6)."""
        if query.format == LDP_VC:
            return self._of_ldp_vp(request, query, presentation)
        if not isinstance(presentation, str):
            raise AuthorizationResponseRejected("an SD-JWT is a text", id=query.id)
        bound = query.require_cryptographic_holder_binding
        occasion = Occasion(request.audience, request.nonce) if bound else None
        verified = self._verifier.credential(presentation, occasion=occasion)
        if verified.form is not _FORMS[query.format]:
            raise AuthorizationResponseRejected("another container", id=query.id, found=verified.form)
        return verified, Held.of_sd_jwt(query.id, verified.document, (), format=query.format, holder_bound=bound)

    def _of_ldp_vp(
        self, request: AuthorizationRequest, query: dcql.CredentialQuery, presentation: JSON
    ) -> tuple[Verified, Held]:
        if not isinstance(presentation, dict):
            raise AuthorizationResponseRejected("a presentation is an object", id=query.id)
        bound = query.require_cryptographic_holder_binding
        if bound:
            answer = self._verifier.presentation(presentation, challenge=request.nonce, domain=request.audience)
            several: tuple[Verified, ...] = answer.credentials
            if not any(check.name == "holder" and check.outcome is Outcome.CHECKED for check in answer.checks):
                raise AuthorizationResponseRejected("a credential that names no holder", id=query.id)
        else:
            several = (self._verifier.credential(presentation),)
        if len(several) != 1 or several[0].form is not Form.LDP_VC:
            raise AuthorizationResponseRejected("one credential with a proof is expected", id=query.id)
        document: dict[str, Any] = dict(several[0].document)  # Any: JSON
        return several[0], Held.of_ldp_vc(query.id, document, holder_bound=bound)


def build_app(party: RelyingParty) -> Starlette:
    """The relying party as an ASGI application."""

    async def request_object(request: Request) -> Response:
        wallet_nonce = None
        if request.method == "POST":
            wallet_nonce = read_wallet_post(await read_body(request, 64 * 1024)).wallet_nonce
        token = party.request_object(request.path_params["name"], wallet_nonce)
        if token is None:
            raise HTTPException(404, "no such request, or it was answered before")
        return Response(token, media_type=f"application/{REQUEST_OBJECT_TYPE}", headers={"cache-control": "no-store"})

    async def response(request: Request) -> Response:
        body = await read_body(request, MAX_BODY)
        answer = await run_in_threadpool(party.respond, request.path_params["name"], body)
        return ExactJSON(answer.to_json(), headers={"cache-control": "no-store"})

    return Starlette(
        routes=[
            Route("/requests/{name}", request_object, methods=["GET", "POST"]),
            Route("/responses/{name}", response, methods=["POST"]),
        ],
        exception_handlers={**HANDLERS, Rejected: _answer_rejected},
    )


async def _answer_rejected(_: Request, error: Exception) -> Response:
    """400 with an OAuth error: the wallet learns that its answer was refused, and the reason in words."""
    assert isinstance(error, Rejected)
    refusal = error if isinstance(error, MessageRejected) else AuthorizationResponseRejected(str(error))
    return ExactJSON(OAuthError.of(refusal).to_json(), 400, headers={"cache-control": "no-store"})
