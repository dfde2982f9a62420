"""CBOR with tags, COSE_Sign1 and CWT, as far as token status lists and their kin need them.

`panacea.wire.cbor` is for what we hash ourselves: one encoding, no tags. Here others sign, so their choice of heads and
of map order stands; what is refused is what could be read in two ways or cost too much: indefinite lengths, repeated
keys, floats, depth, size. Sources: RFC 8949, RFC 9052 §4.2, RFC 9053 §2, RFC 8392.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.formats.jose import sign_raw, verify_raw
from panacea.credentials.formats.types import AlgorithmRefused, CBORRejected, HeaderRefused
from panacea.crypto.keys import KeyKind, PublicKey, Signer
from panacea.wire import cbor

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 16
MAX_ITEMS: Final = 65_536
"""Bytes, levels and values of what is read."""

SIGN1_TAG: Final = 18
CWT_TAG: Final = 61

ALG: Final = 1
CRIT: Final = 2
KID: Final = 4
TYP: Final = 16
"""Labels of COSE headers."""

ISS: Final = 1
SUB: Final = 2
EXP: Final = 4
NBF: Final = 5
IAT: Final = 6
"""Labels of CWT claims."""

ALGORITHMS: Final = {-7: KeyKind.P256, -35: KeyKind.P384, -8: KeyKind.ED25519, -19: KeyKind.ED25519}
"""The kind of key behind each algorithm: ES256, ES384, EdDSA, and Ed25519 of RFC 9864."""

_LABELS: Final = {KeyKind.P256: -7, KeyKind.P384: -35, KeyKind.ED25519: -8}
_SIMPLE: Final[Mapping[int, bool | None]] = {20: False, 21: True, 22: None}

CBOR = Any  # Any: int, bytes, str, bool, None, Tagged, or a list or dict of such values; checked kind by kind


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a CBOR tag."""

    tag: int
    value: CBOR


@dataclass(frozen=True, slots=True)
class Signed:
    """A COSE_Sign1 taken apart. Nothing in it is true before `verify`."""

    protected: Mapping[CBOR, CBOR]
    unprotected: Mapping[CBOR, CBOR]
    payload: bytes
    signature: bytes
    signed: bytes

    @property
    def kid(self) -> bytes | None:
        """The key's name, from either header; None without one."""
        found = self.protected.get(KID, self.unprotected.get(KID))
        return found if isinstance(found, bytes) else None

    def verify(self, key: PublicKey, *, algorithms: Collection[int] = tuple(ALGORITHMS)) -> bytes:
        """The payload, if that key signed it by an allowed algorithm. Raises AlgorithmRefused, WrongSignature."""
        algorithm = self.protected.get(ALG)
        if not isinstance(algorithm, int) or algorithm not in algorithms or ALGORITHMS.get(algorithm) is not key.kind:
            raise AlgorithmRefused(alg=algorithm, key=key.kind)
        verify_raw(key, self.signed, self.signature)
        return self.payload


def sign(
    payload: bytes,
    *,
    signer: Signer,
    protected: Mapping[CBOR, CBOR] | None = None,
    kid: bytes | None = None,
) -> bytes:
    """A tagged COSE_Sign1 over a payload; `kid` stands unprotected. Raises AlgorithmRefused for other kinds of keys."""
    kind = signer.public_key.kind
    if kind not in _LABELS:
        raise AlgorithmRefused("no COSE algorithm for this kind of key here", key=kind)
    head = encode({ALG: _LABELS[kind], **(protected or {})})
    signature = sign_raw(signer, _to_be_signed(head, payload))
    return encode(Tagged(SIGN1_TAG, [head, {} if kid is None else {KID: kid}, payload, signature]))


def read(octets: bytes, *, max_bytes: int = MAX_BYTES) -> Signed:
    """Take a COSE_Sign1 apart: tagged 18, or 61 and 18, or not at all. Raises CBORRejected, HeaderRefused."""
    value = decode(octets, max_bytes=max_bytes)
    for tag in (CWT_TAG, SIGN1_TAG):
        if isinstance(value, Tagged) and value.tag == tag:
            value = value.value
    match value:
        case [bytes(head), dict(unprotected), bytes(payload), bytes(signature)]:
            protected = decode(head) if head else {}
        case _:
            raise CBORRejected("not a COSE_Sign1 with its payload")
    if not isinstance(protected, dict) or protected.keys() & unprotected.keys():
        raise CBORRejected("a protected header that is no map, or a label in both headers")
    if CRIT in protected or CRIT in unprotected:
        raise HeaderRefused("critical headers are not understood")
    return Signed(protected, unprotected, payload, signature, _to_be_signed(head, payload))


