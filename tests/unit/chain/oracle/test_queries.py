from typing import TYPE_CHECKING

import pytest
from chain_driver import Driver
from oracle_network import NetworkOracle, oracle_balances, oracle_genesis, register_oracles

from panacea.chain.oracle import state
from panacea.chain.oracle.types import NAME
from panacea.primitives.address import Address
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.panacea.oracle.v3 import query_pb2 as query
else:
    query = package("panacea.oracle.v3")

PATH = "/panacea.oracle.v3.Query/"


@pytest.fixture(scope="module")
def network() -> tuple[Driver, list[NetworkOracle]]:
    chain = Driver(oracle_balances(6), genesis={"oracle": oracle_genesis()})
    return chain, register_oracles(chain, 5)


def test_params_and_epoch(network: tuple[Driver, list[NetworkOracle]]) -> None:
    chain, _ = network
    assert chain.query(PATH + "Params", query.QueryParamsRequest()).params == state.params.get(chain.ctx())
    found = chain.query(PATH + "Epoch", query.QueryEpochRequest())
    assert (found.epoch, found.first_height, found.last_height) == (0, 0, 199)


def test_oracles(network: tuple[Driver, list[NetworkOracle]]) -> None:
    chain, oracles = network
    found = chain.query(PATH + "Oracles", query.QueryOraclesRequest())
    assert found.pagination.total == 5
    addresses = [Address.parse(oracle.address) for oracle in found.oracles]
    assert addresses == sorted(Address.parse(oracle.address) for oracle in oracles)
    request = query.QueryOraclesRequest()
    request.pagination.limit = 2
    first = chain.query(PATH + "Oracles", request)
    request.pagination.key = first.pagination.next_key
    second = chain.query(PATH + "Oracles", request)
    assert [*first.oracles, *second.oracles] == list(found.oracles)[:4]


def test_one_of_each(network: tuple[Driver, list[NetworkOracle]]) -> None:
    chain, oracles = network
    address = oracles[2].address
    found = chain.query(PATH + "Oracle", query.QueryOracleRequest(address=address)).oracle
    assert found == state.get_oracle(chain.ctx(), Address.parse(address))
    key = chain.query(PATH + "OracleKey", query.QueryOracleKeyRequest(address=address, epoch=0)).key
    assert key.signing_key == oracles[2].signing_key.public_key.raw
    committee = chain.query(PATH + "Committee", query.QueryCommitteeRequest(epoch=0)).committee
    assert sorted(committee.members) == sorted(oracle.address for oracle in oracles)
    request = query.QueryCollateralRequest()
    request.pagination.limit = 7
    collateral = chain.query(PATH + "Collateral", request)
    assert len(collateral.collateral) == 7


def test_what_is_not_there(network: tuple[Driver, list[NetworkOracle]]) -> None:
    chain, oracles = network
    for name, request in (
        ("Oracle", query.QueryOracleRequest(address=chain["oracle-5"])),
        ("OracleKey", query.QueryOracleKeyRequest(address=chain["oracle-5"])),
        ("OracleKey", query.QueryOracleKeyRequest(address=oracles[0].address, epoch=1)),
        ("Committee", query.QueryCommitteeRequest(epoch=2**64 - 1)),
    ):
        result = chain.ask(PATH + name, request)
        assert (result.codespace, result.code) == ("sdk", 22), name
    assert chain.ask(PATH + "Oracle", query.QueryOracleRequest(address="oracle")).code == 18


def test_each_object_has_its_key(network: tuple[Driver, list[NetworkOracle]]) -> None:
    """The layout that wallets and enclaves ask proofs for."""
    chain, oracles = network
    kv, address = chain.ctx().kv(NAME), Address.parse(oracles[0].address)
    behind_length = b"\x14" + address
    assert kv.has(b"\x01")
    assert kv.has(b"\x02" + behind_length)
    assert kv.has(b"\x03" + behind_length + bytes(8))
    assert kv.has(b"\x04" + bytes(8))
    assert len(kv.get(b"\x05" + chain.height.to_bytes(8, "big")) or b"") == 32
    platform_id = state.get_oracle(chain.ctx(), address).platform_id
    assert kv.get(b"\x07" + platform_id) == address
    assert len(platform_id) == 32
