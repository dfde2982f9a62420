"""Health records as credentials: the one shape that the exchange trades, bbs-2023 over FHIR.

model          the shape: a holder, a nullifier, a record with counts
issue          FHIR resource -> credential, for its holder alone
views          credential -> what the enclave sees, what the consumer receives, what the owner is told
verify         view -> Checked, or a refusal with a stable code (`refusals`)
completeness   counts, so that a part cannot pass for the whole
requests       what a deal may ask, in a bounded part of the public languages
"""
