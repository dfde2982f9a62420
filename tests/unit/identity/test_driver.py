import asyncio
import json
from typing import Any
from urllib.parse import quote

import httpx2
import pytest
from fixed_chain import SetClock

from panacea.crypto.keys import Ed25519Key
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.did_web import WebResolver
from panacea.identity.documents import DIDDocument, InvalidDocument, Purpose
from panacea.identity.driver import LEGACY_RESULT_TYPE, PATH, build_app, choose_type, in_threads
from panacea.identity.fetching import Fetched
from panacea.identity.reading import read_document
from panacea.identity.resolution import CURRENT, DocumentMetadata, MethodResolver, Resolution, Version, found, refused
from panacea.identity.resolver import (
    DIDDeactivated,
    DIDNotResolved,
    KeyResolver,
    MethodNotSupported,
    RegistryUnavailable,
    Resolver,
    VersionNotSupported,
    VersionUnavailable,
)
from panacea.identity.strict_json import write_json
from panacea.identity.universal import UniversalResolver, read_metadata
from panacea.primitives.rejected import Rejected

Json = dict[str, Any]  # Any: answers over HTTP
DID = encode_did_key(Ed25519Key(bytes(32)).public_key)


class Versions:
    """did:example: version 1 or 2 of a document; "gone" was given up, "broken" breaks."""

    def resolve(self, did: str) -> DIDDocument:
        return self.resolution(did).require()

    def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        name = did.rpartition(":")[2]
        refusals: dict[str, Rejected] = {
            "gone": DIDDeactivated(),
            "none": DIDNotResolved(),
            "broken": InvalidDocument(),
        }
        if name in refusals:
            return refused(refusals[name])
        number = version.id or "2"
        if number not in "12":
            return refused(VersionUnavailable())
        service = {"id": f"{did}#s", "type": "S", "serviceEndpoint": "https://example.com/"}
        document = read_document({"id": did, "service": [service], "odd": number}, did)
        return found(document, DocumentMetadata(version_id=number))


class Broken:
    def resolve(self, did: str) -> DIDDocument:
        raise Rejected("a bug that is none of the asker's business")


RESOLVERS: dict[str, Resolver] = {"key": KeyResolver(), "example": Versions(), "broken": Broken()}


def ask(path: str, accept: str | None = None) -> httpx2.Response:
    """The driver's answer to a GET, without a socket."""

    async def work() -> httpx2.Response:
        transport = httpx2.ASGITransport(build_app(in_threads(MethodResolver(RESOLVERS))))
        async with httpx2.AsyncClient(transport=transport, base_url="http://driver") as client:
            return await client.get(PATH + path, headers={} if accept is None else {"accept": accept})

    return asyncio.run(work())


@pytest.mark.parametrize("path", [DID, quote(DID, safe="")])
@pytest.mark.parametrize("accept", [None, "*/*", "application/did-resolution"])
def test_a_did_is_resolved(path: str, accept: str | None) -> None:
    answer = ask(path, accept)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/did-resolution"
    assert answer.json()["didDocument"]["id"] == DID
    assert answer.json()["didResolutionMetadata"] == {"contentType": "application/did+json"}


@pytest.mark.parametrize("accept", ["application/did+json", "application/did+ld+json", "application/did"])
def test_the_document_alone(accept: str) -> None:
    answer = ask(DID, f"text/html, {accept};q=0.5")
    assert (answer.status_code, answer.headers["content-type"]) == (200, accept)
    assert ("@context" in answer.json()) is (accept != "application/did+json")
    assert read_document(answer.content, DID).authentication == KeyResolver().resolve(DID).authentication


