"""`panacea vc-api` as a process: after kill -9 a revocation is still one, and no place is given twice."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "credentialSubject": {"name": "Anna"},
}
BASE = "https://hospital.example"


@contextmanager
def running(home: Path) -> Iterator[tuple[httpx2.Client, subprocess.Popen[bytes]]]:
    command = [sys.executable, "-m", "panacea.cli", "vc-api", "--home", str(home), "--port", "0", "--base-url", BASE]
    process = subprocess.Popen([*command, "--keyring", "test"], stdout=subprocess.PIPE, stdin=subprocess.PIPE)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        with httpx2.Client(base_url=told["url"], timeout=30) as client:
            yield client, process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdout, process.stdin):
            if pipe is not None:
                pipe.close()


def issue(client: httpx2.Client) -> dict[str, Any]:
    options = {
        "cryptosuite": "bbs-2023",
        "mandatoryPointers": ["/issuer", "/credentialStatus"],
        "statusPurpose": "revocation",
    }
    answer = client.post("/credentials/issue", json={"credential": CREDENTIAL, "options": options})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()["verifiableCredential"]
    return made


def test_killed_and_started_again(tmp_path: Path) -> None:
    issued: list[dict[str, Any]] = []
    revoked: list[dict[str, Any]] = []
    for _ in range(3):
        with running(tmp_path) as (client, process):
            for made in issued:
                body = {"verifiableCredential": made, "options": {"selectivePointers": ["/credentialSubject/name"]}}
                shown = client.post("/credentials/derive", json=body).json()["verifiableCredential"]
                answer = client.post("/credentials/verify", json={"verifiableCredential": shown})
                assert answer.status_code == (400 if made in revoked else 200), answer.text
            issued += [issue(client), issue(client)]
            change = {"credentialStatus": issued[-1]["credentialStatus"], "status": True}
            assert client.post("/credentials/status", json=change).status_code == 200
            revoked.append(issued[-1])
            os.kill(process.pid, signal.SIGKILL)
    places = [made["credentialStatus"]["statusListIndex"] for made in issued]
    assert len(set(places)) == len(places) == 6
    assert len({made["issuer"] for made in issued}) == 1
