"""Parameters of RPC methods: how each kind is written in JSON and in a URL, and how a call is matched to a method.

          JSON                         URL
TEXT      a text                       "a text", or 0x… for its bytes
WHOLE     "5", or 5                    5, or "5"
FLAG      true, false                  true, false
HEX       hexadecimal digits           0x…, or "characters" for their bytes
BYTES     base64                       0x…, or "characters" for their bytes

The kinds are CometBFT's. A parameter that is absent, null or empty has its method's default, and one that the method
does not know is passed over.
"""

import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from panacea.primitives.rejected import Rejected

JSON = Any  # Any: parameters before they are looked at, and answers of our own writing

MAX_PER_PAGE = 100
PER_PAGE = 30
_WHOLE = re.compile(r"-?[0-9]{1,19}")


class RPCRefused(Rejected, codespace="rpc", code=2):
    """A method understood and has no answer; `error` and `message` are JSON-RPC's number and words for the reason."""

    error: ClassVar[int] = -32603
    message: ClassVar[str] = "Internal error"


class InvalidParams(RPCRefused, code=3):
    """A parameter is not what it should be."""

    error, message = -32602, "Invalid params"


class UnknownMethod(RPCRefused, code=4):
    """There is no such method."""

    error, message = -32601, "Method not found"


class InvalidRequest(RPCRefused, code=5):
    """Not a request of JSON-RPC 2.0."""

    error, message = -32600, "Invalid Request"


class NotJSON(RPCRefused, code=6):
    """A request's body is not JSON."""

    error, message = -32700, "Parse error. Invalid JSON"


@dataclass(frozen=True, slots=True)
class Encoded:
    """An answer that is JSON already, as it was stored."""

    raw: bytes


@dataclass(frozen=True, slots=True)
class Kind:
    """How a parameter is read from JSON and from a URL; both raise InvalidParams."""

    of_json: Callable[[JSON], JSON]
    of_url: Callable[[str], JSON]


@dataclass(frozen=True, slots=True)
class Method:
    """A function that answers, and the parameters it takes, in CometBFT's names and order."""

    run: Callable[..., JSON | Awaitable[JSON]]
    kinds: Mapping[str, Kind]

    def of_json(self, params: JSON) -> dict[str, JSON]:
        """Keyword arguments out of the `params` of a request: an object, or an array in order."""
        if isinstance(params, list):
            if len(params) > len(self.kinds):
                raise InvalidParams(f"at most {len(self.kinds)} parameters: {', '.join(self.kinds)}")
            params = dict(zip(self.kinds, params, strict=False))
        if not isinstance(params, dict):
            raise InvalidParams("params are an object or an array")
        given = {name: params.get(name) for name in self.kinds}
        return {name: self.kinds[name].of_json(value) for name, value in given.items() if value not in (None, "")}

    def of_url(self, params: Mapping[str, str]) -> dict[str, JSON]:
        """Keyword arguments out of a URL."""
        return {name: kind.of_url(params[name]) for name, kind in self.kinds.items() if params.get(name)}


def text(value: JSON) -> str:
    """A text."""
    if not isinstance(value, str):
        raise InvalidParams("a text is expected")
    return value


def whole(value: JSON) -> int:
    """A 64-bit number, in decimal."""
    if isinstance(value, bool) or not isinstance(value, str | int) or not _WHOLE.fullmatch(str(value)):
        raise InvalidParams("a whole number is expected")
    if abs(int(value)) >= 1 << 63:
        raise InvalidParams("a number of 64 bits is expected")
    return int(value)


def flag(value: JSON) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise InvalidParams("true or false is expected")
    return value


def hexadecimal(value: JSON) -> bytes:
    """Bytes as hexadecimal digits."""
    digits = text(value)
    if len(digits) % 2 or not re.fullmatch(r"[0-9a-fA-F]*", digits):
        raise InvalidParams("hexadecimal digits are expected")
    return bytes.fromhex(digits)


def base64_bytes(value: JSON) -> bytes:
    """Bytes as standard base64."""
    try:
        return base64.b64decode(text(value), validate=True)
    except ValueError:
        raise InvalidParams("base64 is expected") from None


def _url_text(value: str) -> str:
    return _prefixed(value).decode(errors="replace") if _is_prefixed(value) else _quoted(value)


def _url_bytes(value: str) -> bytes:
    return _prefixed(value) if _is_prefixed(value) else _quoted(value).encode()


def _url_whole(value: str) -> int:
    return whole(_quoted(value) if value.startswith('"') else value)


def _url_flag(value: str) -> bool:
    return flag({"true": True, "false": False}.get(value))


def _is_prefixed(value: str) -> bool:
    return value[:2] in ("0x", "0X")


def _prefixed(value: str) -> bytes:
    return hexadecimal(value[2:])


def _quoted(value: str) -> str:
    try:
        return text(json.loads(value))
    except (ValueError, RecursionError):
        raise InvalidParams("a text in double quotes, or 0x and hexadecimal digits, is expected") from None


TEXT = Kind(text, _url_text)
WHOLE = Kind(whole, _url_whole)
FLAG = Kind(flag, _url_flag)
HEX = Kind(hexadecimal, _url_bytes)
BYTES = Kind(base64_bytes, _url_bytes)


def is_descending(order_by: str) -> bool:
    """Whether a listing is wanted from the newest on. Raises InvalidParams."""
    if order_by not in ("asc", "desc"):
        raise InvalidParams("expected order_by to be either `asc` or `desc` or empty")
    return order_by == "desc"


def page_of(total: int, page: int, per_page: int) -> slice:
    """The part of a listing of `total` entries that a page shows, pages counted from 1. Raises InvalidParams."""
    size = min(per_page, MAX_PER_PAGE) if per_page > 0 else PER_PAGE
    pages = max(1, -(-total // size))
    if not 1 <= page <= pages:
        raise InvalidParams(f"page should be within [1, {pages}] range, given {page}")
    return slice((page - 1) * size, page * size)
