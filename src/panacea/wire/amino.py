"""SIGN_MODE_LEGACY_AMINO_JSON: a transaction as the JSON that old and hardware wallets sign (`spec/sdk/tx.md` §5, §8).

All of it is read from descriptors: names from `amino.*`, numbers from `cosmos_proto.scalar` and gogoproto's custom
types. Where upstream refuses a submessage that is absent although it may not be omitted, its default is written, as
before SDK 0.50: some wallets leave such fields out.
"""

from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message

from panacea.primitives.numbers import Dec
from panacea.wire.any import ALIASES, class_at
from panacea.wire.compact import compact_json
from panacea.wire.encode import custom_type, parse
from panacea.wire.pool import is_repeated, message_type, options
from panacea.wire.times import format_time_shortest
from panacea.wire.tx import NotSignable, Tx

JSON = Any  # Any: a JSON value
_Write = Callable[[Any], JSON]  # Any: the value of a field

BARE = frozenset(f"/{name}" for pair in ALIASES.items() for name in pair)
"""The type URLs whose messages old wallets sign without their type: those of the did module."""


def sign_bytes_amino_json(tx: Tx, *, chain_id: str, account_number: int, sequence: int, bare: bool = False) -> bytes:
    """What a signer signs in SIGN_MODE_LEGACY_AMINO_JSON.

    With `bare`, the messages of `BARE` are written without the name of their type, as the chain did up to now
    (`spec/chain.md` §3.4); whoever verifies tries both forms.

    Raises:
        NotSignable: the mode cannot express this transaction: unknown fields, extension options, no fee, or a map.
    """
    body = tx.body
    if tx.unknown_non_critical or body.extension_options or body.non_critical_extension_options:
        raise NotSignable("amino JSON cannot express unknown fields or extension options")
    if not tx.auth_info.HasField("fee"):
        raise NotSignable("amino JSON needs a fee")
    fee = tx.auth_info.fee
    named = {"payer": fee.payer, "granter": fee.granter}
    doc = {
        "account_number": str(account_number),
        "chain_id": chain_id,
        "fee": {
            "amount": [amino_value(coin) for coin in fee.amount],
            "gas": str(fee.gas_limit),
            **{name: address for name, address in named.items() if address},
        },
        "memo": body.memo,
        "msgs": [
            amino_value(message) if bare and f"/{message.DESCRIPTOR.full_name}" in BARE else typed(message)
            for message in tx.messages
        ],
        "sequence": str(sequence),
    }
    if body.timeout_height:
        doc["timeout_height"] = str(body.timeout_height)
    return compact_json(doc, sort_keys=True).encode()


def sign_bytes_adr036(signer: str, payload: bytes) -> bytes:
    """What a wallet signs for a message that is no transaction (ADR-036); never acceptable on chain."""
    doc = {
        "account_number": "0",
        "chain_id": "",
        "fee": {"amount": [], "gas": "0"},
        "memo": "",
        "msgs": [
            {"type": "sign/MsgSignData", "value": {"data": b64encode(payload).decode(), "signer": signer}},
        ],
        "sequence": "0",
    }
    return compact_json(doc, sort_keys=True).encode()


def typed(message: Message) -> JSON:
    """A message with its amino name, or its type URL where it has none."""
    name = options(message.DESCRIPTOR, "amino.name") or f"/{message.DESCRIPTOR.full_name}"
    return {"type": name, "value": amino_value(message)}


def amino_value(message: Message) -> JSON:
    """The amino JSON value of a message, without its type."""
    return _writer(message.DESCRIPTOR)(message)


# One writer a type and one a field, each made once. A field's writer gives whether to write it, and what.


@cache
def _writer(descriptor: Descriptor) -> _Write:
    special = _BY_TYPE.get(descriptor.full_name) or _BY_ENCODING.get(options(descriptor, "amino.message_encoding"))
    if special is not None:
        return special
    fields = [_field_writer(field) for field in descriptor.fields if field.containing_oneof is None]
    fields += [_oneof_writer(oneof) for oneof in descriptor.oneofs]

    def write(message: Any) -> JSON:  # Any: fields are found by name
        found: dict[str, JSON] = {}
        for add in fields:
            add(message, found)
        return found

    return write


