"""Requests for credentials in the public languages, and the messages that carry them, as pure functions.

wallet                    one entry of a wallet, whatever its container, and what of it can be shown apart
matches, places           what a wallet learns: which credentials answer, and what of them is shown
definitions, filters      DIF Presentation Exchange: definitions as values, and their JSON Schema
presentation_exchange     match(definition, wallet) -> which credentials, and what each would reveal
submissions, judging      presentation submissions: built, verified (`submission_requirements`: which are enough)
dcql                      DCQL: read, match(query, wallet), verify_response
json_path, claims_path    the paths of the one and of the other
translate                 Presentation Exchange -> DCQL
openid4vp, vp_responses   OpenID4VP 1.0: requests and answers (`client_identifiers`: who asks)
openid4vci                OpenID4VCI 1.0: offers and tokens
issuer_metadata           … metadata, authorization details
credential_endpoint       … credential, deferred and notification requests and responses
key_proofs                … proofs of the keys that credentials are bound to
reading, signed, work     JSON member by member; JWTs and forms; what one call may cost
types                     how a request or a message is refused

What a *deal* may ask, in a bounded part of the first two languages, stays in `credentials.records.requests`.
"""
