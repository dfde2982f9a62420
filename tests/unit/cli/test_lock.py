from pathlib import Path

import pytest

from panacea.cli.lock import held, is_held


def test_a_lock_is_held_for_a_block_of_code(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    assert not is_held(path)
    with held(path):
        assert is_held(path)
        with pytest.raises(BlockingIOError), held(path):
            pass
    assert not is_held(path)
