"""Active contexts and term definitions: the context processing of JSON-LD 1.1 (W3C, §4), compiled for reuse.

Done: @context, @id, @type, @vocab, @language, @container of @list, @set, @language and @graph, scoped contexts,
@protected, @propagate, @prefix, @version. Everything else (@base, @import, @reverse, @nest, @index, @included,
@direction) is refused where it stands, not ignored.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from panacea.credentials.rdf.nquads import is_absolute_iri
from panacea.credentials.rdf.types import ContextRefused, KeywordRefused

KEYWORDS = frozenset(
    {
        "@context",
        "@version",
        "@propagate",
        "@vocab",
        "@direction",
        "@reverse",
        "@base",
        "@value",
        "@container",
        "@json",
        "@prefix",
        "@none",
        "@set",
        "@type",
        "@nest",
        "@import",
        "@language",
        "@protected",
        "@list",
        "@index",
        "@graph",
        "@id",
        "@included",
    }
)
_KEYWORD_SHAPE = re.compile(r"@[A-Za-z]+")
_CONTAINERS: tuple[set[str], ...] = (
    set(),
    {"@list"},
    {"@set"},
    {"@language"},
    {"@language", "@set"},
    {"@graph"},
    {"@graph", "@set"},
)
_TERM_KEYS = frozenset({"@id", "@type", "@container", "@context", "@language", "@protected", "@prefix"})
_MAX_REMEMBERED = 4096

Fetch = Callable[[str], Any]  # Any: a context is JSON of any shape until it is processed


class _Unset:
    """The absence of a value where None is one."""


UNSET = _Unset()


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """What a term stands for; `iri` is None where the context takes its meaning away."""

    iri: str | None
    type: str | None = None
    container: frozenset[str] = frozenset()
    language: str | _Unset | None = UNSET
    context: Any = UNSET  # Any: a scoped context is kept as its JSON until it is used
    protected: bool = False
    prefix: bool = False

    def same_as(self, other: "Term") -> bool:
        """Whether both definitions are equal but for their protection."""
        mine = (self.iri, self.type, self.container, self.language, self.context, self.prefix)
        return mine == (other.iri, other.type, other.container, other.language, other.context, other.prefix)


@dataclass(slots=True, eq=False)
class ActiveContext:
    """The terms in force at a place of a document; never changed once processing handed it out."""

    terms: dict[str, Term] = field(default_factory=dict)
    vocab: str | None = None
    language: str | None = None
    previous: "ActiveContext | None" = None
    aliases: dict[str, frozenset[str]] = field(default_factory=dict)
    followers: dict[Any, "ActiveContext"] = field(default_factory=dict)  # Any: keys made by Contexts
    remembered: dict[str, Term] = field(default_factory=dict)

    def copy(self) -> "ActiveContext":
        """The same terms, to be changed by processing."""
        return ActiveContext(dict(self.terms), self.vocab, self.language, self.previous)

    def names(self, keyword: str) -> frozenset[str]:
        """Every key that means this keyword here."""
        found = self.aliases.get(keyword)
        if found is None:
            found = frozenset({keyword, *(name for name, term in self.terms.items() if term.iri == keyword)})
            self.aliases[keyword] = found
        return found

    def term(self, name: str) -> Term:
        """The definition of a key: its own, or one that the vocabulary or a prefix gives it."""
        found = self.terms.get(name) or self.remembered.get(name)
        if found is None:
            iri = name if name in KEYWORDS else self.expand(name, vocab=True)
            found = Term(iri if iri in KEYWORDS or is_absolute_iri(iri) else None)
            if len(self.remembered) >= _MAX_REMEMBERED:
                self.remembered.clear()
            self.remembered[name] = found
        return found

    def expand(self, value: str, *, vocab: bool, definition: "Definition | None" = None) -> str:
        """IRI expansion (JSON-LD 1.1 §5.2) without a base: what stays relative is returned as it is."""
        if value in KEYWORDS:
            return value
        if definition:
            definition.require(value)
        known = self.terms.get(value)
        if known and (vocab or known.iri in KEYWORDS):
            return known.iri or ""
        if ":" in value[1:]:
            prefix, suffix = value.split(":", 1)
            if prefix == "_" or suffix.startswith("//"):
                return value
            if definition:
                definition.require(prefix)
            known = self.terms.get(prefix)
            if known and known.iri and known.prefix:
                return known.iri + suffix
            if is_absolute_iri(value):
                return value
        if vocab and self.vocab is not None and not _KEYWORD_SHAPE.fullmatch(value):
            return self.vocab + value
        return value


def follow(active: ActiveContext, local: Any, fetch: Fetch, *, override: bool = False, propagate: bool = True,
           seen: tuple[str, ...] = ()) -> ActiveContext:  # fmt: skip
    """The context after `local`, its JSON of any shape, was applied to `active` (Context Processing, §4.1.2).

    `override` allows protected terms to change (property-scoped contexts); without `propagate` (type-scoped ones)
    the former context returns at the next node. Raises ContextRefused or KeywordRefused.
    """
    if isinstance(local, dict) and "@propagate" in local:
        propagate = local["@propagate"]
        _require(isinstance(propagate, bool), "@propagate must be true or false")
    result = active
    if not propagate and result.previous is None:
        result = active.copy()
        result.previous = active
    for context in local if isinstance(local, list) else [local]:
        if context is None:
            guarded = not override and any(term.protected for term in result.terms.values())
            _require(not guarded, "null would clear protected terms")
            result = ActiveContext(previous=None if propagate else result)
        elif isinstance(context, str):
            _require(context not in seen, "a context that includes itself", context)
            result = follow(result, fetch(context), fetch, override=override, seen=(*seen, context))
        else:
            _require(isinstance(context, dict), "a context must be an object, a URL or null", context)
            result = _apply(result, context, override)
    return result


def _apply(active: ActiveContext, local: dict[str, Any], override: bool) -> ActiveContext:
    result = active.copy()
    for keyword in ("@base", "@import", "@direction"):
        if keyword in local:
            raise KeywordRefused("in a context", keyword=keyword)
    _require(local.get("@version", 1.1) in (1.1, "1.1") or str(local["@version"]) == "1.1", "@version must be 1.1")
    if "@vocab" in local:
        result.vocab = _vocabulary(result, local["@vocab"])
    if "@language" in local:
        language = local["@language"]
        _require(language is None or isinstance(language, str), "@language must be a string or null", language)
        result.language = language
    protected = local.get("@protected", False)
    _require(isinstance(protected, bool), "@protected must be true or false")
    definition = Definition(result, local, protected, override)
    for term in local:
        if term not in {"@version", "@vocab", "@language", "@protected", "@propagate"}:
            definition.define(term)
    return result


def _vocabulary(active: ActiveContext, value: Any) -> str | None:  # Any: JSON of any shape
    if value is None:
        return None
    _require(isinstance(value, str), "@vocab must be a string or null", value)
    expanded = active.expand(value, vocab=True)
    _require(is_absolute_iri(expanded), "@vocab must be an absolute IRI", value)
    return expanded


class Definition:
    """Create Term Definition (§4.2.2) for the terms of one context object, in the order they need each other."""

    def __init__(self, active: ActiveContext, local: dict[str, Any], protected: bool, override: bool) -> None:
        self.active = active
        self.local = local
        self.protected = protected
        self.override = override
        self.done: dict[str, bool] = {}

    def require(self, name: str) -> None:
        """Define a name first where this same context defines it."""
        if name in self.local and not self.done.get(name):
            self.define(name)

    def define(self, name: str) -> None:
        """Put one term into the active context."""
        if name in self.done:
            _require(self.done[name], "a term defined by itself", name)
            return
        _require(name != "", "an empty term")
        if name == "@type":
            raise KeywordRefused("redefined in a context", keyword=name)
        _require(not _KEYWORD_SHAPE.fullmatch(name), "a keyword cannot be redefined", name)
        self.done[name] = False
        former = self.active.terms.pop(name, None)
        term = self._read(name, self.local[name])
        if former and former.protected and not self.override:
            _require(former.same_as(term), "a protected term cannot be redefined", name)
            term = former
        self.active.terms[name] = term
        self.done[name] = True

    def _read(self, name: str, value: Any) -> Term:  # Any: JSON of any shape
        simple = isinstance(value, str)
        if value is None or simple:
            value = {"@id": value}
        _require(isinstance(value, dict), "a term must map to a string, an object or null", name)
        for key in value:
            if key not in _TERM_KEYS:
                refusal = KeywordRefused if key in KEYWORDS else ContextRefused
                raise refusal("in a term definition", term=name, keyword=key)
        protected = value.get("@protected", self.protected)
        _require(isinstance(protected, bool), "@protected must be true or false", name)
        iri = self._iri(name, value)
        return Term(
            iri,
            type=self._type(name, value),
            container=_container(name, value),
            language=_language(name, value),
            context=value.get("@context", UNSET),
            protected=protected,
            prefix=_is_prefix(name, value, iri, simple),
        )

    def _type(self, name: str, value: dict[str, Any]) -> str | None:
        if "@type" not in value:
            return None
        _require(isinstance(value["@type"], str), "@type must be a string", name)
        expanded = self.active.expand(value["@type"], vocab=True, definition=self)
        known = expanded in {"@id", "@vocab", "@json", "@none"} or is_absolute_iri(expanded)
        _require(known, "@type must be an absolute IRI", name)
        return expanded

    def _iri(self, name: str, value: dict[str, Any]) -> str | None:
        if "@id" in value and value["@id"] != name:
            return self._explicit_iri(name, value["@id"])
        if ":" in name[1:]:
            prefix, suffix = name.split(":", 1)
            self.require(prefix)
            known = self.active.terms.get(prefix)
            expanded = f"{known.iri}{suffix}" if known else name
            _require(is_absolute_iri(expanded), "a compact IRI without its prefix", name)
            return expanded
        _require("/" not in name and self.active.vocab is not None, "a term without an IRI", name)
        return f"{self.active.vocab}{name}"

    def _explicit_iri(self, name: str, target: Any) -> str | None:  # Any: JSON of any shape
        if target is None:
            return None
        _require(isinstance(target, str), "@id must be a string", name)
        expanded = self.active.expand(target, vocab=True, definition=self)
        _require(expanded != "@context", "@context cannot have another name", name)
        known = expanded in KEYWORDS or is_absolute_iri(expanded)
        _require(known, "@id must be a keyword or an absolute IRI", name)
        if ":" in name[1:-1] or "/" in name:
            self.done[name] = True
            same = self.active.expand(name, vocab=True, definition=self) == expanded
            _require(same, "a compact IRI defined as another one", name)
        return expanded


def _is_prefix(name: str, value: dict[str, Any], iri: str | None, simple: bool) -> bool:
    if "@prefix" in value:
        said = value["@prefix"]
        _require(isinstance(said, bool) and ":" not in name and "/" not in name, "@prefix out of place", name)
        _require(not (said and iri in KEYWORDS), "a keyword cannot be a prefix", name)
        return bool(said)
    return simple and bool(iri) and ":" not in name and "/" not in name and str(iri)[-1] in ":/?#[]@"


def _container(name: str, value: dict[str, Any]) -> frozenset[str]:
    said = value.get("@container", [])
    found = {said} if isinstance(said, str) else set(said) if isinstance(said, list) else None
    _require(found is not None, "@container must be a string or an array", name)
    if found not in _CONTAINERS:
        raise KeywordRefused("in @container", term=name, keyword=said)
    return frozenset(found or ())


def _language(name: str, value: dict[str, Any]) -> str | _Unset | None:
    if "@language" not in value or "@type" in value:
        return UNSET
    language = value["@language"]
    _require(language is None or isinstance(language, str), "@language must be a string or null", name)
    return language  # type: ignore[no-any-return]  # checked on the line above


def _require(held: object, reason: str, at: object = None) -> None:
    if not held:
        raise ContextRefused(reason) if at is None else ContextRefused(reason, at=at)
