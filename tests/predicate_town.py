"""Two issuers, one holder and their credentials with companions, for the tests of predicates."""

import copy
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from panacea.credentials.predicates import (
    Day,
    Moment,
    Number,
    Position,
    Secret,
    Source,
    Text,
    issue_companion,
    predicate_contexts,
    record_secret,
    with_link,
)
from panacea.credentials.rdf import Contexts
from panacea.credentials.suites import bbs2023
from panacea.crypto.bbs import SHA256
from panacea.crypto.secret import SecretBytes

Document = dict[str, Any]  # Any: JSON of a credential

RECORD = "https://records.example/context"
CONTEXTS = predicate_contexts(
    Contexts.bundled().with_extra({RECORD: {"@context": {"@vocab": "https://records.example/#"}}})
)
SUBJECT = "/credentialSubject"
GLUCOSE = f"{SUBJECT}/glucose"
BORN = f"{SUBJECT}/born"
TAKEN = f"{SUBJECT}/taken"
FAMILY = f"{SUBJECT}/family"
TEMPERATURE = f"{SUBJECT}/temperature"
POSITIONS = (
    Position(GLUCOSE, Number(bits=16, places=1), "http://loinc.org|2345-7 mmol/L"),
    Position(BORN, Day()),
    Position(TAKEN, Moment("minute")),
    Position(FAMILY, Text()),
    Position(TEMPERATURE, Number(bits=32, places=2, minimum=Decimal("-40"))),
    Position("", Secret()),
)
MANDATORY = ("/type", "/issuer")
OCCASION = b"deal 7, asked by a clinic"


class Seeded:
    """A stream of bytes that a seed determines: SHA-256 of the seed and a counter."""

    def __init__(self, seed: bytes) -> None:
        self.seed = seed
        self.drawn = 0

    def token(self, size: int) -> bytes:
        """The next `size` bytes."""
        out = b""
        while len(out) < size:
            out += hashlib.sha256(self.seed + self.drawn.to_bytes(8, "big")).digest()
            self.drawn += 1
        return out[:size]


@dataclass(frozen=True)
class Issuer:
    """Keys and name of an issuer."""

    name: str

    @property
    def secret(self) -> bytes:
        return _keys(self.name)[0]

    @property
    def public(self) -> bytes:
        return _keys(self.name)[1]

    def document(self, **claims: object) -> Document:
        """A linked credential, yet unsigned."""
        subject = {
            "glucose": Decimal("5.4"),
            "born": "1984-02-29",
            "taken": "2026-11-01T08:30:00Z",
            "family": "Nakamura",
            "temperature": Decimal("36.75"),
            **claims,
        }
        unlinked = {
            "@context": ["https://www.w3.org/ns/credentials/v2", RECORD],
            "type": ["VerifiableCredential"],
            "issuer": f"did:example:{self.name}",
            "credentialSubject": subject,
        }
        return with_link(unlinked, Seeded(repr((self.name, sorted(claims.items()))).encode()))

    def sign(self, document: Document, mandatory: Sequence[str] = MANDATORY) -> Document:
        """The document with its base proof, deterministic."""
        return bbs2023.create_base(
            document,
            secret_key=self.secret,
            public_key=self.public,
            verification_method=f"did:example:{self.name}#bbs",
            mandatory_pointers=mandatory,
            contexts=CONTEXTS,
            random=Seeded(repr(document).encode()),
        )

    def companion(
        self, credential: Document, positions: Sequence[Position] = POSITIONS, reference: str = "Observation/1"
    ) -> bytes:
        """The companion of a signed credential."""
        return issue_companion(
            credential,
            positions,
            secret_key=self.secret,
            public_key=self.public,
            contexts=CONTEXTS,
            secret=record_secret(SecretBytes(self.name.encode() * 8), reference),
        )

    def source(self, *selective: str, reference: str = "Observation/1", **claims: object) -> Source:
        """A credential and its companion, as a holder has them."""
        credential, companion = _issued(self.name, reference, tuple(sorted(claims.items())))
        return Source(copy.deepcopy(credential), companion, self.public, selective)


LAB = Issuer("lab")
REGISTRY = Issuer("registry")


@cache
def _keys(name: str) -> tuple[bytes, bytes]:
    secret = SHA256.key_gen(hashlib.sha256(name.encode()).digest())
    return secret, SHA256.public_key(secret)


@cache
def _issued(name: str, reference: str, claims: tuple[tuple[str, object], ...]) -> tuple[Document, bytes]:
    issuer = Issuer(name)
    credential = issuer.sign(issuer.document(**dict(claims)))
    return credential, issuer.companion(credential, reference=reference)
