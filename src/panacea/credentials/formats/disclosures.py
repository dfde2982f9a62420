"""Disclosures of SD-JWT (RFC 9901): claims leave a payload behind a digest, and come back where it stands.

    hide(claims, pointers)      -> a payload of digests, and a disclosure for each pointer
    open_payload(payload, …)    -> the claims, what was disclosed, how many digests stayed closed

Every refusal of RFC 9901 §7.1 is here. Depth, number and size are bounded before anything is hashed.
"""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from panacea.credentials.formats import base64url
from panacea.credentials.formats.jose import MAX_DEPTH
from panacea.credentials.formats.types import DisclosureRejected, MalformedToken
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSON, JSONRejected
from panacea.primitives.time import Random

DIGESTS: Final[Mapping[str, Callable[[bytes], "hashlib._Hash"]]] = {
    "sha-256": hashlib.sha256,
    "sha-384": hashlib.sha384,
    "sha-512": hashlib.sha512,
}
"""The hash functions, by their names in the IANA registry of named information."""

DEFAULT_DIGEST: Final = "sha-256"
MAX_DISCLOSURES: Final = 4096
MAX_DIGESTS: Final = 16_384
SALT_BYTES: Final = 16
RESERVED: Final = ("_sd", "...", "_sd_alg")

_INDEX: Final = re.compile(r"0|[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True)
class Disclosure:
    """A claim and its salt, as the text that a holder hands on; `name` is None for an element of an array."""

    text: str
    name: str | None
    value: JSON = field(repr=False)

    @classmethod
    def make(cls, name: str | None, value: JSON, *, random: Random) -> "Disclosure":
        """A disclosure under a new salt of 128 bits."""
        salt = base64url.encode(random.token(SALT_BYTES))
        parts = [salt, value] if name is None else [salt, name, value]
        return cls(base64url.encode(to_json(parts)), name, value)

    @classmethod
    def read(cls, text: str) -> "Disclosure":
        """Read a disclosure. Raises DisclosureRejected."""
        try:
            parts = parse_json(base64url.decode(text), max_depth=MAX_DEPTH)
        except (JSONRejected, MalformedToken) as error:
            raise DisclosureRejected(f"a disclosure is no JSON in base64url: {error}") from error
        match parts:
            case [str(), value]:
                return cls(text, None, value)
            case [str(), str(name), value] if name not in RESERVED:
                return cls(text, name, value)
        raise DisclosureRejected("a disclosure is [salt, value] or [salt, name, value], the name not reserved")

    def digest(self, algorithm: str) -> str:
        """base64url of the hash of the text as it stands."""
        return base64url.encode(DIGESTS[algorithm](self.text.encode()).digest())


def hide(
    claims: Mapping[str, JSON],
    pointers: Sequence[str],
    *,
    random: Random,
    algorithm: str = DEFAULT_DIGEST,
    decoys: Mapping[str, int] | None = None,
) -> tuple[dict[str, JSON], list[Disclosure]]:
    """The payload in which each of `pointers` is a digest, and the disclosures that open them, outermost first.

    A pointer below another makes a disclosure within a disclosure. `decoys` adds digests of nothing to the objects and
    arrays that its pointers name ("" is the payload). Raises DisclosureRejected for a pointer that names nothing or
    the whole, one that stands twice, an unknown hash, or claims with reserved names.
    """
    if algorithm not in DIGESTS:
        raise DisclosureRejected("unknown hash function", algorithm=algorithm)
    if len(set(pointers)) != len(pointers) or len(pointers) > MAX_DISCLOSURES:
        raise DisclosureRejected("a pointer stands twice, or too many of them", pointers=len(pointers))
    payload: dict[str, JSON] = _copy(dict(claims), 0)
    places = [_split(pointer) for pointer in pointers]
    for tokens in places:
        _find(payload, tokens)
    for pointer, count in (decoys or {}).items():
        _add_decoys(_find(payload, _split(pointer)), count, random=random, algorithm=algorithm)
    made: list[Disclosure] = []
    for tokens in sorted(places, key=len, reverse=True):
        made.append(_hide_one(payload, tokens, random=random, algorithm=algorithm))
    _sort(payload)
    if made or decoys:
        payload["_sd_alg"] = algorithm
    return payload, made[::-1]


@dataclass(frozen=True, slots=True)
class Opened:
    """The claims behind a payload, the pointer of each disclosure in them, and how many digests stayed closed.

    Pointers count the elements of arrays as they stand in `claims`: those that stay hidden are not there.
    """

    claims: dict[str, JSON]
    pointers: Mapping[str, Disclosure]
    hidden: int


def open_payload(payload: Mapping[str, JSON], disclosures: Sequence[str]) -> Opened:
    """The claims of a payload with what the disclosures add (RFC 9901 §7.1). Raises DisclosureRejected."""
    algorithm = algorithm_of(payload)
    if len(disclosures) > MAX_DISCLOSURES:
        raise DisclosureRejected("too many disclosures", found=len(disclosures), limit=MAX_DISCLOSURES)
    waiting: dict[str, Disclosure] = {}
    for text in disclosures:
        disclosure = Disclosure.read(text)
        if waiting.setdefault(disclosure.digest(algorithm), disclosure) is not disclosure:
            raise DisclosureRejected("a disclosure stands twice")
    opening = _Opening(waiting)
    claims = opening.object({name: value for name, value in payload.items() if name != "_sd_alg"}, "", 0)
    if waiting:
        raise DisclosureRejected("disclosures that nothing refers to", unused=len(waiting))
    return Opened(claims, opening.pointers, len(opening.seen) - len(opening.pointers))


def algorithm_of(payload: Mapping[str, JSON]) -> str:
    """The hash function of a payload. Raises DisclosureRejected for an unknown one."""
    algorithm = payload.get("_sd_alg", DEFAULT_DIGEST)
    if not isinstance(algorithm, str) or algorithm not in DIGESTS:
        raise DisclosureRejected("unknown hash function", algorithm=algorithm)
    return algorithm


def is_below(pointer: str, above: str) -> bool:
    """Whether a pointer names what another names, or something in it."""
    return pointer == above or pointer.startswith(f"{above}/")


def require_hideable(pointers: Iterable[str], shown: Collection[str]) -> None:
    """DisclosureRejected for a pointer to a member that must always be shown, one of `shown`, or into one."""
    for pointer in pointers:
        for name in shown:
            if is_below(pointer, f"/{name}"):
                raise DisclosureRejected("this must always be shown", member=name)


class _Opening:
    """Walks a payload once; `waiting` shrinks as digests find their disclosures."""

    def __init__(self, waiting: dict[str, Disclosure]) -> None:
        self.waiting = waiting
        self.seen: set[str] = set()
        self.pointers: dict[str, Disclosure] = {}

    def value(self, value: JSON, path: str, depth: int) -> JSON:
        if depth > MAX_DEPTH:
            raise DisclosureRejected("nested too deep", limit=MAX_DEPTH)
        if isinstance(value, dict):
            return self.object(value, path, depth)
        return self.array(value, path, depth) if isinstance(value, list) else value

    def object(self, value: Mapping[str, JSON], path: str, depth: int) -> dict[str, JSON]:
        if "..." in value:
            raise DisclosureRejected("... stands outside an array", near=path)
        found = {
            name: self.value(one, f"{path}/{_escape(name)}", depth + 1) for name, one in value.items() if name != "_sd"
        }
        digests = value.get("_sd", [])
        if not isinstance(digests, list):
            raise DisclosureRejected("_sd is no list", near=path)
        for digest in digests:
            disclosure = self.find(digest)
            if disclosure is None:
                continue
            if disclosure.name is None:
                raise DisclosureRejected("an element of an array where a claim is hidden", near=path)
            if disclosure.name in found or disclosure.name in value:
                raise DisclosureRejected("a disclosed claim is there already", name=disclosure.name, near=path)
            inner = f"{path}/{_escape(disclosure.name)}"
            self.pointers[inner] = disclosure
            found[disclosure.name] = self.value(disclosure.value, inner, depth + 1)
        return found

    def array(self, value: list[JSON], path: str, depth: int) -> list[JSON]:
        found: list[JSON] = []
        for one in value:
            inner = f"{path}/{len(found)}"
            if not isinstance(one, dict) or "..." not in one:
                found.append(self.value(one, inner, depth + 1))
                continue
            if len(one) != 1:
                raise DisclosureRejected("a hidden element has other members", near=inner)
            disclosure = self.find(one["..."])
            if disclosure is None:
                continue
            if disclosure.name is not None:
                raise DisclosureRejected("a claim where an element of an array is hidden", near=inner)
            self.pointers[inner] = disclosure
            found.append(self.value(disclosure.value, inner, depth + 1))
        return found

    def find(self, digest: JSON) -> Disclosure | None:
        """The disclosure of a digest, each of which may stand but once in all."""
        if not isinstance(digest, str) or digest in self.seen:
            raise DisclosureRejected("a digest is no text, or stands twice")
        self.seen.add(digest)
        if len(self.seen) > MAX_DIGESTS:
            raise DisclosureRejected("too many digests", limit=MAX_DIGESTS)
        return self.waiting.pop(digest, None)


def _hide_one(payload: JSON, tokens: list[str], *, random: Random, algorithm: str) -> Disclosure:
    if not tokens:
        raise DisclosureRejected("the whole cannot be hidden")
    container, last = _find(payload, tokens[:-1]), tokens[-1]
    if isinstance(container, dict) and last in container:
        made = Disclosure.make(last, _sort(container.pop(last)), random=random)
        container.setdefault("_sd", []).append(made.digest(algorithm))
        return made
    if isinstance(container, list):
        index = _index(last, container)
        made = Disclosure.make(None, _sort(container[index]), random=random)
        container[index] = {"...": made.digest(algorithm)}
        return made
    raise DisclosureRejected("a pointer names nothing", token=last)


def _add_decoys(container: JSON, count: int, *, random: Random, algorithm: str) -> None:
    made = [base64url.encode(DIGESTS[algorithm](random.token(32)).digest()) for _ in range(count)]
    if isinstance(container, dict):
        container.setdefault("_sd", []).extend(made)
    elif isinstance(container, list):
        container.extend({"...": digest} for digest in made)
    else:
        raise DisclosureRejected("decoys stand in objects and arrays")


def _sort(value: JSON) -> JSON:
    """The value with each list of digests in the order of the digests, which tells nothing of the order of claims."""
    waiting: list[JSON] = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            if "_sd" in one:
                one["_sd"].sort()
            waiting.extend(inner for name, inner in one.items() if name != "_sd")
        elif isinstance(one, list):
            waiting.extend(one)
    return value


def _copy(value: JSON, depth: int) -> JSON:
    """A copy of plain JSON; DisclosureRejected for reserved names."""
    if depth > MAX_DEPTH:
        raise DisclosureRejected("nested too deep", limit=MAX_DEPTH)
    if isinstance(value, dict):
        for name in RESERVED:
            if name in value:
                raise DisclosureRejected("a claim has a reserved name", name=name)
        return {name: _copy(one, depth + 1) for name, one in value.items()}
    return [_copy(one, depth + 1) for one in value] if isinstance(value, list) else value


def _split(pointer: str) -> list[str]:
    """The tokens of a JSON pointer (RFC 6901)."""
    if pointer and not pointer.startswith("/"):
        raise DisclosureRejected("a pointer begins with /", pointer=pointer)
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def _escape(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _find(payload: JSON, tokens: Sequence[str]) -> JSON:
    found = payload
    for token in tokens:
        if isinstance(found, dict) and token in found:
            found = found[token]
        elif isinstance(found, list):
            found = found[_index(token, found)]
        else:
            raise DisclosureRejected("a pointer names nothing", token=token)
    return found


def _index(token: str, values: list[JSON]) -> int:
    if (
        len(token) < 10
        and token.isascii()
        and token.isdigit()
        and str(int(token)) == token
        and int(token) < len(values)
    ):
        return int(token)
    raise DisclosureRejected("a pointer names no element", token=token)
