"""Light blocks and blocks in the JSON shapes of CometBFT's RPC: `commit`, `validators`, `block`.

Reading is strict: 64-bit integers are decimal strings, hashes upper-case hex of their length, keys and signatures
standard base64, times RFC 3339 in UTC with at most nine decimals, and no field is unknown. Refusals are
MalformedAnswer. `write_x(read_x(answer)) == answer`.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from panacea.light.blocks import Block
from panacea.light.headers import (
    BlockID,
    BlockIDFlag,
    Commit,
    CommitSig,
    Header,
    LightBlock,
    PartSetHeader,
    Validator,
    ValidatorSet,
)
from panacea.primitives.rejected import Rejected

JSON = Any  # Any: what json.loads returns, before it is looked at.

ED25519 = "tendermint/PubKeyEd25519"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_TX_BYTES = 100 << 20
_INT = re.compile(r"0|-?[1-9][0-9]{0,18}")
_HEX = re.compile(r"(?:[0-9A-F]{2}){0,64}")
_TIME = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?Z")


class MalformedAnswer(Rejected, codespace="light", code=20, text="not the JSON of CometBFT's RPC"):
    """An answer does not have the shape it should have."""


def read_light_block(commit: JSON, validators: Sequence[JSON]) -> LightBlock:
    """The light block out of the results of `commit` and of every page of `validators` at one height."""
    header, signatures = read_commit_answer(commit)
    members = [member for page in validators for member in _list(_page(page)["validators"])]
    if any(_int(page["block_height"]) != header.height for page in validators):
        raise MalformedAnswer("validators of another height", height=header.height)
    return LightBlock(header, signatures, read_validators(members))


def read_commit_answer(answer: JSON) -> tuple[Header, Commit]:
    """The header and the commit over it, out of the result of `commit`."""
    signed = _object(_object(answer, "signed_header", "canonical")["signed_header"], "header", "commit")
    return read_header(signed["header"]), read_commit(signed["commit"])


def write_commit_answer(header: Header, commit: Commit, *, canonical: bool = True) -> JSON:
    """The result of `commit`."""
    signed = {"header": write_header(header), "commit": write_commit(commit)}
    return {"signed_header": signed, "canonical": canonical}


def read_block(answer: JSON) -> tuple[BlockID, Block]:
    """The block id and the block out of the result of `block`; a block with evidence is refused."""
    fields = _object(answer, "block_id", "block")
    block = _object(fields["block"], "header", "data", "evidence", "last_commit")
    if _list(_object(block["evidence"], "evidence")["evidence"]):
        raise MalformedAnswer("a block with evidence of misbehaviour")
    txs = tuple(_base64(tx, MAX_TX_BYTES) for tx in _list(_object(block["data"], "txs")["txs"]))
    return read_block_id(fields["block_id"]), Block(
        read_header(block["header"]), txs, read_commit(block["last_commit"])
    )


def write_block(block_id: BlockID, block: Block) -> JSON:
    """The result of `block`."""
    return {
        "block_id": write_block_id(block_id),
        "block": {
            "header": write_header(block.header),
            "data": {"txs": [b64encode(tx).decode() for tx in block.txs]},
            "evidence": {"evidence": []},
            "last_commit": write_commit(block.last_commit),
        },
    }


def read_header(answer: JSON) -> Header:
    """A header."""
    names = ("version", "chain_id", "height", "time", "last_block_id", "proposer_address", *_HASHES, "app_hash")
    fields = _object(answer, *names)
    version = _object(fields["version"], "block", optional=("app",))
    hashes = {name: _hex(fields[name], 0, 32) for name in _HASHES}
    return Header(
        chain_id=_text(fields["chain_id"], 50),
        height=_int(fields["height"]),
        time_ns=read_time(fields["time"]),
        last_block_id=read_block_id(fields["last_block_id"]),
        app_hash=_hex(fields["app_hash"]),
        proposer_address=_hex(fields["proposer_address"], 20),
        app_version=_int(version.get("app", "0")),
        block_version=_int(version["block"]),
        **hashes,
    )


_HASHES = (
    "last_commit_hash",
    "data_hash",
    "validators_hash",
    "next_validators_hash",
    "consensus_hash",
    "last_results_hash",
    "evidence_hash",
)


def write_header(header: Header) -> JSON:
    """A header, its fields in CometBFT's order."""
    version = {"block": str(header.block_version)}
    if header.app_version:
        version["app"] = str(header.app_version)
    return {
        "version": version,
        "chain_id": header.chain_id,
        "height": str(header.height),
        "time": write_time(header.time_ns),
        "last_block_id": write_block_id(header.last_block_id),
        "last_commit_hash": _upper(header.last_commit_hash),
        "data_hash": _upper(header.data_hash),
        "validators_hash": _upper(header.validators_hash),
        "next_validators_hash": _upper(header.next_validators_hash),
        "consensus_hash": _upper(header.consensus_hash),
        "app_hash": _upper(header.app_hash),
        "last_results_hash": _upper(header.last_results_hash),
        "evidence_hash": _upper(header.evidence_hash),
        "proposer_address": _upper(header.proposer_address),
    }


def read_block_id(answer: JSON) -> BlockID:
    """A block id, empty before the first block."""
    fields = _object(answer, "hash", "parts")
    parts = _object(fields["parts"], "total", "hash")
    return BlockID(_hex(fields["hash"], 0, 32), PartSetHeader(_number(parts["total"]), _hex(parts["hash"], 0, 32)))


