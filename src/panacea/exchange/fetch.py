"""Fetching bought objects from a deal's stores, by grants that the consumer's DID signs."""

import time
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Self

from panacea.exchange.identities import Identity
from panacea.exchange.types import ObjectUnavailable
from panacea.primitives.rejected import Rejected
from panacea.primitives.time import Clock, Random
from panacea.vault.grants import NONCE_BYTES, Command, DIDGrant, issue, store_audience
from panacea.vault.objects import Sealed
from panacea.vault.reach import store_client
from panacea.vault.remote import RemoteStore
from panacea.vault.types import StoreAnswered

if TYPE_CHECKING:
    from httpx2 import Client

    from panacea.wire.stubs.panacea.datadeal.v3.deal_pb2 import Store

GRANT_SECONDS = 600
TRIES = 4
PAUSE = 0.25
BUSY = (429, 503)


class Fetch:
    """Connections to stores, made when first needed; safe to use from several threads, in a `with` block."""

    def __init__(self, chain_id: str, identity: Identity, *, clock: Clock, random: Random) -> None:
        """Ask as `identity`; grants are dated by `clock`, as stores judge them by theirs."""
        self._chain_id, self._identity, self._clock, self._random = chain_id, identity, clock, random
        self._clients: dict[str, Client] = {}
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients.values():
            client.close()

    def get(self, stores: "Sequence[Store]", oid: bytes) -> Sealed:
        """The object from the first store that gives it, checked against its id.

        Raises:
            ObjectUnavailable: none does.
        """
        import httpx2

        failures = []
        for store in stores:
            try:
                return self._get(store, oid)
            except (Rejected, httpx2.HTTPError, OSError) as no:
                failures.append(f"{store.url}: {no.text if isinstance(no, Rejected) else type(no).__name__}")
        raise ObjectUnavailable("; ".join(failures), object=oid)

    def _get(self, store: "Store", oid: bytes) -> Sealed:
        remote = RemoteStore(self._client(store.url), store.url, store.public_key)
        token = self._token(store.public_key, oid)
        for left in range(TRIES - 1, -1, -1):
            try:
                return remote.get(oid, token)
            except StoreAnswered as no:
                if not left or no.values.get("status") not in BUSY:
                    raise
                time.sleep(PAUSE * (TRIES - left))
        raise AssertionError("the last try returns or raises")

    def _client(self, url: str) -> "Client":
        with self._lock:
            if url not in self._clients:
                self._clients[url] = store_client(url, self._chain_id)
            return self._clients[url]

    def _token(self, store_key: bytes, oid: bytes) -> str:
        now = self._clock.now_ns() // 1_000_000_000
        grant = DIDGrant(
            issuer=self._identity.did,
            key_id=self._identity.method_id,
            audience=store_audience(store_key),
            command=Command.GET,
            oids=(oid,),
            not_before=now,
            expires=now + GRANT_SECONDS,
            nonce=self._random.token(NONCE_BYTES),
        )
        return issue(grant, self._identity.signer)
