"""N-Quads: terms in the canonical form of RDFC-1.0 §A, and a strict line parser (RDF 1.1 N-Quads)."""

import re
from functools import lru_cache

from panacea.credentials.rdf.types import NQuadsRejected, Quad

XSD = "http://www.w3.org/2001/XMLSchema#"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

_IRI_CHARACTERS = r"[^\x00-\x20\x7f-\x9f\s<>\"{}|^`\\#\ud800-\udfff]*"
_IRI = rf"[A-Za-z][A-Za-z0-9+.\-]*:{_IRI_CHARACTERS}(?:#{_IRI_CHARACTERS})?"
_MAX_REMEMBERED = 512
_ABSOLUTE = re.compile(_IRI)
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")
_BLANK = re.compile(r"_:[\w](?:[\w.\-·]*[\w\-·])?")
_ESCAPED = re.compile(r'[\x00-\x1f"\\\x7f\ufffe\uffff]')
_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}

_SPACE = r"[ \t]*"
_REFERENCE = r"<(?:[^\x00-\x20<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*>"
_STRING = r'"(?:[^"\\\r\n]++|\\[tbnrf"\'\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+"'
_LINE = re.compile(
    rf"{_SPACE}(?P<s>{_REFERENCE}|{_BLANK.pattern}){_SPACE}(?P<p>{_REFERENCE}){_SPACE}"
    rf"(?:(?P<o>{_REFERENCE}|{_BLANK.pattern})|(?P<text>{_STRING})(?:\^\^(?P<type>{_REFERENCE})|@(?P<lang>[A-Za-z]+(?:-[A-Za-z0-9]+)*))?)"
    rf"{_SPACE}(?P<g>{_REFERENCE}|{_BLANK.pattern})?{_SPACE}\.{_SPACE}(?:#.*)?"
)
_BLANK_LINE = re.compile(rf"{_SPACE}(?:#.*)?")
_ESCAPE = re.compile(r"\\(?:([tbnrf\"'\\])|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))")
_UNSHORT = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f", '"': '"', "'": "'", "\\": "\\"}


def is_absolute_iri(text: str) -> bool:
    """Whether the text is an IRI with a scheme and without characters that N-Quads forbids (RFC 3987, loosely)."""
    return _remembered(text) if len(text) <= _MAX_REMEMBERED else _ABSOLUTE.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _remembered(text: str) -> bool:
    return _ABSOLUTE.fullmatch(text) is not None


def is_language_tag(text: str) -> bool:
    """Whether the text is shaped like a BCP 47 tag."""
    return _LANGUAGE.fullmatch(text) is not None


def is_blank_label(text: str) -> bool:
    """Whether the text is a blank node with its `_:` prefix."""
    return _BLANK.fullmatch(text) is not None


def quoted(text: str) -> str:
    """A string between quotes, with the escapes of canonical N-Quads and no others."""
    return f'"{_ESCAPED.sub(_escape, text)}"' if _ESCAPED.search(text) else f'"{text}"'


def literal(text: str, datatype: str = "", language: str = "") -> str:
    """A literal term; xsd:string is left unsaid."""
    if language:
        return f"{quoted(text)}@{language}"
    if datatype and datatype != XSD + "string":
        return f"{quoted(text)}^^<{datatype}>"
    return quoted(text)


def parse_nquads(text: str) -> list[Quad]:
    """The statements of an N-Quads document, in its order, repeated ones included.

    Raises NQuadsRejected with the number of the first line that is malformed.
    """
    quads: list[Quad] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        if match := _LINE.fullmatch(line):
            quads.append(_quad(match, number))
        elif not _BLANK_LINE.fullmatch(line):
            raise NQuadsRejected(line=number, text=line)
    return quads


def _quad(match: re.Match[str], number: int) -> Quad:
    try:
        if match["o"]:
            target = _term(match["o"])
        else:
            datatype = _unescape(match["type"] or "<>")[1:-1]
            target = literal(_unescape(match["text"])[1:-1], datatype, match["lang"] or "")
        return Quad(_term(match["s"]), _term(match["p"]), target, _term(match["g"] or ""))
    except ValueError as error:  # chr() of a number beyond Unicode
        raise NQuadsRejected("an escape beyond Unicode", line=number) from error


def _term(text: str) -> str:
    return _unescape(text) if text.startswith("<") else text


def _unescape(text: str) -> str:
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    short, four, eight = match.groups()
    return _UNSHORT[short] if short else chr(int(four or eight, 16))


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04X}"