def write_block_id(block_id: BlockID) -> JSON:
    """A block id."""
    parts = {"total": block_id.parts.total, "hash": _upper(block_id.parts.hash)}
    return {"hash": _upper(block_id.hash), "parts": parts}


def read_commit(answer: JSON) -> Commit:
    """A commit."""
    fields = _object(answer, "height", "round", "block_id", "signatures")
    signatures = tuple(_read_signature(item) for item in _list(fields["signatures"]))
    return Commit(_int(fields["height"]), _number(fields["round"]), read_block_id(fields["block_id"]), signatures)


def write_commit(commit: Commit) -> JSON:
    """A commit."""
    return {
        "height": str(commit.height),
        "round": commit.round,
        "block_id": write_block_id(commit.block_id),
        "signatures": [
            {
                "block_id_flag": int(signed.flag),
                "validator_address": _upper(signed.validator_address),
                "timestamp": write_time(signed.time_ns),
                "signature": b64encode(signed.signature).decode() or None,
            }
            for signed in commit.signatures
        ],
    }


def _read_signature(answer: JSON) -> CommitSig:
    fields = _object(answer, "block_id_flag", "validator_address", "timestamp", "signature")
    flag = _number(fields["block_id_flag"])
    if flag not in set(BlockIDFlag):
        raise MalformedAnswer("no such block id flag", flag=flag)
    signature = b"" if fields["signature"] is None else _base64(fields["signature"], 64)
    return CommitSig(
        BlockIDFlag(flag), _hex(fields["validator_address"], 0, 20), read_time(fields["timestamp"]), signature
    )


def read_validators(members: Sequence[JSON]) -> ValidatorSet:
    """Validators in the order given; every key is Ed25519."""
    return ValidatorSet(tuple(_read_validator(member) for member in members))


def write_validators(height: int, validators: ValidatorSet) -> JSON:
    """The result of `validators`, all on one page."""
    members = [
        {
            "address": _upper(member.address),
            "pub_key": {"type": ED25519, "value": b64encode(member.public_key).decode()},
            "voting_power": str(member.power),
            "proposer_priority": str(member.proposer_priority),
        }
        for member in validators.validators
    ]
    return {"block_height": str(height), "validators": members, "count": str(len(members)), "total": str(len(members))}


def _read_validator(answer: JSON) -> Validator:
    fields = _object(answer, "address", "pub_key", "voting_power", "proposer_priority")
    key = _object(fields["pub_key"], "type", "value")
    public_key = _base64(key["value"], 32)
    if key["type"] != ED25519 or len(public_key) != 32:
        raise MalformedAnswer("not an Ed25519 key", type=key["type"])
    validator = Validator(public_key, _int(fields["voting_power"]), _int(fields["proposer_priority"]))
    if validator.address != _hex(fields["address"], 20):
        raise MalformedAnswer("not the address of the key", address=fields["address"])
    return validator


def read_time(text: JSON) -> int:
    """An RFC 3339 time in UTC as nanoseconds since the epoch."""
    match = _TIME.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise MalformedAnswer("not a time", time=text)
    try:
        whole = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) - EPOCH
    except ValueError as invalid:
        raise MalformedAnswer("not a time", time=text) from invalid
    return (whole.days * 86_400 + whole.seconds) * 1_000_000_000 + int((match[2] or "").ljust(9, "0"))


def write_time(time_ns: int) -> str:
    """Nanoseconds since the epoch as Go's RFC3339Nano: no trailing zeros."""
    seconds, nanos = divmod(time_ns, 1_000_000_000)
    days, second = divmod(seconds, 86_400)
    date = datetime.fromordinal(EPOCH.toordinal() + days).date().isoformat()
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{date}T{clock}" + (f".{nanos:09}".rstrip("0") if nanos else "") + "Z"


def _object(value: JSON, *names: str, optional: tuple[str, ...] = ()) -> dict[str, JSON]:
    if not isinstance(value, dict) or not set(names) <= value.keys() <= {*names, *optional}:
        raise MalformedAnswer("not an object of exactly these fields", fields=", ".join(names))
    return value


def _page(value: JSON) -> dict[str, JSON]:
    return _object(value, "block_height", "validators", "count", "total")


def _list(value: JSON) -> list[JSON]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise MalformedAnswer("not a list", value=value)
    return value


def _text(value: JSON, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise MalformedAnswer("not a text", value=value)
    return value


def _int(value: JSON) -> int:
    if not isinstance(value, str) or not _INT.fullmatch(value) or abs(int(value)) >= 1 << 63:
        raise MalformedAnswer("not a 64-bit integer in decimal", value=value)
    return int(value)


def _number(value: JSON) -> int:
    if type(value) is not int or not 0 <= value < 1 << 31:
        raise MalformedAnswer("not a small number", value=value)
    return value


def _hex(value: JSON, *sizes: int) -> bytes:
    if not isinstance(value, str) or not _HEX.fullmatch(value) or (sizes and len(value) // 2 not in sizes):
        raise MalformedAnswer("not upper-case hex of the right length", value=value)
    return bytes.fromhex(value)


def _base64(value: JSON, limit: int) -> bytes:
    try:
        if isinstance(value, str) and len(value) <= limit * 2 + 4:
            decoded = b64decode(value, validate=True)
            if len(decoded) <= limit and b64encode(decoded).decode() == value:
                return decoded
    except (Base64Error, ValueError):
        pass
    raise MalformedAnswer("not base64 of the right length", value=value)


def _upper(value: bytes) -> str:
    return value.hex().upper()
