"""Make the test vectors of predicates: `python tests/predicate_vectors.py` writes them, a test compares."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from predicate_town import BORN, CONTEXTS, FAMILY, GLUCOSE, LAB, RECORD, REGISTRY, TAKEN, TEMPERATURE, Issuer, Seeded
from shared_files import ROOT

from panacea.credentials.predicates import (
    CONTEXT_URL,
    Companion,
    Day,
    DealPseudonym,
    Equal,
    Moment,
    Number,
    Presented,
    Range,
    Source,
    Text,
    basis,
    prove,
    record_secret,
)
from panacea.credentials.predicates.companion import context_document
from panacea.credentials.predicates.encodings import to_wire
from panacea.credentials.predicates.octets import PredicateProof
from panacea.credentials.predicates.statement import Predicate
from panacea.credentials.suites.bbs_values import DerivedValue
from panacea.crypto.secret import SecretBytes
from panacea.wire import cbor

FILE = ROOT / "docs" / "reference" / "predicates-vectors.json"
HEADER = b"vectors of predicates"
TENTHS = Number(16, 1)
CELSIUS = Number(32, 2, Decimal(-40))

SOURCES = {
    "lab": LAB.source(),
    "lab, family shown": LAB.source(FAMILY),
    "registry": REGISTRY.source(glucose="8.0"),
}
PROOFS: dict[str, tuple[list[str], list[Predicate]]] = {
    "number, at least, 16 bits": (["lab"], [Range(GLUCOSE, at_least=Decimal("5.0"))]),
    "number, between, with a bound between two values": (
        ["lab, family shown"],
        [Range(GLUCOSE, at_least=Decimal("5.35"), at_most=7)],
    ),
    "number with an offset, 32 bits": (["lab"], [Range(TEMPERATURE, at_least=36, at_most=Decimal("37.5"))]),
    "day, at most": (["lab"], [Range(BORN, at_most=date(2008, 11, 28))]),
    "moment, the value itself": (["lab"], [Range(TAKEN, at_least=datetime.fromisoformat("2026-11-01T17:30:00+09:00"))]),
    "pseudonym": (["lab"], [DealPseudonym("panacea-1", 7)]),
    "equality across issuers": (["lab", "registry"], [Equal((0, BORN), (1, BORN)), Equal((1, FAMILY), (0, FAMILY))]),
    "all of it": (
        ["lab", "registry"],
        [
            Range(GLUCOSE, at_most=7),
            Equal((0, FAMILY), (1, FAMILY)),
            DealPseudonym("panacea-1", 7, credential=1),
            Range(BORN, at_least=date(1980, 1, 1), credential=1),
        ],
    ),
}


def build() -> dict[str, Any]:  # Any: JSON
    """All vectors."""
    points = basis.derive()
    shown = {name: _proved(name) for name in PROOFS}
    return {
        "about": "Test vectors of docs/reference/predicates.md, version 1: experimental, not audited.",
        "contexts": {RECORD: CONTEXTS[RECORD], CONTEXT_URL: context_document()},
        "basis": [
            {"name": name, "point": points[number].to_compressed_bytes().hex()}
            for name, number in {
                "value": 0, "blinding": 1, "bit 0": 2, "product 0": 3, "bit 255": 512, "product 255": 513
            }.items()
        ],
        "dealPoints": [
            {"chainId": chain, "dealId": deal, "point": basis.deal_point(chain, deal).to_compressed_bytes().hex()}
            for chain, deal in [("panacea-1", 7), ("panacea-1", 8), ("panacea-2", 7)]
        ],
        "texts": [
            {"text": text, "scalar": Text().scalar_of(text).to_be_bytes().hex()} for text in ("", "Nakamura", "Dvořák")
        ],
        "recordSecret": {
            "issuerSecret": (b"i" * 32).hex(),
            "reference": "Observation/1",
            "secret": record_secret(SecretBytes(b"i" * 32), "Observation/1").reveal().hex(),
        },
        "values": [
            {"encoding": to_wire(encoding), "value": value, "number": int(encoding.scalar_of(value))}
            for encoding, value in _values()
        ],
        "credentials": {name: _credential(name, source) for name, source in SOURCES.items()},
        "proofs": {name: _written(name, each) for name, each in shown.items()},
        "refused": list(_refused(shown)),
    }  # fmt: skip


def text_of(vectors: dict[str, Any]) -> str:  # Any: JSON
    """The file's text."""
    return json.dumps(vectors, indent=1, ensure_ascii=False) + "\n"


