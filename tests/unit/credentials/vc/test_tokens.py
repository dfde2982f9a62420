"""The same credential in every container gives the same answer, and a token without its key gives none."""

import json
from dataclasses import replace
from typing import Any

import pytest
from still_clock import NOW, At

from panacea.credentials.formats import jose, sd_jwt, sd_jwt_vc, vc_jwt, vc_sd_jwt
from panacea.credentials.formats.issuer_keys import GivenKey
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.formats.types import FormatRejected, KeyBindingRejected, TokenExpired, WrongSignature
from panacea.credentials.moments import write_moment
from panacea.credentials.refusals import CredentialExpired, IssuerNotTrusted, StatusStale
from panacea.credentials.status import token
from panacea.credentials.suites.types import WrongPresentation
from panacea.credentials.vc import (
    CheckMissing,
    Form,
    MalformedCredential,
    NotByHolder,
    Outcome,
    SigningKey,
    UnknownForm,
    Verified,
    Verifier,
    issue,
    present,
)
from panacea.credentials.vc.model import enclose, envelope_of
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.health.strict_json import to_json
from panacea.identity.did_key import did_key_method_id, encode_did_key
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

ISSUER, HOLDER = ECDSAKey(KeyKind.P256, b"1" * 32), Ed25519Key(b"h" * 32)
DID, HOLDER_DID = encode_did_key(ISSUER.public_key), encode_did_key(HOLDER.public_key)
KID = did_key_method_id(DID)
VERIFIER = Verifier(resolver=KeyResolver(), clock=At())
DOCUMENT: dict[str, Any] = {  # Any: JSON of a credential
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": DID,
    "validFrom": write_moment(NOW - 10),
    "validUntil": write_moment(NOW + 100),
    "credentialSubject": {"id": HOLDER_DID, "name": "Anna", "description": "a patient"},
}
OCCASION = sd_jwt.Occasion("https://verifier.example", "nonce")
OLD = {
    **{name: value for name, value in DOCUMENT.items() if not name.startswith("valid")},
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "issuanceDate": DOCUMENT["validFrom"],
    "expirationDate": DOCUMENT["validUntil"],
}


def outcomes(found: Verified) -> dict[str, Outcome]:
    return {check.name: check.outcome for check in found.checks}


def sd() -> str:
    return vc_sd_jwt.issue(
        DOCUMENT,
        hidden=["/credentialSubject/name", "/credentialSubject/description"],
        signer=ISSUER,
        random=SystemRandom(),
        kid=KID,
        holder_key=HOLDER.public_key,
    )


def bound(token: str) -> str:
    return sd_jwt.bind(token, signer=HOLDER, audience=OCCASION.audience, nonce=OCCASION.nonce, issued_at=NOW)


def test_whole_tokens_say_what_the_document_says() -> None:
    secured = VERIFIER.credential(issue(DOCUMENT, SigningKey(ISSUER, KID)))
    found = VERIFIER.credential(vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID))
    assert found.form is Form.VC_JWT
    assert found.document == secured.document == DOCUMENT
    assert (found.issuer, found.types, found.subjects) == (secured.issuer, secured.types, secured.subjects)
    assert (found.valid_from, found.valid_until) == (secured.valid_from, secured.valid_until)


def test_data_model_1_1_in_a_token() -> None:
    found = VERIFIER.credential(vc_jwt.sign_credential_1_1(OLD, signer=ISSUER, kid=KID))
    assert found.form is Form.JWT_VC_JSON
    assert found.issuer == DID


def test_a_part_of_a_document() -> None:
    shown = sd_jwt.present(sd(), reveal=["/credentialSubject/name"])
    found = VERIFIER.credential(shown)
    assert found.document["credentialSubject"] == {"id": HOLDER_DID, "name": "Anna"}
    assert outcomes(found)["holder key"] is Outcome.SKIPPED
    assert outcomes(VERIFIER.credential(bound(shown), occasion=OCCASION))["holder key"] is Outcome.CHECKED
    with pytest.raises(KeyBindingRejected):
        VERIFIER.credential(bound(shown), occasion=replace(OCCASION, nonce="other"))
    with pytest.raises(KeyBindingRejected):
        VERIFIER.credential(shown, occasion=OCCASION)


