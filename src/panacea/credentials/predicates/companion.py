"""The companion of a credential: the same issuer's signature over its values as numbers, for the holder alone.

    issuer   with_link -> bbs2023.create_base -> issue_companion
    holder   verify_companion, once, on receipt

A bbs-2023 message is a hash of a statement, and nothing can be proved of the number in it. The companion is a BBS
signature of the same key, in a domain of its own, over [link, v_1, ..., v_k]. `link` is the very scalar of the
credential's one statement that carries 32 random bytes (`predicateLink`), so that companion and credential cannot be
mixed with those of anybody else. The signed header says what each v is: a place in the credential and an encoding.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Final

from panacea.credentials.predicates.basis import COMPANION
from panacea.credentials.predicates.encodings import WIDE, Encoding, Secret, from_wire, to_wire
from panacea.credentials.predicates.types import (
    EncodingRefused,
    LinkRefused,
    MalformedCompanion,
    UnknownPosition,
    WrongCompanion,
)
from panacea.credentials.rdf import Contexts, PointerRejected
from panacea.credentials.rdf.selection import parse_pointer
from panacea.credentials.suites import bbs2023
from panacea.credentials.suites.data_integrity import Document
from panacea.credentials.suites.multibase import to_base64url
from panacea.crypto.bbs import SHA256, BBSRejected
from panacea.crypto.bbs.types import SIGNATURE_SIZE
from panacea.crypto.hazmat.bls12381 import ORDER, SCALAR_SIZE, Scalar, scalar_modulo_order
from panacea.crypto.secret import SecretBytes
from panacea.health.strict_json import parse_json
from panacea.primitives.time import Random, SystemRandom
from panacea.wire import cbor

SYSTEM: Final = SystemRandom()
CONTEXT_URL: Final = "https://w3id.org/panacea/predicates/v1"
LINK: Final = "predicateLink"
LINK_SIZE: Final = 32
SECRET_DST: Final = b"PANACEA_PREDICATES_V1_RECORD_SECRET_TO_SCALAR_"
MAX_POSITIONS: Final = 32
MAX_IRI: Final = 2048
MAX_POINTER: Final = 512
MAX_MEANING: Final = 256
MAX_HEADER: Final = 8 * 1024
MAX_COMPANION: Final = 16 * 1024

_HEADER: Final = "panacea/predicates/header/v1"
_COMPANION: Final = "panacea/predicates/companion/v1"
_LINE: Final = re.compile(
    rb'(?:_:b[0-9]+|<[^<>" ]*>) <https://w3id\.org/panacea/predicates#link> "u[A-Za-z0-9_-]{43}" \.\n'
)
"""The statement of a link: whole, so that no text which merely contains one passes."""


@dataclass(frozen=True, slots=True)
class Position:
    """One value of a companion: a JSON pointer into the credential as issued, how it is written, and what it is.

    `meaning` is the issuer's word for a verifier who does not see the neighbours of a hidden value: code and unit, such
    as `http://loinc.org|4548-4 %`. Every proof shows it, together with the pointers and encodings of all positions.
    """

    pointer: str
    encoding: Encoding
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What the issuer says openly about the values it signed; position 0 is the link, the others count from 1."""

    issuer: str
    method: str
    positions: tuple[Position, ...]

    def __post_init__(self) -> None:
        """Refuse what no reader would take; MalformedCompanion."""
        if not all(type(text) is str and 0 < len(text) <= MAX_IRI for text in (self.issuer, self.method)):
            raise MalformedCompanion("issuer or method")
        if not 0 < len(self.positions) <= MAX_POSITIONS:
            raise MalformedCompanion("1 to 32 positions", positions=len(self.positions))
        for position in self.positions:
            _require_position(position)
        places = [(position.pointer, position.encoding) for position in self.positions]
        if len(set(places)) != len(places):
            raise MalformedCompanion("a position is there twice")
        if len(self.to_octets()) > MAX_HEADER:
            raise MalformedCompanion("header too long", limit=MAX_HEADER)

    def to_octets(self) -> bytes:
        """The header of the companion's signature."""
        positions = [[each.pointer, each.meaning, to_wire(each.encoding)] for each in self.positions]
        return cbor.encode([_HEADER, self.issuer, self.method, positions])

    @classmethod
    def from_octets(cls, octets: bytes) -> "Header":
        """Read a header strictly; MalformedCompanion."""
        try:
            match cbor.decode(octets, max_bytes=MAX_HEADER, max_depth=4):
                case [str(tag), issuer, method, [*positions]] if tag == _HEADER:
                    return cls(issuer, method, tuple(_read_position(each) for each in positions))
        except (cbor.NotCanonical, EncodingRefused) as error:
            raise MalformedCompanion(str(error)) from error
        raise MalformedCompanion("header")

    def get(self, number: int) -> Position:
        """The position of that number, from 1; UnknownPosition."""
        if not 0 < number <= len(self.positions):
            raise UnknownPosition(position=number)
        return self.positions[number - 1]