def read_claims(payload: bytes, *, max_bytes: int = MAX_BYTES) -> dict[CBOR, CBOR]:
    """The claims set of a CWT. Raises CBORRejected."""
    claims = decode(payload, max_bytes=max_bytes)
    if not isinstance(claims, dict):
        raise CBORRejected("a claims set is a map")
    return claims


def encode(value: CBOR) -> bytes:
    """The bytes of a value: shortest heads, map entries in the order given.

    Raises TypeError for a value outside the subset: that is the caller's bug.
    """
    out = bytearray()
    _write(out, value)
    return bytes(out)


def decode(octets: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> CBOR:
    """The value of CBOR bytes: integers of 64 bits, strings, arrays, maps with scalar keys, tags, booleans, null.

    Raises CBORRejected for anything else, and beyond the limits.
    """
    if len(octets) > max_bytes:
        raise CBORRejected("too large", bytes=len(octets), limit=max_bytes)
    reader = _Reader(octets, max_depth)
    value = reader.value(0)
    if reader.at != len(octets):
        raise CBORRejected("bytes left over", at=reader.at)
    return value


def _to_be_signed(head: bytes, payload: bytes) -> bytes:
    return encode(["Signature1", head, b"", payload])


def _write(out: bytearray, value: CBOR) -> None:
    if isinstance(value, list):
        out += cbor.head(4, len(value))
        for one in value:
            _write(out, one)
    elif isinstance(value, Mapping):
        out += cbor.head(5, len(value))
        for key, one in value.items():
            _write(out, key)
            _write(out, one)
    elif isinstance(value, Tagged):
        out += cbor.head(6, value.tag)
        _write(out, value.value)
    else:
        out += cbor.encode(value)


class _Reader:
    """A cursor over the bytes; `left` is how many values may yet come."""

    __slots__ = ("at", "left", "max_depth", "octets")

    def __init__(self, octets: bytes, max_depth: int) -> None:
        self.octets = octets
        self.at = 0
        self.left = MAX_ITEMS
        self.max_depth = max_depth

    def take(self, size: int) -> bytes:
        if size > len(self.octets) - self.at:
            raise CBORRejected("cut short", at=self.at)
        self.at += size
        return self.octets[self.at - size : self.at]

    def head(self) -> tuple[int, int]:
        first = self.take(1)[0]
        major, size = first >> 5, first & 31
        if size < 24:
            return major, size
        if size > 27 or major == 7:
            raise CBORRejected("an indefinite length, a float or a simple value", at=self.at - 1)
        return major, int.from_bytes(self.take(1 << size - 24), "big")

    def value(self, depth: int) -> CBOR:
        self.left -= 1
        if depth > self.max_depth or self.left < 0:
            raise CBORRejected("too deep, or too many values", depth=depth)
        major, size = self.head()
        match major:
            case 0:
                return size
            case 1:
                return -1 - size
            case 2:
                return self.take(size)
            case 3:
                return self.text(size)
            case 4:
                self.require_room(size)
                return [self.value(depth + 1) for _ in range(size)]
            case 5:
                self.require_room(2 * size)
                return self.map(size, depth)
            case 6:
                return Tagged(size, self.value(depth + 1))
        if size not in _SIMPLE:
            raise CBORRejected("a simple value unknown here", value=size)
        return _SIMPLE[size]

    def require_room(self, items: int) -> None:
        # Each item takes a byte at least: a length that promises more is refused before anything is made of it.
        if items > min(len(self.octets) - self.at, self.left):
            raise CBORRejected("it promises more values than there are, or than are read", items=items)

    def text(self, size: int) -> str:
        try:
            return self.take(size).decode()
        except UnicodeDecodeError:
            raise CBORRejected("text is not UTF-8", at=self.at - size) from None

    def map(self, size: int, depth: int) -> dict[CBOR, CBOR]:
        found: dict[CBOR, CBOR] = {}
        for _ in range(size):
            key = self.value(depth + 1)
            # A bool would be the same key as an int to Python, and nothing here is named by one.
            if not isinstance(key, int | bytes | str) or isinstance(key, bool) or key in found:
                raise CBORRejected("a key that stands twice, or is no integer and no string", at=self.at)
            found[key] = self.value(depth + 1)
        return found
