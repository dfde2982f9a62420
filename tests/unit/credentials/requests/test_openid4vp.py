"""Messages of OpenID4VP: requests in every dress, who may send them, and answers."""

import base64
import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from still_clock import At

from panacea.credentials.formats import base64url, jose
from panacea.credentials.formats.jwk import read_jwk, to_jwk
from panacea.credentials.requests.client_identifiers import read_client_identifier
from panacea.credentials.requests.dcql import read_query
from panacea.credentials.requests.openid4vp import (
    AuthorizationRequest,
    read_client_metadata,
    read_dc_request,
    read_invocation,
    read_request,
    read_request_object,
    read_wallet_post,
    write_transaction_data,
)
from panacea.credentials.requests.signed import SignedJWT, parse_form
from panacea.credentials.requests.types import (
    AuthorizationResponseRejected,
    ClientIdentifierRejected,
    MessageRejected,
    RequestObjectRejected,
    TransactionDataRejected,
)
from panacea.credentials.requests.vp_responses import (
    Acknowledgement,
    AuthorizationResponse,
    ErrorResponse,
    read_acknowledgement,
    read_response,
    respond,
)
from panacea.credentials.requests.wallet import Held
from panacea.crypto.keys import Ed25519Key
from panacea.health.strict_json import to_json

DCQL = {"credentials": [{"id": "pid", "format": "dc+sd-jwt", "meta": {"vct_values": ["v"]}}]}
LOOSE = {"credentials": [{**DCQL["credentials"][0], "require_cryptographic_holder_binding": False}]}
KEY = Ed25519Key(bytes(32))
JWK = {"kty": "EC", "kid": "1", "use": "enc", "crv": "P-256", "alg": "ECDH-ES", "x": "YO4epjifD", "y": "Hekpm0zf"}
NOW = 1_800_000_000


def parameters(**more: Any) -> dict[str, Any]:
    base = {
        "client_id": "redirect_uri:https://v.example/post",
        "response_type": "vp_token",
        "response_mode": "direct_post",
        "response_uri": "https://v.example/post",
        "nonce": "n-0S6_WzA2Mj",
        "dcql_query": DCQL,
    }
    return {name: value for name, value in (base | more).items() if value is not None}


def signed(claims: dict[str, Any], **header: Any) -> str:
    return jose.sign(to_json(claims), signer=KEY, header={"typ": "oauth-authz-req+jwt", **header})


def verify(token: str) -> SignedJWT:
    checked = jose.read(token).verify(KEY.public_key, algorithms=jose.EVERY)
    return SignedJWT(checked.header, checked.claims(), to_jwk(KEY.public_key))


def did_parameters(**more: Any) -> dict[str, Any]:
    return parameters(client_id="decentralized_identifier:did:example:123", **more)


def test_an_unsigned_request() -> None:
    request = read_request(parameters(state="s", client_metadata={"vp_formats_supported": {"dc+sd-jwt": {}}}))
    assert request.audience == "redirect_uri:https://v.example/post"
    assert (request.target, request.signed, request.encrypted) == ("https://v.example/post", False, False)
    assert read_request(request.to_json()) == request
    invocation = read_invocation(request.to_url())
    assert invocation.client_id == "redirect_uri:https://v.example/post"
    assert read_request(invocation.parameters) == request


