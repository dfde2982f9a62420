"""The node's rules without HTTP: who may, what is kept, what is forgotten and when."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fixed_chain import (
    ADDRESS,
    AUDIENCE,
    CONSUMER,
    DEAL,
    DID,
    EPOCH,
    ORACLE,
    STORE,
    FixedChain,
    SetClock,
    consumer_grant,
    oracle_grant,
    sealed,
)

from panacea.crypto.keys import Ed25519Key, Secp256k1Key
from panacea.vault import frames, grants, objects
from panacea.vault.blobs import SqliteBlobs
from panacea.vault.grants import Command, DIDGrant, OracleGrant
from panacea.vault.node import Limits, StoreNode
from panacea.vault.ports import Consent, ConsentStatus
from panacea.vault.receipts import Deletion, Method, Receipt
from panacea.vault.types import LeaseRefused, NodeRefused, NodeUnavailable, ObjectDamaged, ObjectMalformed

OBJECT = sealed(b"ciphertext only" * 40_000)
OID = OBJECT.oid
FRAME = frames.encode(OBJECT)
NOW = SetClock().seconds
DAY = 86_400


class House:
    """A node with its chain and clock in hand."""

    def __init__(self, home: Path) -> None:
        self.chain, self.clock, self.home = FixedChain(), SetClock(), home
        self.open()

    def open(self) -> None:
        self.blobs = SqliteBlobs(self.home)
        self.node = StoreNode(self.blobs, STORE, self.chain, self.clock, limits=Limits())

    def put(self, *, token: str | None = None, until: int = 300, frame: bytes = FRAME, oid: bytes = OID) -> Receipt:
        with self.node.put(oid, token or oracle_grant(oid, NOW), until) as upload:
            for at in range(0, len(frame), 100_000):
                upload.write(frame[at : at + 100_000])
            return upload.commit()

    def get(self, token: str | None = None) -> bytes:
        download = self.node.get(OID, token or consumer_grant(OID, NOW))
        return b"".join(download.pieces(0, download.group_count - 1))

    def consent(self, status: ConsentStatus, days: int = 30) -> None:
        self.chain.consents[OID] = Consent(status, days)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.blobs.close()


def test_put_gives_a_receipt_that_holds(house: House) -> None:
    receipt = house.put()
    receipt.verify(STORE.public_key.raw, oid=OID, deal_id=DEAL)
    assert (receipt.until, receipt.height) == (300, 100)


def test_the_consumer_gets_what_was_put_once_a_consent_stands(house: House) -> None:
    house.put()
    with pytest.raises(NodeRefused):
        house.get()
    for status in (ConsentStatus.PENDING, ConsentStatus.RELEASED):
        house.consent(status)
        assert house.get() == FRAME


def test_put_again_is_the_same_promise_or_a_longer_one(house: House) -> None:
    assert house.put() == house.put()
    assert house.put(until=400).until == 400
    assert house.put(until=200).until == 400


OTHER_KEY = Secp256k1Key(b"\x77" * 32)
GOOD_PUT = OracleGrant(ADDRESS, EPOCH, AUDIENCE, Command.PUT, OID, DEAL, NOW + 60)
BAD_PUTS = {
    "another key": grants.issue(GOOD_PUT, OTHER_KEY),
    "unknown oracle": grants.issue(replace(GOOD_PUT, issuer=str(OTHER_KEY.public_key.address())), OTHER_KEY),
    "another epoch": grants.issue(replace(GOOD_PUT, epoch=EPOCH + 1), ORACLE),
    "another store": grants.issue(replace(GOOD_PUT, audience="ab" * 32), ORACLE),
    "another command": grants.issue(replace(GOOD_PUT, command=Command.GET), ORACLE),
    "another object": grants.issue(replace(GOOD_PUT, oid=bytes(32)), ORACLE),
    "expired": grants.issue(replace(GOOD_PUT, expires=NOW), ORACLE),
    "too long": grants.issue(replace(GOOD_PUT, expires=NOW + 3600), ORACLE),
    "a consumer's": consumer_grant(OID, NOW, command=Command.PUT),
    "noise": "not.a.token",
}


@pytest.mark.parametrize("kind", BAD_PUTS)
def test_put_without_the_right_grant(house: House, kind: str) -> None:
    with pytest.raises(NodeRefused):
        house.put(token=BAD_PUTS[kind])
    assert list(house.blobs.blobs()) == []


GOOD_GET = DIDGrant(DID, f"{DID}#key1", AUDIENCE, Command.GET, (OID,), NOW, NOW + 600, bytes(16))
ELSE = "did:panacea:1111111111111111111111111111111111111111111"
BAD_GETS = {
    "another key": grants.issue(GOOD_GET, Ed25519Key(b"\x66" * 32)),
    "another DID": grants.issue(replace(GOOD_GET, issuer=ELSE, key_id=f"{ELSE}#key1"), CONSUMER),
    "a key that does not authenticate": grants.issue(replace(GOOD_GET, key_id=f"{DID}#key2"), CONSUMER),
    "another store": grants.issue(replace(GOOD_GET, audience="ab" * 32), CONSUMER),
    "another command": grants.issue(replace(GOOD_GET, command=Command.DELETE), CONSUMER),
    "another object": grants.issue(replace(GOOD_GET, oids=(bytes(32),)), CONSUMER),
    "expired": grants.issue(replace(GOOD_GET, not_before=NOW - 20, expires=NOW - 10), CONSUMER),
    "not yet": grants.issue(replace(GOOD_GET, not_before=NOW + 31), CONSUMER),
    "an oracle's": oracle_grant(OID, NOW, command=Command.GET),
    "noise": "..",
}


@pytest.mark.parametrize("kind", BAD_GETS)
def test_get_without_the_right_grant(house: House, kind: str) -> None:
    house.put()
    house.consent(ConsentStatus.RELEASED)
    with pytest.raises(NodeRefused) as refusal:
        house.get(BAD_GETS[kind])
    unknown = sealed(b"never stored", seed=5).oid
    with pytest.raises(NodeRefused) as unheard:
        house.node.get(unknown, consumer_grant(unknown, NOW))
    assert str(refusal.value) == str(unheard.value)


def test_nothing_unchecked_reaches_the_disk(house: House, tmp_path: Path) -> None:
    wrong = bytearray(FRAME)
    wrong[-1] ^= 1
    with pytest.raises(ObjectDamaged):
        house.put(frame=bytes(wrong))
    with pytest.raises(ObjectMalformed, match="short"):
        house.put(frame=FRAME[:-1])
    with pytest.raises(ObjectMalformed, match="after"):
        house.put(frame=FRAME + b"\0")
    assert list(house.blobs.blobs()) == []
    assert not list((tmp_path / "incoming").iterdir())
    assert not list((tmp_path / "blobs").iterdir())


@pytest.mark.parametrize("until", [0, 100, 1101])
def test_leases_are_bounded(house: House, until: int) -> None:
    with pytest.raises(LeaseRefused):
        house.put(until=until)


def test_an_object_belongs_to_one_deal_and_one_oracle(house: House) -> None:
    house.put()
    with pytest.raises(NodeRefused):
        house.put(token=oracle_grant(OID, NOW, deal_id=DEAL + 1))
    second = str(OTHER_KEY.public_key.address())
    house.chain.oracles[second, EPOCH] = OTHER_KEY.public_key.raw
    with pytest.raises(NodeRefused):
        house.put(token=grants.issue(replace(GOOD_PUT, issuer=second), OTHER_KEY))


def test_without_consent_it_is_kept_until_the_certificate_expires(house: House) -> None:
    house.put()
    house.chain.height = 300
    assert house.node.sweep() == []
    house.chain.height = 301
    (done,) = house.node.sweep()
    assert done.method == Method.EXPIRED
    done.verify(STORE.public_key.raw, oid=OID)
    assert house.node.sweep() == []
    with pytest.raises(NodeRefused):
        house.put(until=400)


def test_with_consent_it_is_kept_for_the_retention_days(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.RELEASED, days=30)
    house.chain.height = 10_000
    assert house.node.sweep() == []
    house.chain.seconds += 30 * DAY - 1
    assert house.node.sweep() == []
    assert house.get() == FRAME
    house.chain.seconds += 1
    assert [done.method for done in house.node.sweep()] == [Method.RETENTION]


def test_retention_is_counted_across_restarts(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.PENDING, days=1)
    house.node.sweep()
    house.blobs.close()
    house.open()
    house.chain.seconds += DAY
    assert [done.method for done in house.node.sweep()] == [Method.RETENTION]


@pytest.mark.parametrize(
    ("status", "method"),
    [(ConsentStatus.WITHDRAWN, Method.WITHDRAWN), (ConsentStatus.UNDELIVERED, Method.UNDELIVERED)],
)
def test_a_sale_taken_back_erases(house: House, status: ConsentStatus, method: Method) -> None:
    house.put()
    house.consent(ConsentStatus.RELEASED)
    assert house.get() == FRAME
    house.consent(status)
    assert [done.method for done in house.node.sweep()] == [method]
    with pytest.raises(NodeRefused):
        house.get()


def test_a_withdrawn_object_is_not_served_before_the_sweep_either(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.WITHDRAWN)
    with pytest.raises(NodeRefused):
        house.get()
    assert list(house.blobs.blobs()) == []
    assert house.blobs.find_tombstone(OID)


def test_the_consumer_may_erase_at_any_time(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.RELEASED)
    token = consumer_grant(OID, NOW, command=Command.DELETE)
    first = house.node.delete(OID, token)
    first.verify(STORE.public_key.raw, oid=OID)
    assert first.method == Method.REQUESTED
    house.clock.seconds += 5
    assert house.node.delete(OID, token) == first
    house.blobs.close()
    house.open()
    assert house.node.delete(OID, token) == first


def test_the_oracle_may_erase_only_while_no_consent_stands(house: House) -> None:
    house.put()
    token = oracle_grant(OID, NOW, command=Command.DELETE)
    house.consent(ConsentStatus.PENDING)
    with pytest.raises(NodeRefused):
        house.node.delete(OID, token)
    del house.chain.consents[OID]
    assert isinstance(house.node.delete(OID, token), Deletion)


def test_strangers_cannot_erase(house: House) -> None:
    house.put()
    second = str(OTHER_KEY.public_key.address())
    house.chain.oracles[second, EPOCH] = OTHER_KEY.public_key.raw
    delete = replace(GOOD_PUT, command=Command.DELETE)
    for token in (
        grants.issue(replace(delete, issuer=second), OTHER_KEY),
        grants.issue(replace(delete, deal_id=DEAL + 1), ORACLE),
        grants.issue(replace(GOOD_GET, command=Command.DELETE), Ed25519Key(b"\x66" * 32)),
        oracle_grant(OID, NOW),
        consumer_grant(OID, NOW),
    ):
        with pytest.raises(NodeRefused):
            house.node.delete(OID, token)
    unknown = sealed(b"never stored", seed=5).oid
    with pytest.raises(NodeRefused):
        house.node.delete(unknown, consumer_grant(unknown, NOW, command=Command.DELETE))
    house.consent(ConsentStatus.RELEASED)
    assert house.get() == FRAME


def test_without_the_chain_nothing_is_served_taken_or_erased(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.WITHDRAWN)
    house.chain.reachable = False
    for attempt in (house.put, house.get, house.node.sweep):
        with pytest.raises(NodeUnavailable):
            attempt()
    with pytest.raises(NodeUnavailable):
        house.node.delete(OID, consumer_grant(OID, NOW, command=Command.DELETE))
    assert house.blobs.find(OID)


def test_one_unreadable_consent_does_not_stop_the_sweep(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sealed(b"the other one", seed=9)
    house.put()
    house.put(frame=frames.encode(other), oid=other.oid)
    house.chain.height = 10_000
    read = house.chain.consent_for

    def consent_for(deal_id: int, oid: bytes) -> Consent | None:
        if oid == OID:
            raise ObjectMalformed("some refusal by the chain's client")
        return read(deal_id, oid)

    monkeypatch.setattr(house.chain, "consent_for", consent_for)
    assert [done.oid for done in house.node.sweep()] == [other.oid]
    assert house.blobs.find(OID)


def test_ranges_hold_the_head_and_the_groups(house: House) -> None:
    house.put()
    house.consent(ConsentStatus.RELEASED)
    download = house.node.get(OID, consumer_grant(OID, NOW))
    assert download.group_count == len(OBJECT.groups) == 3
    for first, last in ((0, 2), (1, 1), (2, 2), (0, 1)):
        raw = b"".join(download.pieces(first, last))
        assert len(raw) == download.size(first, last)
        assert frames.decode(raw, OID, span=(first, last)).groups == OBJECT.groups[first : last + 1]


def test_the_node_cannot_read_what_it_keeps(house: House) -> None:
    house.put()
    kept = (house.home / "blobs" / OID.hex()).read_bytes()
    assert kept == FRAME
    assert b"ciphertext only" not in kept
    assert objects.check(OBJECT.descriptor, OBJECT.leaves, OBJECT.groups).oid == OID


def test_a_store_signs_with_ed25519(house: House) -> None:
    with pytest.raises(ValueError, match="Ed25519"):
        StoreNode(house.blobs, ORACLE, house.chain, house.clock, limits=Limits())
