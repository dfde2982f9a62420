"""The whole surface of the VC API, for every suite, over its ASGI application."""

import base64
from typing import Any

import pytest
from starlette.testclient import TestClient
from still_clock import At

from panacea.credentials.refusals import StatusStale
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.services.vc_api import SUITES, Service, build_app
from panacea.credentials.status.book import MemoryShelf, StatusBook
from panacea.credentials.vc import BBSKey, Verifier
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, Signer
from panacea.health.strict_json import parse_json
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

BASE = "http://testserver"
WHOLE = [suite for suite in SUITES if suite not in {"bbs-2023", "ecdsa-sd-2023"}]
PARTS = ["bbs-2023", "ecdsa-sd-2023"]
Document = dict[str, Any]  # Any: JSON


class Fetched:
    """Status lists, read from the service under test."""

    client: TestClient

    def status_list(self, url: str) -> bytes:
        answer = self.client.get(url)
        if answer.status_code != 200:
            raise StatusStale(url=url)
        return answer.content


@pytest.fixture(scope="module")
def api() -> TestClient:
    p256, eddsa, bbs = ECDSAKey(KeyKind.P256, b"1" * 32), Ed25519Key(b"1" * 32), BBSKey.generate(SystemRandom())
    signers: dict[str, Signer | BBSKey] = {"bbs-2023": bbs, "eddsa-rdfc-2022": eddsa, "eddsa-jcs-2022": eddsa}
    keys = {suite: as_did_key(signers.get(suite, p256)) for suite in SUITES}
    published = Fetched()
    service = Service(
        keys=keys,
        holder=as_did_key(Ed25519Key(b"h" * 32)),
        verifier=Verifier(resolver=KeyResolver(), clock=At(), status=published),
        books={suite: StatusBook(f"{BASE}/{suite}/status", MemoryShelf()) for suite in SUITES},
    )
    published.client = TestClient(build_app(service), raise_server_exceptions=False)
    return published.client


def credential(**more: Any) -> Document:  # Any: members of a credential
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:whoever",
        "credentialSubject": {"name": "Anna", "description": "a patient"},
        **more,
    }


def issue(api: TestClient, suite: str, options: Document | None = None, **more: Any) -> Document:  # Any: members
    body = {"credential": credential(**more), "options": options or {}}
    answer = api.post(f"/{suite}/credentials/issue", json=body)
    assert answer.status_code == 201, answer.text
    made: Document = answer.json()["verifiableCredential"]
    return made


def verify(api: TestClient, made: object, **options: object) -> Any:  # Any: a response
    return api.post("/credentials/verify", json={"verifiableCredential": made, "options": options})


def derive(api: TestClient, made: Document, **options: object) -> Document:
    body = {"verifiableCredential": made, "options": {"selectivePointers": ["/credentialSubject/name"], **options}}
    answer = api.post("/credentials/derive", json=body)
    assert answer.status_code == 201, answer.text
    shown: Document = answer.json()["verifiableCredential"]
    return shown


@pytest.mark.parametrize("suite", WHOLE)
def test_issue_and_verify(api: TestClient, suite: str) -> None:
    made = issue(api, suite)
    answer = verify(api, made)
    assert answer.status_code == 200
    assert answer.json()["verified"] is True
    changed = verify(api, {**made, "credentialSubject": {"name": "Bea"}})
    assert changed.status_code == 400
    assert changed.json()["problemDetails"][0]["code"] == 128


@pytest.mark.parametrize("suite", PARTS)
def test_issue_derive_and_verify(api: TestClient, suite: str) -> None:
    made = issue(api, suite, {"mandatoryPointers": ["/issuer"]})
    assert verify(api, made).status_code == 400  # A base proof is for its holder alone.
    header = base64.urlsafe_b64encode(b"nonce").decode().rstrip("=")
    shown = derive(api, made, presentationHeader=header)
    assert shown["credentialSubject"] == {"name": "Anna"}
    assert verify(api, shown).status_code == 200
    expected = 200 if suite == "bbs-2023" else 400
    assert verify(api, shown, presentationHeader=header).status_code == expected
    assert verify(api, {**shown, "issuer": "did:example:other"}).status_code == 400


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("purpose", ["revocation", "suspension"])
def test_status(api: TestClient, suite: str, purpose: str) -> None:
    made = issue(
        api,
        suite,
        {
            "statusPurpose": purpose,
            **({"mandatoryPointers": ["/issuer", "/credentialStatus"]} if suite in PARTS else {}),
        },
    )
    shown = derive(api, made) if suite in PARTS else made
    assert verify(api, shown).status_code == 200
    for status, expected in ((True, 400), (False, 200)):
        body = {"credentialStatus": made["credentialStatus"], "status": status}
        assert api.post("/credentials/status", json=body).status_code == 200
        assert verify(api, shown).status_code == expected
    listed = api.get(f"/{suite}/status/{purpose}")
    assert listed.headers["content-type"] == "application/vc"
    assert verify(api, parse_json(listed.content)).status_code == 200


