"""BBS and bbs-2023 on one thread: lowest, median and 90th percentile, and the ratio to one pairing check of the run.

Absolute figures move with the machine; the ratio to a product of two pairings, which every verification contains, is
what stays. `rows` gives the operations of BBS by name, so that peers can be measured beside them in one run.
"""

import os
import random
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial

# Read when the library first computes: the figures are those of one thread.
os.environ.setdefault("RAYON_NUM_THREADS", "1")

from panacea.credentials.records.model import credential_contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto import bbs
from panacea.crypto.bbs.experimental import Draft, blind_suite, nym_suite
from panacea.crypto.bbs.generators import PLAIN_SUMS
from panacea.crypto.bbs.suite import Shown
from panacea.crypto.hazmat.bls12381 import G1, G2, pairings_cancel
from panacea.crypto.secret import SecretBytes
from panacea.health.mapping import CONTEXT_URL, subject_form
from panacea.primitives.time import SystemRandom

Row = Callable[[], object]

ROUNDS = 25
COUNTS = (10, 100, 1000)
BATCH = 100
HEADER, SHOWN_HEADER = b"header", b"ph"

BARS_MS: Mapping[str, float] = {
    "BBS sign, 10 messages": 1,
    "BBS verify, 10 messages": 2.5,
    "BBS prove, 10 messages": 2.5,
    "BBS check, 10 messages": 3,
    "BBS sign, 100 messages": 4,
    "BBS verify, 100 messages": 5.5,
    "BBS prove, 100 messages": 7.5,
    "BBS check, 100 messages": 6,
}
"""What each may take, half of the messages disclosed."""

BATCH_BAR = 0.65
"""What a batch may take of the time of one by one."""


class Times:
    """Milliseconds of one call, over some rounds."""

    def __init__(self, work: Row, rounds: int = ROUNDS) -> None:
        # Generators are at their speed once they have been used for a while, as in a service.
        for _ in range(PLAIN_SUMS + 1 if rounds >= ROUNDS else 1):
            work()
        times = []
        for _ in range(rounds):
            started = time.perf_counter()
            work()
            times.append((time.perf_counter() - started) * 1000)
        self._take(times)

    @classmethod
    def of(cls, times: Sequence[float]) -> "Times":
        """These milliseconds, which were measured elsewhere."""
        found = cls.__new__(cls)
        found._take(times)
        return found

    def _take(self, times: Sequence[float]) -> None:
        self.samples = tuple(times)
        self.lowest = min(times)
        self.median = statistics.median(times)
        self.p90 = statistics.quantiles(times, n=10)[-1]


def rows(suite: bbs.Suite = bbs.SHA256, counts: tuple[int, ...] = COUNTS) -> dict[str, Row]:
    """Each operation by its name, over messages of 32 bytes, with half of them disclosed."""
    found: dict[str, Row] = {}
    secret = suite.key_gen(bytes(range(32)))
    public = suite.public_key(secret)
    chance = random.Random(1)
    for count in counts:
        messages = [chance.randbytes(32) for _ in range(count)]
        half = list(range(0, count, 2))
        signature = suite.sign(secret, public, HEADER, messages)
        proof = suite.prove(public, signature, HEADER, SHOWN_HEADER, messages, disclosed=half)
        shown = {index: messages[index] for index in half}
        found |= {
            f"BBS sign, {count} messages": partial(suite.sign, secret, public, HEADER, messages),
            f"BBS verify, {count} messages": partial(suite.verify, public, signature, HEADER, messages),
            f"BBS prove, {count} messages": partial(
                suite.prove, public, signature, HEADER, SHOWN_HEADER, messages, disclosed=half
            ),
            f"BBS check, {count} messages": partial(suite.check, public, proof, HEADER, SHOWN_HEADER, shown),
        }
    return found


def batch_rows(suite: bbs.Suite = bbs.SHA256, proofs: int = BATCH, count: int = 10) -> dict[str, Row]:
    """Many proofs under one key, one by one and at once."""
    secret = suite.key_gen(bytes(range(32)))
    public = suite.public_key(secret)
    chance = random.Random(2)
    half = list(range(0, count, 2))
    batch: list[Shown] = []
    for _ in range(proofs):
        messages = [chance.randbytes(32) for _ in range(count)]
        signature = suite.sign(secret, public, HEADER, messages)
        proof = suite.prove(public, signature, HEADER, SHOWN_HEADER, messages, disclosed=half)
        batch.append((proof, HEADER, SHOWN_HEADER, {index: messages[index] for index in half}))

    def one_by_one() -> None:
        for each in batch:
            suite.check(public, *each)

    return {
        f"BBS check of {proofs} one by one": one_by_one,
        f"BBS check of {proofs} at once": partial(suite.check_many, public, batch, SystemRandom()),
    }


