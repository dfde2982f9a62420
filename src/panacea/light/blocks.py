"""Whole blocks: their bytes, their parts, and the roots over transactions, results, evidence and parameters."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from panacea.light import merkle
from panacea.light.headers import BlockID, Commit, Header, PartSetHeader
from panacea.light.protobuf import bytes_field, message_field, varint_field

PART_BYTES = 65_536


@dataclass(frozen=True, slots=True)
class Block:
    """A block without evidence of misbehaviour."""

    header: Header
    txs: tuple[bytes, ...]
    last_commit: Commit

    def encode(self) -> bytes:
        """The bytes that are cut into parts."""
        return (
            message_field(1, self.header.encode())
            + message_field(2, b"".join(message_field(1, tx) for tx in self.txs))
            + message_field(3, b"")
            + message_field(4, self.last_commit.encode())
        )

    def block_id(self) -> BlockID:
        """What validators vote for: the header's hash and the parts of the bytes."""
        return BlockID(self.header.hash(), part_set_header(self.encode()))


def part_set_header(block: bytes) -> PartSetHeader:
    """The number of 64 KiB parts of a block's bytes, and the root over them."""
    parts = [block[at : at + PART_BYTES] for at in range(0, len(block), PART_BYTES)]
    return PartSetHeader(len(parts), merkle.root(parts))


def data_hash(txs: Sequence[bytes]) -> bytes:
    """The root over the hashes of the transactions."""
    return merkle.root([sha256(tx).digest() for tx in txs])


def prove_tx(txs: Sequence[bytes], index: int) -> merkle.MerkleProof:
    """That the transaction at `index` is in the block."""
    return merkle.prove([sha256(tx).digest() for tx in txs], index)


def verify_tx(data_hash: bytes, tx: bytes, proof: merkle.MerkleProof) -> None:
    """Check that a transaction is in the block of that data hash; raises MerkleProofRejected."""
    proof.verify(data_hash, sha256(tx).digest())


def encode_result(code: int, data: bytes, gas_wanted: int, gas_used: int) -> bytes:
    """The part of an ExecTxResult that every node must have alike."""
    return varint_field(1, code) + bytes_field(2, data) + varint_field(5, gas_wanted) + varint_field(6, gas_used)


def results_hash(results: Sequence[bytes]) -> bytes:
    """The root over encoded results: the next header's `last_results_hash`."""
    return merkle.root(results)


def consensus_hash(max_bytes: int, max_gas: int) -> bytes:
    """The hash of the block limits, the only consensus parameters a header covers."""
    return sha256(varint_field(1, max_bytes) + varint_field(2, max_gas)).digest()
