"""BBS and bbs-2023: each operation's median and 90th percentile, and its ratio to one pairing check of the same run.

Absolute figures move with the machine; the ratio to a product of two pairings, which every verification contains, is
what stays.
"""

import random
import statistics
import time
from collections.abc import Callable
from functools import partial

from panacea.credentials.records.model import credential_contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto import bbs
from panacea.crypto.hazmat.bls12381 import G1, G2, pairings_cancel
from panacea.health.mapping import CONTEXT_URL, subject_form

ROUNDS = 15


def measure(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and 90th percentile of one call, in milliseconds."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times), statistics.quantiles(times, n=10)[-1]


def pairing_check() -> float:
    """The median of a product of two pairings, the unit of the ratios, in milliseconds."""
    return measure(lambda: pairings_cancel((G1(), G2()), (-G1(), G2())))[0]


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
    """Sign, verify, prove and check with half of the messages disclosed."""
    suite = bbs.SHA256
    secret = suite.key_gen(bytes(range(32)))
    public = suite.public_key(secret)
    chance = random.Random(1)
    for count in (10, 32, 100):
        messages = [chance.randbytes(32) for _ in range(count)]
        half = list(range(0, count, 2))
        signature = suite.sign(secret, public, b"header", messages)
        proof = suite.prove(public, signature, b"header", b"ph", messages, disclosed=half)
        shown = {index: messages[index] for index in half}
        rows: dict[str, Callable[[], object]] = {
            "sign": partial(suite.sign, secret, public, b"header", messages),
            "verify": partial(suite.verify, public, signature, b"header", messages),
            "prove": partial(suite.prove, public, signature, b"header", b"ph", messages, disclosed=half),
            "check": partial(suite.check, public, proof, b"header", b"ph", shown),
        }
        for name, work in rows.items():
            report(f"BBS {name}, {count} messages", *measure(work), unit=unit)


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
    report("bbs-2023 issue", *measure(issue), unit=unit)
    report("bbs-2023 derive", *measure(derive), unit=unit)
    verify = measure(
        lambda: bbs2023.verify_derived(view, public_key=public, presentation_header_expected=b"ph", contexts=contexts)
    )
    report("bbs-2023 verify", *verify, unit=unit)


def report(name: str, median: float, p90: float, *, unit: float) -> None:
    """One line of the table."""
    print(f"{name:<28} median {median:7.2f} ms   p90 {p90:7.2f} ms   {median / unit:6.2f} pairing checks")


def run() -> None:
    """Print the table."""
    unit = pairing_check()
    print(f"one pairing check: {unit:.2f} ms")
    run_core(unit)
    run_suite(unit)


if __name__ == "__main__":
    run()
