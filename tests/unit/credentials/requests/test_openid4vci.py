"""Messages of OpenID4VCI: offers, metadata, tokens, credential requests and their proofs."""

from typing import Any

import pytest
from still_clock import At

from panacea.credentials.formats import jose
from panacea.credentials.formats.jwk import to_jwk
from panacea.credentials.requests.credential_endpoint import (
    CredentialRequest,
    CredentialResponse,
    Proofs,
    read_credential_request,
    read_credential_response,
    read_deferred_request,
    read_notification,
    require_request,
)
from panacea.credentials.requests.issuer_metadata import (
    AuthorizationDetail,
    IssuerMetadata,
    read_authorization_details,
    read_authorization_server,
    read_issuer_metadata,
    read_signed_metadata,
    well_known,
)
from panacea.credentials.requests.key_proofs import Expected, OwnKeys, ProvenKey, proof_claims, verify_key_proofs
from panacea.credentials.requests.openid4vci import (
    CredentialOffer,
    OAuthError,
    OfferReference,
    PreAuthorizedGrant,
    TokenRequest,
    TokenResponse,
    TransactionCode,
    read_nonce,
    read_offer,
    read_offer_link,
    read_token_request,
    read_token_response,
    require_token_request,
)
from panacea.credentials.requests.signed import SignedJWT
from panacea.credentials.requests.types import (
    CredentialRequestRejected,
    KeyProofRejected,
    MessageRejected,
    TokenRequestRejected,
)
from panacea.crypto.keys import Ed25519Key
from panacea.health.strict_json import to_json
from panacea.identity.did_key import did_key_document, did_key_method_id, encode_did_key

ISSUER = "https://issuer.example/tenant"
KEY = Ed25519Key(bytes(32))
OTHER = Ed25519Key(b"\1" * 32)
NOW = 1_800_000_000
ENCRYPTION = {"jwk": {"kty": "EC", "alg": "ECDH-ES", "kid": "1"}, "enc": "A128GCM"}


def metadata(**more: Any) -> dict[str, Any]:
    return {
        "credential_issuer": ISSUER,
        "credential_endpoint": "https://issuer.example/credential",
        "nonce_endpoint": "https://issuer.example/nonce",
        "batch_credential_issuance": {"batch_size": 2},
        "credential_configurations_supported": {
            "lab": {
                "format": "ldp_vc",
                "cryptographic_binding_methods_supported": ["did:key", "jwk"],
                "credential_signing_alg_values_supported": ["bbs-2023"],
                "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["EdDSA"]}},
                "credential_definition": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["Lab"]},
            },
            "card": {"format": "dc+sd-jwt", "vct": "https://issuer.example/card"},
        },
        **more,
    }


def known(**more: Any) -> IssuerMetadata:
    return read_issuer_metadata(metadata(**more), issuer=ISSUER)


def test_offers_by_value_and_by_reference() -> None:
    offer = CredentialOffer(ISSUER, ("lab",), PreAuthorizedGrant("secret-1", TransactionCode("text", 4, "look")))
    assert read_offer_link(offer.to_link()) == offer
    assert read_offer(offer.to_json()) == offer
    reference = OfferReference("https://issuer.example/offer/1")
    assert read_offer_link(reference.to_link()) == reference
    offer.require_issued_by(known())
    assert "secret-1" not in repr(offer)


@pytest.mark.parametrize(
    "offer",
    [
        CredentialOffer("https://eve.example", ("lab",)),
        CredentialOffer(ISSUER, ("other",)),
        CredentialOffer(ISSUER, ("lab",), PreAuthorizedGrant("c", None, "https://eve.example")),
    ],
)
def test_offers_that_the_issuer_does_not_know(offer: CredentialOffer) -> None:
    with pytest.raises(MessageRejected):
        offer.require_issued_by(known())


