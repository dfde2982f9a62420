"""Whoever turns a DID into its document, and the choice among them by method."""

from collections.abc import Mapping
from typing import Protocol

from panacea.identity.did import IdentityRejected, method_of
from panacea.identity.did_key import did_key_document
from panacea.identity.documents import DIDDocument


class DIDNotResolved(IdentityRejected, code=6, text="DID not resolved"):
    """There is no such DID, or nobody here resolves its method."""


class DIDDeactivated(DIDNotResolved, code=7, text="DID deactivated"):
    """The DID existed and was given up for good."""


class Resolver(Protocol):
    """A source of DID documents."""

    def resolve(self, did: str) -> DIDDocument:
        """The current document of `did`. Raises DIDNotResolved, or InvalidDID for what is none."""
        ...


class KeyResolver:
    """did:key: the document is computed from the DID."""

    def resolve(self, did: str) -> DIDDocument:
        """The document of a did:key. Raises InvalidDID."""
        return did_key_document(did)


class MethodResolver:
    """One resolver a method: `MethodResolver({"key": KeyResolver(), "panacea": ...})`."""

    def __init__(self, resolvers: Mapping[str, Resolver]) -> None:
        self._resolvers = dict(resolvers)

    def resolve(self, did: str) -> DIDDocument:
        """The document, from the resolver of the DID's method. Raises DIDNotResolved or InvalidDID."""
        resolver = self._resolvers.get(method_of(did))
        if resolver is None:
            raise DIDNotResolved("no resolver for this method", did=did)
        return resolver.resolve(did)
