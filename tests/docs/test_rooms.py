"""A room's docstring or README names each of its modules."""

import ast
import re
from pathlib import Path

import pytest

import panacea

FOLDER = Path(panacea.__file__).parent
ROOMS = sorted(
    file.parent for room in ("credentials", "identity", "health") for file in (FOLDER / room).rglob("__init__.py")
)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: str(room.relative_to(FOLDER)))
def test_every_module_is_named(room: Path) -> None:
    readme = room / "README.md"
    told = ast.get_docstring(ast.parse((room / "__init__.py").read_text(encoding="utf-8"))) or ""
    told += readme.read_text(encoding="utf-8") if readme.exists() else ""
    modules = {file.stem for file in room.glob("*.py")} | {file.parent.name for file in room.glob("*/__init__.py")}
    assert modules - {"__init__", "types"} <= set(re.findall(r"\w+", told))
