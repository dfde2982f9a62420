"""DIDs, DID URLs, keys in every spelling, DID documents and resolution metadata."""

import json

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, Secp256k1Key
from panacea.health.strict_json import parse_json
from panacea.identity import jwk
from panacea.identity.dereferencing import dereference, version_of
from panacea.identity.did import is_did, method_of, parse_did_url
from panacea.identity.did_jwk import did_jwk_document, encode_did_jwk
from panacea.identity.did_key import did_key_document, encode_did_key
from panacea.identity.did_web import did_web_url, url_did_web
from panacea.identity.documents import DIDDocument
from panacea.identity.driver import choose_type
from panacea.identity.multikey import decode_multikey, encode_multikey
from panacea.identity.reading import read_controller_document, read_document, read_time
from panacea.identity.resolution import represent
from panacea.identity.universal import read_metadata

KEYS = [
    Ed25519Key(b"f" * 32).public_key,
    Secp256k1Key(b"f" * 32).public_key,
    ECDSAKey(KeyKind.P256, b"f" * 32).public_key,
    ECDSAKey(KeyKind.P384, b"f" * 48).public_key,
]
DID = "did:example:a"
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
    "id": DID,
    "controller": [DID],
    "alsoKnownAs": ["https://a.example"],
    "verificationMethod": [
        {"id": f"{DID}#{number}", "type": "Multikey", "controller": DID, "publicKeyMultibase": encode_multikey(key)}
        for number, key in enumerate(KEYS)
    ]
    + [{"id": f"{DID}#j", "type": "JsonWebKey", "controller": DID, "publicKeyJwk": jwk.encode_jwk(KEYS[0])}],
    "authentication": [f"{DID}#0"],
    "assertionMethod": ["#1", {"id": f"{DID}#e", "type": "Multikey", "controller": DID, "publicKeyMultibase": "z6Mk"}],
    "service": [{"id": f"{DID}#s", "type": "x", "serviceEndpoint": {"uri": "https://a.example"}}],
}
METADATA = {"created": "2026-01-01T00:00:00Z", "versionId": "1", "deactivated": False, "equivalentId": [DID]}
JSON = [json.dumps(DOCUMENT).encode(), json.dumps(METADATA).encode(), json.dumps(jwk.encode_jwk(KEYS[2])).encode()]
TEXTS = [
    *(encode_did_key(key) for key in KEYS),
    *(encode_did_jwk(key) for key in KEYS),
    *(encode_multikey(key) for key in KEYS),
    "did:web:a.example%3A8443:user:b",
    "https://a.example:8443/user/b/did.json",
    "did:example:a/path?versionId=1&versionTime=2026-01-01T00:00:00Z&service=s&relativeRef=%2Fa#f",
    "application/did+ld+json;q=0.9, */*;q=0.1",
    "2026-01-01T00:00:00+09:00",
]


class Known:
    """A resolver of one document."""

    def resolve(self, did: str) -> DIDDocument:
        """The document, whoever is asked for."""
        return read_document(DOCUMENT, DID)


def every_reader(text: str) -> None:
    """What a text may be taken for; each reader refuses by itself."""
    is_did(text)
    choose_type(text)
    dereference(Known(), text)
    every(
        lambda: method_of(text),
        lambda: version_of(parse_did_url(text)),
        lambda: did_key_document(text, derive_agreement=True),
        lambda: represent(did_jwk_document(text)),
        lambda: did_web_url(text),
        lambda: url_did_web(text),
        lambda: decode_multikey(text),
        lambda: read_time(text),
    )


def target(data: bytes) -> None:
    """Bytes below 32 first: a text; others: JSON."""
    if data[:1] < b"\x20":
        every_reader(data[1:].decode("utf-8", "replace"))
        return
    octets = edited(bytes([data[0] - 0x20]) + data[1:], JSON)
    value = parse_json(octets)
    every(
        lambda: represent(read_document(octets, DID)),
        lambda: read_controller_document(octets, "https://a.example/x"),
        lambda: read_document(value, DID).to_json() if isinstance(value, dict) else None,
        lambda: read_metadata(value),
        lambda: jwk.thumbprint(jwk.decode_jwk(value)),
    )


SEEDS = [
    *(b"\0" + text.encode() for text in TEXTS),
    *(bytes([seed[0] + 0x20]) + seed[1:] for seed in as_raw(*JSON)),
]

if __name__ == "__main__":
    fuzz("fuzz_did")