@pytest.mark.parametrize(
    ("path", "status", "error"),
    [
        ("nonsense", 400, "invalidDid"),
        ("", 400, "invalidDid"),
        ("did:key:nonsense", 400, "invalidDid"),
        (f"{DID}?a=1&a=2", 400, "invalidDidUrl"),
        (f"{DID}?versionTime=x", 400, "invalidDidUrl"),
        ("did%3Akey%FF", 400, "invalidDidUrl"),
        ("did:example:none", 404, "notFound"),
        ("did:example:1?versionId=7", 404, "notFound"),
        ("did:other:1", 501, "methodNotSupported"),
        (f"{DID}?versionId=1", 501, "featureNotSupported"),
        (f"{DID}?hl=x", 501, "featureNotSupported"),
        ("did:example:broken", 500, "invalidDidDocument"),
        ("did:broken:1", 500, "internalError"),
    ],
)
@pytest.mark.parametrize("accept", [None, "application/did+json"])
def test_errors_have_their_status(path: str, status: int, error: str, accept: str | None) -> None:
    answer = ask(path, accept)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/did-resolution")
    assert answer.json()["didResolutionMetadata"]["error"] == error
    assert answer.json()["didDocument"] is None


def test_a_deactivated_did_is_gone() -> None:
    answer = ask("did:example:gone")
    assert answer.status_code == 410
    assert answer.json()["didDocumentMetadata"] == {"deactivated": True}


def test_what_nobody_can_read_is_not_acceptable() -> None:
    answer = ask(DID, "text/html")
    assert (answer.status_code, answer.json()["didResolutionMetadata"]["error"]) == (406, "representationNotSupported")


def test_versions_and_parts() -> None:
    for path in ("did:example:1?versionId=1", quote("did:example:1?versionId=1", safe="")):
        assert ask(path).json()["didDocument"]["odd"] == "1"
        assert ask(path).json()["didDocumentMetadata"] == {"versionId": "1"}
    part = ask(quote(did_key_method_id(DID), safe=""))
    assert (part.status_code, part.json()["id"]) == (200, did_key_method_id(DID))
    assert ask(quote(f"{DID}#gone", safe="")).status_code == 404
    service = ask("did:example:1?service=s&relativeRef=a")
    assert (service.status_code, service.headers["location"]) == (303, "https://example.com/a")
    assert ask("did:example:1/path").status_code == 404


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/did-resolution"),
        ("text/html, */*;q=0.1", "application/did-resolution"),
        (LEGACY_RESULT_TYPE, LEGACY_RESULT_TYPE),
        ("application/ld+json", None),
        ("application/did+json;q=0.1, application/did", "application/did"),
        ("application/did;q=0", None),
        ("application/did;q=x", None),
        ("APPLICATION/DID", "application/did"),
        (",".join(["text/a"] * 100_000), None),
    ],
)
def test_accept_headers(accept: str, chosen: str | None) -> None:
    assert choose_type(accept) == chosen


def test_a_did_keeps_its_percent_signs() -> None:
    site = "did:web:example.com%3A8443"
    seen: list[str] = []

    def fetch(url: str, *, accept: str, max_bytes: int) -> Fetched:
        seen.append(url)
        return Fetched(200, "application/json", write_json({"id": site}))

    RESOLVERS["web"] = WebResolver(fetch, SetClock(), keep_seconds=0)
    for path in (site, quote(site, safe="")):
        assert ask(path).json()["didDocument"]["id"] == site
    assert seen == ["https://example.com:8443/.well-known/did.json"] * 2


# The other side: a resolver that asks such a driver.


def remote(methods: str = "example key other web") -> UniversalResolver:
    def fetch(url: str, *, accept: str, max_bytes: int) -> Fetched:
        answer = ask(url.removeprefix("https://resolver.example" + PATH), accept)
        return Fetched(answer.status_code, answer.headers["content-type"], answer.content)

    return UniversalResolver(fetch, "https://resolver.example/", methods=frozenset(methods.split()))


def answering(result: object, status: int = 200) -> UniversalResolver:
    octets = result if isinstance(result, bytes) else write_json(result)

    def fetch(url: str, *, accept: str, max_bytes: int) -> Fetched:
        return Fetched(status, "application/did-resolution", octets)

    return UniversalResolver(fetch, "https://resolver.example", methods=frozenset({"example"}))


