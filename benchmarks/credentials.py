"""Credentials on one thread against the bars that were set, and beside other programs where they are installed.

    python -m benchmarks credentials             prints the table
    python -m benchmarks.credentials --write     and writes docs/reference/speed.md and its picture
    python -m benchmarks.peers                   builds the other programs first (see there)

Each work runs 40 times, warm, in eight passes over all, and the lowest, median and 90th percentile are kept; a bar is
met by the lowest, because neighbours on a machine can only add to it. Figures of other programs are of the same run.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from benchmarks import peers
from benchmarks.bbs import BARS_MS, BATCH_BAR, HEADER, SHOWN_HEADER, Times, batch_rows, pairing_check, rows
from benchmarks.speed_report import Row, Run, write
from panacea.credentials.rdf import PoisonGraph, Quad, canonicalize, parse_nquads, to_quads
from panacea.credentials.records.model import MANDATORY, build_document, credential_contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto import base58
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.generators import PLAIN_SUMS
from panacea.crypto.keys import KeyKind, PublicKey
from panacea.health.mapping import subject_form
from panacea.health.strict_json import to_json
from panacea.identity.multikey import encode_multikey

PASSES: Final = 8
ROUNDS: Final = 5
"""Each work runs `ROUNDS` times in each pass: the passes are far apart, which evens out the moods of a machine."""

QUADS: Final = 87
LARGE: Final = 2000
GROWTH: Final = (10, 100, 1000)
OPERATIONS: Final = ("sign", "verify", "prove", "check")
RANGE: Final = "16-bit range"
ALONE: Final = "its credential alone,"
RECORD: Final = "/credentialSubject/1/resource"
NOW: Final = "2026-06-01T00:00:00Z"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"

BARS: Final[Mapping[str, float]] = {
    **BARS_MS,
    "bbs-2023 issue": 15,
    "bbs-2023 derive": 20,
    "bbs-2023 verify": 9,
    "RDFC-1.0, 2,000 quads": 25,
    "W3C test074 refused": 500,
    "16-bit range, prove": 20,
    "16-bit range, check": 6,
    "import and first verification": 400,
}
"""Milliseconds that each may take."""

Work = Callable[[], object]

# A FHIR Observation of 87 statements


def observation() -> dict[str, Any]:  # Any: FHIR JSON
    """A blood pressure as a hospital would export it."""

    def coded(system: str, code: str, display: str) -> dict[str, Any]:  # Any: FHIR JSON
        return {"coding": [{"system": system, "code": code, "display": display}]}

    def pressure(code: str, display: str, value: int) -> dict[str, Any]:  # Any: FHIR JSON
        quantity = {"value": value, "unit": "mmHg", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
        return {"code": coded("http://loinc.org", code, display), "valueQuantity": quantity}

    return {
        "resourceType": "Observation",
        "id": "pressure",
        "status": "final",
        "category": [coded("http://terminology.hl7.org/CodeSystem/observation-category", "vital-signs", "Vital Signs")],
        "code": coded("http://loinc.org", "85354-9", "Blood pressure panel with all children optional"),
        "subject": {"reference": "Patient/1", "display": "Invented Person"},
        "effectiveDateTime": "2026-05-01T08:00:00Z",
        "issued": "2026-05-01T08:05:00Z",
        "language": "en",
        "interpretation": [coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "N", "Normal")],
        "bodySite": coded("http://snomed.info/sct", "368209003", "Right upper arm"),
        "device": {"reference": "Device/7", "display": "Invented cuff"},
        "note": [{"text": "seated, after five minutes of rest"}],
        "performer": [{"reference": "Practitioner/1"}],
        "component": [
            pressure("8480-6", "Systolic blood pressure", 118),
            pressure("8462-4", "Diastolic blood pressure", 76),
        ],
    }


@dataclass(frozen=True, slots=True)
class Hospital:
    """An issuer's key, the credential that it issues, and how much of it is shown."""

    secret: bytes = SHA256.key_gen(bytes(range(32)))

    @property
    def public(self) -> bytes:
        """The BBS key."""
        return SHA256.public_key(self.secret)

    @property
    def did(self) -> str:
        """A did:key, so that other programs can resolve it without us."""
        return f"did:key:{encode_multikey(PublicKey(KeyKind.BLS12381G2, self.public))}"

    @property
    def method(self) -> str:
        """The id of its one key."""
        return f"{self.did}#{self.did.removeprefix('did:key:')}"

    def document(self) -> dict[str, Any]:  # Any: a JSON-LD document
        """A credential of 87 statements, unsigned."""
        found = build_document(
            issuer=self.did,
            validity=("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"),
            status=None,
            holder="did:example:patient",
            nullifier=bytes(32),
            subject=subject_form(observation()),
        )
        assert len(to_quads(found, credential_contexts())) == QUADS
        return found

    def pointers(self) -> list[str]:
        """Pointers to half of it, about."""
        return [f"{RECORD}/{name}" for name in ("code", "component.0", "effectiveDateTime", "status", "performer.0")]

    def works(self) -> dict[str, Work]:
        """Issue, derive and verify."""
        contexts = credential_contexts()
        issue = partial(
            bbs2023.create_base,
            self.document(),
            secret_key=self.secret,
            public_key=self.public,
            verification_method=self.method,
            mandatory_pointers=MANDATORY,
            contexts=contexts,
        )
        derive = partial(
            bbs2023.derive,
            issue(),
            selective_pointers=self.pointers(),
            presentation_header=SHOWN_HEADER,
            public_key=self.public,
            contexts=contexts,
        )
        verify = partial(
            bbs2023.verify_derived,
            derive(),
            public_key=self.public,
            presentation_header_expected=SHOWN_HEADER,
            contexts=contexts,
        )
        return {"bbs-2023 issue": issue, "bbs-2023 derive": derive, "bbs-2023 verify": verify}

    def view(self) -> dict[str, Any]:  # Any: a JSON-LD document
        """A derived credential."""
        found: Any = self.works()["bbs-2023 derive"]()
        return dict(found)


