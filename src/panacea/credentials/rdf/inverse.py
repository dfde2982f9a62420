"""IRI Compaction (JSON-LD API §6.2 to §6.4): the shortest name that a context has for an IRI and its value."""

from collections.abc import Iterable
from typing import Any

from panacea.credentials.rdf.iri import has_scheme, relative_to
from panacea.credentials.rdf.shapes import is_graph_object, is_list_object, is_value_object
from panacea.credentials.rdf.terms import UNSET, ActiveContext, Term, is_keyword_shaped
from panacea.credentials.rdf.types import ValueRefused

Selection = dict[str, dict[str, dict[str, dict[str, str]]]]
"""IRI to container to one of @language, @type and @any to a language, type or @none to the term."""


def compact_iri(
    active: ActiveContext, iri: str | None, value: Any = None, *, vocab: bool = False, reverse: bool = False
) -> str:
    """The name of an IRI in that context, for a `value` of expanded JSON-LD where it is a property.

    Raises ValueRefused where an absolute IRI would read as a compact one (`IRI confused with prefix`).
    """
    if iri is None:
        return ""
    if vocab:
        inverse = _inverse(active)
        if iri in inverse:
            term = _select(inverse[iri], *_wanted(active, value, reverse=reverse))
            if term is not None:
                return term
        if active.vocab and iri.startswith(active.vocab) and len(iri) > len(active.vocab):
            suffix = iri[len(active.vocab) :]
            if suffix not in active.terms:
                return suffix
    found = _prefixed(active, iri, value)
    if found is not None:
        return found
    prefix = active.terms.get(iri.split(":", 1)[0]) if has_scheme(iri) else None
    if prefix and prefix.prefix and not iri.split(":", 1)[1].startswith("//"):
        raise ValueRefused(error_code="IRI confused with prefix", iri=iri)
    if vocab or not active.base or not has_scheme(iri):
        return iri
    relative = relative_to(active.base, iri)
    return f"./{relative}" if is_keyword_shaped(relative) else relative


def direction_key(language: str | None, direction: str | None) -> str:
    """How the inverse context writes a language and a direction."""
    return "_".join(part for part in (language or "", direction) if part is not None).lower()


def _prefixed(active: ActiveContext, iri: str, value: Any) -> str | None:
    """The least compact IRI: a prefix of the context, a colon and the rest."""
    best: str | None = None
    for name, term in active.terms.items():
        if not term.prefix or term.iri is None or term.iri == iri or not iri.startswith(term.iri):
            continue
        candidate = f"{name}:{iri[len(term.iri) :]}"
        taken = active.terms.get(candidate)
        free = taken is None or (taken.iri == iri and value is None)
        if free and (best is None or (len(candidate), candidate) < (len(best), best)):
            best = candidate
    return best


def _inverse(active: ActiveContext) -> Selection:
    """Inverse Context Creation (§6.3), made once for each active context."""
    if active.inverse is None:
        found: Selection = {}
        for name in sorted(active.terms, key=lambda name: (len(name), name)):
            term = active.terms[name]
            if term.iri is not None:
                container = "".join(sorted(term.container)) or "@none"
                maps = found.setdefault(term.iri, {}).setdefault(
                    container, {"@language": {}, "@type": {}, "@any": {"@none": name}}
                )
                for kind, key in _keys(active, term):
                    maps[kind].setdefault(key, name)
        active.inverse = found
    inverse: Selection = active.inverse
    return inverse


def _keys(active: ActiveContext, term: Term) -> Iterable[tuple[str, str]]:
    """Under which of @language and @type, and under which key there, a term can be found."""
    if term.reverse:
        return [("@type", "@reverse")]
    if term.type == "@none":
        return [("@language", "@any"), ("@type", "@any")]
    if term.type is not None:
        return [("@type", term.type)]
    language, direction = term.language, term.direction
    if language is not UNSET and direction is not UNSET:
        if language is None and direction is None:
            return [("@language", "@null")]
        return [("@language", direction_key(_text(language), _text(direction)))]
    if language is not UNSET:
        return [("@language", (_text(language) or "@null").lower())]
    if direction is not UNSET:
        return [("@language", f"_{direction}" if direction else "@none")]
    default = (active.language or "@none").lower()
    if active.direction is not None:
        default = direction_key(active.language, active.direction)
    return [("@language", default), ("@language", "@none"), ("@type", "@none")]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _select(
    containers: dict[str, dict[str, dict[str, str]]], wanted: list[str], kind: str, preferred: list[str]
) -> str | None:
    """Term Selection (§6.4): the first container wanted, and in it the value most preferred."""
    for container in wanted:
        for key in preferred if container in containers else ():
            term = containers[container][kind].get(key)
            if term is not None:
                return term
    return None


