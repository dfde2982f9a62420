"""did:web over a real TLS connection to this machine, and addresses that are never asked."""

import datetime
import json
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fixed_chain import SetClock

from panacea.client.web import WebFetch
from panacea.identity.did_web import WebResolver
from panacea.identity.resolver import DIDNotResolved, RegistryUnavailable

NAME = "issuer.example.org"


@dataclass
class Site:
    """A TLS server on this machine that calls itself `issuer.example.org`."""

    port: int
    trust: ssl.SSLContext
    asked: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def did(self) -> str:
        return f"did:web:{NAME}%3A{self.port}"

    def fetch(self, *, private: bool = True, trust: ssl.SSLContext | None = None, seconds: float = 5) -> WebFetch:
        return WebFetch(private=private, trust=trust or self.trust, look_up=here, seconds=seconds)


def here(name: str, port: int) -> Sequence[str]:
    return ["127.0.0.1"]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = tmp_path / "site.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    pem.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server = Quiet(("127.0.0.1", 0), Answering)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    trust = ssl.create_default_context(cadata=certificate.public_bytes(Encoding.PEM).decode())
    site = server.site = Site(server.server_port, trust)  # type: ignore[attr-defined]  # for the handler
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


class Quiet(ThreadingHTTPServer):
    """A server that does not tell of callers who hang up, which is what some tests are about."""

    def handle_error(self, request: object, client_address: object) -> None:
        pass


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]  # set above
        site.asked.append((self.headers["host"], self.path, self.headers["accept"]))
        if self.path == "/moved/did.json":
            self.send_response(302)
            self.send_header("Location", "/.well-known/did.json")
            self.end_headers()
            return
        if self.path == "/gone/did.json":
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "Application/did+json; charset=utf-8")
        self.end_headers()
        if self.path == "/slow/did.json":
            for _ in range(20):
                self.wfile.write(b" ")
                time.sleep(0.05)
        size = 300_000 if self.path == "/large/did.json" else 0
        self.wfile.write(json.dumps({"id": site.did}).encode() + b" " * size)

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_a_document_comes_over_tls(site: Site) -> None:
    assert WebResolver(site.fetch(), SetClock()).resolve(site.did).id == site.did
    (asked,) = site.asked
    assert asked[:2] == (f"{NAME}:{site.port}", "/.well-known/did.json")
    assert "application/did+json" in asked[2]


def test_answers_are_told_as_they_are(site: Site) -> None:
    with pytest.raises(DIDNotResolved):
        WebResolver(site.fetch(), SetClock()).resolve(f"{site.did}:gone")
    moved = site.fetch()(f"https://{NAME}:{site.port}/moved/did.json", accept="*/*", max_bytes=100)
    assert (moved.status, moved.location) == (302, "/.well-known/did.json")


@pytest.mark.parametrize("path", ["large", "slow"])
def test_too_much_or_too_slow(site: Site, path: str) -> None:
    began = time.monotonic()
    with pytest.raises(RegistryUnavailable):
        WebResolver(site.fetch(seconds=0.3), SetClock()).resolve(f"{site.did}:{path}")
    assert time.monotonic() - began < 1.5


def test_another_certificate_is_not_believed(site: Site) -> None:
    with pytest.raises(RegistryUnavailable):
        WebResolver(site.fetch(trust=ssl.create_default_context()), SetClock()).resolve(site.did)
    with pytest.raises(RegistryUnavailable):
        site.fetch()(f"https://another.example.org:{site.port}/", accept="*/*", max_bytes=100)
    assert site.asked == []


def test_a_public_name_with_a_private_address_is_not_asked(site: Site) -> None:
    with pytest.raises(RegistryUnavailable, match="private network"):
        WebResolver(site.fetch(private=False), SetClock()).resolve(site.did)
    assert site.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "fe80::1%eth0",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    for addresses in ([address], ["93.184.216.34", address]):
        fetch = WebFetch(look_up=lambda name, port, found=addresses: found)  # type: ignore[misc]  # bound early
        with pytest.raises(RegistryUnavailable, match=r"private|address"):
            fetch("https://example.org/", accept="*/*", max_bytes=10)


@pytest.mark.parametrize(
    "url",
    ["http://example.org/", "https://", "https://a@example.org/", "https://a:b/", "https://[", "file:///etc/passwd"],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(RegistryUnavailable, match="https"):
        WebFetch(look_up=here)(url, accept="*/*", max_bytes=10)


def test_names_that_lead_nowhere() -> None:
    def fails(name: str, port: int) -> Sequence[str]:
        raise OSError

    def empty(name: str, port: int) -> Sequence[str]:
        return []

    for look_up in (fails, empty):
        with pytest.raises(RegistryUnavailable, match="no address"):
            WebFetch(look_up=look_up)("https://example.org/", accept="*/*", max_bytes=10)
