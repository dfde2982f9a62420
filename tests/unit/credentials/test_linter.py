"""The linkability linter: what it names, where, how grave it is, and the coarser document."""

import json
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from health_issuer import ASKED, credential
from shared_files import fhir, shared

from panacea.credentials import consumer_view, enclave_view
from panacea.credentials.coarsening import (
    REMOVE,
    Time,
    cut_postal_code,
    cut_seconds,
    cut_time,
    digits_of,
    find_time,
    round_written,
    with_changes,
)
from panacea.credentials.linter import MAX_DEPTH, MAX_VALUES, RULES, Finding, Grain, Known, Severity, coarsen, lint
from panacea.credentials.linter_proofs import label_bits, mandatory_pointers
from panacea.credentials.records.completeness import is_counted, is_object
from panacea.credentials.suites.bbs_values import DerivedValue
from panacea.health.mapping import resource_form, subject_form
from panacea.health.strict_json import parse_json, to_json
from panacea.health.types import JSONRejected

HIGH, MEDIUM, LOW = Severity
DOCUMENT: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "urn:uuid:6a1676b8-b51f-11ed-937b-d76685a20ff5",
    "type": ["VerifiableCredential"],
    "name": "A vaccination card",
    "issuer": {"id": "did:web:hospital.example", "name": "Hospital"},
    "validFrom": "2026-03-01T10:11:12Z",
    "validUntil": "2027-03-01T00:00:00Z",
    "credentialStatus": {
        "id": "https://hospital.example/status/3#94567",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "94567",
        "statusListCredential": "https://hospital.example/status/3",
    },
    "credentialSchema": {"id": "https://schema.example/vaccination.json", "type": "JsonSchema"},
    "credentialSubject": {
        "id": "did:key:z6MkHolder",
        "name": "Anna Example",
        "birthDate": "1980-05-17",
        "address": {"postalCode": "10115", "city": "Berlin", "country": "DE"},
        "homeLocation": {"latitude": 52.52437, "longitude": 13.41053},
        "weight": 71.2345,
        "vaccine": {"type": "MMR", "id": "urn:lot:7", "given": "2025-12-24T08:15:30.123+01:00"},
        "remark": "nervous",
    },
    "proof": {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": "2026-03-01T10:11:12Z",
        "verificationMethod": "did:web:hospital.example#1",
        "proofPurpose": "assertionMethod",
        "proofValue": "z3MvGcVxzRzzpKF1HA11EjvfPZsN8NAb7kXBRfeTm3CBg2gcJLQM5hZNmj6Ccd9Lk4C1YueiFZvkSx4FuHVYVouQk",
    },
}


def names(document: Any, **options: Any) -> dict[str, str]:
    """Rules by pointer."""
    return {one.pointer: one.rule for one in lint(document, **options)}


def test_what_links_a_credential() -> None:
    assert names(DOCUMENT) == {
        "/id": "credential-id",
        "/validFrom": "exact-time",
        "/credentialStatus/id": "nested-id",
        "/credentialStatus/statusListIndex": "status-index",
        "/credentialStatus/statusListCredential": "status-list",
        "/credentialSubject/id": "holder",
        "/credentialSubject/name": "person",
        "/credentialSubject/birthDate": "birth-date",
        "/credentialSubject/address/postalCode": "postal-code",
        "/credentialSubject/address/city": "place",
        "/credentialSubject/homeLocation/latitude": "coordinates",
        "/credentialSubject/homeLocation/longitude": "coordinates",
        "/credentialSubject/weight": "exact-number",
        "/credentialSubject/vaccine/id": "nested-id",
        "/credentialSubject/vaccine/given": "person",
        "/credentialSubject/remark": "free-text",
        "/proof/created": "proof-created",
        "/proof/verificationMethod": "issuing-key",
        "/proof/proofValue": "same-signature",
    }


def test_the_gravest_come_first_and_say_why() -> None:
    findings = lint(DOCUMENT)
    assert [one.severity for one in findings] == sorted((one.severity for one in findings), key=list(Severity).index)
    assert all(one.why and one.advice and one.rule in RULES for one in findings)
    offers = {one.pointer: one.offer for one in findings}
    assert offers["/credentialSubject/birthDate"] == "put 1980"
    assert offers["/id"] == "leave it out"
    assert offers["/credentialSubject/id"] == ""