PRE = "urn:ietf:params:oauth:grant-type:pre-authorized_code"
TX_CODES: list[Any] = [None, [], {"input_mode": "voice"}, {"length": 0}, {"length": "4"}, {"description": "x" * 301}]


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"credential_issuer": ISSUER},
        {"credential_issuer": "http://issuer.example", "credential_configuration_ids": ["x"]},
        {"credential_issuer": "https://u:p@issuer.example", "credential_configuration_ids": ["x"]},
        {"credential_issuer": "https://issuer.example?x", "credential_configuration_ids": ["x"]},
        {"credential_issuer": "https://issuer.example#", "credential_configuration_ids": ["x"]},
        {"credential_issuer": "https://[", "credential_configuration_ids": ["x"]},
        {"credential_issuer": ISSUER, "credential_configuration_ids": []},
        {"credential_issuer": ISSUER, "credential_configuration_ids": ["x", "x"]},
        {"credential_issuer": ISSUER, "credential_configuration_ids": ["x"], "grants": []},
        {"credential_issuer": ISSUER, "credential_configuration_ids": ["x"], "grants": {PRE: {}}},
        *(
            {
                "credential_issuer": ISSUER,
                "credential_configuration_ids": ["x"],
                "grants": {PRE: {"pre-authorized_code": "c", "tx_code": tx_code}},
            }
            for tx_code in TX_CODES
        ),
    ],
)
def test_no_offers(value: Any) -> None:
    with pytest.raises(MessageRejected):
        read_offer(value)


@pytest.mark.parametrize(
    "link",
    ["x", "x://?", "x://?credential_offer=7", "x://?credential_offer=%7B%7D&credential_offer_uri=https://a.example",
     "x://?credential_offer_uri=http://a.example", "x://?credential_offer_uri=x", "x://?" + "a" * 70_000],
)  # fmt: skip
def test_no_links(link: str) -> None:
    with pytest.raises(MessageRejected):
        read_offer_link(link)


def test_metadata() -> None:
    read = known()
    assert (read.batch_size, read.nonce_endpoint) == (2, "https://issuer.example/nonce")
    lab = read.configurations["lab"]
    assert (lab.types, lab.contexts) == (("Lab",), ("https://www.w3.org/ns/credentials/v2",))
    assert lab.proof_types["jwt"].algorithms == ("EdDSA",)
    assert read.to_json() == metadata()
    assert (
        well_known(ISSUER, "openid-credential-issuer")
        == "https://issuer.example/.well-known/openid-credential-issuer/tenant"
    )
    assert well_known("https://issuer.example", "x") == "https://issuer.example/.well-known/x"


@pytest.mark.parametrize(
    "more",
    [
        {"credential_issuer": "https://eve.example"},
        {"credential_endpoint": "http://issuer.example"},
        {"credential_endpoint": None},
        {"nonce_endpoint": "x"},
        {"authorization_servers": []},
        {"batch_credential_issuance": {"batch_size": 1}},
        {"batch_credential_issuance": {}},
        {"display": [{"locale": "de"}, {"locale": "de"}]},
        {"display": []},
        {"credential_request_encryption": {"enc_values_supported": ["A128GCM"], "encryption_required": True}},
        {"credential_response_encryption": {"enc_values_supported": ["A128GCM"], "encryption_required": True}},
        {"credential_response_encryption": {"alg_values_supported": ["x"], "enc_values_supported": ["y"]}},
        {"credential_configurations_supported": []},
        {"credential_configurations_supported": {"x": {}}},
        {"credential_configurations_supported": {"x": {"format": "dc+sd-jwt"}}},
        {"credential_configurations_supported": {"x": {"format": "mso_mdoc"}}},
        {"credential_configurations_supported": {"x": {"format": "ldp_vc", "credential_definition": {}}}},
        {"credential_configurations_supported": {"x": {"format": "y", "proof_types_supported": {"jwt": {}}}}},
        {
            "credential_configurations_supported": {
                "x": {"format": "y", "credential_signing_alg_values_supported": [1.5]}
            }
        },
        {
            "credential_configurations_supported": {
                "x": {"format": "y", "credential_metadata": {"claims": [{"path": []}]}}
            }
        },
        {"credential_configurations_supported": {str(n): {"format": "y"} for n in range(600)}},
    ],
)
def test_no_metadata(more: dict[str, Any]) -> None:
    with pytest.raises(MessageRejected):
        known(**more)


def test_signed_metadata() -> None:
    claims = {**metadata(), "iss": "https://authority.example", "sub": ISSUER, "iat": NOW, "exp": NOW + 60}

    def sign(typ: str = "openidvci-issuer-metadata+jwt", **more: Any) -> str:
        return jose.sign(to_json({**claims, **more}), signer=KEY, header={"typ": typ})

    assert read_signed_metadata(sign(), verify=verify, issuer=ISSUER, clock=At(NOW)) == known()
    for token in (sign("JWT"), sign(sub="https://eve.example"), sign(exp=NOW), sign(iat="x")):
        with pytest.raises(MessageRejected):
            read_signed_metadata(token, verify=verify, issuer=ISSUER, clock=At(NOW))


