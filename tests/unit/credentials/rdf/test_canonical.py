"""Canonicalisation beyond the published suite: escapes, SHA-384, budgets, chains."""

import itertools

import pytest

from panacea.credentials.rdf import NQuadsRejected, PoisonGraph, Quad, canonicalize, parse_nquads


def test_escapes_of_control_characters() -> None:
    text = "".join(map(chr, range(0x80)))
    line = '<urn:s> <urn:p> "' + "".join(f"\\u{ord(one):04x}" for one in text) + '" .'
    expected = (
        "\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000B\\f\\r\\u000E\\u000F"
        + "".join(f"\\u{code:04X}" for code in range(0x10, 0x20))
        + ' !\\"'
        + "".join(map(chr, range(0x23, 0x5C)))
        + "\\\\"
        + "".join(map(chr, range(0x5D, 0x7F)))
        + "\\u007F"
    )
    assert canonicalize(parse_nquads(line)).lines == (f'<urn:s> <urn:p> "{expected}" .\n',)


def _ring(size: int) -> list[Quad]:
    return [Quad(f"_:n{i}", "<urn:next>", f"_:n{(i + 1) % size}") for i in range(size)]


def test_sha384_gives_labels_of_its_own_order() -> None:
    quads = [Quad(f"_:n{i}", "<urn:p>", f'"{i}"') for i in range(8)]
    assert canonicalize(quads).labels != canonicalize(quads, algorithm="sha384").labels


def test_repeated_quads_count_once() -> None:
    assert canonicalize(_ring(3) * 2).text == canonicalize(_ring(3)).text


def test_budget_is_kept() -> None:
    canonicalize(_ring(4), budget=1000)
    with pytest.raises(PoisonGraph):
        canonicalize(_ring(4), budget=3)


def test_a_clique_is_refused() -> None:
    nodes = range(9)
    quads = [Quad(f"_:n{a}", "<urn:p>", f"_:n{b}") for a, b in itertools.product(nodes, nodes)]
    with pytest.raises(PoisonGraph):
        canonicalize(quads)


def test_a_long_chain_of_equal_cells_is_answered_or_refused() -> None:
    chain = [Quad(f"_:n{i}", "<urn:rest>", f"_:n{i + 1}") for i in range(2000)]
    with pytest.raises(PoisonGraph):
        canonicalize(chain)
    assert len(canonicalize(chain[:20]).lines) == 20


@pytest.mark.parametrize(
    "line",
    [
        "<urn:s> <urn:p> .",
        '"s" <urn:p> <urn:o> .',
        "<urn:s> _:p <urn:o> .",
        '<urn:s> <urn:p> "a .',
        '<urn:s> <urn:p> "a\\q" .',
        '<urn:s> <urn:p> "\\U00110000" .',
        "<urn:s> <urn:p> <urn:o>",
        "<urn:s> <urn:p> <urn:o> . .",
    ],
)
def test_malformed_lines_are_refused(line: str) -> None:
    with pytest.raises(NQuadsRejected) as caught:
        parse_nquads("# comment\n\n" + line)
    assert caught.value.values["line"] == 3


def test_lines_are_read_as_written() -> None:
    text = '_:a <urn:p> "x"@en-GB <urn:g> .\n<urn:s> <urn:p> "y"^^<urn:t> . # why\n<urn:s> <urn:p> _:a.b .\n'
    assert parse_nquads(text) == [
        Quad("_:a", "<urn:p>", '"x"@en-GB', "<urn:g>"),
        Quad("<urn:s>", "<urn:p>", '"y"^^<urn:t>'),
        Quad("<urn:s>", "<urn:p>", "_:a.b"),
    ]
