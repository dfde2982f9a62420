"""JSON-LD 1.1 to RDF: the W3C toRdf suite under the strict reading.

Every entry ends in one of three ways: equal statements, a refusal that EXCLUDED names with its reason, or (for negative
entries) a refusal. Never in other statements than the suite's.
"""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.rdf import Contexts, JSONLDRejected, Quad, canonicalize, parse_nquads, to_quads

ROOT = shared("json-ld")
BASE = "https://w3c.github.io/json-ld-api/tests/"


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)


ENTRIES = _read(ROOT / "toRdf-manifest.json")["sequence"]

EXCLUDED = {
    "there is no base, so a relative IRI is refused": """
        t0016 t0017 t0121 t0122 t0124 t0125 t0127 t0128 t0130 t0131 tc015 tc024 tc031 tc034 te028 te050 te056 te059
        te062 te089 te090 te092 te110 te111 te121 te122 te127 te128 te130 tli11 tli12 tli14 tm018 tm019 tpi06 tpi07
        tpi09 tpi10""",
    "a document is one object, not an array": "t0133 te013 tnt02 tnt03 tnt05 tnt06 tnt08 tnt09 tnt11 tnt12 tnt14 tnt15",
    "something of the document would leave no statement": """
        t0030 te001 te004 te008 te015 te046 te047 te068 twf01 twf02 twf04 twf05""",
    "a context given beside the document": "te077",
    "a term that is out of scope would be dropped": "tc018",
    "@reverse": "t0119 te037 te043 te049 te064 te065 te078 tpr38 tpr39",
    "@nest": "tc037 tn001 tn002 tn004 tn005 tn007 tn008",
    "@included": "tin01 tin02 tin04 tin05",
    "@direction": "tdi01 tdi02 tdi04 tdi05 tdi07 tdi10 tdi11",
    "@import": "tso05 tso08 tso11",
    "@container of @index, @id or @type": """
        tc013 te036 te040 te044 te083 te084 te086 te087 te096 te098 te099 te101 te105 te107 te108 tm001 tm003 tm004
        tm006 tm007 tm012 tm013 tm015 tm016""",
    "a keyword, or what looks like one, as a term": "te005 te119 tpr30 tpr35 tpr36",
    "a blank node as vocabulary": "te075",
}
REASONS = {name: reason for reason, names in EXCLUDED.items() for name in names.split()}
ONLY_1_0 = {"ttn01"}


def _name(entry: dict[str, Any]) -> str:
    return str(entry["@id"][1:])


def _quads(entry: dict[str, Any]) -> list[Quad]:
    documents = {
        f"{BASE}toRdf/{path.name}": _read(path) for path in (ROOT / "toRdf").glob(f"{entry['@id'][2:]}*.jsonld")
    }
    return to_quads(_read(ROOT / entry["input"]), Contexts(documents))


@pytest.mark.parametrize("entry", ENTRIES, ids=_name)
def test_entry(entry: dict[str, Any]) -> None:
    if _name(entry) in ONLY_1_0:
        pytest.skip("an error of JSON-LD 1.0 only")
    if _name(entry) in REASONS or "expectErrorCode" in entry:
        with pytest.raises(JSONLDRejected) as caught:
            _quads(entry)
        assert "pointer" in caught.value.values
        return
    expected = parse_nquads((ROOT / entry["expect"]).read_text(encoding="utf-8"))
    assert canonicalize(_quads(entry)).text == canonicalize(expected).text


def test_what_is_excluded_exists_and_stays_the_smaller_part() -> None:
    names = {_name(entry) for entry in ENTRIES if "expectErrorCode" not in entry}
    counted = Counter(name in REASONS for name in names)
    assert counted[False] >= 112
    assert counted[True] <= len(REASONS)
