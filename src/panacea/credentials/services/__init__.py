"""Small ASGI applications over the rooms beside: they read requests, call pure functions, and answer.

Nothing here opens a socket; a command or a server of the reader's own does (`panacea vc-api`).

vc_api         the W3C VC API: issue, derive, verify, prove, status
status_lists   the lists of an issuer, with and without JSON-LD
openid4vci     an issuer of OpenID4VCI: the pre-authorised code flow
openid4vp      a verifier of OpenID4VP: signed requests, direct_post
keys           all keys of a service from one secret, each under its did:key
http           JSON bodies and refusals
expiring       what a service has open, each until its time is over
"""
