"""OpenID4VCI 1.0 §12: the metadata of a credential issuer and of its authorization server, and authorization details.

    read_issuer_metadata(value, issuer=url) -> IssuerMetadata          .to_json() writes all of it back
    read_authorization_server(value, issuer=url) -> AuthorizationServer
    read_signed_metadata(token, verify=…, issuer=url, clock=…) -> IssuerMetadata
    well_known(url, ISSUER_SUFFIX) -> where it is fetched

Unknown parameters are kept, unread: `to_json` writes what was read. Display texts are for people and never judged
beyond their kind. Identifiers are compared letter by letter.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from panacea.credentials.requests.claims_path import ClaimsPath, read_claims_path
from panacea.credentials.requests.openid4vp import read_public_jwk
from panacea.credentials.requests.reading import Members
from panacea.credentials.requests.signed import Verify, read_header
from panacea.credentials.requests.types import MessageRejected
from panacea.health.types import JSON
from panacea.primitives.time import Clock, now_seconds

METADATA_TYPE: Final = "openidvci-issuer-metadata+jwt"
OPENID_CREDENTIAL: Final = "openid_credential"
MAX_CONFIGURATIONS: Final = 512
MAX_BATCH: Final = 1000

_METHOD: Final = re.compile(r"jwk|cose_key|did(?::[a-z0-9]+)?|[A-Za-z0-9_.:+-]+")
_W3C: Final = frozenset({"jwt_vc_json", "jwt_vc_json-ld", "ldp_vc", "vc+jwt", "vc+sd-jwt"})


@dataclass(frozen=True, slots=True)
class ClaimDescription:
    """A claim that a credential may hold (Appendix C)."""

    path: ClaimsPath
    mandatory: bool = False
    display: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True)
class ProofType:
    """What an issuer takes as proof of a key; `key_attestations` is what it demands of them, None where nothing."""

    algorithms: tuple[str, ...]
    key_attestations: Mapping[str, tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class CredentialConfiguration:
    """One kind of credential that an issuer issues. `members` is all of it as read."""

    format: str
    members: Mapping[str, JSON] = field(repr=False)
    scope: str | None = None
    signing_algorithms: tuple[str | int, ...] = ()
    binding_methods: tuple[str, ...] = ()
    proof_types: Mapping[str, ProofType] = field(default_factory=dict)
    vct: str | None = None
    doctype: str | None = None
    types: tuple[str, ...] = ()
    contexts: tuple[str, ...] = ()
    claims: tuple[ClaimDescription, ...] = ()
    display: tuple[Mapping[str, JSON], ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The configuration as JSON."""
        return dict(self.members)


@dataclass(frozen=True, slots=True)
class Encryption:
    """How requests or responses are encrypted: `keys` for requests, `algorithms` for responses."""

    enc_values: tuple[str, ...]
    required: bool
    zip_values: tuple[str, ...] = ()
    algorithms: tuple[str, ...] = ()
    keys: tuple[Mapping[str, JSON], ...] = ()


