"""vc+jwt, vp+jwt and the JWT encoding of VC 1.1: the document comes back, and no claim may contradict it."""

from typing import Any

import pytest
from token_parties import GIVEN, HOLDER, HOLDER_KEY, HOLDER_KID, ISSUER, ISSUER_KEY, KID, NOW, OTHER_KEY, RESOLVED

from panacea.credentials.data_model import CONTEXT_V1
from panacea.credentials.formats import jose, vc_jwt
from panacea.credentials.formats.types import (
    AlgorithmRefused,
    ClaimsContradict,
    FormatRejected,
    HeaderRefused,
    KeyNotFound,
    TokenExpired,
    TokenNotYetValid,
    WrongSignature,
)
from panacea.health.strict_json import parse_json, to_json

DOCUMENT: dict[str, Any] = parse_json(
    b"""{"@context":["https://www.w3.org/ns/credentials/v2"],"id":"urn:c:1","type":["VerifiableCredential"],
    "issuer":"%s","validFrom":"2026-01-01T00:00:00Z","credentialSubject":{"id":"did:example:p","value":7.90}}"""
    % ISSUER.encode()
)
OLD: dict[str, Any] = parse_json(
    b"""{"@context":["https://www.w3.org/2018/credentials/v1"],"id":"urn:c:1","type":["VerifiableCredential"],
    "issuer":{"id":"%s"},"issuanceDate":"2026-01-01T00:00:00Z","expirationDate":"2027-01-01T00:00:00Z",
    "credentialSubject":{"id":"did:example:p","value":7.90}}"""
    % ISSUER.encode()
)
PRESENTATION: dict[str, Any] = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": HOLDER,
    "verifiableCredential": [{"id": "data:application/vc+jwt,a.b.c", "type": "EnvelopedVerifiableCredential"}],
}


def signed(claims: Any, header: dict[str, Any] | None = None) -> str:
    return jose.sign(to_json(claims), signer=ISSUER_KEY, header={"typ": "vc+jwt", "kid": KID} | (header or {}))


def test_a_document_is_its_own_payload() -> None:
    token = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER_KEY, kid=KID)
    found = vc_jwt.verify_credential(token, keys=RESOLVED, now=NOW)
    assert to_json(found.document) == to_json(DOCUMENT)
    assert (found.issuer, found.key.id, found.key.vouched_by) == (ISSUER, KID, "did")
    assert found.header == {"alg": "ES256", "kid": KID, "typ": "vc+jwt", "cty": "vc"}
    assert b"7.90" in jose.read(token).payload
    with pytest.raises(WrongSignature):
        vc_jwt.verify_credential(vc_jwt.sign_credential(DOCUMENT, signer=OTHER_KEY, kid=KID), keys=RESOLVED, now=NOW)


def test_claims_that_agree_are_taken_out() -> None:
    claims = {**DOCUMENT, "iss": ISSUER, "jti": "urn:c:1", "sub": "did:example:p", "iat": NOW, "exp": NOW + 1}
    found = vc_jwt.verify_credential(signed(claims), keys=RESOLVED, now=NOW)
    assert found.document == DOCUMENT
    assert (found.times.issued_at, found.times.expires_at) == (NOW, NOW + 1)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"iss": HOLDER}, ClaimsContradict),
        ({"iss": 5}, ClaimsContradict),
        ({"jti": "urn:c:2"}, ClaimsContradict),
        ({"sub": "did:example:q"}, ClaimsContradict),
        ({"vc": DOCUMENT}, ClaimsContradict),
        ({"vp": {}}, ClaimsContradict),
        ({"@context": "https://www.w3.org/2018/credentials/v1"}, ClaimsContradict),
        ({"issuer": 1}, ClaimsContradict),
        ({"issuer": {"name": "x"}}, ClaimsContradict),
        ({"issuer": HOLDER}, KeyNotFound),
        ({"issuer": "https://issuer.example"}, KeyNotFound),
        ({"issuer": "did:nobody:x"}, KeyNotFound),
        ({"exp": NOW}, TokenExpired),
        ({"nbf": NOW + 1}, TokenNotYetValid),
        ({"exp": "never"}, ClaimsContradict),
    ],
)
def test_claims_that_are_refused(change: dict[str, Any], refusal: type[FormatRejected]) -> None:
    with pytest.raises(refusal):
        vc_jwt.verify_credential(signed(DOCUMENT | change), keys=RESOLVED, now=NOW)


@pytest.mark.parametrize(
    ("header", "refusal"),
    [
        ({"typ": "vp+jwt"}, HeaderRefused),
        ({"typ": "JWT"}, HeaderRefused),
        ({"cty": "vp"}, HeaderRefused),
        ({"kid": HOLDER_KID}, KeyNotFound),
        ({"kid": "#other"}, KeyNotFound),
        ({"kid": 7}, KeyNotFound),
    ],
)
def test_headers_that_are_refused(header: dict[str, Any], refusal: type[FormatRejected]) -> None:
    with pytest.raises(refusal):
        vc_jwt.verify_credential(signed(DOCUMENT, header), keys=RESOLVED, now=NOW)


