"""The JSON-LD contexts a process knows: frozen, bundled as files, never fetched, compiled once."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any, Self

from panacea.credentials.rdf.terms import UNSET, ActiveContext, Term, follow
from panacea.credentials.rdf.types import ContextRefused

BUNDLED = {
    "https://www.w3.org/ns/credentials/v2": "credentials-v2.json",
    "https://w3id.org/security/data-integrity/v2": "data-integrity-v2.json",
    "https://w3id.org/security/multikey/v1": "multikey-v1.json",
    "https://www.w3.org/ns/did/v1": "did-v1.json",
}
_MAX_FOLLOWERS = 256


class Contexts(Mapping[str, Any]):
    """Context documents by URL, each a JSON object with `@context`; what is not in it is refused.

    Processing a context is remembered by its place and its JSON, so a credential like one seen before costs a lookup.
    """

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self._documents = dict(documents)
        self._root = ActiveContext()

    @classmethod
    @cache
    def bundled(cls) -> Self:
        """The published W3C contexts that ship with this package."""
        folder = files("panacea.credentials") / "contexts"
        return cls({url: _read((folder / name).read_bytes()) for url, name in BUNDLED.items()})

    def with_extra(self, documents: Mapping[str, Any]) -> Self:
        """These contexts and more; a URL already known cannot get another document.

        Raises ContextRefused where it would.
        """
        for url, document in documents.items():
            if self._documents.get(url, document) != document:
                raise ContextRefused("a known context cannot be replaced", url=url)
        return type(self)({**self._documents, **documents})

    def __getitem__(self, url: str) -> Any:
        """The context document at that URL, JSON of any shape."""
        return self._documents[url]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def root(self) -> ActiveContext:
        """The context before any: no term has a meaning."""
        return self._root

    def embedded(self, active: ActiveContext, local: Any) -> ActiveContext:
        """The context after an `@context` entry, JSON of any shape, met at `active`."""
        return self._remembered(active, ("embedded", _key(local)), lambda: follow(active, local, self._fetch))

    def of_property(self, active: ActiveContext, term: Term) -> ActiveContext:
        """The context scoped to the values of a term; it may redefine protected terms."""
        return self._remembered(
            active, ("property", term), lambda: follow(active, term.context, self._fetch, override=True)
        )

    def of_types(self, active: ActiveContext, types: tuple[str, ...]) -> ActiveContext:
        """The context scoped to a node of these types, which end at the next node."""

        def process() -> ActiveContext:
            result = active
            for name in sorted(types):
                term = active.terms.get(name)
                if term and term.context is not UNSET:
                    result = follow(result, term.context, self._fetch, propagate=False)
            return result

        return self._remembered(active, ("types", types), process)

    def _remembered(
        self, active: ActiveContext, key: tuple[str, object], process: Callable[[], ActiveContext]
    ) -> ActiveContext:
        found = active.followers.get(key)
        if found is None:
            found = process()
            if len(active.followers) >= _MAX_FOLLOWERS:
                active.followers.clear()
            active.followers[key] = found
        return found

    def _fetch(self, url: str) -> Any:
        document = self._documents.get(url)
        if not isinstance(document, dict) or "@context" not in document:
            raise ContextRefused("not a context known here; none is ever fetched", url=url)
        return document["@context"]


def _key(local: Any) -> object:
    """A hashable stand-in for an `@context` entry of any shape."""
    if isinstance(local, str):
        return local
    if isinstance(local, list) and all(isinstance(url, str) for url in local):
        return tuple(local)
    try:
        return json.dumps(local, default=str)
    except (TypeError, ValueError) as error:
        raise ContextRefused("not JSON") from error


def _read(text: bytes) -> Any:
    return json.loads(text, parse_float=Decimal)