def test_the_target_may_be_that_of_the_client() -> None:
    assert read_request(parameters(response_uri=None)).target == "https://v.example/post"
    fragment = parameters(response_uri=None, response_mode=None, redirect_uri="https://v.example/post")
    assert read_request(fragment).response_mode == "fragment"


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"response_type": "token"}, "invalid_request"),
        ({"response_mode": "query.jwt"}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"nonce": "a b"}, "invalid_request"),
        ({"nonce": "ä"}, "invalid_request"),
        ({"state": "a/b"}, "invalid_request"),
        ({"dcql_query": None}, "invalid_request"),
        ({"dcql_query": {}}, "invalid_request"),
        ({"scope": "x"}, "invalid_request"),
        ({"dcql_query": LOOSE}, "invalid_request"),
        ({"redirect_uri": "https://v.example/post"}, "invalid_request"),
        ({"response_uri": "http://v.example/post"}, "invalid_request"),
        ({"response_uri": "https://other.example/post"}, "invalid_request"),
        ({"client_id": None}, "invalid_request"),
        ({"client_id": "decentralized_identifier:did:example:123"}, "invalid_request"),
        ({"client_id": "x509_san_dns:v.example"}, "invalid_request"),
        ({"client_id": "origin:https://v.example"}, "invalid_request"),
        ({"client_id": "redirect_uri:"}, "invalid_request"),
        ({"response_mode": "direct_post.jwt"}, "invalid_request"),
        ({"client_metadata": {"jwks": {"keys": [{**JWK, "d": "secret"}]}}}, "invalid_request"),
        ({"client_metadata": {"jwks": {"keys": [{"kty": "EC"}]}}}, "invalid_request"),
        ({"client_metadata": {"jwks": {"keys": [JWK, JWK]}}}, "invalid_request"),
        ({"client_metadata": {"vp_formats_supported": {"ldp_vc": {"proof_type_values": []}}}}, "invalid_request"),
        ({"verifier_info": []}, "invalid_request"),
        ({"verifier_info": [{"format": "jwt"}]}, "invalid_request"),
        ({"transaction_data": []}, "invalid_request"),
        ({"transaction_data": ["e30"]}, "invalid_transaction_data"),
        ({"transaction_data": ["!"]}, "invalid_transaction_data"),
    ],
)
def test_requests_that_are_none(more: dict[str, Any], error: str) -> None:
    with pytest.raises(MessageRejected) as refused:
        read_request(parameters(**more))
    assert refused.value.error == error


def test_holder_binding_or_state() -> None:
    assert read_request(parameters(dcql_query=LOOSE, state="s")).state == "s"
    over_api = {"response_type": "vp_token", "response_mode": "dc_api", "nonce": "n", "dcql_query": LOOSE}
    assert read_request(over_api, origin="https://v.example").audience == "origin:https://v.example"


def test_links() -> None:
    by_reference = read_invocation(
        "openid4vp://?client_id=x&request_uri=https%3A%2F%2Fv.example%2Fr&request_uri_method=post"
    )
    assert (by_reference.request_uri, by_reference.request_uri_method) == ("https://v.example/r", "post")
    assert read_invocation("https://w.example?client_id=x&request=a.b.c").request == "a.b.c"
    for link, error in (
        ("openid4vp://?client_id=x&request_uri=https://v.example&request_uri_method=PUT", "invalid_request_uri_method"),
        ("openid4vp://?client_id=x&request_uri=http://v.example", "invalid_request"),
        ("openid4vp://?client_id=x&request=a&request_uri=https://v.example", "invalid_request"),
        ("openid4vp://?request=a", "invalid_request"),
        ("openid4vp://?client_id=x&request_uri_method=post", "invalid_request"),
        ("openid4vp://?client_id=x&client_id=y", "invalid_request"),
        ("openid4vp://?client_id=x&dcql_query=%7B", "invalid_request"),
        ("openid4vp://?" + "&".join(f"a{n}=1" for n in range(70)), "invalid_request"),
        ("openid4vp://?" + "a" * 70_000, "invalid_request"),
    ):
        with pytest.raises(MessageRejected) as refused:
            read_invocation(link)
        assert refused.value.error == error


def test_what_a_wallet_posts() -> None:
    posted = read_wallet_post("wallet_nonce=abc&wallet_metadata=%7B%22vp_formats_supported%22%3A%7B%7D%7D&other=1")
    assert (posted.wallet_nonce, posted.wallet_metadata) == ("abc", {"vp_formats_supported": {}})
    assert read_wallet_post(b"").wallet_nonce is None
    assert read_wallet_post(posted.to_form()) == posted


