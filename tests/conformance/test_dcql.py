"""DCQL queries as OpenID4VP prints them: read, written back, and answered by the credentials printed beside them."""

from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.requests.dcql import match, read_query, verify_response
from panacea.credentials.requests.wallet import Held
from panacea.health.strict_json import parse_json

ROOT = shared("openid4vp")
QUERIES = sorted({*ROOT.rglob("query_lang/*.json"), *ROOT.rglob("request/dcql*.json"), *ROOT.rglob("*dcql*.json")})

EXCEPTIONS: dict[str, str] = {}
DEFAULTS = {
    "required": True,
    "multiple": False,
    "require_cryptographic_holder_binding": True,
    "intent_to_retain": False,
}


def case(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


@pytest.mark.parametrize("file", QUERIES, ids=case)
def test_queries_are_read_and_written(file: Path) -> None:
    value = parse_json(file.read_bytes())
    query = read_query(value)
    assert query.to_json() == without_defaults(value)
    assert not match(query, []).satisfiable


@pytest.mark.parametrize("file", QUERIES, ids=case)
def test_a_credential_made_for_each_query_answers_it(file: Path) -> None:
    """For every credential query an entry is made that holds what it asks, and more; the query is then satisfied."""
    query = read_query(parse_json(file.read_bytes()))
    wallet = [made_for(one.to_json()) for one in query.credentials]
    matches = match(query, wallet)
    assert matches.satisfiable
    for asked, question in zip(query.credentials, matches.questions, strict=True):
        own = next(one for one in question.candidates if one.credential == asked.id)
        # A set of claims that comes first is enough; what no claim asks for stays hidden where it can.
        assert len(own.answers) >= len(asked.combinations[0])
        assert not any("unasked" in text for text in own.reveals) or wallet[0].disclosure.whole_only
    way = matches.ways[0].candidates
    tokens = {name: [name] for name in way}
    held = {one.id: one for one in wallet}
    response = verify_response(query, tokens, decode=lambda _, name: held[name])
    assert set(response.credentials) == set(way)


@pytest.mark.parametrize(
    ("query", "credential"),
    [
        (query, credential)
        for query in QUERIES
        for credential in sorted(ROOT.rglob("credentials/*.json"))
        if query.stem == f"dcql_{credential.stem}"
    ],
    ids=lambda file: file.stem,
)
def test_printed_credentials_answer_their_queries(query: Path, credential: Path) -> None:
    value = parse_json(credential.read_bytes())
    held = (
        Held.of_jwt_vc("printed", value, holder_bound=True)
        if "vc" in value
        else Held.of_ldp_vc("printed", value, holder_bound=True)
    )
    matches = match(read_query(parse_json(query.read_bytes())), [held])
    assert matches.satisfiable, matches.questions[0].unmatched


def without_defaults(value: Any) -> Any:
    """A query without the members that say what would hold anyway."""
    if isinstance(value, list):
        return [without_defaults(one) for one in value]
    if not isinstance(value, dict):
        return value
    return {
        name: without_defaults(one) for name, one in value.items() if not (name in DEFAULTS and one is DEFAULTS[name])
    }


def made_for(asked: dict[str, Any]) -> Held:
    meta = asked["meta"]
    document: dict[str, Any] = {"unasked": "x"}
    for claim in asked.get("claims", []):
        value = claim.get("values", ["a value"])[0]
        if any(not isinstance(step, str) for step in claim["path"]):
            pytest.skip("only names are made up here")
        node = document
        for step in claim["path"][:-1]:
            node = node.setdefault(step, {})
        node[claim["path"][-1]] = value
    match asked["format"]:
        case "mso_mdoc":
            document = {name: one for name, one in document.items() if name != "unasked"}
            for elements in document.values():
                elements["unasked"] = "x"
            return Held.of_mdoc(asked["id"], meta.get("doctype_value", "any"), document)
        case "dc+sd-jwt":
            document |= {"vct": meta.get("vct_values", ["any"])[0], "iss": "https://issuer.example"}
            apart = [f"/{name}" for name in document if name not in {"vct", "iss"}]
            nested = [f"/{name}/{one}" for name, inner in document.items() if isinstance(inner, dict) for one in inner]
            return Held.of_sd_jwt(asked["id"], document, [*apart, *nested], holder_bound=True)
        case "jwt_vc_json":
            document["type"] = meta.get("type_values", [["any"]])[0]
            return Held.of_jwt_vc(asked["id"], {"vc": document}, holder_bound=True)
    document |= {"type": meta.get("type_values", [["any"]])[0], "proof": {"type": "x", "cryptosuite": "bbs-2023"}}
    return Held.of_ldp_vc(asked["id"], document, holder_bound=True)
