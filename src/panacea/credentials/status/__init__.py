"""Is a credential still good: lists of bits that issuers publish.

bitstring   Bitstring Status List 1.0 (W3C): a list as a credential
token       Token Status List (IETF): a list as a JWT or CWT
"""
