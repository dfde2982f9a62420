"""The commonest JSON-LD to RDF in one pass: expansion, node map and toRdf without the forms in between.

This is the safe mode of `statements.to_quads` for what nearly every credential is made of. What it does not know
(@nest, @reverse, @included, maps by @index, @id or @type, directions) raises `HandOver`, and the general processor
reads the document instead. Both say the same statements of what both read, which a property test holds.
"""

from typing import Any

from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.labelled import MAX_DEPTH, NodeList, NodeObject
from panacea.credentials.rdf.literals import MAX_QUADS, json_literal, native, well_formed
from panacea.credentials.rdf.nquads import (
    RDF,
    is_absolute_iri,
    is_blank_label,
    is_language_tag,
    literal,
    quoted,
)
from panacea.credentials.rdf.processing import MAX_DEFINITIONS
from panacea.credentials.rdf.terms import KEYWORDS, NO_TERM, UNSET, ActiveContext, Term
from panacea.credentials.rdf.types import (
    DocumentTooLarge,
    DroppedValue,
    JSONLDRejected,
    KeywordRefused,
    Quad,
    UnmappedTerm,
    ValueRefused,
)

_TYPE = f"<{RDF}type>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"


class HandOver(Exception):
    """The document uses more of JSON-LD than one pass does; never seen by callers of the package."""


def read(document: dict[str, Any], contexts: Contexts) -> list[Quad]:
    """The statements of a JSON-LD document, blank nodes labelled `_:b0` and on.

    Raises HandOver, or a JSONLDRejected that names the JSON pointer of what cannot be said in RDF.
    """
    reader = Reader(contexts)
    try:
        reader.document(document)
    except JSONLDRejected as rejected:
        rejected.values.setdefault("pointer", pointer(reader.path))
        raise
    if len(reader.quads) > MAX_QUADS:
        raise DocumentTooLarge(quads=MAX_QUADS, pointer="")
    return list(dict.fromkeys(reader.quads))


