"""The keys of a service that signs with every suite, all from one secret (HKDF, RFC 5869), each with its did:key."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from panacea.credentials.vc.issue import SigningKey
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.keys import BBSKey, BBSSigner
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey, Signer
from panacea.crypto.secret import SecretBytes
from panacea.identity.did_key import did_key_method_id, encode_did_key

TAG: Final = b"panacea/vc-service/v1/"


@dataclass(frozen=True, slots=True)
class ServiceKeys:
    """An issuer for each kind of key, and a holder; each is its own did:key."""

    bbs: SigningKey
    ed25519: SigningKey
    p256: SigningKey
    holder: SigningKey

    @classmethod
    def derive(cls, secret: SecretBytes) -> "ServiceKeys":
        """All keys of one secret of 32 bytes or more; the same secret gives the same keys."""
        return cls(
            bbs=as_did_key(BBSKey.of(SHA256.key_gen(_derive(secret, b"bbs")))),
            ed25519=as_did_key(Ed25519Key(_derive(secret, b"ed25519"))),
            # A scalar out of range is a chance of 2^-32, once, when the secret is made: it is refused loudly then.
            p256=as_did_key(ECDSAKey(KeyKind.P256, _derive(secret, b"p256"))),
            holder=as_did_key(Ed25519Key(_derive(secret, b"holder"))),
        )

    def by_suite(self) -> Mapping[str, SigningKey]:
        """The key that signs with each suite."""
        return {
            "bbs-2023": self.bbs,
            "ecdsa-sd-2023": self.p256,
            "eddsa-rdfc-2022": self.ed25519,
            "eddsa-jcs-2022": self.ed25519,
            "ecdsa-rdfc-2019": self.p256,
            "ecdsa-jcs-2019": self.p256,
        }


def as_did_key(signer: Signer | BBSSigner) -> SigningKey:
    """A signer under the did:key of its public key."""
    public = PublicKey(KeyKind.BLS12381G2, signer.public) if isinstance(signer, BBSSigner) else signer.public_key
    return SigningKey(signer, did_key_method_id(encode_did_key(public)))


def _derive(secret: SecretBytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=TAG + purpose).derive(secret.reveal())
