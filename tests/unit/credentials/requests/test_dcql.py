"""DCQL: paths, sets of claims and credentials, and VP tokens held against their query."""

import time
from contextlib import suppress
from typing import Any

import pytest

from panacea.credentials.requests.claims_path import read_claims_path, select_claims, written
from panacea.credentials.requests.dcql import match, read_query, verify_response
from panacea.credentials.requests.matches import Matches
from panacea.credentials.requests.types import HeldRejected, QueryRejected, ResponseMismatch, TooMuchWork
from panacea.credentials.requests.wallet import Held
from panacea.credentials.requests.work import Budget

DENT: dict[str, Any] = {
    "name": "Arthur Dent",
    "address": {"street_address": "42 Market Street", "locality": "Milliways", "postal_code": "12345"},
    "degrees": [
        {"type": "Bachelor of Science", "university": "University of Betelgeuse"},
        {"type": "Master of Science", "university": "University of Betelgeuse"},
    ],
    "nationalities": ["British", "Betelgeusian"],
    "0": "a name",
    "mixed": [{"type": "x"}, "y"],
    "over": True,
    "one": 1,
}
APART = [
    "/name", "/address", "/address/street_address", "/address/locality", "/degrees/0", "/degrees/1", "/degrees/0/type",
    "/degrees/1/type", "/nationalities", "/nationalities/0", "/nationalities/1", "/over", "/one",
]  # fmt: skip


def dent(id: str = "dent", **known: Any) -> Held:
    return Held.of_sd_jwt(id, {"vct": "v", **DENT}, APART, **{"holder_bound": True, **known})


def ask(*claims: dict[str, Any], **more: Any) -> dict[str, Any]:
    asked = {"id": "q", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}, **more}
    return {"credentials": [{**asked, **({"claims": list(claims)} if claims else {})}]}


def matched(*claims: dict[str, Any], held: Held | None = None, **more: Any) -> Matches:
    return match(read_query(ask(*claims, **more)), [held or dent()])


def shown(*claims: dict[str, Any], **more: Any) -> Any:
    (candidate,) = matched(*claims, **more).questions[0].candidates
    rest = {"vct", "0", "mixed", "degrees", "address"}
    return {name: value for name, value in candidate.shown.items() if name not in rest or value not in ([], [{}, {}])}


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (["name"], ["Arthur Dent"]),
        (["address"], [DENT["address"]]),
        (["address", "street_address"], ["42 Market Street"]),
        (["degrees", None, "type"], ["Bachelor of Science", "Master of Science"]),
        (["nationalities", 1], ["Betelgeusian"]),
        (["nationalities", None], ["British", "Betelgeusian"]),
        (["nationalities", 2], []),
        (["0"], ["a name"]),
        ([0], []),
        ([None], []),
        (["nationalities", "0"], []),
        (["address", 0], []),
        (["mixed", None, "type"], []),
        (["mixed", 0, "type"], ["x"]),
        (["name", "x"], []),
        (["nothing"], []),
    ],
)
def test_paths(path: list[Any], values: list[Any]) -> None:
    read = read_claims_path(path, "path", QueryRejected)
    assert [one.value for one in select_claims(DENT, read, Budget())] == values


@pytest.mark.parametrize("path", [None, [], "name", ["a"] * 33, [True], [1.0], [-1], [2**31], [[]], [{}], ["x" * 257]])
def test_no_paths(path: Any) -> None:
    with pytest.raises(QueryRejected):
        read_claims_path(path, "path", QueryRejected)


def test_paths_for_people() -> None:
    assert written(("degrees", None, "type")) == "degrees[].type"
    assert written(("nationalities", 1)) == "nationalities[1]"


def test_only_what_is_asked_is_shown() -> None:
    (candidate,) = matched({"path": ["address", "locality"]}).questions[0].candidates
    assert candidate.shown["address"] == {"locality": "Milliways", "postal_code": "12345"}
    assert "name" not in candidate.shown
    assert "/address/locality" in candidate.reveals
    assert candidate.answers[0].label == "address.locality"


