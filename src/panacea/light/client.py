"""What makes a header trustworthy: two thirds of its validators signed it, and a trusted header leads to them.

Follows the light client of CometBFT: the next height is linked by `next_validators_hash`; a later one needs a third of
the trusted validators to have signed it too. Nothing here asks a network or a clock.
"""

from collections import OrderedDict
from fractions import Fraction

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from panacea.light.headers import BlockID, BlockIDFlag, Commit, Header, LightBlock, ValidatorSet
from panacea.primitives.rejected import Rejected

SECOND_NS = 1_000_000_000
CLOCK_DRIFT_NS = 10 * SECOND_NS
TRUST_LEVEL = Fraction(1, 3)
MAX_TOTAL_POWER = ((1 << 63) - 1) // 8
MAX_VALIDATORS = 10_000
KEPT_HEADERS = 10_000


class HeaderRejected(Rejected, codespace="light", code=10, text="header rejected"):
    """A header or its commit cannot be trusted."""


class CommitRejected(HeaderRejected, code=11, text="commit rejected"):
    """A commit does not belong to its block, or a signature in it is wrong."""


class NotEnoughPower(HeaderRejected, code=12, text="not enough voting power signed"):
    """At most two thirds of the validators signed the block."""


class NotEnoughTrust(
    HeaderRejected, code=13, text="too few trusted validators signed; verify a height in between first"
):
    """The validators changed too much since the trusted header: the caller bisects."""


class TrustExpired(HeaderRejected, code=14, text="trusted header is older than the trusting period"):
    """The trusted header is too old to lead to another: trust must be set anew from outside."""


class ConflictingHeader(HeaderRejected, code=15, text="conflicting headers at one height: the chain has forked"):
    """A second header, signed like the first, differs from it at the same height."""


class HeightUnknown(Rejected, codespace="light", code=16, text="no verified header at this height"):
    """The client has verified no header at the height asked for."""


def verify_commit(chain_id: str, validators: ValidatorSet, block_id: BlockID, height: int, commit: Commit) -> None:
    """Check that more than two thirds of the power precommitted this block; raises a HeaderRejected.

    Signatures are checked in order until the power suffices, as CometBFT's light verification does.
    """
    require_valid_set(validators)
    if (commit.height, commit.block_id, len(commit.signatures)) != (height, block_id, len(validators.validators)):
        raise CommitRejected("a commit of another block or of other validators", height=commit.height)
    needed, signed = validators.total_power * 2 // 3, 0
    for index, (validator, vote) in enumerate(zip(validators.validators, commit.signatures, strict=True)):
        if vote.flag != BlockIDFlag.COMMIT:
            continue
        if vote.validator_address != validator.address:
            raise CommitRejected("a signature at another validator's place", index=index)
        _verify_signature(validator.public_key, vote.signature, commit.sign_bytes(chain_id, index))
        signed += validator.power
        if signed > needed:
            return
    raise NotEnoughPower(height=height, signed=signed, needed=needed + 1)


def verify_commit_trusting(chain_id: str, trusted: ValidatorSet, commit: Commit, level: Fraction = TRUST_LEVEL) -> None:
    """Check that more than `level` of the trusted power signed a commit of other validators."""
    needed, signed = trusted.total_power * level.numerator // level.denominator, 0
    seen: set[bytes] = set()
    for index, vote in enumerate(commit.signatures):
        validator = trusted.by_address.get(vote.validator_address)
        if vote.flag != BlockIDFlag.COMMIT or validator is None:
            continue
        if vote.validator_address in seen:
            raise CommitRejected("a validator signed twice", address=vote.validator_address)
        seen.add(vote.validator_address)
        _verify_signature(validator.public_key, vote.signature, commit.sign_bytes(chain_id, index))
        signed += validator.power
        if signed > needed:
            return
    raise NotEnoughTrust(height=commit.height, signed=signed, needed=needed + 1)


def _verify_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as invalid:
        raise CommitRejected("a wrong signature", public_key=public_key) from invalid


def require_valid_set(validators: ValidatorSet) -> None:
    """Refuse a validator set that is empty, repeats a key, or has powers out of range."""
    members = validators.validators
    if not 0 < len(members) <= MAX_VALIDATORS or len(validators.by_address) != len(members):
        raise HeaderRejected("an empty, oversized or repeating validator set", count=len(members))
    if any(member.power <= 0 for member in members) or validators.total_power > MAX_TOTAL_POWER:
        raise HeaderRejected("voting power out of range", total=validators.total_power)


