"""Sending transactions: build, simulate, sign, broadcast, wait."""

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from google.protobuf.message import Message

from panacea.client.rpc import RPC
from panacea.client.types import NodeError, NotIncluded, Outcome, TxFailed
from panacea.crypto.keys import Signer
from panacea.primitives.address import Address
from panacea.primitives.coin import BASE_DENOM, Coins
from panacea.primitives.numbers import Dec
from panacea.wire.any import unpack
from panacea.wire.build import SignedBy, build_auth_info, build_body, build_tx, secp256k1_key
from panacea.wire.encode import decode, encode
from panacea.wire.pool import load
from panacea.wire.tx import sign_bytes_direct

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.auth.v1beta1.auth_pb2 import BaseAccount
    from panacea.wire.stubs.cosmos.auth.v1beta1.query_pb2 import QueryAccountRequest, QueryAccountResponse
    from panacea.wire.stubs.cosmos.base.abci.v1beta1.abci_pb2 import TxMsgData
    from panacea.wire.stubs.cosmos.tx.v1beta1.service_pb2 import SimulateRequest, SimulateResponse
else:
    (BaseAccount,) = load("cosmos.auth.v1beta1", "BaseAccount")
    QueryAccountRequest, QueryAccountResponse = load(
        "cosmos.auth.v1beta1", "QueryAccountRequest", "QueryAccountResponse"
    )
    SimulateRequest, SimulateResponse = load("cosmos.tx.v1beta1", "SimulateRequest", "SimulateResponse")
    (TxMsgData,) = load("cosmos.base.abci.v1beta1", "TxMsgData")

GAS_MARGIN = Dec.parse("1.3")
GAS_PRICE = Dec.of(5)
WAIT_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.03, 0.25
_EXPECTED = re.compile(r"account sequence mismatch, expected (\d{1,19}),")


@dataclass(frozen=True, slots=True)
class Fees:
    """What a transaction may cost: gas (None simulates first), the price of a unit, and who pays if not the sender."""

    gas: int | None = None
    price: Dec = GAS_PRICE
    granter: str = ""

    def fee(self, gas: int) -> Coins:
        """The fee for so much gas, in the base denomination."""
        return Coins.of(self.price.times(gas).ceil(), BASE_DENOM)


@dataclass(slots=True)
class _Place:
    number: int
    sequence: int


class Sender:
    """One account that sends. Its sequence is kept here, so that several transactions can stand in one block."""

    def __init__(self, rpc: RPC, signer: Signer, chain_id: str, fees: Fees | None = None) -> None:
        """Send as the account of `signer`'s secp256k1 key."""
        self.rpc = rpc
        self.address: Address = signer.public_key.address()
        self.fees = fees or Fees()
        self._signer = signer
        self._chain_id = chain_id
        self._place: _Place | None = None
        self._turn = asyncio.Lock()

    async def send(self, *messages: Message, fees: Fees | None = None, memo: str = "") -> Outcome:
        """Send messages in one transaction and wait until it stands in a block.

        Raises:
            TxFailed: the chain refused it, at its check or in the block.
            NotIncluded: it did not appear in time.
            Unreachable, NodeError: the node failed.
        """
        outcome = await self.submit(*messages, fees=fees, memo=memo)
        # No block is made at once: asking now would be in vain.
        await asyncio.sleep(FIRST_PAUSE)
        return (await self.wait(outcome.hash)).require()

    async def submit(self, *messages: Message, fees: Fees | None = None, memo: str = "") -> Outcome:
        """Send messages in one transaction, without waiting for its block. Raises as `send` does."""
        async with self._turn:
            outcome = await self._try(messages, fees or self.fees, memo)
            expected = _EXPECTED.search(outcome.log) if outcome.code else None
            if expected is not None and self._place is not None:
                # Somebody else uses this key, or a transaction of ours was dropped: take the chain's word once.
                self._place.sequence = int(expected[1])
                outcome = await self._try(messages, fees or self.fees, memo)
            return outcome.require()

    async def _try(self, messages: Sequence[Message], fees: Fees, memo: str) -> Outcome:
        """The outcome of a check, or of the simulation before it where that fails."""
        place = self._place = self._place or await self.find_account()
        gas = fees.gas
        if gas is None:
            # A token fee makes the simulation walk the way of the fee as well, which has its own cost in gas.
            simulated = self._signed(messages, place, fees, gas=1, memo=memo)
            try:
                gas = GAS_MARGIN.times(await self.simulate(simulated)).ceil()
            except TxFailed as no:
                return no.outcome
        outcome = await self.rpc.broadcast(self._signed(messages, place, fees, gas=gas, memo=memo))
        if not outcome.code:
            place.sequence += 1
        return outcome

    def _signed(self, messages: Sequence[Message], place: _Place, fees: Fees, *, gas: int, memo: str) -> bytes:
        body = build_body(messages, memo=memo)
        signer = SignedBy(secp256k1_key(self._signer.public_key.raw), place.sequence)
        auth_info = build_auth_info([signer], fee=fees.fee(gas), gas_limit=gas, granter=fees.granter)
        document = sign_bytes_direct(body, auth_info, chain_id=self._chain_id, account_number=place.number)

        return build_tx(body, auth_info, [self._signer.sign(sha256(document).digest())])

    async def find_account(self) -> _Place:
        """Number and sequence of the account, as the node tells them: a wrong one only fails the transaction.

        Raises:
            NodeError: the account does not exist yet, because nothing was ever sent to it.
        """
        request = encode(QueryAccountRequest(address=str(self.address)))
        answer = await self.rpc.query("/cosmos.auth.v1beta1.Query/Account", request)
        if answer.code:
            raise NodeError(f"account {self.address}: {answer.log}")
        found = unpack(decode(QueryAccountResponse, answer.value).account)
        if not isinstance(found, BaseAccount):
            raise NodeError(f"account {self.address} is of another kind")
        return _Place(found.account_number, found.sequence)

    async def simulate(self, raw: bytes) -> int:
        """The gas a transaction would use.

        Raises:
            TxFailed: it would fail.
        """
        answer = await self.rpc.query("/cosmos.tx.v1beta1.Service/Simulate", encode(SimulateRequest(tx_bytes=raw)))
        if answer.code:
            raise TxFailed(
                Outcome(b"", 0, answer.code, answer.codespace, answer.log, b"", gas_wanted=0, gas_used=0, events=())
            )
        return decode(SimulateResponse, answer.value).gas_info.gas_used

    async def wait(self, tx_hash: bytes, *, seconds: float = WAIT_SECONDS) -> Outcome:
        """What became of a transaction, once it stands in a block.

        Raises:
            NotIncluded: it did not appear within `seconds`.
        """
        pause, loop = FIRST_PAUSE, asyncio.get_running_loop()
        until = loop.time() + seconds
        while True:
            found = await self.rpc.find_tx(tx_hash)
            if found is not None:
                return found
            if loop.time() >= until:
                raise NotIncluded(hash=tx_hash)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, LONGEST_PAUSE)


def responses(outcome: Outcome) -> list[Message]:
    """The responses of a transaction's messages, in their order."""
    return [unpack(packed) for packed in decode(TxMsgData, outcome.data).msg_responses]
