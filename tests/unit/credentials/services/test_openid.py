"""From an offer to a credential in the wallet, and from a request to a verified presentation, over HTTP both times."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient
from still_clock import At

from panacea.credentials.formats import jose, sd_jwt, sd_jwt_vc
from panacea.credentials.formats.jwk import read_jwk, to_jwk
from panacea.credentials.requests.key_proofs import PROOF_TYPE, ProvenKey, proof_claims
from panacea.credentials.requests.openid4vci import read_offer_link
from panacea.credentials.requests.openid4vp import read_request_object
from panacea.credentials.requests.signed import SignedJWT
from panacea.credentials.requests.types import NotDoneHere, QueryRejected
from panacea.credentials.requests.vp_responses import AuthorizationResponse, ErrorResponse
from panacea.credentials.services import openid4vci, openid4vp
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.vc import BBSKey, Verifier, derive, issue, present
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind
from panacea.health.strict_json import to_json
from panacea.identity.did_key import encode_did_key
from panacea.identity.resolver import KeyResolver
from panacea.primitives.time import SystemRandom

ISSUER_URL, VERIFIER_URL = "https://issuer.example", "https://verifier.example"
RANDOM = SystemRandom()
BBS, P256 = as_did_key(BBSKey.generate(RANDOM)), as_did_key(ECDSAKey(KeyKind.P256, b"1" * 32))
VERIFIER_KEY = as_did_key(Ed25519Key(b"v" * 32))
HOLDER = Ed25519Key(b"h" * 32)
HOLDER_KEY = as_did_key(HOLDER)
VCT = "https://issuer.example/patient"
JSON = dict[str, Any]  # Any: JSON
PROOFS = {"jwt": {"proof_signing_alg_values_supported": ["EdDSA", "ES256"]}}
CONFIGURATIONS: JSON = {
    "patient_ldp": {
        "format": "ldp_vc",
        "cryptographic_binding_methods_supported": ["did:key", "jwk"],
        "proof_types_supported": PROOFS,
        "credential_definition": {
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiableCredential"],
        },
    },
    "patient_sd_jwt": {
        "format": "dc+sd-jwt",
        "vct": VCT,
        "cryptographic_binding_methods_supported": ["jwk"],
        "proof_types_supported": PROOFS,
    },
}


def credential_for(subject: str, configuration: str, key: ProvenKey | None) -> Any:  # Any: JSON
    assert key is not None
    if configuration == "patient_sd_jwt":
        assert not isinstance(P256.signer, BBSKey)
        return sd_jwt_vc.issue(
            {"iss": P256.did, "name": subject, "city": "Seoul"},
            vct=VCT,
            hidden=["/name", "/city"],
            signer=P256.signer,  # type: ignore[arg-type]  # a key of P-256, as made above
            random=RANDOM,
            header={"kid": P256.method_id},
            holder_key=read_jwk(dict(key.jwk)),
        )
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": BBS.did,
        "credentialSubject": {"id": encode_did_key(read_jwk(dict(key.jwk))), "name": subject, "description": "x"},
    }
    return issue(document, BBS, mandatory=["/issuer"])


class House:
    """An issuer and a verifier over HTTP, with one clock."""

    def __init__(self) -> None:
        self.clock = At()
        self.events: list[tuple[str, str]] = []
        self.issuer = openid4vci.Issuer(
            ISSUER_URL,
            CONFIGURATIONS,
            credential_for,
            clock=self.clock,
            random=RANDOM,
            resolver=KeyResolver(),
            notified=lambda name, event: self.events.append((name, event)),
        )
        self.arrived: list[str] = []
        self.party = openid4vp.RelyingParty(
            VERIFIER_URL,
            VERIFIER_KEY,
            Verifier(resolver=KeyResolver(), clock=self.clock),
            clock=self.clock,
            random=RANDOM,
            arrived=lambda name, _: self.arrived.append(name),
        )
        self.issuing = TestClient(openid4vci.build_app(self.issuer), base_url=ISSUER_URL, raise_server_exceptions=False)
        self.verifying = TestClient(
            openid4vp.build_app(self.party), base_url=VERIFIER_URL, raise_server_exceptions=False
        )

    def token(self, *configurations: str, tx_code: str | None = None) -> str:
        offer, _ = self.issuer.offer("Anna", configurations, tx_code=tx_code)
        answer = self.redeem(offer.pre_authorized.code if offer.pre_authorized else "", tx_code)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def redeem(self, code: str, tx_code: str | None = None) -> Any:  # Any: a response
        form = {"grant_type": "urn:ietf:params:oauth:grant-type:pre-authorized_code", "pre-authorized_code": code}
        return self.issuing.post("/token", data=form | ({} if tx_code is None else {"tx_code": tx_code}))

    def proof(self, nonce: str | None = None, key: Ed25519Key = HOLDER, **header: object) -> str:
        fresh = self.issuing.post("/nonce").json()["c_nonce"] if nonce is None else nonce
        claims = proof_claims(ISSUER_URL, self.clock.seconds, nonce=fresh)
        return jose.sign(
            to_json(claims), signer=key, header={"typ": PROOF_TYPE, "jwk": to_jwk(key.public_key), **header}
        )

    def fetch(self, token: str, configuration: str, *proofs: str) -> Any:  # Any: a response
        body = {"credential_configuration_id": configuration, "proofs": {"jwt": list(proofs)}}
        return self.issuing.post("/credential", json=body, headers={"authorization": f"Bearer {token}"})

    def credential(self, configuration: str) -> Any:  # Any: a text or an object
        answer = self.fetch(self.token(configuration), configuration, self.proof())
        assert answer.status_code == 200, answer.text
        return answer.json()["credentials"][0]["credential"]


@pytest.fixture
def house() -> House:
    return House()


def test_metadata_and_offers(house: House) -> None:
    metadata = house.issuing.get("/.well-known/openid-credential-issuer").json()
    assert metadata["credential_issuer"] == ISSUER_URL
    assert set(metadata["credential_configurations_supported"]) == set(CONFIGURATIONS)
    server = house.issuing.get("/.well-known/oauth-authorization-server").json()
    assert server["token_endpoint"] == f"{ISSUER_URL}/token"
    offer, reference = house.issuer.offer("Anna", ["patient_ldp"], tx_code="12345")
    fetched = house.issuing.get(urlsplit(reference.uri).path).json()
    assert fetched == offer.to_json()
    assert "12345" not in str(fetched)
    assert read_offer_link(offer.to_link()) == offer
    house.clock.seconds += 601
    assert house.issuing.get(urlsplit(reference.uri).path).status_code == 404


def test_codes_are_good_once_and_not_for_long(house: House) -> None:
    offer, _ = house.issuer.offer("Anna", ["patient_ldp"])
    assert offer.pre_authorized is not None
    code = offer.pre_authorized.code
    assert house.redeem("another").json()["error"] == "invalid_grant"
    answer = house.redeem(code)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert house.redeem(code).json()["error"] == "invalid_grant"
    late, _ = house.issuer.offer("Anna", ["patient_ldp"])
    house.clock.seconds += 601
    assert late.pre_authorized is not None
    assert house.redeem(late.pre_authorized.code).status_code == 400


def test_transaction_codes_are_not_guessed(house: House) -> None:
    offer, _ = house.issuer.offer("Anna", ["patient_ldp"], tx_code="12345")
    assert offer.pre_authorized is not None
    code = offer.pre_authorized.code
    assert house.redeem(code).json()["error"] == "invalid_request"
    for guess in ("00000", "11111", "22222", "33333"):
        assert house.redeem(code, guess).json()["error"] == "invalid_grant"
    assert house.redeem(code, "12345").status_code == 400  # Five tries are over.
    assert house.token("patient_ldp", tx_code="12345")


@pytest.mark.parametrize("configuration", list(CONFIGURATIONS))
def test_a_credential_is_bound_to_the_wallets_key(house: House, configuration: str) -> None:
    made = house.credential(configuration)
    verifier = Verifier(resolver=KeyResolver(), clock=house.clock)
    if isinstance(made, str):
        assert verifier.credential(sd_jwt.present(made, reveal=["/name"])).document["name"] == "Anna"
    else:
        assert verifier.issued(made).subject_ids == (HOLDER_KEY.did,)


def test_several_keys_need_their_own_proofs(house: House) -> None:
    token = house.token("patient_ldp")
    twice = house.proof()
    assert house.fetch(token, "patient_ldp", twice, twice).status_code == 400


def test_proofs_that_prove_nothing(house: House) -> None:
    token = house.token("patient_ldp")
    nonce = house.issuing.post("/nonce").json()["c_nonce"]
    good = house.proof(nonce)
    assert house.fetch(token, "patient_ldp", good).status_code == 200
    for bad in (
        good,  # Its nonce was spent.
        house.proof("made-up"),
        house.proof(typ="JWT"),
        house.proof(jwk=to_jwk(Ed25519Key(b"o" * 32).public_key)),
        good[:-4] + "AAAA",
        "no.jwt.at-all",
        "x",
    ):
        answer = house.fetch(token, "patient_ldp", bad)
        assert answer.status_code == 400, answer.text
        assert answer.json()["error"] in {"invalid_proof", "invalid_nonce", "invalid_credential_request"}
    late = house.proof()
    house.clock.seconds += 301
    assert house.fetch(house.token("patient_ldp"), "patient_ldp", late).status_code == 400


def test_a_proof_that_nobody_asked_for(house: House) -> None:
    configuration = {"format": "dc+sd-jwt", "vct": VCT}
    house.issuer = openid4vci.Issuer(
        ISSUER_URL,
        {"bearer": configuration},
        lambda subject, _, key: f"{subject} {key}",
        clock=house.clock,
        random=RANDOM,
    )
    house.issuing = TestClient(openid4vci.build_app(house.issuer), base_url=ISSUER_URL, raise_server_exceptions=False)
    answer = house.fetch(house.token("bearer"), "bearer", house.proof())
    assert (answer.status_code, answer.json()["credentials"]) == (200, [{"credential": "Anna None"}])


def test_requests_that_the_token_does_not_cover(house: House) -> None:
    token = house.token("patient_ldp")
    answer = house.fetch(token, "patient_sd_jwt", house.proof())
    assert answer.json()["error"] == "unknown_credential_configuration"
    assert house.fetch("another", "patient_ldp", house.proof()).status_code == 401
    assert house.issuing.post("/credential", json={}).status_code == 401
    headers = {"authorization": f"Bearer {token}"}
    bodies: list[Any] = [{}, {"credential_configuration_id": 7}, [], {"credential_configuration_id": "patient_ldp"}]
    for body in bodies:  # Any: JSON
        assert house.issuing.post("/credential", json=body, headers=headers).status_code == 400
    assert house.issuing.post("/token", content=b"\xff" * 100).status_code == 400
    house.clock.seconds += 601
    assert house.fetch(token, "patient_ldp", house.proof()).status_code == 401


def test_notifications(house: House) -> None:
    token = house.token("patient_ldp")
    told = house.fetch(token, "patient_ldp", house.proof()).json()["notification_id"]
    headers = {"authorization": f"Bearer {token}"}
    body = {"notification_id": told, "event": "credential_accepted"}
    assert house.issuing.post("/notification", json=body, headers=headers).status_code == 204
    assert house.events == [(told, "credential_accepted")]
    for bad in ({**body, "notification_id": "x"}, {**body, "event": "eaten"}):
        assert house.issuing.post("/notification", json=bad, headers=headers).status_code == 400
    other = {"authorization": f"Bearer {house.token('patient_ldp')}"}
    house.issuer.offer("Bea", ["patient_ldp"])
    assert house.issuing.post("/notification", json=body, headers=other).status_code == 204


QUERY: JSON = {
    "credentials": [
        {
            "id": "person",
            "format": "ldp_vc",
            "meta": {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]},
            "claims": [{"path": ["credentialSubject", "name"]}],
        }
    ]
}
SD_QUERY: JSON = {
    "credentials": [
        {"id": "person", "format": "dc+sd-jwt", "meta": {"vct_values": [VCT]}, "claims": [{"path": ["name"]}]}
    ]
}


def verify_jwt(token: str) -> SignedJWT:
    unverified = jose.read(token)
    verified = unverified.verify(VERIFIER_KEY.signer.public_key, algorithms=jose.EVERY)  # type: ignore[union-attr]  # Ed25519
    return SignedJWT(unverified.header, verified.claims())


def open_request(house: House, query: JSON) -> tuple[str, Any]:  # Any: the request
    name, link = house.party.ask(query)
    parameters = parse_qs(urlsplit(link).query)
    path = urlsplit(parameters["request_uri"][0]).path
    answer = house.verifying.post(path, data={"wallet_nonce": "wn"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/oauth-authz-req+jwt")
    client = parameters["client_id"][0]
    return name, read_request_object(answer.text, verify=verify_jwt, client_id=client, wallet_nonce="wn")


def answer_with(house: House, name: str, request: Any, *presentations: Any) -> Any:  # Any: request, JSON, response
    response = AuthorizationResponse({"person": list(presentations)}, request.state)
    return post(house, name, response.to_form())


def post(house: House, name: str, form: str) -> Any:  # Any: a response
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return house.verifying.post(f"/responses/{name}", content=form, headers=headers)


def shown_ldp(
    house: House, request: Any, *pointers: str, challenge: str | None = None, domain: str | None = None
) -> Any:  # Any: request, JSON
    shown = derive(house.credential("patient_ldp"), ["/credentialSubject/id", *pointers])
    return present([shown], HOLDER_KEY, challenge=challenge or request.nonce, domain=domain or request.audience)


def test_a_presentation_arrives(house: House) -> None:
    name, request = open_request(house, QUERY)
    answer = answer_with(house, name, request, shown_ldp(house, request, "/credentialSubject/name"))
    assert answer.status_code == 200, answer.text
    result = house.party.result(name)
    assert result is not None
    assert result.credentials["person"][0].document["credentialSubject"] == {"id": HOLDER_KEY.did, "name": "Anna"}
    assert house.arrived == [name]


def bound(house: House, request: Any, *pointers: str, nonce: str | None = None) -> str:  # Any: the request
    shown = sd_jwt.present(house.credential("patient_sd_jwt"), reveal=pointers)
    at = house.clock.seconds
    return sd_jwt.bind(shown, signer=HOLDER, audience=request.audience, nonce=nonce or request.nonce, issued_at=at)


def test_an_sd_jwt_arrives(house: House) -> None:
    name, request = open_request(house, SD_QUERY)
    answer = answer_with(house, name, request, bound(house, request, "/name"))
    assert answer.status_code == 200, answer.text
    result = house.party.result(name)
    assert result is not None
    assert result.credentials["person"][0].document["name"] == "Anna"
    assert "city" not in result.credentials["person"][0].document


def test_answers_that_are_refused_leave_the_request_open(house: House) -> None:
    name, request = open_request(house, QUERY)
    good = shown_ldp(house, request, "/credentialSubject/name")
    for bad in (
        shown_ldp(house, request),  # The name is not shown.
        shown_ldp(house, request, "/credentialSubject/name", challenge="replayed"),
        shown_ldp(house, request, "/credentialSubject/name", domain="https://evil.example"),
        good["verifiableCredential"][0],
        {**good, "holder": P256.did},
        {**good, "verifiableCredential": []},
        "text",
        {},
    ):
        answer = answer_with(house, name, request, bad)
        assert answer.status_code == 400, answer.text
        assert house.party.result(name) is None
    assert answer_with(house, name, request, good, good).status_code == 400
    other = AuthorizationResponse({"person": [good]}, "another-state")
    assert post(house, name, other.to_form()).status_code == 400
    assert post(house, name, "vp_token=%7B").status_code == 400
    assert post(house, "another", AuthorizationResponse({"person": [good]}, request.state).to_form()).status_code == 400
    assert answer_with(house, name, request, good).status_code == 200
    assert answer_with(house, name, request, good).status_code == 400  # It was answered.
    assert house.verifying.get(f"/requests/{name}").status_code == 404


def test_a_credential_about_nobody_binds_no_holder(house: House) -> None:
    name, request = open_request(house, QUERY)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": VERIFIER_KEY.did,
        "credentialSubject": {"name": "Anna"},
    }
    stolen = present([issue(document, VERIFIER_KEY)], HOLDER_KEY, challenge=request.nonce, domain=request.audience)
    assert answer_with(house, name, request, stolen).status_code == 400
    assert house.party.result(name) is None


def test_sd_jwts_that_are_refused(house: House) -> None:
    name, request = open_request(house, SD_QUERY)
    unbound = sd_jwt.present(house.credential("patient_sd_jwt"), reveal=["/name"])
    other, replayed = bound(house, request, "/city"), bound(house, request, "/name", nonce="replayed")
    refused: list[Any] = [unbound, other, replayed, "a.b.c~", {}]  # Any: JSON
    for bad in refused:
        assert answer_with(house, name, request, bad).status_code == 400
    assert house.party.result(name) is None


def test_a_wallet_may_decline(house: House) -> None:
    name, request = open_request(house, QUERY)
    assert post(house, name, ErrorResponse("access_denied", state=request.state).to_form()).status_code == 200
    result = house.party.result(name)
    assert result is not None
    assert (result.error, dict(result.credentials)) == ("access_denied", {})


def test_requests_end(house: House) -> None:
    name, request = open_request(house, QUERY)
    good = shown_ldp(house, request, "/credentialSubject/name")
    house.clock.seconds += 601
    assert answer_with(house, name, request, good).status_code == 400
    assert house.verifying.get(f"/requests/{name}").status_code == 404


def test_a_status_that_nobody_can_look_up_is_not_believed(house: House) -> None:
    name, request = open_request(house, QUERY)
    entry = {
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": "https://issuer.example/status",
    }
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": BBS.did,
        "credentialStatus": entry,
        "credentialSubject": {"id": HOLDER_KEY.did, "name": "Anna"},
    }
    shown = derive(issue(document, BBS), ["/credentialSubject/id", "/credentialSubject/name"])
    made = present([shown], HOLDER_KEY, challenge=request.nonce, domain=request.audience)
    answer = answer_with(house, name, request, made)
    assert answer.status_code == 400
    assert "status" in answer.json()["error_description"]


def test_queries_that_cannot_be_asked(house: House) -> None:
    with pytest.raises(QueryRejected):
        house.party.ask({})
    with pytest.raises(NotDoneHere):
        house.party.ask({"credentials": [{"id": "a", "format": "mso_mdoc", "meta": {"doctype_value": "x"}}]})
    with pytest.raises(TypeError):
        openid4vp.RelyingParty(
            VERIFIER_URL, BBS, Verifier(resolver=KeyResolver(), clock=At()), clock=At(), random=RANDOM
        )
