"""bbs-2023 with its optional features: a holder's secret or a pseudonym bound into the credential. Experimental.

    holder     request         commitment --> issuer        keeps a Holder
    issuer     create_base     signs the document and what the commitment hides
    holder     verify_base, derive
    verifier   verify_derived  --> what was checked, and the pseudonym

Nothing here runs unless it is called for: `bbs2023` refuses these proofs by name. The octets are those that W3C
published as vectors on 2025-04-03, over the drafts BLIND_02 and NYM_00; later text has other ones. There, both
features with a pseudonym have one header: the verifier says which it expects, and the number of committed values tells.

    proofValue, base       baseline's five parts [, signerNymEntropy as a bignum]
    proofValue, derived    baseline's five parts [, pseudonym], number of BBS messages

Source: W3C vc-di-bbs, sections 3.3 and 3.4, "Anonymous Holder Binding" and "Credential Bound Pseudonyms".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, Self

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites.bbs2023 import (
    CRYPTOSUITE,
    SYSTEM,
    Derived,
    bbs_refusals,
    prepare_parts,
    read_shown,
    signed_messages,
    sort_statements,
    split_derived,
)
from panacea.credentials.suites.bbs_values import BaseValue, DerivedValue
from panacea.credentials.suites.data_integrity import ASSERTION, Document, ProofOptions, Secured, require_unsecured
from panacea.credentials.suites.multibase import from_base64url, to_base64url
from panacea.credentials.suites.proof_value import MAX_TEXT, read_parts, require_octets, write_parts
from panacea.credentials.suites.types import MalformedProof, WrongKey, WrongProof
from panacea.crypto.bbs import MAX_MESSAGES, SHA256
from panacea.crypto.bbs.experimental import BlindSuite, Draft, NymSuite, blind_suite, nym_suite
from panacea.crypto.bbs.types import PROOF_FLOOR
from panacea.crypto.hazmat.bls12381 import G1_SIZE, ORDER, SCALAR_SIZE
from panacea.crypto.secret import SecretBytes
from panacea.primitives.time import Random
from panacea.wire import cbor

BIGNUM: Final = b"\xc2"
"""CBOR's tag of an unsigned bignum (RFC 8949 §3.4.3)."""

ARRAY_OF_FIVE: Final = b"\x85"
ARRAY_OF_SIX: Final = b"\x86"


class Feature(Enum):
    """What is bound beside the statements, by the name that the W3C text gives it."""

    HOLDER_BINDING = "anonymous_holder_binding"
    PSEUDONYM = "pseudonym"
    HOLDER_BINDING_PSEUDONYM = "holder_binding_pseudonym"

    @property
    def has_pseudonym(self) -> bool:
        """Whether a nym secret is signed."""
        return self is not Feature.HOLDER_BINDING

    @property
    def has_secret(self) -> bool:
        """Whether a secret of the holder is signed."""
        return self is not Feature.PSEUDONYM

    @property
    def committed(self) -> int:
        """How many values the holder commits to."""
        return self.has_secret + self.has_pseudonym

    @property
    def headers(self) -> tuple[bytes, bytes]:
        """The first three bytes of base and derived proof."""
        kind = b"\x08\x09" if self.has_pseudonym else b"\x04\x05"
        return b"\xd9\x5d" + kind[:1], b"\xd9\x5d" + kind[1:]


def _blind() -> BlindSuite:
    return blind_suite(Draft.BLIND_02, SHA256)


def _nym() -> NymSuite:
    return nym_suite(Draft.NYM_00, SHA256)


@dataclass(frozen=True, slots=True)
class Holder:
    """What a holder keeps from the request to every presentation.

    `secret` is any octets, `nym` a scalar of 32 bytes, each None where the feature has none; `blind` came with the
    commitment.
    """

    feature: Feature
    blind: SecretBytes
    secret: SecretBytes | None = None
    nym: SecretBytes | None = None

    def __post_init__(self) -> None:
        """ValueError when the secrets are not those of the feature."""
        _require_secrets(self.feature, self.secret, self.nym)

    @property
    def committed(self) -> list[bytes]:
        """The committed messages."""
        return [] if self.secret is None else [self.secret.reveal()]