def verify(token: str) -> SignedJWT:
    checked = jose.read(token).verify(KEY.public_key, algorithms=jose.EVERY)
    return SignedJWT(checked.header, checked.claims(), to_jwk(KEY.public_key))


def test_authorization_servers() -> None:
    value = {
        "issuer": "https://as.example",
        "token_endpoint": "https://as.example/token",
        "grant_types_supported": [PRE],
        "pre-authorized_grant_anonymous_access_supported": True,
        "unheard": 1,
    }
    server = read_authorization_server(value, issuer="https://as.example")
    assert (server.anonymous_pre_authorized, server.to_json()) == (True, value)
    assert read_authorization_server({"issuer": "https://as.example"}).anonymous_pre_authorized is False
    with pytest.raises(MessageRejected):
        read_authorization_server(value, issuer="https://eve.example")


def test_authorization_details() -> None:
    value = [{"type": "payment"}, {"type": "openid_credential", "credential_configuration_id": "lab", "unheard": 1}]
    assert read_authorization_details(value) == (AuthorizationDetail("lab"),)
    credential = {"type": "openid_credential", "credential_configuration_id": "x"}
    wrongs: list[Any] = [None, [], [{}], [{"type": "openid_credential"}], [{**credential, "claims": []}]]
    for wrong in wrongs:
        with pytest.raises(MessageRejected):
            read_authorization_details(wrong)


def test_token_requests() -> None:
    asked = TokenRequest(PRE, "code", "1234", authorization_details=(AuthorizationDetail("lab"),), others={"dpop": "x"})
    assert read_token_request(asked.to_form()) == asked
    assert "1234" not in repr(asked)
    authorised = TokenRequest(
        "authorization_code", code="c", code_verifier="v", redirect_uri="https://w.example/cb", client_id="w"
    )
    assert read_token_request(authorised.to_form()) == authorised


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ("", "invalid_request"),
        ("grant_type=password", "unsupported_grant_type"),
        (f"grant_type={PRE}", "invalid_request"),
        ("grant_type=authorization_code", "invalid_request"),
        ("grant_type=authorization_code&code=c&tx_code=1", "invalid_request"),
        ("grant_type=authorization_code&code=c&code=d", "invalid_request"),
        (f"grant_type={PRE}&pre-authorized_code=c&authorization_details=x", "invalid_request"),
    ],
)
def test_no_token_requests(form: str, error: str) -> None:
    with pytest.raises(TokenRequestRejected) as refused:
        read_token_request(form)
    assert refused.value.error == error
    assert OAuthError.of(refused.value).error == error


@pytest.mark.parametrize(
    ("tx_code", "grant", "expected", "error"),
    [
        (None, PreAuthorizedGrant("code"), None, None),
        ("1234", PreAuthorizedGrant("code", TransactionCode()), "1234", None),
        ("1234", PreAuthorizedGrant("code"), None, "invalid_request"),
        (None, PreAuthorizedGrant("code", TransactionCode()), "1234", "invalid_request"),
        ("1235", PreAuthorizedGrant("code", TransactionCode()), "1234", "invalid_grant"),
        ("1234", PreAuthorizedGrant("code", TransactionCode()), None, "invalid_grant"),
        (None, PreAuthorizedGrant("other"), None, "invalid_grant"),
        (None, None, None, "invalid_grant"),
    ],
)
def test_pre_authorised_codes(
    tx_code: str | None, grant: PreAuthorizedGrant | None, expected: str | None, error: str | None
) -> None:
    asked = TokenRequest(PRE, "code", tx_code)
    if error is None:
        require_token_request(asked, grant, expected_tx_code=expected)
        return
    with pytest.raises(TokenRequestRejected) as refused:
        require_token_request(asked, grant, expected_tx_code=expected)
    assert refused.value.error == error


def test_anonymous_clients() -> None:
    server = read_authorization_server({"issuer": "https://as.example"})
    grant = PreAuthorizedGrant("code")
    with pytest.raises(TokenRequestRejected) as refused:
        require_token_request(TokenRequest(PRE, "code"), grant, expected_tx_code=None, server=server)
    assert refused.value.error == "invalid_client"
    require_token_request(TokenRequest(PRE, "code", client_id="w"), grant, expected_tx_code=None, server=server)


