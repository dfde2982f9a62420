"""Narrative: what is written is escaped, what could act is refused."""

import time
from pathlib import Path

import pytest
from shared_files import fhir

from panacea.health.narrative import MAX_LINES, MAX_NARRATIVE, XHTML, require_narrative, written_narrative
from panacea.health.strict_json import parse_json
from panacea.health.types import NarrativeRejected


def div(inner: str) -> str:
    return f'<div xmlns="{XHTML}">{inner}</div>'


@pytest.mark.parametrize(
    "inner",
    [
        "plain",
        "<p>a<br/>b &amp; c &nbsp;&eacute;&lt;</p>",
        '<table class="x" border="1"><tbody><tr><td style="color: red">1</td></tr></tbody></table>',
        '<a href="https://example.org/x?y=1">x</a><a href="#part">y</a><a href="a.html#b:c">z</a><a name="q"/>',
        '<img src="data:image/png;base64,AAAA" alt="x"/><img src="#pic"/>',
        '<span xml:lang="de" lang="de">Ä</span>',
        "<!-- a comment -->",
    ],
)
def test_what_people_write_is_taken(inner: str) -> None:
    require_narrative(div(inner))


@pytest.mark.parametrize(
    "text",
    [
        div("<script>alert(1)</script>"),
        div('<p onclick="x()">a</p>'),
        div('<p ONLOAD="x()">a</p>'),
        div('<a href="javascript:alert(1)">a</a>'),
        div('<a href=" JavaScript:alert(1)">a</a>'),
        div('<a href="java&#10;script:alert(1)">a</a>'),
        div('<a href="&#106;avascript:alert(1)">a</a>'),
        div('<a href="data:text/html;base64,AAAA">a</a>'),
        div('<img src="data:image/svg+xml;base64,AAAA"/>'),
        div('<img src="vbscript:x"/>'),
        div("<iframe/>"),
        div("<object/>"),
        div("<form/>"),
        div("<input/>"),
        div("<link/>"),
        div("<style>p{}</style>"),
        div('<svg xmlns="http://www.w3.org/2000/svg"/>'),
        div('<p style="background: url(https://x)">a</p>'),
        div('<p style="width: expression(1)">a</p>'),
        div('<p style="behav\\69or: x">a</p>'),
        div('<p xmlns:x="http://www.w3.org/1999/xlink" x:href="y">a</p>'),
        div("<p>unclosed"),
        div("&unknownthing;"),
        div("<b>" * 100 + "</b>" * 100),
        "<div>no namespace</div>",
        f'<p xmlns="{XHTML}"/>',
        f"<?xml-stylesheet href='x'?>{div('x')}",
        f'<!DOCTYPE div [<!ENTITY a "aaaa">]>{div("&a;")}',
        f"{div('x')}{div('y')}",
        "plain text",
        "",
        "\ud800",
        div("x" * MAX_NARRATIVE),
    ],
)
def test_what_could_act_is_refused(text: str) -> None:
    started = time.process_time()
    with pytest.raises(NarrativeRejected):
        require_narrative(text)
    assert time.process_time() - started < 0.5


def test_what_is_written_is_taken() -> None:
    hostile = ["<script>", "]]>", "&nbsp;", "\"'", "\x00\x08\ufffe\ud800", "ok"]
    made = written_narrative(hostile)["div"]
    require_narrative(made)
    assert "<script" not in made
    many = written_narrative(["x"] * (MAX_LINES + 7))["div"]
    assert "and 7 more" in many
    require_narrative(many)


@pytest.mark.parametrize("path", sorted(fhir().glob("*.json")), ids=lambda path: path.stem)
def test_the_narrative_of_examples_is_taken(path: Path) -> None:
    waiting = [parse_json(path.read_bytes())]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            if isinstance(value.get("div"), str):
                require_narrative(value["div"])
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value
