"""docs/reference/health.md says what the maps and the linter say."""

import importlib.util

from shared_files import ROOT

from panacea.credentials.linter import RULES
from panacea.health.elements import mapped_types

PAGE = ROOT / "docs" / "reference" / "health.md"


def test_the_page_is_current() -> None:
    place = ROOT / "tools" / "make_health_reference.py"
    spec = importlib.util.spec_from_file_location("make_health_reference", place)
    assert spec is not None
    assert spec.loader is not None
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert PAGE.read_text() == tool.build(), "run tools/make_health_reference.py"


def test_the_page_names_every_type_and_rule() -> None:
    page = PAGE.read_text()
    assert all(f"\n| {kind} |" in page for kind in mapped_types())
    assert all(f"\n| `{rule}` |" in page for rule in RULES)
