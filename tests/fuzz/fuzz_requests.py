"""Presentation Exchange, DCQL, OpenID4VP and OpenID4VCI: what a wallet is asked, and what it answers."""

import json
from typing import Any

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.credentials.requests import dcql, submissions
from panacea.credentials.requests.credential_endpoint import read_credential_request, read_credential_response
from panacea.credentials.requests.definitions import read_definition
from panacea.credentials.requests.issuer_metadata import read_issuer_metadata
from panacea.credentials.requests.json_path import parse_path
from panacea.credentials.requests.openid4vci import read_offer, read_offer_link
from panacea.credentials.requests.openid4vp import read_invocation, read_request
from panacea.credentials.requests.presentation_exchange import match
from panacea.credentials.requests.signed import parse_form
from panacea.credentials.requests.translate import to_dcql
from panacea.credentials.requests.wallet import Held
from panacea.health.strict_json import parse_json

VC = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential", "Lab"],
    "issuer": "did:example:lab",
    "credentialSubject": {"id": "did:example:anna", "age": 19, "name": "Anna", "codes": [{"c": "a"}, {"c": "b"}]},
    "proof": {"type": "DataIntegrityProof", "cryptosuite": "bbs-2023"},
}
WALLET = [
    Held.of_ldp_vc("lab", VC),
    Held.of_jwt_vc("jwt", {"iss": "did:example:lab", "vc": VC}, alg="ES256"),
    Held("sd", "dc+sd-jwt", {"vct": "urn:lab", "age": 19, "list": ["a", {"b": 1}]}, vct="urn:lab"),
]
FIELD: dict[str, Any] = {
    "path": ["$.credentialSubject.age", "$.vc..age", "$..codes[?(@.c=='a')]", "$.x[1:3,5]"],
    "filter": {"type": "integer", "minimum": 18, "enum": [19], "pattern": "^a+$"},
    "predicate": "required",
    "id": "f",
    "optional": True,
}
DEFINITION = {
    "id": "d",
    "name": "n",
    "format": {"ldp_vc": {"proof_type": ["DataIntegrityProof"]}, "jwt_vc_json": {"alg": ["ES256"]}},
    "submission_requirements": [
        {"rule": "pick", "min": 1, "max": 2, "from": "A"},
        {"rule": "all", "from_nested": [{"rule": "pick", "count": 1, "from": "B"}]},
    ],
    "input_descriptors": [
        {
            "id": "i",
            "group": ["A", "B"],
            "constraints": {
                "limit_disclosure": "required",
                "subject_is_issuer": "preferred",
                "is_holder": [{"field_id": ["f"], "directive": "required"}],
                "fields": [FIELD],
            },
        },
        {"id": "j", "group": ["A"], "constraints": {"fields": [{"path": ["$.type"], "filter": {"const": "Lab"}}]}},
    ],
}
QUERY = {
    "credentials": [
        {
            "id": "a",
            "format": "ldp_vc",
            "multiple": True,
            "meta": {"type_values": [["https://www.w3.org/2018/credentials#VerifiableCredential"]]},
            "claims": [
                {"id": "x", "path": ["credentialSubject", "age"], "values": [19, "y"]},
                {"id": "y", "path": ["credentialSubject", "codes", None, "c"]},
                {"id": "z", "path": ["credentialSubject", "codes", 0]},
            ],
            "claim_sets": [["x", "y"], ["z"]],
            "trusted_authorities": [{"type": "aki", "values": ["s9tIpPmhxdiuNkHMEWNpYim8S8Y"]}],
        },
        {"id": "b", "format": "dc+sd-jwt", "meta": {"vct_values": ["urn:lab"]}, "claims": [{"path": ["age"]}]},
    ],
    "credential_sets": [{"options": [["a"], ["a", "b"]], "required": False, "purpose": "p"}],
}
SUBMISSION = {
    "presentation_submission": {
        "id": "s",
        "definition_id": "d",
        "descriptor_map": [
            {
                "id": "i",
                "format": "ldp_vp",
                "path": "$",
                "path_nested": {"id": "i", "format": "ldp_vc", "path": "$.verifiableCredential[0]"},
            }
        ],
    },
    "verifiableCredential": [VC],
}
REQUEST = {
    "response_type": "vp_token",
    "response_mode": "direct_post",
    "client_id": "redirect_uri:https://a.example/cb",
    "response_uri": "https://a.example/cb",
    "nonce": "n",
    "state": "s",
    "dcql_query": QUERY,
    "client_metadata": {"vp_formats_supported": {"ldp_vc": {"proof_type_values": ["x"]}}, "jwks": {"keys": []}},
    "transaction_data": ["e30"],
}
OFFER = {
    "credential_issuer": "https://a.example",
    "credential_configuration_ids": ["c"],
    "grants": {
        "urn:ietf:params:oauth:grant-type:pre-authorized_code": {
            "pre-authorized_code": "x",
            "tx_code": {"length": 4, "input_mode": "numeric"},
        },
        "authorization_code": {"issuer_state": "s"},
    },
}
METADATA = {
    "credential_issuer": "https://a.example",
    "credential_endpoint": "https://a.example/credential",
    "credential_configurations_supported": {
        "c": {
            "format": "ldp_vc",
            "credential_definition": {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["x"]},
            "cryptographic_binding_methods_supported": ["did:key"],
            "proof_types_supported": {"jwt": {"proof_signing_alg_values_supported": ["ES256"]}},
            "credential_metadata": {"claims": [{"path": ["a", None, 1], "display": [{"name": "A"}]}]},
        }
    },
}
CREDENTIAL = {
    "credential_configuration_id": "c",
    "proofs": {"jwt": ["e30.e30.e30"]},
    "credentials": [{"credential": "x"}],
}
PARTS = [DEFINITION, QUERY, SUBMISSION, REQUEST, OFFER, METADATA, CREDENTIAL]
JSON = [json.dumps(part).encode() for part in PARTS]
LINKS = [
    "openid4vp://?client_id=redirect_uri%3Ahttps%3A%2F%2Fa.example&request_uri=https%3A%2F%2Fa.example%2Fr",
    "openid-credential-offer://?credential_offer=%7B%22credential_issuer%22%3A%22https%3A%2F%2Fa.example%22%7D",
    "$.a..b[?(@.c > 1 && @['d'] == 'e')].f[-1:]",
]
ASKED = read_definition(DEFINITION)
WANTED = dcql.read_query(QUERY)


