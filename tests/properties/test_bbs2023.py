"""Whatever a holder chooses to show verifies, and nothing else leaves."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto.bbs import SHA256

RECORD = "https://records.example/context"
CONTEXTS = Contexts.bundled().with_extra({RECORD: {"@context": {"@vocab": "https://records.example/#"}}})
SECRET = SHA256.key_gen(b"issuer" * 6)
PUBLIC = SHA256.public_key(SECRET)

NAMES = st.sampled_from(["code", "quantity", "unit", "note", "part"])
LEAVES = st.text(max_size=6) | st.booleans() | st.integers(-(10**6), 10**6)
RECORDS = st.recursive(
    st.dictionaries(NAMES, LEAVES, min_size=1, max_size=3),
    lambda inner: st.dictionaries(
        NAMES, LEAVES | inner | st.lists(inner, min_size=1, max_size=3), min_size=1, max_size=3
    ),
    max_leaves=8,
)


def pointers(value: Any, at: str = "") -> list[str]:  # Any: JSON
    """Every place in a JSON value."""
    if isinstance(value, dict):
        return [at, *(found for name, one in value.items() for found in pointers(one, f"{at}/{name}"))]
    if isinstance(value, list):
        return [at, *(found for index, one in enumerate(value) for found in pointers(one, f"{at}/{index}"))]
    return [at]


@settings(max_examples=40, deadline=None)
@given(RECORDS, st.data())
def test_issue_derive_verify(record: dict[str, Any], data: st.DataObject) -> None:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", RECORD],
        "type": ["VerifiableCredential"],
        "issuer": "did:example:issuer",
        "credentialSubject": {"record": record},
    }
    places = st.lists(st.sampled_from(pointers(record, "/credentialSubject/record")), max_size=3, unique=True)
    secured = bbs2023.create_base(
        document,
        secret_key=SECRET,
        public_key=PUBLIC,
        verification_method="did:example:issuer#key-1",
        mandatory_pointers=["/issuer", *data.draw(places)],
        contexts=CONTEXTS,
    )
    bbs2023.verify_base(secured, public_key=PUBLIC, contexts=CONTEXTS)
    whole = bbs2023.derive(
        secured, selective_pointers=[""], presentation_header=b"", public_key=PUBLIC, contexts=CONTEXTS
    )
    everything = verified(whole)
    assert everything.hidden == 0
    part = bbs2023.derive(
        secured, selective_pointers=data.draw(places), presentation_header=b"", public_key=PUBLIC, contexts=CONTEXTS
    )
    found = verified(part)
    assert set(found.statements) <= set(everything.statements)
    assert found.mandatory == everything.mandatory
    assert found.hidden == len(everything.statements) - len(found.statements)


def verified(secured: dict[str, Any]) -> bbs2023.Derived:  # Any: JSON of a credential
    return bbs2023.verify_derived(secured, public_key=PUBLIC, presentation_header_expected=b"", contexts=CONTEXTS)