def test_token_responses_and_nonces() -> None:
    given = TokenResponse(
        "at", expires_in=60, authorization_details=(AuthorizationDetail("lab", credential_identifiers=("x",)),)
    )
    assert read_token_response(given.to_json()) == given
    assert "secret-2" not in repr(TokenResponse("secret-2", refresh_token="secret-2"))
    with pytest.raises(MessageRejected) as refused:
        read_token_response({"error": "invalid_grant", "error_description": "used"})
    assert refused.value.error == "invalid_grant"
    for wrong in (
        {},
        {"access_token": "x"},
        {**given.to_json(), "authorization_details": [AuthorizationDetail("lab").to_json()]},
    ):
        with pytest.raises(MessageRejected):
            read_token_response(wrong)
    assert read_nonce({"c_nonce": "n"}) == "n"
    with pytest.raises(MessageRejected):
        read_nonce({})


def proof(key: Ed25519Key = KEY, claims: dict[str, Any] | None = None, **header: Any) -> str:
    said = proof_claims(ISSUER, NOW, nonce="n") | (claims or {})
    head = {"typ": "openid4vci-proof+jwt", "jwk": to_jwk(key.public_key), **header}
    said = {name: value for name, value in said.items() if value is not None}
    return jose.sign(to_json(said), signer=key, header={name: one for name, one in head.items() if one is not None})


EXPECTED = Expected(ISSUER, ("m", "n"), ("EdDSA",))


def prove(*proofs: str, expected: Expected = EXPECTED) -> tuple[ProvenKey, ...]:
    return verify_key_proofs(Proofs("jwt", proofs), expected=expected, clock=At(NOW), verify=OwnKeys())


def test_credential_requests() -> None:
    for asked in (
        CredentialRequest("lab", proofs=Proofs("jwt", ("a.b.c",))),
        CredentialRequest(credential_identifier="x"),
        CredentialRequest("card"),
    ):
        assert read_credential_request(asked.to_json()) == asked
    assert read_credential_request({"credential_configuration_id": "lab", "unheard": 1}).proofs is None
    assert (
        read_credential_request({"credential_identifier": "x", "credential_response_encryption": ENCRYPTION}).to_json()[
            "credential_response_encryption"
        ]
        == ENCRYPTION
    )


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (None, "invalid_credential_request"),
        ({}, "invalid_credential_request"),
        ({"credential_configuration_id": "x", "credential_identifier": "y"}, "invalid_credential_request"),
        ({"format": "ldp_vc", "proof": {}}, "invalid_credential_request"),
        ({"credential_identifier": "x", "proofs": {}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"jwt": ["a"], "di_vp": [{}]}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"ldp_vp": [{}]}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"jwt": [{}]}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"di_vp": ["a"]}}, "invalid_proof"),
        ({"credential_identifier": "x", "proofs": {"attestation": ["a", "b"]}}, "invalid_proof"),
        ({"credential_identifier": "x", "credential_response_encryption": {}}, "invalid_encryption_parameters"),
        (
            {
                "credential_identifier": "x",
                "credential_response_encryption": {"jwk": {"kty": "EC", "d": "x"}, "enc": "y"},
            },
            "invalid_encryption_parameters",
        ),
    ],
)
def test_no_credential_requests(value: Any, error: str) -> None:
    with pytest.raises(CredentialRequestRejected) as refused:
        read_credential_request(value)
    assert refused.value.error == error


def test_what_a_token_is_good_for() -> None:
    jwt = Proofs("jwt", ("a.b.c",))
    granted = (AuthorizationDetail("lab", credential_identifiers=("lab-1",)),)
    asked = CredentialRequest(credential_identifier="lab-1", proofs=jwt)
    assert require_request(asked, known(), granted=granted)[0] == "lab"
    assert require_request(CredentialRequest("card"), known(), configurations=["card"])[0] == "card"
    for wrong, error, more in (
        (
            CredentialRequest(credential_identifier="lab-2", proofs=jwt),
            "unknown_credential_identifier",
            {"granted": granted},
        ),
        (CredentialRequest("lab", proofs=jwt), "invalid_credential_request", {"granted": granted}),
        (CredentialRequest("other"), "unknown_credential_configuration", {"configurations": ["other"]}),
        (CredentialRequest("card"), "unknown_credential_configuration", {"configurations": ["lab"]}),
        (CredentialRequest("lab"), "invalid_proof", {"configurations": ["lab"]}),
        (CredentialRequest("lab", proofs=Proofs("di_vp", ({},))), "invalid_proof", {"configurations": ["lab"]}),
        (CredentialRequest("lab", proofs=Proofs("jwt", ("a",) * 3)), "invalid_proof", {"configurations": ["lab"]}),
    ):
        with pytest.raises(CredentialRequestRejected) as refused:
            require_request(wrong, known(), **more)
        assert refused.value.error == error


