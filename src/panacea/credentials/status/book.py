"""The issuer's side of status lists: which entry belongs to which credential, and how one is taken back.

    entry = book.take("revocation")            a place that no credential had before, drawn at random
    book.set(entry, True)                      the credential is revoked, as soon as the list is published anew
    book.publish("revocation", …)              the list as a credential, signed now

Places are drawn at random, for a running number would tell when a credential was issued and which were issued together.
What is kept is two rows of bits a purpose, written through a `Shelf` before an answer is given: a crash neither gives a
place twice nor forgets a revocation.
"""

import threading
from typing import Final, Protocol

from panacea.credentials.data_model import CONTEXT_V2
from panacea.credentials.moments import write_moment
from panacea.credentials.refusals import NotIssuable, ProofInvalid
from panacea.credentials.status.bitstring import MIN_BITS, PURPOSES, TYPES, StatusEntry, StatusList
from panacea.credentials.vc.issue import SigningKey, derive, issue
from panacea.credentials.vc.types import Document
from panacea.crypto.bbs.keys import BBSSigner
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()
LIFETIME_SECONDS: Final = 86_400
"""How long a published list is good: a revocation is seen everywhere after a day at the latest."""

WHOLE: Final = ""
"""The JSON pointer to a whole document."""

MAX_FULL: Final = 0.75
"""The share of places that are given before a list counts as full: drawing a free one must stay cheap."""


class Shelf(Protocol):
    """Where a book is kept: small files by name, each replaced as a whole and durably."""

    def find(self, name: str) -> bytes | None:
        """The bytes kept under that name, or None."""
        ...

    def put(self, name: str, octets: bytes) -> None:
        """Keep these bytes; durable when this returns."""
        ...


class MemoryShelf:
    """A shelf for a process that keeps nothing."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def find(self, name: str) -> bytes | None:
        """The bytes kept under that name, or None."""
        return self._kept.get(name)

    def put(self, name: str, octets: bytes) -> None:
        """Keep these bytes until the process ends."""
        self._kept[name] = octets


class StatusBook:
    """The status lists of one issuer, one a purpose, under one URL each: `base_url`/purpose."""

    def __init__(self, base_url: str, shelf: Shelf, random: Random = SYSTEM) -> None:
        self.base_url = base_url.rstrip("/")
        self._shelf, self._random = shelf, random
        self._lock = threading.Lock()
        self._given = {purpose: self._load(f"{purpose}.given") for purpose in PURPOSES}
        self._bits = {purpose: self._load(f"{purpose}.bits") for purpose in PURPOSES}
        self._count = {purpose: self._given[purpose].count() for purpose in PURPOSES}

    def take(self, purpose: str) -> StatusEntry:
        """A place for a new credential. Raises NotIssuable for a purpose without a list, or a list that is full."""
        if purpose not in PURPOSES:
            raise NotIssuable("no list of this purpose", purpose=purpose)
        with self._lock:
            given = self._given[purpose]
            if self._count[purpose] >= MAX_FULL * len(given):
                raise NotIssuable("the status list is full", purpose=purpose, places=len(given))
            while True:
                index = int.from_bytes(self._random.token(8), "big") % len(given)
                if not given.is_set(index):
                    break
            taken = StatusList.of(given.octets)
            taken.set(index)
            self._shelf.put(f"{purpose}.given", taken.octets)
            self._given[purpose], self._count[purpose] = taken, self._count[purpose] + 1
            return StatusEntry(self.url(purpose), index, purpose)

    def set(self, entry: StatusEntry, to: bool) -> None:
        """Take a credential back, or give it again. Raises ProofInvalid for an entry that was never given."""
        with self._lock:
            if entry.purpose not in PURPOSES or entry.list_url != self.url(entry.purpose):
                raise ProofInvalid("not an entry of these lists", url=entry.list_url)
            try:
                known = self._given[entry.purpose].is_set(entry.index)
            except IndexError:
                known = False
            if not known:
                raise ProofInvalid("an entry that was never given", index=entry.index)
            bits = StatusList.of(self._bits[entry.purpose].octets)
            bits.set(entry.index, to=to)
            self._shelf.put(f"{entry.purpose}.bits", bits.octets)
            self._bits[entry.purpose] = bits  # Only what is kept is published.

    def url(self, purpose: str) -> str:
        """Where the list of that purpose is published."""
        return f"{self.base_url}/{purpose}"

    def publish(self, purpose: str, key: SigningKey, *, now: int, lifetime: int = LIFETIME_SECONDS) -> Document:
        """The list as a credential of the key's DID, good from `now` (unix seconds) for `lifetime` seconds."""
        if purpose not in PURPOSES:
            raise NotIssuable("no list of this purpose", purpose=purpose)
        with self._lock:
            encoded = self._bits[purpose].encode()
        url = self.url(purpose)
        document = {
            "@context": [CONTEXT_V2],
            "id": url,
            "type": [*TYPES],
            "issuer": key.method_id.partition("#")[0],
            "validFrom": write_moment(now),
            "validUntil": write_moment(now + lifetime),
            "credentialSubject": {
                "id": f"{url}#list",
                "type": "BitstringStatusList",
                "statusPurpose": purpose,
                "encodedList": encoded,
            },
        }
        if isinstance(key.signer, BBSSigner):
            # A list is for everybody: all of it is mandatory, and shown by a derived proof.
            return derive(issue(document, key, mandatory=[WHOLE]), [])
        return issue(document, key)

    def _load(self, name: str) -> StatusList:
        octets = self._shelf.find(name)
        return StatusList(MIN_BITS) if octets is None else StatusList.of(octets)
