from dataclasses import dataclass, field

import pytest
from fixed_chain import SetClock

from panacea.crypto.keys import Ed25519Key
from panacea.identity.did import IdentityRejected, InvalidDID
from panacea.identity.did_web import WebResolver, did_web_url, url_did_web
from panacea.identity.documents import InvalidDocument, Purpose
from panacea.identity.fetching import Fetched
from panacea.identity.multikey import encode_multikey
from panacea.identity.resolver import DIDDeactivated, DIDNotResolved, RegistryUnavailable
from panacea.identity.strict_json import InvalidJSON, write_json

DID, URL = "did:web:example.com:clinic", "https://example.com/clinic/did.json"
TYPE = "application/did+json"


def octets(did: str = DID) -> bytes:
    key = encode_multikey(Ed25519Key(bytes(32)).public_key)
    method = {"id": "#key", "type": "Multikey", "controller": did, "publicKeyMultibase": key}
    return write_json({"id": did, "verificationMethod": [method], "assertionMethod": ["#key"]})


@dataclass
class Site:
    """A web server of these answers, and what it was asked."""

    answers: dict[str, Fetched] = field(default_factory=lambda: {URL: Fetched(200, TYPE, octets())})
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str, *, accept: str, max_bytes: int) -> Fetched:
        self.asked.append(url)
        if url not in self.answers:
            raise RegistryUnavailable("no answer", url=url)
        return self.answers[url]


def resolver(site: Site, clock: SetClock | None = None) -> WebResolver:
    return WebResolver(site, clock or SetClock(), keep_seconds=60, kept=2)


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:example.com%3A443", "https://example.com:443/.well-known/did.json"),
        ("did:web:xn--bcher-kva.example.com", "https://xn--bcher-kva.example.com/.well-known/did.json"),
        ("did:web:example.com:a%20b", "https://example.com/a%20b/did.json"),
        ("did:web:example.com:%E4%B8%AD", "https://example.com/%E4%B8%AD/did.json"),
    ],
)
def test_a_did_is_a_place(did: str, url: str) -> None:
    assert did_web_url(did) == url
    assert url_did_web(url) == did


@pytest.mark.parametrize(
    "did",
    [
        "did:key:example.com",
        "did:web:",
        "did:web:localhost",
        "did:web:localhost%3A8443",
        "did:web:127.0.0.1",
        "did:web:127.1",
        "did:web:0x7f.1",
        "did:web:example.0x7f",
        "did:web:2130706433",
        "did:web:10.0.0.1%3A80",
        "did:web:%5B%3A%3A1%5D",
        "did:web:intranet",
        "did:web:printer.local",
        "did:web:a.localhost",
        "did:web:db.internal",
        "did:web:Example.com",
        "did:web:example.com.",
        "did:web:.example.com",
        "did:web:example..com",
        "did:web:-a.example.com",
        "did:web:a-.example.com",
        "did:web:a_b.example.com",
        "did:web:user%40example.com",
        "did:web:example.com%2Fevil",
        "did:web:example.com%3A0",
        "did:web:example.com%3A65536",
        "did:web:example.com%3A0443",
        "did:web:example.com%3A",
        "did:web:example.com%3A443%3A1",
        "did:web:b%C3%BCcher.example",
        "did:web:b\u00fccher.example",
        "did:web:\u217axample.com",
        "did:web:example\u3002com",
        "did:web:example%E3%80%82com",
        "did:web:example.com::a",
        "did:web:example.com:.",
        "did:web:example.com:..:admin",
        "did:web:example.com:%2e%2E",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%5Cb",
        "did:web:example.com:a%00",
        "did:web:example.com:a%0d%0ab",
        "did:web:example.com:a%3Fb",
        "did:web:example.com:a%23b",
        "did:web:example.com:a%252Fb",
        "did:web:example.com:%FF",
        "did:web:example.com#key",
        "did:web:" + "a" * 64 + ".com",
        "did:web:" + "a." * 130 + "com",
    ],
)
def test_hosts_and_paths_that_are_refused(did: str) -> None:
    with pytest.raises(InvalidDID):
        did_web_url(did)
    with pytest.raises(InvalidDID):
        resolver(Site({})).resolve(did)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/.well-known/did.json",
        "https://example.com/did.json",
        "https://example.com/a/did.json?x",
        "https://example.com/a/did.json#x",
        "https://example.com/a/other.json",
        "https://example.com/a//did.json",
        "https://user@example.com/a/did.json",
        "https://[::1/a/did.json",
        "https://exam\nple.com/a/did.json",
        "https://Example.com/a/did.json",
    ],
)
def test_urls_that_no_did_leads_to(url: str) -> None:
    with pytest.raises(InvalidDID):
        url_did_web(url)