def verify_block(chain_id: str, block: LightBlock) -> None:
    """Check one light block for itself: chain, validators, and the commit over its header."""
    header = block.header
    if header.chain_id != chain_id:
        raise HeaderRejected("a header of another chain", chain_id=header.chain_id)
    if header.height <= 0 or block.validators.hash() != header.validators_hash:
        raise HeaderRejected("validators are not those of the header", height=header.height)
    if block.commit.block_id.hash != header.hash():
        raise CommitRejected("a commit of another header", height=header.height)
    verify_commit(chain_id, block.validators, block.commit.block_id, header.height, block.commit)


def verify_header(
    trusted: LightBlock,
    new: LightBlock,
    *,
    now_ns: int,
    trusting_period_ns: int,
    trust_level: Fraction = TRUST_LEVEL,
    clock_drift_ns: int = CLOCK_DRIFT_NS,
) -> None:
    """Check that a trusted light block leads to a newer one, the next or a later; raises a HeaderRejected.

    NotEnoughTrust asks the caller to verify a height in between first; any other refusal is final.
    """
    old, header = trusted.header, new.header
    if old.time_ns + trusting_period_ns <= now_ns:
        raise TrustExpired(height=old.height)
    if header.height <= old.height or header.time_ns <= old.time_ns:
        raise HeaderRejected("not newer than the trusted header", height=header.height)
    if header.time_ns >= now_ns + clock_drift_ns:
        raise HeaderRejected("a header from the future", height=header.height)
    if header.height == old.height + 1:
        if header.validators_hash != old.next_validators_hash:
            raise HeaderRejected("not the validators that the trusted header names", height=header.height)
    else:
        verify_commit_trusting(old.chain_id, trusted.validators, new.commit, trust_level)
    verify_block(old.chain_id, new)


class LightClient:
    """Follows one chain from a block trusted at the start; the caller fetches the blocks and tells the time.

    Keeps the `KEPT_HEADERS` newest headers it verified. The state after block h is proven by header h + 1.
    """

    def __init__(self, trusted: LightBlock, *, trusting_period_ns: int) -> None:
        """Begin at a block whose hash the caller has from a trusted source; its own commit is checked."""
        verify_block(trusted.header.chain_id, trusted)
        self.head = trusted
        self._trusting_period_ns = trusting_period_ns
        self._headers: OrderedDict[int, Header] = OrderedDict({trusted.header.height: trusted.header})

    @property
    def chain_id(self) -> str:
        """The chain that is followed."""
        return self.head.header.chain_id

    @property
    def height(self) -> int:
        """The newest verified height."""
        return self.head.header.height

    def update(self, block: LightBlock, now_ns: int) -> Header:
        """Verify a block newer than the head and make it the head; a known one is only compared.

        Raises NotEnoughTrust when a height between the two must come first, ConflictingHeader for a fork, and
        HeightUnknown for an older height that was not verified when it was new.
        """
        header = block.header
        known = self._headers.get(header.height)
        if known is not None:
            self._require_same(known, block)
            return known
        if header.height < self.height:
            raise HeightUnknown(height=header.height)
        verify_header(self.head, block, now_ns=now_ns, trusting_period_ns=self._trusting_period_ns)
        self.head = block
        self._headers[header.height] = header
        if len(self._headers) > KEPT_HEADERS:
            self._headers.popitem(last=False)
        return header

    def _require_same(self, known: Header, block: LightBlock) -> None:
        if known.hash() == block.header.hash():
            return
        # Anybody can sign with validators of their own: only a header by the same validators is a fork.
        verify_block(self.chain_id, block)
        if known.validators_hash == block.header.validators_hash:
            raise ConflictingHeader(height=known.height)
        raise HeaderRejected("not the verified header of this height", height=known.height)

    def get_header(self, height: int) -> Header:
        """The verified header of a height, or HeightUnknown."""
        if height not in self._headers:
            raise HeightUnknown(height=height)
        return self._headers[height]

    def app_hash(self, height: int) -> bytes:
        """The root of the state after block `height`, out of header `height` + 1."""
        return self.get_header(height + 1).app_hash
