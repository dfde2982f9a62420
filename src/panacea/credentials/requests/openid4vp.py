"""OpenID4VP 1.0, the request: read, checked and written, whichever way it travels. Answers: `vp_responses`.

    wallet    read_invocation(url) -> Invocation            what a link or QR code carries
              read_request(parameters) -> AuthorizationRequest                       an unsigned request
              read_request_object(token, verify=…) -> AuthorizationRequest           a signed one
              read_dc_request(protocol, data, origin=…, verify=…)                    the Digital Credentials API
    verifier  AuthorizationRequest(…).to_json(), .to_url(endpoint), read_wallet_post(form)

Unknown parameters are ignored, as §5 demands, except transaction data of an unknown type. Every refusal is a
MessageRejected whose `error` is the OAuth code to answer with. A request says of itself who asked (`client`), whether
that was signed, and for whom a presentation is made (`audience`).
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from panacea.credentials.formats import base64url
from panacea.credentials.formats.types import FormatRejected
from panacea.credentials.requests.client_identifiers import (
    REDIRECT_URI,
    VERIFIER_ATTESTATION,
    ClientIdentifier,
    read_client_identifier,
    require_attestation,
    require_signed_client,
    require_unsigned_client,
)
from panacea.credentials.requests.dcql import Query, read_query
from panacea.credentials.requests.reading import Members, present
from panacea.credentials.requests.signed import (
    SignedJWT,
    Verify,
    form_members,
    parse_form,
    parse_message,
    read_header,
    to_form,
)
from panacea.credentials.requests.types import (
    MessageRejected,
    QueryRejected,
    RequestObjectRejected,
    TransactionDataRejected,
)
from panacea.credentials.requests.wallet import Held
from panacea.health.strict_json import to_json
from panacea.health.types import JSON
from panacea.primitives.time import Clock, now_seconds

REQUEST_OBJECT_TYPE: Final = "oauth-authz-req+jwt"
STATIC_AUDIENCE: Final = "https://self-issued.me/v2"
RESPONSE_MODES: Final = ("fragment", "direct_post", "direct_post.jwt", "dc_api", "dc_api.jwt")
RESPONSE_TYPES: Final = ("vp_token", "vp_token id_token", "code")
DC_PROTOCOLS: Final = ("openid4vp-v1-unsigned", "openid4vp-v1-signed", "openid4vp-v1-multisigned")
DEFAULT_ENC: Final = "A128GCM"

_URL_SAFE: Final = re.compile(r"[A-Za-z0-9._~-]{1,2048}", re.ASCII)
_OBJECTS: Final = frozenset({"dcql_query", "client_metadata", "transaction_data", "verifier_info", "expected_origins"})
_SECURED_BY: Final = (
    "alg_values", "sd-jwt_alg_values", "issuerauth_alg_values", "proof_type_values", "cryptosuite_values",
)  # fmt: skip
_NOT_OVER_API: Final = frozenset({"redirect_uri", "response_uri", "state", "scope", "wallet_nonce"})
_HASHES: Final = {"sha-256": hashlib.sha256, "sha-384": hashlib.sha384, "sha-512": hashlib.sha512}

VerifyAny = Callable[["str | dict[str, Any]"], SignedJWT]  # Any: a JWS in JSON
"""As `Verify`; for multi-signed requests it gets the JWS as JSON and gives the header of the signature it believed."""


@dataclass(frozen=True, slots=True)
class ClientMetadata:
    """What a verifier says of itself: keys to encrypt to, and per format what it takes, unread."""

    vp_formats_supported: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict)
    jwks: tuple[Mapping[str, JSON], ...] = ()
    encrypted_response_enc_values_supported: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The metadata as JSON."""
        return present(
            vp_formats_supported={name: dict(one) for name, one in self.vp_formats_supported.items()} or None,
            jwks={"keys": [dict(one) for one in self.jwks]} if self.jwks else None,
            encrypted_response_enc_values_supported=list(self.encrypted_response_enc_values_supported) or None,
        )

    def takes(self, held: Held) -> bool:
        """Whether the verifier takes a credential's format and what secures it (Appendix B); all, where it says none.

        A wallet with nothing that is taken answers `vp_formats_not_supported`.
        """
        if not self.vp_formats_supported:
            return True
        wanted = self.vp_formats_supported.get(held.format)
        if wanted is None:
            return False
        lists = [wanted[name] for name in _SECURED_BY if name in wanted]
        return all(held.algorithms & {str(one) for one in listed} for listed in lists)

    def choose_key(self, supported: Mapping[str, Set[str]]) -> tuple[Mapping[str, JSON], str] | None:
        """The first key to encrypt a response to, and the content encryption, None where there is none.

        `supported` maps each JWE `alg` to the curves that the wallet does, and "enc" to content encryptions.
        """
        offered = self.encrypted_response_enc_values_supported or (DEFAULT_ENC,)
        enc = next((one for one in offered if one in supported.get("enc", set())), None)
        for key in self.jwks:
            if enc and key.get("use", "enc") == "enc" and key.get("crv") in supported.get(str(key.get("alg")), set()):
                return key, enc
        return None


