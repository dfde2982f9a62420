"""Issuing and presenting W3C credentials of any subject, secured with Data Integrity.

    issue     document, key --> secured document; with a selective suite, for its holder alone
    derive    secured document, pointers --> the part that the holder shows
    present   credentials, holder's key, challenge, domain --> presentation

Keys are signers: in memory, in a keyring, in a security module or in another process (`docs/guides/issuer-keys.md`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from panacea.credentials.data_model import CONTEXT_V2, PRESENTATION
from panacea.credentials.moments import write_moment
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023, ecdsa_sd_2023
from panacea.credentials.suites.bbs_values import BaseValue
from panacea.credentials.suites.data_integrity import ASSERTION, AUTHENTICATION, ProofOptions
from panacea.credentials.suites.multibase import from_base64url
from panacea.credentials.suites.proofs import add_proof, split_proofs
from panacea.credentials.suites.sd_values import BASE as SD_BASE
from panacea.credentials.suites.types import MalformedProof
from panacea.credentials.vc.model import enclose, read_credential, read_presentation
from panacea.credentials.vc.types import Document, MalformedCredential, NotDerivable
from panacea.crypto.bbs.keys import BBSSigner
from panacea.crypto.keys import KeyKind, Signer
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()

JUDGED: Final = (
    "type",
    "issuer",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialStatus",
    "credentialSchema",
    "termsOfUse",
)
"""The members by which a verifier judges a credential: mandatory where they are there, unless told otherwise."""

DEFAULT_SUITES: Final = {
    KeyKind.ED25519: "eddsa-rdfc-2022",
    KeyKind.P256: "ecdsa-rdfc-2019",
    KeyKind.P384: "ecdsa-rdfc-2019",
}
"""What each kind of key signs whole documents with, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Whoever signs: a signer, of BBS or another kind, and the DID URL of its key in the document of its DID."""

    signer: Signer | BBSSigner
    method_id: str

    @property
    def did(self) -> str:
        """The DID that the method belongs to."""
        return self.method_id.partition("#")[0]


def issue(
    document: Mapping[str, Any],  # Any: JSON, checked by the data model
    key: SigningKey,
    *,
    suite: str | None = None,
    mandatory: Sequence[str] | None = None,
    contexts: Contexts | None = None,
    created: int | None = None,
    expires: int | None = None,
    proof_id: str | None = None,
    previous: Sequence[str] = (),
    random: Random = SYSTEM,
) -> Document:
    """The document with a proof; a proof that it has already stays beside it (`previous` builds on such ones).

    `suite` defaults to bbs-2023 for a BBS key, eddsa-rdfc-2022 or ecdsa-rdfc-2019 for others. With a selective suite,
    `mandatory` are the JSON pointers that every derived document shows. What is not among them a holder may hide: that
    the credential is over, or where its status stands. Unless told otherwise, all by which a credential is judged is
    mandatory (`JUDGED`). `created` and `expires` are unix seconds; a time of signing to the second links proofs, so
    none is written unless asked for. Raises MalformedCredential, what reading JSON-LD raises, and WrongKey for a key
    that the suite does not take.
    """
    read_credential(document)
    known = contexts or Contexts.bundled()
    if isinstance(key.signer, BBSSigner):
        options = _options(suite or bbs2023.CRYPTOSUITE, key, created, expires, id=proof_id)
        return _issue_bbs(
            document, key.signer, options, mandatory=_judged(document, mandatory), contexts=known, random=random
        )
    name = suite or DEFAULT_SUITES.get(key.signer.public_key.kind, "")
    options = _options(name, key, created, expires, id=proof_id, previous=tuple(previous))
    if name == ecdsa_sd_2023.CRYPTOSUITE:
        return ecdsa_sd_2023.create_base(
            document,
            signer=key.signer,
            options=options,
            mandatory_pointers=_judged(document, mandatory),
            contexts=known,
            random=random,
        )
    if mandatory:
        raise NotDerivable("mandatory pointers, but the suite shows documents only whole", suite=name)
    return add_proof(document, signer=key.signer, options=options, contexts=known)


def derive(
    secured: Mapping[str, Any],  # Any: JSON of a secured credential
    selective: Sequence[str],
    *,
    presentation_header: bytes = b"",
    contexts: Contexts | None = None,
    random: Random = SYSTEM,
) -> Document:
    """The part of a credential under the issuer's mandatory pointers and those of `selective`, with a derived proof.

    `presentation_header` binds a bbs-2023 proof to an occasion, such as a verifier's nonce. The base proof is taken as
    true: `Verifier.issued` checks it once, on receipt. Raises NotDerivable, PointerRejected.
    """
    known = contexts or Contexts.bundled()
    _, proofs = split_proofs(secured)
    if len(proofs) != 1:
        raise NotDerivable("one base proof is expected", proofs=len(proofs))
    suite, value = proofs[0].get("cryptosuite"), proofs[0].get("proofValue")
    if not is_base_proof(proofs[0]):
        raise NotDerivable("no base proof of a selective suite", suite=suite)
    if suite == bbs2023.CRYPTOSUITE:
        return bbs2023.derive(
            secured,
            selective_pointers=selective,
            presentation_header=presentation_header,
            public_key=BaseValue.from_text(value).public_key,
            contexts=known,
            random=random,
        )
    return ecdsa_sd_2023.derive(secured, selective_pointers=selective, contexts=known)


def is_base_proof(proof: Mapping[str, Any]) -> bool:  # Any: JSON of a proof
    """Whether a proof is a selective suite's base proof, which only its holder should see."""
    value = proof.get("proofValue")
    if proof.get("cryptosuite") not in (bbs2023.CRYPTOSUITE, ecdsa_sd_2023.CRYPTOSUITE) or not isinstance(value, str):
        return False
    try:
        # Base proofs carry even numbers in the third byte of their header, derived ones the odd number after.
        octets = from_base64url(value[:5]) if len(value) >= 5 else b""
    except MalformedProof:
        return False
    return octets[:2] == SD_BASE[:2] and octets[2] % 2 == 0


