"""The oracles' doors: which answers are final, which are passed over, and which addresses are not knocked at."""

import asyncio
from collections.abc import Callable

import httpx2
import pytest

from panacea.exchange.door import MAX_ANSWER, Door
from panacea.exchange.types import OfferRefused, OracleUnavailable

HERE = "http://127.0.0.1:7001"


def post(answer: Callable[[httpx2.Request], httpx2.Response], endpoint: str = HERE, chain_id: str = "test-1") -> bytes:
    async def run() -> bytes:
        async with httpx2.AsyncClient(transport=httpx2.MockTransport(answer)) as client:
            return await Door(chain_id, client).post(endpoint, b"offer")

    return asyncio.run(run())


def status(code: int, **values: object) -> Callable[[httpx2.Request], httpx2.Response]:
    return lambda _: httpx2.Response(code, **values)  # type: ignore[arg-type] # json or content


def test_an_offer_is_posted() -> None:
    seen = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append((request.method, str(request.url), request.headers["content-type"], request.content))
        return httpx2.Response(200, content=b"sealed")

    assert post(answer, HERE + "/") == b"sealed"
    assert seen == [("POST", f"{HERE}/v3/offers", "application/cbor", b"offer")]


@pytest.mark.parametrize(
    ("code", "refusal"), [(400, "malformed"), (413, "too_large"), (422, "sealed_for_other_context")]
)
def test_refusals_in_the_open(code: int, refusal: str) -> None:
    with pytest.raises(OfferRefused, match="the reason") as no:
        post(status(code, json={"error": {"code": refusal, "message": "the reason"}}))
    assert no.value.refusal == refusal


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"error": 5}'])
def test_a_refusal_without_a_message(content: bytes) -> None:
    with pytest.raises(OfferRefused) as no:
        post(status(400, content=content))
    assert no.value.refusal == "malformed"


@pytest.mark.parametrize("code", [429, 503, 500, 302, 204, 404])
def test_whatever_else_is_no_verdict(code: int) -> None:
    with pytest.raises(OracleUnavailable, match=str(code)):
        post(status(code, headers={"location": "http://127.0.0.1/elsewhere"}))


def test_an_endless_answer() -> None:
    assert len(post(status(200, content=bytes(MAX_ANSWER)))) == MAX_ANSWER
    with pytest.raises(OracleUnavailable, match="too large"):
        post(status(200, content=bytes(MAX_ANSWER + 1)))


def test_nobody_answers() -> None:
    def refuse(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(OracleUnavailable, match="ConnectError"):
        post(refuse)


@pytest.mark.parametrize(
    ("endpoint", "chain_id"),
    [
        (HERE, "panacea-3"),
        ("http://10.0.0.1", "test-1"),
        ("ftp://127.0.0.1", "test-1"),
        ("http://user@127.0.0.1", "test-1"),
        ("", "test-1"),
    ],
)
def test_addresses_where_no_oracle_may_be(endpoint: str, chain_id: str) -> None:
    def never(_: httpx2.Request) -> httpx2.Response:
        raise AssertionError("a request was sent")

    with pytest.raises(OracleUnavailable, match="address"):
        post(never, endpoint, chain_id)
