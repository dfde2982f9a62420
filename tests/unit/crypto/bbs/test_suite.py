"""Attacks on BBS: nothing but the signed messages under the right key passes."""

from dataclasses import replace

import pytest

from panacea.crypto.bbs import (
    MAX_MESSAGES,
    SHA256,
    SHAKE256,
    BBSRejected,
    MalformedKey,
    MalformedProof,
    MalformedSignature,
    TooManyMessages,
    WeakKeyMaterial,
    WrongIndexes,
    WrongProof,
    WrongSignature,
)
from panacea.crypto.bbs.generators import Generators
from panacea.crypto.bbs.types import PROOF_FLOOR
from panacea.crypto.hazmat.bls12381 import G1, ORDER, Scalar
from panacea.primitives.time import SystemRandom

SECRET = SHA256.key_gen(b"k" * 32)
PUBLIC = SHA256.public_key(SECRET)
MESSAGES = [b"name", b"born 1970", b"", b"HbA1c 6.1"]
HEADER, SHOWN_HEADER = b"header", b"asked by deal 7"
SIGNATURE = SHA256.sign(SECRET, PUBLIC, HEADER, MESSAGES)
DISCLOSED = {1: MESSAGES[1], 3: MESSAGES[3]}
PROOF = SHA256.prove(PUBLIC, SIGNATURE, HEADER, SHOWN_HEADER, MESSAGES, disclosed=[1, 3])


def flipped(octets: bytes, at: int) -> bytes:
    return octets[:at] + bytes([octets[at] ^ 1]) + octets[at + 1 :]


