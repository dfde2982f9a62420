"""The oracle's door and its follower: bounded, busy in measure, silent about bugs, alive after everything."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import pytest
from deal_market import GAS
from oracle_town import SECRET_WORD, Town, credential, open_reply

from panacea.client.types import Unreachable
from panacea.crypto.hpke import OVERHEAD
from panacea.exchange.formats import MAX_OFFER, REPLY_SIZE
from panacea.light.client import HeaderRejected
from panacea.oracle import daemon, intake
from panacea.oracle.daemon import AT_ONCE
from panacea.oracle.facts import Facts
from panacea.oracle.intake import Intake

OFFERS = "/v3/offers"


def door(town: Town, number: int = 0) -> httpx2.AsyncClient:
    app = town.members[number].oracle.app()
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://oracle")


def post(town: Town, raw: bytes) -> httpx2.Response:
    async def posted() -> httpx2.Response:
        async with door(town) as client:
            return await client.post(OFFERS, content=raw)

    return town.run(posted())


def error(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


def test_offer(town: Town) -> None:
    draft = town.wallet(town.deal(), credential("over the door"))
    response = post(town, draft.sealed())
    assert (response.status_code, len(response.content)) == (200, REPLY_SIZE + OVERHEAD)
    assert open_reply(draft, response.content).code == "ok"


@pytest.mark.parametrize("raw", [b"", b"\x00", b"not CBOR", b"{}", b"\xff" * 4096])
def test_malformed(town: Town, raw: bytes) -> None:
    assert error(post(town, raw)) == (400, "malformed")


def test_too_large(town: Town) -> None:
    response = post(town, bytes(MAX_OFFER + 1))
    assert error(response) == (413, "too_large")
    assert str(MAX_OFFER) in response.text


def test_other_context(town: Town) -> None:
    draft = town.wallet(town.deal())
    raw = draft.sealed(info=draft.with_info(deal_id=99).info.encode())
    assert error(post(town, raw)) == (422, "sealed_for_other_context")


def test_not_ready(town: Town) -> None:
    raw = town.wallet(town.deal()).sealed()
    town.members[0].rpc.is_down = True
    try:
        assert error(post(town, raw)) == (503, "not_ready")
    finally:
        town.members[0].rpc.is_down = False


def test_methods(town: Town) -> None:
    async def asked() -> list[int]:
        async with door(town) as client:
            return [(await client.get(OFFERS)).status_code, (await client.get("/v3/other")).status_code]

    assert town.run(asked()) == [405, 404]


def test_info(town: Town) -> None:
    async def asked() -> Any:
        async with door(town) as client:
            return (await client.get("/v3/info")).json()

    member = town.members[0]
    assert town.run(asked()) == {
        "chain_id": "test-1",
        "oracle": member.address,
        "epoch": town.epoch,
        "head": town.chain.height,
        "ready": True,
        "enclave": member.oracle.registrar.enclave.kind,
    }
    member.rpc.is_down = True
    try:
        assert town.run(asked())["error"]["code"] == "not_ready"
    finally:
        member.rpc.is_down = False


class Panic(BaseException):
    """How native code fails: outside Exception."""


@pytest.mark.parametrize("kind", [ValueError, KeyError, RecursionError, MemoryError, Panic])
def test_a_bug_ends_one_offer_and_says_nothing(
    town: Town, kind: type[BaseException], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def broken(*_: Any) -> None:
        raise kind(SECRET_WORD)

    deal = town.deal()
    with monkeypatch.context() as patch:
        patch.setattr(intake, "judge", broken)
        response = post(town, town.wallet(deal).sealed())
    assert error(response) == (500, "internal")
    assert SECRET_WORD not in caplog.text + response.text
    assert f"{kind.__name__} at test_daemon.py" in caplog.text
    assert post(town, town.wallet(deal, credential("after the bug")).sealed()).status_code == 200


def test_so_many_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    release = asyncio.Event()

    async def slow(self: Intake, raw: bytes) -> bytes:
        await release.wait()
        return raw

    async def crowd() -> list[tuple[int, bytes]]:
        async with door(town) as client:
            waiting = [asyncio.create_task(client.post(OFFERS, content=b"x")) for _ in range(AT_ONCE)]
            await asyncio.sleep(0.05)
            refused = await client.post(OFFERS, content=b"x")
            told = await client.get("/v3/info")
            release.set()
            answers = [await task for task in waiting]
            again = await client.post(OFFERS, content=b"x")
        return [(each.status_code, each.content) for each in (refused, told, again, *answers)]

    monkeypatch.setattr(Intake, "answer", slow)
    (refused, body), (told, _), *rest = town.run(crowd())
    assert (refused, json.loads(body)["error"]["code"], told) == (429, "busy", 200)
    assert rest == [(200, b"x")] * (AT_ONCE + 1)


def test_a_slow_upload_is_given_up(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon, "OFFER_SECONDS", 0.05)

    async def drops() -> Any:
        yield b"x"
        await asyncio.sleep(5)

    async def posted() -> httpx2.Response:
        async with door(town) as client:
            return await client.post(OFFERS, content=drops())

    assert error(town.run(posted())) == (408, "too_slow")


# The follower.


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A town whose oracles run by themselves."""
    made = Town(tmp_path)
    monkeypatch.setattr("panacea.oracle.reseal.store_client", made.store.client)
    monkeypatch.setattr(daemon, "PAUSE", 0.01)
    monkeypatch.setattr("panacea.client.view.PAUSE", 0.01)
    try:
        yield made
    finally:
        made.close()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - the chain is asked, it does not tell
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def running(town: Town) -> Any:
    tasks = [asyncio.create_task(member.oracle.follow()) for member in town.members]
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def test_it_releases_by_itself(alone: Town) -> None:
    draft = alone.wallet(alone.deal(), credential())
    reply = alone.ask(draft)

    async def lived() -> None:
        async with running(alone):
            await asyncio.sleep(0.05)
            alone.chain.block(alone.chain.sign("alice", alone.consent(draft, reply), gas=GAS))
            await until(lambda: len(alone.market.sale(draft.info.deal_id, 1).released) == 5)

    alone.run(lived())