def experimental_rows(plain: bbs.Suite = bbs.SHA256, count: int = 10) -> dict[str, Row]:
    """Blind signatures and pseudonyms over as many messages, one of the holder's, half disclosed."""
    secret = plain.key_gen(bytes(range(32)))
    public = plain.public_key(secret)
    chance = random.Random(3)
    messages, committed = [chance.randbytes(32) for _ in range(count)], [b"holder"]
    nyms, entropy = [SecretBytes(bytes(31) + b"\x05")], SecretBytes(bytes(31) + b"\x07")
    half = list(range(0, count, 2))
    shown = {index: messages[index] for index in half}
    blind, nym = blind_suite(Draft.BLIND_02, plain), nym_suite(Draft.NYM_03, plain)
    commitment, kept = blind.commit(committed)
    signature = blind.sign(secret, public, HEADER, messages, commitment=commitment)
    hidden = {"committed": committed, "disclosed": half}
    prove = partial(blind.prove, public, signature, HEADER, SHOWN_HEADER, messages, prover_blind=kept)
    nym_commitment, nym_kept = nym.commit(nyms, committed)
    nym_signature = nym.sign(secret, public, HEADER, messages, commitment=nym_commitment, entropy=entropy)
    prove_nym = partial(
        nym.prove, public, nym_signature, HEADER, SHOWN_HEADER, messages, context=b"verifier", prover_blind=nym_kept
    )
    secrets = nym.add_entropy(nyms, entropy)
    proof = prove(committed=committed, disclosed=half)
    nym_proof, pseudonym = prove_nym(nym_secrets=secrets, committed=committed, disclosed=half)
    return {
        f"blind commit, 1 of {count + 1}": partial(blind.commit, committed),
        f"blind sign, {count} messages": partial(blind.sign, secret, public, HEADER, messages, commitment=commitment),
        f"blind prove, {count} messages": partial(prove, **hidden),
        f"blind check, {count} messages": partial(blind.check, public, proof, HEADER, SHOWN_HEADER, shown, count=count),
        f"pseudonym prove, {count} messages": partial(prove_nym, nym_secrets=secrets, **hidden),
        f"pseudonym check, {count} messages": partial(
            nym.check,
            public,
            nym_proof,
            HEADER,
            SHOWN_HEADER,
            shown,
            context=b"verifier",
            pseudonym=pseudonym,
            count=count,
        ),
    }


def pairing_check() -> float:
    """The median of a product of two pairings, the unit of the ratios, in milliseconds."""
    return Times(lambda: pairings_cancel((G1(), G2()), (-G1(), G2()))).median


def observation() -> dict[str, object]:
    """A laboratory value as a hospital would export it."""
    coding = {"system": "http://loinc.org", "code": "2345-7", "display": "Glucose [Mass/volume] in Serum or Plasma"}
    return {
        "resourceType": "Observation",
        "id": "glucose",
        "status": "final",
        "category": [{"coding": [{"code": "laboratory"}], "text": "Laboratory"}],
        "code": {"coding": [coding], "text": "Glucose"},
        "subject": {"reference": "Patient/1", "display": "Invented Person"},
        "effectiveDateTime": "2026-11-01T08:00:00Z",
        "valueQuantity": {"value": 98, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
    }


def run_core(unit: float) -> None:
    """Sign, verify, prove and check with half of the messages disclosed, against their bars."""
    for name, work in {**rows(), **experimental_rows()}.items():
        report(name, Times(work), unit=unit)


def run_batch(unit: float) -> None:
    """Many proofs under one key at once, as a part of one by one."""
    found = {name: Times(work, rounds=5) for name, work in batch_rows().items()}
    for name, times in found.items():
        report(name, times, unit=unit)
    one_by_one, at_once = found.values()
    ratio = at_once.lowest / one_by_one.lowest
    print(
        f"{'at once / one by one':<34} {ratio:8.2f}      bar {BATCH_BAR}   {'met' if ratio <= BATCH_BAR else 'MISSED'}"
    )


def run_suite(unit: float) -> None:
    """Issue, derive and verify a credential over a FHIR Observation."""
    suite, contexts = bbs.SHA256, credential_contexts()
    secret = suite.key_gen(bytes(range(32)))
    public = suite.public_key(secret)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:hospital",
        "credentialSubject": {"resource": subject_form(observation())},
    }

    def issue() -> dict[str, object]:
        return bbs2023.create_base(
            document,
            secret_key=secret,
            public_key=public,
            verification_method="did:example:hospital#key",
            mandatory_pointers=["/issuer", "/type"],
            contexts=contexts,
        )

    base = issue()
    pointers = ["/credentialSubject/resource/valueQuantity", "/credentialSubject/resource/code"]

    def derive() -> dict[str, object]:
        return bbs2023.derive(
            base, selective_pointers=pointers, presentation_header=b"ph", public_key=public, contexts=contexts
        )

    view = derive()
    report("bbs-2023 issue", Times(issue), unit=unit)
    report("bbs-2023 derive", Times(derive), unit=unit)
    verify = partial(
        bbs2023.verify_derived, view, public_key=public, presentation_header_expected=b"ph", contexts=contexts
    )
    report("bbs-2023 verify", Times(verify), unit=unit)


def report(name: str, times: Times, *, unit: float) -> None:
    """One line of the table."""
    figures = f"lowest {times.lowest:8.2f}   median {times.median:8.2f}   p90 {times.p90:8.2f} ms"
    bar = BARS_MS.get(name)
    verdict = "" if bar is None else f"   bar {bar} {'met' if times.lowest <= bar else 'MISSED'}"
    print(f"{name:<34} {figures}   {times.median / unit:7.2f} pairing checks{verdict}")


def run() -> None:
    """Print the table."""
    unit = pairing_check()
    print(f"one pairing check: {unit:.2f} ms")
    run_core(unit)
    run_batch(unit)
    run_suite(unit)


if __name__ == "__main__":
    run()