def _field_writer(field: FieldDescriptor) -> Callable[[Any, dict[str, JSON]], None]:
    wire_name, name = field.name, _amino_name(field)
    keep = bool(options(field, "amino.dont_omitempty"))
    value = _value_writer(field)
    is_single_message = field.message_type is not None and not is_repeated(field)

    def add(message: Any, into: dict[str, JSON]) -> None:  # Any: fields are found by name
        found = getattr(message, wire_name)
        # A message is empty when it is not set, anything else when it is its default.
        present = message.HasField(wire_name) if is_single_message else bool(found)
        if present or keep:
            into[name] = value(found)

    return add


def _oneof_writer(oneof: OneofDescriptor) -> Callable[[Any, dict[str, JSON]], None]:
    name = "".join(part.capitalize() for part in oneof.name.split("_"))
    writers = {field.name: (field, _value_writer(field)) for field in oneof.fields}

    def add(message: Any, into: dict[str, JSON]) -> None:  # Any: fields are found by name
        content = message.WhichOneof(oneof.name)
        if content is None:
            into[name] = None
            return
        field, value = writers[content]
        inner = {_amino_name(field): value(getattr(message, content))}
        into[name] = {"type": options(field, "amino.oneof_name"), "value": inner}

    return add


def _amino_name(field: FieldDescriptor) -> str:
    return options(field, "amino.field_name") or field.name


def _value_writer(field: FieldDescriptor) -> _Write:
    if not is_repeated(field):
        return _element_writer(field)
    kind = field.message_type
    if kind is not None and kind.GetOptions().map_entry:
        return _refuse_map
    element = _element_writer(field)
    empty: JSON = [] if options(field, "amino.encoding") == "legacy_coins" else None
    return lambda values: [element(value) for value in values] if len(values) else empty


def _element_writer(field: FieldDescriptor) -> _Write:
    if field.message_type is not None:
        kind = message_type(field)

        # Looked up when it is needed: the type may contain itself.
        def write(message: Message) -> JSON:
            return _writer(kind)(message)

        return write
    if options(field, "cosmos_proto.scalar") == "cosmos.Int":
        return lambda found: _text(found) or "0"
    if custom_type(field) == "LegacyDec":
        return lambda found: str(Dec.from_wire(_text(found))) if found else "0"
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda raw: b64encode(raw).decode()
    if field.cpp_type in (FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64):
        return str
    return lambda value: value


def _text(number: str | bytes) -> str:
    # Some fields of the SDK are bytes that spell a number.
    return number.decode("ascii", "replace") if isinstance(number, bytes) else number


def _refuse_map(_: Any) -> JSON:  # Any: a map of the message
    raise NotSignable("amino JSON cannot express a map")


# The types whose JSON is not an object of their fields.


def _write_any(packed: Any) -> JSON:  # Any: google.protobuf.Any
    return typed(parse(class_at(packed.type_url), packed.value))


def _write_key(public_key: Any) -> JSON:  # Any: a message with a field `key`
    return b64encode(public_key.key).decode() or None


def _write_threshold_key(public_key: Any) -> JSON:  # Any: LegacyAminoPubKey
    return {
        "pubkeys": [_write_any(packed) for packed in public_key.public_keys],
        "threshold": str(public_key.threshold),
    }


def _write_module_account(account: Any) -> JSON:  # Any: ModuleAccount
    inner = account.base_account
    return {
        "account_number": inner.account_number,
        "address": inner.address,
        "name": account.name,
        "permissions": list(account.permissions) or None,
        "public_key": "",
        "sequence": inner.sequence,
    }


def _write_strings(strings: Any) -> JSON:  # Any: panacea.did.v2.Strings
    return strings.values[0] if len(strings.values) == 1 else list(strings.values)


def _write_relationship(relationship: Any) -> JSON:  # Any: panacea.did.v2.VerificationRelationship
    content = relationship.WhichOneof("content")
    found = getattr(relationship, content) if content else ""
    return found if isinstance(found, str) else amino_value(found)


_BY_ENCODING: dict[str, _Write] = {
    "key_field": _write_key,
    "threshold_string": _write_threshold_key,
    "module_account": _write_module_account,
}
_BY_TYPE: dict[str, _Write] = {
    "google.protobuf.Any": _write_any,
    "google.protobuf.Timestamp": lambda time: format_time_shortest(time.seconds, time.nanos),
    "google.protobuf.Duration": lambda span: str(span.seconds * 1_000_000_000 + span.nanos),
    "panacea.did.v2.Strings": _write_strings,
    "panacea.did.v2.VerificationRelationship": _write_relationship,
}
