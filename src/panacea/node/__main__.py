"""`python -m panacea.node --home DIR [--port N] [--interval SECONDS] [--min-gas-price N]`: the node as a process."""

import argparse
import gc
import logging
import os
import sys
from pathlib import Path

from panacea.node.home import Options, open_node
from panacea.node.server import Server
from panacea.node.solo import Pace
from panacea.primitives.numbers import Dec
from panacea.vault.serve import serve

ENGINE_FAILED = 70
"""The exit code when the engine cannot go on: EX_SOFTWARE of sysexits.h."""


def main() -> None:
    """Serve a home's chain on loopback until told to stop."""
    parser = argparse.ArgumentParser(prog="panacea.node", description="The embedded node.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, default=26657)
    parser.add_argument("--interval", type=float, help="seconds between empty blocks; none without it")
    parser.add_argument("--linger", type=float, default=0.02, help="seconds that a transaction waits for others")
    parser.add_argument("--keep", type=int, help="heights of state to keep; all without it")
    parser.add_argument("--min-gas-price", type=Dec.parse, default=Dec.of(5), help="umed for a unit of gas")
    given = parser.parse_args()
    options = Options(Pace(given.linger, given.interval), given.keep, given.min_gas_price)
    engine = open_node(given.home, options)
    # What was loaded stays: the collector need not walk the whole tree again and again.
    gc.freeze()
    serve(Server(engine, _give_up).app(), name="node", home=given.home, port=given.port)


def _give_up(failure: BaseException) -> None:
    """End at once: whatever was acknowledged is durable, and an engine that is in doubt answers nothing more."""
    try:
        sys.stderr.write(f"the engine stopped: {failure!r}\n")
        sys.stderr.flush()
        logging.shutdown()
    finally:
        os._exit(ENGINE_FAILED)


if __name__ == "__main__":
    main()
