"""OpenID4VCI 1.0 §8 to §11: requests and responses of the credential, deferred and notification endpoints.

    issuer    read_credential_request(value) -> CredentialRequest
              require_request(request, metadata, token) -> CredentialConfiguration      unknown ones by error code
              key_proofs.verify_key_proofs(request, …)                                  the keys to bind to
              CredentialResponse(credentials=(…,)).to_json(), status()                  200, or 202 when deferred
              read_deferred_request(value), read_notification(value)
    wallet    CredentialRequest(…).to_json(), read_credential_response(value, status=…)

Unknown parameters are ignored, as the specification demands. The older parameters `format`, `proof` and the like have
no meaning in 1.0: a request that has nothing else is refused for what it lacks.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.requests.issuer_metadata import (
    AuthorizationDetail,
    CredentialConfiguration,
    IssuerMetadata,
)
from panacea.credentials.requests.openid4vp import read_public_jwk
from panacea.credentials.requests.reading import Members, present
from panacea.credentials.requests.types import CredentialRequestRejected, MessageRejected
from panacea.health.types import JSON

PROOF_TYPES: Final = ("jwt", "di_vp", "attestation")
EVENTS: Final = ("credential_accepted", "credential_failure", "credential_deleted")
MAX_PROOFS: Final = 1000
MAX_JWT: Final = 64 * 1024
MAX_CREDENTIAL: Final = 4 * 1024 * 1024

_PLAIN_WORDS: Final = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]{1,2048}")


@dataclass(frozen=True, slots=True)
class ResponseEncryption:
    """How a wallet wants its response encrypted: to `jwk`, whose `alg` is the key management, with `enc`."""

    jwk: Mapping[str, JSON]
    enc: str
    zip: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The object as JSON."""
        return present(jwk=dict(self.jwk), enc=self.enc, zip=self.zip)