def test_keys_by_other_names() -> None:
    fragment = KID.partition("#")[2]
    for header in ({"kid": fragment}, {"kid": f"#{fragment}"}, {"typ": "application/vc+jwt", "cty": "application/vc"}):
        vc_jwt.verify_credential(signed(DOCUMENT, header), keys=RESOLVED, now=NOW)
    unnamed = vc_jwt.sign_credential(DOCUMENT, signer=ISSUER_KEY)
    assert vc_jwt.verify_credential(unnamed, keys=RESOLVED, now=NOW).key.id == KID
    with pytest.raises(AlgorithmRefused):
        vc_jwt.verify_credential(unnamed, keys=RESOLVED, now=NOW, algorithms={"ES384"})
    with pytest.raises(ClaimsContradict):
        vc_jwt.sign_credential(OLD, signer=ISSUER_KEY)


def test_a_presentation_is_for_one_occasion() -> None:
    arguments: dict[str, Any] = {"audience": "https://v.example", "nonce": "n1"}
    token = vc_jwt.sign_presentation(
        PRESENTATION, signer=HOLDER_KEY, kid=HOLDER_KID, issued_at=NOW, expires_at=NOW + 60, **arguments
    )
    found = vc_jwt.verify_presentation(token, keys=RESOLVED, now=NOW, **arguments)
    assert (found.document, found.issuer) == (PRESENTATION, HOLDER)
    for change in ({"audience": "https://w.example"}, {"nonce": "n2"}):
        with pytest.raises(ClaimsContradict):
            vc_jwt.verify_presentation(token, keys=RESOLVED, now=NOW, **(arguments | change))
    with pytest.raises(TokenExpired):
        vc_jwt.verify_presentation(token, keys=RESOLVED, now=NOW + 60, **arguments)
    with pytest.raises(TokenNotYetValid):
        vc_jwt.verify_presentation(token, keys=RESOLVED, now=NOW - 60, **arguments)
    with pytest.raises(HeaderRefused):
        vc_jwt.verify_credential(token, keys=RESOLVED, now=NOW)
    with pytest.raises(ClaimsContradict):
        vc_jwt.sign_presentation({**PRESENTATION, "nonce": "x"}, signer=HOLDER_KEY, issued_at=NOW, **arguments)


def test_a_credential_of_1_1() -> None:
    token = vc_jwt.sign_credential_1_1(OLD, signer=ISSUER_KEY, kid=KID)
    claims = jose.read(token).peek()
    assert (claims["iss"], claims["nbf"], claims["exp"]) == (ISSUER, 1767225600, 1798761600)
    assert (claims["jti"], claims["sub"]) == ("urn:c:1", "did:example:p")
    found = vc_jwt.verify_credential_1_1(token, keys=RESOLVED, now=NOW)
    assert to_json(found.document) == to_json(OLD)
    with pytest.raises(TokenExpired):
        vc_jwt.verify_credential_1_1(token, keys=RESOLVED, now=1798761600)


def test_registered_claims_complete_a_document_of_1_1() -> None:
    bare = {name: OLD[name] for name in ("@context", "type")} | {
        "credentialSubject": {"value": OLD["credentialSubject"]["value"]}
    }
    claims = {"iss": ISSUER, "nbf": 1767225600, "exp": 1798761600, "jti": "urn:c:1", "sub": "did:example:p", "vc": bare}
    for header in ({"typ": "JWT"}, {"typ": "jwt"}):
        found = vc_jwt.verify_credential_1_1(signed(claims, header), keys=RESOLVED, now=NOW).document
        assert found == OLD | {"issuer": ISSUER}


@pytest.mark.parametrize(
    "change",
    [
        {"iss": HOLDER},
        {"iss": 4},
        {"nbf": 1767225500},
        {"exp": 1798761700},
        {"jti": "urn:c:2"},
        {"sub": "did:example:q"},
        {"vp": {}},
        {"vc": []},
        {"vc": DOCUMENT},
        {"vc": OLD | {"issuanceDate": "yesterday"}},
        {"vc": OLD | {"credentialSubject": [{}, {}]}},
    ],
)
def test_mismatches_of_1_1(change: dict[str, Any]) -> None:
    claims = jose.read(vc_jwt.sign_credential_1_1(OLD, signer=ISSUER_KEY)).peek()
    with pytest.raises(ClaimsContradict):
        vc_jwt.verify_credential_1_1(signed(claims | change, {"typ": "JWT"}), keys=GIVEN, now=NOW)


def test_a_presentation_of_1_1() -> None:
    document = {"@context": [CONTEXT_V1], "type": "VerifiablePresentation", "verifiableCredential": ["a.b.c"]}
    claims = {"iss": ISSUER, "jti": "urn:p", "aud": ["v", "w"], "nonce": "n", "vp": document}
    arguments: dict[str, Any] = {"keys": RESOLVED, "now": NOW, "audience": "v", "nonce": "n"}
    found = vc_jwt.verify_presentation_1_1(signed(claims, {"typ": "JWT"}), **arguments)
    assert found.document == document | {"holder": ISSUER, "id": "urn:p"}
    changes: list[dict[str, Any]] = [
        {"aud": "x"},
        {"nonce": 1},
        {"vp": {**document, "holder": HOLDER}},
        {"vp": 1},
        {"vc": {}},
    ]
    for change in changes:
        with pytest.raises(ClaimsContradict):
            vc_jwt.verify_presentation_1_1(signed(claims | change, {"typ": "JWT"}), **arguments)
