"""Attacks on BBS proofs, each refused by its name within half a second."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from panacea.crypto.bbs import (
    MAX_MESSAGES,
    SHA256,
    BBSRejected,
    MalformedKey,
    MalformedProof,
    MalformedSignature,
    TooManyMessages,
    WrongIndexes,
    WrongProof,
    WrongSignature,
)
from panacea.crypto.bbs.types import PROOF_FLOOR, Proof
from panacea.crypto.hazmat.bls12381 import FIELD, G1, ORDER

LIMIT_SECONDS = 0.5
SECRET = SHA256.key_gen(b"k" * 32)
PUBLIC = SHA256.public_key(SECRET)
HEADER, SHOWN_HEADER = b"header", b"asked by deal 7"
MESSAGES = [b"name", b"born 1970", b"", b"HbA1c 6.1"]
DISCLOSED = {1: MESSAGES[1]}


def proven(messages: list[bytes]) -> bytes:
    signature = SHA256.sign(SECRET, PUBLIC, HEADER, messages)
    return SHA256.prove(PUBLIC, signature, HEADER, SHOWN_HEADER, messages, disclosed=[1])


PROOF = proven(MESSAGES)
OTHER = proven([b"other", MESSAGES[1], b"x", b"HbA1c 9.9"])


@contextmanager
def refused(*refusals: type[BBSRejected]) -> Iterator[None]:
    """The body must be refused so, and quickly."""
    started = time.process_time()
    with pytest.raises(refusals):
        yield
    assert time.process_time() - started < LIMIT_SECONDS


def check(proof: bytes, disclosed: dict[int, bytes] | None = None) -> None:
    SHA256.check(PUBLIC, proof, HEADER, SHOWN_HEADER, DISCLOSED if disclosed is None else disclosed)


def test_the_proofs_are_true() -> None:
    check(PROOF)
    check(OTHER)


@pytest.mark.parametrize("bit", [0x01, 0x80])
def test_every_byte_of_a_proof_counts(bit: int) -> None:
    for at in range(len(PROOF)):
        with refused(WrongProof, MalformedProof):
            check(PROOF[:at] + bytes([PROOF[at] ^ bit]) + PROOF[at + 1 :])


@pytest.mark.parametrize("size", [1, 31, 32, 64, 96, len(PROOF)])
def test_truncated_and_extended_proofs(size: int) -> None:
    with refused(WrongProof, MalformedProof, WrongIndexes):
        check(PROOF[:-size])
    with refused(WrongProof, MalformedProof):
        check(PROOF[size:])
    with refused(WrongProof, MalformedProof):
        check(PROOF + OTHER[:size])
    with refused(WrongProof, MalformedProof):
        check(PROOF[:-32] + PROOF[-64:-32] * (size % 7 + 1) + PROOF[-32:])


PARTS = ["a_bar", "b_bar", "d", "e_hat", "r1_hat", "r3_hat", "hidden_hats", "challenge"]


@pytest.mark.parametrize("part", PARTS)
def test_parts_of_another_credential_do_not_fit(part: str) -> None:
    proof, other = Proof.from_octets(PROOF), Proof.from_octets(OTHER)
    with refused(WrongProof):
        check(replace(proof, **{part: getattr(other, part)}).to_octets())


def test_halves_of_two_credentials_do_not_fit() -> None:
    for at in (48, 96, 144, 176, 208, 240, len(PROOF) - 32):
        with refused(WrongProof):
            check(PROOF[:at] + OTHER[at:])


@pytest.mark.parametrize("parts", [("a_bar", "b_bar"), ("e_hat", "r1_hat"), ("d", "b_bar")])
def test_parts_cannot_trade_places(parts: tuple[str, str]) -> None:
    one, two = parts
    proof = Proof.from_octets(PROOF)
    with refused(WrongProof):
        check(replace(proof, **{one: getattr(proof, two), two: getattr(proof, one)}).to_octets())


def test_the_same_factor_everywhere_is_no_proof() -> None:
    """A' and B' may be blinded further together; the challenge then is another one."""
    proof, factor = Proof.from_octets(PROOF), SHA256.map_message(b"factor")
    with refused(WrongProof):
        check(replace(proof, a_bar=proof.a_bar * factor, b_bar=proof.b_bar * factor).to_octets())


POINTS = {
    "identity": b"\xc0" + bytes(47),
    "identity with stray bits": b"\xc0" + bytes(46) + b"\x01",
    "identity with a sign": b"\xe0" + bytes(47),
    "off the curve": b"\x80" + bytes(46) + b"\x01",
    "outside the subgroup": b"\x80" + bytes(47),
    "x of the field's size": bytes([0x80 | FIELD >> 376]) + (FIELD % 2**376).to_bytes(47, "big"),
    "uncompressed flag": b"\x17" + G1().to_compressed_bytes()[1:],
}


def test_the_point_outside_the_subgroup_is_on_the_curve() -> None:
    point = G1.from_compressed_bytes_unchecked(POINTS["outside the subgroup"])
    assert not point.is_in_subgroup()


@pytest.mark.parametrize("name", POINTS)
def test_bad_points(name: str) -> None:
    for at in (0, 48, 96):
        with refused(MalformedProof):
            check(PROOF[:at] + POINTS[name] + PROOF[at + 48 :])
    with refused(MalformedSignature):
        SHA256.verify(PUBLIC, POINTS[name] + bytes(31) + b"\x01", HEADER, MESSAGES)


SCALARS = {"zero": 0, "r": ORDER, "r + 1": ORDER + 1, "all ones": 2**256 - 1}


@pytest.mark.parametrize("name", SCALARS)
def test_bad_scalars(name: str) -> None:
    scalar = SCALARS[name].to_bytes(32, "big")
    for at in range(144, len(PROOF), 32):
        with refused(MalformedProof):
            check(PROOF[:at] + scalar + PROOF[at + 32 :])


def test_a_scalar_plus_r_is_not_the_same_scalar() -> None:
    """An answer below 2^256 - r could be spelled twice."""
    for at in range(144, len(PROOF), 32):
        again = int.from_bytes(PROOF[at : at + 32], "big") + ORDER
        if again < 2**256:
            with refused(MalformedProof):
                check(PROOF[:at] + again.to_bytes(32, "big") + PROOF[at + 32 :])


KEYS: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda key: b"\xc0" + bytes(95),
    "identity with stray bits": lambda key: b"\xc0" + bytes(94) + b"\x01",
    "cut": lambda key: key[:-1],
    "longer": lambda key: key + b"\x00",
    "a point of G1": lambda key: G1().to_compressed_bytes() * 2,
    "outside the subgroup": lambda key: b"\x80" + bytes(94) + b"\x02",
}


@pytest.mark.parametrize("name", KEYS)
def test_bad_keys(name: str) -> None:
    key = KEYS[name](PUBLIC)
    with refused(MalformedKey):
        SHA256.check(key, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


def test_the_negated_key_signed_nothing() -> None:
    key = bytes([PUBLIC[0] ^ 0x20]) + PUBLIC[1:]
    with refused(WrongProof):
        SHA256.check(key, PROOF, HEADER, SHOWN_HEADER, DISCLOSED)


def test_hidden_answers_cannot_trade_places() -> None:
    proof = Proof.from_octets(PROOF)
    with refused(WrongProof):
        check(replace(proof, hidden_hats=proof.hidden_hats[::-1]).to_octets())


def test_a_disclosed_message_cannot_take_a_hidden_place() -> None:
    for index in (0, 2, 3):
        with refused(WrongProof):
            check(PROOF, {index: MESSAGES[1]})
    with refused(WrongIndexes):
        check(PROOF, {4: MESSAGES[1]})
    with refused(WrongIndexes):
        check(PROOF, {-1: MESSAGES[1]})


def test_huge_counts_cost_little() -> None:
    """The first such proof makes a verifier read all generators; it must not take long even then."""
    with refused(WrongProof):
        check(PROOF[:-32] + PROOF[-64:-32] * (MAX_MESSAGES - 4) + PROOF[-32:])
    with refused(MalformedProof):
        check(PROOF[:PROOF_FLOOR] + PROOF[-32:] * (MAX_MESSAGES + 1))
    with refused(MalformedProof):
        check(PROOF + bytes(32 * 10**6))
    with refused(TooManyMessages):
        check(PROOF, dict.fromkeys(range(MAX_MESSAGES), b""))
    with refused(WrongSignature):
        SHA256.verify(PUBLIC, SHA256.sign(SECRET, PUBLIC, b"", []), b"", [b"m"] * MAX_MESSAGES)


def test_a_proof_of_nothing_hidden_and_nothing_shown() -> None:
    signature = SHA256.sign(SECRET, PUBLIC, HEADER, [])
    proof = SHA256.prove(PUBLIC, signature, HEADER, SHOWN_HEADER, [], disclosed=[])
    check(proof, {})
    with refused(WrongProof):
        check(proof, {0: b""})
