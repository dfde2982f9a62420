import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from panacea.cli.wallet import COMMAND

PHRASE = "abandon " * 11 + "about"


def run(home: Path, *arguments: str, typed: str | None = None) -> str:
    done = CliRunner().invoke(
        COMMAND,
        [*arguments, "--home", str(home), "-o", "json"],
        input=typed,
        catch_exceptions=False,
        standalone_mode=False,
    )
    return done.stdout


def test_the_phrase_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    quiet = json.loads(run(tmp_path, "new", "a", "--keyring", "test"))
    loud = json.loads(run(tmp_path, "new", "b", "--keyring", "test", "--show-secret", "--words", "12"))
    assert "recovery_phrase" not in quiet
    assert len(loud["recovery_phrase"].split()) == 12


def test_a_phrase_gives_the_same_key_again(tmp_path: Path) -> None:
    first = json.loads(run(tmp_path / "1", "new", "a", "--keyring", "test", "--recover", typed=PHRASE + "\n"))
    again = json.loads(run(tmp_path / "2", "new", "b", "--keyring", "test", "--recover", typed=PHRASE + "\n"))
    assert first["address"] == again["address"]
    assert "recovery_phrase" not in first


def test_keys_are_listed_without_secrets(tmp_path: Path) -> None:
    made = json.loads(run(tmp_path, "new", "a", "--keyring", "test"))
    shown = run(tmp_path, "show", "--offline")
    assert json.loads(shown) == [{"name": "a", "address": made["address"], "balance_umed": None}]
    (entry,) = (tmp_path / "keyring-test").glob("*.json")
    assert all(str(kept) not in shown for kept in json.loads(entry.read_text())["secret"].values())


def test_a_secret_is_shown_of_one_key_when_asked_for(tmp_path: Path) -> None:
    run(tmp_path, "new", "a", "--keyring", "test")
    (shown,) = json.loads(run(tmp_path, "show", "a", "--offline", "--show-secret"))
    assert len(bytes.fromhex(shown["secret"])) == 32


def test_a_keyring_under_a_passphrase(tmp_path: Path) -> None:
    from panacea.crypto.sealing import KeyNotOpened

    run(tmp_path, "new", "a", "--keyring", "file", typed="right\n")
    run(tmp_path, "show", "a", "--offline", "--show-secret", "--keyring", "file", typed="right\n")
    with pytest.raises(KeyNotOpened):
        run(tmp_path, "show", "a", "--offline", "--show-secret", "--keyring", "file", typed="wrong\n")
