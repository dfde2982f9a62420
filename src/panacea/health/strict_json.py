"""Strict JSON for health records: numbers keep their written form, and nothing is quietly repaired."""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

from panacea.health.types import JSON, JSONRejected, Number, ResourceRejected
from panacea.primitives import strict_json

MAX_BYTES = 16 * 1024 * 1024
MAX_DEPTH = 40
_MAX_DIGITS = 400
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def parse_json(data: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> JSON:
    """The JSON value of UTF-8 bytes (a byte order mark is allowed): ints are int, other numbers `Number`.

    Raises JSONRejected for a repeated key, NaN, a lone surrogate, too many bytes, levels or digits.
    """
    return strict_json.read_strict(
        data,
        max_bytes=max_bytes,
        max_depth=max_depth,
        integer=_integer,
        number=_number,
        refusal=JSONRejected,
        encoding="utf-8-sig",
    )


def to_json(value: JSON) -> bytes:
    """The UTF-8 bytes of a JSON value, without spaces, members in their order, numbers as they were written.

    Raises ResourceRejected for a binary float or anything else that JSON does not know.
    """
    parts: list[str] = []
    _write(value, parts)
    try:
        return "".join(parts).encode()
    except UnicodeEncodeError as error:
        raise ResourceRejected("a lone surrogate") from error


def written(number: int | Decimal) -> str:
    """How a number stands in JSON; raises ResourceRejected for NaN and infinity."""
    text = number.written if isinstance(number, Number) else str(number)
    if len(text) > _MAX_DIGITS or not _NUMBER.fullmatch(text):
        raise ResourceRejected("not a JSON number", number=text)
    return text


def read_number(text: str) -> int | Number:
    """The number that a JSON text says; raises JSONRejected for anything else."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise JSONRejected("not a JSON number", number=text)
    return _number(text) if match[1] or match[2] else _integer(text)


def require_depth(value: JSON, limit: int) -> None:
    """Refuse JSON of more than `limit` levels of objects and arrays."""
    strict_json.require_depth(value, limit, JSONRejected)


def _number(text: str) -> Number:
    try:
        if len(text) <= _MAX_DIGITS:
            return Number(text)
    except InvalidOperation:
        pass
    raise JSONRejected("number beyond the limits", number=text)


def _integer(text: str) -> int | Number:
    if len(text) > _MAX_DIGITS:
        raise JSONRejected("number beyond the limits", number=text)
    return Number(text) if text == "-0" else int(text)


def _write(value: Any, parts: list[str]) -> None:  # Any: checked here, kind by kind
    if isinstance(value, str):
        parts.append(json.dumps(value, ensure_ascii=False))
    elif value is None or isinstance(value, bool):
        parts.append("null" if value is None else "true" if value else "false")
    elif isinstance(value, int | Decimal):
        parts.append(written(value))
    elif isinstance(value, dict):
        for index, (name, one) in enumerate(value.items()):
            parts.append(("," if index else "{") + json.dumps(name, ensure_ascii=False) + ":")
            _write(one, parts)
        parts.append("}" if value else "{}")
    elif isinstance(value, list):
        for index, one in enumerate(value):
            parts.append("," if index else "[")
            _write(one, parts)
        parts.append("]" if value else "[]")
    else:
        raise ResourceRejected("not a JSON value", kind=type(value).__name__)
