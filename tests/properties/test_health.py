"""No two different resources have the same statements, and every resource reads back as it was written."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.credentials.rdf import Contexts, canonicalize, canonicalize_and_group, shuffled_labels, to_quads
from panacea.health.bundles import Record
from panacea.health.disclosure import explain, fields_of
from panacea.health.elements import FHIRVersion
from panacea.health.mapping import CONTEXT_URL, context_document, disclosed, resource_form, subject_form
from panacea.health.narrative import require_narrative, written_narrative
from panacea.health.paths import elements_for, pointers_for
from panacea.health.strict_json import parse_json, to_json
from panacea.health.summaries import Making, build_summary, parts, read_summary
from panacea.health.types import HealthRejected, NarrativeRejected, Number
from panacea.health.versions import read_record_subject, read_version, record_subject

CONTEXTS = Contexts.bundled().with_extra({CONTEXT_URL: context_document()})
NUMBERS = st.one_of(
    st.integers(-100, 100),
    st.from_regex(r"-?(0|[1-9][0-9]{0,2})\.[0-9]{1,3}", fullmatch=True).map(Number),
    st.from_regex(r"-?[1-9](\.[0-9])?[eE][+-]?[0-9]{1,2}", fullmatch=True).map(Number),
)
TEXTS = st.sampled_from(["", "a", "1", "1.0", "true", "null", "[]", "{}", "é", "e\u0301", '\x00\n"\\']) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)
NAMES = st.sampled_from(
    ["a", "_a", "b", "id", "type", "id_", "type_", "value", "resourceType", "json", "xsd", "a-0", "a_0"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
RESOURCES = st.builds(
    lambda members, kind: {**members, "resourceType": kind},
    st.dictionaries(NAMES, VALUES, max_size=4),
    st.sampled_from(["Patient", "Observation"]),
)


def document(resource: dict[str, Any]) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT_URL],
        "type": ["VerifiableCredential"],
        "credentialSubject": {"id": "did:key:z6Mk", "resource": subject_form(resource)},
    }


def statements(resource: dict[str, Any]) -> str:
    return canonicalize(to_quads(document(resource), CONTEXTS)).text


def identity(value: Any) -> str:
    """What makes two JSON values the same: kinds, written numbers, order and number of items, but no order of keys."""
    if isinstance(value, dict):
        return "{" + ",".join(sorted(f"{to_json(name)!r}:{identity(one)}" for name, one in value.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(identity(one) for one in value) + "]"
    return repr(to_json(value))


@st.composite
def close_pairs(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A resource and one that differs from it in one place, if at all."""
    first = draw(RESOURCES)
    second = parse_json(to_json(first))
    places: list[tuple[Any, Any]] = []

    def walk(value: Any) -> None:
        pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in pairs:
            places.append((value, key))
            walk(inner)

    walk(second)
    holder, key = draw(st.sampled_from(places))
    change = draw(st.sampled_from(["replace", "remove", "repeat", "swap", "wrap", "name"]))
    if holder is second and key == "resourceType":
        second["b"] = draw(VALUES)
    elif change == "remove":
        del holder[key]
    elif change == "repeat" and isinstance(holder, list):
        holder.insert(key, holder[key])
    elif change == "swap" and isinstance(holder, list):
        holder.reverse()
    elif change == "wrap":
        holder[key] = [holder[key]]
    elif change == "name" and isinstance(holder, dict):
        holder[draw(NAMES.filter(lambda name: name != "resourceType"))] = holder.pop(key)
    else:
        holder[key] = draw(VALUES)
    return first, second


@settings(max_examples=300, deadline=None)
@given(close_pairs())
def test_statements_are_equal_only_for_equal_resources(pair: tuple[dict[str, Any], dict[str, Any]]) -> None:
    first, second = pair
    assert (statements(first) == statements(second)) == (identity(first) == identity(second))


@settings(max_examples=120, deadline=None)
@given(RESOURCES)
def test_round_trip(resource: dict[str, Any]) -> None:
    form = subject_form(resource)
    assert identity(resource_form(form)) == identity(resource) == identity(disclosed(form))
    assert identity(parse_json(to_json(resource))) == identity(resource)