@dataclass(frozen=True, slots=True)
class Companion:
    """A companion as it is kept: `scalars` are the link and the values, secret like the credential itself."""

    header: Header
    scalars: tuple[Scalar, ...] = field(repr=False)
    signature: bytes = field(repr=False)

    def to_octets(self) -> bytes:
        """Canonical CBOR of the version, the header, the scalars and the signature."""
        scalars = [scalar.to_be_bytes() for scalar in self.scalars]
        return cbor.encode([_COMPANION, self.header.to_octets(), scalars, self.signature])

    @classmethod
    def from_octets(cls, octets: bytes) -> "Companion":
        """Read a companion strictly; MalformedCompanion."""
        try:
            match cbor.decode(octets, max_bytes=MAX_COMPANION, max_depth=2):
                case [str(tag), bytes(header), [*scalars], bytes(signature)] if tag == _COMPANION:
                    found = cls(Header.from_octets(header), tuple(map(_read_scalar, scalars)), signature)
                    if len(signature) == SIGNATURE_SIZE and len(found.scalars) == 1 + len(found.header.positions):
                        return found
        except cbor.NotCanonical as error:
            raise MalformedCompanion(str(error)) from error
        raise MalformedCompanion("companion")


@cache
def context_document() -> dict[str, Any]:
    """The JSON-LD context that `predicateLink` stands in; it is never fetched."""
    document: dict[str, Any] = parse_json((files(__package__) / "context-v1.json").read_bytes())
    return document


def predicate_contexts(contexts: Contexts) -> Contexts:
    """These contexts and the one of `predicateLink`."""
    return contexts.with_extra({CONTEXT_URL: context_document()})


def with_link(document: Mapping[str, Any], random: Random = SYSTEM) -> Document:  # Any: a JSON-LD document
    """The unsigned document with a fresh link; it must not stand under a mandatory pointer. Raises LinkRefused."""
    context = document.get("@context")
    if LINK in document or "proof" in document:
        raise LinkRefused("there is a link or a proof already")
    named = list(context) if isinstance(context, list) else [context]
    urls = named if CONTEXT_URL in named else [*named, CONTEXT_URL]
    return {**document, "@context": urls, LINK: to_base64url(random.token(LINK_SIZE))}


def record_secret(issuer_secret: SecretBytes, reference: str) -> SecretBytes:
    """The secret scalar of a record, from the secret that makes its nullifier: issuing again gives the same.

    It does not follow from the nullifier, which an enclave sees.
    """
    context = cbor.encode(["panacea/predicates/record-secret/v1", reference])
    keyed = hmac.digest(issuer_secret.reveal(), context, hashlib.sha256)
    return SecretBytes(scalar_modulo_order(SHA256.expand(keyed, SECRET_DST, WIDE)).to_be_bytes())


def issue_companion(
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    positions: Sequence[Position],
    *,
    secret_key: bytes,
    public_key: bytes,
    contexts: Contexts,
    secret: SecretBytes | None = None,
) -> bytes:
    """The companion of a credential that carries a base proof of the same key: octets for the holder alone.

    The values are read at the positions' pointers, exactly or not at all; `secret` (of `record_secret`) goes where the
    encoding is Secret. Raises LinkRefused, EncodingRefused, UnknownPosition, MalformedCompanion, and what
    `bbs2023.verify_base` raises.
    """
    bbs2023.verify_base(secured, public_key=public_key, contexts=contexts)
    header = Header(issuer_of(secured), _method_of(secured), tuple(positions))
    scalars = [_link(secured, public_key, contexts), *(_scalar_at(secured, each, secret) for each in positions)]
    signature = COMPANION.sign_scalars(secret_key, public_key, header.to_octets(), scalars)
    return Companion(header, tuple(scalars), signature).to_octets()


