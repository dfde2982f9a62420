"""Each way of refusing a view, by its stable code, and the attacks on pairs of views."""

from collections.abc import Callable
from typing import Any

import pytest
from health_issuer import (
    ASKED,
    DAY,
    HOLDER,
    ISSUED,
    KEYS,
    OTHER_HOLDER,
    RESOLVER,
    Documents,
    credential,
    document_of,
    lab,
)
from health_issuer import issuer_keys as keys_of

from panacea.credentials import (
    Checked,
    CredentialRejected,
    derive_view,
    peek_issuer,
    require_for_enclave,
    require_holder,
    require_issuer,
    require_same,
    require_valid_at,
    verify_view,
)
from panacea.credentials.records.model import MAX_VIEW
from panacea.credentials.records.verify import get_issuer_key
from panacea.health.strict_json import parse_json, to_json
from panacea.identity.documents import DIDDocument, VerificationMethod

Document = dict[str, Any]  # Any: JSON of a view
MADE = credential()


def view(made: bytes = MADE, fields: list[str] = ASKED, *, private: bool = False, header: bytes = b"") -> bytes:
    return derive_view(
        made, fields=fields, presentation_header=header, holder=private, nullifier=private, status=private
    )


def checked(octets: bytes, key: bytes = KEYS.bbs_public) -> Checked:
    return verify_view(octets, header=b"", issuer_key=key)


def partly(*, holder: bool = False, nullifier: bool = False, status: bool = False) -> Checked:
    shown = derive_view(MADE, fields=ASKED, presentation_header=b"", holder=holder, nullifier=nullifier, status=status)
    return checked(shown)


def refuses(code: str) -> Any:  # Any: pytest does not name the type of its context manager
    return pytest.raises(CredentialRejected, match=f"{code}$")


WHOLE = view(fields=[""], private=True)


def test_every_single_changed_character_is_noticed() -> None:
    """Each eleventh octet of the document and of the proof, and each octet of the shown value."""
    start = WHOLE.index(b"7.90")
    for place in {*range(0, len(WHOLE), 11), *range(start, start + 4)}:
        changed = bytearray(WHOLE)
        changed[place] = changed[place] + 1 if changed[place] not in b"9z" else ord("0")
        with pytest.raises(CredentialRejected) as refused:
            checked(bytes(changed))
        assert refused.value.text in {"proof_invalid", "disclosure_missing"}, place


def record(document: Document) -> Document:
    found: Document = document["credentialSubject"][1]["resource"]
    return found


def swap(document: Document) -> None:
    found = record(document)
    found["performer.0"], found["performer.1"] = found["performer.1"], found["performer.0"]


def shift(document: Document) -> None:
    record(document)["performer.2"] = record(document).pop("performer.1")


def drop(document: Document) -> None:
    del record(document)["note.1"]


def double(document: Document) -> None:
    record(document)["note.2"] = {"text": "a"}


def round_off(document: Document) -> None:
    record(document)["valueQuantity"]["value"]["@value"] = "7.9"


def as_array(document: Document) -> None:
    record(document)["status"] = ["final"]


def as_value_object(document: Document) -> None:
    record(document)["status"] = {"@value": "final"}


def as_iri(document: Document) -> None:
    record(document)["https://w3id.org/panacea/health/v1#status"] = record(document).pop("status")


def other_issuer(document: Document) -> None:
    other = keys_of(b"other")
    document["issuer"], document["proof"]["verificationMethod"] = other.did, other.bbs_method_id


def later(document: Document) -> None:
    document["validUntil"] = "2037-01-01T00:00:00Z"


def other_second(document: Document) -> None:
    document["validUntil"] = "2027-01-01T00:00:01Z"


def no_such_day(document: Document) -> None:
    document["validUntil"] = "2027-02-30T00:00:00Z"


def other_context(document: Document) -> None:
    document["@context"].append("https://www.w3.org/ns/did/v1")


def inline_context(document: Document) -> None:
    record(document)["@context"] = {"status": "urn:x"}


def other_bit(document: Document) -> None:
    document["credentialStatus"]["statusListIndex"] = "1"


def leading_zero(document: Document) -> None:
    document["credentialStatus"]["statusListIndex"] = "094567"


def more_status(document: Document) -> None:
    document["credentialStatus"]["statusSize"] = 1