def test_places_are_given_once(api: TestClient) -> None:
    given = {
        issue(api, "eddsa-jcs-2022", {"statusPurpose": "revocation"})["credentialStatus"]["statusListIndex"]
        for _ in range(20)
    }
    assert len(given) == 20


def test_presentations(api: TestClient) -> None:
    made = issue(api, "eddsa-rdfc-2022")
    asked = {"challenge": "c", "domain": "clinic.example"}
    answer = api.post("/presentations/prove", json={"presentation": {"verifiableCredential": [made]}, "options": asked})
    assert answer.status_code == 201
    shown = answer.json()["verifiablePresentation"]
    body = {"verifiablePresentation": shown, "options": asked}
    found = api.post("/presentations/verify", json=body)
    assert found.status_code == 200
    assert found.json()["credentials"][0]["verified"] is True
    for other in ({"challenge": "d"}, {"challenge": "c", "domain": "evil.example"}):
        refused = api.post("/presentations/verify", json={**body, "options": other})
        assert refused.status_code == 400
        assert refused.json()["verified"] is False


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/credentials/issue", {}, 400),
        ("/credentials/issue", {"credential": 7}, 400),
        ("/credentials/issue", {"credential": {}}, 400),
        ("/credentials/issue", {"credential": credential(), "options": {"cryptosuite": "rot13"}}, 400),
        ("/credentials/issue", {"credential": credential(), "options": {"mandatoryPointers": [7]}}, 400),
        ("/credentials/issue", {"credential": credential(), "options": {"statusPurpose": "mood"}}, 400),
        ("/credentials/issue", {"credential": credential(unknown="dropped?")}, 400),
        ("/rot13/credentials/issue", {"credential": credential()}, 404),
        ("/credentials/derive", {"verifiableCredential": credential()}, 400),
        ("/credentials/verify", {}, 400),
        ("/credentials/verify", {"verifiableCredential": credential()}, 400),
        ("/credentials/verify", {"verifiableCredential": "a.b.c"}, 400),
        ("/credentials/verify", {"verifiableCredential": {}, "options": {"presentationHeader": "%"}}, 400),
        ("/presentations/prove", {"presentation": {"verifiableCredential": [credential()]}}, 400),
        ("/presentations/prove", {"presentation": {"verifiableCredential": [7]}}, 400),
        ("/presentations/prove", {"presentation": {"verifiableCredential": None}}, 400),
        ("/presentations/prove", {"presentation": {"verifiableCredential": [[]]}}, 400),
        ("/presentations/verify", {"verifiablePresentation": {}}, 400),
        ("/credentials/status", {"credentialStatus": {}, "status": True}, 400),
        ("/credentials/status", {"credentialStatus": {}, "status": 1}, 400),
        ("/nowhere", {}, 404),
    ],
)
def test_bad_requests(api: TestClient, path: str, body: Document, status: int) -> None:
    answer = api.post(path, json=body)
    assert answer.status_code == status, answer.text
    if path != "/nowhere":
        assert answer.json()["problemDetails"]


@pytest.mark.parametrize("octets", [b"", b"[]", b"{", b'{"a":1,"a":2}', b"[" * 100_000, b"\xff"])
def test_bodies_that_are_no_object(api: TestClient, octets: bytes) -> None:
    assert api.post("/credentials/verify", content=octets).status_code == 400


def test_bodies_are_bounded(api: TestClient) -> None:
    assert api.post("/credentials/verify", content=b" " * (17 * 1024 * 1024)).status_code == 413


def test_places_that_were_never_given(api: TestClient) -> None:
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListCredential": f"{BASE}/bbs-2023/status/revocation",
    }
    for index in ("99999999", "131071"):
        body = {"credentialStatus": {**entry, "statusListIndex": index}, "status": True}
        assert api.post("/credentials/status", json=body).status_code == 400
    assert api.get("/bbs-2023/status/mood").status_code == 404
