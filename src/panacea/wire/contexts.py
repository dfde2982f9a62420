"""Every domain tag, digest and context that wallets, oracles, store nodes, consumers and the chain share.

No other file may build one: two rooms that disagree about one byte here cannot trade. The layout is `exchange.md` §8
to §10 of the design; each function has a golden vector in `tests/unit/wire/test_contexts.py`. Addresses stand as
bech32 text in CBOR, identifiers and hashes as bytes, times as unix seconds.
"""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import astuple, dataclass

from panacea.crypto.digest import tagged_hash
from panacea.primitives.rejected import Rejected
from panacea.wire import cbor

OFFER = "panacea/offer/v3"
OFFER_VERSION = 3
DELIVER, WITNESS = 1, 2


class ContextRejected(Rejected, codespace="wire", code=2, text="not a context of this kind"):
    """Bytes that should be one of the contexts here are not."""


def _sha256(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _keyed(key: bytes, context: list[object]) -> bytes:
    return hmac.new(key, cbor.encode(context), hashlib.sha256).digest()


# The record: what makes two sales of it recognisable, and only within one deal.


def nullifier(issuer_secret: bytes, reference: str) -> bytes:
    """The 32 bytes an issuer puts into a record's credential: a function of the record's absolute FHIR reference."""
    return _keyed(issuer_secret, ["panacea/nullifier/v1", reference])


def deal_tag(record_nullifier: bytes, chain_id: str, deal_id: int) -> bytes:
    """The duplicate tag of a record in one deal, 32 bytes: equal at every oracle, unlinkable between deals."""
    return _keyed(record_nullifier, ["panacea/deal-tag/v1", chain_id, deal_id])


def commit_salt(record_nullifier: bytes, chain_id: str, deal_id: int) -> bytes:
    """The salt of a record's data commitment in one deal, 32 bytes."""
    return _keyed(record_nullifier, ["panacea/commit-salt/v1", chain_id, deal_id])


def data_commitment(salt: bytes, consumer_view: bytes) -> bytes:
    """The salted commitment to the bytes that the consumer receives."""
    return tagged_hash("panacea/commit/v1", salt + _sha256(consumer_view))


# The offer: from wallet to enclave and back.


@dataclass(frozen=True, slots=True)
class OfferInfo:
    """What an offer is bound to: it opens at this oracle, for this deal, in this epoch, and nowhere else."""

    chain_id: str
    deal_id: int
    provider: str
    oracle: str
    epoch: int
    hpke_key_hash: bytes
    measurement: bytes
    query_hash: bytes
    role: int
    nonce: bytes
    expires_at: int

    def encode(self) -> bytes:
        """The HPKE `info` of the offer's key."""
        return cbor.encode([OFFER, *astuple(self)])

    @classmethod
    def decode(cls, raw: bytes) -> "OfferInfo":
        """The context of these bytes.

        Raises:
            ContextRejected: another shape, another tag, or a field of the wrong type or length.
            NotCanonical: not canonical CBOR.
        """
        found = cbor.decode(raw, max_bytes=4096, max_depth=1)
        kinds = [str, str, int, str, str, int, bytes, bytes, bytes, int, bytes, int]
        if not isinstance(found, list) or [type(item) for item in found] != kinds or found[0] != OFFER:
            raise ContextRejected("an offer's info")
        info = cls(*found[1:])
        if len(info.nonce) != 16 or len(info.hpke_key_hash) != 32 or info.role not in (DELIVER, WITNESS):
            raise ContextRejected("an offer's info", role=info.role)
        if min(info.deal_id, info.epoch, info.expires_at) < 0:
            raise ContextRejected("an offer's info: a negative number")
        return info


def envelope_digest(info: bytes, body: bytes) -> bytes:
    """What the holder's DID signs: this payload, in this context."""
    return tagged_hash("panacea/envelope/v3", _sha256(info) + _sha256(body))


def enclave_view_header(info: bytes) -> bytes:
    """The BBS presentation header of the view that only the enclave reads."""
    return tagged_hash(OFFER, info)


def consumer_view_header(chain_id: str, deal_id: int, query_hash: bytes) -> bytes:
    """The BBS presentation header of the view that the consumer receives: a copy used elsewhere shows its origin."""
    return tagged_hash("panacea/view/v3", cbor.encode([chain_id, deal_id, query_hash]))


def reply_info(info: bytes) -> bytes:
    """The HPKE `info` of the enclave's answer to an offer."""
    return cbor.encode(["panacea/reply/v3", _sha256(info)])


# The delivery: object, receipt, shares.


def receipt_digest(object_id: bytes, deal_id: int, until: int, height: int) -> bytes:
    """What a store signs: it keeps this object for this deal until that height, said at this height."""
    return tagged_hash("panacea/receipt/v3", cbor.encode([object_id, deal_id, until, height]))


def deletion_digest(object_id: bytes, when: int, height: int, method: str) -> bytes:
    """What a store signs: it erased this object at that time (unix seconds) and height, for that reason."""
    return tagged_hash("panacea/deletion/v1", cbor.encode([object_id, when, height, method]))


@dataclass(frozen=True, slots=True)
class ShareInfo:
    """What one member's sealed share is bound to; `index` is its place 1..n in the committee."""

    chain_id: str
    deal_id: int
    provider: str
    oracle: str
    epoch: int
    tag: bytes
    object_id: bytes
    index: int
    member: str

    def encode(self) -> bytes:
        """The HPKE `info` of the share."""
        return cbor.encode(["panacea/share/v3", *astuple(self)])


def shares_root(sealed_shares: Sequence[bytes]) -> bytes:
    """The commitment of a certificate to all sealed shares, in the committee's order."""
    return tagged_hash("panacea/shares/v3", b"".join(map(_sha256, sealed_shares)))


@dataclass(frozen=True, slots=True)
class ReleaseInfo:
    """What a released share is bound to; `number` is the consent's."""

    chain_id: str
    deal_id: int
    number: int
    tag: bytes
    object_id: bytes
    index: int
    member: str

    def encode(self) -> bytes:
        """The HPKE `info` under which the consumer opens the share."""
        return cbor.encode(["panacea/release/v3", *astuple(self)])


# What is signed for the chain.


def certificate_digest(body: bytes) -> bytes:
    """What an oracle signs to certify: the Certificate's protobuf bytes as carried."""
    return tagged_hash("panacea/certificate/v3", body)


def releases_digest(batch: bytes) -> bytes:
    """What a committee member signs to release: the ReleaseBatch's protobuf bytes as carried."""
    return tagged_hash("panacea/releases/v3", batch)


def deal_digest(chain_id: str, unsigned_deal: bytes) -> bytes:
    """What the consumer's DID signs: MsgCreateDeal with its did_signature (field 19) empty, fields ascending."""
    return tagged_hash("panacea/create-deal/v3", chain_id.encode() + b"\x00" + unsigned_deal)


@dataclass(frozen=True, slots=True)
class ReportContext:
    """What an enclave's evidence binds: chain, operator, epoch, keys, endpoint, and the block it anchors on."""

    chain_id: str
    operator: str
    epoch: int
    signing_key: bytes
    suite: int
    hpke_key: bytes
    endpoint: str
    trusted_height: int
    trusted_hash: bytes

    def report_data(self) -> bytes:
        """The 64 bytes that go into the quote: SHA-512 of the context."""
        return hashlib.sha512(cbor.encode(["panacea/report/v3", *astuple(self)])).digest()


def committee_order(epoch: int, last_block_hash: bytes, address: bytes) -> bytes:
    """The sort key of a candidate in the drawing of a committee; epoch as 8 bytes, big-endian."""
    return tagged_hash("panacea/committee/v3", epoch.to_bytes(8, "big") + last_block_hash + address)
