"""SMART Health Links: where they lead, for how long and whom; files come out decrypted or not at all."""

import json
from typing import Any

import pytest
from token_parties import NOW

from panacea.credentials.formats import base64url, health_link, jwe
from panacea.credentials.formats.health_link import Fetched, HealthLink
from panacea.credentials.formats.types import (
    DecryptionRefused,
    FormatRejected,
    HealthLinkExpired,
    HealthLinkRejected,
    MalformedToken,
    PasscodeRefused,
)
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import SystemRandom

KEY = SecretBytes(b"k" * 32)
URL = "https://shl.example.org/manifests/x/manifest.json"
FILE = "https://files.example.org/1"
FHIR = "application/fhir+json"
CARD = "application/smart-health-card"


def sealed(content: bytes, content_type: str | None = FHIR, key: SecretBytes = KEY, *, compress: bool = False) -> str:
    header = {} if content_type is None else {"cty": content_type}
    return jwe.encrypt_direct(content, key=key, random=SystemRandom(), header=header, compress=compress)


class Server:
    """Answers by URL, and remembers what it was asked."""

    def __init__(self, answers: dict[str, Fetched | str]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Any]] = []

    def get(self, url: str, *, max_bytes: int) -> Fetched:
        self.asked.append((url, None))
        found = self.answers.get(url, Fetched(404, b""))
        return found if isinstance(found, Fetched) else Fetched(200, found.encode())

    def post_json(self, url: str, body: bytes, *, max_bytes: int) -> Fetched:
        answer = self.get(url, max_bytes=max_bytes)
        self.asked[-1] = (url, json.loads(body))
        return answer


def link(**more: Any) -> HealthLink:
    arguments: dict[str, Any] = {"url": URL, "key": KEY, "flags": frozenset(), "expires_at": None, "label": None}
    return HealthLink(**(arguments | more))


def text_of(payload: Any) -> str:
    return "shlink:/" + base64url.encode(json.dumps(payload).encode())


def manifest(*files: dict[str, Any]) -> str:
    return json.dumps({"files": list(files), "list": {"resourceType": "List"}})


def followed(server: Server, one: HealthLink | None = None, **more: Any) -> tuple[health_link.LinkedFile, ...]:
    return health_link.follow(one or link(), fetch=server, recipient="Dr. Bea & Co", now=NOW, **more)


def test_a_link_is_read_as_it_was_written() -> None:
    one = link(flags=frozenset("LP"), expires_at=NOW, label="Labs")
    text = health_link.write(one)
    for form in (text, f"https://viewer.example.org#{text}", f"https://viewer.example.org/view?x=1#{text}"):
        assert health_link.parse(form) == one
    assert (one.is_long_term, one.needs_passcode, one.is_direct) == (True, True, False)
    assert "kkkk" not in repr(one)
    assert base64url.encode(KEY.reveal()) not in repr(one)


def test_the_payload_of_the_guide() -> None:
    payload = {
        "url": "https://ehr.example.org/qr/Y9xwkUdtmN9wwoJoN3ffJIhX2UGvCL1JnlPVNL3kDWM/m",
        "flag": "LP",
        "key": "rxTgYlOaKJPFtcEd0qcceN8wEU4p94SqAwIWQe6uX7Q",
        "label": "Back-to-school immunizations for Oliver Brown",
    }
    found = health_link.parse(text_of(payload))
    assert (found.url, found.label, found.flags) == (payload["url"], payload["label"], frozenset("LP"))
    # What is safe to ignore is ignored.
    assert health_link.parse(text_of(payload | {"flag": "LPZ", "more": 1, "v": 1})) == found


GOOD = {"url": URL, "key": base64url.encode(KEY.reveal())}


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://shl.example.org"},
        {"url": "https://x/" + "y" * 128},
        {"url": "file:///x"},
        {"url": 5},
        {"key": "short"},
        {"key": "A" * 42 + "="},
        {"key": "A" * 42 + "B"},
        {"key": None},
        {"exp": "soon"},
        {"exp": True},
        {"flag": 5},
        {"flag": "PU"},
        {"flag": "L" * 27},
        {"label": "x" * 81},
        {"label": 5},
        {"v": 2},
        {"v": "1"},
        {"v": True},
    ],
)
def test_payloads_that_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(HealthLinkRejected):
        health_link.parse(text_of(GOOD | change))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "shlink:/",
        "shlink:/!",
        "shlink:/e30",
        "shlink:/W10",
        "shlink:",
        "SHLINK:/e30",
        "javascript:x#" + text_of(GOOD),
        "https://viewer.example.org" + text_of(GOOD),
        "https://viewer.example.org#a#" + text_of(GOOD),
        "http://viewer.example.org#" + text_of(GOOD),
        text_of(GOOD) + " ",
        text_of(GOOD) + "#" + text_of(GOOD),
        "x" * 9000,
    ],
)
def test_texts_that_are_no_link(text: str) -> None:
    with pytest.raises(HealthLinkRejected):
        health_link.parse(text)


