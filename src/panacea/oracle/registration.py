"""Keys for each epoch: made in the enclave, bound to chain, block and endpoint by evidence, registered on chain."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.attestation import Enclave
from panacea.chain.oracle.messages import report_context
from panacea.client import places
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto import hpke
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys, FreshKeys, KeyShelf
from panacea.primitives.coin import Coin
from panacea.primitives.numbers import Dec
from panacea.primitives.time import Random
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission, Oracle, OracleStatus, Params
    from panacea.wire.stubs.panacea.oracle.v3.tx_pb2 import MsgRefreshOracle, MsgRegisterOracle
else:
    KeySubmission, OracleStatus = load("panacea.oracle.v3", "KeySubmission", "OracleStatus")
    MsgRegisterOracle, MsgRefreshOracle = load("panacea.oracle.v3", "MsgRegisterOracle", "MsgRefreshOracle")

LOG = logging.getLogger(__name__)
ACTIVE, JAILED = OracleStatus.ORACLE_STATUS_ACTIVE, OracleStatus.ORACLE_STATUS_JAILED


@dataclass(frozen=True, slots=True)
class Terms:
    """What an operator offers: where the oracle answers, its share of each price, and its bond."""

    endpoint: str
    commission: Dec
    bond: Coin


@dataclass(frozen=True, slots=True)
class Registrar:
    """Keeps an oracle registered."""

    view: ChainView
    sender: Sender
    enclave: Enclave
    shelf: KeyShelf
    terms: Terms
    random: Random

    async def ensure(self, facts: Facts | None = None) -> None:
        """Have keys for the current epoch, and in its second half for the next one too; drop those that are done.

        After a restart the keys on chain are gone from here, and new ones take their place. After a time in jail the
        keys that are still held are attested anew, so that shares sealed to them can be released. `facts` are the
        newest, if the caller has them.

        Raises:
            Rejected: the chain refused the evidence or the bond, or cannot be reached.
        """
        facts = facts or await Facts.newest(self.view)
        epoch = await facts.epoch()
        self.shelf.drop_unneeded(epoch, facts.height)
        mine = await facts.oracle(str(self.sender.address))
        if mine is not None and not await self._may_serve(facts, mine):
            return
        for each in await self._wanted(facts, epoch):
            held = self.shelf.find(each)
            is_jailed = mine is not None and mine.status == JAILED and each == epoch
            if held is None or is_jailed:
                fresh = held.fresh if held else FreshKeys.generate(self.random)
                await self._register(facts, fresh, each)

    async def _wanted(self, facts: Facts, epoch: int) -> list[int]:
        """The epochs for which the chain takes keys in the next block."""
        length = (await facts.params()).epoch_blocks
        return [epoch] if (facts.height + 1) % length * 2 < length else [epoch, epoch + 1]

    async def _may_serve(self, facts: Facts, mine: "Oracle") -> bool:
        """Whether the chain would take keys: not from one that leaves, sits in jail, or lost too much of its bond."""
        if mine.status != JAILED:
            return mine.status == ACTIVE
        least = (await facts.params()).min_bond
        is_enough = mine.bond.denom == least.denom and int(mine.bond.amount) >= int(least.amount)
        if facts.height >= mine.jailed_until and not is_enough:
            LOG.warning("the bond is below %s%s: this oracle serves again when it is raised", least.amount, least.denom)
        return facts.height >= mine.jailed_until and is_enough

    async def _register(self, facts: Facts, fresh: FreshKeys, epoch: int) -> None:
        submission = self._submission(fresh, epoch)
        address = self.sender.address
        if await self.view.get(places.oracle(address)) is None:
            message = MsgRegisterOracle(operator=str(address), keys=submission)
            message.bond.denom, message.bond.amount = self.terms.bond.denom, str(self.terms.bond.amount)
            outcome = await self.sender.send(message)
        else:
            outcome = await self.sender.send(MsgRefreshOracle(operator=str(address), keys=submission))
        await self.view.wait(outcome.height)
        registered = await self.view.require(places.oracle_key(address, epoch))
        if registered.signing_key != fresh.signing.public_key.raw:
            LOG.warning("somebody else registered keys of this oracle for epoch %d", epoch)
            return
        self.shelf.put(EpochKeys(fresh, registered))
        self.shelf.keep_until(epoch, last_release(await facts.params(), epoch))
        LOG.info("registered for epoch %d at height %d", epoch, outcome.height)

    def _submission(self, fresh: FreshKeys, epoch: int) -> "KeySubmission":
        head = self.view.head
        submission = KeySubmission(
            epoch=epoch,
            endpoint=self.terms.endpoint,
            commission_rate=self.terms.commission.to_wire(),
            signing_key=fresh.signing.public_key.raw,
            trusted_height=head.height,
            trusted_hash=head.hash(),
        )
        submission.hpke_key.suite, submission.hpke_key.public_key = hpke.SUITE, fresh.sealing.public_key
        context = report_context(self.view.chain_id, str(self.sender.address), submission)
        evidence = self.enclave.evidence(context.report_data())
        submission.evidence.kind, submission.evidence.blob = evidence.kind, evidence.blob
        submission.evidence.certificates = evidence.certificates
        return submission


def last_release(params: "Params", epoch: int) -> int:
    """The last height at which a share of this epoch can be due: certified in its last block, sold at the last moment.

    The epoch's keys are held until then, whether or not a consent was seen: it may still come.
    """
    last_block = (epoch + 1) * params.epoch_blocks - 1
    return last_block + params.certificate_ttl + params.release_window
