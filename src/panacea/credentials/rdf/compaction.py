"""Compaction of JSON-LD 1.1 (JSON-LD API §6): an expanded document in the words of a context."""

from typing import Any

from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.expansion import expand
from panacea.credentials.rdf.inverse import compact_iri
from panacea.credentials.rdf.labelled import MAX_DEPTH
from panacea.credentials.rdf.options import PLAIN, Options
from panacea.credentials.rdf.shapes import as_list, is_graph_object, is_list_object, is_simple_graph
from panacea.credentials.rdf.terms import NO_TERM, UNSET, ActiveContext, Term
from panacea.credentials.rdf.types import DocumentTooLarge, ValueRefused

JSONObject = dict[str, Any]  # Any: the values of a JSON object


def compact(
    document: Any, context: Any, contexts: Contexts, *, safe: bool = True, options: Options = PLAIN
) -> JSONObject:
    """A JSON-LD document of any shape in the words of `context`, a context or a document with one.

    In safe mode its expansion refuses what would be dropped; compaction itself drops nothing.
    Raises JSONLDRejected.
    """
    expanded = expand(document, contexts, safe=safe, options=options)
    local = context["@context"] if isinstance(context, dict) and "@context" in context else context
    legacy = options.processing_mode == "json-ld-1.0"
    root = contexts.root(options.base if options.compact_to_relative else "", legacy=legacy)
    if not options.compact_to_relative and options.base:
        root = root.copy()
        root.origin = options.base
    active = contexts.embedded(root, local)
    compactor = _Compactor(contexts, options)
    try:
        found: Any = compactor.element(active, None, expanded)
    except RecursionError as error:
        raise DocumentTooLarge(depth=MAX_DEPTH, pointer="") from error
    if isinstance(found, list):
        found = {compact_iri(active, "@graph", vocab=True): found} if found else {}
    named = {} if local in (None, {}, []) else {"@context": local}
    return {**named, **found}


