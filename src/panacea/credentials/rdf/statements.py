"""JSON-LD to RDF: the statements of a document (JSON-LD API §7 and §8.1).

In safe mode, the default, every value of the document stands in a statement afterwards, or the document is refused with
the JSON pointer of the value at fault. Two annotations stay unsaid, as JSON-LD has it: the names of @nest, and the keys
of a map that a context declares a plain @index. A text direction is refused unless `Options.rdf_direction` is set.

Numbers follow §8.2: a whole number below 10^21 becomes xsd:integer, any other xsd:double in canonical form, which keeps
the value and not its written form (`7.90` and `7.9` are one). Safe mode refuses a number whose value a double with 16
digits does not hold, and every binary float: parse JSON with `parse_float=decimal.Decimal`.

A language tag is written in lower case, as RDF compares it and as other implementations sign it.
"""

from typing import Any, cast

from panacea.credentials.rdf import one_pass
from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.expansion import Expander
from panacea.credentials.rdf.labelled import MAX_DEPTH, NodeList, NodeObject
from panacea.credentials.rdf.literals import MAX_QUADS, json_literal, native, well_formed
from panacea.credentials.rdf.nquads import RDF, is_absolute_iri, is_blank_label, is_language_tag, literal
from panacea.credentials.rdf.options import PLAIN, Options
from panacea.credentials.rdf.shapes import is_list_object, is_value_object
from panacea.credentials.rdf.types import DocumentTooLarge, DroppedValue, KeywordRefused, Quad, ValueRefused

_TYPE = f"<{RDF}type>"
_FIRST, _REST, _NIL = f"<{RDF}first>", f"<{RDF}rest>", f"<{RDF}nil>"
_I18N = "https://www.w3.org/ns/i18n#"


def to_quads(document: Any, contexts: Contexts, *, safe: bool = True, options: Options = PLAIN) -> list[Quad]:
    """The statements of a JSON-LD document, of any JSON shape; blank nodes are labelled `_:b0` and on.

    Raises a JSONLDRejected that names the JSON pointer of what cannot be said in RDF; without `safe` that is dropped,
    as the specification has it, and only faults are refused.
    """
    try:
        if safe and options is PLAIN and isinstance(document, dict):
            return one_pass.read(document, contexts)
    except one_pass.HandOver:
        pass
    except RecursionError as error:
        raise DocumentTooLarge(depth=MAX_DEPTH, pointer="") from error
    return general_quads(document, contexts, safe=safe, options=options)


def general_quads(document: Any, contexts: Contexts, *, safe: bool = True, options: Options = PLAIN) -> list[Quad]:
    """The same as `to_quads`, by expansion of the whole document first: all of JSON-LD 1.1."""
    statements = _Statements(options, safe=safe)
    expander = Expander(contexts, options, safe=safe, check=statements.literal)
    expanded = expander.expanded(document)
    try:
        for item in expanded:
            statements.free_standing(item, "")
    except RecursionError as error:
        raise DocumentTooLarge(depth=MAX_DEPTH, pointer="") from error
    return list(dict.fromkeys(statements.quads))


