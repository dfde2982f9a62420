"""The oracles' doors: one request each, to addresses that an honest oracle may have, with bounded answers."""

import asyncio
import json
from typing import TYPE_CHECKING

from panacea.crypto.hpke import OVERHEAD
from panacea.exchange.formats import REPLY_SIZE
from panacea.exchange.types import OfferRefused, OracleUnavailable
from panacea.vault.reach import StoreOutOfReach, require_reachable

if TYPE_CHECKING:
    from httpx2 import AsyncClient, Response

TIMEOUT = 60.0
MAX_ANSWER = REPLY_SIZE + OVERHEAD
MEDIA_TYPE = "application/cbor"
_FINAL = {400: "malformed", 413: "too_large", 422: "sealed_for_other_context"}


class Door:
    """Posts offers. The client is made on first use unless one is given."""

    def __init__(self, chain_id: str, client: "AsyncClient | None" = None) -> None:
        """Serve wallets of this chain: on chains named sim- or test-, oracles may stand on this machine."""
        self._chain_id = chain_id
        self._client = client
        self._is_ours = client is None

    async def close(self) -> None:
        """End all connections that were made here."""
        if self._client is not None and self._is_ours:
            await self._client.aclose()
            self._client = None

    async def post(self, endpoint: str, offer: bytes) -> bytes:
        """The sealed answer of the oracle at `endpoint`.

        Raises:
            OfferRefused: it answered in the open that this is no offer, or none for it.
            OracleUnavailable: it is busy, not ready, not reachable, or at an address where no oracle may be.
        """
        import httpx2

        if self._client is None:
            self._client = httpx2.AsyncClient(timeout=TIMEOUT, follow_redirects=False, trust_env=False)
        try:
            await asyncio.to_thread(require_reachable, endpoint, self._chain_id)
            headers = {"content-type": MEDIA_TYPE}
            url = f"{endpoint.rstrip('/')}/v3/offers"
            async with self._client.stream("POST", url, content=offer, headers=headers) as answer:
                return _accepted(answer.status_code, await _bounded(answer))
        except StoreOutOfReach as no:
            raise OracleUnavailable("no oracle may be at its address", endpoint=endpoint) from no
        except (httpx2.HTTPError, httpx2.InvalidURL) as failure:
            raise OracleUnavailable(f"no answer: {type(failure).__name__}", endpoint=endpoint) from failure


async def _bounded(answer: "Response") -> bytes:
    raw = bytearray()
    async for piece in answer.aiter_bytes():
        raw += piece
        if len(raw) > MAX_ANSWER:
            raise OracleUnavailable("its answer is too large", limit=MAX_ANSWER)
    return bytes(raw)


def _accepted(status: int, raw: bytes) -> bytes:
    """The answer of status 200.

    Raises:
        OfferRefused: a status that stands for a code of its own.
        OracleUnavailable: any other.
    """
    if status == 200:
        return raw
    if status in _FINAL:
        raise OfferRefused(_FINAL[status], _message(raw))
    raise OracleUnavailable("it is busy or not ready", status=status)


def _message(raw: bytes) -> str:
    try:
        return str(json.loads(raw)["error"]["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return ""
