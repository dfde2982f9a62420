"""Issue, derive, present and verify, and each way in which a verification refuses or says what it did not check."""

import base64
import hashlib
import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.moments import write_moment
from panacea.credentials.refusals import (
    CredentialExpired,
    CredentialNotYetValid,
    CredentialRevoked,
    IssuerNotTrusted,
    StatusStale,
)
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.status.bitstring import MIN_BITS, StatusList
from panacea.credentials.suites.types import WrongKey, WrongOccasion, WrongPresentation, WrongProof
from panacea.credentials.vc import (
    BBSKey,
    CheckMissing,
    IssuerNotResolved,
    MalformedCredential,
    NotByHolder,
    NotByIssuer,
    NotDerivable,
    Outcome,
    ResourceChanged,
    SchemaNotMet,
    SigningKey,
    UnknownForm,
    Verified,
    Verifier,
    derive,
    issue,
    present,
)
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

Document = dict[str, Any]  # Any: JSON of a credential


@dataclass(frozen=True)
class Drawer:
    """Resources and status lists by URL."""

    held: dict[str, bytes] = field(default_factory=dict)

    def find(self, url: str) -> bytes | None:
        return self.held.get(url)

    def status_list(self, url: str) -> bytes:
        if url not in self.held:
            raise StatusStale("no such list", url=url)
        return self.held[url]


BBS = as_did_key(BBSKey.generate(SystemRandom()))
EDDSA, P256, P384 = (
    as_did_key(Ed25519Key(b"1" * 32)),
    as_did_key(ECDSAKey(KeyKind.P256, b"1" * 32)),
    as_did_key(ECDSAKey(KeyKind.P384, b"1" * 48)),
)
HOLDER = as_did_key(Ed25519Key(b"h" * 32))
VERIFIER = Verifier(resolver=KeyResolver(), clock=At())
WHOLE = [
    (EDDSA, "eddsa-rdfc-2022"),
    (EDDSA, "eddsa-jcs-2022"),
    (P256, "ecdsa-rdfc-2019"),
    (P384, "ecdsa-jcs-2019"),
]
SELECTIVE = [(BBS, "bbs-2023"), (P256, "ecdsa-sd-2023")]


def document(issuer: SigningKey, **more: Any) -> Document:  # Any: members of a credential
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": issuer.did,
        "validFrom": write_moment(NOW - 10),
        "validUntil": write_moment(NOW + 10),
        "credentialSubject": {"id": HOLDER.did, "name": "Anna", "description": "a patient"},
        **more,
    }


def outcomes(found: Verified) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in found.checks}


@pytest.mark.parametrize(("signing", "suite"), WHOLE)
def test_whole_documents(signing: SigningKey, suite: str) -> None:
    secured = issue(document(signing), signing, suite=suite)
    found = VERIFIER.credential(json.dumps(secured))
    assert found.proofs[0].cryptosuite == suite
    assert (found.issuer, found.subjects) == (signing.did, (HOLDER.did,))
    assert outcomes(found)["validity"] is Outcome.CHECKED
    assert outcomes(found)["status"] is Outcome.ABSENT
    assert "proof" not in found.document
    with pytest.raises(WrongProof):
        VERIFIER.credential({**secured, "name": "added"})
    with pytest.raises(NotDerivable):
        derive(secured, ["/credentialSubject/name"])
    with pytest.raises(NotDerivable):
        issue(document(signing), signing, suite=suite, mandatory=["/issuer"])


@pytest.mark.parametrize(("signing", "suite"), SELECTIVE)
def test_parts_of_documents(signing: SigningKey, suite: str) -> None:
    secured = issue(document(signing), signing, suite=suite, mandatory=["/issuer", "/validFrom", "/validUntil"])
    assert VERIFIER.issued(secured).issuer == signing.did
    with pytest.raises(WrongProof):
        VERIFIER.issued({**secured, "issuer": HOLDER.did, "proof": secured["proof"]})
    with pytest.raises(NotDerivable):
        VERIFIER.credential(secured)
    with pytest.raises(NotDerivable):
        present([secured], HOLDER)
    shown = derive(secured, ["/credentialSubject/name"], presentation_header=b"nonce")
    found = VERIFIER.credential(shown)
    assert found.document["credentialSubject"] == {"id": HOLDER.did, "name": "Anna"}
    with pytest.raises(NotDerivable):
        derive(shown, ["/credentialSubject/name"])


