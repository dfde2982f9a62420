"""The suites that sign a document as a whole: EdDSA and ECDSA, over canonical RDF or canonical JSON.

    eddsa-rdfc-2022   Ed25519          RDFC-1.0     eddsa-jcs-2022   Ed25519          RFC 8785
    ecdsa-rdfc-2019   P-256, P-384     RDFC-1.0     ecdsa-jcs-2019   P-256, P-384     RFC 8785

    signed bytes = H(canonical proof options) || H(canonical document)      H: SHA-384 for P-384, SHA-256 otherwise

With P-384, RDFC-1.0 labels blank nodes by SHA-384 as well. The suites over RDF sign what the document says under its
contexts; those over JSON sign its text up to spelling, and copy the document's `@context` into the proof. Sources: W3C
vc-di-eddsa 1.0 and vc-di-ecdsa 1.0, sections 3.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.rdf import Contexts, canonicalize, to_quads
from panacea.credentials.rdf.canonical import Algorithm
from panacea.credentials.suites.canonical_json import canonical_json
from panacea.credentials.suites.data_integrity import Document, ProofOptions, Secured
from panacea.credentials.suites.multibase import from_base58, to_base58
from panacea.credentials.suites.types import MalformedProof, WrongKey, WrongProof
from panacea.crypto.keys import InvalidKey, KeyKind, PublicKey, SignatureRejected, Signer

SIGNATURE_SIZES: Final = {KeyKind.ED25519: 64, KeyKind.P256: 64, KeyKind.P384: 96}


@dataclass(frozen=True, slots=True)
class WholeDocument:
    """One suite: its name, the kinds of key it signs with, and whether it reads RDF or JSON."""

    name: str
    kinds: frozenset[KeyKind]
    json: bool = False

    def sign(
        self,
        document: Mapping[str, Any],  # Any: see Document
        *,
        signer: Signer,
        options: ProofOptions,
        contexts: Contexts,
    ) -> Document:
        """The proof of a document under these options. Raises WrongKey for a kind of key that the suite does not do."""
        member = options.to_json()
        if self.json and "@context" in document:
            member["@context"] = document["@context"]
        payload = self._payload(document, ProofOptions.from_json(member), signer.public_key.kind, contexts)
        return {**member, "proofValue": to_base58(signer.sign(payload))}

    def verify(self, parts: Secured, *, public_key: PublicKey, contexts: Contexts) -> None:
        """Refuse a document that the key did not sign as it stands.

        Raises MalformedProof, WrongKey, WrongProof, or what the reading of JSON-LD raises.
        """
        self._require_kind(public_key.kind)
        signature = from_base58(parts.proof_value, SIGNATURE_SIZES[public_key.kind])
        document = self._document_of(parts) if self.json else parts.document
        payload = self._payload(document, parts.options, public_key.kind, contexts)
        try:
            public_key.verify(payload, signature)
        except InvalidKey as error:
            raise WrongKey("not a point of the key's curve") from error
        except SignatureRejected as error:
            raise WrongProof from error

    def _require_kind(self, kind: KeyKind) -> None:
        if kind not in self.kinds:
            raise WrongKey("a kind of key that the suite does not do", suite=self.name, kind=kind)

    def _payload(
        self,
        document: Mapping[str, Any],  # Any: see Document
        options: ProofOptions,
        kind: KeyKind,
        contexts: Contexts,
    ) -> bytes:
        self._require_kind(kind)
        hashed = hashlib.sha384 if kind is KeyKind.P384 else hashlib.sha256
        if self.json:
            texts = [canonical_json(options.to_json()), canonical_json(document)]
        else:
            # Where nodes look alike, their labels depend on the hash, which is that of the key (vc-di-ecdsa §3).
            algorithm: Algorithm = "sha384" if kind is KeyKind.P384 else "sha256"
            whole = canonicalize(to_quads(dict(document), contexts), algorithm=algorithm).text
            texts = [options.canonical(document, contexts).encode(), whole.encode()]
        return b"".join(hashed(text).digest() for text in texts)

    def _document_of(self, parts: Secured) -> Document:
        """The document under the contexts that its proof signed; those it has more must come after them."""
        signed = parts.options.to_json().get("@context")
        if signed is None:
            return parts.document
        if _listed(parts.document.get("@context", []))[: len(_listed(signed))] != _listed(signed):
            raise MalformedProof("the proof was made under other contexts")
        return {**parts.document, "@context": signed}


def _listed(contexts: Any) -> list[Any]:  # Any: JSON of an @context
    return contexts if isinstance(contexts, list) else [contexts]


_EDDSA: Final = frozenset({KeyKind.ED25519})
_ECDSA: Final = frozenset({KeyKind.P256, KeyKind.P384})
EDDSA_RDFC_2022: Final = WholeDocument("eddsa-rdfc-2022", _EDDSA)
EDDSA_JCS_2022: Final = WholeDocument("eddsa-jcs-2022", _EDDSA, json=True)
ECDSA_RDFC_2019: Final = WholeDocument("ecdsa-rdfc-2019", _ECDSA)
ECDSA_JCS_2019: Final = WholeDocument("ecdsa-jcs-2019", _ECDSA, json=True)
WHOLE_DOCUMENT: Final = {
    suite.name: suite for suite in (EDDSA_RDFC_2022, EDDSA_JCS_2022, ECDSA_RDFC_2019, ECDSA_JCS_2019)
}
"""The suites by name."""
