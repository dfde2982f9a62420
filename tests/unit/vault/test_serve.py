"""The store as a process: its one line, its end, its log, and kill -9 in mid-upload."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import fixed_chain
import httpx2
import pytest
from fixed_chain import DEAL, STORE, oracle_grant, sealed

from panacea.vault import frames
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.objects import Sealed
from panacea.vault.remote import RemoteStore

ROUNDS = 10


def start(home: Path) -> tuple[subprocess.Popen[bytes], dict[str, object]]:
    command = [sys.executable, str(Path(fixed_chain.__file__)), str(home)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout
    ready: dict[str, object] = json.loads(process.stdout.readline())
    return process, ready


def close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        assert pipe
        pipe.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "store"


def test_it_says_where_it_is_and_ends_with_its_parent(home: Path) -> None:
    process, ready = start(home)
    assert ready.keys() == {"name", "url", "pid"}
    assert (ready["name"], ready["pid"]) == ("store", process.pid)
    assert str(ready["url"]).startswith("http://127.0.0.1:")
    assert httpx2.get(f"{ready['url']}/v1/info").json()["key"] == STORE.public_key.raw.hex()
    assert process.stdin
    process.stdin.close()
    assert process.wait(timeout=10) == 0
    assert "Application startup complete" in (home / "store.log").read_text()
    close(process)


def test_it_ends_on_a_signal(home: Path) -> None:
    process, _ = start(home)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) in (0, -signal.SIGTERM)
    close(process)


def test_the_light_rooms_load_no_server() -> None:
    rooms = ["objects", "frames", "grants", "receipts", "blobs", "node", "records", "remote", "ports"]
    code = f"import sys; import {', '.join(f'panacea.vault.{room}' for room in rooms)}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "uvicorn", "httpx2", "asyncio"} & set(loaded)


class Uploader(threading.Thread):
    """Puts one object after the other, slowly, until the store is gone."""

    def __init__(self, url: str, seed: int) -> None:
        super().__init__(daemon=True)
        self.store_url, self.seed = url, seed
        self.acknowledged: set[bytes] = set()
        self.first = threading.Event()
        self.cut_off: bytes | None = None

    def run(self) -> None:
        draw = random.Random(self.seed)
        with httpx2.Client(timeout=10, trust_env=False) as client:
            while True:
                size = draw.choice([500, 30_000, 300_000, 900_000])
                object_ = sealed(draw.randbytes(size), seed=draw.getrandbits(32))
                try:
                    self.put(client, object_)
                except httpx2.TransportError:
                    self.cut_off = object_.oid
                    return
                self.acknowledged.add(object_.oid)
                self.first.set()

    def put(self, client: httpx2.Client, object_: Sealed) -> None:
        def trickle() -> Iterator[bytes]:
            raw = frames.encode(object_)
            for at in range(0, len(raw), 64_000):
                yield raw[at : at + 64_000]
                time.sleep(0.002)

        answer = client.put(
            f"{self.store_url}/v1/objects/{object_.oid.hex()}?until=500",
            content=trickle(),
            headers={"authorization": f"Bearer {oracle_grant(object_.oid, int(time.time()))}"},
        )
        assert answer.status_code == 201, answer.text


def test_kill_9_in_mid_upload_loses_nothing_acknowledged(home: Path) -> None:
    draw, acknowledged, cut_off = random.Random(20_261_122), set[bytes](), set[bytes | None]()
    for number in range(ROUNDS):
        process, ready = start(home)
        uploaders = [Uploader(str(ready["url"]), number * 2 + i) for i in (0, 1)]
        for uploader in uploaders:
            uploader.start()
        # Something is acknowledged in every round, however slow the machine; then the blow falls anywhere.
        assert uploaders[0].first.wait(timeout=30)
        time.sleep(draw.uniform(0, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        close(process)
        for uploader in uploaders:
            uploader.join(timeout=20)
            assert not uploader.is_alive()
            acknowledged |= uploader.acknowledged
            cut_off.add(uploader.cut_off)
    assert len(acknowledged) >= ROUNDS
    assert len(cut_off) >= ROUNDS
    blobs = SqliteBlobs(home)
    kept = {blob.name: blobs.read(blob.name, 0, blob.size) for blob in blobs.blobs()}
    blobs.close()
    assert acknowledged <= kept.keys()
    for oid, frame in kept.items():
        assert frames.decode(frame, oid).oid == oid
    assert not list((home / "incoming").iterdir())


def test_an_upload_after_a_crash_is_the_same_upload(home: Path) -> None:
    object_ = sealed(b"again" * 1000)
    receipts = []
    for _ in range(2):
        process, ready = start(home)
        with httpx2.Client(trust_env=False) as client:
            store = RemoteStore(client, str(ready["url"]), STORE.public_key.raw)
            token = oracle_grant(object_.oid, int(time.time()))
            receipts.append(store.put(object_, token, deal_id=DEAL, until=300))
        process.kill()
        process.wait()
        close(process)
    assert receipts[0] == receipts[1]
