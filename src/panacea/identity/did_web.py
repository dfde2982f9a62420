"""did:web, a DID whose document lies on a web server (W3C CCG did:web).

    did:web:example.com                 https://example.com/.well-known/did.json
    did:web:example.com:clinics:7       https://example.com/clinics/7/did.json
    did:web:example.com%3A8443:clinic   https://example.com:8443/clinic/did.json

What is trusted is the host's certificate, its name server and whoever may write there; nothing proves older versions.
"""

import re
import threading
from collections import OrderedDict
from typing import Final
from urllib.parse import unquote_to_bytes, urljoin, urlsplit

from panacea.identity.did import InvalidDID, is_did
from panacea.identity.documents import DIDDocument, InvalidDocument
from panacea.identity.fetching import Fetch, Fetched
from panacea.identity.reading import MAX_BYTES, read_document
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved, RegistryUnavailable
from panacea.identity.strict_json import InvalidJSON
from panacea.primitives.time import Clock

MAX_REDIRECTS: Final = 3
ACCEPTED: Final = frozenset(
    {"application/did+json", "application/did+ld+json", "application/did", "application/json", "application/ld+json"}
)
"""Media types that a document may be served as."""

_PREFIX = "did:web:"
_ACCEPT = "application/did+ld+json, application/did+json, application/json;q=0.9"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"(?:{_LABEL}\.)*{_LABEL}")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_NUMERIC = re.compile(r"[0-9]+|0x[0-9a-f]*")
# Names for the machine itself and for what no public name server knows (RFC 6761, RFC 6762, RFC 8375, RFC 9476).
_PRIVATE_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "test", "invalid", "onion", "alt")


def did_web_url(did: str, *, allowed: frozenset[str] = frozenset()) -> str:
    """Where the document of a did:web lies.

    Hosts that are an IP address, a name without a dot or a name of private networks are refused unless they are among
    `allowed` (`"localhost"`); so are upper case and other spellings of one host, and paths with `.`, `..` or a slash
    in disguise.

    Raises:
        InvalidDID: not a did:web that is followed here.
    """
    if not did.startswith(_PREFIX) or not is_did(did):
        raise InvalidDID("a did:web expected", did=did)
    host, *path = did.removeprefix(_PREFIX).split(":")
    name, port = _host(did, host)
    _require_public(did, name, allowed)
    for segment in path:
        _require_plain(did, segment)
    place = "/".join(path) if path else ".well-known"
    return f"https://{name}{port}/{place}/did.json"


def url_did_web(url: str) -> str:
    """The did:web whose document lies at a URL. Raises InvalidDID."""
    try:
        parts = urlsplit(url)
    except ValueError as reason:
        raise InvalidDID("not a URL", url=url) from reason
    path = parts.path.removesuffix("/did.json")
    if path == parts.path or parts.query or parts.fragment or parts.scheme != "https":
        raise InvalidDID("an https URL that ends in /did.json expected", url=url)
    host = parts.netloc.replace(":", "%3A")
    names = [] if path == "/.well-known" else path.removeprefix("/").split("/")
    did = ":".join([_PREFIX + host, *names])
    if did_web_url(did, allowed=frozenset({parts.hostname or ""})) != url:
        raise InvalidDID("no did:web leads to this URL", url=url)
    return did


