"""Write docs/reference/health.md from the maps of health records and the linter's rules; a test compares the two.

python tools/make_health_reference.py
"""

from pathlib import Path

from panacea.credentials.linter import RULES
from panacea.health.elements import FHIRVersion, Use, find_table, mapped_types
from panacea.health.sections import SECTIONS

TARGET = Path(__file__).resolve().parents[1] / "docs" / "reference" / "health.md"
HEAD = """# Health records

Written by `tools/make_health_reference.py` from `panacea.health` and `panacea.credentials.linter`.

A record is issued as it is, whatever its type and release; see `docs/decisions/0002-fhir-mapping.md` and
`docs/decisions/0014-fhir-versions-and-maps.md`. What follows is for those who choose what to show.

## Types and elements

Elements of each FHIR resource type by release (R4 is 4.0.1, R4B 4.3.0, R5 5.0.0; `value[x]` counts once, `-` where the
release has no such type), and by use in R4, or in R5 where R4 has none: *needed* to read the record rightly, *useful*
to research, *identifying* the person, the staff, the place or the record.
"""
SUMMARY = """## Sections of an International Patient Summary

`panacea.health.summaries` reads and writes them; the first three must be there, filled or with a reason why not.
"""
LINTER = """## What links two showings of a credential

The rules of `panacea lint` and `panacea.credentials.linter`: *high* links by itself, *medium* with a few others, *low*
is a hint. `coarsen` applies the coarser form where there is one.
"""


def build() -> str:
    """The page."""
    types = ["| type | R4 | R4B | R5 | needed | useful | identifying | groups |", "| --- |" + " --- |" * 7]
    types += [_type(kind) for kind in mapped_types()]
    types.append(_totals())
    sections = ["| section | LOINC | title | types |", "| --- | --- | --- | --- |"]
    sections += [
        f"| `{kind.name}` | {kind.code} | {kind.title} | {', '.join(sorted(kind.types)) or 'any'} |"
        for kind in SECTIONS
    ]
    rules = ["| rule | gravity | why | what to do |", "| --- | --- | --- | --- |"]
    rules += [f"| `{rule.name}` | {rule.severity.value} | {rule.why} | {rule.advice} |" for rule in RULES.values()]
    parts = [HEAD, *types, "", SUMMARY, *sections, "", LINTER, *rules, ""]
    return "\n".join(parts)


def _counts(kind: str) -> tuple[list[int], list[int]]:
    """Elements by release, and by use in the first release that has the type."""
    table = find_table(kind)
    assert table is not None
    by_release = [len(table.of_version(one)) if one in table.versions else 0 for one in FHIRVersion]
    first = next(one for one in FHIRVersion if one in table.versions)
    uses = [element.use for element in table.of_version(first)]
    return by_release, [uses.count(use) for use in Use]


def _type(kind: str) -> str:
    table = find_table(kind)
    assert table is not None
    by_release, by_use = _counts(kind)
    groups = ", ".join(dict.fromkeys(group.name for group in table.groups))
    return (
        f"| {kind} | {' | '.join(str(one or '-') for one in by_release)} | {' | '.join(map(str, by_use))} | {groups} |"
    )


def _totals() -> str:
    counts = [[*by_release, *by_use] for by_release, by_use in map(_counts, mapped_types())]
    return f"| **{len(counts)} types** | {' | '.join(str(sum(column)) for column in zip(*counts, strict=True))} | |"


if __name__ == "__main__":
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    TARGET.write_text(build())
