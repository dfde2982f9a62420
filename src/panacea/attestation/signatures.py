"""ECDSA over P-256 with SHA-256, the one signature scheme of DCAP."""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from panacea.attestation.types import BadSignature

_ALGORITHM = ec.ECDSA(SHA256())
_CURVE = ec.SECP256R1()


def require_signature(point: bytes, message: bytes, signature: bytes, *, by: str) -> None:
    """Refuse unless `signature` (r ‖ s, 32 bytes each) over `message` verifies under the uncompressed `point`."""
    if len(signature) != 64:
        raise BadSignature("not 64 bytes", by=by)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
        key.verify(encode_dss_signature(r, s), message, _ALGORITHM)
    except (InvalidSignature, ValueError) as wrong:  # ValueError: no point of the curve
        raise BadSignature(by=by) from wrong
