"""The SDK against the node as a process: send, wait, read by proof, follow, resolve."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from chain_driver import address_of, key_of
from did_documents import DID1, KEY1, create
from solo_engine import CHAIN_ID, NodeProcess, send_message

from panacea.client import places
from panacea.client.plain import Loop, plain
from panacea.client.resolver import ChainResolver
from panacea.client.rpc import RPC
from panacea.client.sender import Fees, Sender, responses
from panacea.client.types import NodeError, NotIncluded, NotProven, TxFailed, Unreachable
from panacea.client.view import Anchor, ChainView
from panacea.crypto.keys import Ed25519Key
from panacea.identity.did_key import encode_did_key
from panacea.identity.resolver import DIDNotResolved
from panacea.light.client import HeightUnknown
from panacea.light.headers import Validator, ValidatorSet
from panacea.node.genesis import Genesis


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeProcess]:
    with NodeProcess(tmp_path_factory.mktemp("node"), "--linger", "0.002") as node:
        yield node


@pytest.fixture
def loop(node: NodeProcess) -> Iterator[Loop]:
    with Loop() as loop:
        yield loop


@pytest.fixture
def rpc(node: NodeProcess, loop: Loop) -> Iterator[RPC]:
    rpc = RPC(node.url)
    yield rpc
    loop.run(rpc.close())


async def view_of(node: NodeProcess, rpc: RPC) -> ChainView:
    genesis = Genesis.load(node.home / "config" / "genesis.json")
    return await ChainView.from_genesis(rpc, genesis.chain_id, genesis.validators)


def test_send_and_read_by_proof(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        assert await rpc.chain_id() == CHAIN_ID
        view, sender = await view_of(node, rpc), Sender(rpc, key_of("alice"), CHAIN_ID)
        stranger = key_of("stranger").public_key.address()
        assert await view.get(places.balance(stranger, "umed")) is None
        outcome = await sender.send(send_message("alice", "stranger", 5), memo="hello")
        assert outcome.code == 0
        assert outcome.gas_used < outcome.gas_wanted < 2 * outcome.gas_used
        assert "cosmos.bank.v1beta1.MsgSendResponse" in [r.DESCRIPTOR.full_name for r in responses(outcome)]
        assert any(event.type == "transfer" for event in outcome.events)
        await view.wait(outcome.height)
        assert await view.require(places.balance(stranger, "umed")) == 5
        assert await view.get(places.balance(stranger, "umed"), height=outcome.height - 1) is None
        [(_, found)] = await rpc.search(f"tx.hash='{outcome.hash.hex().upper()}'")
        assert found == outcome
        assert await rpc.block_txs(outcome.height)
        with pytest.raises(NodeError):
            await view.require(places.balance(stranger, "nothing"))

    loop.run(work())


def test_many_in_one_block(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        sender = Sender(rpc, key_of("bob"), CHAIN_ID, Fees(gas=200_000))
        submitted = await asyncio.gather(*(sender.submit(send_message("bob", "alice", n + 1)) for n in range(20)))
        outcomes = [await sender.wait(each.hash) for each in submitted]
        assert not any(outcome.code for outcome in outcomes)
        assert len({outcome.height for outcome in outcomes}) < 20

    loop.run(work())


@pytest.mark.parametrize("fees", [Fees(), Fees(gas=200_000)])
def test_two_senders_with_one_key(node: NodeProcess, rpc: RPC, loop: Loop, fees: Fees) -> None:
    async def work() -> None:
        first, second = Sender(rpc, key_of("carol"), CHAIN_ID, fees), Sender(rpc, key_of("carol"), CHAIN_ID, fees)
        for number in range(3):
            await first.submit(send_message("carol", "alice", 10 * number + 1))
            await second.submit(send_message("carol", "alice", 10 * number + 2))
        await first.send(send_message("carol", "alice"))

    loop.run(work())


def test_failures_say_why(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        sender = Sender(rpc, key_of("alice"), CHAIN_ID, Fees(gas=200_000))
        with pytest.raises(TxFailed) as failed:
            await sender.send(send_message("alice", "bob", 10**18))
        assert (failed.value.outcome.codespace, failed.value.outcome.code) == ("sdk", 5)
        assert failed.value.outcome.height > 0
        with pytest.raises(TxFailed) as refused:
            await sender.send(send_message("alice", "bob"), fees=Fees(gas=1_000))
        assert (refused.value.outcome.code, refused.value.outcome.height) == (11, 0)
        with pytest.raises(TxFailed):
            await Sender(rpc, key_of("alice"), CHAIN_ID).send(send_message("bob", "alice"))
        with pytest.raises(NodeError, match="not found"):
            await Sender(rpc, key_of("nobody"), CHAIN_ID).send(send_message("nobody", "bob"))
        with pytest.raises(NotIncluded):
            await sender.wait(bytes(32), seconds=0.05)
        with pytest.raises(NodeError):
            await rpc.call("nothing")

    loop.run(work())


def test_headers_that_were_skipped(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        sender = Sender(rpc, key_of("alice"), CHAIN_ID, Fees(gas=200_000))
        for _ in range(4):
            await sender.send(send_message("alice", "bob"))
        view = await view_of(node, rpc)
        newest = await view.update()
        for height in (3, 2, newest):
            assert (await view.header(height)).height == height
        with pytest.raises(HeightUnknown):
            await view.header(newest + 5)
        anchored = await ChainView.open(rpc, Anchor(3, (await view.header(3)).hash()))
        assert await anchored.update() == newest
        with pytest.raises(NotProven):
            await ChainView.open(rpc, Anchor(3, bytes(32)))

    loop.run(work())


def test_another_genesis_is_refused(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    strangers = ValidatorSet.of([Validator(Ed25519Key(b"\x05" * 32).public_key.raw, 10)])
    genesis = Genesis.load(node.home / "config" / "genesis.json")
    with pytest.raises(NotProven):
        loop.run(ChainView.from_genesis(rpc, CHAIN_ID, strangers))
    with pytest.raises(NotProven):
        loop.run(ChainView.from_genesis(rpc, "test-2", genesis.validators))


def test_following(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        view, sender = await view_of(node, rpc), Sender(rpc, key_of("alice"), CHAIN_ID, Fees(gas=200_000))
        heights = view.heights()
        seen = [await anext(heights)]
        for _ in range(3):
            outcome = await sender.send(send_message("alice", "bob"))
            while seen[-1] < outcome.height:
                seen.append(await anext(heights))
        assert seen == sorted(set(seen))
        await heights.aclose()

    loop.run(asyncio.wait_for(work(), 20))


def test_resolving(node: NodeProcess, rpc: RPC, loop: Loop) -> None:
    async def work() -> None:
        view, sender = await view_of(node, rpc), Sender(rpc, key_of("alice"), CHAIN_ID)
        resolver = ChainResolver(view)
        with pytest.raises(DIDNotResolved):
            await resolver.resolve(DID1)
        outcome = await sender.send(create(str(address_of("alice"))))
        await view.wait(outcome.height)
        document = await resolver.resolve(DID1)
        assert document.id == DID1
        assert document.authentication
        holder = encode_did_key(Ed25519Key(b"\x05" * 32).public_key)
        assert (await resolver.resolve(holder)).id == holder
        with pytest.raises(DIDNotResolved):
            await resolver.resolve("did:web:example.org")

    assert KEY1
    loop.run(work())


def test_a_node_that_is_not_there() -> None:
    rpc = RPC("http://127.0.0.1:9", timeout=2)

    async def subscribe() -> None:
        async with rpc.subscribe("tm.event='NewBlock'"):
            pass

    for work in (rpc.status(), rpc.wait_until_up(0.1), subscribe()):
        with pytest.raises(Unreachable):
            plain(work)


class Liar(RPC):
    """A node whose answers to some methods are replaced."""

    def __init__(self, url: str, **lies: Any) -> None:
        super().__init__(url)
        self.lies = lies

    async def call(self, method: str, **params: Any) -> Any:
        true = await super().call(method, **params)
        return self.lies[method](true) if method in self.lies else true


def change(*path: str | int, to: Any) -> Any:
    def lie(answer: Any) -> Any:
        place = answer
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = to
        return answer

    return lie


@pytest.mark.parametrize(
    "lie",
    [
        change("response", "value", to="NQ=="),
        change("response", "value", to=None),
        change("response", "proofOps", to=None),
        change("response", "proofOps", "ops", 0, "data", to="AAAA"),
        change("response", "code", to=5),
    ],
)
def test_lies_about_values_are_noticed(node: NodeProcess, loop: Loop, lie: Any) -> None:
    async def work() -> None:
        rpc = Liar(node.url, abci_query=lie)
        with pytest.raises(NotProven):
            await (await view_of(node, rpc)).get(places.balance(address_of("alice"), "umed"))
        await rpc.close()

    loop.run(work())


@pytest.mark.parametrize(
    "lie", [lambda _: None, lambda _: {}, lambda _: {"response": []}, lambda _: {"response": {"value": 5}}]
)
def test_answers_of_another_shape_are_the_nodes_fault(node: NodeProcess, loop: Loop, lie: Any) -> None:
    async def work() -> None:
        rpc = Liar(node.url, abci_query=lie, status=lie, tx_search=lie, broadcast_tx_sync=lie)
        for ask in (rpc.query("/", b""), rpc.height(), rpc.search("a=5"), rpc.broadcast(b"")):
            with pytest.raises(NodeError):
                await ask
        await rpc.close()

    loop.run(work())


def test_an_answer_without_end_is_refused(node: NodeProcess, loop: Loop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("panacea.client.rpc.MAX_ANSWER", 100)

    async def work() -> None:
        rpc = RPC(node.url)
        with pytest.raises(NodeError, match="more than 100 bytes"):
            await rpc.call("genesis")
        await rpc.close()

    loop.run(work())


def test_the_plain_loop() -> None:
    async def fail() -> None:
        raise NodeError("no")

    with Loop() as loop:
        assert loop.run(asyncio.sleep(0, "done")) == "done"
        with pytest.raises(NodeError):
            loop.run(fail())
    assert plain(asyncio.sleep(0, 5)) == 5