def other_nullifier(document: Document) -> None:
    document["credentialSubject"][0]["nullifier"] = "u" + "A" * 43


def short_nullifier(document: Document) -> None:
    document["credentialSubject"][0]["nullifier"] = "uAAAA"


def other_holder(document: Document) -> None:
    document["credentialSubject"][0]["id"] = OTHER_HOLDER


def no_did(document: Document) -> None:
    document["credentialSubject"][0]["id"] = "Anna"


def reverse(document: Document) -> None:
    document["credentialSubject"].reverse()


def two_records(document: Document) -> None:
    document["credentialSubject"].append(document["credentialSubject"][1])


def one_subject(document: Document) -> None:
    document["credentialSubject"] = document["credentialSubject"][0] | document["credentialSubject"][1]


def no_record(document: Document) -> None:
    document["credentialSubject"][1]["resource"] = {}


def a_number(document: Document) -> None:
    document["credentialSubject"] = 5


def numbers(document: Document) -> None:
    document["credentialSubject"] = [5]


def holder_in_the_record(document: Document) -> None:
    document["credentialSubject"][1]["id"] = document["credentialSubject"][0]["id"]


def a_text_for_a_record(document: Document) -> None:
    document["credentialSubject"][1]["resource"] = "urn:x"


def an_id(document: Document) -> None:
    document["id"] = "urn:uuid:1"


def two_types(document: Document) -> None:
    document["type"].append("BitstringStatusListCredential")


def no_proof(document: Document) -> None:
    document["proof"] = [document["proof"]]


@pytest.mark.parametrize(
    "change",
    [
        swap, shift, drop, double, round_off, as_array, as_value_object, as_iri, other_issuer, later, other_second,
        no_such_day, other_context, inline_context, other_bit, leading_zero, more_status, other_nullifier,
        short_nullifier, other_holder, no_did, reverse, two_records, one_subject, no_record, a_number, numbers,
        holder_in_the_record, a_text_for_a_record, an_id, two_types, no_proof,
    ],
)  # fmt: skip
def test_a_changed_view(change: Callable[[Document], None]) -> None:
    document = parse_json(WHOLE)
    change(document)
    assert to_json(document) != WHOLE
    with refuses("proof_invalid"):
        checked(to_json(document))


@pytest.mark.parametrize("member", ["type", "issuer", "validFrom", "validUntil"])
def test_a_mandatory_member_is_hidden(member: str) -> None:
    document = parse_json(WHOLE)
    del document[member]
    with refuses("disclosure_missing"):
        checked(to_json(document))


@pytest.mark.parametrize("octets", [b"", b"\xff", b"[]", b"1", b'{"a":1,"a":2}', b"[" * 9999, b" " * (MAX_VIEW + 1)])
def test_what_is_no_view(octets: bytes) -> None:
    with refuses("proof_invalid"):
        checked(octets)
    with refuses("proof_invalid"):
        peek_issuer(octets)


def test_a_repeated_member_is_refused() -> None:
    octets = WHOLE.replace(b'"validUntil"', b'"validUntil":"2037-01-01T00:00:00Z","validUntil"', 1)
    with refuses("proof_invalid"):
        checked(octets)


def test_a_view_for_another_occasion() -> None:
    with refuses("proof_invalid"):
        verify_view(view(header=b"deal 7"), header=b"deal 8", issuer_key=KEYS.bbs_public)


def test_the_credential_itself_is_no_view() -> None:
    with refuses("proof_invalid"):
        checked(MADE)


def test_another_key() -> None:
    with refuses("proof_invalid"):
        checked(WHOLE, keys_of(b"other").bbs_public)


def test_who_signed() -> None:
    assert peek_issuer(WHOLE) == (KEYS.did, KEYS.bbs_method_id)
    key = require_issuer(KEYS.did, KEYS.bbs_method_id, trusted=[KEYS.did], resolver=RESOLVER)
    assert key == KEYS.bbs_public == get_issuer_key(KEYS.did, KEYS.bbs_method_id, resolver=RESOLVER)


def test_a_bare_record() -> None:
    with refuses("issuer_not_trusted"):
        peek_issuer(to_json(lab()))


def test_an_issuer_nobody_named_or_knows() -> None:
    for trusted, resolver in (([], RESOLVER), ([KEYS.did], Documents())):
        with refuses("issuer_not_trusted"):
            require_issuer(KEYS.did, KEYS.bbs_method_id, trusted=trusted, resolver=resolver)


