from datetime import UTC, datetime

import pytest

from panacea.crypto.keys import Ed25519Key
from panacea.identity.did import InvalidDID, InvalidDIDURL
from panacea.identity.did_key import encode_did_key
from panacea.identity.documents import DID_CONTEXT, DIDDocument, InvalidDocument
from panacea.identity.reading import read_document
from panacea.identity.resolution import (
    CURRENT,
    DocumentMetadata,
    MethodResolver,
    RepresentationNotSupported,
    Resolution,
    ResolutionMetadata,
    Version,
    document_json,
    found,
    get_resolution,
    refused,
    represent,
)
from panacea.identity.resolver import (
    DIDDeactivated,
    DIDNotResolved,
    KeyResolver,
    MethodNotSupported,
    RegistryUnavailable,
    VersionNotSupported,
    VersionUnavailable,
)
from panacea.primitives.rejected import Rejected

DID = encode_did_key(Ed25519Key(bytes(32)).public_key)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Refusing:
    """A resolver that refuses."""

    def __init__(self, no: Rejected) -> None:
        self.no = no

    def resolve(self, did: str) -> DIDDocument:
        raise self.no


def test_a_document_comes_with_its_metadata() -> None:
    answer = get_resolution(MethodResolver({"key": KeyResolver()}), DID)
    assert answer.require() == KeyResolver().resolve(DID)
    shown = answer.to_json()
    assert list(shown) == ["@context", "didDocument", "didResolutionMetadata", "didDocumentMetadata"]
    assert shown["didResolutionMetadata"] == {"contentType": "application/did+json"}
    assert shown["didDocumentMetadata"] == {}


@pytest.mark.parametrize(
    ("no", "error"),
    [
        (InvalidDID(), "invalidDid"),
        (InvalidDIDURL(), "invalidDidUrl"),
        (DIDNotResolved(), "notFound"),
        (VersionUnavailable(), "notFound"),
        (MethodNotSupported(), "methodNotSupported"),
        (VersionNotSupported(), "featureNotSupported"),
        (RegistryUnavailable(), "internalError"),
        (InvalidDocument(), "invalidDidDocument"),
        (Rejected("from elsewhere"), "internalError"),
    ],
)
def test_refusals_become_errors(no: Rejected, error: str) -> None:
    answer = get_resolution(Refusing(no), DID)
    assert (answer.document, answer.metadata.error) == (None, error)
    assert answer.to_json()["didDocument"] is None
    with pytest.raises(type(no)):
        answer.require()


def test_bugs_stay_bugs() -> None:
    class Broken:
        def resolve(self, did: str) -> DIDDocument:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        get_resolution(Broken(), DID)


def test_what_is_no_did_reaches_no_resolver() -> None:
    answer = get_resolution(Refusing(AssertionError()), "did:key")  # type: ignore[arg-type]  # never raised
    assert answer.metadata.error == "invalidDid"
    assert get_resolution(MethodResolver({}), DID).metadata.error == "methodNotSupported"
    assert MethodResolver({}).resolution("nonsense").metadata.error == "invalidDid"


def test_a_deactivated_did_has_no_error_and_no_document() -> None:
    answer = get_resolution(Refusing(DIDDeactivated()), DID)
    assert (answer.document, answer.metadata.error) == (None, None)
    assert answer.to_json()["didDocumentMetadata"] == {"deactivated": True}
    with pytest.raises(DIDDeactivated):
        answer.require()
    older = found(KeyResolver().resolve(DID), DocumentMetadata(deactivated=True, version_id="1"))
    with pytest.raises(DIDDeactivated):
        older.require()
    with pytest.raises(DIDNotResolved):
        Resolution(None, ResolutionMetadata(detail="why")).require()


def test_versions_are_asked_for_one_way() -> None:
    assert Version().is_current
    assert not Version("1").is_current
    with pytest.raises(InvalidDIDURL):
        Version("1", NOW)
    assert get_resolution(KeyResolver(), DID, Version("1")).metadata.error == "featureNotSupported"
    assert get_resolution(MethodResolver({"key": KeyResolver()}), DID, CURRENT).document


def test_all_that_may_be_known() -> None:
    known = DocumentMetadata(
        created=NOW,
        updated=NOW,
        deactivated=True,
        next_update=NOW,
        version_id="3",
        next_version_id="4",
        equivalent_id=(DID,),
        canonical_id=DID,
    )
    time = "2026-01-02T03:04:05Z"
    assert known.to_json() == {
        "created": time,
        "updated": time,
        "nextUpdate": time,
        "deactivated": True,
        "versionId": "3",
        "nextVersionId": "4",
        "canonicalId": DID,
        "equivalentId": [DID],
    }
    assert ResolutionMetadata(None, None, "", "https://r").to_json() == {"trusting": "https://r"}
    assert refused(DIDDeactivated(), known).document_metadata is known


def test_representations() -> None:
    made = KeyResolver().resolve(DID)
    assert "@context" not in document_json(made)
    assert document_json(made, "application/did+ld+json")["@context"] == made.to_json()["@context"]
    assert represent(made).startswith(b'{"id":"did:key:')
    with pytest.raises(RepresentationNotSupported):
        represent(made, "text/html")
    for contexts, shown in [
        ([], [DID_CONTEXT]),
        ("https://example.com", [DID_CONTEXT, "https://example.com"]),
        (["https://example.com", DID_CONTEXT], [DID_CONTEXT, "https://example.com"]),
        (["https://www.w3.org/ns/did/v1.1"], ["https://www.w3.org/ns/did/v1.1"]),
    ]:
        published = {"@context": contexts, "id": "did:x:1", "odd": [1]}
        read = read_document(published, "did:x:1")
        assert document_json(read, "application/did") == {"@context": shown, "id": "did:x:1", "odd": [1]}
        assert document_json(read) == {"id": "did:x:1", "odd": [1]}
        assert read.published == published
