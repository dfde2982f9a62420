"""Context Processing of JSON-LD 1.1 (JSON-LD API §4): from an `@context` entry to the terms in force.

All of it is done: remote and imported contexts (from a mapping, never fetched), @base, @vocab, @language, @direction,
@protected, @propagate, @version, every container, @reverse, @nest, @index, @prefix and scoped contexts, under both
processing modes. Refusals carry the error codes of JSON-LD API §9.1.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from panacea.credentials.rdf.iri import has_scheme, resolve
from panacea.credentials.rdf.terms import KEYWORDS, UNSET, ActiveContext, Term, Unset, is_keyword_shaped
from panacea.credentials.rdf.types import ContextRefused, DocumentTooLarge

MAX_DEFINITIONS = 20_000
_MAX_CHAIN = 32
_MAX_NESTED = 24
_CONTEXT_KEYS = frozenset(
    {"@base", "@direction", "@import", "@language", "@propagate", "@protected", "@version", "@vocab"}
)
_TERM_KEYS = frozenset(
    {
        "@container",
        "@context",
        "@direction",
        "@id",
        "@index",
        "@language",
        "@nest",
        "@prefix",
        "@protected",
        "@reverse",
        "@type",
    }
)
_CONTAINERS = frozenset(
    frozenset(said.split())
    for said in (
        "", "@list", "@set", "@language", "@language @set", "@index", "@index @set", "@id", "@id @set",
        "@type", "@type @set", "@graph", "@graph @set", "@graph @id", "@graph @id @set", "@graph @index",
        "@graph @index @set",
    )
)  # fmt: skip

Fetch = Callable[[str], Any]  # Any: a context is JSON of any shape until it is processed


@dataclass(frozen=True, slots=True)
class Place:
    """Where a context stands: the URL of its document, the contexts that led there, and what it may do.

    `override` lets protected terms change. `trial` is the dry run over a scoped context when its term is defined.
    """

    base: str = ""
    chain: tuple[str, ...] = ()
    override: bool = False
    trial: bool = False
    depth: int = 0


class Processing:
    """One run of context processing, within MAX_DEFINITIONS; `spent` counts them."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch
        self.spent = 0

    def spend(self, work: int) -> None:
        """Count work; DocumentTooLarge where it is too much."""
        self.spent += work
        if self.spent > MAX_DEFINITIONS:
            raise DocumentTooLarge("contexts of too many definitions", error_code="context overflow")

    def follow(self, active: ActiveContext, local: Any, place: Place, *, propagate: bool = True) -> ActiveContext:
        """The context after `local`, its JSON of any shape, was applied to `active` (§4.1.2).

        Without `propagate` (type-scoped contexts) the former context returns at the next node.
        Raises ContextRefused, DocumentTooLarge.
        """
        if place.depth > _MAX_NESTED:
            raise DocumentTooLarge("contexts within contexts", depth=_MAX_NESTED, error_code="context overflow")
        if isinstance(local, dict) and "@propagate" in local:
            propagate = local["@propagate"]
            require(isinstance(propagate, bool), "invalid @propagate value")
        result = active
        if not propagate and result.previous is None:
            result = active.copy()
            result.previous = active
        for context in local if isinstance(local, list) else [local]:
            self.spend(1 + len(result.terms) // 8)
            if context is None:
                guarded = not place.override and any(term.protected for term in result.terms.values())
                require(not guarded, "invalid context nullification")
                former, result = result, result.cleared()
                result.previous = None if propagate else former
            elif isinstance(context, str):
                result = self._remote(result, context, place)
            else:
                require(isinstance(context, dict), "invalid local context", context)
                result = self._apply(result, context, place)
        return result

    def _remote(self, active: ActiveContext, url: str, place: Place) -> ActiveContext:
        url = resolve(place.base, url)
        if place.trial and url in place.chain:
            return active
        require(url not in place.chain, "context overflow", url)
        require(len(place.chain) < _MAX_CHAIN, "context overflow", url)
        local = self._loaded(url)
        return self.follow(active, local, replace(place, base=url, chain=(*place.chain, url), depth=place.depth + 1))

    def _loaded(self, url: str) -> Any:
        document = self.fetch(url)
        if not isinstance(document, dict) or "@context" not in document:
            raise ContextRefused("not a context document", error_code="invalid remote context", url=url)
        return document["@context"]

    def _apply(self, active: ActiveContext, local: dict[str, Any], place: Place) -> ActiveContext:
        result = active.copy()
        if "@version" in local:
            version = local["@version"]
            number = not isinstance(version, bool | str) and str(version) == "1.1"
            require(number, "invalid @version value", version)
            require(not active.legacy, "processing mode conflict")
        if "@import" in local:
            local = self._imported(local, place, legacy=active.legacy)
        if "@base" in local and not place.chain:
            result.base = _base(result.base, local["@base"])
        if "@vocab" in local:
            result.vocab = _vocabulary(result, local["@vocab"])
        if "@language" in local:
            language = local["@language"]
            require(language is None or isinstance(language, str), "invalid default language", language)
            result.language = language
        if "@direction" in local:
            require(not active.legacy, "invalid context entry", "@direction")
            result.direction = _direction(local["@direction"])
        if "@propagate" in local:
            require(not active.legacy, "invalid context entry", "@propagate")
            require(isinstance(local["@propagate"], bool), "invalid @propagate value")
        protected = local.get("@protected", False)
        require(isinstance(protected, bool), "invalid @protected value")
        definition = Definition(self, result, local, place, protected)
        for term in local:
            if term not in _CONTEXT_KEYS:
                definition.define(term)
        return result

    def _imported(self, local: dict[str, Any], place: Place, *, legacy: bool) -> dict[str, Any]:
        """A context laid over the one that it imports."""
        require(not legacy, "invalid context entry", "@import")
        require(isinstance(local["@import"], str), "invalid @import value")
        url = resolve(place.base, local["@import"])
        imported = self._loaded(url)
        require(isinstance(imported, dict), "invalid remote context", url)
        require("@import" not in imported, "invalid context entry", url)
        return {**imported, **{name: value for name, value in local.items() if name != "@import"}}


class Definition:
    """Create Term Definition (§4.2) for the terms of one context object, in the order they need each other."""

    def __init__(self, processing: Processing, active: ActiveContext, local: dict[str, Any], place: Place,
                 protected: bool) -> None:  # fmt: skip
        self.processing = processing
        self.active = active
        self.local = local
        self.place = place
        self.protected = protected
        self.done: dict[str, bool] = {}
        self.nested = 0

    def require(self, name: str) -> None:
        """Define a name first where this same context defines it."""
        if name in self.local and not self.done.get(name) and name not in _CONTEXT_KEYS:
            self.define(name)

    def define(self, name: str) -> None:
        """Put one term into the active context."""
        if name in self.done:
            require(self.done[name], "cyclic IRI mapping", name)
            return
        require(isinstance(name, str) and name != "", "invalid term definition", name)
        value = self.local[name]
        if name == "@type":
            self._require_type_definition(value)
        require(name == "@type" or name not in KEYWORDS, "keyword redefinition", name)
        if name != "@type" and is_keyword_shaped(name):
            return
        self.processing.spend(1)
        if self.nested > _MAX_NESTED:
            raise DocumentTooLarge("terms defined by terms", term=name, error_code="context overflow")
        self.nested += 1
        self.done[name] = False
        former = self.active.terms.pop(name, None)
        term = self._read(name, value)
        if former and former.protected and not self.place.override:
            require(term is not None and former.same_as(term), "protected term redefinition", name)
            term = former
        if term is not None:
            self.active.terms[name] = term
        self.done[name] = True
        self.nested -= 1

    def _require_type_definition(self, value: Any) -> None:
        """What may be said of the keyword @type itself: that it is a set, that it is protected."""
        fits = not self.active.legacy and isinstance(value, dict) and bool(value)
        fits = fits and value.keys() <= {"@container", "@protected"} and value.get("@container", "@set") == "@set"
        require(fits, "keyword redefinition", "@type")

    def _read(self, name: str, value: Any) -> Term | None:  # Any: JSON of any shape
        """The term that a definition makes, or None where JSON-LD has it ignored."""
        simple = isinstance(value, str)
        if value is None or simple:
            value = {"@id": value}
        require(isinstance(value, dict), "invalid term definition", name)
        protected = value.get("@protected", self.protected)
        require(isinstance(protected, bool), "invalid @protected value", name)
        require(not (self.active.legacy and "@protected" in value), "invalid term definition", name)
        kind = self._type(name, value)
        if "@reverse" in value:
            return self._reversed(name, value, kind, protected)
        if _is_ignored(value.get("@id")) and value["@id"] != name:
            return None
        iri = self._iri(name, value)
        container = self._container(name, value)
        if "@type" in container:
            kind = kind or "@id"
            require(kind in {"@id", "@vocab"}, "invalid type mapping", name)
        require(value.keys() <= _TERM_KEYS, "invalid term definition", name)
        return Term(
            iri,
            type=kind,
            container=container,
            language=_language(name, value),
            direction=UNSET if "@direction" not in value or "@type" in value else _direction(value["@direction"]),
            context=self._scoped(name, value),
            index=self._index(name, value, container),
            nest=self._nest(name, value),
            protected=protected,
            prefix=self._is_prefix(name, value, iri, simple),
            base=self.place.base,
        )

    def _reversed(self, name: str, value: dict[str, Any], kind: str | None, protected: bool) -> Term | None:
        require("@id" not in value and "@nest" not in value, "invalid reverse property", name)
        said = value["@reverse"]
        require(isinstance(said, str), "invalid IRI mapping", name)
        if _is_ignored(said):
            return None
        iri = self.active.expand(said, vocab=True, definitions=self)
        require(_is_iri(iri), "invalid IRI mapping", name)
        container = value.get("@container")
        require(container is None or container in ("@set", "@index"), "invalid reverse property", name)
        held = frozenset() if container is None else frozenset({container})
        index = self._index(name, value, held)
        require(value.keys() <= _TERM_KEYS, "invalid term definition", name)
        scoped = self._scoped(name, value)
        return Term(iri, type=kind, container=held, context=scoped, index=index, reverse=True, protected=protected,
                    base=self.place.base)  # fmt: skip

    def _type(self, name: str, value: dict[str, Any]) -> str | None:
        if "@type" not in value:
            return None
        require(isinstance(value["@type"], str), "invalid type mapping", name)
        expanded = self.active.expand(value["@type"], vocab=True, definitions=self)
        require(not (self.active.legacy and expanded in {"@json", "@none"}), "invalid type mapping", name)
        known = expanded in {"@id", "@vocab", "@json", "@none"} or (expanded is not None and has_scheme(expanded))
        require(known, "invalid type mapping", name)
        return expanded

    def _iri(self, name: str, value: dict[str, Any]) -> str | None:
        if "@id" in value and value["@id"] != name:
            return self._explicit_iri(name, value["@id"])
        if name == "@type":
            return name
        if ":" in name[1:]:
            prefix, suffix = name.split(":", 1)
            self.require(prefix)
            known = self.active.terms.get(prefix)
            return f"{known.iri}{suffix}" if known and known.iri else name
        if "/" in name:
            expanded = self.active.expand(name, vocab=True)
            require(_is_iri(expanded), "invalid IRI mapping", name)
            return expanded
        require(self.active.vocab is not None, "invalid IRI mapping", name)
        return f"{self.active.vocab}{name}"

    def _explicit_iri(self, name: str, target: Any) -> str | None:  # Any: JSON of any shape
        if target is None:
            return None
        require(isinstance(target, str), "invalid IRI mapping", name)
        expanded = self.active.expand(target, vocab=True, definitions=self)
        require(expanded != "@context", "invalid keyword alias", name)
        require(expanded in KEYWORDS or _is_iri(expanded), "invalid IRI mapping", name)
        if ":" in name[1:-1] or "/" in name:
            self.done[name] = True
            same = self.active.expand(name, vocab=True, definitions=self) == expanded
            require(same, "invalid IRI mapping", name)
        return expanded

    def _container(self, name: str, value: dict[str, Any]) -> frozenset[str]:
        if "@container" not in value:
            return frozenset()
        said = value["@container"]
        several = isinstance(said, list) and all(isinstance(one, str) for one in said)
        require(isinstance(said, str) or several, "invalid container mapping", name)
        found = frozenset({said}) if isinstance(said, str) else frozenset(said)
        require(found in _CONTAINERS and (bool(said)), "invalid container mapping", name)
        modern = several or found & {"@graph", "@id", "@type"}
        require(not (self.active.legacy and modern), "invalid container mapping", name)
        return found

    def _index(self, name: str, value: dict[str, Any], container: frozenset[str]) -> str | None:
        if "@index" not in value:
            return None
        said = value["@index"]
        require(not self.active.legacy and "@index" in container, "invalid term definition", name)
        require(isinstance(said, str), "invalid term definition", name)
        require(_is_iri(self.active.expand(said, vocab=True, definitions=self)), "invalid term definition", name)
        return str(said)

    def _scoped(self, name: str, value: dict[str, Any]) -> Any:  # Any: kept as its JSON until it is used
        """The scoped context of a term, after a dry run showed that it can be processed."""
        if "@context" not in value:
            return UNSET
        require(not self.active.legacy, "invalid term definition", name)
        place = replace(self.place, override=True, trial=True, depth=self.place.depth + 1)
        try:
            self.processing.follow(self.active, value["@context"], place)
        except ContextRefused as error:
            raise ContextRefused(error.detail, error_code="invalid scoped context", term=name) from error
        return value["@context"]

    def _nest(self, name: str, value: dict[str, Any]) -> str | None:
        if "@nest" not in value:
            return None
        require(not self.active.legacy, "invalid term definition", name)
        said = value["@nest"]
        fits = isinstance(said, str) and (said == "@nest" or said not in KEYWORDS)
        require(fits, "invalid @nest value", name)
        return str(said)

    def _is_prefix(self, name: str, value: dict[str, Any], iri: str | None, simple: bool) -> bool:
        compact = ":" in name or "/" in name
        if "@prefix" in value:
            said = value["@prefix"]
            require(not self.active.legacy and not compact, "invalid term definition", name)
            require(isinstance(said, bool), "invalid @prefix value", name)
            require(not (said and iri in KEYWORDS), "invalid term definition", name)
            return bool(said)
        return simple and bool(iri) and not compact and (str(iri)[-1] in ":/?#[]@" or str(iri)[:2] == "_:")


def require(held: object, error_code: str, at: object = None) -> None:
    """ContextRefused with that code of JSON-LD, unless it holds."""
    if not held:
        raise ContextRefused(error_code=error_code) if at is None else ContextRefused(error_code=error_code, at=at)


def _is_iri(text: str | None) -> bool:
    return text is not None and (text[:2] == "_:" or has_scheme(text))


def _is_ignored(value: Any) -> bool:  # Any: JSON of any shape
    """Whether JSON-LD has a definition ignored, because it points to what may become a keyword."""
    return isinstance(value, str) and value not in KEYWORDS and is_keyword_shaped(value)


def _base(base: str, said: Any) -> str:  # Any: JSON of any shape
    if said is None:
        return ""
    require(isinstance(said, str), "invalid base IRI", said)
    if has_scheme(said):
        return str(said)
    require(base, "invalid base IRI", said)
    return resolve(base, said)


def _vocabulary(active: ActiveContext, said: Any) -> str | None:  # Any: JSON of any shape
    if said is None:
        return None
    require(isinstance(said, str), "invalid vocab mapping", said)
    if active.legacy:
        require(_is_iri(said), "invalid vocab mapping", said)
    expanded = active.expand(said, vocab=True, relative=True)
    require(_is_iri(expanded) or (said == "" and expanded == ""), "invalid vocab mapping", said)
    return expanded


def _direction(said: Any) -> str | None:  # Any: JSON of any shape
    require(said is None or said in ("ltr", "rtl"), "invalid base direction", said)
    return said  # type: ignore[no-any-return]  # checked on the line above


def _language(name: str, value: dict[str, Any]) -> str | Unset | None:
    if "@language" not in value or "@type" in value:
        return UNSET
    language = value["@language"]
    require(language is None or isinstance(language, str), "invalid language mapping", name)
    return language  # type: ignore[no-any-return]  # checked on the line above
