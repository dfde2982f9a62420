"""Predicates about credentials that are themselves judged: expired, revoked or untrusted ones prove nothing."""

from dataclasses import replace
from decimal import Decimal

import pytest
from predicate_town import CONTEXTS, FAMILY, GLUCOSE, LAB, OCCASION

from panacea.credentials.predicates import NotProven, Range, WrongPredicates, prove
from panacea.credentials.refusals import IssuerNotTrusted
from panacea.credentials.services.keys import as_did_key
from panacea.credentials.vc import IssuerNotResolved, NotByIssuer, Verifier, issue
from panacea.credentials.vc.predicates import verify_predicates
from panacea.credentials.vc.types import Document
from panacea.crypto.keys import Ed25519Key, KeyKind, PublicKey
from panacea.identity.documents import DIDDocument, VerificationMethod
from panacea.identity.resolution import MethodResolver
from panacea.identity.resolver import DIDNotResolved, KeyResolver
from panacea.primitives.time import SystemClock

ASKED = Range(GLUCOSE, at_least=Decimal(5), at_most=Decimal(6))
SHOWN = prove([LAB.source(FAMILY)], [ASKED], application_header=OCCASION, contexts=CONTEXTS)


class Examples:
    """The documents of did:example."""

    def resolve(self, did: str) -> DIDDocument:
        if did != "did:example:lab":
            raise DIDNotResolved(did=did)
        method = VerificationMethod(f"{did}#bbs", did, PublicKey(KeyKind.BLS12381G2, LAB.public))
        return DIDDocument(did, assertion_method=(method,))


RESOLVER = MethodResolver({"example": Examples(), "key": KeyResolver()})
VERIFIER = Verifier(resolver=RESOLVER, clock=SystemClock(), contexts=CONTEXTS)


def verify(verifier: Verifier, documents: tuple[Document, ...], asked: Range = ASKED) -> None:
    found = verify_predicates(verifier, documents, SHOWN.proof, application_header=OCCASION, asked=[asked])
    assert found.credentials[0].issuer == "did:example:lab"
    assert "glucose" not in found.credentials[0].document.get("credentialSubject", {})


def test_both_hold() -> None:
    verify(VERIFIER, SHOWN.documents)


def test_what_was_not_asked_is_not_proved() -> None:
    with pytest.raises(NotProven):
        verify(VERIFIER, SHOWN.documents, Range(GLUCOSE, at_least=Decimal("5.5"), at_most=Decimal(6)))


def test_the_credentials_are_judged() -> None:
    with pytest.raises(IssuerNotTrusted):
        verify(replace(VERIFIER, trusted_issuers=()), SHOWN.documents)
    with pytest.raises(IssuerNotResolved):
        verify(replace(VERIFIER, resolver=KeyResolver()), SHOWN.documents)
    with pytest.raises(WrongPredicates):
        verify_predicates(VERIFIER, SHOWN.documents, SHOWN.proof, application_header=b"another occasion")


def test_other_suites() -> None:
    key = as_did_key(Ed25519Key(b"1" * 32))
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": key.did,
        "credentialSubject": {"name": "Anna"},
    }
    with pytest.raises(NotByIssuer):
        verify(VERIFIER, (issue(document, key),))
