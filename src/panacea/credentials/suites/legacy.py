"""Older proof types that are still met, for verification alone; nothing here signs, and nothing uses it unasked.

    Ed25519Signature2020          Ed25519      proofValue z…              both hashes, as in eddsa-rdfc-2022
    EcdsaSecp256k1Signature2019   secp256k1    jws (detached), or         both hashes, hashed once more
                                               proofValue in base64url    (vc-sdk of Panacea wrote this)
    BbsBlsSignature2020           BLS12-381    proofValue in base64       each statement a BBS+ message
    BbsBlsSignatureProof2020      BLS12-381    proofValue, nonce          some of those messages

All read RDF, canonical by URDNA2015, which RDFC-1.0 equals. Options of the last three are read under the security
vocabulary, whatever the document's contexts are: that is what every known signer did, or came to the same. An option
that a type does not sign is refused. A derived proof names its nonce by itself: whoever has to know that it was made
for them compares it to their own.

`verify_proofs(…, legacy=LEGACY, contexts=legacy_contexts(contexts))` turns them on.
"""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from panacea.credentials.rdf import Contexts, Quad, canonicalize, to_quads
from panacea.credentials.suites.data_integrity import Document, ProofOptions
from panacea.credentials.suites.legacy_bbs_plus import verify_proof, verify_signature
from panacea.credentials.suites.multibase import from_base58
from panacea.credentials.suites.proofs import Legacy
from panacea.credentials.suites.types import MalformedProof, WrongKey, WrongProof
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected

SECURITY: Final = "https://w3id.org/security#"
SECURITY_V2: Final = "https://w3id.org/security/v2"
CONTEXTS: Final = {
    "https://w3id.org/security/v1": "security-v1.json",
    SECURITY_V2: "security-v2.json",
    "https://w3id.org/security/suites/ed25519-2020/v1": "ed25519-2020-v1.json",
    "https://w3id.org/security/suites/secp256k1-2019/v1": "secp256k1-2019-v1.json",
    "https://w3id.org/security/bbs/v1": "bbs-v1.json",
}
"""URL to file name of the contexts that documents with older proofs name."""

SIGNED: Final = ("type", "created", "verificationMethod", "proofPurpose", "domain", "challenge")
"""Options that every signer of the secp256k1 and BBS+ types signed."""

JWS_HEADER: Final = {"alg": "ES256K", "b64": False, "crit": ["b64"]}
SECP256K1_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
MAX_TEXT: Final = 65_536
MAX_HEADER: Final = 256
"""Characters of a proof value, and of the header of a JWS."""

_STAND_IN: Final = re.compile(r"<urn:bnid:(_:c14n[0-9]{1,9})>")


def legacy_contexts(contexts: Contexts) -> Contexts:
    """These contexts, and those that older proof types are read with."""
    return contexts.with_extra(_published())


def verify_ed25519_2020(
    document: Document, options: ProofOptions, proof: object, public_key: PublicKey, contexts: Contexts
) -> None:
    """Ed25519Signature2020, of which eddsa-rdfc-2022 is the successor; MalformedProof, WrongKey, WrongProof."""
    member = _member(proof)
    if "cryptosuite" in member:
        raise MalformedProof("an older proof with a cryptosuite", type=options.type)
    _require_kind(public_key, KeyKind.ED25519)
    signature = from_base58(member.get("proofValue"), 64)
    stated = ProofOptions.from_json(member).canonical(document, contexts)
    _verify(public_key, _sha256(stated) + _sha256(_canonical(document, contexts)), signature)


def verify_secp256k1_2019(
    document: Document, options: ProofOptions, proof: object, public_key: PublicKey, contexts: Contexts
) -> None:
    """EcdsaSecp256k1Signature2019, of either layout; MalformedProof, WrongKey, WrongProof."""
    member = _member(proof)
    _require_kind(public_key, KeyKind.SECP256K1)
    if "jws" in member:
        header, signature = _detached(member["jws"])
        stated = _stated(member, options.type, {"jws"})
    else:
        header, signature = b"", _base64(member.get("proofValue"))
        stated = _stated(member, options.type, {"proofValue"})
    payload = header + _sha256("".join(stated)) + _sha256(_canonical(document, contexts))
    _verify(public_key, hashlib.sha256(payload).digest(), _low_s(signature))


def verify_bbs_2020(
    document: Document, options: ProofOptions, proof: object, public_key: PublicKey, contexts: Contexts
) -> None:
    """BbsBlsSignature2020: the issuer's own proof; MalformedProof, WrongKey, WrongStatements, WrongProof."""
    member = _member(proof)
    _require_kind(public_key, KeyKind.BLS12381G2)
    signature = _base64(member.get("proofValue"))
    stated = _stated(member, options.type, {"proofValue"})
    lines = [*stated, *_lines(_canonical(document, contexts))]
    verify_signature(public_key.raw, signature, [line.rstrip("\n").encode() for line in lines])