@pytest.mark.parametrize(
    ("formats", "taken"),
    [
        ({}, True),
        ({"ldp_vc": {}}, True),
        ({"ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["bbs-2023"]}}, True),
        ({"ldp_vc": {"proof_type_values": ["DataIntegrityProof"], "cryptosuite_values": ["ecdsa-sd-2023"]}}, False),
        ({"dc+sd-jwt": {}}, False),
    ],
)
def test_formats_that_a_verifier_takes(formats: dict[str, Any], taken: bool) -> None:
    proof = {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023"}
    held = Held.of_ldp_vc("x", {"type": "VerifiableCredential", "proof": proof})
    assert read_client_metadata({"vp_formats_supported": formats}).takes(held) is taken


def test_a_signed_request() -> None:
    token = signed(did_parameters(wallet_nonce="w"), kid="did:example:123#1")
    request = read_request_object(
        token, verify=verify, client_id="decentralized_identifier:did:example:123", wallet_nonce="w"
    )
    assert request.signed
    assert request.audience == "decentralized_identifier:did:example:123"
    assert request.to_claims()["aud"] == "https://self-issued.me/v2"


@pytest.mark.parametrize(
    ("claims", "header", "asked"),
    [
        ({}, {"typ": "JWT"}, {}),
        ({}, {"kid": "did:example:eve#1"}, {}),
        ({}, {"kid": "did:example:123"}, {}),
        ({}, {"kid": "did:example:1234#1"}, {}),
        ({}, {}, {"client_id": "decentralized_identifier:did:example:eve"}),
        ({}, {}, {"wallet_nonce": "w"}),
        ({"wallet_nonce": "x"}, {}, {"wallet_nonce": "w"}),
        ({"client_id": "redirect_uri:https://v.example/post"}, {}, {}),
        ({"client_id": "openid_federation:https://v.example"}, {}, {}),
        ({"client_id": "verifier_attestation:v.example"}, {}, {}),
        ({"client_id": None}, {}, {}),
        ({"request_uri": "https://v.example"}, {}, {}),
        ({"exp": NOW}, {}, {"clock": At(NOW)}),
    ],
)
def test_signed_requests_that_are_not_believed(
    claims: dict[str, Any], header: dict[str, Any], asked: dict[str, Any]
) -> None:
    said = {name: value for name, value in (did_parameters() | claims).items() if value is not None}
    token = signed(said, **{"kid": "did:example:123#1", **header})
    with pytest.raises(MessageRejected):
        read_request_object(token, verify=verify, **asked)


@pytest.mark.parametrize("alg", ["none", "None", "HS256", None])
def test_algorithms_that_sign_nothing(alg: str | None) -> None:
    header = {"typ": "oauth-authz-req+jwt", "kid": "did:example:123#1", **({"alg": alg} if alg else {})}
    token = f"{base64url.encode(to_json(header))}.{base64url.encode(to_json(did_parameters()))}."

    def believe(_: str) -> SignedJWT:
        raise AssertionError("nobody should be asked to verify it")

    with pytest.raises(RequestObjectRejected):
        read_request_object(token, verify=believe)


def certificate(*names: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "v.example")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start + datetime.timedelta(days=1))
    if names:
        extension = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(extension, critical=False)
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


def test_certified_clients() -> None:
    chain = [certificate("v.example", "w.example")]
    claims = parameters(client_id="x509_san_dns:V.example")
    assert read_request_object(signed(claims, x5c=chain), verify=verify).signed
    elsewhere = parameters(client_id="x509_san_dns:w.example")
    assert read_request_object(signed(elsewhere, x5c=chain), verify=verify, free_target=True).signed
    digest = base64url.encode(hashlib.sha256(base64.b64decode(chain[0])).digest())
    by_hash = parameters(client_id=f"x509_hash:{digest}")
    assert read_request_object(signed(by_hash, x5c=chain), verify=verify).signed
    for wrong, header in (
        (elsewhere, {"x5c": chain}),
        (parameters(client_id="x509_san_dns:other.example"), {"x5c": chain}),
        (claims, {"x5c": [certificate()]}),
        (claims, {"x5c": ["!!"]}),
        (claims, {"x5c": [base64.b64encode(b"x").decode()]}),
        (claims, {"x5c": []}),
        (claims, {}),
        (by_hash, {"x5c": [certificate("v.example")]}),
        (parameters(client_id="x509_hash:ä"), {"x5c": chain}),
    ):
        with pytest.raises(ClientIdentifierRejected):
            read_request_object(signed(wrong, **header), verify=verify)


def attestation(key: Any = None, **more: Any) -> str:
    claims = {
        "iss": "https://authority.example",
        "sub": "v.example",
        "exp": NOW + 60,
        "cnf": {"jwk": to_jwk(key or KEY.public_key)},
        "redirect_uris": ["https://v.example/post"],
    }
    header = {"typ": more.pop("typ", "verifier-attestation+jwt")}
    return jose.sign(to_json(claims | more), signer=KEY, header=header)


def test_attested_clients() -> None:
    claims = parameters(client_id="verifier_attestation:v.example")
    token = signed(claims, jwt=attestation())
    assert read_request_object(token, verify=verify, attest=verify, clock=At(NOW)).signed
    other = Ed25519Key(b"\1" * 32).public_key
    for header in (
        {},
        {"jwt": attestation(typ="JWT")},
        {"jwt": attestation(sub="other")},
        {"jwt": attestation(exp=NOW)},
        {"jwt": attestation(nbf=NOW + 1)},
        {"jwt": attestation(redirect_uris=["https://other.example"])},
        {"jwt": attestation(other)},
        {"jwt": attestation(cnf={})},
    ):
        with pytest.raises(ClientIdentifierRejected):
            read_request_object(signed(claims, **header), verify=verify, attest=verify, clock=At(NOW))


def over_api(**more: Any) -> dict[str, Any]:
    return {"response_type": "vp_token", "response_mode": "dc_api", "nonce": "n", "dcql_query": DCQL, **more}


def test_over_the_digital_credentials_api() -> None:
    here = "https://v.example"
    plain = read_dc_request("openid4vp-v1-unsigned", over_api(client_id="eve", expected_origins=["x"]), origin=here)
    assert (plain.client, plain.expected_origins, plain.audience) == (None, (), "origin:https://v.example")
    claims = over_api(client_id="decentralized_identifier:did:example:123", expected_origins=[here], state="ignored")
    data = {"request": signed(claims, kid="did:example:123#1")}
    once = read_dc_request("openid4vp-v1-signed", data, origin=here, verify=lambda token: verify(str(token)))
    assert (once.signed, once.state, once.audience) == (True, None, "origin:https://v.example")
    without = {name: value for name, value in claims.items() if name != "client_id"}
    header = {"kid": "did:example:123#1", "client_id": "decentralized_identifier:did:example:123"}
    jws = {"payload": "", "signatures": []}
    many = read_dc_request("openid4vp-v1-multisigned", jws, origin=here, verify=lambda _: SignedJWT(header, without))
    assert many.client == once.client
    for protocol, value, origin, claimed in (
        ("openid4vp", over_api(), here, None),
        ("openid4vp-v1-unsigned", parameters(), here, None),
        ("openid4vp-v1-signed", data, "https://eve.example", None),
        ("openid4vp-v1-multisigned", jws, here, claims),
    ):

        def believe(token: Any, said: Any = claimed) -> SignedJWT:
            return SignedJWT(header, said or {}) if isinstance(token, dict) else verify(token)

        with pytest.raises(MessageRejected):
            read_dc_request(protocol, value, origin=origin, verify=believe)
    with pytest.raises(MessageRejected):
        read_dc_request("openid4vp-v1-signed", data, origin=here)


def test_transaction_data() -> None:
    encoded = write_transaction_data({"type": "payment", "credential_ids": ["pid"], "amount": 5})
    request = read_request(parameters(transaction_data=[encoded]), transaction_types={"payment"})
    (entry,) = request.transaction_data
    assert entry.members["amount"] == 5
    assert entry.digest() == base64url.encode(hashlib.sha256(encoded.encode()).digest())
    with pytest.raises(TransactionDataRejected):
        entry.digest("sha-512")
    assert read_request(parameters(transaction_data=[encoded]), transaction_types=None).transaction_data
    with pytest.raises(TransactionDataRejected):
        read_request(parameters(transaction_data=[encoded]))
    other = write_transaction_data({"type": "payment", "credential_ids": ["other"]})
    with pytest.raises(TransactionDataRejected):
        read_request(parameters(transaction_data=[other]), transaction_types={"payment"})
    with pytest.raises(TransactionDataRejected):
        write_transaction_data({"type": "payment"})


def test_keys_to_encrypt_to() -> None:
    metadata = read_client_metadata({"jwks": {"keys": [{**JWK, "kid": "0", "crv": "P-384"}, JWK]}})
    assert metadata.choose_key({"ECDH-ES": {"P-256"}, "enc": {"A128GCM"}}) == (JWK, "A128GCM")
    assert metadata.choose_key({"ECDH-ES": {"P-256"}, "enc": {"A256GCM"}}) is None
    assert metadata.choose_key({}) is None


def request(**more: Any) -> AuthorizationRequest:
    return read_request(parameters(state="s", **more))


def test_answers() -> None:
    asked = request()
    answer = respond(asked, {"pid": ["eyJhb~"]})
    assert parse_form(answer.to_form()) == {"vp_token": '{"pid":["eyJhb~"]}', "state": "s"}
    assert read_response(answer.to_form(), asked) == answer
    assert read_response(answer.to_url("https://v.example/cb").partition("#")[2], asked) == answer
    over = read_request(over_api(), origin="https://v.example")
    assert read_response(respond(over, {"pid": [{"type": "x"}]}).to_json(), over).to_json() == {
        "vp_token": {"pid": [{"type": "x"}]}
    }
    wrong: list[dict[str, list[str]]] = [{}, {"other": ["x"]}, {"pid": []}, {"pid": ["x", "y"]}]
    for presentations in wrong:
        with pytest.raises(AuthorizationResponseRejected):
            respond(asked, presentations)


@pytest.mark.parametrize(
    "body",
    [
        "", "state=s", "vp_token=%7B%22pid%22%3A%5B%22x%22%5D%7D",
        "vp_token=%7B%22pid%22%3A%5B%22x%22%5D%7D&state=other", "vp_token=x&state=s", "vp_token=%5B%5D&state=s",
        "vp_token=%7B%7D&state=s", "vp_token=%7B%22pid%22%3A%22x%22%7D&state=s", "response=a.b.c.d.e",
        "vp_token=%7B%22pid%22%3A%5B7%5D%7D&state=s", "vp_token=%7B%22pid%22%3A%5B%5D%7D&state=s",
        "error=access_denied", "error=access_denied&state=other", "error=%22&state=s", "state=s&state=s", "%ff=1",
    ],
)  # fmt: skip
def test_answers_that_are_none(body: str) -> None:
    with pytest.raises(AuthorizationResponseRejected):
        read_response(body, request())


def test_encrypted_answers() -> None:
    asked = request(response_mode="direct_post.jwt", client_metadata={"jwks": {"keys": [JWK]}})
    inside: Callable[[str], Any] = lambda token: {"vp_token": {"pid": [token]}, "state": "s"}  # noqa: E731  # a stand-in for a decrypter
    answer = read_response("response=jwe", asked, decrypt=inside)
    assert isinstance(answer, AuthorizationResponse)
    assert answer.vp_token == {"pid": ["jwe"]}
    with pytest.raises(AuthorizationResponseRejected, match="not encrypted"):
        read_response(respond(asked, {"pid": ["x"]}).to_form(), asked, decrypt=inside)
    with pytest.raises(AuthorizationResponseRejected):
        read_response("response=jwe", asked)
    with pytest.raises(AuthorizationResponseRejected):
        read_response("response=jwe", asked, decrypt=lambda _: [])
    failed = read_response("error=access_denied&state=s", asked, decrypt=inside)
    assert failed == ErrorResponse("access_denied", None, "s")


def test_errors_are_answered_in_the_letters_of_oauth() -> None:
    refusal = MessageRejected('a "quoted" \\ ä', error="vp_formats_not_supported")
    error = ErrorResponse.of(refusal, request())
    assert error.error_description == "a 'quoted' ' ': message refused"
    assert read_response(error.to_form(), request()) == error
    assert ErrorResponse.of(TransactionDataRejected()).error == "invalid_transaction_data"


def test_acknowledgements() -> None:
    told = Acknowledgement("https://v.example/cb#response_code=1")
    assert read_acknowledgement(to_json(told.to_json())) == told
    assert read_acknowledgement("{}") == Acknowledgement()
    with pytest.raises(AuthorizationResponseRejected):
        read_acknowledgement('{"redirect_uri": "x"}')


def test_client_identifiers() -> None:
    for text, prefix, original in (
        ("example-client", "pre-registered", "example-client"),
        ("https://client.example", "pre-registered", "https://client.example"),
        ("decentralized_identifier:did:example:123", "decentralized_identifier", "did:example:123"),
    ):
        read = read_client_identifier(text)
        assert (read.prefix, read.original, read.full) == (prefix, original, text)
    for value in (None, "", "x" * 3000, "a\nb", 7):
        with pytest.raises(ClientIdentifierRejected):
            read_client_identifier(value)


def test_built_by_hand() -> None:
    built = AuthorizationRequest(
        "n",
        read_query(DCQL),
        read_client_identifier("x509_san_dns:v.example"),
        response_mode="direct_post",
        response_uri="https://v.example/post",
    )
    assert built.to_json()["client_id"] == "x509_san_dns:v.example"
    with pytest.raises(MessageRejected):
        AuthorizationRequest("n", read_query(DCQL), response_mode="direct_post")
    with pytest.raises(MessageRejected):
        assert AuthorizationRequest("n", read_query(DCQL), response_mode="dc_api").audience
    assert read_jwk(to_jwk(KEY.public_key)) == KEY.public_key
