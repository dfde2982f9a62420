"""Expansion of maps: the values of a term by language, index, identifier or type (JSON-LD API §5.1.2, 13.7-8)."""

from typing import TYPE_CHECKING, Any

from panacea.credentials.rdf.labelled import NodeObject
from panacea.credentials.rdf.nquads import is_absolute_iri
from panacea.credentials.rdf.shapes import as_list, is_graph_object, is_value_object
from panacea.credentials.rdf.terms import NO_TERM, UNSET, ActiveContext, Term
from panacea.credentials.rdf.types import DroppedValue, UnmappedTerm, ValueRefused

if TYPE_CHECKING:
    from panacea.credentials.rdf.expansion import Expander


def expand_language_map(
    expander: "Expander", active: ActiveContext, term: Term, value: dict[str, Any]
) -> list[dict[str, Any]]:
    """One value object for each string of a language map."""
    direction = active.direction if term.direction is UNSET else term.direction
    found: list[dict[str, Any]] = []
    for language, said in value.items():
        with expander.at(language):
            texts = as_list(said)
            for text in texts:
                if text is None:
                    expander.drop(DroppedValue("null"))
                    continue
                if not isinstance(text, str):
                    raise ValueRefused(error_code="invalid language map value")
                one: dict[str, Any] = {"@value": text}
                if active.expand(language, vocab=True) != "@none":
                    one["@language"] = language
                if direction is not None:
                    one["@direction"] = direction
                found.append(expander.checked(one))
            if not texts:
                expander.drop(DroppedValue("an empty array"))
    if not value:
        expander.drop(DroppedValue("an empty map"))
    return found


def expand_index_map(
    expander: "Expander", active: ActiveContext, name: str, term: Term, value: dict[str, Any]
) -> list[Any]:
    """The items of a map by @index, @id or @type, each of which says its key again."""
    found: list[Any] = []
    for key, one in value.items():
        with expander.at(key):
            items = expander.element(_place(expander, active, term, key), name, one, from_map=True)
            found += [_keyed(expander, active, term, key, item) for item in as_list([] if items is None else items)]
    if not value:
        expander.drop(DroppedValue("an empty map"))
    return found


def _place(expander: "Expander", active: ActiveContext, term: Term, key: str) -> ActiveContext:
    """The context inside a map: a type-scoped one ends, and the type that a key names may bring its own."""
    if not term.container & {"@id", "@type"}:
        return active
    place = active.previous or active
    if "@type" in term.container and place.terms.get(key, NO_TERM).context is not UNSET:
        place = expander.counted(expander.contexts.of_types(place, (key,), propagate=True))
    return place


def _keyed(expander: "Expander", active: ActiveContext, term: Term, key: str, item: dict[str, Any]) -> dict[str, Any]:
    """An item of a map, with what its key says about it."""
    if "@graph" in term.container and not is_graph_object(item):
        item = graph_of(expander.in_graph(item))
    if is_value_object(item) and term.container & {"@graph", "@id", "@type"}:
        raise ValueRefused(error_code="invalid value object")
    meant = active.expand(key, vocab=True)
    if meant == "@none":
        return item
    if term.index is not None:
        said = expander.value(active, active.terms.get(term.index, NO_TERM), key)
        predicate = active.expand(term.index, vocab=True) or ""
        item[predicate] = [said, *as_list(item.get(predicate, []))]
        if is_value_object(item):
            raise ValueRefused(error_code="invalid value object")
    elif "@index" in term.container:
        item.setdefault("@index", key)
    elif "@id" in term.container:
        if "@id" not in item:
            item["@id"] = expander.identifier(active, key, vocab=False)
    else:
        if expander.safe and not is_absolute_iri(meant or ""):
            raise UnmappedTerm(term=key)
        item["@type"] = [meant, *as_list(item.get("@type", []))]
    return item


def graph_of(item: Any) -> dict[str, Any]:
    """A graph object around an item; it carries the label of its name where the item has one."""
    if isinstance(item, NodeObject):
        return NodeObject({"@graph": [item]}).labelled(f"{item.label}g")
    return {"@graph": as_list(item)}