def test_an_index_keeps_its_place() -> None:
    (candidate,) = matched({"path": ["nationalities", 1]}).questions[0].candidates
    assert candidate.shown["nationalities"] == ["British", "Betelgeusian"]
    (candidate,) = matched({"path": ["nationalities", None], "values": ["Betelgeusian"]}).questions[0].candidates
    assert candidate.shown["nationalities"] == ["Betelgeusian"]
    (candidate,) = matched({"path": ["degrees", 1, "university"]}).questions[0].candidates
    assert candidate.shown["degrees"][1] == {"university": "University of Betelgeuse"}
    assert "type" not in candidate.shown["degrees"][0]


@pytest.mark.parametrize(
    ("path", "values", "found"),
    [
        (["name"], ["Arthur Dent"], True),
        (["name"], ["Dent"], False),
        (["over"], [True], True),
        (["over"], [1], False),
        (["over"], ["true"], False),
        (["one"], [1], True),
        (["one"], [True], False),
        (["one"], ["1"], False),
        (["address"], ["x"], False),
    ],
)
def test_values_are_of_one_type(path: list[Any], values: list[Any], found: bool) -> None:
    assert matched({"path": path, "values": values}).satisfiable is found


def test_the_first_set_of_claims_that_can_be_had() -> None:
    claims = [{"id": "a", "path": ["nothing"]}, {"id": "b", "path": ["name"]}, {"id": "c", "path": ["over"]}]
    (candidate,) = matched(*claims, claim_sets=[["a", "b"], ["c"], ["b"]]).questions[0].candidates
    assert [one.label for one in candidate.answers] == ["c"]
    assert matched(*claims, claim_sets=[["a"], ["a", "c"]]).questions[0].unmatched[0].label == "a"
    assert not matched(*claims).satisfiable


def test_without_claims_nothing_that_can_be_hidden_is_shown() -> None:
    (candidate,) = matched().questions[0].candidates
    assert "name" not in candidate.shown
    assert candidate.shown["vct"] == "v"


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (dent(format="vc+sd-jwt"), "format"),
        (dent(vct="other"), "vct"),
        (dent(holder_bound=False), "cannot be proved"),
    ],
)
def test_reasons(held: Held, reason: str) -> None:
    (unmatched,) = matched({"path": ["name"]}, held=held).questions[0].unmatched
    assert reason in unmatched.reason


def test_holder_binding_may_be_waived() -> None:
    loose = {"require_cryptographic_holder_binding": False}
    assert matched({"path": ["name"]}, held=dent(holder_bound=False), **loose).satisfiable
    assert read_query(ask(**loose)).needs_state
    assert not read_query(ask()).needs_state


def test_trusted_authorities() -> None:
    trusted: dict[str, Any] = {"trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}]}
    assert not matched(**trusted).satisfiable
    assert matched(held=dent(authorities={"aki": frozenset({"s9tIpPmhxdiuNkHMEWNpYim8S8Y"})}), **trusted).satisfiable
    assert not matched(
        held=dent(authorities={"etsi_tl": frozenset({"s9tIpPmhxdiuNkHMEWNpYim8S8Y"})}), **trusted
    ).satisfiable


def test_types_and_doctypes() -> None:
    w3c = Held.of_ldp_vc("w", {"type": ["VerifiableCredential", "Lab"]}, holder_bound=True)
    for types, found in (([["Lab"]], True), ([["Lab", "Other"], ["VerifiableCredential"]], True), ([["Other"]], False)):
        query = {"credentials": [{"id": "q", "format": "ldp_vc", "meta": {"type_values": types}}]}
        assert match(read_query(query), [w3c]).satisfiable is found
    mdoc = Held.of_mdoc("m", "org.iso.18013.5.1.mDL", {"ns": {"a": 1}})
    cases: list[tuple[str, list[Any], bool]] = [
        ("org.iso.18013.5.1.mDL", ["ns", "a"], True),
        ("other", ["ns", "a"], False),
        ("org.iso.18013.5.1.mDL", ["ns"], False),
        ("org.iso.18013.5.1.mDL", ["ns", None], False),
        ("org.iso.18013.5.1.mDL", ["ns", "a", "b"], False),
    ]
    for doctype, path, found in cases:
        asked = {"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": doctype}, "claims": [{"path": path}]}
        assert match(read_query({"credentials": [asked]}), [mdoc]).satisfiable is found