@dataclass(frozen=True, slots=True)
class FeatureBase:
    """The issuer's proof value: the baseline's, and for a pseudonym the issuer's entropy, a scalar of 32 bytes."""

    value: BaseValue
    entropy: SecretBytes | None = None

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        if self.entropy is not None:
            require_octets(self.entropy.reveal(), SCALAR_SIZE)
            # Below 2^64 the number would be written in another way, and it would be no entropy.
            if not 2**64 <= int.from_bytes(self.entropy.reveal(), "big") < ORDER:
                raise MalformedProof("the entropy is no scalar")

    def to_text(self) -> str:
        """The proofValue."""
        if self.entropy is None:
            return write_parts(Feature.HOLDER_BINDING.headers[0], self.value.parts())
        body = b"".join(map(cbor.encode, self.value.parts()))
        number = BIGNUM + cbor.encode(self.entropy.reveal().lstrip(b"\x00"))
        return to_base64url(Feature.PSEUDONYM.headers[0] + ARRAY_OF_SIX + body + number)

    @classmethod
    def from_text(cls, feature: Feature, text: object) -> Self:
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        header = feature.headers[0]
        if not feature.has_pseudonym:
            return cls(BaseValue.from_parts(read_parts(header, text, 5)))
        plain, entropy = _split_bignum(text)
        value = BaseValue.from_parts(read_parts(header, plain, 5))
        return cls(value, SecretBytes(entropy.rjust(SCALAR_SIZE, b"\x00")))