@dataclass(frozen=True, slots=True)
class IssuerMetadata:
    """What a credential issuer says of itself. `members` is all of it as read."""

    credential_issuer: str
    credential_endpoint: str
    configurations: Mapping[str, CredentialConfiguration]
    members: Mapping[str, JSON] = field(repr=False)
    authorization_servers: tuple[str, ...] = ()
    nonce_endpoint: str | None = None
    deferred_credential_endpoint: str | None = None
    notification_endpoint: str | None = None
    request_encryption: Encryption | None = None
    response_encryption: Encryption | None = None
    batch_size: int = 1
    display: tuple[Mapping[str, JSON], ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The metadata as JSON."""
        return dict(self.members)

    def find_configuration(self, id: str) -> CredentialConfiguration | None:
        """The configuration of that id."""
        return self.configurations.get(id)


@dataclass(frozen=True, slots=True)
class AuthorizationServer:
    """The part of RFC 8414 metadata that issuance needs. `members` is all of it as read."""

    issuer: str
    members: Mapping[str, JSON] = field(repr=False)
    token_endpoint: str | None = None
    authorization_endpoint: str | None = None
    pushed_authorization_request_endpoint: str | None = None
    grant_types_supported: tuple[str, ...] = ("authorization_code", "implicit")
    authorization_details_types_supported: tuple[str, ...] = ()
    anonymous_pre_authorized: bool = False

    def to_json(self) -> dict[str, JSON]:
        """The metadata as JSON."""
        return dict(self.members)


@dataclass(frozen=True, slots=True)
class AuthorizationDetail:
    """An authorization detail of type `openid_credential` (§5.1.1); `credential_identifiers` come with a token."""

    credential_configuration_id: str
    locations: tuple[str, ...] = ()
    claims: tuple[ClaimDescription, ...] = ()
    credential_identifiers: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The detail as JSON."""
        detail: dict[str, JSON] = {
            "type": OPENID_CREDENTIAL,
            "credential_configuration_id": self.credential_configuration_id,
        }
        if self.locations:
            detail["locations"] = list(self.locations)
        if self.claims:
            detail["claims"] = [_claim_json(one) for one in self.claims]
        if self.credential_identifiers:
            detail["credential_identifiers"] = list(self.credential_identifiers)
        return detail


def well_known(identifier: str, suffix: str) -> str:
    """Where the metadata of an identifier is: the suffix between host and path. Raises MessageRejected."""
    require_identifier(identifier)
    parts = urlsplit(identifier)
    return f"{parts.scheme}://{parts.netloc}/.well-known/{suffix}{parts.path.rstrip('/')}"


def require_identifier(identifier: JSON) -> str:
    """A credential issuer identifier: an https URL without query and fragment. Raises MessageRejected."""
    if isinstance(identifier, str) and len(identifier) <= 2048 and identifier.isprintable() and " " not in identifier:
        try:
            parts = urlsplit(identifier)
        except ValueError:
            parts = urlsplit("")
        plain = not parts.query and not parts.fragment and not {"?", "#"} & set(identifier)
        if parts.scheme == "https" and parts.hostname and plain and "@" not in parts.netloc:
            return identifier
    raise MessageRejected("an https URL without query and fragment is expected", identifier=identifier)


def read_issuer_metadata(value: JSON, *, issuer: str | None = None) -> IssuerMetadata:
    """The metadata of an issuer, which must be that of `issuer`. Raises MessageRejected."""
    members = Members.of(value, "", MessageRejected, check_depth=True)
    identifier = require_identifier(members.values.get("credential_issuer"))
    if issuer is not None and identifier != issuer:
        raise MessageRejected("the metadata is that of another issuer", credential_issuer=identifier)
    batch = members.find_members("batch_credential_issuance")
    size = batch.find_whole("batch_size", least=2) if batch else 1
    if batch and size is None:
        batch.refuse("a property is missing", "batch_size")
    endpoints = {
        name: members.find_url(name, schemes=("https",))
        for name in ("nonce_endpoint", "deferred_credential_endpoint", "notification_endpoint")
    }
    return IssuerMetadata(
        credential_issuer=identifier,
        credential_endpoint=members.get_url("credential_endpoint", schemes=("https",)),
        configurations=read_configurations(members),
        members=members.values,
        authorization_servers=members.find_texts("authorization_servers") or (),
        request_encryption=_encryption(members.find_members("credential_request_encryption"), request=True),
        response_encryption=_encryption(members.find_members("credential_response_encryption"), request=False),
        batch_size=min(size or 1, MAX_BATCH),
        display=_display(members),
        **endpoints,
    )


def read_configurations(value: JSON | Members) -> dict[str, CredentialConfiguration]:
    """The `credential_configurations_supported` of an object that has them. Raises MessageRejected."""
    members = value if isinstance(value, Members) else Members.of(value, "", MessageRejected, check_depth=True)
    supported = members.get_members("credential_configurations_supported")
    if len(supported.values) > MAX_CONFIGURATIONS:
        supported.refuse(f"more than {MAX_CONFIGURATIONS} configurations")
    return {name: _configuration(supported.get_members(name)) for name in supported.values}


def read_signed_metadata(token: str, *, verify: Verify, issuer: str, clock: Clock) -> IssuerMetadata:
    """Metadata in a JWT (§12.2.3), signed by somebody whom `verify` trusts for it. Raises MessageRejected."""
    if read_header(token, MessageRejected).get("typ") != METADATA_TYPE:
        raise MessageRejected(f"typ is not {METADATA_TYPE}")
    claims = Members.of(verify(token).claims, "", MessageRejected)
    now = now_seconds(clock)
    issued, expires = claims.find_whole("iat"), claims.find_whole("exp")
    if issued is None or (expires is not None and expires <= now):
        raise MessageRejected("it has no iat, or has expired")
    if claims.get_text("sub") != issuer:
        raise MessageRejected("the metadata is about another issuer", sub=claims.values["sub"])
    dropped = {"iss", "sub", "iat", "exp", "nbf", "jti", "aud"}
    return read_issuer_metadata(
        {name: one for name, one in claims.values.items() if name not in dropped}, issuer=issuer
    )


def read_authorization_server(value: JSON, *, issuer: str | None = None) -> AuthorizationServer:
    """Metadata of an authorization server (RFC 8414 with §12.3). Raises MessageRejected."""
    members = Members.of(value, "", MessageRejected, check_depth=True)
    identifier = require_identifier(members.values.get("issuer"))
    if issuer is not None and identifier != issuer:
        raise MessageRejected("the metadata is that of another server", issuer=identifier)
    https = ("https",)
    return AuthorizationServer(
        identifier,
        members.values,
        members.find_url("token_endpoint", schemes=https),
        members.find_url("authorization_endpoint", schemes=https),
        members.find_url("pushed_authorization_request_endpoint", schemes=https),
        members.find_texts("grant_types_supported", least=0) or ("authorization_code", "implicit"),
        members.find_texts("authorization_details_types_supported", least=0) or (),
        members.find_flag("pre-authorized_grant_anonymous_access_supported") or False,
    )


def read_authorization_details(value: JSON) -> tuple[AuthorizationDetail, ...]:
    """The details of type `openid_credential` in an `authorization_details` list; others are left to others.

    Raises MessageRejected.
    """
    if not isinstance(value, list) or not 0 < len(value) <= MAX_CONFIGURATIONS:
        raise MessageRejected("a list of authorization details is expected", error="invalid_authorization_details")
    found = []
    for index, one in enumerate(value):
        members = Members.of(one, f"authorization_details[{index}]", MessageRejected, check_depth=True)
        if members.get_text("type") != OPENID_CREDENTIAL:
            continue
        found.append(
            AuthorizationDetail(
                members.get_text("credential_configuration_id"),
                members.find_texts("locations") or (),
                members.find_each("claims", _claim, least=1) or (),
                members.find_texts("credential_identifiers", unique=True) or (),
            )
        )
    return tuple(found)


def _configuration(members: Members) -> CredentialConfiguration:
    container = members.get_text("format")
    methods = members.find_texts("cryptographic_binding_methods_supported") or ()
    if not all(_METHOD.fullmatch(one) for one in methods):
        members.refuse("names of binding methods are expected", "cryptographic_binding_methods_supported")
    algorithms = members.find_list("credential_signing_alg_values_supported", least=1) or []
    if not all(type(one) in {str, int} for one in algorithms):
        members.refuse("names or numbers are expected", "credential_signing_alg_values_supported")
    shown = members.find_members("credential_metadata")
    definition = members.find_members("credential_definition") if container in _W3C else None
    types = definition.get_texts("type") if definition else ()
    contexts = definition.find_list("@context", least=1) if definition else None
    if container == "dc+sd-jwt":
        members.get_text("vct")
    if container == "mso_mdoc":
        members.get_text("doctype")
    return CredentialConfiguration(
        container,
        members.values,
        members.find_text("scope"),
        tuple(algorithms),
        methods,
        _proof_types(members.find_members("proof_types_supported")),
        members.find_text("vct"),
        members.find_text("doctype"),
        types,
        tuple(one for one in contexts or () if isinstance(one, str)),
        (shown.find_each("claims", _claim, least=1) or ()) if shown else (),
        _display(shown) if shown else (),
    )


def _proof_types(members: Members | None) -> dict[str, ProofType]:
    found = {}
    for name in members.values if members else ():
        one = members.get_members(name) if members else Members({}, "", MessageRejected)
        demanded = one.find_members("key_attestations_required")
        attested = None
        if demanded is not None:
            known = ("key_storage", "user_authentication")
            attested = {word: demanded.get_texts(word) for word in known if word in demanded.values}
        found[name] = ProofType(one.get_texts("proof_signing_alg_values_supported"), attested)
    return found


def _claim(members: Members) -> ClaimDescription:
    return ClaimDescription(
        read_claims_path(members.values.get("path"), f"{members.at}.path", MessageRejected),
        members.find_flag("mandatory") or False,
        _display(members),
    )


def _claim_json(claim: ClaimDescription) -> dict[str, JSON]:
    written: dict[str, JSON] = {"path": list(claim.path)}
    if claim.mandatory:
        written["mandatory"] = True
    if claim.display:
        written["display"] = [dict(one) for one in claim.display]
    return written


def _display(members: Members) -> tuple[Mapping[str, JSON], ...]:
    """Display properties: one object for each language."""
    shown = members.find_each("display", _shown, least=1) or ()
    locales = [one["locale"] for one in shown if "locale" in one]
    if len(set(locales)) != len(locales):
        members.refuse("one language stands twice", "display")
    return shown


def _shown(members: Members) -> Mapping[str, JSON]:
    members.find_words("name")
    members.find_text("locale", limit=64)
    for name in ("logo", "background_image"):
        image = members.find_members(name)
        if image is not None:
            image.find_text("uri", limit=1024 * 1024)
    return members.values


def _encryption(members: Members | None, *, request: bool) -> Encryption | None:
    if members is None:
        return None
    required = members.find_flag("encryption_required")
    if required is None:
        members.refuse("a property is missing", "encryption_required")
    keys = members.get_members("jwks").get_each("keys", read_public_jwk) if request else ()
    return Encryption(
        members.get_texts("enc_values_supported"),
        required,
        members.find_texts("zip_values_supported") or (),
        () if request else members.get_texts("alg_values_supported"),
        keys,
    )
