"""Requests for any JSON: a value or a refusal; what a match shows is enough, and none of it too much."""

import itertools
import string
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from panacea.credentials.requests import (
    credential_endpoint,
    dcql,
    definitions,
    issuer_metadata,
    json_path,
    openid4vci,
    openid4vp,
    submissions,
    translate,
    vp_responses,
)
from panacea.credentials.requests.dcql import ClaimsQuery, CredentialQuery, Query
from panacea.credentials.requests.definitions import Requirement, read_definition
from panacea.credentials.requests.filters import compile_filter
from panacea.credentials.requests.judging import Rules, judge
from panacea.credentials.requests.matches import Candidate
from panacea.credentials.requests.places import Place, children, part_of, pointer, project, shown
from panacea.credentials.requests.presentation_exchange import match
from panacea.credentials.requests.submission_requirements import find_unmet, ways
from panacea.credentials.requests.types import NotTranslatable
from panacea.credentials.requests.wallet import WHOLE, Disclosure, Held
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import parse_json, to_json
from panacea.primitives.rejected import Rejected

NAMES = st.sampled_from([*"abc", "id", "type", "a b", "$", "~/", "é"])
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["", "x", "did:a:b", "0"]))
WORDS = st.sampled_from([
    "id", "name", "path", "filter", "fields", "constraints", "input_descriptors", "presentation_definition", "format",
    "rule", "from", "from_nested", "submission_requirements", "count", "min", "max", "credentials", "claims", "meta",
    "values", "claim_sets", "credential_sets", "options", "required", "descriptor_map", "path_nested", "nonce", "type",
    "definition_id", "client_id", "response_type", "dcql_query", "transaction_data", "proofs", "jwt", "grants", "keys",
    "credential_issuer", "credential_configuration_ids", "credential_configurations_supported", "vp_token", "jwks",
])  # fmt: skip
ANY_JSON = st.recursive(
    st.one_of(SCALARS, WORDS, st.text(max_size=8), st.just("$.a[*]"), st.integers()),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(WORDS, st.text(max_size=4)), inner, max_size=5)
    ),
    max_leaves=25,
)
READERS: list[Callable[[Any], Any]] = [
    definitions.read_definition,
    definitions.read_descriptor,
    definitions.read_requirements,
    submissions.read_submission,
    dcql.read_query,
    openid4vp.read_request,
    openid4vp.read_client_metadata,
    lambda value: openid4vp.read_dc_request("openid4vp-v1-unsigned", value, origin="https://a.example"),
    lambda value: openid4vp.read_transaction_data(value, None, None),
    vp_responses.read_vp_token,
    openid4vci.read_offer,
    openid4vci.read_token_response,
    openid4vci.read_error,
    openid4vci.read_nonce,
    issuer_metadata.read_issuer_metadata,
    issuer_metadata.read_configurations,
    issuer_metadata.read_authorization_server,
    issuer_metadata.read_authorization_details,
    credential_endpoint.read_credential_request,
    credential_endpoint.read_credential_response,
    credential_endpoint.read_deferred_request,
    credential_endpoint.read_notification,
    compile_filter,
]
VALID: list[Any] = [
    {
        "id": "d",
        "submission_requirements": [{"rule": "pick", "count": 1, "from": "A"}],
        "input_descriptors": [
            {
                "id": "one",
                "group": ["A"],
                "format": {"ldp_vc": {"proof_type": ["x"]}},
                "constraints": {
                    "limit_disclosure": "required",
                    "fields": [{"id": "f", "path": ["$.a"], "filter": {"type": "string", "pattern": "^x$"}}],
                    "is_holder": [{"field_id": ["f"], "directive": "required"}],
                    "statuses": {"active": {"directive": "required"}},
                },
            }
        ],
    },
    {"id": "s", "definition_id": "d", "descriptor_map": [{"id": "one", "format": "ldp_vc", "path": "$"}]},
    {
        "credentials": [
            {
                "id": "c",
                "format": "dc+sd-jwt",
                "meta": {"vct_values": ["x"]},
                "claims": [{"id": "a", "path": ["a", None, 0], "values": ["x", 1, True]}],
                "claim_sets": [["a"]],
            }
        ],
        "credential_sets": [{"options": [["c"]], "required": False}],
    },
    {
        "client_id": "redirect_uri:https://a.example/cb",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "nonce": "n",
        "dcql_query": {"credentials": [{"id": "c", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}]},
    },
    {"credential_issuer": "https://a.example", "credential_configuration_ids": ["x"], "grants": {}},
    {"credential_configuration_id": "x", "proofs": {"jwt": ["a.b.c"]}},
]