# Canonical forms


def look_alikes(count: int) -> list[Quad]:
    """`count` quads of results, their codes and quantities, all alike but for one code two steps away from each."""

    def iri(name: str) -> str:
        return f"<https://records.example/#{name}>"

    found = []
    for number in range(-(-count // 10)):
        result, code, coding, quantity = (f"_:{name}{number}" for name in ("result", "code", "coding", "quantity"))
        found += [
            Quad("<urn:x:record>", iri("result"), result),
            Quad(result, f"<{RDF}type>", iri("Result")),
            Quad(result, iri("code"), code),
            Quad(code, iri("coding"), coding),
            Quad(coding, iri("system"), "<http://loinc.org>"),
            Quad(coding, iri("code"), f'"{number}"'),
            Quad(result, iri("quantity"), quantity),
            Quad(quantity, iri("value"), '"1.0"'),
            Quad(quantity, iri("unit"), '"mg/dL"'),
            Quad(quantity, iri("system"), "<http://unitsofmeasure.org>"),
        ]
    return found[:count]


def refuse_poison() -> Work | None:
    """The refusal of W3C's test074, ten nodes each alike to all others, or None without the published vectors."""
    file = peers.HERE.parent.parent.parent / "shared" / "vectors" / "rdf-canon" / "rdfc10" / "test074-in.nq"
    if not file.is_file():
        return None
    quads = parse_nquads(file.read_text(encoding="utf-8"))

    def work() -> None:
        try:
            canonicalize(quads)
        except PoisonGraph:
            return
        raise AssertionError("a poison graph was labelled")

    return work


def range_works() -> dict[str, Work]:
    """A range over a hidden number of 16 bits: with its derived credential, and that credential alone."""
    from benchmarks.predicates import CONTEXTS, GLUCOSE, PUBLIC, source
    from panacea.credentials.predicates import Range, prove, verify

    held, asked = source(GLUCOSE), [Range(GLUCOSE.pointer, at_least=5)]
    made = partial(prove, [held], asked, application_header=HEADER, contexts=CONTEXTS)
    shown = made()
    check = partial(
        verify, shown.documents, shown.proof, public_keys=[PUBLIC], application_header=HEADER, contexts=CONTEXTS
    )
    derive = partial(
        bbs2023.derive,
        held.credential,
        selective_pointers=(),
        presentation_header=HEADER,
        public_key=PUBLIC,
        contexts=CONTEXTS,
    )
    verify_alone = partial(
        bbs2023.verify_derived,
        derive(),
        public_key=PUBLIC,
        presentation_header_expected=HEADER,
        contexts=CONTEXTS,
    )
    return {
        f"{RANGE}, prove with its credential": made,
        f"{RANGE}, check with its credential": check,
        f"{ALONE} derive": derive,
        f"{ALONE} verify": verify_alone,
    }


def with_differences(found: dict[str, Times]) -> dict[str, Times]:
    """What the range adds to the derivation and verification of the credential alone, in place of those."""
    alone = {name.removeprefix(f"{ALONE} "): times for name, times in found.items() if name.startswith(ALONE)}
    kept = {name: times for name, times in found.items() if not name.startswith(ALONE)}
    for operation, base in (("prove", "derive"), ("check", "verify")):
        whole = kept[f"{RANGE}, {operation} with its credential"]
        kept[f"{RANGE}, {operation}"] = Times.of([sample - alone[base].lowest for sample in whole.samples])
    return kept


# A fresh process

FRESH: Final = """
import sys, time
started = time.perf_counter()
from panacea.credentials.records.model import credential_contexts
import panacea.credentials
imported = time.perf_counter()
from panacea.credentials.suites import bbs2023
from panacea.health.strict_json import parse_json
key, view = bytes.fromhex(sys.argv[1]), parse_json(sys.stdin.buffer.read())
bbs2023.verify_derived(view, public_key=key, presentation_header_expected=b"ph", contexts=credential_contexts())
print(imported - started, time.perf_counter() - started)
"""


def fresh_samples(hospital: Hospital, view: bytes) -> dict[str, float]:
    """Milliseconds that a new process takes to import, and to import and verify for the first time."""
    command = [sys.executable, "-c", FRESH, hospital.public.hex()]
    done = subprocess.run(command, input=view, stdout=subprocess.PIPE, check=True)
    imported, verified = (float(text) * 1000 for text in done.stdout.split())
    return {"import panacea.credentials": imported, "import and first verification": verified}


# The run


def question(hospital: Hospital) -> dict[str, Any]:  # Any: JSON
    """What the other programs are asked to do."""
    contexts = credential_contexts()
    public = PublicKey(KeyKind.BLS12381G2, hospital.public)
    key = {
        "id": hospital.method,
        "controller": hospital.did,
        "publicKeyMultibase": encode_multikey(public),
        "secretKeyMultibase": "z" + base58.encode(b"\x8a\x26" + hospital.secret),
    }
    return {
        "counts": [10, 100],
        "documents": {url: contexts[url] for url in contexts},
        "credential": json.loads(to_json(hospital.document())),
        "key": key,
        "mandatory": list(MANDATORY),
        "pointers": hospital.pointers(),
        "now": NOW,
        "quads": "".join(quad.line() for quad in look_alikes(LARGE)),
    }


def theirs(name: str) -> str:
    """What the peers call the work of a row."""
    if name.startswith("BBS "):
        _, operation, count, _ = name.replace(",", "").split()
        return f"{operation} {count}"
    return "RDFC-1.0" if name.startswith("RDFC-1.0") else name


def our_works(hospital: Hospital) -> dict[str, Work]:
    """All that is timed within this process."""
    works = rows(counts=(10, 100)) | hospital.works()
    works["RDFC-1.0, 2,000 quads"] = partial(canonicalize, look_alikes(LARGE))
    if poison := refuse_poison():
        works["W3C test074 refused"] = poison
    return works | range_works()


def measure() -> Run:
    """Time everything, ours and others, in passes."""
    hospital = Hospital()
    works, view, asked = our_works(hospital), to_json(hospital.view()), question(hospital)
    for work in works.values():
        for _ in range(PLAIN_SUMS + 1):
            work()
    ours: dict[str, list[float]] = {}
    others: peers.Figures = {}
    for _ in range(PASSES):
        for name, work in works.items():
            ours.setdefault(name, []).extend(Times(work, ROUNDS).samples)
        for _ in range(ROUNDS):
            for name, sample in fresh_samples(hospital, view).items():
                ours.setdefault(name, []).append(sample)
        for program, figures in peers.measure(asked, ROUNDS).items():
            for name, samples in figures.items():
                others.setdefault(program, {}).setdefault(name, []).extend(samples)
    table = tuple(
        Row(
            name,
            times,
            BARS.get(name),
            {program: min(of[theirs(name)]) for program, of in others.items() if theirs(name) in of},
        )
        for name, times in with_differences({name: Times.of(samples) for name, samples in ours.items()}).items()
    )
    return Run(table, growth(), batch(), tuple(others), pairing_check())


def batch() -> tuple[float, float]:
    """100 proofs one by one, and at once: the lowest of each."""
    one_by_one, at_once = (Times(work, 5).lowest for work in batch_rows().values())
    return one_by_one, at_once


def growth() -> tuple[Row, ...]:
    """BBS by messages, and canonical forms by quads."""
    works = rows(counts=GROWTH)
    for count in GROWTH:
        works[f"RDFC-1.0, {count} quads"] = partial(canonicalize, look_alikes(count))
    return tuple(Row(name, Times(work, 10)) for name, work in works.items())


def report(found: Run) -> None:
    """Print the table."""
    print(f"one pairing check, the measure of this machine: {found.pairing_check:.2f} ms")
    for row in found.rows:
        bar = "" if row.bar is None else f"   bar {row.bar:>5g} {'met' if row.met else 'MISSED'}"
        beside = [
            f"{program} {row.others[program] / row.times.lowest:.1f}x" if program in row.others else ""
            for program in found.programs
        ]
        figures = f"lowest {row.times.lowest:8.2f}   p50 {row.times.median:8.2f}   p90 {row.times.p90:8.2f} ms"
        print(f"{row.name:<39} {figures}{bar}   {'   '.join(filter(None, beside))}")
    one_by_one, at_once = found.batch
    verdict = "met" if found.batch_met else "MISSED"
    print(
        f"100 proofs at once: {at_once:.0f} ms, {at_once / one_by_one:.0%} of one by one; bar {BATCH_BAR:.0%} {verdict}"
    )
    for program in peers.NAMES:
        if program not in found.programs:
            print(f"{program}: not installed")
    for row in found.growth:
        print(f"{row.name:<39} lowest {row.times.lowest:8.2f} ms")


def run() -> None:
    """Measure and print."""
    report(measure())


if __name__ == "__main__":
    result = measure()
    report(result)
    if "--write" in sys.argv[1:]:
        write(result)
