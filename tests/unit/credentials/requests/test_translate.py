"""From Presentation Exchange to DCQL: what is said anew, and what has no words there."""

from typing import Any

import pytest

from panacea.credentials.requests.dcql import read_query
from panacea.credentials.requests.definitions import read_definition
from panacea.credentials.requests.translate import Translation, to_dcql
from panacea.credentials.requests.types import NotTranslatable


def translate(*descriptors: dict[str, Any], formats: tuple[str, ...] = (), **more: Any) -> Translation:
    made = to_dcql(read_definition({"id": "d", "input_descriptors": list(descriptors), **more}), formats=formats)
    assert read_query(made.query.to_json()) == made.query
    return made


def descriptor(*fields: dict[str, Any], id: str = "i", **more: Any) -> dict[str, Any]:
    outside: dict[str, Any] = {name: more.pop(name) for name in ("group", "format", "schema") if name in more}
    return {"id": id, **outside, "constraints": {"fields": list(fields), **more}}


def field(*paths: str, **more: Any) -> dict[str, Any]:
    return {"path": list(paths), **more}


def credential(*fields: dict[str, Any], format: str = "ldp_vc", **more: Any) -> dict[str, Any]:
    query: dict[str, Any]
    (query,) = translate(descriptor(*fields, **more), formats=(format,)).query.to_json()["credentials"]
    return query


@pytest.mark.parametrize(
    ("asked", "claim"),
    [
        (field("$.a.b"), {"path": ["a", "b"]}),
        (field("$['a'][0]['b c']"), {"path": ["a", 0, "b c"]}),
        (field("$.a[*].b"), {"path": ["a", None, "b"]}),
        (field("$.a", "$.vc.a"), {"path": ["a"]}),
        (field("$.a", filter={"const": "x"}), {"path": ["a"], "values": ["x"]}),
        (field("$.a", filter={"type": "integer", "const": 3}), {"path": ["a"], "values": [3]}),
        (field("$.a", filter={"type": "boolean", "const": True}), {"path": ["a"], "values": [True]}),
        (field("$.a", filter={"type": "string", "enum": ["x", "y"]}), {"path": ["a"], "values": ["x", "y"]}),
        (field("$.a", filter={"type": "string", "pattern": "^d:a$|^x-y$"}), {"path": ["a"], "values": ["d:a", "x-y"]}),
    ],
)  # fmt: skip
def test_fields(asked: dict[str, Any], claim: dict[str, Any]) -> None:
    assert credential(asked)["claims"] == [claim]


def test_jwt_credentials_begin_below_vc() -> None:
    query = credential(field("$.a", "$.vc.credentialSubject.name"), format="jwt_vc")
    assert (query["format"], query["claims"]) == ("jwt_vc_json", [{"path": ["credentialSubject", "name"]}])


def test_types_and_vct() -> None:
    kind = {"type": "array", "contains": {"type": "string", "const": "Lab"}}
    query = credential(field("$.type", filter=kind), field("$.type", filter={"const": "Other"}))
    assert query["meta"] == {"type_values": [["Lab", "Other"]]}
    made = to_dcql(
        read_definition({"id": "d", "input_descriptors": [descriptor(field("$.type", filter=kind))]}),
        formats=("ldp_vc",),
        expand=lambda name: f"https://example.org/{name}",
    )
    assert made.query.credentials[0].type_values == (("https://example.org/Lab",),)
    assert any("types" in note for note in made.notes)
    vct = credential(field("$.vct", filter={"enum": ["a", "b"]}), field("$.x"), format="vc+sd-jwt")
    assert vct["meta"] == {"vct_values": ["a", "b"]}
    assert vct["claims"] == [{"path": ["x"]}]


def test_mobile_documents() -> None:
    asked = descriptor(
        field("$['org.iso.18013.5.1']['given_name']", intent_to_retain=True), id="org.iso.18013.5.1.mDL",
        format={"mso_mdoc": {"alg": ["ES256"]}},
    )  # fmt: skip
    made = translate(asked)
    (query,) = made.query.to_json()["credentials"]
    assert query["meta"] == {"doctype_value": "org.iso.18013.5.1.mDL"}
    assert query["claims"] == [{"path": ["org.iso.18013.5.1", "given_name"], "intent_to_retain": True}]
    assert made.ids == {"org.iso.18013.5.1.mDL": ("org_iso_18013_5_1_mDL",)}
    assert made.vp_formats == {"mso_mdoc": {"issuerauth_alg_values": ["ES256"]}}