def _wanted(active: ActiveContext, value: Any, *, reverse: bool) -> tuple[list[str], str, list[str]]:
    """The containers that suit a value, whether by @language or by @type, and the keys it prefers there."""
    containers: list[str] = []
    kind, key = "@language", "@null"
    if isinstance(value, dict) and "@index" in value and not is_graph_object(value):
        containers += ["@index", "@index@set"]
    if reverse:
        kind, key = "@type", "@reverse"
        containers.append("@set")
    elif is_list_object(value):
        if "@index" not in value:
            containers.append("@list")
        kind, key = _of_list(value["@list"])
    elif is_graph_object(value):
        containers += _graph_containers(value)
        kind, key = "@type", "@id"
    else:
        kind, key, more = _of_item(value)
        containers += [*more, "@set"]
    containers.append("@none")
    if not active.legacy:
        if not isinstance(value, dict) or "@index" not in value:
            containers += ["@index", "@index@set"]
        if isinstance(value, dict) and value.keys() == {"@value"} and isinstance(value["@value"], str):
            # Only strings: a language map can hold nothing else, though the specification does not ask.
            containers += ["@language", "@language@set"]
    return containers, kind, _preferred(active, value, key)


def _of_item(value: Any) -> tuple[str, str, list[str]]:
    """The kind, the key and the containers of a value or a node."""
    if not is_value_object(value):
        return "@type", "@id", ["@id", "@id@set", "@type", "@set@type"]
    if ("@direction" in value or "@language" in value) and "@index" not in value:
        key = value.get("@language", "").lower()
        if "@direction" in value:
            key = direction_key(value.get("@language"), value["@direction"])
        return "@language", key, ["@language", "@language@set"]
    if "@type" in value:
        return "@type", value["@type"], []
    return "@language", "@null", []


def _graph_containers(value: dict[str, Any]) -> list[str]:
    index, named = ["@graph@index", "@graph@index@set"], ["@graph@id", "@graph@id@set"]
    first = (index if "@index" in value else []) + (named if "@id" in value else [])
    last = ([] if "@index" in value else index) + ([] if "@id" in value else named)
    return [*first, "@graph", "@graph@set", "@set", *last, "@index", "@index@set"]


def _of_list(items: list[Any]) -> tuple[str, str]:
    """What all items of a list have in common: a type, or else a language."""
    if not items:
        return "@any", "@none"
    kinds, languages = set(), set()
    for item in items:
        language, kind = "@none", "@none"
        if not is_value_object(item):
            kind = "@id"
        elif "@direction" in item:
            language = direction_key(item.get("@language"), item["@direction"])
        elif "@language" in item:
            language = item["@language"].lower()
        elif "@type" in item:
            kind = item["@type"]
        else:
            language = "@null"
        kinds.add(kind)
        languages.add(language)
    kind = kinds.pop() if len(kinds) == 1 else "@none"
    if kind != "@none":
        return "@type", kind
    return "@language", languages.pop() if len(languages) == 1 else "@none"


def _preferred(active: ActiveContext, value: Any, key: str) -> list[str]:
    """The keys of the inverse context, the best one first."""
    found = ["@reverse"] if key == "@reverse" else []
    if key in {"@id", "@reverse"} and isinstance(value, dict) and "@id" in value:
        term = active.terms.get(compact_iri(active, value["@id"], vocab=True))
        named = term is not None and term.iri == value["@id"]
        found += ["@vocab", "@id", "@none"] if named else ["@id", "@vocab", "@none"]
    else:
        found += [key, "@none"]
    found.append("@any")
    return [*found, *("_" + each.rpartition("_")[2] for each in found if "_" in each)]
