"""The verifier's half: what was proven of credentials that are themselves proven, or a refusal.

A part of a proof is reopened with the challenge of the bbs-2023 proof beside it. If the digest of all reopened first
moves is the one in that proof's presentation header, and that proof verifies, both are answers to one challenge that
was drawn over all of it.
"""

import hmac
from collections.abc import Mapping, Sequence
from typing import Any, Final

from panacea.credentials.predicates import basis, bits
from panacea.credentials.predicates.basis import COMPANION
from panacea.credentials.predicates.companion import issuer_of
from panacea.credentials.predicates.octets import (
    Answers,
    PredicateProof,
    digest,
    first_moves,
    presentation_header,
    read_point,
)
from panacea.credentials.predicates.proven import Proven, proven
from panacea.credentials.predicates.statement import EqualClaim
from panacea.credentials.predicates.types import MalformedPredicates, WrongPredicates
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.bbs_values import DerivedValue
from panacea.credentials.suites.types import WrongProof
from panacea.crypto.bbs import SHA256, BBSRejected
from panacea.crypto.bbs.batch import find_wrong_pairings
from panacea.crypto.bbs.suite import read_public_key
from panacea.crypto.bbs.types import Proof
from panacea.crypto.hazmat.bls12381 import G1, G1_SIZE, SCALAR_SIZE, Scalar, sum_of_products
from panacea.primitives.time import Random, SystemRandom

SYSTEM: Final = SystemRandom()
HATS: Final = 3 * G1_SIZE + 3 * SCALAR_SIZE
"""Where the answers for hidden messages begin in the octets of a BBS proof."""


def verify(
    documents: Sequence[Mapping[str, Any]],  # Any: JSON-LD documents
    proof: bytes,
    *,
    public_keys: Sequence[bytes],
    application_header: bytes,
    contexts: Contexts,
    named_contexts_only: bool = True,
    random: Random = SYSTEM,
) -> Proven:
    """Refuse unless every derived credential verifies under its key, and the predicates hold of what it hides.

    `public_keys` are those of the documents' verification methods, in the same order: whoever resolves them decides
    whom to trust. `application_header` is the occasion that the verifier named. Status and validity of the credentials
    are not looked at. `random` weighs two pairing equations into one. Raises MalformedPredicates, WrongPredicates, what
    a refused statement raises (BoundRefused, EncodingsDiffer, UnknownPosition, TooManyPredicates), and what
    `bbs2023.verify_derived` raises.
    """
    found = PredicateProof.from_octets(proof)
    if not len(found.parts) == len(documents) == len(public_keys):
        raise WrongPredicates("of another number of credentials", parts=len(found.parts), documents=len(documents))
    secured = [bbs2023.split_derived(document, named_contexts_only) for document in documents]
    values = [DerivedValue.from_text(each.proof_value) for each in secured]
    opened = [_reopen(found, number, value, public_keys[number]) for number, value in enumerate(values)]
    bound = digest(found.parts, [moves for _, moves in opened], found.equalities)
    derived = []
    for number, (parts, value, key) in enumerate(zip(secured, values, public_keys, strict=True)):
        header = presentation_header(application_header, bound, number, len(documents))
        if not hmac.compare_digest(value.presentation_header, header):
            raise WrongPredicates("other predicates, another occasion, or no answers to this challenge")
        companion = found.parts[number].header
        if companion.method != parts.options.verification_method or companion.issuer != issuer_of(parts.document):
            raise WrongPredicates("credential and companion name different issuers", credential=number)
        shown = bbs2023.read_shown(parts, value, header, contexts)
        with bbs2023.bbs_refusals():
            main = _check_answers(shown, value, key)
            wrong = find_wrong_pairings(read_public_key(key), (main, opened[number][0]), random)
        if 0 in wrong:
            raise WrongProof
        if wrong:
            raise WrongPredicates("the companion is not signed by that key", credential=number)
        derived.append(shown.derived(value.hidden))
    return proven(found, tuple(derived), application_header)


def _check_answers(shown: bbs2023.Shown, value: DerivedValue, public_key: bytes) -> Proof:
    """The bbs-2023 proof, its answers checked against its challenge; all of `Suite.check` but the pairings."""
    proof = Proof.from_octets(value.proof)
    known = {index: SHA256.map_message(message) for index, message in shown.disclosed.items()}
    reopened = SHA256.reopen(public_key, proof, shown.header, known)
    if SHA256.challenge(reopened, value.presentation_header) != proof.challenge:
        raise WrongProof
    return proof


def _companion_proof(answers: Answers, value: DerivedValue) -> Proof:
    """The companion's proof, completed by the challenge of the proof that it stands beside."""
    try:
        return Proof.from_octets(answers.companion + value.proof[-SCALAR_SIZE:])
    except BBSRejected as error:
        raise MalformedPredicates(str(error)) from error


def _reopen(found: PredicateProof, number: int, value: DerivedValue, public_key: bytes) -> tuple[Proof, bytes]:
    """The companion's proof and the first moves of a part, as its answers say they must have been.

    That the link is the same in both signatures is checked on the way.
    """
    part, answers = found.parts[number], found.answers[number]
    companion = _companion_proof(answers, value)
    hats, challenge = companion.hidden_hats, companion.challenge
    if hats[0].to_be_bytes() != _hidden_hat(value, part.link):
        raise WrongPredicates("the companion is of another credential", credential=number)
    try:
        opened = COMPANION.reopen(public_key, companion, part.header.to_octets(), {})
    except BBSRejected as error:
        raise WrongPredicates(error.text) from error
    points = [opened.a_bar, opened.b_bar, opened.d, opened.t1, opened.t2]
    if answers.bits is not None:
        sides, commitment = part.sides(), read_point(answers.bits[0])
        numbers = [hats[side.position] for side in sides]
        points += [commitment, bits.reopen(sides, commitment, numbers, answers.bits[1], challenge)]
    points += _reopen_openings(found.equalities, number, hats, answers.openings, challenge)
    for claim in part.pseudonyms:
        base = basis.deal_point(claim.chain_id, claim.deal_id)
        points.append(sum_of_products([base, read_point(claim.pseudonym)], [hats[claim.position], -challenge]))
    return companion, first_moves(points, opened.domain)


def _reopen_openings(
    equalities: Sequence[EqualClaim],
    number: int,
    hats: Sequence[Scalar],
    openings: Sequence[Scalar],
    challenge: Scalar,
) -> list[G1]:
    ends = [
        (read_point(equality.commitment), position)
        for equality in equalities
        for part, position in equality.ends
        if part == number
    ]
    return [
        basis.commit(hats[position], opening) - commitment * challenge
        for (commitment, position), opening in zip(ends, openings, strict=True)
    ]


def _hidden_hat(value: DerivedValue, link: int) -> bytes:
    """The answer for the hidden message of that BBS index, 32 bytes; WrongPredicates where it is shown or beyond.

    These are octets of the proof that is read strictly and verified afterwards.
    """
    rank = link - sum(index < link for index in value.selective_indexes)
    if link in value.selective_indexes or not 0 <= rank < value.hidden:
        raise WrongPredicates("the link is no hidden statement", link=link)
    start = HATS + SCALAR_SIZE * rank
    return value.proof[start : start + SCALAR_SIZE]
