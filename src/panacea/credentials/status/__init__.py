"""Is a credential still good: lists of bits that issuers publish.

bitstring   Bitstring Status List 1.0 (W3C): a list as a credential
token       Token Status List (IETF): a list as a JWT or CWT
book        the lists of an issuer: places given, credentials taken back, lists published
token_book  the same of token status lists
cache       lists kept by a verifier for as long as they are good
"""
