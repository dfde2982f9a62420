"""What the whole suite shares: the count of published vectors, and Hypothesis without deadlines on busy machines."""

import gc
import os
from collections import Counter

import pytest
from conformance_table import write
from hypothesis import HealthCheck, settings
from shared_files import SHARED

settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("house")

VECTORS = "tests/conformance/"
REQUIRED = "PANACEA_REQUIRE_VECTORS"
"""Set where the whole suite runs: then not even one vector may be missing without a word."""


def pytest_collection_finish() -> None:
    """Keep what collecting has made out of the garbage collector's way: bounds on work are about the work alone."""
    gc.collect()
    gc.freeze()


def _counts(reporter: pytest.TerminalReporter) -> Counter[str]:
    counts: Counter[str] = Counter()
    for outcome in ("passed", "failed", "skipped"):
        for report in reporter.stats.get(outcome, []):
            if report.nodeid.startswith(VECTORS):
                counts[outcome] += 1
    return counts


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts = _counts(terminalreporter)
    if counts:
        shown = ", ".join(f"{counts[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))
        where = "present" if SHARED.exists() else "absent"
        terminalreporter.write_line(f"published vectors: {shown}; the shared folder is {where}")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Vectors that are there must run: a suite that silently skips them all proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if not isinstance(reporter, pytest.TerminalReporter) or hasattr(session.config, "workerinput"):
        return
    counts = _counts(reporter)
    write(
        (report.nodeid, outcome, str(report.longrepr[-1]) if isinstance(report.longrepr, tuple) else "")
        for outcome in ("passed", "failed", "skipped")
        for report in reporter.stats.get(outcome, [])
        if report.nodeid.startswith(VECTORS)
    )
    expected = counts["skipped"] or os.environ.get(REQUIRED)
    if SHARED.exists() and expected and not counts["passed"]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
