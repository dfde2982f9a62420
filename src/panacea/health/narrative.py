"""Narrative: the XHTML that FHIR records carry for people; written plainly here, and refused where it could act.

    written_narrative   lines of text --> a Narrative, everything escaped
    require_narrative   an XHTML `div` --> nothing, or NarrativeRejected

What is allowed follows FHIR R4, section 2.4.0 (chapters 7 to 11 and 15 of HTML 4): text, lists, tables, images and
links; no scripts, forms, frames, objects, event attributes or style sheets from elsewhere.
"""

import html
import re
from collections.abc import Sequence
from typing import Any, Final
from xml.parsers import expat

from panacea.health.types import NarrativeRejected

XHTML: Final = "http://www.w3.org/1999/xhtml"
MAX_NARRATIVE: Final = 1024 * 1024
"""Characters of one narrative."""

MAX_LINES: Final = 200
"""Lines that a narrative of ours has; those beyond are counted."""

_MAX_DEPTH = 64
_ELEMENTS: Final = {
    "a", "abbr", "acronym", "address", "b", "bdo", "big", "blockquote", "br", "caption", "cite", "code", "col",
    "colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr",
    "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "samp", "small", "span", "strike", "strong",
    "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var",
}  # fmt: skip
_LINKS: Final = {"href", "src", "cite", "longdesc", "background"}
_HARMLESS_LINK = re.compile(r"(?:https?|ftp|mailto|tel|urn):|[^:/?#]*(?:[/?#].*)?\Z", re.IGNORECASE | re.DOTALL)
_IMAGE = re.compile(r"data:image/(?:png|gif|jpeg|webp);base64,[A-Za-z0-9+/=\s]*\Z", re.IGNORECASE)
_STYLE = re.compile(r"url\s*\(|expression|javascript|@import|behavior|\\", re.IGNORECASE)
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML: Final = {"amp", "lt", "gt", "quot", "apos"}
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written_narrative(lines: Sequence[str]) -> dict[str, str]:
    """A generated Narrative that lists these lines; what XML does not know is left out, all else is escaped."""
    shown = [f"<li>{_escaped(line)}</li>" for line in lines[:MAX_LINES]]
    if len(lines) > MAX_LINES:
        shown.append(f"<li>and {len(lines) - MAX_LINES} more</li>")
    return {"status": "generated", "div": f'<div xmlns="{XHTML}"><ul>{"".join(shown)}</ul></div>'}


def written_sentence(sentence: str) -> dict[str, str]:
    """A generated Narrative of one sentence."""
    return {"status": "generated", "div": f'<div xmlns="{XHTML}"><p>{_escaped(sentence)}</p></div>'}


def require_narrative(div: str) -> None:
    """Refuse a narrative that is not one XHTML `div`, or that could run, load or post something.

    Raises NarrativeRejected, with what was found.
    """
    if len(div) > MAX_NARRATIVE:
        raise NarrativeRejected("too long", characters=len(div), limit=MAX_NARRATIVE)
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.StartDoctypeDeclHandler = reading.refuse_doctype
    parser.ProcessingInstructionHandler = reading.refuse_instruction
    try:
        parser.Parse(_ENTITY.sub(_character, div).encode(), True)
    except expat.ExpatError as error:
        raise NarrativeRejected(f"not XHTML: {expat.ErrorString(error.code)}", line=error.lineno) from error
    except UnicodeEncodeError as error:
        raise NarrativeRejected("a lone surrogate") from error


class _Reading:
    """The handlers of one parse; each refuses by raising, which ends the parse."""

    __slots__ = ("_depth",)

    def __init__(self) -> None:
        self._depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        namespace, _, local = name.rpartition(" ")
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise NarrativeRejected("nested too deep", limit=_MAX_DEPTH)
        if namespace != XHTML or (self._depth == 1 and local != "div"):
            raise NarrativeRejected("not an XHTML div", element=local, namespace=namespace)
        if local not in _ELEMENTS:
            raise NarrativeRejected("an element that narrative may not have", element=local)
        for attribute, value in attributes.items():
            _require_attribute(attribute.lower(), value, local)

    def end(self, _: str) -> None:
        """An element ends."""
        self._depth -= 1

    def refuse_doctype(self, *_: Any) -> None:  # Any: expat tells name and identifiers, none of which matters
        """A document type could declare entities."""
        raise NarrativeRejected("a document type")

    def refuse_instruction(self, target: str, _: str) -> None:
        """A processing instruction could name a style sheet."""
        raise NarrativeRejected("a processing instruction", target=target)


def _require_attribute(name: str, value: str, element: str) -> None:
    if name.startswith("on") or " " in name.replace("http://www.w3.org/xml/1998/namespace ", ""):
        raise NarrativeRejected("an attribute that narrative may not have", attribute=name, element=element)
    if name == "style" and _STYLE.search(value):
        raise NarrativeRejected("a style that loads or runs something", element=element)
    if name in _LINKS:
        link = value.strip()
        if not (_HARMLESS_LINK.match(link) or (element == "img" and _IMAGE.match(link))):
            raise NarrativeRejected("a link that may run something", element=element, link=link)


def _character(match: re.Match[str]) -> str:
    """`&nbsp;` and its like as characters: XML does not know them, hospital exports hold them."""
    if match[1] in _OF_XML:
        return match[0]
    found = html.unescape(match[0])
    return match[0] if found == match[0] else html.escape(found)


def _escaped(text: str) -> str:
    return html.escape(_NOT_XML.sub("", text))
