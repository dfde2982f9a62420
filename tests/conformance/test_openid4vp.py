"""The messages that OpenID4VP 1.0 prints, each read by what it is and written back.

The text elides: `{...}` stands where a query would, lines are wrapped within texts. `mended` puts a query there and
joins the lines; nothing else is changed. A file is recognised by its members, so that new ones find their reader.
"""

import base64
import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from shared_files import shared

from panacea.credentials.requests.dcql import read_query
from panacea.credentials.requests.openid4vp import (
    AuthorizationRequest,
    read_client_metadata,
    read_dc_request,
    read_request_object,
)
from panacea.credentials.requests.signed import SignedJWT
from panacea.credentials.requests.vp_responses import ErrorResponse, read_response, read_vp_token
from panacea.credentials.requests.wallet import Held
from panacea.health.strict_json import parse_json

ROOT = shared("openid4vp")
FILES = sorted(file for file in ROOT.rglob("*") if file.suffix in {".json", ".txt"})
QUERY = '{"credentials": [{"id": "elided", "format": "dc+sd-jwt", "meta": {"vct_values": ["any"]}}]}'
HEADER = b'{"alg":"ES256","typ":"oauth-authz-req+jwt"}'

EXCEPTIONS: dict[str, str] = {}


def case(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


def mended(text: str) -> str:
    text = re.sub(r"\{\s*\.\.\.\s*\}", QUERY, text)
    text = re.sub(r",?\s*\.\.\.\s*(?=[\]}])", "", text)
    text = re.sub(r"(?m)^\s*//.*$", "", text)
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: re.sub(r"\s*\n\s*", "", found[0]), text)


def certificate(name: str) -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "verifier")])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    return base64.b64encode(built.public_bytes(Encoding.DER)).decode()


def header_for(client_id: str) -> dict[str, Any]:
    prefix, _, original = client_id.partition(":")
    if prefix == "x509_san_dns":
        return {"x5c": [certificate(original)]}
    if prefix == "decentralized_identifier":
        return {"kid": f"{original}#1"}
    pytest.fail(f"a client identifier that this test cannot sign for: {client_id}")


def read_printed_request(value: dict[str, Any]) -> AuthorizationRequest:
    """The request of a payload, as if a verifier had signed it."""
    client_id = value.get("client_id")
    origins = value.get("expected_origins")
    if client_id is None and origins is None:
        raise AssertionError("an unsigned request is for another reader")
    if origins is None:
        token = f"{encoded(HEADER)}.e30.AA"
        assert client_id is not None
        return read_request_object(token, verify=lambda _: SignedJWT(header_for(client_id), value))
    named = client_id or "decentralized_identifier:did:example:123"
    header = {**header_for(named), **({} if client_id else {"client_id": named})}
    if client_id is None:
        protocol, data = "openid4vp-v1-multisigned", {"payload": "", "signatures": []}
    else:
        token = f"{encoded(HEADER)}.e30.AA"
        protocol, data = "openid4vp-v1-signed", {"request": token}
    return read_dc_request(protocol, data, origin=origins[0], verify=lambda _: SignedJWT(header, value))


def encoded(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def read_any(value: Any) -> str:
    """Read a value by what it is, check that it is written back, and say what it was."""
    assert isinstance(value, dict)
    names = value.keys()
    if "credentials" in names and isinstance(value["credentials"], list):
        assert read_query(read_query(value).to_json()) == read_query(value)
        return "query"
    if "response_type" in names:
        written = read_printed_request(value).to_json()
        assert {name: written.get(name) for name in names - {"iss", "aud"}} == {
            name: value[name] for name in names - {"iss", "aud"}
        }
        return "request"
    if "vp_formats_supported" in names or "jwks" in names:
        assert read_client_metadata(value).to_json() == value
        return "client metadata"
    if "error" in names:
        request = AuthorizationRequest(
            "n", read_query(parse_json(QUERY.encode())), response_mode="dc_api", origin="https://a.example"
        )
        response = read_response(value, request)
        assert isinstance(response, ErrorResponse)
        assert response.to_json() == value
        return "error"
    if "vp_token" in names:
        assert read_vp_token(value["vp_token"]) == value["vp_token"]
        return "response"
    return read_format(value)


def read_format(value: dict[str, Any]) -> str:
    """What belongs to the formats: credentials, presentations, headers and claims of JWTs."""
    names = value.keys()
    types = value.get("type", [])
    if "VerifiablePresentation" in types or "vp" in names:
        presentation = value.get("vp", value)
        assert presentation["verifiableCredential"]
        for one in presentation["verifiableCredential"]:
            assert isinstance(one, str) or Held.of_ldp_vc("presented", one).issuer
        assert value.get("nonce") or value["proof"]["challenge"]
        assert value.get("aud") or value["proof"]["domain"]
        return "presentation"
    if "VerifiableCredential" in types:
        assert Held.of_ldp_vc("printed", value).types
        return "ldp_vc"
    if "vc" in names:
        assert Held.of_jwt_vc("printed", value).root == ("vc",)
        return "jwt_vc_json"
    if "alg" in names:
        assert isinstance(value["alg"], str)
        return "header"
    if {"sd_hash", "nonce", "aud"} & names:
        assert isinstance(value["nonce"], str)
        return "key binding"
    if {"vct", "_sd", "iss"} & names:
        held = Held.of_sd_jwt("printed", value, [])
        assert held.vct == value.get("vct")
        return "sd-jwt"
    # What is left are claims before they are signed: any JSON object is one.
    assert Held("printed", "dc+sd-jwt", value).document == value
    return "claims"


@pytest.mark.parametrize("file", FILES, ids=case)
def test_messages_are_read_and_written(file: Path) -> None:
    text = file.read_text()
    if file.suffix == ".txt" and "{" not in text:
        assert re.fullmatch(r"[A-Za-z0-9_.~\s-]+", text), "neither JSON nor a token"
        return
    body = text[text.index("{") :] if file.suffix == ".txt" else text
    kind = read_any(parse_json(mended(body).encode()))
    folder = file.relative_to(ROOT).parts[0]
    if folder in {"query_lang", "client_metadata"}:
        assert kind == {"query_lang": "query", "client_metadata": "client metadata"}[folder]
