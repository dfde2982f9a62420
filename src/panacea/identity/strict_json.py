"""JSON as identity documents need it: bounded, no repeated keys, no number that Python could misread."""

import itertools
import json
import math
from typing import NoReturn, cast

from panacea.identity.did import IdentityRejected

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
_MAX_DIGITS = 32


class InvalidJSON(IdentityRejected, code=8, text="not acceptable JSON"):
    """Not UTF-8, not JSON, a repeated key, or beyond the limits."""


def read_json(octets: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """The JSON value that UTF-8 octets spell. Raises InvalidJSON.

    Keys that repeat, NaN, infinity, numbers of more than 32 characters and lone surrogates are refused.
    """
    if len(octets) > max_bytes:
        raise InvalidJSON("too large", bytes=len(octets), limit=max_bytes)
    try:
        value = json.loads(
            octets.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_number,
            parse_constant=_refuse,
        )
        require_depth(value, max_depth)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate does not encode
    except UnicodeError as reason:
        raise InvalidJSON("not UTF-8 text") from reason
    except ValueError as reason:
        raise InvalidJSON(str(reason)) from reason
    except RecursionError as reason:
        raise InvalidJSON("nested too deep", limit=max_depth) from reason
    return cast(object, value)  # cast: the library says Any


def read_object(octets: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """The JSON object that UTF-8 octets spell. Raises InvalidJSON."""
    value = read_json(octets, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise InvalidJSON("an object expected")
    return value


def require_depth(value: object, limit: int = MAX_DEPTH) -> None:
    """Refuse JSON of more than `limit` levels of objects and arrays. Raises InvalidJSON."""
    level: list[object] = [value]
    for _ in range(limit + 1):
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
        if not inner:
            return
        level = inner
    raise InvalidJSON("nested too deep", limit=limit)


def write_json(value: object) -> bytes:
    """The UTF-8 octets of a JSON value, without spaces, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = sorted(name for name, _ in pairs)
        raise InvalidJSON("repeated key", key=next(a for a, b in itertools.pairwise(names) if a == b))
    return found


def _integer(text: str) -> int:
    if len(text) > _MAX_DIGITS:
        _refuse(text)
    return int(text)


def _number(text: str) -> float:
    number = float(text) if len(text) <= _MAX_DIGITS else math.inf
    if not math.isfinite(number):
        _refuse(text)
    return number


def _refuse(text: str) -> NoReturn:
    raise InvalidJSON("number beyond the limits", number=text)