@settings(deadline=None)
@given(ANY_JSON, st.sampled_from(READERS))
def test_any_json_is_read_or_refused(value: Any, reader: Callable[[Any], Any]) -> None:
    with suppress(Rejected):
        reader(value)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(VALID), st.data())
def test_a_broken_document_is_read_or_refused(valid: Any, data: st.DataObject) -> None:
    value = parse_json(to_json(valid))
    place = data.draw(st.sampled_from(list(all_places(value))))
    node = value
    for step in place[:-1]:
        node = node[step]
    node[place[-1]] = data.draw(ANY_JSON)
    for reader in READERS:
        with suppress(Rejected):
            reader(value)


@given(st.one_of(st.text(max_size=200), st.text(alphabet="$.[]*'\"?@()&|=<>!~:,-0123456789ab ", max_size=60)))
def test_any_text_is_a_path_or_refused(text: str) -> None:
    try:
        path = json_path.parse_path(text)
    except Rejected:
        return
    list(path.find_all({"a": [1, {"b": 2}], "b": "x"}, Budget()))


@given(st.binary(max_size=200))
def test_any_form_is_read_or_refused(octets: bytes) -> None:
    for reader in (openid4vci.read_token_request, openid4vp.read_wallet_post):
        with suppress(Rejected):
            reader(octets)
    for link in (openid4vp.read_invocation, openid4vci.read_offer_link):
        with suppress(Rejected):
            link("openid4vp://?" + octets.decode("latin-1"))


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    inner = st.recursive(
        SCALARS,
        lambda one: st.one_of(st.lists(one, max_size=4), st.dictionaries(NAMES, one, max_size=4)),
        max_leaves=20,
    )
    return draw(st.dictionaries(NAMES, inner, min_size=1, max_size=5))


def all_places(node: Any, at: Place = ()) -> Any:
    for step, child in children(node):
        yield (*at, step)
        yield from all_places(child, (*at, step))


@st.composite
def entries(draw: st.DrawFn) -> Held:
    """A wallet entry of any container, around any document."""
    document = draw(documents())
    places = list(all_places(document))
    kind = draw(st.sampled_from(["all", "none", "listed"]))
    disclosure = WHOLE
    if kind == "all":
        always = draw(st.frozensets(st.sampled_from(places), max_size=2))
        disclosure = Disclosure(None, always, frozenset({"id", "type"}))
    if kind == "listed":
        disclosure = Disclosure(draw(st.frozensets(st.sampled_from(places), min_size=1)))
    return Held("held", "ldp_vc", document, disclosure, holder_bound=True)


def written(place: Place, wild: frozenset[int]) -> str:
    parts = []
    for depth, step in enumerate(place):
        if isinstance(step, str):
            quoted = step.replace("\\", "\\\\").replace("'", "\\'")
            parts.append(f"['{quoted}']")
        else:
            parts.append("[*]" if depth in wild else f"[{step}]")
    return "$" + "".join(parts)


