"""Status lists, of bits and of tokens: packed lists, entries, credentials and tokens that carry them."""

import gzip
import json
import zlib

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.credentials.formats.base64url import encode
from panacea.credentials.status.bitstring import StatusEntry, StatusList, check_status, create_status_credential
from panacea.credentials.status.token import StatusReference, TokenStatusList, read_aggregation
from panacea.crypto.keys import Ed25519Key
from panacea.health.strict_json import parse_json
from panacea.identity.documents import DIDDocument, VerificationMethod

NOW = 1_767_225_600
KEY = Ed25519Key(b"f" * 32)
DID, URL = "did:example:a", "https://a.example/1"
METHOD = VerificationMethod(f"{DID}#k", DID, KEY.public_key)
ISSUER = DIDDocument(DID, assertion_method=(METHOD,))
ENTRY = StatusEntry(URL, 5)
CREDENTIAL = create_status_credential(
    StatusList(), url=URL, issuer=DID, signer=KEY, method_id=METHOD.id, valid_from=NOW, purpose="revocation"
)
JSON = [
    CREDENTIAL,
    json.dumps(ENTRY.to_json()).encode(),
    json.dumps(TokenStatusList(64, bits=2).to_json()).encode(),
    json.dumps({"status": StatusReference("urn:l", 3).to_json()["status_list"]}).encode(),
    json.dumps({"status_lists": ["https://a.example/1"]}).encode(),
]


def target(data: bytes) -> None:
    """Bytes below 32 first: a packed list, or what is to be packed; others: JSON."""
    if data[:1] < b"\x20":
        every(
            lambda: StatusList.decode("u" + encode(data[1:])),
            lambda: StatusList.decode("u" + encode(gzip.compress(data[1:] * 64, 1, mtime=0))),
            lambda: TokenStatusList.from_cbor({"bits": 1 << len(data) % 4, "lst": data[1:]}),
            lambda: TokenStatusList.from_json({"bits": 1, "lst": encode(zlib.compress(data[1:], 1))}),
        )
        return
    octets = edited(bytes([data[0] - 0x20]) + data[1:], JSON)
    value = parse_json(octets)
    every(
        lambda: check_status(ENTRY, octets, issuer_document=ISSUER, now=NOW, max_age=3600),
        lambda: StatusEntry.from_json(value),
        lambda: StatusEntry.read(value) if isinstance(value, dict) else None,
        lambda: TokenStatusList.from_json(value),
        lambda: StatusReference.from_claims(value) if isinstance(value, dict) else None,
        lambda: read_aggregation(octets),
    )


SEEDS = [
    b"\0" + gzip.compress(bytes(16_384), mtime=0),
    b"\1" + TokenStatusList(64).compressed(),
    b"\2" + zlib.compress(bytes(1 << 20), 9),
    *(bytes([seed[0] + 0x20]) + seed[1:] for seed in as_raw(*JSON)),
]

if __name__ == "__main__":
    fuzz("fuzz_status")
