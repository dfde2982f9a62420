"""Where grants are kept, in store `feegrant`.

0x00 | LP(grantee) | LP(granter)                the grant
0x01 | expiration | LP(grantee) | LP(granter)   queue of those that end, empty
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from panacea.chain.feegrant.messages import read_allowance, write_allowance
from panacea.chain.feegrant.types import Grant
from panacea.chain.times import SORTABLE_SIZE, sortable
from panacea.primitives.address import Address
from panacea.store.collections import EMPTY, Codec, Map, prefixed, split_prefixed
from panacea.store.kv import Stores
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.feegrant.v1beta1.feegrant_pb2 import Grant as GrantMessage
else:
    (GrantMessage,) = load("cosmos.feegrant.v1beta1", "Grant")

STORE = "feegrant"

Pair = tuple[bytes, bytes]
"""Grantee and granter."""


def read_grant(message: GrantMessage) -> Grant:
    """The grant of a message. Raises what is wrong with it."""
    return Grant(Address.parse(message.granter), Address.parse(message.grantee), read_allowance(message.allowance))


def write_grant(grant: Grant) -> GrantMessage:
    """The grant as a message."""
    return GrantMessage(
        granter=str(Address(grant.granter)),
        grantee=str(Address(grant.grantee)),
        allowance=write_allowance(grant.allowance),
    )


def _split_pair(raw: bytes) -> Pair:
    grantee, rest = split_prefixed(raw)
    return grantee, split_prefixed(rest)[0]


PAIR: Codec[Pair] = Codec(lambda pair: prefixed(pair[0]) + prefixed(pair[1]), _split_pair)
GRANT: Codec[Grant] = Codec(lambda grant: encode(write_grant(grant)), lambda raw: read_grant(decode(GrantMessage, raw)))
EXPIRY: Codec[tuple[bytes, Pair]] = Codec(
    lambda entry: entry[0] + PAIR.encode(entry[1]),
    lambda raw: (raw[:SORTABLE_SIZE], _split_pair(raw[SORTABLE_SIZE:])),
)

grants: Map[Pair, Grant] = Map(STORE, b"\x00", PAIR, GRANT)
queue: Map[tuple[bytes, Pair], None] = Map(STORE, b"\x01", EXPIRY, EMPTY)


def save(view: Stores, grant: Grant) -> None:
    """Write a grant, and its place in the queue when it ends."""
    pair = grant.grantee, grant.granter
    if grant.allowance.expiration is not None:
        queue.set(view, (sortable(grant.allowance.expiration), pair), None)
    grants.set(view, pair, grant)


def remove(view: Stores, grant: Grant) -> None:
    """Take a grant and its place in the queue away."""
    pair = grant.grantee, grant.granter
    if grant.allowance.expiration is not None:
        queue.delete(view, (sortable(grant.allowance.expiration), pair))
    grants.delete(view, pair)


def due(view: Stores, time_ns: int) -> Iterator[tuple[bytes, Pair]]:
    """The places of the queue whose time has come, that moment included, earliest first."""
    now = sortable(time_ns)
    for entry, _ in queue.items(view):
        if entry[0] > now:
            return
        yield entry