@dataclass(frozen=True, slots=True)
class TransactionData:
    """One entry of `transaction_data`: `encoded` as it came, which is what is hashed."""

    encoded: str
    type: str
    credential_ids: tuple[str, ...]
    members: Mapping[str, JSON] = field(repr=False)
    hash_algorithms: tuple[str, ...] = ("sha-256",)

    def digest(self, algorithm: str = "sha-256") -> str:
        """The entry of `transaction_data_hashes` in a Key Binding JWT (Appendix B.3.3.1), in base64url."""
        if algorithm not in _HASHES or algorithm not in self.hash_algorithms:
            raise TransactionDataRejected("a hash function that was not offered, or is not known", algorithm=algorithm)
        return base64url.encode(_HASHES[algorithm](self.encoded.encode()).digest())


@dataclass(frozen=True, slots=True)
class VerifierInfo:
    """An attestation about the verifier, unread."""

    format: str
    data: JSON = field(repr=False)
    credential_ids: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """The attestation as JSON."""
        return present(format=self.format, data=self.data, credential_ids=list(self.credential_ids) or None)


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """A request for presentations; whoever builds one is held to the same rules as whoever reads one.

    `signed` says that a signature by `client` was verified. `origin` is that of a page, for the Digital Credentials
    API.
    """

    nonce: str
    query: Query | None = None
    client: ClientIdentifier | None = None
    response_type: str = "vp_token"
    response_mode: str = "fragment"
    redirect_uri: str | None = None
    response_uri: str | None = None
    state: str | None = None
    scope: str | None = None
    client_metadata: ClientMetadata | None = None
    transaction_data: tuple[TransactionData, ...] = ()
    verifier_info: tuple[VerifierInfo, ...] = ()
    expected_origins: tuple[str, ...] = ()
    wallet_nonce: str | None = None
    signed: bool = False
    origin: str | None = None

    def __post_init__(self) -> None:
        """Refuse a request that contradicts itself (§5, §5.3, §8.2, Appendix A.2)."""
        _require_sound(self)

    @property
    def over_api(self) -> bool:
        """Whether the answer goes through the Digital Credentials API."""
        return self.response_mode.startswith("dc_api")

    @property
    def encrypted(self) -> bool:
        """Whether the answer must be encrypted."""
        return self.response_mode.endswith(".jwt")

    @property
    def target(self) -> str | None:
        """The URI that the answer goes to: `response_uri`, `redirect_uri`, or what the client identifier says."""
        implied = self.client.original if self.client and self.client.prefix == REDIRECT_URI else None
        return self.response_uri or self.redirect_uri or implied

    @property
    def audience(self) -> str:
        """For whom presentations are made: the full client identifier, or the origin over the API (A.4)."""
        if self.over_api:
            if self.origin is None:
                raise MessageRejected("over the API a presentation is made for an origin, and none is known")
            return f"origin:{self.origin}"
        if self.client is None:
            raise MessageRejected("nobody is named that a presentation could be made for")
        return self.client.full

    def to_json(self) -> dict[str, JSON]:
        """The parameters as members of JSON: the payload of a request object, or `data` for the API."""
        return present(
            response_type=self.response_type,
            client_id=self.client.full if self.client else None,
            response_mode=self.response_mode,
            redirect_uri=self.redirect_uri,
            response_uri=self.response_uri,
            nonce=self.nonce,
            state=self.state,
            scope=self.scope,
            dcql_query=self.query.to_json() if self.query else None,
            client_metadata=self.client_metadata.to_json() if self.client_metadata else None,
            transaction_data=[one.encoded for one in self.transaction_data] or None,
            verifier_info=[one.to_json() for one in self.verifier_info] or None,
            expected_origins=list(self.expected_origins) or None,
            wallet_nonce=self.wallet_nonce,
        )

    def to_claims(self, audience: str = STATIC_AUDIENCE) -> dict[str, JSON]:
        """The claims of a request object, to be signed with `typ` oauth-authz-req+jwt (§5.8)."""
        return {"aud": audience, **self.to_json()}

    def to_url(self, endpoint: str = "openid4vp://") -> str:
        """An unsigned request as a link to a wallet's authorization endpoint."""
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{to_form(self.to_json())}"