def verify_companion(
    companion: bytes,
    secured: Mapping[str, Any],  # Any: a JSON-LD document
    *,
    public_key: bytes,
    contexts: Contexts,
) -> Companion:
    """The holder's own check: the companion is of this credential, says what it says, and is signed by its key.

    Of a record's secret nothing can be checked. The credential's own proof is `bbs2023.verify_base`'s matter.
    Raises MalformedCompanion, WrongCompanion, LinkRefused, and what reading JSON-LD raises.
    """
    found = Companion.from_octets(companion)
    if (found.header.issuer, found.header.method) != (issuer_of(secured), _method_of(secured)):
        raise WrongCompanion("of another issuer or method")
    if found.scalars[0] != _link(secured, public_key, contexts):
        raise WrongCompanion("of another credential")
    for position, scalar in zip(found.header.positions, found.scalars[1:], strict=True):
        if isinstance(position.encoding, Secret):
            continue
        try:
            expected = _scalar_at(secured, position, None)
        except (EncodingRefused, UnknownPosition) as error:
            raise WrongCompanion(str(error), pointer=position.pointer) from error
        if scalar != expected:
            raise WrongCompanion("another value", pointer=position.pointer)
    try:
        COMPANION.verify_scalars(public_key, found.signature, found.header.to_octets(), found.scalars)
    except BBSRejected as error:
        raise WrongCompanion(error.text) from error
    return found


def issuer_of(document: Mapping[str, Any]) -> str:  # Any: a JSON-LD document
    """The issuer's identifier, or nothing where it is not shown."""
    issuer = document.get("issuer")
    named = issuer.get("id") if isinstance(issuer, dict) else issuer
    return named if isinstance(named, str) else ""


def _method_of(secured: Mapping[str, Any]) -> str:  # Any: a JSON-LD document
    proof = secured.get("proof")
    method = proof.get("verificationMethod") if isinstance(proof, dict) else None
    return method if isinstance(method, str) else ""


def _link(secured: Mapping[str, Any], public_key: bytes, contexts: Contexts) -> Scalar:  # Any: JSON-LD
    """The scalar of the one message that is a link; LinkRefused."""
    prepared = bbs2023.prepare(secured, selective_pointers=["/type"], public_key=public_key, contexts=contexts)
    found = [message for message in prepared.messages if _LINE.fullmatch(message)]
    if len(found) != 1:
        raise LinkRefused(found=len(found))
    return SHA256.map_message(found[0])


def _scalar_at(secured: Mapping[str, Any], position: Position, secret: SecretBytes | None) -> Scalar:  # Any: JSON-LD
    if isinstance(position.encoding, Secret):
        if secret is None:
            raise EncodingRefused("the record's secret is missing")
        return _nonzero(secret.reveal())
    value: Any = secured  # Any: JSON on the way down
    for token in parse_pointer(position.pointer):
        if isinstance(value, dict) and token in value and not token.startswith("@"):
            value = value[token]
        elif isinstance(value, list) and re.fullmatch("0|[1-9][0-9]{0,5}", token) and int(token) < len(value):
            value = value[int(token)]
        else:
            raise UnknownPosition("it names nothing", pointer=position.pointer)
    return position.encoding.scalar_of(value)


def _require_position(position: Position) -> None:
    """MalformedCompanion for a position that no reader would take."""
    pointer, meaning = position.pointer, position.meaning
    if type(pointer) is not str or type(meaning) is not str:
        raise MalformedCompanion("pointer and meaning are text")
    if len(pointer) > MAX_POINTER or len(meaning) > MAX_MEANING:
        raise MalformedCompanion("pointer or meaning too long")
    if (pointer == "") != isinstance(position.encoding, Secret):
        raise MalformedCompanion("a secret stands at no pointer, all else at one")
    try:
        first = parse_pointer(pointer)[:1]
    except PointerRejected as error:
        raise MalformedCompanion(str(error)) from error
    if first and first[0] in {"proof", "@context", LINK}:
        raise MalformedCompanion("not a claim", pointer=pointer)


def _read_position(parts: Any) -> Position:  # Any: CBOR, checked here
    match parts:
        case [str(pointer), str(meaning), [*encoding]]:
            return Position(pointer, from_wire(encoding), meaning)
    raise MalformedCompanion("position")


def _read_scalar(octets: Any) -> Scalar:  # Any: CBOR, checked here
    # Zero is a value like any other here, so the strict reader of answers does not fit.
    if type(octets) is not bytes or len(octets) != SCALAR_SIZE or int.from_bytes(octets, "big") >= ORDER:
        raise MalformedCompanion("not a scalar")
    return Scalar.from_be_bytes(octets)


def _nonzero(octets: bytes) -> Scalar:
    scalar = _read_scalar(octets)
    if scalar.is_zero():
        raise EncodingRefused("a record's secret is not zero")
    return scalar
