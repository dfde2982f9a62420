"""Whole credentials and presentations of any version, signed after they were changed, so that all is judged."""

import json
from typing import Any

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.proofs import add_proof
from panacea.credentials.vc.model import read_credential, read_presentation
from panacea.credentials.vc.verify import Verifier
from panacea.crypto.keys import Ed25519Key
from panacea.health.strict_json import parse_json, to_json
from panacea.identity.did_key import did_key_document, did_key_method_id, encode_did_key
from panacea.identity.documents import DIDDocument

KEY = Ed25519Key(b"f" * 32)
DID = encode_did_key(KEY.public_key)
METHOD = did_key_method_id(DID)
CONTEXTS = Contexts.bundled()
VC2 = {
    "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"],
    "id": "urn:uuid:8cf9eb05-7b5f-4b2c-9f5b-b7a0a9a1a1a1",
    "type": ["VerifiableCredential", "ExampleDegreeCredential"],
    "name": {"@value": "N", "@language": "en"},
    "issuer": {"id": DID, "name": "I"},
    "validFrom": "2026-01-01T00:00:00Z",
    "validUntil": "2036-01-01T00:00:00+09:00",
    "credentialStatus": [{"type": "BitstringStatusListEntry", "statusPurpose": "revocation", "statusListIndex": "1",
                          "statusListCredential": "https://a.example/1"}],
    "credentialSchema": {"id": "https://a.example/s", "type": "JsonSchema"},
    "termsOfUse": {"type": "T"},
    "evidence": [{"id": "urn:e", "type": ["E"]}],
    "refreshService": {"id": "https://a.example/r", "type": "R"},
    "relatedResource": [{"id": "https://a.example/p", "digestSRI": "sha256-AAAA"}],
    "credentialSubject": {"id": "did:example:b", "degree": {"type": "ExampleBachelorDegree", "name": "B"}},
}  # fmt: skip
VC1 = {
    "@context": ["https://www.w3.org/2018/credentials/v1"],
    "type": ["VerifiableCredential"],
    "issuer": DID,
    "issuanceDate": "2026-01-01T00:00:00Z",
    "expirationDate": "2036-01-01T00:00:00Z",
    "credentialSubject": {"id": "did:example:b"},
}
VP = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiablePresentation"],
    "holder": DID,
    "verifiableCredential": [
        {"@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["EnvelopedVerifiableCredential"],
         "id": "data:application/vc+jwt,e30.e30.e30"},
    ],
}  # fmt: skip
JSON = [json.dumps(document).encode() for document in (VC2, VC1, VP)]


class Resolver:
    """Every did:key, and no other."""

    def resolve(self, did: str) -> DIDDocument:
        """The document of a did:key; what reading the DID raises."""
        return did_key_document(did)


class Clock:
    """Always the same second."""

    def now_ns(self) -> int:
        """In 2026."""
        return 1_780_000_000 * 10**9


VERIFIER = Verifier(Resolver(), Clock())


def target(data: bytes) -> None:
    """Odd first bytes: as it is; even ones: signed before it is verified."""
    if not data:
        return
    if data[0] % 2 and data[0] < 0x20:
        every(
            lambda: VERIFIER.credential(data[1:]),
            lambda: VERIFIER.presentation(data[1:], challenge=None),
        )
        return
    document = parse_json(edited(data, JSON))
    if not isinstance(document, dict):
        return
    every(
        lambda: read_credential(document),
        lambda: read_presentation(document),
        lambda: VERIFIER.credential(_signed(document, "assertionMethod")),
        lambda: VERIFIER.presentation(_signed(document, "authentication"), challenge="c"),
    )


def _signed(document: dict[str, Any], purpose: str) -> bytes:  # Any: JSON
    options = ProofOptions("eddsa-rdfc-2022", METHOD, "2026-01-02T00:00:00Z", purpose, challenge="c")
    plain = {name: value for name, value in document.items() if name != "proof"}
    return to_json(add_proof(plain, signer=KEY, options=options, contexts=CONTEXTS))


SEEDS = [*(b"\1" + text for text in JSON), *as_raw(*JSON), b"\1eyJ.e30.AA", b"\1shc:/5676"]

if __name__ == "__main__":
    fuzz("fuzz_credentials")