def test_an_issuer_that_is_gone_is_told_before_trust() -> None:
    with refuses("issuer_inactive"):
        require_issuer(KEYS.did, KEYS.bbs_method_id, trusted=[], resolver=Documents(deactivated=(KEYS.did,)))


def test_a_key_that_no_longer_makes_assertions() -> None:
    methods = document_of().assertion_method
    foreign = VerificationMethod(KEYS.bbs_method_id, "did:panacea:other", methods[0].public_key)
    for document in (
        DIDDocument(KEYS.did, authentication=methods),
        DIDDocument(KEYS.did, assertion_method=methods[1:]),
        DIDDocument(KEYS.did, assertion_method=(foreign,)),
    ):
        with refuses("issuer_inactive"):
            require_issuer(KEYS.did, KEYS.bbs_method_id, trusted=[KEYS.did], resolver=Documents(document))
    with refuses("issuer_inactive"):
        require_issuer(KEYS.did, KEYS.status_method_id, trusted=[KEYS.did], resolver=RESOLVER)


def test_what_the_enclave_must_see() -> None:
    entire = checked(WHOLE)
    assert require_for_enclave(entire) == (entire.holder, entire.nullifier, entire.status)
    options = [{"holder": True}, {"holder": True, "nullifier": True}, {"nullifier": True}, {"status": True}]
    for shown in options:
        with refuses("disclosure_missing"):
            require_for_enclave(partly(**shown))


def test_another_persons_credential() -> None:
    require_holder(checked(WHOLE), HOLDER)
    with refuses("holder_mismatch"):
        require_holder(checked(WHOLE), OTHER_HOLDER)
    with refuses("disclosure_missing"):
        require_holder(checked(view()), HOLDER)


def test_the_window_of_validity() -> None:
    found = checked(WHOLE)
    require_valid_at(found, ISSUED)
    require_valid_at(found, ISSUED + 365 * DAY - 1)
    with refuses("credential_not_yet_valid"):
        require_valid_at(found, ISSUED - 1)
    with refuses("credential_expired"):
        require_valid_at(found, ISSUED + 365 * DAY)


# Pairs of views (exchange, "Rules that close known attacks").


def test_two_views_of_one_credential() -> None:
    require_same(checked(view(private=True)), checked(view()))


def other_lab(value: str = "5.10") -> Document:
    return lab() | {"valueQuantity": parse_json(b'{"value":' + value.encode() + b',"unit":"%"}')}


def test_one_records_nullifier_with_another_records_fields() -> None:
    other = credential(other_lab(), reference="lab.json#Observation/o2")
    with refuses("view_mismatch"):
        require_same(checked(view(private=True)), checked(view(other)))


def test_a_nullifier_grafted_onto_another_record() -> None:
    grafted = parse_json(view(credential(other_lab(), reference="lab.json#Observation/o2"), private=True))
    grafted["credentialSubject"][0] = parse_json(view(private=True))["credentialSubject"][0]
    with refuses("proof_invalid"):
        checked(to_json(grafted))


def test_views_of_two_issuances_of_one_record() -> None:
    """Equal content, but the consumer would hold what the enclave never judged the status of."""
    twin = lab() | {"note": [{"text": f"{number}"} for number in range(3)]}
    with refuses("view_mismatch"):
        require_same(checked(view(private=True)), checked(view(credential(twin))))


def test_views_that_show_different_parts() -> None:
    for enclave, consumer in ((ASKED, ASKED[:3]), (ASKED[:3], ASKED), (["/note/0"], ["/note/1"])):
        with refuses("view_mismatch"):
            require_same(checked(view(fields=enclave, private=True)), checked(view(fields=consumer)))


def test_views_under_two_keys() -> None:
    other = keys_of(b"other")
    octets = view(credential(keys=other))
    with refuses("view_mismatch"):
        require_same(checked(view(private=True)), checked(octets, other.bbs_public))


@pytest.mark.parametrize("shown", [{"holder": True}, {"nullifier": True}, {"status": True}])
def test_a_consumers_view_that_tells_the_holder(shown: dict[str, bool]) -> None:
    with refuses("disclosure_excess"):
        require_same(checked(view(private=True)), partly(**shown))
