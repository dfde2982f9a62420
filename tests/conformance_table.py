"""The table of published vectors in docs/reference/conformance.md, written by the test run itself."""

import importlib.util
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from shared_files import ROOT, SHARED

TARGET = ROOT / "docs" / "reference" / "conformance.md"

SETS = {
    "bbs": ("test_bbs.py",),
    "bbs-blind": ("test_bbs_blind.py",),
    "bbs-nym": ("test_bbs_nym.py",),
    "hash-to-curve": ("test_hash_to_curve.py",),
    "vc-di-bbs": ("test_vc_di_bbs.py",),
    "vc-di-eddsa": ("test_vc_di_whole_document.py", "vc-di-eddsa/"),
    "vc-di-ecdsa": ("test_vc_di_whole_document.py", "vc-di-ecdsa/", "test_vc_di_ecdsa_sd.py"),
    "rdf-canon": ("test_rdf_canon.py",),
    "json-ld": ("test_json_ld.py",),
    "vc-data-model-2.0": ("test_vc_data_model.py",),
    "did-core": ("test_did_core.py",),
    "presentation-exchange": ("test_presentation_exchange.py",),
    "presentation-exchange-pex": ("test_pex.py",),
    "status-list": ("test_status_list.py", "test_token_status_list.py"),
    "jcs": ("test_jcs.py",),
    "openid4vp": ("test_openid4vp.py", "test_dcql.py"),
    "openid4vci": ("test_openid4vci.py",),
}
"""Which cases belong to which set: by file, and by what their id holds where a file covers two sets."""

HEAD = """# Conformance

Written by the test run from its own outcome: the published vectors of each set, as test cases. A case that this product
answers otherwise than its set expects is an exception, with its reason; nothing else is left out.

| set | passed | total | exceptions |
| --- | ---: | ---: | ---: |
"""


def write(reports: Iterable[tuple[str, str, str]]) -> None:
    """Write the page from each case's id, its outcome and why it was skipped, if every set was run."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in SETS}
    skipped: dict[str, Counter[str]] = {name: Counter() for name in SETS}
    for nodeid, outcome, why in reports:
        for name in _sets_of(nodeid):
            counts[name][outcome] += 1
            if outcome == "skipped":
                skipped[name][why] += 1
    if not SHARED.exists() or any(not counted["passed"] for counted in counts.values()):
        return
    exceptions = {
        name: _exceptions(name) | {f"{count} cases not run": why for why, count in sorted(skipped[name].items())}
        for name in SETS
    }
    lines = [
        f"| {name} | {counted['passed']} | {sum(counted.values())} | {len(exceptions[name]) or ''} |"
        for name, counted in counts.items()
    ]
    parts = [HEAD + "\n".join(lines) + "\n"]
    for name, found in exceptions.items():
        if found:
            rows = "\n".join(f"| {case} | {reason} |" for case, reason in found.items())
            parts.append(f"## {name}\n\n| case | reason |\n| --- | --- |\n{rows}\n")
    page = "\n".join(parts)
    if not TARGET.exists() or TARGET.read_text() != page:
        TARGET.write_text(page)


def _sets_of(nodeid: str) -> list[str]:
    """The sets that a case belongs to."""
    file = Path(nodeid.partition("::")[0]).name
    found = []
    for name, (first, *others) in SETS.items():
        marks = [mark for mark in others if mark.endswith("/")]
        files = {first, *(other for other in others if other not in marks)}
        if file in files and (not marks or file != first or any(mark in nodeid for mark in marks)):
            found.append(name)
    return found


def _exceptions(name: str) -> dict[str, str]:
    """What the files of a set declare as EXCEPTIONS."""
    found: dict[str, str] = {}
    for file in SETS[name]:
        path = ROOT / "tests" / "conformance" / file
        if file.endswith(".py") and path.exists():
            spec = importlib.util.spec_from_file_location(path.stem, path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            found |= getattr(module, "EXCEPTIONS", {})
    return {case: json.dumps(reason)[1:-1] if "|" in reason else reason for case, reason in sorted(found.items())}
