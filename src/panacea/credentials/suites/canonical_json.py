"""JSON in its canonical form (RFC 8785, JCS), of documents whose numbers were read exactly.

JCS knows numbers as IEEE 754 doubles. A number that a double does not hold is refused: two documents that differ would
have one signature.
"""

from decimal import Decimal
from typing import Any, Final

import rfc8785

from panacea.credentials.suites.types import MalformedProof

MAX_WORK: Final = 75_000
"""Values of a document that are written, a fraction counting as four: each takes long to be spelled as JCS has it."""

_EXACT = 2**53


def canonical_json(value: Any) -> bytes:  # Any: JSON with Decimal for numbers that are not whole
    """The canonical bytes of a JSON value. Raises MalformedProof for what JCS cannot say."""
    try:
        _require_work(value)
        return rfc8785.dumps(_plain(value))
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise MalformedProof("no canonical JSON", reason=error) from error


def _plain(value: Any) -> Any:  # Any: see canonical_json
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        near = float(value)
        # The text of a double must come back as the same number, or the signature would cover another one.
        if Decimal(repr(near)) != value:
            raise MalformedProof("a number that JCS would round", number=value)
        return int(value) if value == value.to_integral_value() and abs(value) < _EXACT else near
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= _EXACT:
        raise MalformedProof("a number that JCS would round", number=value)
    return value


def _require_work(value: Any) -> None:  # Any: see canonical_json
    waiting, work = [value], 0
    while waiting:
        one = waiting.pop()
        inner = list(one.values()) if isinstance(one, dict) else one if isinstance(one, list) else []
        work += 4 if isinstance(one, Decimal) else 1
        if work + len(inner) > MAX_WORK:
            raise MalformedProof("more values than are put in canonical form", limit=MAX_WORK)
        waiting.extend(inner)
