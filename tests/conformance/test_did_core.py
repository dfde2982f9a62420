"""What some hundred DID methods reported about themselves to the W3C suite: identifiers, documents, results.

The files are self-reports, not truth: many documents break DID Core themselves. `faults` says which property does, read
straight from the specification and sharing nothing with the reader under test: a faulty document has to be refused, any
other has to be read. FAULTY names the ones that are known.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from shared_files import shared

from panacea.identity.dereferencing import select_resource, version_of
from panacea.identity.did import InvalidDID, is_did, method_of, parse_did_url
from panacea.identity.did_key import did_key_document
from panacea.identity.did_web import did_web_url, url_did_web
from panacea.identity.documents import DIDDocument
from panacea.identity.reading import read_document
from panacea.identity.resolution import DOCUMENT_TYPES, ErrorCode, ParameterNotSupported, document_json, found
from panacea.identity.universal import read_metadata
from panacea.primitives.rejected import Rejected

Json = Any  # Any: documents of others

FILES = sorted(shared("did-core").glob("*.json"))
REPORTS: dict[str, Json] = {file.stem: json.loads(file.read_bytes()) for file in FILES}

FAULTY = {
    "did-ion/0": "verificationMethod: an empty controller",
    "dereferencer-example-didwg/0": "verificationMethod: the method has no type",
    "did-unisot/0": "verificationMethod: the controller is a list",
    "resolver-kilt-2021/0": "id: the document is of another DID than was asked for",
    "resolver-mattr-web/3": "id: the document is of another DID than was asked for",
    "universal-resolver-did-bba/1": "authentication: an embedded method with a controller that is no DID",
    "universal-resolver-did-bid/0": "service: an endpoint that is no URI",
    "universal-resolver-did-ccp/0": "authentication: an object without an id",
    "universal-resolver-did-ccp/1": "authentication: an object without an id",
    "universal-resolver-did-hcr/0": "authentication: an object without an id",
    "universal-resolver-did-ion/0": "verificationMethod: an empty controller",
    "universal-resolver-did-kilt/0": "authentication: an object without an id",
    "universal-resolver-did-lit/0": "controller: a text that is no DID",
    "universal-resolver-did-ont/0": "controller: an empty text",
    "universal-resolver-did-sov/0": "authentication: an embedded method without a controller",
    "universal-resolver-did-trust/0": "authentication: an embedded method whose controller is empty",
    "universal-resolver-did-trust/1": "authentication: an embedded method whose controller is empty",
    "universal-resolver-did-web/2": "service: a service without a type",
    "universal-resolver-did-work/0": "service: a service without an id",
}
"""Documents that DID Core forbids: file and place, and the property that is wrong."""

EXCEPTIONS = {
    "dereferencer-polygon-ayanworks/1": "declared as defaultOutcome, though the DID URL is no DID URL",
}
"""Reports whose declared outcome contradicts what they show."""


@dataclass(frozen=True)
class Case:
    """One document of a report: whose it should be, and its JSON or the octets of its representation."""

    id: str
    did: str
    document: Json
    octets: bytes | None = None


def documents() -> Iterator[Case]:
    """Every document in every file: data models, their representations, results of resolving and dereferencing."""
    for name, report in REPORTS.items():
        for place, did in enumerate(report.get("dids", [])):
            section = report.get(did, {})
            entries = {**section.get("didDocumentDataModel", {})}.get("properties")
            if entries:
                yield Case(f"{name}/{place}", did, entries)
            for media_type, shown in section.items():
                if isinstance(text := shown.get("representation"), str):
                    yield Case(f"{name}/{place}/{media_type}", did, json.loads(text), text.encode())
        for place, execution in enumerate(report.get("executions", [])):
            yield from results(f"{name}/{place}", execution)


def results(name: str, execution: Json) -> Iterator[Case]:
    asked, output = execution["input"], execution["output"]
    did = re.split(r"[?#;/]", asked.get("did") or asked.get("didUrl"))[0]
    if isinstance(output.get("didDocument"), dict) and output["didDocument"]:
        yield Case(name, did, output["didDocument"])
    if isinstance(stream := output.get("didDocumentStream"), str) and stream:
        yield Case(name, did, json.loads(stream), stream.encode())
    if isinstance(stream := output.get("contentStream"), str) and stream.lstrip().startswith("{"):
        value = json.loads(stream)
        if value.get("id") == did and "type" not in value:
            yield Case(name, did, value, stream.encode())


DOCUMENTS = list(documents())
EXECUTIONS = [
    (f"{name}/{place}", report, place)
    for name, report in REPORTS.items()
    for place in range(len(report.get("executions", [])))
]

DID = re.compile(r"did:[a-z0-9]+:(?:[\w.:-]|%[0-9A-Fa-f]{2})*(?:[\w.-]|%[0-9A-Fa-f]{2})", re.ASCII)
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
RELATIONSHIPS = ("authentication", "assertionMethod", "keyAgreement", "capabilityInvocation", "capabilityDelegation")


def is_name(value: Json) -> bool:
    return isinstance(value, str) and bool(URI.fullmatch(value) or re.fullmatch(r"[#?/]\S*", value))


def faults(document: Json, did: str) -> list[str]:
    """The properties of a document that break DID Core, section 5."""
    wrong = [] if document.get("id") == did else ["id"]
    controller = document.get("controller", [])
    if not all(isinstance(each, str) and DID.fullmatch(each) for each in as_list(controller)):
        wrong.append("controller")
    known = document.get("alsoKnownAs", [])
    if not isinstance(known, list) or not all(isinstance(each, str) and URI.fullmatch(each) for each in known):
        wrong.append("alsoKnownAs")
    for member in ("verificationMethod", *RELATIONSHIPS):
        entries = document.get(member, [])
        references = member != "verificationMethod"
        if not isinstance(entries, list) or not all(is_method(each, references=references) for each in entries):
            wrong.append(member)
    services = document.get("service", [])
    if not isinstance(services, list) or not all(map(is_service, services)):
        wrong.append("service")
    return wrong


def as_list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [value]


def is_method(value: Json, *, references: bool) -> bool:
    if isinstance(value, str):
        return references and is_name(value)
    return (
        isinstance(value, dict)
        and is_name(value.get("id"))
        and isinstance(value.get("type"), str)
        and isinstance(controller := value.get("controller"), str)
        and DID.fullmatch(controller) is not None
    )


def is_service(value: Json) -> bool:
    if not isinstance(value, dict) or not is_name(value.get("id")):
        return False
    types, ends = value.get("type"), value.get("serviceEndpoint")
    typed = isinstance(types, str) or (
        isinstance(types, list) and types and all(isinstance(each, str) for each in types)
    )
    reachable = all(isinstance(each, dict) or (isinstance(each, str) and URI.fullmatch(each)) for each in as_list(ends))
    return bool(typed and ends and reachable)


def base(case: Case) -> str:
    """The id without the media type that a representation adds."""
    return "/".join(case.id.split("/")[:2])


@pytest.mark.parametrize("case", DOCUMENTS, ids=lambda case: case.id)
def test_documents(case: Case) -> None:
    wrong = faults(case.document, case.did)
    if wrong or base(case) in FAULTY:
        assert wrong
        assert FAULTY.get(base(case), wrong[0]).split(":")[0] in wrong
        with pytest.raises(Rejected):
            read_document(case.document, case.did)
        return
    read = read_document(case.document, case.did)
    assert read.published == case.document
    if case.octets is not None:
        assert read_document(case.octets, case.did) == read
    shown = document_json(read)
    assert shown == {name: value for name, value in case.document.items() if name != "@context"}
    # What is understood stays what it is in this product's own form, which lists embedded methods too.
    again = read_document(read.to_json(), case.did)
    assert replace(again, verification_method=()) == replace(read, verification_method=())
    assert set(again.verification_method) >= set(read.verification_method)
    if method_of(case.did) == "key":
        require_same_keys(case.did, read)
    if method_of(case.did) == "web":
        assert url_did_web(did_web_url(case.did)) == case.did


def require_same_keys(did: str, theirs: DIDDocument) -> None:
    """The keys that this product computes from a did:key are those that its document shows, if it is known at all."""
    try:
        ours = did_key_document(did)
    except InvalidDID as no:
        if "unknown multicodec" in str(no):
            return
        raise
    for mine, shown in ((ours.authentication, theirs.authentication), (ours.assertion_method, theirs.assertion_method)):
        assert not shown or [each.public_key for each in mine] == [each.public_key for each in shown]


def test_the_known_faults_are_there() -> None:
    present = {base(case) for case in DOCUMENTS}
    missing = {name for name in FAULTY if name.split("/")[0] in REPORTS and name not in present}
    assert not missing


@pytest.mark.parametrize("name", REPORTS)
def test_identifiers(name: str) -> None:
    report = REPORTS[name]
    for did in report.get("dids", []):
        assert is_did(did)
        assert f"did:{method_of(did)}".startswith(report["didMethod"].rstrip(":"))
    for parameter, url in (report.get("didParameters") or {}).items():
        parsed = parse_did_url(url)
        assert parameter in parsed.parameters
        assert str(parsed) == url
        if parameter == "hl":
            with pytest.raises(ParameterNotSupported):
                version_of(parsed)
        elif parameter.startswith("version"):
            assert not version_of(parsed).is_current


@pytest.mark.parametrize(("id", "report", "place"), EXECUTIONS, ids=[name for name, _, _ in EXECUTIONS])
def test_results(id: str, report: Json, place: int) -> None:
    execution = report["executions"][place]
    asked, output = execution["input"], execution["output"]
    outcomes = {name for name, places in (report.get("expectedOutcomes") or {}).items() if place in places}
    said = output.get("didResolutionMetadata") or output.get("dereferencingMetadata") or {}
    read_metadata(output.get("didDocumentMetadata") or output.get("contentMetadata") or {})
    if said.get("error"):
        assert said["error"] in set(ErrorCode)
    elif said.get("contentType") and "didDocumentStream" in output:
        assert said["contentType"] in DOCUMENT_TYPES
    text = asked.get("did") or asked.get("didUrl")
    try:
        parse_did_url(text)
        valid = True
    except Rejected:
        valid = False
    if not valid:
        assert said["error"] in ("invalidDid", "invalidDidUrl")
        assert bool(outcomes & {"invalidDidErrorOutcome", "invalidDidUrlErrorOutcome"}) is (id not in EXCEPTIONS)


def parts() -> Iterator[tuple[str, str, Json, Json]]:
    """DID URLs with a fragment or a service whose document stands in the same file, and what they lead to there."""
    for case in DOCUMENTS:
        name, report = case.id.split("/")[0], REPORTS[case.id.split("/")[0]]
        if not name.startswith("dereferencer") or faults(case.document, case.did):
            continue
        if report["executions"][int(case.id.split("/")[1])]["input"]["didUrl"] != case.did:
            continue  # an older version: which parts belong to it is not told
        for place, execution in enumerate(report["executions"]):
            url, content = execution["input"]["didUrl"], execution["output"].get("contentStream")
            if url.startswith((f"{case.did}#", f"{case.did}?service=")) and content:
                yield f"{name}/{place} in {case.id}", url, case.document, content


PARTS = list(parts())


@pytest.mark.parametrize(("id", "url", "document", "content"), PARTS, ids=[name for name, *_ in PARTS])
def test_parts_of_documents(id: str, url: str, document: Json, content: str) -> None:
    parsed = parse_did_url(url)
    answer = select_resource(parsed, found(read_document(document, parsed.did)))
    if isinstance(answer.content, str):
        # Some show the service's object or pass the query on; DID Core has the endpoint's URL, as here.
        expected = json.loads(content)["serviceEndpoint"] if content.startswith("{") else content
        assert expected.startswith(answer.content)
        return
    assert answer.content is not None, answer.detail
    theirs = {name: value for name, value in json.loads(content).items() if name != "@context"}
    assert {**theirs, "id": url} == answer.content
