"""The published documents of the VC Data Model 2.0 suite: `-ok` is accepted, `-fail` is refused.

The suite's server fills in an issuer where a document has none, so this test does as well, but where the absence is
the case. Documents whose contexts are known are also read as JSON-LD, in which nothing may be dropped.
"""

from pathlib import Path
from typing import Any

import pytest
from published_proofs import contexts, read
from shared_files import shared

from panacea.credentials.rdf import JSONLDRejected, to_quads
from panacea.credentials.suites.legacy import legacy_contexts
from panacea.credentials.vc.model import read_credential, read_presentation
from panacea.credentials.vc.types import MalformedCredential

FILES = sorted(shared("vc-data-model-2.0").rglob("*.json"))
MISMATCHES = [path for path in FILES if path.stem.endswith("-mismatch")]
ACCEPTED = [path for path in FILES if path.stem.endswith("-ok")]
REFUSED = [path for path in FILES if path.stem.endswith(("-fail", "-fail-or-inject"))]
KNOWN = legacy_contexts(contexts())

EXCEPTIONS = {
    "language-direction": "the direction of a text has no RDF form by default, so it cannot be signed over RDF"
}
"""Parts of names of documents that are read, but not signed over RDF, and why."""


def injected(path: Path) -> dict[str, Any]:
    document: dict[str, Any] = read(path)
    if path.stem.startswith("credential") and "issuer" not in document and "no-issuer" not in path.stem:
        document["issuer"] = "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj"
    if isinstance(document.get("issuer"), dict) and "id" not in document["issuer"]:
        document["issuer"]["id"] = "did:key:z6MkpJySvETLnxhQG9DzEdmKJtysBDjuuTeDfUj1uNNCUqcj"
    for name, moment in (("PAST DATE", "2020-01-01T00:00:00Z"), ("FUTURE DATE", "2100-01-01T00:00:00Z")):
        for member in ("validFrom", "validUntil"):
            if document.get(member) == name:  # The suite's server writes one here.
                document[member] = moment
    return document


def check(path: Path) -> None:
    document = injected(path)
    if path.stem.startswith("presentation"):
        read_presentation(document)
    else:
        read_credential(document)
    if not any(name in path.stem for name in EXCEPTIONS):
        to_quads({name: value for name, value in document.items() if name != "proof"}, KNOWN)


def test_every_file_has_an_expectation() -> None:
    assert len(FILES) == len(ACCEPTED) + len(REFUSED) + len(MISMATCHES)


@pytest.mark.parametrize("path", ACCEPTED, ids=lambda path: path.stem)
def test_accepted(path: Path) -> None:
    check(path)


@pytest.mark.parametrize("path", REFUSED, ids=lambda path: path.stem)
def test_refused(path: Path) -> None:
    with pytest.raises((MalformedCredential, JSONLDRejected)):
        check(path)


@pytest.mark.parametrize("path", MISMATCHES, ids=lambda path: path.stem)
def test_mismatches_are_for_the_verifier(path: Path) -> None:
    """Holder and issuer of a self-asserted credential differ: well formed, and refused when it is verified."""
    found = read_presentation(injected(path))
    [credential] = found.credentials
    assert isinstance(credential, dict)
    assert read_credential(credential).issuer != found.holder
