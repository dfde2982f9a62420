import pytest

from panacea.crypto.keys import Ed25519Key
from panacea.identity.dereferencing import dereference, version_of
from panacea.identity.did import InvalidDIDURL, parse_did_url
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.documents import DIDDocument
from panacea.identity.reading import read_document
from panacea.identity.resolution import CURRENT, MethodResolver, Resolution, Version, found
from panacea.identity.resolver import KeyResolver

KEY = encode_did_key(Ed25519Key(bytes(32)).public_key)
DID = "did:example:1"
METHOD = {"id": f"{DID}#key", "type": "Unknown", "controller": DID, "odd": 1}
DOCUMENT = {
    "id": DID,
    "verificationMethod": [METHOD],
    "authentication": ["#key", {**METHOD, "id": "#auth"}],
    "service": [
        {"id": "#files", "type": "Files", "serviceEndpoint": "https://example.com/d/"},
        {"id": f"{DID}#many", "type": "Files", "serviceEndpoint": ["https://example.com/"]},
        {"id": f"{DID}#part", "type": "Files", "serviceEndpoint": "https://example.com/#there"},
    ],
}


class Example:
    """A method whose documents are all this one, and that has seen which version was asked for."""

    asked: Version = CURRENT

    def resolve(self, did: str) -> DIDDocument:
        return read_document({**DOCUMENT, "id": did}, did)

    def resolution(self, did: str, version: Version = CURRENT) -> Resolution:
        self.asked = version
        return found(self.resolve(did))


RESOLVER = MethodResolver({"key": KeyResolver(), "example": Example()})


def test_a_did_leads_to_its_document() -> None:
    answer = dereference(RESOLVER, DID)
    assert (answer.content, answer.content_type, answer.error) == (DOCUMENT, "application/did+json", None)
    assert answer.to_json()["dereferencingMetadata"] == {"contentType": "application/did+json"}


def test_a_fragment_leads_to_its_part() -> None:
    assert dereference(RESOLVER, f"{DID}#key").content == METHOD
    assert dereference(RESOLVER, f"{DID}#auth").content == {**METHOD, "id": f"{DID}#auth"}
    service = dereference(RESOLVER, f"{DID}#files").content
    assert service == {"id": f"{DID}#files", "type": "Files", "serviceEndpoint": "https://example.com/d/"}
    method = dereference(RESOLVER, did_key_method_id(KEY)).content
    assert isinstance(method, dict)
    assert method["type"] == "Multikey"
    assert dereference(RESOLVER, f"{DID}#gone").error == "notFound"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("?service=files", "https://example.com/d/"),
        ("?service=files&relativeRef=a.pdf", "https://example.com/d/a.pdf"),
        ("?service=files&relativeRef=%2Fmy%2Fa%3Fv%3Dlatest%23intro", "https://example.com/my/a?v=latest#intro"),
        ("?service=files&relativeRef=..%2F..%2Fb", "https://example.com/b"),
        ("?service=files#intro", "https://example.com/d/#intro"),
        ("?service=part", "https://example.com/#there"),
    ],
)
def test_a_service_leads_to_its_url(url: str, target: str) -> None:
    answer = dereference(RESOLVER, DID + url)
    assert (answer.content, answer.content_type) == (target, "text/uri-list")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("nonsense", "invalidDidUrl"),
        (f"{DID}?a=1&a=2", "invalidDidUrl"),
        (f"{DID}?service=%FF", "invalidDidUrl"),
        (f"{DID}?relativeRef=a", "invalidDidUrl"),
        (f"{DID}?versionId=1&versionTime=2026-01-01T00:00:00Z", "invalidDidUrl"),
        (f"{DID}?versionTime=yesterday", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=%2F%2Fevil.example%2F", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=https%3A%2F%2Fevil.example", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=javascript%3Aalert(1)", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=%5C%5Cevil.example", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=%0d%0aa", "invalidDidUrl"),
        (f"{DID}?service=files&relativeRef=%C3%A4", "invalidDidUrl"),
        (f"{DID}?service=part#here", "invalidDidUrl"),
        (f"{DID}?service=gone", "notFound"),
        (f"{DID}?service=many", "notFound"),
        (f"{DID}/a/path", "notFound"),
        (f"{DID}?hl=zQm", "featureNotSupported"),
        (f"{DID}?unknown", "featureNotSupported"),
        (f"{KEY}?versionId=1", "featureNotSupported"),
        ("did:other:1#key", "methodNotSupported"),
        (f"{DID}?" + "&".join(f"p{n}=1" for n in range(40)), "invalidDidUrl"),
    ],
)
def test_urls_that_lead_nowhere(url: str, error: str) -> None:
    answer = dereference(RESOLVER, url)
    assert (answer.content, answer.error) == (None, error)
    assert answer.to_json()["contentStream"] is None


def test_other_representations() -> None:
    shown = dereference(RESOLVER, DID, "application/did+ld+json")
    assert isinstance(shown.content, dict)
    assert shown.content["@context"] == ["https://www.w3.org/ns/did/v1"]
    assert dereference(RESOLVER, DID, "text/html").error == "representationNotSupported"


def test_versions_reach_the_resolver() -> None:
    example = Example()
    assert dereference(MethodResolver({"example": example}), f"{DID}?versionId=a%2Fb#key").content == METHOD
    assert example.asked == Version("a/b")
    version = version_of(parse_did_url(f"{DID}?versionTime=2026-01-01T00:00:00Z"))
    assert version.time is not None
    assert version.time.year == 2026


@pytest.mark.parametrize("url", [DID, f"{DID}/a/b", f"{DID}?", f"{DID}#", f"{DID}/?q=/?#a/?", f"{DID}?a&b=c#d"])
def test_urls_are_written_as_they_were_read(url: str) -> None:
    assert str(parse_did_url(url)) == url


@pytest.mark.parametrize(
    "url", ["", "did:x", f"{DID}#a#b", f"{DID}?a b", f"{DID}/\u00e4", f"{DID}\n", "did:x:" + "a" * 9000, f"{DID}?%zz"]
)
def test_texts_that_are_no_did_url(url: str) -> None:
    with pytest.raises(InvalidDIDURL):
        parse_did_url(url)
