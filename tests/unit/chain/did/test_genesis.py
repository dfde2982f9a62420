from typing import Any

import pytest
from chain_driver import Driver, address_of
from did_documents import DID1, KEY2, create, deactivate, document_of, update

from panacea.chain.did.registry import Registry
from panacea.chain.did.state import entries
from panacea.chain.did.types import (
    DIDDeactivated,
    DIDNotFound,
    DIDRejected,
    InvalidDID,
    InvalidDIDDocument,
    InvalidEntry,
    SignatureVerificationFailed,
)
from panacea.identity.did_panacea import panacea_did
from panacea.wire.json import to_json

ALICE = str(address_of("alice"))
DID2 = panacea_did(KEY2.public_key)
DOCUMENT = to_json(document_of())


def chain_with(documents: dict[str, Any]) -> Driver:
    return Driver({"alice": 1000}, genesis={"did": {"documents": documents}})


def test_out_and_in_again() -> None:
    chain = Driver({"alice": 1000})
    chain.ok("alice", create(ALICE))
    chain.ok("alice", create(ALICE, key=KEY2))
    chain.ok("alice", update(ALICE, document_of(), 0))
    chain.ok("alice", deactivate(ALICE, 0, KEY2, DID2))
    exported = chain.app.export_genesis()["did"]
    assert exported["documents"][DID2]["sequence"] == "1"
    again = chain_with(exported["documents"])
    assert again.app.export_genesis()["did"] == exported
    assert dict(entries.items(again.ctx())) == dict(entries.items(chain.ctx()))
    again.check_invariants()


@pytest.mark.parametrize(
    ("did", "entry", "refusal"),
    [
        ("did:panacea:x", {"document": DOCUMENT}, InvalidDID),
        (DID1, {"document": {**DOCUMENT, "authentications": []}}, InvalidDIDDocument),
        (DID1, {"document": {}, "sequence": "0"}, InvalidEntry),
        (DID1, {"sequence": "1"}, InvalidEntry),
    ],
)
def test_refused(did: str, entry: dict[str, Any], refusal: type[DIDRejected]) -> None:
    with pytest.raises(refusal):
        chain_with({did: entry})


def test_a_document_of_another_id_is_history_that_its_owner_can_mend() -> None:
    chain = chain_with({DID2: {"document": DOCUMENT, "sequence": "4"}})
    assert not Registry().is_active(chain.ctx(), DID2)
    mended = update(ALICE, document_of(KEY2, DID2), 4)
    mended.verification_method_id = f"{DID1}#key1"
    chain.ok("alice", mended)
    assert Registry().is_active(chain.ctx(), DID2)


def test_a_neighbour_asks() -> None:
    chain, registry, digest = Driver({"alice": 1000}), Registry(), bytes(32)
    assert not registry.is_active(chain.ctx(), DID1)
    assert not registry.is_active(chain.ctx(), "x" * 5000)
    signature = KEY2.sign(digest)
    with pytest.raises(DIDNotFound):
        registry.require_signed(chain.ctx(), DID2, f"{DID2}#key1", digest, signature)
    chain.ok("alice", create(ALICE, key=KEY2))
    assert registry.is_active(chain.ctx(), DID2)
    registry.require_signed(chain.ctx(), DID2, f"{DID2}#key1", digest, signature)
    with pytest.raises(SignatureVerificationFailed):
        registry.require_signed(chain.ctx(), DID2, f"{DID2}#key1", bytes(31) + b"\x01", signature)
    chain.ok("alice", deactivate(ALICE, 0, KEY2, DID2))
    assert not registry.is_active(chain.ctx(), DID2)
    with pytest.raises(DIDDeactivated):
        registry.require_signed(chain.ctx(), DID2, f"{DID2}#key1", digest, signature)


def test_the_invariant_sees_a_broken_entry() -> None:
    chain = Driver({"alice": 1000})
    chain.ok("alice", create(ALICE))
    ctx = chain.ctx()
    entry = entries.find(ctx, DID1)
    assert entry is not None
    entry.document.ClearField("authentications")
    entries.set(ctx, DID1, entry)
    (module,) = (module for module in chain.wiring.modules if module.name == "did")
    with pytest.raises(AssertionError):
        module.invariants["entries"](ctx)