def pointer(path: list[str | int]) -> str:
    """The JSON pointer (RFC 6901) of a path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


class Reader:
    """One walk over one document."""

    def __init__(self, contexts: Contexts) -> None:
        self.contexts = contexts
        self.quads: list[Quad] = []
        self.path: list[str | int] = []
        self.fresh = 0
        self.named: dict[str, str] = {}
        self.labelled = False
        self.entered: set[ActiveContext] = set()
        self.work = 0

    def document(self, document: Any) -> None:  # Any: the caller's JSON
        """Read a whole document into `quads`."""
        if not isinstance(document, dict):
            raise ValueRefused("a document must be a JSON object")
        self.labelled = isinstance(document, NodeObject)
        active = self.enter(document, self.contexts.root())
        names = active.names("@graph")
        if document.keys() <= names | {"@context"}:
            for name in names & document.keys():
                self._members(name, document[name], active, "")
        else:
            self._said(document, active, "")
        if not self.quads:
            raise DroppedValue

    # Nodes

    def enter(self, item: dict[str, Any], active: ActiveContext, term: Term = NO_TERM) -> ActiveContext:
        """The context inside an object, met under a term; a type-scoped context ends at the next node."""
        if active.previous is not None:
            reference = len(item) == 1 and active.names("@id") & item.keys()
            if not reference and not active.names("@value") & item.keys():
                active = active.previous
        active = self._scoped(active, term)
        if "@context" in item:
            self.path.append("@context")
            active = self.counted(self.contexts.embedded(active, item["@context"]))
            self.path.pop()
        return active

    def _scoped(self, active: ActiveContext, term: Term) -> ActiveContext:
        return active if term.context is UNSET else self.counted(self.contexts.of_property(active, term))

    def counted(self, active: ActiveContext) -> ActiveContext:
        """The context, after the work of making it was counted once a document."""
        if active not in self.entered:
            self.entered.add(active)
            self.work += active.cost
            if self.work > MAX_DEFINITIONS:
                raise DocumentTooLarge("contexts of too many definitions", error_code="context overflow")
        return active

    def _said(self, item: dict[str, Any], active: ActiveContext, graph: str) -> None:
        """A node that stands free, its context entered: something must be said about it."""
        before = len(self.quads)
        self._node(item, active, graph)
        if len(self.quads) == before:
            raise DroppedValue("a node about which nothing is said")

    def _members(self, name: str, value: Any, active: ActiveContext, graph: str) -> None:
        """The nodes of a graph."""
        self.path.append(name)
        if not isinstance(value, list):
            self._member(value, active, graph)
        else:
            self._require(value)
            for index, item in enumerate(value):
                self.path.append(index)
                self._member(item, active, graph)
                self.path.pop()
        self.path.pop()

    def _member(self, item: Any, active: ActiveContext, graph: str) -> None:
        if not isinstance(item, dict):
            raise DroppedValue("a free-standing value")
        self._said(item, self.enter(item, active), graph)

    def _node(self, item: dict[str, Any], active: ActiveContext, graph: str) -> str:
        """The statements about one node object, whose context was entered; answers its term."""
        self._require_depth()
        outer = active
        types = self.types(item, active)
        if types:
            active = self.counted(self.contexts.of_types(active, types))
        subject = self._subject(item, active)
        for name in types:
            self.quads.append(Quad(subject, _TYPE, self._reference(name, outer, vocab=True), graph))
        path, known = self.path, active.terms
        for name, value in item.items():
            term = known.get(name) or active.term(name)
            iri = term.iri
            if iri is None:
                path.append(name)
                raise UnmappedTerm(term=name)
            if iri[0] == "@":
                self._keyword(subject, name, iri, value, active)
                continue
            if not term.plain:
                raise HandOver
            path.append(name)
            predicate = f"<{iri}>"
            for found in self._objects(term, value, active, graph):
                self.quads.append(Quad(subject, predicate, found, graph))
            path.pop()
        return subject

    def _keyword(self, subject: str, name: str, keyword: str, value: Any, active: ActiveContext) -> None:
        if keyword == "@graph":
            self._members(name, value, active, subject)
        elif keyword in {"@nest", "@reverse", "@included"}:
            raise HandOver
        elif keyword not in {"@id", "@type", "@context"}:
            self.path.append(name)
            raise KeywordRefused(keyword=keyword)

    def types(self, item: dict[str, Any], active: ActiveContext) -> tuple[str, ...]:
        """The types of an object, as they are written."""
        found: list[str] = []
        for name in active.names("@type"):
            if name in item:
                self.path.append(name)
                value = item[name]
                values = value if isinstance(value, list) else [value]
                self._require(values)
                for one in values:
                    if not isinstance(one, str):
                        raise ValueRefused("a type must be a string")
                found += values
                self.path.pop()
        return tuple(found)

    def _subject(self, item: dict[str, Any], active: ActiveContext) -> str:
        names = [name for name in active.names("@id") if name in item]
        if not names:
            return f"_:{item.label}" if isinstance(item, NodeObject) else self._blank()
        self.path.append(names[0])
        if len(names) > 1:
            raise ValueRefused("two identifiers")
        found = self._reference(item[names[0]], active, vocab=False)
        self.path.pop()
        return found

    def _blank(self) -> str:
        self.fresh += 1
        return f"_:b{self.fresh - 1}"

    def _reference(self, value: Any, active: ActiveContext, *, vocab: bool) -> str:
        """The term of an identifier: an absolute IRI or a blank node."""
        if not isinstance(value, str):
            raise ValueRefused("an identifier must be a string")
        iri = active.expand(value, vocab=vocab, relative=True)
        if iri is None:
            raise UnmappedTerm(term=value)
        if iri[:2] == "_:" and is_blank_label(iri):
            if self.labelled:
                raise ValueRefused("a document shown in parts cannot carry blank node identifiers", id=value)
            if iri not in self.named:
                self.named[iri] = self._blank()
            return self.named[iri]
        if not is_absolute_iri(iri):
            raise UnmappedTerm(term=value)
        return f"<{iri}>"

    # Values

    def _objects(self, term: Term, value: Any, active: ActiveContext, graph: str) -> list[str]:
        """The objects that the value of a member stands for; statements about them are added on the way."""
        if term.type == "@json":
            return [json_literal(value)]
        if "@list" in term.container and not (isinstance(value, dict) and active.names("@list") & value.keys()):
            return [self._list(term, value, active, graph)]
        if "@language" in term.container and isinstance(value, dict):
            return self._language_map(value, active)
        if not isinstance(value, list):
            return self._some(term, value, active, graph)
        self._require(value)
        found: list[str] = []
        for index, item in enumerate(value):
            self.path.append(index)
            found += self._some(term, item, active, graph)
            self.path.pop()
        return found

    def _some(self, term: Term, item: Any, active: ActiveContext, graph: str) -> list[str]:
        """The objects of one value: one, but for a set object."""
        if isinstance(item, dict):
            if active.names("@set") & item.keys():
                return self._set(term, item, self.enter(item, active, term), graph)
            if "@graph" in term.container:
                name = f"_:{item.label}g" if isinstance(item, NodeObject) else self._blank()
                self._said(item, self.enter(item, active, term), name)
                return [name]
        elif "@graph" in term.container:
            raise DroppedValue("a graph holds nodes")
        return [self._object(term, item, active, graph)]

    def _set(self, term: Term, item: dict[str, Any], active: ActiveContext, graph: str) -> list[str]:
        """The objects of a set object, whose context was entered."""
        name = self._only(item, active.names("@set"))
        self._require_depth()
        self.path.append(name)
        values = item[name] if isinstance(item[name], list) else [item[name]]
        self._require(values)
        found: list[str] = []
        for index, value in enumerate(values):
            self.path.append(index)
            found += self._some(term, value, active, graph)
            self.path.pop()
        self.path.pop()
        return found

    def _object(self, term: Term, item: Any, active: ActiveContext, graph: str) -> str:
        """The term of one value; statements about a node or a list are added on the way."""
        if isinstance(item, dict):
            inner = self.enter(item, active, term)
            if inner.names("@value") & item.keys():
                return self._value_object(item, inner)
            if inner.names("@list") & item.keys():
                name = self._only(item, inner.names("@list"))
                self.path.append(name)
                first = self._list(term, item[name], inner, graph)
                self.path.pop()
                return first
            return self._node(item, inner, graph)
        if isinstance(item, str):
            return self._text(term, item, self._scoped(active, term))
        if item is None or isinstance(item, list):
            raise DroppedValue("null" if item is None else "an array within an array")
        return native(item, None if term.type in {"@id", "@vocab", "@none"} else term.type)

    def _text(self, term: Term, text: str, active: ActiveContext) -> str:
        kind = term.type
        if kind is None or kind == "@none":
            if active.direction is not None:
                raise HandOver
            language = active.language if term.language is UNSET else term.language
            return self._tagged(text, language) if language else quoted(well_formed(text))
        if kind in {"@id", "@vocab"}:
            return self._reference(text, active, vocab=kind == "@vocab")
        return literal(well_formed(text), kind)

    def _tagged(self, text: str, language: Any) -> str:
        if not isinstance(language, str) or not is_language_tag(language):
            raise ValueRefused("not a language tag", language=language)
        return literal(well_formed(text), language=language.lower())

    def _value_object(self, item: dict[str, Any], active: ActiveContext) -> str:
        entries: dict[str, Any] = {}
        for name, value in item.items():
            keyword = active.term(name).iri
            if keyword == "@context":
                continue
            self.path.append(name)
            if keyword == "@direction":
                raise HandOver
            if keyword not in {"@value", "@type", "@language"}:
                raise KeywordRefused(keyword=keyword) if keyword in KEYWORDS else ValueRefused("in a value object")
            if keyword in entries:
                raise ValueRefused("said twice", keyword=keyword)
            entries[keyword] = value
            self.path.pop()
        return self._value_of(entries, active)

    def _value_of(self, entries: dict[str, Any], active: ActiveContext) -> str:
        value = entries["@value"]
        if "@language" in entries:
            if "@type" in entries or not isinstance(value, str):
                raise ValueRefused("only a string without a type has a language")
            return self._tagged(value, entries["@language"])
        if "@type" not in entries:
            return quoted(well_formed(value)) if isinstance(value, str) else native(value, None)
        kind = entries["@type"]
        if not isinstance(kind, str):
            raise ValueRefused("a datatype must be one string")
        datatype = active.expand(kind, vocab=True, relative=True)
        if datatype == "@json":
            return json_literal(value)
        if datatype is None or not is_absolute_iri(datatype):
            raise UnmappedTerm(term=kind)
        return literal(well_formed(value), datatype) if isinstance(value, str) else native(value, datatype)

    def _language_map(self, value: dict[str, Any], active: ActiveContext) -> list[str]:
        if active.direction is not None:
            raise HandOver
        found = []
        for language, said in value.items():
            self.path.append(language)
            none = language in active.names("@none")
            texts = said if isinstance(said, list) else [said]
            self._require(texts)
            for text in texts:
                if not isinstance(text, str):
                    raise ValueRefused("a language map holds strings")
                found.append(quoted(well_formed(text)) if none else self._tagged(text, language))
            self.path.pop()
        self._require(found)
        return found

    def _list(self, term: Term, value: Any, active: ActiveContext, graph: str) -> str:
        """The first cell of an RDF list; a list within a list is one of its items."""
        self._require_depth()
        items = value if isinstance(value, list) else [value]
        if not items:
            return _NIL
        cells = [f"_:{value.label}.{i}" if isinstance(value, NodeList) else self._blank() for i in range(len(items))]
        for index, item in enumerate(items):
            self.path.append(index)
            nested = isinstance(item, list)
            found = self._list(term, item, active, graph) if nested else self._object(term, item, active, graph)
            self.quads.append(Quad(cells[index], _FIRST, found, graph))
            self.quads.append(Quad(cells[index], _REST, cells[index + 1] if index + 1 < len(cells) else _NIL, graph))
            self.path.pop()
        return cells[0]

    def _only(self, item: dict[str, Any], names: frozenset[str]) -> str:
        """The one member of a @list or @set object, which says nothing else."""
        others = item.keys() - names - {"@context"}
        if others or len(item.keys() & names) != 1:
            raise ValueRefused("a list or set object says one thing only", also=sorted(others))
        return next(name for name in item if name in names)

    def _require_depth(self) -> None:
        if len(self.path) > MAX_DEPTH or len(self.quads) > MAX_QUADS:
            raise DocumentTooLarge(depth=MAX_DEPTH, quads=MAX_QUADS)

    def _require(self, values: list[Any]) -> None:
        if not values:
            raise DroppedValue("an empty array")
        if len(values) > MAX_QUADS:
            raise DocumentTooLarge(quads=MAX_QUADS)
