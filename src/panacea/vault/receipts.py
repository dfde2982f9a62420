"""What a store signs: that it keeps an object, and that it erased one.

    kept       Ed25519 over D("panacea/receipt/v3", CBOR [oid, deal_id, until, height]); travels as
               CBOR [oid, deal_id, until, height, signature]
    erased     Ed25519 over D("panacea/deletion/v1", CBOR [oid, when, height, method]); travels as
               CBOR [oid, when, height, method, signature] and stays as the object's tombstone

A deletion receipt binds one store to one claim about its own disk. It says nothing of copies that others took.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected, Signer
from panacea.vault.types import ReceiptRejected
from panacea.wire import cbor
from panacea.wire.contexts import deletion_digest, receipt_digest

_ROOM = 512


@dataclass(frozen=True, slots=True)
class Receipt:
    """A store keeps `oid` for `deal_id` at least until the height `until`; said at `height`."""

    oid: bytes
    deal_id: int
    until: int
    height: int
    signature: bytes

    @classmethod
    def sign(cls, signer: Signer, *, oid: bytes, deal_id: int, until: int, height: int) -> "Receipt":
        """The store's word."""
        return cls(oid, deal_id, until, height, signer.sign(receipt_digest(oid, deal_id, until, height)))

    def verify(self, store_key: bytes, *, oid: bytes, deal_id: int) -> None:
        """This store said so, of this object in this deal.

        Raises:
            ReceiptRejected: another object, another deal, or not signed by that key.
        """
        if (self.oid, self.deal_id) != (oid, deal_id):
            raise ReceiptRejected("for another object or deal", deal_id=self.deal_id)
        _require_signed(store_key, receipt_digest(self.oid, self.deal_id, self.until, self.height), self.signature)

    def encode(self) -> bytes:
        """The bytes that travel."""
        return cbor.encode([self.oid, self.deal_id, self.until, self.height, self.signature])

    @classmethod
    def decode(cls, raw: bytes) -> "Receipt":
        """The receipt of these bytes.

        Raises:
            ReceiptRejected: not a receipt.
            NotCanonical: not canonical CBOR.
        """
        return cls(*_fields(raw, [bytes, int, int, int, bytes]))


class Method(StrEnum):
    """Why, and so by whose rule, a store erased."""

    EXPIRED = "expired"
    """No consent stood when the time to consent was over."""
    UNDELIVERED = "undelivered"
    """The sale was undone."""
    WITHDRAWN = "withdrawn"
    """The provider took the consent back."""
    RETENTION = "retention"
    """The deal's retention time is over."""
    REQUESTED = "requested"
    """The consumer, or before any consent the oracle, asked for it."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """A store erased `oid`; `when` in unix seconds of its clock, `height` of the chain as it saw it."""

    oid: bytes
    when: int
    height: int
    method: Method
    signature: bytes

    @classmethod
    def sign(cls, signer: Signer, *, oid: bytes, when: int, height: int, method: Method) -> "Deletion":
        """The store's word."""
        return cls(oid, when, height, method, signer.sign(deletion_digest(oid, when, height, method)))

    def verify(self, store_key: bytes, *, oid: bytes) -> None:
        """This store said so, of this object.

        Raises:
            ReceiptRejected: another object, or not signed by that key.
        """
        if self.oid != oid:
            raise ReceiptRejected("for another object")
        _require_signed(store_key, deletion_digest(self.oid, self.when, self.height, self.method), self.signature)

    def encode(self) -> bytes:
        """The bytes that travel."""
        return cbor.encode([self.oid, self.when, self.height, str(self.method), self.signature])

    @classmethod
    def decode(cls, raw: bytes) -> "Deletion":
        """The deletion receipt of these bytes.

        Raises:
            ReceiptRejected: not a deletion receipt.
            NotCanonical: not canonical CBOR.
        """
        oid, when, height, method, signature = _fields(raw, [bytes, int, int, str, bytes])
        if method not in list(Method):
            raise ReceiptRejected("an unknown method", method=method)
        return cls(oid, when, height, Method(method), signature)


def _require_signed(store_key: bytes, digest: bytes, signature: bytes) -> None:
    try:
        PublicKey(KeyKind.ED25519, store_key).verify(digest, signature)
    except (SignatureRejected, InvalidKey) as reason:
        raise ReceiptRejected("not signed by that store") from reason


def _fields(raw: bytes, kinds: list[type]) -> list[Any]:  # Any: of the kinds asked for, in their order
    found = cbor.decode(raw, max_bytes=_ROOM, max_depth=1)
    if not isinstance(found, list) or [type(item) for item in found] != kinds:
        raise ReceiptRejected("another shape")
    if len(found[0]) != 32 or len(found[-1]) != 64 or any(type(item) is int and item < 0 for item in found):
        raise ReceiptRejected("a field out of range")
    return found
