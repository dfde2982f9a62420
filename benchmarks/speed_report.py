"""A run of `benchmarks.credentials` as a page of the reference and as a picture."""

import os
import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from math import ceil, floor, log10
from pathlib import Path
from typing import Final

from benchmarks import peers
from benchmarks.bbs import BATCH_BAR, Times

ROOT: Final = Path(__file__).parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "speed.md"
PICTURE: Final = ROOT / "docs" / "pictures" / "credentials-speed.svg"

LEFT, WIDTH, LINE, TOP = 260, 560, 22, 56
COLOURS: Final = {
    "Panacea": "#1f5fa8",
    "Digital Bazaar (JS)": "#c46a1b",
    "MATTR (wasm)": "#7a8b2f",
    "zkryptium (Rust)": "#8a4f9e",
}
SHAPES: Final = {"Digital Bazaar (JS)": "square", "MATTR (wasm)": "triangle", "zkryptium (Rust)": "diamond"}
"""Each program has a shape as well: colour carries no meaning alone."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was timed, how long it may take, and what others take for it."""

    name: str
    times: Times
    bar: float | None = None
    others: Mapping[str, float] = field(default_factory=dict)

    @property
    def met(self) -> bool:
        """Whether the lowest time is within the bar."""
        return self.bar is None or self.times.lowest <= self.bar


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found."""

    rows: tuple[Row, ...]
    growth: tuple[Row, ...]
    batch: tuple[float, float]
    programs: tuple[str, ...]
    pairing_check: float

    @property
    def batch_met(self) -> bool:
        """Whether a batch takes no more than its part of one by one."""
        return self.batch[1] <= BATCH_BAR * self.batch[0]


def write(run: Run) -> None:
    """Write the page and the picture."""
    PAGE.write_text(page(run), encoding="utf-8")
    PICTURE.write_text(picture(run), encoding="utf-8")
    print(f"wrote {PAGE.relative_to(ROOT)} and {PICTURE.relative_to(ROOT)}")


def page(run: Run) -> str:
    """Markdown: the table, the batch, growth."""
    return "\n".join([*_head(run), *_table(run), *_batch(run), *_growth(run)]) + "\n"


def _head(run: Run) -> Iterator[str]:
    yield f"""# Speed of credentials

Written by `python -m benchmarks.credentials --write`: one thread, SHA-256 suite, half of the messages disclosed, Python
{platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} processors shared with other
work. Milliseconds; 40 rounds in eight passes, warm, but for the import, which is of new processes. A bar is met by the
lowest time, because neighbours on a machine can only add to it. A check of one product of two pairings, which every
verification holds, took {run.pairing_check:.2f} ms in this run. The other programs ran in the same run, and their
figures are ratios to ours, lowest to lowest: 12x takes twelve times as long.
"""
    missing = [name for name in peers.NAMES if name not in run.programs]
    if missing:
        yield f"Not installed: {', '.join(missing)}; `python -m benchmarks.peers` builds them.\n"
    yield "![lowest times on a logarithmic scale](../pictures/credentials-speed.svg)\n"


def _table(run: Run) -> Iterator[str]:
    yield f"| work | lowest | p50 | p90 | bar | {' | '.join(peers.NAMES)} |"
    yield f"| --- | ---: | ---: | ---: | --- |{' ---: |' * len(peers.NAMES)}"
    for row in run.rows:
        bar = "" if row.bar is None else f"{row.bar:g} {'met' if row.met else '**missed**'}"
        others = " | ".join(_ratio(row, name, run.programs) for name in peers.NAMES)
        times = row.times
        yield f"| {row.name} | {times.lowest:.2f} | {times.median:.2f} | {times.p90:.2f} | {bar} | {others} |"
    yield """
bbs-2023 is over a FHIR Observation in the exchange's own shape, 87 statements with its credential. A range is proven
and checked together with a derived credential; the rows without it hold what the range adds, which is what the bars are
about. RDFC-1.0 is over results whose nodes are all alike but for one code two steps away. Digital Bazaar, MATTR and
zkryptium derive the generators of BBS at every call, which is most of their time at 100 messages; Panacea keeps them in
a table. None of them was tuned.
"""


def _ratio(row: Row, name: str, programs: tuple[str, ...]) -> str:
    if name in row.others:
        return f"{row.others[name] / row.times.lowest:.1f}x"
    return "" if name in programs else "not installed"


def _batch(run: Run) -> Iterator[str]:
    one_by_one, at_once = run.batch
    verdict = "met" if run.batch_met else "**missed**"
    yield f"""## Many proofs at once