@dataclass(frozen=True, slots=True)
class Invocation:
    """What a link to a wallet carries: parameters, a request object, or where to get one and how."""

    client_id: str | None
    parameters: Mapping[str, JSON] | None = None
    request: str | None = None
    request_uri: str | None = None
    request_uri_method: str = "get"


@dataclass(frozen=True, slots=True)
class WalletPost:
    """What a wallet posts to a request URI (§5.10)."""

    wallet_nonce: str | None = None
    wallet_metadata: Mapping[str, JSON] | None = None

    def to_form(self) -> str:
        """The body of the post."""
        metadata = None if self.wallet_metadata is None else dict(self.wallet_metadata)
        return to_form(present(wallet_nonce=self.wallet_nonce, wallet_metadata=metadata))


def read_invocation(url: str) -> Invocation:
    """What a link or QR code says. Raises MessageRejected."""
    if not isinstance(url, str) or len(url) > 64 * 1024:
        raise MessageRejected("a link of at most 65,536 characters is expected")
    parameters = parse_form(url.partition("?")[2].partition("#")[0])
    members = Members.of(parameters, "", MessageRejected)
    client_id = members.find_text("client_id")
    request, uri = members.find_text("request", limit=64 * 1024), members.find_url("request_uri", schemes=("https",))
    if request is not None and uri is not None:
        raise MessageRejected("either request or request_uri is expected")
    method = parameters.get("request_uri_method")
    if method is not None and uri is None:
        raise MessageRejected("request_uri_method without request_uri")
    if method not in {None, "get", "post"}:
        raise MessageRejected("neither get nor post", error="invalid_request_uri_method", method=method)
    if request is None and uri is None:
        return Invocation(client_id, form_members(parameters, _OBJECTS, MessageRejected))
    if client_id is None:
        raise MessageRejected("client_id is missing")
    return Invocation(client_id, None, request, uri, method or "get")


def read_wallet_post(form: bytes | str) -> WalletPost:
    """What a wallet posts to a verifier's request URI. Raises MessageRejected."""
    parameters = parse_form(form)
    members = Members.of(parameters, "", MessageRejected)
    metadata = members.find_text("wallet_metadata", limit=64 * 1024)
    read = None if metadata is None else Members.of(parse_message(metadata, MessageRejected), "", MessageRejected)
    return WalletPost(members.find_text("wallet_nonce", limit=512), None if read is None else read.values)


