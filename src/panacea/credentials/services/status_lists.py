"""An issuer's status lists over HTTP: each at its path, signed anew when it is asked for.

    GET /{name}      Bitstring Status List: application/vc
                     Token Status List: application/statuslist+jwt, or application/statuslist+cwt where `Accept` says so

Whoever asks gets the whole list. Answers say how long they may be kept. Sources: Bitstring Status List 1.0, section
3.3; draft-ietf-oauth-status-list, section 8.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from panacea.credentials.services.http import HANDLERS
from panacea.credentials.status.book import StatusBook
from panacea.credentials.status.token_book import TokenStatusBook
from panacea.credentials.vc.issue import SigningKey
from panacea.crypto.bbs.keys import BBSSigner
from panacea.health.strict_json import to_json
from panacea.primitives.time import Clock, now_seconds

MAX_AGE: Final = 300
"""Seconds for which caches on the way may keep an answer."""

VC: Final = "application/vc"
JWT: Final = "application/statuslist+jwt"
CWT: Final = "application/statuslist+cwt"


@dataclass(frozen=True, slots=True)
class PublishedList:
    """One list at one path: a purpose of a book, or the whole of a token book, and the key that signs it."""

    book: StatusBook | TokenStatusBook
    key: SigningKey
    purpose: str = "revocation"

    def publish(self, now: int, accept: str) -> tuple[bytes, str]:
        """The list, signed at `now` (unix seconds), and its media type."""
        if isinstance(self.book, StatusBook):
            return to_json(self.book.publish(self.purpose, self.key, now=now)), VC
        signer = self.key.signer
        if isinstance(signer, BBSSigner):
            raise TypeError("token status lists are signed by Ed25519 or ECDSA")
        if CWT in accept:
            return self.book.publish_cwt(signer, self.key.method_id, now=now), CWT
        return self.book.publish_jwt(signer, self.key.method_id, now=now).encode(), JWT


def build_app(lists: Mapping[str, PublishedList], clock: Clock) -> Starlette:
    """The lists by name as an ASGI application; each book's URL should lead here."""

    async def answer(request: Request) -> Response:
        found = lists.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404, "no such list")
        now = now_seconds(clock)
        octets, kind = await run_in_threadpool(found.publish, now, request.headers.get("accept", ""))
        headers = {"cache-control": f"public, max-age={MAX_AGE}", "vary": "accept"}
        return Response(octets, media_type=kind, headers=headers)

    return Starlette(routes=[Route("/{name}", answer)], exception_handlers=HANDLERS)
