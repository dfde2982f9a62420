import importlib.util
from typing import Any

import pytest

from panacea.cli.pull import table_suffix


def test_the_table_is_parquet_where_it_can_be(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: object())
    assert table_suffix() == "parquet"
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert table_suffix() == "ndjson"
    assert "panacea-chain[tables]" in capsys.readouterr().err


def test_a_network_is_needed(program: Any) -> None:
    code, message, hint = program.refused("data", "pull", "1")
    assert code == 2
    assert message.startswith("no genesis document")
    assert "--genesis" in hint