def test_the_coarser_credential() -> None:
    before = json.dumps(DOCUMENT)
    coarser = coarsen(DOCUMENT)
    assert json.dumps(DOCUMENT) == before
    assert coarser == {
        "@context": DOCUMENT["@context"],
        "type": DOCUMENT["type"],
        "name": DOCUMENT["name"],
        "issuer": DOCUMENT["issuer"],
        "validFrom": "2026-03-01T00:00:00Z",
        "validUntil": "2027-03-01T00:00:00Z",
        "credentialStatus": {name: value for name, value in DOCUMENT["credentialStatus"].items() if name != "id"},
        "credentialSchema": DOCUMENT["credentialSchema"],
        "credentialSubject": {
            "id": "did:key:z6MkHolder",
            "birthDate": "1980",
            "address": {"postalCode": "101", "country": "DE"},
            "homeLocation": {"latitude": 52.5, "longitude": 13.4},
            "weight": 71.2,
            "vaccine": {"type": "MMR"},
        },
    }
    assert coarsen(coarser) == coarser


def test_only_the_findings_that_are_given_change_something() -> None:
    chosen = [one for one in lint(DOCUMENT) if one.rule == "birth-date"]
    coarser = coarsen(DOCUMENT, chosen)
    assert coarser["credentialSubject"] == {**DOCUMENT["credentialSubject"], "birthDate": "1980"}
    # A proof over something that changed holds no longer.
    assert coarser.keys() == DOCUMENT.keys() - {"proof"}
    assert coarsen(DOCUMENT, []) is DOCUMENT
    advice_only = [one for one in lint(DOCUMENT) if not one.has_coarser]
    assert coarsen(DOCUMENT, advice_only) == DOCUMENT


def test_coarser_grains() -> None:
    document = {
        "type": ["VerifiableCredential"],
        "validFrom": "2026-03-15T00:00:00Z",
        "credentialSubject": {"done": "2025-11-23"},
    }
    assert lint(document) == []
    assert names(document, grain=Grain.MONTH) == {"/validFrom": "exact-date", "/credentialSubject/done": "exact-date"}
    coarser = coarsen(document, lint(document, grain=Grain.YEAR))
    assert (coarser["validFrom"], coarser["credentialSubject"]["done"]) == ("2026-01-01T00:00:00Z", "2025")
    assert lint(coarser, grain=Grain.YEAR) == []


def test_the_base_credential_its_view_and_what_they_tell() -> None:
    made = credential()
    base = names(parse_json(made))
    record = "/credentialSubject/1/resource"
    assert base["/credentialSubject/0/id"] == "holder"
    assert base["/credentialSubject/0/nullifier"] == "nullifier"
    assert base["/proof/proofValue"] == "base-proof"
    assert base[f"{record}/id_"] == "record-number"
    assert base[f"{record}/subject"] == "reference"
    assert base[f"{record}/note.0"] == "free-text"
    consumer = parse_json(consumer_view(made, ASKED, "sim-1", 1, b"q" * 32))
    assert names(consumer) == {"/proof/proofValue": "proof-shape", "/proof/verificationMethod": "issuing-key"}
    enclave = names(parse_json(enclave_view(made, ASKED, b"info")))
    assert {"holder", "nullifier", "status-index"} <= set(enclave.values())


def test_the_shape_of_a_proof_is_counted() -> None:
    view = parse_json(consumer_view(credential(), ASKED, "sim-1", 1, b"q" * 32))
    value = DerivedValue.from_text(view["proof"]["proofValue"])
    [shape] = [one for one in lint(view) if one.rule == "proof-shape"]
    assert f"{value.hidden} statements are hidden" in shape.why
    assert label_bits(value) > 10
    assert shape.severity is HIGH
    assert label_bits(DerivedValue(value.proof, {"c14n0": "b0"}, (), (), b"")) == 0
    assert label_bits(DerivedValue(value.proof, {}, (), (), b"")) == 0
    assert label_bits(DerivedValue(value.proof, {"c14n0": "b7"}, (), (), b"")) == 3


def test_a_view_that_shows_a_later_item_tells_of_those_before() -> None:
    resource = {"type": "Observation", "component.3": {"valueString": "x"}, "component.1": {"valueString": "y"}}
    found = [one for one in lint({"credentialSubject": {"resource": resource}}) if one.rule == "array-place"]
    assert [(one.pointer, one.severity) for one in found] == [("/credentialSubject/resource/component.3", LOW)]
    assert "2 of 4" in found[0].why


def test_coarser_records_are_whole_subject_forms() -> None:
    document = parse_json(credential())
    coarser = coarsen(document)
    record = coarser["credentialSubject"][1]["resource"]

    def require_counted(node: Any) -> None:
        assert is_counted(node)
        for inner in node.values():
            if is_object(inner):
                require_counted(inner)

    require_counted(record)
    assert "subject" not in record
    assert "note.0" not in record
    assert "proof" not in coarser