def test_a_jwt_is_asked_from_its_credential_down() -> None:
    claims = {"iss": "did:x:y", "vc": {"type": ["VerifiableCredential"], "credentialSubject": {"name": "Anna"}}}
    held = Held.of_jwt_vc("j", claims, holder_bound=True)
    for path, found in ((["credentialSubject", "name"], True), (["vc", "credentialSubject"], False), (["iss"], False)):
        query = {"credentials": [{"id": "q", "format": "jwt_vc_json", "meta": {}, "claims": [{"path": path}]}]}
        matches = match(read_query(query), [held])
        assert matches.satisfiable is found
        assert not found or matches.questions[0].candidates[0].answers[0].pointer == "/vc/credentialSubject/name"


def sets_query(*sets: dict[str, Any]) -> Any:
    kinds = [{"id": name, "format": "dc+sd-jwt", "meta": {"vct_values": [name]}} for name in "abc"]
    return read_query({"credentials": kinds, **({"credential_sets": list(sets)} if sets else {})})


def wallet(*kinds: str) -> list[Held]:
    return [Held.of_sd_jwt(kind, {"vct": kind}, [], holder_bound=True) for kind in kinds]


@pytest.mark.parametrize(
    ("sets", "kinds", "ways"),
    [
        ([], "abc", ["abc"]),
        ([], "ab", []),
        ([{"options": [["a"], ["b"]]}], "ab", ["a", "b"]),
        ([{"options": [["a", "b"], ["c"]]}], "bc", ["c"]),
        ([{"options": [["a"]]}, {"options": [["b"]], "required": False}], "ab", ["ab", "a"]),
        ([{"options": [["a"]]}, {"options": [["b"]], "required": False}], "a", ["a"]),
        ([{"options": [["a"]]}, {"options": [["b"]], "required": False}], "b", []),
        ([{"options": [["a"]], "required": False}], "", [""]),
        ([{"options": [["a"]]}, {"options": [["a"], ["b"]]}], "ab", ["a", "ab"]),
    ],
)
def test_credential_sets(sets: Any, kinds: str, ways: list[str]) -> None:
    assert ["".join(way.candidates) for way in match(sets_query(*sets), wallet(*kinds)).ways] == ways


def token(query: Any, **presented: Any) -> list[tuple[str, str]]:
    def decode(_: Any, value: Any) -> Held:
        if value == "bad":
            raise HeldRejected("a signature that does not hold")
        return Held.of_sd_jwt(value, {"vct": value}, [], holder_bound=value != "loose")

    try:
        response = verify_response(query, presented, decode=decode)
    except ResponseMismatch as error:
        return [(one.at, one.kind) for one in error.mismatches]
    assert set(response.credentials) == set(presented)
    return []


def test_vp_tokens() -> None:
    query = sets_query()
    assert token(query, a=["a"], b=["b"], c=["c"]) == []
    assert token(query, a=["a"], b=["b"]) == [("c", "missing")]
    assert token(query, a=["a", "a"], b=["b"], c=["c"]) == [("a", "presentations")]
    assert token(query, a=[], b=["b"], c="c") == [("a", "presentations"), ("c", "presentations")]
    assert token(query, a=["bad"], b=["a"], c=["c"]) == [("a", "decode"), ("b", "credential")]
    assert token(query, a=["a"], b=["b"], c=["c"], d=["d"]) == [("d", "unknown-query")]
    either = sets_query({"options": [["a", "b"], ["c"]]})
    assert token(either, c=["c"]) == []
    assert token(either, a=["a"]) == [("a+b or c", "set")]
    with pytest.raises(ResponseMismatch):
        verify_response(query, ["a"], decode=lambda _, __: dent())


