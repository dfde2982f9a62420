"""Is a credential still good: lists of bits that issuers publish.

bitstring   Bitstring Status List 1.0 (W3C): a list as a credential
book        the lists of an issuer: places given, credentials taken back, lists published
cache       lists kept by a verifier for as long as they are good
token_book  the same of token status lists
token       Token Status List (IETF): a list as a JWT or CWT
"""