def test_items_of_the_subject_form_close_up() -> None:
    form = subject_form({"resourceType": "Basic", "x": ["a", "b", ["c", "d"], {"e": 1}]})
    changed = with_changes(form, {"/x.0": REMOVE, "/x.2.0": REMOVE})
    assert resource_form(changed) == {"resourceType": "Basic", "x": ["b", ["d"], {"e": 1}]}


@pytest.mark.parametrize("path", sorted(fhir().glob("*.json")), ids=lambda path: path.stem)
def test_coarser_examples_say_nothing_grave(path: Path) -> None:
    document = parse_json(path.read_bytes())
    for grain in Grain:
        coarser = coarsen(document, lint(document, grain=grain))
        assert [one for one in lint(coarser, grain=grain) if one.has_coarser] == []
        assert to_json(coarsen(coarser, lint(coarser, grain=grain))) == to_json(coarser)
    if document["resourceType"] != "Bundle":
        # In its subject form it is found as well, and what is left is a resource.
        form = coarsen({"resource": subject_form(document)})["resource"]
        assert to_json(resource_form(form)) == to_json(coarsen(document))


def test_known_lists_and_keys() -> None:
    known = Known(list_sizes={"https://hospital.example/status/3": 100}, key_uses={"did:web:hospital.example#1": 1})
    found = {one.pointer: one for one in lint(DOCUMENT, known=known)}
    assert found["/credentialStatus/statusListCredential"].rule == "status-list-small"
    assert found["/proof/verificationMethod"].severity is HIGH
    some = lint(DOCUMENT, known=Known(key_uses={"did:web:hospital.example#1": 20}))
    assert {one.pointer: one for one in some}["/proof/verificationMethod"].severity is MEDIUM


def test_mandatory_pointers_force_what_identifies() -> None:
    known = Known(mandatory=("/issuer", "/validFrom", "/credentialSubject/address"))
    forced = {one.pointer: one.why for one in lint(DOCUMENT, known=known) if one.rule == "mandatory"}
    assert forced.keys() == {
        "/validFrom",
        "/credentialSubject/address/postalCode",
        "/credentialSubject/address/city",
    }
    assert "(postal-code)" in forced["/credentialSubject/address/postalCode"]
    everything = [one for one in lint(DOCUMENT, known=Known(mandatory=("",))) if one.rule == "mandatory"]
    assert len(everything) > 10


@pytest.mark.parametrize("path", sorted(shared("vc-di-bbs").rglob("*igned*.json")), ids=lambda path: path.name)
def test_published_proofs_are_told_apart(path: Path) -> None:
    document = json.loads(path.read_bytes())
    if not isinstance(document, dict) or "proof" not in document:
        return
    rules = {one.rule for one in lint(document)}
    assert rules & {"base-proof", "proof-shape"}
    assert coarsen(coarsen(document)) == coarsen(document)


def test_mandatory_pointers_of_published_base_proofs() -> None:
    document = json.loads((shared("vc-di-bbs") / "addSignedSDBase.json").read_bytes())
    pointers = mandatory_pointers(document["proof"])
    assert "/issuer" in pointers
    assert mandatory_pointers([document["proof"], {}, 7]) == pointers
    assert mandatory_pointers({"proofValue": "u2V0AgA"}) == ()
    assert mandatory_pointers("no proof") == ()


