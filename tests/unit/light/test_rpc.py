"""Strict reading of CometBFT's JSON."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panacea.light import rpc
from panacea.light.blocks import Block
from panacea.light.headers import ZERO_TIME_NS, BlockID, BlockIDFlag, Commit, CommitSig, Header, Validator, ValidatorSet
from panacea.light.rpc import MalformedAnswer

HASH = "AB" * 32
H = b"h" * 32


def header() -> Header:
    return Header("c", 3, 1, BlockID(), H, H, H, H, H, b"app", H, H, b"p" * 20)


def commit() -> Commit:
    signatures = (CommitSig(BlockIDFlag.ABSENT), CommitSig(BlockIDFlag.COMMIT, b"a" * 20, 5, b"s" * 64))
    return Commit(3, 0, BlockID(b"h" * 32), signatures)


def validators() -> ValidatorSet:
    return ValidatorSet.of([Validator(bytes([number]) * 32, number, -number) for number in range(1, 4)])


def test_blocks_come_back() -> None:
    block = Block(header(), (b"", b"tx"), commit())
    assert rpc.read_block(rpc.write_block(BlockID(b"x" * 32), block)) == (BlockID(b"x" * 32), block)


def test_light_blocks_come_back_page_by_page() -> None:
    answer = rpc.write_validators(3, validators())
    pages = [answer | {"validators": [member]} for member in answer["validators"]]
    block = rpc.read_light_block(rpc.write_commit_answer(header(), commit()), pages)
    assert (block.header, block.commit, block.validators) == (header(), commit(), validators())
    with pytest.raises(MalformedAnswer, match="another height"):
        rpc.read_light_block(rpc.write_commit_answer(header(), commit()), [rpc.write_validators(4, validators())])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("height", 3),
        ("height", "03"),
        ("height", "9223372036854775808"),
        ("height", "1_0"),
        ("chain_id", None),
        ("chain_id", "c" * 51),
        ("data_hash", HASH.lower()),
        ("data_hash", HASH[2:]),
        ("proposer_address", ""),
        ("time", "2026-11-22T16:53:28.307491577+00:00"),
        ("time", "2026-11-22 16:53:28Z"),
        ("time", "2026-13-22T16:53:28Z"),
        ("time", "2026-11-22T16:53:28.1234567890Z"),
        ("last_block_id", {"hash": "", "parts": {"total": True, "hash": ""}}),
        ("last_block_id", {"hash": "", "parts": {"total": -1, "hash": ""}}),
        ("last_block_id", []),
        ("extra", "1"),
    ],
)
def test_a_header_out_of_shape_is_refused(path: str, value: Any) -> None:  # Any: parsed JSON.
    with pytest.raises(MalformedAnswer):
        rpc.read_header(rpc.write_header(header()) | {path: value})


@pytest.mark.parametrize(
    "change",
    [
        {"block_id_flag": 4},
        {"block_id_flag": "2"},
        {"signature": "AA"},
        {"signature": "AAAA\n"},
        {"signature": "AB=="},
        {"signature": "A" * 100},
        {"validator_address": "AB"},
    ],
)
def test_a_signature_out_of_shape_is_refused(change: dict[str, Any]) -> None:  # Any: parsed JSON.
    answer = rpc.write_commit(commit())
    answer["signatures"][1] |= change
    with pytest.raises(MalformedAnswer):
        rpc.read_commit(answer)


def test_other_keys_and_false_addresses_are_refused() -> None:
    member = rpc.write_validators(1, validators())["validators"][0]
    with pytest.raises(MalformedAnswer, match="not an Ed25519 key"):
        rpc.read_validators([member | {"pub_key": member["pub_key"] | {"type": "tendermint/PubKeySecp256k1"}}])
    with pytest.raises(MalformedAnswer, match="address"):
        rpc.read_validators([member | {"address": "AB" * 20}])


def test_evidence_is_refused() -> None:
    answer = rpc.write_block(BlockID(), Block(header(), (), commit()))
    answer["block"]["evidence"]["evidence"] = [{}]
    with pytest.raises(MalformedAnswer, match="evidence"):
        rpc.read_block(answer)


@given(st.integers(ZERO_TIME_NS, 253_402_300_799 * 10**9))
def test_times_come_back(time_ns: int) -> None:
    assert rpc.read_time(rpc.write_time(time_ns)) == time_ns


def test_times_are_written_as_go_does() -> None:
    assert rpc.write_time(ZERO_TIME_NS) == "0001-01-01T00:00:00Z"
    assert rpc.write_time(1_500_000_000_120_000_000) == "2017-07-14T02:40:00.12Z"
