"""The two proof values of bbs-2023 in its baseline: what the issuer gives, and what the holder shows.

    proofValue = "u" base64url( 3 bytes of header, CBOR array )
    base       [bbsSignature, bbsHeader, publicKey, hmacKey, mandatoryPointers]
    derived    [bbsProof, labelMap, mandatoryIndexes, selectiveIndexes, presentationHeader]

Source: W3C vc-di-bbs, sections 3.3.1 to 3.3.4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import MalformedProof, UnknownCryptosuite
from panacea.crypto.bbs import MAX_MESSAGES
from panacea.crypto.bbs.types import PROOF_FLOOR, SIGNATURE_SIZE
from panacea.crypto.hazmat.bls12381 import G2_SIZE, SCALAR_SIZE
from panacea.wire import cbor

BASE: Final = bytes.fromhex("d95d02")
DERIVED: Final = bytes.fromhex("d95d03")
MAX_TEXT: Final = 512 * 1024
"""Characters of a proof value; a proof over 4096 hidden statements takes 175,000."""

MAX_INDEX: Final = 1 << 20
"""Above any number of statements or blank nodes that a document may have."""

MAX_POINTERS: Final = 1024
MAX_POINTER: Final = 1024
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
        _require_octets(self.signature, SIGNATURE_SIZE)
        _require_octets(self.header, 64)
        _require_octets(self.public_key, G2_SIZE)
        _require_octets(self.hmac_key, 32)
        fits = all(type(pointer) is str and len(pointer) <= MAX_POINTER for pointer in self.mandatory_pointers)
        if not fits or len(self.mandatory_pointers) > MAX_POINTERS:
            raise MalformedProof("mandatory pointers are too many, too long or no text")

    def to_text(self) -> str:
        """The proofValue."""
        parts = [self.signature, self.header, self.public_key, self.hmac_key, list(self.mandatory_pointers)]
        return _to_text(BASE, parts)

    @classmethod
    def from_text(cls, text: object) -> "BaseValue":
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        signature, header, public_key, hmac_key, pointers = _from_text(BASE, text)
        return cls(signature, header, public_key, hmac_key, tuple(_list(pointers)))


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
        _require_octets(self.proof, PROOF_FLOOR, PROOF_FLOOR + SCALAR_SIZE * MAX_MESSAGES)
        _require_octets(self.presentation_header, 0, MAX_PRESENTATION_HEADER)
        _require_ascending(self.mandatory_indexes)
        _require_ascending(self.selective_indexes)
        if len(set(self.labels.values())) != len(self.labels):
            raise MalformedProof("the label map is not one to one: nodes signed apart would merge")

    @property
    def hidden(self) -> int:
        """How many statements the proof is about without showing them."""
        return (len(self.proof) - PROOF_FLOOR) // SCALAR_SIZE

    def to_text(self) -> str:
        """The proofValue."""
        labels = {int(canonical[4:]): int(shuffled[1:]) for canonical, shuffled in self.labels.items()}
        indexes = [list(self.mandatory_indexes), list(self.selective_indexes)]
        return _to_text(DERIVED, [self.proof, dict(sorted(labels.items())), *indexes, self.presentation_header])

    @classmethod
    def from_text(cls, text: object) -> "DerivedValue":
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        proof, labels, mandatory, selective, shown_header = _from_text(DERIVED, text)
        return cls(proof, _labels(labels), tuple(_list(mandatory)), tuple(_list(selective)), shown_header)


def _to_text(header: bytes, parts: Sequence[object]) -> str:
    return to_base64url(header + cbor.encode(list(parts)))


def _from_text(header: bytes, text: object) -> list[Any]:  # Any: each part is checked by its reader below
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise MalformedProof("proofValue is no text, or too long")
    octets = from_base64url(text)
    if octets[:3] != header:
        raise UnknownCryptosuite(header=octets[:3], expected=header)
    try:
        parts = cbor.decode(octets[3:], max_bytes=MAX_TEXT, max_depth=2)
    except cbor.NotCanonical as error:
        raise MalformedProof("proofValue is no canonical CBOR") from error
    if type(parts) is not list or len(parts) != 5:
        raise MalformedProof("proofValue does not have five parts")
    return parts


def _require_octets(part: object, size: int, at_most: int = 0) -> None:
    """A byte string of `size` octets, or up to `at_most` where that is more."""
    if type(part) is not bytes or not size <= len(part) <= max(size, at_most):
        raise MalformedProof("a byte string of the proofValue is missing or misshapen")


def _require_ascending(indexes: Sequence[object]) -> None:
    """Indexes in the order of the statements: a proof has no second spelling."""
    if not all(type(index) is int and 0 <= index < MAX_INDEX for index in indexes):
        raise MalformedProof("an index of the proofValue is out of range")
    if any(low >= high for low, high in pairwise(indexes)):  # type: ignore[operator]  # all are int, as just checked
        raise MalformedProof("indexes of the proofValue are not ascending")


def _list(part: object) -> list[Any]:  # Any: judged by the value's own checks
    if type(part) is not list:
        raise MalformedProof("a list of the proofValue is missing")
    return part


def _labels(part: object) -> dict[str, str]:
    if type(part) is not dict:
        raise MalformedProof("the label map of the proofValue is missing")
    if not all(type(number) is int and 0 <= number < MAX_INDEX for pair in part.items() for number in pair):
        raise MalformedProof("a label of the proofValue is out of range")
    return {f"c14n{canonical}": f"b{shuffled}" for canonical, shuffled in part.items()}
