"""Which addresses a store may have: https on public addresses, no redirects; loopback only where tests may live.

A deal names its stores, and whoever wrote the deal chose the names. Without this rule an enclave or a wallet could be
made to knock at doors inside its own network. A name is looked up once for each request, and the address that was
looked at is the one that is spoken to: a second answer of the name server has nobody to fool.
"""

import ipaddress
import socket
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from panacea.primitives.chain_id import is_test_chain
from panacea.vault.types import VaultRejected

if TYPE_CHECKING:
    from ssl import SSLContext

    from httpx2 import BaseTransport, Client, Request, Response

TIMEOUT = 15.0


class StoreOutOfReach(VaultRejected, code=50, text="no store may be at this address"):
    """The address is not public, not https, or does not resolve."""


def require_reachable(url: str, chain_id: str) -> str:
    """An address of the store, as text, that may be spoken to.

    Raises:
        StoreOutOfReach: the scheme, or one of the addresses that its name stands for, is refused.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as reason:
        raise StoreOutOfReach("not a URL", url=url) from reason
    if host is None or parts.username is not None or parts.scheme not in ("http", "https"):
        raise StoreOutOfReach(url=url)
    try:
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError) as failure:
        raise StoreOutOfReach("the name does not resolve", url=url) from failure
    if found and is_test_chain(chain_id) and all(_plain(text).is_loopback for text in found):
        return found[0]
    if parts.scheme != "https" or not found or not all(map(is_public, found)):
        raise StoreOutOfReach(url=url)
    return found[0]


def is_public(text: str) -> bool:
    """Whether an IP address belongs to one machine on the public Internet, whatever it is wrapped in."""
    address = _plain(text)
    return address.is_global and not address.is_multicast


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address; the one inside where an IPv6 address stands for an IPv4 address."""
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv4Address):
        return address
    translated = address in ipaddress.ip_network("64:ff9b::/96")
    inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if translated else address.ipv4_mapped
    return inner or address.sixtofour or address


def store_client(url: str, chain_id: str) -> "Client":
    """An HTTP client for stores: no redirects, no proxies from the environment, bounded waiting, checked addresses.

    Raises:
        StoreOutOfReach: see `require_reachable`; also from each request.
    """
    import httpx2

    require_reachable(url, chain_id)
    return httpx2.Client(transport=_checking(chain_id), timeout=TIMEOUT, follow_redirects=False, trust_env=False)


@cache
def _trusted() -> "SSLContext":
    """The certificates that count, read once: clients for stores are made for every object."""
    import httpx2

    return httpx2.create_ssl_context(trust_env=False)


def _checking(chain_id: str) -> "BaseTransport":
    """A transport that connects to the address it checked; the name stays in `Host` and in the certificate."""
    import httpx2

    class Checking(httpx2.BaseTransport):
        def __init__(self) -> None:
            self._wire = httpx2.HTTPTransport(verify=_trusted(), trust_env=False)

        def handle_request(self, request: "Request") -> "Response":
            address = require_reachable(str(request.url), chain_id)
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host=address)
            return self._wire.handle_request(request)

        def close(self) -> None:
            self._wire.close()

    return Checking()