@settings(deadline=None, max_examples=150)
@given(entries(), st.data())
def test_what_a_match_shows_satisfies_the_definition(held: Held, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(list(all_places(held.document))), min_size=1, max_size=4, unique=True))
    fields = []
    for place in places:
        wild = data.draw(st.frozensets(st.integers(0, 6), max_size=2))
        value = value_at(held.document, place)
        field: dict[str, Any] = {"path": [written(place, wild)], "optional": data.draw(st.booleans())}
        if data.draw(st.booleans()):
            field["filter"] = {"const": value}
        fields.append(field)
    definition = read_definition({"id": "d", "input_descriptors": [{"id": "i", "constraints": {"fields": fields}}]})
    matches = match(definition, [held])
    for candidate in matches.questions[0].candidates:
        assert_enough(definition, candidate.shown)
        if held.disclosure.apart is None:
            assert shown(held.document, candidate.reveals) == candidate.shown
    if any("[*]" in field["path"][0] for field in fields):
        return
    for candidate in matches.questions[0].candidates:
        assert_needed(definition, held, candidate)


def assert_enough(definition: Any, document: Any) -> None:
    presented = Held("presented", "ldp_vc", document, holder_bound=True)
    judged = judge(definition, definition.descriptors[0], presented, Rules(presented=True), Budget())
    assert isinstance(judged, Candidate), judged


def assert_needed(definition: Any, held: Held, candidate: Candidate) -> None:
    """Without any one of the places that were chosen, where no other place stands for it, the answer is no answer."""
    if held.disclosure.apart is not None:
        return
    required = {(one.pointer, one.optional) for one in candidate.answers}
    kept = {*candidate.choice.whole, *candidate.choice.present, *held.disclosure.always}
    kept |= {place for place in all_places(held.document) if place[-1] in {"id", "type"}}
    for place in candidate.choice.whole:
        others = kept - {place}
        if any(one[: len(place)] == place or place[: len(one)] == one for one in others):
            continue
        if (pointer(place), False) not in required:
            continue
        rest = project(held.document, part_of(others - {place}) if others else {})
        presented = Held("presented", "ldp_vc", rest, holder_bound=True)
        judged = judge(definition, definition.descriptors[0], presented, Rules(presented=True), Budget())
        moved = any(isinstance(step, int) for step in place)
        assert not isinstance(judged, Candidate) or moved


@settings(deadline=None, max_examples=150)
@given(entries(), st.data())
def test_what_a_match_shows_satisfies_the_query(held: Held, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.sampled_from(list(all_places(held.document))), min_size=1, max_size=4, unique=True))
    claims = []
    for place in places:
        wild = data.draw(st.frozensets(st.integers(0, 6), max_size=2))
        path = tuple(None if isinstance(step, int) and depth in wild else step for depth, step in enumerate(place))
        value = value_at(held.document, place)
        restrict = type(value) in {str, int, bool} and data.draw(st.booleans())
        claims.append(ClaimsQuery(path, values=(value,) if restrict else ()))
    # Reading drops a claim that stands twice, as two indexes of one list do when both are null.
    query = dcql.read_query(Query((CredentialQuery("q", "ldp_vc", {}, claims=tuple(claims)),)).to_json())
    assert dcql.read_query(query.to_json()) == query
    for candidate in dcql.match(query, [held]).questions[0].candidates:
        presented = Held("presented", "ldp_vc", candidate.shown, holder_bound=True)
        response = dcql.verify_response(query, {"q": ["x"]}, decode=lambda _, __, one=presented: one)  # type: ignore[misc]  # the default binds the loop's value
        assert response.credentials["q"] == (presented,)
        if held.disclosure.apart is None and all(type(step) is str for claim in claims for step in claim.path):
            assert_claims_needed(query, held, candidate)


