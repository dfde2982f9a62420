"""A fresh key for the consumer: the view sealed into a store, the key split among the committee (exchange, §3)."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.crypto import hpke, shamir
from panacea.exchange.formats import Parcel
from panacea.oracle.certificates import Delivery, Finding, Lifetime
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys
from panacea.oracle.types import NoCommittee, StoreUnavailable
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Random
from panacea.vault import objects
from panacea.vault.grants import Command, OracleGrant, issue, store_audience
from panacea.vault.objects import Sealed
from panacea.vault.reach import store_client
from panacea.vault.remote import RemoteStore
from panacea.wire.contexts import ShareInfo, shares_root

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Store
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee

LOG = logging.getLogger(__name__)
GRANT_SECONDS = 60
STORE_SECONDS = 30
"""For how long a grant to put an object is good, and how long one store may take over it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where the object is, and the shares of its key, in the committee's order."""

    delivery: Delivery
    sealed_shares: tuple[bytes, ...]


async def reseal(
    facts: Facts,
    keys: EpochKeys,
    finding: Finding,
    parcel: Parcel,
    *,
    stores: "Sequence[Store]",
    lifetime: Lifetime,
    random: Random,
) -> Delivered:
    """Seal the parcel under a new key, put it into one of the deal's stores, and split the key.

    Raises:
        StoreUnavailable: none of the stores took it.
        NoCommittee: there is nobody to hold the shares.
    """
    committee = await facts.committee(keys.epoch)
    if committee is None:
        raise NoCommittee(epoch=keys.epoch)
    file_key = random.token(objects.KEY_BYTES)
    sealed = objects.seal(parcel.encode(), file_key, random)
    shares = await _seal_shares(facts, keys, finding, file_key, sealed.oid, committee=committee, random=random)
    await _store(facts, keys, finding.deal_id, sealed, stores=stores, until=lifetime.expires_at)
    size = sum(map(len, sealed.groups))
    delivery = Delivery(object_id=sealed.oid, object_size=size, shares_root=shares_root(shares))
    return Delivered(delivery, tuple(shares))


async def _seal_shares(
    facts: Facts,
    keys: EpochKeys,
    finding: Finding,
    file_key: bytes,
    oid: bytes,
    *,
    committee: "Committee",
    random: Random,
) -> list[bytes]:
    shares = shamir.split(file_key, committee.threshold, len(committee.members), random)
    sealed = []
    for index, (member, share) in enumerate(zip(committee.members, shares, strict=True), 1):
        member_key = await facts.oracle_key(member, keys.epoch)
        if member_key is None:
            raise NoCommittee("a member has no key", member=member, epoch=keys.epoch)
        info = ShareInfo(
            chain_id=finding.chain_id,
            deal_id=finding.deal_id,
            provider=finding.provider,
            oracle=keys.registered.oracle,
            epoch=keys.epoch,
            tag=finding.tag,
            object_id=oid,
            index=index,
            member=member,
        )
        sealed.append(hpke.seal(member_key.hpke_key.public_key, info.encode(), share))
    return sealed


async def _store(
    facts: Facts, keys: EpochKeys, deal_id: int, sealed: Sealed, *, stores: "Sequence[Store]", until: int
) -> None:
    for store in stores:
        grant = OracleGrant(
            issuer=keys.registered.oracle,
            epoch=keys.epoch,
            audience=store_audience(store.public_key),
            command=Command.PUT,
            oid=sealed.oid,
            deal_id=deal_id,
            expires=facts.now + GRANT_SECONDS,
        )
        token = issue(grant, keys.fresh.signing)
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await asyncio.to_thread(_put, facts.view.chain_id, store, sealed, token, deal_id=deal_id, until=until)
        except (Rejected, OSError) as no:
            # The type alone: the words are a stranger's.
            LOG.warning("a store of deal %d did not take an object: %s", deal_id, type(no).__name__)
        else:
            return
    raise StoreUnavailable(stores=len(stores))


def _put(chain_id: str, store: "Store", sealed: Sealed, token: str, *, deal_id: int, until: int) -> None:
    """Hand the object over, against the store's signed word that it stays until the certificate expires."""
    import httpx2

    try:
        with store_client(store.url, chain_id) as client:
            remote = RemoteStore(client, store.url, store.public_key)
            receipt = remote.put(sealed, token, deal_id=deal_id, until=until)
    except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
        raise StoreUnavailable(f"{type(failure).__name__}") from failure
    if receipt.until < until:
        raise StoreUnavailable("kept for too short a time", until=receipt.until)