@dataclass(frozen=True, slots=True)
class FeatureDerived:
    """The holder's proof value: the baseline's, the pseudonym if any, and the number of BBS messages of the issuer."""

    feature: Feature
    value: DerivedValue
    count: int
    pseudonym: bytes | None = None

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedProof."""
        if type(self.count) is not int or not len(self.value.selective_indexes) <= self.count <= MAX_MESSAGES:
            raise MalformedProof("the number of messages is out of range")
        if self.feature.has_pseudonym:
            require_octets(self.pseudonym, G1_SIZE)
        # The blinding and the committed values are hidden, no more and no fewer of them.
        answers = (len(self.value.proof) - PROOF_FLOOR) // SCALAR_SIZE
        if answers != self.hidden + 1 + self.feature.committed:
            raise MalformedProof("the proof is not about the values of its feature", feature=self.feature.value)

    @property
    def hidden(self) -> int:
        """How many statements the proof is about without showing them."""
        return self.count - len(self.value.selective_indexes)

    def to_text(self) -> str:
        """The proofValue."""
        extra = [self.count] if self.pseudonym is None else [self.pseudonym, self.count]
        return write_parts(self.feature.headers[1], [*self.value.parts(), *extra])

    @classmethod
    def from_text(cls, feature: Feature, text: object) -> Self:
        """Read a proofValue strictly; MalformedProof, UnknownCryptosuite."""
        parts = read_parts(feature.headers[1], text, 7 if feature.has_pseudonym else 6)
        pseudonym = parts[5] if feature.has_pseudonym else None
        return cls(feature, DerivedValue.from_parts(parts[:5]), parts[-1], pseudonym)


@dataclass(frozen=True, slots=True)
class FeatureVerified:
    """What the verification of a derived proof with a feature established.

    `pseudonym` is who the holder is in the context that the verifier named; None for holder binding, where the proof
    shows only that its maker knows the secret which was signed.
    """

    derived: Derived
    feature: Feature
    pseudonym: bytes | None


def request(
    feature: Feature,
    *,
    secret: SecretBytes | None = None,
    nym: SecretBytes | None = None,
    random: Random = SYSTEM,
) -> tuple[bytes, Holder]:
    """The commitment for the issuer, and what the holder keeps. ValueError for secrets of another feature."""
    _require_secrets(feature, secret, nym)
    committed = [] if secret is None else [secret.reveal()]
    with bbs_refusals():
        if nym is None:
            commitment, blind = _blind().commit(committed, random)
        else:
            commitment, blind = _nym().commit([nym], committed, random=random)
    return commitment, Holder(feature, blind, secret, nym)


def create_base(
    document: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    feature: Feature,
    commitment: bytes,
    secret_key: bytes,
    public_key: bytes,
    verification_method: str,
    mandatory_pointers: Sequence[str],
    contexts: Contexts,
    entropy: SecretBytes | None = None,
    created: str | None = None,
    hmac_key: bytes | None = None,
    random: Random = SYSTEM,
) -> Document:
    """`bbs2023.create_base`, over the values of `feature` in `commitment` as well.

    `entropy` (a scalar of 32 bytes, drawn when absent) goes into the nym secret and to the holder. Raises WrongProof
    for a commitment that is not one to the values of the feature.
    """
    require_unsecured(document)
    options = ProofOptions(CRYPTOSUITE, verification_method, created)
    key = random.token(32) if hmac_key is None else hmac_key
    header, messages = sort_statements(document, options, mandatory_pointers, key, contexts=contexts)
    with bbs_refusals():
        suite = _nym() if feature.has_pseudonym else _blind()
        if suite.verify_commitment(commitment).count != feature.committed:
            raise WrongProof("the commitment is not to the values of the feature", feature=feature.value)
        if isinstance(suite, NymSuite):
            added = _draw(random) if entropy is None else entropy
            signature = suite.sign(secret_key, public_key, header, messages, commitment=commitment, entropy=added)
        else:
            added = None
            signature = suite.sign(secret_key, public_key, header, messages, commitment=commitment)
    value = BaseValue(signature, header, public_key, key, tuple(mandatory_pointers))
    return {**document, "proof": {**options.to_json(), "proofValue": FeatureBase(value, added).to_text()}}


def verify_base(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    holder: Holder,
    public_key: bytes,
    contexts: Contexts,
) -> FeatureBase:
    """`bbs2023.verify_base`: every statement and the holder's own values are signed."""
    parts, base = _split_base(secured, holder.feature, public_key)
    _verify_base(base, holder, signed_messages(parts, base.value, contexts))
    return base


def derive(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    holder: Holder,
    selective_pointers: Sequence[str],
    presentation_header: bytes,
    public_key: bytes,
    contexts: Contexts,
    domain: bytes | None = None,
    random: Random = SYSTEM,
) -> Document:
    """`bbs2023.derive`; with a pseudonym, for the context `domain`, which names the verifier or whom it shares with.

    The holder's values are hidden always. ValueError when `domain` is given or missing against the feature.
    """
    _require_domain(holder.feature, domain)
    parts, base = _split_base(secured, holder.feature, public_key)
    prepared = prepare_parts(parts, base.value, selective_pointers=selective_pointers, contexts=contexts)
    signed = (public_key, base.value.signature, base.value.header, presentation_header, prepared.messages)
    pseudonym = None
    with bbs_refusals():
        if domain is None:
            proof = _blind().prove(
                *signed,
                committed=holder.committed,
                prover_blind=holder.blind,
                disclosed=prepared.disclosed,
                random=random,
            )
        else:
            proof, pseudonym = _nym().prove(
                *signed,
                context=domain,
                nym_secrets=_nym_secrets(base, holder),
                prover_blind=holder.blind,
                committed=holder.committed,
                disclosed=prepared.disclosed,
                random=random,
            )
    value = prepared.value(proof, presentation_header)
    derived = FeatureDerived(holder.feature, value, len(prepared.messages), pseudonym)
    return prepared.carry(derived.to_text())


