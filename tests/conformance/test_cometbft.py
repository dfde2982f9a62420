"""Every hash and signature of blocks recorded from a CometBFT network of four validators, recomputed."""

import json
from base64 import b64decode
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from shared_files import shared

from panacea.light import blocks
from panacea.light.client import LightClient, verify_block
from panacea.light.headers import BlockIDFlag, LightBlock
from panacea.light.rpc import read_block, read_light_block, write_block, write_commit_answer, write_validators

HEIGHTS = range(1, 36)
NEVER = 1 << 62


@cache
def answer(name: str) -> Any:  # Any: parsed JSON.
    """The result of a recorded call."""
    return json.loads((shared("cometbft") / f"{name}.json").read_text())["result"]


def light_block(height: int) -> LightBlock:
    return read_light_block(answer(f"commit_{height}"), [answer(f"validators_{height}")])


@pytest.mark.parametrize("height", HEIGHTS)
def test_the_commit_is_verified(height: int) -> None:
    verify_block("chain-FtgJeQ", light_block(height))


@pytest.mark.parametrize("height", HEIGHTS)
def test_every_signature_is_over_our_sign_bytes(height: int) -> None:
    block = light_block(height)
    for index, validator in enumerate(block.validators.validators):
        signed = block.commit.signatures[index]
        if signed.flag == BlockIDFlag.COMMIT:
            message = block.commit.sign_bytes("chain-FtgJeQ", index)
            Ed25519PublicKey.from_public_bytes(validator.public_key).verify(signed.signature, message)


@pytest.mark.parametrize("height", HEIGHTS)
def test_the_block_hashes_to_its_id(height: int) -> None:
    block_id, block = read_block(answer(f"block_{height}"))
    assert block.block_id() == block_id
    assert blocks.data_hash(block.txs) == block.header.data_hash
    assert block.last_commit.hash() == block.header.last_commit_hash
    assert light_block(height).validators.hash() == block.header.validators_hash
    limits = answer("consensus_params")["consensus_params"]["block"]
    assert blocks.consensus_hash(int(limits["max_bytes"]), int(limits["max_gas"])) == block.header.consensus_hash


@pytest.mark.parametrize("height", HEIGHTS[:-1])
def test_the_results_hash_to_the_next_header(height: int) -> None:
    results = [
        blocks.encode_result(
            result["code"], b64decode(result["data"] or ""), int(result["gas_wanted"]), int(result["gas_used"])
        )
        for result in answer(f"block_results_{height}")["txs_results"] or []
    ]
    assert blocks.results_hash(results) == light_block(height + 1).header.last_results_hash
    assert b64decode(answer(f"block_results_{height}")["app_hash"]) == light_block(height + 1).header.app_hash


@pytest.mark.parametrize("height", HEIGHTS)
def test_what_is_read_is_written_alike(height: int) -> None:
    block = light_block(height)
    assert write_block(*read_block(answer(f"block_{height}"))) == answer(f"block_{height}")
    assert write_commit_answer(block.header, block.commit) == answer(f"commit_{height}")
    assert write_validators(height, block.validators) == answer(f"validators_{height}")


@pytest.mark.parametrize("step", [1, 17, 34])
def test_a_light_client_follows(step: int) -> None:
    client = LightClient(light_block(1), trusting_period_ns=NEVER)
    for height in range(1 + step, 36, step):
        block = light_block(height)
        client.update(block, now_ns=block.header.time_ns)
    assert client.height == 35
    assert client.app_hash(34) == light_block(35).header.app_hash
