"""Bank sends on the embedded node: the engine alone, and through the RPC by the SDK.

The figures swing with the machine; what is comparable is their ratio and where the time goes.
"""

import asyncio
import hashlib
import socket
import statistics
import tempfile
import time
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from panacea.client.rpc import RPC
from panacea.client.sender import Fees, Sender
from panacea.crypto.keys import Secp256k1Key
from panacea.node.home import initialize, open_node
from panacea.node.server import Server
from panacea.node.solo import Solo
from panacea.primitives.coin import Coins
from panacea.wire.build import SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.pool import load
from panacea.wire.tx import sign_bytes_direct

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.bank.v1beta1.tx_pb2 import MsgSend
    from panacea.wire.stubs.cosmos.base.v1beta1.coin_pb2 import Coin
else:
    (MsgSend,) = load("cosmos.bank.v1beta1", "MsgSend")
    (Coin,) = load("cosmos.base.v1beta1", "Coin")

CHAIN_ID = "test-benchmark"
PEOPLE, ROUNDS = 500, 3
SENDERS, SENDS = 20, 15
GAS, FEE = 200_000, 1_000_000


def key(number: int) -> Secp256k1Key:
    return Secp256k1Key(hashlib.sha256(b"benchmark %d" % number).digest())


def address(number: int) -> str:
    return str(key(number).public_key.address())


def send(number: int) -> "MsgSend":
    taker = address((number + 1) % PEOPLE)
    return MsgSend(from_address=address(number), to_address=taker, amount=[Coin(denom="umed", amount="1")])


def signed(number: int, account: int, sequence: int) -> bytes:
    signer, body = key(number), build_body([send(number)])
    by = SignedBy(secp256k1_key(signer.public_key.raw), sequence)
    auth_info = build_auth_info([by], fee=Coins.of(FEE), gas_limit=GAS)
    document = sign_bytes_direct(body, auth_info, chain_id=CHAIN_ID, account_number=account)
    return build_tx(body, auth_info, [signer.sign(hashlib.sha256(document).digest())])


def engine_alone(engine: Solo) -> None:
    """Microseconds a transaction, for the check and for the block with its two commits to disk."""
    accounts = {name: number for number, name in enumerate(sorted(address(n) for n in range(PEOPLE)))}
    engine.make_block()
    checks, blocks = [], []
    for sequence in range(ROUNDS):
        txs = [signed(number, accounts[address(number)], sequence) for number in range(PEOPLE)]
        began = time.perf_counter()
        for raw in txs:
            assert engine.add(raw).code == 0
        checked = time.perf_counter()
        made = engine.make_block()
        blocks.append((time.perf_counter() - checked) / PEOPLE)
        checks.append((checked - began) / PEOPLE)
        assert not any(result.code for result in made.result.tx_results)
    check, block = statistics.median(checks), statistics.median(blocks)
    print(f"engine: {1 / (check + block):,.0f} tx/s ({check * 1e6:.0f} us check, {block * 1e6:.0f} us block)")


async def through_the_rpc(engine: Solo) -> None:
    """Transactions a second of some senders at once, and how long each takes from sending to its block, seen."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(Server(engine, print).app(), log_level="error"))
    listener = socket.create_server(("127.0.0.1", 0))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    rpc = RPC(f"http://127.0.0.1:{listener.getsockname()[1]}")
    await rpc.wait_until_up(10)

    async def work(number: int) -> list[float]:
        sender, took = Sender(rpc, key(number), CHAIN_ID, Fees(gas=GAS)), []
        for _ in range(SENDS):
            began = time.perf_counter()
            await sender.send(send(number))
            took.append(time.perf_counter() - began)
        return took

    began = time.perf_counter()
    took = sorted(chain(*await asyncio.gather(*(work(number) for number in range(SENDERS)))))
    rate = len(took) / (time.perf_counter() - began)
    p50, p99 = took[len(took) // 2], took[len(took) * 99 // 100]
    print(f"{SENDERS} senders over RPC, in one process with the node: {rate:,.0f} tx/s")
    print(f"send to commit: p50 {p50 * 1e3:.0f} ms, p99 {p99 * 1e3:.0f} ms")
    await rpc.close()
    server.should_exit = True
    await serving


def run() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "node"
        balances = {address(number): Coins.of(10**12) for number in range(PEOPLE)}
        initialize(home, chain_id=CHAIN_ID, balances=balances)
        engine = open_node(home)
        engine_alone(engine)
        asyncio.run(through_the_rpc(engine))


if __name__ == "__main__":
    run()
