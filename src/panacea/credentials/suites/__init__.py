"""One file a cryptosuite of W3C Data Integrity: make a proof, derive one, verify it."""
