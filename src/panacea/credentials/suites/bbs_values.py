"""The two proof values of bbs-2023 in its baseline: what the issuer gives, and what the holder shows.

    proofValue = "u" base64url( 3 bytes of header, CBOR array )
    base       [bbsSignature, bbsHeader, publicKey, hmacKey, mandatoryPointers]
    derived    [bbsProof, labelMap, mandatoryIndexes, selectiveIndexes, presentationHeader]

Source: W3C vc-di-bbs, sections 3.3.1 to 3.3.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Self

from panacea.credentials.suites.multibase import from_base64url
from panacea.credentials.suites.proof_value import (
    MAX_INDEX,
    MAX_TEXT,
    labels_of,
    list_of,
    read_parts,
    require_ascending,
    require_octets,
    require_pointers,
    write_parts,
)
from panacea.credentials.suites.types import MalformedProof, UnknownCryptosuite
from panacea.crypto.bbs import MAX_MESSAGES
from panacea.crypto.bbs.types import PROOF_FLOOR, SIGNATURE_SIZE
from panacea.crypto.hazmat.bls12381 import G2_SIZE, SCALAR_SIZE

BASE: Final = bytes.fromhex("d95d02")
DERIVED: Final = bytes.fromhex("d95d03")
FEATURES: Final = {
    bytes.fromhex("d95d04"): "holder binding, base proof",
    bytes.fromhex("d95d05"): "holder binding, derived proof",
    bytes.fromhex("d95d06"): "pseudonym of an earlier draft, base proof",
    bytes.fromhex("d95d07"): "pseudonym of an earlier draft, derived proof",
    bytes.fromhex("d95d08"): "pseudonym, base proof",
    bytes.fromhex("d95d09"): "pseudonym, derived proof",
}
"""What the baseline does not do, by the header; `bbs_features` does some of it."""

MAX_PRESENTATION_HEADER: Final = 4096


@dataclass(frozen=True, slots=True)
class BaseValue:
    """The issuer's proof value: for the holder alone, since the HMAC key undoes the shuffling of labels."""

    signature: bytes
    header: bytes
    public_key: bytes
    hmac_key: bytes = field(repr=False)
    mandatory_pointers: tuple[str, ...]

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        require_octets(self.signature, SIGNATURE_SIZE)
        require_octets(self.header, 64)
        require_octets(self.public_key, G2_SIZE)
        require_octets(self.hmac_key, 32)
        require_pointers(self.mandatory_pointers)

    def parts(self) -> list[object]:
        """What is encoded, in its order."""
        return [self.signature, self.header, self.public_key, self.hmac_key, list(self.mandatory_pointers)]

    def to_text(self) -> str:
        """The proofValue."""
        return write_parts(BASE, self.parts())

    @classmethod
    def from_parts(cls, parts: Sequence[Any]) -> Self:  # Any: each part is checked by the value
        """The value of five decoded parts; MalformedProof."""
        signature, header, public_key, hmac_key, pointers = parts
        return cls(signature, header, public_key, hmac_key, tuple(list_of(pointers)))

    @classmethod
    def from_text(cls, text: object) -> Self:
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        return cls.from_parts(_read(BASE, text))


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """The holder's proof value. `labels` takes each canonical label (`c14n0`) to the issuer's (`b3`)."""

    proof: bytes
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        require_octets(self.proof, PROOF_FLOOR, PROOF_FLOOR + SCALAR_SIZE * MAX_MESSAGES)
        require_octets(self.presentation_header, 0, MAX_PRESENTATION_HEADER)
        require_ascending(self.mandatory_indexes)
        require_ascending(self.selective_indexes)
        if len(set(self.labels.values())) != len(self.labels):
            raise MalformedProof("the label map is not one to one: nodes signed apart would merge")

    @property
    def hidden(self) -> int:
        """How many statements the proof is about without showing them."""
        return (len(self.proof) - PROOF_FLOOR) // SCALAR_SIZE

    def parts(self) -> list[object]:
        """What is encoded, in its order."""
        labels = {int(canonical[4:]): int(shuffled[1:]) for canonical, shuffled in self.labels.items()}
        indexes = [list(self.mandatory_indexes), list(self.selective_indexes)]
        return [self.proof, dict(sorted(labels.items())), *indexes, self.presentation_header]

    def to_text(self) -> str:
        """The proofValue."""
        return write_parts(DERIVED, self.parts())

    @classmethod
    def from_parts(cls, parts: Sequence[Any]) -> Self:  # Any: each part is checked by the value
        """The value of five decoded parts; MalformedProof."""
        proof, labels, mandatory, selective, shown_header = parts
        return cls(proof, labels_of(labels, _label), tuple(list_of(mandatory)), tuple(list_of(selective)), shown_header)

    @classmethod
    def from_text(cls, text: object) -> Self:
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        return cls.from_parts(_read(DERIVED, text))


def _read(header: bytes, text: object) -> list[Any]:  # Any: each part is checked by its value
    """The five parts; a feature that the baseline does not have is refused by its name."""
    if isinstance(text, str) and len(text) <= MAX_TEXT and (name := FEATURES.get(from_base64url(text)[:3])):
        raise UnknownCryptosuite("a feature of bbs-2023 that was not asked for", feature=name)
    return read_parts(header, text, 5)


def _label(part: object) -> str:
    if type(part) is not int or not 0 <= part < MAX_INDEX:
        raise MalformedProof("a label of the proofValue is out of range")
    return f"b{part}"
