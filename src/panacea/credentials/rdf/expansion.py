"""Expansion of JSON-LD 1.1 (JSON-LD API §5), whole, and in safe mode without losing a value in silence.

Safe mode refuses, with its JSON pointer, every value that expansion or a later conversion to RDF would drop: a term,
type or identifier without an absolute IRI, null, an empty array, an array within an array, a free-standing value. On
the way to RDF it refuses the `@index` of a node as well. The keys of a map by plain @index are an annotation that a
context asks for; they are kept here and say nothing in RDF. Faults carry the error codes of the specification in both
modes.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.labelled import MAX_DEPTH, NodeObject, list_like
from panacea.credentials.rdf.maps import expand_index_map, expand_language_map, graph_of
from panacea.credentials.rdf.nquads import is_absolute_iri, is_language_tag
from panacea.credentials.rdf.one_pass import pointer
from panacea.credentials.rdf.options import PLAIN, Options
from panacea.credentials.rdf.processing import MAX_DEFINITIONS
from panacea.credentials.rdf.shapes import as_list, is_list_object, is_node_object, is_value_object
from panacea.credentials.rdf.terms import KEYWORDS, NO_TERM, UNSET, ActiveContext, Term
from panacea.credentials.rdf.types import (
    DocumentTooLarge,
    DroppedValue,
    JSONLDRejected,
    KeywordRefused,
    UnmappedTerm,
    ValueRefused,
)

MAX_VALUES = 100_000
_Answer = TypeVar("_Answer")
Check = Callable[[dict[str, Any]], object]


def expand(document: Any, contexts: Contexts, *, safe: bool = True, options: Options = PLAIN) -> list[Any]:
    """The expanded form of a JSON-LD document, of any JSON shape.

    Raises JSONLDRejected with the JSON pointer of what is at fault and, where the API has one, its `error_code`.
    """
    return Expander(contexts, options, safe=safe).expanded(document)


class Expander:
    """One expansion of one document; on the way to RDF, `check` judges each finished value object in safe mode."""

    def __init__(self, contexts: Contexts, options: Options, *, safe: bool, check: Check | None = None) -> None:
        self.contexts = contexts
        self.options = options
        self.safe = safe
        self.check = check
        self.path: list[str | int] = []
        self.labelled = False
        self.values = 0
        self.entered: set[ActiveContext] = set()
        self.work = 0

    def expanded(self, document: Any) -> list[Any]:
        """The expanded document: an array of node objects."""
        self.labelled = isinstance(document, NodeObject)
        try:
            return self._document(document)
        except JSONLDRejected as rejected:
            rejected.values.setdefault("pointer", pointer(self.path))
            raise
        except RecursionError as error:
            raise DocumentTooLarge(depth=MAX_DEPTH, pointer="") from error

    def _document(self, document: Any) -> list[Any]:
        options = self.options
        active = self.contexts.root(options.base, legacy=options.processing_mode == "json-ld-1.0")
        if options.expand_context is not None:
            given = options.expand_context
            inside = isinstance(given, dict) and "@context" in given
            active = self.counted(self.contexts.embedded(active, given["@context"] if inside else given))
        expanded = self.element(active, None, document)
        if isinstance(expanded, dict) and expanded.keys() == {"@graph"}:
            expanded = expanded["@graph"]
        found = as_list(expanded) if expanded is not None else []
        if self.safe and not found:
            raise DroppedValue("nothing is said")
        return found

    def counted(self, active: ActiveContext) -> ActiveContext:
        """The context, after the work of making it was counted once a document."""
        if active not in self.entered:
            self.entered.add(active)
            self.work += active.cost
            if self.work > MAX_DEFINITIONS:
                raise DocumentTooLarge("contexts of too many definitions", error_code="context overflow")
        return active

    @contextmanager
    def at(self, part: str | int) -> Iterator[None]:
        """Work on one member or item; a refusal inside points at it."""
        self.path.append(part)
        yield
        self.path.pop()

    def drop(self, refusal: JSONLDRejected) -> None:
        """Refuse what would be dropped, in safe mode; otherwise it is dropped by whoever asked."""
        if self.safe:
            raise refusal

    # Values of any kind

    def element(
        self, active: ActiveContext, name: str | None, element: Any, *, from_map: bool = False, in_list: bool = False
    ) -> Any:
        """Expansion (§5.1.2) of JSON of any shape, met under the term `name`; None where nothing remains."""
        self.values += 1
        if len(self.path) > MAX_DEPTH or self.values > MAX_VALUES:
            raise DocumentTooLarge(depth=MAX_DEPTH, values=MAX_VALUES)
        if element is None:
            return self.drop(DroppedValue("null"))
        if isinstance(element, list):
            in_list = in_list or (name is not None and "@list" in active.terms.get(name, NO_TERM).container)
            return self._array(active, name, element, from_map=from_map, in_list=in_list)
        term = active.terms.get(name, NO_TERM) if name is not None else NO_TERM
        if isinstance(element, dict):
            return self._object(active, name, element, term, from_map=from_map)
        if name is None or name == "@graph":
            return self.drop(DroppedValue("a free-standing value"))
        if term.context is not UNSET:
            active = self.counted(self.contexts.of_property(active, term))
        return self.value(active, active.terms.get(name, NO_TERM), element)

    def _array(
        self, active: ActiveContext, name: str | None, element: list[Any], *, from_map: bool, in_list: bool
    ) -> list[Any]:
        if not element and not in_list:
            self.drop(DroppedValue("an empty array"))
        if self.values + len(element) > MAX_VALUES:
            raise DocumentTooLarge(values=MAX_VALUES)
        found = []
        for index, item in enumerate(element):
            with self.at(index):
                expanded = self.element(active, name, item, from_map=from_map, in_list=in_list)
                if isinstance(item, list) and not in_list:
                    self.drop(DroppedValue("an array within an array"))
                if in_list and isinstance(expanded, list):
                    expanded = {"@list": expanded}
                if isinstance(expanded, list):
                    found += expanded
                elif expanded is not None:
                    found.append(expanded)
        return list_like(element, found)

    def value(self, active: ActiveContext, term: Term, value: Any) -> dict[str, Any]:
        """Value Expansion (§5.3): a scalar under a term."""
        kind = term.type
        if kind in {"@id", "@vocab"} and isinstance(value, str):
            return {"@id": self.identifier(active, value, vocab=kind == "@vocab")}
        found: dict[str, Any] = {"@value": value}
        if kind is not None and kind not in {"@id", "@vocab", "@none"}:
            found["@type"] = kind
        elif isinstance(value, str):
            language = active.language if term.language is UNSET else term.language
            direction = active.direction if term.direction is UNSET else term.direction
            if language is not None:
                found["@language"] = language
            if direction is not None:
                found["@direction"] = direction
        return self.checked(found)

    def identifier(self, active: ActiveContext, value: str, *, vocab: bool) -> str | None:
        """The IRI or blank node that a string names; safe mode wants it absolute."""
        found = active.expand(value, vocab=vocab, relative=True)
        if found is not None and found[:2] == "_:":
            if self.labelled:
                raise ValueRefused("a document shown in parts cannot carry blank node identifiers", id=value)
        elif found is None or not is_absolute_iri(found):
            self.drop(UnmappedTerm(term=value))
        return found

    # Objects

    def _object(
        self, active: ActiveContext, name: str | None, element: dict[str, Any], term: Term, *, from_map: bool
    ) -> Any:
        if active.previous is not None and not from_map and not self._stays(active, element):
            active = active.previous
        if term.context is not UNSET:
            active = self.counted(self.contexts.of_property(active, term))
        if "@context" in element:
            with self.at("@context"):
                active = self.counted(self.contexts.embedded(active, element["@context"]))
        scoped = active
        names, kind = self._type_names(active, element)
        if names:
            active = self.counted(self.contexts.of_types(active, names, scoped=scoped))
        node = _Node(name, scoped, kind == "@json")
        if isinstance(element, NodeObject):
            node.result = NodeObject().labelled(element.label)
        self._members(node, active, element)
        return self._finished(node.result, name)

    def _stays(self, active: ActiveContext, element: dict[str, Any]) -> bool:
        """Whether a type-scoped context goes on inside: a value object, or a mere reference."""
        if not active.names("@value").isdisjoint(element):
            return True
        return len(element) == 1 and not active.names("@id").isdisjoint(element)

    def _type_names(self, active: ActiveContext, element: dict[str, Any]) -> tuple[tuple[str, ...], str | None]:
        """Every type as it is written, and the last of the first member as an IRI (§5.1.2, steps 11 and 12)."""
        names: list[str] = []
        kind: str | None = None
        for name in sorted(active.names("@type").intersection(element)):
            said = [one for one in as_list(element[name]) if isinstance(one, str)]
            if not names and said:
                kind = active.expand(said[-1], vocab=True)
            names += said
        return tuple(names), kind

    def _members(self, node: "_Node", active: ActiveContext, element: dict[str, Any]) -> None:
        """Steps 13 and 14: each member of an object, and of the objects nested in it by @nest."""
        nests = []
        for name, value in element.items():
            if name == "@context":
                continue
            with self.at(name):
                iri = active.expand(name, vocab=True)
                if iri is None or (":" not in iri and iri not in KEYWORDS):
                    self.drop(UnmappedTerm(term=name))
                elif iri not in KEYWORDS:
                    self._property(node.result, active, name, iri, value)
                elif iri == "@nest":
                    nests.append(name)
                else:
                    self._keyword(node, active, iri, value)
        for name in nests:
            with self.at(name):
                self._nested(node, active, name, element[name])

    def _nested(self, node: "_Node", active: ActiveContext, name: str, value: Any) -> None:
        term = active.terms.get(name, NO_TERM)
        if term.context is not UNSET:
            active = self.counted(self.contexts.of_property(active, term))
        if value == []:
            self.drop(DroppedValue("an empty array"))
        for index, one in enumerate(as_list(value)):
            with self.at(index) if isinstance(value, list) else _here():
                if not isinstance(one, dict) or any(active.expand(key, vocab=True) == "@value" for key in one):
                    raise ValueRefused(error_code="invalid @nest value")
                if not one or len(self.path) > MAX_DEPTH:
                    self.drop(DroppedValue("an empty object"))
                self._members(node, active, one)

    def _property(self, result: dict[str, Any], active: ActiveContext, name: str, iri: str, value: Any) -> None:
        if not is_absolute_iri(iri) and not (self.options.generalized and iri[:2] == "_:"):
            self.drop(UnmappedTerm(term=name))
        term = active.terms.get(name, NO_TERM)
        expanded = self._under(active, name, term, value)
        if expanded is None:
            return
        if term.reverse:
            reverse = result.setdefault("@reverse", {})
            for item in as_list(expanded):
                _require_node(item, "invalid reverse property value")
                reverse.setdefault(iri, []).append(item)
        else:
            result.setdefault(iri, []).extend(as_list(expanded))

    def _under(self, active: ActiveContext, name: str, term: Term, value: Any) -> Any:
        """The expanded value of a member, by the container and the type of its term (steps 13.5 to 13.12)."""
        container = term.container
        if term.type == "@json":
            return self.checked({"@value": value, "@type": "@json"})
        if isinstance(value, dict) and "@language" in container:
            return expand_language_map(self, active, term, value)
        if isinstance(value, dict) and container & {"@index", "@id", "@type"}:
            return expand_index_map(self, active, name, term, value)
        expanded = self.element(active, name, value)
        if expanded is None:
            return None
        if "@list" in container and not is_list_object(expanded):
            expanded = {"@list": expanded if isinstance(expanded, list) else [expanded]}
        if "@graph" in container and not container & {"@id", "@index"}:
            expanded = [graph_of(self.in_graph(one)) for one in as_list(expanded)]
        return expanded

    # Keywords

    def _keyword(self, node: "_Node", active: ActiveContext, keyword: str, value: Any) -> None:
        """Step 13.4: a member whose name is, or stands for, a keyword."""
        result = node.result
        if node.name == "@reverse":
            raise ValueRefused(error_code="invalid reverse property map", keyword=keyword)
        if keyword in result and keyword not in {"@included", "@type"}:
            raise ValueRefused(error_code="colliding keywords", keyword=keyword)
        if keyword == "@id":
            if not isinstance(value, str):
                raise ValueRefused("an identifier must be a string", error_code="invalid @id value")
            result["@id"] = self.identifier(active, value, vocab=False)
        elif keyword == "@type":
            self._types(node, value)
        elif keyword == "@graph":
            result["@graph"] = self._several(active, "@graph", value)
        elif keyword == "@included":
            if active.legacy:
                return self.drop(KeywordRefused(keyword=keyword))
            expanded = self._several(active, "@included", value)
            if not all(is_node_object(one) for one in expanded):
                raise ValueRefused(error_code="invalid @included value")
            result["@included"] = [*result.get("@included", []), *expanded]
        elif keyword == "@value":
            if not node.json and isinstance(value, dict | list):
                raise ValueRefused(error_code="invalid value object value")
            result["@value"] = value
        elif keyword in {"@language", "@direction", "@index"}:
            self._annotation(result, active, keyword, value)
        elif keyword in {"@list", "@set"}:
            self._collection(node, active, keyword, value)
        elif keyword == "@reverse":
            self._reverse(node, active, value)
        else:
            self.drop(KeywordRefused(keyword=keyword))
        return None

    def _several(self, active: ActiveContext, name: str, value: Any) -> list[Any]:
        found = self.element(active, name, value)
        return [] if found is None else as_list(found)

    def _types(self, node: "_Node", value: Any) -> None:
        said = as_list(value)
        if not all(isinstance(one, str) for one in said):
            raise ValueRefused("a type must be a string", error_code="invalid type value")
        if not said:
            self.drop(DroppedValue("an empty array"))
        types = [node.scoped.expand(one, vocab=True, relative=True) for one in said]
        for one, found in zip(said, types, strict=True):
            if found is None or not (found in {"@json", "@none"} or found[:2] == "_:" or is_absolute_iri(found)):
                self.drop(UnmappedTerm(term=one))
            elif found[:2] == "_:" and self.labelled:
                raise ValueRefused("a document shown in parts cannot carry blank node identifiers", id=one)
        if "@type" in node.result:
            node.result["@type"] = [*as_list(node.result["@type"]), *types]
        else:
            node.result["@type"] = types if isinstance(value, list) else types[0]

    def _annotation(self, result: dict[str, Any], active: ActiveContext, keyword: str, value: Any) -> None:
        if keyword == "@direction":
            if active.legacy:
                return self.drop(KeywordRefused(keyword=keyword))
            if value not in ("ltr", "rtl"):
                raise ValueRefused(error_code="invalid base direction", direction=value)
        elif not isinstance(value, str):
            code = "invalid language-tagged string" if keyword == "@language" else "invalid @index value"
            raise ValueRefused(error_code=code)
        elif keyword == "@index" and self.check:
            self.drop(KeywordRefused("RDF has no index", keyword=keyword))
        result[keyword] = value
        return None

    def _collection(self, node: "_Node", active: ActiveContext, keyword: str, value: Any) -> None:
        if keyword == "@list" and node.name in {None, "@graph"}:
            return self.drop(DroppedValue("a free-standing list"))
        expanded = self.element(active, node.name, value, in_list=keyword == "@list")
        if keyword == "@list":
            expanded = [] if expanded is None else expanded if isinstance(expanded, list) else [expanded]
        node.result[keyword] = expanded
        return None

    def _reverse(self, node: "_Node", active: ActiveContext, value: Any) -> None:
        if not isinstance(value, dict):
            raise ValueRefused(error_code="invalid @reverse value")
        expanded = self.element(active, "@reverse", value)
        if not expanded:
            return self.drop(DroppedValue("an empty object"))
        for iri, items in expanded.pop("@reverse", {}).items():
            node.result.setdefault(iri, []).extend(items)
        for iri, items in expanded.items():
            reverse = node.result.setdefault("@reverse", {})
            for item in items:
                _require_node(item, "invalid reverse property value")
                reverse.setdefault(iri, []).append(item)
        return None

    # What an object came to (steps 15 to 19)

    def _finished(self, result: dict[str, Any], name: str | None) -> Any:
        if "@value" in result:
            found: Any = self._value_object(result)
        elif "@list" in result or "@set" in result:
            others = result.keys() - {"@index"}
            if len(others) != 1:
                raise ValueRefused(error_code="invalid set or list object")
            found = result.get("@set", result)
        else:
            if "@type" in result:
                result["@type"] = as_list(result["@type"])
            found = result
            if found.keys() == {"@language"}:
                self.drop(DroppedValue("a language of nothing"))
                found = None
        if (name is None or name == "@graph") and isinstance(found, dict):
            return self._free_standing(found)
        return found

    def in_graph(self, item: Any) -> Any:
        """An item that becomes a graph by its container; in safe mode it has to be a node that says something."""
        if self.safe:
            self._free_standing(item)
        return item

    def _free_standing(self, found: dict[str, Any]) -> dict[str, Any] | None:
        if not found or "@value" in found or "@list" in found:
            self.drop(DroppedValue("a node about which nothing is said"))
            return None
        if found.keys() == {"@id"}:
            self.drop(DroppedValue("a node about which nothing is said"))
            return None
        if found.keys() == {"@id", "@included"}:
            self.drop(DroppedValue("a node about which nothing is said"))
        return found

    def _value_object(self, result: dict[str, Any]) -> dict[str, Any] | None:
        allowed = result.keys() <= {"@direction", "@index", "@language", "@type", "@value"}
        if not allowed or ("@type" in result and result.keys() & {"@language", "@direction"}):
            raise ValueRefused(error_code="invalid value object")
        kind, value = result.get("@type"), result["@value"]
        if kind in ("@json", ["@json"]):
            result["@type"] = "@json"
            return self.checked(result)
        if value is None or value == []:
            self.drop(DroppedValue("null"))
            return None
        if not isinstance(value, str) and "@language" in result:
            raise ValueRefused(error_code="invalid language-tagged value")
        if "@type" in result and (not isinstance(kind, str) or kind[:2] == "_:" or not is_absolute_iri(kind)):
            if isinstance(kind, str) and self.safe:
                raise UnmappedTerm(term=kind, error_code="invalid typed value")
            raise ValueRefused("a datatype must be one IRI", error_code="invalid typed value")
        return self.checked(result)

    def checked(self, value: dict[str, Any]) -> dict[str, Any]:
        """A finished value object; safe mode judges it."""
        if self.safe:
            language = value.get("@language")
            if language is not None and not is_language_tag(language):
                raise ValueRefused("not a language tag", language=language)
            if self.check:
                self.check(value)
        return value


class _Node:
    """An object under expansion: the term it stands under, where its types are defined, what it came to."""

    __slots__ = ("json", "name", "result", "scoped")

    def __init__(self, name: str | None, scoped: ActiveContext, json: bool) -> None:
        self.name = name
        self.scoped = scoped
        self.json = json
        self.result: dict[str, Any] = {}


@contextmanager
def _here() -> Iterator[None]:
    yield


def _require_node(item: Any, error_code: str) -> None:
    if is_value_object(item) or is_list_object(item):
        raise ValueRefused(error_code=error_code)
