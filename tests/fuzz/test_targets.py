"""Every fuzzer for a moment: its seeds, and seeded mutations of them (`README.md` says how to run longer)."""

import importlib
from pathlib import Path

import pytest
from fuzz.harness import attempt, edited, mutations

NAMES = sorted(path.stem for path in Path(__file__).parent.glob("fuzz_*.py"))
MUTATIONS = 300


@pytest.mark.parametrize("name", NAMES)
def test_any_bytes_are_taken_or_rejected(name: str) -> None:
    module = importlib.import_module(f"fuzz.{name}")
    taken = sum(attempt(module.target, seed) for seed in module.SEEDS)
    assert taken, "no seed is taken: the target tests nothing"
    for data in mutations(module.SEEDS, MUTATIONS):
        attempt(module.target, data)


@pytest.mark.parametrize("name", NAMES)
def test_an_empty_input_is_taken_or_rejected(name: str) -> None:
    attempt(importlib.import_module(f"fuzz.{name}").target, b"")


def test_a_finding_is_not_swallowed() -> None:
    def broken(_: bytes) -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        attempt(broken, b"")


def test_edits_are_determined_by_their_bytes() -> None:
    seeds = [b'{"a": [1, {"b": "c"}]}']
    inputs = [bytes([64, 0, *script]) for script in ((1, 0, 1, 5), (1, 0, 8, 1, 0, 1, 1), (9, 9, 9, 9, 9))]
    assert [edited(one, seeds) for one in inputs] == [edited(one, seeds) for one in inputs]
    assert len({edited(one, seeds) for one in inputs}) > 1
    assert edited(b"\0raw", seeds) == b"raw"
