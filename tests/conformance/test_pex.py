"""Definitions, credentials and presentations of Sphereon's PEX: all read, matched and verified against each other.

The set has no expected results beyond its names; `EXPECTED` says what they promise. For pairs that it does not know,
the wallet's judgement and the verifier's must agree.
"""

import itertools
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.formats import sd_jwt
from panacea.credentials.requests import submissions
from panacea.credentials.requests.definitions import Definition, read_definition
from panacea.credentials.requests.matches import Candidate
from panacea.credentials.requests.presentation_exchange import match
from panacea.credentials.requests.submissions import (
    Entry,
    Submission,
    find_embedded,
    read_submission,
    verify_submission,
)
from panacea.credentials.requests.types import RequestRejected, SubmissionMismatch
from panacea.credentials.requests.wallet import Held
from panacea.health.strict_json import parse_json

ROOT = shared("presentation-exchange-pex")
FILES = sorted(ROOT.rglob("*.json"))

EXCEPTIONS: dict[str, str] = {
    "dif_pe_examples/pdV1/input_descriptor_filter_examples": "its paths are `A`: a JSONPath begins with $",
    "resources/pd_require_is_holder": "two of its input descriptors, and two fields, share an id, which is forbidden",
}

EXPECTED: dict[tuple[str, str], bool] = {
    ("pd-schema-multiple-constraints", "vp-multiple-constraints"): True,
    ("pd-schema-multiple-constraints", "vp-simple-age-predicate"): False,
    ("pd-simple-schema-age-predicate", "vp-simple-age-predicate"): True,
    ("pd-simple-schema-age-predicate", "vp-multiple-constraints"): True,
    ("pd-simple-schema-subject-is-issuer", "vp-simple-age-predicate"): False,
    ("pd-simple-schema-subject-is-issuer", "vp-multiple-constraints"): False,
}


