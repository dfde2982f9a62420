"""Where published test data lies: beside the checkout, never inside it."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared"


def shared(name: str) -> Path:
    """The vector file or folder of that name, or a skip that says what is missing."""
    return _present(SHARED / "vectors" / name)


def fhir(name: str = "") -> Path:
    """A file of the FHIR examples, or their folder."""
    return _present(SHARED / "data" / "fhir" / name)


def _present(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"test data absent: ../{path.relative_to(ROOT.parent)}", allow_module_level=True)
    return path
