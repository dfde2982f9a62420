"""The message classes, made at run time from one committed descriptor set; no generated module exists.

A room that wants `MsgSend` writes::

    if TYPE_CHECKING:
        from panacea.wire.stubs.cosmos.bank.v1beta1.tx_pb2 import MsgSend
    else:
        (MsgSend,) = load("cosmos.bank.v1beta1", "MsgSend")

`wire.binpb` and the stubs are made by `make proto`.
"""

from functools import cache
from importlib.resources import files
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass


def pool() -> DescriptorPool:
    """The descriptors, in a pool of our own: protobuf's default pool stays free for whoever else is imported."""
    return _loaded()[0]


def file_names() -> tuple[str, ...]:
    """The import names of all files in the pool."""
    return _loaded()[1]


@cache
def _loaded() -> tuple[DescriptorPool, tuple[str, ...]]:
    found = DescriptorPool()
    described = FileDescriptorSet.FromString(files("panacea.wire").joinpath("wire.binpb").read_bytes()).file
    for file in described:
        found.AddSerializedFile(file.SerializeToString())
    return found, tuple(file.name for file in described)


def load(package: str, *names: str) -> Any:  # Any: the stub imported beside the call gives the types
    """The classes of some messages and enums of a package, in the order asked; nested ones as `Outer.Inner`.

    Raises:
        KeyError: the package has no such message or enum.
    """
    return tuple(_message_or_enum(f"{package}.{name}") for name in names)


def _message_or_enum(full_name: str) -> Any:  # Any: see load
    try:
        return message_class(full_name)
    except KeyError:
        return EnumTypeWrapper(pool().FindEnumTypeByName(full_name))


class _Package:
    """A package of messages: each is looked up when it is first asked for."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:  # Any: see package
        try:
            return _message_or_enum(f"{self._name}.{name}")
        except KeyError:
            raise AttributeError(f"no message or enum {name} in {self._name}") from None


def package(name: str) -> Any:  # Any: the stub module imported beside the call gives the types
    """The messages of a package as attributes, for those who use many of them.

    As in::

        if TYPE_CHECKING:
            from panacea.wire.stubs.cosmos.bank.v1beta1 import query_pb2 as query
        else:
            query = package("cosmos.bank.v1beta1")
    """
    return _Package(name)


@cache
def message_class(full_name: str) -> type[Message]:
    """The class of a message by its full name, as `cosmos.bank.v1beta1.MsgSend`; KeyError when there is none."""
    return class_of(pool().FindMessageTypeByName(full_name))


def class_of(descriptor: Descriptor) -> type[Message]:
    """The class of a descriptor of the pool."""
    return GetMessageClass(descriptor)


def message_type(field: FieldDescriptor) -> Descriptor:
    """The type of a field that holds messages."""
    found = field.message_type
    assert found is not None, field.full_name
    return found


def is_repeated(field: Any) -> bool:  # Any: `is_repeated` replaced `label` in protobuf 6.31, and 7 knows nothing else
    """Whether a field is a list or a map."""
    return bool(field.is_repeated if hasattr(field, "is_repeated") else field.label == field.LABEL_REPEATED)


@cache
def options(descriptor: Any, extension: str) -> Any:  # Any: descriptors of every kind; the extension's type
    """The value of an option of a message, field, file, service or method; its default when it is not set.

    `extension` is a full name, as `cosmos.msg.v1.signer`. Do not change what is returned: it is cached.
    """
    return _parsed_options(descriptor).Extensions[pool().FindExtensionByName(extension)]


@cache
def has_option(descriptor: Any, extension: str) -> bool:  # Any: descriptors of every kind
    """Whether an option is set, be it to its default."""
    return bool(_parsed_options(descriptor).HasExtension(pool().FindExtensionByName(extension)))


@cache
def _parsed_options(descriptor: Any) -> Any:  # Any: as above
    # The options are parsed again, because an extension is known only to the classes of its own pool.
    found = descriptor.GetOptions()
    return message_class(found.DESCRIPTOR.full_name).FromString(found.SerializeToString())