@pytest.mark.parametrize(("signing", "suite"), SELECTIVE)
def test_what_is_judged_is_mandatory_unless_told_otherwise(signing: SigningKey, suite: str) -> None:
    whole = document(signing, credentialStatus=status_entry())
    shown = derive(issue(whole, signing, suite=suite), ["/credentialSubject/name"])
    assert {"type", "issuer", "validFrom", "validUntil", "credentialStatus"} <= shown.keys()
    free = derive(issue(whole, signing, suite=suite, mandatory=["/issuer"]), ["/credentialSubject/name"])
    assert "validUntil" not in free


def test_old_status_lists() -> None:
    secured = issue(document(EDDSA, credentialStatus=status_entry()), EDDSA)
    held = {"https://hospital.example/status/1": status_list(StatusList())}
    assert replace(VERIFIER, status=Drawer(held), status_max_age=60).credential(secured)
    with pytest.raises(StatusStale, match="too old"):
        replace(VERIFIER, status=Drawer(held), status_max_age=5).credential(secured)


def test_presentation_headers() -> None:
    secured = issue(document(BBS), BBS, mandatory=["/issuer"])
    shown = derive(secured, ["/credentialSubject/name"], presentation_header=b"nonce")
    assert outcomes(VERIFIER.credential(shown))["presentation header"] is Outcome.SKIPPED
    found = VERIFIER.credential(shown, presentation_header=b"nonce")
    assert outcomes(found)["presentation header"] is Outcome.CHECKED
    with pytest.raises(WrongPresentation):
        VERIFIER.credential(shown, presentation_header=b"other")
    with pytest.raises(WrongPresentation):
        VERIFIER.credential(issue(document(EDDSA), EDDSA), presentation_header=b"nonce")


def test_the_issuer_signs() -> None:
    with pytest.raises(NotByIssuer):
        VERIFIER.credential(issue(document(P256), EDDSA))
    with pytest.raises(NotByIssuer):
        VERIFIER.issued(issue(document(P256), EDDSA))
    assert VERIFIER.issued(issue(document(EDDSA), EDDSA)).issuer == EDDSA.did
    both = issue(issue(document(P256), EDDSA), P256)
    assert [proof.cryptosuite for proof in VERIFIER.credential(both).proofs] == ["eddsa-rdfc-2022", "ecdsa-rdfc-2019"]
    with pytest.raises(IssuerNotTrusted):
        replace(VERIFIER, trusted_issuers={EDDSA.did}).credential(issue(document(P256), P256))
    unknown = SigningKey(EDDSA.signer, "did:panacea:7Prd74ry1Uct87nZqL3ny7aR7Cg46JamVbJgk8azVgUm#key1")
    with pytest.raises(IssuerNotResolved):
        VERIFIER.credential(issue(document(unknown), unknown))
    with pytest.raises(WrongKey):
        issue(document(P256), P256, suite="eddsa-rdfc-2022")


def test_validity() -> None:
    secured = issue(document(EDDSA), EDDSA)
    with pytest.raises(CredentialExpired):
        replace(VERIFIER, clock=At(NOW + 10)).credential(secured)
    with pytest.raises(CredentialNotYetValid):
        replace(VERIFIER, clock=At(NOW - 11)).credential(secured)


def test_data_model_1_1() -> None:
    old = document(EDDSA)
    del old["validFrom"], old["validUntil"]
    old |= {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/security/data-integrity/v2"],
        "issuanceDate": write_moment(NOW - 10),
        "credentialSubject": {"id": HOLDER.did},
    }
    found = VERIFIER.credential(issue(old, EDDSA))
    assert found.valid_from == NOW - 10
    with pytest.raises(MalformedCredential, match="issuanceDate"):
        issue({name: value for name, value in old.items() if name != "issuanceDate"}, EDDSA)


def status_entry(**more: Any) -> Document:  # Any: members of an entry
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://hospital.example/status/1",
        **more,
    }


def status_list(bits: StatusList, signing: SigningKey = EDDSA, **more: Any) -> bytes:  # Any: members of its subject
    subject = {
        "id": "https://hospital.example/status/1#list",
        "type": "BitstringStatusList",
        "statusPurpose": "revocation",
        "encodedList": bits.encode(),
        **more,
    }
    listed = document(signing, id="https://hospital.example/status/1", credentialSubject=subject)
    listed["type"] = ["VerifiableCredential", "BitstringStatusListCredential"]
    return json.dumps(issue(listed, signing)).encode()


