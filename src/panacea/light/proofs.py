"""The messages of ICS-23 state proofs and their strict encoding (package cosmos.ics23.v1).

    CommitmentProof    1 exist    ExistenceProof       that a key has a value
                       2 nonexist NonExistenceProof    that a key stands in no leaf, by its two neighbours
    ProofOp            one step of a proof as CometBFT's RPC carries it: {type, key, data}

The batch and compressed forms are refused: no chain sends them to clients.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from panacea.light.protobuf import MalformedMessage, bytes_field, message_field, read_fields, varint_field
from panacea.primitives.rejected import Rejected

MAX_PROOF_BYTES = 4 << 20
MAX_DEPTH = 128


class ProofRejected(Rejected, codespace="light", code=4, text="state proof rejected"):
    """A state proof is malformed, breaks its specification, or proves something else."""


class HashOp(IntEnum):
    """How bytes are hashed."""

    NO_HASH = 0
    SHA256 = 1
    SHA512 = 2
    KECCAK256 = 3
    RIPEMD160 = 4
    BITCOIN = 5
    SHA512_256 = 6
    BLAKE2B_512 = 7
    BLAKE2S_256 = 8


class LengthOp(IntEnum):
    """How the length of a key or value is written before it."""

    NO_PREFIX = 0
    VAR_PROTO = 1
    VAR_RLP = 2
    FIXED32_BIG = 3
    FIXED32_LITTLE = 4
    FIXED64_BIG = 5
    FIXED64_LITTLE = 6
    REQUIRE_32_BYTES = 7
    REQUIRE_64_BYTES = 8


@dataclass(frozen=True, slots=True)
class LeafOp:
    """How a leaf is hashed: hash(prefix | length(prehash(key)) | length(prehash(value)))."""

    hash: HashOp = HashOp.NO_HASH
    prehash_key: HashOp = HashOp.NO_HASH
    prehash_value: HashOp = HashOp.NO_HASH
    length: LengthOp = LengthOp.NO_PREFIX
    prefix: bytes = b""

    def encode(self) -> bytes:
        """The message's bytes."""
        return (
            varint_field(1, self.hash)
            + varint_field(2, self.prehash_key)
            + varint_field(3, self.prehash_value)
            + varint_field(4, self.length)
            + bytes_field(5, self.prefix)
        )


@dataclass(frozen=True, slots=True)
class InnerOp:
    """How a child's hash becomes its parent's: hash(prefix | child | suffix)."""

    hash: HashOp = HashOp.NO_HASH
    prefix: bytes = b""
    suffix: bytes = b""

    def encode(self) -> bytes:
        """The message's bytes."""
        return varint_field(1, self.hash) + bytes_field(2, self.prefix) + bytes_field(3, self.suffix)


@dataclass(frozen=True, slots=True)
class ExistenceProof:
    """That `value` stands under `key`; `path` leads from the leaf to the root."""

    key: bytes
    value: bytes
    leaf: LeafOp | None
    path: tuple[InnerOp, ...] = ()

    def encode(self) -> bytes:
        """The message's bytes."""
        leaf = b"" if self.leaf is None else message_field(3, self.leaf.encode())
        path = b"".join(message_field(4, op.encode()) for op in self.path)
        return bytes_field(1, self.key) + bytes_field(2, self.value) + leaf + path


@dataclass(frozen=True, slots=True)
class NonExistenceProof:
    """That nothing stands under `key`: the leaf before it and the leaf after it, at least one of them."""

    key: bytes
    left: ExistenceProof | None
    right: ExistenceProof | None

    def encode(self) -> bytes:
        """The message's bytes."""
        left = b"" if self.left is None else message_field(2, self.left.encode())
        right = b"" if self.right is None else message_field(3, self.right.encode())
        return bytes_field(1, self.key) + left + right


CommitmentProof = ExistenceProof | NonExistenceProof


@dataclass(frozen=True, slots=True)
class ProofOp:
    """One step of a proof in an ABCI answer; `data` is an encoded CommitmentProof."""

    type: str
    key: bytes
    data: bytes


def encode_proof(proof: CommitmentProof) -> bytes:
    """The bytes of a CommitmentProof."""
    return message_field(1 if isinstance(proof, ExistenceProof) else 2, proof.encode())


def decode_proof(data: bytes) -> CommitmentProof:
    """Read a CommitmentProof; raises ProofRejected for anything but one existence or non-existence proof."""
    if len(data) > MAX_PROOF_BYTES:
        raise ProofRejected("proof too long", size=len(data))
    try:
        fields = read_fields(data)
        if len(fields) == 1:
            field, message = fields[0]
            if field == 1:
                return _existence(message)
            if field == 2:
                return _non_existence(message)
    except MalformedMessage as malformed:
        raise ProofRejected(str(malformed)) from malformed
    raise ProofRejected("neither an existence nor a non-existence proof")


def _existence(message: int | bytes) -> ExistenceProof:
    key, value, leaf = b"", b"", None
    path: list[InnerOp] = []
    for field, found in read_fields(_bytes(message), repeated=frozenset({4})):
        match field:
            case 1:
                key = _bytes(found)
            case 2:
                value = _bytes(found)
            case 3:
                leaf = _leaf_op(_bytes(found))
            case 4 if len(path) < MAX_DEPTH:
                path.append(_inner_op(_bytes(found)))
            case _:
                raise ProofRejected("unknown field or path too long", field=field)
    return ExistenceProof(key, value, leaf, tuple(path))


def _non_existence(message: int | bytes) -> NonExistenceProof:
    fields = dict(read_fields(_bytes(message)))
    key, left, right = fields.pop(1, b""), fields.pop(2, None), fields.pop(3, None)
    _require_no_more(fields)
    return NonExistenceProof(
        _bytes(key),
        None if left is None else _existence(left),
        None if right is None else _existence(right),
    )


def _leaf_op(message: bytes) -> LeafOp:
    fields = dict(read_fields(message))
    op = LeafOp(
        _enum(HashOp, fields.pop(1, 0)),
        _enum(HashOp, fields.pop(2, 0)),
        _enum(HashOp, fields.pop(3, 0)),
        _enum(LengthOp, fields.pop(4, 0)),
        _bytes(fields.pop(5, b"")),
    )
    _require_no_more(fields)
    return op


def _inner_op(message: bytes) -> InnerOp:
    fields = dict(read_fields(message))
    op = InnerOp(_enum(HashOp, fields.pop(1, 0)), _bytes(fields.pop(2, b"")), _bytes(fields.pop(3, b"")))
    _require_no_more(fields)
    return op


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ProofRejected("a number stands where bytes are due")
    return value


Op = TypeVar("Op", HashOp, LengthOp)


def _enum(kind: type[Op], value: int | bytes) -> Op:
    if isinstance(value, int) and value <= 8:
        return kind(value)
    raise ProofRejected(f"no such {kind.__name__}", value=value)


def _require_no_more(fields: dict[int, int | bytes]) -> None:
    if fields:
        raise ProofRejected("unknown fields", fields=sorted(fields))
