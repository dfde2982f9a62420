"""Certificates in a header (`x5c`): the leaf's key, once its chain leads to a root that the verifier gives.

Sources: RFC 7515 §4.1.6, RFC 5280 §6; the path is built and checked by `cryptography`.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from panacea.credentials.formats.types import CertificateRefused
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.health.types import JSON

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

MAX_CHAIN: Final = 6
MAX_CERTIFICATE: Final = 16 * 1024
"""Certificates of a chain, and bytes of one, that are read."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """The certificate of a chain that signs: its key, whom it names, and its subject as text (RFC 4514)."""

    public_key: PublicKey
    uris: tuple[str, ...]
    dns_names: tuple[str, ...]
    subject: str


def verify_chain(x5c: JSON, *, roots: Sequence[bytes], now: int) -> Leaf:
    """The leaf of an `x5c` header whose chain leads to one of `roots` (DER) at `now` (unix seconds).

    Revocation of certificates is not looked up. Raises CertificateRefused.
    """
    chain = [_load(text) for text in _texts(x5c)]
    if not roots:
        raise CertificateRefused("no root is trusted here")
    _build_path(chain, roots, now)
    _require_signing(chain[0])
    return _read_leaf(chain[0])


def _texts(x5c: JSON) -> list[str]:
    if not isinstance(x5c, list) or not 0 < len(x5c) <= MAX_CHAIN or not all(isinstance(text, str) for text in x5c):
        raise CertificateRefused("x5c is no list of certificates")
    return x5c


def _load(text: str) -> "Certificate":
    from cryptography import x509

    if len(text) > MAX_CERTIFICATE:
        raise CertificateRefused("a certificate too large", characters=len(text))
    try:
        return x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError) as error:
        raise CertificateRefused("not a certificate") from error


def _build_path(chain: Sequence["Certificate"], roots: Sequence[bytes], now: int) -> None:
    """A path from the leaf to a root. The leaf's own extensions are judged by `_require_signing` and the issuer."""
    from cryptography import x509
    from cryptography.x509.verification import ExtensionPolicy, PolicyBuilder, Store, VerificationError

    try:
        store = Store([x509.load_der_x509_certificate(root) for root in roots])
        policy = PolicyBuilder().store(store).time(datetime.fromtimestamp(now, UTC).replace(tzinfo=None))
        policy = policy.max_chain_depth(MAX_CHAIN)
        rules = {
            "ca_policy": ExtensionPolicy.webpki_defaults_ca(),
            "ee_policy": ExtensionPolicy.permit_all(),
        }
        policy.extension_policies(**rules).build_client_verifier().verify(chain[0], list(chain[1:]))
    except (VerificationError, ValueError, x509.DuplicateExtension, OverflowError) as error:
        raise CertificateRefused("it leads to no given root", reason=str(error)) from error


def _require_signing(leaf: "Certificate") -> None:
    from cryptography import x509

    try:
        constraints = leaf.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        constraints = None
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        usage = None
    if constraints is not None and constraints.ca:
        raise CertificateRefused("the leaf is an authority's certificate")
    if usage is not None and not usage.digital_signature:
        raise CertificateRefused("the leaf's key may not sign")


def _read_leaf(leaf: "Certificate") -> Leaf:
    from cryptography import x509

    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uris = tuple(names.get_values_for_type(x509.UniformResourceIdentifier))
        dns = tuple(names.get_values_for_type(x509.DNSName))
    except x509.ExtensionNotFound:
        uris, dns = (), ()
    except ValueError as error:
        raise CertificateRefused("its names cannot be read") from error
    return Leaf(_public_key(leaf), uris, dns, leaf.subject.rfc4514_string())


def _public_key(leaf: "Certificate") -> PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    try:
        key = leaf.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CertificateRefused("its key cannot be read") from error
    if isinstance(key, Ed25519PublicKey):
        return PublicKey(KeyKind.ED25519, key.public_bytes_raw())
    kinds = {"secp256r1": KeyKind.P256, "secp384r1": KeyKind.P384, "secp256k1": KeyKind.SECP256K1}
    if not isinstance(key, ec.EllipticCurvePublicKey) or key.curve.name not in kinds:
        raise CertificateRefused("a key of a kind unknown here")
    return PublicKey(kinds[key.curve.name], key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
