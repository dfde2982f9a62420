"""The envelopes of JSON-RPC 2.0."""

import json

from panacea.node.parameters import JSON, Encoded, RPCRefused
from panacea.primitives.rejected import Rejected

MAX_ID = 256


def encode(value: JSON) -> bytes:
    """JSON without spaces; an answer that is JSON already is taken as it is."""
    if isinstance(value, Encoded):
        return value.raw
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def success(number: JSON, result: JSON) -> bytes:
    """An answer."""
    return b'{"jsonrpc":"2.0","id":%b,"result":%b}' % (encode(number), encode(result))


def failure(number: JSON, no: Rejected) -> bytes:
    """A refusal: JSON-RPC's number and word for it, and the reason as `data`."""
    kind = type(no) if isinstance(no, RPCRefused) else RPCRefused
    error = {"code": kind.error, "message": kind.message, "data": str(no)}
    return encode({"jsonrpc": "2.0", "id": number, "error": error})


def is_id(number: JSON) -> bool:
    """Whether a request wants an answer: its id is a text or a whole number."""
    return (isinstance(number, str) and len(number) <= MAX_ID) or (
        isinstance(number, int) and not isinstance(number, bool) and abs(number) < 1 << 63
    )