def test_what_was_signed_verifies() -> None:
    SHA256.verify(PUBLIC, SIGNATURE, HEADER, MESSAGES)
    SHA256.check(PUBLIC, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


def test_two_proofs_share_no_part() -> None:
    again = SHA256.prove(PUBLIC, SIGNATURE, HEADER, SHOWN_HEADER, MESSAGES, disclosed=[3, 1])
    SHA256.check(PUBLIC, again, HEADER, SHOWN_HEADER, DISCLOSED)
    assert all(PROOF[at : at + 16] not in again for at in range(0, len(PROOF), 16))


@pytest.mark.parametrize(
    ("header", "messages"),
    [
        (b"other", MESSAGES),
        (HEADER, MESSAGES[:-1]),
        (HEADER, [*MESSAGES, b""]),
        (HEADER, MESSAGES[::-1]),
        (HEADER, [b"name", b"born 1971", b"", b"HbA1c 6.1"]),
    ],
)
def test_other_messages_are_not_signed(header: bytes, messages: list[bytes]) -> None:
    with pytest.raises(WrongSignature):
        SHA256.verify(PUBLIC, SIGNATURE, header, messages)


def test_every_byte_of_a_signature_counts() -> None:
    for at in range(0, len(SIGNATURE), 7):
        with pytest.raises(BBSRejected):
            SHA256.verify(PUBLIC, flipped(SIGNATURE, at), HEADER, MESSAGES)


def test_every_part_of_a_proof_counts() -> None:
    ends = [47, 95, 143, *range(175, len(PROOF), 32)]
    for at in ends:
        with pytest.raises((WrongProof, MalformedProof)):
            SHA256.check(PUBLIC, flipped(PROOF, at), HEADER, SHOWN_HEADER, DISCLOSED)


@pytest.mark.parametrize(
    ("header", "shown_header", "disclosed"),
    [
        (b"other", SHOWN_HEADER, DISCLOSED),
        (HEADER, b"asked by deal 8", DISCLOSED),
        (HEADER, SHOWN_HEADER, {1: b"born 1971", 3: MESSAGES[3]}),
        (HEADER, SHOWN_HEADER, {0: MESSAGES[1], 3: MESSAGES[3]}),
        (HEADER, SHOWN_HEADER, {1: MESSAGES[1]}),
        (HEADER, SHOWN_HEADER, DISCLOSED | {2: MESSAGES[2]}),
    ],
)
def test_a_proof_shows_only_what_it_showed(header: bytes, shown_header: bytes, disclosed: dict[int, bytes]) -> None:
    with pytest.raises(WrongProof):
        SHA256.check(PUBLIC, PROOF, header, shown_header, disclosed)


def test_another_key_signed_nothing() -> None:
    stranger = SHA256.public_key(SHA256.key_gen(b"s" * 32))
    with pytest.raises(WrongSignature):
        SHA256.verify(stranger, SIGNATURE, HEADER, MESSAGES)
    with pytest.raises(WrongProof):
        SHA256.check(stranger, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


def test_the_other_ciphersuite_signed_nothing() -> None:
    with pytest.raises(WrongSignature):
        SHAKE256.verify(PUBLIC, SIGNATURE, HEADER, MESSAGES)
    with pytest.raises(WrongProof):
        SHAKE256.check(PUBLIC, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


def test_swapped_generators_do_not_swap_messages() -> None:
    """Were generators not part of the domain, two messages and their generators could trade places."""

    class Swapped(Generators):
        def first(self, count: int) -> tuple[G1, ...]:
            base, one, two, *rest = super().first(count)
            return (base, two, one, *rest)

    suite = replace(SHA256, generators=Swapped(SHA256.api_id, SHA256.expand, SHA256.generators.table))
    with pytest.raises(WrongSignature):
        suite.verify(PUBLIC, SIGNATURE, HEADER, [MESSAGES[1], MESSAGES[0], *MESSAGES[2:]])


def test_a_forged_signature_makes_a_proof_nobody_accepts() -> None:
    forged = SHA256.prove(PUBLIC, SIGNATURE, HEADER, b"", [b"forged", *MESSAGES[1:]], disclosed=[0])
    with pytest.raises(WrongProof):
        SHA256.check(PUBLIC, forged, HEADER, b"", {0: b"forged"})


IDENTITY = b"\xc0" + bytes(47)
DIRTY_IDENTITY = b"\xc0" + b"\x01" * 47
OFF_CURVE = b"\x80" + bytes(46) + b"\x01"


@pytest.mark.parametrize("point", [IDENTITY, DIRTY_IDENTITY, OFF_CURVE, bytes(48)])
def test_bad_points_are_malformed(point: bytes) -> None:
    with pytest.raises(MalformedSignature):
        SHA256.verify(PUBLIC, point + SIGNATURE[48:], HEADER, MESSAGES)
    for at in (0, 48, 96):
        with pytest.raises(MalformedProof):
            SHA256.check(PUBLIC, PROOF[:at] + point + PROOF[at + 48 :], HEADER, SHOWN_HEADER, DISCLOSED)


@pytest.mark.parametrize("scalar", [bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32])
def test_bad_scalars_are_malformed(scalar: bytes) -> None:
    with pytest.raises(MalformedSignature):
        SHA256.verify(PUBLIC, SIGNATURE[:48] + scalar, HEADER, MESSAGES)
    for at in range(144, len(PROOF), 32):
        with pytest.raises(MalformedProof):
            SHA256.check(PUBLIC, PROOF[:at] + scalar + PROOF[at + 32 :], HEADER, SHOWN_HEADER, DISCLOSED)


@pytest.mark.parametrize("size", [0, PROOF_FLOOR - 32, PROOF_FLOOR - 1, PROOF_FLOOR + 1])
def test_bad_proof_sizes_are_malformed(size: int) -> None:
    with pytest.raises(MalformedProof):
        SHA256.check(PUBLIC, (PROOF * 2)[:size], HEADER, SHOWN_HEADER, DISCLOSED)


@pytest.mark.parametrize("key", [b"", PUBLIC[:-1], b"\xc0" + bytes(95), b"\xc0" + b"\x01" * 95, bytes(96)])
def test_bad_public_keys_are_malformed(key: bytes) -> None:
    with pytest.raises(MalformedKey):
        SHA256.verify(key, SIGNATURE, HEADER, MESSAGES)
    with pytest.raises(MalformedKey):
        SHA256.check(key, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


@pytest.mark.parametrize("key", [b"", bytes(32), b"\xff" * 32, SECRET + b"\x00"])
def test_bad_secret_keys_are_refused_and_not_told(key: bytes) -> None:
    with pytest.raises(MalformedKey) as refused:
        SHA256.public_key(key)
    assert refused.value.values == {}
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("indexes", [[0, 0], [4], [-1]])
def test_bad_indexes_are_refused(indexes: list[int]) -> None:
    with pytest.raises(WrongIndexes):
        SHA256.prove(PUBLIC, SIGNATURE, HEADER, b"", MESSAGES, disclosed=indexes)


def test_an_index_beyond_the_messages_is_refused() -> None:
    with pytest.raises(WrongIndexes):
        SHA256.check(PUBLIC, PROOF, HEADER, SHOWN_HEADER, {1: b"", 4: b""})


def test_work_is_bounded() -> None:
    many = [b""] * (MAX_MESSAGES + 1)
    with pytest.raises(TooManyMessages):
        SHA256.sign(SECRET, PUBLIC, HEADER, many)
    with pytest.raises(TooManyMessages):
        SHA256.check(PUBLIC, PROOF, HEADER, b"", dict(enumerate(many)))
    with pytest.raises(MalformedProof):
        SHA256.check(PUBLIC, PROOF + bytes(32) * MAX_MESSAGES, HEADER, b"", {})


def test_weak_key_material_is_refused() -> None:
    with pytest.raises(WeakKeyMaterial):
        SHA256.key_gen(b"k" * 31)
    with pytest.raises(WeakKeyMaterial):
        SHA256.key_gen(b"k" * 32, b"i" * 65536)


def test_two_halves_make_a_proof_and_check_it() -> None:
    scalars = SHA256.map_messages(MESSAGES)
    assert SHA256.sign_scalars(SECRET, PUBLIC, HEADER, scalars) == SIGNATURE
    SHA256.verify_scalars(PUBLIC, SIGNATURE, HEADER, scalars)
    fixed = Scalar(77)
    first = SHA256.begin(PUBLIC, SIGNATURE, HEADER, scalars, disclosed=[3, 1], random=SystemRandom(), tildes={2: fixed})
    challenge = SHA256.challenge(first, SHOWN_HEADER)
    proof = first.finish(challenge)
    assert first.tilde(2) == fixed
    again = SHA256.reopen(PUBLIC, proof, HEADER, first.known)
    assert (again.t1, again.t2, again.domain, again.known) == (first.t1, first.t2, first.domain, first.known)
    assert again.hats == {0: first.tilde(0) + scalars[0] * challenge, 2: fixed + scalars[2] * challenge}
    assert SHA256.challenge(again, SHOWN_HEADER) == challenge
    SHA256.require_pairing(PUBLIC, proof)
    SHA256.check(PUBLIC, proof.to_octets(), HEADER, SHOWN_HEADER, DISCLOSED)


def test_a_begun_proof_tells_no_secret() -> None:
    scalars = SHA256.map_messages(MESSAGES)
    first = SHA256.begin(PUBLIC, SIGNATURE, HEADER, scalars, disclosed=[1], random=SystemRandom())
    assert not any(str(secret) in repr(first) for secret in [scalars[0], first.tilde(0), *first.e, *first.r1])


def test_only_hidden_messages_take_a_tilde() -> None:
    scalars = SHA256.map_messages(MESSAGES)
    for index in (1, 4):
        with pytest.raises(WrongIndexes):
            SHA256.begin(
                PUBLIC, SIGNATURE, HEADER, scalars, disclosed=[1], random=SystemRandom(), tildes={index: scalars[0]}
            )


def test_another_interface_over_the_same_generators_signed_nothing() -> None:
    other = replace(SHA256, api_id=SHA256.api_id + b"OTHER_")
    other.verify(PUBLIC, other.sign(SECRET, PUBLIC, HEADER, MESSAGES), HEADER, MESSAGES)
    with pytest.raises(WrongSignature):
        other.verify(PUBLIC, SIGNATURE, HEADER, MESSAGES)
