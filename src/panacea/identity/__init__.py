"""Who somebody is: decentralised identifiers, their documents, and whoever resolves them. No socket is opened here.

did            the syntax of DIDs and DID URLs
multikey, jwk  public keys as text and as JSON Web Keys
documents      what a resolved DID says: keys, and what each may be used for
reading        documents of every method, read from JSON
did_key        did:key, a DID that is its own key
did_jwk        did:jwk, likewise
did_web        did:web, a DID whose document lies on a web server (`fetching` says how it is asked)
did_panacea    did:panacea, a DID on chain (fetched with proof by the client)
resolver       the protocol of resolvers, and why a DID gives nothing
resolution     resolving with metadata, versions and error codes; the choice by method
dereferencing  what a DID URL leads to
driver         a resolver over HTTP, in the Universal Resolver's form
universal      asking another resolver over HTTP, and trusting it
strict_json    JSON of identity documents, bounded

IdentityRejected
  x InvalidDID             2, InvalidDIDURL 12
  x InvalidMultikey        3
  x InvalidDocument        4
  x MethodNotFound         5, MethodRevoked 13
  x DIDNotResolved         6, DIDDeactivated 7, MethodNotSupported 15, VersionNotSupported 16, RegistryUnavailable 17,
                           VersionUnavailable 20
  x InvalidJSON            8
  x InvalidJWK             9, UnknownJWK 10
  x PrivateKeyPublished    11
  x RepresentationNotSupported 14, ParameterNotSupported 18, ResourceNotFound 19
"""
