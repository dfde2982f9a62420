"""JSON as identity documents need it: strict and bounded, and no number that Python could misread."""

import json
import math
from typing import NoReturn

from panacea.identity.did import IdentityRejected
from panacea.primitives import strict_json

MAX_BYTES = 256 * 1024
MAX_DEPTH = 32
_MAX_DIGITS = 32


class InvalidJSON(IdentityRejected, code=8, text="not acceptable JSON"):
    """Not UTF-8, not JSON, a repeated key, or beyond the limits."""


def read_json(octets: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> object:
    """The JSON value that UTF-8 octets spell. Raises InvalidJSON.

    Keys that repeat, NaN, infinity, numbers of more than 32 characters and lone surrogates are refused.
    """
    return strict_json.read_strict(
        octets, max_bytes=max_bytes, max_depth=max_depth, integer=_integer, number=_number, refusal=InvalidJSON
    )


def read_object(octets: bytes, *, max_bytes: int = MAX_BYTES) -> dict[str, object]:
    """The JSON object that UTF-8 octets spell. Raises InvalidJSON."""
    value = read_json(octets, max_bytes=max_bytes)
    if not isinstance(value, dict):
        raise InvalidJSON("an object expected")
    return value


def require_depth(value: object, limit: int = MAX_DEPTH) -> None:
    """Refuse JSON of more than `limit` levels of objects and arrays. Raises InvalidJSON."""
    strict_json.require_depth(value, limit, InvalidJSON)


def write_json(value: object) -> bytes:
    """The UTF-8 octets of a JSON value, without spaces, members in their order."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


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