@pytest.mark.parametrize(
    ("member", "rule", "severity"),
    [
        ({"validFrom": "2026-03-01T10:11:12.345Z"}, "exact-time", HIGH),
        ({"validFrom": "2026-03-01T10:11Z"}, "exact-time", MEDIUM),
        ({"credentialSubject": {"birthDate": "1980-05"}}, "birth-date", MEDIUM),
        ({"credentialSubject": {"birth_date": "17 May 1980"}}, "birth-date", HIGH),
        ({"credentialSubject": {"x": "6a1676b8-b51f-11ed-937b-d76685a20ff5"}}, "unique-value", HIGH),
        ({"credentialSubject": {"x": "did:key:z6Mk"}}, "unique-value", HIGH),
        ({"credentialSubject": {"x": "anna@example.org"}}, "unique-value", HIGH),
        ({"credentialSubject": {"x": "A" * 5000}}, "unique-value", HIGH),
        ({"credentialSubject": {"x": "word " * 20}}, "free-text", MEDIUM),
        ({"credentialSubject": {"x": 123456789}}, "exact-number", MEDIUM),
        ({"credentialSubject": {"email": "x"}}, "person", HIGH),
        ({"credentialSubject": {"address": "Main Street 1"}}, "person", HIGH),
        ({"credentialSubject": {"address": [{"text": "Main Street 1"}]}}, "person", HIGH),
        ({"evidence": [{"id": "x:y"}]}, "nested-id", HIGH),
        ({"credentialStatus": [{"statusListIndex": "7"}]}, "status-index", HIGH),
        ({"credentialStatus": {"type": "RevocationList2020Status", "revocationListIndex": 7}}, "status-index", HIGH),
        ({"proof": [{"jws": "ey..x"}]}, "same-signature", HIGH),
        ({"proof": {"id": "urn:x"}}, "nested-id", HIGH),
        ({"proof": {"proofValue": "u2V0BAAAA"}}, "same-signature", HIGH),
        ({"proof": {"proofValue": "u2V0JAAAA"}}, "pseudonym", MEDIUM),
        ({"id": "data:application/vc+jwt,eyJh.eyJi.abc"}, "same-signature", HIGH),
    ],
)  # fmt: skip
def test_single_members(member: dict[str, Any], rule: str, severity: Severity) -> None:
    found = [one for one in lint({"type": ["VerifiableCredential"], **member}) if one.rule == rule]
    assert [one.severity for one in found] == [severity]


@pytest.mark.parametrize(
    "member",
    [
        {"validUntil": "2027-03-01T00:00:00Z"},
        {"validUntil": "2027-03-01T00:00:00.000+02:00"},
        {"credentialSubject": {"birthDate": "1980"}},
        {"credentialSubject": {"postalCode": "101"}},
        {"credentialSubject": {"latitude": 52.5}},
        {"credentialSubject": {"x": 98.6, "y": 1000000, "z": True, "q": None, "r": [], "s": ""}},
        {"credentialSubject": {"code": "10311000132103", "system": "urn:oid:2.16.840.1.113883.6.1"}},
        {"credentialSubject": {"type": "BitstringStatusList", "id": "https://x/1#list"}},
        {"proof": {"created": "2026-03-01T00:00:00Z"}},
        {"description": "What this kind of credential is about, in a sentence long enough to look like free text."},
    ],
)
def test_what_is_coarse_enough(member: dict[str, Any]) -> None:
    assert lint({"type": ["VerifiableCredential"], **member}) == []


def test_presentations_and_tokens() -> None:
    presentation = {
        "type": ["VerifiablePresentation"],
        "id": "urn:uuid:1",
        "holder": "did:key:z6Mk",
        "verifiableCredential": [
            DOCUMENT,
            {"type": "EnvelopedVerifiableCredential", "id": "data:application/vc+jwt,eyJh.eyJi.c"},
        ],
        "proof": {"created": "2026-03-01T10:11:12Z", "proofValue": "zabc", "verificationMethod": "did:key:z6Mk#z6Mk"},
    }
    found = names(presentation)
    assert found["/id"] == "presentation-id"
    assert found["/holder"] == found["/proof/verificationMethod"] == "presentation-holder"
    assert found["/verifiableCredential/0/credentialSubject/id"] == "holder"
    assert found["/verifiableCredential/1/id"] == "same-signature"
    assert "/proof/proofValue" not in found
    token = {
        "iss": "https://issuer.example", "vct": "x", "sub": "did:key:z6Mk", "jti": "1", "iat": 1772000001,
        "exp": 1772064000, "cnf": {"jwk": {"x": "y"}}, "_sd": ["abc"],
        "status": {"status_list": {"idx": 7, "uri": "https://x/1"}},
    }  # fmt: skip
    assert names(token) == {
        "/sub": "holder", "/jti": "record-number", "/iat": "exact-time", "/cnf": "holder-key",
        "/_sd": "disclosed-digests",
        "/status/status_list/idx": "status-index", "/status/status_list/uri": "status-list",
    }  # fmt: skip
    assert coarsen(token)["iat"] == 1771977600


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-01", Time("2026-03-01", "day")),
        ("2026-03", Time("2026-03", "month")),
        ("2026", None),
        ("2026-03-01T00:00:00Z", Time("2026-03-01", "day")),
        ("2026-03-01T10:00:00+02:00", Time("2026-03-01", "second")),
        ("2026-03-01T10:00:00.5Z", Time("2026-03-01", "fraction")),
        ("2026-03-01T10:00", Time("2026-03-01", "second")),
        ("10:00:00", None),
        ("", None),
    ],
)
def test_times(text: str, time: Time | None) -> None:
    assert find_time(text) == time


