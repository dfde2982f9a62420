"""Selective disclosure over canonical statements: JSON pointers, groups and HMAC labels.

The functions of vc-di-ecdsa §3.4 that bbs-2023 builds on. Where the specification skolemises an expanded document with
`urn:bnid:` identifiers, each JSON object here carries its blank node label in itself, through every selection; the
statements are the same. RDF lists keep their labels too, so a list may be disclosed whole.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from panacea.credentials.rdf.canonical import canonical_labels, canonicalize, relabelled
from panacea.credentials.rdf.contexts import Contexts
from panacea.credentials.rdf.labelled import labelled, list_like, object_like
from panacea.credentials.rdf.one_pass import Reader
from panacea.credentials.rdf.statements import to_quads
from panacea.credentials.rdf.terms import NO_TERM, ActiveContext, Term
from panacea.credentials.rdf.types import PointerRejected, Quad, ValueRefused
from panacea.crypto import base64url

_KEPT = frozenset({"id", "type", "@id", "@type"})

LabelMap = Mapping[str, str]
LabelMapFactory = Callable[[LabelMap], LabelMap]
"""From the labels of a canonicalisation (input label to `c14nN`) to the labels wanted (input label to new label)."""


@dataclass(frozen=True, slots=True)
class Group:
    """A named part of a document: which of its statements the selection holds, and those as quads of input labels."""

    matching: dict[int, str]
    non_matching: dict[int, str]
    quads: tuple[Quad, ...]


@dataclass(frozen=True, slots=True)
class Grouped:
    """A document's statements as sorted lines under new labels, `labels` from input to new label, and its groups."""

    lines: tuple[str, ...]
    labels: LabelMap
    groups: Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """The part of a document that a holder shows, and how it lies in the whole that the issuer signed.

    `signed` are the lines that are not mandatory, each signed by itself, and `selective` the positions among them of
    those shown. `labels` leads the canonical labels of the part back to the signed ones; `mandatory_indexes` are the
    positions of mandatory lines among all lines shown.
    """

    signed: tuple[str, ...]
    selective: tuple[int, ...]
    labels: LabelMap
    mandatory_indexes: tuple[int, ...]
    document: dict[str, Any]  # Any: a JSON-LD document


def select(document: dict[str, Any], pointers: Sequence[str], contexts: Contexts | None = None) -> dict[str, Any]:
    """The part of a document that JSON pointers name, with every identifier and type on the way (§3.4.11-13).

    These are the members `id`, `type`, `@id` and `@type`, and with `contexts` whatever else names them there, but no
    blank node identifiers. Each `@context` on the way stays too, or words would change their meaning.
    Array items that no pointer names are left out and the others close up. No pointer at all selects nothing: {}.
    Raises PointerRejected for a pointer that is malformed or that names nothing, JSONLDRejected for contexts.
    """
    if not pointers:
        return {}
    wanted: dict[str, Any] = {}
    for pointer in pointers:
        node = wanted
        for token in parse_pointer(pointer):
            node = node.setdefault(token, {})
        node[""] = pointer
    if "" in wanted:
        return document
    selected: dict[str, Any] = _Projection(contexts).of(document, wanted, contexts.root() if contexts else None)
    return selected


def parse_pointer(pointer: str) -> list[str]:
    """The tokens of a JSON pointer (RFC 6901)."""
    if pointer and not pointer.startswith("/"):
        raise PointerRejected("it must be empty or begin with /", pointer=pointer)
    tokens = pointer.split("/")[1:]
    for token in tokens:
        if not token or "~" in token.replace("~0", "").replace("~1", ""):
            raise PointerRejected("an empty token or a bad escape", pointer=pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in tokens]


def canonicalize_and_group(
    document: dict[str, Any], factory: LabelMapFactory, groups: Mapping[str, Sequence[str]], contexts: Contexts
) -> Grouped:
    """A document's statements under the labels of a factory, and the groups that pointers select (§3.4.16).

    Raises PointerRejected also for a pointer into an RDF list, which can be disclosed only whole.
    """
    whole = labelled(document)
    quads = to_quads(whole, contexts)
    lines, labels = canonical_lines(quads, factory)
    prefixed = {f"_:{old}": f"_:{new}" for old, new in labels.items()}
    places = {line: index for index, line in enumerate(lines)}
    found = {}
    for name, pointers in groups.items():
        part = to_quads(select(whole, pointers, contexts), contexts) if pointers else []
        chosen = relabelled(part, prefixed)
        if not all(line in places for line in chosen):
            raise PointerRejected("a list can be disclosed only whole", group=name)
        inside = set(chosen)
        found[name] = Group(
            matching={places[line]: line for line in chosen},
            non_matching={index: line for line, index in places.items() if line not in inside},
            quads=tuple(part),
        )
    return Grouped(lines, labels, found)


