"""OpenID4VCI 1.0, offers and tokens: how a wallet is invited, and what it shows at the token endpoint.

    read_offer_link(url) -> CredentialOffer | OfferReference       openid-credential-offer://?…
    read_offer(value) -> CredentialOffer                           what an OfferReference led to
    read_token_request(form) -> TokenRequest                       at the issuer
    require_token_request(request, grant, …)                       the rules of §6.1 and §6.3, by error code
    read_token_response(value) -> TokenResponse                    at the wallet
    read_nonce(value), OAuthError

Metadata: `issuer_metadata`. Credentials: `credential_endpoint`, `key_proofs`. Unknown parameters are ignored, as the
specification demands everywhere here. Codes and tokens never stand in a repr.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.requests.issuer_metadata import (
    AuthorizationDetail,
    AuthorizationServer,
    IssuerMetadata,
    read_authorization_details,
    require_identifier,
)
from panacea.credentials.requests.reading import Members, present
from panacea.credentials.requests.signed import form_members, parse_form, parse_message, to_form
from panacea.credentials.requests.types import MessageRejected, TokenRequestRejected
from panacea.health.strict_json import to_json
from panacea.health.types import JSON

AUTHORIZATION_CODE: Final = "authorization_code"
PRE_AUTHORIZED_CODE: Final = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
OFFER_ENDPOINT: Final = "openid-credential-offer://"
MAX_DESCRIPTION: Final = 300
MAX_CODE: Final = 4096

_WORDS: Final = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_CODE: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,256}")


@dataclass(frozen=True, slots=True)
class TransactionCode:
    """What a wallet asks its user for before a pre-authorised code is good: `length` characters, of digits or any.

    `input_mode` is `numeric` or `text`; where it is None, it is numeric.
    """

    input_mode: str | None = None
    length: int | None = None
    description: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The object as JSON."""
        return present(input_mode=self.input_mode, length=self.length, description=self.description)


@dataclass(frozen=True, slots=True)
class PreAuthorizedGrant:
    """A pre-authorised code; with `tx_code` it needs a transaction code beside it."""

    code: str = field(repr=False)
    tx_code: TransactionCode | None = None
    authorization_server: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The grant as JSON."""
        written: dict[str, JSON] = {"pre-authorized_code": self.code}
        if self.tx_code is not None:
            written["tx_code"] = self.tx_code.to_json()
        return written | present(authorization_server=self.authorization_server)


@dataclass(frozen=True, slots=True)
class AuthorizationCodeGrant:
    """An invitation to the authorization endpoint."""

    issuer_state: str | None = None
    authorization_server: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The grant as JSON."""
        return present(issuer_state=self.issuer_state, authorization_server=self.authorization_server)


@dataclass(frozen=True, slots=True)
class CredentialOffer:
    """An offer of credentials. Nothing in it is to be trusted: anybody can make one (§4.1, §13.5).

    `grants` says whether there was such a member at all; other grant types are kept by their names alone.
    """

    credential_issuer: str
    credential_configuration_ids: tuple[str, ...]
    pre_authorized: PreAuthorizedGrant | None = None
    authorization_code: AuthorizationCodeGrant | None = None
    other_grants: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The offer as JSON."""
        grants: dict[str, JSON] = {name: {} for name in self.other_grants}
        if self.authorization_code is not None:
            grants[AUTHORIZATION_CODE] = self.authorization_code.to_json()
        if self.pre_authorized is not None:
            grants[PRE_AUTHORIZED_CODE] = self.pre_authorized.to_json()
        return present(
            credential_issuer=self.credential_issuer,
            credential_configuration_ids=list(self.credential_configuration_ids),
            grants=grants or None,
        )

    def to_link(self, endpoint: str = OFFER_ENDPOINT) -> str:
        """The offer as a link or QR code, by value."""
        return f"{endpoint}?{to_form({'credential_offer': to_json(self.to_json()).decode()})}"

    def require_issued_by(self, metadata: IssuerMetadata) -> None:
        """Refuse an offer of what the issuer's metadata do not know, or through another server; MessageRejected."""
        if self.credential_issuer != metadata.credential_issuer:
            raise MessageRejected("the offer is by another issuer", credential_issuer=self.credential_issuer)
        for one in self.credential_configuration_ids:
            if metadata.find_configuration(one) is None:
                raise MessageRejected("the issuer has no such configuration", credential_configuration_id=one)
        for grant in (self.pre_authorized, self.authorization_code):
            server = grant.authorization_server if grant else None
            if server is not None and server not in metadata.authorization_servers:
                raise MessageRejected("the issuer relies on no such server", authorization_server=server)