@dataclass(frozen=True, slots=True)
class Proofs:
    """Proofs of one type, unverified: JWTs, or presentations for di_vp."""

    type: str
    values: tuple[JSON, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CredentialRequest:
    """A request for credentials of one configuration, or of one dataset that came with the token."""

    credential_configuration_id: str | None = None
    credential_identifier: str | None = None
    proofs: Proofs | None = None
    response_encryption: ResponseEncryption | None = None

    def to_json(self) -> dict[str, JSON]:
        """The body of the request."""
        return present(
            credential_configuration_id=self.credential_configuration_id,
            credential_identifier=self.credential_identifier,
            proofs={self.proofs.type: list(self.proofs.values)} if self.proofs else None,
            credential_response_encryption=self.response_encryption.to_json() if self.response_encryption else None,
        )


@dataclass(frozen=True, slots=True)
class CredentialResponse:
    """Credentials, each a text or an object; or a transaction to ask about again after `interval` seconds."""

    credentials: tuple[JSON, ...] = field(default=(), repr=False)
    transaction_id: str | None = None
    interval: int | None = None
    notification_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse a response that is neither, or both; MessageRejected."""
        deferred = self.transaction_id is not None
        if bool(self.credentials) == deferred or deferred != (self.interval is not None):
            raise MessageRejected("either credentials, or a transaction with its interval, is expected")
        if deferred and self.notification_id is not None:
            raise MessageRejected("there is nothing yet to notify about")

    @property
    def status(self) -> int:
        """The HTTP status that goes with it."""
        return 200 if self.credentials else 202

    def to_json(self) -> dict[str, JSON]:
        """The body of the response."""
        return present(
            credentials=[{"credential": one} for one in self.credentials] or None,
            transaction_id=self.transaction_id,
            interval=self.interval,
            notification_id=self.notification_id,
        )


@dataclass(frozen=True, slots=True)
class DeferredRequest:
    """A wallet asks again for what was deferred."""

    transaction_id: str
    response_encryption: ResponseEncryption | None = None

    def to_json(self) -> dict[str, JSON]:
        """The body of the request."""
        encryption = self.response_encryption.to_json() if self.response_encryption else None
        return present(transaction_id=self.transaction_id, credential_response_encryption=encryption)


@dataclass(frozen=True, slots=True)
class Notification:
    """What became of credentials in a wallet."""

    notification_id: str
    event: str
    event_description: str | None = None

    def to_json(self) -> dict[str, JSON]:
        """The body of the request."""
        return present(notification_id=self.notification_id, event=self.event, event_description=self.event_description)


def read_credential_request(value: JSON) -> CredentialRequest:
    """A request to the credential endpoint. Raises CredentialRequestRejected."""
    members = Members.of(value, "", CredentialRequestRejected, check_depth=True)
    configuration = members.find_text("credential_configuration_id")
    identifier = members.find_text("credential_identifier")
    if (configuration is None) == (identifier is None):
        raise CredentialRequestRejected("either credential_configuration_id or credential_identifier is expected")
    proofs = members.find_members("proofs")
    return CredentialRequest(
        configuration,
        identifier,
        None if proofs is None else _proofs(proofs),
        _encryption(members.find_members("credential_response_encryption")),
    )


def require_request(
    request: CredentialRequest,
    metadata: IssuerMetadata,
    *,
    granted: Sequence[AuthorizationDetail] = (),
    configurations: Sequence[str] = (),
    encrypted: bool = False,
) -> tuple[str, CredentialConfiguration]:
    """The configuration that a request asks for, by its id, where its access token covers it (§8.2, §8.3.1).

    `granted` are the authorization details that went out with the token, `configurations` what it is good for without
    them. `encrypted` says that the request came encrypted. Raises CredentialRequestRejected, whose `error` is the code.
    """
    if request.credential_identifier is not None:
        found = next((one for one in granted if request.credential_identifier in one.credential_identifiers), None)
        if found is None:
            raise CredentialRequestRejected(
                "the token knows no such dataset", error="unknown_credential_identifier",
                credential_identifier=request.credential_identifier,
            )  # fmt: skip
        id = found.credential_configuration_id  # noqa: A001  # the word of the wire
    else:
        id = request.credential_configuration_id or ""  # noqa: A001  # the word of the wire
        if any(one.credential_identifiers for one in granted):
            raise CredentialRequestRejected("with this token a credential_identifier is expected")
    configuration = metadata.find_configuration(id)
    if configuration is None or (request.credential_identifier is None and id not in configurations):
        raise CredentialRequestRejected(
            "not a configuration that can be asked for", error="unknown_credential_configuration",
            credential_configuration_id=id,
        )  # fmt: skip
    _require_proofs(request, configuration, metadata)
    _require_encryption(request, metadata, encrypted=encrypted)
    return id, configuration


def read_credential_response(value: JSON, *, status: int | None = None) -> CredentialResponse:
    """What a credential or deferred endpoint gave, with its HTTP status where it is known. Raises MessageRejected."""
    members = Members.of(value, "", MessageRejected, check_depth=True)
    credentials = members.find_each("credentials", _credential, least=1, most=MAX_PROOFS) or ()
    response = CredentialResponse(
        credentials,
        members.find_text("transaction_id"),
        members.find_whole("interval", least=1),
        members.find_text("notification_id"),
    )
    if status is not None and status != response.status:
        raise MessageRejected("the status does not go with it", status=status)
    return response


def read_deferred_request(value: JSON) -> DeferredRequest:
    """A request to the deferred endpoint; an unknown transaction is refused as `invalid_transaction_id` by the caller.

    Raises CredentialRequestRejected.
    """
    members = Members.of(value, "", CredentialRequestRejected, check_depth=True)
    encryption = _encryption(members.find_members("credential_response_encryption"))
    return DeferredRequest(members.get_text("transaction_id"), encryption)


def read_notification(value: JSON) -> Notification:
    """A request to the notification endpoint. Raises CredentialRequestRejected as `invalid_notification_request`."""
    try:
        members = Members.of(value, "", CredentialRequestRejected)
        event = members.find_choice("event", EVENTS)
        if event is None:
            members.refuse("a property is missing", "event")
        described = members.find_text("event_description", pattern=_PLAIN_WORDS)
        return Notification(members.get_text("notification_id"), event, described)
    except CredentialRequestRejected as error:
        raise CredentialRequestRejected(str(error), error="invalid_notification_request") from error


def _proofs(members: Members) -> Proofs:
    if len(members.values) != 1:
        raise CredentialRequestRejected("proofs are of exactly one type", error="invalid_proof")
    name = next(iter(members.values))
    if name not in PROOF_TYPES:
        raise CredentialRequestRejected("a proof type that is not known here", error="invalid_proof", type=name)
    values = members.find_list(name, least=1, most=MAX_PROOFS) or []
    if name == "attestation" and len(values) != 1:
        raise CredentialRequestRejected("one attestation is expected", error="invalid_proof")
    kind = dict if name == "di_vp" else str
    if not all(isinstance(one, kind) and len(one) <= MAX_JWT for one in values):
        raise CredentialRequestRejected("a proof of another kind", error="invalid_proof", type=name)
    return Proofs(name, tuple(values))


def _require_proofs(
    request: CredentialRequest, configuration: CredentialConfiguration, metadata: IssuerMetadata
) -> None:
    if not configuration.proof_types:
        return
    if request.proofs is None:
        raise CredentialRequestRejected("a proof of the key is expected", error="invalid_proof")
    if request.proofs.type not in configuration.proof_types:
        raise CredentialRequestRejected(
            "a proof type that is not taken", error="invalid_proof", type=request.proofs.type
        )
    if len(request.proofs.values) > metadata.batch_size:
        raise CredentialRequestRejected("more proofs than a batch", error="invalid_proof", limit=metadata.batch_size)


def _require_encryption(request: CredentialRequest, metadata: IssuerMetadata, *, encrypted: bool) -> None:
    wanted, offered = request.response_encryption, metadata.response_encryption
    error = "invalid_encryption_parameters"
    if metadata.request_encryption and metadata.request_encryption.required and not encrypted:
        raise CredentialRequestRejected("the request must be encrypted", error=error)
    if wanted is None:
        if offered and offered.required:
            raise CredentialRequestRejected("the response must be encrypted", error=error)
        return
    if offered is None or wanted.enc not in offered.enc_values or wanted.jwk.get("alg") not in offered.algorithms:
        raise CredentialRequestRejected("this encryption is not done", error=error)
    if wanted.zip is not None and wanted.zip not in offered.zip_values:
        raise CredentialRequestRejected("this compression is not done", error=error)
    if not encrypted:
        # Else somebody on the way could put his own key into the request (§8.2).
        raise CredentialRequestRejected("who asks for encryption encrypts the request", error=error)


def _encryption(members: Members | None) -> ResponseEncryption | None:
    if members is None:
        return None
    try:
        jwk = read_public_jwk(members.get_members("jwk"))
        return ResponseEncryption(jwk, members.get_text("enc", limit=64), members.find_text("zip", limit=64))
    except CredentialRequestRejected as error:
        raise CredentialRequestRejected(str(error), error="invalid_encryption_parameters") from error


def _credential(members: Members) -> JSON:
    credential = members.values.get("credential")
    if isinstance(credential, str):
        return members.get_text("credential", limit=MAX_CREDENTIAL)
    if not isinstance(credential, dict):
        members.refuse("a text or an object is expected", "credential")
    return credential
