from typing import TYPE_CHECKING, Any

import pytest
from chain_driver import Driver

from panacea.chain.consensus.params import DEFAULT, InvalidConsensusParams, read_params, write_params
from panacea.chain.consensus.state import max_gas
from panacea.wire.pool import load

if TYPE_CHECKING:
    from panacea.wire.stubs.cosmos.consensus.v1.query_pb2 import QueryParamsRequest
else:
    (QueryParamsRequest,) = load("cosmos.consensus.v1", "QueryParamsRequest")


def test_parameters_come_back_as_they_were() -> None:
    assert write_params(read_params({})) == DEFAULT
    other = {**DEFAULT, "block": {"max_bytes": "-1", "max_gas": "5000000"}}
    assert write_params(read_params(other)) == other


def test_they_lie_under_their_name() -> None:
    chain = Driver(consensus_params={"block": {"max_gas": "123456"}})
    raw = chain.ctx().kv("consensus").get(b"Consensus")
    assert raw == bytes.fromhex("0a09088080c00a10c0c407120e08a08d0612040880c60a188080401a090a076564323535313922002a00")
    assert max_gas(chain.ctx()) == 123456
    assert max_gas(Driver().ctx()) is None
    found = chain.query("/cosmos.consensus.v1.Query/Params", QueryParamsRequest()).params
    assert (found.block.max_gas, list(found.validator.pub_key_types)) == (123456, ["ed25519"])
    assert chain.last is not None
    assert chain.last.consensus_params["block"]["max_gas"] == "123456"


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"what": {}}, "unknown section or name"),
        ({"block": {"what": "1"}}, "unknown section or name"),
        ({"block": {"max_bytes": "0"}}, "max_bytes"),
        ({"block": {"max_bytes": str(104857601)}}, "max_bytes"),
        ({"block": {"max_gas": "-2"}}, "max_gas"),
        ({"block": {"max_gas": "many"}}, "not a number"),
        ({"block": {"max_gas": None}}, "not a number"),
        ({"block": {"max_gas": True}}, "not a number"),
        ({"evidence": {"max_age_num_blocks": "0"}}, "max_age"),
        ({"evidence": {"max_age_duration": "0"}}, "max_age"),
        ({"evidence": {"max_bytes": "-1"}}, "evidence.max_bytes"),
        ({"block": {"max_bytes": "10"}}, "evidence.max_bytes"),
        ({"validator": {"pub_key_types": ["sr25519"]}}, "pub_key_types"),
        ({"abci": {"vote_extensions_enable_height": "1"}}, "vote extensions"),
    ],
)
def test_parameters_under_which_no_chain_can_run(document: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidConsensusParams, match=said):
        read_params(document)