@dataclass(frozen=True, slots=True)
class OfferReference:
    """Where an offer is to be fetched, with GET, as application/json."""

    uri: str

    def to_link(self, endpoint: str = OFFER_ENDPOINT) -> str:
        """The reference as a link or QR code."""
        return f"{endpoint}?{to_form({'credential_offer_uri': self.uri})}"


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A request to the token endpoint, of either grant type; what neither defines is in `others`."""

    grant_type: str
    pre_authorized_code: str | None = field(default=None, repr=False)
    tx_code: str | None = field(default=None, repr=False)
    code: str | None = field(default=None, repr=False)
    code_verifier: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None
    client_id: str | None = None
    scope: str | None = None
    resource: str | None = None
    authorization_details: tuple[AuthorizationDetail, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict, repr=False)

    def to_form(self) -> str:
        """The body of the request."""
        details = [one.to_json() for one in self.authorization_details]
        return to_form(
            present(
                grant_type=self.grant_type,
                tx_code=self.tx_code,
                code=self.code,
                code_verifier=self.code_verifier,
                redirect_uri=self.redirect_uri,
                client_id=self.client_id,
                scope=self.scope,
                resource=self.resource,
                authorization_details=details or None,
                **{"pre-authorized_code": self.pre_authorized_code},
            )
            | dict(self.others)
        )


@dataclass(frozen=True, slots=True)
class TokenResponse:
    """An access token, and for which credentials it is good."""

    access_token: str = field(repr=False)
    token_type: str = "Bearer"  # noqa: S105  # the name of a scheme
    expires_in: int | None = None
    refresh_token: str | None = field(default=None, repr=False)
    scope: str | None = None
    authorization_details: tuple[AuthorizationDetail, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The body of the response."""
        details = [one.to_json() for one in self.authorization_details]
        return present(
            access_token=self.access_token,
            token_type=self.token_type,
            expires_in=self.expires_in,
            refresh_token=self.refresh_token,
            scope=self.scope,
            authorization_details=details or None,
        )


@dataclass(frozen=True, slots=True)
class OAuthError:
    """The body of an error response of any endpoint: a code, and words for developers."""

    error: str
    error_description: str | None = None

    @classmethod
    def of(cls, refusal: MessageRejected) -> "OAuthError":
        """The body that answers a refusal, in the characters that RFC 6749 allows; its status is 400."""
        return cls(refusal.error, _WORDS.sub("'", str(refusal))[:512] or None)

    def to_json(self) -> dict[str, JSON]:
        """The body of the response."""
        return present(error=self.error, error_description=self.error_description)


def read_offer_link(url: str) -> CredentialOffer | OfferReference:
    """What a link or QR code offers, by value or by reference. Raises MessageRejected."""
    if not isinstance(url, str) or len(url) > 64 * 1024:
        raise MessageRejected("a link of at most 65,536 characters is expected")
    parameters = parse_form(url.partition("?")[2].partition("#")[0])
    if ("credential_offer" in parameters) == ("credential_offer_uri" in parameters):
        raise MessageRejected("either credential_offer or credential_offer_uri is expected")
    if "credential_offer" in parameters:
        return read_offer(parse_message(parameters["credential_offer"], MessageRejected))
    members = Members.of(parameters, "", MessageRejected)
    return OfferReference(members.get_url("credential_offer_uri", schemes=("https",)))


def read_offer(value: JSON) -> CredentialOffer:
    """An offer. Raises MessageRejected."""
    members = Members.of(value, "", MessageRejected, check_depth=True)
    grants = members.find_members("grants") or Members({}, "grants", MessageRejected)
    code, invitation = grants.find_members(PRE_AUTHORIZED_CODE), grants.find_members(AUTHORIZATION_CODE)
    others = [name for name in grants.values if name not in {PRE_AUTHORIZED_CODE, AUTHORIZATION_CODE}]
    return CredentialOffer(
        require_identifier(members.values.get("credential_issuer")),
        members.get_texts("credential_configuration_ids", unique=True),
        None if code is None else _pre_authorized(code),
        None
        if invitation is None
        else AuthorizationCodeGrant(invitation.find_text("issuer_state"), invitation.find_text("authorization_server")),
        tuple(others),
    )


