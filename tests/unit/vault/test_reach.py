"""Stores stand on public addresses; what was checked is what is spoken to; redirects lead nowhere."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import pytest

from panacea.primitives.chain_id import is_test_chain
from panacea.vault.reach import StoreOutOfReach, is_public, require_reachable, store_client

REAL = socket.getaddrinfo
PUBLIC = "93.184.215.14"


class Names:
    """A name server of our own: each name's addresses, one answer after another."""

    def __init__(self, **answers: list[list[str]]) -> None:
        self.answers = answers

    def __call__(self, host: str, port: Any, *args: Any, **named: Any) -> Any:
        found = self.answers.get(host.partition(".")[0])
        if found is None:
            return REAL(host, port, *args, **named)
        addresses = found.pop(0) if len(found) > 1 else found[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port or 0)) for address in addresses]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    served = Names()
    monkeypatch.setattr(socket, "getaddrinfo", served)
    return served


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0"),
        *("224.0.1.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12:3456::1", "ff0e::1"),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "2002:a00:1::"),
        *("192.0.2.1", "198.18.0.1", "2001:db8::1"),
    ],
)
def test_addresses_that_are_not_public(address: str, names: Names) -> None:
    assert not is_public(address)
    names.answers["store"] = [[address]]
    with pytest.raises(StoreOutOfReach):
        require_reachable("https://store.example", "panacea-3")


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111"])
def test_addresses_that_are(address: str, names: Names) -> None:
    names.answers["store"] = [[address]]
    assert require_reachable("https://store.example/path", "panacea-3") == address


def test_one_private_address_among_public_ones(names: Names) -> None:
    names.answers["store"] = [[PUBLIC, "10.0.0.1"]]
    with pytest.raises(StoreOutOfReach):
        require_reachable("https://store.example", "panacea-3")


@pytest.mark.parametrize("url", [
    "http://store.example", "ftp://store.example", "file:///etc/passwd", "https://", "https://a:b@store.example",
    "https://store.example:99999", "https://[::1", "store.example", "",
])  # fmt: skip
def test_urls_that_no_store_has(url: str, names: Names) -> None:
    names.answers["store"] = [[PUBLIC]]
    with pytest.raises(StoreOutOfReach):
        require_reachable(url, "panacea-3")


@pytest.mark.parametrize(
    ("chain_id", "allowed"), [("test-1", True), ("sim-a", True), ("panacea-3", False), ("testnet", False)]
)
def test_loopback_is_for_tests(chain_id: str, allowed: bool) -> None:
    assert is_test_chain(chain_id) is allowed
    for url in ("http://127.0.0.1:1", "http://[::1]:1", "https://localhost:1"):
        if allowed:
            assert require_reachable(url, chain_id)
        else:
            with pytest.raises(StoreOutOfReach):
                require_reachable(url, chain_id)


def test_test_chains_open_no_door_but_loopback(names: Names) -> None:
    names.answers["store"] = [["127.0.0.1", "10.0.0.1"]]
    with pytest.raises(StoreOutOfReach):
        require_reachable("http://store.example", "test-1")


class Answering(BaseHTTPRequestHandler):
    """Sends everybody elsewhere, and notes who asked for what."""

    def do_GET(self) -> None:
        self.server.heard.append((self.headers["host"], self.path))  # type: ignore[attr-defined] # see `server`
        self.send_response(302)
        self.send_header("location", "http://10.0.0.1/secret")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Any]:
    made: Any = HTTPServer(("127.0.0.1", 0), Answering)
    made.heard = []
    thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def test_redirects_are_not_followed(server: Any, names: Names) -> None:
    names.answers["store"] = [["127.0.0.1"]]
    port = server.server_port
    with store_client(f"http://store.test:{port}", "test-1") as client:
        answer = client.get(f"http://store.test:{port}/v1/info")
    assert answer.status_code == 302
    assert server.heard == [(f"store.test:{port}", "/v1/info")]


def test_the_checked_address_is_the_one_spoken_to(server: Any, names: Names, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers differently the second time (DNS rebinding) is refused, or never asked."""
    seen = []

    def connected(self: Any, request: httpx2.Request) -> httpx2.Response:
        seen.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
        return httpx2.Response(204)

    names.answers["store"] = [[PUBLIC], [PUBLIC], ["10.0.0.1"]]
    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", connected)
    with store_client("https://store.example", "panacea-3") as client:
        assert client.get("https://store.example/v1/info").status_code == 204
        with pytest.raises(StoreOutOfReach):
            client.get("https://store.example/v1/info")
        with pytest.raises(StoreOutOfReach):
            client.get("http://127.0.0.1/")
    assert seen == [(PUBLIC, "store.example", "store.example")]


def test_a_name_that_does_not_exist() -> None:
    with pytest.raises(StoreOutOfReach, match="resolve"):
        require_reachable("https://no-such-name.invalid", "panacea-3")
    with pytest.raises(StoreOutOfReach):
        require_reachable(f"https://{'a' * 70}.example", "panacea-3")
