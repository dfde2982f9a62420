"""JSON read strictly: UTF-8, every name once, no lone surrogate, bounded in bytes and levels (RFC 8259, RFC 7493).

What numbers become, and which refusal is raised, is the reader's: `identity.strict_json`, `health.strict_json`.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import NoReturn, cast

from panacea.primitives.rejected import Rejected

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_strict(
    octets: bytes,
    *,
    max_bytes: int,
    max_depth: int,
    integer: Callable[[str], object],
    number: Callable[[str], object],
    refusal: type[Rejected],
    encoding: str = "utf-8",
) -> object:
    """The value that the octets spell, its numbers as `integer` and `number` read them, who may refuse them as well.

    Raises `refusal`. With the encoding `utf-8-sig` a byte order mark may come first.
    """

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise refusal("repeated key", key=Counter(name for name, _ in pairs).most_common(1)[0][0])
        return found

    def constant(text: str) -> NoReturn:
        raise refusal("not a JSON number", number=text)

    if len(octets) > max_bytes:
        raise refusal("too large", bytes=len(octets), limit=max_bytes)
    try:
        text = octets.decode(encoding)
        value = json.loads(text, parse_float=number, parse_int=integer, parse_constant=constant, object_pairs_hook=once)
    except UnicodeDecodeError as error:
        raise refusal("not UTF-8", at=error.start) from error
    except json.JSONDecodeError as error:
        raise refusal(error.msg, line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise refusal("nested too deep", limit=max_depth) from error
    require_depth(value, max_depth, refusal)
    if _SURROGATE.search(text):
        try:
            json.dumps(value, ensure_ascii=False, default=str).encode()
        except UnicodeEncodeError as error:
            raise refusal("a lone surrogate") from error
    return cast(object, value)  # cast: the library says Any


def require_depth(value: object, limit: int, refusal: type[Rejected]) -> None:
    """Refuse JSON of more than `limit` levels of objects and arrays."""
    level: list[object] = [value]
    for _ in range(limit + 1):
        inside = [one for one in level if isinstance(one, dict | list)]
        if not inside:
            return
        level = [inner for one in inside for inner in (one.values() if isinstance(one, dict) else one)]
    raise refusal("nested too deep", limit=limit)