def _held(_: object, value: object) -> Held:
    return Held.of_ldp_vc("shown", value) if isinstance(value, dict) else WALLET[0]


def every_reader(value: Any) -> None:  # Any: JSON
    """What a JSON value may be taken for; each reader refuses by itself."""
    every(
        lambda: _definition(value),
        lambda: dcql.match(dcql.read_query(value), WALLET),
        lambda: submissions.verify_submission(
            ASKED, submissions.read_submission(value), value, decode=_held, holders=frozenset({"did:example:anna"})
        ),
        lambda: dcql.verify_response(WANTED, value, decode=_held),
        lambda: read_request(value, transaction_types=None),
        lambda: read_offer(value),
        lambda: read_issuer_metadata(value),
        lambda: read_credential_request(value),
        lambda: read_credential_response(value),
        lambda: match(ASKED, [Held.of_ldp_vc("edited", value)]),
        lambda: dcql.match(WANTED, [Held.of_jwt_vc("edited", value)]),
    )


def _definition(value: Any) -> None:  # Any: JSON
    definition = read_definition(value)
    match(definition, WALLET, holders=frozenset({"did:example:anna"}))
    to_dcql(definition)


def target(data: bytes) -> None:
    """Bytes below 32 first: a link, form or path; others: JSON."""
    if data[:1] < b"\x20":
        text = data[1:].decode("utf-8", "replace")
        every(
            lambda: read_invocation(text),
            lambda: read_offer_link(text),
            lambda: parse_path(text),
            lambda: parse_form(text),
        )
        return
    every_reader(parse_json(edited(bytes([data[0] - 0x20]) + data[1:], JSON)))


SEEDS = [
    *(b"\0" + link.encode() for link in LINKS),
    *(bytes([seed[0] + 0x20]) + seed[1:] for seed in as_raw(*JSON)),
]

if __name__ == "__main__":
    fuzz("fuzz_requests")
