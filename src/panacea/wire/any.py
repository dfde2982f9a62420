"""`google.protobuf.Any`: a message with the name of its type, and which types may stand where.

A type URL is `/` and a full name, nothing else; what it may name depends on the interface that the field accepts:
`MSG`, `PUBLIC_KEY`, `ACCOUNT`, `FEE_ALLOWANCE` and others that the descriptors declare.
"""

from functools import cache
from typing import TYPE_CHECKING

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from panacea.primitives.rejected import Rejected
from panacea.wire.encode import decode, encode
from panacea.wire.pool import file_names, load, message_class, options, pool

if TYPE_CHECKING:
    from google.protobuf.any_pb2 import Any as PackedMessage
else:
    (PackedMessage,) = load("google.protobuf", "Any")

MSG = "cosmos.base.v1beta1.Msg"
PUBLIC_KEY = "cosmos.crypto.PubKey"
ACCOUNT = "cosmos.auth.v1beta1.AccountI"
FEE_ALLOWANCE = "cosmos.feegrant.v1beta1.FeeAllowanceI"

ALIASES = {
    "panacea.did.v2.MsgCreateDID": "panacea.did.v2.MsgCreateDIDRequest",
    "panacea.did.v2.MsgUpdateDID": "panacea.did.v2.MsgUpdateDIDRequest",
    "panacea.did.v2.MsgDeactivateDID": "panacea.did.v2.MsgDeactivateDIDRequest",
}
"""Messages that are another one under an old name, with the same fields; by full name."""

# What implements an interface without an option that says so.
_UNDECLARED = {
    PUBLIC_KEY: (
        "cosmos.crypto.secp256k1.PubKey",
        "cosmos.crypto.secp256r1.PubKey",
        "cosmos.crypto.ed25519.PubKey",
        "cosmos.crypto.multisig.LegacyAminoPubKey",
    ),
    ACCOUNT: (
        "cosmos.auth.v1beta1.ModuleAccount",
        "cosmos.vesting.v1beta1.BaseVestingAccount",
        "cosmos.vesting.v1beta1.ContinuousVestingAccount",
        "cosmos.vesting.v1beta1.DelayedVestingAccount",
        "cosmos.vesting.v1beta1.PeriodicVestingAccount",
        "cosmos.vesting.v1beta1.PermanentLockedAccount",
    ),
    "cosmos.evidence.v1beta1.Evidence": ("cosmos.evidence.v1beta1.Equivocation",),
    MSG: tuple(ALIASES),
}


class NotUnpackable(Rejected, codespace="sdk", code=34, text="failed unpacking protobuf message from Any"):
    """An `Any` names no type, a type that may not stand there, or holds something else."""


def type_url(message: Message | type[Message]) -> str:
    """`/` and the full name of a message or a class."""
    return f"/{message.DESCRIPTOR.full_name}"


def pack(message: Message) -> PackedMessage:
    """The message as an `Any`."""
    return PackedMessage(type_url=type_url(message), value=encode(message))


def unpack(packed: PackedMessage, interface: str = "") -> Message:
    """The message inside. Unknown fields are refused.

    Raises:
        NotUnpackable: the type is unknown, or does not implement `interface`.
        Undecodable: the value is not of that type.
    """
    return decode(class_at(packed.type_url, interface), packed.value)


@cache
def class_at(url: str, interface: str = "") -> type[Message]:
    """The class a type URL names; with an interface, one that implements it. Raises NotUnpackable."""
    allowed = implementations(interface)
    if not url.startswith("/") or (interface and allowed and url not in allowed):
        raise NotUnpackable(type_url=url, interface=interface)
    try:
        return message_class(url[1:])
    except KeyError:
        raise NotUnpackable(type_url=url, interface=interface) from None


def implementations(interface: str) -> frozenset[str]:
    """The type URLs of all types that implement an interface; empty when none is known."""
    return _registry().get(interface, frozenset())


@cache
def _registry() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {interface: {f"/{name}" for name in names} for interface, names in _UNDECLARED.items()}
    for name in file_names():
        file = pool().FindFileByName(name)
        for descriptor in file.message_types_by_name.values():
            for interface in _declared(descriptor):
                found.setdefault(interface, set()).add(f"/{descriptor.full_name}")
        # What a service of transactions takes is a transaction's message.
        for service in file.services_by_name.values():
            if options(service, "cosmos.msg.v1.service"):
                found[MSG] |= {f"/{method.input_type.full_name}" for method in service.methods}
    return {interface: frozenset(urls) for interface, urls in found.items()}


def _declared(descriptor: Descriptor) -> list[str]:
    return list(options(descriptor, "cosmos_proto.implements_interface"))