def test_encryption_of_credential_responses() -> None:
    offered = {"alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A128GCM"], "encryption_required": True}
    issuer = known(credential_response_encryption=offered)
    wanted = read_credential_request(
        {"credential_configuration_id": "card", "credential_response_encryption": ENCRYPTION}
    )
    assert require_request(wanted, issuer, configurations=["card"], encrypted=True)
    keys = {"jwks": {"keys": [ENCRYPTION["jwk"]]}, "enc_values_supported": ["A128GCM"], "encryption_required": True}
    for asked, server, encrypted in (
        (CredentialRequest("card"), issuer, True),
        (wanted, issuer, False),
        (wanted, known(), True),
        (wanted, known(credential_response_encryption={**offered, "enc_values_supported": ["A256GCM"]}), True),
        (CredentialRequest("card"), known(credential_request_encryption=keys), False),
    ):
        with pytest.raises(CredentialRequestRejected) as refused:
            require_request(asked, server, configurations=["card"], encrypted=encrypted)
        assert refused.value.error == "invalid_encryption_parameters"


def test_proofs_of_keys() -> None:
    keys = prove(proof(), proof(OTHER))
    assert [key.jwk for key in keys] == [to_jwk(KEY.public_key), to_jwk(OTHER.public_key)]
    assert prove(proof(claims={"iss": "w"}), expected=Expected(ISSUER, ["n"], ["EdDSA"], "w"))
    assert prove(proof(claims={"nonce": None}), expected=Expected(ISSUER, None, ["EdDSA"]))


class DIDs:
    def resolve(self, did: str) -> Any:
        return did_key_document(did)


@pytest.mark.parametrize(
    ("claims", "header", "error"),
    [
        ({}, {"typ": "JWT"}, "invalid_proof"),
        ({}, {"kid": "did:example:1#1"}, "invalid_proof"),
        ({}, {"jwk": None}, "invalid_proof"),
        ({"aud": "https://eve.example"}, {}, "invalid_proof"),
        ({"aud": [ISSUER]}, {}, "invalid_proof"),
        ({"iss": "somebody"}, {}, "invalid_proof"),
        ({"iat": NOW - 601}, {}, "invalid_proof"),
        ({"iat": NOW + 61}, {}, "invalid_proof"),
        ({"iat": None}, {}, "invalid_proof"),
        ({"iat": True}, {}, "invalid_proof"),
        ({"nonce": None}, {}, "invalid_proof"),
        ({"nonce": "old"}, {}, "invalid_nonce"),
    ],
)
def test_proofs_that_prove_nothing(claims: dict[str, Any], header: dict[str, Any], error: str) -> None:
    with pytest.raises(KeyProofRejected) as refused:
        prove(proof(claims=claims, **header))
    assert refused.value.error == error


def test_proofs_by_another_key_or_twice() -> None:
    with pytest.raises(Exception, match="signature"):
        prove(proof(KEY, jwk=to_jwk(OTHER.public_key)))
    with pytest.raises(KeyProofRejected, match="twice"):
        prove(proof(), proof(claims={"iat": NOW - 1}))
    with pytest.raises(KeyProofRejected):
        prove(proof(), expected=Expected(ISSUER, ["n"], ["ES256"]))
    with pytest.raises(KeyProofRejected):
        prove("x")
    with pytest.raises(KeyProofRejected):
        verify_key_proofs(Proofs("jwt", (proof(),)), expected=EXPECTED, clock=At(NOW))

    def other(token: str) -> SignedJWT:
        return SignedJWT(jose.read(token).header, jose.read(token).peek(), to_jwk(OTHER.public_key))

    headers: list[dict[str, Any]] = [{}, {"jwk": "x"}, {"jwk": []}]
    for header in headers:
        with pytest.raises(KeyProofRejected, match="another"):
            verify_key_proofs(Proofs("jwt", (proof(**header),)), expected=EXPECTED, clock=At(NOW), verify=other)
    with pytest.raises(KeyProofRejected, match="another"):
        verify_key_proofs(Proofs("jwt", (proof(),)), expected=EXPECTED, clock=At(NOW), verify=other)


