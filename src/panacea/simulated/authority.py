"""A make-believe vendor: the keys, certificates and revocation lists of an SGX-like PKI, all derived from one seed.

The same seed gives the same keys and the same certificates, byte for byte, so a seed is all that must be kept.
Every name says SIMULATED.
"""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from hashlib import sha384
from hmac import digest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import NameOID

_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SGX_EXTENSION = x509.ObjectIdentifier("1.2.840.113741.1.13.1")
_LIFETIME = timedelta(days=3650)
_BACKDATED = timedelta(days=1)


class Authority:
    """The root, the PCK authority and the TCB signer of one simulated vendor.

    `created` is in unix seconds; certificates are good from one day before it for ten years.
    """

    def __init__(self, seed: bytes, vendor: str, created: int) -> None:
        self._seed = seed
        self._vendor = vendor
        self._created = datetime.fromtimestamp(created, UTC)
        self.root = self._issue("Root CA", "Root CA", path_length=1)
        self.pck_authority = self._issue("PCK Processor CA", "Root CA", path_length=0)
        self.tcb_signer = self._issue("TCB Signing", "Root CA")

    @property
    def root_key_id(self) -> bytes:
        """SHA-384 of the root's uncompressed point."""
        return sha384(b"\x04" + raw_point(self.key("Root CA"))).digest()

    @property
    def signer_chain(self) -> bytes:
        """TCB signer and root, in PEM."""
        return pem(self.tcb_signer, self.root)

    def key(self, name: str) -> ec.EllipticCurvePrivateKey:
        """The private key of the holder of this name."""
        number = int.from_bytes(digest(self._seed, name.encode(), "sha512"), "big")
        return ec.derive_private_key(number % (_P256_ORDER - 1) + 1, ec.SECP256R1())

    def token(self, name: str, size: int) -> bytes:
        """Up to 64 bytes that belong to this name."""
        return digest(self._seed, b"token/" + name.encode(), "sha512")[:size]

    def certify_platform(self, key_name: str, sgx_extension: bytes) -> x509.Certificate:
        """A PCK certificate for the key of this name; the extension is DER."""
        return self._issue("PCK Certificate", "PCK Processor CA", key_name=key_name, sgx_extension=sgx_extension)

    def revocation_list(self, issuer: str, issued: int, expires: int, revoked: Collection[int] = ()) -> bytes:
        """A DER list of revoked serial numbers under the key of this authority; times in unix seconds."""
        since, until = datetime.fromtimestamp(issued, UTC), datetime.fromtimestamp(expires, UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._name(issuer))
            .last_update(since)
            .next_update(until)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for serial in sorted(revoked):
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(since).build()
            builder = builder.add_revoked_certificate(entry)
        signed = builder.sign(self.key(issuer), hashes.SHA256(), ecdsa_deterministic=True)
        return signed.public_bytes(Encoding.DER)

    def sign(self, name: str, message: bytes) -> bytes:
        """ECDSA P-256 with SHA-256 under the key of this name, r ‖ s."""
        return sign(self.key(name), message)

    def _issue(
        self,
        name: str,
        issuer: str,
        *,
        path_length: int | None = None,
        key_name: str | None = None,
        sgx_extension: bytes | None = None,
    ) -> x509.Certificate:
        holder = key_name or name
        is_ca = path_length is not None
        builder = (
            x509.CertificateBuilder()
            .subject_name(self._name(name))
            .issuer_name(self._name(issuer))
            .public_key(self.key(holder).public_key())
            .serial_number(int.from_bytes(self.token(holder, 16), "big") | 1)
            .not_valid_before(self._created - _BACKDATED)
            .not_valid_after(self._created + _LIFETIME)
            .add_extension(x509.BasicConstraints(is_ca, path_length), critical=True)
            .add_extension(_usage(is_ca=is_ca), critical=True)
        )
        if sgx_extension is not None:
            builder = builder.add_extension(x509.UnrecognizedExtension(_SGX_EXTENSION, sgx_extension), critical=False)
        return builder.sign(self.key(issuer), hashes.SHA256(), ecdsa_deterministic=True)

    def _name(self, name: str) -> x509.Name:
        return x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, f"SIMULATED {name}"),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, self._vendor),
            ]
        )


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """ECDSA with SHA-256 and the deterministic nonce of RFC 6979, r ‖ s in 64 bytes."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def raw_point(key: ec.EllipticCurvePrivateKey) -> bytes:
    """The public point, x ‖ y."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def pem(*certificates: x509.Certificate) -> bytes:
    """A chain as text."""
    return b"".join(certificate.public_bytes(Encoding.PEM) for certificate in certificates)


def _usage(*, is_ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_ca,
        key_cert_sign=is_ca,
        crl_sign=is_ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