def disclose(
    document: dict[str, Any],  # Any: a JSON-LD document
    factory: LabelMapFactory,
    *,
    mandatory_pointers: Sequence[str],
    selective_pointers: Sequence[str],
    contexts: Contexts,
) -> Disclosure:
    """What the issuer's and the holder's pointers show together (createDisclosureData of vc-di-ecdsa and vc-di-bbs).

    Raises PointerRejected also when nothing would be shown.
    """
    pointers = (*mandatory_pointers, *selective_pointers)
    if not pointers:
        raise PointerRejected("nothing would be shown")
    groups = {"mandatory": mandatory_pointers, "selective": selective_pointers}
    grouped = canonicalize_and_group(document, factory, groups, contexts)
    mandatory, selected = grouped.groups["mandatory"], grouped.groups["selective"]
    signed = [index for index in range(len(grouped.lines)) if index not in mandatory.matching]
    # What a verifier will see, canonical by itself: its labels are led back to those that were signed.
    seen = canonicalize((*mandatory.quads, *selected.quads)).labels
    shown = sorted(mandatory.matching.keys() | selected.matching.keys())
    return Disclosure(
        signed=tuple(grouped.lines[index] for index in signed),
        selective=tuple(position for position, index in enumerate(signed) if index in selected.matching),
        labels={canonical: grouped.labels[label] for label, canonical in seen.items()},
        mandatory_indexes=tuple(position for position, index in enumerate(shown) if index in mandatory.matching),
        document=select(document, pointers, contexts),
    )


def canonical_lines(quads: Iterable[Quad], factory: LabelMapFactory) -> tuple[tuple[str, ...], LabelMap]:
    """The sorted lines under the labels that a factory makes of the canonical ones, and those labels (§3.4.1)."""
    quads = list(quads)
    labels = dict(factory(canonical_labels(quads)))
    return relabelled(quads, {f"_:{old}": f"_:{new}" for old, new in labels.items()}), labels


def shuffled_labels(key: bytes) -> LabelMapFactory:
    """The factory of bbs-2023 (vc-di-bbs §3.3.2): `b0`, `b1`, … in the order of HMAC-SHA-256 of canonical labels."""

    def factory(canonical: LabelMap) -> LabelMap:
        digests = {old: _digest(key, label) for old, label in canonical.items()}
        order = {digest: f"b{index}" for index, digest in enumerate(sorted(digests.values()))}
        return {old: order[digest] for old, digest in digests.items()}

    return factory


def hmac_labels(key: bytes) -> LabelMapFactory:
    """The factory of ecdsa-sd-2023 (vc-di-ecdsa §3.4.3): each label becomes its HMAC-SHA-256, as base64url."""
    return lambda canonical: {old: _digest(key, label) for old, label in canonical.items()}


def replaced_labels(replacement: LabelMap) -> LabelMapFactory:
    """The factory of a verifier: each canonical label (`c14nN`) gets the label that the proof gives it.

    The factory raises ValueRefused where the proof gives none, or gives one to two nodes.
    """

    def factory(canonical: LabelMap) -> LabelMap:
        if set(replacement) != set(canonical.values()) or len(set(replacement.values())) != len(replacement):
            raise ValueRefused("the label map does not fit the document", labels=len(replacement))
        return {old: replacement[label] for old, label in canonical.items()}

    return factory


def _digest(key: bytes, label: str) -> str:
    digest = hmac.digest(key, label.encode(), hashlib.sha256)
    return "u" + base64url.encode(digest)


class _Projection:
    """The part of a document that a tree of pointer tokens names; it follows the contexts where they are given."""

    def __init__(self, contexts: Contexts | None) -> None:
        self.contexts = contexts
        self.reader = Reader(contexts) if contexts is not None else None

    def of(
        self, value: Any, wanted: dict[str, Any], active: ActiveContext | None, term: Term = NO_TERM, *, last: str = ""
    ) -> Any:
        """The part of a JSON value of any shape, met under `term`."""
        if "" in wanted:
            return value
        if isinstance(value, list):
            tokens = sorted(wanted, key=lambda token: _index(token, value))
            return list_like(value, [self.of(value[int(one)], wanted[one], active, term, last=one) for one in tokens])
        if not isinstance(value, dict) or not wanted.keys() <= value.keys():
            raise PointerRejected("it names nothing", near=last, tokens=sorted(wanted))
        kept = _KEPT
        if active is not None:
            active = self._inside(value, active, term)
            kept = kept | active.names("@id") | active.names("@type")
        part: dict[str, Any] = {}
        for name, one in value.items():
            if name == "@context" or (name in kept and _is_name(one)):
                if name in wanted:
                    self.of(one, wanted[name], None, last=name)  # a pointer into it must name something
                if name in wanted or not (isinstance(one, str) and one.startswith("_:")):
                    part[name] = one
            elif name in wanted:
                inner = active.term(name) if active is not None else NO_TERM
                part[name] = self.of(one, wanted[name], active, inner, last=name)
        return object_like(value, part)

    def _inside(self, value: dict[str, Any], active: ActiveContext, term: Term) -> ActiveContext:
        """The context inside an object."""
        assert self.reader is not None  # there is an active context only with contexts
        active = self.reader.enter(value, active, term)
        types = self.reader.types(value, active)
        return self.reader.contexts.of_types(active, types) if types else active


def _is_name(value: Any) -> bool:
    """Whether a value can be an identifier or types, and not a part of the document with parts of its own."""
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _index(token: str, values: list[Any]) -> int:
    if not (len(token) < 10 and token.isascii() and token.isdigit() and str(int(token)) == token):
        raise PointerRejected("not an index", token=token)
    if int(token) >= len(values):
        raise PointerRejected("it names nothing", token=token)
    return int(token)
