"""Other programs that do the same work, for figures beside ours: built below build/peers, and only when asked for.

    python -m benchmarks.peers      builds what it can: Node packages (npm), a Rust program (cargo); about 2 minutes
    measure(question)               what each of them takes, of those that are there

They run as processes of their own, one after the other, each on one thread. What is compared and what is not:
Digital Bazaar, MATTR and zkryptium derive the generators of BBS at every call, which is most of their time.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
BUILT: Final = HERE.parent.parent / "build" / "peers"
PROGRAM: Final = BUILT / "rust" / "target" / "release" / "panacea-benchmark-peers"
NAMES: Final = ("Digital Bazaar (JS)", "MATTR (wasm)", "zkryptium (Rust)")
"""Digital Bazaar's bbs-signatures 3.0, bbs-2023-cryptosuite 2.0 and rdf-canonize 5.0; MATTR's pairing-crypto 0.4.2;
zkryptium 0.8."""

Figures = dict[str, dict[str, list[float]]]
"""Milliseconds of each round, by program and work."""


def install() -> None:
    """Build each peer whose tools are there, and say which are not."""
    BUILT.mkdir(parents=True, exist_ok=True)
    for folder, tool, command in (
        ("node", "npm", ["install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]),
        ("rust", "cargo", ["build", "--release", "--quiet"]),
    ):
        shutil.copytree(HERE / folder, BUILT / folder, dirs_exist_ok=True)
        found = shutil.which(tool)
        if found is None:
            print(f"{folder}: not built, {tool} is not there")
            continue
        subprocess.run([found, *command], cwd=BUILT / folder, check=True)
        print(f"{folder}: built")


def measure(question: dict[str, Any], rounds: int) -> Figures:  # Any: JSON
    """What each peer that is there takes for the works of `question` (see node/peers.mjs)."""
    found: Figures = {}
    node = shutil.which("node")
    if node is not None and (BUILT / "node" / "node_modules").is_dir():
        shutil.copy(HERE / "node" / "peers.mjs", BUILT / "node")
        asked = json.dumps({**question, "rounds": rounds}, default=float).encode()
        found |= json.loads(_answer([node, str(BUILT / "node" / "peers.mjs")], asked))
    if PROGRAM.is_file():
        counts = [str(count) for count in question["counts"]]
        found["zkryptium (Rust)"] = json.loads(_answer([str(PROGRAM), str(rounds), *counts], b""))
    return found


def _answer(command: list[str], asked: bytes) -> bytes:
    one_thread = {**os.environ, "RAYON_NUM_THREADS": "1", "NODE_ENV": "production"}
    return subprocess.run(command, input=asked, stdout=subprocess.PIPE, check=True, env=one_thread).stdout
