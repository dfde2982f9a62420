"""Where accounts are kept, in store `acc`.

0x00                         parameters
0x01 | address               the account, as an Any
0x02                         the next account number
"accountNumber" | number     the address that has that number
"""

from typing import TYPE_CHECKING, Any

from panacea.chain.auth.messages import Params
from panacea.chain.auth.types import Account, InvalidAccounts
from panacea.primitives.address import Address
from panacea.store.collections import BYTES, UINT64, Codec, Item, Map, Sequence, message
from panacea.store.kv import Stores
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from google.protobuf.any_pb2 import Any as AnyMessage

    from panacea.wire.stubs.cosmos.auth.v1beta1.auth_pb2 import BaseAccount, ModuleAccount
else:
    (AnyMessage,) = load("google.protobuf", "Any")
    BaseAccount, ModuleAccount = load("cosmos.auth.v1beta1", "BaseAccount", "ModuleAccount")

STORE = "acc"


def pack_account(account: Account) -> AnyMessage:
    """The account as clients know it: a BaseAccount or a ModuleAccount in an Any."""
    wire: Any = to_base_account(account)  # Any: one of two kinds of message
    if account.module:
        wire = ModuleAccount(base_account=wire, name=account.module, permissions=account.permissions)
    return AnyMessage(type_url=f"/{wire.DESCRIPTOR.full_name}", value=encode(wire))


def to_base_account(account: Account) -> BaseAccount:
    """The account without its module's name and permissions."""
    found = BaseAccount(address=str(account.address), account_number=account.number, sequence=account.sequence)
    if account.public_key:
        found.pub_key.MergeFromString(account.public_key)
    return found


def unpack_account(packed: AnyMessage) -> Account:
    """The account in an Any. Raises InvalidAccounts for a kind this chain does not have."""
    module, permissions = "", tuple[str, ...]()
    if packed.type_url == "/cosmos.auth.v1beta1.ModuleAccount":
        wire = decode(ModuleAccount, packed.value)
        base, module, permissions = wire.base_account, wire.name, tuple(wire.permissions)
    elif packed.type_url == "/cosmos.auth.v1beta1.BaseAccount":
        base = decode(BaseAccount, packed.value)
    else:
        raise InvalidAccounts("unknown kind of account", type_url=packed.type_url)
    public_key = encode(base.pub_key) if base.HasField("pub_key") else b""
    return Account(Address.parse(base.address), base.account_number, base.sequence, public_key, module, permissions)


ACCOUNT: Codec[Account] = Codec(
    lambda account: encode(pack_account(account)), lambda raw: unpack_account(decode(AnyMessage, raw))
)

params: Item[Params] = Item(STORE, b"\x00", message(Params))
accounts: Map[bytes, Account] = Map(STORE, b"\x01", BYTES, ACCOUNT)
next_number = Sequence(STORE, b"\x02")
numbers: Map[int, bytes] = Map(STORE, b"accountNumber", UINT64, BYTES)


def save(view: Stores, account: Account) -> None:
    """Write an account, and its number's entry with it.

    Raises:
        AssertionError: the number belongs to another address.
    """
    owner = numbers.find(view, account.number)
    assert owner in (None, account.address), f"account number {account.number} is taken"
    numbers.set(view, account.number, account.address)
    accounts.set(view, account.address, account)
