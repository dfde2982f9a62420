"""CometBFT's own light client follows the embedded node (`make interop` builds it)."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from shared_files import ROOT
from solo_engine import CHAIN_ID, NodeProcess, signed_send

COMETBFT = shutil.which("cometbft", path=f"{ROOT / 'build' / 'bin'}:{os.environ['PATH']}")
SECONDS = 20

pytestmark = [
    pytest.mark.interop,
    pytest.mark.skipif(not os.environ.get("PANACEA_INTEROP"), reason="make interop runs this"),
]


@contextlib.contextmanager
def light_client(node: NodeProcess, home: Path) -> Iterator[httpx2.Client]:
    """`cometbft light`, trusting block 1, with the node as its primary and its witness; a client of its own RPC."""
    assert COMETBFT, "cometbft is not there: run `make interop`"
    trusted = httpx2.get(f"{node.url}/block?height=1", trust_env=False).json()["result"]["block_id"]["hash"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    command = [COMETBFT, "light", CHAIN_ID, "--primary", node.url, "--witnesses", node.url, "--home-dir", str(home)]
    trust = ["--height", "1", "--hash", trusted, "--laddr", f"tcp://{address}", "--verbose"]
    with (home.parent / "light.log").open("wb") as log:
        process = subprocess.Popen([*command, *trust], stdout=log, stderr=log)
    try:
        with httpx2.Client(base_url=f"http://{address}", trust_env=False, timeout=30) as client:
            wait_for(client)
            yield client
    finally:
        process.terminate()
        process.wait(10)


def wait_for(client: httpx2.Client) -> None:
    until = time.monotonic() + SECONDS
    while True:
        try:
            client.get("/health").raise_for_status()
        except httpx2.HTTPError:
            assert time.monotonic() < until, "the light client did not start"
            time.sleep(0.1)
        else:
            return


def send(node: NodeProcess, sequence: int) -> int:
    """Send a transaction; the height at which the node's newest state is proven."""
    raw = "0x" + signed_send("alice", "bob", sequence).hex()
    sent = httpx2.get(f"{node.url}/broadcast_tx_commit", params={"tx": raw}, trust_env=False).json()["result"]
    assert sent["tx_result"]["code"] == 0
    return int(sent["height"]) + 1


def test_cometbft_light_verifies_and_follows(tmp_path: Path) -> None:
    with NodeProcess(tmp_path / "node") as node:
        height = [send(node, sequence) for sequence in range(5)][-1]
        time.sleep(0.5)
        with light_client(node, tmp_path / "light") as light:
            for at in (height, 2, height - 3):
                verified = light.get("/commit", params={"height": at}).json()["result"]
                direct = httpx2.get(f"{node.url}/commit?height={at}", trust_env=False).json()["result"]
                assert verified["signed_header"]["header"] == direct["signed_header"]["header"]
            height = send(node, 5)
            time.sleep(0.5)
            block = light.get("/block", params={"height": height}).json()["result"]["block"]
            assert int(block["header"]["height"]) == height
            assert light.get("/validators", params={"height": height}).json()["result"]["total"] == "1"
            status = light.get("/status").json()["result"]
            assert status["node_info"]["network"] == CHAIN_ID
