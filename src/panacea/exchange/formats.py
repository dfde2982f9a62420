"""The messages that wallet, enclave and consumer exchange (exchange, §8), as values and as strict bytes.

Offer      what a wallet posts: an object whose key is sealed to one oracle, for one deal
Envelope   its plaintext: the views and what the enclave needs to judge them, signed by the holder
Reply      the enclave's answer, padded to one size and sealed to the wallet
Parcel     what the consumer decrypts in the end
"""

from dataclasses import dataclass

from panacea.primitives.rejected import Rejected
from panacea.wire import cbor
from panacea.wire.contexts import OFFER_VERSION

MAX_OFFER = 16 * 1024 * 1024
REPLY_SIZE = 32 * 1024
MAX_DETAIL = 512


class Malformed(Rejected, codespace="exchange", code=2, text="malformed"):
    """Bytes that are not what they should be."""


class TooLarge(Rejected, codespace="exchange", code=3, text="too_large"):
    """More bytes than the limit."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A record on its way to one oracle: `info` is an encoded OfferInfo, the rest a panacea-object/1 and its key."""

    info: bytes
    sealed_key: bytes
    descriptor: bytes
    leaves: tuple[bytes, ...]
    groups: tuple[bytes, ...]

    def encode(self) -> bytes:
        """The body of `POST /v3/offers`."""
        return cbor.encode(
            [OFFER_VERSION, self.info, self.sealed_key, self.descriptor, list(self.leaves), list(self.groups)]
        )

    @classmethod
    def decode(cls, raw: bytes) -> "Offer":
        """The offer of these bytes.

        Raises:
            TooLarge: more than 16 MiB.
            Malformed: not an offer of this version.
        """
        if len(raw) > MAX_OFFER:
            raise TooLarge(size=len(raw), limit=MAX_OFFER)
        match _decoded(raw, MAX_OFFER, "an offer"):
            case [version, bytes(info), bytes(sealed_key), bytes(descriptor), list(leaves), list(groups)] if (
                version == OFFER_VERSION and _all_bytes(leaves) and _all_bytes(groups)
            ):
                return cls(info, sealed_key, descriptor, tuple(leaves), tuple(groups))
        raise Malformed("not an offer of version 3")


@dataclass(frozen=True, slots=True)
class Body:
    """What the holder signs: both views, the evidence that enclaves never fetch, the terms, and where to answer."""

    enclave_view: bytes
    consumer_view: bytes
    status_lists: tuple[bytes, ...]
    schemas: tuple[bytes, ...]
    agreements: tuple[tuple[int, bool], ...]
    reply_key: bytes

    def encode(self) -> bytes:
        """Canonical bytes: their hash is signed."""
        return cbor.encode(
            [
                self.enclave_view,
                self.consumer_view,
                list(self.status_lists),
                list(self.schemas),
                [list(agreement) for agreement in self.agreements],
                self.reply_key,
            ]
        )

    @classmethod
    def decode(cls, raw: bytes) -> "Body":
        """The body of these bytes. Raises Malformed."""
        match _decoded(raw, MAX_OFFER, "an envelope's body"):
            case [bytes(enclave), bytes(consumer), list(lists), list(schemas), list(agreements), bytes(reply_key)] if (
                _all_bytes(lists) and _all_bytes(schemas) and len(lists) <= 8 and len(schemas) <= 16
            ):
                agreed = tuple(_agreement(item) for item in agreements)
                return cls(enclave, consumer, tuple(lists), tuple(schemas), agreed, reply_key)
        raise Malformed("not an envelope's body")


def _agreement(item: object) -> tuple[int, bool]:
    match item:
        case [int(term), bool(agreed)] if not isinstance(term, bool) and term >= 0:
            return term, agreed
    raise Malformed("not an agreement")


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed body: `signature` by the holder's method `vm_id`, over `envelope_digest(info, body)`."""

    body: bytes
    holder_did: str
    vm_id: str
    signature: bytes

    def encode(self) -> bytes:
        """The plaintext of an offer's object."""
        return cbor.encode([self.body, self.holder_did, self.vm_id, self.signature])

    @classmethod
    def decode(cls, raw: bytes) -> "Envelope":
        """The envelope of these bytes. Raises Malformed."""
        match _decoded(raw, MAX_OFFER, "an envelope"):
            case [bytes(body), str(did), str(vm_id), bytes(signature)] if max(len(did), len(vm_id)) <= 2048:
                return cls(body, did, vm_id, signature)
        raise Malformed("not an envelope")


@dataclass(frozen=True, slots=True)
class Reply:
    """The enclave's answer: `ok` with a certificate (an encoded SignedCertificate) and shares, or a stable code."""

    code: str
    detail: str = ""
    certificate: bytes = b""
    sealed_shares: tuple[bytes, ...] = ()

    def encode(self) -> bytes:
        """Exactly 32 KiB: a length of 4 bytes, the answer, zeros. Sizes tell the host nothing."""
        answer = cbor.encode([self.code, self.detail[:MAX_DETAIL], self.certificate, list(self.sealed_shares)])
        if len(answer) > REPLY_SIZE - 4:
            raise ValueError(f"an answer of {len(answer)} bytes does not fit {REPLY_SIZE}")
        return (len(answer).to_bytes(4, "big") + answer).ljust(REPLY_SIZE, b"\x00")

    @classmethod
    def decode(cls, raw: bytes) -> "Reply":
        """The answer of these bytes. Raises Malformed."""
        size = int.from_bytes(raw[:4], "big")
        if len(raw) != REPLY_SIZE or size > REPLY_SIZE - 4 or any(raw[4 + size :]):
            raise Malformed("not a reply")
        match _decoded(raw[4 : 4 + size], REPLY_SIZE, "a reply"):
            case [str(code), str(detail), bytes(certificate), list(shares)] if _all_bytes(shares):
                return cls(code, detail, certificate, tuple(shares))
        raise Malformed("not a reply")


@dataclass(frozen=True, slots=True)
class Parcel:
    """What the deal's store keeps for the consumer: the view, and what ties it to its certificate."""

    consumer_view: bytes
    salt: bytes
    tag: bytes
    deal_id: int

    def encode(self) -> bytes:
        """The plaintext of the delivered object."""
        return cbor.encode([self.consumer_view, self.salt, self.tag, self.deal_id])

    @classmethod
    def decode(cls, raw: bytes) -> "Parcel":
        """The parcel of these bytes. Raises Malformed."""
        match _decoded(raw, MAX_OFFER, "a parcel"):
            case [bytes(view), bytes(salt), bytes(tag), int(deal_id)] if len(salt) == len(tag) == 32:
                return cls(view, salt, tag, deal_id)
        raise Malformed("not a parcel")


def _decoded(raw: bytes, limit: int, what: str) -> object:
    try:
        return cbor.decode(raw, max_bytes=limit, max_depth=3)
    except cbor.NotCanonical as no:
        raise Malformed(f"{what}: {no}") from no


def _all_bytes(items: list[object]) -> bool:
    return all(isinstance(item, bytes) for item in items)
