"""Messages survive their encodings, whatever they hold; transactions are refused or read, never anything else."""

import hashlib
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st
from sample_transactions import ALICE_SECRET, auth_info, send, tx_of

from panacea.crypto.keys import Secp256k1Key, SignatureRejected
from panacea.wire.amino import amino_value
from panacea.wire.build import build_body
from panacea.wire.encode import Undecodable, completion, custom_type, decode, encode
from panacea.wire.json import from_json, to_json
from panacea.wire.pool import class_of, file_names, is_repeated, load, message_class, message_type, pool
from panacea.wire.tx import TxParseError, decode_tx, sign_bytes_direct, split_raw

OWN = [
    message
    for name in file_names()
    if name.startswith("panacea/")
    for message in pool().FindFileByName(name).message_types_by_name.values()
]

(TxRaw,) = load("cosmos.tx.v1beta1", "TxRaw")
SCALARS: dict[int, st.SearchStrategy[Any]] = {  # Any: the values of a field
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(1 << 63), (1 << 63) - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, (1 << 64) - 1),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(1 << 31), (1 << 31) - 1),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, (1 << 32) - 1),
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
}


def values(field: FieldDescriptor) -> st.SearchStrategy[Any]:  # Any: the values of a field
    if field.message_type is not None:
        return messages(message_type(field))
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if custom_type(field):
        return st.integers(-(1 << 250), 1 << 250).map(str)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    return SCALARS.get(field.cpp_type, st.text(max_size=6))


def messages(descriptor: Descriptor) -> st.SearchStrategy[Any]:  # Any: a message of that type
    if descriptor.full_name in ("google.protobuf.Timestamp", "google.protobuf.Duration"):
        cls: Any = class_of(descriptor)  # Any: its fields are those of the two
        return st.builds(cls, seconds=st.integers(0, 1 << 32), nanos=st.integers(0, 999_999_999))
    if descriptor.oneofs:
        # A relationship of a DID document, which has no JSON of its own when it is empty.
        method = messages(message_type(descriptor.fields_by_name["verification_method"]))
        return st.builds(class_of(descriptor), verification_method=method) | st.builds(
            class_of(descriptor), verification_method_id=st.text(min_size=1, max_size=6)
        )
    chosen = {field.name: many(field) if is_repeated(field) else values(field) for field in descriptor.fields}
    return st.fixed_dictionaries({}, optional=chosen).map(lambda given: class_of(descriptor)(**given))


def many(field: FieldDescriptor) -> st.SearchStrategy[Any]:  # Any: a list or a map
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return st.dictionaries(st.text(max_size=3), values(kind.fields_by_name["value"]), max_size=2)
    return st.lists(values(field), max_size=2)


@pytest.mark.parametrize("descriptor", OWN, ids=lambda descriptor: descriptor.full_name)
def test_bytes_and_json_round_trip(descriptor: Descriptor) -> None:
    cls = class_of(descriptor)

    @settings(max_examples=15)
    @given(messages(descriptor))
    def check(message: Message) -> None:
        raw = encode(message)
        again = decode(cls, raw)
        assert encode(again) == raw
        assert encode(from_json(cls, to_json(again))) == raw
        if not any(is_map(field) for field in descriptor.fields):
            assert amino_value(again) is not None

    check()


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def test_every_type_of_the_pool_can_be_completed_and_written() -> None:
    for name in file_names():
        for descriptor in pool().FindFileByName(name).message_types_by_name.values():
            message = class_of(descriptor)()
            completion(descriptor)
            encode(message)


def test_types_that_do_not_contain_themselves_are_shallow() -> None:
    """Discarding unknown fields looks 64 levels deep; no type of the pool that is not recursive comes near that."""

    def depth(descriptor: Descriptor, above: tuple[Descriptor, ...] = ()) -> int:
        if descriptor in above:
            return 0
        inner = [message_type(field) for field in descriptor.fields if field.message_type is not None]
        return 1 + max((depth(kind, (*above, descriptor)) for kind in inner), default=0)

    names = [name for name in file_names() if not name.startswith("google/")]
    described = [kind for name in names for kind in pool().FindFileByName(name).message_types_by_name.values()]
    assert max(map(depth, described)) < 20


@given(st.binary(max_size=200))
def test_noise_is_refused_or_read(raw: bytes) -> None:
    try:
        tx = decode_tx(raw)
    except TxParseError:
        return
    assert split_raw(raw) == (tx.body_bytes, tx.auth_info_bytes, tx.signatures)


WHOLE = tx_of()


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_a_changed_transaction_is_refused_or_differs(at: int, mask: int) -> None:
    raw = WHOLE[:at] + bytes([WHOLE[at] ^ mask]) + WHOLE[at + 1 :]
    try:
        tx = decode_tx(raw)
    except TxParseError:
        return
    whole = decode_tx(WHOLE)
    assert (tx.body_bytes, tx.auth_info_bytes, tx.signatures) != (
        whole.body_bytes,
        whole.auth_info_bytes,
        whole.signatures,
    )
    assert tx.hash != whole.hash


@given(st.data())
def test_a_signature_in_direct_mode_covers_every_byte(data: st.DataObject) -> None:
    key = Secp256k1Key(ALICE_SECRET)
    parts = [build_body([send()], memo="<&>"), auth_info()]

    def digest() -> bytes:
        return hashlib.sha256(sign_bytes_direct(*parts, chain_id="panacea-3", account_number=7)).digest()

    signature = key.sign(digest())
    key.public_key.verify(digest(), signature)
    which = data.draw(st.integers(0, 1))
    at = data.draw(st.integers(0, len(parts[which]) - 1))
    part = bytearray(parts[which])
    part[at] ^= data.draw(st.integers(1, 255))
    parts[which] = bytes(part)
    with pytest.raises(SignatureRejected):
        key.public_key.verify(digest(), signature)


@given(st.binary(max_size=20), st.binary(max_size=20), st.lists(st.binary(max_size=200), max_size=3))
def test_the_outer_message_is_read_as_protobuf_reads_it(body: bytes, auth: bytes, signatures: list[bytes]) -> None:
    raw = TxRaw(body_bytes=body, auth_info_bytes=auth, signatures=signatures).SerializeToString()
    assert split_raw(raw) == (body, auth, tuple(signatures))


@given(st.binary(max_size=40))
def test_what_decode_accepts_has_no_unknown_fields(raw: bytes) -> None:
    cls = message_class("cosmos.base.v1beta1.Coin")
    try:
        message = decode(cls, raw)
    except Undecodable:
        return
    assert decode(cls, encode(message)) is not None
