"""Both steps of a state proof must belong together, and to what was asked."""

from dataclasses import replace

import pytest

from panacea.light.ics23 import verify_absence, verify_presence
from panacea.light.proofs import ProofOp, ProofRejected
from panacea.store.multistore import MultiStore


@pytest.fixture(name="state", scope="module")
def made() -> MultiStore:
    state = MultiStore.memory(["bank", "did"])
    branch = state.branch()
    for store in ("bank", "did"):
        for number in range(9):
            branch.kv(store).set(b"%d" % number, store.encode())
    state.prepare(branch)
    state.commit()
    return state


def test_a_step_of_another_store_is_refused(state: MultiStore) -> None:
    root, bank, did = state.app_hash, state.prove("bank", b"3", 1), state.prove("did", b"3", 1)
    verify_presence(root, "bank", b"3", b"bank", bank)
    wrong: list[tuple[str, bytes, list[ProofOp]]] = [
        ("did", b"did", bank),
        ("did", b"bank", [bank[0], did[1]]),
        ("bank", b"did", [did[0], bank[1]]),
        ("bank", b"bank", [bank[0], replace(did[1], key=b"bank")]),
        ("bank", b"bank", bank[:1]),
        ("bank", b"bank", [*bank, bank[1]]),
        ("bank", b"bank", bank[::-1]),
        ("bank", b"bank", []),
        ("bank", b"bank", [replace(bank[0], type="ics23:simple"), bank[1]]),
        ("bank", b"", bank),
    ]
    for store, value, ops in wrong:
        with pytest.raises(ProofRejected):
            verify_presence(root, store, b"3", value, ops)


def test_an_absence_between_distant_leaves_is_refused(state: MultiStore) -> None:
    root = state.app_hash
    ops = state.prove("bank", b"33", 1)
    verify_absence(root, "bank", b"33", ops)
    for key in (b"3", b"4", b"44", b"0"):
        with pytest.raises(ProofRejected):
            verify_absence(root, "bank", key, [replace(ops[0], key=key), ops[1]])
        with pytest.raises(ProofRejected):
            verify_presence(root, "bank", key, b"bank", [replace(ops[0], key=key), ops[1]])
