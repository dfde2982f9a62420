"""IRI references: resolution against a base (RFC 3986 §5.2, strict), and the way back."""

import re
from functools import lru_cache
from typing import NamedTuple

_PARTS = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.\-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_SCHEMED = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:\S*")
_MAX_REMEMBERED = 512


class _Reference(NamedTuple):
    """The five components of an IRI reference; None where one is absent, which differs from empty."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None
    fragment: str | None

    def text(self) -> str:
        """The reference, recomposed (§5.3)."""
        scheme = "" if self.scheme is None else f"{self.scheme}:"
        authority = "" if self.authority is None else f"//{self.authority}"
        query = "" if self.query is None else f"?{self.query}"
        return scheme + authority + self.path + query + ("" if self.fragment is None else f"#{self.fragment}")


def has_scheme(text: str) -> bool:
    """Whether the text has the form of an absolute IRI: a scheme, a colon, no white space."""
    return _SCHEMED.fullmatch(text) is not None


def resolve(base: str, reference: str) -> str:
    """The IRI that a reference stands for under a base; an empty base leaves the reference as it is."""
    if not base:
        return reference
    if len(base) + len(reference) > _MAX_REMEMBERED:
        return _resolve(base, reference)
    return _remembered(base, reference)


def relative_to(base: str, iri: str) -> str:
    """The shortest reference by path that leads from a base back to this IRI, or the IRI where there is none."""
    here, there = _split(base), _split(iri)
    if not base or here.scheme is None or here[:2] != there[:2]:
        return iri
    start, end = here.path.split("/")[:-1], there.path.split("/")
    same = 0
    while same < min(len(start), len(end) - 1) and start[same] == end[same]:
        same += 1
    path = "../" * (len(start) - same) + "/".join(end[same:])
    if path == here.path.rpartition("/")[2] and (there.query is not None or there.fragment is not None):
        path = ""  # the base's own document: its query or fragment alone is enough
    elif not path:
        path = "./"
    if ":" in path.split("/")[0]:
        path = f"./{path}"
    found = _Reference(None, None, path, there.query, there.fragment).text()
    return found if _resolve(base, found) == iri else iri


def _split(text: str) -> _Reference:
    match = _PARTS.fullmatch(text)
    assert match is not None  # every text is a reference
    scheme, authority, path, query, fragment = match.groups()
    return _Reference(scheme, authority, path, query, fragment)


def _resolve(base: str, reference: str) -> str:
    here, wanted = _split(base), _split(reference)
    if wanted.scheme is not None:
        return wanted._replace(path=_without_dots(wanted.path)).text()
    if wanted.authority is not None:
        return wanted._replace(scheme=here.scheme, path=_without_dots(wanted.path)).text()
    if not wanted.path:
        query = here.query if wanted.query is None else wanted.query
        return here._replace(query=query, fragment=wanted.fragment).text()
    if wanted.path.startswith("/"):
        path = wanted.path
    elif here.authority is not None and not here.path:
        path = f"/{wanted.path}"
    else:
        path = here.path[: here.path.rfind("/") + 1] + wanted.path
    return _Reference(here.scheme, here.authority, _without_dots(path), wanted.query, wanted.fragment).text()


_remembered = lru_cache(maxsize=4096)(_resolve)


def _without_dots(path: str) -> str:
    """Remove Dot Segments (§5.2.4), segment by segment."""
    if "." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == ".." and (len(kept) > 1 or kept not in ([""], [])):
            kept.pop()
        if segment not in {".", ".."}:
            kept.append(segment)
        elif last:
            kept.append("")
    found = "/".join(kept)
    return found if found.startswith("/") or not path.startswith("/") else f"/{found}"