@settings(max_examples=50, deadline=None)
@given(RESOURCES, st.data())
def test_any_element_can_be_disclosed_alone(resource: dict[str, Any], data: st.DataObject) -> None:
    elements = elements_for(resource, [f"/{name}/*" for name in resource] + [f"/{name}" for name in resource])
    chosen = data.draw(st.sampled_from(elements))
    pointers = pointers_for(resource, [chosen], prefix="/credentialSubject/resource")
    assert len(pointers) == 1
    grouped = canonicalize_and_group(document(resource), shuffled_labels(b"k"), {"g": pointers}, CONTEXTS)
    assert 0 < len(grouped.groups["g"].matching) <= len(grouped.lines)


@settings(max_examples=50, deadline=None)
@given(RESOURCES)
def test_every_element_is_explained(resource: dict[str, Any]) -> None:
    everything = explain(resource, [f"/{name}" for name in resource])
    nothing = explain(resource, [])
    assert {line.leaves for line in everything} == {"all"}
    assert {line.leaves for line in nothing} == {"none"}
    covered = {
        pointer.split("/")[1] for field in fields_of(resource) for pointer in elements_for(resource, [field.path])
    }
    assert covered == set(resource)


# Elements of several types and releases, so that structure speaks for some of them.
ELEMENTS = st.sampled_from(
    [
        "status", "code", "medication", "medicationCodeableConcept", "reason", "reasonCode", "class", "text", "meta",
        "reference", "concept", "display", "given", "family", "start", "low", "coding", "section", "contained", "div",
        "verificationStatus", "clinicalStatus", "category", "fhirVersion", "emptyReason", "subject", "entry", "id",
        "profile",
    ]
)  # fmt: skip
FHIR_LIKE = st.builds(
    lambda members, kind: {**members, "resourceType": kind},
    st.dictionaries(
        ELEMENTS,
        st.recursive(
            st.none() | st.booleans() | NUMBERS | TEXTS,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ELEMENTS, inner, max_size=3),
            max_leaves=8,
        ),
        max_size=5,
    ),
    st.sampled_from(["Observation", "MedicationRequest", "Encounter", "Condition", "Composition", "Bundle", "Basic"]),
)


@settings(max_examples=200, deadline=None)
@given(FHIR_LIKE, st.text(max_size=30))
def test_any_record_says_its_release_or_not(resource: dict[str, Any], media_type: str) -> None:
    reading = read_version(resource, media_type)
    subject = record_subject(resource)
    again, version = read_record_subject(parse_json(to_json(subject)))
    assert identity(again) == identity(resource)
    assert version is read_version(resource).version
    assert reading.version in {None, *FHIRVersion}


@settings(max_examples=150, deadline=None)
@given(st.lists(FHIR_LIKE, max_size=5))
def test_any_records_make_a_summary_that_gives_them_back(resources: list[dict[str, Any]]) -> None:
    patient = {"resourceType": "Patient"}
    making = Making(("s", "v"), "2026-03-01T10:00:00Z", "urn:uuid:0")
    records = [Record("", one, f"urn:uuid:{place}") for place, one in enumerate([patient, *resources])]
    try:
        bundle = build_summary(records, making)
    except NarrativeRejected:
        assert "div" in str(resources)
        return
    found = parts(read_summary(bundle))
    assert sorted(identity(part.resource) for part in found[1:]) == sorted(identity(one.resource) for one in records)
    assert to_json(build_summary(records, making)) == to_json(bundle)


@settings(max_examples=200, deadline=None)
@given(FHIR_LIKE)
def test_any_bundle_is_a_summary_or_refused(resource: dict[str, Any]) -> None:
    entries = [{"fullUrl": "urn:uuid:1", "resource": {**resource, "resourceType": "Composition"}}]
    identifier = {"system": "s", "value": "v"}
    bundle = {"type": "document", "identifier": identifier, "timestamp": "2026-03-01T10:00:00Z", "entry": entries}
    for candidate in (resource, {**resource, **bundle, "resourceType": "Bundle"}):
        try:
            read_summary(candidate)
        except HealthRejected:
            continue
        raise AssertionError("a summary without its sections")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_narrative_is_taken_or_refused(text: str) -> None:
    require_narrative(written_narrative([text])["div"])
    try:
        require_narrative(text)
    except NarrativeRejected:
        return
    raise AssertionError("a narrative without a div")
