"""The package offers what it lists, and imports little before it is asked."""

import subprocess
import sys

import pytest

import panacea.credentials


@pytest.mark.parametrize("name", panacea.credentials.__all__)
def test_every_name_is_there(name: str) -> None:
    assert getattr(panacea.credentials, name) is not None


def test_other_names_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        _ = panacea.credentials.other


def test_little_is_imported_before_it_is_asked_for() -> None:
    code = "import sys, panacea.credentials; print([name for name in sys.modules if name.startswith('panacea.')])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['panacea.credentials']"


@pytest.mark.parametrize("heavy", ["starlette", "jsonschema_rs", "httpx2", "pyarrow", "keyring", "lmdb"])
def test_a_verifier_does_without(heavy: str) -> None:
    code = f"import sys, panacea.credentials.vc; print({heavy!r} in sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
