"""Keys for each epoch: made in the enclave, bound to chain, block and endpoint by evidence, registered on chain."""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.attestation import Enclave
from panacea.client import places
from panacea.client.sender import Sender
from panacea.client.view import ChainView
from panacea.crypto import hpke
from panacea.oracle.facts import Facts
from panacea.oracle.keys import EpochKeys, FreshKeys, KeyShelf
from panacea.primitives.address import Address
from panacea.primitives.coin import Coin
from panacea.primitives.numbers import Dec
from panacea.primitives.time import Random
from panacea.wire.contexts import ReportContext
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import KeySubmission
    from panacea.wire.stubs.panacea.oracle.v3.tx_pb2 import MsgRefreshOracle, MsgRegisterOracle
else:
    KeySubmission, MsgRegisterOracle, MsgRefreshOracle = load(
        "panacea.oracle.v3", "KeySubmission", "MsgRegisterOracle", "MsgRefreshOracle"
    )

LOG = logging.getLogger(__name__)


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

    async def ensure(self) -> None:
        """Have keys for the current epoch, and in its second half for the next one too.

        Raises:
            Rejected: the chain refused the evidence or the bond, or cannot be reached.
        """
        facts = await Facts.newest(self.view)
        params = await facts.params()
        epoch = await facts.epoch()
        into = (facts.height + 1) % params.epoch_blocks
        wanted = [epoch] if into * 2 < params.epoch_blocks else [epoch, epoch + 1]
        for each in wanted:
            if self.shelf.find(each) is None:
                await self._register(each)
        self.shelf.drop_unneeded(epoch, facts.height)

    async def _register(self, epoch: int) -> None:
        fresh = FreshKeys.generate(self.random)
        submission = self._submission(fresh, epoch)
        address = self.sender.address
        if await self.view.get(places.oracle(address)) is None:
            message = MsgRegisterOracle(operator=str(address), keys=submission)
            message.bond.denom, message.bond.amount = self.terms.bond.denom, str(self.terms.bond.amount)
            outcome = await self.sender.send(message)
        else:
            outcome = await self.sender.send(MsgRefreshOracle(operator=str(address), keys=submission))
        await self.view.wait(outcome.height)
        registered = await self.view.require(places.oracle_key(Address(address), epoch))
        if registered.signing_key == fresh.signing.public_key.raw:
            self.shelf.put(EpochKeys(fresh, registered))
            LOG.info("registered for epoch %d at height %d", epoch, outcome.height)

    def _submission(self, fresh: FreshKeys, epoch: int) -> "KeySubmission":
        head = self.view.head
        context = ReportContext(
            chain_id=self.view.chain_id,
            operator=str(self.sender.address),
            epoch=epoch,
            signing_key=fresh.signing.public_key.raw,
            suite=hpke.SUITE,
            hpke_key=fresh.sealing.public_key,
            endpoint=self.terms.endpoint,
            trusted_height=head.height,
            trusted_hash=head.hash(),
        )
        evidence = self.enclave.evidence(context.report_data())
        submission = KeySubmission(
            epoch=epoch,
            endpoint=self.terms.endpoint,
            commission_rate=self.terms.commission.to_wire(),
            signing_key=context.signing_key,
            trusted_height=context.trusted_height,
            trusted_hash=context.trusted_hash,
        )
        submission.hpke_key.suite, submission.hpke_key.public_key = context.suite, context.hpke_key
        submission.evidence.kind, submission.evidence.blob = evidence.kind, evidence.blob
        submission.evidence.certificates = evidence.certificates
        return submission
