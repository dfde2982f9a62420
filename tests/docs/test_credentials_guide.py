"""The guide of the credentials SDK runs, from its first import to a verified presentation, and is the notebook."""

import contextlib
import importlib.util
import io
import json
from types import ModuleType

import pytest
from shared_files import ROOT

MAX_LINES = 20


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_notebook", ROOT / "tools" / "make_notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


TOOL = _tool()
BLOCKS: list[str] = TOOL.code_blocks(TOOL.GUIDE.read_text())


def run(blocks: list[str]) -> str:
    names: dict[str, object] = {}
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        for block in blocks:
            exec(compile(block, "guide", "exec"), names)
    return printed.getvalue()


def test_it_runs() -> None:
    pytest.importorskip("carebundle")
    printed = run(BLOCKS)
    assert "valueQuantity" in printed
    assert "subject" not in printed.splitlines()[0]
    assert "credential_revoked" in printed


def test_the_first_block_is_short() -> None:
    code = [line for line in BLOCKS[0].splitlines() if line and not line.startswith(("import", "from"))]
    assert len(code) <= MAX_LINES
    assert len([line for line in BLOCKS[0].splitlines() if line]) <= MAX_LINES + 1


def test_the_notebook_is_the_guide() -> None:
    text = TOOL.TARGET.read_text()
    assert text == TOOL.build(), "run tools/make_notebook.py"
    cells = json.loads(text)["cells"]
    assert ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"] == [b.strip() for b in BLOCKS]
