"""Type metadata of SD-JWT VC (draft -19, section 4): what a `vct` means, from documents that the caller has at hand.

Nothing is fetched: a document comes from a mapping of URLs to bytes, is held against the digest that names it
(`vct#integrity`, `extends#integrity`), and its rules on disclosure are held against a credential.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Final

from panacea.credentials.formats.jose import read_object
from panacea.credentials.formats.sd_jwt_vc import VerifiedVC
from panacea.credentials.formats.types import MalformedToken, TypeMetadataRejected
from panacea.health.types import JSON

MAX_DOCUMENT: Final = 256 * 1024
MAX_CHAIN: Final = 8
MAX_CLAIMS: Final = 256
MAX_PLACES: Final = 16_384

_HASHES: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}
_RULES: Final = ("always", "allowed", "never")

Path = tuple[str | int | None, ...]


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """What a type says of the claims that a path names: must they be there, may they be disclosable."""

    path: Path
    disclosable: str
    mandatory: bool


@dataclass(frozen=True, slots=True)
class TypeMetadata:
    """A type and those that it extends, the type itself first; `rules` are the claims of all, each path once."""

    vct: str
    name: str | None
    description: str | None
    extends: tuple[str, ...]
    rules: tuple[ClaimRule, ...]
    document: Mapping[str, JSON] = field(repr=False)


def load_type(vct: str, documents: Mapping[str, bytes], *, integrity: JSON = None) -> TypeMetadata:
    """The metadata of a type, extended types included. Raises TypeMetadataRejected.

    A document that is missing, of another type or digest, or that extends itself is refused, and so is a rule that
    loosens one of an extended type.
    """
    chain: list[str] = []
    rules: dict[Path, ClaimRule] = {}
    first: Mapping[str, JSON] = {}
    wanted: JSON = vct
    while wanted is not None:
        if not isinstance(wanted, str) or wanted in chain or len(chain) >= MAX_CHAIN:
            raise TypeMetadataRejected("a type extends itself, or too many", vct=wanted)
        document = _load(wanted, documents, integrity)
        first = first or document
        for rule in _rules(document):
            _require_no_looser(rules.setdefault(rule.path, rule), rule)
        chain.append(wanted)
        wanted, integrity = document.get("extends"), document.get("extends#integrity")
    name, description = (_find_text(first, member) for member in ("name", "description"))
    return TypeMetadata(vct, name, description, tuple(chain[1:]), tuple(rules.values()), first)


def check_type(credential: VerifiedVC, documents: Mapping[str, bytes]) -> TypeMetadata:
    """The metadata of a credential's type, whose rules it keeps. Raises TypeMetadataRejected.

    "always" claims must have come by a disclosure, "never" claims must not. A mandatory claim that is not shown is no
    offence while digests stay closed: it may be behind one.
    """
    metadata = load_type(credential.vct, documents, integrity=credential.claims.get("vct#integrity"))
    shown = frozenset(credential.disclosed)
    left = MAX_PLACES
    for rule in metadata.rules:
        found = list(islice(_places(credential.claims, rule.path), left))
        left -= len(found)
        if not left:
            raise TypeMetadataRejected("its rules name too many claims", limit=MAX_PLACES)
        for place in found:
            if rule.disclosable == "always" and shown.isdisjoint(_way_to(place)):
                raise TypeMetadataRejected("a claim that must be disclosable is not", claim=place)
            if rule.disclosable == "never" and place in shown:
                raise TypeMetadataRejected("a claim that must not be disclosable is", claim=place)
        if rule.mandatory and not found and not credential.hidden:
            raise TypeMetadataRejected("a mandatory claim is missing", path=rule.path)
    return metadata


def require_integrity(octets: bytes, integrity: JSON) -> None:
    """TypeMetadataRejected unless one digest of the strongest kind named fits (W3C Subresource Integrity)."""
    options = [part.split("?")[0].partition("-") for part in integrity.split()] if isinstance(integrity, str) else []
    known = [(name, text) for name, _, text in options if name in _HASHES]
    if not known:
        raise TypeMetadataRejected("no digest of a known kind", integrity=integrity)
    strongest = max(name for name, _ in known)
    digest = _HASHES[strongest](octets).digest()
    if not any(name == strongest and hmac.compare_digest(_decode(text), digest) for name, text in known):
        raise TypeMetadataRejected("a document of another digest", integrity=integrity)


def _load(vct: str, documents: Mapping[str, bytes], integrity: JSON) -> Mapping[str, JSON]:
    octets = documents.get(vct)
    if octets is None:
        raise TypeMetadataRejected("the document of a type is not at hand", vct=vct)
    if integrity is not None:
        require_integrity(octets, integrity)
    try:
        document = read_object(octets, what="type metadata", max_bytes=MAX_DOCUMENT)
    except MalformedToken as error:
        raise TypeMetadataRejected(str(error)) from error
    if document.get("vct") != vct:
        raise TypeMetadataRejected("the document of another type", vct=document.get("vct"), expected=vct)
    return document


def _rules(document: Mapping[str, JSON]) -> Iterable[ClaimRule]:
    claims = document.get("claims", [])
    if not isinstance(claims, list) or len(claims) > MAX_CLAIMS:
        raise TypeMetadataRejected("claims is no list, or too long a one")
    for claim in claims:
        match claim:
            case {"path": [_, *_] as path, **others} if all(_is_step(step) for step in path):
                disclosable, mandatory = others.get("sd", "allowed"), others.get("mandatory", False)
                if not isinstance(disclosable, str) or disclosable not in _RULES or not isinstance(mandatory, bool):
                    raise TypeMetadataRejected("a rule of a kind unknown here", path=path)
                yield ClaimRule(tuple(path), disclosable, mandatory)
            case _:
                raise TypeMetadataRejected("a claim without its path")


def _require_no_looser(nearer: ClaimRule, farther: ClaimRule) -> None:
    """An extending type may narrow "allowed" and make a claim mandatory, never the other way."""
    loosened = farther.disclosable not in ("allowed", nearer.disclosable)
    if loosened or (farther.mandatory and not nearer.mandatory):
        raise TypeMetadataRejected("a type loosens a rule of the type it extends", path=nearer.path)


def _is_step(step: JSON) -> bool:
    return step is None or isinstance(step, str) or (isinstance(step, int) and not isinstance(step, bool) and step >= 0)


def _places(value: JSON, path: Path, place: str = "") -> Iterable[str]:
    """The JSON pointers of what a claims path names: null is each element of an array."""
    if not path:
        yield place
        return
    step, rest = path[0], path[1:]
    if isinstance(step, str) and isinstance(value, dict) and step in value:
        yield from _places(value[step], rest, f"{place}/{step.replace('~', '~0').replace('/', '~1')}")
    elif not isinstance(step, str) and isinstance(value, list):
        indexes = range(len(value)) if step is None else [step] if step < len(value) else []
        for index in indexes:
            yield from _places(value[index], rest, f"{place}/{index}")


def _way_to(place: str) -> Iterable[str]:
    """A pointer and those of all that it lies in."""
    return accumulate(f"/{token}" for token in place.split("/")[1:])


def _find_text(document: Mapping[str, JSON], member: str) -> str | None:
    value = document.get(member)
    return value if isinstance(value, str) else None


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
