"""Small ASGI applications over the rooms beside: they read requests, call pure functions, and answer.

Nothing here opens a socket; a command or a server of the reader's own does (`panacea vc-api`).

vc_api      the W3C VC API: issue, derive, verify, prove, status
"""
