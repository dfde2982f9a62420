"""Requests for credentials in the public languages, and the messages that carry them, as pure functions.

wallet                    one entry of a wallet, whatever its container, and what of it can be shown apart
definitions               DIF Presentation Exchange: definitions as values
presentation_exchange     match(definition, wallet) -> which credentials, and what each would reveal
submissions               presentation submissions: built, verified
dcql                      DCQL: read, match(query, wallet), verify_response
translate                 Presentation Exchange -> DCQL
openid4vp, vp_responses   OpenID4VP 1.0: requests and answers
openid4vci                OpenID4VCI 1.0: offers and tokens
issuer_metadata           … metadata, authorization details
credential_endpoint       … credential, deferred and notification requests and responses
key_proofs                … proofs of the keys that credentials are bound to

What a *deal* may ask, in a bounded part of the first two languages, stays in `credentials.records.requests`.
"""