@pytest.mark.parametrize("url", [None, 5, "x", "data:a,b", "data:application/vc+jwt;base64,x", "https://x.example/,"])
def test_what_is_no_envelope(url: object) -> None:
    assert envelope_of(enclose("a.b.c")) == "a.b.c"
    with pytest.raises(MalformedCredential):
        envelope_of({**enclose("a.b.c"), "id": url})


def test_no_form_escapes_what_is_demanded() -> None:
    made = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID)
    enclosed = enclose(made)
    secured = issue(DOCUMENT, SigningKey(ISSUER, KID))
    for given in (made, enclosed, secured):
        assert VERIFIER.credential(given)
        with pytest.raises(UnknownForm):
            VERIFIER.credential(given, occasion=OCCASION)
        with pytest.raises(WrongPresentation):
            VERIFIER.credential(given, presentation_header=b"nonce")
    with pytest.raises(WrongPresentation):
        VERIFIER.credential(sd(), presentation_header=b"nonce")


def test_a_key_that_a_jwt_names_is_not_shown() -> None:
    made = jose.sign(
        to_json({**DOCUMENT, "cnf": {"jwk": to_jwk(HOLDER.public_key)}}),
        signer=ISSUER,
        header={"kid": KID, "typ": "vc+jwt"},
    )
    assert outcomes(VERIFIER.credential(made))["holder key"] is Outcome.SKIPPED


def test_a_status_of_a_kind_not_known_here() -> None:
    claims = {"iss": DID, "status": {"status_assertion": {"credential_hash_alg": "sha-256"}}}
    random = SystemRandom()
    made = sd_jwt_vc.issue(claims, vct="x", hidden=[], signer=ISSUER, random=random, header={"kid": KID})
    assert outcomes(VERIFIER.credential(made))["status"] is Outcome.SKIPPED
    with pytest.raises(CheckMissing):
        replace(VERIFIER, require=["status"]).credential(made)


def test_sd_jwt_vc() -> None:
    made = sd_jwt_vc.issue(
        {"iss": DID, "name": "Anna", "exp": NOW + 100},
        vct="https://hospital.example/patient",
        hidden=["/name"],
        signer=ISSUER,
        random=SystemRandom(),
        header={"kid": KID},
        holder_key=HOLDER.public_key,
    )
    found = VERIFIER.credential(made)
    assert (found.form, found.types, found.issuer) == (Form.SD_JWT_VC, ("https://hospital.example/patient",), DID)
    assert outcomes(found)["status"] is Outcome.ABSENT
    with pytest.raises(TokenExpired):
        replace(VERIFIER, clock=At(NOW + 1000)).credential(made)
    with pytest.raises(IssuerNotTrusted):
        replace(VERIFIER, trusted_issuers=()).credential(made)


def test_tokens_in_a_presentation() -> None:
    made = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID)
    presented = present([made], SigningKey(HOLDER, did_key_method_id(HOLDER_DID)), challenge="c")
    found = VERIFIER.presentation(json.dumps(presented), challenge="c")
    assert found.credentials[0].form is Form.VC_JWT


def test_times_of_the_document_count() -> None:
    made = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID)
    with pytest.raises(CredentialExpired):
        replace(VERIFIER, clock=At(NOW + 1000)).credential(made)


def test_keys() -> None:
    made = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID)
    with pytest.raises(WrongSignature):
        replace(VERIFIER, token_keys=GivenKey(ECDSAKey(KeyKind.P256, b"2" * 32).public_key)).credential(made)
    other = vc_jwt.sign_credential(DOCUMENT, signer=HOLDER, kid=did_key_method_id(HOLDER_DID))
    with pytest.raises(FormatRejected):
        VERIFIER.credential(other)


@pytest.mark.parametrize("given", ["a.b", "abc", "~", "shc:/123", b"\xff.\xff.\xff", "eyJ.eyJ.eyJ", "a.b.c~d~"])
def test_what_is_no_token(given: str | bytes) -> None:
    with pytest.raises((UnknownForm, FormatRejected)):
        VERIFIER.credential(given)


