"""Who somebody is: decentralised identifiers, their documents, and whoever resolves them.

did            the syntax of DIDs and DID URLs
multikey       public keys as text
documents      what a resolved DID says: keys, and what each may be used for
did_key        did:key, a DID that is its own key
did_panacea    did:panacea, a DID on chain (fetched with proof by the client)
resolver       the protocol of resolvers, and the choice by method
"""