def read_request(
    parameters: JSON, *, transaction_types: Set[str] | None = frozenset(), origin: str | None = None
) -> AuthorizationRequest:
    """An unsigned request from its parameters, as members of JSON.

    `transaction_types` are the types of transaction data that the reader understands; None takes any, which is for
    verifiers. With an `origin` it came over the API, where client and expected origins are ignored. Raises
    MessageRejected, ClientIdentifierRejected, TransactionDataRejected.
    """
    request = _read(parameters, transaction_types)
    if request.over_api:
        return replace(request, client=None, expected_origins=(), origin=origin)
    if request.client is None:
        raise MessageRejected("client_id is missing")
    require_unsigned_client(request.client, request.target)
    return request


def read_request_object(
    token: str,
    *,
    verify: Verify,
    client_id: str | None = None,
    wallet_nonce: str | None = None,
    transaction_types: Set[str] | None = frozenset(),
    free_target: bool = False,
    attest: Verify | None = None,
    clock: Clock | None = None,
) -> AuthorizationRequest:
    """A signed request. `verify` must use, and trust, the key that the client's prefix says (`client_identifiers`).

    `client_id` is that of the link which led here, `wallet_nonce` what was posted for it; both must stand in the
    object. `attest` and `clock` are needed for verifier attestations, and `SignedJWT.key` then. An expiry is judged
    where there is a `clock`. `free_target` lets an x509_san_dns client choose its URI. Raises RequestObjectRejected,
    ClientIdentifierRejected, MessageRejected, and what `verify` raises.
    """
    if read_header(token, RequestObjectRejected).get("typ") != REQUEST_OBJECT_TYPE:
        raise RequestObjectRejected(f"typ is not {REQUEST_OBJECT_TYPE}")
    signed = verify(token)
    request = _from_signed(signed, transaction_types, clock)
    client = request.client
    if client is None or (client_id is not None and client_id != client.full):
        raise RequestObjectRejected("the client is not that of the link", client_id=client.full if client else None)
    if wallet_nonce is not None and request.wallet_nonce != wallet_nonce:
        raise RequestObjectRejected("wallet_nonce does not come back")
    _require_client(client, signed, request, free_target=free_target, attest=attest, clock=clock)
    return replace(request, signed=True)


def read_dc_request(
    protocol: str,
    data: JSON,
    *,
    origin: str,
    verify: VerifyAny | None = None,
    transaction_types: Set[str] | None = frozenset(),
    attest: Verify | None = None,
    clock: Clock | None = None,
) -> AuthorizationRequest:
    """A request that came through the Digital Credentials API from a page of `origin` (Appendix A).

    Raises RequestObjectRejected where a signed request was not meant for that origin, and as `read_request_object`.
    """
    if protocol not in DC_PROTOCOLS:
        raise MessageRejected("a protocol that is not known here", protocol=protocol)
    if protocol == DC_PROTOCOLS[0]:
        request = read_request(data, transaction_types=transaction_types, origin=origin)
        if not request.over_api:
            raise MessageRejected("the response mode is not for the API", response_mode=request.response_mode)
        return request
    if verify is None:
        raise MessageRejected("signed requests are not taken here")
    members = Members.of(data, "", RequestObjectRejected, check_depth=True)
    token: str | dict[str, Any]  # Any: JSON
    if protocol == DC_PROTOCOLS[1]:
        token = members.get_text("request", limit=1024 * 1024)
        if read_header(token, RequestObjectRejected).get("typ") != REQUEST_OBJECT_TYPE:
            raise RequestObjectRejected(f"typ is not {REQUEST_OBJECT_TYPE}")
        signed = verify(token)
    else:
        inner = members.values.get("request", members.values)
        token = dict(Members.of(inner, "request", RequestObjectRejected).values)
        signed = verify(token)
        named = {name: signed.header[name] for name in ("client_id", "verifier_info") if name in signed.header}
        if {"client_id", "verifier_info"} & signed.claims.keys():
            raise RequestObjectRejected("client_id belongs into the protected header")
        signed = SignedJWT(signed.header, {**signed.claims, **named})
    request = _from_signed(signed, transaction_types, clock)
    if not request.over_api or request.client is None:
        raise RequestObjectRejected("no client, or a response mode that is not for the API")
    if origin not in request.expected_origins:
        raise RequestObjectRejected("the request is for pages of other origins", origin=origin)
    _require_client(request.client, signed, request, free_target=True, attest=attest, clock=clock)
    return replace(request, signed=True, origin=origin)


