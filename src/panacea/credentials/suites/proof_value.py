"""What the proof values of the selective suites share: a header of three bytes, then one canonical CBOR array."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Final

from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.types import MalformedProof, UnknownCryptosuite
from panacea.wire import cbor

MAX_TEXT: Final = 512 * 1024
"""Characters of a proof value; a BBS proof over 4096 hidden statements takes 175,000."""

MAX_INDEX: Final = 1 << 20
"""Above any number of statements or blank nodes that a document may have."""

MAX_POINTERS: Final = 1024
MAX_POINTER: Final = 1024


def write_parts(header: bytes, parts: Sequence[object]) -> str:
    """The text of a proof value."""
    return to_base64url(header + cbor.encode(list(parts)))


def read_parts(header: bytes, text: object, count: int) -> list[Any]:  # Any: each part is checked by its reader
    """The parts of a proof value that starts with `header`; MalformedProof, UnknownCryptosuite."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise MalformedProof("proofValue is no text, or too long")
    octets = from_base64url(text)
    if octets[:3] != header:
        raise UnknownCryptosuite(header=octets[:3], expected=header)
    try:
        parts = cbor.decode(octets[3:], max_bytes=MAX_TEXT, max_depth=2)
    except cbor.NotCanonical as error:
        raise MalformedProof("proofValue is no canonical CBOR") from error
    if type(parts) is not list or len(parts) != count:
        raise MalformedProof(f"proofValue does not have {count} parts")
    return parts


def require_octets(part: object, size: int, at_most: int = 0) -> None:
    """A byte string of `size` octets, or up to `at_most` where that is more; MalformedProof."""
    if type(part) is not bytes or not size <= len(part) <= max(size, at_most):
        raise MalformedProof("a byte string of the proofValue is missing or misshapen")


def require_ascending(indexes: Sequence[object]) -> None:
    """Indexes in the order of the statements, since a proof has no second spelling; MalformedProof."""
    if not all(type(index) is int and 0 <= index < MAX_INDEX for index in indexes):
        raise MalformedProof("an index of the proofValue is out of range")
    if any(low >= high for low, high in pairwise(indexes)):  # type: ignore[operator]  # all are int, as just checked
        raise MalformedProof("indexes of the proofValue are not ascending")


def require_pointers(pointers: Sequence[object]) -> None:
    """Mandatory pointers within bounds; MalformedProof."""
    fits = all(isinstance(pointer, str) and len(pointer) <= MAX_POINTER for pointer in pointers)
    if not fits or len(pointers) > MAX_POINTERS:
        raise MalformedProof("mandatory pointers are too many, too long or no text")


def list_of(part: object) -> list[Any]:  # Any: judged by the value's own checks
    """A part that must be an array; MalformedProof."""
    if type(part) is not list:
        raise MalformedProof("a list of the proofValue is missing")
    return part


def labels_of(part: object, read: Callable[[object], str]) -> dict[str, str]:
    """A label map: numbers of canonical labels to labels, each read by `read`; MalformedProof."""
    if type(part) is not dict:
        raise MalformedProof("the label map of the proofValue is missing")
    if not all(type(number) is int and 0 <= number < MAX_INDEX for number in part):
        raise MalformedProof("a label of the proofValue is out of range")
    return {f"c14n{canonical}": read(label) for canonical, label in part.items()}
