"""JSON-LD documents with contexts of their own, N-Quads, selections, and canonical forms of what they say."""

import json

from fuzz.harness import as_raw, edited, fuzz

from panacea.credentials.rdf import (
    Contexts,
    canonicalize,
    canonicalize_and_group,
    compact,
    expand,
    hmac_labels,
    parse_nquads,
    select,
    to_quads,
)
from panacea.credentials.suites.canonical_json import canonical_json
from panacea.health.strict_json import parse_json

CONTEXTS = Contexts.bundled()
DOCUMENTS = [
    {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": {"id": "did:example:a", "name": {"@value": "A", "@language": "en"}},
        "credentialSubject": [{"id": "did:example:b"}, {"name": "x"}],
    },
    {
        "@context": {
            "@version": 1.1,
            "@vocab": "urn:v:",
            "@base": "urn:base:",
            "list": {"@id": "urn:list", "@container": "@list"},
            "by": {"@id": "urn:by", "@container": ["@graph", "@id"]},
            "lang": {"@id": "urn:lang", "@container": "@language"},
            "index": {"@id": "urn:i", "@container": "@index", "@index": "key"},
            "rev": {"@reverse": "urn:rev"},
            "Kind": {"@id": "urn:Kind", "@context": {"a": {"@id": "urn:scoped", "@type": "@id"}}},
            "raw": {"@id": "urn:raw", "@type": "@json"},
            "p": {"@id": "urn:p:", "@prefix": True, "@protected": True},
        },
        "@id": "urn:x",
        "@type": "Kind",
        "a": "urn:y",
        "list": [1, [2, 3.5], {"@value": "x", "@type": "p:t"}],
        "by": {"urn:g": {"b": True}},
        "lang": {"en": ["a"], "@none": "b"},
        "index": {"one": {"c": 1}},
        "rev": {"@id": "_:n"},
        "raw": {"any": [None, 1]},
        "@included": [{"@id": "urn:z", "d": {"@set": [1, 2]}}],
    },
    {"@context": {"a": "urn:a"}, "@graph": [{"@id": f"_:{n}", "a": [{"@id": f"_:{m}"} for m in "abc"]} for n in "abc"]},
]  # fmt: skip
JSON = [json.dumps(document).encode() for document in DOCUMENTS]
QUADS = b'<urn:s> <urn:p> "a\\u00e9"@en <urn:g> .\n_:a <urn:p> _:b .\n_:b <urn:p> "1"^^<urn:t> . # c\n'


def target(data: bytes) -> None:
    """Bytes that start with < or _: N-Quads; all others JSON-LD."""
    if data[:1] in {b"<", b"_"}:
        canonicalize(parse_nquads(data.decode("utf-8", "replace")))
        return
    document = parse_json(edited(data, JSON))
    canonical_json(document)
    choice = len(data) % 4
    if choice == 0:
        canonicalize(to_quads(document, CONTEXTS, safe=bool(data[-1] & 1)))
    elif choice == 1:
        expand(document, CONTEXTS, safe=bool(data[-1] & 1))
    elif choice == 2 and isinstance(document, dict):
        compact(document, document.get("@context", {}), CONTEXTS)
    elif isinstance(document, dict):
        names = [f"/{name}".replace("~", "~0") for name in list(document)[-2:]]
        pointers = ["/credentialSubject/1", *names] if "credentialSubject" in document else names
        select(document, pointers, CONTEXTS)
        canonicalize_and_group(document, hmac_labels(b"k" * 32), {"a": pointers}, CONTEXTS)


SEEDS = [QUADS, *(seed + b" " * pad for seed in as_raw(*JSON) for pad in range(4) if seed[0] == 0 or not pad)]

if __name__ == "__main__":
    fuzz("fuzz_json_ld")
