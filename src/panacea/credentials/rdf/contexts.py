"""The JSON-LD contexts a process knows: given or bundled, never fetched, processed once."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

from panacea.credentials.rdf.processing import Place, Processing
from panacea.credentials.rdf.terms import UNSET, ActiveContext, Term
from panacea.credentials.rdf.types import ContextRefused

BUNDLED: Final = {
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.json",
    "https://www.w3.org/2018/credentials/v1": "credentials-v1.json",
    "https://www.w3.org/ns/credentials/examples/v2": "credentials-examples-v2.json",
    "https://www.w3.org/ns/credentials/undefined-terms/v2": "credentials-undefined-terms-v2.json",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.json",
    "https://w3id.org/security/data-integrity/v1": "data-integrity-v1.json",
    "https://w3id.org/security/multikey/v1": "multikey-v1.json",
    "https://www.w3.org/ns/did/v1": "did-v1.json",
    "https://w3id.org/citizenship/v4rc1": "citizenship-v4rc1.json",
    "https://w3id.org/vdl/v1": "vdl-v1.json",
    "https://w3id.org/vdl/aamva/v1": "vdl-aamva-v1.json",
}
"""URL to file name of every context that ships with this package."""

_MAX_FOLLOWERS = 256
_MAX_REMEMBERED = 1024
_MAX_KEY = 4096


class Contexts(Mapping[str, Any]):
    """Context documents by URL, each a JSON object with `@context`; what is not in it is refused.

    Processing a context is remembered by its place and its JSON, so a credential like one seen before costs a lookup.
    What is remembered is bounded: about a thousand contexts, none of them given by a large inline value.
    """

    def __init__(self, documents: Mapping[str, Any]) -> None:
        """Know these documents; a mapping that is no dict is asked for each URL when it is first met."""
        self._documents = dict(documents) if isinstance(documents, dict) else documents
        self._roots: dict[tuple[str, bool], ActiveContext] = {}
        self._count = 0

    @classmethod
    @cache
    def bundled(cls) -> Self:
        """The published contexts that ship with this package; each is read when it is first used."""
        return cls({url: _File(name) for url, name in BUNDLED.items()})

    def with_extra(self, documents: Mapping[str, Any]) -> Self:
        """These contexts and more; a URL already known cannot get another document.

        Raises ContextRefused where it would.
        """
        for url, document in documents.items():
            if url in self and self[url] != document:
                raise ContextRefused("a known context cannot be replaced", url=url)
        return type(self)({**self._documents, **documents})

    def __getitem__(self, url: str) -> Any:
        """The context document at that URL, JSON of any shape."""
        found = self._documents[url]
        return found.read() if isinstance(found, _File) else found

    def __contains__(self, url: object) -> bool:
        return url in self._documents

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def root(self, base: str = "", *, legacy: bool = False) -> ActiveContext:
        """The context before any: no term has a meaning; `legacy` is the processing mode json-ld-1.0."""
        found = self._roots.get((base, legacy))
        if found is None:
            found = ActiveContext(base=base, origin=base, legacy=legacy)
            self._remember(self._roots, (base, legacy), found)
        return found

    def embedded(self, active: ActiveContext, local: Any) -> ActiveContext:
        """The context after an `@context` entry, JSON of any shape, met at `active`."""
        key = _key(local)
        known = active.followers.get(("embedded", key))
        if known is not None:
            return known
        found = self._processed(lambda run: run.follow(active, local, Place(active.origin)))
        if not isinstance(key, str) or len(key) <= _MAX_KEY:
            self._remember(active.followers, ("embedded", key), found)
        return found

    def of_property(self, active: ActiveContext, term: Term) -> ActiveContext:
        """The context scoped to the values of a term; it may redefine protected terms."""
        known = active.followers.get(("property", term))
        if known is None:
            place = Place(term.base, override=True)
            known = self._processed(lambda run: run.follow(active, term.context, place))
            self._remember(active.followers, ("property", term), known)
        return known

    def of_types(
        self, active: ActiveContext, types: tuple[str, ...], *, scoped: ActiveContext | None = None,
        propagate: bool = False,
    ) -> ActiveContext:  # fmt: skip
        """The context scoped to a node of these types, which ends at the next node unless it propagates.

        `scoped` is where the types are defined, if that is not `active`.
        """
        scoped = scoped or active
        key = ("types", types, scoped, propagate)
        known = active.followers.get(key)
        if known is not None:
            return known

        def process(run: Processing) -> ActiveContext:
            result = active
            for name in sorted(types):
                term = scoped.terms.get(name)
                if term and term.context is not UNSET:
                    result = run.follow(result, term.context, Place(term.base), propagate=propagate)
            return result

        found = self._processed(process)
        self._remember(active.followers, key, found)
        return found

    def _processed(self, process: Callable[[Processing], ActiveContext]) -> ActiveContext:
        run = Processing(self._fetch)
        found = process(run)
        found.cost = max(found.cost, run.spent)
        return found

    def _remember(self, memory: dict[Any, ActiveContext], key: Any, found: ActiveContext) -> None:  # Any: of each kind
        """Keep a context at the one it follows; when there are too many, all are forgotten at their roots."""
        self._count += 1
        if self._count > _MAX_REMEMBERED:
            self._roots.clear()
            self._count = 0
        if len(memory) >= _MAX_FOLLOWERS:
            memory.clear()
        memory[key] = found

    def _fetch(self, url: str) -> Any:
        try:
            return self[url]
        except KeyError as error:
            code = "loading remote context failed"
            raise ContextRefused("a context not known here; none is ever fetched", url=url, error_code=code) from error


class _File:
    """A bundled context, read once when it is first asked for."""

    __slots__ = ("document", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.document: Any = None

    def read(self) -> Any:
        """The document, JSON of any shape."""
        if self.document is None:
            path = files("panacea.credentials") / "contexts" / self.name
            self.document = json.loads(path.read_bytes(), parse_float=Decimal)
        return self.document


def _key(local: Any) -> object:
    """A hashable stand-in for an `@context` entry of any shape."""
    if isinstance(local, str):
        return local
    if isinstance(local, list) and all(isinstance(url, str) for url in local):
        return tuple(local)
    try:
        return repr(local)
    except RecursionError as error:
        raise ContextRefused("nested too deep", error_code="context overflow") from error