def test_several_presentations_where_they_are_asked_for() -> None:
    several = {"id": "q", "format": "dc+sd-jwt", "meta": {}, "multiple": True}
    assert token(read_query({"credentials": [several]}), q=["x", "y"]) == []
    assert token(read_query({"credentials": [several]}), q=["x", "loose"]) == [("q", "credential")]


@pytest.mark.parametrize(
    "value",
    [
        None, [], {}, {"credentials": []}, {"credentials": {}}, ask(id="a b"), ask(id=""), ask(format=""),
        ask(meta=None), ask(meta={"vct_values": []}), ask(meta={"other": 1}), ask(multiple=1),
        ask(trusted_authorities=[]), ask(trusted_authorities=[{"type": "aki"}]),
        ask(require_cryptographic_holder_binding="no"), ask(claims=[]), ask(claim_sets=[["a"]]),
        ask({"path": ["a"]}, claim_sets=[["a"]]), ask({"path": ["a"], "id": "a"}, claim_sets=[]),
        ask({"path": ["a"], "id": "a"}, claim_sets=[["b"]]), ask({"path": ["a"], "id": "a"}, claim_sets=[[]]),
        ask({"path": ["a"], "id": "a"}, {"path": ["b"], "id": "a"}), ask({"path": ["a"], "values": []}),
        ask({"path": ["a"], "values": [None]}), ask({"path": ["a"], "values": [[1]]}), ask({"id": "a"}),
        ask({"path": ["a"], "id": "ä"}), ask({"path": ["a"], "intent_to_retain": 1}),
        {**ask(), "credential_sets": []}, {**ask(), "credential_sets": [{"options": []}]},
        {**ask(), "credential_sets": [{"options": [[]]}]}, {**ask(), "credential_sets": [{"options": [["other"]]}]},
        {**ask(), "credential_sets": [{"options": [["q"]], "required": "yes"}]},
        {"credentials": [ask()["credentials"][0]] * 2},
        {"credentials": [{**ask()["credentials"][0], "id": str(n)} for n in range(65)]},
        {"credentials": [{"id": "q", "format": "ldp_vc", "meta": {"type_values": ["x"]}}]},
        {"credentials": [{"id": "q", "format": "ldp_vc", "meta": {"vct_values": ["x"]}}]},
        {"credentials": [{"id": "q", "format": "mso_mdoc", "meta": {"doctype_value": 7}}]},
    ],
)  # fmt: skip
def test_no_queries(value: Any) -> None:
    with pytest.raises(QueryRejected):
        read_query(value)


def test_unknown_properties_are_ignored() -> None:
    asked = ask({"path": ["name"], "unheard": 1}, unheard=2)
    assert match(read_query({**asked, "unheard": 3}), [dent()]).satisfiable


def test_true_and_one_are_two_claims() -> None:
    query = read_query(ask({"path": ["one"], "values": [True]}, {"path": ["one"], "values": [1]}))
    assert len(query.credentials[0].claims) == 2


def test_sets_do_not_explode() -> None:
    kinds = [{"id": f"k{n}", "format": "dc+sd-jwt", "meta": {}} for n in range(64)]
    sets = [{"options": [[f"k{n}"] for n in range(64)], "required": False}] * 64
    start = time.process_time()
    with suppress(TooMuchWork):
        assert len(match(read_query({"credentials": kinds, "credential_sets": sets}), [dent()]).ways) == 64
    assert time.process_time() - start < 5


def test_a_thousand_credentials() -> None:
    query = read_query(ask({"path": ["degrees", None, "type"]}, {"path": ["name"]}, {"path": ["address", "locality"]}))
    held = [dent(str(index)) for index in range(1000)]
    start = time.process_time()
    assert len(match(query, held).questions[0].candidates) == 1000
    # Measured alone: 0.04 s.
    assert time.process_time() - start < 3
