"""Where it is kept, in store `oracle`. Integers are 8 bytes, big-endian; A is an address behind its length byte.

01                                               -> Params
02 | A                                           -> Oracle
03 | A | epoch                                   -> OracleKey
04 | epoch                                       -> Committee
05 | height                                      -> hash of that block, of the last anchor_window ones
06 | SHA-256(root_key_id | kind (1) | subject)   -> Collateral
07 | platform_id                                 -> address of the oracle on that platform
08 | leaves_at | A                               -> 01, oracles waiting for their bonds
"""

from hashlib import sha256
from typing import TYPE_CHECKING

from panacea.chain.coins import read_coin
from panacea.chain.context import Context
from panacea.chain.oracle.types import NAME, OracleNotFound
from panacea.primitives.address import Address, InvalidAddress
from panacea.primitives.coin import Coin
from panacea.store.collections import (
    ADDRESS,
    BYTES,
    PRESENT,
    UINT64,
    Codec,
    Item,
    Map,
    message,
    prefixed,
    split_prefixed,
)
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Collateral, Committee, Oracle, OracleKey, Params
else:
    Collateral, Committee, Oracle, OracleKey, Params = load(
        "panacea.oracle.v3", "Collateral", "Committee", "Oracle", "OracleKey", "Params"
    )


def _split_key(raw: bytes) -> tuple[bytes, int]:
    address, epoch = split_prefixed(raw)
    return address, UINT64.decode(epoch)


KEY: Codec[tuple[bytes, int]] = Codec(lambda key: prefixed(key[0]) + UINT64.encode(key[1]), _split_key)
QUEUED: Codec[tuple[int, bytes]] = Codec(
    lambda key: UINT64.encode(key[0]) + prefixed(key[1]),
    lambda raw: (UINT64.decode(raw[:8]), split_prefixed(raw[8:])[0]),
)

params: Item[Params] = Item(NAME, b"\x01", message(Params))
oracles: Map[bytes, Oracle] = Map(NAME, b"\x02", ADDRESS, message(Oracle))
keys: Map[tuple[bytes, int], OracleKey] = Map(NAME, b"\x03", KEY, message(OracleKey))
committees: Map[int, Committee] = Map(NAME, b"\x04", UINT64, message(Committee))
anchors: Map[int, bytes] = Map(NAME, b"\x05", UINT64, BYTES)
collateral: Map[bytes, Collateral] = Map(NAME, b"\x06", BYTES, message(Collateral))
platforms: Map[bytes, bytes] = Map(NAME, b"\x07", BYTES, BYTES)
leaving: Map[tuple[int, bytes], None] = Map(NAME, b"\x08", QUEUED, PRESENT)


def epoch_of(ctx: Context) -> int:
    """The epoch of the block being made."""
    return ctx.height // params.get(ctx).epoch_blocks


def collateral_key(root_key_id: bytes, kind: int, subject: bytes) -> bytes:
    """What an item of collateral is found by: 32 bytes."""
    return sha256(root_key_id + bytes([kind]) + subject).digest()


def get_oracle(ctx: Context, address: bytes) -> Oracle:
    """A registered oracle.

    Raises:
        OracleNotFound: nobody is registered under this address.
    """
    oracle = oracles.find(ctx, address)
    if oracle is None:
        raise OracleNotFound(oracle=Address(address))
    return oracle


def set_oracle(ctx: Context, oracle: Oracle) -> None:
    """Write an oracle under its own address."""
    oracles.set(ctx, Address.parse(oracle.address), oracle)


def bond_of(oracle: Oracle) -> Coin:
    """What the oracle has locked."""
    return read_coin(oracle.bond)


def is_enough(limits: Params, bond: Coin) -> bool:
    """Whether `bond` is enough to serve."""
    least = read_coin(limits.min_bond)
    return bond.denom == least.denom and bond.amount >= least.amount


def find_account(text: str) -> Address | None:
    """The address that `text` spells in its one canonical form: two spellings never count as two oracles."""
    try:
        address = Address.parse(text)
    except InvalidAddress:
        return None
    return address if str(address) == text else None
