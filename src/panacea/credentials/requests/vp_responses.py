"""OpenID4VP 1.0, the answer: VP tokens and errors, built by wallets, read by verifiers, in every response mode.

    wallet    respond(request, {"pid": [presentation]}) -> AuthorizationResponse
              .to_form() for direct_post, .to_url(redirect_uri) for fragment, .to_json() for the API and for encryption
    verifier  read_response(body, request, decrypt=…) -> AuthorizationResponse | ErrorResponse
              then dcql.verify_response(request.query, response.vp_token, decode=…)

The state is compared in constant time, and a response that should be encrypted is taken only encrypted; only an error
may come in the clear (§8.3.1).
"""

import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.requests.dcql import MAX_PRESENTATIONS
from panacea.credentials.requests.openid4vp import AuthorizationRequest
from panacea.credentials.requests.reading import Members, present
from panacea.credentials.requests.signed import MAX_MESSAGE, form_members, parse_form, parse_message, to_form
from panacea.credentials.requests.types import AuthorizationResponseRejected, MessageRejected
from panacea.health.types import JSON

_OBJECTS: Final = frozenset({"vp_token"})
_CODE: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,256}")
_WORDS: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")

Decrypt = Callable[[str], JSON]
"""From a JWE to the JSON inside; raises a Rejected."""


@dataclass(frozen=True, slots=True)
class AuthorizationResponse:
    """An answer with presentations, by the ids of the credential queries."""

    vp_token: Mapping[str, Sequence[JSON]] = field(repr=False)
    state: str | None = None
    id_token: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    iss: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The parameters as members of JSON: what is encrypted, or the `data` of the API."""
        return present(
            vp_token={name: list(presentations) for name, presentations in self.vp_token.items()},
            state=self.state,
            id_token=self.id_token,
            code=self.code,
            iss=self.iss,
        )

    def to_form(self) -> str:
        """The body of a direct_post."""
        return to_form(self.to_json())

    def to_url(self, redirect_uri: str) -> str:
        """The redirect back to the verifier, with the answer in the fragment."""
        return f"{redirect_uri}#{self.to_form()}"


@dataclass(frozen=True, slots=True)
class ErrorResponse:
    """An answer without presentations. Over the API `error` alone is sent."""

    error: str
    error_description: str | None = None
    state: str | None = None

    @classmethod
    def of(cls, refusal: MessageRejected, request: AuthorizationRequest | None = None) -> "ErrorResponse":
        """The error that a refusal is answered with; the description keeps to the characters of RFC 6749."""
        return cls(refusal.error, _WORDS.sub("'", str(refusal))[:512] or None, request.state if request else None)

    def to_json(self) -> dict[str, JSON]:
        """The parameters as members of JSON."""
        return present(error=self.error, error_description=self.error_description, state=self.state)

    def to_form(self) -> str:
        """The body of a direct_post."""
        return to_form(self.to_json())

    def to_url(self, redirect_uri: str) -> str:
        """The redirect back to the verifier, with the error in the fragment."""
        return f"{redirect_uri}#{self.to_form()}"


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What a verifier answers to a direct_post: where the wallet should send its user, if anywhere (§8.2)."""

    redirect_uri: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The body, with status 200."""
        return present(redirect_uri=self.redirect_uri)


def respond(
    request: AuthorizationRequest, presentations: Mapping[str, Sequence[JSON]], *, id_token: str | None = None
) -> AuthorizationResponse:
    """The answer of a wallet. Raises AuthorizationResponseRejected for what the query does not ask for."""
    if request.query is not None:
        for name, several in presentations.items():
            asked = request.query.find_credential(name)
            if asked is None or not several or (len(several) > 1 and not asked.multiple):
                raise AuthorizationResponseRejected("not what the query asks for", id=name, presentations=len(several))
    if not presentations:
        raise AuthorizationResponseRejected("an answer has a presentation", error="access_denied")
    state = None if request.over_api else request.state
    return AuthorizationResponse(dict(presentations), state, id_token)


def read_response(
    body: bytes | str | Mapping[str, JSON], request: AuthorizationRequest, *, decrypt: Decrypt | None = None
) -> AuthorizationResponse | ErrorResponse:
    """The answer to a request: the form of a direct_post or of a fragment, or the `data` of the API.

    Raises AuthorizationResponseRejected where the state is another, where a VP token is missing or of another shape,
    or where encryption was asked for and not used.
    """
    if isinstance(body, bytes | str):
        parameters: Mapping[str, JSON] = form_members(
            parse_form(body, AuthorizationResponseRejected), _OBJECTS, AuthorizationResponseRejected
        )
    else:
        parameters = body
    members = Members.of(dict(parameters), "", AuthorizationResponseRejected, check_depth=True)
    if "error" in members.values:
        return _error(members, request)
    if "response" in members.values:
        if not request.encrypted or decrypt is None:
            raise AuthorizationResponseRejected("an encrypted response was not asked for")
        inside = decrypt(members.get_text("response", limit=MAX_MESSAGE))
        members = Members.of(inside, "response", AuthorizationResponseRejected, check_depth=True)
        if "error" in members.values:
            return _error(members, request)
    elif request.encrypted:
        raise AuthorizationResponseRejected("the response is not encrypted")
    _require_state(members, request)
    return AuthorizationResponse(
        read_vp_token(members.values.get("vp_token")),
        members.find_text("state"),
        members.find_text("id_token", limit=64 * 1024),
        members.find_text("code"),
        members.find_text("iss"),
    )


def read_vp_token(value: JSON) -> dict[str, list[JSON]]:
    """A VP token: an object of lists of presentations, each a text or an object. What is in them, nobody has looked at.

    Raises AuthorizationResponseRejected.
    """
    members = Members.of(value, "vp_token", AuthorizationResponseRejected, check_depth=True)
    if not members.values:
        members.refuse("it holds no presentation")
    found = {}
    for name in members.values:
        presentations = members.find_list(name, least=1, most=MAX_PRESENTATIONS) or []
        if not all(isinstance(one, dict) or (isinstance(one, str) and one) for one in presentations):
            members.refuse("a presentation is a text or an object", name)
        found[name] = presentations
    return found


def read_acknowledgement(body: bytes | str) -> Acknowledgement:
    """What the verifier answered to a direct_post. Raises AuthorizationResponseRejected."""
    members = Members.of(parse_message(body, AuthorizationResponseRejected), "", AuthorizationResponseRejected)
    return Acknowledgement(members.find_url("redirect_uri"))


def _error(members: Members, request: AuthorizationRequest) -> ErrorResponse:
    _require_state(members, request)
    return ErrorResponse(
        members.get_text("error", pattern=_CODE),
        members.find_text("error_description"),
        members.find_text("state"),
    )


def _require_state(members: Members, request: AuthorizationRequest) -> None:
    state = members.find_text("state")
    if request.state is None or request.over_api:
        return
    if state is None or not hmac.compare_digest(state.encode("utf-8", "replace"), request.state.encode()):
        raise AuthorizationResponseRejected("the state is not that of the request")
