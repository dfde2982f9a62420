"""Which addresses a store may have: https on public addresses, no redirects; loopback only where tests may live.

A deal names its stores, and whoever wrote the deal chose the names. Without this rule an enclave or a wallet could be
made to knock at doors inside its own network.
"""

import ipaddress
import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from panacea.vault.types import VaultRejected

if TYPE_CHECKING:
    from httpx2 import Client

TIMEOUT = 15.0


class StoreOutOfReach(VaultRejected, code=50, text="no store may be at this address"):
    """The address is not public, not https, or does not resolve."""


def is_loopback_allowed(chain_id: str) -> bool:
    """Whether stores may stand on this machine: on chains named sim- or test- only."""
    return chain_id.startswith(("sim-", "test-"))


def require_reachable(url: str, chain_id: str) -> None:
    """Accept the address of a store.

    Raises:
        StoreOutOfReach: the scheme, or one of the addresses that its name stands for, is refused.
    """
    parts = urlsplit(url)
    host = parts.hostname
    if host is None or parts.username is not None or parts.scheme not in ("http", "https"):
        raise StoreOutOfReach(url=url)
    try:
        found = {entry[4][0] for entry in socket.getaddrinfo(host, parts.port, type=socket.SOCK_STREAM)}
    except OSError as failure:
        raise StoreOutOfReach("the name does not resolve", url=url) from failure
    addresses = [ipaddress.ip_address(text) for text in found]
    if is_loopback_allowed(chain_id) and all(address.is_loopback for address in addresses):
        return
    if parts.scheme != "https" or not addresses or not all(address.is_global for address in addresses):
        raise StoreOutOfReach(url=url)


def store_client(url: str, chain_id: str) -> "Client":
    """An HTTP client for one store: no redirects, no proxies from the environment, bounded waiting.

    Raises:
        StoreOutOfReach: see `require_reachable`.
    """
    import httpx2

    require_reachable(url, chain_id)
    return httpx2.Client(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
