from typing import Any

import pytest
from chain_driver import Driver, address_of
from did_documents import DID1, KEY1, KEY2, create, deactivate, document_of, method_of, update

from panacea.chain.did.state import ENTRY, entries, tombstone
from panacea.chain.results import TxResult
from panacea.identity.did_panacea import panacea_did
from panacea.light.protobuf import delimited
from panacea.wire.encode import encode


@pytest.fixture
def chain() -> Driver:
    return Driver({"alice": 1000})


@pytest.fixture
def alice() -> str:
    return str(address_of("alice"))


def code(result: TxResult) -> str:
    return f"{result.codespace}/{result.code}"


def test_a_life(chain: Driver, alice: str) -> None:
    chain.ok("alice", create(alice))
    entry = entries.find(chain.ctx(), DID1)
    assert entry is not None
    assert (entry.sequence, entry.document) == (0, document_of())
    second = document_of()
    second.verification_methods.add().CopyFrom(method_of(KEY2, name="key2"))
    second.authentications.add(verification_method_id=f"{DID1}#key2")
    chain.ok("alice", update(alice, second, 0))
    third = document_of(KEY2)
    chain.ok("alice", update(alice, third, 1, KEY2, "key2"))
    assert code(chain.tx("alice", deactivate(alice, 2, KEY1))) == "did/9"
    chain.ok("alice", deactivate(alice, 2, KEY2))
    assert entries.find(chain.ctx(), DID1) == tombstone(3)
    assert code(chain.tx("alice", create(alice))) == "did/13"
    assert code(chain.tx("alice", update(alice, third, 3, KEY2))) == "did/13"
    assert code(chain.tx("alice", deactivate(alice, 3, KEY2))) == "did/13"
    chain.check_invariants()


def test_stored_bytes(chain: Driver, alice: str) -> None:
    chain.ok("alice", create(alice))
    kv = chain.ctx().kv("did")
    stored = kv.get(b"\x00" + DID1.encode())
    assert stored == delimited(b"\x0a\xe8\x02" + encode(document_of()))
    chain.ok("alice", deactivate(alice, 0))
    assert chain.ctx().kv("did").get(b"\x00" + DID1.encode()) == bytes.fromhex("040a001001")
    assert ENTRY.decode(bytes.fromhex("040a001001")) == tombstone(1)


@pytest.mark.parametrize("name", ["MsgCreateDID", "MsgCreateDIDRequest"])
def test_both_names(chain: Driver, alice: str, name: str) -> None:
    chain.ok("alice", create(alice), type_urls=[f"/panacea.did.v2.{name}"])
    for message, verb in ((update(alice, document_of(), 0), "Update"), (deactivate(alice, 1), "Deactivate")):
        chain.ok("alice", message, type_urls=[f"/panacea.did.v2.{name.replace('Create', verb)}"])
    assert entries.find(chain.ctx(), DID1) == tombstone(2)


def _changed(message: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(message, name, value)
    return message


def test_create_refusals(chain: Driver, alice: str) -> None:
    other = panacea_did(KEY2.public_key)
    assert code(chain.tx("alice", create(alice, key=KEY2, document=document_of(KEY1)))) == "did/9"
    assert code(chain.tx("alice", _changed(create(alice), did="did:panacea:short"))) == "did/3"
    assert code(chain.tx("alice", _changed(create(alice), signature=b""))) == "did/6"
    assert code(chain.tx("alice", _changed(create(alice), verification_method_id="#key1"))) == "did/8"
    chain.ok("alice", create(alice))
    assert code(chain.tx("alice", create(alice))) == "did/2"
    assert entries.find(chain.ctx(), other) is None


def test_the_document_must_be_the_DIDs_own(chain: Driver, alice: str) -> None:
    other = panacea_did(KEY2.public_key)
    assert code(chain.tx("alice", create(alice, did=other))) == "did/4"
    chain.ok("alice", create(alice))
    chain.ok("alice", create(alice, key=KEY2))
    stolen = _changed(update(alice, document_of(KEY2, other), 0), did=DID1)
    assert code(chain.tx("alice", stolen)) == "did/4"


def test_an_update_cannot_deactivate(chain: Driver, alice: str) -> None:
    chain.ok("alice", create(alice))
    empty = update(alice, document_of(), 0)
    empty.ClearField("document")
    assert code(chain.tx("alice", empty)) == "did/4"
    empty.document.SetInParent()
    assert code(chain.tx("alice", empty)) == "did/4"
    message = create(alice, key=KEY2)
    message.ClearField("document")
    assert code(chain.tx("alice", message)) == "did/4"


def test_update_refusals(chain: Driver, alice: str) -> None:
    assert code(chain.tx("alice", update(alice, document_of(), 0))) == "did/5"
    assert code(chain.tx("alice", deactivate(alice, 0))) == "did/5"
    chain.ok("alice", create(alice))
    assert code(chain.tx("alice", update(alice, document_of(), 1))) == "did/9"
    assert code(chain.tx("alice", update(alice, document_of(KEY2), 0, KEY2))) == "did/9"
    chain.ok("alice", update(alice, document_of(), 0))
    assert code(chain.tx("alice", update(alice, document_of(), 0))) == "did/9"
    assert code(chain.tx("alice", _changed(deactivate(alice, 1), did="x"))) == "did/3"
    assert code(chain.tx("alice", _changed(deactivate(alice, 1), signature=b""))) == "did/6"


def test_anybody_may_pay(chain: Driver, alice: str) -> None:
    """The payer has no other tie to the DID, and its address is looked at."""
    assert code(chain.tx("alice", _changed(create(alice), from_address="panacea1nobody"))) == "sdk/7"