100 proofs under one key, 10 messages each: {one_by_one:.0f} ms one by one, {at_once:.0f} ms as a batch, which is
{at_once / one_by_one:.0%} of it (bar {BATCH_BAR:.0%}, {verdict}).
"""


def _growth(run: Run) -> Iterator[str]:
    yield "## Growth"
    yield ""
    kinds: dict[str, list[str]] = {}
    for row in run.growth:
        kind, _, size = row.name.partition(", ")
        kinds.setdefault(f"{kind}, by {size.split()[1]}", []).append(f"{row.times.lowest:.2f}")
    yield "| work | 10 | 100 | 1,000 |"
    yield "| --- | ---: | ---: | ---: |"
    for kind, times in kinds.items():
        yield f"| {kind} | {' | '.join(times)} |"


def picture(run: Run) -> str:
    """SVG: a line for each row, its time, its bar and what others take, on one logarithmic axis."""
    figures = [value for row in run.rows for value in (row.times.lowest, row.times.p90, *row.others.values())]
    low, high = floor(log10(min(figures))), ceil(log10(max(figures)))
    height = TOP + LINE * len(run.rows) + 46

    def place(milliseconds: float) -> float:
        return LEFT + WIDTH * (log10(milliseconds) - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 40} {height}" font-family="sans-serif"'
        ' font-size="12" role="img" aria-label="Lowest time of each work, with its bar and what others take">',
        f'<rect width="100%" height="{height}" fill="#ffffff"/>',
        *_legend(run),
    ]
    for power in range(low, high + 1):
        at = place(10**power)
        parts.append(f'<line x1="{at:.1f}" y1="{TOP - 12}" x2="{at:.1f}" y2="{height - 34}" stroke="#dddddd"/>')
        parts.append(f'<text x="{at:.1f}" y="{height - 16}" text-anchor="middle">{10.0**power:g} ms</text>')
    for number, row in enumerate(run.rows):
        y = TOP + LINE * number + 8
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(row.name)}</text>')
        start, end = place(row.times.lowest), place(row.times.p90)
        parts.append(_whisker(start, end, y))
        if row.bar is not None:
            bar = place(row.bar)
            parts.append(
                f'<line x1="{bar:.1f}" y1="{y - 8}" x2="{bar:.1f}" y2="{y + 8}" stroke="#222222" stroke-width="2"/>'
            )
        parts += [_mark(name, place(value), y) for name, value in row.others.items()]
    return "\n".join([*parts, "</svg>"]) + "\n"


def _whisker(start: float, end: float, y: float) -> str:
    colour = COLOURS["Panacea"]
    line = f'<line x1="{start:.1f}" y1="{y}" x2="{end:.1f}" y2="{y}" stroke="{colour}" stroke-width="2"/>'
    return f'{line}<circle cx="{start:.1f}" cy="{y}" r="5" fill="{colour}"/>'


def _mark(name: str, x: float, y: float) -> str:
    corners = {
        "square": ((-5, -5), (5, -5), (5, 5), (-5, 5)),
        "triangle": ((0, -6), (6, 5), (-6, 5)),
        "diamond": ((0, -6), (6, 0), (0, 6), (-6, 0)),
    }[SHAPES[name]]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return f'<polygon points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'


def _legend(run: Run) -> Iterator[str]:
    x = 20.0
    yield _whisker(x, x + 14, 20) + f'<text x="{x + 22}" y="24">Panacea, lowest to p90</text>'
    x += 180
    yield f'<line x1="{x}" y1="12" x2="{x}" y2="28" stroke="#222222" stroke-width="2"/>'
    yield f'<text x="{x + 8}" y="24">bar</text>'
    x += 60
    for name in run.programs:
        yield _mark(name, x, 20) + f'<text x="{x + 12}" y="24">{escape(name)}</text>'
        x += 160