class _Statements:
    """The statements of an expanded document. A term is None where it has no place in RDF."""

    def __init__(self, options: Options, *, safe: bool) -> None:
        self.options = options
        self.safe = safe
        self.quads: list[Quad] = []
        self.fresh = 0
        self.named: dict[str, str] = {}
        self.indexes: dict[tuple[str, str], str] = {}

    def free_standing(self, item: dict[str, Any], graph: str | None) -> None:
        """The statements of a node of a graph; in safe mode there must be one."""
        before = len(self.quads)
        self.node(item, graph)
        if self.safe and len(self.quads) == before:
            raise DroppedValue("a node about which nothing is said", pointer="")

    def node(self, item: dict[str, Any], graph: str | None) -> str | None:
        """The term of a node, after its statements were added; `graph` None is one that RDF cannot name."""
        if len(self.quads) > MAX_QUADS:
            raise DocumentTooLarge(quads=MAX_QUADS, pointer="")
        subject = self._subject(item)
        if (
            "@index" in item
            and subject
            and self.indexes.setdefault((graph or "", subject), item["@index"]) != item["@index"]
        ):
            raise ValueRefused(error_code="conflicting indexes", node=subject, pointer="")
        for name, value in item.items():
            if name == "@type":
                for kind in value:
                    self._say(subject, _TYPE, self._resource(kind), graph)
            elif name == "@graph":
                for one in value:
                    self.free_standing(one, subject)
            elif name == "@included":
                for one in value:
                    self.free_standing(one, graph)
            elif name == "@reverse":
                for predicate, sources in value.items():
                    for one in sources:
                        self._say(self.node(one, graph), self._predicate(predicate), subject, graph)
            elif name[0] != "@":
                predicate = self._predicate(name)
                for one in value:
                    self._say(subject, predicate, self._object(one, graph), graph)
        return subject

    def _say(self, subject: str | None, predicate: str | None, target: str | None, graph: str | None) -> None:
        if subject is not None and predicate is not None and target is not None and graph is not None:
            self.quads.append(Quad(subject, predicate, target, graph))
        elif self.safe:
            raise DroppedValue("a statement that RDF does not know", subject=subject, predicate=predicate, pointer="")

    # Terms

    def _subject(self, item: dict[str, Any]) -> str | None:
        if "@id" in item:
            return self._resource(item["@id"])
        return f"_:{item.label}" if isinstance(item, NodeObject) else self._blank()

    def _blank(self) -> str:
        self.fresh += 1
        return f"_:b{self.fresh - 1}"

    def _resource(self, name: Any) -> str | None:
        """The term of an identifier: an absolute IRI, or a blank node under a label of ours."""
        if not isinstance(name, str):
            return None
        if name[:2] == "_:":
            if self.safe and not is_blank_label(name):
                return None
            return self.named.get(name) or self.named.setdefault(name, self._blank())
        return f"<{name}>" if is_absolute_iri(name) else None

    def _predicate(self, name: str) -> str | None:
        return self._resource(name) if name[:2] != "_:" or self.options.generalized else None

    def _object(self, item: dict[str, Any], graph: str | None) -> str | None:
        if is_value_object(item):
            if "@direction" in item and self.options.rdf_direction == "compound-literal":
                return self._compound(item, graph)
            return self.literal(item)
        if is_list_object(item):
            return self._list(item["@list"], graph)
        return self.node(item, graph)

    def _list(self, items: list[Any], graph: str | None) -> str:
        """The first cell of an RDF list (§8.4)."""
        labels = [f"_:{items.label}.{i}" for i in range(len(items))] if isinstance(items, NodeList) else None
        cells = labels or [self._blank() for _ in items]
        for index, item in enumerate(items):
            found = self._object(item, graph)
            if found is not None or self.safe:
                self._say(cells[index], _FIRST, found, graph)
            self._say(cells[index], _REST, cells[index + 1] if index + 1 < len(cells) else _NIL, graph)
        return cells[0] if cells else _NIL

    # Literals

    def literal(self, item: dict[str, Any]) -> str | None:
        """The term of a value object (§8.2); None where it has none, which safe mode refuses."""
        value, kind, language = item["@value"], item.get("@type"), item.get("@language")
        if kind == "@json":
            return json_literal(value, exact=self.safe)
        if kind is not None and not is_absolute_iri(kind):
            return None
        if language is not None and not is_language_tag(language):
            return None
        if not isinstance(value, str):
            return native(value, kind, exact=self.safe)
        text = well_formed(value)
        if "@direction" in item and self.options.rdf_direction == "i18n-datatype":
            return literal(text, f"{_I18N}{(language or '').lower()}_{item['@direction']}")
        if "@direction" in item and self.safe and self.options.rdf_direction is None:
            raise KeywordRefused("RDF has no direction unless an option says how", keyword="@direction")
        return literal(text, kind or "", (language or "").lower())

    def _compound(self, item: dict[str, Any], graph: str | None) -> str:
        """A blank node that says value, language and direction of a text."""
        node = self._blank()
        self._say(node, f"<{RDF}value>", literal(well_formed(cast(str, item["@value"]))), graph)  # Any: checked, a text
        if "@language" in item:
            self._say(node, f"<{RDF}language>", literal(item["@language"].lower()), graph)
        self._say(node, f"<{RDF}direction>", literal(item["@direction"]), graph)
        return node
