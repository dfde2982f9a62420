"""What the services share: JSON bodies read strictly, refusals as JSON, each with its status."""

import logging
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from panacea.credentials.vc.model import require_few_values
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSONRejected
from panacea.primitives.rejected import Rejected

MAX_BODY: Final = 16 * 1024 * 1024
MAX_DEPTH: Final = 64

_log = logging.getLogger(__name__)


class BadRequest(Rejected, codespace="credentials", code=245, text="request refused"):
    """A body that is no JSON object, too large, or without a member that the endpoint needs."""


class ExactJSON(JSONResponse):
    """JSON whose numbers leave in the form in which they were read or signed."""

    def render(self, content: Any) -> bytes:  # Any: JSON with Decimal
        """The bytes of the answer."""
        return to_json(content)


async def read_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The body of a request, never more than `limit` bytes of it. Raises HTTPException 413."""
    octets = bytearray()
    async for part in request.stream():
        octets += part
        if len(octets) > limit:
            raise HTTPException(413, f"more than {limit} bytes")
    return bytes(octets)


async def read_object(request: Request) -> dict[str, Any]:  # Any: JSON, checked by the endpoint
    """The JSON object in a body. Raises BadRequest, MalformedCredential, HTTPException 413."""
    octets = await read_body(request)
    require_few_values(octets)
    try:
        value = parse_json(octets, max_bytes=MAX_BODY, max_depth=MAX_DEPTH)
    except JSONRejected as error:
        raise BadRequest(str(error)) from error
    if not isinstance(value, dict):
        raise BadRequest("a JSON object is expected")
    return value


def member(body: dict[str, Any], name: str, kind: type, default: Any = None) -> Any:  # Any: JSON
    """A member of a body, of that kind; BadRequest where it is missing and has no default, or of another kind."""
    value = body.get(name, default)
    if value is None or not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
        raise BadRequest("missing, or of another kind", member=name, expected=kind.__name__)
    return value


def problem(status: int, error: Rejected) -> ExactJSON:
    """A refusal as problem details (RFC 9457) of the VC API: what was refused, its code, and the values at fault."""
    told = {
        "type": f"urn:panacea:{error.codespace}:{error.code}",
        "title": error.text,
        "detail": str(error),
        "codespace": error.codespace,
        "code": error.code,
    }
    return ExactJSON({"verified": False, "problemDetails": [told]}, status_code=status)


async def answer_rejected(_: Request, error: Exception) -> ExactJSON:
    """400 with what was refused."""
    assert isinstance(error, Rejected)
    return problem(400, error)


async def answer_http(_: Request, error: Exception) -> ExactJSON:
    """The status of an HTTPException, with its words."""
    assert isinstance(error, HTTPException)
    return ExactJSON({"problemDetails": [{"title": error.detail}]}, status_code=error.status_code)


async def answer_bug(_: Request, error: Exception) -> ExactJSON:
    """500, and the whole fault in the log: the caller learns nothing of it."""
    _log.error("a fault of ours", exc_info=error)
    return ExactJSON({"problemDetails": [{"title": "internal error"}]}, status_code=500)


HANDLERS: Final = {Rejected: answer_rejected, HTTPException: answer_http, Exception: answer_bug}
"""The exception handlers of every service."""