def test_embedded_and_located_files() -> None:
    server = Server(
        {
            URL: manifest(
                {"contentType": FHIR, "embedded": sealed(b"{}"), "lastUpdated": "2025-03-09T15:29:46Z"},
                {"contentType": CARD, "location": FILE, "status": "finalized", "fhirVersion": "4.0.1"},
            ),
            FILE: sealed(b'{"verifiableCredential":["x"]}', CARD, compress=True) + "\n",
        }
    )
    first, second = followed(server)
    assert (first.content_type, first.octets, first.last_updated) == (FHIR, b"{}", "2025-03-09T15:29:46Z")
    assert (second.octets, second.status, second.fhir_version) == (
        b'{"verifiableCredential":["x"]}',
        "finalized",
        "4.0.1",
    )
    assert server.asked[0] == (URL, {"recipient": "Dr. Bea & Co", "embeddedLengthMax": health_link.EMBEDDED})


def test_a_direct_file() -> None:
    server = Server({f"{URL}?recipient=Dr.%20Bea%20%26%20Co": sealed(b"{}")})
    [found] = followed(server, link(flags=frozenset("U")))
    assert found.octets == b"{}"
    with pytest.raises(HealthLinkRejected):
        followed(Server({f"{URL}?recipient=Dr.%20Bea%20%26%20Co": sealed(b"{}", None)}), link(flags=frozenset("U")))


def test_passcodes() -> None:
    asking = link(flags=frozenset("P"))
    server = Server({URL: manifest()})
    with pytest.raises(PasscodeRefused):
        followed(server, asking)
    assert server.asked == []
    assert followed(server, asking, passcode="1234") == ()
    assert server.asked[0][1]["passcode"] == "1234"
    bodies = {b'{"remainingAttempts":3}': 3, b"{}": None, b"x": None, b'{"remainingAttempts":true}': None}
    for body, remaining in bodies.items():
        with pytest.raises(PasscodeRefused) as refusal:
            followed(Server({URL: Fetched(401, body)}), asking, passcode="0000")
        assert refusal.value.values["remaining_attempts"] == remaining
        assert "0000" not in str(refusal.value)


def test_links_that_lead_nowhere() -> None:
    with pytest.raises(HealthLinkExpired):
        followed(Server({}), link(expires_at=NOW))
    for status, refusal in (
        (404, HealthLinkExpired),
        (410, HealthLinkExpired),
        (429, HealthLinkRejected),
        (500, HealthLinkRejected),
        (302, HealthLinkRejected),
    ):
        with pytest.raises(refusal):
            followed(Server({URL: Fetched(status, b"")}))
    with pytest.raises(HealthLinkExpired):
        followed(Server({URL: manifest({"contentType": FHIR, "location": FILE})}))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "[]",
        "{}",
        '{"files":{}}',
        manifest({"contentType": FHIR}),
        manifest({"embedded": sealed(b"")}),
        manifest({"contentType": "text/html", "embedded": sealed(b"x")}),
        manifest({"contentType": FHIR, "embedded": sealed(b"x", CARD)}),
        manifest({"contentType": FHIR, "embedded": sealed(b"x", "text/html")}),
        manifest({"contentType": FHIR, "location": "http://files.example.org"}),
        manifest({"contentType": FHIR, "location": "file:///x"}),
        manifest({"contentType": FHIR, "embedded": "é"}),
        manifest({"contentType": FHIR, "embedded": sealed(b"x"), "status": "gone"}),
        manifest({"contentType": FHIR, "embedded": sealed(b"x"), "lastUpdated": 5}),
        manifest(*[{"contentType": FHIR, "embedded": "x"}] * 65),
        " " * 3_000_000,
    ],
)
def test_manifests_that_are_refused(answer: str) -> None:
    with pytest.raises(HealthLinkRejected):
        followed(Server({URL: answer}))


def test_files_that_do_not_open() -> None:
    for octets, refusal in (
        (sealed(b"x", key=SecretBytes(b"l" * 32)), DecryptionRefused),
        (sealed(b"x")[:-1] + "~", MalformedToken),
        ("x", MalformedToken),
        ("", MalformedToken),
    ):
        with pytest.raises(refusal):
            followed(Server({URL: manifest({"contentType": FHIR, "location": FILE}), FILE: octets}))


def test_all_files_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health_link, "MAX_TOTAL", 1500)
    files = [{"contentType": FHIR, "embedded": sealed(bytes(1000), compress=True)}] * 2
    with pytest.raises(FormatRejected):
        followed(Server({URL: manifest(*files)}))