def test_status() -> None:
    secured = issue(document(EDDSA, credentialStatus=status_entry()), EDDSA)
    assert outcomes(VERIFIER.credential(secured))["status"] is Outcome.SKIPPED
    with pytest.raises(CheckMissing, match="status"):
        replace(VERIFIER, require=["status"]).credential(secured)
    bits = StatusList()

    def against(*lists: bytes) -> Verified:
        held = dict.fromkeys(["https://hospital.example/status/1"], lists[0]) if lists else {}
        return replace(VERIFIER, status=Drawer(held)).credential(secured)

    assert outcomes(against(status_list(bits)))["status"] is Outcome.CHECKED
    bits.set(7)
    with pytest.raises(CredentialRevoked):
        against(status_list(bits))
    with pytest.raises(StatusStale, match="another issuer"):
        against(status_list(StatusList(), P256))
    with pytest.raises(StatusStale, match="another purpose"):
        against(status_list(StatusList(), statusPurpose="suspension"))
    with pytest.raises(StatusStale):
        against(status_list(StatusList()).replace(b"2026-01-01", b"2026-01-02"))
    with pytest.raises(StatusStale, match="not a status list"):
        against(json.dumps(secured).encode())
    with pytest.raises(StatusStale, match="no such list"):
        against()


def test_status_messages() -> None:
    messages = [{"status": "0x0", "message": "pending"}, {"status": "0x2", "message": "delayed"}]
    entry = status_entry(statusPurpose="message", statusSize=2, statusMessage=messages, statusListIndex="3")
    secured = issue(document(EDDSA, credentialStatus=[entry]), EDDSA)
    bits = StatusList(MIN_BITS)
    bits.set(6)
    held = {"https://hospital.example/status/1": status_list(bits, statusPurpose="message")}
    assert replace(VERIFIER, status=Drawer(held)).credential(secured).messages == ("delayed",)


SCHEMA = {"type": "object", "properties": {"credentialSubject": {"required": ["name"]}}}


def sri(octets: bytes) -> str:
    return "sha384-" + base64.b64encode(hashlib.sha384(octets).digest()).decode()


DOUBLING: Document = {
    "$ref": "#/$defs/0",
    "$defs": {f"{n}": {"allOf": [{"$ref": f"#/$defs/{n + 1}"}] * 2} for n in range(60)} | {"60": {"type": "object"}},
}


def test_a_schema_that_is_not_met_repeats_nothing_of_the_credential() -> None:
    named = {"id": "https://hospital.example/schema", "type": "JsonSchema"}
    secured = issue(document(EDDSA, credentialSchema=named), EDDSA)
    held = {named["id"]: b'{"properties": {"credentialSubject": {"type": "string"}}}'}
    with pytest.raises(SchemaNotMet) as refused:
        replace(VERIFIER, resources=Drawer(held)).credential(secured)
    assert "properties/credentialSubject/type" in str(refused.value)
    assert str(secured["credentialSubject"]["name"]) not in str(refused.value)


def test_definitions_are_referred_to() -> None:
    schema = {"$defs": {"a/b": {"required": ["name"]}}, "properties": {"credentialSubject": {"$ref": "#/$defs/a~1b"}}}
    named = {"id": "https://hospital.example/schema", "type": "JsonSchema"}
    secured = issue(document(EDDSA, credentialSchema=named), EDDSA)
    held = {named["id"]: json.dumps(schema).encode()}
    assert outcomes(replace(VERIFIER, resources=Drawer(held)).credential(secured))["schema"] is Outcome.CHECKED


def test_more_schemas_than_are_judged() -> None:
    several = [{"id": f"https://hospital.example/{number}", "type": "JsonSchema"} for number in range(17)]
    secured = issue(document(EDDSA, credentialSchema=several), EDDSA)
    with pytest.raises(MalformedCredential):
        replace(VERIFIER, resources=Drawer({one["id"]: b"{}" for one in several})).credential(secured)


def test_schemas_and_resources() -> None:
    octets = json.dumps(SCHEMA).encode()
    named = {"id": "https://hospital.example/schema", "type": "JsonSchema", "digestSRI": sri(octets)}
    related = {"id": "https://hospital.example/terms", "digestSRI": sri(b"terms")}
    secured = issue(document(EDDSA, credentialSchema=named, relatedResource=[related]), EDDSA)
    assert set(VERIFIER.credential(secured).skipped) >= {"schema", "related resources"}
    drawer = Drawer({named["id"]: octets, related["id"]: b"terms"})
    found = replace(VERIFIER, resources=drawer).credential(secured)
    assert outcomes(found)["schema"] is outcomes(found)["related resources"] is Outcome.CHECKED
    for url, other, refusal in (
        (named["id"], octets + b" ", SchemaNotMet),
        (related["id"], b"other", ResourceChanged),
    ):
        with pytest.raises(refusal):
            replace(VERIFIER, resources=Drawer({**drawer.held, url: other})).credential(secured)
    with pytest.raises(SchemaNotMet, match="nobody"):
        replace(VERIFIER, resources=Drawer()).credential(secured)


