"""Transactions: from bytes to messages, who has to sign them, and what is signed in the direct modes.

Every byte here is consensus: two nodes that disagree on what a transaction is fork (`spec/sdk/tx.md` §1 to §4).
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from panacea.primitives.address import ACCOUNT, OPERATOR, Address
from panacea.primitives.rejected import Rejected
from panacea.wire.any import MSG, PUBLIC_KEY
from panacea.wire.encode import Undecodable
from panacea.wire.pool import is_repeated, load, options
from panacea.wire.unknown import Checked

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.tx.v1beta1.tx_pb2 import AuthInfo, SignDoc, SignDocDirectAux, TxBody
else:
    AuthInfo, SignDoc, SignDocDirectAux, TxBody = load(
        "cosmos.tx.v1beta1", "AuthInfo", "SignDoc", "SignDocDirectAux", "TxBody"
    )

TX_EXTENSION = "cosmos.tx.v1beta1.TxExtensionOptionI"


class TxParseError(Undecodable):
    """The bytes are no transaction."""


class NotSignable(Rejected, codespace="sdk", code=4, text="unauthorized"):
    """A message names nobody who could sign it, or a mode cannot sign this transaction."""


@dataclass(frozen=True, slots=True)
class Tx:
    """A decoded transaction. `body_bytes` and `auth_info_bytes` are as received: signatures cover these."""

    raw: bytes = field(repr=False)
    body: TxBody
    auth_info: AuthInfo
    signatures: tuple[bytes, ...]
    body_bytes: bytes = field(repr=False)
    auth_info_bytes: bytes = field(repr=False)
    messages: tuple[Message, ...] = field(repr=False)
    public_keys: tuple[Message | None, ...] = field(repr=False)
    """One for each signer info; None where it carries no key."""
    unknown_non_critical: bool
    """The body held unknown fields that the sender marked as not critical."""

    @property
    def hash(self) -> bytes:
        """SHA-256 of the bytes; shown as upper-case hexadecimal."""
        return hashlib.sha256(self.raw).digest()


def decode_tx(raw: bytes) -> Tx:
    """The transaction that `raw` encodes, after all checks of `spec/sdk/tx.md` §1; TxParseError when one fails."""
    try:
        return _decode_tx(raw)
    except Undecodable as reason:
        raise TxParseError(reason.detail, **reason.values) from reason


def _decode_tx(raw: bytes) -> Tx:
    body_bytes, auth_info_bytes, signatures = split_raw(raw)
    lenient = Checked(allow_non_critical=True)
    body = lenient.read(TxBody, body_bytes)
    messages = tuple([lenient.open(packed, MSG) for packed in body.messages])
    for packed in (*body.extension_options, *body.non_critical_extension_options):
        lenient.open(packed, TX_EXTENSION)
    strict = Checked(allow_non_critical=False)
    auth_info = strict.read(AuthInfo, auth_info_bytes)
    public_keys = tuple(
        [
            strict.open(info.public_key, PUBLIC_KEY) if info.HasField("public_key") else None
            for info in auth_info.signer_infos
        ]
    )
    return Tx(
        raw,
        body,
        auth_info,
        signatures,
        body_bytes,
        auth_info_bytes,
        messages,
        public_keys,
        lenient.had_non_critical,
    )


def split_raw(raw: bytes) -> tuple[bytes, bytes, tuple[bytes, ...]]:
    """Body, auth info and signatures of an encoded TxRaw, under the rules of ADR-027.

    Every field is length-delimited, numbers never decrease, and each length is as short as it can be. Raises
    Undecodable.
    """
    found: dict[int, list[bytes]] = {1: [b""], 2: [b""], 3: []}
    at, last, size = 0, 0, len(raw)
    while at < size:
        tag, start = _varint(raw, at)
        number = tag >> 3
        if tag & 7 != 2 or number < last or number not in found:
            raise Undecodable("not a canonical TxRaw", field=number, wire_type=tag & 7)
        length, at = _varint(raw, start)
        # The last byte of a varint that is longer than it has to be is zero.
        if (at - start > 1 and raw[at - 1] == 0) or at + length > size:
            raise Undecodable("not a canonical length", field=number, length=length)
        found[number].append(raw[at : at + length])
        at += length
        last = number
    # Of a field that stands twice the last counts, as everywhere in protobuf.
    return found[1][-1], found[2][-1], tuple(found[3])


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    """An unsigned varint of at most 64 bits, and where it ends."""
    value = shift = 0
    for byte in raw[at : at + 10]:
        at += 1
        if byte < 0x80:
            value |= byte << shift
            if value >> 64:
                break
            return value, at
        value |= (byte & 0x7F) << shift
        shift += 7
    raise Undecodable("not a varint", at=at)


# Who signs


def signers(tx: Tx) -> tuple[Address, ...]:
    """The addresses that must sign: of each message in turn, then the fee's payer if it is another one.

    Raises:
        NotSignable: a message names no signer.
        InvalidAddress: a signer's text is no address.
    """
    found = dict.fromkeys(address for message in tx.messages for address in message_signers(message))
    if tx.auth_info.fee.payer:
        found.setdefault(Address.parse(tx.auth_info.fee.payer))
    return tuple(found)


def message_signers(message: Message) -> list[Address]:
    """The addresses that must sign one message, as its option `cosmos.msg.v1.signer` says; repeats included."""
    return [address for read in _signer_readers(message.DESCRIPTOR) for address in read(message)]


_Reader = Callable[[Any], Iterator[Address]]  # Any: the fields of a message are found by name


@cache
def _signer_readers(descriptor: Descriptor) -> tuple[_Reader, ...]:
    names = options(descriptor, "cosmos.msg.v1.signer")
    if not names:
        raise NotSignable("the message names no signer", type_url=f"/{descriptor.full_name}")
    return tuple(_reader(descriptor, name) for name in names)


def _reader(descriptor: Descriptor, name: str) -> _Reader:
    described = descriptor.fields_by_name[name]
    repeated = is_repeated(described)
    is_message = described.message_type is not None
    is_operator = options(described, "cosmos_proto.scalar") == "cosmos.ValidatorAddressString"
    prefix = OPERATOR if is_operator else ACCOUNT

    def read(message: Any) -> Iterator[Address]:  # Any: fields are found by name
        value = getattr(message, name)
        for one in value if repeated else (value,):
            if is_message:
                yield from message_signers(one)
            else:
                yield Address.parse(one, prefix)

    return read


# What is signed


def sign_bytes_direct(body_bytes: bytes, auth_info_bytes: bytes, *, chain_id: str, account_number: int) -> bytes:
    """What a signer in SIGN_MODE_DIRECT signs (by SHA-256, for secp256k1)."""
    signed = SignDoc(
        body_bytes=body_bytes, auth_info_bytes=auth_info_bytes, chain_id=chain_id, account_number=account_number
    )
    return signed.SerializeToString(deterministic=True)


def sign_bytes_direct_aux(tx: Tx, index: int, *, chain_id: str, account_number: int) -> bytes:
    """What signer `index` signs in SIGN_MODE_DIRECT_AUX: everything but the fee. Whoever pays the fee may not."""
    info = tx.auth_info.signer_infos[index]
    signed = SignDocDirectAux(
        body_bytes=tx.body_bytes, chain_id=chain_id, account_number=account_number, sequence=info.sequence
    )
    signed.public_key.CopyFrom(info.public_key)
    if tx.auth_info.HasField("tip"):
        signed.tip.CopyFrom(tx.auth_info.tip)
    return signed.SerializeToString(deterministic=True)