def test_it_survives_its_nodes_restart(alone: Town, caplog: pytest.LogCaptureFixture) -> None:
    draft = alone.wallet(alone.deal(), credential())
    reply = alone.ask(draft)

    async def lived() -> None:
        async with running(alone) as tasks:
            await asyncio.sleep(0.05)
            for member in alone.members:
                member.rpc.is_down = True
            alone.chain.proceed()
            await asyncio.sleep(0.1)
            alone.chain.block(alone.chain.sign("alice", alone.consent(draft, reply), gas=GAS))
            for member in alone.members:
                member.rpc.is_down = False
            await until(lambda: len(alone.market.sale(draft.info.deal_id, 1).released) == 5)
            assert not any(task.done() for task in tasks)

    alone.run(lived())


def test_it_survives_a_node_that_lies_for_a_while(alone: Town, caplog: pytest.LogCaptureFixture) -> None:
    draft = alone.wallet(alone.deal(), credential())
    reply = alone.ask(draft)
    member = alone.members[0]

    def lie(method: str, params: Any, result: Any) -> Any:
        return {"nonsense": True}

    async def lived() -> None:
        async with running(alone) as tasks:
            await asyncio.sleep(0.05)
            member.rpc.lies.append(lie)
            alone.chain.proceed()
            await until(lambda: "cannot be followed" in caplog.text)
            member.rpc.lies.clear()
            alone.chain.block(alone.chain.sign("alice", alone.consent(draft, reply), gas=GAS))
            await until(lambda: len(alone.market.sale(draft.info.deal_id, 1).released) == 5)
            assert not any(task.done() for task in tasks)

    alone.run(lived())


def test_it_tries_again_while_the_chain_rests(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    member, tries = alone.members[0], []
    draft = alone.wallet(alone.deal(), credential())
    reply = alone.ask(draft)
    send = member.sender.send

    async def failing(*messages: Any, **options: Any) -> Any:
        tries.append(alone.chain.height)
        if len(tries) < 3:
            raise Unreachable("just now")
        return await send(*messages, **options)

    monkeypatch.setattr(daemon, "RETRY", 0.02)
    monkeypatch.setattr(member.sender, "send", failing)

    async def lived() -> None:
        following = asyncio.create_task(member.oracle.follow())
        await asyncio.sleep(0.05)
        alone.chain.block(alone.chain.sign("alice", alone.consent(draft, reply), gas=GAS))
        await until(lambda: len(alone.market.sale(draft.info.deal_id, 1).released) == 1)
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

    alone.run(lived())
    assert len(set(tries)) == 1


def test_one_duty_that_fails_does_not_stop_the_other(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    member, done = alone.members[0], []

    async def refused(_: Any, height: int, facts: Facts) -> None:
        raise HeaderRejected("no")

    async def ensured(_: Any, facts: Facts) -> None:
        done.append(True)

    monkeypatch.setattr(type(member.oracle.releaser), "follow", refused)
    monkeypatch.setattr(type(member.oracle.registrar), "ensure", ensured)
    assert not alone.run(member.oracle._work(Facts.verified(member.view)))
    assert done == [True]


def test_a_bug_in_the_follower_ends_the_process(alone: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """An oracle that no longer follows the chain must not look alive."""
    killed = []
    monkeypatch.setattr("os.kill", lambda pid, sent: killed.append(sent))
    member = alone.members[0]

    async def broken(_: Any, height: int) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(type(member.oracle.releaser), "follow", broken)

    async def lived() -> None:
        async with member.oracle._alive(member.oracle.app()):
            alone.chain.proceed()
            await until(lambda: bool(killed))

    with pytest.raises(ExceptionGroup):
        alone.run(lived())
    assert len(killed) == 1
