"""The web, for resolvers that ask it: a `Fetch` over TLS that reaches public addresses only.

    WebResolver(WebFetch(), clock)                                     did:web
    UniversalResolver(WebFetch(), "https://resolver.example", …)       whatever another resolver knows

A DID is chosen by whoever shows it, and so is the host that is asked. So the name is looked up once, every address
that it leads to must be a public one, and the connection goes to the address that was looked at: a name that changes
its mind in between gains nothing.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from panacea.identity.fetching import Fetched
from panacea.identity.resolver import RegistryUnavailable

if TYPE_CHECKING:
    import httpx2

PORT = 443

# IPv6 ranges whose addresses stand for IPv4 ones, private ones too: NAT64, 6to4, Teredo.
_TRANSLATED = tuple(map(ipaddress.ip_network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")))


def look_up(name: str, port: int) -> Sequence[str]:
    """The addresses of a host name, from the operating system. Raises OSError."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)]


class WebFetch:
    """Keeps the promises of `identity.fetching.Fetch`; a connection for each request, and nothing kept in between."""

    def __init__(
        self,
        *,
        seconds: float = 10.0,
        private: bool = False,
        trust: ssl.SSLContext | None = None,
        look_up: Callable[[str, int], Sequence[str]] = look_up,
    ) -> None:
        """`seconds` for the whole of a request; with `private`, private addresses too: for tests and intranets.

        `trust` names other certificate authorities than the system's.
        """
        self._seconds, self._private, self._trust, self._look_up = seconds, private, trust, look_up

    def __call__(self, url: str, *, accept: str, max_bytes: int) -> Fetched:
        """The answer to one GET. Raises RegistryUnavailable."""
        import httpx2

        try:
            parts = urlsplit(url)
            name, port = parts.hostname, parts.port or PORT
        except ValueError as reason:
            raise RegistryUnavailable("an https URL expected", url=url) from reason
        if parts.scheme != "https" or not name or parts.username is not None:
            raise RegistryUnavailable("an https URL expected", url=url)
        address = self._address(name, port)
        # To the address that was checked; the certificate is still the name's.
        there = httpx2.URL(url).copy_with(host=address)
        headers = {"host": parts.netloc, "accept": accept, "accept-encoding": "identity", "user-agent": "panacea"}
        until = time.monotonic() + self._seconds
        try:
            with (
                httpx2.Client(
                    verify=self._trust or ssl.create_default_context(), trust_env=False, timeout=self._seconds
                ) as client,
                client.stream(
                    "GET", there, headers=headers, extensions={"sni_hostname": name}, follow_redirects=False
                ) as answer,
            ):
                return Fetched(
                    answer.status_code,
                    answer.headers.get("content-type", "").partition(";")[0].strip().lower(),
                    _body(answer, max_bytes, until, url),
                    answer.headers.get("location"),
                )
        except httpx2.HTTPError as failure:
            raise RegistryUnavailable(type(failure).__name__, url=url) from failure

    def _address(self, name: str, port: int) -> str:
        try:
            addresses = self._look_up(name, port)
        except (OSError, UnicodeError) as failure:
            raise RegistryUnavailable("the name leads to no address", host=name) from failure
        if not addresses:
            raise RegistryUnavailable("the name leads to no address", host=name)
        if not self._private:
            for address in addresses:
                _require_public(name, address)
        return addresses[0]


def _require_public(name: str, address: str) -> None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError as reason:
        raise RegistryUnavailable("an address of no known kind", host=name) from reason
    inner = getattr(found, "ipv4_mapped", None) or found
    if not inner.is_global or inner.is_multicast or any(found in each for each in _TRANSLATED):
        raise RegistryUnavailable("the name leads into a private network", host=name)


def _body(answer: "httpx2.Response", max_bytes: int, until: float, url: str) -> bytes:
    """What came, unless it is too much or comes too slowly."""
    content = bytearray()
    for piece in answer.iter_raw():
        content += piece
        if len(content) > max_bytes:
            raise RegistryUnavailable(f"more than {max_bytes} bytes", url=url)
        if time.monotonic() > until:
            raise RegistryUnavailable("too slow", url=url)
    return bytes(content)
