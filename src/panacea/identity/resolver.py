"""Whoever turns a DID into its document; `resolution` has the choice among them by method.

DIDNotResolved            there is no such DID
  x DIDDeactivated        there was one
  x MethodNotSupported    nobody here resolves its method
  x VersionNotSupported   older versions are not shown
  x VersionUnavailable    this older version is not shown, or there never was one
  x RegistryUnavailable   whoever keeps it did not answer, or not in order: nothing is known
"""

from typing import Protocol

from panacea.identity.did import IdentityRejected
from panacea.identity.did_jwk import did_jwk_document
from panacea.identity.did_key import did_key_document
from panacea.identity.documents import DIDDocument


class DIDNotResolved(IdentityRejected, code=6, text="DID not resolved"):
    """There is no such DID, or nobody here resolves its method."""


class DIDDeactivated(DIDNotResolved, code=7, text="DID deactivated"):
    """The DID existed and was given up for good."""


class MethodNotSupported(DIDNotResolved, code=15, text="DID method not supported"):
    """Nobody here resolves DIDs of this method."""


class VersionNotSupported(DIDNotResolved, code=16, text="no older versions of this DID are shown"):
    """An older version of a document was asked for, of a method or a registry that does not show any."""


class VersionUnavailable(DIDNotResolved, code=20, text="this version of the DID cannot be shown"):
    """There is no such version, or nobody here can still prove what it was."""


class RegistryUnavailable(DIDNotResolved, code=17, text="the registry of the DID did not answer"):
    """Whether there is such a DID is not known: try again."""


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


class JWKResolver:
    """did:jwk: the document is computed from the DID."""

    def resolve(self, did: str) -> DIDDocument:
        """The document of a did:jwk. Raises InvalidDID, PrivateKeyPublished."""
        return did_jwk_document(did)
