"""Write docs/guides/credentials.ipynb from the guide of the same name; a test compares the two.

python tools/make_notebook.py
"""

import json
import re
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guides" / "credentials.md"
TARGET = GUIDE.with_suffix(".ipynb")
_CODE = re.compile(r"^```python\n(.*?)^```\n", re.MULTILINE | re.DOTALL)


def code_blocks(text: str) -> list[str]:
    """The Python of a guide, block by block."""
    return _CODE.findall(text)


def build() -> str:
    """The notebook: the guide's prose and code as cells, in its order, without outputs."""
    parts = _CODE.split(GUIDE.read_text())
    cells: list[dict[str, Any]] = []  # Any: cells of the notebook format
    for place, part in enumerate(parts):
        if not part.strip():
            continue
        source = part.strip().splitlines(keepends=True)
        common: dict[str, Any] = {"id": f"cell-{place}", "metadata": {}, "source": source}  # Any: as above
        if place % 2:
            cells.append({"cell_type": "code", "execution_count": None, "outputs": [], **common})
        else:
            cells.append({"cell_type": "markdown", **common})
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    TARGET.write_text(build())
