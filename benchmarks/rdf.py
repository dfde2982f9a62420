"""Canonical forms: JSON-LD to statements and RDFC-1.0 by size and shape, beside pyoxigraph and pyld in the same run.

Absolute figures move with the machine; the ratios to the peers stay. Below 1 ours is the faster one. pyoxigraph reads
text and canonicalises in Rust; pyld is Python as well, and has the context inlined, as ours has it compiled.
"""

import json
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pyoxigraph
from pyld import jsonld

from panacea.credentials.rdf import (
    Contexts,
    PoisonGraph,
    Quad,
    canonicalize,
    canonicalize_and_group,
    shuffled_labels,
    to_quads,
)
from panacea.credentials.rdf.statements import general_quads

V2 = "https://www.w3.org/ns/credentials/v2"
VOCABULARY = "https://www.w3.org/ns/credentials/undefined-terms/v2"
SIZES = (10, 1_000, 2_000, 10_000)


def observation(codings: int = 3) -> dict[str, Any]:
    """A credential over a laboratory result, of 87 statements with three codings, in the shape of FHIR."""
    coding = {"system": "http://loinc.org", "code": "2345-7", "display": "Glucose"}
    period = {"start": "2026-11-01T08:00:00Z", "end": "2026-11-01T08:05:00Z"}
    reference = {"value": 70, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"}
    return {
        "@context": [V2, VOCABULARY],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:hospital",
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {
            "id": "did:example:patient",
            "resourceType": "Observation",
            "status": "final",
            "category": [{"coding": [coding | {"code": str(i)} for i in range(codings)], "text": "Laboratory"}],
            "code": {"coding": [coding, coding | {"code": "15074-8"}], "text": "Glucose"},
            "subject": {"reference": "Patient/1", "display": "Invented Person"},
            "effectivePeriod": period,
            "valueQuantity": reference | {"value": Decimal("98.5")},
            "interpretation": [{"coding": [coding | {"code": "N"}], "text": "Normal"}],
            "referenceRange": [{"low": reference, "high": reference | {"value": 110}, "text": "70 to 110"}],
            "component": [{"code": {"coding": [coding | {"code": one}]}, "valueString": one} for one in "abcd"],
        },
    }


def lookalikes(count: int) -> list[Quad]:
    """Values that look alike until one sees whose they are: half of the blank nodes need Hash N-Degree Quads."""
    quads = []
    for index in range(count // 5):
        part, value = f"_:a{index}", f"_:b{index}"
        quads += [
            Quad(f"<urn:root:{index}>", "<urn:part>", part),
            Quad(part, "<urn:value>", value),
            Quad(value, "<urn:unit>", '"mg/dL"'),
            Quad(value, "<urn:number>", f'"{index % 7}"'),
            Quad(value, "<urn:system>", "<http://unitsofmeasure.org>"),
        ]
    return quads


def twins(count: int) -> list[Quad]:
    """Pairs of nodes that nothing tells apart: each needs Hash N-Degree Quads of depth two."""
    pairs = [(f"_:a{index}", f"_:b{index}", f"<urn:g:{index}>") for index in range(count // 4)]
    knows = [Quad(*edge) for a, b, _ in pairs for edge in ((a, "<urn:knows>", b), (b, "<urn:knows>", a))]
    return knows + [Quad(one, "<urn:in>", group) for a, b, group in pairs for one in (a, b)]


def measure(work: Callable[[], object], rounds: int = 25) -> tuple[float, float, float]:
    """Median, 90th and 99th percentile of one call, in milliseconds."""
    work()
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    cuts = statistics.quantiles(times, n=100)
    return statistics.median(times), cuts[89], cuts[98]


def by_oxigraph(quads: list[Quad]) -> Callable[[], object]:
    """RDFC-1.0 by pyoxigraph, from parsed statements to sorted lines. It knows no bound: never for unknown graphs."""
    text = "".join(quad.line() for quad in quads)
    parsed = list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.N_QUADS))

    def work() -> list[str]:
        dataset = pyoxigraph.Dataset(parsed)
        dataset.canonicalize(pyoxigraph.CanonicalizationAlgorithm.RDFC_1_0)
        return sorted(f"{quad} .\n" for quad in dataset)

    return work


def by_pyld(quads: list[Quad]) -> Callable[[], object]:
    """URDNA2015 by pyld, from text."""
    text = "".join(quad.line() for quad in quads)
    options = {"inputFormat": "application/n-quads", "format": "application/n-quads"}
    return lambda: jsonld.normalize(text, options)


def report(name: str, figures: tuple[float, float, float], peers: dict[str, float]) -> None:
    """One line of the table."""
    median, p90, p99 = figures
    ratios = "".join(f"   {median / figure:6.2f} x {peer}" for peer, figure in peers.items())
    print(f"{name:<38} median {median:8.3f}   p90 {p90:8.3f}   p99 {p99:8.3f} ms{ratios}")


def read_by_oxigraph(text: str) -> int:
    """The number of statements that pyoxigraph reads in a JSON-LD text."""
    return sum(1 for _ in pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.JSON_LD))


def canonical(document: dict[str, Any], contexts: Contexts) -> str:
    """The canonical N-Quads of a document."""
    return canonicalize(to_quads(document, contexts)).text


def run_canonical() -> None:
    """RDFC-1.0 by size, shape and algorithm."""
    for shape in (lookalikes, twins):
        for size in SIZES:
            quads = shape(size)
            rounds = 25 if size <= 2_000 else 7
            peers = {"pyoxigraph": measure(by_oxigraph(quads), rounds)[0]}
            if size <= 1_000:
                peers["pyld"] = measure(by_pyld(quads), 5)[0]
            report(f"RDFC-1.0, {len(quads)} {shape.__name__}", measure(partial(canonicalize, quads), rounds), peers)
    quads = lookalikes(2_000)
    report("RDFC-1.0 with SHA-384, 2000 lookalikes", measure(partial(canonicalize, quads, algorithm="sha384")), {})


def run_documents() -> None:
    """JSON-LD to statements and to canonical lines, by one pass and by the general processor."""
    contexts = Contexts.bundled()
    for codings in (3, 250, 2_500):
        document = observation(codings)
        quads = to_quads(document, contexts)
        inlined = document | {"@context": [contexts[url]["@context"] for url in document["@context"]]}
        text = json.dumps(inlined, default=float)
        read = json.loads(text)
        rounds = 25 if codings < 2_500 else 5
        oxigraph = measure(partial(read_by_oxigraph, text), rounds)[0]
        pyld = measure(partial(jsonld.to_rdf, read), 5)[0]
        peers = {"pyoxigraph": oxigraph, "pyld": pyld}
        size = len(quads)
        report(f"JSON-LD to {size} quads", measure(partial(to_quads, document, contexts), rounds), peers)
        report("  by the general processor", measure(partial(general_quads, document, contexts), rounds), peers)
        whole = measure(partial(canonical, document, contexts), rounds)
        report(f"JSON-LD to {size} canonical lines", whole, {})
        groups = {"mandatory": ["/issuer", "/validFrom"], "selective": ["/credentialSubject/valueQuantity"]}
        factory = shuffled_labels(b"k" * 32)
        grouped = measure(partial(canonicalize_and_group, document, factory, groups, contexts), rounds)
        report("  with labels and two groups", grouped, {})


def run_poison() -> None:
    """How long it takes to refuse a clique of ten and a ring of three thousand."""
    nodes = [f"_:n{index}" for index in range(10)]
    clique = [Quad(a, "<urn:p>", b) for a in nodes for b in nodes if a != b]
    ring = [Quad(f"_:n{index}", "<urn:next>", f"_:n{(index + 1) % 3_000}") for index in range(3_000)]
    for name, quads in (("clique of 10", clique), ("ring of 3000", ring)):
        report(f"refusal of a {name}", measure(partial(refused, quads), 5), {})


def refused(quads: list[Quad]) -> None:
    """Canonicalise what must not be canonicalised."""
    try:
        canonicalize(quads)
    except PoisonGraph:
        return
    raise AssertionError("a poison graph was labelled")


def run() -> None:
    """Print the table."""
    run_documents()
    run_canonical()
    run_poison()


if __name__ == "__main__":
    run()
