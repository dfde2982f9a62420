"""An oracle keeps itself registered: once, in time, after restarts and after jail, and drops keys that are done."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver
from oracle_network import BOND
from oracle_town import Member, Town, credential

from panacea.chain.oracle import state
from panacea.chain.oracle.messages import MsgAddBond, MsgLeaveOracle, MsgRefreshOracle
from panacea.client.types import TxFailed
from panacea.oracle.keys import FreshKeys
from panacea.oracle.registration import last_release
from panacea.oracle.types import NotReady, SealedForOtherContext
from panacea.primitives.address import Address
from panacea.primitives.time import SystemRandom
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import OracleStatus
else:
    (OracleStatus,) = load("panacea.oracle.v3", "OracleStatus")

EPOCH, TTL, WINDOW = 40, 5, 30
ACTIVE, JAILED, LEAVING = 1, 2, 3
SHORT: dict[str, Any] = {"certificate_ttl": str(TTL), "release_window": str(WINDOW), "release_margin": "2"}


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Five oracles in epochs of forty blocks, at the beginning of the second one."""
    made = Town(tmp_path, epoch_blocks=EPOCH, **SHORT)
    monkeypatch.setattr("panacea.oracle.reseal.store_client", made.store.client)
    try:
        go_to(made, EPOCH)
        made.ensure()
        yield made
    finally:
        made.close()


def go_to(town: Town, height: int) -> None:
    """Make blocks until the state of `height` can be read."""
    while town.chain.height - 1 < height:
        town.chain.proceed()


def on_chain(chain: Driver, member: Member, epoch: int) -> Any:
    return state.keys.find(chain.ctx(), (Address.parse(member.address), epoch))


def record(town: Town, member: Member) -> Any:
    return state.get_oracle(town.chain.ctx(), Address.parse(member.address))


def sent(member: Member) -> int:
    return member.rpc.calls.count("broadcast_tx_sync")


def test_ensured_once(town: Town) -> None:
    member = town.members[0]
    before = sent(member)
    for _ in range(3):
        town.run(member.oracle.registrar.ensure())
    assert sent(member) == before


def test_keys_on_the_shelf_are_those_on_chain(town: Town) -> None:
    for member in town.members:
        keys, registered = member.shelf.find(town.epoch), on_chain(town.chain, member, town.epoch)
        assert keys is not None
        assert keys.registered == registered
        assert registered.hpke_key.public_key == keys.fresh.sealing.public_key
        assert registered.signing_key == keys.fresh.signing.public_key.raw