LIST = "https://hospital.example/statuslist/1"


class Lists:
    """Token status lists by URI."""

    def __init__(self, *lists: str | bytes) -> None:
        self.lists = lists

    def find(self, uri: str) -> bytes | None:
        for one in self.lists if uri == LIST else ():
            return one.encode() if isinstance(one, str) else one
        return None


def listed(status: int, signer: ECDSAKey | Ed25519Key = ISSUER, kid: str = KID, form: str = "jwt") -> str | bytes:
    entries = token.TokenStatusList(64, bits=2)
    entries.set(7, status)
    until = NOW + 100
    if form == "jwt":
        return token.to_jwt(entries, uri=LIST, issued_at=NOW, signer=signer, expires_at=until, kid=kid)
    return token.to_cwt(entries, uri=LIST, issued_at=NOW, signer=signer, expires_at=until, kid=kid.encode())


def with_status() -> str:
    claims = {"iss": DID, "status": {"status_list": {"idx": 7, "uri": LIST}}}
    random = SystemRandom()
    return sd_jwt_vc.issue(claims, vct="x", hidden=[], signer=ISSUER, random=random, header={"kid": KID})


@pytest.mark.parametrize("form", ["jwt", "cwt"])
def test_token_status(form: str) -> None:
    def against(*lists: str | bytes) -> Verified:
        return replace(VERIFIER, token_status=Lists(*lists)).credential(with_status())

    assert outcomes(VERIFIER.credential(with_status()))["status"] is Outcome.SKIPPED
    assert outcomes(against(listed(token.VALID, form=form)))["status"] is Outcome.CHECKED
    with pytest.raises(token.StatusInvalid):
        against(listed(token.INVALID, form=form))
    with pytest.raises(token.StatusSuspended):
        against(listed(token.SUSPENDED, form=form))
    with pytest.raises(FormatRejected):
        against(listed(token.VALID, HOLDER, did_key_method_id(HOLDER_DID), form))
    with pytest.raises(StatusStale):
        against()


def presented(**changes: Any) -> str:  # Any: of sign_presentation
    made = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER, kid=KID)
    document = present([made], None, holder=changes.pop("holder", HOLDER_DID))
    arguments: dict[str, Any] = {
        "audience": "clinic.example",
        "nonce": "c",
        "issued_at": NOW,
        "kid": did_key_method_id(HOLDER_DID),
    }
    signer = changes.pop("signer", HOLDER)
    return vc_jwt.sign_presentation(document, signer=signer, **(arguments | changes))


def test_presentations_in_tokens() -> None:
    token_text = presented()
    enveloped = {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "id": f"data:application/vp+jwt,{token_text}",
        "type": "EnvelopedVerifiablePresentation",
    }
    for given in (token_text, token_text.encode(), json.dumps(enveloped), enveloped):
        found = VERIFIER.presentation(given, challenge="c", domain="clinic.example")
        assert found.holder == HOLDER_DID
        assert found.credentials[0].issuer == DID
        assert all(check.outcome is Outcome.CHECKED for check in found.checks)


def test_presentations_in_tokens_that_are_refused() -> None:
    for challenge, domain in (("d", "clinic.example"), ("c", "evil.example")):
        with pytest.raises(FormatRejected):
            VERIFIER.presentation(presented(), challenge=challenge, domain=domain)
    with pytest.raises(UnknownForm):
        VERIFIER.presentation(presented(), challenge="c")
    with pytest.raises(FormatRejected):
        VERIFIER.presentation(presented(signer=Ed25519Key(b"o" * 32)), challenge="c", domain="clinic.example")
    with pytest.raises(FormatRejected):
        VERIFIER.credential(presented())
    other = presented(signer=ISSUER, holder=DID, kid=KID)
    with pytest.raises(NotByHolder):
        VERIFIER.presentation(other, challenge="c", domain="clinic.example")
    assert VERIFIER.presentation(other, challenge="c", domain="clinic.example", holder_binding=False).holder == DID