def _values() -> list[tuple[Number | Day | Moment, str]]:
    return [
        (TENTHS, "5.4"),
        (TENTHS, "6553.5"),
        (CELSIUS, "-40"),
        (CELSIUS, "36.75"),
        (Day(), "1900-01-01"),
        (Day(), "1984-02-29"),
        (Moment("minute"), "2026-11-01T17:30:00+09:00"),
        (Moment("second"), "2106-02-07T06:28:15Z"),
    ]


def _credential(name: str, source: Source) -> dict[str, Any]:  # Any: JSON
    found = Companion.from_octets(source.companion)
    return {
        "secretKey": Issuer(name.split(",", maxsplit=1)[0]).secret.hex(),
        "publicKey": source.public_key.hex(),
        "credential": _plain(dict(source.credential)),
        "header": found.header.to_octets().hex(),
        "scalars": [scalar.to_be_bytes().hex() for scalar in found.scalars],
        "companion": source.companion.hex(),
        "selectivePointers": list(source.selective_pointers),
    }


def _proved(name: str) -> Presented:
    sources, predicates = PROOFS[name]
    return prove(
        [SOURCES[each] for each in sources],
        predicates,
        application_header=HEADER,
        contexts=CONTEXTS,
        random=Seeded(name.encode()),
    )


def _written(name: str, shown: Presented) -> dict[str, Any]:  # Any: JSON
    sources, predicates = PROOFS[name]
    headers = [
        DerivedValue.from_text(document["proof"]["proofValue"]).presentation_header for document in shown.documents
    ]
    digest = cbor.decode(headers[0])[2]
    return {
        "credentials": sources,
        "predicates": [_predicate(each) for each in predicates],
        "applicationHeader": HEADER.hex(),
        "seed": name.encode().hex(),
        "digest": digest.hex(),
        "presentationHeaders": [header.hex() for header in headers],
        "documents": [_plain(document) for document in shown.documents],
        "proof": shown.proof.hex(),
    }


def _predicate(predicate: Predicate) -> dict[str, Any]:  # Any: JSON
    match predicate:
        case Range():
            bounds = {"atLeast": predicate.at_least, "atMost": predicate.at_most}
            said = {
                name: bound.isoformat() if isinstance(bound, date) else str(bound)
                for name, bound in bounds.items()
                if bound is not None
            }
            return {"range": {"credential": predicate.credential, "pointer": predicate.pointer, **said}}
        case Equal():
            return {"equal": [list(predicate.left), list(predicate.right)]}
        case DealPseudonym():
            named = {"chainId": predicate.chain_id, "dealId": predicate.deal_id}
            return {"pseudonym": {"credential": predicate.credential, **named}}


def _refused(shown: dict[str, Presented]) -> Sequence[dict[str, Any]]:  # Any: JSON
    """Changes of proofs above, and the code that refuses them."""
    name = "number, at least, 16 bits"
    octets = shown[name].proof
    proof = PredicateProof.from_octets(octets)
    [answers] = proof.answers
    answer = octets.index(answers.to_octets())
    end = answer + len(answers.to_octets())
    last = octets[: end - 1] + bytes([octets[end - 1] ^ 1]) + octets[end:]
    wire = cbor.decode(octets, max_bytes=len(octets))
    wire[1][0][2] = [[1, 51, None]]
    return [
        {"of": name, "why": "another bound", "proof": cbor.encode(wire).hex(), "code": 241},
        {"of": name, "why": "another answer", "proof": last.hex(), "code": 241},
        {"of": name, "why": "cut short", "proof": octets[:-1].hex(), "code": 240},
        {
            "of": name,
            "why": "A' is the identity",
            "proof": (octets[:answer] + b"\xc0" + bytes(47) + octets[answer + 48 :]).hex(),
            "code": 240,
        },
        {"of": name, "why": "another occasion", "proof": octets.hex(), "applicationHeader": "00", "code": 241},
        {
            "of": name,
            "why": "the proof of another showing",
            "proof": shown["day, at most"].proof.hex(),
            "code": 241,
        },
    ]


def _plain(document: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """A document as JSON; numbers of these vectors are exact as binary fractions or written in few digits."""
    plain: dict[str, Any] = json.loads(json.dumps(document, default=float))
    return plain


if __name__ == "__main__":
    FILE.write_text(text_of(build()))
