"""The embedded engine for tests: in this process with virtual time, or as the process that operators run.

engine = Engine(tmp_path)                    # made, opened, at height 0
engine.send("alice", "bob", 5)               # a transaction in the mempool
made = engine.block()

with NodeProcess(tmp_path) as node: ...      # node.url
"""

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from chain_driver import START, address_of, key_of

from panacea.chain.results import TxResult
from panacea.light.headers import LightBlock
from panacea.light.rpc import read_light_block
from panacea.node.genesis import Genesis
from panacea.node.home import Options, initialize, open_node
from panacea.node.server import Server
from panacea.node.solo import Made, Solo
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

CHAIN_ID = "test-1"
SECOND = 1_000_000_000
PEOPLE = {"alice": 10**12, "bob": 10**12, "carol": 10**12}
FEE, GAS = 1_000_000, 200_000


class VirtualClock:
    """Time that passes when told to."""

    def __init__(self, start: int = START) -> None:
        self.time_ns = start

    def now_ns(self) -> int:
        return self.time_ns

    def advance(self, seconds: float) -> None:
        self.time_ns += int(seconds * SECOND)


def make_home(home: Path, people: Mapping[str, int] = PEOPLE, clock: VirtualClock | None = None) -> Genesis:
    """A node's home that funds the named people."""
    balances = {str(address_of(name)): Coins.of(amount) for name, amount in people.items()}
    return initialize(home, chain_id=CHAIN_ID, balances=balances, clock=clock)


def send_message(giver: str, taker: str, amount: int = 1) -> "MsgSend":
    coins = [Coin(denom="umed", amount=str(amount))]
    return MsgSend(from_address=str(address_of(giver)), to_address=str(address_of(taker)), amount=coins)


def account_number(name: str, people: Mapping[str, int] = PEOPLE) -> int:
    """The number of a genesis account: they are numbered in the order of their addresses."""
    return sorted(str(address_of(each)) for each in people).index(str(address_of(name)))


def signed_send(giver: str, taker: str, sequence: int, amount: int = 1, *, number: int | None = None) -> bytes:
    """A transaction that sends coins."""
    key, body = key_of(giver), build_body([send_message(giver, taker, amount)])
    signer = SignedBy(secp256k1_key(key.public_key.raw), sequence)
    auth_info = build_auth_info([signer], fee=Coins.of(FEE), gas_limit=GAS)
    number = account_number(giver) if number is None else number
    document = sign_bytes_direct(body, auth_info, chain_id=CHAIN_ID, account_number=number)
    return build_tx(body, auth_info, [key.sign(hashlib.sha256(document).digest())])


class Engine:
    """An engine over a home, with its server's answers; `failures` are what the server was told to end for."""

    def __init__(self, home: Path, clock: VirtualClock | None = None, options: Options | None = None) -> None:
        self.clock = clock or VirtualClock()
        if not (home / "config").exists():
            make_home(home, clock=self.clock)
        self.home = home
        self.solo: Solo = open_node(home, options, clock=self.clock)
        self.failures: list[BaseException] = []
        self.server = Server(self.solo, self.failures.append)
        self._sequences: dict[str, int] = {}

    def close(self) -> None:
        """Let go of the files, as a process that ends."""
        self.solo.ledger.close()
        self.solo.app.store.close()

    def send(self, giver: str, taker: str, amount: int = 1) -> TxResult:
        """Let a transaction wait."""
        sequence = self._sequences.get(giver, 0)
        result = self.solo.add(signed_send(giver, taker, sequence, amount))
        if not result.code:
            self._sequences[giver] = sequence + 1
        return result

    def block(self, seconds: float = 1) -> Made:
        """Make a block, some time after the last one."""
        self.clock.advance(seconds)
        return self.solo.make_block()

    def call(self, method: str, **params: Any) -> Any:
        """The result of an RPC method; AssertionError where it is refused."""
        answer = self.ask(method, **params)
        assert "error" not in answer, answer
        return answer["result"]

    def ask(self, method: str, **params: Any) -> Any:
        """The whole answer to a request."""
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        raw = asyncio.run(self.server.answer(request))
        assert raw is not None
        return json.loads(raw)

    def light_block(self, height: int) -> LightBlock:
        """What a light client reads of a height."""
        return read_light_block(self.call("commit", height=str(height)), [self.call("validators", height=str(height))])


class NodeProcess:
    """`python -m panacea.node` over a home."""

    def __init__(self, home: Path, *options: str) -> None:
        if not (home / "config").exists():
            make_home(home)
        self.home = home
        self._options = options

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "panacea.node", "--home", str(self.home), "--port", "0", *self._options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line, (self.home / "node.log").read_text()
        self.url: str = json.loads(line)["url"]
        return self

    def said(self) -> bytes:
        """What it wrote to its standard error until its end."""
        assert self.process.stderr
        return self.process.stderr.read()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(10)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pipes = [pipe for pipe in (self.process.stdin, self.process.stdout, self.process.stderr) if pipe]
        try:
            pipes[0].close()
            self.process.wait(20)
        finally:
            self.process.kill()
            for pipe in pipes:
                pipe.close()
