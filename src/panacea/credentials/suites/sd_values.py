"""The two proof values of ecdsa-sd-2023: what the issuer gives, and what the holder shows.

    proofValue = "u" base64url( 3 bytes of header, CBOR array )
    base       [baseSignature, publicKey, hmacKey, [signature …], [mandatoryPointer …]]
    derived    [baseSignature, publicKey, [signature …], labelMap, [mandatoryIndex …]]

`publicKey` is the multicodec form of the P-256 key made for this credential. In the label map each canonical label
(`c14n0`) leads to the 32 bytes of its HMAC. Source: W3C vc-di-ecdsa 1.0, sections 3.5.2 to 3.5.5.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.proof_value import (
    labels_of,
    list_of,
    read_parts,
    require_ascending,
    require_octets,
    require_pointers,
    write_parts,
)
from panacea.credentials.suites.types import MalformedProof
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.identity.multikey import PREFIXES

BASE: Final = bytes.fromhex("d95d00")
DERIVED: Final = bytes.fromhex("d95d01")
SIGNATURE_SIZE: Final = 64
MAX_STATEMENTS: Final = 4096
"""Statements that are signed one by one; a bound on work."""

_PREFIX = PREFIXES[KeyKind.P256]


@dataclass(frozen=True, slots=True)
class SDBaseValue:
    """The issuer's proof value: for the holder alone."""

    base_signature: bytes
    proof_key: PublicKey
    hmac_key: bytes = field(repr=False)
    signatures: tuple[bytes, ...] = field(repr=False)
    mandatory_pointers: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        require_octets(self.base_signature, SIGNATURE_SIZE)
        require_octets(self.hmac_key, 32)
        _require_signatures(self.signatures)
        require_pointers(self.mandatory_pointers)

    def to_text(self) -> str:
        """The proofValue."""
        signatures, pointers = list(self.signatures), list(self.mandatory_pointers)
        parts = [self.base_signature, _PREFIX + self.proof_key.raw, self.hmac_key, signatures, pointers]
        return write_parts(BASE, parts)

    @classmethod
    def from_text(cls, text: object) -> "SDBaseValue":
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        base, key, hmac_key, signatures, pointers = read_parts(BASE, text, 5)
        return cls(base, _read_key(key), hmac_key, tuple(list_of(signatures)), tuple(list_of(pointers)))


@dataclass(frozen=True, slots=True)
class SDDerivedValue:
    """The holder's proof value. `labels` takes each canonical label (`c14n0`) to the issuer's (`u…`)."""

    base_signature: bytes
    proof_key: PublicKey
    signatures: tuple[bytes, ...] = field(repr=False)
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        require_octets(self.base_signature, SIGNATURE_SIZE)
        _require_signatures(self.signatures)
        require_ascending(self.mandatory_indexes)
        if len(set(self.labels.values())) != len(self.labels):
            raise MalformedProof("the label map is not one to one: nodes signed apart would merge")

    def to_text(self) -> str:
        """The proofValue."""
        labels = {int(canonical[4:]): from_base64url(label) for canonical, label in self.labels.items()}
        key = _PREFIX + self.proof_key.raw
        indexes = list(self.mandatory_indexes)
        return write_parts(DERIVED, [self.base_signature, key, list(self.signatures), labels, indexes])

    @classmethod
    def from_text(cls, text: object) -> "SDDerivedValue":
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        base, key, signatures, labels, indexes = read_parts(DERIVED, text, 5)
        named = labels_of(labels, _label)
        return cls(base, _read_key(key), tuple(list_of(signatures)), named, tuple(list_of(indexes)))


def _label(value: object) -> str:
    require_octets(value, 32)
    assert isinstance(value, bytes)
    return to_base64url(value)


def _read_key(octets: object) -> PublicKey:
    if not isinstance(octets, bytes) or octets[:2] != _PREFIX or len(octets) != 35:
        raise MalformedProof("the key of the proofValue is no P-256 key")
    return PublicKey(KeyKind.P256, octets[2:])


def _require_signatures(signatures: tuple[object, ...]) -> None:
    if len(signatures) > MAX_STATEMENTS:
        raise MalformedProof("too many signatures in the proofValue")
    for signature in signatures:
        require_octets(signature, SIGNATURE_SIZE)
