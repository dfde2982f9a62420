"""`panacea net`: a local network that stays up between commands, watched over by one process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from panacea.cli.command import Answer, group, home_option
from panacea.cli.failure import UNREACHABLE, CommandRefused
from panacea.cli.progress import table

COMMAND = group("net", "A local network: one node, five oracles in simulated enclaves, one store.")

NODE_PORT = 26657
UP_SECONDS = 120.0
DOWN_SECONDS = 20.0
STATE = "network.json"


@COMMAND.command()
@home_option
@click.option("--port", type=click.IntRange(0, 65535), default=NODE_PORT, show_default=True, help="of the node's RPC")
@click.option("--chain-id", default="sim-local-1", show_default=True, help="of a new home; sim- or test- in front")
@click.option("--foreground", is_flag=True, help="stay, and end the network with Ctrl-C")
def up(home: Path, port: int, chain_id: str, foreground: bool) -> Answer:
    """Start the network, or make it first. It keeps running until `panacea net down`."""
    running = find_network(home)
    if running is not None:
        raise CommandRefused("a network runs in this home already", hint="`panacea net down` ends it", home=home)
    if foreground:
        from panacea.cli.network_process import run

        run(home, port=port, chain_id=chain_id)
        return Answer({"home": str(home), "running": False}, "the network is down")
    found = _start_in_background(home, port, chain_id)
    return Answer(found, _description(found))


@COMMAND.command()
@home_option
def down(home: Path) -> Answer:
    """End the network of a home; its chain and its keys stay."""
    found = require_network(home)
    os.kill(found["pid"], signal.SIGTERM)
    deadline = time.monotonic() + DOWN_SECONDS
    while is_running(home):
        if time.monotonic() > deadline:
            raise CommandRefused("the network does not end", hint=f"its log: {home / 'network.log'}", pid=found["pid"])
        time.sleep(0.05)
    return Answer({"home": str(home), "running": False}, "the network is down")


@COMMAND.command()
@home_option
def status(home: Path) -> Answer:
    """Whether the network is up, and how far its chain has come."""
    found = find_network(home)
    if found is None:
        return Answer({"home": str(home), "running": False}, "the network is down", UNREACHABLE)
    from panacea.client.plain import plain

    found["height"] = plain(_height(found["node"]))
    return Answer({**found, "running": True}, _description(found))


async def _height(url: str) -> int:
    from panacea.client.rpc import RPC

    rpc = RPC(url)
    try:
        return await rpc.height()
    finally:
        await rpc.close()


def _description(found: dict[str, Any]) -> str:  # Any: JSON
    urls = [found["node"], found["store"], *found["oracles"]]
    names = ["node", "store", *(f"oracle-{number}" for number in range(1, len(found["oracles"]) + 1))]
    rows = [(name, url, str(found["pids"][name])) for name, url in zip(names, urls, strict=True)]
    head = f"chain {found['chain_id']}" + (f" at height {found['height']}" if "height" in found else "")
    return f"{head}\n\n{table(rows, ('process', 'url', 'pid'))}"


def _start_in_background(home: Path, port: int, chain_id: str) -> dict[str, Any]:  # Any: JSON
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    arguments = ("--home", str(home), "--port", str(port), "--chain-id", chain_id)
    with (home / "network.log").open("ab") as log:
        # It outlives this command on purpose; `net down` ends it.
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "panacea.cli.network_process", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + UP_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        found = find_network(home)
        if found is not None and found["pid"] == process.pid:
            return found
        time.sleep(0.05)
    process.terminate()
    raise CommandRefused("the network did not start", hint=f"its log says why: {home / 'network.log'}", home=home)


def find_network(home: Path) -> dict[str, Any] | None:  # Any: JSON
    """What the running network of a home says of itself, or None where none runs."""
    if not is_running(home):
        return None
    try:
        found: dict[str, Any] = json.loads((home / STATE).read_bytes())  # Any: JSON
    except (OSError, ValueError):
        return None
    return found


def require_network(home: Path) -> dict[str, Any]:  # Any: JSON
    """As `find_network`. Raises CommandRefused where none runs."""
    found = find_network(home)
    if found is None:
        raise CommandRefused(
            "no network runs in this home", hint="`panacea net up` starts one", exit_code=UNREACHABLE, home=home
        )
    return found


def is_running(home: Path) -> bool:
    """Whether a process watches over the network of this home: it holds the home's lock as long as it lives."""
    from panacea.cli.lock import is_held

    return is_held(home / "network.lock")