def test_next_epochs_keys_come_in_the_second_half(town: Town) -> None:
    member, here = town.members[0], town.epoch
    go_to(town, here * EPOCH + EPOCH // 2 - 3)
    town.run(member.oracle.registrar.ensure())
    assert member.shelf.find(here + 1) is None
    go_to(town, here * EPOCH + EPOCH // 2)
    town.run(member.oracle.registrar.ensure())
    assert member.shelf.find(here + 1) is not None
    assert on_chain(town.chain, member, here + 1) is not None
    before = sent(member)
    town.run(member.oracle.registrar.ensure())
    assert sent(member) == before


def test_keys_are_held_until_the_last_share_can_be_due(town: Town) -> None:
    member, here = town.members[0], town.epoch
    params = state.params.get(town.chain.ctx())
    last = last_release(params, here)
    assert last == (here + 1) * EPOCH - 1 + TTL + WINDOW
    while town.chain.height - 1 < last:
        town.chain.proceed()
        town.run(member.oracle.registrar.ensure())
    go_to(town, last)
    assert town.epoch == here + 1
    town.run(member.oracle.registrar.ensure())
    go_to(town, last + 1)
    town.run(member.oracle.registrar.ensure())
    assert member.shelf.find(here) is None
    assert member.shelf.find(here + 1) is not None


def test_consent_of_the_last_epoch_is_answered(town: Town) -> None:
    """Sold in the first blocks of the next epoch, by a certificate of the one before."""
    here, deal = town.epoch, town.deal()
    go_to(town, (here + 1) * EPOCH - 4)
    draft = town.wallet(deal, credential())
    reply = town.ask(draft)
    town.follow()
    while town.epoch == here:
        town.chain.engine.make_block()
    assert town.chain.height < town.certificate(reply).expires_at_height
    number = town.sell(draft, reply)
    town.run(town.members[0].oracle.registrar.ensure())
    town.follow()
    assert len(town.market.sale(draft.info.deal_id, number).released) == 5


def test_offer_of_the_last_epoch(town: Town) -> None:
    here = town.epoch
    draft = town.wallet(town.deal(), credential())
    go_to(town, (here + 1) * EPOCH)
    town.ensure()
    assert town.code(draft.with_info(expires_at=town.chain.time_ns // 10**9 + 60)) == "epoch_over"


def test_offer_before_the_committee_is_drawn(town: Town) -> None:
    deal = town.deal()
    go_to(town, (town.epoch + 1) * EPOCH)
    town.run(town.members[0].oracle.registrar.ensure())
    assert town.code(town.wallet(deal, credential())) == "no_committee"


def test_restart_inside_an_epoch(town: Town) -> None:
    former = on_chain(town.chain, town.members[0], town.epoch)
    draft = town.wallet(town.deal(), credential())
    again = town.restart(0)
    with pytest.raises(SealedForOtherContext):
        town.ask(draft)
    town.run(again.oracle.registrar.ensure())
    registered = on_chain(town.chain, again, town.epoch)
    assert registered.signing_key != former.signing_key
    assert registered.commission_rate == former.commission_rate
    with pytest.raises(SealedForOtherContext):
        town.ask(draft)
    assert town.code(town.wallet(town.deal(), credential())) == "ok"


def test_a_second_process_of_the_same_operator(town: Town) -> None:
    """Keys that no longer stand on chain certify nothing."""
    first = town.members[0]
    draft = town.wallet(town.deal(), credential())
    town.run(town.member(0).oracle.registrar.ensure())
    with pytest.raises(NotReady, match="other keys"):
        town.run(first.oracle.intake.answer(draft.sealed()))


def test_the_evidence_binds_the_endpoint(town: Town) -> None:
    member = town.members[0]
    town.run(member.view.update())
    submission = member.oracle.registrar._submission(FreshKeys.generate(SystemRandom()), town.epoch)
    submission.endpoint = "http://127.0.0.1:1"
    with pytest.raises(TxFailed, match="report_data_mismatch"):
        town.run(member.sender.send(MsgRefreshOracle(operator=member.address, keys=submission)))


def test_jail_and_back(town: Town) -> None:
    """While it sits nothing is sent and nothing certified; then the same keys are attested anew."""
    member, here = town.members[0], town.epoch
    held, height = member.shelf.find(here), town.chain.height
    jail(town, member, until=height + 10)
    assert record(town, member).status == JAILED
    before = sent(member)
    town.run(member.oracle.registrar.ensure())
    assert sent(member) == before
    with pytest.raises(NotReady, match="not active"):
        town.ask(town.wallet(town.deal(), credential()))
    go_to(town, height + 12)
    town.run(member.oracle.registrar.ensure())
    again = member.shelf.find(here)
    assert record(town, member).status == ACTIVE
    assert held is not None
    assert again is not None
    assert again.fresh == held.fresh
    assert again.registered.height > held.registered.height
    assert town.code(town.wallet(town.deal(), credential())) == "ok"


def test_a_bond_that_became_too_small(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    member, height = town.members[0], town.chain.height
    jail(town, member, until=height + 2, bond=BOND - 1)
    go_to(town, height + 4)
    before = sent(member)
    town.run(member.oracle.registrar.ensure())
    assert sent(member) == before
    assert "bond" in caplog.text
    message = MsgAddBond(operator=member.address)
    message.amount.denom, message.amount.amount = "umed", "1"
    town.run(member.sender.send(message))
    town.run(member.oracle.registrar.ensure())
    assert record(town, member).status == ACTIVE


def test_one_that_leaves_sends_nothing_more(town: Town) -> None:
    member = town.members[0]
    town.run(member.sender.send(MsgLeaveOracle(operator=member.address)))
    before = sent(member)
    go_to(town, (town.epoch + 1) * EPOCH)
    town.run(member.oracle.registrar.ensure())
    assert (sent(member), record(town, member).status) == (before, LEAVING)


def jail(town: Town, member: Member, *, until: int, bond: int = BOND) -> None:
    """Have the next block end with this oracle in jail."""
    module = next(one for one in town.chain.wiring.modules if one.name == "oracle")
    end_block = module.end_block
    assert end_block is not None

    def punish(ctx: Any) -> Any:
        found = state.get_oracle(ctx, Address.parse(member.address))
        found.status, found.jailed_until, found.bond.amount = OracleStatus.ORACLE_STATUS_JAILED, until, str(bond)
        state.set_oracle(ctx, found)
        return end_block(ctx)

    # A module is frozen for everybody else.
    object.__setattr__(module, "end_block", punish)
    try:
        town.chain.engine.make_block()
    finally:
        object.__setattr__(module, "end_block", end_block)
    town.chain.proceed()