def test_cutting() -> None:
    exact = Time("2026-03-17", "second")
    assert cut_time(exact, Grain.DAY, as_instant=False) == "2026-03-17"
    assert cut_time(exact, Grain.MONTH, as_instant=True) == "2026-03-01T00:00:00Z"
    assert cut_time(exact, Grain.YEAR, as_instant=True) == "2026-01-01T00:00:00Z"
    assert cut_seconds(1772000001, Grain.MONTH) == 1769904000
    assert cut_seconds(1772000001, Grain.YEAR) == 1767225600
    assert cut_seconds(10**20, Grain.YEAR) % 86_400 == 0
    assert cut_seconds(-1, Grain.DAY) == -86_400


@pytest.mark.parametrize(
    ("code", "cut"), [("10115", "101"), ("1234", "12"), ("SW1A 1AA", "SW1"), ("101", "101"), ("AB 12", "AB")]
)
def test_postal_codes(code: str, cut: str) -> None:
    assert cut_postal_code(code) == cut == cut_postal_code(cut)


@pytest.mark.parametrize(
    ("written", "digits", "rounded"),
    [
        ("7.90", 3, "7.90"),
        ("12345.678", 8, "12300"),
        ("-0.00012345", 5, "-0.000123"),
        ("1.23456e-7", 6, "1.23e-7"),
        ("1.23456E+20", 6, "1.23e+20"),
        ("120000", 2, "120000"),
        ("99995", 5, "100000"),
        ("0.0", 0, "0.0"),
        ("x", 0, ""),
    ],
)
def test_numbers(written: str, digits: int, rounded: str) -> None:
    assert digits_of(written) == digits
    if rounded:
        assert round_written(written) == rounded


def test_numbers_keep_their_kind() -> None:
    document = parse_json(b'{"credentialSubject":{"a":12.345678,"b":123456789,"c":1.234567e3}}')
    coarser = coarsen(document | {"d": 12.345678, "e": Decimal("12.345678"), "f": float("nan"), "g": float("inf")})
    assert to_json(coarser["credentialSubject"]) == b'{"a":12.3,"b":123000000,"c":1.23e3}'
    assert (coarser["d"], coarser["e"]) == (12.3, Decimal("12.3"))


@pytest.mark.parametrize("document", [None, True, 7, 1.5, "x", "2026-03-01T10:11:12Z", [], {}, [[]], {"": {"": ""}}])
def test_any_json_is_taken(document: Any) -> None:
    assert isinstance(lint(document), list)
    assert coarsen(document) == document


def test_everything_left_out() -> None:
    assert coarsen({"id": "did:a:b"}) == {}
    assert with_changes([1], {"/0": REMOVE}) == []
    assert with_changes(7, {"": REMOVE}) is None


def test_pointers_are_escaped() -> None:
    document = {"a/b~c": {"birthDate": "1980-01-01"}}
    assert names(document) == {"/a~1b~0c/birthDate": "birth-date"}
    assert coarsen(document) == {"a/b~c": {"birthDate": "1980"}}


def test_leaving_out_says_less_than_replacing() -> None:
    both = [Finding("x", HIGH, "/a", "", "", "coarse"), Finding("x", LOW, "/a", "", "", REMOVE)]
    assert coarsen({"a": "fine", "b": 1}, both) == coarsen({"a": "fine", "b": 1}, both[::-1]) == {"b": 1}


def _deep() -> Any:
    deep: Any = {}
    for _ in range(MAX_DEPTH + 1):
        deep = {"a": deep}
    return deep


@pytest.mark.parametrize("document", [_deep(), list(range(MAX_VALUES))], ids=["deep", "many"])
def test_beyond_the_limits(document: Any) -> None:
    started = time.process_time()
    with pytest.raises(JSONRejected):
        lint(document)
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    "text",
    ["a@" + "." * 1_000_000 + " ", "1" * 1_000_000, "did:a:" + "b" * 1_000_000, "eyJ" + "." * 1_000_000, "2" * 400],
)
def test_long_texts_take_no_time(text: str) -> None:
    started = time.process_time()
    lint({"x": text, "credentialSubject": {"birthDate": text, "latitude": text, "proof": {"proofValue": "u" + text}}})
    assert time.process_time() - started < 0.5


def test_many_mandatory_pointers_take_no_time() -> None:
    document = {"credentialSubject": {f"email{index}": {"email": "x"} for index in range(20_000)}}
    started = time.process_time()
    lint(document, known=Known(mandatory=tuple(f"/credentialSubject/email{index}" for index in range(1024))))
    assert time.process_time() - started < 2