def verify_bbs_proof_2020(
    document: Document, options: ProofOptions, proof: object, public_key: PublicKey, contexts: Contexts
) -> None:
    """BbsBlsSignatureProof2020: what a holder derived; MalformedProof, WrongKey, WrongStatements, WrongProof.

    Blank nodes stand in it as `urn:bnid:` IRIs, under which statements sort otherwise than they were signed. Here they
    are sorted again, so that some proofs hold which their makers' own verifiers refuse.
    """
    member = _member(proof)
    _require_kind(public_key, KeyKind.BLS12381G2)
    value, nonce = _base64(member.get("proofValue")), _base64(member.get("nonce"))
    stated = _stated(member, options.type.replace("Proof", ""), {"proofValue", "nonce"})
    shown = [Quad(*map(_as_signed, quad)).line() for quad in to_quads(document, contexts)]
    lines = [*stated, *sorted(shown)]
    verify_proof(public_key.raw, value, nonce, [line.rstrip("\n").encode() for line in lines])


LEGACY: Final[Mapping[str, Legacy]] = {
    "Ed25519Signature2020": verify_ed25519_2020,
    "EcdsaSecp256k1Signature2019": verify_secp256k1_2019,
    "BbsBlsSignature2020": verify_bbs_2020,
    "BbsBlsSignatureProof2020": verify_bbs_proof_2020,
}
"""A verifier for each older proof type, to be passed to `proofs.verify_proofs`."""


@cache
def _published() -> dict[str, Any]:  # Any: a context document is JSON
    folder = files("panacea.credentials") / "contexts" / "legacy"
    return {url: json.loads((folder / name).read_bytes()) for url, name in CONTEXTS.items()}


@cache
def _vocabulary() -> Contexts:
    return Contexts(_published())


def _member(proof: object) -> Document:
    if not isinstance(proof, dict):
        raise MalformedProof("a proof is a JSON object")
    return proof


def _stated(proof: Mapping[str, Any], kind: str, values: set[str]) -> list[str]:  # Any: JSON, checked here
    """The options as canonical statements, in order; MalformedProof for an option that nobody signed."""
    if unsigned := proof.keys() - values - set(SIGNED):
        raise MalformedProof("options that this proof type does not sign", options=sorted(unsigned))
    for name in SIGNED:
        if not isinstance(proof.get(name, ""), str):
            raise MalformedProof(f"{name} is no text")
    options = {name: proof[name] for name in SIGNED if name in proof} | {"type": SECURITY + kind}
    return _lines(_canonical({"@context": SECURITY_V2, **options}, _vocabulary()))


def _canonical(document: Document, contexts: Contexts) -> str:
    return canonicalize(to_quads(document, contexts)).text


def _as_signed(term: str) -> str:
    """The blank node that an IRI stands for; MalformedProof for one that stands for itself.

    One node of what was signed could otherwise be shown as two, one under each kind of name.
    """
    if term.startswith("_:"):
        raise MalformedProof("a derived document names its blank nodes by urn:bnid: IRIs")
    stand_in = _STAND_IN.fullmatch(term)
    return stand_in[1] if stand_in else term


def _lines(text: str) -> list[str]:
    """Canonical statements, each with its line feed; no other character ends one, for literals escape it."""
    return [line + "\n" for line in text.split("\n")[:-1]]


def _detached(jws: object) -> tuple[bytes, bytes]:
    """What a detached JWS puts before its payload, and its signature (RFC 7797); MalformedProof."""
    parts = jws.split(".") if isinstance(jws, str) and len(jws) <= MAX_TEXT else []
    if len(parts) != 3 or parts[1] or len(parts[0]) > MAX_HEADER:
        raise MalformedProof("not a detached JWS")
    try:
        header = json.loads(_base64(parts[0]))
    except (ValueError, RecursionError) as error:
        raise MalformedProof("the header of the JWS is no JSON") from error
    if header != JWS_HEADER or header["b64"] is not False:
        raise MalformedProof("not the header that this proof type has", header=header)
    return parts[0].encode() + b".", _base64(parts[2])


def _base64(text: object) -> bytes:
    """Octets of base64url without padding, or of base64 with it, each in its one spelling; MalformedProof."""
    if not isinstance(text, str) or not 0 < len(text) <= MAX_TEXT:
        raise MalformedProof("no base64 text, or too long")
    plain = text.replace("-", "+").replace("_", "/") if "+" not in text and "/" not in text else text
    try:
        octets = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise MalformedProof("not base64") from error
    spellings = (base64.urlsafe_b64encode(octets).rstrip(b"="), base64.b64encode(octets))
    if text.encode() not in spellings:
        raise MalformedProof("base64 of another spelling")
    return octets


def _low_s(signature: bytes) -> bytes:
    """The signature with the smaller of the two S that verify: not all signers of that time chose it."""
    s = int.from_bytes(signature[32:], "big")
    if len(signature) != 64 or not 0 < s < SECP256K1_ORDER:
        raise MalformedProof("not 64 bytes of R and S", size=len(signature))
    return signature[:32] + min(s, SECP256K1_ORDER - s).to_bytes(32, "big")


def _require_kind(key: PublicKey, kind: KeyKind) -> None:
    if key.kind is not kind:
        raise WrongKey("a kind of key that the proof type does not do", kind=key.kind, expected=kind)


def _verify(key: PublicKey, payload: bytes, signature: bytes) -> None:
    try:
        key.verify(payload, signature)
    except InvalidKey as error:
        raise WrongKey("not a point of the key's curve") from error
    except SignatureRejected as error:
        raise WrongProof from error


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
