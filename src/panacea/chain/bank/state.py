r"""Where balances are kept, in store `bank`.

    0x00 | denom                       supply, decimal text
    0x01 | denom                       metadata of a base denomination
    0x02 | LP(address) | denom         balance, decimal text
    0x03 | denom | 0x00 | LP(address)  who owns a denomination, empty
    0x04 | denom                       whether it may be sent, where that differs from the default
    0x05                               parameters

A balance or a supply of zero is not kept.
"""

from typing import TYPE_CHECKING

from panacea.chain.bank.messages import Params
from panacea.primitives.coin import Coin, Coins
from panacea.store.collections import (
    DECIMAL,
    EMPTY,
    TEXT,
    Codec,
    Item,
    Map,
    message,
    prefixed,
    split_prefixed,
)
from panacea.store.kv import Stores
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.bank_pb2 import Metadata
else:
    (Metadata,) = load("cosmos.bank.v1beta1", "Metadata")

STORE = "bank"


def _split_owner(raw: bytes) -> tuple[str, bytes]:
    denom, _, owner = raw.partition(b"\x00")
    return denom.decode(), split_prefixed(owner)[0]


def _split_balance(raw: bytes) -> tuple[bytes, str]:
    address, denom = split_prefixed(raw)
    return address, denom.decode()


BALANCE_KEY: Codec[tuple[bytes, str]] = Codec(lambda key: prefixed(key[0]) + key[1].encode(), _split_balance)
OWNER_KEY: Codec[tuple[str, bytes]] = Codec(lambda key: key[0].encode() + b"\x00" + prefixed(key[1]), _split_owner)
BOOL_VALUE: Codec[bool] = Codec(lambda value: b"\x08\x01" if value else b"", lambda raw: raw == b"\x08\x01")

supply: Map[str, int] = Map(STORE, b"\x00", TEXT, DECIMAL)
metadata: Map[str, Metadata] = Map(STORE, b"\x01", TEXT, message(Metadata))
balances: Map[tuple[bytes, str], int] = Map(STORE, b"\x02", BALANCE_KEY, DECIMAL)
owners: Map[tuple[str, bytes], None] = Map(STORE, b"\x03", OWNER_KEY, EMPTY)
send_enabled: Map[str, bool] = Map(STORE, b"\x04", TEXT, BOOL_VALUE)
params: Item[Params] = Item(STORE, b"\x05", message(Params))


def balance_of(view: Stores, address: bytes, denom: str) -> int:
    """What `address` holds of one denomination."""
    return balances.find(view, (address, denom)) or 0


def balances_of(view: Stores, address: bytes) -> Coins:
    """All that `address` holds."""
    return Coins(Coin(denom, amount) for (_, denom), amount in balances.items(view, prefixed(address)))


def set_balance(view: Stores, address: bytes, denom: str, amount: int) -> None:
    """Write a balance and its owner's entry; zero takes both away."""
    if amount:
        balances.set(view, (address, denom), amount)
        owners.set(view, (denom, address), None)
    else:
        balances.delete(view, (address, denom))
        owners.delete(view, (denom, address))


def set_supply(view: Stores, denom: str, amount: int) -> None:
    """Write a supply; zero takes it away."""
    if amount:
        supply.set(view, denom, amount)
    else:
        supply.delete(view, denom)


def is_send_enabled(view: Stores, denom: str) -> bool:
    """Whether a denomination may be sent: its own entry, else the default."""
    own = send_enabled.find(view, denom)
    return params.get(view).default_send_enabled if own is None else own
