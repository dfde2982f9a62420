"""Presentation submissions: built, embedded, verified, and each way to get one wrong."""

from typing import Any

import pytest

from panacea.credentials.requests.definitions import Definition, read_definition
from panacea.credentials.requests.json_path import parse_path
from panacea.credentials.requests.submissions import (
    Entry,
    Submission,
    build_submission,
    entries_in,
    find_embedded,
    read_submission,
    verify_submission,
)
from panacea.credentials.requests.types import HeldRejected, NotDoneHere, SubmissionMismatch, SubmissionRejected
from panacea.credentials.requests.wallet import Held

ANNA = "did:example:anna"


def ask(**more: Any) -> Definition:
    name = {"id": "name", "constraints": {"fields": [{"id": "n", "path": ["$.credentialSubject.name", "$.vc.name"]}]}}
    age = {
        "id": "age",
        "constraints": {
            "fields": [{"id": "a", "path": ["$.credentialSubject.age"], "filter": {"minimum": 18}}],
            "same_subject": [{"field_id": ["n", "a"], "directive": "required"}],
        },
    }
    return read_definition({"id": "d", "input_descriptors": [name, age], **more})


def credential(subject: str = ANNA, **claims: Any) -> dict[str, Any]:
    return {"type": ["VerifiableCredential"], "issuer": "did:example:i", "credentialSubject": {"id": subject, **claims}}


def decode(format: str, value: Any) -> Any:
    if format == "bad":
        raise HeldRejected("a signature that does not hold")
    if format.endswith("_vp"):
        return value
    return Held.of_jwt_vc("j", value) if "vc" in value else Held.of_ldp_vc("c", value)


PRESENTATION = {"verifiableCredential": [credential(name="Anna", more=1), credential(age=19)]}


def submission(*entries: Entry, definition_id: str = "d") -> Submission:
    return Submission("s", definition_id, entries)


def entry(id: str, path: str, format: str = "ldp_vc", nested: Entry | None = None) -> Entry:
    return Entry(id, format, parse_path(path), nested)


NAME, AGE = entry("name", "$.verifiableCredential[0]"), entry("age", "$.verifiableCredential[1]")


def faults(*entries: Entry, presentation: Any = PRESENTATION, **more: Any) -> list[tuple[str, str]]:
    definition_id = more.pop("definition_id", "d")
    try:
        verify_submission(ask(), submission(*entries, definition_id=definition_id), presentation, decode=decode, **more)
    except SubmissionMismatch as error:
        return [(one.at, one.kind) for one in error.mismatches]
    return []


def test_satisfied() -> None:
    satisfied = verify_submission(ask(), submission(NAME, AGE), PRESENTATION, decode=decode)
    assert satisfied.claims["name"].document["credentialSubject"]["name"] == "Anna"
    assert satisfied.excess == {"name": ("/credentialSubject/more",), "age": ()}
    assert satisfied.answers["age"].answers[0].subject == ANNA


@pytest.mark.parametrize("envelope", ["ldp_vp", "jwt_vp", ""])
def test_built_and_verified_in_each_envelope(envelope: str) -> None:
    held = [Held.of_ldp_vc(str(index), one) for index, one in enumerate(PRESENTATION["verifiableCredential"])]
    built = build_submission(ask(), "s", entries_in({"name": held[0], "age": held[1]}, envelope))
    assert read_submission(built.to_json()) == built
    assert read_submission({"presentation_submission": built.to_json()}) == built
    presentation: Any = {
        "ldp_vp": PRESENTATION,
        "jwt_vp": {"vp": PRESENTATION},
        "": PRESENTATION["verifiableCredential"],
    }
    assert verify_submission(ask(), built, presentation[envelope], decode=decode).claims.keys() == {"name", "age"}


def test_one_credential_may_answer_twice() -> None:
    held = Held.of_ldp_vc("x", credential(name="Anna", age=20))
    built = build_submission(ask(), "s", entries_in({"name": held, "age": held}, "ldp_vp"))
    assert {one.path.text for one in built.entries} == {"$.verifiableCredential[0]"}
    presentation = {"verifiableCredential": [held.document]}
    assert verify_submission(ask(), built, presentation, decode=decode).claims


@pytest.mark.parametrize("chosen", [{"name": "x"}, {}, {"name": "x", "age": "x", "other": "x"}])
def test_a_choice_that_does_not_satisfy_is_not_built(chosen: dict[str, str]) -> None:
    with pytest.raises(SubmissionRejected):
        build_submission(ask(), "s", [entry(name, "$") for name in chosen])


