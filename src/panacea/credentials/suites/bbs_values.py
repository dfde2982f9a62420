"""The two proof values of bbs-2023 in its baseline: what the issuer gives, and what the holder shows.

    proofValue = "u" base64url( 3 bytes of header, CBOR array )
    base       [bbsSignature, bbsHeader, publicKey, hmacKey, mandatoryPointers]
    derived    [bbsProof, labelMap, mandatoryIndexes, selectiveIndexes, presentationHeader]

Source: W3C vc-di-bbs, sections 3.3.1 to 3.3.4.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

import cbor2

from panacea.credentials.suites.multikey import from_base64url, to_base64url
from panacea.credentials.suites.types import MalformedProof, UnknownCryptosuite
from panacea.crypto.bbs import MAX_MESSAGES
from panacea.crypto.bbs.types import PROOF_FLOOR, SIGNATURE_SIZE
from panacea.crypto.hazmat.bls12381 import G2_SIZE, SCALAR_SIZE

BASE: Final = bytes.fromhex("d95d02")
DERIVED: Final = bytes.fromhex("d95d03")
MAX_TEXT: Final = 512 * 1024
"""Characters of a proof value; a proof over 4096 hidden statements takes 175,000."""

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

    def to_text(self) -> str:
        """The proofValue."""
        parts = [self.signature, self.header, self.public_key, self.hmac_key, list(self.mandatory_pointers)]
        return _to_text(BASE, parts)

    @classmethod
    def from_text(cls, text: object) -> "BaseValue":
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        signature, header, public_key, hmac_key, pointers = _from_text(BASE, text)
        return cls(
            signature=_octets(signature, SIGNATURE_SIZE),
            header=_octets(header, 64),
            public_key=_octets(public_key, G2_SIZE),
            hmac_key=_octets(hmac_key, 32),
            mandatory_pointers=_pointers(pointers),
        )


@dataclass(frozen=True, slots=True)
class DerivedValue:
    """The holder's proof value. `labels` takes each canonical label (`c14n0`) to the issuer's (`b3`)."""

    proof: bytes
    labels: Mapping[str, str]
    mandatory_indexes: tuple[int, ...]
    selective_indexes: tuple[int, ...]
    presentation_header: bytes

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
        return cls(
            proof=_octets(proof, PROOF_FLOOR, PROOF_FLOOR + SCALAR_SIZE * MAX_MESSAGES),
            labels=_labels(labels),
            mandatory_indexes=_indexes(mandatory),
            selective_indexes=_indexes(selective),
            presentation_header=_octets(shown_header, 0, MAX_PRESENTATION_HEADER),
        )


def _to_text(header: bytes, parts: Sequence[object]) -> str:
    return to_base64url(header + cbor2.dumps(list(parts)))


def _from_text(header: bytes, text: object) -> list[Any]:  # Any: each part is checked by its reader below
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise MalformedProof("proofValue is no text, or too long")
    octets = from_base64url(text)
    if octets[:3] != header:
        raise UnknownCryptosuite(header=octets[:3], expected=header)
    try:
        parts = cbor2.loads(octets[3:], max_depth=3, allow_indefinite=False, allow_duplicate_keys=False)
    except (cbor2.CBORError, ValueError) as error:
        raise MalformedProof("proofValue is no CBOR") from error
    # Long heads, tags for plain values and trailing bytes decode as well: only what comes out again is accepted.
    if type(parts) is not list or len(parts) != 5 or _again(parts) != octets[3:]:
        raise MalformedProof("proofValue is not five parts of shortest CBOR")
    return parts


def _again(parts: list[Any]) -> bytes:  # Any: whatever CBOR gave
    try:
        return cbor2.dumps(parts)
    except (cbor2.CBORError, ValueError, TypeError) as error:
        raise MalformedProof("proofValue is no plain CBOR") from error


def _octets(part: object, size: int, at_most: int = 0) -> bytes:
    """A byte string of `size` octets, or up to `at_most` where that is more."""
    if type(part) is not bytes or not size <= len(part) <= max(size, at_most):
        raise MalformedProof("a byte string of the proofValue is missing or misshapen")
    return part


def _list(part: object, limit: int, fits: Callable[[Any], bool]) -> list[Any]:  # Any: `fits` tells what each is
    if type(part) is not list or len(part) > limit or not all(fits(item) for item in part):
        raise MalformedProof("a list of the proofValue is misshapen")
    return part


def _pointers(part: object) -> tuple[str, ...]:
    return tuple(_list(part, MAX_POINTERS, lambda item: type(item) is str and len(item) <= MAX_POINTER))


def _indexes(part: object) -> tuple[int, ...]:
    """Strictly ascending, as the order of statements gives them: no second spelling of a proof."""
    indexes = tuple(_list(part, MAX_MESSAGES, lambda item: type(item) is int and 0 <= item < MAX_MESSAGES))
    if any(low >= high for low, high in pairwise(indexes)):
        raise MalformedProof("indexes of the proofValue are not ascending")
    return indexes


def _labels(part: object) -> dict[str, str]:
    """A one-to-one map: two nodes under one label would merge what was signed apart."""
    if type(part) is not dict or len(part) > MAX_MESSAGES:
        raise MalformedProof("the label map of the proofValue is misshapen")
    keys = _list(list(part), MAX_MESSAGES, lambda item: type(item) is int and 0 <= item < MAX_MESSAGES)
    values = _list(list(part.values()), MAX_MESSAGES, lambda item: type(item) is int and 0 <= item < MAX_MESSAGES)
    if len(set(values)) != len(values):
        raise MalformedProof("the label map of the proofValue is not one to one")
    return {f"c14n{key}": f"b{value}" for key, value in zip(keys, values, strict=True)}
