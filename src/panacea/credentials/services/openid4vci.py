"""A small OpenID4VCI 1.0 issuer over HTTP: the pre-authorised code flow, from an offer to credentials in the wallet.

    GET  /.well-known/openid-credential-issuer    metadata
    GET  /.well-known/oauth-authorization-server  metadata of the token endpoint
    GET  /offers/{id}                             an offer by reference
    POST /token                                   code (and transaction code) --> access token
    POST /nonce                                   --> c_nonce
    POST /credential                              access token, key proofs --> a credential for each key
    POST /notification                            what became of them

The hospital calls `Issuer.offer` for somebody whom it has before it, and gives her the link or QR code. What a
credential says is made by `issue`, which is passed in, when the wallet asks. Open offers, tokens and nonces live in
memory and for minutes: after a restart the hospital offers again. Source: OpenID4VCI 1.0, sections 4 to 12.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panacea.credentials.formats import base64url
from panacea.credentials.requests.credential_endpoint import (
    CredentialRequest,
    CredentialResponse,
    read_credential_request,
    read_notification,
    require_request,
)
from panacea.credentials.requests.issuer_metadata import IssuerMetadata, read_issuer_metadata
from panacea.credentials.requests.key_proofs import Expected, OwnKeys, ProvenKey, verify_key_proofs
from panacea.credentials.requests.openid4vci import (
    PRE_AUTHORIZED_CODE,
    CredentialOffer,
    OAuthError,
    OfferReference,
    PreAuthorizedGrant,
    TokenRequest,
    TokenResponse,
    TransactionCode,
    read_token_request,
    require_token_request,
)
from panacea.credentials.requests.types import CredentialRequestRejected, MessageRejected, TokenRequestRejected
from panacea.credentials.services.expiring import Expiring
from panacea.credentials.services.http import HANDLERS, ExactJSON, read_body, read_object
from panacea.health.types import JSON
from panacea.identity.resolver import Resolver
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock, Random

OFFER_SECONDS: Final = 600
TOKEN_SECONDS: Final = 600
NONCE_SECONDS: Final = 300
MAX_TRIES: Final = 5
"""Transaction codes that may be tried for one offer: a code of five digits is guessed once in 20,000 offers."""

MAX_FORM: Final = 64 * 1024
Issue = Callable[[str, str, ProvenKey | None], JSON]
"""From whom an offer is for, the id of a configuration, and the wallet's key to the credential: a text or an object."""


@dataclass(slots=True)
class _Grant:
    """An open offer: for whom, of what, and how often its transaction code was tried."""

    subject: str
    configurations: tuple[str, ...]
    grant: PreAuthorizedGrant = field(repr=False)
    tx_code: str | None = field(repr=False)
    tries: int = 0


@dataclass(frozen=True, slots=True)
class _Session:
    """What an access token is good for."""

    subject: str
    configurations: tuple[str, ...]