def test_private_hosts_are_asked_where_they_are_allowed() -> None:
    assert did_web_url("did:web:localhost%3A8443", allowed=frozenset({"localhost"})) == (
        "https://localhost:8443/.well-known/did.json"
    )
    with pytest.raises(InvalidDID):
        did_web_url("did:web:127.0.0.1", allowed=frozenset({"localhost"}))


def test_a_document_is_fetched_once_for_a_while() -> None:
    site, clock = Site(), SetClock()
    web = resolver(site, clock)
    found = web.resolve(DID)
    assert found.method(f"{DID}#key", Purpose.ASSERTION_METHOD).controller == DID
    assert web.resolve(DID) is found
    assert site.asked == [URL]
    clock.seconds += 60
    assert web.resolve(DID) is not found
    clock.seconds -= 1000
    web.resolve(DID)
    assert site.asked == [URL] * 3


def test_what_is_old_is_never_used() -> None:
    site, clock = Site(), SetClock()
    web = resolver(site, clock)
    web.resolve(DID)
    clock.seconds += 61
    site.answers.clear()
    with pytest.raises(RegistryUnavailable):
        web.resolve(DID)
    site.answers[URL] = Fetched(200, TYPE, octets())
    assert web.resolve(DID)


def test_the_oldest_document_makes_room() -> None:
    dids = [f"did:web:example.com:{n}" for n in range(3)]
    site = Site({did_web_url(did): Fetched(200, TYPE, octets(did)) for did in dids})
    web = resolver(site)
    for did in (dids[0], dids[1], dids[0], dids[2], dids[0], dids[1]):
        web.resolve(did)
    assert [url.split("/")[3] for url in site.asked] == ["0", "1", "2", "1"]


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        (Fetched(404, "text/html", b""), DIDNotResolved),
        (Fetched(410, "text/html", b""), DIDDeactivated),
        (Fetched(500, TYPE, octets()), RegistryUnavailable),
        (Fetched(204, TYPE, octets()), RegistryUnavailable),
        (Fetched(200, "text/html", octets()), InvalidDocument),
        (Fetched(200, "", octets()), InvalidDocument),
        (Fetched(200, TYPE, octets("did:web:example.com")), InvalidDocument),
        (Fetched(200, TYPE, octets("did:web:example.com:clinic%20")), InvalidDocument),
        (Fetched(200, TYPE, b"{"), InvalidJSON),
        (Fetched(200, TYPE, b" " * 300_000), InvalidJSON),
        (Fetched(302, "", b"", "https://evil.example/clinic/did.json"), DIDNotResolved),
        (Fetched(302, "", b"", "http://example.com/clinic/did.json"), DIDNotResolved),
        (Fetched(302, "", b"", "//evil.example/"), DIDNotResolved),
        (Fetched(302, "", b"", "https://example.com@evil.example/"), DIDNotResolved),
        (Fetched(302, "", b"", "https://example.com:444/clinic/did.json"), DIDNotResolved),
        (Fetched(302, "", b"", "https://\u217axample.com/"), DIDNotResolved),
        (Fetched(302, "", b"", "https://[/"), DIDNotResolved),
        (Fetched(302, "", b"", "/a\r\nb"), DIDNotResolved),
        (Fetched(302, "", b""), DIDNotResolved),
        (Fetched(302, "", b"", URL), DIDNotResolved),
    ],
)
def test_answers_that_are_refused(answer: Fetched, refusal: type[IdentityRejected]) -> None:
    site = Site({URL: answer})
    with pytest.raises(refusal):
        resolver(site).resolve(DID)
    assert all(url.startswith("https://example.com/") for url in site.asked)
    assert len(site.asked) <= 4


def test_redirects_on_the_same_host_are_followed() -> None:
    there = "https://example.com/new/did.json"
    site = Site({URL: Fetched(301, "", b"", "/new/did.json"), there: Fetched(200, TYPE, octets())})
    assert resolver(site).resolve(DID).id == DID
    assert site.asked == [URL, there]
