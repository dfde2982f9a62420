"""The other end of a store node: put, get, stat and delete over an HTTP client that the caller made.

The caller decides which addresses its client may reach and how long it waits; answers are bounded and checked here.
"""

from typing import TYPE_CHECKING

from panacea.vault import frames
from panacea.vault.objects import MAX_BYTES, Sealed
from panacea.vault.receipts import Deletion, Receipt
from panacea.vault.types import ObjectTooLarge, StoreAnswered

MAX_RECEIPT = 4096

if TYPE_CHECKING:
    from httpx2 import Client, Response


class RemoteStore:
    """One store node, known by its URL and its receipt key (Ed25519, 32 bytes).

    Every method raises `StoreAnswered` where the store says no, and another `VaultRejected` where it says something
    untrue; errors of the network are the client's own.
    """

    def __init__(self, client: "Client", url: str, store_key: bytes, *, max_bytes: int = MAX_BYTES) -> None:
        self._client, self._url, self._max_bytes = client, url.rstrip("/"), max_bytes
        self.key = store_key

    def put(self, sealed: Sealed, token: str, *, deal_id: int, until: int) -> Receipt:
        """Hand an object over; the store's receipt, verified."""
        url, body = f"{self._path(sealed.oid)}?until={until}", frames.encode(sealed)
        receipt = Receipt.decode(self._ask("PUT", url, token, expect=201, body=body))
        receipt.verify(self.key, oid=sealed.oid, deal_id=deal_id)
        return receipt

    def get(self, oid: bytes, token: str, *, span: tuple[int, int] | None = None) -> Sealed:
        """The object, or its head and the groups `span` (first, last); checked against its id."""
        headers = _bearer(token) | ({"range": f"groups={span[0]}-{span[1]}"} if span else {})
        limit = self._max_bytes + self._max_bytes // 1024 + 1024
        with self._client.stream("GET", self._path(oid), headers=headers) as answer:
            if answer.status_code != (206 if span else 200):
                raise StoreAnswered(status=answer.status_code)
            raw = _read(answer, limit)
        return frames.decode(raw, oid, span=span, max_bytes=self._max_bytes)

    def stat(self, oid: bytes, token: str) -> int:
        """How many groups the object has, as the store says."""
        answer = self._client.head(self._path(oid), headers=_bearer(token))
        groups = answer.headers.get("panacea-groups", "")
        if answer.status_code != 200 or not groups.isdecimal():
            raise StoreAnswered(status=answer.status_code)
        return int(groups)

    def delete(self, oid: bytes, token: str) -> Deletion:
        """Have an object erased; the store's deletion receipt, verified."""
        deletion = Deletion.decode(self._ask("DELETE", self._path(oid), token, expect=200))
        deletion.verify(self.key, oid=oid)
        return deletion

    def _ask(self, method: str, url: str, token: str, *, expect: int, body: bytes = b"") -> bytes:
        """A short answer: a receipt, or an error's words."""
        with self._client.stream(method, url, content=body, headers=_bearer(token)) as answer:
            said = _read(answer, MAX_RECEIPT)
        if answer.status_code != expect:
            raise StoreAnswered(said[:200].decode(errors="replace"), status=answer.status_code)
        return said

    def _path(self, oid: bytes) -> str:
        return f"{self._url}/v1/objects/{oid.hex()}"


def _bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


def _read(answer: "Response", limit: int) -> bytes:
    """The body, given up as soon as it is over the limit: a store may send without end."""
    raw = bytearray()
    for piece in answer.iter_bytes():
        raw += piece
        if len(raw) > limit:
            raise ObjectTooLarge(limit=limit)
    return bytes(raw)
