"""Credentials spelled anew: signatures over RDF hold, and what a verifier judges must not vanish from its sight."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import JSONLDRejected
from panacea.credentials.refusals import CredentialExpired, StatusStale
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.vc import BBSKey, MalformedCredential, SigningKey, Verifier, derive, issue, present
from panacea.credentials.vc.types import NotByHolder
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

CRED = "https://www.w3.org/2018/credentials#"
STATUS = "https://www.w3.org/ns/credentials/status#"
XSD = "http://www.w3.org/2001/XMLSchema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
Document = dict[str, Any]  # Any: JSON of a credential


class NoLists:
    def status_list(self, url: str) -> bytes:
        raise StatusStale("no such list", url=url)


P256 = as_did_key(ECDSAKey(KeyKind.P256, b"1" * 32))
ED25519 = as_did_key(Ed25519Key(b"1" * 32))
KEYS: dict[str, SigningKey] = {
    "bbs-2023": as_did_key(BBSKey.generate(SystemRandom())),
    "ecdsa-sd-2023": P256,
    "eddsa-rdfc-2022": ED25519,
    "ecdsa-rdfc-2019": P256,
}
SELECTIVE = ("bbs-2023", "ecdsa-sd-2023")
VERIFIER = Verifier(resolver=KeyResolver(), clock=At())
EVERY = pytest.mark.parametrize("suite", list(KEYS))


def credential(suite: str, *, named: bool = True, ends: int = NOW + 10) -> Document:
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        **({"id": "urn:uuid:1"} if named else {}),
        "type": ["VerifiableCredential"],
        "issuer": KEYS[suite].did,
        "validFrom": write_moment(NOW - 10),
        "validUntil": write_moment(ends),
        "credentialStatus": {
            "id": "urn:status:1",
            "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation",
            "statusListIndex": "7",
            "statusListCredential": "https://hospital.example/status/1",
        },
        "credentialSchema": {"id": "https://hospital.example/schema", "type": "JsonSchema"},
        "credentialSubject": {"id": "did:example:anna", "name": "Anna"},
    }
    if suite not in SELECTIVE:
        return issue(document, KEYS[suite], suite=suite)
    return derive(issue(document, KEYS[suite], suite=suite, mandatory=[""]), [])


def under_its_iri(document: Document) -> None:
    document[f"{CRED}validUntil"] = {"@type": f"{XSD}dateTime", "@value": document.pop("validUntil")}


def status_under_its_iri(document: Document) -> None:
    document[f"{CRED}credentialStatus"] = document.pop("credentialStatus")


def nested(document: Document) -> None:
    document["@nest"] = {name: document.pop(name) for name in ("validUntil", "credentialStatus", "credentialSchema")}


def elsewhere(document: Document) -> None:
    part = {"id": document["id"], "type": "VerifiableCredential", "validUntil": document.pop("validUntil")}
    document["credentialSubject"]["@included"] = [part]


def subject_by_keyword(document: Document) -> None:
    document["credentialSubject"]["@id"] = document["credentialSubject"].pop("id")


def subject_in_a_set(document: Document) -> None:
    document["credentialSubject"] = {"@set": [document["credentialSubject"]]}


def id_by_keyword(document: Document) -> None:
    document["@id"] = document.pop("id")


def status_type_by_iri(document: Document) -> None:
    entry = document["credentialStatus"]
    document["credentialStatus"] = {
        "id": entry["id"],
        "type": f"{STATUS}BitstringStatusListEntry",
        f"{STATUS}statusPurpose": entry["statusPurpose"],
        f"{STATUS}statusListIndex": entry["statusListIndex"],
        f"{STATUS}statusListCredential": {"id": entry["statusListCredential"]},
    }


def status_elsewhere(document: Document) -> None:
    entry = document["credentialStatus"]
    document["credentialSubject"]["@included"] = [entry]
    document["credentialStatus"] = {"id": entry["id"], "type": entry["type"], "statusPurpose": "revocation"}


def schema_type_by_iri(document: Document) -> None:
    document["credentialSchema"]["type"] = f"{CRED}JsonSchema"


SPELLINGS = [
    under_its_iri,
    status_under_its_iri,
    nested,
    elsewhere,
    subject_by_keyword,
    subject_in_a_set,
    id_by_keyword,
    status_type_by_iri,
    status_elsewhere,
    schema_type_by_iri,
]


@EVERY
@pytest.mark.parametrize("named", [True, False])
def test_plain_ones_hold(suite: str, named: bool) -> None:
    VERIFIER.credential(credential(suite, named=named))


@EVERY
@pytest.mark.parametrize("spelled", SPELLINGS)
def test_no_other_spelling_hides_what_is_judged(suite: str, spelled: Callable[[Document], None]) -> None:
    shown = deepcopy(credential(suite))
    spelled(shown)
    with pytest.raises((MalformedCredential, JSONLDRejected)):
        VERIFIER.credential(shown)


@EVERY
@pytest.mark.parametrize("named", [True, False])
def test_an_end_is_not_hidden_from_whoever_judges_it(suite: str, named: bool) -> None:
    shown = credential(suite, named=named, ends=NOW - 5)
    with pytest.raises(CredentialExpired):
        VERIFIER.credential(shown)
    for spelled in (under_its_iri, nested):
        again = deepcopy(shown)
        spelled(again)
        with pytest.raises(MalformedCredential):
            VERIFIER.credential(again)


@EVERY
def test_a_type_in_a_list_is_the_same_type(suite: str) -> None:
    shown = credential(suite)
    shown["credentialStatus"]["type"] = ["BitstringStatusListEntry"]
    with pytest.raises(StatusStale):
        replace(VERIFIER, status=NoLists()).credential(shown)


def test_a_stolen_credential_spelled_anew() -> None:
    thief = as_did_key(Ed25519Key(b"2" * 32))
    shown = credential("eddsa-rdfc-2022")
    with pytest.raises(NotByHolder):
        VERIFIER.presentation(present([shown], thief, challenge="c"), challenge="c")
    subject_by_keyword(shown)
    with pytest.raises(MalformedCredential):
        VERIFIER.presentation(present([shown], thief, challenge="c"), challenge="c")


def test_more_status_entries_than_are_judged() -> None:
    document = credential("eddsa-rdfc-2022")
    document.pop("proof")
    entry = document["credentialStatus"]
    document["credentialStatus"] = [{**entry, "id": f"urn:status:{place}"} for place in range(17)]
    with pytest.raises(MalformedCredential):
        VERIFIER.credential(issue(document, ED25519))


def test_an_endorsement_takes_no_context_away() -> None:
    document = credential("eddsa-rdfc-2022")
    document["@context"] = [*document["@context"], "https://www.w3.org/ns/credentials/examples/v2"]
    document["credentialSubject"]["grade"] = "A"
    document.pop("proof")
    made = issue(document, ED25519)
    proofs = made.pop("proof")
    endorser = as_did_key(Ed25519Key(b"2" * 32))
    other = issue({**made, "@context": made["@context"][:1]}, endorser, suite="eddsa-jcs-2022")["proof"]
    found = VERIFIER.credential({**made, "proof": [proofs, other]})
    assert found.document["@context"] == made["@context"]