class Issuer:
    """An issuer with its configurations: what it offers, and the state of what it has offered."""

    def __init__(
        self,
        url: str,
        configurations: Mapping[str, JSON],
        issue: Issue,
        *,
        clock: Clock,
        random: Random,
        resolver: Resolver | None = None,
        notified: Callable[[str, str], None] | None = None,
    ) -> None:
        """`url` is the issuer's identifier, an https URL without a path; `configurations` is what it issues, by id.

        `resolver` finds wallet keys that are named by a DID. `notified` is told a notification id and its event.
        Raises MessageRejected for metadata that the specification does not allow.
        """
        self.url = url.rstrip("/")
        members: dict[str, JSON] = {
            "credential_issuer": self.url,
            "credential_endpoint": f"{self.url}/credential",
            "nonce_endpoint": f"{self.url}/nonce",
            "notification_endpoint": f"{self.url}/notification",
            "credential_configurations_supported": dict(configurations),
        }
        self.metadata: IssuerMetadata = read_issuer_metadata(members, issuer=self.url)
        self._issue, self._clock, self._random, self._resolver = issue, clock, random, resolver
        self._notified = notified
        self._lock = threading.Lock()
        self._grants: Expiring[_Grant] = Expiring(clock, OFFER_SECONDS)
        self._offers: Expiring[CredentialOffer] = Expiring(clock, OFFER_SECONDS)
        self._sessions: Expiring[_Session] = Expiring(clock, TOKEN_SECONDS)
        self._nonces: Expiring[bool] = Expiring(clock, NONCE_SECONDS)
        self._told: Expiring[str] = Expiring(clock, TOKEN_SECONDS)

    def offer(
        self, subject: str, configurations: Sequence[str], *, tx_code: str | None = None
    ) -> tuple[CredentialOffer, OfferReference]:
        """An offer for `subject`, the issuer's own name for somebody, by value and by reference; good for ten minutes.

        `tx_code` is told to her by another way, and keeps who merely sees the link from using it. Raises
        MessageRejected for a configuration that there is none of.
        """
        wanted = None
        if tx_code is not None:
            wanted = TransactionCode("numeric" if tx_code.isdigit() else "text", len(tx_code))
        grant = PreAuthorizedGrant(self._secret(), wanted)
        offer = CredentialOffer(self.url, tuple(configurations), pre_authorized=grant)
        offer.require_issued_by(self.metadata)
        name = self._secret()
        with self._lock:
            self._grants.put(grant.code, _Grant(subject, tuple(configurations), grant, tx_code))
            self._offers.put(name, offer)
        return offer, OfferReference(f"{self.url}/offers/{name}")

    def find_offer(self, name: str) -> CredentialOffer | None:
        """The open offer of that reference."""
        with self._lock:
            return self._offers.find(name)

    def token(self, request: TokenRequest) -> TokenResponse:
        """The access token for a pre-authorised code, which is spent by it. Raises TokenRequestRejected."""
        if request.grant_type != PRE_AUTHORIZED_CODE:
            raise TokenRequestRejected("only pre-authorised codes", error="unsupported_grant_type")
        code = request.pre_authorized_code or ""
        with self._lock:
            found = self._grants.find(code)
            if found is not None:
                found.tries += 1
                if found.tries > MAX_TRIES:
                    self._grants.take(code)
                    found = None
            require_token_request(
                request, found.grant if found else None, expected_tx_code=found.tx_code if found else None
            )
            assert found is not None  # the requirement refuses an unknown code
            self._grants.take(code)
            token = self._secret()
            self._sessions.put(token, _Session(found.subject, found.configurations))
        return TokenResponse(token, expires_in=TOKEN_SECONDS)

    def nonce(self) -> str:
        """A fresh `c_nonce`, good once and for five minutes."""
        nonce = self._secret()
        with self._lock:
            self._nonces.put(nonce, True)
        return nonce

    def credential(self, token: str, request: CredentialRequest) -> CredentialResponse:
        """Credentials for the keys that a request proves. Raises CredentialRequestRejected, and what `issue` raises."""
        with self._lock:
            session = self._sessions.find(token)
        if session is None:
            raise CredentialRequestRejected("no such access token, or no longer", error="invalid_token")
        id, configuration = require_request(request, self.metadata, configurations=session.configurations)  # noqa: A001
        keys: Sequence[ProvenKey | None] = [None]
        if request.proofs is not None and configuration.proof_types:
            algorithms = configuration.proof_types[request.proofs.type].algorithms
            keys = verify_key_proofs(
                request.proofs,
                expected=Expected(self.url, self._spend_nonces(request), algorithms),
                clock=self._clock,
                verify=OwnKeys(self._resolver),
            )
        credentials = tuple(self._issue(session.subject, id, key) for key in keys)
        notification = self._secret()
        with self._lock:
            self._told.put(notification, session.subject)
        return CredentialResponse(credentials, notification_id=notification)

    def notify(self, token: str, id: str, event: str) -> None:
        """Take note of what a wallet says became of a credential. Raises CredentialRequestRejected."""
        with self._lock:
            session, subject = self._sessions.find(token), self._told.find(id)
        if session is None or subject != session.subject:
            raise CredentialRequestRejected("no such notification", error="invalid_notification_id")
        if self._notified is not None:
            self._notified(id, event)

    def _spend_nonces(self, request: CredentialRequest) -> list[str]:
        """The nonces that the request's proofs name and that are open: from here on they are spent."""
        from panacea.credentials.formats import jose

        named = set()
        for proof in request.proofs.values if request.proofs else ():
            claims = jose.read(proof).peek() if isinstance(proof, str) else {}
            nonce = claims.get("nonce")
            if isinstance(nonce, str):
                named.add(nonce)
        with self._lock:
            return [nonce for nonce in sorted(named) if self._nonces.take(nonce)]

    def _secret(self) -> str:
        return base64url.encode(self._random.token(32))