def read_token_request(form: bytes | str) -> TokenRequest:
    """A request to the token endpoint; its grant is judged by `require_token_request`.

    Raises TokenRequestRejected.
    """
    parameters = parse_form(form, TokenRequestRejected)
    decoded = form_members(parameters, frozenset({"authorization_details"}), TokenRequestRejected)
    members = Members.of(decoded, "", TokenRequestRejected)
    known = {
        "grant_type", "pre-authorized_code", "tx_code", "code", "code_verifier", "redirect_uri", "client_id", "scope",
        "resource", "authorization_details",
    }  # fmt: skip
    grant = members.get_text("grant_type")
    if grant not in {AUTHORIZATION_CODE, PRE_AUTHORIZED_CODE}:
        raise TokenRequestRejected("a grant that is not taken here", error="unsupported_grant_type", grant_type=grant)
    pre_authorized = members.find_text("pre-authorized_code", limit=MAX_CODE)
    if grant == PRE_AUTHORIZED_CODE and pre_authorized is None:
        members.refuse("a parameter is missing", "pre-authorized_code")
    if grant == AUTHORIZATION_CODE and "code" not in members.values:
        members.refuse("a parameter is missing", "code")
    if grant != PRE_AUTHORIZED_CODE and {"tx_code", "pre-authorized_code"} & members.values.keys():
        raise TokenRequestRejected("tx_code and pre-authorized_code belong to the other grant")
    details = members.values.get("authorization_details")
    return TokenRequest(
        grant,
        pre_authorized,
        members.find_text("tx_code", limit=256),
        members.find_text("code", limit=MAX_CODE),
        members.find_text("code_verifier"),
        members.find_text("redirect_uri"),
        members.find_text("client_id"),
        members.find_text("scope"),
        members.find_text("resource"),
        () if details is None else read_authorization_details(details),
        {name: value for name, value in parameters.items() if name not in known},
    )


def require_token_request(
    request: TokenRequest,
    grant: PreAuthorizedGrant | None,
    *,
    expected_tx_code: str | None,
    server: AuthorizationServer | None = None,
    client_authenticated: bool = False,
) -> None:
    """Refuse a pre-authorised token request that does not fit the grant its code was found under (§6.3).

    `grant` is None where the code is unknown, used, or expired. Codes are compared in constant time; how often a wrong
    transaction code may be tried is the caller's to count. Raises TokenRequestRejected, whose `error` is
    invalid_request, invalid_grant or invalid_client.
    """
    anonymous = request.client_id is None and not client_authenticated
    if server is not None and anonymous and not server.anonymous_pre_authorized:
        raise TokenRequestRejected("a client must say who it is", error="invalid_client")
    if grant is None or not _equal(request.pre_authorized_code, grant.code):
        raise TokenRequestRejected("the code is not good, or no longer", error="invalid_grant")
    if grant.tx_code is None:
        if request.tx_code is not None:
            raise TokenRequestRejected("a transaction code is not expected")
        return
    if request.tx_code is None:
        raise TokenRequestRejected("a transaction code is expected")
    if expected_tx_code is None or not _equal(request.tx_code, expected_tx_code):
        raise TokenRequestRejected("the transaction code is another", error="invalid_grant")


def read_token_response(value: JSON) -> TokenResponse:
    """What the token endpoint gave. Raises MessageRejected, also for an error response, whose code it carries."""
    members = Members.of(value, "", MessageRejected, check_depth=True)
    if "error" in members.values:
        raised = read_error(value)
        raise MessageRejected(raised.error_description or "the server refused", error=raised.error)
    details = members.values.get("authorization_details")
    read = () if details is None else read_authorization_details(details)
    if not all(one.credential_identifiers for one in read):
        members.refuse("credential_identifiers are missing", "authorization_details")
    return TokenResponse(
        members.get_text("access_token", limit=64 * 1024),
        members.get_text("token_type", limit=64),
        members.find_whole("expires_in"),
        members.find_text("refresh_token", limit=64 * 1024),
        members.find_text("scope"),
        read,
    )


def read_error(value: JSON) -> OAuthError:
    """The body of an error response of any endpoint. Raises MessageRejected."""
    members = Members.of(value, "", MessageRejected)
    return OAuthError(members.get_text("error", pattern=_CODE), members.find_text("error_description"))


def read_nonce(value: JSON) -> str:
    """The `c_nonce` of a nonce response. Raises MessageRejected."""
    return Members.of(value, "", MessageRejected).get_text("c_nonce", limit=1024)


def _pre_authorized(members: Members) -> PreAuthorizedGrant:
    wanted = members.find_members("tx_code")
    tx_code = None
    if wanted is not None:
        tx_code = TransactionCode(
            wanted.find_choice("input_mode", ("numeric", "text")),
            wanted.find_whole("length", least=1, most=256),
            wanted.find_text("description", limit=MAX_DESCRIPTION),
        )
    return PreAuthorizedGrant(
        members.get_text("pre-authorized_code", limit=MAX_CODE), tx_code, members.find_text("authorization_server")
    )


def _equal(found: str | None, expected: str) -> bool:
    return found is not None and hmac.compare_digest(found.encode("utf-8", "replace"), expected.encode())