def read_client_metadata(value: JSON) -> ClientMetadata:
    """The `client_metadata` of a verifier. Raises MessageRejected."""
    members = Members.of(value, "client_metadata", MessageRejected, check_depth=True)
    formats = members.find_members("vp_formats_supported")
    found: dict[str, Mapping[str, JSON]] = {}
    for name in formats.values if formats else ():
        found[name] = _format(formats.get_members(name)) if formats else {}
    keys = members.find_members("jwks")
    jwks = keys.get_each("keys", read_public_jwk, least=0) if keys else ()
    kids = [one.get("kid") for one in jwks]
    if len(set(kids)) != len(kids) or not all(isinstance(kid, str) for kid in kids):
        members.refuse("each key has a kid of its own", "jwks")
    return ClientMetadata(found, jwks, members.find_texts("encrypted_response_enc_values_supported") or ())


def read_public_jwk(members: Members) -> Mapping[str, JSON]:
    """A JSON Web Key without any private part; it is not judged further."""
    members.get_text("kty")
    if {"d", "p", "q", "dp", "dq", "qi", "oth", "k"} & members.values.keys():
        members.refuse("a key that should have stayed private")
    return dict(members.values)


def read_transaction_data(
    encoded: JSON, query: Query | None, types: Set[str] | None, at: str = "transaction_data"
) -> TransactionData:
    """One entry of `transaction_data`. Raises TransactionDataRejected."""
    if not isinstance(encoded, str) or not 0 < len(encoded) <= 64 * 1024:
        raise TransactionDataRejected("a text is expected", at=at)
    try:
        value = parse_message(base64url.decode(encoded), TransactionDataRejected)
    except FormatRejected as error:
        raise TransactionDataRejected("not base64url", at=at) from error
    members = Members.of(value, at, TransactionDataRejected)
    kind = members.get_text("type")
    if types is not None and kind not in types:
        raise TransactionDataRejected("a type that is not known here", type=kind)
    ids = members.get_texts("credential_ids")
    if query is not None and not all(query.find_credential(one) for one in ids):
        raise TransactionDataRejected("it is for a credential that is not asked for", credential_ids=ids)
    hashes = members.find_texts("transaction_data_hashes_alg") or ("sha-256",)
    return TransactionData(encoded, kind, ids, members.values, hashes)


def write_transaction_data(members: Mapping[str, JSON]) -> str:
    """An entry of `transaction_data` for its members, `type` and `credential_ids` among them."""
    encoded = base64url.encode(to_json(dict(members)))
    read_transaction_data(encoded, None, None)
    return encoded


def _read(parameters: JSON, transaction_types: Set[str] | None) -> AuthorizationRequest:
    members = Members.of(parameters, "", MessageRejected, check_depth=True)
    try:
        query = read_query(members.values["dcql_query"]) if "dcql_query" in members.values else None
    except QueryRejected as error:
        raise MessageRejected(str(error)) from error
    mode = members.find_text("response_mode") or "fragment"
    if mode.startswith("dc_api"):
        # Over the API these parameters are not defined, and what is not defined is ignored (Appendix A.2).
        others = {name: one for name, one in members.values.items() if name not in _NOT_OVER_API}
        members = Members(others, "", MessageRejected)
    client_id = members.find_text("client_id")
    data = members.find_list("transaction_data", least=1, most=64) or []
    metadata = members.values.get("client_metadata")
    return AuthorizationRequest(
        nonce=members.get_text("nonce", pattern=_URL_SAFE),
        query=query,
        client=None if client_id is None else read_client_identifier(client_id),
        response_type=members.get_text("response_type"),
        response_mode=mode,
        redirect_uri=members.find_url("redirect_uri"),
        response_uri=members.find_url("response_uri"),
        state=members.find_text("state", pattern=_URL_SAFE),
        scope=members.find_text("scope"),
        client_metadata=None if metadata is None else read_client_metadata(metadata),
        transaction_data=tuple(read_transaction_data(one, query, transaction_types) for one in data),
        verifier_info=members.find_each("verifier_info", _verifier_info, least=1, most=64) or (),
        expected_origins=members.find_texts("expected_origins") or (),
        wallet_nonce=members.find_text("wallet_nonce"),
    )


