"""Headers, commits and validator sets of CometBFT 0.38, and the bytes of them that are hashed and signed.

Times are nanoseconds since the Unix epoch; hashes are 32 bytes or empty, addresses 20. Field numbers are those of
CometBFT's tendermint.types and tendermint.version packages.
"""

from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from hashlib import sha256

from panacea.light import merkle
from panacea.light.protobuf import bytes_field, delimited, fixed64_field, message_field, timestamp, varint_field

BLOCK_PROTOCOL = 11
PRECOMMIT = 2
# Go's zero time, 0001-01-01T00:00:00Z: what a signature that is absent carries.
ZERO_TIME_NS = -62_135_596_800 * 1_000_000_000


@dataclass(frozen=True, slots=True)
class PartSetHeader:
    """How many parts a block was cut into, and the Merkle root over them."""

    total: int = 0
    hash: bytes = b""

    def encode(self) -> bytes:
        """The message's bytes."""
        return varint_field(1, self.total) + bytes_field(2, self.hash)


@dataclass(frozen=True, slots=True)
class BlockID:
    """A block by its header hash and its parts."""

    hash: bytes = b""
    parts: PartSetHeader = PartSetHeader()

    def encode(self) -> bytes:
        """The message's bytes; CanonicalBlockID has the same."""
        return bytes_field(1, self.hash) + message_field(2, self.parts.encode())


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a block; `app_hash` and `last_results_hash` belong to the block before."""

    chain_id: str
    height: int
    time_ns: int
    last_block_id: BlockID
    last_commit_hash: bytes
    data_hash: bytes
    validators_hash: bytes
    next_validators_hash: bytes
    consensus_hash: bytes
    app_hash: bytes
    last_results_hash: bytes
    evidence_hash: bytes
    proposer_address: bytes
    app_version: int = 0
    block_version: int = BLOCK_PROTOCOL

    def hash(self) -> bytes:
        """The Merkle root over the 14 encoded fields: the hash of the block."""
        return merkle.root(
            [
                self._version(),
                bytes_field(1, self.chain_id.encode()),
                varint_field(1, self.height),
                timestamp(self.time_ns),
                self.last_block_id.encode(),
                *(bytes_field(1, value) for value in self._hashes()),
            ]
        )

    def encode(self) -> bytes:
        """The message's bytes."""
        return (
            message_field(1, self._version())
            + bytes_field(2, self.chain_id.encode())
            + varint_field(3, self.height)
            + message_field(4, timestamp(self.time_ns))
            + message_field(5, self.last_block_id.encode())
            + b"".join(bytes_field(number, value) for number, value in enumerate(self._hashes(), 6))
        )

    def _version(self) -> bytes:
        return varint_field(1, self.block_version) + varint_field(2, self.app_version)

    def _hashes(self) -> tuple[bytes, ...]:
        return (
            self.last_commit_hash,
            self.data_hash,
            self.validators_hash,
            self.next_validators_hash,
            self.consensus_hash,
            self.app_hash,
            self.last_results_hash,
            self.evidence_hash,
            self.proposer_address,
        )


class BlockIDFlag(IntEnum):
    """What a validator's precommit was for."""

    ABSENT = 1
    COMMIT = 2
    NIL = 3


@dataclass(frozen=True, slots=True)
class CommitSig:
    """One validator's precommit inside a commit, at the validator's place in its set."""

    flag: BlockIDFlag
    validator_address: bytes = b""
    time_ns: int = ZERO_TIME_NS
    signature: bytes = b""

    def encode(self) -> bytes:
        """The message's bytes."""
        return (
            varint_field(1, self.flag)
            + bytes_field(2, self.validator_address)
            + message_field(3, timestamp(self.time_ns))
            + bytes_field(4, self.signature)
        )


@dataclass(frozen=True, slots=True)
class Commit:
    """The precommits that finalized a block."""

    height: int
    round: int
    block_id: BlockID
    signatures: tuple[CommitSig, ...]

    def hash(self) -> bytes:
        """The Merkle root over the signatures: the next header's `last_commit_hash`."""
        return merkle.root([signature.encode() for signature in self.signatures])

    def encode(self) -> bytes:
        """The message's bytes."""
        return (
            varint_field(1, self.height)
            + varint_field(2, self.round)
            + message_field(3, self.block_id.encode())
            + b"".join(message_field(4, signature.encode()) for signature in self.signatures)
        )

    def sign_bytes(self, chain_id: str, index: int) -> bytes:
        """What the validator at `index` signed."""
        signed = self.signatures[index]
        block_id = self.block_id if signed.flag == BlockIDFlag.COMMIT else BlockID()
        return vote_sign_bytes(chain_id, self.height, self.round, block_id, signed.time_ns)


def vote_sign_bytes(chain_id: str, height: int, round: int, block_id: BlockID, time_ns: int) -> bytes:
    """The length-prefixed CanonicalVote of a precommit; an empty `block_id` is a vote for nil."""
    return delimited(
        varint_field(1, PRECOMMIT)
        + fixed64_field(2, height)
        + fixed64_field(3, round)
        + (b"" if block_id == BlockID() else message_field(4, block_id.encode()))
        + message_field(5, timestamp(time_ns))
        + bytes_field(6, chain_id.encode())
    )


@dataclass(frozen=True, slots=True)
class Validator:
    """An Ed25519 key (32 bytes) and its voting power; the priority is not hashed."""

    public_key: bytes
    power: int
    proposer_priority: int = 0

    @property
    def address(self) -> bytes:
        """The first 20 bytes of the key's SHA-256."""
        return sha256(self.public_key).digest()[:20]

    def encode(self) -> bytes:
        """The bytes of SimpleValidator, which a validator set hashes."""
        return message_field(1, bytes_field(1, self.public_key)) + varint_field(2, self.power)


@dataclass(frozen=True)
class ValidatorSet:
    """Validators in their order: power descending, then address ascending."""

    validators: tuple[Validator, ...]

    @classmethod
    def of(cls, validators: "list[Validator] | tuple[Validator, ...]") -> "ValidatorSet":
        """The set of these validators, put in order."""
        return cls(tuple(sorted(validators, key=lambda validator: (-validator.power, validator.address))))

    @cached_property
    def total_power(self) -> int:
        """The sum of all voting power."""
        return sum(validator.power for validator in self.validators)

    @cached_property
    def by_address(self) -> dict[bytes, Validator]:
        """The validators by their address."""
        return {validator.address: validator for validator in self.validators}

    def hash(self) -> bytes:
        """The Merkle root over the validators: a header's `validators_hash`."""
        return merkle.root([validator.encode() for validator in self.validators])


@dataclass(frozen=True, slots=True)
class LightBlock:
    """All that a light client needs of one height."""

    header: Header
    commit: Commit
    validators: ValidatorSet