def case(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


def is_definition(value: Any) -> bool:
    return isinstance(value, dict) and ("presentation_definition" in value or "input_descriptors" in value)


def is_submission(value: Any) -> bool:
    return isinstance(value, dict) and ("descriptor_map" in value or find_embedded(value) is not None)


def read_all() -> tuple[dict[Path, Any], list[Path], list[Path], list[Path]]:
    values = {file: parse_json(file.read_bytes()) for file in FILES}
    definitions = [file for file in FILES if is_definition(values[file])]
    answers = [file for file in FILES if is_submission(values[file]) and file not in definitions]
    return values, definitions, answers, [file for file in FILES if file not in {*definitions, *answers}]


VALUES, DEFINITIONS, ANSWERS, CREDENTIALS = read_all()
PAIRS = list(itertools.product([file for file in DEFINITIONS if case(file) not in EXCEPTIONS], ANSWERS))


def is_forbidden(value: Any) -> bool:
    """Whether a definition breaks a rule of the text that other implementations let pass."""
    definition = value.get("presentation_definition", value)
    descriptors = definition["input_descriptors"]
    fields = [field for one in descriptors for field in one.get("constraints", {}).get("fields", [])]
    ids = [one["id"] for one in descriptors]
    named = [field["id"] for field in fields if "id" in field]
    groups = {group for one in descriptors for group in one.get("group", [])}
    asked = set(wanted_groups(definition.get("submission_requirements", [])))
    return (
        len(set(ids)) != len(ids)
        or len(set(named)) != len(named)
        or any(not path.startswith("$") for field in fields for path in field["path"])
        or not asked <= groups
        or bool("submission_requirements" in definition and not all(one.get("group") for one in descriptors))
    )


def wanted_groups(requirements: list[Any]) -> list[str]:
    own = [one["from"] for one in requirements if "from" in one]
    return own + [group for one in requirements for group in wanted_groups(one.get("from_nested", []))]


@pytest.mark.parametrize("file", DEFINITIONS, ids=case)
def test_definitions_are_read(file: Path) -> None:
    if case(file) in EXCEPTIONS or is_forbidden(VALUES[file]):
        assert is_forbidden(VALUES[file])
        with pytest.raises(RequestRejected):
            read_definition(VALUES[file])
        return
    definition = read_definition(VALUES[file])
    assert definition.descriptors
    matches = match(definition, [], holders=frozenset())
    assert [one.id for one in matches.questions] == [one.id for one in definition.descriptors]


@pytest.mark.parametrize("file", ANSWERS, ids=case)
def test_submissions_are_read_and_written(file: Path) -> None:
    value = VALUES[file]
    raw = value if "descriptor_map" in value else find_embedded(value)
    assert read_submission(value).to_json() == raw


@pytest.mark.parametrize("file", CREDENTIALS, ids=case)
def test_credentials_enter_a_wallet(file: Path) -> None:
    wallet = wallet_of(file)
    assert wallet
    for definition in readable():
        matches = match(definition, wallet, values_for_predicates=True)
        for question in matches.questions:
            assert len(question.candidates) + len(question.unmatched) == len(wallet)
            assert all(one.reason for one in question.unmatched)


@pytest.mark.parametrize(("definition", "answer"), PAIRS, ids=[f"{a.stem}/{b.stem}" for a, b in PAIRS])
def test_wallet_and_verifier_agree(definition: Path, answer: Path) -> None:
    if is_forbidden(VALUES[definition]):
        pytest.skip("the definition is refused as such")
    asked = read_definition(VALUES[definition])
    submission = relabelled(read_submission(VALUES[answer]), VALUES[answer])
    known = {one.id for one in asked.descriptors}
    try:
        satisfied = verify_submission(
            asked, submission, VALUES[answer], decode=decode, values_for_predicates=True, holders=holders(answer)
        )
        faults: set[tuple[str, str]] = set()
        assert set(satisfied.claims) == {entry.id for entry in submission.entries}
    except SubmissionMismatch as error:
        faults = {(one.at, one.kind) for one in error.mismatches}
    assert all(at and kind for at, kind in faults)
    if (definition.stem, answer.stem) in EXPECTED:
        assert bool(faults) is not EXPECTED[definition.stem, answer.stem]
    assert (submission.definition_id != asked.id) == any(kind == "definition-id" for _, kind in faults)
    assert {entry.id for entry in submission.entries if entry.id not in known} == {
        at for at, kind in faults if kind == "unknown-descriptor"
    }
    for entry in submission.entries:
        found = [one.value for one in entry.path.find_all(VALUES[answer], submissions.Budget())]
        if entry.id in known and entry.nested is None and len(found) == 1 and isinstance(found[0], dict):
            held = decode(entry.format, found[0])
            if isinstance(held, Held) and entry.format in submissions.CLAIM_FORMATS[held.format]:
                assert agrees(asked, entry.id, held, holders(answer)) == ((entry.id, "constraints") not in faults)


def agrees(definition: Definition, descriptor: str, held: Held, known: frozenset[str]) -> bool:
    """Whether a wallet that holds just this credential, and nothing against showing it whole, would offer it."""
    rules = submissions.Rules(known, values_for_predicates=True, presented=True)
    judged = submissions.judge(definition, definition.get_descriptor(descriptor), held, rules, submissions.Budget())
    offered = match(definition, [held], holders=known, values_for_predicates=True).get_question(descriptor)
    if isinstance(judged, Candidate):
        reasons = [one.label for one in offered.unmatched]
        assert offered.candidates or reasons == ["limit_disclosure"]
    else:
        assert not offered.candidates
    return isinstance(judged, Candidate)


def test_selective_disclosure_shows_what_was_asked() -> None:
    definition = by_stem("pd-multi-sd-jwt-selective-disclosure")
    wallet = wallet_of(shared("presentation-exchange-pex/dif_pe_examples/vc/vc-2-sd-jwt.json"))
    matches = match(definition, wallet)
    assert matches.satisfiable
    way = matches.ways[0].candidates
    both, one, other = (way[name][0] for name in ("descriptor", "descriptor-same-cred", "descriptor-2"))
    assert {"/compliant", "/nonCompliant"} <= set(both.reveals)
    assert "/anotherField" not in both.reveals
    assert "/nonCompliant" in one.reveals
    assert not {"/compliant", "/anotherField"} & set(one.reveals)
    assert (both.credential, one.credential, other.credential) == ("0", "0", "1")


def test_a_resident_card_answers_its_descriptor_alone() -> None:
    definition = by_stem("pd-multi-formats-multi-vp-submission-requirements")
    wallet = wallet_of(shared("presentation-exchange-pex/dif_pe_examples/vc/vc-PermanentResidentCard.json"))
    matches = match(definition, wallet)
    assert [bool(one.candidates) for one in matches.questions] == [True, False, False, False]
    assert not matches.satisfiable


def by_stem(stem: str) -> Definition:
    return read_definition(next(VALUES[file] for file in DEFINITIONS if file.stem == stem))


def readable() -> list[Definition]:
    return [read_definition(VALUES[file]) for file in DEFINITIONS if not is_forbidden(VALUES[file])]


def wallet_of(file: Path) -> list[Held]:
    value = VALUES[file]
    found = value.get("vcs", [value]) if isinstance(value, dict) else value
    return [held_of(str(index), one) for index, one in enumerate(found if isinstance(found, list) else [found])]


def held_of(id: str, value: Any) -> Held:
    if isinstance(value, str) and "~" in value:
        opened = sd_jwt.peek(value)
        return Held.of_sd_jwt(id, opened.claims, opened.pointers, alg="EdDSA")
    if isinstance(value, dict) and "vc" in value:
        return Held.of_jwt_vc(id, value, alg="ES256K")
    return Held.of_ldp_vc(id, value)


def decode(format: str, value: Any) -> Any:
    """Nothing is verified here: the set has placeholders for signatures. Envelopes are objects within the file."""
    if format.endswith("_vp"):
        return value
    return held_of("presented", value)


def relabelled(submission: Submission, presentation: Any) -> Submission:
    """Some maps say `ldp_vp` where their path leads straight to a credential; the credential's format is meant."""
    entries = []
    for entry in submission.entries:
        found = entry.path.find_first(presentation, submissions.Budget())
        wrong = entry.nested is None and entry.format.endswith("_vp") and found is not None
        entries.append(Entry(entry.id, "ldp_vc", entry.path) if wrong else entry)
    return Submission(submission.id, submission.definition_id, tuple(entries))


def holders(answer: Path) -> frozenset[str]:
    proof = VALUES[answer].get("proof", {})
    method = proof.get("verificationMethod", "") if isinstance(proof, dict) else ""
    return frozenset({method.partition("#")[0]} - {""})
