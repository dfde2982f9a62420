"""Client Identifier Prefixes of OpenID4VP 1.0 §5.9: who a verifier says it is, and what must be there to believe it.

| prefix | signed | the key is | checked here |
| --- | --- | --- | --- |
| redirect_uri | never | - | the URI is the redirect or response URI |
| decentralized_identifier | yes | a verification method of the DID, named by `kid` | `kid` belongs to the DID |
| verifier_attestation | yes | `cnf.jwk` of the attestation in the header `jwt` | that key, `sub`, URIs, expiry |
| x509_san_dns | yes | the leaf of `x5c` | a dNSName of the leaf, the host of the response URI |
| x509_hash | yes | the leaf of `x5c` | SHA-256 of the leaf |
| openid_federation | yes | by federation | nothing: refused unless the caller knows federation |
| (none) | either | of the registration | nothing: the caller knows the client |

The callable that verifies a request object must use the key of the second column, and trust it: this module sees
only header and claims.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from panacea.credentials.formats import base64url
from panacea.credentials.requests.reading import Members
from panacea.credentials.requests.signed import SignedJWT, Verify, is_same_key, read_header
from panacea.credentials.requests.types import ClientIdentifierRejected
from panacea.health.types import JSON
from panacea.primitives.time import Clock, now_seconds

REDIRECT_URI: Final = "redirect_uri"
DECENTRALIZED_IDENTIFIER: Final = "decentralized_identifier"
VERIFIER_ATTESTATION: Final = "verifier_attestation"
X509_SAN_DNS: Final = "x509_san_dns"
X509_HASH: Final = "x509_hash"
OPENID_FEDERATION: Final = "openid_federation"
PRE_REGISTERED: Final = "pre-registered"
ORIGIN: Final = "origin"

PREFIXES: Final = frozenset({
    REDIRECT_URI, DECENTRALIZED_IDENTIFIER, VERIFIER_ATTESTATION, X509_SAN_DNS, X509_HASH, OPENID_FEDERATION,
})  # fmt: skip
MAX_CERTIFICATE: Final = 64 * 1024
ATTESTATION_TYPE: Final = "verifier-attestation+jwt"


@dataclass(frozen=True, slots=True)
class ClientIdentifier:
    """A client identifier: `full` as it stands in messages, `original` without its prefix."""

    full: str
    prefix: str
    original: str


def read_client_identifier(text: JSON) -> ClientIdentifier:
    """The identifier of a text; one with an unknown prefix counts as registered before.

    Raises ClientIdentifierRejected for `origin:`, which no request may use.
    """
    if not isinstance(text, str) or not 0 < len(text) <= 2048 or not text.isprintable():
        raise ClientIdentifierRejected("a text is expected")
    prefix, colon, original = text.partition(":")
    if colon and prefix == ORIGIN:
        raise ClientIdentifierRejected("a prefix that is reserved", client_id=text)
    if not colon or prefix not in PREFIXES:
        return ClientIdentifier(text, PRE_REGISTERED, text)
    if not original:
        raise ClientIdentifierRejected("nothing after the prefix", client_id=text)
    return ClientIdentifier(text, prefix, original)


def require_unsigned_client(client: ClientIdentifier, target: str | None) -> None:
    """Refuse an unsigned request by a client that must sign, or whose answers go elsewhere."""
    if client.prefix not in {REDIRECT_URI, PRE_REGISTERED}:
        raise ClientIdentifierRejected("its requests must be signed", client_id=client.full)
    if client.prefix == REDIRECT_URI and target is not None and target != client.original:
        raise ClientIdentifierRejected("the answer would go to another URI", client_id=client.full, uri=target)


def require_signed_client(
    client: ClientIdentifier,
    header: Mapping[str, Any],  # Any: JSON
    target: str | None,
    *,
    free_target: bool = False,
) -> None:
    """Refuse a request object whose header does not fit its client. `target` is its redirect or response URI.

    `free_target` lets a client that is trusted by its name choose any URI (x509_san_dns). The attestation of
    verifier_attestation is for `require_attestation`.
    """
    if client.prefix == REDIRECT_URI:
        raise ClientIdentifierRejected("its requests cannot be signed", client_id=client.full)
    if client.prefix == OPENID_FEDERATION:
        raise ClientIdentifierRejected("federation is not done here", client_id=client.full)
    if client.prefix == DECENTRALIZED_IDENTIFIER:
        kid = header.get("kid")
        if not isinstance(kid, str) or kid.partition("#")[0] != client.original or "#" not in kid:
            raise ClientIdentifierRejected("kid names no key of the DID", client_id=client.full)
    elif client.prefix == X509_HASH:
        found = base64url.encode(hashlib.sha256(_leaf(header)).digest())
        if not hmac.compare_digest(found.encode(), client.original.encode()):
            raise ClientIdentifierRejected("the certificate is another", client_id=client.full)
    elif client.prefix == X509_SAN_DNS:
        if client.original.lower() not in _dns_names(_leaf(header)):
            raise ClientIdentifierRejected("the certificate is for another name", client_id=client.full)
        if target is not None and not free_target and _host(target) != client.original.lower():
            raise ClientIdentifierRejected("the answer would go to another host", client_id=client.full, uri=target)


def require_attestation(
    client: ClientIdentifier, signed: SignedJWT, target: str | None, *, attest: Verify, clock: Clock
) -> None:
    """Refuse a request object unless an attestation binds its client to the key that signed it (`signed.key`).

    `attest` verifies the attestation by an issuer that is trusted for it. Raises ClientIdentifierRejected.
    """
    token = signed.header.get("jwt")
    if not isinstance(token, str):
        raise ClientIdentifierRejected("no attestation came along", client_id=client.full)
    if read_header(token, ClientIdentifierRejected).get("typ") != ATTESTATION_TYPE:
        raise ClientIdentifierRejected("the attestation has another type", client_id=client.full)
    members = Members.of(attest(token).claims, "attestation", ClientIdentifierRejected)
    members.get_text("iss")
    if members.get_text("sub") != client.original:
        raise ClientIdentifierRejected("the attestation is for another client", client_id=client.full)
    now = now_seconds(clock)
    expires = members.find_whole("exp")
    if expires is None or expires <= now or (members.find_whole("nbf") or 0) > now:
        raise ClientIdentifierRejected("the attestation is not valid now", client_id=client.full)
    allowed = members.find_texts("redirect_uris")
    if allowed is not None and target not in allowed:
        raise ClientIdentifierRejected("the attestation allows other URIs", client_id=client.full, uri=target)
    if not is_same_key(signed.key, members.get_members("cnf").get_members("jwk").values):
        raise ClientIdentifierRejected("the request was signed by another key", client_id=client.full)


def _leaf(header: Mapping[str, Any]) -> bytes:  # Any: JSON
    chain = header.get("x5c")
    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str) or len(chain[0]) > MAX_CERTIFICATE:
        raise ClientIdentifierRejected("no certificate came along")
    try:
        return base64.b64decode(chain[0], validate=True)
    except (binascii.Error, ValueError) as error:
        raise ClientIdentifierRejected("a certificate that is not base64") from error


def _dns_names(der: bytes) -> set[str]:
    # Imported late: few requests carry certificates, and the library is slow to load.
    from cryptography import x509

    try:
        certificate = x509.load_der_x509_certificate(der)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return {name.lower() for name in names.value.get_values_for_type(x509.DNSName)}
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.InvalidVersion) as error:
        raise ClientIdentifierRejected("a certificate without alternative names") from error


def _host(uri: str) -> str | None:
    try:
        host = urlsplit(uri).hostname
    except ValueError:
        return None
    return host.lower() if host else None
