"""The authenticated state: versioned trees, branches of uncommitted writes, proofs, and the file they live in."""