def present(
    credentials: Sequence[Document | str],
    key: SigningKey | None,
    *,
    holder: str | None = None,
    challenge: str | None = None,
    domain: str | None = None,
    suite: str | None = None,
    contexts: Contexts | None = None,
    created: int | None = None,
) -> Document:
    """A presentation of these credentials, secured ones or tokens, which stand in envelopes.

    With a key it is signed for the verifier's challenge and domain, by `holder` or the key's DID. Raises
    MalformedCredential, NotDerivable for a credential that still carries its base proof.
    """
    enclosed = [_enclosed(credential) for credential in credentials]
    who = holder or (key.method_id.partition("#")[0] if key else None)
    document: Document = {
        "@context": [CONTEXT_V2],
        "type": [PRESENTATION],
        **({"holder": who} if who else {}),
        "verifiableCredential": enclosed,
    }
    read_presentation(document)
    if key is None:
        return document
    if isinstance(key.signer, BBSSigner):
        raise MalformedCredential("a presentation is signed by Ed25519 or ECDSA, not by BBS", pointer="/proof")
    options = _options(
        suite or DEFAULT_SUITES.get(key.signer.public_key.kind, ""),
        key,
        created,
        None,
        purpose=AUTHENTICATION,
        challenge=challenge,
        domain=() if domain is None else (domain,),
    )
    return add_proof(document, signer=key.signer, options=options, contexts=contexts or Contexts.bundled())


def _judged(document: Mapping[str, Any], mandatory: Sequence[str] | None) -> Sequence[str]:  # Any: JSON
    """The issuer's own mandatory pointers, or those of all by which this document is judged."""
    return [f"/{name}" for name in JUDGED if name in document] if mandatory is None else mandatory


def _issue_bbs(
    document: Mapping[str, Any],  # Any: JSON
    signer: BBSSigner,
    options: ProofOptions,
    *,
    mandatory: Sequence[str],
    contexts: Contexts,
    random: Random,
) -> Document:
    if options.cryptosuite != bbs2023.CRYPTOSUITE:
        raise NotDerivable("a BBS key signs with bbs-2023", suite=options.cryptosuite)
    return bbs2023.sign_base(
        document,
        signer=signer,
        verification_method=options.verification_method,
        mandatory_pointers=mandatory,
        contexts=contexts,
        created=options.created,
        random=random,
    )


def _options(
    suite: str, key: SigningKey, created: int | None, expires: int | None, *, purpose: str = ASSERTION, **more: Any
) -> ProofOptions:  # Any: the optional fields of ProofOptions
    moments = [None if moment is None else write_moment(moment) for moment in (created, expires)]
    return ProofOptions(suite, key.method_id, moments[0], purpose, expires=moments[1], **more)


def _enclosed(credential: Document | str) -> Document:
    """A credential as a presentation holds it: itself, or a token in an envelope."""
    if isinstance(credential, str):
        return enclose(credential)
    if not isinstance(credential, dict):
        raise MalformedCredential("a credential is an object or a token", pointer="/verifiableCredential")
    if any(is_base_proof(proof) for proof in split_proofs(credential)[1]):
        raise NotDerivable("a base proof is for the holder alone: derive what is to be shown first")
    return credential
