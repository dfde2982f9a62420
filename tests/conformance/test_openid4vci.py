"""The messages that OpenID4VCI prints, each read by what it is and written back.

Lines are wrapped within texts, for print: `mended` joins them. A file is recognised by its members, so that new ones
find their reader; one that nobody recognises fails.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from shared_files import shared

from panacea.credentials.formats.jwk import read_jwk
from panacea.credentials.requests import credential_endpoint, issuer_metadata, openid4vci
from panacea.credentials.requests.claims_path import select_claims
from panacea.credentials.requests.types import CredentialRequestRejected
from panacea.credentials.requests.work import Budget
from panacea.health.strict_json import parse_json

ROOT = shared("openid4vci")
FILES = sorted(file for file in ROOT.rglob("*") if file.suffix in {".json", ".txt"})

EXCEPTIONS: dict[str, str] = {
    "credential_request_iso_mdl": "a request of a draft before 1.0, by format: neither identifier is there",
}


def case(file: Path) -> str:
    return file.relative_to(ROOT).with_suffix("").as_posix()


def mended(text: str) -> str:
    text = re.sub(r",?\s*\.\.\.\s*(?=[\]}])", "", text)
    return re.sub(r'"(?:[^"\\]|\\.)*"', lambda found: re.sub(r"\s*\n\s*", "", found[0]), text)


def is_older(value: Any) -> bool:
    """Whether a credential request is of a draft before 1.0, which named formats instead of configurations."""
    ids = {"credential_configuration_id", "credential_identifier"}
    return isinstance(value, dict) and {"format", "proof"} & value.keys() != set() and not ids & value.keys()


def read_any(value: Any) -> str:
    """Read a value by what it is, check that it is written back, and say what it was."""
    if isinstance(value, list):
        details = issuer_metadata.read_authorization_details(value)
        assert [one.to_json() for one in details] == value
        return "authorization details"
    names = value.keys()
    if {"credential_issuer", "credential_configuration_ids"} <= names:
        offer = openid4vci.read_offer(value)
        assert offer.to_json() == value
        assert openid4vci.read_offer_link(offer.to_link()) == offer
        return "offer"
    if "credential_endpoint" in names:
        metadata = issuer_metadata.read_issuer_metadata(value)
        assert metadata.to_json() == value
        return "issuer metadata"
    if "credential_configurations_supported" in names:
        for name, one in issuer_metadata.read_configurations(value).items():
            assert one.to_json() == value["credential_configurations_supported"][name]
            assert one.claims or "credential_metadata" not in one.members
        return "configurations"
    return read_endpoint(value)


def read_endpoint(value: dict[str, Any]) -> str:
    names = value.keys()
    if "jwks" in names or "keys" in names:
        keys = value.get("jwks", value)["keys"]
        assert all(read_jwk(one).raw for one in keys if one["kty"] == "EC" and one["crv"] in {"P-256", "P-384"})
        return "keys"
    if "event" in names:
        assert credential_endpoint.read_notification(value).to_json() == value
        return "notification"
    if "credentials" in names or {"transaction_id", "interval"} <= names:
        assert credential_endpoint.read_credential_response(value).to_json() == value
        return "credential response"
    if "transaction_id" in names:
        assert credential_endpoint.read_deferred_request(value).to_json() == value
        return "deferred request"
    if "access_token" in names:
        assert openid4vci.read_token_response(value).to_json() == value
        return "token response"
    if "c_nonce" in names:
        assert openid4vci.read_nonce(value) == value["c_nonce"]
        return "nonce"
    if "error" in names:
        assert openid4vci.read_error(value).to_json() == value
        return "error"
    if {"issuer", "token_endpoint"} <= names:
        assert issuer_metadata.read_authorization_server(value).to_json() == value
        return "authorization server"
    if {"credential_configuration_id", "credential_identifier", "proofs", "proof"} & names:
        assert credential_endpoint.read_credential_request(value).to_json() == value
        return "credential request"
    return read_inside(value)


def read_inside(value: dict[str, Any]) -> str:
    """Headers and claims of JWTs, and credentials, whose readers are those of the formats."""
    names = value.keys()
    if "alg" in names:
        assert isinstance(value["alg"], str)
        return "header"
    assert {"iss", "aud", "iat", "vct", "vc", "@context", "attested_keys", "sub", "nbf"} & names, "nobody knows it"
    assert select_claims(value, (next(iter(names)),), Budget())
    return "claims"


@pytest.mark.parametrize("file", FILES, ids=case)
def test_messages_are_read_and_written(file: Path) -> None:
    text = file.read_text()
    if file.suffix == ".txt":
        start = min(text.index(sign) for sign in "{[" if sign in text)
        text = text[start:]
    value = parse_json(mended(text).encode())
    if case(file) in EXCEPTIONS or is_older(value):
        assert is_older(value)
        with pytest.raises(CredentialRequestRejected) as refused:
            credential_endpoint.read_credential_request(value)
        assert refused.value.error == "invalid_credential_request"
        return
    read_any(value)
