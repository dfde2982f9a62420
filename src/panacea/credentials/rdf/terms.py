"""Terms and the contexts that are in force: what a key or a value of a JSON-LD document stands for.

How a context comes into force is `processing`; which contexts there are is `contexts`.
"""

import re
from dataclasses import dataclass, field
from typing import Any, Protocol

from panacea.credentials.rdf.iri import has_scheme, resolve
from panacea.credentials.rdf.nquads import is_absolute_iri

KEYWORDS = frozenset(
    {
        "@base",
        "@container",
        "@context",
        "@direction",
        "@graph",
        "@id",
        "@import",
        "@included",
        "@index",
        "@json",
        "@language",
        "@list",
        "@nest",
        "@none",
        "@prefix",
        "@propagate",
        "@protected",
        "@reverse",
        "@set",
        "@type",
        "@value",
        "@version",
        "@vocab",
    }
)
_KEYWORD_SHAPE = re.compile(r"@[A-Za-z]+")
_MAX_REMEMBERED = 512
_MAPS = frozenset({"@index", "@id", "@type"})


class Unset:
    """The absence of a value where None is one."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNSET"


UNSET = Unset()


class Definitions(Protocol):
    """The terms that a context under way still has to define."""

    def require(self, name: str) -> None:
        """Define a name first where this same context defines it."""


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """What a term stands for; `iri` is None where the context takes its meaning away.

    `plain` says that its values follow the commonest rules: those that the one-pass reader knows. `base` is the URL of
    the document that defined it, against which a scoped `context` is read.
    """

    iri: str | None
    type: str | None = None
    container: frozenset[str] = frozenset()
    language: str | Unset | None = UNSET
    direction: str | Unset | None = UNSET
    context: Any = UNSET  # Any: a scoped context is kept as its JSON until it is used
    index: str | None = None
    nest: str | None = None
    reverse: bool = False
    protected: bool = False
    prefix: bool = False
    base: str = ""
    plain: bool = field(init=False)

    def __post_init__(self) -> None:
        """Judge once what readers ask for each value."""
        iri = self.iri
        known = iri is None or iri in KEYWORDS or is_absolute_iri(iri)
        object.__setattr__(
            self, "plain", known and not self.reverse and self.direction is UNSET and not self.container & _MAPS
        )

    def same_as(self, other: "Term") -> bool:
        """Whether both definitions are equal but for their protection."""
        mine = (self.iri, self.type, self.container, self.language, self.context, self.prefix)
        theirs = (other.iri, other.type, other.container, other.language, other.context, other.prefix)
        more = (self.direction, self.index, self.nest, self.reverse)
        return mine == theirs and more == (other.direction, other.index, other.nest, other.reverse)


NO_TERM = Term(None)


@dataclass(slots=True, eq=False)
class ActiveContext:
    """The terms in force at a place of a document; never changed once processing handed it out.

    `base` resolves relative IRIs ("" where there is none), `origin` is the URL of the document, `legacy` is the
    processing mode json-ld-1.0, and `cost` is the work that making it took, in term definitions.
    """

    terms: dict[str, Term] = field(default_factory=dict)
    base: str = ""
    origin: str = ""
    vocab: str | None = None
    language: str | None = None
    direction: str | None = None
    previous: "ActiveContext | None" = None
    legacy: bool = False
    cost: int = 0
    aliases: dict[str, frozenset[str]] = field(default_factory=dict)
    followers: dict[Any, "ActiveContext"] = field(default_factory=dict)  # Any: keys made by Contexts
    remembered: dict[str, Term] = field(default_factory=dict)
    inverse: Any = None  # Any: made by `compaction` when it first asks

    def copy(self) -> "ActiveContext":
        """The same terms, to be changed by processing."""
        return ActiveContext(
            dict(self.terms), self.base, self.origin, self.vocab, self.language, self.direction, self.previous,
            self.legacy,
        )  # fmt: skip

    def cleared(self) -> "ActiveContext":
        """The context before any, in the same document."""
        return ActiveContext(base=self.origin, origin=self.origin, legacy=self.legacy)

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
            iri = self.expand(name, vocab=True)
            found = Term(iri if iri in KEYWORDS or is_absolute_iri(iri or "") else None)
            if len(self.remembered) >= _MAX_REMEMBERED:
                self.remembered.clear()
            self.remembered[name] = found
        return found

    def expand(
        self, value: str, *, vocab: bool = False, relative: bool = False, definitions: Definitions | None = None
    ) -> str | None:
        """IRI Expansion (JSON-LD API §5.2): `relative` resolves against the base; None where a term has no meaning.

        What stays relative is returned as it is.
        """
        if value in KEYWORDS:
            return value
        if value[:1] == "@" and is_keyword_shaped(value):
            return None
        if definitions:
            definitions.require(value)
        known = self.terms.get(value)
        if known and (vocab or known.iri in KEYWORDS):
            return known.iri
        if ":" in value[1:]:
            prefix, suffix = value.split(":", 1)
            if prefix == "_" or suffix.startswith("//"):
                return value
            if definitions:
                definitions.require(prefix)
            known = self.terms.get(prefix)
            if known and known.iri and known.prefix:
                return known.iri + suffix
            if has_scheme(value):
                return value
        if vocab and self.vocab is not None:
            return self.vocab + value
        return resolve(self.base, value) if relative else value


def is_keyword_shaped(text: str) -> bool:
    """Whether the text looks like a keyword, which JSON-LD keeps for its future."""
    return _KEYWORD_SHAPE.fullmatch(text) is not None