def test_the_answer_of_another_is_marked_as_his_word() -> None:
    answer = remote().resolution(DID)
    assert answer.require().authentication == KeyResolver().resolve(DID).authentication
    assert answer.metadata.trusting == "https://resolver.example"
    assert remote().resolution("did:example:1", Version("1")).document_metadata.version_id == "1"
    assert remote().resolve(DID).method(did_key_method_id(DID), Purpose.ASSERTION_METHOD)


@pytest.mark.parametrize(
    ("did", "version", "refusal"),
    [
        ("did:example:gone", CURRENT, DIDDeactivated),
        ("did:example:none", CURRENT, DIDNotResolved),
        ("did:example:broken", CURRENT, RegistryUnavailable),
        ("did:example:1", Version("9"), DIDNotResolved),
        ("did:other:1", CURRENT, MethodNotSupported),
        ("did:unasked:1", CURRENT, MethodNotSupported),
        (DID, Version("1"), VersionNotSupported),
    ],
)
def test_errors_come_through(did: str, version: Version, refusal: type[Rejected]) -> None:
    answer = remote().resolution(did, version)
    assert answer.document is None
    with pytest.raises(refusal):
        answer.require()
    assert answer.metadata.trusting == "https://resolver.example"


GOOD: Json = {"didDocument": {"id": "did:example:1"}, "didDocumentMetadata": {}, "didResolutionMetadata": {}}


@pytest.mark.parametrize(
    ("result", "status", "refusal"),
    [
        (b"<html>", 200, RegistryUnavailable),
        (b" " * 1_000_000, 200, RegistryUnavailable),
        ([], 200, RegistryUnavailable),
        ({}, 200, RegistryUnavailable),
        (GOOD, 500, RegistryUnavailable),
        (GOOD, 404, DIDNotResolved),
        (GOOD, 410, DIDDeactivated),
        ({**GOOD, "didDocument": "text"}, 200, RegistryUnavailable),
        ({**GOOD, "didDocument": {"id": "did:example:2"}}, 200, InvalidDocument),
        ({**GOOD, "didDocumentMetadata": {"deactivated": True}}, 200, DIDDeactivated),
        ({**GOOD, "didDocumentMetadata": {"deactivated": "yes"}}, 200, InvalidDocument),
        ({**GOOD, "didResolutionMetadata": {"error": "notFound"}}, 200, DIDNotResolved),
        ({**GOOD, "didResolutionMetadata": {"error": "surprise"}}, 200, RegistryUnavailable),
        (
            {**GOOD, "didResolutionMetadata": {"error": {"type": "https://www.w3.org/ns/did#NOT_FOUND"}}},
            200,
            DIDNotResolved,
        ),
        ({**GOOD, "didResolutionMetadata": {"error": {}}}, 200, RegistryUnavailable),
    ],
)
def test_answers_out_of_order(result: object, status: int, refusal: type[Rejected]) -> None:
    with pytest.raises(refusal):
        answering(result, status).resolve("did:example:1")
    assert json.dumps(answering(result, status).resolution("did:example:1").to_json())


def test_metadata_of_another() -> None:
    assert read_metadata(None) == DocumentMetadata()
    known = {"created": "2026-01-01T00:00:00Z", "versionId": "a", "equivalentId": ["did:example:2"], "more": {}}
    assert read_metadata(known).to_json() == {name: value for name, value in known.items() if name != "more"}
    wrong: list[object] = [
        [],
        {"created": "soon"},
        {"versionId": 1},
        {"equivalentId": [1]},
        {"equivalentId": "x"},
        {"updated": 5},
    ]
    for bad in wrong:
        with pytest.raises(InvalidDocument):
            read_metadata(bad)


@pytest.mark.parametrize("url", ["", "ftp://a", "https://", "https://a?b", "https://a#b"])
def test_urls_that_are_no_resolver(url: str) -> None:
    with pytest.raises(ValueError, match="resolver"):
        UniversalResolver(lambda *a, **b: Fetched(200, "", b""), url, methods=frozenset())
