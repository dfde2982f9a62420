"""`panacea verify`: what a person and a program read of a verification, and how a refusal is told."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from panacea.cli.main import ROOT, main
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.status.book import MemoryShelf, StatusBook
from panacea.credentials.vc import SigningKey, derive, issue, present
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.keys import BBSKey
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.identity.documents import DIDDocument, VerificationMethod

NOW = 1_767_225_600
ISSUER = as_did_key(BBSKey.of(SHA256.key_gen(bytes(32))))
HOLDER = as_did_key(Ed25519Key(b"h" * 32))
BOOK = StatusBook("https://hospital.example/status", MemoryShelf())
ENTRY = BOOK.take("revocation")
DOCUMENT: dict[str, Any] = {  # Any: JSON of a credential
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": ISSUER.did,
    "credentialStatus": ENTRY.to_json(),
    "credentialSubject": {"id": HOLDER.did, "name": "Anna", "description": "a patient"},
}
SHOWN = derive(
    issue(DOCUMENT, ISSUER, mandatory=["/issuer", "/credentialStatus"]),
    ["/credentialSubject/name"],
    presentation_header=b"nonce",
)
HEADER = base64.urlsafe_b64encode(b"nonce").decode()


def written(folder: Path, value: object, name: str = "file.json") -> str:
    path = folder / name
    path.write_text(json.dumps(value))
    return str(path)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["verify", *arguments])
    told = capsys.readouterr()
    return int(ended.value.code or 0), told.out, told.err


def test_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, written(tmp_path, SHOWN))
    assert code == 0
    assert "VerifiableCredential (ldp_vc)" in out
    assert "no source of status lists was given" in out


def test_for_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    BOOK.set(ENTRY, False)
    listed = written(tmp_path, BOOK.publish("revocation", ISSUER, now=NOW, lifetime=10**9), "list.json")
    arguments = ("--status-list", listed, "--require", "status", "--presentation-header", HEADER, "-o", "json")
    code, out, _ = run(capsys, written(tmp_path, SHOWN), *arguments)
    assert code == 0
    answer = json.loads(out)
    assert answer["verified"] is True
    assert {"check": "presentation header", "outcome": "checked"} in answer["checks"]
    BOOK.set(ENTRY, True)
    listed = written(tmp_path, BOOK.publish("revocation", ISSUER, now=NOW, lifetime=10**9), "list.json")
    code, _, err = run(capsys, written(tmp_path, SHOWN), *arguments)
    assert code == 1
    assert json.loads(err)["error"]["message"].startswith("credential_revoked")


def test_presentations(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(tmp_path, present([SHOWN], HOLDER, challenge="c", domain="clinic.example"))
    code, out, _ = run(capsys, path, "--challenge", "c", "--domain", "clinic.example")
    assert code == 0
    assert f"a presentation by {HOLDER.did}" in out
    assert run(capsys, path, "--challenge", "d")[0] == 1


def test_documents_at_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    signer, did = ECDSAKey(KeyKind.P256, b"1" * 32), "did:web:hospital.example"
    key = SigningKey(signer, f"{did}#key-1")
    path = written(tmp_path, issue({**DOCUMENT, "issuer": did}, key))
    assert run(capsys, path)[0] == 1
    method = VerificationMethod(key.method_id, did, signer.public_key)
    document = written(tmp_path, DIDDocument(did, assertion_method=(method,)).to_json(), "did.json")
    assert run(capsys, path, "--did-document", document)[0] == 0
    assert run(capsys, path, "--did-document", document, "--trust", "did:web:other.example")[0] == 1
    assert run(capsys, path, "--did-document", document, "--trust", did)[0] == 0


def test_bad_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values: list[object] = [{}, [], "text", {**SHOWN, "issuer": HOLDER.did}]
    for value in values:
        code, out, err = run(capsys, written(tmp_path, value))
        assert code == 1, err
        assert not out
        assert err.startswith("error: ")
    assert run(capsys, written(tmp_path, SHOWN), "--presentation-header", "%")[0] == 2
    assert run(capsys, str(tmp_path / "absent"))[0] == 2


def test_it_is_listed() -> None:
    assert "verify" in ROOT.list_commands(None)  # type: ignore[arg-type]  # the listing needs no context
