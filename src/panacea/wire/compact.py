"""JSON text as Go's encoder writes it: no spaces, and `<`, `>`, `&` and two line separators always escaped."""

import json
from typing import Any

_ESCAPED = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def compact_json(value: Any, *, sort_keys: bool = False) -> str:  # Any: a JSON value
    """The text of a JSON value. Sorted keys are in code point order, at every level."""
    # Outside of strings JSON has none of these signs, so they may be replaced in the whole text.
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)
    return text.translate(_ESCAPED)