class _Compactor:
    """Compaction (§6.1), in one walk over an expanded document."""

    def __init__(self, contexts: Contexts, options: Options) -> None:
        self.contexts = contexts
        self.arrays = not options.compact_arrays
        self.legacy = options.processing_mode == "json-ld-1.0"

    def element(self, active: ActiveContext, name: str | None, element: Any) -> Any:
        """Expanded JSON-LD of any shape, met under the term `name`, in the words of the active context."""
        term = active.terms.get(name, NO_TERM) if name is not None else NO_TERM
        if isinstance(element, list):
            found = [one for item in element if (one := self.element(active, name, item)) is not None]
            keep = len(found) != 1 or self.arrays or name in {"@graph", "@set"} or term.container & {"@list", "@set"}
            return found if keep else found[0]
        if not isinstance(element, dict):
            return element
        scoped = active
        if active.previous is not None and "@value" not in element and element.keys() != {"@id"}:
            active = active.previous
        if term.context is not UNSET:
            active = self.contexts.of_property(active, term)
            term = active.terms.get(name, term) if name is not None else term
        if "@value" in element or "@id" in element:
            value = self._value(active, term, element)
            if not isinstance(value, dict) or term.type == "@json":
                return value
        if is_list_object(element) and "@list" in term.container:
            return self.element(active, name, element["@list"])
        if "@type" in element:
            types = tuple(sorted(compact_iri(active, one, vocab=True) for one in as_list(element["@type"])))
            active = self.contexts.of_types(active, types, scoped=scoped)
        return self._object(_Place(active, scoped, name), element)

    def _value(self, active: ActiveContext, term: Term, value: JSONObject) -> Any:
        """Value Compaction (§6.5): the simplest JSON for a value object or a reference."""
        indexed = "@index" in value and "@index" not in term.container
        plain = not indexed
        if "@id" in value:
            if value.keys() <= {"@id", "@index"} and plain and term.type in {"@id", "@vocab"}:
                return compact_iri(active, value["@id"], vocab=term.type == "@vocab")
            return value
        if "@type" in value:
            if value["@type"] == term.type and plain:
                return value["@value"]
            return value
        language = active.language if term.language is UNSET else term.language
        direction = active.direction if term.direction is UNSET else term.direction
        if term.type == "@none" or not plain:
            return value
        if not isinstance(value["@value"], str):
            return value["@value"]
        same = (value.get("@language") or "").lower() == (language if isinstance(language, str) else "").lower()
        return value["@value"] if same and value.get("@direction") == direction else value

    def _object(self, place: "_Place", element: JSONObject) -> JSONObject:
        result: JSONObject = {}
        for iri, value in element.items():
            self._member(place, result, iri, value)
        return result

    def _member(self, place: "_Place", result: JSONObject, iri: str, value: Any) -> None:
        active = place.active
        if iri == "@id":
            result[place.alias("@id")] = compact_iri(active, value)
        elif iri == "@type":
            self._types(place, result, value)
        elif iri == "@reverse":
            self._reversed(place, result, value)
        elif iri == "@index" and place.name is not None and "@index" in place.term.container:
            pass  # the key of a map says it
        elif iri in {"@direction", "@index", "@language", "@value"}:
            result[place.alias(iri)] = value
        elif value == []:
            name = compact_iri(active, iri, value, vocab=True, reverse=place.name == "@reverse")
            self._nest(active, result, name).setdefault(name, [])
        else:
            for item in as_list(value):
                self._item(place, result, iri, item)

    def _types(self, place: "_Place", result: JSONObject, value: Any) -> None:
        types = [compact_iri(place.scoped, one, vocab=True) for one in as_list(value)]
        alias = place.alias("@type")
        is_set = not self.legacy and "@set" in place.active.terms.get(alias, NO_TERM).container
        is_value = isinstance(value, str)
        single = len(types) == 1 and (is_value or not self.arrays) and not (is_set or self.arrays)
        result[alias] = types[0] if single or (is_value and not is_set and not self.arrays) else types

    def _reversed(self, place: "_Place", result: JSONObject, value: JSONObject) -> None:
        compacted = self._object(_Place(place.active, place.active, "@reverse"), value)
        for name in list(compacted):
            term = place.active.terms.get(name, NO_TERM)
            if term.reverse:
                add(result, name, compacted.pop(name), as_array=self.arrays or "@set" in term.container)
        if compacted:
            result[place.alias("@reverse")] = compacted

    def _nest(self, active: ActiveContext, result: JSONObject, name: str) -> JSONObject:
        """The object that holds a property: the node itself, or one nested in it by @nest."""
        nest = active.terms.get(name, NO_TERM).nest
        if nest is None:
            return result
        if nest != "@nest" and active.expand(nest, vocab=True) != "@nest":
            raise ValueRefused(error_code="invalid @nest value", term=name)
        nested: JSONObject = result.setdefault(nest, {})
        return nested

    def _item(self, place: "_Place", result: JSONObject, iri: str, item: Any) -> None:
        """Step 12.8: one value of a property."""
        active = place.active
        name = compact_iri(active, iri, item, vocab=True, reverse=place.name == "@reverse")
        held = self._nest(active, result, name)
        term = active.terms.get(name, NO_TERM)
        container = term.container
        as_array = self.arrays or "@set" in container or name in {"@graph", "@list"}
        inner = item["@list"] if is_list_object(item) else item["@graph"] if is_graph_object(item) else item
        compacted = self.element(active, name, inner)
        if is_list_object(item):
            compacted = as_list(compacted)
            if "@list" in container:
                held[name] = compacted
                return
            compacted = {place.alias("@list"): compacted}
            if "@index" in item:
                compacted[place.alias("@index")] = item["@index"]
        if is_graph_object(item):
            self._graph(place, held, name, item, compacted)
        elif container & {"@language", "@index", "@id", "@type"} and "@graph" not in container:
            self._mapped(place, held.setdefault(name, {}), name, item, compacted)
        elif term.type == "@json" and isinstance(compacted, list) and name not in held:
            held[name] = compacted  # one value, though an array
        else:
            add(held, name, compacted, as_array=as_array)

    def _graph(self, place: "_Place", held: JSONObject, name: str, item: JSONObject, compacted: Any) -> None:
        active, container = place.active, place.active.terms.get(name, NO_TERM).container
        as_array = self.arrays or "@set" in container or name == "@graph"
        simple = is_simple_graph(item)
        if container >= {"@graph", "@id"} or (container >= {"@graph", "@index"} and simple):
            key = item.get("@id") if "@id" in container else item.get("@index")
            if key is None:
                key = place.alias("@none")
            elif "@id" in container:
                key = compact_iri(active, key)
            add(held.setdefault(name, {}), key, compacted, as_array=as_array)
        elif "@graph" in container and simple:
            if isinstance(compacted, list) and len(compacted) > 1:
                compacted = {place.alias("@included"): compacted}
            add(held, name, compacted, as_array=as_array)
        else:
            graph = {place.alias("@graph"): compacted}
            if "@id" in item:
                graph[place.alias("@id")] = compact_iri(active, item["@id"])
            if "@index" in item:
                graph[place.alias("@index")] = item["@index"]
            add(held, name, graph, as_array=as_array)

    def _mapped(self, place: "_Place", held: JSONObject, name: str, item: JSONObject, compacted: Any) -> None:
        """An item of a map by language, index, identifier or type."""
        active, term = place.active, place.active.terms[name]
        container, key = term.container, None
        if "@language" in container:
            key = item.get("@language")
            compacted = compacted[place.alias("@value")] if isinstance(compacted, dict) else compacted
        elif "@index" in container and term.index is None:
            key = item.get("@index")
        elif "@index" in container:
            key, compacted = self._split(
                compacted, compact_iri(active, active.expand(term.index or "", vocab=True), vocab=True)
            )
        elif "@id" in container:
            key = compacted.pop(place.alias("@id"), None) if isinstance(compacted, dict) else None
        else:
            key, compacted = self._split(compacted, place.alias("@type"))
            if isinstance(compacted, dict) and len(compacted) == 1:
                only = active.expand(next(iter(compacted)), vocab=True)
                if only == "@id":
                    compacted = self.element(active, name, {"@id": item["@id"]})
        if key is None:
            key = place.alias("@none")
        add(held, key, compacted, as_array=self.arrays or "@set" in container)

    def _split(self, compacted: Any, name: str) -> tuple[str | None, Any]:
        """The first value of a member, which becomes the key of a map, and the object with the other values."""
        if not isinstance(compacted, dict) or name not in compacted:
            return None, compacted
        first, *others = as_list(compacted[name])
        if not isinstance(first, str):
            return None, compacted
        rest = {key: value for key, value in compacted.items() if key != name}
        if others:
            rest[name] = others[0] if len(others) == 1 and not self.arrays else others
        return first, rest


class _Place:
    """Where an object is compacted: the context in force, the one its types are named in, the term it stands under."""

    __slots__ = ("active", "name", "scoped", "term")

    def __init__(self, active: ActiveContext, scoped: ActiveContext, name: str | None) -> None:
        self.active = active
        self.scoped = scoped
        self.name = name
        self.term = active.terms.get(name, NO_TERM) if name is not None else NO_TERM

    def alias(self, keyword: str) -> str:
        """The name of a keyword here."""
        return compact_iri(self.active, keyword, vocab=True)


def add(held: JSONObject, name: str, value: Any, *, as_array: bool) -> None:
    """Add Value (§ B.1 of JSON-LD API): append to a member, which is an array where it has to be one."""
    if isinstance(value, list):
        if as_array and name not in held:
            held[name] = []
        for one in value:
            add(held, name, one, as_array=as_array)
        return
    if name not in held:
        held[name] = [value] if as_array else value
    else:
        held[name] = [*as_list(held[name]), value]
