"""`python -m panacea.cli.network_process`: starts a home's network, says so in `network.json`, and watches over it."""

import argparse
import json
import os
import signal
import threading
from pathlib import Path
from types import FrameType

from panacea.cli.failure import CommandRefused, tell_failure
from panacea.cli.lock import held
from panacea.cli.net import STATE
from panacea.cli.network import create, start
from panacea.cli.processes import Supervisor
from panacea.cli.progress import Steps

CHECK_SECONDS = 1.0


def main() -> int:
    """Run until a signal comes."""
    parser = argparse.ArgumentParser(prog="panacea.cli.network_process")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--chain-id", required=True)
    given = parser.parse_args()
    try:
        run(given.home, port=given.port, chain_id=given.chain_id)
    except BaseException as failure:  # noqa: BLE001  every end is told in one style, in the log
        return tell_failure(failure, [])
    return 0


def run(home: Path, *, port: int, chain_id: str) -> None:
    """Keep a network up until SIGTERM or Ctrl-C.

    Raises:
        CommandRefused: it did not start, or one of its processes ended by itself.
    """
    told, stopped = Steps(), threading.Event()

    def stop(_: int, __: FrameType | None) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stopped.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with held(home / "network.lock"), Supervisor() as supervisor:
            (home / STATE).unlink(missing_ok=True)
            create(home, chain_id)
            network = start(supervisor, home, node_port=port, told=told.done)
            state = home / f"{STATE}.new"
            state.write_text(json.dumps({"pid": os.getpid(), **network.to_json()}, indent=1))
            state.replace(home / STATE)
            told.done("ready")
            while not stopped.wait(CHECK_SECONDS):
                supervisor.require_alive()
    except BlockingIOError:
        raise CommandRefused("another process holds this home", home=home) from None
    except KeyboardInterrupt:
        told.done("down")
    finally:
        (home / STATE).unlink(missing_ok=True)


if __name__ == "__main__":
    raise SystemExit(main())