def build_app(issuer: Issuer) -> Starlette:
    """The issuer as an ASGI application, to be served at its identifier."""
    endpoints = _Endpoints(issuer)
    return Starlette(
        routes=[
            Route("/.well-known/openid-credential-issuer", endpoints.metadata),
            Route("/.well-known/oauth-authorization-server", endpoints.server_metadata),
            Route("/offers/{name}", endpoints.offer),
            Route("/token", endpoints.token, methods=["POST"]),
            Route("/nonce", endpoints.nonce, methods=["POST"]),
            Route("/credential", endpoints.credential, methods=["POST"]),
            Route("/notification", endpoints.notification, methods=["POST"]),
        ],
        exception_handlers={**HANDLERS, MessageRejected: _answer_message, Rejected: _answer_rejected},
    )


class _Endpoints:
    """What each route does."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer

    async def metadata(self, _: Request) -> Response:
        """200 with the issuer's metadata."""
        return ExactJSON(self._issuer.metadata.to_json())

    async def server_metadata(self, _: Request) -> Response:
        """200 with the metadata of the token endpoint (RFC 8414)."""
        url = self._issuer.url
        return ExactJSON(
            {
                "issuer": url,
                "token_endpoint": f"{url}/token",
                "grant_types_supported": [PRE_AUTHORIZED_CODE],
                "response_types_supported": [],
                "pre-authorized_grant_anonymous_access_supported": True,
            }
        )

    async def offer(self, request: Request) -> Response:
        """200 with an open offer."""
        found = self._issuer.find_offer(request.path_params["name"])
        if found is None:
            raise HTTPException(404, "no such offer, or no longer")
        return _fresh(found.to_json())

    async def token(self, request: Request) -> Response:
        """200 with an access token."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/x-www-form-urlencoded":
            raise TokenRequestRejected("a form is expected")
        return _fresh(self._issuer.token(read_token_request(await read_body(request, MAX_FORM))).to_json())

    async def nonce(self, _: Request) -> Response:
        """200 with a fresh nonce."""
        return _fresh({"c_nonce": self._issuer.nonce()})

    async def credential(self, request: Request) -> Response:
        """200 with credentials."""
        token = _bearer(request)
        asked = read_credential_request(await read_object(request))
        answer = await run_in_threadpool(self._issuer.credential, token, asked)
        return _fresh(answer.to_json(), answer.status)

    async def notification(self, request: Request) -> Response:
        """204 once it is noted."""
        token = _bearer(request)
        said = read_notification(await read_object(request))
        self._issuer.notify(token, said.notification_id, said.event)
        return Response(status_code=204)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise CredentialRequestRejected("an access token is expected", error="invalid_token")
    return token


def _fresh(value: JSON, status: int = 200) -> Response:
    return ExactJSON(value, status_code=status, headers={"cache-control": "no-store"})


async def _answer_message(_: Request, error: Exception) -> Response:
    """The OAuth error of a refusal: 401 for a token that is not good, 400 otherwise."""
    assert isinstance(error, MessageRejected)
    if error.error == "invalid_token":
        return ExactJSON({"error": "invalid_token"}, 401, headers={"www-authenticate": 'Bearer error="invalid_token"'})
    return _fresh(OAuthError.of(error).to_json(), 400)


async def _answer_rejected(_: Request, error: Exception) -> Response:
    """400 with what else was refused, such as a proof that is no JWT, as the request's fault."""
    return _fresh(OAuthError.of(CredentialRequestRejected(str(error))).to_json(), 400)