def test_the_strongest_digest_counts() -> None:
    weak = "sha256-" + base64.b64encode(hashlib.sha256(b"terms").digest()).decode()
    for text, fits in ((f"{weak} {sri(b'terms')}", True), (f"{weak} {sri(b'other')}", False), ("sha1-AAAA", False)):
        related = {"id": "https://hospital.example/terms", "digestSRI": text}
        secured = issue(document(EDDSA, relatedResource=[related]), EDDSA)
        verifier = replace(VERIFIER, resources=Drawer({related["id"]: b"terms"}))
        if fits:
            assert outcomes(verifier.credential(secured))["related resources"] is Outcome.CHECKED
        else:
            with pytest.raises(ResourceChanged):
                verifier.credential(secured)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"credentialSubject": {"required": ["absent"]}}},
        {"$ref": "https://elsewhere.example/schema"},
        {"pattern": "(a{1,1000}){1,1000}"},
        {"type": 7},
        {"enum": list(range(5000))},
        DOUBLING,
        {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}},
        {"$defs": {"a": {"$id": "https://elsewhere.example/", "$ref": "#/$defs/a"}}},
        {"$schema": "http://json-schema.org/draft-04/schema#"},
    ],
)
def test_schemas_that_refuse(schema: Document) -> None:
    named = {"id": "https://hospital.example/schema", "type": "JsonSchema"}
    secured = issue(document(EDDSA, credentialSchema=named), EDDSA)
    with pytest.raises(SchemaNotMet):
        replace(VERIFIER, resources=Drawer({named["id"]: json.dumps(schema).encode()})).credential(secured)


def test_presentations() -> None:
    secured = issue(document(BBS), BBS, mandatory=["/issuer", "/validUntil"])
    shown = derive(secured, ["/credentialSubject/name"], presentation_header=b"c")
    presented = present([shown, issue(document(EDDSA), EDDSA)], HOLDER, challenge="c", domain="clinic.example")
    found = VERIFIER.presentation(json.dumps(presented), challenge="c", domain="clinic.example")
    assert found.holder == HOLDER.did
    assert len(found.credentials) == 2
    assert all(check.outcome is Outcome.CHECKED for check in found.checks)
    for challenge, domain in (("d", "clinic.example"), ("c", "evil.example")):
        with pytest.raises(WrongOccasion):
            VERIFIER.presentation(presented, challenge=challenge, domain=domain)
    with pytest.raises(WrongProof):
        VERIFIER.presentation(
            {**presented, "verifiableCredential": presented["verifiableCredential"][:1]}, challenge="c"
        )


def test_presentations_by_others() -> None:
    secured = issue(document(EDDSA), EDDSA)
    stolen = present([secured], P256, challenge="c")
    with pytest.raises(NotByHolder):
        VERIFIER.presentation(stolen, challenge="c")
    assert VERIFIER.presentation(stolen, challenge="c", holder_binding=False).holder == P256.did
    with pytest.raises(NotByHolder):
        VERIFIER.presentation(present([secured], P256, holder=HOLDER.did, challenge="c"), challenge="c")
    unsigned = present([secured], None)
    assert VERIFIER.presentation(unsigned, challenge=None).holder is None
    with pytest.raises(NotByHolder):
        VERIFIER.presentation(unsigned, challenge="c")
    with pytest.raises(MalformedCredential):
        present([secured], BBS)


@pytest.mark.parametrize("octets", [b"", b"   ", b"[]", b"[1]", b"no token", b"\xff\xfe", b'{"a":1,"a":2}', b"{" * 99])
def test_bytes_that_are_no_credential(octets: bytes) -> None:
    with pytest.raises((UnknownForm, MalformedCredential)):
        VERIFIER.credential(octets)


def test_the_answer_as_json() -> None:
    answer = VERIFIER.credential(issue(document(EDDSA), EDDSA)).to_json()
    assert json.loads(json.dumps(answer))["verified"] is True
    assert {"check": "proof", "outcome": "checked", "detail": "eddsa-rdfc-2022"} in answer["checks"]