def assert_claims_needed(query: Query, held: Held, candidate: Candidate) -> None:
    kept = {*candidate.choice.whole, *held.disclosure.always}
    kept |= {place for place in all_places(held.document) if place[-1] in {"id", "type"}}
    for place in candidate.choice.whole:
        others = kept - {place}
        if any(one[: len(place)] == place or place[: len(one)] == one for one in others):
            continue
        rest = project(held.document, part_of(others) if others else {})
        presented = Held("presented", "ldp_vc", rest, holder_bound=True)
        assert not isinstance(dcql.judge(query.credentials[0], presented, Budget()), Candidate)


def value_at(document: Any, place: Place) -> Any:
    for step in place:
        document = document[step]
    return document


IDS = list(string.ascii_lowercase[:5])


@st.composite
def requirements(draw: st.DrawFn, depth: int = 0) -> Requirement:
    rule = draw(st.sampled_from(["all", "pick"]))
    count = least = most = None
    if rule == "pick":
        count = draw(st.one_of(st.none(), st.integers(1, 3)))
        least = draw(st.one_of(st.none(), st.integers(0, 2)))
        most = draw(st.one_of(st.none(), st.integers(max(1, least or 0), 3)))
    nested: tuple[Requirement, ...] = ()
    group = None
    if depth < 2 and draw(st.booleans()):
        nested = tuple(draw(st.lists(requirements(depth=depth + 1), min_size=1, max_size=3)))
    else:
        group = draw(st.sampled_from(["A", "B"]))
    return Requirement(rule, None, None, count, least, most, group, nested)


@settings(deadline=None, max_examples=100)
@given(
    st.lists(requirements(), min_size=1, max_size=2),
    st.lists(st.sampled_from(IDS), unique=True),
    st.lists(st.sampled_from(IDS), unique=True),
    st.frozensets(st.sampled_from(IDS)),
)
def test_ways_are_those_sets_that_satisfy(
    asked: list[Requirement], first: list[str], second: list[str], available: frozenset[str]
) -> None:
    assume(first and second)
    groups = {"A": tuple(first), "B": tuple(second)}
    found = list(ways(tuple(asked), groups, available, Budget(5_000_000)))
    assert len(set(found)) == len(found)
    for one in found:
        assert one <= available
        assert find_unmet(tuple(asked), groups, one) is None
    subsets = [frozenset(one) for size in range(6) for one in itertools.combinations(sorted(available), size)]
    possible = [one for one in subsets if find_unmet(tuple(asked), groups, one) is None]
    # What satisfies may be listed smaller, but it is listed where anything satisfies at all.
    assert bool(found) == bool(possible) or counted(asked)


def counted(asked: list[Requirement]) -> bool:
    """Where satisfied requirements are counted, a set may only work with more than any part of it needs."""
    return any(one.nested for one in asked)


@settings(deadline=None, max_examples=100)
@given(documents(), st.data())
def test_a_translation_asks_for_the_same_credentials(document: dict[str, Any], data: st.DataObject) -> None:
    named = [place for place in all_places(document) if all(isinstance(step, str) for step in place)]
    places = data.draw(st.lists(st.sampled_from(named), min_size=1, max_size=3, unique=True))
    fields = []
    for place in places:
        value = data.draw(st.sampled_from(["x", 1, True, value_at(document, place)]))
        field: dict[str, Any] = {"path": [written(place, frozenset())]}
        if type(value) in {str, int, bool} and data.draw(st.booleans()):
            field["filter"] = {"const": value}
        fields.append(field)
    definition = read_definition({"id": "d", "input_descriptors": [{"id": "i", "constraints": {"fields": fields}}]})
    try:
        translation = translate.to_dcql(definition, formats=("ldp_vc",))
    except NotTranslatable:
        return
    assume(not any("types" in note for note in translation.notes))
    held = Held("held", "ldp_vc", document, Disclosure(None), holder_bound=True)
    asked = match(definition, [held]).questions[0].candidates
    queried = dcql.match(dcql.read_query(translation.query.to_json()), [held]).questions[0].candidates
    assert bool(asked) == bool(queried)
    assert [one.shown for one in asked] == [one.shown for one in queried]
