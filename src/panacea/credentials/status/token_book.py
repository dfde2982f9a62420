"""The issuer's side of Token Status Lists: places given, statuses set, the list published as JWT or CWT.

What `book` is for credentials with proofs, this is for JWTs and SD-JWTs: places are drawn at random, and everything is
on the shelf before an answer is given.
"""

import threading
from typing import Final

from panacea.credentials.refusals import NotIssuable
from panacea.credentials.status.book import MAX_FULL, Shelf
from panacea.credentials.status.token import (
    APPLICATION,
    INVALID,
    SUSPENDED,
    VALID,
    StatusReference,
    TokenStatusList,
    WrongStatusList,
    to_cwt,
    to_jwt,
)
from panacea.crypto.keys import Signer
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()
PLACES: Final = 131_072
BITS: Final = 2
"""Bits of a status: VALID, INVALID, SUSPENDED, and one that the application defines."""

LIFETIME_SECONDS: Final = 86_400
TTL: Final = 3_600
"""Seconds after which a verifier looks for a newer list."""


class TokenStatusBook:
    """One list, at one URI."""

    def __init__(self, uri: str, shelf: Shelf, random: Random = SYSTEM, *, name: str = "token") -> None:
        """Keep the list under `name` on a shelf; one that is there already goes on."""
        self.uri = uri
        self._shelf, self._random, self._name = shelf, random, name
        self._lock = threading.Lock()
        self._given = self._load("given", 1)
        self._statuses = self._load("statuses", BITS)
        self._count = sum(octet.bit_count() for octet in self._given.octets)

    def take(self) -> StatusReference:
        """A place for a new token. Raises NotIssuable where the list is full."""
        with self._lock:
            if self._count >= MAX_FULL * PLACES:
                raise NotIssuable("the status list is full", uri=self.uri, places=PLACES)
            while True:
                index = int.from_bytes(self._random.token(8), "big") % PLACES
                if not self._given.get(index):
                    break
            given = TokenStatusList.of(self._given.octets)
            given.set(index, 1)
            self._shelf.put(f"{self._name}.given", given.octets)
            self._given, self._count = given, self._count + 1
            return StatusReference(self.uri, index)

    def set(self, reference: StatusReference, status: int) -> None:
        """Write a status: VALID, INVALID, SUSPENDED or the application's. Raises WrongStatusList."""
        if status not in (VALID, INVALID, SUSPENDED, *APPLICATION) or status >= 1 << BITS:
            raise WrongStatusList("a status that this list does not keep", status=status)
        with self._lock:
            known = reference.uri == self.uri and reference.index < PLACES
            if not known or not self._given.get(reference.index):
                raise WrongStatusList("a place that was never given", uri=reference.uri, index=reference.index)
            statuses = TokenStatusList.of(self._statuses.octets, bits=BITS)
            statuses.set(reference.index, status)
            self._shelf.put(f"{self._name}.statuses", statuses.octets)
            self._statuses = statuses  # Only what is kept is published.

    def publish_jwt(self, signer: Signer, kid: str, *, now: int) -> str:
        """The list as `statuslist+jwt`, good for a day from `now` (unix seconds)."""
        with self._lock:
            ends = now + LIFETIME_SECONDS
            return to_jwt(self._statuses, uri=self.uri, issued_at=now, signer=signer, expires_at=ends, ttl=TTL, kid=kid)

    def publish_cwt(self, signer: Signer, kid: str, *, now: int) -> bytes:
        """The list as `statuslist+cwt`, likewise."""
        name, ends = kid.encode(), now + LIFETIME_SECONDS
        with self._lock:
            return to_cwt(
                self._statuses, uri=self.uri, issued_at=now, signer=signer, expires_at=ends, ttl=TTL, kid=name
            )

    def _load(self, part: str, bits: int) -> TokenStatusList:
        octets = self._shelf.find(f"{self._name}.{part}")
        return TokenStatusList(PLACES, bits=bits) if octets is None else TokenStatusList.of(octets, bits=bits)
