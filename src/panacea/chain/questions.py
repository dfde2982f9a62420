"""What all queries share: how they say no, and how lists are cut into pages (spec/sdk/README.md, "Pagination")."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from panacea.chain.context import Context
from panacea.primitives.address import Address
from panacea.primitives.rejected import Rejected
from panacea.store.collections import Map
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.base.query.v1beta1.pagination_pb2 import PageRequest, PageResponse
else:
    PageRequest, PageResponse = load("cosmos.base.query.v1beta1", "PageRequest", "PageResponse")

K = TypeVar("K")
V = TypeVar("V")

DEFAULT_LIMIT = 100
MAX_LIMIT = 10_000
"""Entries in one page at most; a larger limit is cut to it, so that no question is answered without end."""


class QueryRefused(Rejected, codespace="sdk"):
    """A question that has no answer; `status` is the gRPC status, the code its place in `abci_query`."""

    status: ClassVar[str] = "Unknown"
    number: ClassVar[int] = 2

    def __str__(self) -> str:
        return f"rpc error: code = {self.status} desc = {self.detail}: {self.text}"


class QueryNotFound(QueryRefused, code=22, text="key not found"):
    """Nothing stands under what was asked for."""

    status, number = "NotFound", 5


class QueryInvalid(QueryRefused, code=18, text="invalid request"):
    """The question itself is not well formed."""

    status, number = "InvalidArgument", 3


class QueryInternal(QueryRefused, code=6, text="unknown request"):
    """A refusal that the SDK answers with the status Internal."""

    status, number = "Internal", 13


def parse_address(text: str) -> Address:
    """The account address in a request. Raises QueryInvalid."""
    try:
        return Address.parse(text)
    except Rejected as no:
        raise QueryInvalid(str(no)) from no


def page(
    ctx: Context,
    collection: Map[K, V],
    request: PageRequest,
    *,
    within: bytes = b"",
    keep: Callable[[K, V], bool] | None = None,
) -> tuple[list[tuple[K, V]], PageResponse]:
    """One page of the pairs whose encoded key begins with `within`; `keep` filters, and only what it keeps counts.

    Raises:
        QueryInvalid: both a key and an offset are given.
    """
    if request.key and request.offset:
        raise QueryInvalid("invalid request, either offset or key is expected, got both")
    limit = min(request.limit or DEFAULT_LIMIT, MAX_LIMIT)
    count_total = not request.key and (request.count_total or not request.limit)
    found: list[tuple[K, V]] = []
    next_key, seen = b"", 0
    start = within + request.key if request.key else None
    for key, value in collection.items(ctx, within, start=start, reverse=request.reverse):
        if keep is not None and not keep(key, value):
            continue
        seen += 1
        if seen <= request.offset:
            continue
        if len(found) < limit:
            found.append((key, value))
        elif not next_key:
            next_key = collection.key.encode(key)[len(within) :]
            if not count_total:
                break
    return found, PageResponse(next_key=next_key, total=seen if count_total else 0)


def message_page(request: Any) -> PageRequest:  # Any: a request message of any kind with a pagination field
    """The page that a request asks for; the first one when it does not say."""
    found: PageRequest = request.pagination
    return found
