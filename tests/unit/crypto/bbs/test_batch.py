"""Many proofs at once: what one by one would refuse is named, and two pairings are enough when all is well."""

import pytest

from panacea.crypto.bbs import MAX_PROOFS, SHA256, MalformedKey, TooManyProofs, WrongProof, batch
from panacea.crypto.bbs.suite import Shown
from panacea.crypto.bbs.types import Signature
from panacea.crypto.hazmat.bls12381 import G1, G2, Scalar, pairings_cancel, scalar_modulo_order
from panacea.primitives.time import SystemRandom

RANDOM = SystemRandom()
SECRET = SHA256.key_gen(b"k" * 32)
PUBLIC = SHA256.public_key(SECRET)
HEADER, SHOWN_HEADER = b"header", b"asked by deal 7"
MESSAGES = [b"name", b"born", b"value"]
SIGNATURE = Signature.from_octets(SHA256.sign(SECRET, PUBLIC, HEADER, MESSAGES))


class Known:
    """Draws that the test may know: a prover controls its own randomness."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed

    def token(self, size: int) -> bytes:
        return SHA256.expand(self.seed, b"test", size)

    def factor(self) -> Scalar:
        """r1 r2, what A' is multiplied by."""
        draws = self.token(48 * 7)  # Five, and one for each of two hidden messages.
        return scalar_modulo_order(draws[:48]) * scalar_modulo_order(draws[48:96])


class Constant:
    """A random source that foresees itself."""

    def token(self, size: int) -> bytes:
        return (bytes(15) + b"\x01") * (size // 16)


def show(seed: bytes, error: Scalar | None = None) -> Shown:
    """A proof; with an `error` its holder lies about e, so B' is off by A * error and every answer still fits."""
    random = Known(seed)
    e = SIGNATURE.e if error is None else SIGNATURE.e + error * random.factor().inverse()
    signature = Signature(SIGNATURE.a, e).to_octets()
    proof = SHA256.prove(PUBLIC, signature, HEADER, SHOWN_HEADER, MESSAGES, disclosed=[1], random=random)
    return proof, HEADER, SHOWN_HEADER, {1: MESSAGES[1]}


SHOWN = [show(bytes([number])) for number in range(8)]


@pytest.fixture
def pairings(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """One entry for each pairing check that a batch makes."""
    calls: list[object] = []

    def counted(left: tuple[G1, G2], right: tuple[G1, G2]) -> bool:
        calls.append(left)
        return pairings_cancel(left, right)

    monkeypatch.setattr(batch, "pairings_cancel", counted)
    return calls


def at_fault(shown: list[Shown]) -> object:
    with pytest.raises(WrongProof) as refused:
        SHA256.check_many(PUBLIC, shown, RANDOM)
    return refused.value.values["indexes"]


def test_true_proofs_take_one_pairing_check(pairings: list[object]) -> None:
    SHA256.check_many(PUBLIC, SHOWN, RANDOM)
    assert len(pairings) == 1


def test_no_proof_is_nothing_to_refuse(pairings: list[object]) -> None:
    SHA256.check_many(PUBLIC, [], RANDOM)
    assert not pairings


def test_wrong_pairings_are_found_by_halves(pairings: list[object]) -> None:
    shown = [*SHOWN[:5], show(b"x", Scalar(3)), *SHOWN[6:]]
    assert at_fault(shown) == [5]
    assert len(pairings) == 7
    with pytest.raises(WrongProof):
        SHA256.check(PUBLIC, *shown[5])


def test_every_proof_at_fault_is_named_whatever_its_fault() -> None:
    proof, header, shown_header, disclosed = SHOWN[0]
    shown = [
        show(b"x", Scalar(1)),
        SHOWN[1],
        (proof, header, b"asked by deal 8", disclosed),
        (proof[:-1], header, shown_header, disclosed),
        (proof, header, shown_header, {1: b"other"}),
        SHOWN[2],
        (proof, header, shown_header, {7: MESSAGES[1]}),
        show(b"y", Scalar(1)),
    ]
    assert at_fault(shown) == [0, 2, 3, 4, 6, 7]


def test_errors_that_cancel_are_found() -> None:
    """One holder sends two proofs that are wrong by opposite amounts: their plain sum verifies."""
    shown = [SHOWN[0], show(b"x", Scalar(5)), SHOWN[1], show(b"y", -Scalar(5))]
    SHA256.check_many(PUBLIC, shown, Constant())  # The premise: with weights that are foreseen it does pass.
    assert at_fault(shown) == [1, 3]


def test_a_weight_of_zero_hides_no_single_proof() -> None:
    class Nothing:
        def token(self, size: int) -> bytes:
            return bytes(size)

    with pytest.raises(WrongProof):
        SHA256.check_many(PUBLIC, [show(b"x", Scalar(1))], Nothing())


def test_another_key_signed_none_of_them() -> None:
    stranger = SHA256.public_key(SHA256.key_gen(b"s" * 32))
    with pytest.raises(WrongProof) as refused:
        SHA256.check_many(stranger, SHOWN, RANDOM)
    assert refused.value.values["indexes"] == list(range(8))
    with pytest.raises(MalformedKey):
        SHA256.check_many(stranger[:-1], SHOWN, RANDOM)


def test_work_is_bounded() -> None:
    with pytest.raises(TooManyProofs):
        SHA256.check_many(PUBLIC, SHOWN[:1] * (MAX_PROOFS + 1), RANDOM)