def _from_signed(signed: SignedJWT, transaction_types: Set[str] | None, clock: Clock | None) -> AuthorizationRequest:
    if {"request", "request_uri"} & signed.claims.keys():
        raise RequestObjectRejected("a request object within a request object")
    expires = Members.of(signed.claims, "", RequestObjectRejected).find_whole("exp")
    if clock is not None and expires is not None and expires <= now_seconds(clock):
        raise RequestObjectRejected("it has expired", exp=expires)
    return _read(signed.claims, transaction_types)


def _require_client(
    client: ClientIdentifier,
    signed: SignedJWT,
    request: AuthorizationRequest,
    *,
    free_target: bool,
    attest: Verify | None,
    clock: Clock | None,
) -> None:
    target = None if request.over_api else request.target
    require_signed_client(client, signed.header, target, free_target=free_target)
    if client.prefix != VERIFIER_ATTESTATION:
        return
    if attest is None or clock is None:
        raise RequestObjectRejected("verifier attestations are not taken here")
    require_attestation(client, signed, target, attest=attest, clock=clock)


def _require_sound(request: AuthorizationRequest) -> None:
    if request.response_type not in RESPONSE_TYPES:
        raise MessageRejected("a response type that is not known here", response_type=request.response_type)
    if request.response_mode not in RESPONSE_MODES:
        raise MessageRejected("a response mode that is not known here", response_mode=request.response_mode)
    if not _URL_SAFE.fullmatch(request.nonce) or not _URL_SAFE.fullmatch(request.state or "-"):
        raise MessageRejected("nonce and state are letters and digits that are safe in a URL")
    if (request.query is None) == (request.scope is None):
        raise MessageRejected("either dcql_query or scope is expected")
    if request.query is not None and request.query.needs_state and request.state is None and not request.over_api:
        raise MessageRejected("without holder binding a request has a state")
    if request.response_mode.startswith("direct_post"):
        if request.redirect_uri is not None:
            raise MessageRejected("redirect_uri does not go with direct_post")
        if request.target is None or _scheme(request.target) != "https":
            raise MessageRejected("an https response_uri is missing")
    elif request.response_uri is not None:
        raise MessageRejected("response_uri goes with direct_post alone")
    if request.encrypted and not (request.client_metadata and request.client_metadata.jwks):
        # A client that registered before may have keys elsewhere; anybody else says them here.
        registered = request.client is not None and request.client.prefix == "pre-registered"
        if not registered:
            raise MessageRejected("there is no key to encrypt the answer to")


def _scheme(uri: str) -> str:
    try:
        return urlsplit(uri).scheme.lower()
    except ValueError:
        return ""


def _verifier_info(members: Members) -> VerifierInfo:
    data = members.values.get("data")
    if not isinstance(data, str | dict):
        members.refuse("a text or an object is expected", "data")
    return VerifierInfo(members.get_text("format"), data, members.find_texts("credential_ids") or ())


def _format(members: Members) -> Mapping[str, JSON]:
    """What is taken of one format: lists that are not empty, of texts or numbers."""
    for name, value in members.values.items():
        if name.endswith("_values") and not (
            isinstance(value, list) and value and all(type(one) in {str, int} for one in value)
        ):
            members.refuse("a list of names is expected", name)
    return dict(members.values)
