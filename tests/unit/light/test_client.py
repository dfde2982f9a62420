"""Made-up chains with real signatures: what leads from a trusted header to another, and what does not."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from panacea.light import client as client_module
from panacea.light.client import (
    CommitRejected,
    ConflictingHeader,
    HeaderRejected,
    HeightUnknown,
    LightClient,
    NotEnoughPower,
    NotEnoughTrust,
    TrustExpired,
    verify_block,
    verify_header,
)
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
    vote_sign_bytes,
)

CHAIN, DAY = "test-1", 86_400 * 10**9
START = 1_800_000_000 * 10**9


@cache
def key(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32)


def members(numbers: Sequence[int], power: int = 10) -> ValidatorSet:
    return ValidatorSet.of([Validator(key(number).public_key().public_bytes_raw(), power) for number in numbers])


def signed(header: Header, validators: ValidatorSet, numbers: Sequence[int]) -> LightBlock:
    """The block with precommits of the validators of these key numbers; the others are absent."""
    block_id = BlockID(header.hash(), PartSetHeader(1, b"p" * 32))
    keys = {key(number).public_key().public_bytes_raw(): key(number) for number in numbers}
    signatures = []
    for validator in validators.validators:
        if validator.public_key in keys:
            message = vote_sign_bytes(CHAIN, header.height, 0, block_id, header.time_ns)
            signature = keys[validator.public_key].sign(message)
            signatures.append(CommitSig(BlockIDFlag.COMMIT, validator.address, header.time_ns, signature))
        else:
            signatures.append(CommitSig(BlockIDFlag.ABSENT))
    return LightBlock(header, Commit(header.height, 0, block_id, tuple(signatures)), validators)


def block(
    height: int,
    now: Sequence[int] = (0, 1, 2, 3),
    *,
    after: Sequence[int] | None = None,
    by: Sequence[int] | None = None,
    app_hash: bytes = b"app",
) -> LightBlock:
    """The block of a height, with validators `now`, then `after`, signed `by` some of them."""
    validators = members(now)
    header = Header(
        CHAIN,
        height,
        START + height * 10**9,
        BlockID(),
        last_commit_hash=b"",
        data_hash=b"",
        validators_hash=validators.hash(),
        next_validators_hash=members(now if after is None else after).hash(),
        consensus_hash=b"",
        app_hash=app_hash,
        last_results_hash=b"",
        evidence_hash=b"",
        proposer_address=validators.validators[0].address,
    )
    return signed(header, validators, now if by is None else by)


def verify(trusted: LightBlock, new: LightBlock, *, now_ns: int = START + DAY) -> None:
    verify_header(trusted, new, now_ns=now_ns, trusting_period_ns=14 * DAY)


def test_two_thirds_are_not_enough() -> None:
    verify_block(CHAIN, block(1, range(6), by=range(5)))
    with pytest.raises(NotEnoughPower):
        verify_block(CHAIN, block(1, range(6), by=range(4)))


def test_votes_for_nothing_do_not_count() -> None:
    good = block(1)
    first, *others = good.commit.signatures
    nil = replace(first, flag=BlockIDFlag.NIL)
    verify_block(CHAIN, replace(good, commit=replace(good.commit, signatures=(nil, *others))))
    with pytest.raises(NotEnoughPower):
        none = tuple(replace(signature, flag=BlockIDFlag.NIL) for signature in good.commit.signatures)
        verify_block(CHAIN, replace(good, commit=replace(good.commit, signatures=none)))


def test_a_wrong_signature_is_refused() -> None:
    good = block(1)
    first, second, *others = good.commit.signatures
    wrong = [
        replace(first, signature=bytes([first.signature[0] ^ 1]) + first.signature[1:]),
        replace(first, signature=b""),
        replace(first, time_ns=first.time_ns + 1),
        replace(first, validator_address=second.validator_address),
    ]
    for signature in wrong:
        with pytest.raises(CommitRejected):
            verify_block(CHAIN, replace(good, commit=replace(good.commit, signatures=(signature, second, *others))))


def test_a_commit_belongs_to_its_header() -> None:
    good = block(1)
    moved = [
        replace(good, header=replace(good.header, app_hash=b"forged")),
        replace(good, commit=replace(good.commit, height=2)),
        replace(good, commit=replace(good.commit, round=1)),
        replace(good, commit=replace(good.commit, signatures=good.commit.signatures[:3])),
        replace(good, validators=members(range(5))),
        block(0),
    ]
    for forged in moved:
        with pytest.raises(HeaderRejected):
            verify_block(CHAIN, forged)
    with pytest.raises(HeaderRejected, match="another chain"):
        verify_block("test-2", good)


@pytest.mark.parametrize("power", [0, -1, 1 << 60])
def test_powers_have_bounds(power: int) -> None:
    good = block(1)
    validators = members(range(4), power)
    header = replace(good.header, validators_hash=validators.hash())
    with pytest.raises(HeaderRejected, match="voting power"):
        verify_block(CHAIN, signed(header, validators, range(4)))


def test_a_validator_counts_once() -> None:
    one = members([0, 1, 2, 3]).validators[0]
    validators = ValidatorSet((one,) * 4)
    header = replace(block(1).header, validators_hash=validators.hash())
    with pytest.raises(HeaderRejected, match="repeating"):
        verify_block(CHAIN, signed(header, validators, range(4)))


def test_the_next_header_has_the_validators_that_were_named() -> None:
    trusted = block(1, after=[0, 4, 5, 6])
    verify(trusted, block(2, [0, 4, 5, 6]))
    with pytest.raises(HeaderRejected, match="not the validators"):
        verify(trusted, block(2, [0, 4, 5, 7]))


def test_a_later_header_needs_a_third_of_the_trusted() -> None:
    trusted = block(1)
    verify(trusted, block(9, [0, 1, 4, 5]))
    with pytest.raises(NotEnoughTrust):
        verify(trusted, block(9, [0, 4, 5, 6]))
    with pytest.raises(NotEnoughTrust):
        verify(trusted, block(9, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], by=[1, 4, 5, 6, 7, 8, 9, 10]))


def test_a_trusted_validator_counts_once_in_a_skip() -> None:
    new = block(9, [0, 4, 5, 6])
    mine = next(s for s in new.commit.signatures if s.validator_address == members([0]).validators[0].address)
    with pytest.raises(CommitRejected, match="twice"):
        verify(block(1), replace(new, commit=replace(new.commit, signatures=(mine,) * 4)))


def test_a_vote_for_nothing_does_not_count_in_a_skip() -> None:
    new = block(9, [0, 1, 4, 5])
    none = tuple(replace(signature, flag=BlockIDFlag.NIL) for signature in new.commit.signatures)
    with pytest.raises(NotEnoughTrust):
        verify(block(1), replace(new, commit=replace(new.commit, signatures=none)))


def test_validators_are_those_of_the_header() -> None:
    """Four strangers who sign a header of their own that names the true validators."""
    strangers = members([4, 5, 6, 7])
    with pytest.raises(HeaderRejected, match="validators are not those"):
        verify_block(CHAIN, signed(block(1).header, strangers, [4, 5, 6, 7]))


def test_times_and_heights_go_forward() -> None:
    trusted = block(5)
    with pytest.raises(HeaderRejected, match="not newer"):
        verify(trusted, block(5))
    late = replace(trusted.header, time_ns=START + 6 * 10**9)
    with pytest.raises(HeaderRejected, match="not newer"):
        verify(signed(late, trusted.validators, range(4)), block(6))
    with pytest.raises(HeaderRejected, match="future"):
        verify(trusted, block(6), now_ns=START + 6 * 10**9 - 10 * 10**9)
    with pytest.raises(TrustExpired):
        verify(trusted, block(6), now_ns=trusted.header.time_ns + 14 * DAY)


def test_a_client_follows_and_remembers() -> None:
    client = LightClient(block(1), trusting_period_ns=14 * DAY)
    now = START + DAY
    client.update(block(2, app_hash=b"state after 1"), now)
    client.update(block(7, [0, 1, 4, 5], app_hash=b"state after 6"), now)
    assert (client.chain_id, client.height) == (CHAIN, 7)
    assert (client.app_hash(1), client.app_hash(6)) == (b"state after 1", b"state after 6")
    for height in (2, 3, 7):
        with pytest.raises(HeightUnknown):
            client.app_hash(height)
    assert client.update(block(1), now) == block(1).header
    with pytest.raises(HeightUnknown):
        client.update(block(4), now)
    assert client.height == 7


def test_a_client_bisects() -> None:
    client = LightClient(block(1), trusting_period_ns=14 * DAY)
    target, now = block(9, [4, 5, 6, 7]), START + DAY
    with pytest.raises(NotEnoughTrust):
        client.update(target, now)
    client.update(block(5, [0, 1, 4, 5]), now)
    client.update(target, now)
    assert client.height == 9


def test_a_client_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "KEPT_HEADERS", 2)
    client = LightClient(block(1), trusting_period_ns=14 * DAY)
    for height in (2, 3):
        client.update(block(height), START + DAY)
    assert client.get_header(3) == client.head.header
    assert client.get_header(2) == block(2).header
    with pytest.raises(HeightUnknown):
        client.get_header(1)


def test_a_fork_is_told_from_a_forgery() -> None:
    client = LightClient(block(1), trusting_period_ns=14 * DAY)
    client.update(block(2), START + DAY)
    with pytest.raises(ConflictingHeader):
        client.update(block(2, app_hash=b"other"), START + DAY)
    with pytest.raises(HeaderRejected, match="not the verified header"):
        client.update(block(2, [7, 8, 9]), START + DAY)


def test_an_anchor_must_carry_its_own_signatures() -> None:
    with pytest.raises(NotEnoughPower):
        LightClient(block(1, by=[0]), trusting_period_ns=DAY)
