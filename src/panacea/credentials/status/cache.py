"""Status lists kept for as long as they are good: a verifier asks an issuer seldom, and never about one credential.

What is fetched is the list of 131,072 entries or more, never one entry: the issuer learns that somebody verifies, not
whom. The fetching itself is passed in; nothing here opens a connection.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Final

from panacea.credentials.moments import read_moment
from panacea.credentials.refusals import StatusStale
from panacea.credentials.status.bitstring import MAX_LIST
from panacea.health.strict_json import parse_json
from panacea.health.types import JSONRejected
from panacea.primitives.time import Clock, now_seconds

MILLISECONDS: Final = 1_000


class CachedLists:
    """A `StatusSource` and `TokenStatusSource` that fetches a list once and keeps it until it runs out.

    A list is kept for its `ttl` (milliseconds), at most until its `validUntil`, and `default_seconds` where it names
    neither; never longer than `longest_seconds`, for a revocation must be seen some day.
    """

    def __init__(
        self,
        fetch: Callable[[str], bytes],
        clock: Clock,
        *,
        default_seconds: int = 300,
        longest_seconds: int = 86_400,
        capacity: int = 64,
    ) -> None:
        """`fetch` answers the bytes at a URL, or raises StatusStale."""
        self._fetch, self._clock = fetch, clock
        self._default, self._longest, self._capacity = default_seconds, longest_seconds, capacity
        self._kept: OrderedDict[str, tuple[int, bytes]] = OrderedDict()
        self._lock = threading.Lock()  # Verifiers work in threads; fetching is done outside it.

    def status_list(self, url: str) -> bytes:
        """The list of that URL, from memory while it is good. Raises StatusStale."""
        now = now_seconds(self._clock)
        with self._lock:
            found = self._kept.get(url)
            if found is not None and now < found[0]:
                self._kept.move_to_end(url)
                return found[1]
        octets = self._fetch(url)
        if len(octets) > MAX_LIST:
            raise StatusStale("a list too large to be read", url=url, bytes=len(octets))
        until = now + self._good_for(octets, now)
        with self._lock:
            self._kept[url] = (until, octets)
            self._kept.move_to_end(url)
            while len(self._kept) > self._capacity:
                self._kept.popitem(last=False)
        return octets

    def find(self, uri: str) -> bytes | None:
        """The Token Status List of that URI, kept likewise. Raises StatusStale."""
        return self.status_list(uri)

    def forget(self, url: str) -> None:
        """Fetch that list anew when it is asked for next."""
        with self._lock:
            self._kept.pop(url, None)

    def _good_for(self, octets: bytes, now: int) -> int:
        """Seconds that a list may be kept, by what it says itself; what it says is judged when it is verified."""
        try:
            document: Any = parse_json(octets, max_bytes=MAX_LIST, max_depth=16)  # Any: JSON, looked at below
        except JSONRejected:
            return min(_ttl_of(octets, self._default), self._longest)
        if not isinstance(document, dict):
            return min(self._default, self._longest)
        subject = document.get("credentialSubject")
        ttl = subject.get("ttl") if isinstance(subject, dict) else None
        seconds = ttl // MILLISECONDS if type(ttl) is int and ttl >= 0 else self._default
        try:
            seconds = (
                min(seconds, read_moment(document.get("validUntil")) - now) if "validUntil" in document else seconds
            )
        except ValueError:
            return 0
        return max(0, min(seconds, self._longest))


def _ttl_of(octets: bytes, default: int) -> int:
    """The `ttl` (seconds) that a JWT names; a CWT is kept for the default time, within which its own may end."""
    from panacea.credentials.formats import jose
    from panacea.credentials.formats.types import FormatRejected

    try:
        ttl = jose.read(octets, max_bytes=MAX_LIST).peek().get("ttl")
    except FormatRejected:
        return default
    return ttl if isinstance(ttl, int) and not isinstance(ttl, bool) and ttl > 0 else default
