"""The linter takes any JSON; what is coarser stays so, and says nothing that was not said before."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.credentials.coarsening import cut_postal_code, digits_of, find_time, round_written
from panacea.credentials.linter import Grain, Known, coarsen, lint

NAMES = st.sampled_from(
    [
        "id", "type", "resourceType", "credentialSubject", "credentialStatus", "proof", "proofValue", "created",
        "resource", "birthDate", "_birthDate", "postalCode", "address", "address.0", "address.1", "name",
        "latitude", "value", "issued", "validFrom", "iat", "sub", "_sd", "cnf", "reference", "subject", "text",
        "div", "note", "count.", "id_", "type_", "@type", "@value", "status", "verifiableCredential", "holder",
        "statusListIndex", "x.0", "x.1", "x.0.1", "", "a/b~", "extension", "contained", "valueQuantity",
        "onsetDateTime", "code", "identifier", "period",
    ]
)  # fmt: skip
TEXTS = st.sampled_from(
    [
        "2026-03-01T10:11:12.5+01:00", "2026-03-01T00:00:00Z", "2026-03-15", "2026-03", "1980", "10115",
        "AB 12", "Patient", "Observation", "VerifiableCredential", "VerifiablePresentation", "u2V0DhQ",
        "u2V0CgA", "xsd:decimal", "7.123456", "did:key:z6Mk", "6a1676b8-b51f-11ed-937b-d76685a20ff5",
        "a word or two", "eyJa.eyJb.c", "1e5", "", "1.23456e7",
    ]
) | st.text(max_size=70)  # fmt: skip
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.decimals(allow_nan=False, allow_infinity=False, places=7, min_value=-(10**9), max_value=10**9)
    | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=3), inner, max_size=5),
    max_leaves=25,
)
GRAINS = st.sampled_from(Grain)


def same(first: Any, second: Any) -> bool:
    """Equality in which NaN equals itself and 1 is not True."""
    return repr(first) == repr(second)


def leaves(value: Any) -> list[Any]:
    """What a document says: its values that hold no others."""
    if isinstance(value, dict):
        return [leaf for name, inner in value.items() if name != "count." for leaf in leaves(inner)]
    if isinstance(value, list):
        return [leaf for inner in value for leaf in leaves(inner)]
    return [value]


def follows(coarse: Any, fine: Any) -> bool:
    """Whether a value says no more than another: the same, a part of it, or the same number with fewer digits."""
    if same(coarse, fine):
        return True
    if isinstance(coarse, str) and isinstance(fine, str):
        if fine.strip().startswith(coarse):
            return True
        head = coarse.removesuffix("T00:00:00Z")
        if head != coarse and any(
            fine.startswith(head[:size]) for size in (10, 7, 4) if head[size:] in {"", "-01", "-01-01"}
        ):
            return True
        return bool(digits_of(fine)) and digits_of(coarse) <= digits_of(fine)
    if isinstance(coarse, bool) or isinstance(fine, bool) or isinstance(coarse, str) or isinstance(fine, str):
        # The datatype of a number of the subject form follows its digits.
        return False
    return len(str(coarse).rstrip("0")) <= len(str(fine)) + 4


@settings(max_examples=400, deadline=None)
@given(VALUES, GRAINS)
def test_coarsening_is_done_once_and_adds_nothing(document: Any, grain: Grain) -> None:
    before = repr(document)
    findings = lint(document, grain=grain)
    coarser = coarsen(document, findings)
    assert repr(document) == before
    again = lint(coarser, grain=grain)
    assert same(coarsen(coarser, again), coarser)
    fine = leaves(document)
    kinds = {"xsd:integer", "xsd:decimal", "xsd:double"}
    for leaf in leaves(coarser):
        assert (isinstance(leaf, str) and leaf in kinds) or any(follows(leaf, one) for one in fine), leaf
    assert len(leaves(coarser)) <= max(1, len(fine))


@settings(max_examples=200, deadline=None)
@given(VALUES, st.lists(st.text(max_size=8) | NAMES.map("/{}".format), max_size=3))
def test_findings_point_into_the_document(document: Any, mandatory: list[str]) -> None:
    for one in lint(document, known=Known(mandatory=tuple(mandatory))):
        value = document
        for escaped in one.pointer.split("/")[1:]:
            step = escaped.replace("~1", "/").replace("~0", "~")
            value = value[int(step)] if isinstance(value, list) else value[step]


@given(st.text(max_size=12))
def test_postal_codes_are_cut_once(text: str) -> None:
    cut = cut_postal_code(text)
    assert text.strip().startswith(cut)
    assert cut_postal_code(cut) == cut


@given(st.from_regex(r"-?[0-9]{1,12}(\.[0-9]{1,9})?(e[+-]?[0-9]{1,3})?", fullmatch=True))
def test_numbers_are_rounded_once(text: str) -> None:
    rounded = round_written(text)
    assert digits_of(rounded) <= 4
    assert round_written(rounded) == rounded


@given(st.text(max_size=40))
def test_times_are_read_or_not(text: str) -> None:
    time = find_time(text)
    assert time is None or text.startswith(time.date)
