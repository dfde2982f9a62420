"""Seeded random blocks of everything: transfers and grants, DIDs, oracles, deals, and what becomes of them.

python random_market.py SEED BLOCKS        prints where the chain ended
"""

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any

from chain_driver import Driver, key_of
from deal_market import FEE, Market, did_of
from did_documents import create, deactivate, document_of, update
from google.protobuf.message import Message
from oracle_network import (
    BOND,
    PLENTY,
    NetworkOracle,
    collateral_message,
    committee_of,
    new_oracle,
    oracle_balances,
    registration,
)
from simulation.random_chain import PEOPLE, RandomChain

from panacea.chain.datadeal import state
from panacea.chain.datadeal.certificates import decode_certificate
from panacea.chain.datadeal.messages import MsgCloseDeal
from panacea.chain.datadeal.types import PENDING, RELEASED
from panacea.chain.did.state import entries, is_deactivated
from panacea.chain.oracle import state as oracle_state
from panacea.chain.oracle.messages import MsgAddBond, MsgLeaveOracle, MsgRefreshOracle
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin, Coins

SELLERS = ("alice", "bob", "carol")
EPOCH = 40
Maker = Callable[[str], Message | None]


class RandomMarket(RandomChain):
    """A random chain on which people also trade; epochs, deadlines and retention are short, so that all come round."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        both = Coins((Coin("umed", 1_000_000), Coin("uother", 500)))
        self.market = Market(
            balances={
                **dict.fromkeys(PEOPLE, both),
                **dict.fromkeys(SELLERS, 10_000),
                **oracle_balances(8),
                "consumer": Coins((Coin("umed", 1000 * FEE), Coin("uother", 100_000))),
            },
            params={"share_retention_blocks": "15"},
            oracle_params={
                "epoch_blocks": str(EPOCH),
                "min_bond": {"denom": "umed", "amount": str(BOND // 2)},
                "unbonding_blocks": str(2 * EPOCH),
                "certificate_ttl": "8",
                "release_window": "12",
                "jail_blocks": "5",
            },
        )
        self.chain: Driver = self.market.chain

    def _txs(self) -> list[bytes]:
        makers: dict[str, Sequence[Maker]] = {
            "consumer": [self._deal] * 4 + [self._close],
            "issuer": [self._did],
            **dict.fromkeys(SELLERS, [self._consent] * 6 + [self._withdrawal, self._did]),
        }
        for number in range(8):
            makers[f"oracle-{number}"] = [self._release] * 5 + [self._keys] * 3 + [self._bond]
        txs = super()._txs()
        for signer in self.random.sample(sorted(makers), self.random.randint(3, len(makers))):
            message = self.random.choice(makers[signer])(signer)
            if message is not None:
                gas = self.random.choice([PLENTY] * 9 + [90_000])
                txs.append(self._spoiled(self.chain.sign(signer, message, fee=self.random.choice([0, 5]), gas=gas)))
        return txs

    # DIDs.

    def _did(self, signer: str) -> Message | None:
        """Its first, another version, or rarely its end; now and then with a wrong sequence."""
        payer, did, key = self.chain[signer], did_of(signer), key_of(signer)
        entry = entries.find(self.chain.ctx(), did)
        if entry is None or is_deactivated(entry):
            return create(payer, document_of(key, did), key)
        sequence = entry.sequence + (self.random.random() < 0.1)
        if signer != "issuer" and self.random.random() < 0.2:
            return deactivate(payer, sequence, key, did)
        document = document_of(key, did)
        document.services.add(id=f"{did}#s", type="Website", service_endpoint=f"https://{self.random.random()}")
        return update(payer, document, sequence, key)

    # Oracles.

    def _oracle(self, signer: str) -> NetworkOracle:
        return new_oracle(self.chain, int(signer.removeprefix("oracle-")), self._epoch())

    def _epoch(self, height: int = 0) -> int:
        return (height or self.chain.height + 1) // EPOCH

    def _keys(self, signer: str) -> Message | None:
        """A registration, or keys of this epoch or the next, or fresh collateral."""
        oracle = self._oracle(signer)
        if self.random.random() < 0.1:
            return collateral_message(self.chain, signer, oracle.number)
        commission = self.random.choice(["0.02", "0.02", "0.02", "0.3"])
        if not oracle_state.oracles.has(self.chain.ctx(), Address.parse(oracle.address)):
            return registration(self.chain, oracle, oracle.submission(self.chain, commission=commission))
        if self.random.random() < 0.4:
            oracle = oracle.at(oracle.epoch + 1)
        keys = oracle.submission(self.chain, commission=commission)
        return MsgRefreshOracle(operator=oracle.address, keys=keys)

    def _bond(self, signer: str) -> Message | None:
        if self.random.random() < 0.05:
            return MsgLeaveOracle(operator=self.chain[signer])
        message = MsgAddBond(operator=self.chain[signer])
        message.amount.denom, message.amount.amount = self.random.choice(["umed", "umed", "uother"]), "7"
        return message

    def _members(self, epoch: int) -> list[NetworkOracle]:
        """The committee of an epoch; none while it is not drawn."""
        if not oracle_state.committees.has(self.chain.ctx(), epoch):
            return []
        return committee_of(self.chain, [self._oracle(f"oracle-{number}") for number in range(8)], epoch)

    # Deals.

    def _deal(self, _: str) -> Message | None:
        return self.market.deal_message(
            price=self.random.choice([1, 999, 1000, "70uother", "999999uother"]),
            max_records=self.random.randint(1, 8),
            closes_in=self.random.choice([0, 60, 300, 1000, 1000]),
        )

    def _some_deal(self) -> int:
        last = max(state.deal_ids.peek(self.chain.ctx()) - 1, 2)
        return self.random.randint(max(last - 5, 1), last)

    def _close(self, signer: str) -> Message | None:
        return MsgCloseDeal(consumer=self.chain[signer], deal_id=self._some_deal())

    def _consent(self, signer: str) -> Message | None:
        """A good one mostly; some with a wrong share, by a silent oracle, of a record that was sold, or too greedy."""
        members = self._members(self._epoch(self.chain.height))
        if not members:
            return None
        changes: dict[str, Any] = {"sealed_shares": [b"x"] * len(members)} if self.random.random() < 0.1 else {}
        return self.market.consent(
            self._some_deal(),
            signer,
            f"record {self.random.randrange(8)}",
            by=(self.random.randint(1, len(members)),),
            attempt=self.random.choice(["", "again"]),
            members=members,
            min_net=self.random.choice(["", "", "500"]),
            **changes,
        )

    def _withdrawal(self, signer: str) -> Message | None:
        own = [place for place, consent in self._consents() if consent.provider == self.chain[signer]]
        deal, number = self.random.choice([*own, (self._some_deal(), 1)])
        return self.market.withdrawal(deal, number, signer)

    def _consents(self) -> "list[tuple[tuple[int, int], state.Consent]]":
        return list(state.consents.items(self.chain.ctx()))

    def _release(self, signer: str) -> Message | None:
        """What waits for this member, and some of what does not; a few shares that do not open."""
        address, releases, epoch = self.chain[signer], [], self._epoch(self.chain.height)
        for (deal, number), consent in self._consents():
            certified_in = decode_certificate(consent.certificates[0].body).epoch
            members = [member.address for member in self._members(certified_in)]
            if address not in members or (consent.status not in (PENDING, RELEASED) and self.random.random() < 0.9):
                continue
            epoch = certified_in
            place = members.index(address) + 1
            releases.append(self.market.share(deal, number, place, bad=self.random.random() < 0.15))
        if not releases:
            return None
        return self.market.batch(self._oracle(signer).at(epoch), *releases[-32:])


if __name__ == "__main__":
    simulation = RandomMarket(int(sys.argv[1]))
    simulation.run(int(sys.argv[2]))
    info = simulation.chain.app.info()
    print(json.dumps([info.last_block_height, info.last_block_app_hash.hex(), sorted(simulation.codes.items())]))