class WebResolver:
    """Resolves did:web through a `Fetch`, and keeps documents for a while."""

    def __init__(
        self,
        fetch: Fetch,
        clock: Clock,
        *,
        keep_seconds: int = 300,
        kept: int = 1024,
        allowed: frozenset[str] = frozenset(),
    ) -> None:
        """Take whoever fetches. A document is believed for `keep_seconds`, and at most `kept` of them at once.

        Failures are not kept: a DID that was put in order works at once. What is older is never used, not even when the
        server does not answer.
        """
        self._fetch, self._clock, self._allowed = fetch, clock, allowed
        self._keep_ns, self._room = keep_seconds * 10**9, kept
        self._documents: OrderedDict[str, tuple[int, DIDDocument]] = OrderedDict()
        self._lock = threading.Lock()  # Verifiers work in threads; fetching is done outside it.

    def resolve(self, did: str) -> DIDDocument:
        """The document of a did:web.

        Raises:
            InvalidDID: not a did:web, or of a host that is not asked.
            DIDNotResolved: the server has none, or has given it up (DIDDeactivated, status 410).
            RegistryUnavailable: it does not answer, or not as web servers do.
            InvalidDocument, InvalidJSON, PrivateKeyPublished: what it has is not that DID's document.
        """
        url, now = did_web_url(did, allowed=self._allowed), self._clock.now_ns()
        with self._lock:
            known = self._documents.get(did)
            if known is not None and 0 <= now - known[0] < self._keep_ns:
                self._documents.move_to_end(did)
                return known[1]
            self._documents.pop(did, None)
        document = self._read(did, self._get(did, url))
        with self._lock:
            self._documents[did] = (now, document)
            self._documents.move_to_end(did)
            while len(self._documents) > self._room:
                self._documents.popitem(last=False)
        return document

    def _get(self, did: str, url: str) -> Fetched:
        """The server's last word, redirects on the same host followed."""
        origin = urlsplit(url)[:2]
        for _ in range(MAX_REDIRECTS + 1):
            answer = self._fetch(url, accept=_ACCEPT, max_bytes=MAX_BYTES)
            if answer.status not in (301, 302, 303, 307, 308):
                return answer
            url = _join(url, answer.location or "")
            if urlsplit(url)[:2] != origin:
                raise DIDNotResolved("the server sends its callers to another host", did=did, location=answer.location)
        raise DIDNotResolved("too many redirects", did=did)

    def _read(self, did: str, answer: Fetched) -> DIDDocument:
        if answer.status == 410:
            raise DIDDeactivated("the server says that it is gone", did=did)
        if answer.status == 404:
            raise DIDNotResolved("the server has no document", did=did)
        if answer.status != 200:
            raise RegistryUnavailable("the server answered out of order", did=did, status=answer.status)
        if len(answer.octets) > MAX_BYTES:
            raise InvalidJSON("too large", bytes=len(answer.octets), limit=MAX_BYTES)
        if answer.media_type not in ACCEPTED:
            raise InvalidDocument("served as something else than a document", did=did, media_type=answer.media_type)
        return read_document(answer.octets, did)


def _join(url: str, location: str) -> str:
    """Where a redirect leads; nowhere if that is no URL."""
    try:
        return urljoin(url, location) if location.isascii() and location.isprintable() else ""
    except ValueError:
        return ""


def _host(did: str, text: str) -> tuple[str, str]:
    """The host's name, and its port with the colon or nothing."""
    name, colon, port = text.replace("%3a", "%3A").partition("%3A")
    if not _HOST.fullmatch(name) or len(name) > 253:
        raise InvalidDID("not a host name in lower case", did=did)
    if colon and not (_PORT.fullmatch(port) and int(port) < 1 << 16):
        raise InvalidDID("not a port", did=did)
    return name, f":{port}" if colon else ""


def _require_public(did: str, name: str, allowed: frozenset[str]) -> None:
    if name in allowed:
        return
    last = name.rpartition(".")[2]
    # A last label that is a number makes the whole an IPv4 address to those who read URLs (WHATWG URL, section 3.5).
    if "." not in name or _NUMERIC.fullmatch(last) or name.endswith(tuple(f".{each}" for each in _PRIVATE_NAMES)):
        raise InvalidDID("not the name of a public host", did=did)


def _require_plain(did: str, segment: str) -> None:
    try:
        text = unquote_to_bytes(segment).decode()
    except UnicodeDecodeError as reason:
        raise InvalidDID("a path that is not UTF-8", did=did) from reason
    if text in ("", ".", "..") or not text.isprintable() or set(text) & set("/\\%?#"):
        raise InvalidDID("a path that leads elsewhere", did=did)
