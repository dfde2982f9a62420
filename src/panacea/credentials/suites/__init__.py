"""One file a cryptosuite of W3C Data Integrity: make a proof, derive one, verify it.

bbs2023            bbs-2023: statements shown one by one, unlinkably (`bbs_values`: its proof values)
bbs_features       … with a holder's secret or a pseudonym bound into it; experimental
ecdsa_sd_2023      ecdsa-sd-2023: statements shown one by one (`sd_values`: its proof values)
whole_document     eddsa-rdfc-2022, eddsa-jcs-2022, ecdsa-rdfc-2019, ecdsa-jcs-2019
proofs             several proofs of one document: sets and chains
legacy             older proof types, verified only where they are asked for; `legacy_bbs_plus` is under two of them
data_integrity     the options of a proof, and how they are signed
proof_value        the CBOR in selective proof values; multibase: proof values as text
canonical_json     JCS, of documents whose numbers are exact
types              how a suite says no
"""
