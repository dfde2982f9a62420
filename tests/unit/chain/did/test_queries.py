from base64 import b64encode
from typing import TYPE_CHECKING

import pytest
from chain_driver import Driver, address_of
from did_documents import DID1, create, deactivate, document_of

from panacea.wire.json import to_json
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.did.v2.query_pb2 import QueryDIDRequest
else:
    (QueryDIDRequest,) = load("panacea.did.v2", "QueryDIDRequest")

PATH = "/panacea.did.v2.Query/DID"
ALICE = str(address_of("alice"))


def asked(did: str) -> "QueryDIDRequest":
    return QueryDIDRequest(did_base64=b64encode(did.encode()).decode())


@pytest.fixture
def chain() -> Driver:
    chain = Driver({"alice": 1000})
    chain.ok("alice", create(ALICE))
    return chain


def test_a_live_document(chain: Driver) -> None:
    found = chain.query(PATH, asked(DID1)).did_document_with_seq
    assert (found.sequence, found.document) == (0, document_of())
    shown = to_json(found)
    assert shown["sequence"] == "0"
    assert shown["document"]["authentications"] == [f"{DID1}#key1"]
    assert shown["document"]["contexts"] == ["https://www.w3.org/ns/did/v1"]


@pytest.mark.parametrize("text", ["%", "====", "YQ", "/w=="])
def test_not_base64(chain: Driver, text: str) -> None:
    result = chain.ask(PATH, QueryDIDRequest(did_base64=text))
    assert (result.codespace, result.code) == ("sdk", 18)
    assert "InvalidArgument desc = invalid did_base64" in result.log


@pytest.mark.parametrize("did", ["", "x" * 5000, DID1[:-1], DID1 + "\x00"])
def test_nobodys(chain: Driver, did: str) -> None:
    result = chain.ask(PATH, asked(did))
    assert (result.codespace, result.code) == ("sdk", 22)
    assert "NotFound desc = DID not found" in result.log


def test_deactivated(chain: Driver) -> None:
    chain.ok("alice", deactivate(ALICE, 0))
    assert "NotFound desc = DID deactivated" in chain.ask(PATH, asked(DID1)).log