def test_proofs_by_presentation() -> None:
    said = {"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022", "proofPurpose": "authentication",
            "challenge": "n", "domain": ISSUER}  # fmt: skip
    presentation = {"type": ["VerifiablePresentation"], "holder": "did:example:anna", "proof": said}
    expected = Expected(ISSUER, ["n"], ["eddsa-rdfc-2022"])

    def check(value: Any) -> tuple[ProvenKey, ...]:
        return verify_key_proofs(
            Proofs("di_vp", (value,)), expected=expected, clock=At(NOW),
            verify_presentation=lambda _, challenge, domain: {"kty": "OKP", "x": challenge + domain},
        )  # fmt: skip

    (key,) = check(presentation)
    assert (key.kid, key.jwk["x"]) == ("did:example:anna", f"n{ISSUER}")
    for wrong, error in (
        ({**presentation, "type": "VerifiableCredential"}, "invalid_proof"),
        ({**presentation, "proof": [said, said]}, "invalid_proof"),
        ({**presentation, "proof": {**said, "proofPurpose": "assertionMethod"}}, "invalid_proof"),
        ({**presentation, "proof": {**said, "domain": "https://eve.example"}}, "invalid_proof"),
        ({**presentation, "proof": {**said, "cryptosuite": "bbs-2023"}}, "invalid_proof"),
        ({**presentation, "proof": {**said, "challenge": "old"}}, "invalid_nonce"),
    ):
        with pytest.raises(KeyProofRejected) as refused:
            check(wrong)
        assert refused.value.error == error


def test_attested_keys() -> None:
    def attest(typ: str = "key-attestation+jwt", **more: Any) -> str:
        claims = {"iat": NOW, "exp": NOW + 9, "nonce": "n", "attested_keys": [to_jwk(OTHER.public_key)], **more}
        return jose.sign(to_json(claims), signer=KEY, header={"typ": typ})

    def check(token: str) -> tuple[ProvenKey, ...]:
        return verify_key_proofs(
            Proofs("attestation", (token,)), expected=EXPECTED, clock=At(NOW), verify_attestation=verify
        )

    assert [key.jwk for key in check(attest())] == [to_jwk(OTHER.public_key)]
    for token in (attest("JWT"), attest(exp=NOW), attest(nonce="old"), attest(attested_keys=[]), attest(iat="x")):
        with pytest.raises(KeyProofRejected):
            check(token)


def test_responses() -> None:
    now = CredentialResponse(("eyJ", {"type": "x"}), notification_id="1")
    later = CredentialResponse(transaction_id="t", interval=60)
    assert (now.status, later.status) == (200, 202)
    assert read_credential_response(now.to_json(), status=200) == now
    assert read_credential_response(later.to_json(), status=202) == later
    wrongs: list[Any] = [
        {}, {"credentials": []}, {"credentials": ["x"]}, {"credentials": [{}]}, {"credentials": [{"credential": 7}]},
        {"transaction_id": "t"}, {"transaction_id": "t", "interval": 0}, {**now.to_json(), **later.to_json()},
        {**later.to_json(), "notification_id": "1"},
    ]  # fmt: skip
    for wrong in wrongs:
        with pytest.raises(MessageRejected):
            read_credential_response(wrong)
    with pytest.raises(MessageRejected):
        read_credential_response(later.to_json(), status=200)


def test_deferred_and_notified() -> None:
    assert read_deferred_request({"transaction_id": "t"}).to_json() == {"transaction_id": "t"}
    with pytest.raises(CredentialRequestRejected):
        read_deferred_request({})
    told = {"notification_id": "1", "event": "credential_failure", "event_description": "Out of storage."}
    assert read_notification(told).to_json() == told
    for wrong in ({}, {**told, "event": "lost"}, {**told, "event_description": "ä"}, {"event": "credential_accepted"}):
        with pytest.raises(CredentialRequestRejected) as refused:
            read_notification(wrong)
        assert refused.value.error == "invalid_notification_request"


def test_keys_by_did() -> None:
    did = encode_did_key(KEY.public_key)
    kid = did_key_method_id(did)
    token = proof(jwk=None, kid=kid)
    (key,) = verify_key_proofs(
        Proofs("jwt", (token,)), expected=EXPECTED, clock=At(NOW), verify=OwnKeys(resolver=DIDs())
    )
    assert key == ProvenKey(to_jwk(KEY.public_key), kid)
    with pytest.raises(KeyProofRejected):
        prove(token)
