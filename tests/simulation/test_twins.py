"""Two applications that are fed the same random blocks end on the same app hash, whatever the order of sets is."""

import json
import os
import subprocess
import sys
from pathlib import Path

from chain_driver import VALIDATOR
from simulation.random_chain import RandomChain

from panacea.chain.app import App, wire
from panacea.chain.results import Block, Settings, Validator
from panacea.store.multistore import MultiStore

HERE = Path(__file__).resolve().parent
BLOCKS = 40


def _twin(hash_seed: str, seed: int) -> list[object]:
    path = os.pathsep.join([str(HERE.parent), *sys.path])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    command = [sys.executable, str(HERE / "random_chain.py"), str(seed), str(BLOCKS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    found: list[object] = json.loads(done.stdout)
    return found


def test_twins_under_different_hash_seeds_agree() -> None:
    one, other = _twin("1", seed=7), _twin("4242", seed=7)
    assert one == other
    height, _, codes = one
    assert height == BLOCKS + 1
    kinds = [kind for kind, _ in codes]  # type: ignore[attr-defined]  # JSON: a list of pairs
    assert {"/0", "sdk/4", "sdk/5", "sdk/11", "sdk/38"} <= set(kinds), "the run met too few kinds of refusals"


def test_another_seed_ends_elsewhere() -> None:
    one, other = RandomChain(1), RandomChain(2)
    one.run(3)
    other.run(3)
    assert one.chain.app.info() != other.chain.app.info()


def test_export_import_export_is_identical() -> None:
    first = RandomChain(11)
    first.run(25)
    exported = first.chain.app.export_genesis()
    assert len(exported["feegrant"]["allowances"]) > 1
    wiring = wire()
    again = App(MultiStore.memory(wiring.stores), wiring, Settings("test-1"))
    again.init_chain(
        chain_id="test-1",
        time_ns=first.chain.time_ns,
        consensus_params={},
        validators=[Validator(VALIDATOR.public_key.raw, 10)],
        app_state=json.loads(json.dumps(exported)),
    )
    assert again.export_genesis() == exported
    again.finalize_block(Block(1, first.chain.time_ns))
    again.commit()
    assert again.export_genesis() == exported
