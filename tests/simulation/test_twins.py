"""Two applications that are fed the same random blocks end on the same app hash, whatever the order of sets is."""

import json
import os
import subprocess
import sys
from pathlib import Path

from chain_driver import VALIDATOR
from simulation.random_market import RandomMarket

from panacea.chain.app import App, wire
from panacea.chain.results import Block, Settings, Validator
from panacea.store.multistore import MultiStore

HERE = Path(__file__).resolve().parent
BLOCKS = 80
SEED = 11
STATUSES = {f"CONSENT_STATUS_{name}" for name in ("PENDING", "RELEASED", "UNDELIVERED", "WITHDRAWN")}


def _twin(hash_seed: str, seed: int) -> list[object]:
    path = os.pathsep.join([str(HERE.parent), *sys.path])
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path}
    command = [sys.executable, str(HERE / "random_market.py"), str(seed), str(BLOCKS)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    found: list[object] = json.loads(done.stdout)
    return found


def test_twins_under_different_hash_seeds_agree() -> None:
    one, other = _twin("1", seed=7), _twin("4242", seed=7)
    assert one == other
    height, _, codes = one
    assert isinstance(height, int)
    assert height > BLOCKS
    kinds = {kind for kind, _ in codes}  # type: ignore[attr-defined]  # JSON: a list of pairs
    met = {"/0", "sdk/4", "sdk/5", "sdk/11", "sdk/38", "did/9", "oracle/7", "datadeal/3", "datadeal/8", "datadeal/9"}
    assert met <= kinds, f"the run did not meet {sorted(met - kinds)}"


def test_another_seed_ends_elsewhere() -> None:
    one, other = RandomMarket(1), RandomMarket(2)
    one.run(3)
    other.run(3)
    assert one.chain.app.info() != other.chain.app.info()


def test_export_import_export_is_identical() -> None:
    first = RandomMarket(SEED)
    first.run(60)
    exported = first.chain.app.export_genesis()
    assert len(exported["feegrant"]["allowances"]) > 1
    assert exported["did"]["documents"]
    assert {consent["status"] for consent in exported["datadeal"]["consents"]} == STATUSES
    for module, part in (
        ("oracle", "committees"),
        ("oracle", "oracles"),
        ("datadeal", "deals"),
        ("datadeal", "shares"),
    ):
        assert exported[module][part], f"the run left no {part}"
    wiring = wire()
    again = App(MultiStore.memory(wiring.stores), wiring, Settings("test-1"))
    again.init_chain(
        chain_id="test-1",
        time_ns=first.chain.time_ns,
        initial_height=first.chain.height + 1,
        consensus_params={},
        validators=[Validator(VALIDATOR.public_key.raw, 10)],
        app_state=json.loads(json.dumps(exported)),
    )
    assert again.export_genesis() == exported
    # One empty block moves deadlines of its own: the chain that was exported makes the same one.
    block = Block(first.chain.height + 1, first.chain.time_ns)
    for app in (again, first.chain.app):
        app.finalize_block(block)
        app.commit()
    assert again.export_genesis() == first.chain.app.export_genesis()
