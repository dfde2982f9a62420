"""Members prove each consent to themselves and pass their shares on, once, in time, and whatever a sender does."""

from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from deal_market import GAS, consumer_key
from oracle_town import Draft, Town, credential

from panacea.chain.datadeal.messages import MsgSubmitConsent
from panacea.client.types import Unreachable
from panacea.crypto import hpke, shamir
from panacea.exchange.formats import Parcel, Reply
from panacea.oracle import release
from panacea.oracle.certificates import Finding, Lifetime, certify
from panacea.oracle.release import handed_in
from panacea.primitives.address import Address
from panacea.vault import objects
from panacea.vault.objects import Descriptor
from panacea.wire.contexts import ReleaseInfo, ShareInfo, shares_root
from panacea.wire.encode import encode
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.datadeal.v3.consent_pb2 import Delivery, ReleasedShare
    from panacea.wire.stubs.panacea.oracle.v3.oracle_pb2 import Committee, HpkeKey
else:
    (Delivery,) = load("panacea.datadeal.v3", "Delivery")
    (HpkeKey,) = load("panacea.oracle.v3", "HpkeKey")

RELEASED, UNDELIVERED, WITHDRAWN = 2, 3, 4
JAILED = 2


@pytest.fixture
def town(tmp_path: Any) -> Any:
    """A town of its own for each test: members are jailed and restarted here."""
    made = Town(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("panacea.oracle.reseal.store_client", made.store.client)
        yield made
    made.close()


def offered(town: Town, name: str = "record", **options: Any) -> tuple[Draft, Reply]:
    deal = town.deal()
    draft = town.wallet(deal, credential(name), **options)
    reply = town.ask(draft)
    assert reply.code == "ok", reply
    return draft, reply


def committee(town: Town) -> "Committee":
    from panacea.chain.oracle import state

    found = state.committees.find(town.chain.ctx(), town.epoch)
    assert found is not None
    return found


def status_of(town: Town, number: int) -> int:
    from panacea.chain.oracle import state

    return state.get_oracle(town.chain.ctx(), Address.parse(town.members[number].address)).status


def shares_on_chain(town: Town, deal_id: int, number: int) -> "dict[int, ReleasedShare]":
    from panacea.chain.datadeal import state

    return {place: share for (_, _, place), share in state.shares.items(town.chain.ctx(), state.pack(deal_id, number))}


def forged(town: Town, draft: Draft, spoil: dict[int, bytes], *, size: int = 16) -> tuple[Reply, list[bytes]]:
    """A certificate by a broken enclave: the shares at some places are other bytes, and certified as such."""
    keys = town.members[0].shelf.find(town.epoch)
    assert keys is not None
    info, oid, shares = draft.info, bytes(32), []
    finding = Finding(info.chain_id, info.deal_id, info.provider, bytes(31) + b"t", bytes(32), info.query_hash)
    for index, member in enumerate(committee(town).members, 1):
        context = ShareInfo(
            info.chain_id, info.deal_id, info.provider, info.oracle, info.epoch, finding.tag, oid, index, member
        )
        theirs = town.by_address[member].shelf.find(town.epoch)
        assert theirs is not None
        sealed = hpke.seal(theirs.fresh.sealing.public_key, context.encode(), bytes(size))
        shares.append(spoil.get(index, sealed))
    height = town.members[0].view.height
    delivery = Delivery(object_id=oid, object_size=4096, shares_root=shares_root(shares))
    certificate = certify(finding, keys, Lifetime(height, height + 20), delivery)
    return Reply("ok", "", encode(certificate), tuple(shares)), shares


def test_the_consumer_reads_what_was_sold(town: Town) -> None:
    draft, reply = offered(town)
    number = town.sell(draft, reply)
    paid = town.chain.balance("alice")
    town.follow()
    sale, certificate = town.market.sale(draft.info.deal_id, number), town.certificate(reply)
    assert (sale.status, len(sale.released), town.chain.balance("alice") > paid) == (RELEASED, 5, True)
    opened = {}
    for place, share in shares_on_chain(town, sale.deal_id, number).items():
        info = ReleaseInfo(
            certificate.chain_id, sale.deal_id, number, sale.tag, certificate.delivery.object_id, place, share.member
        )
        opened[place] = consumer_key().open(info.encode(), share.sealed_share)
    found = town.store.objects[certificate.delivery.object_id]
    for places in combinations(opened, 3):
        key = shamir.join({place: opened[place] for place in places})
        descriptor = Descriptor.decode(found.descriptor)
        assert objects.key_commitment(key, descriptor.nonce) == descriptor.commitment
        parcel = Parcel.decode(objects.open(found.descriptor, found.leaves, found.groups, key))
        assert (parcel.consumer_view, parcel.tag) == (draft.consumer_view, certificate.tag)


def test_answers_stand_once(town: Town) -> None:
    draft, reply = offered(town)
    town.sell(draft, reply)
    town.follow()
    height = town.chain.height
    town.follow()
    town.follow()
    assert town.chain.height == height
    assert not any(member.oracle.releaser._waiting for member in town.members)


def test_two_consents_in_one_block(town: Town) -> None:
    (one, first), (two, second) = offered(town, "one"), offered(town, "two", seller="bob")
    txs = [
        town.chain.sign("alice", town.consent(one, first), gas=GAS),
        town.chain.sign("bob", town.consent(two, second), gas=GAS),
    ]
    assert [result.code for result in town.chain.block(*txs).tx_results] == [0, 0]
    town.follow()
    assert [len(town.market.sale(each.info.deal_id, 1).released) for each in (one, two)] == [5, 5]


def test_batches_are_bounded(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(release, "MAX_RELEASES", 2)
    sales = [offered(town, name, seller=seller) for name, seller in zip("abc", ("alice", "bob", "carol"), strict=True)]
    txs = [town.chain.sign(town.seller_of(draft), town.consent(draft, reply), gas=GAS) for draft, reply in sales]
    town.chain.block(*txs)
    before = town.members[0].rpc.calls.count("broadcast_tx_sync")
    town.follow(town.members[0])
    assert town.members[0].rpc.calls.count("broadcast_tx_sync") == before + 2
    assert all(len(town.market.sale(draft.info.deal_id, 1).released) == 1 for draft, _ in sales)


@pytest.mark.parametrize("order", ["before", "after"])
def test_a_decoy_changes_nothing(town: Town, order: str) -> None:
    """Anybody can publish other shares under the same tag; only those of the proven consent count."""
    draft, reply = offered(town)
    genuine = town.chain.sign("alice", town.consent(draft, reply), gas=GAS)
    junk = town.consent(draft, reply, shares=tuple(bytes(1152) for _ in range(5)))
    junk.provider = town.chain["bob"]
    decoy = town.chain.sign("bob", junk, gas=GAS)
    town.chain.block(*([decoy, genuine] if order == "before" else [genuine, decoy]))
    town.follow()
    assert len(town.market.sale(draft.info.deal_id, 1).released) == 5


def test_a_consent_that_failed_on_chain(town: Town) -> None:
    draft, reply = offered(town)
    message = town.consent(draft, reply)
    del message.agreements[:]
    assert town.chain.tx("alice", message, gas=GAS).code
    town.follow()
    assert not any(member.oracle.releaser._waiting for member in town.members)


def test_noise_in_a_block(town: Town) -> None:
    draft, reply = offered(town)
    broken = town.consent(draft, reply)
    broken.certificates[0].body = b"\xff"
    bare = MsgSubmitConsent(provider=town.chain["alice"], deal_id=1)
    txs = [b"", b"\xff" * 40, town.chain.sign("alice", broken), town.chain.sign("alice", bare)]
    assert handed_in(txs) == []
    (found,) = handed_in([*txs, town.chain.sign("alice", town.consent(draft, reply))])
    assert (found.deal_id, found.root) == (draft.info.deal_id, town.certificate(reply).delivery.shares_root)


def test_shares_that_do_not_open_undo_the_sale(town: Town) -> None:
    draft = town.wallet(town.deal())
    reply, shares = forged(town, draft, {})
    swapped = {1: shares[1], 2: shares[0], 3: bytes(1152)}
    reply, _ = forged(town, draft, swapped)
    number = town.sell(draft, reply)
    town.follow()
    sale = town.market.sale(draft.info.deal_id, number)
    assert (sale.status, sorted(sale.bad)) == (UNDELIVERED, [1, 2, 3])
    assert status_of(town, 0) == JAILED


def test_one_bad_share_is_outvoted(town: Town) -> None:
    draft = town.wallet(town.deal())
    reply, _ = forged(town, draft, {4: bytes(1152)})
    number = town.sell(draft, reply)
    town.follow()
    sale = town.market.sale(draft.info.deal_id, number)
    assert sale.status == RELEASED
    assert 4 not in sale.released


def test_shares_of_another_length_are_bad(town: Town) -> None:
    draft = town.wallet(town.deal())
    reply, _ = forged(town, draft, {}, size=15)
    number = town.sell(draft, reply)
    town.follow()
    assert town.market.sale(draft.info.deal_id, number).status == UNDELIVERED


def test_consumer_key_that_nothing_can_be_sealed_to(town: Town) -> None:
    """Only a broken enclave certifies for such a deal; its members are not to pay for it."""
    deal = town.deal(consumer_key=HpkeKey(suite=1, public_key=bytes(1216)))
    draft = town.wallet(deal)
    reply, _ = forged(town, draft, {})
    number = town.sell(draft, reply)
    honest, other = offered(town, "honest", seller="bob")
    second = town.sell(honest, other)
    town.follow()
    assert town.market.sale(deal.id, number).status == UNDELIVERED
    assert town.market.sale(honest.info.deal_id, second).status == RELEASED


def test_a_key_younger_than_the_certificate_blames_nobody(town: Town) -> None:
    draft, reply = offered(town)
    place = list(committee(town).members).index(town.members[2].address) + 1
    young = town.restart(2)
    town.follow(young)
    town.run(young.oracle.registrar.ensure())
    number = town.sell(draft, reply)
    town.follow()
    sale = town.market.sale(draft.info.deal_id, number)
    assert (sale.status, len(sale.released), list(sale.bad)) == (RELEASED, 4, [])
    assert place not in sale.released


def test_a_member_without_keys_says_nothing(town: Town) -> None:
    draft, reply = offered(town)
    lost = [town.restart(number) for number in (1, 2)]
    town.follow(*lost)
    number = town.sell(draft, reply)
    town.follow()
    sale = town.market.sale(draft.info.deal_id, number)
    assert (sale.status, len(sale.released), list(sale.bad)) == (RELEASED, 3, [])


def test_no_share_leaves_in_the_last_blocks(town: Town) -> None:
    draft, reply = offered(town)
    number = town.sell(draft, reply)
    last = town.market.sale(draft.info.deal_id, number).release_by - 5
    while town.members[0].view.height <= last:
        town.chain.proceed()
        town.run(town.members[0].view.update())
    town.follow()
    assert not town.market.sale(draft.info.deal_id, number).released


def test_the_last_moment_is_used(town: Town) -> None:
    draft, reply = offered(town)
    number = town.sell(draft, reply)
    last = town.market.sale(draft.info.deal_id, number).release_by - 5
    while town.chain.height - 1 < last - 1:
        town.chain.proceed()
    town.follow(town.members[0])
    assert len(town.market.sale(draft.info.deal_id, number).released) == 1


def test_consent_withdrawn_before_release(town: Town) -> None:
    draft, reply = offered(town)
    number = town.sell(draft, reply)
    town.chain.ok("alice", town.market.withdrawal(draft.info.deal_id, number, "alice"))
    town.follow()
    sale = town.market.sale(draft.info.deal_id, number)
    assert (sale.status, list(sale.released)) == (WITHDRAWN, [])


@pytest.mark.parametrize("fails", ["send", "read"])
def test_what_failed_is_tried_again(town: Town, fails: str, monkeypatch: pytest.MonkeyPatch) -> None:
    member = town.members[0]
    draft, reply = offered(town)
    number = town.sell(draft, reply)

    async def unreachable(*_: Any, **__: Any) -> None:
        raise Unreachable("just now")

    with monkeypatch.context() as broken:
        if fails == "send":
            broken.setattr(member.sender, "send", unreachable)
            town.follow(member)
        else:
            broken.setattr(member.rpc, "block_txs", unreachable)
            with pytest.raises(Unreachable):
                town.follow(member)
    assert not town.market.sale(draft.info.deal_id, number).released
    town.chain.proceed()
    town.follow(member)
    assert len(town.market.sale(draft.info.deal_id, number).released) == 1


def test_keys_of_members_are_read_at_the_offers_height(town: Town) -> None:
    """A refresh inside the epoch: the next offer's shares are for the new key."""
    draft, _ = offered(town)
    fresh = town.restart(3)
    town.follow(fresh)
    town.run(fresh.oracle.registrar.ensure())
    again = town.wallet(town.deal(), credential("after the refresh"))
    number = town.sell(again, town.ask(again))
    town.follow()
    assert len(town.market.sale(again.info.deal_id, number).released) == 5
    assert draft.info.deal_id != again.info.deal_id


def test_secrets_of_a_duty_are_not_shown(town: Town) -> None:
    draft, reply = offered(town)
    (handed,) = handed_in([town.chain.sign("alice", town.consent(draft, reply))])
    assert reply.sealed_shares[0].hex() not in repr(handed)
    assert repr(reply.sealed_shares[0]) not in repr(handed)
