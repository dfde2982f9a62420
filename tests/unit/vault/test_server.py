"""The node over HTTP: through the application itself, and with the client that oracles and consumers use."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fixed_chain import (
    DEAL,
    STORE,
    FixedChain,
    SetClock,
    consumer_grant,
    oracle_grant,
    sealed,
)
from starlette.testclient import TestClient

from panacea.vault import frames
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.grants import Command
from panacea.vault.node import Limits
from panacea.vault.ports import Consent, ConsentStatus
from panacea.vault.receipts import Receipt
from panacea.vault.remote import RemoteStore
from panacea.vault.server import build_app
from panacea.vault.types import ObjectDamaged, ReceiptRejected, StoreAnswered

OBJECT = sealed(b"ciphertext only" * 40_000)
OID, PATH = OBJECT.oid, f"/v1/objects/{OBJECT.oid.hex()}"
NOW = SetClock().seconds
PUT_HEADERS = {"authorization": f"Bearer {oracle_grant(OID, NOW)}"}
GET_HEADERS = {"authorization": f"Bearer {consumer_grant(OID, NOW)}"}
LIMITS = Limits(max_object_bytes=2**20, max_requests=4, request_seconds=5, sweep_seconds=0.02)
KEY = STORE.public_key.raw


@pytest.fixture
def chain() -> FixedChain:
    return FixedChain(consents={OID: Consent(ConsentStatus.RELEASED, 30)})


@pytest.fixture
def blobs(tmp_path: Path) -> Iterator[SqliteBlobs]:
    made = SqliteBlobs(tmp_path)
    yield made
    made.close()


@pytest.fixture
def http(blobs: SqliteBlobs, chain: FixedChain) -> Iterator[TestClient]:
    with TestClient(build_app(blobs, STORE, chain, SetClock(), LIMITS)) as client:
        yield client


@pytest.fixture
def store(http: TestClient) -> RemoteStore:
    return RemoteStore(http, "http://testserver/", KEY)


def put(store: RemoteStore, *, until: int = 300) -> Receipt:
    return store.put(OBJECT, oracle_grant(OID, NOW), deal_id=DEAL, until=until)


def test_put_stat_get_delete(store: RemoteStore) -> None:
    assert put(store).until == 300
    assert store.stat(OID, consumer_grant(OID, NOW)) == 3
    assert store.get(OID, consumer_grant(OID, NOW)) == OBJECT
    assert store.get(OID, consumer_grant(OID, NOW), span=(1, 2)).groups == OBJECT.groups[1:]
    assert store.delete(OID, consumer_grant(OID, NOW, command=Command.DELETE)).oid == OID
    with pytest.raises(StoreAnswered, match="404"):
        store.get(OID, consumer_grant(OID, NOW))


def test_the_client_trusts_no_answer(http: TestClient, store: RemoteStore) -> None:
    stranger = RemoteStore(http, "http://testserver", bytes(31) + b"\1")
    with pytest.raises(ReceiptRejected):
        put(stranger)
    put(store)

    def lie(request: httpx2.Request) -> httpx2.Response:
        answer = http.request(request.method, request.url.path, headers=dict(request.headers))
        return httpx2.Response(answer.status_code, content=answer.content[:-1] + bytes([answer.content[-1] ^ 1]))

    with httpx2.Client(transport=httpx2.MockTransport(lie)) as liar:
        with pytest.raises(ObjectDamaged):
            RemoteStore(liar, "http://store", KEY).get(OID, consumer_grant(OID, NOW))


def test_info_names_the_key_and_the_limits(http: TestClient) -> None:
    assert http.get("/v1/info").json() == {"key": KEY.hex(), "head": 100, "max_object_bytes": 2**20}


def test_range_headers(http: TestClient, store: RemoteStore) -> None:
    put(store)
    part = http.get(PATH, headers=GET_HEADERS | {"range": "groups=2-"})
    assert (part.status_code, part.headers["content-range"]) == (206, "groups 2-2/3")
    assert int(part.headers["content-length"]) == len(part.content)
    assert http.get(PATH, headers=GET_HEADERS | {"range": "groups=1-99"}).headers["content-range"] == "groups 1-2/3"
    assert http.get(PATH, headers=GET_HEADERS | {"range": "bytes=0-3"}).status_code == 200
    for wrong in ("groups=3-4", "groups=2-1", "groups=-1", "groups=a-b", "groups=0-1,2-2"):
        answer = http.get(PATH, headers=GET_HEADERS | {"range": wrong})
        assert (answer.status_code, answer.headers["content-range"]) == (416, "groups */3")
    stat = http.head(PATH, headers=GET_HEADERS)
    assert (stat.status_code, stat.content, stat.headers["panacea-groups"]) == (200, b"", "3")
    assert int(stat.headers["content-length"]) == len(frames.encode(OBJECT))


def test_unknown_and_forbidden_answer_alike(http: TestClient, store: RemoteStore) -> None:
    put(store)
    unknown = sealed(b"never stored", seed=5).oid
    answers = [
        http.get(f"/v1/objects/{unknown.hex()}", headers={"authorization": f"Bearer {consumer_grant(unknown, NOW)}"}),
        http.get(PATH, headers=PUT_HEADERS),
        http.get(PATH, headers={"authorization": "Bearer x.y.z"}),
        http.get(PATH, headers={"authorization": "Basic eDp5"}),
        http.get(PATH),
        http.put(PATH, params={"until": 300}, content=frames.encode(OBJECT), headers=GET_HEADERS),
        http.delete(PATH, headers=GET_HEADERS),
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {
        (404, '{"error":{"code":"not_found","message":"no such object"}}')
    }
    assert len({tuple(sorted(answer.headers.items())) for answer in answers}) == 1


@pytest.mark.parametrize("body", [b"", b"\0" * 4, b"{}", frames.encode(OBJECT)[:-1], frames.encode(OBJECT) + b"x"])
def test_malformed_bodies(http: TestClient, body: bytes) -> None:
    answer = http.put(PATH, params={"until": 300}, content=body, headers=PUT_HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


@pytest.mark.parametrize("until", [None, "", "-1", "1e3", "9" * 16, "99", "100000"])
def test_malformed_leases(http: TestClient, until: str | None) -> None:
    params = {} if until is None else {"until": until}
    answer = http.put(PATH, params=params, content=frames.encode(OBJECT), headers=PUT_HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_malformed_ids_paths_and_methods(http: TestClient) -> None:
    for oid in ("00", "AA" * 32, "zz" * 32):
        assert http.get(f"/v1/objects/{oid}", headers=GET_HEADERS).json()["error"]["code"] == "malformed"
    assert http.get("/v2/else").json()["error"]["code"] == "not_found"
    assert http.post(PATH).json()["error"]["code"] == "no_such_method"


def test_too_large_names_the_limit(http: TestClient) -> None:
    big = sealed(bytes(2**20 + 1), seed=3)
    path, headers = f"/v1/objects/{big.oid.hex()}", {"authorization": f"Bearer {oracle_grant(big.oid, NOW)}"}
    raw = frames.encode(big)

    def pieces() -> Iterator[bytes]:
        yield raw

    for content in (raw, pieces()):
        answer = http.put(path, params={"until": 300}, content=content, headers=headers)
        assert answer.status_code == 413
        assert answer.json()["error"]["code"] == "too_large"
        assert str(2**20) in answer.json()["error"]["message"]


def test_without_the_chain_it_answers_503(http: TestClient, chain: FixedChain) -> None:
    chain.reachable = False
    answer = http.put(PATH, params={"until": 300}, content=frames.encode(OBJECT), headers=PUT_HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")


def test_a_failing_disk_is_told_without_its_details(
    blobs: SqliteBlobs, chain: FixedChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> bool:
        raise OSError("no space left on device")

    monkeypatch.setattr(blobs, "keep", full)
    app = build_app(blobs, STORE, chain, SetClock(), LIMITS)
    with TestClient(app, raise_server_exceptions=False) as http:
        answer = http.put(PATH, params={"until": 300}, content=frames.encode(OBJECT), headers=PUT_HEADERS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal")
    assert "space" not in answer.text
    assert blobs.find(OID) is None


def test_it_sweeps_by_itself_and_survives_a_failing_chain(
    http: TestClient, store: RemoteStore, chain: FixedChain, blobs: SqliteBlobs
) -> None:
    put(store)
    chain.reachable = False
    time.sleep(5 * LIMITS.sweep_seconds)
    assert blobs.find(OID)
    chain.consents[OID] = Consent(ConsentStatus.WITHDRAWN, 30)
    chain.reachable = True
    for _ in range(500):
        if blobs.find(OID) is None:
            break
        time.sleep(LIMITS.sweep_seconds)
    assert blobs.find_tombstone(OID)
    with pytest.raises(StoreAnswered, match="404"):
        put(store)


def test_too_many_at_once_and_too_slow(tmp_path: Path, chain: FixedChain) -> None:
    async def scene() -> None:
        blobs = SqliteBlobs(tmp_path)
        app = build_app(blobs, STORE, chain, SetClock(), Limits(max_requests=2, request_seconds=0.5))
        waiting = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            yield frames.encode(OBJECT)[:10]
            await waiting.wait()

        transport = httpx2.ASGITransport(app=app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://store") as client:

            async def upload() -> httpx2.Response:
                return await client.put(PATH, params={"until": 300}, content=slow(), headers=PUT_HEADERS)

            first, second = asyncio.create_task(upload()), asyncio.create_task(upload())
            await asyncio.sleep(0.1)
            busy = await client.get("/v1/info")
            assert (busy.status_code, busy.json()["error"]["code"]) == (429, "busy")
            assert busy.headers["retry-after"] == "1"
            for answer in (await first, await second):
                assert (answer.status_code, answer.json()["error"]["code"]) == (408, "too_slow")
            assert (await client.get("/v1/info")).status_code == 200
        assert not list((tmp_path / "incoming").iterdir())
        blobs.close()

    asyncio.run(scene())