def verify_derived(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    feature: Feature,
    public_key: bytes,
    presentation_header_expected: bytes | None,
    contexts: Contexts,
    domain: bytes | None = None,
    named_contexts_only: bool = True,
) -> FeatureVerified:
    """`bbs2023.verify_derived` for a proof with that feature; a pseudonym must be the holder's in `domain`.

    Raises what `bbs2023.verify_derived` raises; ValueError when `domain` is given or missing against the feature.
    """
    _require_domain(feature, domain)
    parts = split_derived(secured, named_contexts_only)
    found = FeatureDerived.from_text(feature, parts.proof_value)
    shown = read_shown(parts, found.value, presentation_header_expected, contexts)
    claim = (public_key, found.value.proof, shown.header, shown.presentation_header, shown.disclosed)
    with bbs_refusals():
        if domain is None or found.pseudonym is None:
            _blind().check(*claim, count=found.count)
        else:
            _nym().check(*claim, context=domain, pseudonym=found.pseudonym, count=found.count)
    return FeatureVerified(shown.derived(found.hidden), feature, found.pseudonym)


def _verify_base(base: FeatureBase, holder: Holder, messages: Sequence[bytes]) -> None:
    """Refuse a signature that is not over these messages and the holder's values; WrongProof."""
    value = base.value
    signed = (value.public_key, value.signature, value.header, messages)
    with bbs_refusals():
        if holder.nym is None or base.entropy is None:
            _blind().verify(*signed, committed=holder.committed, prover_blind=holder.blind)
        else:
            _nym().finalize(
                *signed,
                nyms=[holder.nym],
                entropy=base.entropy,
                prover_blind=holder.blind,
                committed=holder.committed,
            )


def _nym_secrets(base: FeatureBase, holder: Holder) -> tuple[SecretBytes, ...]:
    """The holder's part and the issuer's, added up."""
    if holder.nym is None or base.entropy is None:
        raise ValueError("a pseudonym has a nym and entropy")
    return _nym().add_entropy([holder.nym], base.entropy)


def _split_base(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    feature: Feature,
    public_key: bytes,
) -> tuple[Secured, FeatureBase]:
    parts = Secured.split(secured, CRYPTOSUITE)
    parts.require_purpose(ASSERTION)
    base = FeatureBase.from_text(feature, parts.proof_value)
    if base.value.public_key != public_key:
        raise WrongKey
    return parts, base


def _require_secrets(feature: Feature, secret: SecretBytes | None, nym: SecretBytes | None) -> None:
    if (secret is not None, nym is not None) != (feature.has_secret, feature.has_pseudonym):
        raise ValueError("a holder has the secrets of its feature")


def _require_domain(feature: Feature, domain: bytes | None) -> None:
    if feature.has_pseudonym != (domain is not None):
        raise ValueError("a pseudonym needs a domain, and nothing else has one")


def _draw(random: Random) -> SecretBytes:
    """A uniform scalar."""
    return SecretBytes((int.from_bytes(random.token(48), "big") % ORDER).to_bytes(SCALAR_SIZE, "big"))


def _split_bignum(text: object) -> tuple[str, bytes]:
    """A proof value of five parts and a bignum as one of the five parts, and the number; MalformedProof.

    Our CBOR has no tags, and needs none for this one: no encoded value is a prefix of another, so at most one cut
    leaves five whole parts before the number.
    """
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise MalformedProof("proofValue is no text, or too long")
    octets = from_base64url(text)
    for size in range(SCALAR_SIZE, 8, -1):
        number = octets[-size:]
        if octets.endswith(tail := BIGNUM + cbor.encode(number)) and number[0] and octets[3:4] == ARRAY_OF_SIX:
            return to_base64url(octets[:3] + ARRAY_OF_FIVE + octets[4 : -len(tail)]), number
    # Another feature's proof is refused by its header, this one's for its number.
    return to_base64url(octets), b""
