"""Proof values of every suite, and documents secured by them."""

import base64
import json
from functools import cache, partial
from pathlib import Path

from fuzz.harness import as_raw, edited, every, fuzz

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023, ecdsa_sd_2023
from panacea.credentials.suites.bbs_features import Feature, FeatureBase, FeatureDerived
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.data_integrity import ProofOptions
from panacea.credentials.suites.legacy import LEGACY, legacy_contexts
from panacea.credentials.suites.legacy_bbs_plus import verify_proof
from panacea.credentials.suites.multibase import from_base58, from_base64url, to_base64url
from panacea.credentials.suites.proofs import Occasion, add_proof, verify_proofs
from panacea.credentials.suites.sd_values import SDBaseValue, SDDerivedValue
from panacea.crypto.bbs import SHA256
from panacea.crypto.bbs.types import Proof, Signature
from panacea.crypto.keys import ECDSAKey, Ed25519Key, KeyKind, PublicKey
from panacea.health.strict_json import parse_json

ED25519 = Ed25519Key(b"f" * 32)
P256 = ECDSAKey(KeyKind.P256, b"f" * 32)
SECRET = SHA256.key_gen(b"f" * 32)
BBS = PublicKey(KeyKind.BLS12381G2, SHA256.public_key(SECRET))
CONTEXTS = legacy_contexts(Contexts.bundled())
NOW = 1_800_000_000
DOCUMENT = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "type": ["VerifiableCredential"],
    "issuer": "did:example:a",
    "name": "x",
    "credentialSubject": {"id": "did:example:b", "name": "y", "description": "z"},
}
OLDER = Path(__file__).parent.parent / "unit" / "credentials" / "suites" / "data" / "legacy.json"


READERS: tuple[type[BaseValue | DerivedValue | SDBaseValue | SDDerivedValue], ...] = (
    BaseValue, DerivedValue, SDBaseValue, SDDerivedValue,
)  # fmt: skip


def key_of(options: ProofOptions) -> PublicKey:
    if options.cryptosuite == "bbs-2023" or options.type.startswith("Bbs"):
        return BBS
    return P256.public_key if "ecdsa" in options.cryptosuite else ED25519.public_key


@cache
def documents() -> list[bytes]:
    """One secured document of each suite."""
    made = [
        add_proof(DOCUMENT, signer=ED25519, options=ProofOptions(name, "did:example:a#k"), contexts=CONTEXTS)
        for name in ("eddsa-rdfc-2022", "eddsa-jcs-2022")
    ]
    base = bbs2023.create_base(
        DOCUMENT,
        secret_key=SECRET,
        public_key=BBS.raw,
        verification_method="did:example:a#k",
        mandatory_pointers=["/issuer"],
        contexts=CONTEXTS,
    )
    view = bbs2023.derive(
        base,
        selective_pointers=["/credentialSubject/name"],
        presentation_header=b"ph",
        public_key=BBS.raw,
        contexts=CONTEXTS,
    )
    options = ProofOptions("ecdsa-sd-2023", "did:example:a#k")
    apart = ecdsa_sd_2023.create_base(
        DOCUMENT, signer=P256, options=options, mandatory_pointers=["/issuer"], contexts=CONTEXTS
    )
    shown = ecdsa_sd_2023.derive(apart, selective_pointers=["/name"], contexts=CONTEXTS)
    older = [case["document"] for case in json.loads(OLDER.read_bytes())["cases"]]
    return [json.dumps(document).encode() for document in (*made, base, view, apart, shown, *older)]


def target(data: bytes) -> None:
    """Odd inputs: octets of proof values; even ones: secured documents."""
    if len(data) % 2:
        text = data.decode("latin-1")
        packed = to_base64url(data)
        every(
            *(partial(read.from_text, one) for read in READERS for one in (text, packed)),
            *(
                partial(read.from_text, feature, packed)
                for read in (FeatureBase, FeatureDerived)
                for feature in Feature
            ),
            lambda: Proof.from_octets(data),
            lambda: Signature.from_octets(data),
            lambda: from_base58(text, 64),
            lambda: from_base64url(text),
            lambda: verify_proof(BBS.raw, data, b"n", [b"a", b"b"]),
        )
        return
    document = parse_json(edited(data, documents()))
    if isinstance(document, dict):
        verify_proofs(
            document,
            keys=key_of,
            occasion=Occasion("assertionMethod", NOW),
            contexts=CONTEXTS,
            legacy=LEGACY,
            named_contexts_only=bool(data and data[0] % 2),
        )


def octets() -> list[bytes]:
    """Proof values as octets."""
    values = [json.loads(text)["proof"] for text in documents()]
    proofs = [value[0] if isinstance(value, list) else value for value in values]
    found = [proof.get("proofValue", "") for proof in proofs]
    return [base64.urlsafe_b64decode(text[1:] + "=" * (-len(text[1:]) % 4)) for text in found if text.startswith("u")]


SEEDS = [seed if len(seed) % 2 else seed + b"\0" for seed in octets()] + [
    seed if len(seed) % 2 == 0 else seed + b" " for seed in as_raw(*documents())
]

if __name__ == "__main__":
    fuzz("fuzz_proof_values")
