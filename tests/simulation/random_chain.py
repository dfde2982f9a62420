"""Seeded random blocks of transfers, grants and failures."""

import random
from collections.abc import Callable

from chain_driver import Driver, address_of
from google.protobuf.message import Message

from panacea.chain.bank.messages import Input, MsgMultiSend, MsgSend, Output
from panacea.chain.coins import write_coins
from panacea.chain.feegrant import state
from panacea.chain.feegrant.messages import MsgGrantAllowance, MsgRevokeAllowance, write_allowance
from panacea.chain.feegrant.types import Allowance, AllowedMsgAllowance, BasicAllowance, PeriodicAllowance
from panacea.chain.times import SECOND
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins

PEOPLE = ("ann", "ben", "cat", "dan", "eve")
SEND = "/cosmos.bank.v1beta1.MsgSend"


class RandomChain:
    """A chain that one seed drives; new people may appear, and about a third of all transactions is refused."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        both = Coins((Coin("umed", 1_000_000), Coin("uother", 500)))
        self.chain = Driver(dict.fromkeys(PEOPLE, both))
        self.codes: dict[str, int] = {}

    def run(self, blocks: int) -> None:
        """Make so many blocks, and check every invariant after each."""
        for _ in range(blocks):
            for result in self.chain.block(*self._txs()).tx_results:
                kind = f"{result.codespace}/{result.code}"
                self.codes[kind] = self.codes.get(kind, 0) + 1
            self.chain.check_invariants()

    def _txs(self) -> list[bytes]:
        return [self._tx(name) for name in self.random.sample(PEOPLE, self.random.randint(0, len(PEOPLE)))]

    def _tx(self, signer: str) -> bytes:
        makers: list[Callable[[str], Message]] = [self._send, self._multi_send, self._grant, self._grant, self._revoke]
        messages = [self.random.choice(makers)(signer) for _ in range(self.random.choice([1, 1, 1, 2]))]
        raw = self.chain.sign(
            signer,
            *messages,
            fee=self.random.choice([0, 1, 10, 10, 10, 10_000_000]),
            gas=self.random.choice([1_000_000] * 8 + [60_000, 90_000]),
            granter=self._granter(signer),
        )
        return self._spoiled(raw)

    def _spoiled(self, raw: bytes) -> bytes:
        """Some bytes with one bit of them flipped, one time in ten; else as they are."""
        if self.random.random() >= 0.1:
            return raw
        at = self.random.randrange(len(raw))
        return raw[:at] + bytes([raw[at] ^ 1 << self.random.randrange(8)]) + raw[at + 1 :]

    def _other(self, signer: str) -> str:
        return self.random.choice([name for name in (*PEOPLE, f"new-{self.random.randrange(20)}") if name != signer])

    def _granter(self, signer: str) -> str:
        """Nobody mostly, else somebody who granted the signer something, or did not."""
        if self.random.random() < 0.6:
            return ""
        grants = [pair for pair, _ in state.grants.items(self.chain.ctx()) if pair[0] == address_of(signer)]
        givers = [name for name in PEOPLE if (address_of(signer), address_of(name)) in grants]
        return self.random.choice([*givers, self._other(signer)])

    def _send(self, signer: str) -> Message:
        return MsgSend(
            from_address=self.chain[signer],
            to_address=self.chain[self._other(signer)],
            amount=write_coins(self._coins()),
        )

    def _multi_send(self, signer: str) -> Message:
        one, two = self._coins(), self._coins()
        total = write_coins(one + two)
        return MsgMultiSend(
            inputs=[Input(address=self.chain[signer], coins=total)],
            outputs=[Output(address=self.chain[self._other(signer)], coins=write_coins(part)) for part in (one, two)],
        )

    def _coins(self) -> Coins:
        umed = Coins.of(self.random.choice([1, 7, 1000, 1000, 2_000_000]))
        return umed + Coins.of(self.random.choice([0, 3]), "uother")

    def _grant(self, signer: str) -> Message:
        ends = self.chain.time_ns + self.random.choice([-10, 7, 100]) * SECOND
        basic = BasicAllowance(Coins.of(self.random.choice([50, 500])), self.random.choice([None, ends]))
        periodic = PeriodicAllowance(basic, 20 * SECOND, Coins.of(20), Coins.of(20), self.chain.time_ns)
        kinds: list[Allowance] = [basic, periodic, AllowedMsgAllowance(basic, (SEND,))]
        allowance = self.random.choice(kinds)
        return MsgGrantAllowance(
            granter=self.chain[signer], grantee=self.chain[self._other(signer)], allowance=write_allowance(allowance)
        )

    def _revoke(self, signer: str) -> Message:
        """Of an allowance that there is, mostly."""
        granted = [pair[0] for pair, _ in state.grants.items(self.chain.ctx()) if pair[1] == address_of(signer)]
        if not granted or self.random.random() < 0.2:
            granted = [address_of(self._other(signer))]
        return MsgRevokeAllowance(granter=self.chain[signer], grantee=str(Address(self.random.choice(granted))))