def test_each_mismatch_is_named() -> None:
    assert faults(NAME, AGE) == []
    assert faults(NAME, AGE, definition_id="other") == [("other", "definition-id")]
    assert faults(NAME) == [("age", "missing")]
    assert faults(NAME, NAME, AGE) == [("name", "twice")]
    assert faults(NAME, AGE, entry("x", "$")) == [("x", "unknown-descriptor")]
    assert faults(entry("name", "$.nowhere"), AGE)[0] == ("name", "path")
    assert faults(entry("name", "$.verifiableCredential[*]"), AGE)[0] == ("name", "path")
    assert faults(entry("name", "$.verifiableCredential[0]", "bad"), AGE)[0] == ("name", "decode")
    assert faults(entry("name", "$.verifiableCredential[0]", "jwt_vc"), AGE)[0] == ("name", "format")
    assert faults(entry("name", "$", "ldp_vp"), AGE)[0] == ("name", "format")
    assert faults(entry("name", "$.verifiableCredential[0]", "ldp_vc", NAME), AGE)[0] == ("name", "format")
    assert faults(entry("name", "$", "ldp_vp", AGE), AGE)[0] == ("name", "nested-id")
    assert faults(NAME, entry("age", "$.verifiableCredential[0]")) == [("age", "constraints")]
    eve = {"verifiableCredential": [credential(name="Anna"), credential("did:example:eve", age=19)]}
    assert faults(NAME, AGE, presentation=eve) == [("age", "same-subject")]


def test_nested_claims_are_followed() -> None:
    inner = entry("name", "$.verifiableCredential[0]")
    presentation = {"outer": [{"verifiableCredential": [credential(name="Anna", age=19)]}]}
    wrapped = entry("name", "$.outer[0]", "jwt_vp", inner)
    again = entry("age", "$.outer[0]", "jwt_vp", entry("age", "$.verifiableCredential[0]"))
    assert faults(wrapped, again, presentation=presentation) == []


def test_submission_requirements_count() -> None:
    asked = read_definition(
        {
            "id": "d",
            "submission_requirements": [{"name": "one", "rule": "pick", "count": 1, "from": "A"}],
            "input_descriptors": [
                {"id": name, "group": ["A"], "constraints": {"fields": [{"path": ["$.issuer"]}]}}
                for name in ("name", "age")
            ],
        }
    )
    assert verify_submission(asked, submission(NAME), PRESENTATION, decode=decode).claims.keys() == {"name"}
    with pytest.raises(SubmissionMismatch) as refused:
        verify_submission(asked, submission(NAME, AGE), PRESENTATION, decode=decode)
    assert [(one.at, one.kind) for one in refused.value.mismatches] == [("one", "requirement")]


def test_a_required_predicate_is_proved_and_not_told() -> None:
    asked = read_definition(
        {
            "id": "d",
            "input_descriptors": [
                {
                    "id": "age",
                    "constraints": {
                        "fields": [
                            {"path": ["$.credentialSubject.age"], "filter": {"minimum": 18}, "predicate": "required"}
                        ]
                    },
                }
            ],
        }
    )
    told, hidden = {"verifiableCredential": [credential(age=19)]}, {"verifiableCredential": [credential()]}
    only = submission(entry("age", "$.verifiableCredential[0]"))
    with pytest.raises(SubmissionMismatch, match="must be a proof"):
        verify_submission(asked, only, told, decode=decode)
    # A boolean in the place of the value is what anybody could write; it proves nothing.
    claimed = {"verifiableCredential": [credential(age=True)]}
    with pytest.raises(SubmissionMismatch):
        verify_submission(asked, only, claimed, decode=decode)
    assert verify_submission(asked, only, told, decode=decode, values_for_predicates=True).claims
    assert verify_submission(asked, only, hidden, decode=decode, proved={("age", 0)}).claims


def test_embedded() -> None:
    inner = submission(NAME, AGE).to_json()
    for target in (
        {"presentation_submission": inner},
        {"data": {"presentation_submission": inner}},
        {"vp": {"presentation_submission": inner}},
        {"presentations~attach": [{"data": {"json": {"presentation_submission": inner}}}]},
    ):
        assert find_embedded(target) == inner
        assert read_submission(target).to_json() == inner
    nothings: list[Any] = [None, 7, [], {"presentations~attach": [7, {"data": 7}]}, {"data": []}]
    for nothing in nothings:
        assert find_embedded(nothing) is None


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"id": "s", "definition_id": "d"},
        {"id": "s", "definition_id": "d", "descriptor_map": [{"id": "x", "path": "$"}]},
        {"id": "s", "definition_id": "d", "descriptor_map": [{"id": "x", "path": "$", "format": "f", "more": 1}]},
        {"id": "s", "definition_id": "d", "descriptor_map": [{"id": "x", "path": "$", "format": "f"}] * 65},
        {"id": "s", "definition_id": "d", "descriptor_map": [], "more": 1},
        {"presentation_submission": 7},
    ],
)
def test_no_submissions(value: Any) -> None:
    with pytest.raises(SubmissionRejected):
        read_submission(value)


def test_nesting_ends() -> None:
    deep: dict[str, Any] = {"id": "x", "path": "$", "format": "f"}
    for _ in range(12):
        deep = {"id": "x", "path": "$", "format": "f", "path_nested": deep}
    with pytest.raises(SubmissionRejected):
        read_submission({"id": "s", "definition_id": "d", "descriptor_map": [deep]})


def test_frames_are_refused() -> None:
    with pytest.raises(NotDoneHere):
        verify_submission(ask(frame={}), submission(), {}, decode=decode)
