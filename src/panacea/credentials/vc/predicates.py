"""Credentials and what is proved of their hidden values, judged together: proofs, keys, validity, status and trust.

`panacea.credentials.predicates` proves and verifies; this asks of the same documents all that a verifier asks of any
credential. Experimental and not audited, as that room is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from panacea.credentials.vc.types import Document, NotByIssuer, Verified

if TYPE_CHECKING:
    from panacea.credentials.predicates import Proven
    from panacea.credentials.predicates.statement import Predicate
    from panacea.credentials.vc.verify import Verifier


@dataclass(frozen=True, slots=True)
class ProvenCredentials:
    """Derived credentials that hold, in their order, and what was proved of what they hide."""

    credentials: tuple[Verified, ...]
    proven: "Proven"


def verify_predicates(
    verifier: "Verifier",
    documents: Sequence[Document],
    proof: bytes,
    *,
    application_header: bytes,
    asked: Sequence["Predicate"] = (),
) -> ProvenCredentials:
    """Refuse unless every document holds as a credential, and the proof as one about them, for this occasion.

    `application_header` is what the verifier named; `asked` must be among what is proved. The verifier's contexts must
    hold that of the link (`predicates.predicate_contexts`). Raises what `Verifier.credential`, `predicates.verify` and
    `Proven.require` raise, MalformedCredential for a document that shows nothing of its subject (the data model asks
    for one claim at least), NotByIssuer for a document with other proofs than one of bbs-2023.
    """
    from panacea.credentials.predicates import verify
    from panacea.credentials.suites.bbs2023 import CRYPTOSUITE

    credentials = tuple(verifier.credential(document) for document in documents)
    for credential in credentials:
        if [one.cryptosuite for one in credential.proofs] != [CRYPTOSUITE]:
            raise NotByIssuer("predicates are proved beside one bbs-2023 proof", issuer=credential.issuer)
    proven = verify(
        documents,
        proof,
        public_keys=[credential.proofs[0].public_key.raw for credential in credentials],
        application_header=application_header,
        contexts=verifier.contexts,
        named_contexts_only=verifier.named_contexts_only,
    )
    proven.require(*asked)
    return ProvenCredentials(credentials, proven)