def test_alternatives_and_options_become_claim_sets() -> None:
    query = credential(field("$.a", "$.b"), field("$.c", optional=True))
    assert [claim["id"] for claim in query["claims"]] == ["c0_0", "c0_1", "c1_0"]
    assert query["claim_sets"] == [["c0_0", "c1_0"], ["c0_0"], ["c0_1", "c1_0"], ["c0_1"]]


def test_formats_become_options() -> None:
    formats = {"ldp_vc": {"proof_type": ["DataIntegrityProof"]}, "jwt_vc": {"alg": ["ES256"]}}
    made = translate(descriptor(field("$.a", "$.vc.a"), format=formats))
    assert [one.id for one in made.query.credentials] == ["i-0", "i-1"]
    assert made.query.to_json()["credential_sets"] == [{"options": [["i-0"], ["i-1"]]}]
    assert made.vp_formats == {
        "ldp_vc": {"proof_type_values": ["DataIntegrityProof"]},
        "jwt_vc_json": {"alg_values": ["ES256"]},
    }


def test_submission_requirements_become_sets() -> None:
    members = [descriptor(field("$.a"), id=name, group=["A"]) for name in ("x", "y", "z")]
    for requirement, expected in (
        ({"rule": "all", "from": "A"}, {"options": [["x", "y", "z"]]}),
        ({"rule": "pick", "count": 2, "from": "A"}, {"options": [["x", "y"], ["x", "z"], ["y", "z"]]}),
        ({"rule": "pick", "max": 1, "from": "A"}, {"options": [["x"], ["y"], ["z"]], "required": False}),
    ):
        made = translate(*members, formats=("ldp_vc",), submission_requirements=[requirement])
        assert made.query.to_json()["credential_sets"] == [expected]


def test_ids_are_made_of_other_letters_and_stay_apart() -> None:
    made = translate(descriptor(field("$.a"), id="a b"), descriptor(field("$.b"), id="a_b"), formats=("ldp_vc",))
    assert made.ids == {"a b": ("a_b",), "a_b": ("a_b_1",)}


@pytest.mark.parametrize(
    ("asked", "property"),
    [
        (descriptor(field("$..a")), "path"),
        (descriptor(field("$.a[-1]")), "path"),
        (descriptor(field("$.a[0,1]")), "path"),
        (descriptor(field("$.a[?(@.b)]")), "path"),
        (descriptor(field("$.vc.a")), "path"),
        (descriptor(field("$")), "path"),
        (descriptor(*[field("$.a", "$.b", "$.c", "$.d", "$.e")] * 3), "path"),
        (descriptor(field("$.a", filter={"type": "string"})), "filter"),
        (descriptor(field("$.a", filter={"minimum": 18})), "filter"),
        (descriptor(field("$.a", filter={"type": "string", "pattern": "^a+$"})), "filter"),
        (descriptor(field("$.a", filter={"pattern": "^a$"})), "filter"),
        (descriptor(field("$.a", filter={"type": "string", "const": 7})), "filter"),
        (descriptor(field("$.a", filter={"const": None})), "filter"),
        (descriptor(field("$.a", filter=True)), "filter"),
        (descriptor(field("$.a", filter={"const": 1}, predicate="required")), "predicate"),
        (descriptor(field("$.a", optional=True)), "optional"),
        (descriptor(field("$.a"), subject_is_issuer="required"), "subject_is_issuer"),
        (descriptor(field("$.a"), same_subject=[{"field_id": ["x"], "directive": "required"}]), "same_subject"),
        (descriptor(field("$.a"), statuses={"revoked": {"directive": "disallowed"}}), "statuses"),
        (descriptor(field("$.a"), schema=[{"uri": "x:y"}]), "schema"),
    ],
)
def test_what_has_no_words_is_named(asked: dict[str, Any], property: str) -> None:
    with pytest.raises(NotTranslatable) as refused:
        translate(asked, formats=("ldp_vc",))
    assert refused.value.values["property"] == property


def test_whole_definitions_that_have_no_words() -> None:
    for more, named, formats in (({"frame": {}}, "frame", ("ldp_vc",)), ({}, "format", ())):
        with pytest.raises(NotTranslatable) as refused:
            translate(descriptor(field("$.a")), formats=formats, **more)
        assert refused.value.values["property"] == named
    many = [descriptor(field("$.a"), id=f"d{index}", group=["A"]) for index in range(12)]
    with pytest.raises(NotTranslatable) as refused:
        translate(*many, formats=("ldp_vc",), submission_requirements=[{"rule": "pick", "count": 6, "from": "A"}])
    assert refused.value.values["property"] == "submission_requirements"
    with pytest.raises(NotTranslatable):
        translate(formats=("ldp_vc",))
